//! Authorization responses: the parameters that go back to the client, and how a client reads them.
//!
//! Implements: RFC 6749 §4.1.2, §4.1.2.1, §4.2.2; RFC 9207 §2; OpenID Connect Core §3.1.2.5, §3.2.2.5;
//! OpenID Connect Session Management §3.1 (`session_state`).

use std::borrow::Cow;
use std::fmt;

use crate::error::{ErrorCode, ErrorResponse};
use crate::issuer::Issuer;
use crate::params::{Malformed, Params};
use crate::scope::Scope;
use crate::token_response::TokenType;

/// The answer to an authorization request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationResponse {
    /// What came of it.
    pub outcome: Outcome,
    /// The request's `state`.
    pub state: Option<String>,
    /// Who answers. We always say so, in errors too; other servers may not. RFC 9207.
    pub iss: Option<Issuer>,
}

/// What came of an authorization request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was refused.
    Error(ErrorResponse),
    /// It was granted.
    Granted(Granted),
}

/// What a granted request carries home, by its response type. `Debug` shows no values.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Granted {
    /// The code.
    pub code: Option<String>,
    /// The access token.
    pub access_token: Option<String>,
    /// The access token's type.
    pub token_type: Option<TokenType>,
    /// Seconds the access token lives.
    pub expires_in: Option<u64>,
    /// The ID token.
    pub id_token: Option<String>,
    /// What was granted, where it differs from what was asked.
    pub scope: Option<Scope>,
    /// For session management.
    pub session_state: Option<String>,
}

impl fmt::Debug for Granted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.parameters().into_iter().map(|(name, _)| name).collect();
        f.debug_tuple("Granted").field(&names).finish()
    }
}

impl Granted {
    /// The commonest answer.
    pub fn code(code: String) -> Self {
        Self { code: Some(code), ..Self::default() }
    }

    fn parameters(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        let mut list = Vec::with_capacity(4);
        push(&mut list, "code", self.code.as_deref());
        push(&mut list, "access_token", self.access_token.as_deref());
        push(&mut list, "token_type", self.token_type.map(TokenType::as_str));
        push(&mut list, "expires_in", self.expires_in.map(|seconds| seconds.to_string()));
        push(&mut list, "id_token", self.id_token.as_deref());
        push(&mut list, "scope", self.scope.as_ref().map(Scope::to_string));
        push(&mut list, "session_state", self.session_state.as_deref());
        list
    }
}

impl AuthorizationResponse {
    /// The parameters in the order in which they are sent, decoded; the response mode encodes them.
    pub fn parameters(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        let mut list = match &self.outcome {
            Outcome::Granted(granted) => granted.parameters(),
            Outcome::Error(error) => {
                let mut list = vec![("error", Cow::Borrowed(error.error.as_str()))];
                push(&mut list, "error_description", error.error_description.as_deref());
                push(&mut list, "error_uri", error.error_uri.as_deref());
                list
            }
        };
        push(&mut list, "state", self.state.as_deref());
        push(&mut list, "iss", self.iss.as_ref().map(Issuer::as_str));
        list
    }

    /// Reads a response, as a client does. Whether `state` and `iss` are the expected ones is for the
    /// caller to check before anything else is used.
    ///
    /// # Errors
    /// [`Malformed`]; an `error` beside anything granted is refused too.
    pub fn parse(mut params: Params) -> Result<Self, Malformed> {
        let params = &mut params;
        let state = params.take("state");
        let iss = params.take("iss").map(|text| Issuer::parse(&text)).transpose()?;
        let granted = take_granted(params)?;
        let outcome = match take_error(params)? {
            None => Outcome::Granted(granted),
            Some(error) if granted == Granted::default() => Outcome::Error(error),
            Some(_) => {
                return Err(Malformed::BadValue { name: "error", why: "stands beside a granted response" });
            }
        };
        Ok(Self { outcome, state, iss })
    }
}

fn push<'a, T: Into<Cow<'a, str>>>(list: &mut Vec<(&'static str, Cow<'a, str>)>, name: &'static str, value: Option<T>) {
    list.extend(value.map(|value| (name, value.into())));
}

fn take_granted(params: &mut Params) -> Result<Granted, Malformed> {
    let bad = |name| Malformed::BadValue { name, why: "is not well-formed" };
    let token_type =
        params.take("token_type").map(|text| TokenType::parse_ignoring_case(&text).ok_or(bad("token_type")));
    let expires_in = params.take("expires_in").map(|text| text.parse().map_err(|_| bad("expires_in")));
    Ok(Granted {
        code: params.take("code"),
        access_token: params.take("access_token"),
        token_type: token_type.transpose()?,
        expires_in: expires_in.transpose()?,
        id_token: params.take("id_token"),
        scope: params.take("scope").map(|text| Scope::parse(&text)).transpose()?,
        session_state: params.take("session_state"),
    })
}

fn take_error(params: &mut Params) -> Result<Option<ErrorResponse>, Malformed> {
    let Some(word) = params.take("error") else {
        return Ok(None);
    };
    let error =
        ErrorCode::parse(&word).ok_or(Malformed::BadValue { name: "error", why: "is not a registered code" })?;
    let error_description = params.take("error_description");
    Ok(Some(ErrorResponse { error, error_description, error_uri: params.take("error_uri") }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redirect_uri::append_query;

    /// RFC 9207 §2: in errors too.
    #[test]
    fn every_response_says_who_answers() {
        let iss = Issuer::parse("https://as.example").unwrap();
        for (outcome, expected) in [
            (Outcome::Granted(Granted::code("c/1".to_owned())), "code=c%2F1&state=s&iss=https%3A%2F%2Fas.example"),
            (
                Outcome::Error(ErrorResponse::new(ErrorCode::AccessDenied).described("no")),
                "error=access_denied&error_description=no&state=s&iss=https%3A%2F%2Fas.example",
            ),
        ] {
            let response = AuthorizationResponse { outcome, state: Some("s".to_owned()), iss: Some(iss.clone()) };
            let sent = append_query("", response.parameters());
            assert_eq!(sent, format!("?{expected}"));
            assert_eq!(AuthorizationResponse::parse(Params::parse(expected.as_bytes()).unwrap()), Ok(response));
        }
    }

    #[test]
    fn an_error_beside_a_code_is_refused() {
        let params = Params::parse(b"code=x&error=access_denied").unwrap();
        assert!(AuthorizationResponse::parse(params).is_err());
    }

    #[test]
    fn no_code_is_printed() {
        assert_eq!(format!("{:?}", Granted::code("hunter2".to_owned())), "Granted([\"code\"])");
    }
}
