//! Every way to be turned away, and what is answered then.
//!
//! Implements: RFC 6750 §3, §3.1; RFC 9728 §5.1.

use chancery_spec::challenge::BearerChallenge;
use chancery_spec::{ErrorCode, Scope};
use http::header::{HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{Response, StatusCode};

/// Why a request is turned away.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// The token cannot be checked now: the server's keys are not to be had.
    #[error("the keys are not available")]
    KeysUnavailable,
    /// The `Authorization` header is not well-formed, or there are several.
    #[error("the Authorization header is malformed")]
    Malformed,
    /// There is no bearer token.
    #[error("there is no bearer token")]
    NoToken,
    /// The token is not good here.
    #[error("{0}")]
    Refused(TokenFault),
    /// The token is good, but was not granted this scope.
    #[error("the scope {0} is needed")]
    ScopeTooSmall(Scope),
}

/// Why a token is not good here. What the caller is told of it is less.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// It is bound to a key or a certificate, and came without proof.
    #[error("the token is bound to a key, and nobody proves to hold it")]
    Bound,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Anything else: form, signature, type, issuer, audience, claims.
    #[error("the token is not valid here: {0}")]
    Invalid(chancery_jose::JoseError),
}

impl Denial {
    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::KeysUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::NoToken | Self::Refused(_) => StatusCode::UNAUTHORIZED,
            Self::ScopeTooSmall(_) => StatusCode::FORBIDDEN,
        }
    }

    /// The challenge of the answer. A request without a token is told no error (RFC 6750 §3.1); one whose token cannot be
    /// checked is not challenged, because another token would not help.
    pub fn challenge(&self) -> Option<BearerChallenge> {
        let (error, description) = match self {
            Self::KeysUnavailable => return None,
            Self::Malformed => (ErrorCode::InvalidRequest, "The Authorization header is malformed"),
            Self::NoToken => return Some(BearerChallenge::default()),
            Self::Refused(TokenFault::Expired) => (ErrorCode::InvalidToken, "The access token has expired"),
            Self::Refused(TokenFault::Bound) => (ErrorCode::InvalidToken, "The access token is bound to a key"),
            Self::Refused(TokenFault::Invalid(_)) => (ErrorCode::InvalidToken, "The access token is not valid here"),
            Self::ScopeTooSmall(_) => (ErrorCode::InsufficientScope, "The access token was granted too little"),
        };
        let scope = match self {
            Self::ScopeTooSmall(scope) => Some(scope.clone()),
            Self::KeysUnavailable | Self::Malformed | Self::NoToken | Self::Refused(_) => None,
        };
        let error_description = Some(description.to_owned());
        Some(BearerChallenge { error: Some(error), error_description, scope, ..BearerChallenge::default() })
    }

    /// The answer, without a body.
    pub fn to_response<B: Default>(&self) -> Response<B> {
        self.answer(self.challenge())
    }

    pub(crate) fn answer<B: Default>(&self, challenge: Option<BearerChallenge>) -> Response<B> {
        let mut response = Response::new(B::default());
        *response.status_mut() = self.status();
        match challenge {
            Some(challenge) => {
                // A challenge is visible ASCII; its quoting sees to it.
                let field = HeaderValue::from_str(&challenge.to_string())
                    .unwrap_or_else(|_| HeaderValue::from_static("Bearer"));
                response.headers_mut().insert(WWW_AUTHENTICATE, field);
            }
            None => {
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
            }
        }
        response
    }
}
