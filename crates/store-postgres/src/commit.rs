//! Every write, whole or not at all.
//!
//! The changes that requests wait for are one statement each, on the shared lanes. Such a
//! statement has one clause called `gate`: an insertion, a change or a removal that answers a row
//! if and only if the write may be made; everything else it does takes its rows from there. All
//! its clauses see one snapshot, and that is enough only where the gate is a row that is changed
//! or locked: whoever comes second waits for it, and then looks at what it has become (READ
//! COMMITTED). What must *find* the rows of others after such a wait (a session's families, once
//! the session is gone) needs a second statement with a snapshot of its own: a transaction.
//!
//! Locks are taken in one order, so that no two writes wait for each other: users, passwords,
//! links, sessions, pending requests, consents, codes, families, tokens; rows of one table in the
//! order of their key. Directory records and attempts are locked together with nothing else
//! (a client: before all that hangs on it; a realm's keys: under a lock of their own). Should the
//! server find a deadlock all the same, the write is tried anew.

pub(crate) mod directory;
pub(crate) mod grants;
pub(crate) mod people;
pub(crate) mod sessions;

use chancery_store::audit::AuditEvent;
use chancery_store::error::StoreResult;
use chancery_store::{Commit, StoreError, Write};
use deadpool_postgres::{Object, Transaction};

use crate::PostgresStore;
use crate::fault::Fault;
use crate::lanes::Parameter;
use crate::rows::AuditColumns;
use crate::statement::{Statement, audited, register};

/// How often a write is tried that the server undoes for the sake of another.
const TRIES: u32 = 4;

register! {
    RECORD = concat!("WITH gate AS (SELECT 1), ", audited!(), " SELECT 1 FROM gate");
}

/// Makes one change.
pub(crate) async fn commit(store: &PostgresStore, write: &Write, audit: &[AuditEvent]) -> StoreResult<Commit> {
    let mut tried = 1;
    loop {
        let making = tokio::time::timeout(store.patience, make(store, write, audit));
        match making.await {
            Ok(Err(fault)) if fault.is_conflict() && tried < TRIES => tried += 1,
            Ok(outcome) => return Ok(outcome?),
            Err(_) => {
                return Err(StoreError::Unavailable("commit: no answer in time".to_owned()));
            }
        }
    }
}

async fn make(store: &PostgresStore, write: &Write, audit: &[AuditEvent]) -> Result<Commit, Fault> {
    match write {
        Write::Record => alone(store, &RECORD, audit, &[]).await,

        Write::SaveRealm(realm) => directory::save_realm(store, audit, realm).await,
        Write::SaveClient(client) => directory::save_client(store, audit, client).await,
        Write::RemoveClient { realm, client, at } => directory::remove_client(store, audit, realm, client, *at).await,
        Write::SaveResource(resource) => directory::save_resource(store, audit, resource).await,
        Write::RemoveResource { realm, resource } => directory::remove_resource(store, audit, realm, resource).await,
        Write::SaveKeys(keys) => directory::save_keys(store, audit, keys).await,

        Write::SaveUser { user, at } => people::save_user(store, audit, user, *at).await,
        Write::RemoveUser { realm, user, at } => people::remove_user(store, audit, realm, *user, *at).await,
        Write::SavePassword { credential } => people::save_password(store, audit, credential).await,
        Write::UpgradePasswordHash { credential, former } => {
            people::upgrade_password_hash(store, audit, credential, former).await
        }
        Write::KeepPasswordLink(link) => people::keep_password_link(store, audit, link).await,
        Write::RedeemPasswordLink { digest, credential } => {
            people::redeem_password_link(store, audit, digest, credential).await
        }
        Write::CountAttempts(attempts) => people::count_attempts(store, audit, attempts).await,
        Write::SettleAttempts { cleared, forgiven } => people::settle_attempts(store, audit, cleared, forgiven).await,

        Write::OpenSession { session, replaces } => sessions::open(store, audit, session, *replaces).await,
        Write::TouchSession { realm, session, seen_at, idle_until } => {
            sessions::touch(store, audit, realm, *session, *seen_at, *idle_until).await
        }
        Write::EndSession { realm, session, at } => sessions::end(store, audit, realm, *session, *at).await,
        Write::KeepPending(pending) => sessions::keep_pending(store, audit, pending).await,
        Write::DropPending { realm, pending } => sessions::drop_pending(store, audit, realm, *pending).await,

        Write::IssueCode { code, consent, pending } => {
            grants::issue_code(store, audit, code, consent.as_ref(), *pending).await
        }
        Write::RedeemCode { code, family, access } => {
            grants::redeem_code(store, audit, code, family, access.as_deref()).await
        }
        Write::RotateRefreshToken { realm, family, spent, at, idle_until, access } => {
            let rotation = grants::Rotation { family: *family, spent: *spent, at: *at, idle_until: *idle_until };
            grants::rotate(store, audit, realm, rotation, access.as_deref()).await
        }
        Write::EndFamily { realm, family, at } => grants::end_family(store, audit, realm, *family, *at).await,
        Write::WithdrawConsent { realm, user, client, at } => {
            grants::withdraw_consent(store, audit, realm, *user, client, *at).await
        }
        Write::KeepOpaqueToken(token) => grants::keep_opaque_token(store, audit, token).await,
        Write::DropOpaqueToken { realm, digest } => grants::drop_opaque_token(store, audit, realm, digest).await,
        Write::DenyToken(token) => grants::deny_token(store, audit, token).await,
        Write::SpendAssertion { realm, client, jti, until } => {
            grants::spend_assertion(store, audit, realm, client, jti, *until).await
        }
    }
}

