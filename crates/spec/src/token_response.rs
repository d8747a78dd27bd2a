//! Token responses.
//!
//! Implements: RFC 6749 §5.1; RFC 8693 §2.2.1 (`issued_token_type`, `N_A`); RFC 9396 §7; OpenID Connect
//! Core §3.1.3.3.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

use crate::scope::Scope;
use crate::text::words;

words! {
    /// How an access token is used.
    pub enum TokenType {
        /// By whoever holds it. RFC 6750.
        Bearer = "Bearer",
        /// With a proof of its key. RFC 9449.
        Dpop = "DPoP",
        /// It is no access token. RFC 8693 §2.2.1.
        NotApplicable = "N_A",
    }
}

impl TokenType {
    /// The type for `word` in any case. RFC 6749 §5.1: the value is case-insensitive.
    pub fn parse_ignoring_case(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str().eq_ignore_ascii_case(word))
    }
}

/// A successful answer of the token endpoint. `Debug` shows no tokens.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenResponse {
    /// The access token.
    pub access_token: String,
    /// How it is used.
    #[serde(deserialize_with = "token_type_in_any_case")]
    pub token_type: TokenType,
    /// Seconds it lives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<u64>,
    /// For fresh tokens later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// What was granted. We always say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// Who signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// What a token exchange issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_token_type: Option<String>,
    /// What was granted in detail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_details: Option<Value>,
}

impl TokenResponse {
    /// An access token and nothing else.
    pub fn new(access_token: String, token_type: TokenType) -> Self {
        Self {
            access_token,
            token_type,
            expires_in: None,
            refresh_token: None,
            scope: None,
            id_token: None,
            issued_token_type: None,
            authorization_details: None,
        }
    }
}

impl fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenResponse")
            .field("token_type", &self.token_type)
            .field("expires_in", &self.expires_in)
            .field("scope", &self.scope)
            .field("has_refresh_token", &self.refresh_token.is_some())
            .field("has_id_token", &self.id_token.is_some())
            .finish_non_exhaustive()
    }
}

fn token_type_in_any_case<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TokenType, D::Error> {
    let word = String::deserialize(deserializer)?;
    TokenType::parse_ignoring_case(&word).ok_or_else(|| de::Error::custom("unknown TokenType"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6749 §5.1.
    #[test]
    fn members_that_were_not_issued_are_not_sent() {
        let mut response = TokenResponse::new("a.b".to_owned(), TokenType::Bearer);
        response.expires_in = Some(300);
        response.scope = Some(Scope::parse("read").unwrap());
        let json = serde_json::to_string(&response).unwrap();
        assert_eq!(json, r#"{"access_token":"a.b","token_type":"Bearer","expires_in":300,"scope":"read"}"#);
        assert_eq!(serde_json::from_str::<TokenResponse>(&json).unwrap(), response);
        assert!(!format!("{response:?}").contains("a.b"));
    }

    #[test]
    fn the_token_type_is_read_in_any_case() {
        let response: TokenResponse = serde_json::from_str(r#"{"access_token":"x","token_type":"bearer"}"#).unwrap();
        assert_eq!(response.token_type, TokenType::Bearer);
    }
}
