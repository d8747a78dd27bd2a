//! A person's sign-in: RFC 6749 §4.1, RFC 9207 §2.4, OpenID Connect Core §3.1.

use std::collections::BTreeMap;
use std::sync::Arc;

use chancery_client::{
    Client, ClientAuthentication, ClientError, IdToken, IdTokenFault, Pending, Registration, ResponseFault, Scope,
    SignInAsk, Tokens,
};
use chancery_jose::{ClaimFault, JoseError, SignatureAlgorithm, SigningKey};
use chancery_spec::ErrorCode;
use serde_json::{Value, json};

use crate::world::{CLIENT, ISSUER, REDIRECT_URI, World, error, form};

fn ask(scope: &str) -> SignInAsk {
    SignInAsk::new(REDIRECT_URI.parse().unwrap(), Scope::parse(scope).unwrap())
}

async fn signed_in(world: &Arc<World>, client: &Client, ask: &SignInAsk) -> Result<Tokens, ClientError> {
    let begun = client.authorize(ask).unwrap();
    let answer = world.agree(&begun.url);
    client.redeem(client.admit(begun.pending, answer.as_bytes())?).await
}

/// How an ID token with these claims in place of its own is refused.
async fn refused(claims: Value) -> IdTokenFault {
    let world = World::new();
    *world.claims.lock().unwrap() = claims;
    let client = world.client().await;
    let mut ask = ask("openid");
    ask.max_age = Some(60);
    match signed_in(&world, &client, &ask).await {
        Err(ClientError::IdToken(fault)) => fault,
        outcome => panic!("{outcome:?}"),
    }
}

async fn alice(world: &Arc<World>, client: &Client) -> (IdToken, String) {
    let tokens = signed_in(world, client, &ask("openid")).await.unwrap();
    (tokens.id_token.unwrap(), tokens.response.access_token)
}

/// RFC 6749 §4.1; RFC 7636 §4.2, §4.3; OpenID Connect Core §3.1
#[tokio::test]
async fn a_person_signs_in_and_is_told_about() {
    let world = World::new();
    let client = world.client().await;
    let begun = client.authorize(&ask("openid profile").with("login_hint", "alice")).unwrap();
    assert!(begun.url.starts_with(&format!("{ISSUER}/authorize?tenant=1&response_type=code&")));
    let asked: BTreeMap<String, String> = url::Url::parse(&begun.url).unwrap().query_pairs().into_owned().collect();
    assert_eq!(asked["code_challenge_method"], "S256");
    assert_eq!(asked["redirect_uri"], REDIRECT_URI);
    assert_eq!(asked["login_hint"], "alice");
    assert_eq!((asked["state"].len(), asked["nonce"].len()), (43, 43));
    assert_ne!(asked["state"], asked["nonce"]);

    // What is remembered survives a session that serialises it, and prints nothing.
    let kept = serde_json::to_string(&begun.pending).unwrap();
    let pending: Pending = serde_json::from_str(&kept).unwrap();
    assert_eq!(pending.state(), asked["state"]);
    assert!(!format!("{pending:?}").contains(&asked["state"]));

    let authorized = client.admit(pending, world.agree(&begun.url).as_bytes()).unwrap();
    let tokens = client.redeem(authorized).await.unwrap();
    let id_token = tokens.id_token.unwrap();
    assert_eq!(id_token.subject(), "alice");
    let told = client.userinfo(&tokens.response.access_token, &id_token).await.unwrap();
    assert_eq!(told.claims.find("name"), Some(&"Alice".into()));
    let bearer = format!("Bearer {}", tokens.response.access_token);
    assert_eq!(world.seen("/realms/north/userinfo").authorization, Some(bearer));
}

/// RFC 6749 §10.12; RFC 9207 §2.4
#[tokio::test]
async fn an_answer_to_another_request_or_from_another_server_is_refused() {
    let client = World::new().client().await;
    let cases = |state: &str| {
        [
            (form(&[("code", "c"), ("state", "another"), ("iss", ISSUER)]), ResponseFault::State),
            (form(&[("code", "c"), ("iss", ISSUER)]), ResponseFault::State),
            (form(&[("code", "c"), ("state", state), ("iss", "https://evil.example")]), ResponseFault::Issuer),
            (form(&[("code", "c"), ("state", state), ("iss", "not a URL")]), ResponseFault::Issuer),
            (form(&[("code", "c"), ("state", state)]), ResponseFault::Issuer),
            (form(&[("state", state), ("iss", ISSUER)]), ResponseFault::NoCode),
            (form(&[("code", "c"), ("state", state), ("iss", ISSUER), ("id_token", "x")]), ResponseFault::Tokens),
        ]
    };
    let state_of = |_| client.authorize(&ask("openid")).unwrap().pending;
    for at in 0..7 {
        let pending = state_of(at);
        let (answer, fault) = cases(pending.state())[at].clone();
        let refused = client.admit(pending, answer.as_bytes()).unwrap_err();
        assert_eq!(refused, ClientError::Response(fault), "{answer}");
    }
    let pending = state_of(0);
    let twice = format!("code=a&code=b&state={}", pending.state());
    let refused = client.admit(pending, twice.as_bytes()).unwrap_err();
    assert!(matches!(refused, ClientError::Response(ResponseFault::Malformed(_))), "{refused:?}");
}

