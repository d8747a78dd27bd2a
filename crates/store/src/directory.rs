//! Directory records kept in the process, dropped at once when they change.
//!
//! A record that is read while it changes must not be kept: each kept value is only accepted if
//! no change was heard between the start of its reading and its end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use chancery_spec::resource::ResourceIndicator;
use quick_cache::sync::Cache;
use tokio::sync::broadcast;

use crate::attempt::{AttemptKey, Attempts};
use crate::audit::AuditEvent;
use crate::client::Client;
use crate::code::Code;
use crate::consent::Consent;
use crate::credential::PasswordCredential;
use crate::error::StoreResult;
use crate::family::Family;
use crate::id::{AuditId, ClientId, FamilyId, PendingId, RealmName, SessionId, UserId, Username};
use crate::key::Key;
use crate::link::PasswordLink;
use crate::moment::Moment;
use crate::pending::Pending;
use crate::realm::Realm;
use crate::resource::Resource;
use crate::secret::SecretDigest;
use crate::session::Session;
use crate::store::{Change, Store};
use crate::token::OpaqueToken;
use crate::user::User;
use crate::write::{Commit, Write};

/// A store whose directory reads are answered from memory.
pub struct Directory {
    kept: Arc<Kept>,
}

struct Kept {
    store: Arc<dyn Store>,
    changes_heard: AtomicU64,
    realms: Cache<RealmName, Arc<Realm>>,
    clients: Cache<(RealmName, ClientId), Arc<Client>>,
    resources: Cache<(RealmName, ResourceIndicator), Arc<Resource>>,
    keys: Cache<RealmName, Arc<[Key]>>,
}

impl Directory {
    /// Stands before `store` and keeps at most `records` of each kind. A task listens to the
    /// store's change feed until the last of the returned value is dropped.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, records: usize) -> Self {
        let mut feed = store.changes();
        let kept = Arc::new(Kept {
            store,
            changes_heard: AtomicU64::new(0),
            realms: Cache::new(records),
            clients: Cache::new(records),
            resources: Cache::new(records),
            keys: Cache::new(records),
        });
        let listener = Arc::downgrade(&kept);
        tokio::spawn(async move {
            loop {
                let change = match feed.recv().await {
                    Ok(change) => change,
                    // What was missed could have been anything.
                    Err(broadcast::error::RecvError::Lagged(_)) => Change::Everything,
                    Err(broadcast::error::RecvError::Closed) => return,
                };
                let Some(kept) = listener.upgrade() else {
                    return;
                };
                kept.forget(&change);
            }
        });
        Self { kept }
    }
}

impl Kept {
    fn forget(&self, change: &Change) {
        // First the count, then the removal: a reader that began before sees the count and keeps
        // nothing; one that begins after reads the new record.
        self.changes_heard.fetch_add(1, Ordering::SeqCst);
        match change {
            Change::Realm(realm) => {
                self.realms.remove(realm);
            }
            Change::Client(realm, client) => {
                self.clients.remove(&(realm.clone(), client.clone()));
            }
            Change::Resource(realm, resource) => {
                self.resources.remove(&(realm.clone(), resource.clone()));
            }
            Change::Keys(realm) => {
                self.keys.remove(realm);
            }
            Change::Everything => {
                self.realms.clear();
                self.clients.clear();
                self.resources.clear();
                self.keys.clear();
            }
        }
    }

    fn keep<K: Clone + Eq + std::hash::Hash, V: Clone>(&self, cache: &Cache<K, V>, key: K, value: &V, heard: u64) {
        if self.changes_heard.load(Ordering::SeqCst) == heard {
            cache.insert(key.clone(), value.clone());
            // A change that was heard between the check and the insertion took nothing away.
            if self.changes_heard.load(Ordering::SeqCst) != heard {
                cache.remove(&key);
            }
        }
    }

    fn heard(&self) -> u64 {
        self.changes_heard.load(Ordering::SeqCst)
    }
}

