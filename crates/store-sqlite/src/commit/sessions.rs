//! Changes of sessions. The open codes of a session go, and the families that end with it end, in
//! the same change.

use chancery_store::id::{RealmName, SessionId};
use chancery_store::session::Session;
use chancery_store::{Commit, Moment};
use rusqlite::{Connection, params};

use super::done_if;
use crate::fault::Found;
use crate::rows::write_document;
use crate::statement::Statement;

const OPEN: Statement = Statement::new(
    "open session",
    "INSERT INTO sessions (realm, id, secret, user, authentication, user_agent, created_at, seen_at, idle_until,
                           expires_at)
     SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
     WHERE EXISTS (SELECT 1 FROM users WHERE realm = ?1 AND id = ?4 AND enabled = 1)",
);
// An older use that arrives late does not undo a younger one.
const TOUCH: Statement = Statement::new(
    "touch session",
    "UPDATE sessions SET seen_at = ?3, idle_until = ?4 WHERE realm = ?1 AND id = ?2 AND seen_at <= ?3",
);
const REMOVE: Statement = Statement::new("remove session", "DELETE FROM sessions WHERE realm = ?1 AND id = ?2");
const REMOVE_OPEN_CODES: Statement = Statement::new(
    "remove open codes of session",
    "DELETE FROM codes WHERE realm = ?1 AND session = ?2 AND family IS NULL",
);
const END_FAMILIES: Statement = Statement::new(
    "end families of session",
    "UPDATE families SET ended_at = ?3 WHERE realm = ?1 AND session = ?2 AND ended_at IS NULL",
);

pub(crate) const STATEMENTS: &[Statement] = &[OPEN, TOUCH, REMOVE, REMOVE_OPEN_CODES, END_FAMILIES];

pub(super) fn open(connection: &Connection, session: &Session, replaces: Option<SessionId>) -> Found<Commit> {
    let authentication = write_document(&session.authentication)?;
    let opened = OPEN.run(
        connection,
        params![
            session.realm.as_str(),
            session.id.uuid().as_bytes(),
            session.secret.as_bytes(),
            session.user.uuid().as_bytes(),
            authentication,
            session.user_agent,
            session.created_at.milliseconds(),
            session.seen_at.milliseconds(),
            session.idle_until.milliseconds(),
            session.expires_at.milliseconds()
        ],
    )?;
    if opened == 1
        && let Some(former) = replaces
    {
        // Also where it had ended already: the browser has no session but the new one.
        let _ended_before = end(connection, &session.realm, former, session.created_at)?;
    }
    Ok(done_if(opened))
}

pub(super) fn touch(
    connection: &Connection,
    realm: &RealmName,
    session: SessionId,
    seen_at: Moment,
    idle_until: Moment,
) -> Found<Commit> {
    TOUCH.run(
        connection,
        params![realm.as_str(), session.uuid().as_bytes(), seen_at.milliseconds(), idle_until.milliseconds()],
    )?;
    Ok(Commit::Done)
}

pub(super) fn end(connection: &Connection, realm: &RealmName, session: SessionId, at: Moment) -> Found<Commit> {
    let removed = REMOVE.run(connection, params![realm.as_str(), session.uuid().as_bytes()])?;
    if removed == 1 {
        REMOVE_OPEN_CODES.run(connection, params![realm.as_str(), session.uuid().as_bytes()])?;
        END_FAMILIES.run(connection, params![realm.as_str(), session.uuid().as_bytes(), at.milliseconds()])?;
    }
    Ok(done_if(removed))
}
