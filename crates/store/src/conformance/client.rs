//! Clients.

use std::sync::Arc;

use super::fixtures::{
    after, agree, client, client_id, code, consent, digest, done, family, here, id, is_live, issue, lost, opaque_token,
    open, settle, there,
};
use crate::client::Client;
use crate::id::ClientId;
use crate::store::{Change, Store};
use crate::write::Write;

fn save(client: Client) -> Write {
    Write::SaveClient(Box::new(client))
}

fn remove(name: &str) -> Write {
    Write::RemoveClient { realm: here(), client: client_id(name), at: after(15) }
}

/// What was saved is read.
pub async fn a_client_reads_back_as_it_was_saved(store: Arc<dyn Store>) {
    done(&*store, save(client(&here(), "web"))).await;
    let web = client_id("web");
    assert_eq!(store.client(&here(), &web).await.unwrap().as_deref(), Some(&client(&here(), "web")));
    assert_eq!(store.client_record(&here(), &web).await.unwrap(), Some(client(&here(), "web")));
    assert_eq!(store.client(&here(), &client_id("Web")).await.unwrap(), None);
}

/// Attack: a client of one realm used in another.
pub async fn a_client_of_another_realm_is_not_seen(store: Arc<dyn Store>) {
    done(&*store, save(client(&here(), "web"))).await;
    let web = client_id("web");
    assert_eq!(store.client(&there(), &web).await.unwrap(), None);
    assert_eq!(store.client_record(&there(), &web).await.unwrap(), None);
    assert_eq!(store.client_records(&there(), None, 9).await.unwrap(), vec![]);
    lost(&*store, save(Client { revision: 2, ..client(&there(), "web") })).await;
    done(&*store, Write::RemoveClient { realm: there(), client: web.clone(), at: after(1) }).await;
    assert!(store.client(&here(), &web).await.unwrap().is_some());
}

/// Enabledness is decided by the read.
pub async fn a_disabled_client_cannot_be_loaded(store: Arc<dyn Store>) {
    let disabled = Client { enabled: false, ..client(&here(), "web") };
    done(&*store, save(disabled.clone())).await;
    assert_eq!(store.client(&here(), &client_id("web")).await.unwrap(), None);
    assert_eq!(store.client_record(&here(), &client_id("web")).await.unwrap(), Some(disabled));
    done(&*store, save(Client { revision: 2, ..client(&here(), "web") })).await;
    assert!(store.client(&here(), &client_id("web")).await.unwrap().is_some());
}

/// Revisions keep two administrators from overwriting each other.
pub async fn a_client_is_saved_only_over_the_revision_before(store: Arc<dyn Store>) {
    let revised = |revision| save(Client { revision, ..client(&here(), "web") });
    lost(&*store, revised(2)).await;
    done(&*store, revised(1)).await;
    lost(&*store, revised(1)).await;
    lost(&*store, revised(3)).await;
    done(&*store, revised(2)).await;
    assert_eq!(store.client_record(&here(), &client_id("web")).await.unwrap().map(|kept| kept.revision), Some(2));
}

/// Lists are ordered by name, byte by byte, and continue after the last one given.
pub async fn clients_are_listed_page_by_page(store: Arc<dyn Store>) {
    for name in ["b", "a_b", "B", "a-b", "a", "ab", "~"] {
        let listed = Client { enabled: name != "ab", ..client(&here(), name) };
        done(&*store, save(listed)).await;
    }
    done(&*store, save(client(&there(), "aa"))).await;
    let mut seen = Vec::new();
    loop {
        let page = store.client_records(&here(), seen.last(), 3).await.unwrap();
        assert!(page.len() <= 3);
        if page.is_empty() {
            break;
        }
        seen.extend(page.into_iter().map(|client| client.id));
    }
    assert_eq!(seen.iter().map(ClientId::as_str).collect::<Vec<_>>(), ["B", "a", "a-b", "a_b", "ab", "b", "~"]);
}

/// Everything that a client holds goes with it.
pub async fn a_removed_client_leaves_no_consent_code_token_or_live_family(store: Arc<dyn Store>) {
    settle(&*store).await;
    agree(&*store, consent(&here(), 1, "web")).await;
    issue(&*store, code(&here(), "open")).await;
    open(&*store, family(&here(), 1)).await;
    done(&*store, Write::KeepOpaqueToken(Box::new(opaque_token(&here(), "opaque")))).await;

    done(&*store, remove("web")).await;

    assert_eq!(store.client_record(&here(), &client_id("web")).await.unwrap(), None);
    assert_eq!(store.consent(&here(), id(1), &client_id("web")).await.unwrap(), None);
    assert_eq!(store.code(&here(), &digest("open")).await.unwrap(), None);
    assert_eq!(store.opaque_token(&here(), &digest("opaque")).await.unwrap(), None);
    assert!(!is_live(&*store, &here(), 1).await);
    assert!(store.family(&here(), id(1)).await.unwrap().is_some());
}

/// … and nothing that it does not hold.
pub async fn a_removed_client_takes_nothing_of_others_along(store: Arc<dyn Store>) {
    settle(&*store).await;
    agree(&*store, consent(&here(), 1, "web")).await;
    issue(&*store, code(&there(), "open")).await;
    open(&*store, family(&here(), 1)).await;
    done(&*store, Write::KeepOpaqueToken(Box::new(opaque_token(&here(), "opaque")))).await;

    done(&*store, remove("app")).await;
    done(&*store, Write::RemoveClient { realm: there(), client: client_id("web"), at: after(15) }).await;

    assert!(store.client(&here(), &client_id("web")).await.unwrap().is_some());
    assert!(store.consent(&here(), id(1), &client_id("web")).await.unwrap().is_some());
    assert!(store.opaque_token(&here(), &digest("opaque")).await.unwrap().is_some());
    assert!(is_live(&*store, &here(), 1).await);
    assert_eq!(store.code(&there(), &digest("open")).await.unwrap(), None);
}

/// A name may be used again, from the first revision on.
pub async fn a_removed_client_can_be_registered_again(store: Arc<dyn Store>) {
    done(&*store, save(client(&here(), "web"))).await;
    done(&*store, remove("web")).await;
    lost(&*store, save(Client { revision: 2, ..client(&here(), "web") })).await;
    done(&*store, save(client(&here(), "web"))).await;
    done(&*store, remove("web")).await;
    done(&*store, remove("web")).await;
}

/// Caches live on the change feed.
pub async fn a_changed_or_removed_client_is_announced(store: Arc<dyn Store>) {
    let mut feed = store.changes();
    done(&*store, save(client(&here(), "web"))).await;
    super::heard(&mut feed, &Change::Client(here(), client_id("web"))).await;
    done(&*store, remove("web")).await;
    super::heard(&mut feed, &Change::Client(here(), client_id("web"))).await;
}
