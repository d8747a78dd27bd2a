//! Tokens that are nearly ours: one changed byte, another algorithm, a key that came along — none is believed.

use chancery_testkit::party::Answer;
use chancery_testkit::{Issuer, Party};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::ground::for_all;
use super::soundness;
use super::stranger::BASIC;
use super::wire::Sent;

async fn tokens(issuer: &Issuer) -> Answer {
    Party::new(issuer, "web").tokens("alice", "openid offline_access").await
}

/// Whether anybody believes `token`.
async fn believed(issuer: &Issuer, token: &str) -> Result<bool, String> {
    let shown = Sent::new("GET", "/userinfo").bearer(token);
    let encoded: String = url::form_urlencoded::byte_serialize(token.as_bytes()).collect();
    let looked_at = Sent::new("POST", "/introspect").header("authorization", BASIC).form(format!("token={encoded}"));
    let spent = Sent::new("POST", "/token")
        .header("authorization", BASIC)
        .form(format!("grant_type=refresh_token&refresh_token={encoded}"));
    let mut believed = false;
    for sent in [shown, looked_at, spent] {
        let got = sent.to(issuer).await;
        soundness::check(&sent, &got)?;
        believed |= got.status == 200 && got.json() != json!({"active": false});
    }
    Ok(believed)
}

#[derive(Clone, Debug)]
enum Slip {
    Changed(usize, u8),
    Grown(usize, char),
    Shortened(usize),
    Swapped(usize, usize),
}

fn slip() -> impl Strategy<Value = Slip> {
    prop_oneof![
        4 => (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Slip::Changed(at, byte)),
        1 => (any::<usize>(), proptest::sample::select(vec!['A', '=', '.', '-', '+', 'é'])).prop_map(|(at, more)| Slip::Grown(at, more)),
        1 => any::<usize>().prop_map(Slip::Shortened),
        1 => (any::<usize>(), any::<usize>()).prop_map(|(one, other)| Slip::Swapped(one, other)),
    ]
}

fn slipped(token: &str, slip: &Slip) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bytes = token.as_bytes().to_vec();
    let length = bytes.len();
    match slip {
        Slip::Changed(at, byte) => bytes[at % length] = ALPHABET[usize::from(*byte) % 64],
        Slip::Grown(at, more) => {
            let mut encoded = [0; 4];
            let place = at % (length + 1);
            bytes.splice(place..place, more.encode_utf8(&mut encoded).bytes());
        }
        Slip::Shortened(at) => bytes.truncate(at % length),
        Slip::Swapped(one, other) => bytes.swap(one % length, other % length),
    }
    String::from_utf8(bytes).expect("text stays text")
}

/// Attack B9, RFC 7515 §5.2: including the last character of the signature, whose spare bits a loose reader ignores.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_with_a_slip_is_no_token() {
    let issuer = Issuer::start().await;
    let answer = tokens(&issuer).await;
    let kinds: Vec<String> =
        ["access_token", "refresh_token"].iter().map(|name| answer.text(name).to_owned()).collect();
    for_all(120, (proptest::sample::select(kinds), slip()), |(token, slip): (String, Slip)| {
        let issuer = &issuer;
        async move {
            let other = slipped(&token, &slip);
            if other != token && believed(issuer, &other).await? {
                return Err(format!("{other} is believed for {token}"));
            }
            Ok(())
        }
    });
    assert_eq!(believed(&issuer, answer.text("access_token")).await, Ok(true));
}

fn encode(value: &Value) -> String {
    chancery_jose::base64url_encode(value.to_string().as_bytes())
}

/// RFC 8725 §2.1, §3.1, §3.10.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_cannot_choose_its_algorithm_or_bring_its_key() {
    let issuer = Issuer::start().await;
    let answer = tokens(&issuer).await;
    let genuine = answer.text("access_token");
    let header = chancery_testkit::party::header_of(genuine);
    let kid = header["kid"].clone();
    let (payload, signature) = genuine.split_once('.').and_then(|(_, rest)| rest.split_once('.')).expect("three parts");
    let jwks = Sent::new("GET", "/jwks").to(&issuer).await.body;
    let headers = [
        json!({"alg": "none"}),
        json!({"alg": "None", "kid": kid}),
        json!({"alg": "nOnE", "typ": "at+jwt", "kid": kid}),
        json!({"alg": "", "kid": kid}),
        json!({"alg": null, "kid": kid}),
        json!({"alg": ["ES256"], "kid": kid}),
        json!({"alg": "HS256", "typ": "at+jwt", "kid": kid}),
        json!({"alg": "ES384", "typ": "at+jwt", "kid": kid}),
        json!({"alg": "RS256", "typ": "at+jwt", "kid": kid}),
        json!({"alg": "ES256", "typ": "at+jwt"}),
        json!({"alg": "ES256", "typ": "at+jwt", "kid": "../../../../dev/null"}),
        json!({"alg": "ES256", "typ": "at+jwt", "kid": kid, "jku": "https://evil.example/jwks"}),
        json!({"alg": "ES256", "typ": "at+jwt", "kid": kid, "x5u": "https://evil.example/x"}),
        json!({"alg": "ES256", "typ": "at+jwt", "kid": kid, "crit": ["exp"], "b64": false}),
        json!({"alg": "ES256", "typ": "at+jwt", "kid": kid, "zip": "DEF"}),
        json!({"alg": "ES256", "typ": "at+jwt", "jwk": {"kty": "EC", "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}}),
    ];
    for header in &headers {
        for signature in ["", signature, "AAAA"] {
            let forged = format!("{}.{payload}.{signature}", encode(header));
            assert_eq!(believed(&issuer, &forged).await, Ok(false), "{header}");
        }
        // The public key as an HMAC's secret, in the forms in which people have taken it.
        let signed = format!("{}.{payload}", encode(header));
        for secret in [jwks.as_bytes(), kid.as_str().unwrap_or_default().as_bytes(), b""] {
            let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret);
            let tag = aws_lc_rs::hmac::sign(&key, signed.as_bytes());
            let forged = format!("{signed}.{}", chancery_jose::base64url_encode(tag.as_ref()));
            assert_eq!(believed(&issuer, &forged).await, Ok(false), "{header}");
        }
    }
}

/// RFC 8725 §3.11: an ID token, a code's form token or another realm's token is no access token.
#[tokio::test(flavor = "multi_thread")]
async fn a_genuine_token_of_another_kind_or_realm_is_not_believed() {
    let issuer = Issuer::start().await;
    let answer = tokens(&issuer).await;
    assert_eq!(Sent::new("GET", "/userinfo").bearer(answer.text("id_token")).to(&issuer).await.status, 401);
    let elsewhere = Sent::new("GET", "/realms/other/userinfo").bearer(answer.text("access_token"));
    assert_eq!(elsewhere.to(&issuer).await.status, 401);
    let spent_elsewhere = Sent::new("POST", "/realms/other/token").form(format!(
        "grant_type=refresh_token&client_id=web&client_secret=other-web-secret-0123456789-0123456789-012&refresh_token={}",
        answer.text("refresh_token")
    ));
    assert!(matches!(spent_elsewhere.to(&issuer).await.status, 400 | 401));
}
