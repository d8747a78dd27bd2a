//! Resources.

use std::sync::Arc;

use super::fixtures::{done, here, indicator, lost, resource, there};
use crate::resource::Resource;
use crate::store::{Change, Store};
use crate::write::Write;

const API: &str = "https://api.example/";

fn save(resource: Resource) -> Write {
    Write::SaveResource(Box::new(resource))
}

/// What was saved is read, in its own realm.
pub async fn a_resource_reads_back_as_it_was_saved(store: Arc<dyn Store>) {
    done(&*store, save(resource(&here(), API))).await;
    assert_eq!(store.resource(&here(), &indicator(API)).await.unwrap().as_deref(), Some(&resource(&here(), API)));
    assert_eq!(store.resource_record(&here(), &indicator(API)).await.unwrap(), Some(resource(&here(), API)));
    assert_eq!(store.resource(&here(), &indicator("https://api.example")).await.unwrap(), None);
    assert_eq!(store.resource(&there(), &indicator(API)).await.unwrap(), None);
    assert_eq!(store.resource_record(&there(), &indicator(API)).await.unwrap(), None);
}

/// Enabledness is decided by the read.
pub async fn a_disabled_resource_cannot_be_loaded(store: Arc<dyn Store>) {
    let disabled = Resource { enabled: false, ..resource(&here(), API) };
    done(&*store, save(disabled.clone())).await;
    assert_eq!(store.resource(&here(), &indicator(API)).await.unwrap(), None);
    assert_eq!(store.resource_record(&here(), &indicator(API)).await.unwrap(), Some(disabled));
}

/// Revisions keep two administrators from overwriting each other.
pub async fn a_resource_is_saved_only_over_the_revision_before(store: Arc<dyn Store>) {
    let revised = |revision| save(Resource { revision, ..resource(&here(), API) });
    lost(&*store, revised(2)).await;
    done(&*store, revised(1)).await;
    lost(&*store, revised(1)).await;
    done(&*store, revised(2)).await;
    lost(&*store, revised(4)).await;
}

/// Lists are ordered by name and continue after the last one given.
pub async fn resources_are_listed_page_by_page(store: Arc<dyn Store>) {
    for name in ["urn:b", "https://b.example/", "urn:B", "https://a.example/"] {
        done(&*store, save(resource(&here(), name))).await;
    }
    done(&*store, save(resource(&there(), "urn:c"))).await;
    let names = |page: Vec<Resource>| page.into_iter().map(|one| one.identifier).collect::<Vec<_>>();
    let first = names(store.resource_records(&here(), None, 3).await.unwrap());
    assert_eq!(first, ["https://a.example/", "https://b.example/", "urn:B"].map(indicator));
    let rest = names(store.resource_records(&here(), first.last(), 3).await.unwrap());
    assert_eq!(rest, ["urn:b"].map(indicator));
}

/// A removal says which realm.
pub async fn a_removed_resource_is_gone_from_its_realm_alone(store: Arc<dyn Store>) {
    done(&*store, save(resource(&here(), API))).await;
    done(&*store, save(resource(&there(), API))).await;
    done(&*store, Write::RemoveResource { realm: here(), resource: indicator(API) }).await;
    assert_eq!(store.resource_record(&here(), &indicator(API)).await.unwrap(), None);
    assert!(store.resource(&there(), &indicator(API)).await.unwrap().is_some());
    done(&*store, Write::RemoveResource { realm: here(), resource: indicator(API) }).await;
}

/// Caches live on the change feed.
pub async fn a_changed_resource_is_announced(store: Arc<dyn Store>) {
    let mut feed = store.changes();
    done(&*store, save(resource(&here(), API))).await;
    super::heard(&mut feed, &Change::Resource(here(), indicator(API))).await;
}
