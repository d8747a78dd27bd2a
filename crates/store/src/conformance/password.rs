//! Users' passwords.

use std::sync::Arc;

use super::fixtures::{
    after, done, family, here, id, is_live, lost, open, password, settle, there,
};
use crate::family::Family;
use crate::store::Store;
use crate::write::Write;

fn set(hash: &str) -> Write {
    Write::SavePassword {
        credential: password(&here(), 1, hash, after(15)),
    }
}

/// A password that is set is read, in its own realm.
pub async fn a_password_reads_back_as_it_was_set(store: Arc<dyn Store>) {
    settle(&*store).await;
    assert_eq!(store.password(&here(), id(1)).await.unwrap(), None);
    done(&*store, set("first")).await;
    assert_eq!(
        store.password(&here(), id(1)).await.unwrap(),
        Some(password(&here(), 1, "first", after(15)))
    );
    done(&*store, set("second")).await;
    assert_eq!(
        store.password(&here(), id(1)).await.unwrap(),
        Some(password(&here(), 1, "second", after(15)))
    );
    assert_eq!(store.password(&here(), id(2)).await.unwrap(), None);
    assert_eq!(store.password(&there(), id(1)).await.unwrap(), None);
}

/// A password needs a person.
pub async fn a_password_of_nobody_is_lost(store: Arc<dyn Store>) {
    settle(&*store).await;
    lost(
        &*store,
        Write::SavePassword {
            credential: password(&here(), 9, "hash", after(15)),
        },
    )
    .await;
    assert_eq!(store.password(&here(), id(9)).await.unwrap(), None);
}

/// RFC 9700 §4.14.2.
pub async fn a_new_password_signs_out_everywhere(store: Arc<dyn Store>) {
    settle(&*store).await;
    open(&*store, family(&here(), 1)).await;
    open(
        &*store,
        Family {
            session: None,
            ..family(&here(), 2)
        },
    )
    .await;
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
    done(
        &*store,
        Write::OpenSession {
            session,
            replaces: None,
        },
    )
    .await;
    let upgrade = |hash: &str, former: &str| Write::UpgradePasswordHash {
        credential: password(&here(), 1, hash, after(17)),
        former: former.to_owned(),
    };
    lost(&*store, upgrade("strong", "other")).await;
    done(&*store, upgrade("strong", "weak")).await;
    lost(&*store, upgrade("stronger", "weak")).await;
    assert_eq!(
        store
            .password(&here(), id(1))
            .await
            .unwrap()
            .map(|kept| kept.hash),
        Some("strong".to_owned())
    );
    assert_eq!(store.sessions_of(&here(), id(1)).await.unwrap().len(), 1);
}
