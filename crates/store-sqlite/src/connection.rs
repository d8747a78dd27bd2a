//! How connections are opened: one that writes, and as many that read as there are threads
//! reading at once.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::fault::{Fault, Found};

/// How the database is used.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// What an answered write survives.
    pub durability: Durability,
    /// How long a write waits while another process (the command line) writes.
    pub busy_timeout: Duration,
    /// Kibibytes of pages that each reading connection keeps.
    pub reader_cache: u32,
    /// Kibibytes of pages that the writing connection keeps.
    pub writer_cache: u32,
    /// Writes that may wait for the writer before callers are made to wait as well.
    pub waiting_writes: usize,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            durability: Durability::Full,
            busy_timeout: Duration::from_secs(5),
            reader_cache: 2048,
            writer_cache: 16_384,
            waiting_writes: 1024,
        }
    }
}

/// What an answered write survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// The process, the system and the power (`synchronous=FULL`).
    Full,
    /// The process alone: for databases that are thrown away.
    Process,
}

/// Opens the connection that writes, and makes the file where there is none.
pub(crate) fn open_writer(path: &Path, options: &SqliteOptions) -> Found<Connection> {
    make_private(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags, options)?;
    let synchronous = match options.durability {
        Durability::Full => "FULL",
        Durability::Process => "OFF",
    };
    let pragmas = [
        ("journal_mode", "WAL".to_owned()),
        ("synchronous", synchronous.to_owned()),
        ("foreign_keys", "ON".to_owned()),
        ("cache_size", format!("-{}", options.writer_cache)),
        // A checkpoint is paid by one write of this many pages' worth.
        ("wal_autocheckpoint", "2000".to_owned()),
        ("journal_size_limit", (64 * 1024 * 1024).to_string()),
    ];
    for (name, value) in pragmas {
        set(&connection, name, &value)?;
    }
    let mode: String = connection
        .pragma_query_value(None, "journal_mode", |row| row.get(0))
        .map_err(|error| Fault::of("journal_mode", error))?;
    if mode.eq_ignore_ascii_case("wal") {
        Ok(connection)
    } else {
        Err(Fault::Unavailable(format!("the database cannot use a write-ahead log here (it uses {mode})")))
    }
}

/// Makes the file, where there is none, for its owner alone. SQLite gives the files beside it the
/// same permissions.
fn make_private(path: &Path) -> Found<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_made) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(Fault::Unavailable(format!("the database cannot be made: {error}"))),
    }
}

fn open_reader(path: &Path, options: &SqliteOptions) -> Found<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags, options)?;
    set(&connection, "query_only", "ON")?;
    set(&connection, "cache_size", &format!("-{}", options.reader_cache))?;
    Ok(connection)
}

fn open(path: &Path, flags: OpenFlags, options: &SqliteOptions) -> Found<Connection> {
    let fault = |error| Fault::of("open", error);
    let connection = Connection::open_with_flags(path, flags).map_err(fault)?;
    connection.busy_timeout(options.busy_timeout).map_err(fault)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false).map_err(fault)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true).map_err(fault)?;
    connection.set_prepared_statement_cache_capacity(160);
    Ok(connection)
}

fn set(connection: &Connection, name: &str, value: &str) -> Found<()> {
    connection.execute_batch(&format!("PRAGMA {name} = {value}")).map_err(|error| Fault::of(name, error))
}

/// Reading connections that nobody uses at the moment. A read is short and never waits, so there
/// are never more than threads; the last one used is the next one used, for its warm cache.
pub(crate) struct Readers {
    path: PathBuf,
    options: SqliteOptions,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(crate) fn new(path: &Path, options: &SqliteOptions) -> Self {
        Self { path: path.to_owned(), options: options.clone(), idle: Mutex::new(Vec::new()) }
    }

    /// Lends a connection to `read`.
    pub(crate) fn lend<T>(&self, read: impl FnOnce(&Connection) -> Found<T>) -> Found<T> {
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => open_reader(&self.path, &self.options)?,
        };
        let found = read(&connection);
        self.idle().push(connection);
        found
    }

    /// Closes those that are idle.
    pub(crate) fn close(&self) {
        self.idle().clear();
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
