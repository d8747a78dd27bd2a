//! RFC 7662: Token Introspection.

use chancery_testkit::party::parameter;
use chancery_testkit::{Browser, Issuer, Party};
use reqwest::Method;
use serde_json::json;

const API: &str = "https://api.example.test";
const OPAQUE: &str = "https://opaque.example.test";

async fn is_active(caller: &Party<'_>, token: &str) -> bool {
    let answer = caller.introspect(token).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let active = answer.json["active"].as_bool().unwrap();
    // §2.2: an inactive token says nothing else.
    assert!(active || answer.json == json!({ "active": false }), "{answer:?}");
    active
}

/// §2.2
#[tokio::test(flavor = "multi_thread")]
async fn a_resource_server_learns_what_a_token_for_it_means() {
    let issuer = Issuer::start().await;
    let (web, api) = (Party::new(&issuer, "web"), Party::new(&issuer, "api"));
    let code = web.code("alice", &[("scope", "openid read"), ("resource", API)]).await;
    let tokens = web.redeem(&code).await;
    let answer = api.introspect(tokens.text("access_token")).await;
    let claims = web.claims(tokens.text("access_token")).await;
    assert_eq!(answer.json["active"], true, "{answer:?}");
    for name in ["iss", "sub", "aud", "exp", "iat", "jti", "client_id", "scope", "auth_time", "acr", "amr", "sid"] {
        assert_eq!(answer.json[name], claims[name], "{name}");
    }
    assert_eq!(answer.json["token_type"], "Bearer");
    assert_eq!(answer.json["username"], "alice");
    assert_eq!(answer.header("cache-control"), "no-store");
}

/// §2.2: what a token looks like makes no difference.
#[tokio::test(flavor = "multi_thread")]
async fn an_opaque_token_means_what_a_signed_one_would() {
    let issuer = Issuer::start().await;
    let (web, api) = (Party::new(&issuer, "web"), Party::new(&issuer, "api"));
    let code = web.code("alice", &[("scope", "openid read"), ("resource", OPAQUE)]).await;
    let tokens = web.redeem(&code).await;
    assert!(!tokens.text("access_token").contains('.'));
    let answer = api.introspect(tokens.text("access_token")).await.json;
    let id = web.claims(tokens.text("id_token")).await;
    assert_eq!(answer["active"], true);
    assert_eq!(answer["aud"], json!([OPAQUE, issuer.identifier]));
    for name in ["iss", "sub", "auth_time", "acr", "amr", "sid"] {
        assert_eq!(answer[name], id[name], "{name}");
    }
    assert_eq!((&answer["client_id"], &answer["scope"]), (&"web".into(), &"openid read".into()));
    assert_eq!(answer["exp"].as_i64().unwrap() - answer["iat"].as_i64().unwrap(), 600);
}

/// §4, attack B18
#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_inactive_to_whom_it_is_not_for() {
    let issuer = Issuer::start().await;
    let [web, api, machine, trusted] = ["web", "api", "machine", "trusted"].map(|id| Party::new(&issuer, id));
    let for_api = web.token(&[("grant_type", "client_credentials"), ("resource", API)]).await;
    let for_other =
        web.token(&[("grant_type", "client_credentials"), ("resource", "https://other.example.test")]).await;
    for (caller, sees_api, sees_other) in
        [(&web, true, true), (&api, true, false), (&machine, false, false), (&trusted, false, false)]
    {
        assert_eq!(is_active(caller, for_api.text("access_token")).await, sees_api, "{}", caller.id);
        assert_eq!(is_active(caller, for_other.text("access_token")).await, sees_other, "{}", caller.id);
    }
}

/// §4: a refresh token is its client's affair.
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_is_described_to_its_client_alone() {
    let issuer = Issuer::start().await;
    let (web, api) = (Party::new(&issuer, "web"), Party::new(&issuer, "api"));
    let code = web.code("alice", &[("scope", "openid read"), ("resource", API)]).await;
    let tokens = web.redeem(&code).await;
    let token = tokens.text("refresh_token");
    let answer = web.introspect(token).await.json;
    assert_eq!(
        (&answer["active"], &answer["client_id"], &answer["scope"]),
        (&true.into(), &"web".into(), &"openid read".into())
    );
    assert!(!is_active(&api, token).await);
    let second = web.refresh(token).await;
    assert!(!is_active(&web, token).await);
    assert!(is_active(&web, second.text("refresh_token")).await);
}

/// §2.2
#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_count_any_more_is_inactive() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let tokens = web.tokens("alice", "openid").await;
    for token in ["garbage", "a.b.c", "rt-x", "at-x", tokens.text("id_token")] {
        assert!(!is_active(&web, token).await, "{token}");
    }
    let token = tokens.text("access_token");
    assert!(is_active(&web, token).await);
    issuer.clock.advance(599);
    assert!(is_active(&web, token).await);
    issuer.clock.advance(1);
    assert!(!is_active(&web, token).await);
    issuer.clock.advance(120 * 86_400);
    assert!(!is_active(&web, tokens.text("refresh_token")).await);
}

/// §2.2
#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_with_its_person_its_client_its_session_and_its_grant() {
    let issuer = Issuer::start().await;
    let (web, api) = (Party::new(&issuer, "web"), Party::new(&issuer, "api"));
    let ask = [("scope", "openid read"), ("resource", API)];

    let tokens = web.redeem(&web.code("bob", &ask).await).await;
    assert!(is_active(&api, tokens.text("access_token")).await);
    issuer.enable_user("bob", false).await;
    assert!(!is_active(&api, tokens.text("access_token")).await);

    let browser = Browser::default();
    let answer = web.authorize(&browser, "alice", &ask).await;
    let tokens = web.redeem(&parameter(&answer, "code").unwrap()).await;
    assert!(is_active(&api, tokens.text("access_token")).await);
    let home = browser.get(&issuer.url_of("/")).await;
    browser.submit(&home, "/sign-out", &[]).await;
    assert!(!is_active(&api, tokens.text("access_token")).await);

    let own = web.token(&[("grant_type", "client_credentials"), ("resource", API)]).await;
    assert!(is_active(&api, own.text("access_token")).await);
    issuer.enable_client("web", false).await;
    assert!(!is_active(&api, own.text("access_token")).await);
    assert_eq!(web.introspect(own.text("access_token")).await.status, 401);
}

/// §2.1
#[tokio::test(flavor = "multi_thread")]
async fn nobody_asks_who_has_not_proven_who_they_are() {
    let issuer = Issuer::start().await;
    let (web, spa) = (Party::new(&issuer, "web"), Party::new(&issuer, "spa"));
    let token = web.token(&[("grant_type", "client_credentials")]).await;
    let token = token.text("access_token");
    let body = format!("token={token}");
    for answer in [
        web.raw("/introspect", &[], &body).await,
        web.raw("/introspect", &[("authorization", &format!("Bearer {token}"))], &body).await,
        spa.introspect(token).await,
        Party { secret: Some("wrong"), ..Party::new(&issuer, "api") }.introspect(token).await,
    ] {
        assert_eq!((answer.status.as_u16(), answer.error()), (401, "invalid_client"), "{answer:?}");
    }
    let nothing = web.ask("/introspect", &[]).await;
    assert_eq!((nothing.status.as_u16(), nothing.error()), (400, "invalid_request"));
    assert_eq!(web.call(Method::GET, "/introspect", &[]).await.status, 405);
}
