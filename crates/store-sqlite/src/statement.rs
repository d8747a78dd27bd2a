//! Every statement there is, by name: a test prepares each on a freshly migrated database.

use rusqlite::{CachedStatement, Connection, Params, Row};

use crate::fault::{Fault, Found};
use crate::{commit, reads, sweep, writer};

/// A statement and the name under which errors speak of it.
#[derive(Clone, Copy, Debug)]
pub struct Statement {
    /// Its name.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

impl Statement {
    pub(crate) const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, text }
    }

    /// Prepares it on `connection`, or takes it from that connection's cache.
    pub(crate) fn prepare<'c>(&self, connection: &'c Connection) -> Found<CachedStatement<'c>> {
        debug_assert!(statements().any(|known| known.text == self.text), "{} is not in the registry", self.name);
        connection.prepare_cached(self.text).map_err(|error| Fault::of(self.name, error))
    }

    /// Runs it; answers how many rows it changed.
    pub(crate) fn run(&self, connection: &Connection, params: impl Params) -> Found<usize> {
        self.prepare(connection)?.execute(params).map_err(|error| Fault::of(self.name, error))
    }

    /// The first row that it finds.
    pub(crate) fn one<T>(
        &self,
        connection: &Connection,
        params: impl Params,
        read: impl Fn(&Row<'_>) -> Found<T>,
    ) -> Found<Option<T>> {
        let mut prepared = self.prepare(connection)?;
        let mut rows = prepared.query(params).map_err(|error| Fault::of(self.name, error))?;
        match rows.next().map_err(|error| Fault::of(self.name, error))? {
            Some(row) => read(row).map(Some),
            None => Ok(None),
        }
    }

    /// Every row that it finds.
    pub(crate) fn all<T>(
        &self,
        connection: &Connection,
        params: impl Params,
        read: impl Fn(&Row<'_>) -> Found<T>,
    ) -> Found<Vec<T>> {
        let mut prepared = self.prepare(connection)?;
        let mut rows = prepared.query(params).map_err(|error| Fault::of(self.name, error))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(|error| Fault::of(self.name, error))? {
            found.push(read(row)?);
        }
        Ok(found)
    }
}

/// Every statement that this crate runs on records.
pub fn statements() -> impl Iterator<Item = Statement> {
    [
        reads::directory::STATEMENTS,
        reads::people::STATEMENTS,
        reads::grants::STATEMENTS,
        commit::STATEMENTS,
        commit::directory::STATEMENTS,
        commit::people::STATEMENTS,
        commit::attempts::STATEMENTS,
        commit::sessions::STATEMENTS,
        commit::grants::STATEMENTS,
        commit::tokens::STATEMENTS,
        sweep::STATEMENTS,
        writer::STATEMENTS,
    ]
    .into_iter()
    .flatten()
    .copied()
}
