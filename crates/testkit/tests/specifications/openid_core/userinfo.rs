//! §5.3, §5.4: UserInfo, and which scope opens which claims.

use chancery_testkit::party::{header_of, verified};
use chancery_testkit::{Issuer, Party};
use reqwest::Method;
use serde_json::{Value, json};

async fn told(party: &Party<'_>, scope: &str) -> Value {
    let tokens = party.tokens("alice", scope).await;
    let mut answer = party.userinfo(tokens.text("access_token")).await.json;
    // §5.3.2: always there, and the same as in the ID token.
    let sub = answer.as_object_mut().unwrap().remove("sub").unwrap();
    assert_eq!(sub, party.claims(tokens.text("id_token")).await["sub"]);
    answer
}

/// §5.4
#[tokio::test(flavor = "multi_thread")]
async fn each_scope_opens_its_own_claims_and_no_others() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    assert_eq!(told(&web, "openid").await, json!({}));
    let profile =
        json!({ "name": "Alice Example", "given_name": "Alice", "locale": "de-CH", "preferred_username": "alice" });
    assert_eq!(told(&web, "openid profile").await, profile);
    assert_eq!(told(&web, "openid email").await, json!({ "email": "alice@example.test", "email_verified": true }));
    assert_eq!(told(&web, "openid address").await, json!({ "address": { "locality": "Bern", "country": "CH" } }));
    assert_eq!(told(&web, "openid phone").await, json!({ "phone_number": "+41 44 000 00 00" }));
    // A realm's own scope.
    assert_eq!(told(&web, "openid staff").await, json!({ "department": "Seals" }));
}

/// §5.3.1
#[tokio::test(flavor = "multi_thread")]
async fn it_is_asked_by_get_and_by_post() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let tokens = web.tokens("alice", "openid").await;
    let header = format!("Bearer {}", tokens.text("access_token"));
    let got = web.call(Method::GET, "/userinfo", &[("authorization", &header)]).await;
    let posted = web.call(Method::POST, "/userinfo", &[("authorization", &header)]).await;
    let form = web.raw("/userinfo", &[], &format!("access_token={}", tokens.text("access_token"))).await;
    assert_eq!(got.header("content-type"), "application/json");
    assert_eq!((&got.json, &got.json), (&posted.json, &form.json));
    assert_eq!(web.call(Method::PUT, "/userinfo", &[("authorization", &header)]).await.status, 405);
}

/// §5.3.2, §5.3.4
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_wants_it_signed_gets_it_signed_and_addressed() {
    let issuer = Issuer::start().await;
    for algorithm in ["ES256", "RS256"] {
        let id = format!("signed-{algorithm}").to_lowercase();
        let uri = "https://signed.example.test/callback";
        issuer
            .register(json!({
                "client_id": id, "token_endpoint_auth_method": "none", "redirect_uris": [uri],
                "scope": "openid email", "userinfo_signed_response_alg": algorithm,
            }))
            .await;
        let party = Party::registered(&issuer, &id, None, uri);
        let tokens = party.tokens("alice", "openid email").await;
        let answer = party.userinfo(tokens.text("access_token")).await;
        assert_eq!(answer.header("content-type"), "application/jwt");
        assert_eq!(header_of(&answer.text)["alg"], algorithm);
        let claims = verified(&party.get("/jwks").await.json, &answer.text);
        assert_eq!((&claims["iss"], &claims["aud"]), (&(*issuer.identifier).into(), &(*id).into()));
        assert_eq!(claims["email"], "alice@example.test");
        assert_eq!(claims["sub"], party.claims(tokens.text("id_token")).await["sub"]);
    }
}

/// §5.3: a client's own token names no person.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_without_a_person_learns_of_nobody() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let own = web.token(&[("grant_type", "client_credentials")]).await;
    assert_eq!(web.userinfo(own.text("access_token")).await.status, 403);
}

/// §5.3.1: scripts read it.
#[tokio::test(flavor = "multi_thread")]
async fn a_script_may_read_it_and_its_refusals() {
    let issuer = Issuer::start().await;
    let spa = Party::new(&issuer, "spa");
    let tokens = spa.tokens("alice", "openid").await;
    let preflight = spa.call(Method::OPTIONS, "/userinfo", &[("origin", "https://app.example.test")]).await;
    assert!(preflight.status.is_success());
    assert!(preflight.header("access-control-allow-headers").contains("authorization"));
    for answer in [spa.userinfo(tokens.text("access_token")).await, spa.userinfo("garbage").await] {
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
}

/// §5.3.3
#[tokio::test(flavor = "multi_thread")]
async fn it_answers_while_the_person_and_the_grant_last() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let tokens = web.tokens("bob", "openid").await;
    assert_eq!(web.userinfo(tokens.text("access_token")).await.status, 200);
    issuer.enable_user("bob", false).await;
    assert_eq!(web.userinfo(tokens.text("access_token")).await.error(), "invalid_token");
}
