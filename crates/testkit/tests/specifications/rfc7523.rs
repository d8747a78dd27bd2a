//! RFC 7523: JWT Profile for Client Authentication.

use chancery_jose::{SignatureAlgorithm, Signer, SigningKey, sign};
use chancery_testkit::{Answer, Issuer, Party};
use futures_util::future::join_all;
use serde_json::{Value, json};

const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const HMAC_SECRET: &[u8] = b"hmac-secret-0123456789-0123456789-0123456789";

/// A client `signer` whose keys are those of `keys`.
async fn register(issuer: &Issuer, keys: &[&SigningKey]) {
    let jwks: Vec<_> = keys.iter().map(|key| serde_json::to_value(key.public_jwk().unwrap()).unwrap()).collect();
    issuer
        .register(json!({
            "client_id": "signer", "token_endpoint_auth_method": "private_key_jwt", "jwks": { "keys": jwks },
            "grant_types": ["client_credentials"], "scope": "read",
        }))
        .await;
}

fn key(algorithm: SignatureAlgorithm) -> SigningKey {
    SigningKey::generate(algorithm).unwrap()
}

/// The claims of a good assertion.
fn claims(issuer: &Issuer, id: &str, jti: &str) -> Value {
    let now = issuer.clock.seconds();
    json!({ "iss": id, "sub": id, "aud": issuer.identifier, "jti": jti, "iat": now, "exp": now + 60 })
}

/// A good assertion's claims but for some members; null takes one away.
fn but(issuer: &Issuer, changes: Value) -> Value {
    let mut claims = claims(issuer, "signer", "one");
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

async fn present(issuer: &Issuer, assertion: &str, extra: &[(&str, &str)]) -> Answer {
    let usual =
        [("grant_type", "client_credentials"), ("client_assertion_type", KIND), ("client_assertion", assertion)];
    let fields: Vec<_> = usual.into_iter().chain(extra.iter().copied()).collect();
    Party::new(issuer, "machine").raw("/token", &[], &chancery_testkit::browser::form(&fields)).await
}

/// §2.2
#[tokio::test(flavor = "multi_thread")]
async fn a_client_proves_itself_by_a_key_of_any_kind() {
    for algorithm in
        [SignatureAlgorithm::Es256, SignatureAlgorithm::Rs256, SignatureAlgorithm::EdDsa, SignatureAlgorithm::Ps256]
    {
        let issuer = Issuer::start().await;
        let key = key(algorithm);
        register(&issuer, &[&key]).await;
        let assertion = sign(&key, None, &claims(&issuer, "signer", "one")).unwrap();
        let answer = present(&issuer, &assertion, &[]).await;
        assert_eq!(answer.status, 200, "{algorithm:?} {answer:?}");
        let claims = Party::new(&issuer, "machine").claims(answer.text("access_token")).await;
        assert_eq!(claims["sub"], "signer");
    }
}

/// §2.2: also with `client_id` beside it, and at the other endpoints.
#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_is_heard_wherever_clients_prove_themselves() {
    let issuer = Issuer::start().await;
    let key = key(SignatureAlgorithm::Es256);
    register(&issuer, &[&key]).await;
    let machine = Party::new(&issuer, "machine");
    let fresh = |jti: &str| sign(&key, None, &claims(&issuer, "signer", jti)).unwrap();
    assert_eq!(present(&issuer, &fresh("a"), &[("client_id", "signer")]).await.status, 200);
    for (path, jti) in [("/introspect", "b"), ("/revoke", "c")] {
        let assertion = fresh(jti);
        let fields = [("token", "x"), ("client_assertion_type", KIND), ("client_assertion", &*assertion)];
        let answer = machine.raw(path, &[], &chancery_testkit::browser::form(&fields)).await;
        assert_eq!(answer.status, 200, "{path} {answer:?}");
    }
}

/// §3 (7), attack B10
#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_is_good_once() {
    let issuer = Issuer::start().await;
    let key = key(SignatureAlgorithm::Es256);
    register(&issuer, &[&key]).await;
    let assertion = sign(&key, None, &claims(&issuer, "signer", "one")).unwrap();
    let answers = join_all((0..8).map(|_| present(&issuer, &assertion, &[]))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    // The name is spent, not the signature: another assertion under the same one is refused too.
    issuer.clock.advance(5);
    let again = sign(&key, None, &claims(&issuer, "signer", "one")).unwrap();
    let refused = present(&issuer, &again, &[]).await;
    assert_eq!((refused.status.as_u16(), refused.error()), (401, "invalid_client"));
}

