//! Questions about what was asked, agreed to, issued and revoked, and about what was recorded.

use chancery_store::audit::AuditEvent;
use chancery_store::code::Code;
use chancery_store::consent::Consent;
use chancery_store::family::Family;
use chancery_store::id::{AuditId, ClientId, FamilyId, PendingId, RealmName, UserId};
use chancery_store::pending::Pending;
use chancery_store::secret::SecretDigest;
use chancery_store::token::OpaqueToken;
use rusqlite::{Connection, params};

use crate::fault::Found;
use crate::rows;
use crate::statement::Statement;

const PENDING: Statement = Statement::new(
    "pending",
    "SELECT realm, id, browser, document, created_at, expires_at FROM pendings WHERE realm = ?1 AND id = ?2",
);
const CONSENT: Statement = Statement::new(
    "consent",
    "SELECT realm, user, client, document, granted_at FROM consents
     WHERE realm = ?1 AND user = ?2 AND client = ?3",
);
const CONSENTS_OF: Statement = Statement::new(
    "consents of",
    "SELECT realm, user, client, document, granted_at FROM consents
     WHERE realm = ?1 AND user = ?2 ORDER BY client",
);
const CODE: Statement = Statement::new(
    "code",
    "SELECT realm, digest, client, document, forget_at, open_until, family FROM codes
     WHERE realm = ?1 AND digest = ?2",
);
const FAMILY: Statement = Statement::new(
    "family",
    "SELECT realm, id, client, user, session, document, salt, created_at, expires_at, generation,
            rotated_at, idle_until, ended_at
     FROM families WHERE realm = ?1 AND id = ?2",
);
const OPAQUE_TOKEN: Statement = Statement::new(
    "opaque token",
    "SELECT realm, digest, client, family, document, issued_at, expires_at FROM opaque_tokens
     WHERE realm = ?1 AND digest = ?2",
);
const IS_DENIED: Statement = Statement::new("is denied", "SELECT 1 FROM denied_tokens WHERE realm = ?1 AND jti = ?2");
const LATEST_AUDIT_EVENTS: Statement = Statement::new(
    "latest audit events",
    "SELECT realm, id, at, kind, client, user, detail FROM audit_events
     WHERE realm = ?1 ORDER BY id DESC LIMIT ?2",
);
const EARLIER_AUDIT_EVENTS: Statement = Statement::new(
    "earlier audit events",
    "SELECT realm, id, at, kind, client, user, detail FROM audit_events
     WHERE realm = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3",
);

pub(crate) const STATEMENTS: &[Statement] =
    &[PENDING, CONSENT, CONSENTS_OF, CODE, FAMILY, OPAQUE_TOKEN, IS_DENIED, LATEST_AUDIT_EVENTS, EARLIER_AUDIT_EVENTS];

pub(crate) fn pending(connection: &Connection, realm: &RealmName, id: PendingId) -> Found<Option<Pending>> {
    PENDING.one(connection, params![realm.as_str(), id.uuid().as_bytes()], rows::pending)
}

pub(crate) fn consent(
    connection: &Connection,
    realm: &RealmName,
    user: UserId,
    client: &ClientId,
) -> Found<Option<Consent>> {
    CONSENT.one(connection, params![realm.as_str(), user.uuid().as_bytes(), client.as_str()], rows::consent)
}

pub(crate) fn consents_of(connection: &Connection, realm: &RealmName, user: UserId) -> Found<Vec<Consent>> {
    CONSENTS_OF.all(connection, params![realm.as_str(), user.uuid().as_bytes()], rows::consent)
}

pub(crate) fn code(connection: &Connection, realm: &RealmName, digest: &SecretDigest) -> Found<Option<Code>> {
    CODE.one(connection, params![realm.as_str(), digest.as_bytes()], rows::code)
}

pub(crate) fn family(connection: &Connection, realm: &RealmName, id: FamilyId) -> Found<Option<Family>> {
    FAMILY.one(connection, params![realm.as_str(), id.uuid().as_bytes()], rows::family)
}

pub(crate) fn opaque_token(
    connection: &Connection,
    realm: &RealmName,
    digest: &SecretDigest,
) -> Found<Option<OpaqueToken>> {
    OPAQUE_TOKEN.one(connection, params![realm.as_str(), digest.as_bytes()], rows::opaque_token)
}

pub(crate) fn is_denied(connection: &Connection, realm: &RealmName, jti: &SecretDigest) -> Found<bool> {
    let found = IS_DENIED.one(connection, params![realm.as_str(), jti.as_bytes()], |_| Ok(()))?;
    Ok(found.is_some())
}

pub(crate) fn audit_events(
    connection: &Connection,
    realm: &RealmName,
    before: Option<AuditId>,
    limit: u32,
) -> Found<Vec<AuditEvent>> {
    match before {
        None => LATEST_AUDIT_EVENTS.all(connection, params![realm.as_str(), limit], rows::audit_event),
        Some(before) => EARLIER_AUDIT_EVENTS.all(
            connection,
            params![realm.as_str(), before.uuid().as_bytes(), limit],
            rows::audit_event,
        ),
    }
}
