//! Every reason to say no. Reason → code is one total match here; code → status is one in the
//! server's reply.

use std::borrow::Cow;

use chancery_spec::authorization_request::AuthorizationRequestError;
use chancery_spec::error::ErrorCode;
use chancery_spec::params::Malformed;
use chancery_spec::token_request::TokenRequestError;
use chancery_store::id::{FamilyId, RealmName};
use chancery_store::{Moment, StoreError, Write};

/// A named reason to say no.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The request does not read.
    #[error("{0}")]
    Malformed(#[from] Malformed),
    /// The grant type is none that we know.
    #[error("this grant_type is not supported")]
    GrantTypeUnknown,

    /// Nobody said who is asking.
    #[error("client authentication is required: send client_id with a secret or an assertion")]
    ClientMissing,
    /// No such client, or it is disabled.
    #[error("the client is unknown or its credentials are wrong")]
    ClientUnknown,
    /// The client's proof does not hold.
    #[error("the client is unknown or its credentials are wrong")]
    ClientUnproven,
    /// The client used another method than it is registered with.
    #[error("the client is registered with another token_endpoint_auth_method")]
    ClientMethodUnexpected,
    /// The client's assertion does not hold.
    #[error("client_assertion was refused: {0}")]
    AssertionInvalid(&'static str),
    /// The client's assertion was used before.
    #[error("client_assertion was used before; make a new one with a new jti")]
    AssertionReplayed,
    /// The client's keys could not be had.
    #[error("the client's keys could not be read from its jwks_uri")]
    ClientKeysUnavailable {
        /// For the log.
        cause: String,
    },
    /// The client is not registered for the grant.
    #[error("the client is not registered for this grant_type")]
    ClientLacksGrant,
    /// The client is not registered for the response type.
    #[error("the client is not registered for this response_type")]
    ClientLacksResponseType,
    /// A public client asks for what only a proven one may have.
    #[error("this endpoint wants a client that proves who it is")]
    ClientNotConfidential,

    /// The code is none of ours.
    #[error("the code is unknown")]
    CodeUnknown,
    /// The code was not redeemed in time.
    #[error("the code has expired; codes are redeemed at once")]
    CodeExpired,
    /// The code was issued to somebody else.
    #[error("the code was issued to another client")]
    CodeOfAnotherClient,
    /// The code was redeemed before: perhaps it was stolen.
    #[error("the code was redeemed before; everything issued from it is revoked")]
    CodeReplayed {
        /// What the first redemption opened.
        family: FamilyId,
    },
    /// The session in which the code was issued is over.
    #[error("the session in which this was granted has ended")]
    SessionEnded,
    /// The redirect URI is not the one of the authorization request.
    #[error("redirect_uri is not the one that the authorization request named")]
    RedirectMismatch,
    /// PKCE: a challenge without a verifier.
    #[error("code_verifier is missing: the authorization request had a code_challenge")]
    VerifierMissing,
    /// PKCE: a verifier without a challenge (RFC 9700 §2.1.1: downgrade).
    #[error("code_verifier was sent, but the authorization request had no code_challenge")]
    VerifierUnexpected,
    /// PKCE: the verifier does not meet the challenge.
    #[error("code_verifier does not match the code_challenge")]
    VerifierMismatch,

    /// The refresh token is none of ours.
    #[error("the refresh token is unknown")]
    RefreshTokenUnknown,
    /// The refresh token was issued to somebody else.
    #[error("the refresh token was issued to another client")]
    RefreshTokenOfAnotherClient,
    /// The refresh token was used before: perhaps it was stolen.
    #[error("the refresh token was used before; everything issued with it is revoked")]
    RefreshTokenReplayed {
        /// Its family.
        family: FamilyId,
    },
    /// The refresh token's family has ended: revoked, expired or signed out.
    #[error("the refresh token has expired or was revoked")]
    FamilyEnded,
    /// The person is gone or disabled.
    #[error("the account that granted this is no longer active")]
    UserInactive,

    /// A scope that the realm or the client does not have.
    #[error("scope: {0}")]
    ScopeRefused(&'static str),
    /// A resource that is unknown or not the client's to ask for.
    #[error("resource: {0}")]
    TargetRefused(&'static str),

    /// The response type is none that we serve.
    #[error("this response_type is not supported")]
    ResponseTypeUnsupported,
    /// The response mode is none that we serve, or not one for this response type.
    #[error("this response_mode cannot be used here")]
    ResponseModeUnsupported,
    /// The redirect URI is not registered.
    #[error("redirect_uri is not registered for this client; it must match to the letter")]
    RedirectUnregistered,
    /// No redirect URI was sent and there is not exactly one registered.
    #[error("redirect_uri is missing")]
    RedirectMissing,
    /// PKCE is required here.
    #[error("code_challenge is missing: this client must use PKCE with code_challenge_method=S256")]
    ChallengeMissing,
    /// The plain method of PKCE.
    #[error("code_challenge_method must be S256")]
    ChallengePlain,
    /// Request objects are not served.
    #[error("the request parameter is not supported")]
    RequestObjectUnsupported,
    /// Request objects by reference are not served.
    #[error("the request_uri parameter is not supported")]
    RequestUriUnsupported,
    /// Nobody is signed in, and nobody may be asked.
    #[error("the person must sign in")]
    LoginRequired,
    /// Agreement is wanted, and nobody may be asked.
    #[error("the person must agree")]
    ConsentRequired,
    /// Another person signed in than the one expected.
    #[error("another account is signed in than the one this request is for")]
    WrongAccount,
    /// The person said no.
    #[error("the request was denied")]
    Denied,
    /// The request that waited is gone: answered, too old, or of another browser.
    #[error("this sign-in has expired or was finished; go back to the application and start again")]
    PendingGone,
    /// The form did not come from the page we served to this browser.
    #[error("this form was not sent from our page in this browser; reload the page and try again")]
    FormForged,

    /// No access token was presented.
    #[error("an access token is required")]
    TokenMissing,
    /// The access token was presented in two ways at once (RFC 6750 §2).
    #[error("the access token was presented in two ways; send it in the Authorization header alone")]
    TokenPresentedTwice,
    /// The access token does not hold.
    #[error("the access token is invalid, expired or revoked")]
    TokenInvalid,
    /// The access token is not for this.
    #[error("the access token lacks the scope {0}")]
    ScopeInsufficient(&'static str),
    /// The token to revoke was issued to somebody else.
    #[error("the token was issued to another client")]
    TokenOfAnotherClient,

    /// Too many attempts.
    #[error("too many attempts; wait {retry_after} seconds")]
    Throttled {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// The password pool is full.
    #[error("the server is busy; try again in {retry_after} seconds")]
    Busy {
        /// Seconds to wait.
        retry_after: u64,
    },

    /// The store could not answer.
    #[error("the server cannot answer now; try again")]
    StoreUnavailable(#[from] StoreError),
    /// The realm has no active key of the algorithm asked for.
    #[error("the server has no key to sign this with")]
    SigningKeyMissing,
    /// A key of ours could not be opened or used.
    #[error("the server could not use its key")]
    KeyUnusable {
        /// For the log.
        cause: String,
    },
    /// The same race was lost too often.
    #[error("the server is busy; try again")]
    RaceLost,
}

impl Refusal {
    /// The only place where a reason becomes the wire's word. No `_` arm: a new reason must choose.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Malformed(malformed) => malformed.code(),
            Self::RedirectMissing
            | Self::RedirectUnregistered
            | Self::ResponseModeUnsupported
            | Self::ChallengeMissing
            | Self::ChallengePlain
            | Self::TokenOfAnotherClient
            | Self::PendingGone
            | Self::FormForged
            | Self::TokenMissing
            | Self::TokenPresentedTwice => ErrorCode::InvalidRequest,
            Self::GrantTypeUnknown => ErrorCode::UnsupportedGrantType,
            Self::ClientMissing
            | Self::ClientUnknown
            | Self::ClientUnproven
            | Self::ClientMethodUnexpected
            | Self::AssertionInvalid(_)
            | Self::AssertionReplayed
            | Self::ClientKeysUnavailable { .. }
            | Self::ClientNotConfidential => ErrorCode::InvalidClient,
            Self::ClientLacksGrant | Self::ClientLacksResponseType => ErrorCode::UnauthorizedClient,
            Self::CodeUnknown
            | Self::CodeExpired
            | Self::CodeOfAnotherClient
            | Self::CodeReplayed { .. }
            | Self::SessionEnded
            | Self::RedirectMismatch
            | Self::VerifierMissing
            | Self::VerifierUnexpected
            | Self::VerifierMismatch
            | Self::RefreshTokenUnknown
            | Self::RefreshTokenOfAnotherClient
            | Self::RefreshTokenReplayed { .. }
            | Self::FamilyEnded
            | Self::UserInactive => ErrorCode::InvalidGrant,
            Self::ScopeRefused(_) => ErrorCode::InvalidScope,
            Self::TargetRefused(_) => ErrorCode::InvalidTarget,
            Self::ResponseTypeUnsupported => ErrorCode::UnsupportedResponseType,
            Self::RequestObjectUnsupported => ErrorCode::RequestNotSupported,
            Self::RequestUriUnsupported => ErrorCode::RequestUriNotSupported,
            Self::LoginRequired | Self::WrongAccount => ErrorCode::LoginRequired,
            Self::ConsentRequired => ErrorCode::ConsentRequired,
            Self::Denied => ErrorCode::AccessDenied,
            Self::TokenInvalid => ErrorCode::InvalidToken,
            Self::ScopeInsufficient(_) => ErrorCode::InsufficientScope,
            Self::Throttled { .. } | Self::Busy { .. } | Self::StoreUnavailable(_) | Self::RaceLost => {
                ErrorCode::TemporarilyUnavailable
            }
            Self::SigningKeyMissing | Self::KeyUnusable { .. } => ErrorCode::ServerError,
        }
    }

    /// What the asker is told: what was wrong and what to do, nothing of our inside.
    #[must_use]
    pub fn description(&self) -> Cow<'static, str> {
        Cow::Owned(self.to_string())
    }

    /// The reason's own name, for logs and counters: the variant's, as the code spells it.
    #[must_use]
    pub fn name(&self) -> String {
        let debug = format!("{self:?}");
        debug.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned()
    }

    /// What the operator's log is told beside the name; never the asker.
    #[must_use]
    pub fn cause(&self) -> Option<String> {
        match self {
            Self::StoreUnavailable(cause) => Some(cause.to_string()),
            Self::KeyUnusable { cause } | Self::ClientKeysUnavailable { cause } => Some(cause.clone()),
            _ => None,
        }
    }

    /// Seconds to wait, where waiting helps.
    #[must_use]
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Throttled { retry_after } | Self::Busy { retry_after } => Some(*retry_after),
            Self::StoreUnavailable(_) | Self::RaceLost => Some(1),
            _ => None,
        }
    }

    /// What a refusal itself must change. RFC 6749 §4.1.2 and RFC 9700 §4.14.2: a replay ends
    /// everything that the thing replayed had opened.
    #[must_use]
    pub fn consequence(&self, realm: &RealmName, now: Moment) -> Option<Write> {
        match self {
            Self::CodeReplayed { family } | Self::RefreshTokenReplayed { family } => {
                Some(Write::EndFamily { realm: realm.clone(), family: *family, at: now })
            }
            _ => None,
        }
    }
}

impl From<TokenRequestError> for Refusal {
    fn from(error: TokenRequestError) -> Self {
        match error {
            TokenRequestError::Malformed(malformed) => Self::Malformed(malformed),
            TokenRequestError::UnsupportedGrant => Self::GrantTypeUnknown,
        }
    }
}

impl From<AuthorizationRequestError> for Refusal {
    fn from(error: AuthorizationRequestError) -> Self {
        match error {
            AuthorizationRequestError::Malformed(malformed) => Self::Malformed(malformed),
            AuthorizationRequestError::UnsupportedResponseType => Self::ResponseTypeUnsupported,
        }
    }
}