#[tokio::test]
async fn what_one_client_remembers_is_nothing_to_another() {
    let world = World::new();
    let pending = world.client().await.authorize(&ask("openid")).unwrap().pending;
    let answer = form(&[("code", "c"), ("state", pending.state()), ("iss", ISSUER)]);
    let other = world.client_as(Registration::new("other", ClientAuthentication::none())).await;
    assert_eq!(other.admit(pending, answer.as_bytes()).unwrap_err(), ResponseFault::AnotherClient.into());
}

#[tokio::test]
async fn a_parameter_of_ours_is_not_sent_twice() {
    let client = World::new().client().await;
    for name in ["state", "redirect_uri", "code_challenge_method"] {
        assert!(client.authorize(&ask("openid").with(name, "x")).is_err(), "{name}");
    }
}

/// RFC 6749 §4.1.2.1
#[tokio::test]
async fn a_person_may_say_no() {
    let client = World::new().client().await;
    let pending = client.authorize(&ask("openid")).unwrap().pending;
    let no = ErrorCode::AccessDenied.as_str();
    let answer = form(&[("error", no), ("state", pending.state()), ("iss", ISSUER)]);
    let ClientError::Refused(refused) = client.admit(pending, answer.as_bytes()).unwrap_err() else {
        panic!("a genuine no is a refusal");
    };
    assert_eq!(refused.error.map(|told| told.error), Some(ErrorCode::AccessDenied));
}

/// OpenID Connect Core §3.1.3.7
#[tokio::test]
async fn each_claim_of_an_id_token_must_hold() {
    let claim = |fault| IdTokenFault::Invalid(JoseError::Claim(fault));
    assert_eq!(refused(json!({"iss": "https://evil.example"})).await, claim(ClaimFault::Issuer));
    assert_eq!(refused(json!({"aud": "other"})).await, claim(ClaimFault::Audience));
    assert_eq!(refused(json!({"aud": ["web", "other"], "azp": null})).await, IdTokenFault::Party);
    assert_eq!(refused(json!({"azp": "other"})).await, IdTokenFault::Party);
    assert_eq!(refused(json!({"exp": 1})).await, claim(ClaimFault::Expired));
    assert_eq!(refused(json!({"iat": 4_000_000_000_u64})).await, claim(ClaimFault::IssuedInFuture));
    assert_eq!(refused(json!({"nonce": "another"})).await, IdTokenFault::Nonce);
    assert_eq!(refused(json!({"nonce": null})).await, IdTokenFault::Nonce);
    assert_eq!(refused(json!({"at_hash": "AAAA"})).await, IdTokenFault::AccessToken);
    assert_eq!(refused(json!({"auth_time": null})).await, IdTokenFault::SignInTooOld);
    assert_eq!(refused(json!({"auth_time": 1})).await, IdTokenFault::SignInTooOld);
    for malformed in [json!({"sub": null}), json!({"sub": 1}), json!({"exp": null}), json!({"exp": "never"})] {
        assert!(matches!(refused(malformed).await, IdTokenFault::Invalid(_)));
    }
}

/// RFC 8725 §3.11
#[tokio::test]
async fn another_kind_of_token_is_no_id_token() {
    let world = World::new();
    let client = world.client().await;
    for (typ, passes) in [(Some("JWT"), true), (None, true), (Some("at+jwt"), false), (Some("logout+jwt"), false)] {
        *world.typ.lock().unwrap() = typ;
        assert_eq!(signed_in(&world, &client, &ask("openid")).await.is_ok(), passes, "{typ:?}");
    }
}

/// RFC 8725 §3.1: the registration decides the algorithm.
#[tokio::test]
async fn a_token_does_not_decide_its_own_algorithm() {
    let world = World::new();
    let client = world.client().await;
    *world.key.lock().unwrap() = SigningKey::generate(SignatureAlgorithm::EdDsa).unwrap();
    let outcome = signed_in(&world, &client, &ask("openid")).await.unwrap_err();
    assert_eq!(outcome, IdTokenFault::Invalid(JoseError::NoMatchingKey).into());

    let registered = World::registration().id_tokens_signed_by(SignatureAlgorithm::EdDsa);
    let client = world.client_as(registered).await;
    signed_in(&world, &client, &ask("openid")).await.unwrap();
}

