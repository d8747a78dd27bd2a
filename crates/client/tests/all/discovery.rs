//! OpenID Connect Discovery §4, RFC 8414 §3.

use chancery_client::{ClientError, Endpoint, Issuer, MetadataFault, discover};
use serde_json::json;

use crate::world::{ISSUER, World};

const BEHIND: &str = "/realms/north/.well-known/openid-configuration";
const IN_FRONT: &str = "/.well-known/oauth-authorization-server/realms/north";

async fn found(world: &std::sync::Arc<World>) -> Result<(), ClientError> {
    discover(&*world.surroundings().http, &Issuer::parse(ISSUER).unwrap()).await.map(|_| ())
}

/// RFC 8414 §3.1
#[tokio::test]
async fn the_metadata_are_found_behind_the_path_or_in_front_of_it() {
    let world = World::new();
    found(&world).await.unwrap();
    assert_eq!(world.count(IN_FRONT), 0);

    world.answer_instead(BEHIND, 404, "");
    world.answer_instead(IN_FRONT, 200, World::metadata());
    found(&world).await.unwrap();
    assert_eq!(world.count("/.well-known/openid-configuration/realms/north"), 1);

    world.answer_again(IN_FRONT);
    assert_eq!(found(&world).await, Err(MetadataFault::NotFound(404).into()));
}

/// RFC 8414 §3.3
#[tokio::test]
async fn the_metadata_of_another_issuer_are_not_used_wherever_they_lie() {
    let world = World::new();
    let mut other = World::metadata();
    other["issuer"] = "https://as.example".into();
    world.answer_instead(BEHIND, 200, &other);
    assert_eq!(found(&world).await, Err(MetadataFault::Issuer.into()));

    world.answer_instead(IN_FRONT, 200, World::metadata());
    found(&world).await.unwrap();
}

#[tokio::test]
async fn an_endpoint_without_https_spoils_the_metadata() {
    let world = World::new();
    let mut metadata = World::metadata();
    metadata["token_endpoint"] = "http://as.example/token".into();
    world.answer_instead(BEHIND, 200, &metadata);
    assert_eq!(found(&world).await, Err(MetadataFault::Endpoint(Endpoint::Token).into()));
}

#[tokio::test]
async fn a_page_in_place_of_metadata_is_no_metadata() {
    let world = World::new();
    for body in ["<html>", "[]", "{}", "null", &json!({"issuer": 1}).to_string()] {
        world.answer_instead(BEHIND, 200, body);
        assert_eq!(found(&world).await, Err(MetadataFault::NotWellFormed.into()), "{body}");
    }
}