/// §3, attack B3: what one client has spent is not spent for another.
#[tokio::test(flavor = "multi_thread")]
async fn two_clients_may_choose_the_same_name_for_an_assertion() {
    let issuer = Issuer::start().await;
    let key = key(SignatureAlgorithm::Es256);
    register(&issuer, &[&key]).await;
    let one = sign(&key, None, &claims(&issuer, "signer", "one")).unwrap();
    assert_eq!(present(&issuer, &one, &[]).await.status, 200);
    let secret = SigningKey::symmetric(SignatureAlgorithm::Hs256, HMAC_SECRET).unwrap();
    let other = sign(&secret, None, &claims(&issuer, "hmac", "one")).unwrap();
    assert_eq!(present(&issuer, &other, &[]).await.status, 200);
}

/// §3
#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_that_lacks_or_bends_a_claim_is_refused() {
    let issuer = Issuer::start().await;
    let key = key(SignatureAlgorithm::Es256);
    register(&issuer, &[&key]).await;
    let now = issuer.clock.seconds();
    let us = &issuer.identifier;
    let token_url = format!("{us}/token");
    for changes in [
        json!({ "iss": null }),
        json!({ "sub": null }),
        json!({ "iss": "machine" }),
        json!({ "sub": "machine" }),
        json!({ "iss": "machine", "sub": "machine" }),
        json!({ "iss": "nobody", "sub": "nobody" }),
        json!({ "aud": null }),
        json!({ "aud": "https://another.example.test" }),
        json!({ "aud": format!("{us}/") }),
        json!({ "aud": token_url }),
        // Audience injection: an assertion made for a hostile server must not be good here.
        json!({ "aud": [us, "https://evil.example.test"] }),
        json!({ "aud": ["https://evil.example.test", us] }),
        json!({ "aud": [] }),
        json!({ "aud": { "is": us } }),
        json!({ "exp": null }),
        json!({ "exp": now - 11 }),
        json!({ "exp": now + 3601 }),
        json!({ "exp": "soon" }),
        json!({ "nbf": now + 60 }),
        json!({ "iat": now + 60 }),
        json!({ "jti": null }),
        json!({ "jti": "" }),
    ] {
        let assertion = sign(&key, None, &but(&issuer, changes.clone())).unwrap();
        let answer = present(&issuer, &assertion, &[]).await;
        assert_eq!((answer.status.as_u16(), answer.error()), (401, "invalid_client"), "{changes}");
    }
    // Nothing of all that has spent the name.
    let good = sign(&key, None, &but(&issuer, json!({}))).unwrap();
    assert_eq!(present(&issuer, &good, &[]).await.status, 200);
}

/// §3
#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_speaks_for_the_client_id_beside_it_or_is_refused() {
    let issuer = Issuer::start().await;
    let key = key(SignatureAlgorithm::Es256);
    register(&issuer, &[&key]).await;
    let assertion = sign(&key, None, &claims(&issuer, "signer", "one")).unwrap();
    assert_eq!(present(&issuer, &assertion, &[("client_id", "machine")]).await.error(), "invalid_client");
    let unnamed = format!("grant_type=client_credentials&client_assertion={assertion}");
    let other_kind =
        format!("{unnamed}&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Asaml2-bearer");
    for body in [unnamed, other_kind] {
        let answer = Party::new(&issuer, "machine").raw("/token", &[], &body).await;
        assert_eq!((answer.status.as_u16(), answer.error()), (400, "invalid_request"), "{body}");
    }
}

