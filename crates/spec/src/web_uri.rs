//! URLs of web pages and services in metadata.
//!
//! Implements: the URL syntax that RFC 7591 §2 and OpenID Connect Registration §2 ask of their members.

use crate::params::Malformed;
use crate::syntax;
use crate::text::text_type;

/// The longest such URL, in bytes.
pub const MAX_WEB_URI: usize = 2048;

/// An absolute http or https URL, kept byte for byte. Whether anyone may fetch it is decided where it
/// is fetched.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebUri(String);

text_type!(WebUri);

impl WebUri {
    /// Reads a URL.
    ///
    /// # Errors
    /// [`Malformed::BadValue`] for `the URL`.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        match check(text) {
            Ok(()) => Ok(Self(text.to_owned())),
            Err(why) => Err(Malformed::BadValue { name: "the URL", why }),
        }
    }

    /// Whether it uses https.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }

    /// The host, as given.
    pub fn host(&self) -> &str {
        parts(&self.0).map_or("", |(_, host)| host)
    }
}

fn check(text: &str) -> Result<(), &'static str> {
    if text.len() > MAX_WEB_URI {
        return Err("is too long");
    }
    if !text.bytes().all(syntax::is_uri_byte) || !syntax::escapes_are_whole(text.as_bytes()) {
        return Err("contains a character that URLs cannot have");
    }
    let (scheme, host) = parts(text).ok_or("must be absolute, with a well-formed host and without a user name")?;
    if !matches!(scheme, "http" | "https") {
        return Err("must use https");
    }
    let browsed = url::Url::parse(text).map_err(|_| "must be one that browsers understand")?;
    if browsed.host_str().is_some_and(|seen| seen.eq_ignore_ascii_case(host)) {
        Ok(())
    } else {
        Err("must spell its host as browsers do")
    }
}

/// Scheme and host.
fn parts(text: &str) -> Option<(&str, &str)> {
    let before_fragment = text.split('#').next()?;
    let split = syntax::split_uri(before_fragment)?;
    let authority = split.authority.filter(|authority| !authority.contains('@'))?;
    let (host, _) = syntax::split_authority(authority)?;
    Some((split.scheme, host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_web_is_a_web_uri() {
        assert_eq!(WebUri::parse("https://c.example:8443/logo.png?v=1#top").unwrap().host(), "c.example");
        for text in [
            "javascript:alert(1)",
            "JavaScript://c.example/%0aalert(1)",
            "data:text/html,x",
            "//c.example",
            "https://",
            "https:///x",
            "https://u@c.example",
            "https://c.example:/x",
            "https://0x7f.1/",
            "https://c.example/ x",
        ] {
            assert!(WebUri::parse(text).is_err(), "{text}");
        }
    }
}
