//! A seed as people write it. The doc comments here are the descriptions of docs/reference/seed.schema.json.

use std::fmt;

use chancery_store::settings::RealmSettings;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

/// Realms of a Chancery server, declared whole.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// Where an editor finds the description of this file. The server does not read it.
    #[serde(default, rename = "$schema")]
    pub schema: Option<String>,
    /// The realms. Those that are not named here are left alone.
    #[serde(default)]
    pub realms: Vec<SeedRealm>,
}

/// One realm: an issuer with its own keys, clients and users.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeedRealm {
    /// Its name: `default` lives at the public URL, others at `/realms/NAME` or at an issuer of their own.
    pub name: String,
    /// What people read on its pages.
    #[serde(default)]
    pub display_name: Option<String>,
    /// Whether it answers at all.
    #[serde(default)]
    pub enabled: Option<bool>,
    /// The bundle that its settings begin from: `standard` or `dev`.
    #[serde(default)]
    pub profile: Option<String>,
    /// Its issuer identifier, where it lives at a host of its own.
    #[serde(default)]
    pub issuer: Option<String>,
    /// Settings that differ from the profile's.
    #[serde(default)]
    #[schemars(with = "RealmSettings")]
    pub settings: Map<String, Value>,
    /// Scopes beside those of OpenID Connect, which every realm knows.
    #[serde(default)]
    pub scopes: Vec<SeedScope>,
    /// The APIs that tokens are for.
    #[serde(default)]
    pub resources: Vec<SeedResource>,
    /// The applications.
    #[serde(default)]
    pub clients: Vec<SeedClient>,
    /// The people.
    #[serde(default)]
    pub users: Vec<SeedUser>,
    /// Signing keys that were made elsewhere. A realm makes those that it needs by itself.
    #[serde(default)]
    pub keys: Vec<SeedKey>,
}

/// A scope that can be granted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeedScope {
    /// The scope itself (RFC 6749 §3.3).
    pub name: String,
    /// What a person reads when asked to agree.
    #[serde(default)]
    pub description: Option<String>,
    /// Claims that it adds to UserInfo.
    #[serde(default)]
    pub claims: Vec<String>,
}

/// An API that accepts tokens.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeedResource {
    /// Its absolute URI (RFC 8707): the `aud` of its tokens.
    pub identifier: String,
    /// What people read about it.
    #[serde(default)]
    pub name: Option<String>,
    /// The scopes it knows, separated by spaces.
    #[serde(default)]
    pub scope: String,
    /// What its access tokens look like.
    #[serde(default)]
    pub token_format: SeedTokenFormat,
    /// Seconds its tokens live, where that is less than the realm's figure.
    #[serde(default)]
    pub access_token_lifetime: Option<u64>,
    /// The algorithm of its tokens, such as `ES256`; the realm's where absent.
    #[serde(default)]
    pub signing_algorithm: Option<String>,
    /// Clients that may introspect its tokens.
    #[serde(default)]
    pub servers: Vec<String>,
}

/// What an access token looks like.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeedTokenFormat {
    /// A signed JWT (RFC 9068).
    #[default]
    Jwt,
    /// A random text that introspection explains.
    Opaque,
}

/// A client: its metadata by the names of RFC 7591, and what only an operator may say of it.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, extend("patternProperties" = {"^(client_name|client_uri|logo_uri|policy_uri|tos_uri)#[A-Za-z0-9-]{1,35}$": {"type": "string"}}))]
pub struct SeedClient {
    /// Its name on the wire.
    pub client_id: String,
    /// A chosen secret. Without one, a client that needs a secret is given one, and the report shows it once.
    #[serde(default)]
    pub client_secret: Option<Hidden>,
    /// Whether it is served at all.
    #[serde(default)]
    pub enabled: Option<bool>,
    /// Whether the operator vouches for it: people are not asked to agree to what it was given.
    #[serde(default)]
    pub first_party: bool,
    /// The resources it may ask tokens for.
    #[serde(default)]
    pub resources: Vec<String>,
    /// The `sub` of tokens that it gets for itself; its `client_id` where absent.
    #[serde(default)]
    pub subject: Option<String>,
    /// Seconds its access tokens live, where that is less than the realm's figure.
    #[serde(default)]
    pub access_token_lifetime: Option<u64>,
    /// Its metadata.
    #[serde(flatten)]
    #[schemars(with = "Metadata")]
    pub metadata: Map<String, Value>,
}

