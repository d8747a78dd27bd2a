//! RFC 9068: JWT Profile for Access Tokens.

use chancery_testkit::party::header_of;
use chancery_testkit::{Issuer, Party};
use serde_json::json;

/// §2.1, §2.2
#[tokio::test(flavor = "multi_thread")]
async fn a_clients_own_token_says_who_for_whom_and_how_long() {
    let issuer = Issuer::start().await;
    let machine = Party::new(&issuer, "machine");
    let answer = machine.token(&[("grant_type", "client_credentials"), ("scope", "read")]).await;
    let token = answer.text("access_token");
    let now = issuer.clock.seconds();
    let mut claims = machine.claims(token).await;
    let jti = claims.as_object_mut().unwrap().remove("jti").unwrap();
    assert!(jti.as_str().unwrap().len() >= 22);
    assert_eq!(
        claims,
        json!({
            "iss": issuer.identifier, "sub": "machine", "aud": "https://api.example.test", "client_id": "machine",
            "scope": "read", "iat": now, "exp": now + 600,
        })
    );
    assert_eq!(answer.json["expires_in"], 600);
    let header = header_of(token);
    assert_eq!((&header["typ"], &header["alg"]), (&"at+jwt".into(), &"ES256".into()));
    let jwks = machine.get("/jwks").await.json;
    assert!(jwks["keys"].as_array().unwrap().iter().any(|key| key["kid"] == header["kid"]));
}

/// §2.2.1, §2.2.2, §2.2.3
#[tokio::test(flavor = "multi_thread")]
async fn a_persons_token_says_when_and_how_they_signed_in() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let signed_in = issuer.clock.seconds();
    let code = web.code("alice", &[("scope", "openid read")]).await;
    issuer.clock.advance(30);
    let tokens = web.redeem(&code).await;
    let claims = web.claims(tokens.text("access_token")).await;
    let id = web.claims(tokens.text("id_token")).await;
    assert_eq!(claims["sub"], id["sub"]);
    assert_eq!(claims["auth_time"], signed_in);
    assert_eq!(claims["iat"], signed_in + 30);
    assert_eq!((&claims["acr"], &claims["amr"]), (&"urn:chancery:acr:password".into(), &json!(["pwd"])));
    assert_eq!(claims["sid"], id["sid"]);
    assert_eq!((&claims["client_id"], &claims["scope"]), (&"web".into(), &"openid read".into()));
    // Who a person is, they are asked at UserInfo; an API learns no more than it must.
    for private in ["name", "email", "username", "preferred_username", "nonce"] {
        assert!(claims[private].is_null(), "{private}");
    }
}

/// §2.2: `jti`
#[tokio::test(flavor = "multi_thread")]
async fn no_two_tokens_have_one_name() {
    let issuer = Issuer::start().await;
    let machine = Party::new(&issuer, "machine");
    let mut names = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let answer = machine.token(&[("grant_type", "client_credentials")]).await;
        names.insert(machine.claims(answer.text("access_token")).await["jti"].as_str().unwrap().to_owned());
    }
    assert_eq!(names.len(), 20);
}

/// §2.1
#[tokio::test(flavor = "multi_thread")]
async fn a_resource_chooses_what_its_tokens_are_signed_with() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let answer = web.token(&[("grant_type", "client_credentials"), ("resource", "https://rsa.example.test")]).await;
    let header = header_of(answer.text("access_token"));
    assert_eq!((&header["alg"], &header["typ"]), (&"RS256".into(), &"at+jwt".into()));
    assert_eq!(web.claims(answer.text("access_token")).await["aud"], "https://rsa.example.test");
}

/// §4, §5: cross-JWT confusion.
#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_is_no_access_token_and_an_access_token_no_id_token() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let tokens = web.tokens("alice", "openid").await;
    assert_ne!(header_of(tokens.text("id_token"))["typ"], "at+jwt");
    assert_eq!(web.userinfo(tokens.text("id_token")).await.error(), "invalid_token");
    assert_eq!(web.introspect(tokens.text("id_token")).await.json["active"], false);
    // Both bear our signature, and each names whom it is for.
    assert_eq!(web.claims(tokens.text("id_token")).await["aud"], "web");
    assert_ne!(web.claims(tokens.text("access_token")).await["aud"], "web");
}

/// §5, RFC 9700 §4.15: a client that could choose its name must not pass for a person.
#[tokio::test(flavor = "multi_thread")]
async fn a_clients_subject_is_never_a_persons() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let tokens = web.tokens("alice", "openid").await;
    let alice = web.claims(tokens.text("access_token")).await["sub"].as_str().unwrap().to_owned();
    let plan = |id: &str, subject: Option<&str>| chancery_engine::directory::client_plan::ClientPlan {
        id: Some(id.to_owned()),
        subject: subject.map(str::to_owned),
        metadata: json!({ "grant_types": ["client_credentials"], "scope": "read" }).as_object().unwrap().clone(),
        ..Default::default()
    };
    for plan in [plan(&alice, None), plan("impostor", Some(&alice))] {
        let added = issuer.as_steward(async |steward| steward.add_client(&issuer.realm(), &plan).await.is_ok()).await;
        assert!(!added, "{:?}", plan.id);
    }
}
