//! §5.5: claims asked for one by one.

use chancery_testkit::party::{parameter, sign_in};
use chancery_testkit::{Browser, Issuer, Party};
use serde_json::{Value, json};

/// The ID token's claims and UserInfo's, for a `claims` parameter.
async fn told(party: &Party<'_>, claims: &Value) -> (Value, Value) {
    let code = party.code("alice", &[("claims", &claims.to_string())]).await;
    let tokens = party.redeem(&code).await;
    let id = party.claims(tokens.text("id_token")).await;
    (id, party.userinfo(tokens.text("access_token")).await.json)
}

/// §5.5
#[tokio::test(flavor = "multi_thread")]
async fn a_claim_goes_where_it_was_asked_for() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let asked = json!({
        "id_token": { "email": null, "auth_time": { "essential": true } },
        "userinfo": { "name": { "essential": true }, "phone_number": null },
    });
    let (id, userinfo) = told(&web, &asked).await;
    assert_eq!(id["email"], "alice@example.test");
    assert!(id["name"].is_null() && id["phone_number"].is_null());
    assert_eq!((&userinfo["name"], &userinfo["phone_number"]), (&"Alice Example".into(), &"+41 44 000 00 00".into()));
    assert!(userinfo["email"].is_null() && userinfo["given_name"].is_null());
}

/// §5.5.1: essential or not, what is not known is left out and nobody is refused for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_nobody_knows_is_left_out() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let asked =
        json!({ "id_token": { "birthdate": { "essential": true }, "unheard_of": null }, "elsewhere": { "x": null } });
    let (id, _) = told(&web, &asked).await;
    assert!(id["birthdate"].is_null() && id["unheard_of"].is_null());
}

/// §5.5: what the protocol says, no record and no wish can say otherwise.
#[tokio::test(flavor = "multi_thread")]
async fn a_wish_changes_nothing_that_the_protocol_says() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let asked = json!({ "id_token": { "iss": { "value": "https://evil.example.test" }, "aud": { "value": "spa" }, "exp": null } });
    let (id, _) = told(&web, &asked).await;
    assert_eq!((&id["iss"], &id["aud"]), (&(*issuer.identifier).into(), &"web".into()));
}

/// §5.5, §12: a refreshed token gives the same claims.
#[tokio::test(flavor = "multi_thread")]
async fn a_wish_lasts_as_long_as_the_grant() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let asked = json!({ "userinfo": { "department": null } }).to_string();
    let code = web.code("alice", &[("claims", &asked), ("scope", "openid offline_access")]).await;
    let tokens = web.refresh(web.redeem(&code).await.text("refresh_token")).await;
    assert_eq!(web.userinfo(tokens.text("access_token")).await.json["department"], "Seals");
}

/// §3.1.2.2, §5.5.1: a certain person, or nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_subject_that_was_asked_for_is_the_only_one_answered_for() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let browser = Browser::default();
    web.authorize(&browser, "alice", &[]).await;
    issuer.clock.advance(5);
    let sub_of = async |username: &str| {
        let tokens = web.tokens(username, "openid").await;
        web.claims(tokens.text("id_token")).await["sub"].clone()
    };
    let wish = |sub: &Value| json!({ "id_token": { "sub": { "value": sub } } }).to_string();
    let (alice, bob) = (wish(&sub_of("alice").await), wish(&sub_of("bob").await));

    let silent = async |claims: &str| web.answer(&browser, &[("prompt", "none"), ("claims", claims)]).await;
    assert!(parameter(&silent(&alice).await, "code").is_some());
    assert_eq!(parameter(&silent(&bob).await, "error").as_deref(), Some("login_required"));

    let page = web.open(&browser, &[("claims", &bob)]).await;
    assert!(page.has("sign-in-form"));
    let wrong = browser.follow(sign_in(&browser, &page, "alice").await, &issuer.url).await;
    assert_eq!(parameter(&wrong.answer(), "error").as_deref(), Some("login_required"));
}
