//! Redirect URIs: what may be registered, what matches, and how a response is attached.
//!
//! Implements: RFC 6749 §3.1.2; RFC 9700 §2.1 (exact match); RFC 8252 §7.1 (private-use schemes need
//! a dot), §7.3 (any port on the loopback interface).
//! Leaves out: wildcards and patterns of any kind, and schemes without a dot: anyone may claim those.

use crate::params::Malformed;
use crate::syntax::{self, LOOPBACK_HOSTS, Split};
use crate::text::text_type;

/// The longest redirect URI, in bytes.
pub const MAX_REDIRECT_URI: usize = 2048;

/// Parameters of authorization responses. A registered query must not carry one: the client would
/// find two (attack A6).
#[rustfmt::skip]
const RESPONSE_PARAMETERS: &[&str] = &[
    "access_token", "code", "error", "error_description", "error_uri", "expires_in", "id_token", "iss", "response",
    "scope", "session_state", "state", "token_type",
];

/// A redirect URI that is fit to be registered. It keeps its bytes as given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegisteredRedirectUri(String);

text_type!(RegisteredRedirectUri);

impl RegisteredRedirectUri {
    /// Reads a redirect URI for registration: `https`; `http` at 127.0.0.1, `[::1]` or localhost; or a
    /// private-use scheme with a dot in it.
    ///
    /// # Errors
    /// [`Malformed::BadValue`] for `redirect_uri`, with the rule that it breaks.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        match check(text) {
            Ok(()) => Ok(Self(text.to_owned())),
            Err(why) => Err(Malformed::BadValue { name: "redirect_uri", why }),
        }
    }

    /// Whether a presented redirect URI is this one: equal in every byte; for http on the loopback
    /// interface the port alone may differ.
    pub fn matches(&self, presented: &str) -> bool {
        if self.0 == presented {
            return true;
        }
        match (without_loopback_port(&self.0), without_loopback_port(presented)) {
            (Some(registered), Some(presented)) => registered == presented,
            (Some(_) | None, _) => false,
        }
    }

    /// Whether it is plain http on the loopback interface.
    pub fn is_loopback(&self) -> bool {
        without_loopback_port(&self.0).is_some()
    }

    /// Whether its scheme belongs to an app rather than to the web.
    pub fn is_private_use(&self) -> bool {
        !self.0.starts_with("https:") && !self.0.starts_with("http:")
    }

    /// `scheme://host[:port]` of a web redirect, as a browser would send it in `Origin` when the host
    /// is in lower case and the port is not the default one. `None` for a private-use scheme.
    pub fn origin(&self) -> Option<&str> {
        origin(&self.0)
    }

    /// The response URL: `pairs` added to the query. See [`append_query`].
    pub fn append_query<N: AsRef<str>, V: AsRef<str>>(&self, pairs: impl IntoIterator<Item = (N, V)>) -> String {
        append_query(&self.0, pairs)
    }
}

/// `scheme://host[:port]` of an http or https URI; `None` for any other.
pub fn origin(uri: &str) -> Option<&str> {
    let after_scheme = uri.strip_prefix("https://").or_else(|| uri.strip_prefix("http://"))?;
    let end = after_scheme.find(['/', '?', '#']).unwrap_or(after_scheme.len());
    Some(&uri[..uri.len() - after_scheme.len() + end])
}

/// Adds form-encoded `pairs` to the query of `uri` and leaves what is there as it is, byte for byte
/// (RFC 6749 §3.1.2). `uri` must have no fragment, as every matched redirect URI has none.
pub fn append_query<N: AsRef<str>, V: AsRef<str>>(uri: &str, pairs: impl IntoIterator<Item = (N, V)>) -> String {
    let joint = match uri.as_bytes() {
        [.., b'?' | b'&'] => "",
        bytes if bytes.contains(&b'?') => "&",
        _ => "?",
    };
    joined(uri, joint, pairs)
}

/// Adds form-encoded `pairs` as the fragment of `uri`, which must have none yet.
pub fn append_fragment<N: AsRef<str>, V: AsRef<str>>(uri: &str, pairs: impl IntoIterator<Item = (N, V)>) -> String {
    joined(uri, "#", pairs)
}

fn joined<N: AsRef<str>, V: AsRef<str>>(uri: &str, joint: &str, pairs: impl IntoIterator<Item = (N, V)>) -> String {
    let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    if encoded.is_empty() { uri.to_owned() } else { [uri, joint, &encoded].concat() }
}

