//! RFC 6750: Bearer Token Usage, at UserInfo.

use chancery_testkit::{Issuer, Party};
use reqwest::Method;

/// §2.1
#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_heard_in_the_header() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let tokens = web.tokens("alice", "openid").await;
    assert_eq!(web.userinfo(tokens.text("access_token")).await.status, 200);
    // The scheme's case is free (RFC 9110 §11.1).
    let lower = format!("bearer {}", tokens.text("access_token"));
    assert_eq!(web.call(Method::GET, "/userinfo", &[("authorization", &lower)]).await.status, 200);
}

/// §2.2
#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_heard_in_a_forms_body() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let tokens = web.tokens("alice", "openid").await;
    let body = format!("access_token={}", tokens.text("access_token"));
    assert_eq!(web.raw("/userinfo", &[], &body).await.status, 200);
    let not_a_form = web.raw("/userinfo", &[("content-type", "text/plain")], &body).await;
    assert_eq!((not_a_form.status.as_u16(), not_a_form.error()), (400, "invalid_request"));
}

/// §2.3, RFC 9700 §4.3.2
#[tokio::test(flavor = "multi_thread")]
async fn a_token_in_the_query_is_not_heard() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let tokens = web.tokens("alice", "openid").await;
    let path = format!("/userinfo?access_token={}", tokens.text("access_token"));
    assert_eq!(web.call(Method::GET, &path, &[]).await.status, 401);
    assert_eq!(web.raw(&path, &[], "").await.status, 401);
}

/// §2
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_sent_in_two_ways_is_refused() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let tokens = web.tokens("alice", "openid").await;
    let token = tokens.text("access_token");
    let header = format!("Bearer {token}");
    let answer = web.raw("/userinfo", &[("authorization", &header)], &format!("access_token={token}")).await;
    assert_eq!((answer.status.as_u16(), answer.error()), (400, "invalid_request"));
    assert!(answer.header("www-authenticate").contains("error=\"invalid_request\""));
}

/// §3.1
#[tokio::test(flavor = "multi_thread")]
async fn whoever_brings_no_token_is_told_no_error() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let answer = web.call(Method::GET, "/userinfo", &[]).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.header("www-authenticate"), format!("Bearer realm=\"{}\"", issuer.identifier));
}

/// §3.1
#[tokio::test(flavor = "multi_thread")]
async fn another_scheme_is_no_token() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let answer = web.call(Method::GET, "/userinfo", &[("authorization", &web.basic())]).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.header("www-authenticate"), format!("Bearer realm=\"{}\"", issuer.identifier));
}

/// §3, §3.1
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_does_not_count_is_named_invalid_whatever_is_wrong_with_it() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let tokens = web.tokens("alice", "openid").await;
    let token = tokens.text("access_token").to_owned();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let forged = format!("{signed}.{}", signature.chars().rev().collect::<String>());
    let foreign = Party::of_other_realm(&issuer, "machine").token(&[("grant_type", "client_credentials")]).await;
    let wrong = [
        forged,
        signed.to_owned(),
        "garbage".to_owned(),
        "at-garbage".to_owned(),
        foreign.text("access_token").to_owned(),
    ];
    let mut told = Vec::new();
    for wrong in &wrong {
        told.push(web.userinfo(wrong).await);
    }
    issuer.clock.advance(601);
    told.push(web.userinfo(&token).await);
    for answer in &told {
        assert_eq!((answer.status.as_u16(), answer.error()), (401, "invalid_token"), "{answer:?}");
        assert!(answer.header("www-authenticate").starts_with("Bearer realm="), "{answer:?}");
        assert!(answer.header("www-authenticate").contains("error=\"invalid_token\""), "{answer:?}");
        assert_eq!(answer.text, told[0].text);
    }
}

/// §3.1
#[tokio::test(flavor = "multi_thread")]
async fn a_token_without_the_scope_is_forbidden_and_told_which() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let tokens = web.tokens("alice", "read").await;
    let answer = web.userinfo(tokens.text("access_token")).await;
    assert_eq!((answer.status.as_u16(), answer.error()), (403, "insufficient_scope"));
    assert!(answer.header("www-authenticate").contains("scope=\"openid\""));
}

/// §5.3
#[tokio::test(flavor = "multi_thread")]
async fn what_a_token_opens_is_kept_by_nobody_on_the_way() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let tokens = web.tokens("alice", "openid").await;
    let answer = web.userinfo(tokens.text("access_token")).await;
    assert_eq!(answer.header("cache-control"), "no-store");
}