impl Write {
    /// What the write changes in the directory: what a backend's change feed tells.
    #[must_use]
    pub fn directory_change(&self) -> Option<Change> {
        match self {
            Self::SaveRealm(realm) => Some(Change::Realm(realm.name.clone())),
            Self::SaveClient(client) => Some(Change::Client(client.realm.clone(), client.id.clone())),
            Self::RemoveClient { realm, client, .. } => Some(Change::Client(realm.clone(), client.clone())),
            Self::SaveResource(resource) => Some(Change::Resource(resource.realm.clone(), resource.identifier.clone())),
            Self::RemoveResource { realm, resource } => Some(Change::Resource(realm.clone(), resource.clone())),
            Self::SaveKeys(keys) => keys.first().map(|key| Change::Keys(key.realm.clone())),
            Self::Record
            | Self::SaveUser { .. }
            | Self::RemoveUser { .. }
            | Self::SavePassword { .. }
            | Self::UpgradePasswordHash { .. }
            | Self::KeepPasswordLink(_)
            | Self::RedeemPasswordLink { .. }
            | Self::CountAttempts(_)
            | Self::SettleAttempts { .. }
            | Self::OpenSession { .. }
            | Self::TouchSession { .. }
            | Self::EndSession { .. }
            | Self::KeepPending(_)
            | Self::DropPending { .. }
            | Self::IssueCode { .. }
            | Self::RedeemCode { .. }
            | Self::RotateRefreshToken { .. }
            | Self::EndFamily { .. }
            | Self::WithdrawConsent { .. }
            | Self::KeepOpaqueToken(_)
            | Self::DropOpaqueToken { .. }
            | Self::DenyToken(_)
            | Self::SpendAssertion { .. } => None,
        }
    }
}

#[async_trait]
impl Store for Directory {
    async fn realm(&self, name: &RealmName) -> StoreResult<Option<Arc<Realm>>> {
        if let Some(realm) = self.kept.realms.get(name) {
            return Ok(Some(realm));
        }
        let heard = self.kept.heard();
        let found = self.kept.store.realm(name).await?;
        if let Some(realm) = &found {
            self.kept.keep(&self.kept.realms, name.clone(), realm, heard);
        }
        Ok(found)
    }

    async fn client(&self, realm: &RealmName, id: &ClientId) -> StoreResult<Option<Arc<Client>>> {
        let key = (realm.clone(), id.clone());
        if let Some(client) = self.kept.clients.get(&key) {
            return Ok(Some(client));
        }
        let heard = self.kept.heard();
        let found = self.kept.store.client(realm, id).await?;
        if let Some(client) = &found {
            self.kept.keep(&self.kept.clients, key, client, heard);
        }
        Ok(found)
    }

    async fn resource(&self, realm: &RealmName, id: &ResourceIndicator) -> StoreResult<Option<Arc<Resource>>> {
        let key = (realm.clone(), id.clone());
        if let Some(resource) = self.kept.resources.get(&key) {
            return Ok(Some(resource));
        }
        let heard = self.kept.heard();
        let found = self.kept.store.resource(realm, id).await?;
        if let Some(resource) = &found {
            self.kept.keep(&self.kept.resources, key, resource, heard);
        }
        Ok(found)
    }

    async fn keys(&self, realm: &RealmName) -> StoreResult<Arc<[Key]>> {
        if let Some(keys) = self.kept.keys.get(realm) {
            return Ok(keys);
        }
        let heard = self.kept.heard();
        let found = self.kept.store.keys(realm).await?;
        self.kept.keep(&self.kept.keys, realm.clone(), &found, heard);
        Ok(found)
    }

    async fn commit(&self, write: Write, audit: Vec<AuditEvent>) -> StoreResult<Commit> {
        let change = write.directory_change();
        let outcome = self.kept.store.commit(write, audit).await;
        // Also where the answer is an error: the change may have happened all the same.
        if let Some(change) = change {
            self.kept.forget(&change);
        }
        outcome
    }

