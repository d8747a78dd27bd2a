//! Audit events.

use std::sync::Arc;

use super::fixtures::{event, here, id, pending, there};
use crate::audit::AuditEvent;
use crate::store::Store;
use crate::write::{Commit, Write};

/// What was recorded is read, the latest first.
pub async fn events_read_back_as_they_were_recorded_the_latest_first(store: Arc<dyn Store>) {
    let plain =
        AuditEvent { client: None, user: Some("zoe".to_owned()), detail: serde_json::Map::new(), ..event(&here(), 2) };
    let events = vec![event(&here(), 1), plain.clone()];
    assert_eq!(store.commit(Write::Record, events).await.unwrap(), Commit::Done);
    assert_eq!(store.commit(Write::Record, vec![event(&there(), 3)]).await.unwrap(), Commit::Done);
    assert_eq!(store.audit_events(&here(), None, 10).await.unwrap(), vec![plain, event(&here(), 1)]);
    assert_eq!(store.audit_events(&there(), None, 10).await.unwrap(), vec![event(&there(), 3)]);
}

/// The list continues before the last one given.
pub async fn events_are_listed_page_by_page(store: Arc<dyn Store>) {
    for number in 1..=7 {
        assert_eq!(store.commit(Write::Record, vec![event(&here(), number)]).await.unwrap(), Commit::Done);
    }
    let mut pages = Vec::new();
    let mut before = None;
    loop {
        let page = store.audit_events(&here(), before, 3).await.unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        pages.push(page.iter().map(|one| one.id).collect::<Vec<_>>());
    }
    assert_eq!(pages, [vec![id(7), id(6), id(5)], vec![id(4), id(3), id(2)], vec![id(1)]]);
}

/// No record of what did not happen, no change without its record.
pub async fn events_are_kept_with_a_done_write_and_not_with_a_lost_one(store: Arc<dyn Store>) {
    let keep = Write::KeepPending(Box::new(pending(&here(), 1)));
    let drop = || Write::DropPending { realm: here(), pending: id(1) };
    assert_eq!(store.commit(keep, vec![event(&here(), 1)]).await.unwrap(), Commit::Done);
    assert_eq!(store.commit(drop(), vec![event(&here(), 2), event(&here(), 3)]).await.unwrap(), Commit::Done);
    assert_eq!(store.commit(drop(), vec![event(&here(), 4)]).await.unwrap(), Commit::Lost);
    let kept: Vec<_> = store.audit_events(&here(), None, 10).await.unwrap().into_iter().map(|one| one.id).collect();
    assert_eq!(kept, [id(3), id(2), id(1)]);
}
