//! Clients: added, changed, removed; their secrets handed out once.

use chancery_jose::SignatureAlgorithm;
use chancery_spec::client_authentication::ClientAuthenticationMethod;
use chancery_spec::resource::ResourceIndicator;
use chancery_spec::scope::Scope;
use chancery_store::Write;
use chancery_store::audit::AuditEvent;
use chancery_store::client::{Client, ClientDisplay};
use chancery_store::id::{ClientId, RealmName};
use chancery_store::key::{KeyPurpose, KeyState};
use chancery_store::secret::Secret;
use serde_json::{Map, Value};

use super::client_plan::{ClientPlan, metadata_of};
use super::client_rules::{Setting, judge};
use super::client_secrets::weigh;
use super::{ATTEMPTS, Complaints, DirectoryError, Outcome, PAGE, Steward};

/// A client as it now stands.
#[derive(Debug)]
pub struct Registered {
    /// The record.
    pub client: Client,
    /// A secret that was generated: it is nowhere else and must be shown now.
    pub secret: Option<Secret>,
    /// What was accepted and should be thought over, in sentences.
    pub warnings: Vec<String>,
}

impl Steward<'_> {
    /// Registers a client.
    ///
    /// # Errors
    /// [`DirectoryError::Refused`] with every complaint, [`DirectoryError::Taken`], and those of the store.
    pub async fn add_client(&self, realm: &RealmName, plan: &ClientPlan) -> Result<Registered, DirectoryError> {
        let setting = self.setting(realm, plan).await?;
        for _ in 0..ATTEMPTS {
            let (registered, _) = self.decide_client(plan, &setting, None)?;
            let id = registered.client.id.clone();
            if self.store.client_record(realm, &id).await?.is_some() {
                return Err(DirectoryError::taken("client", id));
            }
            let event = self.client_event("client.created", &registered.client);
            if self.is_done(Write::SaveClient(Box::new(registered.client.clone())), vec![event]).await? {
                return Ok(registered);
            }
        }
        Err(DirectoryError::RaceLost)
    }

    /// Makes a client what `replan` makes of it. Its secrets stay where they still fit.
    ///
    /// # Errors
    /// [`DirectoryError::Missing`], [`DirectoryError::Refused`], and those of the store.
    pub async fn change_client(
        &self,
        realm: &RealmName,
        id: &ClientId,
        replan: impl Fn(ClientPlan) -> ClientPlan + Send + Sync,
    ) -> Result<(Outcome, Registered), DirectoryError> {
        for _ in 0..ATTEMPTS {
            let former = self.client_record(realm, id).await?;
            let plan = replan(ClientPlan::of(&former));
            let setting = self.setting(realm, &plan).await?;
            if let Some(settled) = self.settle_client(&plan, &setting, Some(former)).await? {
                return Ok(settled);
            }
        }
        Err(DirectoryError::RaceLost)
    }

    /// Makes the client that `plan` names be as `plan` says, whether there is one or not. A client
    /// that is so already is left alone.
    ///
    /// # Errors
    /// [`DirectoryError::Refused`], and those of the store.
    pub async fn declare_client(
        &self,
        realm: &RealmName,
        plan: &ClientPlan,
    ) -> Result<(Outcome, Registered), DirectoryError> {
        let Some(id) = &plan.id else { return Ok((Outcome::Created, self.add_client(realm, plan).await?)) };
        let id = ClientId::parse(id).map_err(|bad| DirectoryError::refused("client_id", bad.0))?;
        for _ in 0..ATTEMPTS {
            let former = self.store.client_record(realm, &id).await?;
            let setting = self.setting(realm, plan).await?;
            if let Some(settled) = self.settle_client(plan, &setting, former).await? {
                return Ok(settled);
            }
        }
        Err(DirectoryError::RaceLost)
    }

    /// Gives a client a new secret; the one it had works for another `former_lives` seconds.
    ///
    /// # Errors
    /// [`DirectoryError::Missing`], [`DirectoryError::Forbidden`] for a client without secrets, and those of the store.
    pub async fn rotate_secret(
        &self,
        realm: &RealmName,
        id: &ClientId,
        former_lives: u64,
    ) -> Result<Registered, DirectoryError> {
        for _ in 0..ATTEMPTS {
            let mut client = self.client_record(realm, id).await?;
            client.revision += 1;
            let secret = self.renew(&mut client, former_lives)?;
            let event = self.client_event("client.secret_rotated", &client);
            if self.is_done(Write::SaveClient(Box::new(client.clone())), vec![event]).await? {
                return Ok(Registered { client, secret: Some(secret), warnings: Vec::new() });
            }
        }
        Err(DirectoryError::RaceLost)
    }

    /// Has a client served, or not at all.
    ///
    /// # Errors
    /// [`DirectoryError::Missing`], and those of the store.
    pub async fn enable_client(
        &self,
        realm: &RealmName,
        id: &ClientId,
        enabled: bool,
    ) -> Result<Outcome, DirectoryError> {
        for _ in 0..ATTEMPTS {
            let mut client = self.client_record(realm, id).await?;
            if client.enabled == enabled {
                return Ok(Outcome::Unchanged);
            }
            client.enabled = enabled;
            client.revision += 1;
            let event = self.client_event(if enabled { "client.enabled" } else { "client.disabled" }, &client);
            if self.is_done(Write::SaveClient(Box::new(client)), vec![event]).await? {
                return Ok(Outcome::Changed);
            }
        }
        Err(DirectoryError::RaceLost)
    }

    /// Removes a client and everything that was granted to it.
    ///
    /// # Errors
    /// [`DirectoryError::Missing`], and those of the store.
    pub async fn remove_client(&self, realm: &RealmName, id: &ClientId) -> Result<(), DirectoryError> {
        let client = self.client_record(realm, id).await?;
        let event = self.client_event("client.removed", &client);
        let write = Write::RemoveClient { realm: realm.clone(), client: id.clone(), at: self.now };
        if self.is_done(write, vec![event]).await? { Ok(()) } else { Err(DirectoryError::missing("client", id)) }
    }

    /// All clients of a realm by name, enabled or not.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn clients(&self, realm: &RealmName) -> Result<Vec<Client>, DirectoryError> {
        let mut all: Vec<Client> = Vec::new();
        loop {
            let page = self.store.client_records(realm, all.last().map(|client| &client.id), PAGE).await?;
            let is_last = page.len() < PAGE as usize;
            all.extend(page);
            if is_last {
                return Ok(all);
            }
        }
    }

    /// The client of this name, enabled or not.
    ///
    /// # Errors
    /// [`DirectoryError::Missing`], and those of the store.
    pub async fn client_record(&self, realm: &RealmName, id: &ClientId) -> Result<Client, DirectoryError> {
        self.store.client_record(realm, id).await?.ok_or_else(|| DirectoryError::missing("client", id))
    }

    /// What the rules look at.
    async fn setting(&self, realm: &RealmName, plan: &ClientPlan) -> Result<Setting, DirectoryError> {
        let realm = self.realm(realm).await?;
        let mut resources = Vec::new();
        for resource in plan.resources.iter().filter_map(|text| ResourceIndicator::parse(text).ok()) {
            if self.store.resource_record(&realm.name, &resource).await?.is_some() {
                resources.push(resource);
            }
        }
        // These two every realm has, or is about to have.
        let mut algorithms = vec![realm.settings.signing_algorithm, SignatureAlgorithm::Rs256];
        algorithms.extend(self.store.keys(&realm.name).await?.iter().filter_map(|key| match key.purpose {
            KeyPurpose::Sign(algorithm) if key.state == KeyState::Active => Some(algorithm),
            KeyPurpose::Sign(_) | KeyPurpose::Derive => None,
        }));
        Ok(Setting { realm, resources, algorithms })
    }

    /// One round of a change; `None` where the race was lost.
    async fn settle_client(
        &self,
        plan: &ClientPlan,
        setting: &Setting,
        former: Option<Client>,
    ) -> Result<Option<(Outcome, Registered)>, DirectoryError> {
        let (registered, outcome) = self.decide_client(plan, setting, former.as_ref())?;
        let kind = match outcome {
            Outcome::Unchanged => return Ok(Some((outcome, registered))),
            Outcome::Created => "client.created",
            Outcome::Changed => "client.changed",
        };
        let mut event = self.client_event(kind, &registered.client);
        if let Some(former) = &former {
            event.detail.insert("members".to_owned(), changed_members(former, &registered.client));
        }
        let write = Write::SaveClient(Box::new(registered.client.clone()));
        Ok(self.is_done(write, vec![event]).await?.then_some((outcome, registered)))
    }

    /// The client to be saved. It is `former` itself where nothing changes.
    fn decide_client(
        &self,
        plan: &ClientPlan,
        setting: &Setting,
        former: Option<&Client>,
    ) -> Result<(Registered, Outcome), DirectoryError> {
        let mut complaints = Complaints::default();
        let id = match (&plan.id, former) {
            (_, Some(former)) => former.id.clone(),
            (None, None) => self.fresh_client_id()?,
            (Some(chosen), None) => match ClientId::parse(chosen) {
                Ok(id) => id,
                Err(bad) => {
                    complaints.push("client_id", bad.0);
                    self.fresh_client_id()?
                }
            },
        };
        let judged = judge(plan, setting, self.blank(&setting.realm.name, id, former));
        let mut client = match judged {
            Ok(client) => client,
            Err(mut further) => {
                further.append(complaints);
                return Err(further.into());
            }
        };
        let warning = plan.secret.as_ref().and_then(|secret| weigh(&client, secret, setting, &mut complaints));
        complaints.or(())?;
        let secret = self.furnish(&mut client, former, plan.secret.as_ref())?;
        let outcome = match former {
            None => Outcome::Created,
            Some(former) if *former == client => Outcome::Unchanged,
            Some(_) => {
                client.revision += 1;
                Outcome::Changed
            }
        };
        Ok((Registered { client, secret, warnings: warning.into_iter().collect() }, outcome))
    }

    /// A client that may do nothing, with the name and the history that it keeps.
    fn blank(&self, realm: &RealmName, id: ClientId, former: Option<&Client>) -> Client {
        Client {
            realm: realm.clone(),
            id,
            revision: former.map_or(1, |former| former.revision),
            enabled: former.is_none_or(|former| former.enabled),
            created_at: former.map_or(self.now, |former| former.created_at),
            authentication: ClientAuthenticationMethod::ClientSecretBasic,
            secrets: Vec::new(),
            jwks: None,
            jwks_uri: None,
            assertion_algorithm: None,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            grant_types: Vec::new(),
            response_types: Vec::new(),
            scope: Scope::default(),
            resources: Vec::new(),
            subject: None,
            id_token_algorithm: None,
            userinfo_algorithm: None,
            default_max_age: None,
            require_auth_time: false,
            first_party: false,
            access_token_lifetime: None,
            display: ClientDisplay::default(),
            other_metadata: Map::new(),
        }
    }

    fn client_event(&self, kind: &str, client: &Client) -> AuditEvent {
        AuditEvent { client: Some(client.id.as_str().to_owned()), ..self.event(&client.realm, kind) }
    }
}

/// The names of the members that differ; values stay out of the audit.
fn changed_members(former: &Client, client: &Client) -> Value {
    let (before, after) = (metadata_of(former), metadata_of(client));
    let mut names: Vec<&str> =
        before.iter().filter(|(name, value)| after.get(*name) != Some(value)).map(|(name, _)| name.as_str()).collect();
    names.extend(after.keys().filter(|name| !before.contains_key(*name)).map(String::as_str));
    for (differs, name) in [
        (former.secrets != client.secrets, "client_secret"),
        (former.first_party != client.first_party, "first_party"),
        (former.resources != client.resources, "resources"),
        (former.subject != client.subject, "subject"),
        (former.access_token_lifetime != client.access_token_lifetime, "access_token_lifetime"),
    ] {
        if differs {
            names.push(name);
        }
    }
    names.sort_unstable();
    serde_json::json!(names)
}
