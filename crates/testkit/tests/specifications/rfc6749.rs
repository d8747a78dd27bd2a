//! RFC 6749: The OAuth 2.0 Authorization Framework.

use chancery_testkit::party::{VERIFIER, parameter};
use chancery_testkit::{Browser, Issuer, Party};
use futures_util::future::join_all;

/// §4.1
#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_exchanged_for_tokens() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let answer = web.tokens("alice", "openid read offline_access").await;
    assert_eq!(answer.json["token_type"], "Bearer");
    assert_eq!(answer.json["expires_in"], 600);
    let claims = web.claims(answer.text("access_token")).await;
    assert_eq!(claims["client_id"], "web");
    assert_eq!(claims["aud"], issuer.url);
    assert!(answer.json["refresh_token"].is_string());
    assert!(answer.json["id_token"].is_string());
}

/// §4.1.2
#[tokio::test(flavor = "multi_thread")]
async fn a_replayed_code_is_refused_and_ends_what_it_had_opened() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let code = web.code("alice", &[("scope", "openid read")]).await;
    let first = web.redeem(&code).await;
    let second = web.redeem(&code).await;
    assert_eq!(second.error(), "invalid_grant");
    assert_eq!(web.refresh(first.text("refresh_token")).await.error(), "invalid_grant");
    assert_eq!(web.userinfo(first.text("access_token")).await.status, 401);
}

/// §4.1.2
#[tokio::test(flavor = "multi_thread")]
async fn of_many_redemptions_at_once_exactly_one_succeeds() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let code = web.code("alice", &[]).await;
    let answers = join_all((0..16).map(|_| web.redeem(&code))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
}

/// §4.4
#[tokio::test(flavor = "multi_thread")]
async fn a_client_gets_a_token_for_itself_and_no_refresh_token() {
    let issuer = Issuer::start().await;
    let machine = Party::new(&issuer, "machine");
    let answer = machine.token(&[("grant_type", "client_credentials"), ("scope", "read")]).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json["scope"], "read");
    assert!(answer.json["refresh_token"].is_null());
    let claims = machine.claims(answer.text("access_token")).await;
    assert_eq!((&claims["sub"], &claims["aud"]), (&"machine".into(), &"https://api.example.test".into()));
}

/// §6
#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_that_is_repeated_at_once_is_given_the_same_successor() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let tokens = web.tokens("alice", "openid offline_access").await;
    let answers = join_all((0..16).map(|_| web.refresh(tokens.text("refresh_token")))).await;
    let successor = answers[0].text("refresh_token").to_owned();
    assert!(answers.iter().all(|answer| answer.status == 200 && answer.text("refresh_token") == successor));
    assert_eq!(web.refresh(&successor).await.status, 200);
}

/// §6 and RFC 9700 §4.14.2
#[tokio::test(flavor = "multi_thread")]
async fn a_spent_refresh_token_that_comes_late_ends_its_family() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let tokens = web.tokens("alice", "openid offline_access").await;
    let second = web.refresh(tokens.text("refresh_token")).await;
    issuer.clock.advance(31);
    assert_eq!(web.refresh(tokens.text("refresh_token")).await.error(), "invalid_grant");
    assert_eq!(web.refresh(second.text("refresh_token")).await.error(), "invalid_grant");
}

/// §4.1.2.1
#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_denies_sends_the_client_away_with_access_denied() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let browser = Browser::default();
    let page = browser.get(&web.authorization_url(&[])).await;
    let page = browser.get(&page.location().unwrap()).await;
    let gone = chancery_testkit::party::decide(&browser, &page, "cancel").await;
    let answer = chancery_testkit::party::parameters(&gone.location().unwrap());
    assert_eq!(parameter(&answer, "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(&answer, "state").as_deref(), Some("the-state"));
    assert_eq!(parameter(&answer, "iss").as_deref(), Some(&*issuer.url));
    let _ = VERIFIER;
}
