//! Every read is one statement on a lane that reads share.

pub(crate) mod sql;

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
use chancery_store::moment::Moment;
use chancery_store::pending::Pending;
use chancery_store::realm::Realm;
use chancery_store::resource::Resource;
use chancery_store::secret::SecretDigest;
use chancery_store::session::Session;
use chancery_store::store::Change;
use chancery_store::token::OpaqueToken;
use chancery_store::user::User;
use chancery_store::{Commit, Store, StoreError, Write};
use tokio::sync::broadcast;
use tokio_postgres::Row;

use crate::lanes::Parameter;
use crate::reads::sql::*;
use crate::statement::Statement;
use crate::{PostgresStore, commit, rows, sweep};

impl PostgresStore {
    async fn one<T>(
        &self,
        statement: &'static Statement,
        parameters: &[Parameter<'_>],
        read: impl Fn(&Row) -> StoreResult<T>,
    ) -> StoreResult<Option<T>> {
        self.readers.read(statement, parameters).await?.first().map(read).transpose()
    }

    async fn all<T>(
        &self,
        statement: &'static Statement,
        parameters: &[Parameter<'_>],
        read: impl Fn(&Row) -> StoreResult<T>,
    ) -> StoreResult<Vec<T>> {
        self.readers.read(statement, parameters).await?.iter().map(read).collect()
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn realm(&self, name: &RealmName) -> StoreResult<Option<Arc<Realm>>> {
        self.one(&REALM, &[&name.as_str()], |row| rows::document(row, "realm").map(Arc::new)).await
    }

    async fn realm_record(&self, name: &RealmName) -> StoreResult<Option<Realm>> {
        self.one(&REALM_RECORD, &[&name.as_str()], |row| rows::document(row, "realm")).await
    }

    async fn realm_records(&self, after: Option<&RealmName>, limit: u32) -> StoreResult<Vec<Realm>> {
        let after = after.map_or("", RealmName::as_str);
        self.all(&REALM_RECORDS, &[&after, &i64::from(limit)], |row| rows::document(row, "realm")).await
    }

    async fn client(&self, realm: &RealmName, id: &ClientId) -> StoreResult<Option<Arc<Client>>> {
        self.one(&CLIENT, &[&realm.as_str(), &id.as_str()], |row| rows::document(row, "client").map(Arc::new)).await
    }

    async fn client_record(&self, realm: &RealmName, id: &ClientId) -> StoreResult<Option<Client>> {
        self.one(&CLIENT_RECORD, &[&realm.as_str(), &id.as_str()], |row| rows::document(row, "client")).await
    }

    async fn client_records(
        &self,
        realm: &RealmName,
        after: Option<&ClientId>,
        limit: u32,
    ) -> StoreResult<Vec<Client>> {
        let after = after.map_or("", ClientId::as_str);
        let parameters: [Parameter<'_>; 3] = [&realm.as_str(), &after, &i64::from(limit)];
        self.all(&CLIENT_RECORDS, &parameters, |row| rows::document(row, "client")).await
    }

    async fn resource(&self, realm: &RealmName, id: &ResourceIndicator) -> StoreResult<Option<Arc<Resource>>> {
        let parameters: [Parameter<'_>; 2] = [&realm.as_str(), &id.as_str()];
        self.one(&RESOURCE, &parameters, |row| rows::document(row, "resource").map(Arc::new)).await
    }

    async fn resource_record(&self, realm: &RealmName, id: &ResourceIndicator) -> StoreResult<Option<Resource>> {
        let parameters: [Parameter<'_>; 2] = [&realm.as_str(), &id.as_str()];
        self.one(&RESOURCE_RECORD, &parameters, |row| rows::document(row, "resource")).await
    }

    async fn resource_records(
        &self,
        realm: &RealmName,
        after: Option<&ResourceIndicator>,
        limit: u32,
    ) -> StoreResult<Vec<Resource>> {
        let after = after.map_or("", |after| after.as_str());
        let parameters: [Parameter<'_>; 3] = [&realm.as_str(), &after, &i64::from(limit)];
        self.all(&RESOURCE_RECORDS, &parameters, |row| rows::document(row, "resource")).await
    }

    async fn keys(&self, realm: &RealmName) -> StoreResult<Arc<[Key]>> {
        Ok(self.all(&KEYS, &[&realm.as_str()], |row| rows::key(realm, row)).await?.into())
    }

    async fn user(&self, realm: &RealmName, id: UserId) -> StoreResult<Option<User>> {
        self.one(&USER, &[&realm.as_str(), &id.uuid()], |row| rows::document(row, "user")).await
    }

    async fn user_named(&self, realm: &RealmName, username: &Username) -> StoreResult<Option<User>> {
        self.one(&USER_NAMED, &[&realm.as_str(), &username.as_str()], |row| rows::document(row, "user")).await
    }

    async fn user_record_named(&self, realm: &RealmName, username: &Username) -> StoreResult<Option<User>> {
        self.one(&USER_RECORD_NAMED, &[&realm.as_str(), &username.as_str()], |row| rows::document(row, "user")).await
    }

    async fn user_records(&self, realm: &RealmName, after: Option<&Username>, limit: u32) -> StoreResult<Vec<User>> {
        let after = after.map_or("", Username::as_str);
        let parameters: [Parameter<'_>; 3] = [&realm.as_str(), &after, &i64::from(limit)];
        self.all(&USER_RECORDS, &parameters, |row| rows::document(row, "user")).await
    }

    async fn password(&self, realm: &RealmName, user: UserId) -> StoreResult<Option<PasswordCredential>> {
        self.one(&PASSWORD, &[&realm.as_str(), &user.uuid()], |row| rows::password(realm, row)).await
    }

    async fn password_link(&self, realm: &RealmName, digest: &SecretDigest) -> StoreResult<Option<PasswordLink>> {
        let digest: &[u8] = digest.as_bytes();
        self.one(&PASSWORD_LINK, &[&realm.as_str(), &digest], |row| rows::password_link(realm, row)).await
    }

    async fn attempts(&self, key: &AttemptKey) -> StoreResult<Attempts> {
        let subject: &[u8] = key.subject.as_bytes();
        Ok(self.one(&ATTEMPTS, &[&key.realm.as_str(), &subject], rows::attempts).await?.unwrap_or_default())
    }

    async fn session(&self, realm: &RealmName, secret: &SecretDigest) -> StoreResult<Option<Session>> {
        let secret: &[u8] = secret.as_bytes();
        self.one(&SESSION, &[&realm.as_str(), &secret], |row| rows::session(realm, row)).await
    }

    async fn session_named(&self, realm: &RealmName, id: SessionId) -> StoreResult<Option<Session>> {
        self.one(&SESSION_NAMED, &[&realm.as_str(), &id.uuid()], |row| rows::session(realm, row)).await
    }

    async fn sessions_of(&self, realm: &RealmName, user: UserId) -> StoreResult<Vec<Session>> {
        self.all(&SESSIONS_OF, &[&realm.as_str(), &user.uuid()], |row| rows::session(realm, row)).await
    }

    async fn pending(&self, realm: &RealmName, id: PendingId) -> StoreResult<Option<Pending>> {
        self.one(&PENDING, &[&realm.as_str(), &id.uuid()], |row| rows::pending(realm, row)).await
    }

    async fn consent(&self, realm: &RealmName, user: UserId, client: &ClientId) -> StoreResult<Option<Consent>> {
        let parameters: [Parameter<'_>; 3] = [&realm.as_str(), &user.uuid(), &client.as_str()];
        self.one(&CONSENT, &parameters, |row| rows::consent(realm, row)).await
    }

    async fn consents_of(&self, realm: &RealmName, user: UserId) -> StoreResult<Vec<Consent>> {
        self.all(&CONSENTS_OF, &[&realm.as_str(), &user.uuid()], |row| rows::consent(realm, row)).await
    }

    async fn code(&self, realm: &RealmName, digest: &SecretDigest) -> StoreResult<Option<Code>> {
        let digest: &[u8] = digest.as_bytes();
        self.one(&CODE, &[&realm.as_str(), &digest], |row| rows::code(realm, row)).await
    }

    async fn family(&self, realm: &RealmName, id: FamilyId) -> StoreResult<Option<Family>> {
        self.one(&FAMILY, &[&realm.as_str(), &id.uuid()], |row| rows::family(realm, row)).await
    }

    async fn opaque_token(&self, realm: &RealmName, digest: &SecretDigest) -> StoreResult<Option<OpaqueToken>> {
        let digest: &[u8] = digest.as_bytes();
        self.one(&OPAQUE_TOKEN, &[&realm.as_str(), &digest], |row| rows::opaque_token(realm, row)).await
    }

    async fn is_denied(&self, realm: &RealmName, jti: &SecretDigest) -> StoreResult<bool> {
        let jti: &[u8] = jti.as_bytes();
        Ok(self.one(&DENIED_TOKEN, &[&realm.as_str(), &jti], |_| Ok(())).await?.is_some())
    }

    async fn audit_events(
        &self,
        realm: &RealmName,
        before: Option<AuditId>,
        limit: u32,
    ) -> StoreResult<Vec<AuditEvent>> {
        let read = |row: &Row| rows::document(row, "audit event");
        match before {
            None => self.all(&AUDIT_EVENTS, &[&realm.as_str(), &i64::from(limit)], read).await,
            Some(before) => {
                let parameters: [Parameter<'_>; 3] = [&realm.as_str(), &before.uuid(), &i64::from(limit)];
                self.all(&AUDIT_EVENTS_BEFORE, &parameters, read).await
            }
        }
    }

    async fn commit(&self, write: Write, audit: Vec<AuditEvent>) -> StoreResult<Commit> {
        commit::commit(self, &write, &audit).await
    }

    async fn sweep(&self, now: Moment, limit: u32) -> StoreResult<u64> {
        sweep::sweep(self, now, limit).await
    }

    async fn ping(&self) -> StoreResult<()> {
        // On the lanes of writes, after one of reads: a standby can be read.
        self.readers.read(&PING, &[]).await?;
        let rows = self.writers.read(&PING, &[]).await?;
        if rows.first().is_some_and(|row| row.try_get::<_, bool>(0).is_ok_and(|is_standby| !is_standby)) {
            return Ok(());
        }
        Err(StoreError::Unavailable("ping: the server is a standby".to_owned()))
    }

    fn changes(&self) -> broadcast::Receiver<Change> {
        self.feed.subscribe()
    }
}