/// The members of client metadata (RFC 7591 §2, OpenID Connect Registration §2). It describes; [`SeedClient`] holds.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Metadata {
    /// Where the browser may be sent with an authorization response. `http` only on the loopback interface, where the port is free.
    pub redirect_uris: Vec<String>,
    /// Where the browser may be sent after signing out.
    pub post_logout_redirect_uris: Vec<String>,
    /// How it proves who it is: `client_secret_basic` (the default), `client_secret_post`, `client_secret_jwt`, `private_key_jwt`, or `none` for a public client.
    pub token_endpoint_auth_method: Option<String>,
    /// The one algorithm of its assertions.
    pub token_endpoint_auth_signing_alg: Option<String>,
    /// How it may get tokens: `authorization_code` (the default), `refresh_token`, `client_credentials`.
    pub grant_types: Vec<String>,
    /// The response types it may use; `code` where it may use `authorization_code`.
    pub response_types: Vec<String>,
    /// The scopes it may be granted, separated by spaces.
    pub scope: Option<String>,
    /// `web`, or `native` for an app with redirect URIs of its own scheme.
    pub application_type: Option<String>,
    /// Its name for people. With a language: `client_name#de`.
    pub client_name: Option<String>,
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
    /// Its public keys.
    pub jwks: Option<Map<String, Value>>,
    /// Where its public keys are found.
    pub jwks_uri: Option<String>,
    /// The algorithm of its ID tokens; the realm's where absent.
    pub id_token_signed_response_alg: Option<String>,
    /// The algorithm of its UserInfo responses; plain JSON where absent.
    pub userinfo_signed_response_alg: Option<String>,
    /// Seconds since the sign-in that are acceptable when a request does not say.
    pub default_max_age: Option<u32>,
    /// Whether its ID tokens always tell when the person signed in.
    pub require_auth_time: bool,
    /// How people are named to it: only `public` is served.
    pub subject_type: Option<String>,
    /// Where others may start a sign-in with it.
    pub initiate_login_uri: Option<String>,
    /// Which software it is.
    pub software_id: Option<String>,
    /// Which version of it.
    pub software_version: Option<String>,
}

/// A person.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeedUser {
    /// What they type to sign in.
    pub username: String,
    /// Their password. Without one they get a one-time link: `chancery user link`.
    #[serde(default)]
    pub password: Option<Hidden>,
    /// Whether they may sign in.
    #[serde(default)]
    pub enabled: Option<bool>,
    /// Whether they may administer the realm.
    #[serde(default)]
    pub administrator: bool,
    /// What is known of them: `name`, `email`, `email_verified`, `address` and so on (OpenID Connect Core §5.1), and others.
    #[serde(default)]
    pub claims: Map<String, Value>,
}

/// A signing key that was made elsewhere. Name exactly one of `private_key_file`, `pem` and `jwk`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeedKey {
    /// What it signs by; what follows from the key where absent.
    #[serde(default)]
    pub algorithm: Option<String>,
    /// A file with the private key, PEM or JWK, beside the seed or by its whole path.
    #[serde(default)]
    pub private_key_file: Option<String>,
    /// The private key as PEM.
    #[serde(default)]
    pub pem: Option<Hidden>,
    /// The private key as a JWK.
    #[serde(default)]
    pub jwk: Option<Map<String, Value>>,
    /// Its name in tokens; its thumbprint (RFC 7638) where absent.
    #[serde(default)]
    pub kid: Option<String>,
    /// How far it is on its way.
    #[serde(default)]
    pub state: SeedKeyState,
}

/// How far a key is on its way.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeedKeyState {
    /// In use; it retires the one before.
    #[default]
    Active,
    /// Shown to verifiers, not in use yet.
    Published,
    /// Shown to verifiers for tokens that are still out.
    Retired,
    /// Shown to nobody.
    Staged,
}

/// A text that is not printed.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(from = "String")]
#[schemars(with = "String")]
pub struct Hidden(Zeroizing<String>);

impl Hidden {
    /// The text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Hidden {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden(..)")
    }
}
