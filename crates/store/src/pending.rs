//! A pending request: an authorization request that waits for a person. Each has its own name in
//! the URL, so that two tabs never disturb each other.

use chancery_spec::pkce::CodeChallenge;
use chancery_spec::prompt::Prompts;
use chancery_spec::resource::ResourceIndicator;
use chancery_spec::response_mode::ResponseMode;
use chancery_spec::response_type::ResponseType;
use chancery_spec::scope::Scope;
use serde::{Deserialize, Serialize};

use crate::id::{ClientId, PendingId, RealmName};
use crate::moment::Moment;
use crate::secret::SecretDigest;

/// What waits.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    /// The realm it belongs to.
    pub realm: RealmName,
    /// Its name in the URL.
    pub id: PendingId,
    /// The browser it was begun in: the digest of its cookie. No other browser can go on with it.
    pub browser: SecretDigest,
    /// What was asked.
    pub request: AdmittedAuthorization,
    /// When it began. A sign-in counts as "after the question" from here on (`prompt=login`).
    pub created_at: Moment,
    /// When it is forgotten.
    pub expires_at: Moment,
}

/// An authorization request whose client and redirect URI were checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AdmittedAuthorization {
    /// Who asks.
    pub client: ClientId,
    /// Where the answer goes.
    pub redirect_uri: String,
    /// Whether the request named the redirect URI itself; the token request must then name it too.
    pub redirect_uri_was_sent: bool,
    /// What is asked for.
    pub response_type: ResponseType,
    /// How the answer travels.
    pub response_mode: ResponseMode,
    /// Given back unread (RFC 6749 §4.1.1).
    pub state: Option<String>,
    /// Given back in the ID token (OIDC Core §3.1.2.1).
    pub nonce: Option<String>,
    /// What may be granted: already cut to what the client may have.
    pub scope: Scope,
    /// Whom the tokens shall be for (RFC 8707).
    pub resources: Vec<ResourceIndicator>,
    /// What the token request will have to meet (RFC 7636).
    pub challenge: Option<CodeChallenge>,
    /// How the person is to be asked (OIDC Core §3.1.2.1).
    pub prompt: Prompts,
    /// Seconds that a sign-in may be old.
    pub max_age: Option<u64>,
    /// Levels of authentication in order of preference.
    #[serde(default)]
    pub acr_values: Vec<String>,
    /// Who is expected, as a name to fill in.
    pub login_hint: Option<String>,
    /// Who is expected, as the subject of an earlier ID token.
    pub expected_subject: Option<String>,
    /// Languages in order of preference (RFC 5646 tags).
    #[serde(default)]
    pub ui_locales: Vec<String>,
    /// Claims asked for one by one (OIDC Core §5.5).
    #[serde(default)]
    pub claims: Option<serde_json::Value>,
}
