//! Pending requests.

use std::sync::Arc;

use super::fixtures::{after, done, here, id, lost, pending, there};
use crate::store::Store;
use crate::write::Write;

fn keep(number: u8) -> Write {
    Write::KeepPending(Box::new(pending(&here(), number)))
}

/// What was kept is read, in its own realm.
pub async fn a_pending_request_reads_back_as_it_was_kept(store: Arc<dyn Store>) {
    done(&*store, keep(1)).await;
    done(&*store, keep(2)).await;
    assert_eq!(store.pending(&here(), id(1)).await.unwrap(), Some(pending(&here(), 1)));
    assert_eq!(store.pending(&here(), id(3)).await.unwrap(), None);
    assert_eq!(store.pending(&there(), id(1)).await.unwrap(), None);
}

/// Dropped once.
pub async fn a_pending_request_is_dropped_once(store: Arc<dyn Store>) {
    done(&*store, keep(1)).await;
    let drop = |realm| Write::DropPending { realm, pending: id(1) };
    lost(&*store, drop(there())).await;
    done(&*store, drop(here())).await;
    lost(&*store, drop(here())).await;
    assert_eq!(store.pending(&here(), id(1)).await.unwrap(), None);
}

/// A person who never came back is not waited for.
pub async fn a_pending_request_that_is_over_is_swept(store: Arc<dyn Store>) {
    done(&*store, keep(1)).await;
    store.sweep(after(99), 10).await.unwrap();
    assert!(store.pending(&here(), id(1)).await.unwrap().is_some());
    assert_eq!(store.sweep(after(100), 10).await.unwrap(), 1);
    assert_eq!(store.pending(&here(), id(1)).await.unwrap(), None);
}

/// A sweep is bounded, says how much it did, and goes on where it stopped.
pub async fn a_sweep_removes_no_more_than_it_is_told(store: Arc<dyn Store>) {
    for number in 0..25 {
        done(&*store, keep(number)).await;
    }
    let mut removed = Vec::new();
    for _ in 0..4 {
        removed.push(store.sweep(after(100), 10).await.unwrap());
    }
    assert_eq!(removed, [10, 10, 5, 0]);
}
