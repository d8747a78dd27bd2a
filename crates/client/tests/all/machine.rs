//! Tokens for machines, and how clients prove who they are.

use std::sync::Arc;

use chancery_client::{ClientAuthentication, ClientError, MachineAsk, Refused, Registration, TokenCache};
use chancery_jose::{Expected, SignatureAlgorithm, SigningKey, Unverified, VerifyingKey};
use chancery_spec::credentials::BasicCredentials;
use chancery_spec::{ErrorCode, Scope};
use serde_json::json;
use tokio::task::JoinSet;

use crate::world::{BEGINNING, CLIENT, ISSUER, SECRET, World, error};

const TOKEN: &str = "/realms/north/token";

fn ask() -> MachineAsk {
    MachineAsk::scope(Scope::parse("read write").unwrap()).at("https://api.example".parse().unwrap())
}

/// RFC 6749 §4.4.2, §2.3.1; RFC 8707 §2.2
#[tokio::test]
async fn a_machine_asks_for_itself_by_its_secret() {
    let world = World::new();
    let answer = world.client().await.client_credentials(&ask()).await.unwrap();
    assert_eq!(answer.expires_in, Some(600));
    let seen = world.seen(TOKEN);
    let basic = BasicCredentials::parse(seen.authorization.unwrap().as_bytes()).unwrap();
    assert_eq!((basic.client_id.as_str(), basic.secret.expose()), (CLIENT, SECRET));
    assert_eq!(seen.fields["grant_type"], "client_credentials");
    assert_eq!(seen.fields["scope"], "read write");
    assert_eq!(seen.fields["resource"], "https://api.example");
    assert!(!seen.fields.contains_key("client_id"));
}

/// RFC 6749 §2.3.1
#[tokio::test]
async fn a_secret_may_travel_among_the_parameters_and_a_public_client_only_says_its_name() {
    let world = World::new();
    let post = Registration::new(CLIENT, ClientAuthentication::secret_post(SECRET));
    world.client_as(post).await.client_credentials(&ask()).await.unwrap();
    let seen = world.seen(TOKEN);
    assert_eq!((seen.authorization.as_deref(), seen.fields["client_secret"].as_str()), (None, SECRET));

    let public = Registration::new(CLIENT, ClientAuthentication::none());
    world.client_as(public).await.client_credentials(&ask()).await.unwrap();
    let seen = world.seen(TOKEN);
    assert_eq!((seen.authorization, seen.fields["client_id"].as_str()), (None, CLIENT));
}

