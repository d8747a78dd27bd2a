//! Faults are named, and quote nothing that is kept.

use chancery_store::id::{ClientId, RealmName};
use chancery_store::{Store as _, StoreError};
use chancery_store_sqlite::{SqliteOptions, SqliteStore};

#[test]
fn a_database_that_cannot_be_opened_is_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("missing").join("store.sqlite");
    assert!(matches!(SqliteStore::open(&nowhere, SqliteOptions::default()), Err(StoreError::Unavailable(_))));
}

#[test]
fn a_file_that_is_no_database_does_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sqlite");
    std::fs::write(&path, "a letter, and no database at all; long enough to have a header of 100 bytes ".repeat(9))
        .unwrap();
    assert!(matches!(SqliteStore::open(&path, SqliteOptions::default()), Err(StoreError::Unreadable(_))));
}

#[cfg(unix)]
#[test]
fn a_new_database_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sqlite");
    let _store = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_row_that_does_not_read_is_a_fault_that_quotes_nothing_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sqlite");
    let store = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
    store.migrate().unwrap();
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute(
            "INSERT INTO clients (realm, id, revision, enabled, document)
             VALUES ('default', 'web', 1, 1, '{\"realm\": \"default\", \"id\": \"hunter2\", \"revision\": \"hunter2\"}')",
            [],
        )
        .unwrap();
    let error = store.client(&RealmName::default_realm(), &ClientId::parse("web").unwrap()).await.unwrap_err();
    assert!(matches!(error, StoreError::Unreadable(_)));
    assert!(!error.to_string().contains("hunter2"), "{error}");
}
