//! The contract, each question on an idle reading connection, answered on the caller's thread: a
//! point read costs less than handing it to another thread would.

pub(crate) mod directory;
pub(crate) mod grants;
pub(crate) mod people;

use std::sync::Arc;

use async_trait::async_trait;
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
use chancery_store::key::Key;
use chancery_store::link::PasswordLink;
use chancery_store::pending::Pending;
use chancery_store::realm::Realm;
use chancery_store::resource::Resource;
use chancery_store::secret::SecretDigest;
use chancery_store::session::Session;
use chancery_store::store::Change;
use chancery_store::token::OpaqueToken;
use chancery_store::user::User;
use chancery_store::{Commit, Moment, Store, Write};
use tokio::sync::broadcast;

use crate::SqliteStore;
use crate::writer::Order;

#[async_trait]
impl Store for SqliteStore {
    async fn realm(&self, name: &RealmName) -> StoreResult<Option<Arc<Realm>>> {
        self.read(|connection| directory::realm(connection, name)).map(|found| found.map(Arc::new))
    }
    async fn realm_record(&self, name: &RealmName) -> StoreResult<Option<Realm>> {
        self.read(|connection| directory::realm_record(connection, name))
    }
    async fn realm_records(&self, after: Option<&RealmName>, limit: u32) -> StoreResult<Vec<Realm>> {
        self.read(|connection| directory::realm_records(connection, after, limit))
    }
    async fn client(&self, realm: &RealmName, id: &ClientId) -> StoreResult<Option<Arc<Client>>> {
        self.read(|connection| directory::client(connection, realm, id)).map(|found| found.map(Arc::new))
    }
    async fn client_record(&self, realm: &RealmName, id: &ClientId) -> StoreResult<Option<Client>> {
        self.read(|connection| directory::client_record(connection, realm, id))
    }
    async fn client_records(
        &self,
        realm: &RealmName,
        after: Option<&ClientId>,
        limit: u32,
    ) -> StoreResult<Vec<Client>> {
        self.read(|connection| directory::client_records(connection, realm, after, limit))
    }
    async fn resource(&self, realm: &RealmName, id: &ResourceIndicator) -> StoreResult<Option<Arc<Resource>>> {
        self.read(|connection| directory::resource(connection, realm, id)).map(|found| found.map(Arc::new))
    }
    async fn resource_record(&self, realm: &RealmName, id: &ResourceIndicator) -> StoreResult<Option<Resource>> {
        self.read(|connection| directory::resource_record(connection, realm, id))
    }
    async fn resource_records(
        &self,
        realm: &RealmName,
        after: Option<&ResourceIndicator>,
        limit: u32,
    ) -> StoreResult<Vec<Resource>> {
        self.read(|connection| directory::resource_records(connection, realm, after, limit))
    }
    async fn keys(&self, realm: &RealmName) -> StoreResult<Arc<[Key]>> {
        self.read(|connection| directory::keys(connection, realm)).map(Arc::from)
    }

    async fn user(&self, realm: &RealmName, id: UserId) -> StoreResult<Option<User>> {
        self.read(|connection| people::user(connection, realm, id))
    }
    async fn user_named(&self, realm: &RealmName, username: &Username) -> StoreResult<Option<User>> {
        self.read(|connection| people::user_named(connection, realm, username))
    }
    async fn user_record_named(&self, realm: &RealmName, username: &Username) -> StoreResult<Option<User>> {
        self.read(|connection| people::user_record_named(connection, realm, username))
    }
    async fn user_records(&self, realm: &RealmName, after: Option<&Username>, limit: u32) -> StoreResult<Vec<User>> {
        self.read(|connection| people::user_records(connection, realm, after, limit))
    }
    async fn password(&self, realm: &RealmName, user: UserId) -> StoreResult<Option<PasswordCredential>> {
        self.read(|connection| people::password(connection, realm, user))
    }
    async fn password_link(&self, realm: &RealmName, digest: &SecretDigest) -> StoreResult<Option<PasswordLink>> {
        self.read(|connection| people::password_link(connection, realm, digest))
    }
    async fn attempts(&self, key: &AttemptKey) -> StoreResult<Attempts> {
        self.read(|connection| people::attempts(connection, key))
    }
    async fn session(&self, realm: &RealmName, secret: &SecretDigest) -> StoreResult<Option<Session>> {
        self.read(|connection| people::session(connection, realm, secret))
    }
    async fn session_named(&self, realm: &RealmName, id: SessionId) -> StoreResult<Option<Session>> {
        self.read(|connection| people::session_named(connection, realm, id))
    }
    async fn sessions_of(&self, realm: &RealmName, user: UserId) -> StoreResult<Vec<Session>> {
        self.read(|connection| people::sessions_of(connection, realm, user))
    }

    async fn pending(&self, realm: &RealmName, id: PendingId) -> StoreResult<Option<Pending>> {
        self.read(|connection| grants::pending(connection, realm, id))
    }
    async fn consent(&self, realm: &RealmName, user: UserId, client: &ClientId) -> StoreResult<Option<Consent>> {
        self.read(|connection| grants::consent(connection, realm, user, client))
    }
    async fn consents_of(&self, realm: &RealmName, user: UserId) -> StoreResult<Vec<Consent>> {
        self.read(|connection| grants::consents_of(connection, realm, user))
    }
    async fn code(&self, realm: &RealmName, digest: &SecretDigest) -> StoreResult<Option<Code>> {
        self.read(|connection| grants::code(connection, realm, digest))
    }
    async fn family(&self, realm: &RealmName, id: FamilyId) -> StoreResult<Option<Family>> {
        self.read(|connection| grants::family(connection, realm, id))
    }
    async fn opaque_token(&self, realm: &RealmName, digest: &SecretDigest) -> StoreResult<Option<OpaqueToken>> {
        self.read(|connection| grants::opaque_token(connection, realm, digest))
    }
    async fn is_denied(&self, realm: &RealmName, jti: &SecretDigest) -> StoreResult<bool> {
        self.read(|connection| grants::is_denied(connection, realm, jti))
    }
    async fn audit_events(
        &self,
        realm: &RealmName,
        before: Option<AuditId>,
        limit: u32,
    ) -> StoreResult<Vec<AuditEvent>> {
        self.read(|connection| grants::audit_events(connection, realm, before, limit))
    }

    async fn commit(&self, write: Write, audit: Vec<AuditEvent>) -> StoreResult<Commit> {
        self.order(|answer| Order::Commit { write, audit, answer }).await
    }
    async fn sweep(&self, now: Moment, limit: u32) -> StoreResult<u64> {
        self.order(|answer| Order::Sweep { now, limit, answer }).await
    }
    async fn ping(&self) -> StoreResult<()> {
        self.read(|connection| directory::realm_records(connection, None, 1))?;
        self.order(|answer| Order::Ping { answer }).await
    }
    fn changes(&self) -> broadcast::Receiver<Change> {
        self.announced.subscribe()
    }
}
