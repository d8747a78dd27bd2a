//! What a realm decides once for all its clients. Profiles (`engine::settings`) are bundles of
//! these values; nothing asks for a profile's name.

use chancery_jose::SignatureAlgorithm;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of a realm. A member that a stored row lacks takes its strict default, so that rows
/// written by every released schema still read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RealmSettings {
    /// Which clients must use PKCE (RFC 7636).
    pub pkce: PkcePolicy,
    /// What a client assertion's `aud` may name (RFC 7523 §3).
    pub assertion_audience: AssertionAudience,
    /// The algorithm of new signing keys and of tokens whose resource or client asks for no other.
    #[schemars(with = "String")]
    pub signing_algorithm: SignatureAlgorithm,
    /// Audience of an access token asked for without `resource`. The issuer itself where absent.
    pub default_audience: Option<String>,
    /// Whether each token must leave an audit record in the store before it is answered.
    pub audit_every_token: bool,
    /// How long issued things live.
    pub lifetimes: Lifetimes,
    /// How sign-in attempts are slowed.
    pub sign_in: SignInPolicy,
    /// What a new password must be.
    pub passwords: PasswordPolicy,
}

impl Default for RealmSettings {
    fn default() -> Self {
        Self {
            pkce: PkcePolicy::AllClients,
            assertion_audience: AssertionAudience::Issuer,
            signing_algorithm: SignatureAlgorithm::Es256,
            default_audience: None,
            audit_every_token: false,
            lifetimes: Lifetimes::default(),
            sign_in: SignInPolicy::default(),
            passwords: PasswordPolicy::default(),
        }
    }
}

/// Which clients must use PKCE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PkcePolicy {
    /// Every client (OAuth 2.1 §4.1.1).
    AllClients,
    /// Clients without credentials; others may leave it out.
    PublicClients,
}

/// What the audience of a client assertion may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AssertionAudience {
    /// The issuer alone, as one string: the answer to audience injection (RFC 7523bis §4).
    Issuer,
    /// The issuer or the URL of the endpoint that is asked.
    IssuerOrEndpoint,
}

/// How long issued things live, in seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Lifetimes {
    /// Seconds an access token is good for.
    pub access_token: u64,
    /// Seconds an ID token is good for.
    pub id_token: u64,
    /// Seconds an authorization code waits for its exchange. RFC 6749 §4.1.2 allows 600 at most.
    pub authorization_code: u64,
    /// Seconds a refresh token may lie unused.
    pub refresh_token_idle: u64,
    /// Seconds after which a token family ends however much it is used.
    pub refresh_token: u64,
    /// Seconds in which a client that repeats a rotation is given the same successor again.
    pub refresh_retry_window: u64,
    /// Seconds a session may lie unused.
    pub session_idle: u64,
    /// Seconds after which a person signs in again however active they are.
    pub session: u64,
    /// Seconds an authorization request waits for the person.
    pub pending_authorization: u64,
    /// Seconds a one-time link is good for.
    pub link: u64,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            access_token: 600,
            id_token: 3600,
            authorization_code: 60,
            refresh_token_idle: 30 * 86_400,
            refresh_token: 90 * 86_400,
            refresh_retry_window: 30,
            session_idle: 12 * 3600,
            session: 30 * 86_400,
            pending_authorization: 1800,
            link: 86_400,
        }
    }
}

/// How failed sign-ins are slowed. After the free attempts, each failure doubles the wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SignInPolicy {
    /// Failures of one account that cost no wait.
    pub free_attempts_per_account: u32,
    /// Failures from one address that cost no wait.
    pub free_attempts_per_address: u32,
    /// Seconds of the first wait.
    pub first_wait: u64,
    /// Seconds of the longest wait.
    pub longest_wait: u64,
    /// Seconds after the last failure until the count is forgotten.
    pub forget_after: u64,
}

impl Default for SignInPolicy {
    fn default() -> Self {
        Self {
            free_attempts_per_account: 5,
            free_attempts_per_address: 30,
            first_wait: 2,
            longest_wait: 900,
            forget_after: 86_400,
        }
    }
}

/// What a new password must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PasswordPolicy {
    /// Fewest characters. NIST SP 800-63B-4 §3.1.1.2 asks for 15 where a password is the only factor, 8 beside another.
    pub minimum_length: usize,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self { minimum_length: 15 }
    }
}
