//! RFC 9068 §4: what must hold of an access token.

use chancery_jose::{ClaimFault, JoseError, SignatureAlgorithm, SigningKey, sign};
use chancery_resource::{Denial, FixedKeys, Issuer, TokenFault, Verifier};
use serde_json::{Value, json};

use crate::world::{AUDIENCE, ISSUER, World, set_of};

async fn refused(patches: Value) -> TokenFault {
    let world = World::new();
    match world.verifier().verify(&world.token(&patches)).await {
        Err(Denial::Refused(fault)) => fault,
        outcome => panic!("{patches}: {outcome:?}"),
    }
}

fn claim(fault: ClaimFault) -> TokenFault {
    TokenFault::Invalid(JoseError::Claim(fault))
}

#[tokio::test]
async fn a_good_token_says_who_calls() {
    let world = World::new();
    let caller = world.verifier().verify(&world.token(&json!({"roles": ["pilot"]}))).await.unwrap();
    assert_eq!((caller.subject(), caller.client_id()), ("alice", "web"));
    assert!(caller.may("read") && caller.may("write") && !caller.may("rea"));
    assert_eq!(caller.claims().extra.find("roles"), Some(&json!(["pilot"])));
    assert!(caller.require(&"read write".parse().unwrap()).is_ok());
    let admin = "admin read".parse().unwrap();
    assert_eq!(caller.require(&admin), Err(Denial::ScopeTooSmall(admin)));
}

#[tokio::test]
async fn each_claim_must_hold() {
    assert_eq!(refused(json!({"iss": "https://evil.example"})).await, claim(ClaimFault::Issuer));
    assert_eq!(refused(json!({"aud": "https://other.example"})).await, claim(ClaimFault::Audience));
    assert_eq!(refused(json!({"exp": 1})).await, TokenFault::Expired);
    assert_eq!(refused(json!({"nbf": 4_000_000_000_u64})).await, claim(ClaimFault::NotYetValid));
    assert_eq!(refused(json!({"iat": 4_000_000_000_u64})).await, claim(ClaimFault::IssuedInFuture));
    for missing in ["iss", "aud", "sub", "client_id", "jti", "iat", "exp"] {
        refused(json!({missing: null})).await;
    }
    for wrong in [json!({"sub": 1}), json!({"scope": ["read"]}), json!({"exp": "never"}), json!({"exp": -1})] {
        refused(wrong).await;
    }
}

/// RFC 8725 §3.11; RFC 9068 §5
#[tokio::test]
async fn another_kind_of_token_is_no_access_token() {
    let world = World::new();
    let verifier = world.verifier();
    for (typ, passes) in [
        (Some("at+jwt"), true),
        (Some("application/at+jwt"), true),
        (Some("AT+JWT"), true),
        (Some("JWT"), false),
        (Some("logout+jwt"), false),
        (None, false),
    ] {
        let token = world.token_of_type(typ, &json!({}));
        assert_eq!(verifier.verify(&token).await.is_ok(), passes, "{typ:?}");
    }
}

/// RFC 9449 §7.2; RFC 8705 §3
#[tokio::test]
async fn a_bound_token_is_refused_where_nobody_checks_possession() {
    for cnf in [json!({"jkt": "x"}), json!({"x5t#S256": "x"}), json!({}), json!({"other": 1})] {
        assert_eq!(refused(json!({"cnf": cnf})).await, TokenFault::Bound);
    }
}

/// RFC 8725 §3.1; attack B9
#[tokio::test]
async fn no_token_decides_its_own_algorithm() {
    let world = World::new();
    let verifier = world.verifier();
    let genuine = world.token(&json!({}));
    let claims: Value = chancery_jose::Unverified::parse(&genuine).unwrap().peek().unwrap();
    let published = world.published.lock().unwrap().clone().unwrap();

    let confused = SigningKey::symmetric(SignatureAlgorithm::Hs256, &published).unwrap();
    let stranger = SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
    for key in [confused, stranger] {
        let forged = sign(&key, Some("at+jwt"), &claims).unwrap();
        assert!(matches!(verifier.verify(&forged).await, Err(Denial::Refused(_))));
    }
    let payload = genuine.split('.').nth(1).unwrap();
    let none = format!("{}.{payload}.", chancery_jose::base64url_encode(br#"{"alg":"none","typ":"at+jwt"}"#));
    for forged in [none.as_str(), "", ".", "..", "a.b.c", &genuine[..genuine.len() - 2], &"a".repeat(20_000)] {
        assert!(matches!(verifier.verify(forged).await, Err(Denial::Refused(_))), "{forged}");
    }
    verifier.verify(&genuine).await.unwrap();
}

#[tokio::test]
async fn an_api_may_take_fewer_algorithms_than_the_server_signs_by() {
    let world = World::signing_by(SignatureAlgorithm::EdDsa);
    let token = world.token(&json!({}));
    world.verifier().verify(&token).await.unwrap();
    let strict = world.verifier().algorithms(vec![SignatureAlgorithm::Es256]);
    assert_eq!(strict.verify(&token).await, Err(Denial::Refused(TokenFault::Invalid(JoseError::NoMatchingKey))));
}

#[tokio::test]
async fn keys_may_be_known_beforehand() {
    let world = World::new();
    let keys = FixedKeys::new(set_of(&world.key.lock().unwrap()));
    let verifier = Verifier::new(Issuer::parse(ISSUER).unwrap(), AUDIENCE, keys).clock(world.clone());
    verifier.verify(&world.token(&json!({}))).await.unwrap();
}

#[tokio::test]
async fn a_remembered_token_ends_when_it_ends() {
    let world = World::new();
    let verifier = world.verifier();
    let token = world.token(&json!({"exp": crate::world::BEGINNING + 60}));
    verifier.verify(&token).await.unwrap();
    world.advance(69);
    verifier.verify(&token).await.unwrap();
    world.advance(1);
    assert_eq!(verifier.verify(&token).await, Err(Denial::Refused(TokenFault::Expired)));
}

#[tokio::test]
async fn a_remembered_token_dies_with_its_key() {
    let world = World::new();
    let verifier = world.verifier();
    let token = world.token(&json!({}));
    verifier.verify(&token).await.unwrap();
    world.rotate(true);
    verifier.verify(&token).await.unwrap();
    world.advance(300);
    assert!(verifier.verify(&token).await.is_err());
}
