//! The one writer: it groups what is waiting into one transaction and answers each when that is
//! durable. One `fsync` serves as many callers as came while the last one ran.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use chancery_store::audit::AuditEvent;
use chancery_store::error::StoreResult;
use chancery_store::store::Change;
use chancery_store::{Commit, Moment, StoreError, Write};
use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, broadcast, oneshot};

use crate::fault::{Fault, Found};
use crate::statement::Statement;
use crate::{commit, sweep};

/// Writes in one transaction at most: one that waits longer would gain nothing any more.
const LARGEST_GROUP: usize = 256;

/// How often the file is asked whether another process changed it.
const OUTSIDE_CHANGES: Duration = Duration::from_millis(50);

const BEGIN: Statement = Statement::new("begin", "BEGIN IMMEDIATE");
const COMMIT: Statement = Statement::new("commit", "COMMIT");
const ROLLBACK: Statement = Statement::new("roll back", "ROLLBACK");
const SAVEPOINT: Statement = Statement::new("savepoint", "SAVEPOINT one");
const KEEP_ONE: Statement = Statement::new("keep one", "RELEASE one");
const TAKE_ONE_BACK: Statement = Statement::new("take one back", "ROLLBACK TO one");
const DATA_VERSION: Statement = Statement::new("data version", "PRAGMA data_version");

pub(crate) const STATEMENTS: &[Statement] =
    &[BEGIN, COMMIT, ROLLBACK, SAVEPOINT, KEEP_ONE, TAKE_ONE_BACK, DATA_VERSION];

/// Where an answer goes. Nobody may be waiting for it any more.
pub(crate) type Answer<T> = oneshot::Sender<StoreResult<T>>;

/// What the writer is asked to do.
pub(crate) enum Order {
    /// One change with its audit events.
    Commit { write: Write, audit: Vec<AuditEvent>, answer: Answer<Commit> },
    /// Nothing, but in a transaction.
    Ping { answer: Answer<()> },
    /// Removal of what is over.
    Sweep { now: Moment, limit: u32, answer: Answer<u64> },
}

/// An order and its place in the queue, which is free again when the order was answered.
pub(crate) struct Queued {
    pub(crate) order: Order,
    pub(crate) place: OwnedSemaphorePermit,
}

/// What an order came to, known before it is durable.
enum Outcome {
    Commit(Answer<Commit>, Found<Commit>),
    Ping(Answer<()>),
    Sweep(Answer<u64>, Found<u64>),
}

pub(crate) struct Writer {
    connection: Connection,
    queue: Receiver<Queued>,
    announced: Arc<broadcast::Sender<Change>>,
    data_version: i64,
    looked_at: Instant,
}

impl Writer {
    pub(crate) fn new(
        connection: Connection,
        queue: Receiver<Queued>,
        announced: Arc<broadcast::Sender<Change>>,
    ) -> Found<Self> {
        let data_version = data_version(&connection)?;
        Ok(Self { connection, queue, announced, data_version, looked_at: Instant::now() })
    }

    /// Serves until every sender is gone and everything that was accepted is answered.
    pub(crate) fn serve(mut self) {
        loop {
            match self.queue.recv_timeout(OUTSIDE_CHANGES) {
                Ok(first) => self.serve_group(first),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if self.looked_at.elapsed() >= OUTSIDE_CHANGES {
                self.look_for_outside_changes();
            }
        }
        // The log is folded into the file, so that the file alone is the whole database. Where
        // another process holds it open, the log stays, and nothing is lost either.
        if let Err(error) = self.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") {
            tracing::debug!(%error, "the last checkpoint was left to others");
        }
    }

    fn serve_group(&mut self, first: Queued) {
        let mut group = Vec::with_capacity(LARGEST_GROUP.min(16));
        group.push(first);
        while group.len() < LARGEST_GROUP {
            let Ok(next) = self.queue.try_recv() else {
                break;
            };
            group.push(next);
        }
        let mut places = Vec::with_capacity(group.len());
        let mut orders = Vec::with_capacity(group.len());
        for Queued { order, place } in group {
            places.push(place);
            orders.push(order);
        }

        if let Err(fault) = BEGIN.run(&self.connection, []) {
            for order in orders {
                refuse(order, &fault);
            }
            return;
        }
        let mut changes = Vec::new();
        let outcomes: Vec<Outcome> = orders.into_iter().map(|order| self.carry_out(order, &mut changes)).collect();
        let durable = self.finish();
        if durable.is_ok() {
            for change in changes {
                // Nobody listening is no fault.
                let _listeners = self.announced.send(change);
            }
        }
        for outcome in outcomes {
            outcome.tell(&durable);
        }
    }