/// RFC 7523 §3; OpenID Connect Core §9
#[tokio::test]
async fn an_assertion_is_for_the_issuer_alone_and_each_has_its_own_name() {
    let world = World::new();
    let key = SigningKey::generate(SignatureAlgorithm::EdDsa).unwrap();
    let secret = "0123456789-0123456789-0123456789";
    let hmac = VerifyingKey::from_secret(SignatureAlgorithm::Hs256, secret.as_bytes()).unwrap();
    let by_secret = ClientAuthentication::secret_jwt(SignatureAlgorithm::Hs256, secret).unwrap();
    for (authentication, verifying) in
        [(ClientAuthentication::private_key_jwt(&key), key.verifying_key().unwrap()), (by_secret, hmac)]
    {
        let client = world.client_as(Registration::new(CLIENT, authentication)).await;
        let mut names = Vec::new();
        for _ in 0..2 {
            client.client_credentials(&ask()).await.unwrap();
            let fields = world.seen(TOKEN).fields;
            assert_eq!(fields["client_assertion_type"], "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
            let assertion = Unverified::parse(&fields["client_assertion"]).unwrap();
            let assertion = assertion.verify::<serde_json::Value>(&verifying).unwrap();
            let expected = Expected::new(BEGINNING).issuer(CLIENT).subject(CLIENT).max_lifetime_seconds(60);
            assertion.meets(&expected).unwrap();
            assert_eq!(assertion.claims()["aud"], ISSUER);
            names.push(assertion.standard().jti.clone().unwrap());
        }
        assert_ne!(names[0], names[1]);
    }
}

#[tokio::test]
async fn one_request_serves_everybody_who_waits() {
    let world = World::new();
    let cache = Arc::new(TokenCache::new(Arc::new(world.client().await), ask()));
    let mut waiting = JoinSet::new();
    for _ in 0..50 {
        let cache = cache.clone();
        waiting.spawn(async move { cache.token().await.unwrap().expose().to_owned() });
    }
    let mut tokens = waiting.join_all().await;
    tokens.dedup();
    assert_eq!((tokens.len(), world.count(TOKEN)), (1, 1));
}

#[tokio::test]
async fn a_token_is_kept_until_shortly_before_it_ends() {
    let world = World::new();
    let cache = TokenCache::new(Arc::new(world.client().await), ask());
    let first = cache.token().await.unwrap();
    world.advance(539);
    assert_eq!(cache.token().await.unwrap(), first);
    world.advance(1);
    let second = cache.token().await.unwrap();
    assert_ne!(second, first);

    cache.forget(&first);
    assert_eq!(cache.token().await.unwrap(), second);
    cache.forget(&second);
    assert_ne!(cache.token().await.unwrap(), second);
}

#[tokio::test]
async fn a_token_of_unknown_life_is_asked_for_each_time() {
    let world = World::new();
    *world.response.lock().unwrap() = json!({"expires_in": null});
    let cache = TokenCache::new(Arc::new(world.client().await), ask());
    assert_ne!(cache.token().await.unwrap(), cache.token().await.unwrap());
}

#[tokio::test]
async fn a_server_that_is_away_is_asked_once_for_all_who_wait_and_the_old_token_serves_until_it_ends() {
    let world = World::new();
    let cache = Arc::new(TokenCache::new(Arc::new(world.client().await), ask()));
    let first = cache.token().await.unwrap();

    world.answer_instead(TOKEN, 503, "away");
    world.advance(599);
    assert_eq!(cache.token().await.unwrap(), first);

    world.advance(1);
    let before = world.count(TOKEN);
    let mut waiting = JoinSet::new();
    for _ in 0..50 {
        let cache = cache.clone();
        waiting.spawn(async move { cache.token().await.unwrap_err() });
    }
    let errors = waiting.join_all().await;
    assert!(errors.iter().all(|error| *error == ClientError::Refused(Refused { status: Some(503), error: None })));
    assert_eq!(world.count(TOKEN) - before, 1);

    world.answer_again(TOKEN);
    cache.token().await.unwrap();
}

/// RFC 6749 §5.2
#[tokio::test]
async fn a_refusal_is_told_by_its_code() {
    let world = World::new();
    world.answer_instead(TOKEN, 400, error(ErrorCode::InvalidScope));
    let refused = world.client().await.client_credentials(&ask()).await.unwrap_err();
    let ClientError::Refused(Refused { status: Some(400), error: Some(told) }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(told.error, ErrorCode::InvalidScope);
}

/// RFC 6749 §7.1
#[tokio::test]
async fn a_token_that_cannot_be_used_is_refused() {
    let world = World::new();
    for strange in [json!({"token_type": "DPoP"}), json!({"token_type": "mac"}), json!({"access_token": null})] {
        *world.response.lock().unwrap() = strange;
        let refused = world.client().await.client_credentials(&ask()).await.unwrap_err();
        assert!(matches!(refused, ClientError::Answer(_)), "{refused:?}");
    }
}

/// RFC 7009 §2.1, §2.2.1
#[tokio::test]
async fn a_token_is_given_back_by_who_got_it() {
    use chancery_spec::revocation::TokenTypeHint;

    let world = World::new();
    let client = world.client().await;
    client.revoke("the token", Some(TokenTypeHint::RefreshToken)).await.unwrap();
    let seen = world.seen("/realms/north/revoke");
    assert!(seen.authorization.is_some());
    assert_eq!(
        (seen.fields["token"].as_str(), seen.fields["token_type_hint"].as_str()),
        ("the token", "refresh_token")
    );

    world.answer_instead("/realms/north/revoke", 503, "");
    assert!(client.revoke("the token", None).await.is_err());
}

#[tokio::test]
async fn nothing_secret_is_printed() {
    let world = World::new();
    let client = world.client().await;
    let cache = TokenCache::new(Arc::new(world.client().await), ask());
    let token = cache.token().await.unwrap();
    let printed = format!("{client:?} {cache:?} {token:?}");
    assert!(!printed.contains("a secret") && !printed.contains(token.expose()), "{printed}");
}
