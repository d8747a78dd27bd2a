//! A store in which a seed is rehearsed: what is written is seen by later reads and never kept.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chancery_engine::context::{HashingBusy, PasswordHashing};
use chancery_spec::resource::ResourceIndicator;
use chancery_store::attempt::{AttemptKey, Attempts};
use chancery_store::audit::AuditEvent;
use chancery_store::client::Client;
use chancery_store::code::Code;
use chancery_store::consent::Consent;
use chancery_store::credential::PasswordCredential;
use chancery_store::error::StoreResult;
use chancery_store::family::Family;
use chancery_store::id::{AuditId, ClientId, FamilyId, PendingId, RealmName, SessionId, UserId, Username};
use chancery_store::key::{Key, KeyState};
use chancery_store::link::PasswordLink;
use chancery_store::pending::Pending;
use chancery_store::realm::Realm;
use chancery_store::resource::Resource;
use chancery_store::secret::{Secret, SecretDigest};
use chancery_store::session::Session;
use chancery_store::store::Change;
use chancery_store::token::OpaqueToken;
use chancery_store::user::User;
use chancery_store::{Commit, Moment, Store, StoreError, Write};
use tokio::sync::broadcast;

/// A real store behind, and what the rehearsal wrote before it.
pub(super) struct Rehearsal {
    real: Arc<dyn Store>,
    written: Mutex<Written>,
}

#[derive(Default)]
struct Written {
    realms: BTreeMap<RealmName, Realm>,
    clients: BTreeMap<(RealmName, ClientId), Client>,
    resources: BTreeMap<(RealmName, ResourceIndicator), Resource>,
    keys: Vec<Key>,
    users: BTreeMap<(RealmName, Username), User>,
    passwords: BTreeMap<(RealmName, UserId), PasswordCredential>,
}

impl Written {
    #[expect(clippy::wildcard_enum_match_arm, reason = "a seed makes few of the changes there are; others are refused")]
    fn take(&mut self, write: Write) -> StoreResult<Commit> {
        match write {
            Write::SaveRealm(realm) => drop(self.realms.insert(realm.name.clone(), *realm)),
            Write::SaveClient(client) => {
                drop(self.clients.insert((client.realm.clone(), client.id.clone()), *client));
            }
            Write::SaveResource(resource) => {
                drop(self.resources.insert((resource.realm.clone(), resource.identifier.clone()), *resource));
            }
            Write::SaveKeys(keys) => {
                self.keys.retain(|known| !keys.iter().any(|key| key.realm == known.realm && key.kid == known.kid));
                self.keys.extend(keys);
            }
            Write::SaveUser { user, .. } => {
                drop(self.users.insert((user.realm.clone(), user.username.clone()), *user));
            }
            Write::SavePassword { credential } => {
                drop(self.passwords.insert((credential.realm.clone(), credential.user), credential));
            }
            _ => return Err(StoreError::Refused("this change cannot be rehearsed".to_owned())),
        }
        Ok(Commit::Done)
    }
}

impl Rehearsal {
    pub(super) fn over(real: Arc<dyn Store>) -> Self {
        Self { real, written: Mutex::default() }
    }

