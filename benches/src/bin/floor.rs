//! The floor: the least that a server can do to answer the same requests with the same signatures.
//! It knows one client by heart, keeps nothing and checks nothing else.

use std::collections::HashMap;
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, ParsedPublicKey,
    RSA_PKCS1_SHA256, RsaKeyPair,
};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// As large as a key set with two keys and a metadata document are.
const DOCUMENT: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","use":"sig","alg":"ES256","kid":"one"},{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","use":"sig","alg":"RS256","kid":"two"}]}"#;

struct Floor {
    es256: EcdsaKeyPair,
    eddsa: Ed25519KeyPair,
    rs256: RsaKeyPair,
    verifying: ParsedPublicKey,
    random: SystemRandom,
    expected: String,
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "the driver reads the port here")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)?;
    let es256 = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref())?;
    let verifying = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, es256.public_key().as_ref())?;
    let rs256 = RsaKeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048)?;
    let expected = format!("Basic {}", STANDARD.encode("bench:bench-secret-0123456789-0123456789-0123456789"));
    let floor = Arc::new(Floor { es256, eddsa: Ed25519KeyPair::generate()?, rs256, verifying, random, expected });
    let routes = Router::new()
        .route("/static", get(async || ([(header::CONTENT_TYPE, "application/json")], DOCUMENT)))
        .route("/token/{algorithm}", post(token))
        .route("/introspect", post(introspect))
        .with_state(floor);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?.port());
    axum::serve(listener, routes).await?;
    Ok(())
}

async fn token(
    State(floor): State<Arc<Floor>>,
    Path(algorithm): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    let fields: HashMap<_, _> = form_urlencoded::parse(&body).collect();
    let known = headers.get(header::AUTHORIZATION).is_some_and(|value| value.as_bytes() == floor.expected.as_bytes());
    if !known || fields.get("grant_type").is_none_or(|grant| grant != "client_credentials") {
        return (axum::http::StatusCode::BAD_REQUEST, String::new()).into_response();
    }
    let mut jti = [0; 32];
    // A floor that fails is no floor; the driver counts what is not answered with 200.
    if aws_lc_rs::rand::fill(&mut jti).is_err() {
        return (axum::http::StatusCode::BAD_REQUEST, String::new()).into_response();
    }
    let claims = format!(
        r#"{{"iss":"http://127.0.0.1:8080","sub":"bench","aud":"http://127.0.0.1:8080","exp":1795349400,"iat":1795348800,"jti":"{}","client_id":"bench","scope":"read"}}"#,
        URL_SAFE_NO_PAD.encode(jti)
    );
    let head = URL_SAFE_NO_PAD.encode(format!(
        r#"{{"alg":"{algorithm}","typ":"at+jwt","kid":"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"}}"#
    ));
    let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims));
    let signature = match algorithm.as_str() {
        "ES256" => floor.es256.sign(&floor.random, signed.as_bytes()).map(|made| made.as_ref().to_vec()),
        "EdDSA" => Ok(floor.eddsa.sign(signed.as_bytes()).as_ref().to_vec()),
        _ => {
            let mut made = vec![0; floor.rs256.public_modulus_len()];
            floor.rs256.sign(&RSA_PKCS1_SHA256, &floor.random, signed.as_bytes(), &mut made).map(|()| made)
        }
    };
    match signature {
        Ok(signature) => {
            let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
            let body =
                serde_json::json!({"access_token": token, "token_type": "Bearer", "expires_in": 600, "scope": "read"});
            ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")], body.to_string())
                .into_response()
        }
        Err(_) => (axum::http::StatusCode::BAD_REQUEST, String::new()).into_response(),
    }
}

async fn introspect(State(floor): State<Arc<Floor>>, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    let fields: HashMap<_, _> = form_urlencoded::parse(&body).collect();
    let known = headers.contains_key(header::AUTHORIZATION);
    let token = fields.get("token").map(AsRef::as_ref).unwrap_or_default();
    let parts =
        token.rsplit_once('.').and_then(|(signed, signature)| Some((signed, URL_SAFE_NO_PAD.decode(signature).ok()?)));
    // Whether it verifies is not asked: a foreign token costs the same verification.
    let verified =
        parts.is_some_and(|(signed, signature)| floor.verifying.verify_sig(signed.as_bytes(), &signature).is_ok());
    let body = serde_json::json!({"active": known || verified, "sub": "bench", "client_id": "bench", "scope": "read", "exp": 1_795_349_400});
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")], body.to_string())
}
