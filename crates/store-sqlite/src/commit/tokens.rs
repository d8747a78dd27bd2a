//! Changes of opaque tokens, revoked JWTs and spent assertions.

use chancery_store::id::{ClientId, RealmName};
use chancery_store::secret::SecretDigest;
use chancery_store::token::{DeniedToken, OpaqueToken};
use chancery_store::{Commit, Moment};
use rusqlite::{Connection, params};

use super::done_if;
use crate::fault::Found;
use crate::rows::write_document;
use crate::statement::Statement;

const KEEP_OPAQUE: Statement = Statement::new(
    "keep opaque token",
    "INSERT INTO opaque_tokens (realm, digest, client, family, document, issued_at, expires_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
);
const KEEP_OPAQUE_OF_LIVE_FAMILY: Statement = Statement::new(
    "keep opaque token of live family",
    "INSERT INTO opaque_tokens (realm, digest, client, family, document, issued_at, expires_at)
     SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
     WHERE EXISTS (SELECT 1 FROM families
                   WHERE realm = ?1 AND id = ?4 AND ended_at IS NULL AND idle_until > ?6 AND expires_at > ?6)",
);
const DROP_OPAQUE: Statement =
    Statement::new("drop opaque token", "DELETE FROM opaque_tokens WHERE realm = ?1 AND digest = ?2");
const DENY: Statement = Statement::new(
    "deny token",
    "INSERT INTO denied_tokens (realm, jti, until) VALUES (?1, ?2, ?3)
     ON CONFLICT DO UPDATE SET until = max(until, excluded.until)",
);
const SPEND_ASSERTION: Statement = Statement::new(
    "spend assertion",
    "INSERT INTO spent_assertions (realm, client, jti, until) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
);

pub(crate) const STATEMENTS: &[Statement] =
    &[KEEP_OPAQUE, KEEP_OPAQUE_OF_LIVE_FAMILY, DROP_OPAQUE, DENY, SPEND_ASSERTION];

pub(super) fn keep_opaque(connection: &Connection, token: &OpaqueToken) -> Found<Commit> {
    let statement = if token.family.is_some() { KEEP_OPAQUE_OF_LIVE_FAMILY } else { KEEP_OPAQUE };
    insert(connection, statement, token).map(done_if)
}

/// Keeps `token` of a family that this same change opened or saw alive.
pub(super) fn insert_opaque(connection: &Connection, token: &OpaqueToken) -> Found<()> {
    insert(connection, KEEP_OPAQUE, token)?;
    Ok(())
}

fn insert(connection: &Connection, statement: Statement, token: &OpaqueToken) -> Found<usize> {
    let document = write_document(&token.content)?;
    statement.run(
        connection,
        params![
            token.realm.as_str(),
            token.digest.as_bytes(),
            token.client.as_str(),
            token.family.map(|family| *family.uuid().as_bytes()),
            document,
            token.issued_at.milliseconds(),
            token.expires_at.milliseconds()
        ],
    )
}

pub(super) fn drop_opaque(connection: &Connection, realm: &RealmName, digest: &SecretDigest) -> Found<Commit> {
    DROP_OPAQUE.run(connection, params![realm.as_str(), digest.as_bytes()])?;
    Ok(Commit::Done)
}

pub(super) fn deny(connection: &Connection, denied: &DeniedToken) -> Found<Commit> {
    DENY.run(connection, params![denied.realm.as_str(), denied.jti.as_bytes(), denied.until.milliseconds()])
        .map(done_if)
}

pub(super) fn spend_assertion(
    connection: &Connection,
    realm: &RealmName,
    client: &ClientId,
    jti: &SecretDigest,
    until: Moment,
) -> Found<Commit> {
    SPEND_ASSERTION
        .run(connection, params![realm.as_str(), client.as_str(), jti.as_bytes(), until.milliseconds()])
        .map(done_if)
}
