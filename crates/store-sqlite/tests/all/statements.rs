//! Every statement prepares, and none reads a whole table.

use chancery_store_sqlite::{SqliteOptions, SqliteStore, statements};
use rusqlite::Connection;

fn migrated() -> (tempfile::TempDir, Connection) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sqlite");
    SqliteStore::open(&path, SqliteOptions::default()).unwrap().migrate().unwrap();
    let connection = Connection::open(&path).unwrap();
    (folder, connection)
}

#[test]
fn every_statement_prepares_on_a_freshly_migrated_database() {
    let (_folder, connection) = migrated();
    for statement in statements() {
        connection.prepare(statement.text).unwrap_or_else(|error| panic!("{}: {error}", statement.name));
    }
}

#[test]
fn every_statement_has_a_name_of_its_own() {
    let mut names: Vec<_> = statements().map(|statement| statement.name).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}

#[test]
fn no_statement_reads_a_whole_table_or_sorts_one() {
    let (_folder, connection) = migrated();
    let worked_on = |text: &str| ["SELECT", "INSERT", "UPDATE", "DELETE"].iter().any(|verb| text.starts_with(verb));
    for statement in statements().filter(|statement| worked_on(statement.text)) {
        let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", statement.text)).unwrap();
        let steps: Vec<String> =
            plan.raw_query().mapped(|row| row.get::<_, String>("detail")).collect::<Result<_, _>>().unwrap();
        for step in steps {
            let reads_all = step.starts_with("SCAN") && step != "SCAN CONSTANT ROW";
            assert!(!reads_all && !step.contains("TEMP B-TREE"), "{}: {step}", statement.name);
        }
    }
}