    async fn realm_record(&self, name: &RealmName) -> StoreResult<Option<Realm>> {
        self.kept.store.realm_record(name).await
    }
    async fn realm_records(&self, after: Option<&RealmName>, limit: u32) -> StoreResult<Vec<Realm>> {
        self.kept.store.realm_records(after, limit).await
    }
    async fn client_record(&self, realm: &RealmName, id: &ClientId) -> StoreResult<Option<Client>> {
        self.kept.store.client_record(realm, id).await
    }
    async fn client_records(
        &self,
        realm: &RealmName,
        after: Option<&ClientId>,
        limit: u32,
    ) -> StoreResult<Vec<Client>> {
        self.kept.store.client_records(realm, after, limit).await
    }
    async fn resource_record(&self, realm: &RealmName, id: &ResourceIndicator) -> StoreResult<Option<Resource>> {
        self.kept.store.resource_record(realm, id).await
    }
    async fn resource_records(
        &self,
        realm: &RealmName,
        after: Option<&ResourceIndicator>,
        limit: u32,
    ) -> StoreResult<Vec<Resource>> {
        self.kept.store.resource_records(realm, after, limit).await
    }
    async fn user(&self, realm: &RealmName, id: UserId) -> StoreResult<Option<User>> {
        self.kept.store.user(realm, id).await
    }
    async fn user_named(&self, realm: &RealmName, username: &Username) -> StoreResult<Option<User>> {
        self.kept.store.user_named(realm, username).await
    }
    async fn user_record_named(&self, realm: &RealmName, username: &Username) -> StoreResult<Option<User>> {
        self.kept.store.user_record_named(realm, username).await
    }
    async fn user_records(&self, realm: &RealmName, after: Option<&Username>, limit: u32) -> StoreResult<Vec<User>> {
        self.kept.store.user_records(realm, after, limit).await
    }
    async fn password(&self, realm: &RealmName, user: UserId) -> StoreResult<Option<PasswordCredential>> {
        self.kept.store.password(realm, user).await
    }
    async fn password_link(&self, realm: &RealmName, digest: &SecretDigest) -> StoreResult<Option<PasswordLink>> {
        self.kept.store.password_link(realm, digest).await
    }
    async fn attempts(&self, key: &AttemptKey) -> StoreResult<Attempts> {
        self.kept.store.attempts(key).await
    }
    async fn session(&self, realm: &RealmName, secret: &SecretDigest) -> StoreResult<Option<Session>> {
        self.kept.store.session(realm, secret).await
    }
    async fn session_named(&self, realm: &RealmName, id: SessionId) -> StoreResult<Option<Session>> {
        self.kept.store.session_named(realm, id).await
    }
    async fn sessions_of(&self, realm: &RealmName, user: UserId) -> StoreResult<Vec<Session>> {
        self.kept.store.sessions_of(realm, user).await
    }
    async fn pending(&self, realm: &RealmName, id: PendingId) -> StoreResult<Option<Pending>> {
        self.kept.store.pending(realm, id).await
    }
    async fn consent(&self, realm: &RealmName, user: UserId, client: &ClientId) -> StoreResult<Option<Consent>> {
        self.kept.store.consent(realm, user, client).await
    }
    async fn consents_of(&self, realm: &RealmName, user: UserId) -> StoreResult<Vec<Consent>> {
        self.kept.store.consents_of(realm, user).await
    }
    async fn code(&self, realm: &RealmName, digest: &SecretDigest) -> StoreResult<Option<Code>> {
        self.kept.store.code(realm, digest).await
    }
    async fn family(&self, realm: &RealmName, id: FamilyId) -> StoreResult<Option<Family>> {
        self.kept.store.family(realm, id).await
    }
    async fn opaque_token(&self, realm: &RealmName, digest: &SecretDigest) -> StoreResult<Option<OpaqueToken>> {
        self.kept.store.opaque_token(realm, digest).await
    }
    async fn is_denied(&self, realm: &RealmName, jti: &SecretDigest) -> StoreResult<bool> {
        self.kept.store.is_denied(realm, jti).await
    }
    async fn audit_events(
        &self,
        realm: &RealmName,
        before: Option<AuditId>,
        limit: u32,
    ) -> StoreResult<Vec<AuditEvent>> {
        self.kept.store.audit_events(realm, before, limit).await
    }
    async fn sweep(&self, now: Moment, limit: u32) -> StoreResult<u64> {
        self.kept.store.sweep(now, limit).await
    }
    async fn ping(&self) -> StoreResult<()> {
        self.kept.store.ping().await
    }
    fn changes(&self) -> broadcast::Receiver<Change> {
        self.kept.store.changes()
    }
}
