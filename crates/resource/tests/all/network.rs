//! Keys over the loopback interface, and a real API behind the guard.

use axum::routing::get;
use axum::{Extension, Router};
use chancery_resource::{Caller, Denial, Guard, Issuer, Verifier};
use http::{Request, StatusCode};
use serde_json::json;
use tokio::net::TcpListener;
use tower::ServiceExt;

use crate::world::{AUDIENCE, World};

/// Serves the metadata that `metadata` makes for an issuer, and the world's keys.
async fn served(world: &World, path: &'static str, named: Option<&'static str>) -> Issuer {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let issuer = format!("{origin}/realms/north");
    let named = named.map_or(issuer.clone(), str::to_owned);
    let metadata = json!({"issuer": named, "jwks_uri": format!("{origin}/jwks")}).to_string();
    let keys = world.published.lock().unwrap().clone().unwrap();
    let router = Router::new().route(path, get(|| async { metadata })).route("/jwks", get(|| async { keys }));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    Issuer::parse(&issuer).unwrap()
}

#[tokio::test]
async fn the_keys_are_found_by_the_issuer_wherever_its_metadata_lie() {
    for path in
        ["/.well-known/oauth-authorization-server/realms/north", "/realms/north/.well-known/openid-configuration"]
    {
        let world = World::new();
        let issuer = served(&world, path, None).await;
        let token = world.token(&json!({"iss": issuer.as_str()}));
        let verifier = Verifier::remote(issuer, AUDIENCE).unwrap().clock(world.clone());
        let hello = |Extension(caller): Extension<Caller>| async move { caller.subject().to_owned() };
        let api: Router = Router::new().route("/", get(hello)).layer(Guard::new(verifier));

        let asks = |field: Option<String>| {
            let mut request = Request::builder().uri("/");
            if let Some(field) = field {
                request = request.header("authorization", field);
            }
            api.clone().oneshot(request.body(axum::body::Body::empty()).unwrap())
        };
        assert_eq!(asks(Some(format!("Bearer {token}"))).await.unwrap().status(), StatusCode::OK);
        assert_eq!(asks(None).await.unwrap().status(), StatusCode::UNAUTHORIZED);
    }
}

/// RFC 8414 §3.3
#[tokio::test]
async fn the_keys_of_another_issuer_are_not_used() {
    let world = World::new();
    let path = "/.well-known/oauth-authorization-server/realms/north";
    let issuer = served(&world, path, Some("https://evil.example")).await;
    let token = world.token(&json!({"iss": issuer.as_str()}));
    let verifier = Verifier::remote(issuer, AUDIENCE).unwrap().clock(world.clone());
    assert_eq!(verifier.verify(&token).await, Err(Denial::KeysUnavailable));
}
