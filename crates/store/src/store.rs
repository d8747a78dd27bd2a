//! The contract: reads per record, and one way to change anything.

use std::sync::Arc;

use async_trait::async_trait;
use chancery_spec::resource::ResourceIndicator;
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
use crate::token::OpaqueToken;
use crate::user::User;
use crate::write::{Commit, Write};

/// A directory record that changed, wherever that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A realm.
    Realm(RealmName),
    /// A client.
    Client(RealmName, ClientId),
    /// A resource.
    Resource(RealmName, ResourceIndicator),
    /// Some of a realm's keys.
    Keys(RealmName),
    /// Perhaps anything: the feed cannot say.
    Everything,
}

/// What is kept, and how it changes.
///
/// Reads named for a record alone (`client`) never answer with one that is disabled; those for
/// administration say so (`client_record`). Expiry is the caller's to judge: reads have no clock.
/// Lists are ordered by name and continue after the last name given.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// The enabled realm of this name.
    async fn realm(&self, name: &RealmName) -> StoreResult<Option<Arc<Realm>>>;
    /// The realm of this name, enabled or not.
    async fn realm_record(&self, name: &RealmName) -> StoreResult<Option<Realm>>;
    /// At most `limit` realms, enabled or not.
    async fn realm_records(&self, after: Option<&RealmName>, limit: u32) -> StoreResult<Vec<Realm>>;

    /// The enabled client of this name.
    async fn client(&self, realm: &RealmName, id: &ClientId) -> StoreResult<Option<Arc<Client>>>;
    /// The client of this name, enabled or not.
    async fn client_record(&self, realm: &RealmName, id: &ClientId) -> StoreResult<Option<Client>>;
    /// At most `limit` clients, enabled or not.
    async fn client_records(&self, realm: &RealmName, after: Option<&ClientId>, limit: u32)
    -> StoreResult<Vec<Client>>;

    /// The enabled resource of this name.
    async fn resource(&self, realm: &RealmName, id: &ResourceIndicator) -> StoreResult<Option<Arc<Resource>>>;
    /// The resource of this name, enabled or not.
    async fn resource_record(&self, realm: &RealmName, id: &ResourceIndicator) -> StoreResult<Option<Resource>>;
    /// At most `limit` resources, enabled or not.
    async fn resource_records(
        &self,
        realm: &RealmName,
        after: Option<&ResourceIndicator>,
        limit: u32,
    ) -> StoreResult<Vec<Resource>>;

    /// The realm's keys that were not removed, the oldest first.
    async fn keys(&self, realm: &RealmName) -> StoreResult<Arc<[Key]>>;

    /// The enabled user of this name.
    async fn user(&self, realm: &RealmName, id: UserId) -> StoreResult<Option<User>>;
    /// The enabled user who types this to sign in.
    async fn user_named(&self, realm: &RealmName, username: &Username) -> StoreResult<Option<User>>;
    /// The user who types this to sign in, enabled or not.
    async fn user_record_named(&self, realm: &RealmName, username: &Username) -> StoreResult<Option<User>>;
    /// At most `limit` users ordered by username, enabled or not.
    async fn user_records(&self, realm: &RealmName, after: Option<&Username>, limit: u32) -> StoreResult<Vec<User>>;
    /// A user's password.
    async fn password(&self, realm: &RealmName, user: UserId) -> StoreResult<Option<PasswordCredential>>;
    /// A one-time link that was not used.
    async fn password_link(&self, realm: &RealmName, digest: &SecretDigest) -> StoreResult<Option<PasswordLink>>;
    /// How often somebody tried; nothing where they never did.
    async fn attempts(&self, key: &AttemptKey) -> StoreResult<Attempts>;

    /// The session whose cookie digests to this.
    async fn session(&self, realm: &RealmName, secret: &SecretDigest) -> StoreResult<Option<Session>>;
    /// The session of this name.
    async fn session_named(&self, realm: &RealmName, id: SessionId) -> StoreResult<Option<Session>>;
    /// A user's sessions, the youngest first, at most 100.
    async fn sessions_of(&self, realm: &RealmName, user: UserId) -> StoreResult<Vec<Session>>;
    /// An authorization request that waits.
    async fn pending(&self, realm: &RealmName, id: PendingId) -> StoreResult<Option<Pending>>;
    /// What a user agreed to give a client.
    async fn consent(&self, realm: &RealmName, user: UserId, client: &ClientId) -> StoreResult<Option<Consent>>;
    /// What a user agreed to give anyone, by client.
    async fn consents_of(&self, realm: &RealmName, user: UserId) -> StoreResult<Vec<Consent>>;

    /// The code that digests to this, open or redeemed.
    async fn code(&self, realm: &RealmName, digest: &SecretDigest) -> StoreResult<Option<Code>>;
    /// The family of this name, live or ended.
    async fn family(&self, realm: &RealmName, id: FamilyId) -> StoreResult<Option<Family>>;
    /// The opaque token that digests to this.
    async fn opaque_token(&self, realm: &RealmName, digest: &SecretDigest) -> StoreResult<Option<OpaqueToken>>;
    /// Whether the JWT whose `jti` digests to this was revoked.
    async fn is_denied(&self, realm: &RealmName, jti: &SecretDigest) -> StoreResult<bool>;

    /// At most `limit` audit events, the latest first, all before `before`.
    async fn audit_events(
        &self,
        realm: &RealmName,
        before: Option<AuditId>,
        limit: u32,
    ) -> StoreResult<Vec<AuditEvent>>;

    /// Makes one change, and keeps the audit events if and only if it is [`Commit::Done`]. What
    /// is done is durable when this returns.
    async fn commit(&self, write: Write, audit: Vec<AuditEvent>) -> StoreResult<Commit>;

    /// Removes at most `limit` records of each kind that are over at `now`; answers how many.
    /// Never reads a whole table.
    async fn sweep(&self, now: Moment, limit: u32) -> StoreResult<u64>;

    /// Whether the store can be read and written.
    async fn ping(&self) -> StoreResult<()>;

    /// Directory records that change from now on, on this node or another.
    fn changes(&self) -> broadcast::Receiver<Change>;
}
