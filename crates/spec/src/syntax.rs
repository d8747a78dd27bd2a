//! Character classes and decodings that several grammars share.
//!
//! Implements: RFC 6749 Appendix A (VSCHAR, NQCHAR) and Appendix B (form decoding, strictly),
//! RFC 3986 §2 (the characters of a URI).

use std::borrow::Cow;

use percent_encoding::percent_decode;

/// Why a form-encoded piece could not be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Undecodable {
    /// A `%` without two hexadecimal digits.
    Escape,
    /// The decoded bytes are not UTF-8.
    Utf8,
}

/// Decodes one form-encoded name or value. Unlike the browsers' algorithm it refuses broken escapes
/// and broken UTF-8 instead of repairing them: two readers must never see two values.
pub(crate) fn decode_form(piece: &[u8]) -> Result<String, Undecodable> {
    if !piece.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return String::from_utf8(piece.to_vec()).map_err(|_| Undecodable::Utf8);
    }
    if !escapes_are_whole(piece) {
        return Err(Undecodable::Escape);
    }
    let spaced: Cow<'_, [u8]> = if piece.contains(&b'+') {
        Cow::Owned(piece.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect())
    } else {
        Cow::Borrowed(piece)
    };
    String::from_utf8(percent_decode(&spaced).collect()).map_err(|_| Undecodable::Utf8)
}

/// Whether every `%` is followed by two hexadecimal digits.
pub(crate) fn escapes_are_whole(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'%')
        .all(|(at, _)| bytes.get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)))
}

/// RFC 3986 §2: unreserved, reserved or `%`. No space, quote, backslash, angle bracket, control or
/// non-ASCII byte passes.
pub(crate) fn is_uri_byte(byte: u8) -> bool {
    is_unreserved(byte)
        || matches!(
            byte,
            b':' | b'/'
                | b'?'
                | b'#'
                | b'['
                | b']'
                | b'@'
                | b'!'
                | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b','
                | b';'
                | b'='
                | b'%'
        )
}

/// RFC 3986 §2.3: letters, digits, `-`, `.`, `_`, `~`.
pub(crate) fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// RFC 3986 §3.1: a letter, then letters, digits, `+`, `-`, `.`.
pub(crate) fn is_scheme(text: &str) -> bool {
    text.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

/// RFC 6749 Appendix A, NQCHAR without the space: what a scope token may hold.
pub(crate) fn is_scope_byte(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)
}

/// RFC 6749 §5.2: what an `error_description` may hold.
pub(crate) fn is_description_byte(byte: u8) -> bool {
    byte == b' ' || is_scope_byte(byte)
}

/// The hosts at which plain http stays on the machine. RFC 8252 §7.3, §8.3.
pub(crate) const LOOPBACK_HOSTS: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];

/// The parts of `scheme://authority/path?query`, by bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Split<'a> {
    pub(crate) scheme: &'a str,
    /// `None` without `//`.
    pub(crate) authority: Option<&'a str>,
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
}

/// Splits a URI without a fragment. Gives no opinion on the parts but the scheme's syntax.
pub(crate) fn split_uri(text: &str) -> Option<Split<'_>> {
    let (scheme, rest) = text.split_once(':').filter(|(scheme, _)| is_scheme(scheme))?;
    let (authority, rest) = match rest.strip_prefix("//") {
        Some(rest) => {
            let end = rest.find(['/', '?']).unwrap_or(rest.len());
            (Some(&rest[..end]), &rest[end..])
        }
        None => (None, rest),
    };
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (rest, None),
    };
    Some(Split { scheme, authority, path, query })
}

/// Host and port of an authority without userinfo. `None` when the port is not a plain number of
/// 1 to 65535, or the host is empty.
pub(crate) fn split_authority(authority: &str) -> Option<(&str, Option<u16>)> {
    let end_of_host = if authority.starts_with('[') {
        authority.find(']')? + 1
    } else {
        authority.find(':').unwrap_or(authority.len())
    };
    let (host, rest) = authority.split_at(end_of_host);
    if host.is_empty() {
        return None;
    }
    match rest.strip_prefix(':') {
        None => rest.is_empty().then_some((host, None)),
        Some(digits) => port(digits).map(|port| (host, Some(port))),
    }
}

/// A port as a number without sign, leading zero or blank.
pub(crate) fn port(digits: &str) -> Option<u16> {
    let plain =
        (1..=5).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    plain.then(|| digits.parse().ok()).flatten()
}

/// The words of a space-separated list, blanks skipped.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ').filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_escape_is_refused_not_repaired() {
        for piece in ["%", "%2", "%zz", "a%2", "%+1", "100%"] {
            assert_eq!(decode_form(piece.as_bytes()), Err(Undecodable::Escape), "{piece}");
        }
    }

    #[test]
    fn broken_utf8_is_refused_whether_raw_or_escaped() {
        assert_eq!(decode_form(b"\xff"), Err(Undecodable::Utf8));
        assert_eq!(decode_form(b"%ff"), Err(Undecodable::Utf8));
        assert_eq!(decode_form(b"%c0%ae"), Err(Undecodable::Utf8));
    }

    #[test]
    fn a_plus_is_a_space_and_an_escaped_plus_is_a_plus() {
        assert_eq!(decode_form(b"a+b%2Bc%20d").as_deref(), Ok("a b+c d"));
    }

    #[test]
    fn a_port_is_a_plain_number() {
        assert_eq!(port("65535"), Some(65535));
        for digits in ["", "0", "080", "65536", "+80", "8 0", "123456"] {
            assert_eq!(port(digits), None, "{digits}");
        }
    }
}
