//! Authorization codes.

use std::sync::Arc;

use super::fixtures::{
    after, client_id, code, consent, digest, done, family, here, id, in_session, is_open, issue, lost, opaque_token,
    pending, redeem, settle, there,
};
use crate::code::{Code, CodeState};
use crate::error::StoreError;
use crate::family::Family;
use crate::store::Store;
use crate::token::OpaqueToken;
use crate::write::Write;

/// What was issued is read, in its own realm.
pub async fn a_code_reads_back_as_it_was_issued(store: Arc<dyn Store>) {
    settle(&*store).await;
    issue(&*store, code(&here(), "a")).await;
    assert_eq!(store.code(&here(), &digest("a")).await.unwrap(), Some(code(&here(), "a")));
    assert_eq!(store.code(&here(), &digest("b")).await.unwrap(), None);
    assert_eq!(store.code(&there(), &digest("a")).await.unwrap(), None);
}

/// The code, the agreement and the end of the waiting are one change.
pub async fn a_code_uses_up_the_request_that_waited_for_it(store: Arc<dyn Store>) {
    settle(&*store).await;
    done(&*store, Write::KeepPending(Box::new(pending(&here(), 1)))).await;
    let write = |secret: &str, agreed| Write::IssueCode {
        code: Box::new(code(&here(), secret)),
        consent: agreed,
        pending: Some(id(1)),
    };
    done(&*store, write("a", None)).await;
    assert_eq!(store.pending(&here(), id(1)).await.unwrap(), None);

    lost(&*store, write("b", Some(consent(&here(), 1, "web")))).await;
    assert_eq!(store.code(&here(), &digest("b")).await.unwrap(), None);
    assert_eq!(store.consent(&here(), id(1), &client_id("web")).await.unwrap(), None);
}

/// A person who signed out in the other tab gets no code in this one.
pub async fn no_code_is_issued_in_a_session_that_is_gone(store: Arc<dyn Store>) {
    settle(&*store).await;
    done(&*store, Write::KeepPending(Box::new(pending(&here(), 1)))).await;
    done(&*store, Write::EndSession { realm: here(), session: id(1), at: after(5) }).await;
    let write = Write::IssueCode {
        code: Box::new(code(&here(), "a")),
        consent: Some(consent(&here(), 1, "web")),
        pending: Some(id(1)),
    };
    lost(&*store, write).await;
    assert_eq!(store.code(&here(), &digest("a")).await.unwrap(), None);
    assert_eq!(store.consent(&here(), id(1), &client_id("web")).await.unwrap(), None);
    assert!(store.pending(&here(), id(1)).await.unwrap().is_some(), "a lost write uses nothing up");
}

/// RFC 6749 §4.1.2.
pub async fn a_code_is_redeemed_once(store: Arc<dyn Store>) {
    settle(&*store).await;
    issue(&*store, code(&here(), "a")).await;
    done(&*store, redeem("a", family(&here(), 1))).await;
    lost(&*store, redeem("a", family(&here(), 2))).await;
    let redeemed = Code { state: CodeState::Redeemed { family: id(1) }, ..code(&here(), "a") };
    assert_eq!(store.code(&here(), &digest("a")).await.unwrap(), Some(redeemed));
    assert_eq!(store.family(&here(), id(1)).await.unwrap(), Some(family(&here(), 1)));
    assert_eq!(store.family(&here(), id(2)).await.unwrap(), None);
}

/// The moment of redemption is the family's beginning.
pub async fn a_code_is_lost_when_it_is_over_unknown_or_of_another_realm(store: Arc<dyn Store>) {
    settle(&*store).await;
    issue(&*store, code(&here(), "a")).await;
    lost(&*store, redeem("unknown", family(&here(), 1))).await;
    lost(&*store, redeem("a", family(&there(), 1))).await;
    lost(&*store, redeem("a", Family { created_at: after(60), ..family(&here(), 1) })).await;
    assert_eq!(store.family(&here(), id(1)).await.unwrap(), None);
    assert_eq!(store.family(&there(), id(1)).await.unwrap(), None);
    done(&*store, redeem("a", Family { created_at: after(59), ..family(&here(), 1) })).await;
}

/// What a code was issued in, its family comes from.
pub async fn a_code_is_lost_for_a_family_of_another_session(store: Arc<dyn Store>) {
    settle(&*store).await;
    issue(&*store, code(&here(), "a")).await;
    for outlives in [true, false] {
        let other = in_session(2, family(&here(), 1));
        let session = other.session.filter(|_| !outlives);
        lost(&*store, redeem("a", Family { session, ..other })).await;
    }
    assert!(is_open(&*store, &here(), "a").await);
    let torn = Family { session: Some(id(2)), ..family(&here(), 1) };
    let refused = store.commit(redeem("a", torn), vec![]).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    done(&*store, redeem("a", family(&here(), 1))).await;
}

/// The family and its first opaque token are one change.
pub async fn a_redeemed_code_keeps_its_opaque_token(store: Arc<dyn Store>) {
    settle(&*store).await;
    issue(&*store, code(&here(), "a")).await;
    let access = |secret: &str, number| OpaqueToken { family: Some(id(number)), ..opaque_token(&here(), secret) };
    let write = |secret: &str, number| Write::RedeemCode {
        code: digest("a"),
        family: Box::new(family(&here(), number)),
        access: Some(Box::new(access(secret, number))),
    };
    done(&*store, write("first", 1)).await;
    lost(&*store, write("second", 2)).await;
    assert_eq!(store.opaque_token(&here(), &digest("first")).await.unwrap(), Some(access("first", 1)));
    assert_eq!(store.opaque_token(&here(), &digest("second")).await.unwrap(), None);
}

/// A code is remembered for as long as a replay must be recognised.
pub async fn a_code_is_forgotten_only_when_it_is_time(store: Arc<dyn Store>) {
    settle(&*store).await;
    let touch = Write::TouchSession { realm: here(), session: id(1), seen_at: after(2), idle_until: after(900) };
    done(&*store, touch).await;
    issue(&*store, code(&here(), "open")).await;
    issue(&*store, code(&here(), "redeemed")).await;
    done(&*store, redeem("redeemed", family(&here(), 1))).await;
    store.sweep(after(599), 10).await.unwrap();
    assert!(store.code(&here(), &digest("open")).await.unwrap().is_some());
    assert!(store.code(&here(), &digest("redeemed")).await.unwrap().is_some());
    store.sweep(after(600), 10).await.unwrap();
    assert_eq!(store.code(&here(), &digest("open")).await.unwrap(), None);
    assert_eq!(store.code(&here(), &digest("redeemed")).await.unwrap(), None);
}