    fn written<T>(&self, look: impl FnOnce(&mut Written) -> T) -> T {
        // A rehearsal that panicked wrote nothing that outlives it.
        look(&mut self.written.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Store for Rehearsal {
    async fn realm(&self, name: &RealmName) -> StoreResult<Option<Arc<Realm>>> {
        Ok(self.realm_record(name).await?.filter(|realm| realm.enabled).map(Arc::new))
    }
    async fn realm_record(&self, name: &RealmName) -> StoreResult<Option<Realm>> {
        match self.written(|written| written.realms.get(name).cloned()) {
            Some(realm) => Ok(Some(realm)),
            None => self.real.realm_record(name).await,
        }
    }
    async fn realm_records(&self, after: Option<&RealmName>, limit: u32) -> StoreResult<Vec<Realm>> {
        let real = self.real.realm_records(after, limit).await?;
        let mut all: BTreeMap<RealmName, Realm> = real.into_iter().map(|realm| (realm.name.clone(), realm)).collect();
        self.written(|written| {
            let further = written.realms.iter().filter(|(name, _)| after.is_none_or(|after| *name > after));
            all.extend(further.map(|(name, realm)| (name.clone(), realm.clone())));
        });
        Ok(all.into_values().take(limit as usize).collect())
    }

    async fn client(&self, realm: &RealmName, id: &ClientId) -> StoreResult<Option<Arc<Client>>> {
        Ok(self.client_record(realm, id).await?.filter(|client| client.enabled).map(Arc::new))
    }
    async fn client_record(&self, realm: &RealmName, id: &ClientId) -> StoreResult<Option<Client>> {
        match self.written(|written| written.clients.get(&(realm.clone(), id.clone())).cloned()) {
            Some(client) => Ok(Some(client)),
            None => self.real.client_record(realm, id).await,
        }
    }
    async fn client_records(
        &self,
        realm: &RealmName,
        after: Option<&ClientId>,
        limit: u32,
    ) -> StoreResult<Vec<Client>> {
        self.real.client_records(realm, after, limit).await
    }

    async fn resource(&self, realm: &RealmName, id: &ResourceIndicator) -> StoreResult<Option<Arc<Resource>>> {
        Ok(self.resource_record(realm, id).await?.filter(|resource| resource.enabled).map(Arc::new))
    }
    async fn resource_record(&self, realm: &RealmName, id: &ResourceIndicator) -> StoreResult<Option<Resource>> {
        match self.written(|written| written.resources.get(&(realm.clone(), id.clone())).cloned()) {
            Some(resource) => Ok(Some(resource)),
            None => self.real.resource_record(realm, id).await,
        }
    }
    async fn resource_records(
        &self,
        realm: &RealmName,
        after: Option<&ResourceIndicator>,
        limit: u32,
    ) -> StoreResult<Vec<Resource>> {
        self.real.resource_records(realm, after, limit).await
    }

    async fn keys(&self, realm: &RealmName) -> StoreResult<Arc<[Key]>> {
        let mut keys = self.real.keys(realm).await?.to_vec();
        self.written(|written| {
            for key in written.keys.iter().filter(|key| key.realm == *realm) {
                keys.retain(|known| known.kid != key.kid);
                keys.push(key.clone());
            }
        });
        keys.retain(|key| key.state != KeyState::Removed);
        Ok(keys.into())
    }

    async fn user(&self, realm: &RealmName, id: UserId) -> StoreResult<Option<User>> {
        let written =
            self.written(|written| written.users.values().find(|user| user.realm == *realm && user.id == id).cloned());
        match written {
            Some(user) => Ok(Some(user).filter(|user| user.enabled)),
            None => self.real.user(realm, id).await,
        }
    }
    async fn user_named(&self, realm: &RealmName, username: &Username) -> StoreResult<Option<User>> {
        Ok(self.user_record_named(realm, username).await?.filter(|user| user.enabled))
    }
    async fn user_record_named(&self, realm: &RealmName, username: &Username) -> StoreResult<Option<User>> {
        match self.written(|written| written.users.get(&(realm.clone(), username.clone())).cloned()) {
            Some(user) => Ok(Some(user)),
            None => self.real.user_record_named(realm, username).await,
        }
    }
    async fn user_records(&self, realm: &RealmName, after: Option<&Username>, limit: u32) -> StoreResult<Vec<User>> {
        self.real.user_records(realm, after, limit).await
    }
    async fn password(&self, realm: &RealmName, user: UserId) -> StoreResult<Option<PasswordCredential>> {
        match self.written(|written| written.passwords.get(&(realm.clone(), user)).cloned()) {
            Some(password) => Ok(Some(password)),
            None => self.real.password(realm, user).await,
        }
    }
    async fn password_link(&self, realm: &RealmName, digest: &SecretDigest) -> StoreResult<Option<PasswordLink>> {
        self.real.password_link(realm, digest).await
    }
    async fn attempts(&self, key: &AttemptKey) -> StoreResult<Attempts> {
        self.real.attempts(key).await
    }

    async fn session(&self, realm: &RealmName, secret: &SecretDigest) -> StoreResult<Option<Session>> {
        self.real.session(realm, secret).await
    }
    async fn session_named(&self, realm: &RealmName, id: SessionId) -> StoreResult<Option<Session>> {
        self.real.session_named(realm, id).await
    }
    async fn sessions_of(&self, realm: &RealmName, user: UserId) -> StoreResult<Vec<Session>> {
        self.real.sessions_of(realm, user).await
    }
    async fn pending(&self, realm: &RealmName, id: PendingId) -> StoreResult<Option<Pending>> {
        self.real.pending(realm, id).await
    }
    async fn consent(&self, realm: &RealmName, user: UserId, client: &ClientId) -> StoreResult<Option<Consent>> {
        self.real.consent(realm, user, client).await
    }
    async fn consents_of(&self, realm: &RealmName, user: UserId) -> StoreResult<Vec<Consent>> {
        self.real.consents_of(realm, user).await
    }

    async fn code(&self, realm: &RealmName, digest: &SecretDigest) -> StoreResult<Option<Code>> {
        self.real.code(realm, digest).await
    }
    async fn family(&self, realm: &RealmName, id: FamilyId) -> StoreResult<Option<Family>> {
        self.real.family(realm, id).await
    }
    async fn opaque_token(&self, realm: &RealmName, digest: &SecretDigest) -> StoreResult<Option<OpaqueToken>> {
        self.real.opaque_token(realm, digest).await
    }
    async fn is_denied(&self, realm: &RealmName, jti: &SecretDigest) -> StoreResult<bool> {
        self.real.is_denied(realm, jti).await
    }

    async fn audit_events(
        &self,
        realm: &RealmName,
        before: Option<AuditId>,
        limit: u32,
    ) -> StoreResult<Vec<AuditEvent>> {
        self.real.audit_events(realm, before, limit).await
    }

    async fn commit(&self, write: Write, _audit: Vec<AuditEvent>) -> StoreResult<Commit> {
        self.written(|written| written.take(write))
    }

    async fn sweep(&self, _now: Moment, _limit: u32) -> StoreResult<u64> {
        Ok(0)
    }
    async fn ping(&self) -> StoreResult<()> {
        self.real.ping().await
    }
    fn changes(&self) -> broadcast::Receiver<Change> {
        self.real.changes()
    }
}

/// Compares passwords for real and hashes none.
pub(super) struct RehearsedHashing<'a>(pub(super) &'a dyn PasswordHashing);

#[async_trait]
impl PasswordHashing for RehearsedHashing<'_> {
    async fn verify(&self, password: Secret, hash: Option<String>) -> Result<bool, HashingBusy> {
        self.0.verify(password, hash).await
    }
    async fn hash(&self, _password: Secret) -> Result<String, HashingBusy> {
        Ok("rehearsed".to_owned())
    }
    fn is_outdated(&self, hash: &str) -> bool {
        self.0.is_outdated(hash)
    }
}
