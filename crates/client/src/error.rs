//! Everything that can go wrong for a client, named.

use chancery_jose::JoseError;
use chancery_spec::{ErrorResponse, Malformed};

use crate::http::{Answer, HttpError};
use crate::metadata::Endpoint;

/// Why something did not work out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// An answer of the server is not what it should be.
    #[error("the server's answer is not {0}")]
    Answer(&'static str),
    /// A call got no answer.
    #[error("the server cannot be asked: {0}")]
    Http(#[from] HttpError),
    /// An ID token is not to be believed.
    #[error("the ID token is refused: {0}")]
    IdToken(#[from] IdTokenFault),
    /// The client's own key does not sign.
    #[error("the client's key is unusable: {0}")]
    Key(JoseError),
    /// The server's metadata are not to be believed.
    #[error("the server's metadata are refused: {0}")]
    Metadata(#[from] MetadataFault),
    /// The server has no such endpoint.
    #[error("the server has no {0}")]
    Missing(Endpoint),
    /// There is no randomness.
    #[error("the system gives no randomness")]
    Randomness,
    /// The server, or the person, said no.
    #[error("the server refused: {0}")]
    Refused(Refused),
    /// An authorization response is not to be believed.
    #[error("the authorization response is refused: {0}")]
    Response(#[from] ResponseFault),
}

/// What a server said when it said no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The HTTP status; none where the answer came through the browser.
    pub status: Option<u16>,
    /// What it said, where it used a registered code. The description is for the client's developer, not for people.
    pub error: Option<ErrorResponse>,
}

impl Refused {
    /// The refusal in an answer that is no success.
    pub(crate) fn of(answer: &Answer) -> Self {
        Self { status: Some(answer.status.as_u16()), error: serde_json::from_slice(&answer.body).ok() }
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.error, self.status) {
            (Some(error), _) => write!(f, "{}", error.error),
            (None, Some(status)) => write!(f, "status {status}"),
            (None, None) => f.write_str("no reason given"),
        }
    }
}

/// Why metadata are not to be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetadataFault {
    /// An endpoint is not an https URL (plain http is for a loopback issuer's loopback endpoints).
    #[error("the {0} is not a URL that may be used")]
    Endpoint(Endpoint),
    /// The document speaks for another issuer. RFC 8414 §3.3.
    #[error("they are another issuer's")]
    Issuer,
    /// No placement has a document; the status of the first.
    #[error("there are none (status {0})")]
    NotFound(u16),
    /// The document is not JSON of its kind.
    #[error("they are not well-formed")]
    NotWellFormed,
}

/// Why an authorization response is not to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResponseFault {
    /// The request was made by another client or to another server.
    #[error("the request was not this client's")]
    AnotherClient,
    /// Another server answers, or the server does not say who it is although it said it would. RFC 9207 §2.4.
    #[error("another server answers")]
    Issuer,
    /// The parameters are not well-formed.
    #[error("{0}")]
    Malformed(#[from] Malformed),
    /// There is no code in it.
    #[error("it has no code")]
    NoCode,
    /// It does not belong to the request.
    #[error("it belongs to another request")]
    State,
    /// It carries tokens, which were not asked for and must not travel this way.
    #[error("it carries tokens that were not asked for")]
    Tokens,
}

/// Why an ID token is not to be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenFault {
    /// `at_hash` is not that of the access token.
    #[error("it belongs to another access token")]
    AccessToken,
    /// Signature, issuer, audience, times or type.
    #[error("{0}")]
    Invalid(#[from] JoseError),
    /// There is none, although one was asked for.
    #[error("there is none")]
    Missing,
    /// It answers another request.
    #[error("it answers another request")]
    Nonce,
    /// It was issued to another client.
    #[error("it was issued to another client")]
    Party,
    /// The person signed in longer ago than was asked for, or nobody says when.
    #[error("the sign-in is too long ago")]
    SignInTooOld,
    /// It is about another person than before.
    #[error("it is about another person")]
    Subject,
}
