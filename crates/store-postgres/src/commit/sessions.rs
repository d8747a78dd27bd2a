//! Changes of sessions, and of the requests that wait for a person.

use chancery_store::Commit;
use chancery_store::audit::AuditEvent;
use chancery_store::id::{PendingId, RealmName, SessionId};
use chancery_store::moment::Moment;
use chancery_store::pending::Pending;
use chancery_store::session::Session;
use tokio_postgres::types::Json;
use uuid::Uuid;

use crate::PostgresStore;
use crate::commit::{Together, alone};
use crate::fault::Fault;
use crate::lanes::Parameter;
use crate::rows::SessionDocument;
use crate::statement::{audited, register};

register! {
    LOCK_OWNER = "SELECT 1 FROM users WHERE realm = $1 AND id = $2 AND enabled FOR SHARE";
    OPEN_SESSION = concat!("WITH owner AS MATERIALIZED (
            SELECT 1 FROM users WHERE realm = $5 AND id = $8 AND enabled FOR SHARE),
        gate AS (
            INSERT INTO sessions (realm, id, secret, user_id, created_at, seen_at, idle_until, expires_at,
                sweep_at, document)
            SELECT $5, $6, $7, $8, $9, $10, $11, $12, LEAST($11::bigint, $12::bigint), $13 FROM owner
            RETURNING 1), ",
        audited!(), " SELECT 1 FROM gate");
    TOUCH_SESSION = concat!("WITH touched AS (
            UPDATE sessions SET seen_at = $7, idle_until = $8, sweep_at = LEAST(sweep_at, $8)
            WHERE realm = $5 AND id = $6 AND seen_at <= $7),
        gate AS (SELECT 1), ",
        audited!(), " SELECT 1 FROM gate");
    DELETE_SESSION = "DELETE FROM sessions WHERE realm = $1 AND id = $2";
    DELETE_OPEN_CODES_OF_SESSIONS = "WITH locked AS MATERIALIZED (
            SELECT codes.realm, codes.digest FROM codes
            JOIN unnest($1::text[], $2::uuid[]) AS gone (realm, id)
                ON codes.realm = gone.realm AND codes.session_id = gone.id
            WHERE codes.family_id IS NULL
            ORDER BY codes.realm, codes.digest FOR UPDATE OF codes)
        DELETE FROM codes USING locked WHERE codes.realm = locked.realm AND codes.digest = locked.digest";
    END_FAMILIES_OF_SESSIONS = "WITH locked AS MATERIALIZED (
            SELECT families.realm, families.id FROM families
            JOIN unnest($1::text[], $2::uuid[]) AS gone (realm, id)
                ON families.realm = gone.realm AND families.session_id = gone.id
            WHERE families.ended_at IS NULL
            ORDER BY families.realm, families.id FOR NO KEY UPDATE OF families)
        UPDATE families SET ended_at = $3 FROM locked
        WHERE families.realm = locked.realm AND families.id = locked.id";
    KEEP_PENDING = concat!("WITH gate AS (
            INSERT INTO pendings (realm, id, browser, created_at, expires_at, document)
            VALUES ($5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING RETURNING 1), ",
        audited!(), " SELECT 1 FROM gate");
    DROP_PENDING = concat!("WITH gate AS (
            DELETE FROM pendings WHERE realm = $5 AND id = $6 RETURNING 1), ",
        audited!(), " SELECT 1 FROM gate");
}

