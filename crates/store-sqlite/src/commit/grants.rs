//! Changes of pending requests, consents, codes and families.

use chancery_store::code::{Code, CodeState};
use chancery_store::consent::Consent;
use chancery_store::family::{Family, FamilyState};
use chancery_store::id::{ClientId, FamilyId, PendingId, RealmName, UserId};
use chancery_store::pending::Pending;
use chancery_store::secret::SecretDigest;
use chancery_store::token::OpaqueToken;
use chancery_store::{Commit, Moment};
use rusqlite::{Connection, params};

use super::{done_if, tokens};
use crate::fault::{Fault, Found};
use crate::rows::{ConsentDocument, write_document};
use crate::statement::Statement;

const KEEP_PENDING: Statement = Statement::new(
    "keep pending",
    "INSERT INTO pendings (realm, id, browser, document, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
);
const DROP_PENDING: Statement = Statement::new("drop pending", "DELETE FROM pendings WHERE realm = ?1 AND id = ?2");

const KEEP_CONSENT: Statement = Statement::new(
    "keep consent",
    "INSERT INTO consents (realm, user, client, document, granted_at) VALUES (?1, ?2, ?3, ?4, ?5)
     ON CONFLICT DO UPDATE SET document = excluded.document, granted_at = excluded.granted_at",
);
const REMOVE_CONSENT: Statement =
    Statement::new("remove consent", "DELETE FROM consents WHERE realm = ?1 AND user = ?2 AND client = ?3");
const REMOVE_OPEN_CODES_OF_CONSENT: Statement = Statement::new(
    "remove open codes of consent",
    "DELETE FROM codes WHERE realm = ?1 AND user = ?2 AND client = ?3 AND family IS NULL",
);
const END_FAMILIES_OF_CONSENT: Statement = Statement::new(
    "end families of consent",
    "UPDATE families SET ended_at = ?4 WHERE realm = ?1 AND user = ?2 AND client = ?3 AND ended_at IS NULL",
);

const ISSUE_CODE: Statement = Statement::new(
    "issue code",
    "INSERT INTO codes (realm, digest, client, user, document, forget_at, open_until, family, session)
     SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
     WHERE EXISTS (SELECT 1 FROM sessions WHERE realm = ?1 AND id = ?9)",
);
const REDEEM_CODE: Statement = Statement::new(
    "redeem code",
    "UPDATE codes SET open_until = NULL, family = ?3
     WHERE realm = ?1 AND digest = ?2 AND family IS NULL AND open_until > ?4
       AND session = ?5 AND EXISTS (SELECT 1 FROM sessions WHERE realm = ?1 AND id = ?5)",
);

const OPEN_FAMILY: Statement = Statement::new(
    "open family",
    "INSERT INTO families (realm, id, client, user, session, document, salt, created_at, expires_at, generation,
                           rotated_at, idle_until, ended_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
);
const ROTATE_REFRESH_TOKEN: Statement = Statement::new(
    "rotate refresh token",
    "UPDATE families SET generation = generation + 1, rotated_at = ?4, idle_until = ?5
     WHERE realm = ?1 AND id = ?2 AND generation = ?3 AND ended_at IS NULL AND idle_until > ?4 AND expires_at > ?4",
);
// A family that has ended keeps the moment at which it did.
const END_FAMILY: Statement =
    Statement::new("end family", "UPDATE families SET ended_at = coalesce(ended_at, ?3) WHERE realm = ?1 AND id = ?2");

pub(crate) const STATEMENTS: &[Statement] = &[
    KEEP_PENDING,
    DROP_PENDING,
    KEEP_CONSENT,
    REMOVE_CONSENT,
    REMOVE_OPEN_CODES_OF_CONSENT,
    END_FAMILIES_OF_CONSENT,
    ISSUE_CODE,
    REDEEM_CODE,
    OPEN_FAMILY,
    ROTATE_REFRESH_TOKEN,
    END_FAMILY,
];

pub(super) fn keep_pending(connection: &Connection, pending: &Pending) -> Found<Commit> {
    let document = write_document(&pending.request)?;
    KEEP_PENDING
        .run(
            connection,
            params![
                pending.realm.as_str(),
                pending.id.uuid().as_bytes(),
                pending.browser.as_bytes(),
                document,
                pending.created_at.milliseconds(),
                pending.expires_at.milliseconds()
            ],
        )
        .map(done_if)
}

pub(super) fn drop_pending(connection: &Connection, realm: &RealmName, pending: PendingId) -> Found<Commit> {
    DROP_PENDING.run(connection, params![realm.as_str(), pending.uuid().as_bytes()]).map(done_if)
}

