//! Users' passwords.

use std::sync::Arc;

use super::fixtures::{
    after, code, digest, done, family, here, id, is_live, is_open, issue, link, lost, open, password, redeem, settle,
    there,
};
use crate::family::Family;
use crate::store::Store;
use crate::write::Write;

fn set(hash: &str) -> Write {
    Write::SavePassword { credential: password(&here(), 1, hash, after(15)) }
}

/// A password that is set is read, in its own realm.
pub async fn a_password_reads_back_as_it_was_set(store: Arc<dyn Store>) {
    settle(&*store).await;
    assert_eq!(store.password(&here(), id(1)).await.unwrap(), None);
    done(&*store, set("first")).await;
    assert_eq!(store.password(&here(), id(1)).await.unwrap(), Some(password(&here(), 1, "first", after(15))));
    done(&*store, set("second")).await;
    assert_eq!(store.password(&here(), id(1)).await.unwrap(), Some(password(&here(), 1, "second", after(15))));
    assert_eq!(store.password(&here(), id(2)).await.unwrap(), None);
    assert_eq!(store.password(&there(), id(1)).await.unwrap(), None);
}

/// A password needs a person.
pub async fn a_password_of_nobody_is_lost(store: Arc<dyn Store>) {
    settle(&*store).await;
    lost(&*store, Write::SavePassword { credential: password(&here(), 9, "hash", after(15)) }).await;
    assert_eq!(store.password(&here(), id(9)).await.unwrap(), None);
}

/// RFC 9700 §4.14.2.
pub async fn a_new_password_signs_out_everywhere(store: Arc<dyn Store>) {
    settle(&*store).await;
    open(&*store, family(&here(), 1)).await;
    open(&*store, Family { session: None, ..family(&here(), 2) }).await;
    done(&*store, set("new")).await;
    assert_eq!(store.sessions_of(&here(), id(1)).await.unwrap(), vec![]);
    assert_eq!(store.sessions_of(&here(), id(2)).await.unwrap().len(), 1);
    assert!(!is_live(&*store, &here(), 1).await);
    assert!(!is_live(&*store, &here(), 2).await);
    assert_eq!(store.sessions_of(&there(), id(1)).await.unwrap().len(), 1);
}

/// The same password, hashed better, is no new password.
pub async fn an_upgraded_hash_signs_nobody_out(store: Arc<dyn Store>) {
    settle(&*store).await;
    done(&*store, set("weak")).await;
    let session = Box::new(super::fixtures::session(&here(), 3, 1));
    done(&*store, Write::OpenSession { session, replaces: None }).await;
    let upgrade = |hash: &str, former: &str| Write::UpgradePasswordHash {
        credential: password(&here(), 1, hash, after(17)),
        former: former.to_owned(),
    };
    lost(&*store, upgrade("strong", "other")).await;
    done(&*store, upgrade("strong", "weak")).await;
    lost(&*store, upgrade("stronger", "weak")).await;
    assert_eq!(store.password(&here(), id(1)).await.unwrap().map(|kept| kept.hash), Some("strong".to_owned()));
    assert_eq!(store.sessions_of(&here(), id(1)).await.unwrap().len(), 1);
}

/// What was asked for before the change is good for nothing after it.
pub async fn a_new_password_leaves_no_open_code_and_no_link(store: Arc<dyn Store>) {
    settle(&*store).await;
    issue_and_link(&*store).await;
    done(&*store, set("new")).await;
    assert_nothing_waits_for_user_1(&*store).await;
}

/// For each user of each realm an open code, called `code` and `other code`, and a link, called
/// `link` and `other link`; and one code of the user 1 that is redeemed, called `redeemed`.
pub(super) async fn issue_and_link(store: &dyn Store) {
    for realm in [here(), there()] {
        issue(store, code(&realm, "code")).await;
        let mut of_another = code(&realm, "other code");
        (of_another.grant.user, of_another.grant.session) = (id(2), id(2));
        issue(store, of_another).await;
        done(store, Write::KeepPasswordLink(link(&realm, "link", 1))).await;
        done(store, Write::KeepPasswordLink(link(&realm, "other link", 2))).await;
    }
    issue(store, code(&here(), "redeemed")).await;
    done(store, redeem("redeemed", family(&here(), 9))).await;
}

/// Of what [`issue_and_link`] kept, what waited for the user 1 here is gone, and nothing else.
pub(super) async fn assert_nothing_waits_for_user_1(store: &dyn Store) {
    assert_eq!(store.code(&here(), &digest("code")).await.unwrap(), None);
    assert_eq!(store.password_link(&here(), &digest("link")).await.unwrap(), None);
    let redeemed = store.code(&here(), &digest("redeemed")).await.unwrap();
    assert!(redeemed.is_some(), "a replay of it is still recognised");
    for (realm, name) in [(here(), "other"), (there(), "other"), (there(), "")] {
        let named = |what: &str| format!("{name} {what}").trim_start().to_owned();
        assert!(is_open(store, &realm, &named("code")).await, "{realm:?} {name}");
        assert!(store.password_link(&realm, &digest(&named("link"))).await.unwrap().is_some(), "{realm:?} {name}");
    }
}
