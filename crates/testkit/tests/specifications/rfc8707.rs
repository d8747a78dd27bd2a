//! RFC 8707: Resource Indicators.

use chancery_testkit::browser::form;
use chancery_testkit::party::VERIFIER;
use chancery_testkit::{Answer, Issuer, Party};
use serde_json::json;

const API: &str = "https://api.example.test";
const OTHER: &str = "https://other.example.test";
const OPAQUE: &str = "https://opaque.example.test";
const RSA: &str = "https://rsa.example.test";

async fn own(party: &Party<'_>, resources: &[&str]) -> Answer {
    let mut fields = vec![("grant_type", "client_credentials")];
    fields.extend(resources.iter().map(|resource| ("resource", *resource)));
    party.token(&fields).await
}

async fn redeem(party: &Party<'_>, code: &str, resources: &[&str]) -> Answer {
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", party.redirect_uri),
        ("code_verifier", VERIFIER),
    ];
    fields.extend(resources.iter().map(|resource| ("resource", *resource)));
    party.token(&fields).await
}

/// §2.2
#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_for_the_resource_that_was_asked_for() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let answer = own(&web, &[API]).await;
    assert_eq!(web.claims(answer.text("access_token")).await["aud"], API);
    let answer = own(&web, &[API, OTHER]).await;
    assert_eq!(web.claims(answer.text("access_token")).await["aud"], json!([API, OTHER]));
    // Asked for none, it is for us; where the client has but one, for that.
    let answer = own(&web, &[]).await;
    assert_eq!(web.claims(answer.text("access_token")).await["aud"], issuer.identifier);
    let answer = own(&Party::new(&issuer, "machine"), &[]).await;
    assert_eq!(web.claims(answer.text("access_token")).await["aud"], API);
}

/// §2, §3: a token holds the part of the scope that means something to its audience.
#[tokio::test(flavor = "multi_thread")]
async fn the_scope_is_cut_to_what_the_resource_knows() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let answer = own(&web, &[OTHER]).await;
    assert_eq!(answer.text("scope"), "read");
    assert_eq!(web.claims(answer.text("access_token")).await["scope"], "read");
}

/// §2
#[tokio::test(flavor = "multi_thread")]
async fn a_resource_that_is_unknown_malformed_or_not_the_clients_is_refused() {
    let issuer = Issuer::start().await;
    let (web, machine) = (Party::new(&issuer, "web"), Party::new(&issuer, "machine"));
    for (party, resource) in [
        (&web, "https://unknown.example.test"),
        (&web, "https://api.example.test/"),
        (&web, "https://api.example.test#fragment"),
        (&web, "api"),
        (&web, "/api"),
        (&machine, OTHER),
    ] {
        let answer = own(party, &[resource]).await;
        assert_eq!((answer.status.as_u16(), answer.error()), (400, "invalid_target"), "{resource}");
    }
    assert_eq!(web.refused(&[("resource", "https://unknown.example.test")]).await, "invalid_target");
    assert_eq!(Party::new(&issuer, "spa").refused(&[("resource", API)]).await, "invalid_target");
}

/// §2.2, attack B20
#[tokio::test(flavor = "multi_thread")]
async fn a_token_request_narrows_and_never_broadens_what_was_granted() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let both = format!(
        "{}&{}",
        web.authorization_url(&[("scope", "openid read write")]),
        form(&[("resource", API), ("resource", OTHER)])
    );
    let browser = chancery_testkit::Browser::default();
    let page = browser.follow(browser.get(&both).await, &issuer.url).await;
    let answer = web.go_on(&browser, "alice", page).await;
    let code = chancery_testkit::party::parameter(&answer, "code").unwrap();
    assert_eq!(redeem(&web, &code, &[RSA]).await.error(), "invalid_target");
    let first = redeem(&web, &code, &[API]).await;
    assert_eq!(web.claims(first.text("access_token")).await["aud"], API);
    assert_eq!(first.text("scope"), "read write");

    // A refresh may turn to the other one, and to all of it, and to nothing else.
    let mut fields =
        vec![("grant_type", "refresh_token"), ("refresh_token", first.text("refresh_token")), ("resource", OTHER)];
    let second = web.token(&fields).await;
    assert_eq!(web.claims(second.text("access_token")).await["aud"], OTHER);
    assert_eq!(second.text("scope"), "read");
    fields[1] = ("refresh_token", second.text("refresh_token"));
    fields[2] = ("resource", RSA);
    assert_eq!(web.token(&fields).await.error(), "invalid_target");
    let third = web.refresh(second.text("refresh_token")).await;
    let all = json!([API, OTHER, issuer.identifier]);
    assert_eq!(web.claims(third.text("access_token")).await["aud"], all);
    assert_eq!(third.text("scope"), "openid read write");
}

/// §3
#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_an_api_is_not_good_for_userinfo() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let code = web.code("alice", &[("scope", "openid read"), ("resource", API)]).await;
    let narrowed = redeem(&web, &code, &[API]).await;
    assert_ne!(web.userinfo(narrowed.text("access_token")).await.status, 200);
    // Not narrowed, it is for both.
    let whole = web.refresh(narrowed.text("refresh_token")).await;
    assert_eq!(web.userinfo(whole.text("access_token")).await.status, 200);
}

/// §2.1
#[tokio::test(flavor = "multi_thread")]
async fn resources_that_want_different_tokens_are_asked_for_one_at_a_time() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    assert_eq!(own(&web, &[API, OPAQUE]).await.error(), "invalid_target");
    assert_eq!(own(&web, &[API, RSA]).await.error(), "invalid_target");
    assert!(!own(&web, &[OPAQUE]).await.text("access_token").contains('.'));
}

/// §2.1
#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_shown_where_the_token_will_be_used() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let browser = chancery_testkit::Browser::default();
    let page = web.open(&browser, &[("scope", "openid read"), ("resource", API)]).await;
    let page = browser.follow(chancery_testkit::party::sign_in(&browser, &page, "alice").await, &issuer.url).await;
    assert!(page.text.contains(API), "{}", page.text);
    web.go_on(&browser, "alice", page).await;
    // What was agreed to for one resource is asked again for another.
    assert!(web.open(&browser, &[("scope", "openid read"), ("resource", OTHER)]).await.has("consent-form"));
    assert!(web.open(&browser, &[("scope", "openid read"), ("resource", API)]).await.location().is_some());
}
