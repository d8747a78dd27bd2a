//! What our tokens say.
//!
//! Implements: RFC 9068 §2.2 (access tokens); OpenID Connect Core §2, §3.1.3.6, §3.3.2.11 (ID tokens);
//! RFC 7800 §3 with RFC 9449 §6 and RFC 8705 §3.1 (`cnf`); RFC 8693 §4.1 (`act`).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::audience::Audience;
use crate::scope::Scope;

/// Claims that a token's own fields carry. No extra claim may stand beside one under its name.
#[rustfmt::skip]
const RESERVED: &[&str] = &[
    "acr", "act", "active", "amr", "at_hash", "aud", "auth_time", "authorization_details", "azp", "c_hash", "client_id",
    "cnf", "events", "exp", "iat", "iss", "jti", "may_act", "nbf", "nonce", "s_hash", "scope", "sid", "sub",
    "token_type", "username",
];

/// Claims beyond those that a type has fields for. Empty, it costs nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExtraClaims(Map<String, Value>);

/// An extra claim would have stood in for one of the token's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("this claim belongs to the token itself")]
pub struct ReservedClaim;

impl ExtraClaims {
    /// Adds a claim, or replaces the one of that name.
    ///
    /// # Errors
    /// [`ReservedClaim`] for a name that says who issued the token, to whom, or what it allows.
    pub fn insert(&mut self, name: impl Into<String>, value: Value) -> Result<(), ReservedClaim> {
        let name = name.into();
        if RESERVED.contains(&name.as_str()) {
            return Err(ReservedClaim);
        }
        self.0.insert(name, value);
        Ok(())
    }

    /// The claim of that name.
    pub fn find(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Names and values, alphabetically.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Keeps the claims for which `keep` says yes.
    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.0.retain(|name, _| keep(name));
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The key that a token is bound to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// The thumbprint of a DPoP key. RFC 9449 §6.1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jkt: Option<String>,
    /// The digest of a client certificate. RFC 8705 §3.1.
    #[serde(rename = "x5t#S256", default, skip_serializing_if = "Option::is_none")]
    pub x5t_s256: Option<String>,
}

/// What an access token says. Fields stand in the order in which they are written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessTokenClaims<'a> {
    /// Who issued it.
    pub iss: Cow<'a, str>,
    /// Whom it speaks for: a person, or the client itself.
    pub sub: Cow<'a, str>,
    /// Whose APIs it is for.
    pub aud: Audience<'a>,
    /// Seconds since 1970: from then on it is dead.
    pub exp: u64,
    /// Seconds since 1970: issued then.
    pub iat: u64,
    /// Its identifier.
    pub jti: Cow<'a, str>,
    /// The client it was issued to.
    pub client_id: Cow<'a, str>,
    /// What it allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Cow<'a, Scope>>,
    /// Seconds since 1970: not good before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<u64>,
    /// Seconds since 1970: the person signed in then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<u64>,
    /// The authentication context that was reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<Cow<'a, str>>,
    /// The methods that were used. RFC 8176.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<Cow<'a, str>>,
    /// The session it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<Cow<'a, str>>,
    /// The key it is bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
    /// Who acts for the subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Value>,
    /// Anything else.
    #[serde(flatten)]
    pub extra: ExtraClaims,
}

/// What an ID token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdTokenClaims<'a> {
    /// Who issued it.
    pub iss: Cow<'a, str>,
    /// Who signed in.
    pub sub: Cow<'a, str>,
    /// The client it is for.
    pub aud: Audience<'a>,
    /// Seconds since 1970: from then on it must not be accepted.
    pub exp: u64,
    /// Seconds since 1970: issued then.
    pub iat: u64,
    /// Seconds since 1970: the person signed in then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<u64>,
    /// The request's nonce.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<Cow<'a, str>>,
    /// The authentication context that was reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<Cow<'a, str>>,
    /// The methods that were used. RFC 8176.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<Cow<'a, str>>,
    /// The client it was issued to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azp: Option<Cow<'a, str>>,
    /// Binds the access token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<Cow<'a, str>>,
    /// Binds the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub c_hash: Option<Cow<'a, str>>,
    /// Binds the state (FAPI).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub s_hash: Option<Cow<'a, str>>,
    /// The session. OpenID Connect Back-Channel Logout §2.1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<Cow<'a, str>>,
    /// Claims about the person, and anything else.
    #[serde(flatten)]
    pub extra: ExtraClaims,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access_token(scope: &Scope) -> AccessTokenClaims<'_> {
        AccessTokenClaims {
            iss: "https://as.example".into(),
            sub: "alice".into(),
            aud: Audience::one("https://api.example"),
            exp: 2,
            iat: 1,
            jti: "j".into(),
            client_id: "web".into(),
            scope: Some(Cow::Borrowed(scope)),
            nbf: None,
            auth_time: None,
            acr: None,
            amr: Vec::new(),
            sid: None,
            cnf: None,
            act: None,
            extra: ExtraClaims::default(),
        }
    }

    /// RFC 9068 §2.2.
    #[test]
    fn an_access_token_names_its_claims_in_one_order() {
        let scope = Scope::parse("read").unwrap();
        let claims = access_token(&scope);
        let json = serde_json::to_string(&claims).unwrap();
        assert_eq!(
            json,
            r#"{"iss":"https://as.example","sub":"alice","aud":"https://api.example","exp":2,"iat":1,"jti":"j","client_id":"web","scope":"read"}"#
        );
        assert_eq!(serde_json::from_str::<AccessTokenClaims<'static>>(&json).unwrap(), claims);
    }

    #[test]
    fn an_extra_claim_never_stands_in_for_the_tokens_own() {
        let scope = Scope::default();
        let mut claims = access_token(&scope);
        for name in RESERVED {
            assert_eq!(claims.extra.insert(*name, Value::Null), Err(ReservedClaim));
        }
        claims.extra.insert("roles", Value::from(["admin"].as_slice())).unwrap();
        let json = serde_json::to_string(&claims).unwrap();
        assert!(json.ends_with(r#","roles":["admin"]}"#), "{json}");
        assert_eq!(serde_json::from_str::<AccessTokenClaims<'static>>(&json).unwrap(), claims);
    }

    #[test]
    fn a_token_whose_members_have_the_wrong_type_is_refused() {
        let scope = Scope::default();
        let whole = serde_json::to_value(access_token(&scope)).unwrap();
        for (name, wrong) in
            [("exp", Value::from("2")), ("aud", Value::Null), ("iss", Value::from(1)), ("exp", Value::from(-1))]
        {
            let mut broken = whole.clone();
            broken[name] = wrong;
            assert!(serde_json::from_value::<AccessTokenClaims<'static>>(broken).is_err(), "{name}");
        }
    }
}
