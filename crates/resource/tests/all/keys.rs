//! How seldom the server is asked for its keys, and what happens while it is away.

use std::sync::Arc;

use chancery_resource::Denial;
use serde_json::json;
use tokio::task::JoinSet;

use crate::world::World;

#[tokio::test]
async fn one_fetch_serves_everybody_who_waits() {
    let world = World::new();
    let verifier = Arc::new(world.verifier());
    let mut waiting = JoinSet::new();
    for number in 0..50 {
        let (verifier, token) = (verifier.clone(), world.token(&json!({"jti": number.to_string()})));
        waiting.spawn(async move { verifier.verify(&token).await.is_ok() });
    }
    assert!(waiting.join_all().await.into_iter().all(|verified| verified));
    assert_eq!(world.fetches(), 1);
}

#[tokio::test]
async fn a_new_key_is_fetched_when_a_token_names_it() {
    let world = World::new();
    let verifier = world.verifier();
    verifier.verify(&world.token(&json!({}))).await.unwrap();
    world.rotate(true);
    world.advance(10);
    verifier.verify(&world.token(&json!({}))).await.unwrap();
    assert_eq!(world.fetches(), 2);
}

#[tokio::test]
async fn unknown_keys_named_again_and_again_make_one_fetch_in_ten_seconds() {
    let world = World::new();
    let verifier = world.verifier();
    verifier.verify(&world.token(&json!({}))).await.unwrap();
    world.advance(10);
    for _ in 0..20 {
        world.rotate(false);
        assert!(matches!(verifier.verify(&world.token(&json!({}))).await, Err(Denial::Refused(_))));
    }
    assert_eq!(world.fetches(), 2);
}

#[tokio::test]
async fn while_the_server_is_away_old_keys_serve_for_an_hour() {
    let world = World::new();
    let verifier = world.verifier();
    let token = world.token(&json!({"exp": 4_000_000_000_u64}));
    verifier.verify(&token).await.unwrap();
    *world.published.lock().unwrap() = None;
    world.advance(3599);
    verifier.verify(&token).await.unwrap();
    world.advance(1);
    assert_eq!(verifier.verify(&token).await, Err(Denial::KeysUnavailable));
}

#[tokio::test]
async fn a_server_that_is_away_is_asked_more_and_more_seldom() {
    let world = World::new();
    let verifier = world.verifier();
    let token = world.token(&json!({"exp": 4_000_000_000_u64}));
    let published = world.published.lock().unwrap().take();
    for _ in 0..600 {
        assert_eq!(verifier.verify(&token).await, Err(Denial::KeysUnavailable));
        world.advance(1);
    }
    // After 0, 2, 6, 14, 30 and 62 seconds, then once a minute.
    assert_eq!(world.fetches(), 14);
    *world.published.lock().unwrap() = published;
    world.advance(60);
    verifier.verify(&token).await.unwrap();
}

#[tokio::test]
async fn something_else_in_place_of_keys_is_as_good_as_none() {
    let world = World::new();
    *world.published.lock().unwrap() = Some(b"<html>".to_vec());
    let token = world.token(&json!({}));
    assert_eq!(world.verifier().verify(&token).await, Err(Denial::KeysUnavailable));
}
