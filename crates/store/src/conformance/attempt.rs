//! Counted sign-in attempts.

use std::sync::Arc;

use super::fixtures::{after, done, here, lost, there};
use crate::attempt::{AttemptKey, Attempts, CountedAttempt};
use crate::store::Store;
use crate::write::Write;

fn zoe() -> AttemptKey {
    AttemptKey::account(&here(), "zoe")
}

fn address() -> AttemptKey {
    AttemptKey::address(&here(), "192.0.2.7")
}

fn counted(key: AttemptKey, seen: u32, count: u32) -> CountedAttempt {
    let retry_at = (count > 2).then(|| after(u64::from(count)));
    CountedAttempt { key, seen, becomes: Attempts { count, retry_at }, forget_at: after(500) }
}

/// Nobody tried yet.
pub async fn attempts_that_were_never_made_are_none(store: Arc<dyn Store>) {
    assert_eq!(store.attempts(&zoe()).await.unwrap(), Attempts::default());
}

/// The count that a decision saw must still be the count.
pub async fn attempts_are_counted_from_the_count_that_was_seen(store: Arc<dyn Store>) {
    lost(&*store, Write::CountAttempts(vec![counted(zoe(), 1, 2)])).await;
    assert_eq!(store.attempts(&zoe()).await.unwrap(), Attempts::default());
    done(&*store, Write::CountAttempts(vec![counted(zoe(), 0, 1)])).await;
    lost(&*store, Write::CountAttempts(vec![counted(zoe(), 0, 1)])).await;
    done(&*store, Write::CountAttempts(vec![counted(zoe(), 1, 3)])).await;
    let waiting = Attempts { count: 3, retry_at: Some(after(3)) };
    assert_eq!(store.attempts(&zoe()).await.unwrap(), waiting);
    assert_eq!(store.attempts(&AttemptKey::account(&there(), "zoe")).await.unwrap(), Attempts::default());
    assert_eq!(store.attempts(&AttemptKey::address(&here(), "zoe")).await.unwrap(), Attempts::default());
}

/// Account and address are counted together or not at all.
pub async fn attempts_of_account_and_address_are_counted_together(store: Arc<dyn Store>) {
    done(&*store, Write::CountAttempts(vec![counted(address(), 0, 5)])).await;
    lost(&*store, Write::CountAttempts(vec![counted(zoe(), 0, 1), counted(address(), 4, 5)])).await;
    assert_eq!(store.attempts(&zoe()).await.unwrap().count, 0);
    assert_eq!(store.attempts(&address()).await.unwrap().count, 5);
    done(&*store, Write::CountAttempts(vec![counted(zoe(), 0, 1), counted(address(), 5, 6)])).await;
    assert_eq!(store.attempts(&zoe()).await.unwrap().count, 1);
    assert_eq!(store.attempts(&address()).await.unwrap().count, 6);
}

/// A success clears the account and takes its own attempt back from the address.
pub async fn a_settled_attempt_is_taken_back(store: Arc<dyn Store>) {
    done(&*store, Write::CountAttempts(vec![counted(zoe(), 0, 4), counted(address(), 0, 4)])).await;
    let settle = || Write::SettleAttempts { cleared: zoe(), forgiven: address() };
    done(&*store, settle()).await;
    assert_eq!(store.attempts(&zoe()).await.unwrap(), Attempts::default());
    assert_eq!(store.attempts(&address()).await.unwrap(), Attempts { count: 3, retry_at: None });
    for _ in 0..5 {
        done(&*store, settle()).await;
    }
    assert_eq!(store.attempts(&address()).await.unwrap(), Attempts::default());
    done(&*store, Write::CountAttempts(vec![counted(zoe(), 0, 1), counted(address(), 0, 1)])).await;
}

/// Old counts are forgotten, and others are not.
pub async fn attempts_that_are_over_are_swept(store: Arc<dyn Store>) {
    done(&*store, Write::CountAttempts(vec![counted(zoe(), 0, 4)])).await;
    store.sweep(after(499), 10).await.unwrap();
    assert_eq!(store.attempts(&zoe()).await.unwrap().count, 4);
    store.sweep(after(500), 10).await.unwrap();
    assert_eq!(store.attempts(&zoe()).await.unwrap(), Attempts::default());
    done(&*store, Write::CountAttempts(vec![counted(zoe(), 0, 1)])).await;
}
