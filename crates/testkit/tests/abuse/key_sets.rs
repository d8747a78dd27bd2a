//! Key sets that clients register: keys that are none, weak, twice or private are refused or of no use.

use chancery_testkit::Issuer;
use chancery_testkit::issuer::ADMIN_TOKEN;
use serde_json::{Value, json};

use super::soundness;
use super::wire::{Got, Sent};

const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

async fn register(issuer: &Issuer, jwks: Value) -> Got {
    let client = json!({
        "token_endpoint_auth_method": "private_key_jwt",
        "grant_types": ["client_credentials"],
        "scope": "read",
        "jwks": jwks,
    });
    let sent = Sent::new("POST", "/admin/api/realms/default/clients").bearer(ADMIN_TOKEN).json(client.to_string());
    let got = sent.to(issuer).await;
    assert_eq!(soundness::check(&sent, &got), Ok(()));
    got
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_set_without_one_sound_public_key_is_refused() {
    let issuer = Issuer::start().await;
    let long = |bytes: usize| chancery_jose::base64url_encode(&vec![0xC1; bytes]);
    let rsa = |n: String, e: &str| json!({"kty": "RSA", "n": n, "e": e, "alg": "RS256"});
    let even = chancery_jose::base64url_encode(&[vec![0xC1; 255], vec![0xC0]].concat());
    let sets = [
        json!("keys"),
        json!([]),
        json!({}),
        json!({"keys": {}}),
        json!({"keys": []}),
        json!({"keys": [null, 1, "a", []]}),
        json!({"keys": [{"kty": "oct", "k": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}]}),
        json!({"keys": [{"kty": "EC", "crv": "P-256", "x": X, "y": X}]}),
        json!({"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]}),
        json!({"keys": [{"kty": "EC", "crv": "P-384", "x": X, "y": Y}]}),
        json!({"keys": [{"kty": "EC", "crv": "secp256k1", "x": X, "y": Y}]}),
        json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AA"}]}),
        json!({"keys": [{"kty": ["EC"], "crv": "P-256", "x": X, "y": Y}]}),
        json!({"keys": [{"kty": "EC", "crv": "P-256", "x": X, "y": Y, "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}]}),
        json!({"keys": [rsa(long(64), "AQAB")]}),
        json!({"keys": [rsa(long(256), "AQ")]}),
        json!({"keys": [rsa(even, "AQAB")]}),
        json!({"keys": [rsa(long(4096), "AQAB")]}),
        json!({"keys": [rsa(long(256), &long(256))]}),
        json!({"keys": [{"kty": "RSA", "n": "", "e": ""}]}),
    ];
    for set in sets {
        let got = register(&issuer, set.clone()).await;
        assert_eq!(got.status, 400, "{set} got {got:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_set_of_absurd_size_is_refused_and_a_sound_one_is_taken() {
    let issuer = Issuer::start().await;
    let key = json!({"kty": "EC", "crv": "P-256", "x": X, "y": Y, "kid": "a", "alg": "ES256", "use": "sig"});
    let many: Vec<Value> = (0..300)
        .map(|number| json!({"kty": "EC", "crv": "P-256", "x": X, "y": Y, "kid": number.to_string()}))
        .collect();
    assert_eq!(register(&issuer, json!({"keys": many})).await.status, 400);
    let mut chained = key.clone();
    chained["x5c"] = json!(vec!["A".repeat(1000); 50]);
    assert!(matches!(register(&issuer, json!({"keys": [chained]})).await.status, 201 | 400));
    assert_eq!(register(&issuer, json!({"keys": [key]})).await.status, 201);
}
