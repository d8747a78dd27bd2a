//! What `client add` and `client update` take, and how it is laid over a client's plan.

use std::path::PathBuf;

use chancery_engine::directory::client_plan::ClientPlan;
use chancery_store::secret::Secret;
use clap::Args;
use serde_json::{Map, Value, json};

use super::CommandError;
use super::desk::{read_secret, read_text};

/// Traits of a client. Those that are not named stay as they are.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct ClientTraits {
    /// Its name for people
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Where the browser may be sent with an answer; may be repeated
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// Where the browser may be sent after signing out; may be repeated
    #[arg(long = "post-logout-redirect-uri", value_name = "URI")]
    post_logout_redirect_uris: Vec<String>,
    /// How it may get tokens: authorization_code, refresh_token, client_credentials; may be repeated
    #[arg(long = "grant", value_name = "TYPE")]
    grants: Vec<String>,
    /// The scopes it may be granted, separated by spaces
    #[arg(long, value_name = "SCOPES")]
    scope: Option<String>,
    /// How it proves who it is: client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt, none
    #[arg(long = "auth", value_name = "METHOD", conflicts_with = "public")]
    authentication: Option<String>,
    /// A client without a secret: an app, a page in the browser
    #[arg(long)]
    public: bool,
    /// A file with its public keys (a JWK set)
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// Where its public keys are found
    #[arg(long, value_name = "URL", conflicts_with = "jwks")]
    jwks_uri: Option<String>,
    /// A resource that it may ask tokens for; may be repeated
    #[arg(long = "resource", value_name = "URI")]
    resources: Vec<String>,
    /// The `sub` of tokens that it gets for itself
    #[arg(long, value_name = "NAME")]
    subject: Option<String>,
    /// Seconds that its access tokens live at most
    #[arg(long, value_name = "SECONDS")]
    access_token_lifetime: Option<u64>,
    /// Whether the operator vouches for it, so that people are not asked to agree
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    first_party: Option<bool>,
    /// A JSON file with client metadata by the names of RFC 7591; `-` reads standard input. Flags come before it
    #[arg(long, value_name = "FILE")]
    metadata: Option<PathBuf>,
    /// A file with a chosen secret; `-` reads standard input. A generated one is better
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
}

/// The same, with its files read.
pub(super) struct Read {
    traits: ClientTraits,
    metadata: Map<String, Value>,
    secret: Option<Secret>,
}

impl ClientTraits {
    /// Reads the files that are named.
    pub(super) fn read(self) -> Result<Read, CommandError> {
        let mut metadata = match &self.metadata {
            Some(path) => match serde_json::from_str(&read_text(path)?) {
                Ok(Value::Object(members)) => members,
                Ok(_) | Err(_) => return Err(CommandError::Failed(format!("{} holds no JSON object", path.display()))),
            },
            None => Map::new(),
        };
        if let Some(path) = &self.jwks {
            let text = read_text(path)?;
            let set = serde_json::from_str(&text)
                .map_err(|_| CommandError::Failed(format!("{} holds no JSON", path.display())))?;
            metadata.insert("jwks".to_owned(), set);
        }
        let secret = self.secret_file.as_deref().map(read_secret).transpose()?;
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                metadata.insert(name.to_owned(), value);
            }
        };
        let list = |items: &[String]| (!items.is_empty()).then(|| json!(items));
        put("client_name", self.name.as_ref().map(|name| json!(name)));
        put("redirect_uris", list(&self.redirect_uris));
        put("post_logout_redirect_uris", list(&self.post_logout_redirect_uris));
        put("grant_types", list(&self.grants));
        put("scope", self.scope.as_ref().map(|scope| json!(scope)));
        put("token_endpoint_auth_method", self.authentication.as_ref().map(|method| json!(method)));
        put("token_endpoint_auth_method", self.public.then(|| json!("none")));
        put("jwks_uri", self.jwks_uri.as_ref().map(|uri| json!(uri)));
        Ok(Read { traits: self, metadata, secret })
    }
}

impl Read {
    /// Whether it says nothing at all.
    pub(super) fn is_empty(&self) -> bool {
        let traits = &self.traits;
        self.metadata.is_empty()
            && self.secret.is_none()
            && traits.resources.is_empty()
            && traits.subject.is_none()
            && traits.access_token_lifetime.is_none()
            && traits.first_party.is_none()
    }

    /// Lays it over a plan.
    pub(super) fn over(&self, mut plan: ClientPlan) -> ClientPlan {
        // Response types follow the grants, unless they are named too; one set of keys replaces the other.
        if self.metadata.contains_key("grant_types") {
            plan.metadata.remove("response_types");
        }
        if self.metadata.contains_key("jwks") || self.metadata.contains_key("jwks_uri") {
            plan.metadata.remove("jwks");
            plan.metadata.remove("jwks_uri");
        }
        plan.metadata.extend(self.metadata.clone());
        let traits = &self.traits;
        if let Some(secret) = &self.secret {
            plan.secret = Some(Secret::presented(secret.expose()));
        }
        if !traits.resources.is_empty() {
            plan.resources.clone_from(&traits.resources);
        }
        if traits.subject.is_some() {
            plan.subject.clone_from(&traits.subject);
        }
        plan.access_token_lifetime = traits.access_token_lifetime.or(plan.access_token_lifetime);
        plan.first_party = traits.first_party.unwrap_or(plan.first_party);
        plan
    }
}
