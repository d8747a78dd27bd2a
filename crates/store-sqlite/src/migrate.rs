//! Migrations: forward only, and one process at a time.

use std::fs::File;
use std::path::{Path, PathBuf};

use refinery::{Migration, Runner};
use rusqlite::Connection;

use crate::connection::{SqliteOptions, open_writer};
use crate::fault::{Fault, Found};

const MIGRATIONS: &[(&str, &str)] = &[("V1__house", include_str!("../migrations/V1__house.sql"))];

fn runner() -> Found<Runner> {
    let migrations = MIGRATIONS
        .iter()
        .map(|(name, text)| Migration::unapplied(name, text))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| fault(&error))?;
    // All or none, so that a fault in the second leaves no database between two releases.
    Ok(Runner::new(&migrations).set_grouped(true))
}

/// Brings the database at `path` to this release's schema; answers the names of what was done.
/// Another process that does the same at the same moment waits.
pub(crate) fn migrate(path: &Path, options: &SqliteOptions) -> Found<Vec<String>> {
    // Not the database's own lock: the first thing that would be read under it is the state of
    // the migrations, and that reading begins a transaction of its own.
    let lock = lock_file(path)?;
    lock.lock().map_err(|error| Fault::Unavailable(format!("the migration's lock: {error}")))?;
    let mut connection = open_writer(path, options)?;
    let report = runner()?.run(&mut connection).map_err(|error| fault(&error))?;
    Ok(report.applied_migrations().iter().map(Migration::to_string).collect())
}

/// The names of the migrations that the database at `path` lacks.
pub(crate) fn pending(connection: &Connection) -> Found<Vec<String>> {
    let known = runner()?;
    let newest = applied(connection)?;
    Ok(known.get_migrations().iter().filter(|one| one.version() > newest).map(Migration::to_string).collect())
}

fn applied(connection: &Connection) -> Found<i32> {
    let fault = |error| Fault::of("migrations", error);
    // A question in SQL, because it alone notices that another connection changed the schema.
    let kept: bool = connection
        .query_row("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'refinery_schema_history')", [], |row| {
            row.get(0)
        })
        .map_err(fault)?;
    if !kept {
        return Ok(0);
    }
    connection
        .query_row("SELECT coalesce(max(version), 0) FROM refinery_schema_history", [], |row| row.get(0))
        .map_err(fault)
}

fn lock_file(path: &Path) -> Found<File> {
    let mut name = path.as_os_str().to_owned();
    name.push("-migration");
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(PathBuf::from(name))
        .map_err(|error| Fault::Unavailable(format!("the migration's lock: {error}")))
}

fn fault(error: &refinery::Error) -> Fault {
    Fault::Refused(format!("migration: {error}"))
}
