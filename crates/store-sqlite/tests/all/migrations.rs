//! Migrations.

use std::sync::Arc;

use chancery_store::{Store as _, StoreError};
use chancery_store_sqlite::{SqliteOptions, SqliteStore};

#[tokio::test]
async fn a_new_database_lacks_every_migration_until_it_is_migrated() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("store.sqlite"), SqliteOptions::default()).unwrap();
    assert_eq!(store.pending_migrations().unwrap(), ["V1__house"]);
    assert!(store.ping().await.is_err());
    assert_eq!(store.migrate().unwrap(), ["V1__house"]);
    assert_eq!(store.migrate().unwrap(), Vec::<String>::new());
    assert_eq!(store.pending_migrations().unwrap(), Vec::<String>::new());
    store.ping().await.unwrap();
}

#[test]
fn of_many_that_migrate_at_once_one_does_and_all_succeed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sqlite");
    let start = Arc::new(std::sync::Barrier::new(8));
    let running: Vec<_> = (0..8)
        .map(|_| {
            let (path, start) = (path.clone(), Arc::clone(&start));
            std::thread::spawn(move || {
                let store = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
                start.wait();
                store.migrate().unwrap().len()
            })
        })
        .collect();
    let migrated: usize = running.into_iter().map(|one| one.join().unwrap()).sum();
    assert_eq!(migrated, 1);
}

#[test]
fn a_database_of_a_later_release_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sqlite");
    let store = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
    store.migrate().unwrap();
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute(
            "INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
             VALUES (9999, 'later', '2030-01-01T00:00:00Z', '1')",
            [],
        )
        .unwrap();
    assert!(matches!(store.migrate(), Err(StoreError::Refused(_))));
}
