//! RFC 8252: OAuth 2.0 for Native Apps.

use chancery_testkit::{Browser, Issuer, Party};
use serde_json::json;

async fn leads_to(party: &Party<'_>, uri: &str) -> bool {
    let page = party.open(&Browser::default(), &[("redirect_uri", uri), ("prompt", "none")]).await;
    match page.location() {
        Some(location) => location.starts_with(uri),
        None => {
            assert_eq!(page.status, 400, "{uri} {}", page.text);
            false
        }
    }
}

/// §7.3
#[tokio::test(flavor = "multi_thread")]
async fn on_the_loopback_interface_the_port_may_vary_and_nothing_else() {
    let issuer = Issuer::start().await;
    let spa = Party::new(&issuer, "spa");
    for good in ["http://127.0.0.1/callback", "http://127.0.0.1:1/callback", "http://127.0.0.1:65535/callback"] {
        assert!(leads_to(&spa, good).await, "{good}");
    }
    for bad in [
        "http://127.0.0.1:4711/callback/",
        "http://127.0.0.1:4711/Callback",
        "http://127.0.0.1:4711/callback?x=1",
        "http://127.0.0.1:4711/",
        "https://127.0.0.1:4711/callback",
        "http://localhost:4711/callback",
        "http://[::1]:4711/callback",
        "http://127.0.0.2:4711/callback",
        "http://127.1:4711/callback",
        "http://127.0.0.1:65536/callback",
        "http://127.0.0.1:/callback",
        "http://127.0.0.1:4711@evil.example.test/callback",
        "http://127.0.0.1.evil.example.test:4711/callback",
        "http://evil.example.test:4711/callback",
    ] {
        assert!(!leads_to(&spa, bad).await, "{bad}");
    }
}

/// §7.3: also in the token request, the port is the one that was used.
#[tokio::test(flavor = "multi_thread")]
async fn the_port_that_was_used_is_the_one_to_name_again() {
    let issuer = Issuer::start().await;
    let spa = Party::new(&issuer, "spa");
    let code = spa.code("alice", &[("redirect_uri", "http://127.0.0.1:1234/callback")]).await;
    assert_eq!(spa.redeem(&code).await.error(), "invalid_grant");
    let there = Party { redirect_uri: "http://127.0.0.1:1234/callback", ..Party::new(&issuer, "spa") };
    assert_eq!(there.redeem(&code).await.status, 200);
}

/// §7.3
#[tokio::test(flavor = "multi_thread")]
async fn elsewhere_not_even_the_port_may_vary() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    assert!(leads_to(&web, "https://web.example.test/callback").await);
    for bad in ["https://web.example.test:443/callback", "https://web.example.test:8443/callback"] {
        assert!(!leads_to(&web, bad).await, "{bad}");
    }
}

/// §7.1
#[tokio::test(flavor = "multi_thread")]
async fn an_app_may_be_answered_at_a_scheme_of_its_own() {
    let issuer = Issuer::start().await;
    let app = Party { redirect_uri: "com.example.app:/callback", ..Party::new(&issuer, "spa") };
    assert!(leads_to(&app, "com.example.app:/callback").await);
    for bad in ["com.example.app:/callback2", "com.example.app://callback", "com.example.evil:/callback"] {
        assert!(!leads_to(&app, bad).await, "{bad}");
    }
    let tokens = app.tokens("alice", "openid").await;
    assert!(tokens.json["id_token"].is_string());
}

/// §7.1: a scheme without a dot is anybody's.
#[tokio::test(flavor = "multi_thread")]
async fn a_scheme_that_anybody_may_claim_is_not_registered() {
    let issuer = Issuer::start().await;
    for uri in ["myapp:/callback", "javascript:alert(1)", "data:text/html,x", "http://web.example.test/callback"] {
        let plan = json!({ "token_endpoint_auth_method": "none", "redirect_uris": [uri], "scope": "openid" });
        let plan = chancery_engine::directory::client_plan::ClientPlan {
            id: Some("app".to_owned()),
            metadata: plan.as_object().unwrap().clone(),
            ..Default::default()
        };
        let added = issuer.as_steward(async |steward| steward.add_client(&issuer.realm(), &plan).await.is_ok()).await;
        assert!(!added, "{uri}");
    }
}

/// §8.4, RFC 6749 §10.2: an app that anybody can copy is not waved through because of its name.
#[tokio::test(flavor = "multi_thread")]
async fn a_public_client_shows_where_the_answer_goes() {
    let issuer = Issuer::start().await;
    let spa = Party::new(&issuer, "spa");
    let browser = Browser::default();
    let page = chancery_testkit::party::sign_in(&browser, &spa.open(&browser, &[]).await, "alice").await;
    let page = browser.follow(page, &issuer.url).await;
    assert!(page.has("consent-form"));
    assert!(page.text.contains("127.0.0.1:4711"), "{}", page.text);
}
