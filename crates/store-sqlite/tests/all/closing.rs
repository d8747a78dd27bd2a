//! A store that is dropped.

use chancery_store::audit::AuditEvent;
use chancery_store::id::{AuditId, RealmName};
use chancery_store::{Commit, Moment, Store as _, Write};
use chancery_store_sqlite::{SqliteOptions, SqliteStore};

fn event(number: u8) -> AuditEvent {
    AuditEvent {
        id: AuditId::at(0, [number; 10]),
        realm: RealmName::default_realm(),
        at: Moment::from_seconds(1),
        kind: "store.tried".to_owned(),
        client: None,
        user: None,
        detail: serde_json::Map::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_store_has_done_what_it_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sqlite");
    let store = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
    store.migrate().unwrap();
    for number in 0..100 {
        // Polled once: the order is in the queue, and nobody waits for its answer.
        tokio::select! {
            biased;
            outcome = store.commit(Write::Record, vec![event(number)]) => assert_eq!(outcome.unwrap(), Commit::Done),
            () = async {} => {}
        }
    }
    drop(store);
    assert!(!folder.path().join("store.sqlite-wal").exists(), "the log was folded into the file");
    let store = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
    let kept = store.audit_events(&RealmName::default_realm(), None, 1000).await.unwrap();
    assert_eq!(kept.len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_in_memory_is_gone_when_it_is_dropped() {
    let first = SqliteStore::in_memory().unwrap();
    let second = SqliteStore::in_memory().unwrap();
    assert_eq!(first.commit(Write::Record, vec![event(1)]).await.unwrap(), Commit::Done);
    let kept = second.audit_events(&RealmName::default_realm(), None, 1000).await.unwrap();
    assert!(kept.is_empty(), "each is its own");
}
