//! Token requests: one variant per grant.
//!
//! Implements: RFC 6749 §4.1.3, §4.4.2, §6; RFC 7636 §4.5; RFC 8707 §2.2.
//! Leaves out: the client's own parameters, which [`crate::PresentedClient::take`] takes before.

use thiserror::Error;

use crate::credentials::PresentedSecret;
use crate::error::ErrorCode;
use crate::grant_type::GrantType;
use crate::params::{Malformed, Params};
use crate::pkce::CodeVerifier;
use crate::redirect_uri::MAX_REDIRECT_URI;
use crate::resource::ResourceIndicator;
use crate::scope::Scope;

/// What a client asks of the token endpoint. Parameters of another grant are ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenRequest {
    /// `authorization_code`: the code for tokens.
    AuthorizationCode {
        /// The code.
        code: PresentedSecret,
        /// Must be sent when the authorization request sent one, and be the same.
        redirect_uri: Option<String>,
        /// Must be sent exactly when the authorization request sent a challenge.
        code_verifier: Option<CodeVerifier>,
        /// Which of the granted resources this token is for; empty for the default.
        resources: Vec<ResourceIndicator>,
    },
    /// `client_credentials`: a token for the client itself.
    ClientCredentials {
        /// What is asked for; `None` for the client's default.
        scope: Option<Scope>,
        /// Whose APIs the token is for; empty for the default.
        resources: Vec<ResourceIndicator>,
    },
    /// `refresh_token`: fresh tokens for an old grant.
    RefreshToken {
        /// The refresh token.
        refresh_token: PresentedSecret,
        /// A part of what was granted; `None` for all of it.
        scope: Option<Scope>,
        /// Which of the granted resources this token is for; empty for the default.
        resources: Vec<ResourceIndicator>,
    },
}

/// Why a token request could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TokenRequestError {
    /// A parameter is wrong.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// We do not speak this grant type.
    #[error("grant_type is not supported")]
    UnsupportedGrant,
}

impl TokenRequestError {
    /// The error code that answers it.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::Malformed(malformed) => malformed.code(),
            Self::UnsupportedGrant => ErrorCode::UnsupportedGrantType,
        }
    }
}

impl TokenRequest {
    /// Reads what is left of the parameters once the client's own are taken.
    ///
    /// # Errors
    /// [`TokenRequestError`].
    pub fn parse(mut params: Params) -> Result<Self, TokenRequestError> {
        let word = params.require("grant_type")?;
        let grant_type = GrantType::parse(&word).ok_or(TokenRequestError::UnsupportedGrant)?;
        let params = &mut params;
        Ok(match grant_type {
            GrantType::AuthorizationCode => Self::AuthorizationCode {
                code: params.require("code")?.into(),
                redirect_uri: take_redirect_uri(params)?,
                code_verifier: take_verifier(params)?,
                resources: ResourceIndicator::take_all(params)?,
            },
            GrantType::ClientCredentials => {
                Self::ClientCredentials { scope: take_scope(params)?, resources: ResourceIndicator::take_all(params)? }
            }
            GrantType::RefreshToken => Self::RefreshToken {
                refresh_token: params.require("refresh_token")?.into(),
                scope: take_scope(params)?,
                resources: ResourceIndicator::take_all(params)?,
            },
            GrantType::Ciba
            | GrantType::DeviceCode
            | GrantType::Implicit
            | GrantType::JwtBearer
            | GrantType::Password
            | GrantType::TokenExchange => return Err(TokenRequestError::UnsupportedGrant),
        })
    }

    /// The grant type that was named.
    pub fn grant_type(&self) -> GrantType {
        match self {
            Self::AuthorizationCode { .. } => GrantType::AuthorizationCode,
            Self::ClientCredentials { .. } => GrantType::ClientCredentials,
            Self::RefreshToken { .. } => GrantType::RefreshToken,
        }
    }
}

fn take_scope(params: &mut Params) -> Result<Option<Scope>, Malformed> {
    params.take("scope").map(|text| Scope::parse(&text)).transpose()
}

fn take_verifier(params: &mut Params) -> Result<Option<CodeVerifier>, Malformed> {
    params.take("code_verifier").map(|text| CodeVerifier::parse(&text)).transpose()
}

fn take_redirect_uri(params: &mut Params) -> Result<Option<String>, Malformed> {
    match params.take("redirect_uri") {
        Some(text) if text.len() > MAX_REDIRECT_URI => Err(Malformed::TooLong("redirect_uri")),
        taken => Ok(taken),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &str) -> Result<TokenRequest, TokenRequestError> {
        TokenRequest::parse(Params::parse(body.as_bytes()).unwrap())
    }

    /// RFC 6749 §4.1.3.
    #[test]
    fn a_code_is_redeemed_with_its_redirect_uri_and_verifier() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let body = format!(
            "grant_type=authorization_code&code=SplxlOBeZQQYbYS6WxSbIA\
             &redirect_uri=https%3A%2F%2Fclient%2Eexample%2Ecom%2Fcb&code_verifier={verifier}"
        );
        assert_eq!(
            parse(&body),
            Ok(TokenRequest::AuthorizationCode {
                code: "SplxlOBeZQQYbYS6WxSbIA".to_owned().into(),
                redirect_uri: Some("https://client.example.com/cb".to_owned()),
                code_verifier: Some(CodeVerifier::parse(verifier).unwrap()),
                resources: Vec::new(),
            })
        );
    }

    #[test]
    fn what_a_grant_requires_must_be_there() {
        assert_eq!(parse("code=x"), Err(Malformed::Missing("grant_type").into()));
        assert_eq!(parse("grant_type=authorization_code"), Err(Malformed::Missing("code").into()));
        assert_eq!(parse("grant_type=refresh_token&refresh_token="), Err(Malformed::Missing("refresh_token").into()));
    }

    #[test]
    fn an_unknown_or_unspoken_grant_type_is_unsupported() {
        for grant in ["", "x", "Authorization_Code", "password", "implicit"] {
            let code = parse(&format!("grant_type={grant}&scope=x")).unwrap_err().code();
            let expected = if grant.is_empty() { ErrorCode::InvalidRequest } else { ErrorCode::UnsupportedGrantType };
            assert_eq!(code, expected, "{grant}");
        }
    }

    #[test]
    fn a_malformed_scope_or_resource_has_its_own_code() {
        let code = |body| parse(body).unwrap_err().code();
        assert_eq!(code("grant_type=client_credentials&scope=a++b"), ErrorCode::InvalidScope);
        assert_eq!(code("grant_type=client_credentials&resource=/x"), ErrorCode::InvalidTarget);
    }

    #[test]
    fn a_client_may_ask_for_several_resources() {
        let request = parse("grant_type=client_credentials&scope=read&resource=urn:a&resource=urn:b").unwrap();
        let TokenRequest::ClientCredentials { scope, resources } = request else { panic!("another grant") };
        assert_eq!((scope.unwrap().to_string().as_str(), resources.len()), ("read", 2));
    }
}
