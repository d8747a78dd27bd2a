//! `chancery token mint`: the token endpoint's work for a client itself, done by the operator.

use std::sync::Arc;

use async_trait::async_trait;
use chancery_engine::audit;
use chancery_engine::context::{House, RemoteKeySets, Scene};
use chancery_engine::keyring::KeyRing;
use chancery_engine::seen::SeenTokens;
use chancery_engine::steps::approval::{Approval, Change};
use chancery_engine::steps::{audience, issue};
use chancery_spec::issuer::Issuer;
use chancery_spec::resource::ResourceIndicator;
use chancery_spec::scope::Scope;
use chancery_store::id::ClientId;
use chancery_store::{Commit, Write};
use clap::Args;
use quick_cache::sync::Cache;
use serde_json::json;

use crate::app::{Clock as _, SystemClock, SystemDice};
use crate::cli::desk::{Desk, Sealing};
use crate::cli::{Answer, CommandError, Global, InRealm};

#[derive(Debug, Args)]
pub(in crate::cli) struct Mint {
    /// The client that the token is issued to
    #[arg(long, value_name = "CLIENT_ID", value_parser = crate::cli::client_id)]
    client: ClientId,
    #[command(flatten)]
    realm: InRealm,
    /// The scopes, separated by spaces; all that the client may have for itself where they are not named
    #[arg(long, value_name = "SCOPES")]
    scope: Option<Scope>,
    /// The resource that the token is for; may be repeated
    #[arg(long = "resource", value_name = "URI")]
    resources: Vec<ResourceIndicator>,
    /// Seconds that it lives, where that is less than usual
    #[arg(long, value_name = "SECONDS")]
    lifetime: Option<u64>,
}

impl Mint {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, CommandError> {
        let desk = Desk::open(global, Sealing::Needed).await?;
        let missing = |kind: &str, name: &dyn std::fmt::Display| {
            CommandError::Missing(format!("there is no enabled {kind} {name}"))
        };
        let realm = desk.store.realm(&self.realm.realm).await?.ok_or_else(|| missing("realm", &self.realm.realm))?;
        let client =
            desk.store.client(&realm.name, &self.client).await?.ok_or_else(|| missing("client", &self.client))?;
        let issuer = desk
            .issuer_of(&realm)
            .ok_or_else(|| CommandError::Failed("`public_url` is missing: it is the token's issuer".to_owned()))?;
        if client.is_public() {
            return Err(CommandError::Failed(format!("client {} is public: only people give it tokens", client.id)));
        }
        let own = client.scope.filtered(|token| !audience::is_identity_scope(token));
        let scope = self.scope.unwrap_or_else(|| own.clone());
        if !scope.is_subset(&own) {
            return Err(CommandError::Failed(format!("client {} may have only: {own}", client.id)));
        }
        let resources =
            if self.resources.is_empty() && client.resources.len() == 1 { &client.resources } else { &self.resources };
        if let Some(other) = resources.iter().find(|resource| !client.resources.contains(resource)) {
            return Err(CommandError::Failed(format!("client {} is not registered for {other}", client.id)));
        }

        let dice = SystemDice;
        let scene = Scene { realm: realm.clone(), issuer: issuer.clone(), now: SystemClock.now(), dice: &dice };
        let house = house(desk, &issuer)?;
        let mut audience = audience::resolve(&house, &scene, &client, resources).await?;
        audience.lifetime = self.lifetime.unwrap_or(u64::MAX).min(audience.lifetime).max(1);
        let approval = Approval {
            subject: client.subject.clone().unwrap_or_else(|| client.id.to_string()),
            scope: audience.limit(&scope),
            granted_scope: scope,
            audience,
            person: None,
            refresh_token: None,
            change: Change::TokenOnly,
        };
        let keys = house.keys.of(&*house.store, &realm.name).await?;
        let minted = issue::mint(&scene, &keys, &client, &approval)?;
        let detail =
            json!({"by": "command line", "jti": minted.jti, "scope": approval.scope, "aud": approval.audience.names});
        let event = audit::event(&scene, "token.minted", Some(&client.id), None, detail);
        let write = approval.change.into_write(&realm.name, scene.now, minted.opaque).unwrap_or(Write::Record);
        if house.store.commit(write, vec![event]).await? != Commit::Done {
            return Err(CommandError::Conflict("the token could not be recorded and is not handed out".to_owned()));
        }
        let text = minted.response.access_token.clone();
        let document =
            serde_json::to_value(&minted.response).map_err(|error| CommandError::Failed(error.to_string()))?;
        Ok(Answer::new(document, text))
    }
}

/// The house of decisions, with nobody to fetch keys: making a token asks for none.
fn house(desk: Desk, issuer: &str) -> Result<House, CommandError> {
    let passwords = Arc::new(desk.hashing()?);
    Ok(House {
        store: desk.store,
        keys: KeyRing::new(desk.vault, 1),
        client_keys: Cache::new(1),
        seen: SeenTokens::new(1),
        public_url: Issuer::parse(issuer).map_err(|bad| CommandError::Failed(bad.to_string()))?,
        remote_keys: Arc::new(Nobody),
        passwords,
    })
}

struct Nobody;

#[async_trait]
impl RemoteKeySets for Nobody {
    async fn fetch(&self, _uri: &str, _fresh: bool) -> Result<Arc<serde_json::Value>, String> {
        Err("keys are not fetched here".to_owned())
    }
}