pub(super) fn issue_code(
    connection: &Connection,
    code: &Code,
    consent: Option<&Consent>,
    pending: Option<PendingId>,
) -> Found<Commit> {
    if let Some(pending) = pending
        && drop_pending(connection, &code.realm, pending)? == Commit::Lost
    {
        return Ok(Commit::Lost);
    }
    let document = write_document(&code.grant)?;
    let (open_until, family) = match code.state {
        CodeState::Open { until } => (Some(until.milliseconds()), None),
        CodeState::Redeemed { family } => (None, Some(*family.uuid().as_bytes())),
    };
    let issued = ISSUE_CODE.run(
        connection,
        params![
            code.realm.as_str(),
            code.digest.as_bytes(),
            code.client.as_str(),
            code.grant.user.uuid().as_bytes(),
            document,
            code.forget_at.milliseconds(),
            open_until,
            family,
            code.grant.session.uuid().as_bytes()
        ],
    )?;
    if issued == 1
        && let Some(consent) = consent
    {
        keep_consent(connection, consent)?;
    }
    Ok(done_if(issued))
}

fn keep_consent(connection: &Connection, consent: &Consent) -> Found<()> {
    let document =
        write_document(&ConsentDocument { scope: consent.scope.clone(), resources: consent.resources.clone() })?;
    KEEP_CONSENT.run(
        connection,
        params![
            consent.realm.as_str(),
            consent.user.uuid().as_bytes(),
            consent.client.as_str(),
            document,
            consent.granted_at.milliseconds()
        ],
    )?;
    Ok(())
}

pub(super) fn redeem_code(
    connection: &Connection,
    code: &SecretDigest,
    family: &Family,
    access: Option<&OpaqueToken>,
) -> Found<Commit> {
    let issued_in = family.grant.session;
    if family.session.is_some_and(|ends_with| ends_with != issued_in) {
        return Err(Fault::Refused("a family ends with the session it came from, or with none".to_owned()));
    }
    let redeemed = REDEEM_CODE.run(
        connection,
        params![
            family.realm.as_str(),
            code.as_bytes(),
            family.id.uuid().as_bytes(),
            family.created_at.milliseconds(),
            issued_in.uuid().as_bytes()
        ],
    )?;
    if redeemed == 0 {
        return Ok(Commit::Lost);
    }
    open_family(connection, family)?;
    if let Some(token) = access {
        tokens::insert_opaque(connection, token)?;
    }
    Ok(Commit::Done)
}

fn open_family(connection: &Connection, family: &Family) -> Found<()> {
    let document = write_document(&family.grant)?;
    let (generation, rotated_at, idle_until, ended_at) = match family.state {
        FamilyState::Live { generation, rotated_at, idle_until } => (generation, rotated_at, idle_until, None),
        FamilyState::Ended { at } => (0, at, family.expires_at, Some(at.milliseconds())),
    };
    OPEN_FAMILY.run(
        connection,
        params![
            family.realm.as_str(),
            family.id.uuid().as_bytes(),
            family.client.as_str(),
            family.user.uuid().as_bytes(),
            family.session.map(|session| *session.uuid().as_bytes()),
            document,
            family.salt.0,
            family.created_at.milliseconds(),
            family.expires_at.milliseconds(),
            generation,
            rotated_at.milliseconds(),
            idle_until.milliseconds(),
            ended_at
        ],
    )?;
    Ok(())
}

/// What a rotation says of its family.
pub(super) struct Rotation {
    /// The generation that is spent.
    pub(super) spent: u32,
    /// When.
    pub(super) at: Moment,
    /// Until when the new one may lie unused.
    pub(super) idle_until: Moment,
}

pub(super) fn rotate_refresh_token(
    connection: &Connection,
    realm: &RealmName,
    family: FamilyId,
    rotation: Rotation,
    access: Option<&OpaqueToken>,
) -> Found<Commit> {
    let rotated = ROTATE_REFRESH_TOKEN.run(
        connection,
        params![
            realm.as_str(),
            family.uuid().as_bytes(),
            rotation.spent,
            rotation.at.milliseconds(),
            rotation.idle_until.milliseconds()
        ],
    )?;
    if rotated == 1
        && let Some(token) = access
    {
        tokens::insert_opaque(connection, token)?;
    }
    Ok(done_if(rotated))
}

pub(super) fn end_family(connection: &Connection, realm: &RealmName, family: FamilyId, at: Moment) -> Found<Commit> {
    END_FAMILY.run(connection, params![realm.as_str(), family.uuid().as_bytes(), at.milliseconds()]).map(done_if)
}

pub(super) fn withdraw_consent(
    connection: &Connection,
    realm: &RealmName,
    user: UserId,
    client: &ClientId,
    at: Moment,
) -> Found<Commit> {
    for statement in [REMOVE_CONSENT, REMOVE_OPEN_CODES_OF_CONSENT] {
        statement.run(connection, params![realm.as_str(), user.uuid().as_bytes(), client.as_str()])?;
    }
    END_FAMILIES_OF_CONSENT
        .run(connection, params![realm.as_str(), user.uuid().as_bytes(), client.as_str(), at.milliseconds()])?;
    Ok(Commit::Done)
}
