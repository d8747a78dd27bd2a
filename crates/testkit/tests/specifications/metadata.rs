//! RFC 8414, OpenID Connect Discovery 1.0 and RFC 7517. Here: the document, where it stands and how it is kept.

mod keys;
mod truth;

use chancery_testkit::{Issuer, Party};
use reqwest::Method;
use serde_json::Value;

const OPENID: &str = "/.well-known/openid-configuration";
const OAUTH: &str = "/.well-known/oauth-authorization-server";

/// RFC 8414 §3.1, Discovery §4.1
#[tokio::test(flavor = "multi_thread")]
async fn the_document_stands_at_both_places_under_both_names() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    for (places, name) in [
        (vec![OPENID.to_owned(), OAUTH.to_owned()], issuer.identifier.clone()),
        (
            vec![
                format!("/realms/other{OPENID}"),
                format!("/realms/other{OAUTH}"),
                format!("{OPENID}/realms/other"),
                format!("{OAUTH}/realms/other"),
            ],
            format!("{}/realms/other", issuer.identifier),
        ),
    ] {
        let first = web.get(&places[0]).await;
        for place in &places {
            let answer = web.get(place).await;
            assert_eq!(answer.status, 200, "{place}");
            // RFC 8414 §3.3: character for character, without a slash at its end.
            assert_eq!(answer.text("issuer"), name, "{place}");
            assert_eq!(answer.text, first.text, "{place}");
        }
        for (member, value) in first.json.as_object().unwrap() {
            if member.ends_with("_endpoint") || member == "jwks_uri" {
                assert!(value.as_str().unwrap().starts_with(&format!("{name}/")), "{member}");
            }
        }
    }
}

/// RFC 8414 §3.3
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_a_realm_has_no_document() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    for path in [
        "/realms/nobody/.well-known/openid-configuration",
        "/.well-known/openid-configuration/realms/nobody",
        // The default realm is one issuer at one place.
        "/realms/default/.well-known/openid-configuration",
        "/.well-known/openid-configuration/realms/default",
        "/.well-known/openid-configuration/",
        "/.well-known/openid-configuration/elsewhere",
    ] {
        assert_eq!(web.get(path).await.status, 404, "{path}");
    }
}

/// RFC 8414 §3.2
#[tokio::test(flavor = "multi_thread")]
async fn public_documents_may_be_kept_a_while_and_read_by_scripts() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    for path in [OPENID, OAUTH, "/jwks"] {
        let answer = web.get(path).await;
        assert_eq!(answer.header("content-type"), "application/json", "{path}");
        assert_eq!(answer.header("cache-control"), "public, max-age=300", "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        let etag = answer.header("etag");
        assert!(etag.starts_with('"') && etag.len() > 8, "{path} {etag}");
        for known in [etag, &format!("W/{etag}"), &format!("\"other\", {etag}")] {
            let again = web.call(Method::GET, path, &[("if-none-match", known)]).await;
            assert_eq!((again.status.as_u16(), &*again.text), (304, ""), "{path} {known}");
            assert_eq!(again.header("etag"), etag, "{path}");
        }
        let other = web.call(Method::GET, path, &[("if-none-match", "\"other\"")]).await;
        assert_eq!(other.status, 200, "{path}");
        assert_eq!(web.call(Method::HEAD, path, &[]).await.status, 200, "{path}");
        assert_eq!(web.call(Method::POST, path, &[]).await.status, 405, "{path}");
    }
}

/// RFC 8414 §6.2, attack C9
#[tokio::test(flavor = "multi_thread")]
async fn no_header_changes_who_we_are() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let plain = web.get(OPENID).await;
    let lies = [
        ("host", "evil.example.test"),
        ("x-forwarded-host", "evil.example.test"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-prefix", "/evil"),
        ("forwarded", "host=evil.example.test;proto=https"),
        ("x-original-url", "/realms/other/.well-known/openid-configuration"),
    ];
    for lie in lies {
        let answer = web.call(Method::GET, OPENID, &[lie]).await;
        assert_eq!(answer.text, plain.text, "{lie:?}");
    }
    let browser = chancery_testkit::Browser::default();
    let page = browser.get_with(&web.authorization_url(&[]), &lies).await;
    let page = browser.get_with(&page.location().unwrap(), &lies).await;
    assert!(page.has("sign-in-form"));
    assert!(!page.text.contains("evil"));
    assert!(page.header("location").is_empty());
    let token = Party::new(&issuer, "machine");
    let basic = token.basic();
    let answer =
        token.raw("/token", &[("authorization", &basic), lies[0], lies[1]], "grant_type=client_credentials").await;
    assert_eq!(token.claims(answer.text("access_token")).await["iss"], *issuer.identifier);
}

/// Attack E5
#[tokio::test(flavor = "multi_thread")]
async fn a_realm_that_is_disabled_answers_nowhere() {
    let issuer = Issuer::start().await;
    let other = Party::of_other_realm(&issuer, "machine");
    let token = other.token(&[("grant_type", "client_credentials")]).await;
    let name = chancery_store::id::RealmName::parse("other").unwrap();
    issuer.as_steward(async |steward| steward.enable_realm(&name, false).await.unwrap()).await;
    for path in [OPENID, OAUTH, "/jwks", "/authorize", "/sign-in", "/", "/userinfo"] {
        assert_eq!(other.get(path).await.status, 404, "{path}");
    }
    assert_eq!(other.token(&[("grant_type", "client_credentials")]).await.status, 404);
    assert_eq!(other.introspect(token.text("access_token")).await.status, 404);
    assert_eq!(other.revoke(token.text("access_token")).await.status, 404);
    assert_eq!(Party::new(&issuer, "web").get(OPENID).await.status, 200);
}

/// RFC 8414 §2: the document follows the realm.
#[tokio::test(flavor = "multi_thread")]
async fn what_changes_in_the_realm_changes_in_the_document() {
    use chancery_engine::directory::rotation::Rotation;
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let before = web.get(OPENID).await;
    issuer.rotate_key(chancery_jose::SignatureAlgorithm::EdDsa, Rotation::Immediate).await;
    let after = web.get(OPENID).await;
    let algorithms = |document: &Value| document["id_token_signing_alg_values_supported"].to_string();
    assert!(!algorithms(&before.json).contains("EdDSA"));
    assert!(algorithms(&after.json).contains("EdDSA"));
    assert_ne!(before.header("etag"), after.header("etag"));
}
