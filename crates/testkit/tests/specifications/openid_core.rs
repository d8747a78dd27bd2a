//! OpenID Connect Core 1.0. Here: the authentication request as a whole (§3.1.2).

mod claims;
mod id_token;
mod prompts;
mod subjects;
mod userinfo;

use chancery_testkit::party::parameter;
use chancery_testkit::{Browser, Issuer, Party};

/// §3.1.2.1
#[tokio::test(flavor = "multi_thread")]
async fn a_request_may_come_as_a_form() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let browser = Browser::default();
    let query = url::Url::parse(&web.authorization_url(&[])).unwrap();
    let fields: Vec<(String, String)> = query.query_pairs().into_owned().collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    let page = browser
        .post_with(
            &web.url_of("/authorize"),
            &fields,
            &[("origin", "https://web.example.test"), ("sec-fetch-site", "cross-site")],
        )
        .await;
    assert_eq!(page.status, 303);
    let page = browser.follow(page, &issuer.url).await;
    let answer = web.go_on(&browser, "alice", page).await;
    assert!(parameter(&answer, "code").is_some(), "{answer:?}");

    let twice: Vec<_> = fields.iter().copied().chain([("state", "again")]).collect();
    let page = Browser::default().post(&web.url_of("/authorize"), &twice).await;
    assert_eq!((page.status.as_u16(), page.location()), (400, None));
}

/// §3.1.2.1, RFC 6749 §3.3: without `openid` it is plain OAuth.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_scope_openid_there_is_no_id_token() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let tokens = web.tokens("alice", "read").await;
    assert!(tokens.json["id_token"].is_null());
}

/// §3.1.2.1: what we do not act on is passed over.
#[tokio::test(flavor = "multi_thread")]
async fn wishes_that_are_not_served_do_no_harm() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let wishes = [
        ("display", "popup"),
        ("ui_locales", "gsw de"),
        ("claims_locales", "de"),
        ("acr_values", "gold silver"),
        ("unknown", "x"),
    ];
    assert!(!web.code("alice", &wishes).await.is_empty());
}

/// §3.1.2.1 (`login_hint`)
#[tokio::test(flavor = "multi_thread")]
async fn a_login_hint_fills_the_name_in() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let page = web.open(&Browser::default(), &[("login_hint", "alice")]).await;
    assert_eq!(page.input("username").as_deref(), Some("alice"));
    let hostile = "\"><script>alert(1)</script>";
    let page = web.open(&Browser::default(), &[("login_hint", hostile)]).await;
    assert_eq!(page.input("username").as_deref(), Some(hostile));
    assert!(!page.text.contains("<script"));
}

/// §11
#[tokio::test(flavor = "multi_thread")]
async fn offline_access_is_for_clients_that_may_refresh() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let tokens = web.tokens("alice", "openid offline_access").await;
    assert_eq!(tokens.text("scope"), "offline_access openid");
}

/// Multiple Response Types §2.1
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_may_travel_in_the_fragment() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let browser = Browser::default();
    web.authorize(&browser, "alice", &[]).await;
    let location = web.open(&browser, &[("response_mode", "fragment")]).await.location().unwrap();
    let url = url::Url::parse(&location).unwrap();
    assert_eq!(url.query(), None);
    assert!(url.fragment().unwrap().contains("code="));
    let location = web.open(&browser, &[("response_mode", "fragment"), ("scope", "admin")]).await.location().unwrap();
    assert!(url::Url::parse(&location).unwrap().fragment().unwrap().contains("error=invalid_scope"));
}
