//! Two nodes on one PostgreSQL database: nothing in a node's memory is needed to finish what the other began.

use std::time::{Duration, Instant};

use chancery_engine::directory::rotation::Rotation;
use chancery_jose::SignatureAlgorithm;
use chancery_testkit::browser::Page;
use chancery_testkit::issuer::WORLD;
use chancery_testkit::party::{decide, header_of, parameter, sign_in_with};
use chancery_testkit::postgres::empty_database;
use chancery_testkit::{Browser, Issuer, Party};
use futures_util::future::join_all;

/// How soon the other node must know.
const SOON: Duration = Duration::from_millis(100);
/// How long is waited for what must happen at all, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(10);

async fn two_nodes() -> (Issuer, Issuer) {
    let one = Issuer::start_on(&empty_database().await, WORLD, "", None).await;
    let other = one.second_node().await;
    assert_ne!(one.url, other.url);
    assert_eq!(one.identifier, other.identifier);
    (one, other)
}

/// The same page, as the load balancer sends the browser to another node.
fn moved(page: &Page, from: &Issuer, to: &Issuer) -> Page {
    Page { url: page.url.replace(&from.url, &to.url), ..page.clone() }
}

/// How long it takes until `done` says so.
async fn until(done: impl AsyncFn() -> bool) -> Duration {
    let begun = Instant::now();
    while !done().await {
        assert!(begun.elapsed() < PATIENCE, "the other node never hears of it");
    }
    begun.elapsed()
}

/// The best of some rounds is the feed's own pace; in the others the machine may be busy with something else.
fn assert_soon(rounds: &[Duration]) {
    assert!(rounds.iter().any(|round| *round < SOON), "{rounds:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_that_one_node_began_ends_on_the_other() {
    let (one, other) = two_nodes().await;
    let web = Party::new(&one, "web");
    let there = web.at(&other);
    let browser = Browser::default();
    // Asked at one, signed in at the other, agreed at the first, redeemed at the other.
    let page = web.open(&browser, &[("scope", "openid offline_access")]).await;
    let page = sign_in_with(&browser, &moved(&page, &one, &other), "alice", "alice-password").await;
    let page = browser.follow(page, &other.url).await;
    assert!(page.has("consent-form"));
    let answer = decide(&browser, &moved(&page, &other, &one), "allow").await.answer();
    assert_eq!(parameter(&answer, "iss").as_deref(), Some(&*one.identifier));
    let tokens = there.redeem(&parameter(&answer, "code").unwrap()).await;
    assert_eq!(tokens.status, 200, "{tokens:?}");
    assert_eq!(there.claims(tokens.text("access_token")).await["iss"], *one.identifier);

    assert_eq!(web.userinfo(tokens.text("access_token")).await.status, 200);
    let fresh = web.refresh(tokens.text("refresh_token")).await;
    let fresh = there.refresh(fresh.text("refresh_token")).await;
    assert_eq!(web.introspect(fresh.text("access_token")).await.json["active"], true);
    assert_eq!(there.revoke(fresh.text("refresh_token")).await.status, 200);
    assert_eq!(web.introspect(fresh.text("access_token")).await.json["active"], false);
    assert_eq!(web.refresh(fresh.text("refresh_token")).await.error(), "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_everybodys_and_ends_everywhere() {
    let (one, other) = two_nodes().await;
    let browser = Browser::default();
    let page = browser.get(&one.url_of("/sign-in")).await;
    sign_in_with(&browser, &page, "alice", "alice-password").await;
    let home = browser.get(&other.url_of("/")).await;
    assert!(home.has("sign-out-form"));
    browser.submit(&home, "/sign-out", &[]).await;
    assert_eq!(browser.get(&one.url_of("/")).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_one_node_disables_is_refused_by_the_other_at_once() {
    let (one, other) = two_nodes().await;
    let there = Party::new(&other, "machine");
    let ask = [("grant_type", "client_credentials")];
    let mut rounds = Vec::new();
    for _ in 0..5 {
        // The other node has the client in its memory.
        assert_eq!(there.token(&ask).await.status, 200);
        one.enable_client("machine", false).await;
        rounds.push(until(async || there.token(&ask).await.error() == "invalid_client").await);
        one.enable_client("machine", true).await;
        until(async || there.token(&ask).await.status == 200).await;
    }
    assert_soon(&rounds);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_one_node_rotates_signs_on_the_other() {
    let (one, other) = two_nodes().await;
    let there = Party::new(&other, "machine");
    let signer = async || {
        let answer = there.token(&[("grant_type", "client_credentials")]).await;
        header_of(answer.text("access_token"))["kid"].as_str().unwrap().to_owned()
    };
    let mut rounds = Vec::new();
    for _ in 0..3 {
        let old = signer().await;
        let new = one.rotate_key(SignatureAlgorithm::Es256, Rotation::Immediate).await;
        assert_ne!(old, new);
        rounds.push(until(async || signer().await == new).await);
        let set = there.get("/jwks").await.json;
        let kids: Vec<&str> = set["keys"].as_array().unwrap().iter().filter_map(|key| key["kid"].as_str()).collect();
        assert!(kids.contains(&&*old) && kids.contains(&&*new), "{kids:?}");
    }
    assert_soon(&rounds);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_is_shut_out_on_one_node_is_out_on_the_other() {
    let (one, other) = two_nodes().await;
    let there = Party::new(&other, "web");
    let tokens = there.tokens("alice", "openid offline_access").await;
    one.enable_user("alice", false).await;
    assert_eq!(there.userinfo(tokens.text("access_token")).await.status, 401);
    assert_eq!(there.refresh(tokens.text("refresh_token")).await.error(), "invalid_grant");
}

/// Attack B2
#[tokio::test(flavor = "multi_thread")]
async fn of_redemptions_on_both_nodes_at_once_exactly_one_succeeds() {
    let (one, other) = two_nodes().await;
    let web = Party::new(&one, "web");
    let there = web.at(&other);
    let code = web.code("alice", &[]).await;
    let answers =
        join_all((0..16).map(|turn| if turn % 2 == 0 { web.redeem(&code) } else { there.redeem(&code) })).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
}

/// Attack B4
#[tokio::test(flavor = "multi_thread")]
async fn rotations_on_both_nodes_at_once_are_given_the_same_successor() {
    let (one, other) = two_nodes().await;
    let web = Party::new(&one, "web");
    let there = web.at(&other);
    let tokens = web.tokens("alice", "openid offline_access").await;
    let token = tokens.text("refresh_token");
    let answers =
        join_all((0..16).map(|turn| if turn % 2 == 0 { web.refresh(token) } else { there.refresh(token) })).await;
    let successor = answers[0].text("refresh_token");
    assert!(answers.iter().all(|answer| answer.status == 200 && answer.text("refresh_token") == successor));
}

/// Attack D4
#[tokio::test(flavor = "multi_thread")]
async fn failed_sign_ins_are_counted_once_for_all_nodes() {
    let (one, other) = two_nodes().await;
    let mut statuses = Vec::new();
    for turn in 0..8 {
        let node = if turn % 2 == 0 { &one } else { &other };
        let browser = Browser::default();
        let page = browser.get(&node.url_of("/sign-in")).await;
        statuses.push(sign_in_with(&browser, &page, "alice", "wrong").await.status.as_u16());
    }
    assert_eq!(statuses, [400, 400, 400, 400, 400, 400, 429, 429]);
}
