//! §3.1.2.1, §3.1.2.3, §3.1.2.6: what a person is asked, and what is refused where nobody may be.

use chancery_testkit::party::{decide, parameter, sign_in};
use chancery_testkit::{Browser, Issuer, Party};
use serde_json::json;

/// A browser in which alice is signed in and has agreed to what `party` asks.
async fn agreed(party: &Party<'_>) -> Browser {
    let browser = Browser::default();
    party.authorize(&browser, "alice", &[]).await;
    party.issuer.clock.advance(5);
    browser
}

async fn error(party: &Party<'_>, browser: &Browser, extra: &[(&str, &str)]) -> Option<String> {
    parameter(&party.answer(browser, extra).await, "error")
}

/// The claims of the ID token that a silent request ends with.
async fn id_token(party: &Party<'_>, browser: &Browser, extra: &[(&str, &str)]) -> serde_json::Value {
    let answer = party.answer(browser, extra).await;
    let code = parameter(&answer, "code").unwrap_or_else(|| panic!("{answer:?}"));
    party.claims(party.redeem(&code).await.text("id_token")).await
}

/// §3.1.2.1 (`prompt=none`), §3.1.2.6
#[tokio::test(flavor = "multi_thread")]
async fn with_prompt_none_nobody_is_ever_shown_a_page() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let browser = Browser::default();
    assert_eq!(error(&web, &browser, &[("prompt", "none")]).await.as_deref(), Some("login_required"));
    let page = web.open(&browser, &[]).await;
    sign_in(&browser, &page, "alice").await;
    assert_eq!(error(&web, &browser, &[("prompt", "none")]).await.as_deref(), Some("consent_required"));
    web.authorize(&browser, "alice", &[]).await;
    let claims = id_token(&web, &browser, &[("prompt", "none")]).await;
    assert_eq!(claims["nonce"], "the-nonce");
    // What was not agreed to is still asked.
    let more = [("prompt", "none"), ("scope", "openid read")];
    assert_eq!(error(&web, &browser, &more).await.as_deref(), Some("consent_required"));
}

/// §3.1.2.4
#[tokio::test(flavor = "multi_thread")]
async fn who_is_signed_in_and_has_agreed_is_not_asked_again() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let browser = agreed(&web).await;
    assert!(parameter(&web.answer(&browser, &[]).await, "code").is_some());
    // In another browser they are asked who they are and nothing else.
    let other = Browser::default();
    let page = sign_in(&other, &web.open(&other, &[]).await, "alice").await;
    assert!(parameter(&other.follow(page, &issuer.url).await.answer(), "code").is_some());
}

/// §3.1.2.1 (`prompt=login`)
#[tokio::test(flavor = "multi_thread")]
async fn with_prompt_login_a_person_signs_in_again() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let browser = agreed(&web).await;
    let before = issuer.clock.seconds();
    let page = web.open(&browser, &[("prompt", "login")]).await;
    assert!(page.has("sign-in-form"));
    // Neither a look at the page nor an answer to a question that was not put leads past it.
    let reloaded = browser.get(&page.url).await;
    assert!(reloaded.has("sign-in-form"));
    let skipped = browser.submit(&page, "", &[("decision", "allow")]).await;
    assert!(browser.follow(skipped, &issuer.url).await.has("sign-in-form"));
    let done = browser.follow(sign_in(&browser, &page, "alice").await, &issuer.url).await;
    let code = parameter(&done.answer(), "code").unwrap();
    assert!(web.claims(web.redeem(&code).await.text("id_token")).await["auth_time"].as_i64().unwrap() >= before);
}

/// §3.1.2.1 (`prompt=consent`)
#[tokio::test(flavor = "multi_thread")]
async fn with_prompt_consent_a_person_agrees_again() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let browser = agreed(&web).await;
    let page = web.open(&browser, &[("prompt", "consent")]).await;
    assert!(page.has("consent-form"));
    assert!(parameter(&decide(&browser, &page, "allow").await.answer(), "code").is_some());
}

/// §3.1.2.1 (`prompt=login consent`)
#[tokio::test(flavor = "multi_thread")]
async fn both_may_be_asked_for_at_once() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let browser = agreed(&web).await;
    let page = web.open(&browser, &[("prompt", "login consent")]).await;
    assert!(page.has("sign-in-form"));
    let page = browser.follow(sign_in(&browser, &page, "alice").await, &issuer.url).await;
    assert!(page.has("consent-form"));
}

/// §3.1.2.1 (`prompt=select_account`)
#[tokio::test(flavor = "multi_thread")]
async fn with_prompt_select_account_another_person_may_sign_in() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let browser = agreed(&web).await;
    let alice = id_token(&web, &browser, &[]).await["sub"].clone();
    let page = web.open(&browser, &[("prompt", "select_account")]).await;
    assert!(page.has("sign-in-form"));
    let answer = web.go_on(&browser, "bob", page).await;
    let tokens = web.redeem(&parameter(&answer, "code").unwrap()).await;
    assert_ne!(web.claims(tokens.text("id_token")).await["sub"], alice);
}

