//! Every change, each inside the writer's transaction and a savepoint of its own: what a write
//! did before it lost is taken back by the caller.

pub(crate) mod attempts;
pub(crate) mod directory;
pub(crate) mod grants;
pub(crate) mod people;
pub(crate) mod sessions;
pub(crate) mod tokens;

use chancery_store::audit::AuditEvent;
use chancery_store::{Commit, Write};
use rusqlite::{Connection, params};

use crate::fault::Found;
use crate::rows::write_document;
use crate::statement::Statement;

const RECORD: Statement = Statement::new(
    "record",
    "INSERT INTO audit_events (realm, id, at, kind, client, user, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
);

pub(crate) const STATEMENTS: &[Statement] = &[RECORD];

/// Makes the change; [`Commit::Lost`] may leave part of it behind, which the caller takes back.
pub(crate) fn apply(connection: &Connection, write: &Write) -> Found<Commit> {
    match write {
        Write::Record => Ok(Commit::Done),

        Write::SaveRealm(realm) => directory::save_realm(connection, realm),
        Write::SaveClient(client) => directory::save_client(connection, client),
        Write::RemoveClient { realm, client, at } => directory::remove_client(connection, realm, client, *at),
        Write::SaveResource(resource) => directory::save_resource(connection, resource),
        Write::RemoveResource { realm, resource } => directory::remove_resource(connection, realm, resource),
        Write::SaveKeys(keys) => directory::save_keys(connection, keys),

        Write::SaveUser { user, at } => people::save_user(connection, user, *at),
        Write::RemoveUser { realm, user, at } => people::remove_user(connection, realm, *user, *at),
        Write::SavePassword { credential } => people::save_password(connection, credential),
        Write::UpgradePasswordHash { credential, former } => {
            people::upgrade_password_hash(connection, credential, former)
        }
        Write::KeepPasswordLink(link) => people::keep_password_link(connection, link),
        Write::RedeemPasswordLink { digest, credential } => {
            people::redeem_password_link(connection, digest, credential)
        }

        Write::CountAttempts(counted) => attempts::count(connection, counted),
        Write::SettleAttempts { cleared, forgiven } => attempts::settle(connection, cleared, forgiven),

        Write::OpenSession { session, replaces } => sessions::open(connection, session, *replaces),
        Write::TouchSession { realm, session, seen_at, idle_until } => {
            sessions::touch(connection, realm, *session, *seen_at, *idle_until)
        }
        Write::EndSession { realm, session, at } => sessions::end(connection, realm, *session, *at),

        Write::KeepPending(pending) => grants::keep_pending(connection, pending),
        Write::DropPending { realm, pending } => grants::drop_pending(connection, realm, *pending),
        Write::IssueCode { code, consent, pending } => grants::issue_code(connection, code, consent.as_ref(), *pending),
        Write::RedeemCode { code, family, access } => grants::redeem_code(connection, code, family, access.as_deref()),
        Write::RotateRefreshToken { realm, family, spent, at, idle_until, access } => {
            let rotation = grants::Rotation { spent: *spent, at: *at, idle_until: *idle_until };
            grants::rotate_refresh_token(connection, realm, *family, rotation, access.as_deref())
        }
        Write::EndFamily { realm, family, at } => grants::end_family(connection, realm, *family, *at),
        Write::WithdrawConsent { realm, user, client, at } => {
            grants::withdraw_consent(connection, realm, *user, client, *at)
        }

        Write::KeepOpaqueToken(token) => tokens::keep_opaque(connection, token),
        Write::DropOpaqueToken { realm, digest } => tokens::drop_opaque(connection, realm, digest),
        Write::DenyToken(denied) => tokens::deny(connection, denied),
        Write::SpendAssertion { realm, client, jti, until } => {
            tokens::spend_assertion(connection, realm, client, jti, *until)
        }
    }
}

/// Keeps the events that tell of a change that was done.
pub(crate) fn record(connection: &Connection, events: &[AuditEvent]) -> Found<()> {
    for event in events {
        let detail = write_document(&event.detail)?;
        RECORD.run(
            connection,
            params![
                event.realm.as_str(),
                event.id.uuid().as_bytes(),
                event.at.milliseconds(),
                event.kind,
                event.client,
                event.user,
                detail
            ],
        )?;
    }
    Ok(())
}

/// A statement that changes one row is the whole condition of a write: no row, no change.
const fn done_if(rows_changed: usize) -> Commit {
    if rows_changed == 0 { Commit::Lost } else { Commit::Done }
}
