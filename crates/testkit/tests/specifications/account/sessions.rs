//! Sessions: what a browser holds, when it ends and what ends with it.

use chancery_testkit::party::{decide, parameter, sign_in};
use chancery_testkit::{Browser, Issuer, Party};
use reqwest::header::SET_COOKIE;

use super::{attempt, is_signed_in};

const SESSION: &str = "chancery-session.default";
const BROWSER: &str = "chancery-browser";

async fn sign_out(issuer: &Issuer, browser: &Browser) {
    let home = browser.get(&issuer.url_of("/")).await;
    let page = browser.submit(&home, "/sign-out", &[]).await;
    assert_eq!(page.status, 200, "{}", page.text);
}

/// Attack A12
#[tokio::test(flavor = "multi_thread")]
async fn a_session_fixed_before_the_sign_in_is_worth_nothing_after_it() {
    let issuer = Issuer::start().await;
    let (victim, attacker) = (Browser::default(), Browser::default());
    attempt(&issuer, &attacker, "bob", "bob-password-2").await;
    let planted = [attacker.cookies()[SESSION].clone(), "A".repeat(43)];
    for planted in planted {
        victim.set_cookie(SESSION, &planted);
        let page = Party::new(&issuer, "web").open(&victim, &[("prompt", "login")]).await;
        sign_in(&victim, &page, "alice").await;
        let own = victim.cookies()[SESSION].clone();
        assert_ne!(own, planted);
        attacker.set_cookie(SESSION, &planted);
        assert!(!attacker.get(&issuer.url_of("/")).await.text.contains("Alice"));
        issuer.clock.advance(1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sign_in_makes_a_new_session_and_ends_the_former() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let browser = Browser::default();
    attempt(&issuer, &browser, "alice", "alice-password").await;
    let former = browser.cookies()[SESSION].clone();
    issuer.clock.advance(5);
    let page = web.open(&browser, &[("prompt", "login")]).await;
    sign_in(&browser, &page, "alice").await;
    assert_ne!(browser.cookies()[SESSION], former);
    let thief = Browser::default();
    thief.set_cookie(SESSION, &former);
    assert!(!is_signed_in(&issuer, &thief).await);
}

/// Attack D12
#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_is_kept_from_scripts_and_other_sites_and_a_malformed_one_signs_nobody_in() {
    let issuer = Issuer::start().await;
    let browser = Browser::default();
    let page = browser.get(&issuer.url_of("/sign-in")).await;
    let page = [page, attempt(&issuer, &browser, "alice", "alice-password").await];
    let mut seen = 0;
    for cookie in page.iter().flat_map(|page| page.headers.get_all(SET_COOKIE)) {
        let cookie = cookie.to_str().unwrap();
        for attribute in ["; Path=/", "; HttpOnly", "; SameSite=Lax"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        assert!(!cookie.contains("Domain") && !cookie.contains("Expires"), "{cookie}");
        seen += 1;
    }
    assert_eq!(seen, 2);
    let good = browser.cookies()[SESSION].clone();
    for bad in [
        "",
        "x",
        &good[1..],
        &format!("{good}A"),
        &good.to_lowercase(),
        &good.replace(|c: char| c.is_ascii_lowercase(), "a"),
    ] {
        let other = Browser::default();
        other.set_cookie(SESSION, bad);
        assert!(!is_signed_in(&issuer, &other).await, "{bad}");
    }
    // Two cookies of one name: one of them is not ours.
    let other = Browser::default();
    other.set_cookie(SESSION, &format!("{good}; {SESSION}={good}"));
    assert!(!is_signed_in(&issuer, &other).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_ends_what_lasted_with_the_session_and_leaves_what_was_to_outlast_it() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let browser = Browser::default();
    let redeem = async |scope: &str| {
        let answer = web.authorize(&browser, "alice", &[("scope", scope)]).await;
        web.redeem(&parameter(&answer, "code").unwrap()).await
    };
    let (online, offline) = (redeem("openid").await, redeem("openid offline_access").await);
    let elsewhere = Browser::default();
    attempt(&issuer, &elsewhere, "alice", "alice-password").await;
    sign_out(&issuer, &browser).await;
    assert!(!browser.cookies().contains_key(SESSION));
    assert!(!is_signed_in(&issuer, &browser).await);
    assert_eq!(web.refresh(online.text("refresh_token")).await.error(), "invalid_grant");
    assert_eq!(web.userinfo(online.text("access_token")).await.status, 401);
    assert_eq!(web.refresh(offline.text("refresh_token")).await.status, 200);
    assert!(is_signed_in(&issuer, &elsewhere).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_is_asked_about_and_may_be_thought_better_of() {
    let issuer = Issuer::start().await;
    let browser = Browser::default();
    attempt(&issuer, &browser, "alice", "alice-password").await;
    let page = browser.get(&issuer.url_of("/sign-out")).await;
    assert!(page.has("sign-out-form"));
    assert!(is_signed_in(&issuer, &browser).await);
    let stayed = browser.submit(&page, "/sign-out", &[("decision", "stay")]).await;
    assert_eq!(stayed.location().as_deref(), Some(&*issuer.url_of("/")));
    assert!(is_signed_in(&issuer, &browser).await);
    browser.submit(&page, "/sign-out", &[("decision", "sign-out")]).await;
    assert!(!is_signed_in(&issuer, &browser).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_ends_their_own_sessions_and_nobody_elses() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let (here, there, bob) = (Browser::default(), Browser::default(), Browser::default());
    let mut names = Vec::new();
    for (browser, username) in [(&here, "alice"), (&there, "alice"), (&bob, "bob")] {
        let answer = web.authorize(browser, username, &[]).await;
        let tokens = web.redeem(&parameter(&answer, "code").unwrap()).await;
        names.push(web.claims(tokens.text("id_token")).await["sid"].as_str().unwrap().to_owned());
    }
    let home = here.get(&issuer.url_of("/")).await;
    let csrf = home.input("csrf").unwrap();
    for name in &names[1..] {
        here.post(&issuer.url_of("/sessions/end"), &[("csrf", &csrf), ("session", name)]).await;
    }
    assert!(is_signed_in(&issuer, &here).await);
    assert!(!is_signed_in(&issuer, &there).await);
    assert!(is_signed_in(&issuer, &bob).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_lies_unused_ends_and_one_that_is_used_goes_on() {
    let issuer = Issuer::start().await;
    let (used, unused) = (Browser::default(), Browser::default());
    for browser in [&used, &unused] {
        attempt(&issuer, browser, "alice", "alice-password").await;
    }
    for _ in 0..3 {
        issuer.clock.advance(5 * 3600);
        assert!(is_signed_in(&issuer, &used).await);
    }
    assert!(!is_signed_in(&issuer, &unused).await);
    // However active, a person signs in once a month.
    for _ in 0..80 {
        issuer.clock.advance(9 * 3600);
        is_signed_in(&issuer, &used).await;
    }
    assert!(!is_signed_in(&issuer, &used).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_disabled_is_signed_out_everywhere() {
    let issuer = Issuer::start().await;
    let browser = Browser::default();
    attempt(&issuer, &browser, "alice", "alice-password").await;
    issuer.enable_user("alice", false).await;
    assert!(!is_signed_in(&issuer, &browser).await);
    issuer.enable_user("alice", true).await;
    assert!(!is_signed_in(&issuer, &browser).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_do_not_disturb_each_other() {
    let issuer = Issuer::start().await;
    let (web, spa) = (Party::new(&issuer, "web"), Party::new(&issuer, "spa"));
    let browser = Browser::default();
    let one = web.open(&browser, &[("state", "one")]).await;
    let other = spa.open(&browser, &[("state", "other")]).await;
    let third = web.open(&browser, &[("state", "third"), ("scope", "openid read")]).await;
    assert_ne!(one.url, other.url);
    // Signed in at the first, the others only have to be looked at again.
    let one = browser.follow(sign_in(&browser, &one, "alice").await, &issuer.url).await;
    let other = browser.get(&other.url).await;
    assert!(one.has("consent-form") && other.has("consent-form"));
    let denied = decide(&browser, &other, "deny").await.answer();
    let answer = decide(&browser, &one, "allow").await.answer();
    assert_eq!(parameter(&denied, "state").as_deref(), Some("other"));
    assert_eq!(parameter(&answer, "state").as_deref(), Some("one"));
    let tokens = web.redeem(&parameter(&answer, "code").unwrap()).await;
    assert_eq!(tokens.text("scope"), "openid");
    let answer = web.go_on(&browser, "alice", browser.get(&third.url).await).await;
    assert_eq!(parameter(&answer, "state").as_deref(), Some("third"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_answered_once() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let browser = Browser::default();
    let page = browser.follow(sign_in(&browser, &web.open(&browser, &[]).await, "alice").await, &issuer.url).await;
    let answers = futures_util::future::join_all((0..8).map(|_| decide(&browser, &page, "allow"))).await;
    assert_eq!(answers.iter().filter(|answer| answer.location().is_some_and(|to| to.contains("code="))).count(), 1);
    // The back button leads to a page that says so.
    let back = browser.get(&page.url).await;
    assert_eq!(back.location(), None);
    assert!(back.text.contains("data-problem=\"request-expired\""), "{}", back.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_waits_for_half_an_hour() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let browser = Browser::default();
    let page = web.open(&browser, &[]).await;
    issuer.clock.advance(1799);
    assert!(browser.get(&page.url).await.has("sign-in-form"));
    issuer.clock.advance(1);
    let late = browser.get(&page.url).await;
    assert!(late.text.contains("data-problem=\"request-expired\""));
    assert!(browser.cookies().contains_key(BROWSER));
}
