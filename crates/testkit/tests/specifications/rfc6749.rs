//! RFC 6749: The OAuth 2.0 Authorization Framework. Here: what the grants give.

mod authorization_requests;
mod bindings;
mod token_requests;

use chancery_testkit::party::{decide, parameter, sign_in};
use chancery_testkit::{Browser, Issuer, Party};
use futures_util::future::join_all;
use serde_json::json;

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
    let page = web.open(&browser, &[]).await;
    let answer = decide(&browser, &page, "cancel").await.answer();
    assert_eq!(parameter(&answer, "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(&answer, "state").as_deref(), Some("the-state"));
    assert_eq!(parameter(&answer, "iss").as_deref(), Some(&*issuer.url));
}

/// §4.1.2.1
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_signed_in_may_deny_as_well() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let browser = Browser::default();
    let page = sign_in(&browser, &web.open(&browser, &[]).await, "alice").await;
    let page = browser.follow(page, &issuer.url).await;
    assert!(page.has("consent-form"));
    let answer = decide(&browser, &page, "deny").await.answer();
    assert_eq!(parameter(&answer, "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(&answer, "code"), None);
    // What was denied was not agreed to: the next request asks again.
    assert!(web.open(&browser, &[]).await.has("consent-form"));
}

/// §5.1
#[tokio::test(flavor = "multi_thread")]
async fn the_answer_says_which_scope_was_granted() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let answer = web.tokens("alice", "openid nobody-knows-this read").await;
    assert_eq!(answer.text("scope"), "openid read");
    let machine = Party::new(&issuer, "machine");
    let answer = machine.token(&[("grant_type", "client_credentials")]).await;
    assert_eq!(answer.text("scope"), "read write");
}

/// §5.1
#[tokio::test(flavor = "multi_thread")]
async fn nobody_on_the_way_may_keep_an_answer() {
    let issuer = Issuer::start().await;
    let machine = Party::new(&issuer, "machine");
    let granted = machine.token(&[("grant_type", "client_credentials")]).await;
    let refused = machine.token(&[("grant_type", "client_credentials"), ("scope", "admin")]).await;
    for answer in [granted, refused] {
        assert_eq!(answer.header("cache-control"), "no-store", "{answer:?}");
        assert_eq!(answer.header("content-type"), "application/json");
    }
}

/// §6
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_may_ask_for_less_and_then_for_all_of_it_again() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let tokens = web.tokens("alice", "openid read write offline_access").await;
    let fields = |token: &str| [("grant_type", "refresh_token".to_owned()), ("refresh_token", token.to_owned())];
    let mut narrow = fields(tokens.text("refresh_token")).to_vec();
    narrow.push(("scope", "read".to_owned()));
    let narrow: Vec<(&str, &str)> = narrow.iter().map(|(name, value)| (*name, &**value)).collect();
    let less = web.token(&narrow).await;
    assert_eq!(less.text("scope"), "read");
    let all = web.refresh(less.text("refresh_token")).await;
    assert_eq!(all.text("scope"), "offline_access openid read write");
}

/// §6
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_never_gives_more_than_was_granted() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let tokens = web.tokens("alice", "openid read").await;
    let token = tokens.text("refresh_token");
    let more = [("grant_type", "refresh_token"), ("refresh_token", token), ("scope", "read write")];
    assert_eq!(web.token(&more).await.error(), "invalid_scope");
    // Nothing was spent by the refusal.
    assert_eq!(web.refresh(token).await.status, 200);
}

/// §6
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_is_given_to_clients_registered_for_it_alone() {
    let issuer = Issuer::start().await;
    let uri = "https://once.example.test/callback";
    issuer
        .register(json!({
            "client_id": "once", "token_endpoint_auth_method": "none", "redirect_uris": [uri],
            "grant_types": ["authorization_code"], "scope": "openid offline_access read",
        }))
        .await;
    let once = Party::registered(&issuer, "once", None, uri);
    let tokens = once.tokens("alice", "openid read offline_access").await;
    assert!(tokens.json["refresh_token"].is_null());
    assert_eq!(tokens.text("scope"), "openid read");
}

/// §6, OAuth 2.1 §4.3.1
#[tokio::test(flavor = "multi_thread")]
async fn a_public_clients_refresh_token_rotates() {
    let issuer = Issuer::start().await;
    let spa = Party::new(&issuer, "spa");
    let first = spa.tokens("alice", "openid offline_access").await;
    let second = spa.refresh(first.text("refresh_token")).await;
    assert_eq!(second.status, 200, "{second:?}");
    assert_ne!(first.text("refresh_token"), second.text("refresh_token"));
}