/// Host and everything behind the port of an http loopback URI.
fn without_loopback_port(uri: &str) -> Option<(&str, &str)> {
    let after_scheme = uri.strip_prefix("http://")?;
    LOOPBACK_HOSTS.iter().find_map(|host| {
        let after_host = after_scheme.strip_prefix(host)?;
        let rest = match after_host.strip_prefix(':') {
            None => after_host,
            Some(numbered) => {
                let end = numbered.find(|character: char| !character.is_ascii_digit()).unwrap_or(numbered.len());
                syntax::port(&numbered[..end])?;
                &numbered[end..]
            }
        };
        // `http://localhost.evil.example` and `http://localhost@evil.example` end here.
        (rest.is_empty() || rest.starts_with(['/', '?'])).then_some((*host, rest))
    })
}

fn check(text: &str) -> Result<(), &'static str> {
    if text.len() > MAX_REDIRECT_URI {
        return Err("is too long");
    }
    if !text.bytes().all(syntax::is_uri_byte) || !syntax::escapes_are_whole(text.as_bytes()) {
        return Err("contains a character that URIs cannot have");
    }
    if text.contains('#') {
        return Err("must not have a fragment");
    }
    if text.contains('*') {
        return Err("must not have a wildcard");
    }
    let split = syntax::split_uri(text).ok_or("must be an absolute URI")?;
    match split.scheme {
        "https" => {
            check_web(text, split)?;
        }
        "http" => {
            let host = check_web(text, split)?;
            if !LOOPBACK_HOSTS.contains(&host) {
                return Err("must use https unless it is on the loopback interface");
            }
        }
        private_use => check_private_use(private_use, split)?,
    }
    check_path(split.path)?;
    check_query(split.query.unwrap_or_default())
}

/// The host, when a browser would go exactly where the bytes say.
fn check_web<'a>(text: &str, split: Split<'a>) -> Result<&'a str, &'static str> {
    let authority = split.authority.ok_or("must have a host")?;
    if authority.contains('@') {
        return Err("must not have a user name or password");
    }
    let (host, _) = syntax::split_authority(authority).ok_or("must have a well-formed host and port")?;
    // What a browser makes of it: `0x7f.1`, `ex%61mple.com` and the like would become another host.
    let browsed = url::Url::parse(text).map_err(|_| "must be a URL that browsers understand")?;
    if !browsed.host_str().is_some_and(|seen| seen.eq_ignore_ascii_case(host)) {
        return Err("must spell its host as browsers do");
    }
    let path_kept = browsed.path() == split.path || (split.path.is_empty() && browsed.path() == "/");
    if path_kept { Ok(host) } else { Err("must spell its path as browsers do") }
}

fn check_private_use(scheme: &str, split: Split<'_>) -> Result<(), &'static str> {
    if scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http") {
        return Err("must spell its scheme in lower case");
    }
    // RFC 8252 §7.1: a domain name in reverse. It keeps `javascript:`, `data:`, `file:` and every
    // other scheme that a browser or the operating system understands out of the list (attack A7).
    if !scheme.contains('.') || scheme.ends_with('.') || scheme.contains("..") {
        return Err("must use https, or a private-use scheme with a dot in it");
    }
    if split.authority.is_some_and(|authority| authority.contains('@')) {
        return Err("must not have a user name or password");
    }
    if split.authority.unwrap_or_default().is_empty() && matches!(split.path, "" | "/") && split.query.is_none() {
        // `com.example.app:/` is whole; `com.example.app:` and `com.example.app://` say nothing.
        return if split.authority.is_none() && split.path == "/" { Ok(()) } else { Err("must have a path") };
    }
    Ok(())
}

/// Attack A1: `..`, `..;`, encoded dots, slashes, backslashes and controls, doubly encoded or overlong.
fn check_path(path: &str) -> Result<(), &'static str> {
    if path.contains(['[', ']']) {
        return Err("contains a character that paths cannot have");
    }
    let dots = |segment: &str| matches!(segment.split(';').next(), Some("." | ".."));
    if path.split('/').any(dots) {
        return Err("must not have dot segments");
    }
    let decoded: Vec<u8> = percent_encoding::percent_decode_str(path).collect();
    if std::str::from_utf8(&decoded).is_err() {
        return Err("must decode to UTF-8");
    }
    let trick = |byte: u8| byte.is_ascii_control() || matches!(byte, b'.' | b'/' | b'\\' | b'%');
    if escaped_bytes(path).any(trick) {
        return Err("must not escape dots, slashes, percent signs or controls in its path");
    }
    Ok(())
}

