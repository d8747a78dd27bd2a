//! A client: who asks for tokens.

use chancery_jose::Sealed;
use chancery_jose::SignatureAlgorithm;
use chancery_spec::client_authentication::ClientAuthenticationMethod;
use chancery_spec::grant_type::GrantType;
use chancery_spec::redirect_uri::RegisteredRedirectUri;
use chancery_spec::resource::ResourceIndicator;
use chancery_spec::response_type::ResponseType;
use chancery_spec::scope::Scope;
use serde::{Deserialize, Serialize};

use crate::id::{ClientId, RealmName};
use crate::moment::Moment;
use crate::secret::SecretDigest;

/// A registered client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Client {
    /// The realm it belongs to.
    pub realm: RealmName,
    /// Its name on the wire.
    pub id: ClientId,
    /// Counts its versions; see [`crate::write::Write::SaveClient`].
    pub revision: u64,
    /// Whether it is served at all.
    pub enabled: bool,
    /// When it was registered.
    pub created_at: Moment,
    /// How it proves who it is at every endpoint that asks.
    pub authentication: ClientAuthenticationMethod,
    /// The secrets that prove it: one, or two while one replaces the other.
    #[serde(default)]
    pub secrets: Vec<ClientSecret>,
    /// Public keys, given by value (RFC 7517 §5).
    #[serde(default)]
    pub jwks: Option<serde_json::Value>,
    /// Where its public keys are found.
    #[serde(default)]
    pub jwks_uri: Option<String>,
    /// The one algorithm of its assertions; any that its keys allow where absent.
    #[serde(default)]
    pub assertion_algorithm: Option<SignatureAlgorithm>,
    /// Where the browser may be sent with an authorization response.
    #[serde(default)]
    pub redirect_uris: Vec<RegisteredRedirectUri>,
    /// Where the browser may be sent after signing out.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<RegisteredRedirectUri>,
    /// The grants it may use.
    #[serde(default)]
    pub grant_types: Vec<GrantType>,
    /// The response types it may use.
    #[serde(default)]
    pub response_types: Vec<ResponseType>,
    /// The scopes it may be granted; nothing else ever is.
    #[serde(default)]
    pub scope: Scope,
    /// The resources it may ask tokens for.
    #[serde(default)]
    pub resources: Vec<ResourceIndicator>,
    /// The `sub` of tokens it gets for itself; its own name where absent.
    #[serde(default)]
    pub subject: Option<String>,
    /// The algorithm of its ID tokens; the realm's where absent.
    #[serde(default)]
    pub id_token_algorithm: Option<SignatureAlgorithm>,
    /// The algorithm of its UserInfo answers; plain JSON where absent.
    #[serde(default)]
    pub userinfo_algorithm: Option<SignatureAlgorithm>,
    /// `max_age` when a request has none, in seconds.
    #[serde(default)]
    pub default_max_age: Option<u64>,
    /// Whether `auth_time` is always in its ID tokens.
    #[serde(default)]
    pub require_auth_time: bool,
    /// Whether the operator vouches for it: its name is shown as verified and, for scopes that
    /// it was given, nobody is asked.
    #[serde(default)]
    pub first_party: bool,
    /// Seconds its access tokens live, where that is less than the realm's figure.
    #[serde(default)]
    pub access_token_lifetime: Option<u64>,
    /// What people read about it.
    #[serde(default)]
    pub display: ClientDisplay,
    /// Registered members that we keep and give back, and act on nowhere.
    #[serde(default)]
    pub other_metadata: serde_json::Map<String, serde_json::Value>,
}

/// What people read about a client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientDisplay {
    /// Its name; its `client_id` where absent.
    pub name: Option<String>,
    /// Its home page.
    pub client_uri: Option<String>,
    /// Its logo.
    pub logo_uri: Option<String>,
    /// Its privacy policy.
    pub policy_uri: Option<String>,
    /// Its terms of service.
    pub tos_uri: Option<String>,
    /// Whom to write to.
    pub contacts: Vec<String>,
}

/// One secret of a client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClientSecret {
    /// How it is kept.
    pub kept: KeptSecret,
    /// When it was made.
    pub created_at: Moment,
    /// When it stops working: set on the older of two.
    #[serde(default)]
    pub expires_at: Option<Moment>,
}

/// How a client's secret is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeptSecret {
    /// It is only ever recognised.
    Digest(SecretDigest),
    /// The protocol must read it back (`client_secret_jwt`: RFC 7523, HS256).
    Sealed(Sealed),
}

impl Client {
    /// What people call it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.display.name.as_deref().unwrap_or(self.id.as_str())
    }

    /// Whether it has no way to prove who it is (RFC 6749 §2.1).
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.authentication == ClientAuthenticationMethod::None
    }

    /// Whether it may use `grant`.
    #[must_use]
    pub fn may_use(&self, grant: GrantType) -> bool {
        self.grant_types.contains(&grant)
    }

    /// The secrets that still work at `now`.
    pub fn live_secrets(&self, now: Moment) -> impl Iterator<Item = &ClientSecret> {
        self.secrets.iter().filter(move |secret| !secret.expires_at.is_some_and(|until| now.is_past(until)))
    }
}
