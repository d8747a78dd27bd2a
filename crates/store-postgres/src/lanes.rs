//! Lanes: a few connections that many callers share. A statement is sent without waiting for the
//! answers of those before it, so that a round trip costs its caller time and nobody else.
//!
//! Nothing on a lane may take several round trips in one transaction: the statements of others
//! stand between.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chancery_store::StoreError;
use tokio::time::Instant;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row};

use crate::connection::Address;
use crate::fault::Fault;
use crate::statement::Statement;

/// A parameter of a statement.
pub(crate) type Parameter<'a> = &'a (dyn ToSql + Sync);

const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Connections of one kind.
pub(crate) struct Lanes {
    lanes: Vec<Lane>,
    next: AtomicUsize,
    patience: Duration,
}

struct Lane {
    address: Arc<Address>,
    waiting: AtomicUsize,
    line: RwLock<Option<Arc<Line>>>,
    connecting: tokio::sync::Mutex<Setback>,
}

/// One connection and the statements prepared on it; they go when it goes.
struct Line {
    client: Client,
    prepared: RwLock<HashMap<&'static str, tokio_postgres::Statement>>,
}

/// How the last attempts to connect went.
#[derive(Default)]
struct Setback {
    failures: u32,
    retry_at: Option<Instant>,
}

impl Lanes {
    /// `count` lanes that connect when they are first used. An answer that takes longer than
    /// `patience` means that the connection is dead.
    pub(crate) fn new(address: &Arc<Address>, count: usize, patience: Duration) -> Self {
        let lane = || Lane {
            address: address.clone(),
            waiting: AtomicUsize::new(0),
            line: RwLock::new(None),
            connecting: tokio::sync::Mutex::default(),
        };
        Self { lanes: (0..count.max(1)).map(|_| lane()).collect(), next: AtomicUsize::new(0), patience }
    }

    /// The rows of a statement that may be asked again: once more on another connection, where
    /// the first was lost.
    pub(crate) async fn read(
        &self,
        statement: &'static Statement,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        match self.run(statement, parameters).await {
            Err(fault) if fault.is_lost() => Ok(self.run(statement, parameters).await?),
            answer => Ok(answer?),
        }
    }

    /// The rows of a statement, tried once.
    pub(crate) async fn run(
        &self,
        statement: &'static Statement,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, Fault> {
        let lane = self.idlest();
        let _waiting = Waiting::on(lane);
        let line = lane.line().await?;
        match tokio::time::timeout(self.patience, line.run(statement, parameters)).await {
            Ok(answer) => answer,
            Err(_) => {
                // Whatever stands behind this statement would wait as long.
                lane.hang_up(&line);
                Err(StoreError::Unavailable(format!("{}: no answer in time", statement.name)).into())
            }
        }
    }

    /// The lane with the fewest callers; they take turns among equals.
    fn idlest(&self) -> &Lane {
        let first = self.next.fetch_add(1, Ordering::Relaxed) % self.lanes.len();
        let (behind, ahead) = self.lanes.split_at(first);
        let mut chosen = &self.lanes[first];
        for lane in ahead.iter().chain(behind) {
            if lane.waiting.load(Ordering::Relaxed) < chosen.waiting.load(Ordering::Relaxed) {
                chosen = lane;
            }
        }
        chosen
    }
}

impl Lane {
    async fn line(&self) -> Result<Arc<Line>, StoreError> {
        if let Some(line) = self.open_line() {
            return Ok(line);
        }
        let mut setback = self.connecting.lock().await;
        // Somebody may have connected while this caller waited for the lock.
        if let Some(line) = self.open_line() {
            return Ok(line);
        }
        if setback.retry_at.is_some_and(|retry_at| Instant::now() < retry_at) {
            return Err(StoreError::Unavailable("connect: failed a moment ago".to_owned()));
        }
        match self.address.open_ready().await {
            Ok(client) => {
                *setback = Setback::default();
                let line = Arc::new(Line { client, prepared: RwLock::default() });
                *self.line.write().unwrap_or_else(PoisonError::into_inner) = Some(line.clone());
                Ok(line)
            }
            Err(error) => {
                let wait = FIRST_WAIT.saturating_mul(1 << setback.failures.min(10)).min(LONGEST_WAIT);
                *setback = Setback { failures: setback.failures + 1, retry_at: Some(Instant::now() + wait) };
                Err(error)
            }
        }
    }

    fn open_line(&self) -> Option<Arc<Line>> {
        let line = self.line.read().unwrap_or_else(PoisonError::into_inner);
        line.as_ref().filter(|line| !line.client.is_closed()).cloned()
    }

    fn hang_up(&self, line: &Arc<Line>) {
        let mut kept = self.line.write().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_some_and(|kept| Arc::ptr_eq(kept, line)) {
            *kept = None;
        }
    }
}

impl Line {
    async fn run(&self, statement: &'static Statement, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, Fault> {
        let prepared = self.prepare(statement).await?;
        self.client.query(&prepared, parameters).await.map_err(Fault::server(statement.name))
    }

    async fn prepare(&self, statement: &'static Statement) -> Result<tokio_postgres::Statement, Fault> {
        let known = self.prepared.read().unwrap_or_else(PoisonError::into_inner).get(statement.name).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        // Two callers at once prepare it twice; the second is kept, the first is closed.
        let prepared = self.client.prepare(statement.sql).await.map_err(Fault::server(statement.name))?;
        self.prepared.write().unwrap_or_else(PoisonError::into_inner).insert(statement.name, prepared.clone());
        Ok(prepared)
    }
}

/// Counts a caller on a lane, also where the caller goes away.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn on(lane: &'a Lane) -> Self {
        lane.waiting.fetch_add(1, Ordering::Relaxed);
        Self(&lane.waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
