//! A client's name for people.
//!
//! Implements: `client_name` of RFC 7591 §2, kept from pretending by invisible characters (attack A14).

use crate::params::Malformed;
use crate::text::text_type;

/// A client's name for people: 1 to 256 characters, none of which controls or reorders text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientName(String);

text_type!(ClientName);

impl ClientName {
    /// Reads a name.
    ///
    /// # Errors
    /// [`Malformed::BadValue`] for `client_name`.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        // Characters that turn the reading direction could make a name read as another's.
        let reorders = |character| matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let length = text.chars().take(257).count();
        if text.trim().is_empty() || length > 256 || text.chars().any(|c| c.is_control() || reorders(c)) {
            return Err(Malformed::BadValue { name: "client_name", why: "must be 1 to 256 visible characters" });
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_visible_and_reads_in_its_own_order() {
        assert!(ClientName::parse("Bücher & Söhne 書店").is_ok());
        for text in ["", " ", "a\u{202e}b", "a\nb", "a\u{0}", &"a".repeat(257)] {
            assert!(ClientName::parse(text).is_err(), "{text:?}");
        }
    }
}
