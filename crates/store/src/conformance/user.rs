//! Users.

use std::sync::Arc;

use super::fixtures::{
    after, agree, client_id, code, consent, digest, done, family, here, id, in_session, is_live, is_open, issue, link,
    lost, open, password, settle, there, user, username,
};
use super::password::{assert_nothing_waits_for_user_1, issue_and_link};
use crate::family::Family;
use crate::id::Username;
use crate::store::Store;
use crate::user::User;
use crate::write::Write;

fn save(user: User) -> Write {
    Write::SaveUser { user: Box::new(user), at: after(15) }
}

fn set(hash: &str) -> Write {
    Write::SavePassword { credential: password(&here(), 1, hash, after(15)) }
}

/// What was saved is read, in its own realm.
pub async fn a_user_reads_back_as_they_were_saved(store: Arc<dyn Store>) {
    done(&*store, save(user(&here(), 1))).await;
    let name = username("user-1");
    assert_eq!(store.user(&here(), id(1)).await.unwrap(), Some(user(&here(), 1)));
    assert_eq!(store.user_named(&here(), &name).await.unwrap(), Some(user(&here(), 1)));
    assert_eq!(store.user_record_named(&here(), &name).await.unwrap(), Some(user(&here(), 1)));
    assert_eq!(store.user(&there(), id(1)).await.unwrap(), None);
    assert_eq!(store.user_named(&there(), &name).await.unwrap(), None);
    assert_eq!(store.user_record_named(&there(), &name).await.unwrap(), None);
    assert_eq!(store.user_named(&here(), &username("user-2")).await.unwrap(), None);
}

/// Enabledness is decided by the read.
pub async fn a_disabled_user_cannot_be_loaded(store: Arc<dyn Store>) {
    done(&*store, save(user(&here(), 1))).await;
    let disabled = User { enabled: false, revision: 2, ..user(&here(), 1) };
    done(&*store, save(disabled.clone())).await;
    assert_eq!(store.user(&here(), id(1)).await.unwrap(), None);
    assert_eq!(store.user_named(&here(), &username("user-1")).await.unwrap(), None);
    assert_eq!(store.user_record_named(&here(), &username("user-1")).await.unwrap(), Some(disabled));
}

/// Revisions keep two administrators from overwriting each other.
pub async fn a_user_is_saved_only_over_the_revision_before(store: Arc<dyn Store>) {
    let revised = |revision| save(User { revision, ..user(&here(), 1) });
    lost(&*store, revised(2)).await;
    done(&*store, revised(1)).await;
    lost(&*store, revised(1)).await;
    lost(&*store, revised(3)).await;
    done(&*store, revised(2)).await;
}

/// A username is one person's, also when they change it.
pub async fn a_username_that_is_taken_is_lost(store: Arc<dyn Store>) {
    done(&*store, save(user(&here(), 1))).await;
    lost(&*store, save(User { username: username("User-1"), ..user(&here(), 2) })).await;
    done(&*store, save(user(&here(), 2))).await;
    lost(&*store, save(User { username: username("user-1"), revision: 2, ..user(&here(), 2) })).await;
    done(&*store, save(User { username: username("renamed"), revision: 2, ..user(&here(), 1) })).await;
    done(&*store, save(User { username: username("user-1"), revision: 2, ..user(&here(), 2) })).await;
    assert_eq!(store.user_named(&here(), &username("user-1")).await.unwrap().map(|found| found.id), Some(id(2)));
    assert_eq!(store.user_named(&here(), &username("renamed")).await.unwrap().map(|found| found.id), Some(id(1)));
    done(&*store, save(user(&there(), 1))).await;
}

/// Lists are ordered by username and continue after the last one given.
pub async fn users_are_listed_page_by_page(store: Arc<dyn Store>) {
    for (number, name) in [(1, "zoë"), (2, "a b"), (3, "a"), (4, "a-b"), (5, "z")] {
        let listed = User { username: username(name), enabled: number != 5, ..user(&here(), number) };
        done(&*store, save(listed)).await;
    }
    done(&*store, save(user(&there(), 6))).await;
    let mut seen = Vec::new();
    loop {
        let page = store.user_records(&here(), seen.last(), 2).await.unwrap();
        assert!(page.len() <= 2);
        if page.is_empty() {
            break;
        }
        seen.extend(page.into_iter().map(|found| found.username));
    }
    assert_eq!(seen.iter().map(Username::as_str).collect::<Vec<_>>(), ["a", "a b", "a-b", "z", "zoë"]);
}

