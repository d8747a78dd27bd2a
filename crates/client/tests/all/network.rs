//! Real calls, over the loopback interface.
#![cfg(feature = "reqwest")]

use axum::Router;
use axum::response::Redirect;
use axum::routing::{get, post};
use chancery_client::{
    Client, ClientAuthentication, ClientError, HttpError, Issuer, MachineAsk, MetadataFault, Registration, ReqwestHttp,
    Surroundings,
};
use serde_json::json;
use tokio::net::TcpListener;

const METADATA: &str = "/.well-known/openid-configuration";

/// Serves what `routes` makes for an issuer, and a client of it.
async fn served(routes: impl FnOnce(&str) -> Router) -> Result<Client, ClientError> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let router = routes(&issuer);
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let registration = Registration::new("machine", ClientAuthentication::secret_basic("secret"));
    let surroundings = Surroundings::with_http(ReqwestHttp::new().unwrap());
    Client::discover(&Issuer::parse(&issuer).unwrap(), registration, surroundings).await
}

#[tokio::test]
async fn a_machine_gets_a_token_over_the_network() {
    let client = served(|issuer| {
        let metadata = json!({"issuer": issuer, "token_endpoint": format!("{issuer}/token")}).to_string();
        let token = json!({"access_token": "a.b", "token_type": "Bearer", "expires_in": 60}).to_string();
        Router::new().route(METADATA, get(|| async { metadata })).route("/token", post(|| async { token }))
    });
    let token = client.await.unwrap().client_credentials(&MachineAsk::default()).await.unwrap();
    assert_eq!(token.access_token, "a.b");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let client = served(|issuer| {
        let metadata = json!({"issuer": issuer}).to_string();
        Router::new()
            .route(METADATA, get(|| async { Redirect::temporary("/elsewhere") }))
            .route("/elsewhere", get(|| async { metadata }))
    });
    assert_eq!(client.await.unwrap_err(), MetadataFault::NotFound(307).into());
}

#[tokio::test]
async fn an_endless_answer_is_cut() {
    let client = served(|_| Router::new().route(METADATA, get(|| async { "x".repeat(2 * 1024 * 1024) })));
    assert_eq!(client.await.unwrap_err(), ClientError::Http(HttpError::TooLarge));
}
