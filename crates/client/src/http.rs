//! The way out: one call, one answer. Who makes it is the caller's choice.

#[cfg(feature = "reqwest")]
mod with_reqwest;

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use url::Url;

#[cfg(feature = "reqwest")]
pub use with_reqwest::ReqwestHttp;

/// Makes calls.
///
/// Whoever implements it follows no redirects, sends no cookies, and limits how long an answer may take and how large it may
/// be: what is called comes from metadata, and metadata from the network.
#[async_trait]
pub trait Http: Send + Sync {
    /// Makes one call. Any status is an answer.
    ///
    /// # Errors
    /// There is no answer.
    async fn send(&self, call: Call) -> Result<Answer, HttpError>;
}

/// One call to make. `Debug` shows neither fields nor body: both carry secrets.
pub struct Call {
    /// The method.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// The header section.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("method", &self.method).field("url", &self.url.as_str()).finish_non_exhaustive()
    }
}

/// What came back. `Debug` shows the status only: bodies carry tokens.
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The header section.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).finish_non_exhaustive()
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// TLS could not be set up.
    #[error("TLS cannot be set up")]
    Setup,
    /// It took too long.
    #[error("it took too long")]
    TimedOut,
    /// The answer is larger than allowed.
    #[error("the answer is too large")]
    TooLarge,
    /// No connection, no valid certificate, or no HTTP.
    #[error("it cannot be reached")]
    Unreachable,
}
