//! Changes of the counts of failed sign-ins.

use chancery_store::Commit;
use chancery_store::attempt::{AttemptKey, CountedAttempt};
use rusqlite::{Connection, params};

use crate::fault::Found;
use crate::statement::Statement;

// Where nobody tried, the count that was seen is 0 and there is no row: the first half lets a
// row begin only then, the second lets it go on only from the count that was seen.
const COUNT: Statement = Statement::new(
    "count attempt",
    "INSERT INTO attempts (realm, subject, count, retry_at, forget_at)
     SELECT ?1, ?2, ?3, ?4, ?5
     WHERE ?6 = 0 OR EXISTS (SELECT 1 FROM attempts WHERE realm = ?1 AND subject = ?2)
     ON CONFLICT DO UPDATE SET count = excluded.count, retry_at = excluded.retry_at, forget_at = excluded.forget_at
     WHERE count = ?6",
);
const CLEAR: Statement = Statement::new("clear attempts", "DELETE FROM attempts WHERE realm = ?1 AND subject = ?2");
const FORGIVE: Statement = Statement::new(
    "forgive attempt",
    "UPDATE attempts SET count = max(count - 1, 0), retry_at = NULL WHERE realm = ?1 AND subject = ?2",
);

pub(crate) const STATEMENTS: &[Statement] = &[COUNT, CLEAR, FORGIVE];

pub(super) fn count(connection: &Connection, counted: &[CountedAttempt]) -> Found<Commit> {
    for CountedAttempt { key, seen, becomes, forget_at } in counted {
        let changed = COUNT.run(
            connection,
            params![
                key.realm.as_str(),
                key.subject.as_bytes(),
                becomes.count,
                becomes.retry_at.map(chancery_store::Moment::milliseconds),
                forget_at.milliseconds(),
                seen
            ],
        )?;
        if changed == 0 {
            return Ok(Commit::Lost);
        }
    }
    Ok(Commit::Done)
}

pub(super) fn settle(connection: &Connection, cleared: &AttemptKey, forgiven: &AttemptKey) -> Found<Commit> {
    CLEAR.run(connection, params![cleared.realm.as_str(), cleared.subject.as_bytes()])?;
    FORGIVE.run(connection, params![forgiven.realm.as_str(), forgiven.subject.as_bytes()])?;
    Ok(Commit::Done)
}
