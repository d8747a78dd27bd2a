//! Other people's libraries as the other side: `openidconnect` signs people in, `jsonwebtoken` verifies tokens.

use std::convert::Infallible;

use chancery_testkit::browser::http;
use chancery_testkit::issuer::WORLD;
use chancery_testkit::postgres::empty_database;
use chancery_testkit::{Browser, Issuer, Party};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreRevocableToken, CoreUserInfoClaims,
};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, RedirectUrl, RevocationUrl, Scope, TokenResponse,
};
use serde_json::Value;

/// The library's requests, sent by the client of the tests. It revokes over TLS alone, so here is
/// also the proxy that would take the TLS off before our server.
async fn send(request: HttpRequest) -> Result<HttpResponse, Infallible> {
    let (parts, body) = request.into_parts();
    let url = parts.uri.to_string().replacen("https://", "http://", 1);
    let request = http().request(parts.method, url).headers(parts.headers).body(body);
    let response = request.send().await.expect("the server answers");
    let (status, headers) = (response.status(), response.headers().clone());
    let mut answer = HttpResponse::new(response.bytes().await.expect("a body").to_vec());
    (*answer.status_mut(), *answer.headers_mut()) = (status, headers);
    Ok(answer)
}

/// The moment in which the server lives, as RFC 3339 has it.
const NOW: &str = "2026-11-22T12:00:00Z";

/// Discovery, code with PKCE, token, UserInfo, refresh, revocation.
async fn whole_story(issuer: &Issuer) {
    let web = Party::new(issuer, "web");
    let name = IssuerUrl::new(issuer.identifier.clone()).unwrap();
    let metadata = CoreProviderMetadata::discover_async(name, &send).await.expect("discovery");
    let plain = web.get("/.well-known/oauth-authorization-server").await;
    let revocation = plain.text("revocation_endpoint").replacen("http://", "https://", 1);
    let client = CoreClient::from_provider_metadata(
        metadata,
        ClientId::new("web".to_owned()),
        web.secret.map(|secret| ClientSecret::new(secret.to_owned())),
    )
    .set_redirect_uri(RedirectUrl::new(web.redirect_uri.to_owned()).unwrap())
    .set_revocation_url(RevocationUrl::new(revocation).unwrap());

    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state, nonce) = client
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
        .add_scopes(["profile", "email", "offline_access"].map(|scope| Scope::new(scope.to_owned())))
        .set_pkce_challenge(challenge)
        .url();
    let browser = Browser::default();
    let page = browser.follow(browser.get(url.as_str()).await, &issuer.url).await;
    let answer = web.go_on(&browser, "alice", page).await;
    let one = |name: &str| chancery_testkit::party::parameter(&answer, name).unwrap_or_else(|| panic!("{answer:?}"));
    assert_eq!(one("state"), *state.secret());
    assert_eq!(one("iss"), issuer.identifier);

    let code = AuthorizationCode::new(one("code"));
    let tokens =
        client.exchange_code(code).unwrap().set_pkce_verifier(verifier).request_async(&send).await.expect("tokens");
    let id_token = tokens.id_token().expect("an ID token");
    let checker = client.id_token_verifier().set_time_fn(|| NOW.parse().expect("a moment"));
    let claims = id_token.claims(&checker, &nonce).expect("a good ID token");
    assert!(id_token.claims(&checker, &Nonce::new("another".to_owned())).is_err());
    let hash = AccessTokenHash::from_token(
        tokens.access_token(),
        id_token.signing_alg().unwrap(),
        id_token.signing_key(&checker).unwrap(),
    );
    assert_eq!(claims.access_token_hash(), Some(&hash.unwrap()));

    let subject = Some(claims.subject().clone());
    let info = client.user_info(tokens.access_token().clone(), subject.clone()).unwrap();
    let info: CoreUserInfoClaims = info.request_async(&send).await.expect("claims about alice");
    assert_eq!(info.email().map(|email| email.as_str()), Some("alice@example.test"));
    assert_eq!(info.preferred_username().map(|name| name.as_str()), Some("alice"));

    let refresh = tokens.refresh_token().expect("a refresh token");
    let fresh = client.exchange_refresh_token(refresh).unwrap().request_async(&send).await.expect("fresh tokens");
    assert_ne!(fresh.access_token().secret(), tokens.access_token().secret());
    let info = client.user_info(fresh.access_token().clone(), subject.clone()).unwrap();
    let _claims: CoreUserInfoClaims = info.request_async(&send).await.expect("claims again");

    let token = CoreRevocableToken::from(fresh.refresh_token().expect("its successor").clone());
    client.revoke_token(token).unwrap().request_async(&send).await.expect("revocation");
    let last = fresh.refresh_token().unwrap();
    assert!(client.exchange_refresh_token(last).unwrap().request_async(&send).await.is_err());
    let info = client.user_info(fresh.access_token().clone(), subject).unwrap();
    let refused: Result<CoreUserInfoClaims, _> = info.request_async(&send).await;
    assert!(refused.is_err());
}

/// A client's own token, verified from the key set as an API would.
async fn verified_by_jsonwebtoken(issuer: &Issuer, resource: &str, algorithm: Algorithm) {
    let web = Party::new(issuer, "web");
    let answer = web.token(&[("grant_type", "client_credentials"), ("scope", "read"), ("resource", resource)]).await;
    let token = answer.text("access_token");
    let set: JwkSet = serde_json::from_value(web.get("/jwks").await.json).expect("a key set");
    let header = decode_header(token).unwrap();
    assert_eq!((header.typ.as_deref(), header.alg), (Some("at+jwt"), algorithm));
    let key = DecodingKey::from_jwk(set.find(&header.kid.unwrap()).expect("its key")).unwrap();
    let mut rules = Validation::new(algorithm);
    rules.set_audience(&[resource]);
    rules.set_issuer(&[&issuer.identifier]);
    rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // The server lives at a moment of its own, which this library cannot be told.
    rules.validate_exp = false;
    let claims = decode::<Value>(token, &key, &rules).expect("a good token").claims;
    assert_eq!((&claims["sub"], &claims["scope"]), (&"web".into(), &"read".into()));
    assert_eq!(claims["exp"].as_i64(), Some(issuer.clock.seconds() + 600));

    rules.set_audience(&["https://another.example.test"]);
    assert!(decode::<Value>(token, &key, &rules).is_err());
    let forged = format!("{}A{}", &token[..token.len() - 20], &token[token.len() - 19..]);
    rules.set_audience(&[resource]);
    assert!(forged == token || decode::<Value>(&forged, &key, &rules).is_err());
}

async fn on_postgres() -> Issuer {
    Issuer::start_on(&empty_database().await, WORLD, "", None).await
}

#[tokio::test(flavor = "multi_thread")]
async fn openidconnect_signs_a_person_in_on_sqlite() {
    whole_story(&Issuer::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn openidconnect_signs_a_person_in_on_postgresql() {
    whole_story(&on_postgres().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jsonwebtoken_verifies_a_clients_token_on_sqlite() {
    let issuer = Issuer::start().await;
    verified_by_jsonwebtoken(&issuer, "https://api.example.test", Algorithm::ES256).await;
    verified_by_jsonwebtoken(&issuer, "https://rsa.example.test", Algorithm::RS256).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jsonwebtoken_verifies_a_clients_token_on_postgresql() {
    let issuer = on_postgres().await;
    verified_by_jsonwebtoken(&issuer, "https://api.example.test", Algorithm::ES256).await;
    verified_by_jsonwebtoken(&issuer, "https://rsa.example.test", Algorithm::RS256).await;
}
