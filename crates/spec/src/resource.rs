//! Resource indicators: whose API a token is for.
//!
//! Implements: RFC 8707 §2.

use crate::params::{Malformed, Params};
use crate::syntax;
use crate::text::text_type;

/// The longest resource indicator, in bytes.
pub const MAX_RESOURCE: usize = 2048;

/// An absolute URI without a fragment, kept byte for byte as it was given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceIndicator(String);

text_type!(ResourceIndicator);

impl ResourceIndicator {
    /// Reads one `resource`.
    ///
    /// # Errors
    /// [`Malformed::BadValue`] for `resource`, which answers as `invalid_target`.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let bad = |why| Err(Malformed::BadValue { name: "resource", why });
        if text.len() > MAX_RESOURCE {
            return bad("is too long");
        }
        if text.contains('#') {
            return bad("must not have a fragment");
        }
        let spelled = text.bytes().all(syntax::is_uri_byte) && syntax::escapes_are_whole(text.as_bytes());
        let Some(split) = syntax::split_uri(text).filter(|_| spelled) else {
            return bad("must be an absolute URI");
        };
        if split.authority.is_some_and(|authority| authority.contains('@')) {
            return bad("must not have a user name or password");
        }
        let says_something = !split.path.is_empty() || split.authority.is_some_and(|authority| !authority.is_empty());
        if !says_something || url::Url::parse(text).is_err() {
            return bad("must be an absolute URI");
        }
        Ok(Self(text.to_owned()))
    }

    /// Takes every `resource` of a request, in the order sent, each once.
    ///
    /// # Errors
    /// As [`ResourceIndicator::parse`].
    pub fn take_all(params: &mut Params) -> Result<Vec<Self>, Malformed> {
        let mut resources = Vec::new();
        for text in params.take_all("resource") {
            let resource = Self::parse(&text)?;
            if !resources.contains(&resource) {
                resources.push(resource);
            }
        }
        Ok(resources)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8707 §2.
    #[test]
    fn a_resource_is_an_absolute_uri_without_a_fragment() {
        for text in
            ["https://api.example.com/app/", "https://api.example.com", "urn:example:cooperation:1", "api://default"]
        {
            assert!(ResourceIndicator::parse(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "/app",
            "api.example.com",
            "https://a.example/#x",
            "https://",
            "https:",
            "https://u@a.example",
            "https://a b",
        ] {
            assert!(ResourceIndicator::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_same_resource_twice_counts_once() {
        let mut params = Params::parse(b"resource=urn:a&resource=urn:b&resource=urn:a").unwrap();
        let taken = ResourceIndicator::take_all(&mut params).unwrap();
        assert_eq!(taken.iter().map(ResourceIndicator::as_str).collect::<Vec<_>>(), ["urn:a", "urn:b"]);
    }
}
