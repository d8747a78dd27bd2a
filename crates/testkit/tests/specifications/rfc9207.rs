//! RFC 9207: Authorization Server Issuer Identification.

use chancery_testkit::party::parameter;
use chancery_testkit::{Browser, Issuer, Party};

/// §2
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_says_who_gives_it() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let answer = web.authorize(&Browser::default(), "alice", &[]).await;
    assert_eq!(parameter(&answer, "iss").as_deref(), Some(&*issuer.identifier));
    let fragment = web.authorize(&Browser::default(), "alice", &[("response_mode", "fragment")]).await;
    assert_eq!(parameter(&fragment, "iss").as_deref(), Some(&*issuer.identifier));
}

/// §2
#[tokio::test(flavor = "multi_thread")]
async fn an_error_says_who_gives_it() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    for extra in [("prompt", "none"), ("scope", "admin"), ("response_type", "token"), ("request", "x")] {
        let answer = web.answer(&Browser::default(), &[extra]).await;
        assert!(parameter(&answer, "error").is_some(), "{extra:?}");
        assert_eq!(parameter(&answer, "iss").as_deref(), Some(&*issuer.identifier), "{extra:?}");
    }
}

/// §2.3, §2.4: two issuers of one server are two.
#[tokio::test(flavor = "multi_thread")]
async fn each_realm_gives_its_own_name() {
    let issuer = Issuer::start().await;
    let other = Party::of_other_realm(&issuer, "web");
    let answer = other.answer(&Browser::default(), &[("prompt", "none"), ("scope", "openid")]).await;
    let name = format!("{}/realms/other", issuer.identifier);
    assert_eq!(parameter(&answer, "iss").as_deref(), Some(&*name));
    assert_eq!(other.get("/.well-known/openid-configuration").await.text("issuer"), name);
}

/// §3
#[tokio::test(flavor = "multi_thread")]
async fn the_metadata_says_that_answers_say_so() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let metadata = web.get("/.well-known/oauth-authorization-server").await.json;
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
    assert_eq!(metadata["issuer"], *issuer.identifier);
}
