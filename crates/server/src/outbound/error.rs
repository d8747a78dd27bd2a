//! Why a call was not made, or failed: named reasons without addresses, certificates or anything an answer said.

/// Why there is no answer. What a stranger may see of it is decided where it becomes a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// Every address of the host is private, and none is allowed.
    #[error("the destination is not on the public internet")]
    AddressPrivate,
    /// The answer is not JSON.
    #[error("the answer is not JSON")]
    NotJson,
    /// The answer points elsewhere, and is not followed.
    #[error("the answer is a redirection")]
    Redirected,
    /// An answer other than the 200 that a document needs.
    #[error("the answer has status {0}")]
    Status(u16),
    /// It took too long.
    #[error("the call took too long")]
    TimedOut,
    /// The answer is larger than allowed.
    #[error("the answer is too large")]
    TooLarge,
    /// No connection, no valid certificate, or no HTTP.
    #[error("the destination cannot be reached")]
    Unreachable,
    /// The host has no address.
    #[error("the destination's name has no address")]
    Unresolved,
    /// The URL itself breaks a rule.
    #[error("the URL {0}")]
    Url(UrlFault),
}

impl OutboundError {
    /// A short name, for metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::AddressPrivate => "address_private",
            Self::NotJson => "not_json",
            Self::Redirected => "redirected",
            Self::Status(_) => "status",
            Self::TimedOut => "timed_out",
            Self::TooLarge => "too_large",
            Self::Unreachable => "unreachable",
            Self::Unresolved => "unresolved",
            Self::Url(_) => "url",
        }
    }
}

/// Which rule a URL breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlFault {
    /// It names no host, or port 0.
    #[error("names no host or port")]
    NoHost,
    /// Neither https, nor http to a listed loopback destination.
    #[error("is not https")]
    NotHttps,
    /// It carries a user name or a password.
    #[error("carries user information")]
    UserInformation,
}

/// Why outgoing calls cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The CA bundle is not PEM, or holds something that is no certificate.
    #[error("the CA bundle cannot be used: {0}")]
    CaBundle(String),
}