/// §3 (9), attack B9
#[tokio::test(flavor = "multi_thread")]
async fn neither_the_algorithm_nor_the_key_is_chosen_by_the_assertion() {
    let issuer = Issuer::start().await;
    let own = key(SignatureAlgorithm::Rs256);
    register(&issuer, &[&own]).await;
    let good = claims(&issuer, "signer", "one");
    let public = serde_json::to_string(own.public_jwk().unwrap()).unwrap();
    let modulus =
        own.public_jwk().map(|jwk| serde_json::to_value(jwk).unwrap()["n"].as_str().unwrap().to_owned()).unwrap();
    let stranger = key(SignatureAlgorithm::Rs256);

    let encode = |text: &str| chancery_jose::base64url_encode(text.as_bytes());
    let mut forged = vec![format!("{}.{}.", encode(r#"{"alg":"none"}"#), encode(&good.to_string()))];
    forged.push(format!("{}.{}.", encode(r#"{"alg":"None","kid":"x"}"#), encode(&good.to_string())));
    // The public key as if it were a secret.
    for secret in [public.as_bytes(), modulus.as_bytes()] {
        let confused = SigningKey::symmetric(SignatureAlgorithm::Hs256, secret).unwrap().with_kid(own.kid().unwrap());
        forged.push(sign(&confused, None, &good).unwrap());
    }
    // Somebody else's key, under our name for the right one, and with itself in the header.
    forged.push(sign(&stranger.clone().with_kid(own.kid().unwrap()), None, &good).unwrap());
    let header = json!({ "jwk": stranger.public_jwk().unwrap(), "jku": "https://evil.example.test/jwks" });
    forged.push(Signer::with_members(&stranger, None, header.as_object().unwrap()).unwrap().sign(&good).unwrap());
    for assertion in forged {
        let answer = present(&issuer, &assertion, &[]).await;
        assert_eq!((answer.status.as_u16(), answer.error()), (401, "invalid_client"), "{assertion}");
    }
    assert_eq!(present(&issuer, &sign(&own, None, &good).unwrap(), &[]).await.status, 200);
}

/// OpenID Connect Core §9
#[tokio::test(flavor = "multi_thread")]
async fn a_client_may_prove_that_it_knows_its_secret_without_showing_it() {
    let issuer = Issuer::start().await;
    let secret = SigningKey::symmetric(SignatureAlgorithm::Hs256, HMAC_SECRET).unwrap();
    let assertion = sign(&secret, None, &claims(&issuer, "hmac", "one")).unwrap();
    assert_eq!(present(&issuer, &assertion, &[]).await.status, 200);
    assert_eq!(present(&issuer, &assertion, &[]).await.error(), "invalid_client");

    let wrong =
        SigningKey::symmetric(SignatureAlgorithm::Hs256, &HMAC_SECRET.iter().rev().copied().collect::<Vec<_>>())
            .unwrap();
    let forged = sign(&wrong, None, &claims(&issuer, "hmac", "two")).unwrap();
    assert_eq!(present(&issuer, &forged, &[]).await.error(), "invalid_client");
    let asymmetric = sign(&key(SignatureAlgorithm::Es256), None, &claims(&issuer, "hmac", "three")).unwrap();
    assert_eq!(present(&issuer, &asymmetric, &[]).await.error(), "invalid_client");
}

/// OpenID Connect Core §9: a method is the one that was registered.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_of_a_plain_secret_cannot_sign_with_it() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let secret = SigningKey::symmetric(SignatureAlgorithm::Hs256, web.secret.unwrap().as_bytes()).unwrap();
    let assertion = sign(&secret, None, &claims(&issuer, "web", "one")).unwrap();
    assert_eq!(present(&issuer, &assertion, &[]).await.error(), "invalid_client");
}

/// OpenID Connect Registration §2 (`token_endpoint_auth_signing_alg`)
#[tokio::test(flavor = "multi_thread")]
async fn a_registered_algorithm_is_the_only_one() {
    let issuer = Issuer::start().await;
    let (one, other) = (key(SignatureAlgorithm::Es256), key(SignatureAlgorithm::EdDsa));
    let jwks: Vec<_> =
        [&one, &other].iter().map(|key| serde_json::to_value(key.public_jwk().unwrap()).unwrap()).collect();
    issuer
        .register(json!({
            "client_id": "signer", "token_endpoint_auth_method": "private_key_jwt", "jwks": { "keys": jwks },
            "token_endpoint_auth_signing_alg": "ES256", "grant_types": ["client_credentials"], "scope": "read",
        }))
        .await;
    let by = |key: &SigningKey, jti: &str| sign(key, None, &claims(&issuer, "signer", jti)).unwrap();
    assert_eq!(present(&issuer, &by(&other, "a"), &[]).await.error(), "invalid_client");
    assert_eq!(present(&issuer, &by(&one, "b"), &[]).await.status, 200);
}
