//! RFC 7636: Proof Key for Code Exchange.

use chancery_testkit::party::{VERIFIER, challenge};
use chancery_testkit::{Issuer, Party};

const NO_CHALLENGE: [(&str, &str); 2] = [("code_challenge", ""), ("code_challenge_method", "")];

/// A realm in which confidential clients may leave PKCE out.
async fn lenient() -> Issuer {
    let world = chancery_testkit::issuer::WORLD.replacen(
        "[realms.settings.passwords]",
        "[realms.settings]\npkce = \"public_clients\"\n\n[realms.settings.passwords]",
        1,
    );
    Issuer::start_in(&world, "").await
}

async fn redeem(party: &Party<'_>, code: &str, verifier: Option<&str>) -> (u16, String) {
    let mut fields = vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", party.redirect_uri)];
    fields.extend(verifier.map(|verifier| ("code_verifier", verifier)));
    let answer = party.token(&fields).await;
    (answer.status.as_u16(), answer.error().to_owned())
}

fn refused(code: &str) -> (u16, String) {
    (400, code.to_owned())
}

/// §4.4.1, OAuth 2.1 §4.1.1
#[tokio::test(flavor = "multi_thread")]
async fn every_client_must_bring_a_challenge() {
    let issuer = Issuer::start().await;
    for id in ["web", "spa", "trusted"] {
        assert_eq!(Party::new(&issuer, id).refused(&NO_CHALLENGE).await, "invalid_request", "{id}");
    }
}

/// §4.4.1
#[tokio::test(flavor = "multi_thread")]
async fn a_public_client_must_bring_a_challenge_in_any_realm() {
    let issuer = lenient().await;
    assert_eq!(Party::new(&issuer, "spa").refused(&NO_CHALLENGE).await, "invalid_request");
    let web = Party::new(&issuer, "web");
    let code = web.code("alice", &NO_CHALLENGE).await;
    assert_eq!(redeem(&web, &code, None).await.0, 200);
}

/// §4.2, RFC 9700 §2.1.1
#[tokio::test(flavor = "multi_thread")]
async fn the_plain_method_is_refused_by_name_and_by_default() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    for method in ["plain", ""] {
        let extra = [("code_challenge", VERIFIER), ("code_challenge_method", method)];
        assert_eq!(web.refused(&extra).await, "invalid_request", "{method:?}");
    }
    assert_eq!(web.refused(&[("code_challenge_method", "s256")]).await, "invalid_request");
    assert_eq!(web.refused(&[("code_challenge", ""), ("code_challenge_method", "S256")]).await, "invalid_request");
}

/// §4.2
#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_is_a_whole_digest() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let good = challenge();
    for bad in [&good[1..], &format!("{good}="), &format!("{good}A"), "+++++++++++++++++++++++++++++++++++++++++++"] {
        assert_eq!(web.refused(&[("code_challenge", bad)]).await, "invalid_request", "{bad}");
    }
}

/// §4.6
#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_with_its_own_verifier_alone() {
    let issuer = Issuer::start().await;
    let spa = Party::new(&issuer, "spa");
    let code = spa.code("alice", &[]).await;
    let other = VERIFIER.replace("test", "best");
    assert_eq!(redeem(&spa, &code, Some(&other)).await, refused("invalid_grant"));
    assert_eq!(redeem(&spa, &code, Some(&challenge())).await, refused("invalid_grant"));
    assert_eq!(redeem(&spa, &code, None).await, refused("invalid_grant"));
    assert_eq!(redeem(&spa, &code, Some("")).await, refused("invalid_grant"));
    assert_eq!(redeem(&spa, &code, Some(VERIFIER)).await.0, 200);
}

/// §4.1
#[tokio::test(flavor = "multi_thread")]
async fn a_verifier_is_43_to_128_unreserved_characters() {
    let issuer = Issuer::start().await;
    let spa = Party::new(&issuer, "spa");
    let code = spa.code("alice", &[]).await;
    for bad in ["short", &"a".repeat(42), &"a".repeat(129), &"a b".repeat(20)] {
        assert_eq!(redeem(&spa, &code, Some(bad)).await, refused("invalid_request"), "{bad}");
    }
}

/// RFC 9700 §2.1.1, §4.8.2: the downgrade in which an attacker strips the challenge off.
#[tokio::test(flavor = "multi_thread")]
async fn a_verifier_for_a_code_without_challenge_is_refused() {
    let issuer = lenient().await;
    let web = Party::new(&issuer, "web");
    let code = web.code("alice", &NO_CHALLENGE).await;
    assert_eq!(redeem(&web, &code, Some(VERIFIER)).await, refused("invalid_grant"));
}
