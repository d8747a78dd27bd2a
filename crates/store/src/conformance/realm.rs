//! Realms.

use std::sync::Arc;

use super::fixtures::{client, done, here, lost, realm, there};
use crate::id::RealmName;
use crate::store::{Change, Store};
use crate::write::Write;

fn save(realm: crate::realm::Realm) -> Write {
    Write::SaveRealm(Box::new(realm))
}

/// What was saved is read.
pub async fn a_realm_reads_back_as_it_was_saved(store: Arc<dyn Store>) {
    done(&*store, save(realm(&here()))).await;
    assert_eq!(store.realm(&here()).await.unwrap().as_deref(), Some(&realm(&here())));
    assert_eq!(store.realm_record(&here()).await.unwrap(), Some(realm(&here())));
    assert_eq!(store.realm(&there()).await.unwrap(), None);
    assert_eq!(store.realm_record(&there()).await.unwrap(), None);
}

/// Enabledness is decided by the read.
pub async fn a_disabled_realm_cannot_be_loaded(store: Arc<dyn Store>) {
    done(&*store, save(realm(&here()))).await;
    let disabled = crate::realm::Realm { enabled: false, revision: 2, ..realm(&here()) };
    done(&*store, save(disabled.clone())).await;
    assert_eq!(store.realm(&here()).await.unwrap(), None);
    assert_eq!(store.realm_record(&here()).await.unwrap(), Some(disabled));
}

/// Revisions keep two administrators from overwriting each other.
pub async fn a_realm_is_saved_only_over_the_revision_before(store: Arc<dyn Store>) {
    let revised = |revision| save(crate::realm::Realm { revision, ..realm(&here()) });
    lost(&*store, revised(2)).await;
    lost(&*store, revised(0)).await;
    done(&*store, revised(1)).await;
    lost(&*store, revised(1)).await;
    lost(&*store, revised(3)).await;
    done(&*store, revised(2)).await;
    lost(&*store, revised(2)).await;
    assert_eq!(store.realm_record(&here()).await.unwrap().map(|realm| realm.revision), Some(2));
}

/// Lists are ordered by name and continue after the last one given.
pub async fn realms_are_listed_page_by_page(store: Arc<dyn Store>) {
    for name in ["ab", "a-b", "b", "a", "a0"] {
        let mut listed = realm(&RealmName::parse(name).unwrap());
        listed.enabled = name != "b";
        done(&*store, save(listed)).await;
    }
    let mut seen = Vec::new();
    loop {
        let page = store.realm_records(seen.last(), 2).await.unwrap();
        assert!(page.len() <= 2);
        if page.is_empty() {
            break;
        }
        seen.extend(page.into_iter().map(|realm| realm.name));
    }
    assert_eq!(seen.iter().map(RealmName::as_str).collect::<Vec<_>>(), ["a", "a-b", "a0", "ab", "b"]);
}

/// Caches live on the change feed.
pub async fn a_saved_realm_is_announced(store: Arc<dyn Store>) {
    let mut feed = store.changes();
    done(&*store, save(realm(&here()))).await;
    super::heard(&mut feed, &Change::Realm(here())).await;
}

/// What was answered as done is seen by whoever asks next.
pub async fn a_read_after_an_answered_write_sees_it(store: Arc<dyn Store>) {
    for number in 0..32 {
        let name = format!("client-{number}");
        done(&*store, Write::SaveClient(Box::new(client(&here(), &name)))).await;
        let asked = Arc::clone(&store);
        let found = tokio::spawn(async move { asked.client(&here(), &super::fixtures::client_id(&name)).await });
        assert!(found.await.unwrap().unwrap().is_some());
    }
}

/// Readiness.
pub async fn a_store_that_works_answers_a_ping(store: Arc<dyn Store>) {
    store.ping().await.unwrap();
}
