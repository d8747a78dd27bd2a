//! §2, §3.1.3.3, §3.1.3.6, §12.2: what an ID token says.

use chancery_jose::{SignatureAlgorithm, left_half_hash};
use chancery_testkit::party::header_of;
use chancery_testkit::{Issuer, Party};
use serde_json::json;

/// §2
#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_says_who_signed_in_when_and_how_and_for_whom() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let now = issuer.clock.seconds();
    let code = web.code("alice", &[("scope", "openid profile email")]).await;
    issuer.clock.advance(10);
    let tokens = web.redeem(&code).await;
    let mut claims = web.claims(tokens.text("id_token")).await;
    let object = claims.as_object_mut().unwrap();
    let (sub, sid) = (object.remove("sub").unwrap(), object.remove("sid").unwrap());
    assert!(sub.as_str().is_some_and(|sub| (1..=255).contains(&sub.len()) && sub.is_ascii()));
    assert!(sid.is_string());
    assert_eq!(
        claims,
        json!({
            "iss": issuer.identifier, "aud": "web", "azp": "web", "iat": now + 10, "exp": now + 10 + 3600,
            "auth_time": now, "nonce": "the-nonce", "acr": "urn:chancery:acr:password", "amr": ["pwd"],
            "at_hash": left_half_hash(SignatureAlgorithm::Es256, tokens.text("access_token")),
        })
    );
    assert_eq!(header_of(tokens.text("id_token"))["alg"], "ES256");
}

/// §3.1.2.1 (`nonce`)
#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_comes_back_as_it_was_sent_or_not_at_all() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let with = async |nonce: &str| {
        let code = web.code("alice", &[("nonce", nonce)]).await;
        web.claims(web.redeem(&code).await.text("id_token")).await["nonce"].clone()
    };
    assert_eq!(with("a b\"c\u{e9}+%20").await, "a b\"c\u{e9}+%20");
    assert!(with("").await.is_null());
}

/// §3.1.3.6
#[tokio::test(flavor = "multi_thread")]
async fn at_hash_is_made_by_the_hash_of_the_id_tokens_own_algorithm() {
    let issuer = Issuer::start().await;
    let uri = "https://rsa.example.test/callback";
    issuer
        .register(json!({
            "client_id": "rsa", "token_endpoint_auth_method": "none", "redirect_uris": [uri], "scope": "openid",
            "id_token_signed_response_alg": "RS256",
        }))
        .await;
    let rsa = Party::registered(&issuer, "rsa", None, uri);
    let tokens = rsa.tokens("alice", "openid").await;
    assert_eq!(header_of(tokens.text("id_token"))["alg"], "RS256");
    assert_eq!(header_of(tokens.text("access_token"))["alg"], "ES256");
    let expected = left_half_hash(SignatureAlgorithm::Rs256, tokens.text("access_token"));
    assert_eq!(rsa.claims(tokens.text("id_token")).await["at_hash"], expected);
}

/// §12.2
#[tokio::test(flavor = "multi_thread")]
async fn a_refreshed_id_token_tells_the_same_story() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let first = web.tokens("alice", "openid offline_access").await;
    issuer.clock.advance(100);
    let second = web.refresh(first.text("refresh_token")).await;
    let (before, after) = (web.claims(first.text("id_token")).await, web.claims(second.text("id_token")).await);
    for name in ["iss", "sub", "aud", "azp", "auth_time", "acr", "amr", "sid"] {
        assert_eq!(before[name], after[name], "{name}");
    }
    assert_eq!(after["iat"], issuer.clock.seconds());
    assert!(after["nonce"].is_null());
    assert_eq!(after["at_hash"], left_half_hash(SignatureAlgorithm::Es256, second.text("access_token")));
}

/// §12.2: a refresh that leaves `openid` out.
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_asks_for_less_gets_no_id_token() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let tokens = web.tokens("alice", "openid read").await;
    let token = tokens.text("refresh_token");
    let less = web.token(&[("grant_type", "refresh_token"), ("refresh_token", token), ("scope", "read")]).await;
    assert!(less.json["id_token"].is_null());
    assert_eq!(web.userinfo(less.text("access_token")).await.status, 403);
}

/// §2 (`sid` of Front-Channel Logout §3): one for each sign-in.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_has_a_name_that_is_the_same_for_all_its_clients() {
    let issuer = Issuer::start().await;
    let (web, spa) = (Party::new(&issuer, "web"), Party::new(&issuer, "spa"));
    let browser = chancery_testkit::Browser::default();
    let mut names = Vec::new();
    for party in [&web, &spa] {
        let answer = party.authorize(&browser, "alice", &[]).await;
        let code = chancery_testkit::party::parameter(&answer, "code").unwrap();
        names.push(party.claims(party.redeem(&code).await.text("id_token")).await["sid"].clone());
    }
    let elsewhere = web.claims(web.tokens("alice", "openid").await.text("id_token")).await["sid"].clone();
    assert_eq!(names[0], names[1]);
    assert_ne!(names[0], elsewhere);
}
