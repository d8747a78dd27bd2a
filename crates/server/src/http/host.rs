//! The one `Host` that a request must have. What it says is never used; whether it is one tells honest requests from
//! those that two readers would take for different sites.
//!
//! Implements: RFC 9112 §3.2, RFC 9110 §7.2.

use axum::http::uri::Authority;
use axum::http::{HeaderMap, Version, header};

/// Whether a request of this version names its host as it must: once in HTTP/1.1, at most once elsewhere, and by what
/// can be a host.
#[must_use]
pub fn is_named(version: Version, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => version != Version::HTTP_11,
        (Some(host), None) => is_host(host.as_bytes()),
        (Some(_), Some(_)) => false,
    }
}

/// An authority without userinfo; nothing at all where the target has none (RFC 9110 §7.2).
fn is_host(bytes: &[u8]) -> bool {
    let clean = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+;=:[]".contains(byte);
    bytes.is_empty() || (bytes.iter().all(clean) && Authority::try_from(bytes).is_ok())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn with(hosts: &[&str]) -> HeaderMap {
        hosts.iter().map(|host| (header::HOST, HeaderValue::from_str(host).unwrap())).fold(
            HeaderMap::new(),
            |mut headers, (name, value)| {
                headers.append(name, value);
                headers
            },
        )
    }

    #[test]
    fn a_request_names_one_host() {
        for host in ["", "localhost", "localhost:8080", "[::1]", "[::1]:8080", "127.0.0.1:1", "a_b.example"] {
            assert!(is_named(Version::HTTP_11, &with(&[host])), "{host}");
        }
        for host in ["a b", "a/b", "a@b", "a,b", "a, b", "a:b:c", "a?b", "a#b", "[::1", "a\tb"] {
            assert!(!is_named(Version::HTTP_11, &with(&[host])), "{host}");
        }
        assert!(!is_named(Version::HTTP_11, &with(&[])));
        assert!(!is_named(Version::HTTP_11, &with(&["a", "a"])));
        assert!(is_named(Version::HTTP_2, &with(&[])));
        assert!(!is_named(Version::HTTP_2, &with(&["a", "b"])));
    }
}
