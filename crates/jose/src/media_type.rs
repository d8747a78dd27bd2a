//! Media types in headers (`typ`, `cty`).
//!
//! Implements: RFC 7515 §4.1.9, §4.1.10.

/// Whether two `typ` or `cty` values name one media type: letter case does not matter, and `application/` may be left out
/// (RFC 7515 §4.1.9).
pub fn is_same_media_type(one: &str, other: &str) -> bool {
    fn short(name: &str) -> &str {
        match name.split_at_checked("application/".len()) {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("application/") && !rest.contains('/') => rest,
            _ => name,
        }
    }
    short(one).eq_ignore_ascii_case(short(other))
}
