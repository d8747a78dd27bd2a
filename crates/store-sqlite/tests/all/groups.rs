//! What is written together stands or falls one by one.

use std::sync::Arc;

use chancery_store::audit::AuditEvent;
use chancery_store::id::{AuditId, ClientId, RealmName};
use chancery_store::secret::SecretDigest;
use chancery_store::{Commit, Moment, Store as _, StoreError, Write};
use chancery_store_sqlite::SqliteStore;

fn spend(number: u8) -> Write {
    Write::SpendAssertion {
        realm: RealmName::default_realm(),
        client: ClientId::parse("web").unwrap(),
        jti: SecretDigest::of(&[number]),
        until: Moment::from_seconds(100),
    }
}

fn event(number: u8) -> AuditEvent {
    AuditEvent {
        id: AuditId::at(0, [number; 10]),
        realm: RealmName::default_realm(),
        at: Moment::from_seconds(1),
        kind: "assertion.spent".to_owned(),
        client: None,
        user: None,
        detail: serde_json::Map::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_fails_takes_no_other_of_its_group_along() {
    let store = SqliteStore::in_memory().unwrap();
    assert_eq!(store.commit(Write::Record, vec![event(0)]).await.unwrap(), Commit::Done);
    let running: Vec<_> = (1..=96)
        .map(|number: u8| {
            let store = Arc::clone(&store);
            // Every third breaks on its second statement: an event of that name exists.
            let recorded = if number.is_multiple_of(3) { event(0) } else { event(number) };
            tokio::spawn(async move { (number, store.commit(spend(number), vec![recorded]).await) })
        })
        .collect();
    for one in running {
        let (number, outcome) = one.await.unwrap();
        if number.is_multiple_of(3) {
            assert!(matches!(outcome, Err(StoreError::Refused(_))), "{number}: {outcome:?}");
            assert_eq!(store.commit(spend(number), vec![]).await.unwrap(), Commit::Done, "{number} was taken back");
        } else {
            assert_eq!(outcome.unwrap(), Commit::Done, "{number}");
            assert_eq!(store.commit(spend(number), vec![]).await.unwrap(), Commit::Lost, "{number} was kept");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_callers_than_places_wait_and_are_all_answered() {
    let folder = tempfile::tempdir().unwrap();
    let options = chancery_store_sqlite::SqliteOptions { waiting_writes: 2, ..Default::default() };
    let store = SqliteStore::open(&folder.path().join("store.sqlite"), options).unwrap();
    store.migrate().unwrap();
    let running: Vec<_> = (0..64)
        .map(|number| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.commit(spend(number), vec![]).await.unwrap() })
        })
        .collect();
    for one in running {
        assert_eq!(one.await.unwrap(), Commit::Done);
    }
}
