//! Opaque tokens, revoked JWTs and spent assertions.

use std::sync::Arc;

use super::fixtures::{
    after, client_id, denied, digest, done, family, here, id, lost, opaque_token, open, settle, there,
};
use crate::store::Store;
use crate::token::OpaqueToken;
use crate::write::Write;

fn keep(token: OpaqueToken) -> Write {
    Write::KeepOpaqueToken(Box::new(token))
}

/// What was kept is read, in its own realm.
pub async fn an_opaque_token_reads_back_as_it_was_kept(store: Arc<dyn Store>) {
    settle(&*store).await;
    done(&*store, keep(opaque_token(&here(), "a"))).await;
    assert_eq!(store.opaque_token(&here(), &digest("a")).await.unwrap(), Some(opaque_token(&here(), "a")));
    assert_eq!(store.opaque_token(&here(), &digest("b")).await.unwrap(), None);
    assert_eq!(store.opaque_token(&there(), &digest("a")).await.unwrap(), None);
}

/// A family's token needs a family that is live when the token is issued.
pub async fn an_opaque_token_of_a_family_that_is_not_live_is_lost(store: Arc<dyn Store>) {
    settle(&*store).await;
    open(&*store, family(&here(), 1)).await;
    let of = |number, secret: &str| OpaqueToken { family: Some(id(number)), ..opaque_token(&here(), secret) };
    done(&*store, keep(of(1, "a"))).await;
    lost(&*store, keep(of(9, "b"))).await;
    lost(&*store, keep(OpaqueToken { issued_at: after(200), ..of(1, "c") })).await;
    lost(&*store, keep(OpaqueToken { realm: there(), ..of(1, "d") })).await;
    done(&*store, Write::EndFamily { realm: here(), family: id(1), at: after(15) }).await;
    lost(&*store, keep(of(1, "e"))).await;
    assert_eq!(store.opaque_token(&here(), &digest("a")).await.unwrap(), Some(of(1, "a")));
    for secret in ["b", "c", "e"] {
        assert_eq!(store.opaque_token(&here(), &digest(secret)).await.unwrap(), None);
    }
    assert_eq!(store.opaque_token(&there(), &digest("d")).await.unwrap(), None);
}

/// RFC 7009 §2.2: revoking a token that is not there succeeds.
pub async fn a_dropped_opaque_token_is_gone(store: Arc<dyn Store>) {
    settle(&*store).await;
    done(&*store, keep(opaque_token(&here(), "a"))).await;
    let drop = |realm| Write::DropOpaqueToken { realm, digest: digest("a") };
    done(&*store, drop(there())).await;
    assert!(store.opaque_token(&here(), &digest("a")).await.unwrap().is_some());
    done(&*store, drop(here())).await;
    assert_eq!(store.opaque_token(&here(), &digest("a")).await.unwrap(), None);
    done(&*store, drop(here())).await;
}

/// A JWT is denied in its own realm.
pub async fn a_denied_token_is_denied_in_its_realm(store: Arc<dyn Store>) {
    assert!(!store.is_denied(&here(), &digest("jti")).await.unwrap());
    done(&*store, Write::DenyToken(denied(&here(), "jti", after(50)))).await;
    done(&*store, Write::DenyToken(denied(&here(), "jti", after(50)))).await;
    assert!(store.is_denied(&here(), &digest("jti")).await.unwrap());
    assert!(!store.is_denied(&here(), &digest("other")).await.unwrap());
    assert!(!store.is_denied(&there(), &digest("jti")).await.unwrap());
}

/// Attack B10: an assertion is good once, per client and realm.
pub async fn an_assertion_is_spent_once(store: Arc<dyn Store>) {
    let spend = |realm, client: &str, jti: &str| Write::SpendAssertion {
        realm,
        client: client_id(client),
        jti: digest(jti),
        until: after(50),
    };
    done(&*store, spend(here(), "web", "a")).await;
    lost(&*store, spend(here(), "web", "a")).await;
    done(&*store, spend(here(), "web", "b")).await;
    done(&*store, spend(here(), "app", "a")).await;
    done(&*store, spend(there(), "web", "a")).await;
}

/// What is over by itself needs no entry.
pub async fn tokens_that_are_over_are_swept(store: Arc<dyn Store>) {
    settle(&*store).await;
    done(&*store, keep(opaque_token(&here(), "a"))).await;
    done(&*store, Write::DenyToken(denied(&here(), "jti", after(50)))).await;
    let spend =
        || Write::SpendAssertion { realm: here(), client: client_id("web"), jti: digest("a"), until: after(50) };
    done(&*store, spend()).await;
    assert_eq!(store.sweep(after(49), 10).await.unwrap(), 0);
    lost(&*store, spend()).await;
    assert_eq!(store.sweep(after(50), 10).await.unwrap(), 2);
    assert!(!store.is_denied(&here(), &digest("jti")).await.unwrap());
    assert!(store.opaque_token(&here(), &digest("a")).await.unwrap().is_some());
    store.sweep(after(300), 10).await.unwrap();
    assert_eq!(store.opaque_token(&here(), &digest("a")).await.unwrap(), None);
}