#[tokio::test]
async fn a_secret_signs_where_it_is_registered_to() {
    let world = World::new();
    let secret = "0123456789-0123456789-0123456789";
    *world.key.lock().unwrap() = SigningKey::symmetric(SignatureAlgorithm::Hs256, secret.as_bytes()).unwrap();
    let registration = |secret: &str| {
        Registration::new(CLIENT, ClientAuthentication::secret_basic(secret))
            .id_tokens_signed_by(SignatureAlgorithm::Hs256)
    };
    let client = world.client_as(registration(secret)).await;
    signed_in(&world, &client, &ask("openid")).await.unwrap();
    assert_eq!(world.count("/realms/north/jwks"), 0);

    let client = world.client_as(registration("another-secret-another-secret-123")).await;
    let outcome = signed_in(&world, &client, &ask("openid")).await.unwrap_err();
    assert_eq!(outcome, IdTokenFault::Invalid(JoseError::Signature).into());
}

/// OpenID Connect Core §10.1.1
#[tokio::test]
async fn a_new_key_is_fetched_when_a_token_names_it_and_not_more_often_than_it_helps() {
    let world = World::new();
    let client = world.client().await;
    let jwks = || world.count("/realms/north/jwks");
    for _ in 0..3 {
        alice(&world, &client).await;
    }
    assert_eq!(jwks(), 1);

    *world.key.lock().unwrap() = SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
    world.advance(11);
    alice(&world, &client).await;
    assert_eq!(jwks(), 2);

    // A stranger's key, named again and again, makes one call in ten seconds.
    let published = SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
    let set = chancery_jose::JwkSet::new(vec![published.public_jwk().unwrap().clone()]);
    *world.published.lock().unwrap() = Some(serde_json::to_vec(&set).unwrap());
    *world.key.lock().unwrap() = SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
    world.advance(11);
    for _ in 0..5 {
        assert!(signed_in(&world, &client, &ask("openid")).await.is_err());
    }
    assert_eq!(jwks(), 3);
}

#[tokio::test]
async fn keys_that_cannot_be_fetched_again_serve_for_an_hour() {
    let world = World::new();
    let client = world.client().await;
    alice(&world, &client).await;
    world.answer_instead("/realms/north/jwks", 0, "");
    world.advance(3599);
    alice(&world, &client).await;
    world.advance(11);
    let outcome = signed_in(&world, &client, &ask("openid")).await.unwrap_err();
    assert!(matches!(outcome, ClientError::Http(_)), "{outcome:?}");
}

/// OpenID Connect Core §3.1.3.3
#[tokio::test]
async fn who_asks_for_an_id_token_must_get_one() {
    let world = World::new();
    *world.response.lock().unwrap() = json!({"id_token": null});
    let client = world.client().await;
    assert_eq!(signed_in(&world, &client, &ask("openid")).await.unwrap_err(), IdTokenFault::Missing.into());
    assert!(signed_in(&world, &client, &ask("read")).await.unwrap().id_token.is_none());
}

/// OpenID Connect Core §12.2
#[tokio::test]
async fn a_refreshed_id_token_is_about_the_same_person() {
    let world = World::new();
    let client = world.client().await;
    let (before, _) = alice(&world, &client).await;
    let after = client.refresh("the refresh token", Some(&before)).await.unwrap();
    assert_eq!(after.id_token.unwrap().subject(), "alice");
    assert_eq!(world.seen("/realms/north/token").fields["refresh_token"], "the refresh token");

    *world.claims.lock().unwrap() = json!({"sub": "mallory"});
    assert_eq!(client.refresh("r", Some(&before)).await.unwrap_err(), IdTokenFault::Subject.into());
    *world.claims.lock().unwrap() = json!({"nonce": "another"});
    assert_eq!(client.refresh("r", Some(&before)).await.unwrap_err(), IdTokenFault::Nonce.into());

    world.answer_instead("/realms/north/token", 400, error(ErrorCode::InvalidGrant));
    assert!(matches!(client.refresh("r", None).await.unwrap_err(), ClientError::Refused(_)));
}

/// OpenID Connect Core §5.3.2
#[tokio::test]
async fn claims_about_somebody_else_are_not_used() {
    let world = World::new();
    let client = world.client().await;
    let (about, token) = alice(&world, &client).await;
    world.answer_instead("/realms/north/userinfo", 200, json!({"sub": "mallory", "name": "Alice"}));
    assert_eq!(client.userinfo(&token, &about).await.unwrap_err(), IdTokenFault::Subject.into());
    world.answer_instead("/realms/north/userinfo", 401, "");
    assert!(matches!(client.userinfo(&token, &about).await.unwrap_err(), ClientError::Refused(_)));
    assert!(matches!(client.userinfo("a\nb", &about).await.unwrap_err(), ClientError::Answer(_)));
}
