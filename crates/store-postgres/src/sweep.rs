//! Removes what is over, a limited number at a time, by the index of each table's end. Rows that
//! somebody holds are left for the next time.

use chancery_store::error::StoreResult;
use chancery_store::{Moment, StoreError};
use uuid::Uuid;

use crate::PostgresStore;
use crate::commit::Together;
use crate::commit::sessions::end_what_depends_on;
use crate::fault::Fault;
use crate::lanes::Parameter;
use crate::statement::{Statement, register};

register! {
    SWEEP_PASSWORD_LINKS = "DELETE FROM password_links WHERE ctid IN (SELECT ctid FROM password_links
        WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
    SWEEP_ATTEMPTS = "DELETE FROM attempts WHERE ctid IN (SELECT ctid FROM attempts
        WHERE forget_at <= $1 ORDER BY forget_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
    PUT_OFF_SESSIONS = "UPDATE sessions SET sweep_at = LEAST(idle_until, expires_at) WHERE ctid IN (
        SELECT ctid FROM sessions WHERE sweep_at <= $1 AND LEAST(idle_until, expires_at) > $1
        ORDER BY sweep_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
    SWEEP_SESSIONS = "DELETE FROM sessions WHERE ctid IN (
        SELECT ctid FROM sessions WHERE sweep_at <= $1 AND LEAST(idle_until, expires_at) <= $1
        ORDER BY sweep_at LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING realm, id";
    SWEEP_PENDINGS = "DELETE FROM pendings WHERE ctid IN (SELECT ctid FROM pendings
        WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
    SWEEP_CODES = "DELETE FROM codes WHERE ctid IN (SELECT ctid FROM codes
        WHERE forget_at <= $1 ORDER BY forget_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
    PUT_OFF_FAMILIES = "UPDATE families SET sweep_at = LEAST(idle_until, expires_at) WHERE ctid IN (
        SELECT ctid FROM families WHERE sweep_at <= $1 AND LEAST(idle_until, expires_at) > $1
        ORDER BY sweep_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
    SWEEP_FAMILIES = "DELETE FROM families WHERE ctid IN (
        SELECT ctid FROM families WHERE sweep_at <= $1 AND LEAST(idle_until, expires_at) <= $1
        ORDER BY sweep_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
    SWEEP_OPAQUE_TOKENS = "DELETE FROM opaque_tokens WHERE ctid IN (SELECT ctid FROM opaque_tokens
        WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
    SWEEP_DENIED_TOKENS = "DELETE FROM denied_tokens WHERE ctid IN (SELECT ctid FROM denied_tokens
        WHERE denied_until <= $1 ORDER BY denied_until LIMIT $2 FOR UPDATE SKIP LOCKED)";
    SWEEP_SPENT_ASSERTIONS = "DELETE FROM spent_assertions WHERE ctid IN (SELECT ctid FROM spent_assertions
        WHERE spent_until <= $1 ORDER BY spent_until LIMIT $2 FOR UPDATE SKIP LOCKED)";
}

/// Tables whose rows go alone, and what finds rows that only looked as if they were over.
const ALONE: &[(Option<&Statement>, &Statement)] = &[
    (None, &SWEEP_PASSWORD_LINKS),
    (None, &SWEEP_ATTEMPTS),
    (None, &SWEEP_PENDINGS),
    (None, &SWEEP_CODES),
    (Some(&PUT_OFF_FAMILIES), &SWEEP_FAMILIES),
    (None, &SWEEP_OPAQUE_TOKENS),
    (None, &SWEEP_DENIED_TOKENS),
    (None, &SWEEP_SPENT_ASSERTIONS),
];

pub(crate) async fn sweep(store: &PostgresStore, now: Moment, limit: u32) -> StoreResult<u64> {
    let (now, limit) = (now.milliseconds(), i64::from(limit));
    let bounds: [Parameter<'_>; 2] = [&now, &limit];
    let mut removed = sessions(store, &bounds, now).await?;
    for (put_off, statement) in ALONE {
        let mut connection = store.connection().await?;
        let together = Together::begin(&mut connection).await?;
        if let Some(put_off) = put_off {
            together.run(put_off, &bounds).await?;
        }
        removed += together.run(statement, &bounds).await?;
        // What is swept twice is gone as well: nothing was lost.
        let _ = together.commit().await?;
    }
    Ok(removed)
}

/// A session that ran out takes with it its open codes and the families that end with it, as one
/// that was ended.
async fn sessions(store: &PostgresStore, bounds: &[Parameter<'_>; 2], now: i64) -> Result<u64, Fault> {
    let mut connection = store.connection().await?;
    let together = Together::begin(&mut connection).await?;
    together.run(&PUT_OFF_SESSIONS, bounds).await?;
    let gone = together.rows(&SWEEP_SESSIONS, bounds).await?;
    let unreadable = |_| StoreError::Unreadable("session: name".to_owned());
    let realms = gone.iter().map(|row| row.try_get("realm")).collect::<Result<Vec<&str>, _>>().map_err(unreadable)?;
    let names = gone.iter().map(|row| row.try_get("id")).collect::<Result<Vec<Uuid>, _>>().map_err(unreadable)?;
    end_what_depends_on(&together, &realms, &names, now).await?;
    let _ = together.commit().await?;
    Ok(gone.len() as u64)
}
