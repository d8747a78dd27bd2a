//! RFC 7517 §5, OpenID Connect Core §10.1.1: the key set, and the way of a key through it.

use chancery_engine::directory::rotation::{PUBLISHED_AHEAD, Rotation};
use chancery_jose::{SignatureAlgorithm, SigningKey};
use chancery_store::key::KeyState;
use chancery_testkit::party::header_of;
use chancery_testkit::{Issuer, Party};

/// The `kid`s of the set, in its order.
async fn kids(party: &Party<'_>) -> Vec<String> {
    let set = party.get("/jwks").await.json;
    set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

async fn token(party: &Party<'_>) -> String {
    party.token(&[("grant_type", "client_credentials")]).await.text("access_token").to_owned()
}

/// The `kid` that signs now.
async fn signer(party: &Party<'_>) -> String {
    header_of(&token(party).await)["kid"].as_str().unwrap().to_owned()
}

async fn advance(issuer: &Issuer) {
    issuer.as_steward(async |steward| steward.advance_keys(&issuer.realm()).await.unwrap()).await;
}

/// RFC 7517 §4, §5
#[tokio::test(flavor = "multi_thread")]
async fn the_set_shows_the_public_half_of_keys_for_signatures_and_nothing_else() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let set = web.get("/jwks").await.json;
    let keys = set["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    for key in keys {
        let key = key.as_object().unwrap();
        for member in key.keys() {
            let public = ["kty", "kid", "use", "alg", "crv", "x", "y", "n", "e"];
            assert!(public.contains(&&**member), "{member}");
        }
        assert_eq!(key["use"], "sig");
        assert!(key["kid"].is_string() && key["alg"].is_string());
    }
}

/// OpenID Connect Core §10.1.1
#[tokio::test(flavor = "multi_thread")]
async fn a_key_rotated_at_once_signs_and_the_old_one_still_verifies() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let before = web.tokens("alice", "openid offline_access").await;
    let old = signer(&web).await;
    let new = issuer.rotate_key(SignatureAlgorithm::Es256, Rotation::Immediate).await;
    assert_ne!(old, new);
    assert_eq!(signer(&web).await, new);
    let kids = kids(&web).await;
    assert!(kids.contains(&old) && kids.contains(&new), "{kids:?}");
    // What the old one signed counts until it ends by itself.
    assert_eq!(web.userinfo(before.text("access_token")).await.status, 200);
    assert_eq!(web.introspect(before.text("access_token")).await.json["active"], true);
    assert_eq!(web.claims(before.text("id_token")).await["aud"], "web");
    let refreshed = web.refresh(before.text("refresh_token")).await;
    assert_eq!(header_of(refreshed.text("id_token"))["kid"], *new);
}

/// Some verifiers try the first key alone.
#[tokio::test(flavor = "multi_thread")]
async fn keys_in_use_stand_first_then_those_to_come_then_those_that_were() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let retired = signer(&web).await;
    let active = issuer.rotate_key(SignatureAlgorithm::Es256, Rotation::Immediate).await;
    let published = issuer.rotate_key(SignatureAlgorithm::Es256, Rotation::Scheduled).await;
    let kids = kids(&web).await;
    let at = |kid: &String| kids.iter().position(|other| other == kid).unwrap();
    assert_eq!(kids.len(), 4);
    assert!(at(&active) < 2, "{kids:?}");
    assert_eq!((at(&published), at(&retired)), (2, 3), "{kids:?}");
}

/// OpenID Connect Core §10.1.1: verifiers see a key before they need it.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_rotated_by_schedule_is_shown_for_a_day_before_it_signs() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let old = signer(&web).await;
    let new = issuer.rotate_key(SignatureAlgorithm::Es256, Rotation::Scheduled).await;
    assert!(kids(&web).await.contains(&new));
    issuer.clock.advance(PUBLISHED_AHEAD - 1);
    advance(&issuer).await;
    assert_eq!(signer(&web).await, old);
    issuer.clock.advance(1);
    advance(&issuer).await;
    assert_eq!(signer(&web).await, new);
}

/// Attack F9
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_is_gone_when_its_last_token_is_over() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let hint = web.tokens("alice", "openid").await.text("id_token").to_owned();
    let old = signer(&web).await;
    issuer.rotate_key(SignatureAlgorithm::Es256, Rotation::Immediate).await;
    issuer.clock.advance(3600);
    advance(&issuer).await;
    assert!(kids(&web).await.contains(&old));
    issuer.clock.advance(3600);
    advance(&issuer).await;
    assert!(!kids(&web).await.contains(&old));
    // It vouches for nothing any more.
    assert_eq!(web.refused(&[("id_token_hint", &hint)]).await, "invalid_request");
}

/// A key that is staged exists and is shown to nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_staged_key_is_not_shown() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let key = SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
    let staged = issuer
        .as_steward(async |steward| steward.import_key(&issuer.realm(), &key, KeyState::Staged).await.unwrap())
        .await;
    assert!(!kids(&web).await.contains(&staged.kid));
    let forged = chancery_jose::sign(&key, Some("at+jwt"), &web.claims(&token(&web).await).await).unwrap();
    assert_eq!(web.introspect(&forged).await.json["active"], false);
}

/// One algorithm's key is not another's.
#[tokio::test(flavor = "multi_thread")]
async fn each_algorithm_rotates_by_itself() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let rsa = async || {
        let ask = [("grant_type", "client_credentials"), ("resource", "https://rsa.example.test")];
        header_of(web.token(&ask).await.text("access_token"))["kid"].as_str().unwrap().to_owned()
    };
    let (ec_before, rsa_before) = (signer(&web).await, rsa().await);
    issuer.rotate_key(SignatureAlgorithm::Es256, Rotation::Immediate).await;
    assert_ne!(signer(&web).await, ec_before);
    assert_eq!(rsa().await, rsa_before);
}

/// What one realm's key signs is nothing in another.
#[tokio::test(flavor = "multi_thread")]
async fn each_realm_has_keys_of_its_own() {
    let issuer = Issuer::start().await;
    let (web, other) = (Party::new(&issuer, "web"), Party::of_other_realm(&issuer, "machine"));
    let own = signer(&web).await;
    let foreign = header_of(&token(&other).await)["kid"].as_str().unwrap().to_owned();
    assert!(!kids(&web).await.contains(&foreign));
    assert!(!kids(&other).await.contains(&own));
}

/// Keys are sealed in the store and opened again.
#[tokio::test(flavor = "multi_thread")]
async fn keys_outlive_the_server() {
    let issuer = Issuer::start().await;
    issuer.rotate_key(SignatureAlgorithm::Es256, Rotation::Immediate).await;
    let before = kids(&Party::new(&issuer, "web")).await;
    let old = token(&Party::new(&issuer, "web")).await;
    let issuer = issuer.restart().await;
    let web = Party::new(&issuer, "web");
    assert_eq!(kids(&web).await, before);
    // The server has another port now and, in this test, the name of the one before.
    assert_eq!(web.introspect(&old).await.json["active"], true);
}