/// A change that is one statement. The audit events are its first four parameters.
pub(crate) async fn alone(
    store: &PostgresStore,
    statement: &'static Statement,
    audit: &[AuditEvent],
    parameters: &[Parameter<'_>],
) -> Result<Commit, Fault> {
    let events = AuditColumns::of(audit);
    let rows = store.writers.run(statement, &with_events(&events, parameters)).await?;
    Ok(if rows.is_empty() { Commit::Lost } else { Commit::Done })
}

fn with_events<'a>(events: &'a AuditColumns<'_>, parameters: &[Parameter<'a>]) -> Vec<Parameter<'a>> {
    let mut all: Vec<Parameter<'a>> = Vec::with_capacity(4 + parameters.len());
    all.extend_from_slice(&[&events.realms, &events.ids, &events.moments, &events.documents]);
    all.extend_from_slice(parameters);
    all
}

/// A change of several statements. Dropped before it is done, it never was.
pub(crate) struct Together<'a>(Transaction<'a>);

impl<'a> Together<'a> {
    pub(crate) async fn begin(connection: &'a mut Object) -> Result<Self, Fault> {
        connection.transaction().await.map(Self).map_err(Fault::server("begin"))
    }

    /// Runs one statement; answers how many rows it changed or found.
    pub(crate) async fn run(&self, statement: &'static Statement, parameters: &[Parameter<'_>]) -> Result<u64, Fault> {
        let prepared = self.0.prepare_cached(statement.sql).await.map_err(Fault::server(statement.name))?;
        self.0.execute(&prepared, parameters).await.map_err(Fault::server(statement.name))
    }

    /// Runs one statement; answers its rows.
    pub(crate) async fn rows(
        &self,
        statement: &'static Statement,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<tokio_postgres::Row>, Fault> {
        let prepared = self.0.prepare_cached(statement.sql).await.map_err(Fault::server(statement.name))?;
        self.0.query(&prepared, parameters).await.map_err(Fault::server(statement.name))
    }

    /// Keeps the audit events by a statement that is audited itself, and commits; or leaves
    /// everything as it was, where that statement may not make its change.
    pub(crate) async fn done_with(
        self,
        statement: &'static Statement,
        audit: &[AuditEvent],
        parameters: &[Parameter<'_>],
    ) -> Result<Commit, Fault> {
        let events = AuditColumns::of(audit);
        if self.run(statement, &with_events(&events, parameters)).await? == 0 {
            return Ok(Commit::Lost);
        }
        self.commit().await
    }

    /// Keeps the audit events and commits.
    pub(crate) async fn done(self, audit: &[AuditEvent]) -> Result<Commit, Fault> {
        if !audit.is_empty() {
            self.run(&RECORD, &with_events(&AuditColumns::of(audit), &[])).await?;
        }
        self.commit().await
    }

    pub(crate) async fn commit(self) -> Result<Commit, Fault> {
        self.0.commit().await.map_err(Fault::server("commit"))?;
        Ok(Commit::Done)
    }
}
