//! RFC 6750 §3: what a request is answered.

use std::convert::Infallible;
use std::sync::Arc;

use chancery_resource::{Caller, Denial, Guard};
use http::{Request, Response, StatusCode};
use serde_json::json;
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::world::World;

/// Answers with the caller's name.
async fn greet(request: Request<String>) -> Result<Response<String>, Infallible> {
    let caller: &Caller = request.extensions().get().unwrap();
    Ok(Response::new(format!("{} {}", caller.subject(), request.body())))
}

async fn asked(guard: &Guard, authorization: &[&str]) -> (StatusCode, Option<String>, String) {
    let mut request = Request::new("body".to_owned());
    for field in authorization {
        request.headers_mut().append("authorization", field.parse().unwrap());
    }
    let response = guard.layer(service_fn(greet)).oneshot(request).await.unwrap();
    let challenge = response.headers().get("www-authenticate").map(|field| field.to_str().unwrap().to_owned());
    (response.status(), challenge, response.into_body())
}

#[tokio::test]
async fn a_good_token_goes_on_with_its_caller() {
    let world = World::new();
    let guard = Guard::new(world.verifier()).requiring("read".parse().unwrap());
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let (status, challenge, body) = asked(&guard, &[&format!("{scheme} {}", world.token(&json!({})))]).await;
        assert_eq!((status, challenge, body.as_str()), (StatusCode::OK, None, "alice body"));
    }
}

/// RFC 6750 §3.1: without a token no error is told.
#[tokio::test]
async fn a_request_without_a_bearer_token_is_challenged_and_told_no_error() {
    let world = World::new();
    let bare = Guard::new(world.verifier());
    for fields in [&[][..], &["Basic dTpw"], &["DPoP abc"], &["Bearerabc"], &[""]] {
        let (status, challenge, body) = asked(&bare, fields).await;
        assert_eq!((status, challenge.as_deref(), body.as_str()), (StatusCode::UNAUTHORIZED, Some("Bearer"), ""));
    }
    let telling =
        bare.requiring("read".parse().unwrap()).realm("the \"API\"").described_at("https://api.example/.well-known/x");
    let (_, challenge, _) = asked(&telling, &[]).await;
    let expected = r#"Bearer realm="the \"API\"", scope="read", resource_metadata="https://api.example/.well-known/x""#;
    assert_eq!(challenge.as_deref(), Some(expected));
}

/// RFC 6750 §3.1
#[tokio::test]
async fn a_malformed_header_is_a_bad_request() {
    let world = World::new();
    let guard = Guard::new(world.verifier());
    let good = format!("Bearer {}", world.token(&json!({})));
    for fields in [&["Bearer"][..], &["Bearer "], &["Bearer a b"], &["Bearer  a"], &["Bearer \"a\""], &[&good, &good]] {
        let (status, challenge, _) = asked(&guard, fields).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{fields:?}");
        let expected = r#"Bearer error="invalid_request", error_description="The Authorization header is malformed""#;
        assert_eq!(challenge.as_deref(), Some(expected));
    }
}

/// RFC 6750 §3.1
#[tokio::test]
async fn a_token_that_is_not_good_is_challenged_by_its_error() {
    let world = World::new();
    let guard = Guard::new(world.verifier());
    for (patches, description) in [
        (json!({"exp": 1}), "The access token has expired"),
        (json!({"aud": "x"}), "The access token is not valid here"),
        (json!({"cnf": {"jkt": "x"}}), "The access token is bound to a key"),
    ] {
        let (status, challenge, _) = asked(&guard, &[&format!("Bearer {}", world.token(&patches))]).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        let expected = format!(r#"Bearer error="invalid_token", error_description="{description}""#);
        assert_eq!(challenge, Some(expected));
    }
}

/// RFC 6750 §3.1
#[tokio::test]
async fn a_token_with_too_little_scope_is_told_what_is_needed() {
    let world = World::new();
    let guard = Guard::new(world.verifier()).requiring("admin read".parse().unwrap());
    for patches in [json!({}), json!({"scope": "admin"}), json!({"scope": null})] {
        let (status, challenge, _) = asked(&guard, &[&format!("Bearer {}", world.token(&patches))]).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        let expected = r#"Bearer error="insufficient_scope", error_description="The access token was granted too little", scope="admin read""#;
        assert_eq!(challenge.as_deref(), Some(expected));
    }
    // A route of its own may ask for more.
    let denial = Denial::ScopeTooSmall("admin".parse().unwrap());
    assert_eq!(denial.to_response::<String>().status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_token_that_cannot_be_checked_now_is_no_fault_of_the_caller() {
    let world = World::new();
    *world.published.lock().unwrap() = None;
    let guard = Guard::new(world.verifier());
    let (status, challenge, _) = asked(&guard, &[&format!("Bearer {}", world.token(&json!({})))]).await;
    assert_eq!((status, challenge), (StatusCode::SERVICE_UNAVAILABLE, None));
}

#[tokio::test]
async fn guards_share_what_their_verifier_remembers() {
    let world = World::new();
    let verifier = Arc::new(world.verifier());
    let field = format!("Bearer {}", world.token(&json!({})));
    for scope in ["read", "write"] {
        let guard = Guard::new(verifier.clone()).requiring(scope.parse().unwrap());
        let mut service = guard.layer(service_fn(greet));
        for _ in 0..3 {
            let request = Request::builder().header("authorization", &field).body(String::new()).unwrap();
            let response = service.ready().await.unwrap().call(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK);
        }
    }
    assert_eq!(world.fetches(), 1);
}
