//! §3.1, §4.1.1, §4.1.2.1: before the redirect URI is trusted nobody is sent anywhere; afterwards
//! the client is told.

use chancery_testkit::party::parameter;
use chancery_testkit::{Browser, Issuer, Party};
use serde_json::json;

/// §3.1.2.4, §4.1.2.1
#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_names_no_trusted_redirect_ends_at_a_page() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    for (fault, problem, code) in [
        (("client_id", "nobody"), "client-unknown", "invalid_client"),
        (("client_id", ""), "request-invalid", "invalid_request"),
        (("redirect_uri", ""), "redirect-unknown", "invalid_request"),
        (("redirect_uri", "https://evil.example.test/callback"), "redirect-unknown", "invalid_request"),
        (("redirect_uri", "https://web.example.test/callback/"), "redirect-unknown", "invalid_request"),
        (("redirect_uri", "https://web.example.test/callback?x=1"), "redirect-unknown", "invalid_request"),
        (("redirect_uri", "HTTPS://web.example.test/callback"), "redirect-unknown", "invalid_request"),
        (("redirect_uri", "https://web.example.test/callback#x"), "redirect-unknown", "invalid_request"),
    ] {
        let page = Browser::default().get(&web.authorization_url(&[fault])).await;
        assert_eq!(page.status, 400, "{fault:?}");
        assert_eq!(page.location(), None, "{fault:?}");
        assert!(page.text.contains(&format!("data-problem=\"{problem}\"")), "{fault:?} {}", page.text);
        assert_eq!(page.text_of("problem-code").as_deref(), Some(code), "{fault:?}");
    }
}

/// §3.1, attack A6
#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_parameter_ends_at_a_page() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    for twice in
        ["state=other", "redirect_uri=https%3A%2F%2Fevil.example.test%2F", "client_id=spa", "%73tate=x", "new=1&new=2"]
    {
        let page = Browser::default().get(&format!("{}&{twice}", web.authorization_url(&[]))).await;
        assert_eq!((page.status.as_u16(), page.location()), (400, None), "{twice}");
    }
}

/// §4.1.2.1
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_disabled_is_unknown() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    issuer.enable_client("web", false).await;
    let page = Browser::default().get(&web.authorization_url(&[])).await;
    assert_eq!(page.text_of("problem-code").as_deref(), Some("invalid_client"));
}

/// §4.1.2.1
#[tokio::test(flavor = "multi_thread")]
async fn every_later_fault_is_told_to_the_client_with_its_state_and_our_name() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    for (extra, code) in [
        (vec![("response_type", "")], "invalid_request"),
        (vec![("response_type", "token")], "unsupported_response_type"),
        (vec![("response_type", "id_token")], "unsupported_response_type"),
        (vec![("response_type", "code id_token")], "unsupported_response_type"),
        (vec![("response_type", "bogus")], "unsupported_response_type"),
        (vec![("response_mode", "bogus")], "invalid_request"),
        (vec![("response_mode", "form_post")], "invalid_request"),
        (vec![("scope", "openid admin")], "invalid_scope"),
        (vec![("scope", "nobody-knows-this")], "invalid_scope"),
        (vec![("scope", "open\"id")], "invalid_scope"),
        (vec![("code_challenge", ""), ("code_challenge_method", "")], "invalid_request"),
        (vec![("prompt", "none login")], "invalid_request"),
        (vec![("prompt", "bogus")], "invalid_request"),
        (vec![("max_age", "-1")], "invalid_request"),
        (vec![("max_age", "soon")], "invalid_request"),
        (vec![("claims", "[]")], "invalid_request"),
        (vec![("request", "a.b.c")], "request_not_supported"),
        (vec![("request_uri", "https://web.example.test/r")], "request_uri_not_supported"),
        (vec![("id_token_hint", "a.b.c")], "invalid_request"),
        (vec![("resource", "https://unknown.example.test")], "invalid_target"),
    ] {
        let page = Browser::default().get(&web.authorization_url(&extra)).await;
        assert_eq!(page.status, 303, "{extra:?} {}", page.text);
        let location = page.location().unwrap();
        assert!(location.starts_with("https://web.example.test/callback"), "{location}");
        let answer = page.answer();
        assert_eq!(parameter(&answer, "error").as_deref(), Some(code), "{extra:?} {answer:?}");
        assert_eq!(parameter(&answer, "state").as_deref(), Some("the-state"), "{extra:?}");
        assert_eq!(parameter(&answer, "iss").as_deref(), Some(&*issuer.identifier), "{extra:?}");
        assert_eq!(parameter(&answer, "code"), None, "{extra:?}");
    }
}

/// §4.1.2
#[tokio::test(flavor = "multi_thread")]
async fn the_state_comes_back_as_it_was_sent() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    for state in ["a b&c=d#e?f+g%20h", "\u{e9}\u{4e2d}\u{1f600}", "\"><script>alert(1)</script>", &"s".repeat(2000)] {
        let answer = web.authorize(&Browser::default(), "alice", &[("state", state)]).await;
        assert_eq!(parameter(&answer, "state").as_deref(), Some(state));
    }
}

/// §3.1.2
#[tokio::test(flavor = "multi_thread")]
async fn the_query_of_a_redirect_uri_is_kept_and_added_to() {
    let issuer = Issuer::start().await;
    let uri = "https://query.example.test/callback?tenant=a%20b&empty=";
    issuer
        .register(json!({
            "client_id": "query", "token_endpoint_auth_method": "none", "redirect_uris": [uri], "scope": "openid",
        }))
        .await;
    let query = Party::registered(&issuer, "query", None, uri);
    let browser = Browser::default();
    let page = chancery_testkit::party::sign_in(&browser, &query.open(&browser, &[]).await, "alice").await;
    let page = browser.follow(page, &issuer.url).await;
    let location = chancery_testkit::party::decide(&browser, &page, "allow").await.location().unwrap();
    assert!(location.starts_with(&format!("{uri}&code=")), "{location}");
}

/// §3.1.2.3
#[tokio::test(flavor = "multi_thread")]
async fn a_client_with_one_redirect_uri_may_leave_it_out() {
    let issuer = Issuer::start().await;
    let trusted = Party::new(&issuer, "trusted");
    let code = trusted.code("alice", &[("redirect_uri", ""), ("scope", "read")]).await;
    let verifier = chancery_testkit::party::VERIFIER;
    let redeem = [("grant_type", "authorization_code"), ("code", &*code), ("code_verifier", verifier)];
    assert_eq!(trusted.token(&redeem).await.status, 200);
    // OpenID Connect Core §3.1.2.1 wants it named.
    assert_eq!(trusted.refused(&[("redirect_uri", ""), ("scope", "openid")]).await, "invalid_request");
}

/// §4.1.1
#[tokio::test(flavor = "multi_thread")]
async fn a_client_without_the_grant_gets_no_code() {
    let issuer = Issuer::start().await;
    let machine = Party::new(&issuer, "machine");
    let page = Browser::default().get(&machine.authorization_url(&[("redirect_uri", "https://m.example.test/")])).await;
    assert_eq!((page.status.as_u16(), page.location()), (400, None));
}
