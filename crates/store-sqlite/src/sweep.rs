//! Removal of what is over, a bounded number of rows at a time, found by an index on its end.

use chancery_store::Moment;
use rusqlite::{Connection, params};

use crate::fault::Found;
use crate::statement::Statement;

// Before the sessions go: a code is good only in its session, and the session is what these
// families end with, also when nobody ended it.
const REMOVE_OPEN_CODES_OF_SESSIONS: Statement = Statement::new(
    "remove open codes of swept sessions",
    "DELETE FROM codes WHERE family IS NULL AND (realm, session) IN
        (SELECT realm, id FROM sessions WHERE over_at <= ?1 ORDER BY over_at, rowid LIMIT ?2)",
);
const END_FAMILIES_OF_SESSIONS: Statement = Statement::new(
    "end families of swept sessions",
    "UPDATE families SET ended_at = ?1
     WHERE ended_at IS NULL AND session IS NOT NULL AND (realm, session) IN
        (SELECT realm, id FROM sessions WHERE over_at <= ?1 ORDER BY over_at, rowid LIMIT ?2)",
);

const SWEEPS: &[Statement] = &[
    Statement::new(
        "sweep sessions",
        "DELETE FROM sessions WHERE rowid IN
            (SELECT rowid FROM sessions WHERE over_at <= ?1 ORDER BY over_at, rowid LIMIT ?2)",
    ),
    Statement::new(
        "sweep pendings",
        "DELETE FROM pendings WHERE rowid IN
            (SELECT rowid FROM pendings WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
    ),
    Statement::new(
        "sweep codes",
        "DELETE FROM codes WHERE rowid IN
            (SELECT rowid FROM codes WHERE forget_at <= ?1 ORDER BY forget_at LIMIT ?2)",
    ),
    Statement::new(
        "sweep families",
        "DELETE FROM families WHERE rowid IN
            (SELECT rowid FROM families WHERE over_at <= ?1 ORDER BY over_at LIMIT ?2)",
    ),
    Statement::new(
        "sweep opaque tokens",
        "DELETE FROM opaque_tokens WHERE rowid IN
            (SELECT rowid FROM opaque_tokens WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
    ),
    Statement::new(
        "sweep denied tokens",
        "DELETE FROM denied_tokens WHERE (realm, jti) IN
            (SELECT realm, jti FROM denied_tokens WHERE until <= ?1 ORDER BY until LIMIT ?2)",
    ),
    Statement::new(
        "sweep spent assertions",
        "DELETE FROM spent_assertions WHERE (realm, client, jti) IN
            (SELECT realm, client, jti FROM spent_assertions WHERE until <= ?1 ORDER BY until LIMIT ?2)",
    ),
    Statement::new(
        "sweep attempts",
        "DELETE FROM attempts WHERE (realm, subject) IN
            (SELECT realm, subject FROM attempts WHERE forget_at <= ?1 ORDER BY forget_at LIMIT ?2)",
    ),
    Statement::new(
        "sweep password links",
        "DELETE FROM password_links WHERE (realm, digest) IN
            (SELECT realm, digest FROM password_links WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
    ),
];

pub(crate) const STATEMENTS: &[Statement] = &[
    REMOVE_OPEN_CODES_OF_SESSIONS,
    END_FAMILIES_OF_SESSIONS,
    SWEEPS[0],
    SWEEPS[1],
    SWEEPS[2],
    SWEEPS[3],
    SWEEPS[4],
    SWEEPS[5],
    SWEEPS[6],
    SWEEPS[7],
    SWEEPS[8],
];

/// Removes at most `limit` records of each kind; answers how many.
pub(crate) fn sweep(connection: &Connection, now: Moment, limit: u32) -> Found<u64> {
    REMOVE_OPEN_CODES_OF_SESSIONS.run(connection, params![now.milliseconds(), limit])?;
    END_FAMILIES_OF_SESSIONS.run(connection, params![now.milliseconds(), limit])?;
    let mut removed = 0;
    for statement in SWEEPS {
        removed += statement.run(connection, params![now.milliseconds(), limit])? as u64;
    }
    Ok(removed)
}
