//! Resources: the APIs that tokens are for.

use chancery_jose::SignatureAlgorithm;
use chancery_spec::resource::ResourceIndicator;
use chancery_spec::scope::Scope;
use chancery_store::Write;
use chancery_store::audit::AuditEvent;
use chancery_store::id::{ClientId, RealmName};
use chancery_store::resource::{Resource, TokenFormat};
use serde_json::Value;

use super::{ATTEMPTS, Complaints, DirectoryError, Outcome, PAGE, Steward};

/// A resource as asked for, not yet checked.
#[derive(Clone, Debug, Default)]
pub struct ResourcePlan {
    /// Its absolute URI (RFC 8707).
    pub identifier: String,
    /// What people read about it.
    pub name: Option<String>,
    /// The scopes it knows, separated by spaces.
    pub scope: String,
    /// What its tokens look like.
    pub token_format: TokenFormat,
    /// Seconds its tokens live at most.
    pub access_token_lifetime: Option<u64>,
    /// The algorithm of its tokens.
    pub signing_algorithm: Option<SignatureAlgorithm>,
    /// The clients that may introspect its tokens.
    pub servers: Vec<String>,
}

impl Steward<'_> {
    /// Makes the resource that `plan` names be as `plan` says, whether there is one or not.
    ///
    /// # Errors
    /// [`DirectoryError::Refused`], and those of the store.
    pub async fn declare_resource(
        &self,
        realm: &RealmName,
        plan: &ResourcePlan,
    ) -> Result<(Outcome, Resource), DirectoryError> {
        let identifier = ResourceIndicator::parse(&plan.identifier)
            .map_err(|bad| DirectoryError::refused("identifier", bad.to_string()))?;
        let known = self.realm(realm).await?;
        for _ in 0..ATTEMPTS {
            let former = self.store.resource_record(realm, &identifier).await?;
            let mut resource = Resource {
                realm: realm.clone(),
                identifier: identifier.clone(),
                revision: former.as_ref().map_or(1, |former| former.revision),
                enabled: former.as_ref().is_none_or(|former| former.enabled),
                name: plan.name.clone(),
                scope: Scope::default(),
                token_format: plan.token_format,
                access_token_lifetime: plan.access_token_lifetime,
                signing_algorithm: plan.signing_algorithm,
                servers: Vec::new(),
            };
            let is_known = |scope: &str| known.scope(scope).is_some();
            fill(&mut resource, plan, is_known)?;
            let outcome = match &former {
                None => Outcome::Created,
                Some(former) if *former == resource => return Ok((Outcome::Unchanged, resource)),
                Some(_) => {
                    resource.revision += 1;
                    Outcome::Changed
                }
            };
            let kind = if outcome == Outcome::Created { "resource.created" } else { "resource.changed" };
            let event = self.resource_event(kind, &resource);
            if self.is_done(Write::SaveResource(Box::new(resource.clone())), vec![event]).await? {
                return Ok((outcome, resource));
            }
        }
        Err(DirectoryError::RaceLost)
    }

    /// Removes a resource: no token is issued for it any more.
    ///
    /// # Errors
    /// [`DirectoryError::Missing`], and those of the store.
    pub async fn remove_resource(
        &self,
        realm: &RealmName,
        identifier: &ResourceIndicator,
    ) -> Result<(), DirectoryError> {
        let found = self.store.resource_record(realm, identifier).await?;
        let resource = found.ok_or_else(|| DirectoryError::missing("resource", identifier))?;
        let event = self.resource_event("resource.removed", &resource);
        let write = Write::RemoveResource { realm: realm.clone(), resource: identifier.clone() };
        let done = self.is_done(write, vec![event]).await?;
        if done { Ok(()) } else { Err(DirectoryError::missing("resource", identifier)) }
    }

    /// All resources of a realm, enabled or not.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn resources(&self, realm: &RealmName) -> Result<Vec<Resource>, DirectoryError> {
        let mut all: Vec<Resource> = Vec::new();
        loop {
            let page =
                self.store.resource_records(realm, all.last().map(|resource| &resource.identifier), PAGE).await?;
            let is_last = page.len() < PAGE as usize;
            all.extend(page);
            if is_last {
                return Ok(all);
            }
        }
    }

    fn resource_event(&self, kind: &str, resource: &Resource) -> AuditEvent {
        let mut event = self.event(&resource.realm, kind);
        event.detail.insert("resource".to_owned(), Value::String(resource.identifier.as_str().to_owned()));
        event
    }
}

/// The members that are text in the plan.
fn fill(resource: &mut Resource, plan: &ResourcePlan, is_known: impl Fn(&str) -> bool) -> Result<(), Complaints> {
    let mut complaints = Complaints::default();
    match Scope::parse(&plan.scope) {
        Ok(scope) => {
            for token in scope.iter().filter(|token| !is_known(token.as_str())) {
                complaints.push("scope", format!("the realm knows no scope {token}"));
            }
            resource.scope = scope;
        }
        Err(bad) => complaints.push("scope", bad.to_string()),
    }
    for (at, server) in plan.servers.iter().enumerate() {
        match ClientId::parse(server) {
            Ok(id) => resource.servers.push(id),
            Err(bad) => complaints.push(format!("servers[{at}]"), bad.0),
        }
    }
    if plan.access_token_lifetime == Some(0) {
        complaints.push("access_token_lifetime", "must be at least one second");
    }
    if plan.signing_algorithm.is_some_and(SignatureAlgorithm::is_symmetric) {
        complaints.push("signing_algorithm", "tokens are signed with an asymmetric algorithm");
    }
    complaints.or(())
}
