//! Response types.
//!
//! Implements: RFC 6749 §3.1.1; OAuth 2.0 Multiple Response Type Encoding Practices §3–5.

use crate::syntax;
use crate::text::words;

words! {
    /// One of the eight response types, by its canonical spelling. Parse with
    /// [`ResponseType::from_words`] where the order of the words is free.
    pub enum ResponseType {
        /// A code.
        Code = "code",
        /// A code and an ID token.
        CodeIdToken = "code id_token",
        /// A code, an ID token and an access token.
        CodeIdTokenToken = "code id_token token",
        /// A code and an access token.
        CodeToken = "code token",
        /// An ID token.
        IdToken = "id_token",
        /// An ID token and an access token.
        IdTokenToken = "id_token token",
        /// Nothing: only the decision.
        None = "none",
        /// An access token.
        Token = "token",
    }
}

impl ResponseType {
    /// Reads a space-separated set, in any order. `None` for an unknown, repeated or ill-combined word.
    pub fn from_words(text: &str) -> Option<Self> {
        let mut sorted: Vec<&str> = syntax::words(text).take(4).collect();
        sorted.sort_unstable();
        Self::parse(&sorted.join(" "))
    }

    /// Whether the response carries a code.
    pub fn has_code(self) -> bool {
        match self {
            Self::Code | Self::CodeIdToken | Self::CodeIdTokenToken | Self::CodeToken => true,
            Self::IdToken | Self::IdTokenToken | Self::None | Self::Token => false,
        }
    }

    /// Whether the response carries an ID token from the authorization endpoint.
    pub fn has_id_token(self) -> bool {
        match self {
            Self::CodeIdToken | Self::CodeIdTokenToken | Self::IdToken | Self::IdTokenToken => true,
            Self::Code | Self::CodeToken | Self::None | Self::Token => false,
        }
    }

    /// Whether the response carries an access token from the authorization endpoint.
    pub fn has_token(self) -> bool {
        match self {
            Self::CodeIdTokenToken | Self::CodeToken | Self::IdTokenToken | Self::Token => true,
            Self::Code | Self::CodeIdToken | Self::IdToken | Self::None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_words_is_free_and_every_word_counts_once() {
        assert_eq!(ResponseType::from_words("token code id_token"), Some(ResponseType::CodeIdTokenToken));
        assert_eq!(ResponseType::from_words("id_token code"), Some(ResponseType::CodeIdToken));
        for text in ["", "code code", "none code", "Code", "code id_token token none", "code token id_token x"] {
            assert_eq!(ResponseType::from_words(text), None, "{text}");
        }
        for response_type in ResponseType::ALL {
            assert_eq!(ResponseType::from_words(response_type.as_str()), Some(*response_type));
        }
    }
}
