//! The change feed between nodes.

use std::sync::Arc;

use chancery_store::directory::Directory;
use chancery_store::store::Change;
use chancery_store::{Commit, Store, Write};
use chancery_store_postgres::PostgresStore;
use tokio::sync::broadcast;

use crate::ground::Ground;
use crate::outage;
use crate::records::{client, client_id, done, event, realm};

fn save_client(revision: u64, enabled: bool) -> Write {
    Write::SaveClient(Box::new(client(revision, enabled)))
}

/// Waits for a change of the client; anything else that is heard is passed over.
async fn heard_client(feed: &mut broadcast::Receiver<Change>) {
    while feed.recv().await.expect("the feed goes on") != Change::Client(realm(), client_id()) {}
}

#[tokio::test]
async fn a_client_that_is_disabled_on_one_node_cannot_be_loaded_on_another() {
    let ground = Ground::migrated().await;
    let (one, other) = (ground.node().await, ground.node().await);
    let directory = Directory::new(other.clone() as Arc<dyn Store>, 10);
    done(&one, save_client(1, true)).await;
    assert!(directory.client(&realm(), &client_id()).await.unwrap().is_some());

    let mut feed = other.changes();
    done(&one, save_client(2, false)).await;
    heard_client(&mut feed).await;
    // The directory has its own ear on the feed; it is told in the same turn.
    while directory.client(&realm(), &client_id()).await.unwrap().is_some() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_lost_change_is_not_told() {
    let ground = Ground::migrated().await;
    let (one, other) = (ground.node().await, ground.node().await);
    done(&one, save_client(1, true)).await;
    let mut feed = other.changes();

    let lost = one.commit(save_client(7, true), vec![event(1, "client.saved")]).await.unwrap();
    done(&one, Write::RemoveClient { realm: realm(), client: client_id(), at: crate::records::NOW }).await;
    done(&one, save_client(1, true)).await;

    assert_eq!(lost, Commit::Lost);
    assert!(one.audit_events(&realm(), None, 10).await.unwrap().is_empty());
    // Those of the removal and of the second registration; perhaps that of the first, late.
    heard_client(&mut feed).await;
    heard_client(&mut feed).await;
}

#[tokio::test]
async fn while_nobody_listens_everything_may_have_changed_and_afterwards_the_feed_goes_on() {
    let ground = Ground::migrated().await;
    let node: Arc<PostgresStore> = ground.node().await;
    let mut feed = node.changes();

    outage::begin(&ground).await;
    for _ in 0..5 {
        assert_eq!(feed.recv().await.unwrap(), Change::Everything);
    }
    outage::end(&ground).await;

    // Changes are told again once the node listens again: until then each is a retry.
    let mut revision = 0;
    loop {
        match node.commit(save_client(revision + 1, true), Vec::new()).await {
            Ok(Commit::Done) => revision += 1,
            Ok(Commit::Lost) | Err(_) => tokio::task::yield_now().await,
        }
        let mut told = false;
        while let Ok(change) = feed.try_recv() {
            told |= change == Change::Client(realm(), client_id());
        }
        if told {
            break;
        }
    }
}
