//! Generated abuse of every endpoint, on both databases: sound answers, and a server that is well afterwards.

use chancery_testkit::issuer::ADMIN_TOKEN;
use chancery_testkit::{Browser, Issuer, Party};
use proptest::prelude::*;

use super::ground::{for_all, on_postgres};
use super::soundness;
use super::stranger::{Loot, request, text};
use super::wire::{Got, Sent};

async fn loot(issuer: &Issuer) -> Loot {
    let browser = Browser::default();
    let web = Party::new(issuer, "web");
    let answer = web.authorize(&browser, "alice", &[("scope", "openid offline_access")]).await;
    let code = chancery_testkit::party::parameter(&answer, "code").expect("a code");
    let tokens = web.redeem(&code).await;
    let cookies = browser.cookies();
    Loot {
        access_token: tokens.text("access_token").to_owned(),
        refresh_token: tokens.text("refresh_token").to_owned(),
        id_token: tokens.text("id_token").to_owned(),
        session: cookies["chancery-session.default"].clone(),
        browser: cookies["chancery-browser"].clone(),
    }
}

async fn is_well(issuer: &Issuer) {
    // Failures were counted, as they should be; that is over after a day.
    issuer.clock.advance(86_400);
    // One whom no administrator has touched.
    Party::new(issuer, "trusted").tokens("alice", "openid").await;
}

async fn abuse(issuer: &Issuer) {
    let loot = loot(issuer).await;
    for_all(400, request(loot), async |sent: Sent| {
        let got = sent.to(issuer).await;
        soundness::check(&sent, &got)
    });
    for_all(150, administration(), async |sent: Sent| {
        let got = sent.to(issuer).await;
        soundness::check(&sent, &got)
    });
    is_well(issuer).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_sent_is_answered_soundly_on_sqlite() {
    abuse(&Issuer::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_sent_is_answered_soundly_on_postgresql() {
    abuse(&on_postgres().await).await;
}

/// JSON of any shape, near what the administration interface understands.
fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        3 => text().prop_map(serde_json::Value::from),
        1 => any::<i64>().prop_map(serde_json::Value::from),
        1 => any::<bool>().prop_map(serde_json::Value::from),
        1 => Just(serde_json::Value::Null),
    ];
    let names = proptest::sample::select(vec![
        "client_id",
        "client_secret",
        "client_name",
        "redirect_uris",
        "grant_types",
        "response_types",
        "scope",
        "jwks",
        "jwks_uri",
        "token_endpoint_auth_method",
        "token_endpoint_auth_signing_alg",
        "id_token_signed_response_alg",
        "userinfo_signed_response_alg",
        "default_max_age",
        "contacts",
        "logo_uri",
        "client_uri",
        "policy_uri",
        "resources",
        "subject",
        "access_token_lifetime",
        "first_party",
        "enabled",
        "username",
        "password",
        "administrator",
        "claims",
        "name",
        "email",
        "address",
        "birthdate",
        "keys",
        "kty",
        "n",
        "e",
        "algorithm",
        "immediate",
        "former_lives",
        "subject_type",
        "sector_identifier_uri",
        "client_name#de",
    ]);
    leaf.prop_recursive(3, 24, 5, move |inner| {
        let member = (prop_oneof![6 => names.clone().prop_map(str::to_owned), 1 => text()], inner.clone());
        prop_oneof![
            3 => proptest::collection::vec(member, 0..6).prop_map(|members| members.into_iter().collect()),
            1 => proptest::collection::vec(inner, 0..4).prop_map(serde_json::Value::from),
        ]
    })
}

/// What an administrator may send by mistake.
fn administration() -> impl Strategy<Value = Sent> {
    let places = [
        ("POST", "/clients"),
        ("PATCH", "/clients/web"),
        ("POST", "/users"),
        ("PATCH", "/users/bob"),
        ("POST", "/clients/web/secret"),
        ("POST", "/users/bob/password-link"),
        ("POST", "/keys/rotate"),
        ("GET", "/audit?before="),
        ("GET", "/users?after="),
        ("GET", "/clients/"),
        ("DELETE", "/users/nobody-"),
    ];
    (proptest::sample::select(places.to_vec()), json(), text(), 0_u8..10).prop_map(
        |((method, path), json, text, shape)| {
            let more: String = url::form_urlencoded::byte_serialize(text.as_bytes()).take(200).collect();
            let more = if path.ends_with(['=', '/', '-']) { more } else { String::new() };
            let sent = Sent::new(method, &format!("/admin/api/realms/default{path}{more}")).bearer(ADMIN_TOKEN);
            if method == "GET" || method == "DELETE" {
                return sent;
            }
            match shape {
                0 => sent.json(text),
                // A client of its own name that would do, but for what is generated.
                1..=5 if path == "/clients" => {
                    sent.json(near(&serde_json::json!({"redirect_uris": ["https://a.example/cb"]}), json))
                }
                1..=5 if path == "/users" => {
                    sent.json(near(&serde_json::json!({"username": "zoe", "claims": {}}), json))
                }
                _ => sent.json(json.to_string()),
            }
        },
    )
}

fn near(sound: &serde_json::Value, change: serde_json::Value) -> String {
    let mut whole = sound.clone();
    if let (Some(members), serde_json::Value::Object(changes)) = (whole.as_object_mut(), change) {
        members.extend(changes);
    }
    whole.to_string()
}

/// A JSON text whose depth would exhaust a reader that recurses.
#[tokio::test(flavor = "multi_thread")]
async fn json_that_is_too_deep_is_refused() {
    let issuer = Issuer::start().await;
    let deep = format!("{{\"claims\":{}{}}}", "[".repeat(30_000), "]".repeat(30_000));
    let sent = Sent::new("POST", "/admin/api/realms/default/users").bearer(ADMIN_TOKEN).json(deep.clone());
    assert_eq!(sent.to(&issuer).await.status, 400);
    let query = format!(
        "/authorize?client_id=web&redirect_uri=https://web.example.test/callback&response_type=code&claims={}",
        &deep[..4000].replace('"', "%22").replace('{', "%7B")
    );
    let got: Got = Sent::new("GET", &query).to(&issuer).await;
    assert!(got.header("location").is_some_and(|location| location.contains("error=invalid_request")), "{got:?}");
}
