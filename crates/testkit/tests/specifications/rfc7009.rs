//! RFC 7009: Token Revocation.

use chancery_testkit::{Issuer, Party};
use reqwest::Method;

/// §2.1
#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_refresh_token_takes_everything_of_its_grant_along() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let first = web.tokens("alice", "openid offline_access").await;
    let second = web.refresh(first.text("refresh_token")).await;
    let answer = web.revoke(second.text("refresh_token")).await;
    assert_eq!((answer.status.as_u16(), &*answer.text), (200, ""));
    assert_eq!(web.refresh(second.text("refresh_token")).await.error(), "invalid_grant");
    for tokens in [&first, &second] {
        assert_eq!(web.userinfo(tokens.text("access_token")).await.status, 401);
        assert_eq!(web.introspect(tokens.text("access_token")).await.json["active"], false);
    }
}

/// §2.1
#[tokio::test(flavor = "multi_thread")]
async fn a_spent_refresh_token_revokes_its_grant_as_well() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let first = web.tokens("alice", "openid offline_access").await;
    let second = web.refresh(first.text("refresh_token")).await;
    assert_eq!(web.revoke(first.text("refresh_token")).await.status, 200);
    assert_eq!(web.refresh(second.text("refresh_token")).await.error(), "invalid_grant");
}

/// §2.1
#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_access_token_ends_alone() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let first = web.tokens("alice", "openid offline_access").await;
    assert_eq!(web.revoke(first.text("access_token")).await.status, 200);
    assert_eq!(web.userinfo(first.text("access_token")).await.status, 401);
    assert_eq!(web.introspect(first.text("access_token")).await.json["active"], false);
    let second = web.refresh(first.text("refresh_token")).await;
    assert_eq!(web.userinfo(second.text("access_token")).await.status, 200);
}

/// §2.1
#[tokio::test(flavor = "multi_thread")]
async fn an_opaque_token_is_revoked_like_any_other() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let ask = [("grant_type", "client_credentials"), ("resource", "https://opaque.example.test")];
    let (one, other) = (web.token(&ask).await, web.token(&ask).await);
    assert_eq!(web.revoke(one.text("access_token")).await.status, 200);
    assert_eq!(web.introspect(one.text("access_token")).await.json["active"], false);
    assert_eq!(web.introspect(other.text("access_token")).await.json["active"], true);
}

/// §2.2
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_does_not_count_is_as_revoked_as_can_be() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let tokens = web.tokens("alice", "openid").await;
    for _ in 0..2 {
        assert_eq!(web.revoke(tokens.text("refresh_token")).await.status, 200);
    }
    for token in ["garbage", "a.b.c", "rt-garbage", "at-garbage", tokens.text("id_token")] {
        assert_eq!(web.revoke(token).await.status, 200, "{token}");
    }
}

/// §2.1, §2.2.1
#[tokio::test(flavor = "multi_thread")]
async fn a_hint_helps_or_is_passed_over() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    for hint in ["access_token", "refresh_token", "something_else", ""] {
        let tokens = web.tokens("alice", "openid").await;
        let token = tokens.text("refresh_token");
        let answer = web.ask("/revoke", &[("token", token), ("token_type_hint", hint)]).await;
        assert_eq!(answer.status, 200, "{hint}");
        assert_eq!(web.refresh(token).await.error(), "invalid_grant", "{hint}");
    }
}

/// §2.1
#[tokio::test(flavor = "multi_thread")]
async fn a_client_revokes_its_own_tokens_and_nobody_elses() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let tokens = web.tokens("alice", "openid").await;
    for id in ["spa", "trusted", "machine"] {
        let stranger = Party::new(&issuer, id);
        for token in [tokens.text("access_token"), tokens.text("refresh_token")] {
            let answer = stranger.revoke(token).await;
            assert_eq!((answer.status.as_u16(), answer.error()), (400, "invalid_request"), "{id}");
        }
    }
    assert_eq!(web.userinfo(tokens.text("access_token")).await.status, 200);
    assert_eq!(web.refresh(tokens.text("refresh_token")).await.status, 200);
}

/// §2.1
#[tokio::test(flavor = "multi_thread")]
async fn a_public_client_may_give_its_tokens_back() {
    let issuer = Issuer::start().await;
    let spa = Party::new(&issuer, "spa");
    let tokens = spa.tokens("alice", "openid").await;
    assert_eq!(spa.revoke(tokens.text("refresh_token")).await.status, 200);
    assert_eq!(spa.userinfo(tokens.text("access_token")).await.status, 401);
}

/// §2.1
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_authenticated_revokes_nothing() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let tokens = web.tokens("alice", "openid").await;
    let body = format!("token={}&client_id=web", tokens.text("refresh_token"));
    let answer = web.raw("/revoke", &[], &body).await;
    assert_eq!((answer.status.as_u16(), answer.error()), (401, "invalid_client"));
    assert_eq!(web.refresh(tokens.text("refresh_token")).await.status, 200);
    let nothing = web.ask("/revoke", &[]).await;
    assert_eq!((nothing.status.as_u16(), nothing.error()), (400, "invalid_request"));
    assert_eq!(web.call(Method::GET, "/revoke", &[]).await.status, 405);
}

/// §2.3: scripts may call it by CORS, which took JSONP's place.
#[tokio::test(flavor = "multi_thread")]
async fn a_script_of_any_origin_may_revoke() {
    let issuer = Issuer::start().await;
    let spa = Party::new(&issuer, "spa");
    let preflight = spa.call(Method::OPTIONS, "/revoke", &[("origin", "https://app.example.test")]).await;
    assert_eq!(preflight.header("access-control-allow-origin"), "*");
    assert_eq!(spa.revoke("garbage").await.header("access-control-allow-origin"), "*");
}