/// The owner is locked against being disabled (FOR SHARE): a change that comes later finds the
/// session and removes it, one that came first is waited for and leaves no owner.
pub(super) async fn open(
    store: &PostgresStore,
    audit: &[AuditEvent],
    session: &Session,
    replaces: Option<SessionId>,
) -> Result<Commit, Fault> {
    let secret: &[u8] = session.secret.as_bytes();
    let document = Json(SessionDocument {
        authentication: session.authentication.clone(),
        user_agent: session.user_agent.clone(),
    });
    let (realm, user) = (session.realm.as_str(), session.user.uuid());
    let parameters: [Parameter<'_>; 9] = [
        &realm,
        &session.id.uuid(),
        &secret,
        &user,
        &session.created_at.milliseconds(),
        &session.seen_at.milliseconds(),
        &session.idle_until.milliseconds(),
        &session.expires_at.milliseconds(),
        &document,
    ];
    let Some(replaced) = replaces else {
        return alone(store, &OPEN_SESSION, audit, &parameters).await;
    };
    let mut connection = store.connection().await?;
    let together = Together::begin(&mut connection).await?;
    if together.run(&LOCK_OWNER, &[&realm, &user]).await? == 0 {
        return Ok(Commit::Lost);
    }
    remove(&together, &session.realm, replaced, session.created_at).await?;
    together.done_with(&OPEN_SESSION, audit, &parameters).await
}

pub(super) async fn end(
    store: &PostgresStore,
    audit: &[AuditEvent],
    realm: &RealmName,
    session: SessionId,
    at: Moment,
) -> Result<Commit, Fault> {
    let mut connection = store.connection().await?;
    let together = Together::begin(&mut connection).await?;
    if !remove(&together, realm, session, at).await? {
        return Ok(Commit::Lost);
    }
    together.done(audit).await
}

/// A statement for each table: a redemption or a new code that holds the session is waited for by
/// the first, and what it left is seen by those after it.
async fn remove(together: &Together<'_>, realm: &RealmName, session: SessionId, at: Moment) -> Result<bool, Fault> {
    let uuid = session.uuid();
    if together.run(&DELETE_SESSION, &[&realm.as_str(), &uuid]).await? == 0 {
        return Ok(false);
    }
    end_what_depends_on(together, &[realm.as_str()], &[uuid], at.milliseconds()).await?;
    Ok(true)
}

/// Removes the open codes of sessions that are gone, and ends the families that end with them.
pub(crate) async fn end_what_depends_on(
    together: &Together<'_>,
    realms: &[&str],
    sessions: &[Uuid],
    at: i64,
) -> Result<(), Fault> {
    together.run(&DELETE_OPEN_CODES_OF_SESSIONS, &[&realms, &sessions]).await?;
    together.run(&END_FAMILIES_OF_SESSIONS, &[&realms, &sessions, &at]).await?;
    Ok(())
}

/// An older use that arrives late does not undo a younger one; where the session is gone there is
/// nothing to note.
pub(super) async fn touch(
    store: &PostgresStore,
    audit: &[AuditEvent],
    realm: &RealmName,
    session: SessionId,
    seen_at: Moment,
    idle_until: Moment,
) -> Result<Commit, Fault> {
    let parameters: [Parameter<'_>; 4] =
        [&realm.as_str(), &session.uuid(), &seen_at.milliseconds(), &idle_until.milliseconds()];
    alone(store, &TOUCH_SESSION, audit, &parameters).await
}

pub(super) async fn keep_pending(
    store: &PostgresStore,
    audit: &[AuditEvent],
    pending: &Pending,
) -> Result<Commit, Fault> {
    let browser: &[u8] = pending.browser.as_bytes();
    let parameters: [Parameter<'_>; 6] = [
        &pending.realm.as_str(),
        &pending.id.uuid(),
        &browser,
        &pending.created_at.milliseconds(),
        &pending.expires_at.milliseconds(),
        &Json(&pending.request),
    ];
    alone(store, &KEEP_PENDING, audit, &parameters).await
}

pub(super) async fn drop_pending(
    store: &PostgresStore,
    audit: &[AuditEvent],
    realm: &RealmName,
    pending: PendingId,
) -> Result<Commit, Fault> {
    alone(store, &DROP_PENDING, audit, &[&realm.as_str(), &pending.uuid()]).await
}
