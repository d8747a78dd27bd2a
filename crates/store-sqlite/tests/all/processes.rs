//! Several stores on one file, as the server and the command line are.

use std::sync::Arc;
use std::time::Duration;

use chancery_store::id::{ClientId, RealmName};
use chancery_store::secret::SecretDigest;
use chancery_store::store::Change;
use chancery_store::{Commit, Moment, Store as _, Write};
use chancery_store_sqlite::{SqliteOptions, SqliteStore};

fn spend(number: u32) -> Write {
    Write::SpendAssertion {
        realm: RealmName::default_realm(),
        client: ClientId::parse("web").unwrap(),
        jti: SecretDigest::of(&number.to_be_bytes()),
        until: Moment::from_seconds(100),
    }
}

fn two_on_one_file() -> (tempfile::TempDir, Arc<SqliteStore>, Arc<SqliteStore>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sqlite");
    let first = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
    first.migrate().unwrap();
    let second = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
    (folder, first, second)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_changes_is_announced_as_everything() {
    let (_folder, server, command) = two_on_one_file();
    let mut feed = server.changes();
    assert_eq!(command.commit(spend(1), vec![]).await.unwrap(), Commit::Done);
    let told = tokio::time::timeout(Duration::from_secs(10), feed.recv()).await.unwrap().unwrap();
    assert_eq!(told, Change::Everything);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_spent_is_spent_for_the_other() {
    let (_folder, one, other) = two_on_one_file();
    for round in 0..20 {
        let (first, second) = (Arc::clone(&one), Arc::clone(&other));
        let first = tokio::spawn(async move { first.commit(spend(round), vec![]).await.unwrap() });
        let second = tokio::spawn(async move { second.commit(spend(round), vec![]).await.unwrap() });
        let outcomes = [first.await.unwrap(), second.await.unwrap()];
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == Commit::Done).count(), 1);
    }
}
