//! The credentials of the demo, as a person or a script is told them.

use chancery_engine::directory::Steward;
use chancery_engine::directory::client_plan::needs_secret;
use chancery_spec::client_authentication::ClientAuthenticationMethod as Method;
use chancery_store::id::{ClientId, RealmName};
use chancery_store::secret::Secret;
use serde_json::{Value, json};

use super::chance;
use crate::cli::CommandError;
use crate::cli::desk::issuer_of;
use crate::seed::Seed;
use crate::seed::written::{Hidden, SeedClient};

/// What only this process knows: the store keeps digests.
pub(super) struct Credentials {
    clients: Vec<(String, String, Option<Hidden>)>,
    users: Vec<(String, String, Option<Hidden>)>,
}

/// A client whose credentials are told.
pub(super) struct ToldClient {
    pub(super) id: String,
    pub(super) secret: Option<Hidden>,
    document: Value,
}

/// Everything that is told when the server is ready.
pub(super) struct Told {
    pub(super) issuer: String,
    pub(super) clients: Vec<ToldClient>,
    pub(super) users: Vec<(String, Option<Hidden>)>,
    pub(super) admin_url: String,
    pub(super) admin_token: String,
    users_document: Vec<Value>,
}

impl Credentials {
    /// Chooses a secret for each client that needs one and has none, so that it can be told.
    pub(super) fn choose(seed: &mut Seed) -> Result<Self, CommandError> {
        let (mut clients, mut users) = (Vec::new(), Vec::new());
        for realm in &mut seed.realms {
            for client in &mut realm.clients {
                if client.client_secret.is_none()
                    && let Some(method) = secret_method(client)
                {
                    client.client_secret = Some(Hidden::from(fresh_secret(method)?));
                }
                clients.push((realm.name.clone(), client.client_id.clone(), client.client_secret.clone()));
            }
            users.extend(
                realm.users.iter().map(|user| (realm.name.clone(), user.username.clone(), user.password.clone())),
            );
        }
        Ok(Self { clients, users })
    }

    /// With what the store made of the clients.
    pub(super) async fn tell(
        self,
        steward: &Steward<'_>,
        public_url: &str,
        token: Secret,
    ) -> Result<Told, CommandError> {
        let mut clients = Vec::new();
        for (realm, id, secret) in self.clients {
            let bad = |bad: chancery_store::id::BadName| CommandError::Failed(bad.to_string());
            let realm = steward.realm(&RealmName::parse(&realm).map_err(bad)?).await?;
            let client = steward.client_record(&realm.name, &ClientId::parse(&id).map_err(bad)?).await?;
            let document = json!({
                "client_id": id,
                "client_secret": secret.as_ref().map(Hidden::expose),
                "redirect_uris": client.redirect_uris,
                "grant_types": client.grant_types,
                "scope": client.scope,
                "realm": realm.name.as_str(),
                "issuer": issuer_of(Some(public_url), &realm),
            });
            clients.push(ToldClient { id, secret, document });
        }
        let users_document = self
            .users
            .iter()
            .map(|(realm, name, password)| json!({"username": name, "password": password.as_ref().map(Hidden::expose), "realm": realm}))
            .collect();
        let default = steward.realm(&RealmName::default_realm()).await?;
        Ok(Told {
            issuer: issuer_of(Some(public_url), &default).unwrap_or_default(),
            clients,
            users: self.users.into_iter().map(|(_, name, password)| (name, password)).collect(),
            admin_url: format!("{public_url}/admin/api"),
            admin_token: token.into_wire(),
            users_document,
        })
    }
}

impl ToldClient {
    /// Whether it gets tokens for itself.
    pub(super) fn is_machine(&self) -> bool {
        let grants = self.document.get("grant_types").and_then(Value::as_array);
        grants.is_some_and(|grants| grants.iter().any(|grant| grant == "client_credentials"))
    }
}

impl Told {
    /// The one line of `--json`.
    pub(super) fn document(&self) -> Value {
        json!({
            "issuer": self.issuer,
            "clients": self.clients.iter().map(|client| &client.document).collect::<Vec<_>>(),
            "users": self.users_document,
            "admin": {"url": self.admin_url, "token": self.admin_token},
        })
    }
}

/// How the client authenticates, if by a secret; without a word it does (RFC 7591 §2).
fn secret_method(client: &SeedClient) -> Option<Method> {
    let method = client.metadata.get("token_endpoint_auth_method").and_then(Value::as_str);
    method.map_or(Some(Method::ClientSecretBasic), Method::parse).filter(|method| needs_secret(*method))
}

/// One of 256 bits; twice as long where it may have to be the key of an HMAC (RFC 7518 §3.2).
fn fresh_secret(method: Method) -> Result<String, CommandError> {
    let secret = Secret::from_chance(chance()?);
    if method == Method::ClientSecretJwt {
        return Ok(format!("{}{}", secret.expose(), Secret::from_chance(chance()?).expose()));
    }
    Ok(secret.into_wire())
}
