//! What a client shall be: RFC 7591 metadata, and what only an operator may say.

use chancery_spec::client_authentication::ClientAuthenticationMethod;
use chancery_spec::client_metadata::ClientMetadata;
use chancery_store::client::Client;
use chancery_store::secret::Secret;
use serde_json::{Map, Value, json};

/// A client as it is asked for, not yet checked.
#[derive(Debug, Default)]
pub struct ClientPlan {
    /// The `client_id`; a generated one where absent.
    pub id: Option<String>,
    /// A chosen secret; where one is needed and none chosen, the client keeps its own or is given a fresh one.
    pub secret: Option<Secret>,
    /// Client metadata by its names on the wire (RFC 7591 §2, OIDC Registration §2).
    pub metadata: Map<String, Value>,
    /// Whether the operator vouches for it.
    pub first_party: bool,
    /// The resources it may ask tokens for.
    pub resources: Vec<String>,
    /// The `sub` of tokens it gets for itself.
    pub subject: Option<String>,
    /// Seconds its access tokens live at most.
    pub access_token_lifetime: Option<u64>,
}

impl ClientPlan {
    /// The plan that a client's own registration makes (RFC 7591 §3.1): it never vouches for itself.
    #[must_use]
    pub fn of_metadata(metadata: &ClientMetadata) -> Self {
        let members = match serde_json::to_value(metadata) {
            Ok(Value::Object(members)) => members,
            Ok(_) | Err(_) => Map::new(),
        };
        Self { metadata: members, ..Self::default() }
    }

    /// The plan that says what `client` already is.
    #[must_use]
    pub fn of(client: &Client) -> Self {
        Self {
            id: Some(client.id.as_str().to_owned()),
            secret: None,
            metadata: metadata_of(client),
            first_party: client.first_party,
            resources: client.resources.iter().map(|resource| resource.as_str().to_owned()).collect(),
            subject: client.subject.clone(),
            access_token_lifetime: client.access_token_lifetime,
        }
    }
}

/// What a client is, by the names of RFC 7591 §2. Secrets are not among it.
#[must_use]
pub fn metadata_of(client: &Client) -> Map<String, Value> {
    let mut members = client.other_metadata.clone();
    let mut put = |name: &str, value: Value| {
        let says_nothing =
            value.is_null() || value.as_array().is_some_and(Vec::is_empty) || value.as_bool() == Some(false);
        if !says_nothing {
            members.insert(name.to_owned(), value);
        }
    };
    put("client_name", json!(client.display.name));
    put("client_uri", json!(client.display.client_uri));
    put("logo_uri", json!(client.display.logo_uri));
    put("policy_uri", json!(client.display.policy_uri));
    put("tos_uri", json!(client.display.tos_uri));
    put("contacts", json!(client.display.contacts));
    put("redirect_uris", json!(client.redirect_uris));
    put("post_logout_redirect_uris", json!(client.post_logout_redirect_uris));
    put("token_endpoint_auth_method", json!(client.authentication));
    put("token_endpoint_auth_signing_alg", json!(client.assertion_algorithm));
    put("id_token_signed_response_alg", json!(client.id_token_algorithm));
    put("userinfo_signed_response_alg", json!(client.userinfo_algorithm));
    put("default_max_age", json!(client.default_max_age));
    put("require_auth_time", json!(client.require_auth_time));
    put("jwks", json!(client.jwks));
    put("jwks_uri", json!(client.jwks_uri));
    // These two have defaults that an empty list must override.
    members.insert("grant_types".to_owned(), json!(client.grant_types));
    members.insert("response_types".to_owned(), json!(client.response_types));
    members.insert("scope".to_owned(), json!(client.scope));
    members
}

/// Whether a client that authenticates by `method` has a secret.
#[must_use]
pub fn needs_secret(method: ClientAuthenticationMethod) -> bool {
    match method {
        ClientAuthenticationMethod::ClientSecretBasic
        | ClientAuthenticationMethod::ClientSecretJwt
        | ClientAuthenticationMethod::ClientSecretPost => true,
        ClientAuthenticationMethod::None
        | ClientAuthenticationMethod::PrivateKeyJwt
        | ClientAuthenticationMethod::SelfSignedTlsClientAuth
        | ClientAuthenticationMethod::TlsClientAuth => false,
    }
}
