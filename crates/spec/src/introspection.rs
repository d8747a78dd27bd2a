//! Introspection: request and response.
//!
//! Implements: RFC 7662 §2.1, §2.2; the `cnf` of RFC 7800, the `act` of RFC 8693, `acr` and `auth_time` of RFC 9470.
//! Leaves out: signed responses (RFC 9701): the engine signs what stands here.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::audience::Audience;
use crate::claims::{Confirmation, ExtraClaims};
use crate::credentials::PresentedSecret;
use crate::params::{Malformed, Params};
use crate::revocation::{TokenTypeHint, take_token};
use crate::scope::Scope;
use crate::token_response::TokenType;

/// A token to be looked into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntrospectionRequest {
    /// The token.
    pub token: PresentedSecret,
    /// Where to look first. Unknown hints are ignored.
    pub token_type_hint: Option<TokenTypeHint>,
}

impl IntrospectionRequest {
    /// Reads what is left of the parameters once the caller's own are taken.
    ///
    /// # Errors
    /// [`Malformed::Missing`] without a token.
    pub fn parse(mut params: Params) -> Result<Self, Malformed> {
        let (token, token_type_hint) = take_token(&mut params)?;
        Ok(Self { token, token_type_hint })
    }
}

/// What a token says and is. The default is an inactive token, which says nothing else (§2.2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntrospectionResponse {
    /// Whether the caller may rely on the token now.
    pub active: bool,
    /// Who issued it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// Whom it speaks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// Whose APIs it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aud: Option<Audience<'static>>,
    /// Seconds since 1970: from then on it is dead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<u64>,
    /// Seconds since 1970: issued then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iat: Option<u64>,
    /// Seconds since 1970: not good before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<u64>,
    /// Its identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// The client it was issued to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The person's name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// What it allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// How it is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_type: Option<TokenType>,
    /// Seconds since 1970: the person signed in then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<u64>,
    /// The authentication context that was reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// The methods that were used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// The session it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// The key it is bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
    /// Who acts for the subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Value>,
    /// What was granted in detail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_details: Option<Value>,
    /// Anything else.
    #[serde(flatten)]
    pub extra: ExtraClaims,
}

impl IntrospectionResponse {
    /// The one answer for a token that is dead, unknown, or meant for another.
    pub fn inactive() -> Self {
        Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7662 §2.2.
    #[test]
    fn an_inactive_token_says_nothing_else() {
        assert_eq!(serde_json::to_string(&IntrospectionResponse::inactive()).unwrap(), r#"{"active":false}"#);
    }

    #[test]
    fn an_active_token_is_read_back() {
        let json = r#"{"active":true,"aud":["a","b"],"scope":"read write","extension_field":"twenty-seven"}"#;
        let response: IntrospectionResponse = serde_json::from_str(json).unwrap();
        assert_eq!(response.extra.find("extension_field"), Some(&Value::from("twenty-seven")));
        assert_eq!(serde_json::to_string(&response).unwrap(), json);
    }
}
