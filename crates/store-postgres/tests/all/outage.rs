//! The server goes away and comes back.

use chancery_store::{Store, StoreError, Write};

use crate::ground::Ground;
use crate::records::{self, client, client_id, done, realm};

/// Ends every connection to the database and lets no other in.
pub(crate) async fn begin(ground: &Ground) {
    let admin = ground.admin().await;
    admin.batch_execute(&format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", ground.name)).await.unwrap();
    end_connections(ground).await;
}

/// Lets connections in again.
pub(crate) async fn end(ground: &Ground) {
    let admin = ground.admin().await;
    admin.batch_execute(&format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", ground.name)).await.unwrap();
}

async fn end_connections(ground: &Ground) {
    let end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1";
    ground.admin().await.execute(end, &[&ground.name]).await.unwrap();
}

#[tokio::test]
async fn reads_survive_the_loss_of_every_connection() {
    let ground = Ground::migrated().await;
    let node = ground.node().await;
    done(&node, Write::SaveClient(Box::new(client(1, true)))).await;
    for _ in 0..10 {
        assert!(node.client(&realm(), &client_id()).await.unwrap().is_some());
    }

    end_connections(&ground).await;

    for _ in 0..10 {
        assert!(node.client(&realm(), &client_id()).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn an_outage_is_told_as_such_and_the_store_works_again_after_it() {
    let ground = Ground::migrated().await;
    let node = ground.node().await;
    records::sign_in(&node).await;
    node.ping().await.unwrap();

    begin(&ground).await;
    let read = node.session_named(&realm(), records::session_id(1)).await;
    let write = node.commit(Write::SaveClient(Box::new(client(1, true))), Vec::new()).await;
    let statement = node.commit(records::rotate(1, 0, None), Vec::new()).await;
    assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
    assert!(matches!(write, Err(StoreError::Unavailable(_))), "{write:?}");
    assert!(matches!(statement, Err(StoreError::Unavailable(_))), "{statement:?}");
    assert!(node.ping().await.is_err());

    end(&ground).await;
    // The lanes wait a little before they try again.
    while node.ping().await.is_err() {
        tokio::task::yield_now().await;
    }
    while node.session_named(&realm(), records::session_id(1)).await.is_err() {
        tokio::task::yield_now().await;
    }
    done(&node, Write::SaveClient(Box::new(client(1, true)))).await;
}