/// §3.1.2.4: the operator vouches for a first-party client.
#[tokio::test(flavor = "multi_thread")]
async fn for_a_first_party_client_nobody_is_asked_unless_it_wishes() {
    let issuer = Issuer::start().await;
    let trusted = Party::new(&issuer, "trusted");
    let browser = Browser::default();
    let page = sign_in(&browser, &trusted.open(&browser, &[]).await, "alice").await;
    assert!(parameter(&browser.follow(page, &issuer.url).await.answer(), "code").is_some());
    issuer.clock.advance(5);
    assert!(trusted.open(&browser, &[("prompt", "consent")]).await.has("consent-form"));
}

/// §3.1.2.1 (`max_age`), §2 (`auth_time`)
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_is_too_old_is_done_again() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let signed_in = issuer.clock.seconds();
    let browser = agreed(&web).await;
    issuer.clock.advance(95);
    assert_eq!(id_token(&web, &browser, &[("max_age", "100")]).await["auth_time"], signed_in);
    issuer.clock.advance(1);
    let silent = [("max_age", "100"), ("prompt", "none")];
    assert_eq!(error(&web, &browser, &silent).await.as_deref(), Some("login_required"));
    let page = web.open(&browser, &[("max_age", "100")]).await;
    assert!(page.has("sign-in-form"));
    let answer = web.go_on(&browser, "alice", page).await;
    let tokens = web.redeem(&parameter(&answer, "code").unwrap()).await;
    assert_eq!(web.claims(tokens.text("id_token")).await["auth_time"], signed_in + 101);
    issuer.clock.advance(1);
    assert!(web.open(&browser, &[("max_age", "0")]).await.has("sign-in-form"));
}

/// OpenID Connect Registration §2 (`default_max_age`)
#[tokio::test(flavor = "multi_thread")]
async fn a_client_may_have_a_max_age_of_its_own() {
    let issuer = Issuer::start().await;
    let uri = "https://careful.example.test/callback";
    issuer
        .register(json!({
            "client_id": "careful", "token_endpoint_auth_method": "none", "redirect_uris": [uri], "scope": "openid",
            "default_max_age": 60,
        }))
        .await;
    let careful = Party::registered(&issuer, "careful", None, uri);
    let browser = agreed(&careful).await;
    assert!(careful.open(&browser, &[]).await.location().is_some());
    issuer.clock.advance(60);
    assert!(careful.open(&browser, &[]).await.has("sign-in-form"));
    assert!(careful.open(&browser, &[("max_age", "600")]).await.location().is_some());
}

/// §3.1.2.1 (`id_token_hint`)
#[tokio::test(flavor = "multi_thread")]
async fn a_hint_says_who_is_meant_even_when_it_has_expired() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let browser = agreed(&web).await;
    let alice = web.tokens("alice", "openid").await.text("id_token").to_owned();
    let bob = web.tokens("bob", "openid").await.text("id_token").to_owned();
    issuer.clock.advance(2 * 3600);
    let hinted = id_token(&web, &browser, &[("prompt", "none"), ("id_token_hint", &alice)]).await;
    assert_eq!(hinted["sub"], web.claims(&alice).await["sub"]);
    let other = [("prompt", "none"), ("id_token_hint", &*bob)];
    assert_eq!(error(&web, &browser, &other).await.as_deref(), Some("login_required"));
}

/// §3.1.2.1, §3.1.2.6
#[tokio::test(flavor = "multi_thread")]
async fn another_person_than_the_one_who_is_meant_is_not_answered_for() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let browser = agreed(&web).await;
    let bob = web.tokens("bob", "openid").await.text("id_token").to_owned();
    let page = web.open(&browser, &[("id_token_hint", &bob)]).await;
    assert!(page.has("sign-in-form"));
    let wrong = browser.follow(sign_in(&browser, &page, "alice").await, &issuer.url).await;
    assert_eq!(parameter(&wrong.answer(), "error").as_deref(), Some("login_required"));
    issuer.clock.advance(5);
    let page = web.open(&browser, &[("id_token_hint", &bob)]).await;
    assert!(parameter(&web.go_on(&browser, "bob", page).await, "code").is_some());
}

/// §3.1.2.2
#[tokio::test(flavor = "multi_thread")]
async fn only_our_own_id_tokens_are_hints() {
    let issuer = Issuer::start().await;
    let (web, other) = (Party::new(&issuer, "web"), Party::of_other_realm(&issuer, "web"));
    let browser = agreed(&web).await;
    let tokens = web.tokens("alice", "openid").await;
    let id_token = tokens.text("id_token");
    let (signed, signature) = id_token.rsplit_once('.').unwrap();
    let forged = format!("{signed}.{}", signature.chars().rev().collect::<String>());
    for hint in [&*forged, signed, "garbage", tokens.text("access_token")] {
        assert_eq!(
            error(&web, &browser, &[("id_token_hint", hint)]).await.as_deref(),
            Some("invalid_request"),
            "{hint}"
        );
    }
    assert_eq!(
        error(&other, &browser, &[("scope", "openid"), ("id_token_hint", id_token)]).await.as_deref(),
        Some("invalid_request")
    );
}