fn check_query(query: &str) -> Result<(), &'static str> {
    if escaped_bytes(query).any(|byte| byte.is_ascii_control()) {
        return Err("must not escape controls in its query");
    }
    let taken = |name: &str| RESPONSE_PARAMETERS.iter().any(|reserved| name.eq_ignore_ascii_case(reserved));
    // Some servers split queries at `;` too.
    let mut pairs = query.split(';').flat_map(|part| form_urlencoded::parse(part.as_bytes()));
    if pairs.any(|(name, _)| taken(&name)) {
        return Err("must not carry a parameter of the response in its query");
    }
    Ok(())
}

/// The bytes that are written as `%XX`.
fn escaped_bytes(text: &str) -> impl Iterator<Item = u8> {
    text.split('%').skip(1).filter_map(|escaped| u8::from_str_radix(escaped.get(..2)?, 16).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registered(text: &str) -> RegisteredRedirectUri {
        RegisteredRedirectUri::parse(text).unwrap()
    }

    #[test]
    fn web_loopback_and_private_use_redirects_may_be_registered() {
        for text in [
            "https://client.example.org/cb",
            "https://client.example.org",
            "https://client.example.org:8443/a/b?tenant=1",
            "https://xn--bcher-kva.example/cb",
            "http://127.0.0.1/cb",
            "http://localhost:3000/",
            "http://[::1]:5000/cb",
            "https://[2001:db8::1]/cb",
            "com.example.app:/oauth2redirect",
            "com.example.app:/",
            "com.example.app:redirect",
            "com.example.App://callback",
        ] {
            assert!(RegisteredRedirectUri::parse(text).is_ok(), "{text}");
        }
    }

    /// RFC 8252 §7.3.
    #[test]
    fn on_the_loopback_interface_only_the_port_may_vary() {
        let loopback = registered("http://127.0.0.1:3000/cb?x=1");
        assert!(loopback.matches("http://127.0.0.1:51004/cb?x=1"));
        assert!(loopback.matches("http://127.0.0.1/cb?x=1"));
        for other in [
            "http://127.0.0.1:51004/cb",
            "http://127.0.0.1:51004/cb?x=2",
            "http://127.0.0.1:51004/CB?x=1",
            "http://localhost:51004/cb?x=1",
            "https://127.0.0.1:51004/cb?x=1",
            "http://127.0.0.1:0/cb?x=1",
            "http://127.0.0.1:99999/cb?x=1",
            "http://127.0.0.1:/cb?x=1",
            "http://127.0.0.1:80@evil.example/cb?x=1",
            "http://127.0.0.1.evil.example/cb?x=1",
            "HTTP://127.0.0.1:51004/cb?x=1",
        ] {
            assert!(!loopback.matches(other), "{other}");
        }
    }

    #[test]
    fn elsewhere_not_even_the_port_may_vary() {
        let web = registered("https://client.example/cb");
        assert!(web.matches("https://client.example/cb"));
        assert!(!web.matches("https://client.example:443/cb"));
        assert!(!registered("https://localhost:1/cb").matches("https://localhost:2/cb"));
    }

    /// RFC 6749 §3.1.2.
    #[test]
    fn a_response_is_added_without_disturbing_the_query() {
        let pairs = [("code", "a b&c"), ("state", "ü")];
        let encoded = "code=a+b%26c&state=%C3%BC";
        for (uri, expected) in [
            ("https://c.example/cb", "https://c.example/cb?"),
            ("https://c.example/cb?a=%20+b", "https://c.example/cb?a=%20+b&"),
            ("https://c.example/cb?", "https://c.example/cb?"),
            ("com.example.app:/cb", "com.example.app:/cb?"),
        ] {
            assert_eq!(append_query(uri, pairs), format!("{expected}{encoded}"));
        }
        assert_eq!(append_fragment("https://c.example/cb", pairs), format!("https://c.example/cb#{encoded}"));
    }

    #[test]
    fn the_origin_ends_with_the_authority() {
        assert_eq!(registered("https://c.example:8443/cb?x").origin(), Some("https://c.example:8443"));
        assert_eq!(registered("https://c.example?x=/").origin(), Some("https://c.example"));
        assert_eq!(registered("com.example.app:/cb").origin(), None);
    }
}