    fn carry_out(&self, order: Order, changes: &mut Vec<Change>) -> Outcome {
        match order {
            Order::Commit { write, audit, answer } => {
                let found = self.in_savepoint(|connection| {
                    let outcome = commit::apply(connection, &write)?;
                    if outcome == Commit::Done {
                        commit::record(connection, &audit)?;
                    }
                    Ok((outcome, outcome == Commit::Done))
                });
                if matches!(found, Ok(Commit::Done)) {
                    changes.extend(write.directory_change());
                }
                Outcome::Commit(answer, found)
            }
            Order::Ping { answer } => Outcome::Ping(answer),
            Order::Sweep { now, limit, answer } => {
                let found = self.in_savepoint(|connection| Ok((sweep::sweep(connection, now, limit)?, true)));
                Outcome::Sweep(answer, found)
            }
        }
    }

    /// Runs `change`, which says beside its result whether it shall be kept. What is not kept is
    /// taken back, alone.
    fn in_savepoint<T>(&self, change: impl FnOnce(&Connection) -> Found<(T, bool)>) -> Found<T> {
        // A full disk or a fault of it ends the whole transaction: what came after would else be
        // committed by itself, statement by statement.
        if self.connection.is_autocommit() {
            return Err(lost_transaction());
        }
        SAVEPOINT.run(&self.connection, [])?;
        let found = change(&self.connection);
        let keep = matches!(found, Ok((_, true)));
        if !keep && !self.connection.is_autocommit() {
            TAKE_ONE_BACK.run(&self.connection, [])?;
        }
        if !self.connection.is_autocommit() {
            KEEP_ONE.run(&self.connection, [])?;
        }
        found.map(|(result, _)| result)
    }

    fn finish(&self) -> Found<()> {
        if self.connection.is_autocommit() {
            return Err(lost_transaction());
        }
        COMMIT.run(&self.connection, []).map(|_| ()).inspect_err(|_| {
            if !self.connection.is_autocommit()
                && let Err(fault) = ROLLBACK.run(&self.connection, [])
            {
                tracing::error!(?fault, "a transaction could be neither committed nor rolled back");
            }
        })
    }

    fn look_for_outside_changes(&mut self) {
        self.looked_at = Instant::now();
        match data_version(&self.connection) {
            Ok(version) if version == self.data_version => return,
            Ok(version) => self.data_version = version,
            Err(fault) => tracing::warn!(?fault, "the database does not say whether it changed"),
        }
        // Another process wrote, or nobody knows: what is kept in memory may be over.
        let _listeners = self.announced.send(Change::Everything);
    }
}

impl Outcome {
    /// Answers: with what the order came to where the transaction is durable, with the fault else.
    fn tell(self, durable: &Found<()>) {
        // A caller that went away is not told; what it asked for was done all the same.
        let _told = match self {
            Self::Commit(answer, found) => answer.send(answered(found, durable)).is_ok(),
            Self::Ping(answer) => answer.send(answered(Ok(()), durable)).is_ok(),
            Self::Sweep(answer, found) => answer.send(answered(found, durable)).is_ok(),
        };
    }
}

fn answered<T>(found: Found<T>, durable: &Found<()>) -> StoreResult<T> {
    match durable {
        Ok(()) => found.map_err(StoreError::from),
        Err(fault) => Err(fault.clone().into()),
    }
}

fn refuse(order: Order, fault: &Fault) {
    let failed = Err(fault.clone());
    match order {
        Order::Commit { answer, .. } => Outcome::Commit(answer, Err(fault.clone())),
        Order::Ping { answer } => Outcome::Ping(answer),
        Order::Sweep { answer, .. } => Outcome::Sweep(answer, Err(fault.clone())),
    }
    .tell(&failed);
}

fn lost_transaction() -> Fault {
    Fault::Unavailable("the transaction was lost to an earlier fault".to_owned())
}

fn data_version(connection: &Connection) -> Found<i64> {
    let version = DATA_VERSION.one(connection, [], |row| crate::rows::column(row, 0))?;
    version.ok_or_else(|| Fault::Refused("the database has no version".to_owned()))
}
