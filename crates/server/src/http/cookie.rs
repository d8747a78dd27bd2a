//! Our cookies: one that tells a browser from every other, one for a session.
//!
//! `__Host-` binds them to this very host over TLS (RFC 6265bis §4.1.3.2). On plain HTTP, which is
//! for loopback alone, browsers refuse such names, so they go without.

use axum::http::{HeaderMap, HeaderValue, header};
use chancery_store::id::RealmName;
use chancery_store::secret::Secret;

/// Length of a cookie's value: 32 bytes in base64url.
const LENGTH: usize = 43;

/// Which of our cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// Tells this browser from every other; binds requests that wait and forms to it.
    Browser,
    /// A signed-in person, one for each realm.
    Session,
}

fn name(cookie: Cookie, realm: &RealmName, secure: bool) -> String {
    let prefix = if secure { "__Host-" } else { "" };
    match cookie {
        Cookie::Browser => format!("{prefix}chancery-browser"),
        Cookie::Session => format!("{prefix}chancery-session.{realm}"),
    }
}

/// The value of our cookie among those sent; none where it is sent twice, for then one of them is
/// not ours.
#[must_use]
pub fn read(headers: &HeaderMap, cookie: Cookie, realm: &RealmName, secure: bool) -> Option<Secret> {
    let wanted = name(cookie, realm, secure);
    let mut found = None;
    for header in headers.get_all(header::COOKIE) {
        let Ok(text) = header.to_str() else { continue };
        for pair in text.split(';') {
            let Some((name, value)) = pair.trim().split_once('=') else { continue };
            if name != wanted {
                continue;
            }
            if found.is_some() {
                return None;
            }
            found = Some(value);
        }
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    found.filter(|value| value.len() == LENGTH && value.bytes().all(plain)).map(Secret::presented)
}

/// The header that sets our cookie. It lives as long as the browser does; how long what it names
/// lives is the store's affair.
#[must_use]
pub fn set(cookie: Cookie, realm: &RealmName, secure: bool, value: &Secret) -> Option<HeaderValue> {
    let flags = if secure { "; Secure" } else { "" };
    let text = format!("{}={}; Path=/; HttpOnly; SameSite=Lax{flags}", name(cookie, realm, secure), value.expose());
    HeaderValue::from_str(&text).ok()
}

/// The header that removes our cookie.
#[must_use]
pub fn clear(cookie: Cookie, realm: &RealmName, secure: bool) -> Option<HeaderValue> {
    let flags = if secure { "; Secure" } else { "" };
    let text = format!("{}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{flags}", name(cookie, realm, secure));
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(text: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_str(text).unwrap());
        headers
    }

    #[test]
    fn a_cookie_set_is_the_cookie_read() {
        let realm = RealmName::default_realm();
        let value = Secret::from_chance([3; 32]);
        let set = set(Cookie::Session, &realm, true, &value).unwrap();
        let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
        let read = read(&headers(&format!("a=b; {pair}")), Cookie::Session, &realm, true).unwrap();
        assert_eq!(read.expose(), value.expose());
    }

    #[test]
    fn a_cookie_sent_twice_is_not_ours() {
        let realm = RealmName::default_realm();
        let value = "A".repeat(43);
        let twice = format!("chancery-browser={value}; chancery-browser={value}");
        assert!(read(&headers(&twice), Cookie::Browser, &realm, false).is_none());
    }

    #[test]
    fn a_cookie_that_is_not_a_secret_of_ours_is_passed_over() {
        let realm = RealmName::default_realm();
        for bad in ["", "short", &"A".repeat(44), &format!("{}\u{e9}", "A".repeat(42)), &format!("{}.", "A".repeat(42))]
        {
            if let Ok(value) = HeaderValue::from_str(&format!("chancery-browser={bad}")) {
                let mut headers = HeaderMap::new();
                headers.insert(header::COOKIE, value);
                assert!(read(&headers, Cookie::Browser, &realm, false).is_none(), "{bad}");
            }
        }
    }

    #[test]
    fn over_tls_a_cookie_is_bound_to_the_host_and_to_tls() {
        let set = set(Cookie::Browser, &RealmName::default_realm(), true, &Secret::from_chance([1; 32])).unwrap();
        let text = set.to_str().unwrap();
        assert!(
            text.starts_with("__Host-")
                && text.contains("; Secure")
                && text.contains("; HttpOnly")
                && text.contains("; Path=/;")
        );
        assert!(!text.contains("Domain"));
    }
}
