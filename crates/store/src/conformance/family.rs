//! Token families.

use std::sync::Arc;

use super::fixtures::{
    after, digest, done, family, here, id, is_live, lost, opaque_token, open, rotate, settle, there,
};
use crate::family::{Family, FamilyState};
use crate::moment::Moment;
use crate::store::Store;
use crate::token::OpaqueToken;
use crate::write::Write;

fn end(number: u8, at: Moment) -> Write {
    Write::EndFamily { realm: here(), family: id(number), at }
}

/// What was opened is read, in its own realm.
pub async fn a_family_reads_back_as_it_was_opened(store: Arc<dyn Store>) {
    settle(&*store).await;
    let without_session = Family { session: None, ..family(&here(), 2) };
    open(&*store, family(&here(), 1)).await;
    open(&*store, without_session.clone()).await;
    assert_eq!(store.family(&here(), id(1)).await.unwrap(), Some(family(&here(), 1)));
    assert_eq!(store.family(&here(), id(2)).await.unwrap(), Some(without_session));
    assert_eq!(store.family(&there(), id(1)).await.unwrap(), None);
    lost(&*store, rotate(&there(), 1, 0)).await;
    lost(&*store, Write::EndFamily { realm: there(), family: id(1), at: after(15) }).await;
}

/// Each generation is spent once, in order.
pub async fn a_generation_is_spent_once_and_in_order(store: Arc<dyn Store>) {
    settle(&*store).await;
    open(&*store, family(&here(), 1)).await;
    lost(&*store, rotate(&here(), 1, 1)).await;
    done(&*store, rotate(&here(), 1, 0)).await;
    lost(&*store, rotate(&here(), 1, 0)).await;
    lost(&*store, rotate(&here(), 1, 2)).await;
    done(&*store, rotate(&here(), 1, 1)).await;
    let state = FamilyState::Live { generation: 2, rotated_at: after(20), idle_until: after(400) };
    assert_eq!(store.family(&here(), id(1)).await.unwrap(), Some(Family { state, ..family(&here(), 1) }));
    lost(&*store, rotate(&here(), 9, 0)).await;
}

/// A family that is over by time rotates no more.
pub async fn a_family_that_lies_unused_too_long_is_not_rotated(store: Arc<dyn Store>) {
    settle(&*store).await;
    open(&*store, family(&here(), 1)).await;
    let short = Family { expires_at: after(150), ..family(&here(), 2) };
    open(&*store, short).await;
    let late = |number, seconds| Write::RotateRefreshToken {
        realm: here(),
        family: id(number),
        spent: 0,
        at: after(seconds),
        idle_until: after(400),
        access: None,
    };
    lost(&*store, late(1, 200)).await;
    lost(&*store, late(2, 150)).await;
    done(&*store, late(1, 199)).await;
    done(&*store, late(2, 149)).await;
}

/// The rotation and its opaque token are one change.
pub async fn a_rotation_keeps_its_opaque_token(store: Arc<dyn Store>) {
    settle(&*store).await;
    open(&*store, family(&here(), 1)).await;
    let access = |secret: &str| OpaqueToken { family: Some(id(1)), ..opaque_token(&here(), secret) };
    let write = |secret: &str| Write::RotateRefreshToken {
        realm: here(),
        family: id(1),
        spent: 0,
        at: after(20),
        idle_until: after(400),
        access: Some(Box::new(access(secret))),
    };
    done(&*store, write("first")).await;
    lost(&*store, write("second")).await;
    assert_eq!(store.opaque_token(&here(), &digest("first")).await.unwrap(), Some(access("first")));
    assert_eq!(store.opaque_token(&here(), &digest("second")).await.unwrap(), None);
}

/// An end is for ever, and keeps its moment.
pub async fn an_ended_family_stays_ended(store: Arc<dyn Store>) {
    settle(&*store).await;
    open(&*store, family(&here(), 1)).await;
    open(&*store, family(&here(), 2)).await;
    done(&*store, end(1, after(15))).await;
    done(&*store, end(1, after(16))).await;
    let ended = Family { state: FamilyState::Ended { at: after(15) }, ..family(&here(), 1) };
    assert_eq!(store.family(&here(), id(1)).await.unwrap(), Some(ended));
    lost(&*store, rotate(&here(), 1, 0)).await;
    assert!(is_live(&*store, &here(), 2).await);
    lost(&*store, end(9, after(15))).await;
}

/// An end by a cascade does not move an end that was before.
pub async fn a_cascade_leaves_the_moment_of_an_earlier_end(store: Arc<dyn Store>) {
    settle(&*store).await;
    open(&*store, family(&here(), 1)).await;
    done(&*store, end(1, after(15))).await;
    done(&*store, Write::EndSession { realm: here(), session: id(1), at: after(30) }).await;
    let state = store.family(&here(), id(1)).await.unwrap().map(|kept| kept.state);
    assert_eq!(state, Some(FamilyState::Ended { at: after(15) }));
}

/// A family is forgotten when none of its tokens could be good any more, and no sooner.
pub async fn a_family_that_is_over_is_swept(store: Arc<dyn Store>) {
    settle(&*store).await;
    let long_idle = FamilyState::Live { generation: 0, rotated_at: after(10), idle_until: after(9000) };
    open(&*store, Family { session: None, ..family(&here(), 1) }).await;
    open(&*store, Family { session: None, state: long_idle, ..family(&here(), 2) }).await;
    store.sweep(after(199), 10).await.unwrap();
    assert!(store.family(&here(), id(1)).await.unwrap().is_some());
    store.sweep(after(200), 10).await.unwrap();
    assert_eq!(store.family(&here(), id(1)).await.unwrap(), None);
    store.sweep(after(1999), 10).await.unwrap();
    assert!(store.family(&here(), id(2)).await.unwrap().is_some());
    store.sweep(after(2000), 10).await.unwrap();
    assert_eq!(store.family(&here(), id(2)).await.unwrap(), None);
}

/// An ended family is remembered while somebody may still show one of its tokens.
pub async fn an_ended_family_is_remembered_as_ended(store: Arc<dyn Store>) {
    settle(&*store).await;
    open(&*store, family(&here(), 1)).await;
    done(&*store, end(1, after(15))).await;
    store.sweep(after(60), 10).await.unwrap();
    let state = store.family(&here(), id(1)).await.unwrap().map(|kept| kept.state);
    assert_eq!(state, Some(FamilyState::Ended { at: after(15) }));
}