/// Disabling signs out.
pub async fn a_user_who_is_disabled_loses_their_sessions_and_families(store: Arc<dyn Store>) {
    settle(&*store).await;
    open(&*store, family(&here(), 1)).await;
    open(&*store, Family { session: None, ..family(&here(), 2) }).await;
    open(&*store, Family { user: id(2), session: None, ..family(&here(), 3) }).await;

    done(&*store, save(User { revision: 2, ..user(&here(), 1) })).await;
    assert!(is_live(&*store, &here(), 1).await, "a change that leaves the user enabled signs nobody out");
    done(&*store, save(User { enabled: false, revision: 3, ..user(&here(), 1) })).await;

    assert_eq!(store.sessions_of(&here(), id(1)).await.unwrap(), vec![]);
    assert!(!is_live(&*store, &here(), 1).await);
    assert!(!is_live(&*store, &here(), 2).await);
    assert!(is_live(&*store, &here(), 3).await);
    assert_eq!(store.sessions_of(&here(), id(2)).await.unwrap().len(), 1);
    assert_eq!(store.sessions_of(&there(), id(1)).await.unwrap().len(), 1);
}

/// Nothing that was asked for before comes true afterwards.
pub async fn a_user_who_is_disabled_keeps_no_open_code_and_no_link(store: Arc<dyn Store>) {
    settle(&*store).await;
    issue_and_link(&*store).await;
    let disabled = |revision| save(User { enabled: false, revision, ..user(&here(), 1) });
    lost(&*store, disabled(7)).await;
    assert!(is_open(&*store, &here(), "code").await);
    assert!(store.password_link(&here(), &digest("link")).await.unwrap().is_some());
    done(&*store, disabled(2)).await;
    assert_nothing_waits_for_user_1(&*store).await;
}

/// A lost change has no consequences.
pub async fn a_lost_change_of_a_user_signs_nobody_out(store: Arc<dyn Store>) {
    settle(&*store).await;
    open(&*store, family(&here(), 1)).await;
    lost(&*store, save(User { enabled: false, revision: 7, ..user(&here(), 1) })).await;
    assert_eq!(store.sessions_of(&here(), id(1)).await.unwrap().len(), 1);
    assert!(is_live(&*store, &here(), 1).await);
}

/// Everything of a person goes with them.
pub async fn a_removed_user_leaves_nothing_behind_that_works(store: Arc<dyn Store>) {
    settle(&*store).await;
    done(&*store, set("hash")).await;
    let session = Box::new(super::fixtures::session(&here(), 3, 1));
    done(&*store, Write::OpenSession { session, replaces: None }).await;
    done(&*store, Write::KeepPasswordLink(link(&here(), "link", 1))).await;
    let mut of_new_session = consent(&here(), 1, "web");
    of_new_session.granted_at = after(5);
    let mut issued = code(&here(), "open");
    issued.grant.session = id(3);
    let written = Write::IssueCode { code: Box::new(issued.clone()), consent: Some(of_new_session), pending: None };
    done(&*store, written).await;
    issued.digest = digest("redeemed");
    issue(&*store, issued).await;
    done(&*store, super::fixtures::redeem("redeemed", Family { session: None, ..in_session(3, family(&here(), 1)) }))
        .await;

    done(&*store, Write::RemoveUser { realm: here(), user: id(1), at: after(16) }).await;

    assert_eq!(store.user_record_named(&here(), &username("user-1")).await.unwrap(), None);
    assert_eq!(store.password(&here(), id(1)).await.unwrap(), None);
    assert_eq!(store.password_link(&here(), &digest("link")).await.unwrap(), None);
    assert_eq!(store.sessions_of(&here(), id(1)).await.unwrap(), vec![]);
    assert_eq!(store.consents_of(&here(), id(1)).await.unwrap(), vec![]);
    assert_eq!(store.code(&here(), &digest("open")).await.unwrap(), None);
    assert!(!is_live(&*store, &here(), 1).await);
    assert!(store.family(&here(), id(1)).await.unwrap().is_some());
}

/// … and nothing of anybody else.
pub async fn a_removed_user_takes_nothing_of_others_along(store: Arc<dyn Store>) {
    settle(&*store).await;
    done(&*store, set("hash")).await;
    let session = Box::new(super::fixtures::session(&here(), 1, 1));
    done(&*store, Write::OpenSession { session, replaces: None }).await;
    agree(&*store, consent(&here(), 1, "web")).await;
    open(&*store, family(&here(), 1)).await;

    done(&*store, Write::RemoveUser { realm: here(), user: id(2), at: after(16) }).await;
    done(&*store, Write::RemoveUser { realm: there(), user: id(1), at: after(16) }).await;

    assert!(store.user(&here(), id(1)).await.unwrap().is_some());
    assert!(store.password(&here(), id(1)).await.unwrap().is_some());
    assert!(store.session_named(&here(), id(1)).await.unwrap().is_some());
    assert!(store.consent(&here(), id(1), &client_id("web")).await.unwrap().is_some());
    assert!(is_live(&*store, &here(), 1).await);
    assert_eq!(store.user(&here(), id(2)).await.unwrap(), None);
}
