//! One-time links.

use std::sync::Arc;

use super::fixtures::{after, digest, done, family, here, id, is_live, link, lost, open, password, settle, there};
use super::password::{assert_nothing_waits_for_user_1, issue_and_link};
use crate::moment::Moment;
use crate::store::Store;
use crate::write::Write;

fn redeem(secret: &str, user: u8, at: Moment) -> Write {
    Write::RedeemPasswordLink { digest: digest(secret), credential: password(&here(), user, "by link", at) }
}

/// What was kept is read, in its own realm.
pub async fn a_link_reads_back_as_it_was_kept(store: Arc<dyn Store>) {
    settle(&*store).await;
    done(&*store, Write::KeepPasswordLink(link(&here(), "a", 1))).await;
    assert_eq!(store.password_link(&here(), &digest("a")).await.unwrap(), Some(link(&here(), "a", 1)));
    assert_eq!(store.password_link(&here(), &digest("b")).await.unwrap(), None);
    assert_eq!(store.password_link(&there(), &digest("a")).await.unwrap(), None);
}

/// Once.
pub async fn a_link_sets_a_password_once(store: Arc<dyn Store>) {
    settle(&*store).await;
    done(&*store, Write::KeepPasswordLink(link(&here(), "a", 1))).await;
    done(&*store, redeem("a", 1, after(50))).await;
    assert_eq!(store.password(&here(), id(1)).await.unwrap(), Some(password(&here(), 1, "by link", after(50))));
    assert_eq!(store.password_link(&here(), &digest("a")).await.unwrap(), None);
    lost(&*store, redeem("a", 1, after(51))).await;
}

/// It is a new password like any other.
pub async fn a_password_set_by_link_signs_out_everywhere(store: Arc<dyn Store>) {
    settle(&*store).await;
    open(&*store, family(&here(), 1)).await;
    done(&*store, Write::KeepPasswordLink(link(&here(), "a", 1))).await;
    done(&*store, redeem("a", 1, after(15))).await;
    assert_eq!(store.sessions_of(&here(), id(1)).await.unwrap(), vec![]);
    assert!(!is_live(&*store, &here(), 1).await);
}

/// Attack: a second link that was asked for undoes the new password.
pub async fn a_password_set_by_link_leaves_no_open_code_and_no_other_link(store: Arc<dyn Store>) {
    settle(&*store).await;
    issue_and_link(&*store).await;
    done(&*store, Write::KeepPasswordLink(link(&here(), "a", 1))).await;
    done(&*store, redeem("a", 1, after(15))).await;
    assert_nothing_waits_for_user_1(&*store).await;
    lost(&*store, redeem("link", 1, after(16))).await;
}

/// A link that sets no password is not used up.
pub async fn a_link_is_lost_for_another_user_realm_or_time(store: Arc<dyn Store>) {
    settle(&*store).await;
    done(&*store, Write::KeepPasswordLink(link(&here(), "a", 1))).await;
    lost(&*store, redeem("unknown", 1, after(50))).await;
    lost(&*store, redeem("a", 2, after(50))).await;
    let elsewhere = password(&there(), 1, "by link", after(50));
    lost(&*store, Write::RedeemPasswordLink { digest: digest("a"), credential: elsewhere }).await;
    lost(&*store, redeem("a", 1, after(100))).await;
    assert_eq!(store.password(&here(), id(1)).await.unwrap(), None);
    assert_eq!(store.password(&here(), id(2)).await.unwrap(), None);
    assert_eq!(store.password(&there(), id(1)).await.unwrap(), None);
    assert_eq!(store.sessions_of(&here(), id(1)).await.unwrap().len(), 1);
    done(&*store, redeem("a", 1, after(99))).await;
}

/// Sweeping removes links that are over, and no others.
pub async fn a_link_that_is_over_is_swept(store: Arc<dyn Store>) {
    settle(&*store).await;
    done(&*store, Write::KeepPasswordLink(link(&here(), "a", 1))).await;
    store.sweep(after(99), 10).await.unwrap();
    assert!(store.password_link(&here(), &digest("a")).await.unwrap().is_some());
    store.sweep(after(100), 10).await.unwrap();
    assert_eq!(store.password_link(&here(), &digest("a")).await.unwrap(), None);
}
