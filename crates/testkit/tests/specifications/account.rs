//! The person's side, for which no specification stands. Here: signing in and out, home, a new password.

mod attempts;
mod forgery;
mod sessions;

use chancery_store::id::Username;
use chancery_testkit::browser::Page;
use chancery_testkit::party::sign_in_with;
use chancery_testkit::{Browser, Issuer, Party};

/// What a sign-in that failed is told, whatever it failed for.
const WRONG: &str = "That username and password do not match. Check both and try again.";

async fn attempt(issuer: &Issuer, browser: &Browser, username: &str, password: &str) -> Page {
    let page = browser.get(&issuer.url_of("/sign-in")).await;
    sign_in_with(browser, &page, username, password).await
}

/// Whether the browser is signed in.
async fn is_signed_in(issuer: &Issuer, browser: &Browser) -> bool {
    browser.get(&issuer.url_of("/")).await.status == 200
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_and_comes_home() {
    let issuer = Issuer::start().await;
    let browser = Browser::default();
    let page = browser.get(&issuer.url_of("/")).await;
    assert_eq!(page.location().as_deref(), Some(&*issuer.url_of("/sign-in")));
    let page = attempt(&issuer, &browser, "alice", "alice-password").await;
    assert_eq!((page.status.as_u16(), page.location().as_deref()), (303, Some(&*issuer.url_of("/"))));
    let home = browser.get(&issuer.url_of("/")).await;
    assert!(home.has("connected-applications") && home.has("sessions"));
    assert!(home.text.contains("Alice Example") && home.text.contains("alice@example.test"));
    // Who is signed in has no use for the sign-in page.
    assert_eq!(browser.get(&issuer.url_of("/sign-in")).await.location().as_deref(), Some(&*issuer.url_of("/")));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_realm_has_people_and_sessions_of_its_own() {
    let issuer = Issuer::start().await;
    let browser = Browser::default();
    attempt(&issuer, &browser, "alice", "alice-password").await;
    let there = browser.get(&issuer.url_of("/realms/other")).await;
    assert_eq!(there.location().as_deref(), Some(&*issuer.url_of("/realms/other/sign-in")));
    let page = browser.get(&there.location().unwrap()).await;
    assert_eq!(sign_in_with(&browser, &page, "alice", "alice-password").await.status, 400);
    assert!(is_signed_in(&issuer, &browser).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn home_lists_the_applications_and_what_each_may_do() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let browser = Browser::default();
    attempt(&issuer, &browser, "alice", "alice-password").await;
    let before = browser.get(&issuer.url_of("/")).await;
    assert_eq!(before.action_to("/applications/withdraw"), None);
    web.authorize(&browser, "alice", &[("scope", "openid staff")]).await;
    let home = browser.get(&issuer.url_of("/")).await;
    assert!(home.action_to("/applications/withdraw").unwrap().ends_with("client_id=web"));
    assert!(home.text.contains("data-scope=\"staff\"") && home.text.contains("See where you work"));
    // Another person's agreements are none of mine.
    let other = Browser::default();
    attempt(&issuer, &other, "bob", "bob-password-2").await;
    assert_eq!(other.get(&issuer.url_of("/")).await.action_to("/applications/withdraw"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_ends_at_once_and_is_asked_for_anew() {
    let issuer = Issuer::start().await;
    let (web, spa) = (Party::new(&issuer, "web"), Party::new(&issuer, "spa"));
    let browser = Browser::default();
    let scope = [("scope", "openid offline_access")];
    let redeem = async |party: &Party<'_>| {
        let answer = party.authorize(&browser, "alice", &scope).await;
        party.redeem(&chancery_testkit::party::parameter(&answer, "code").unwrap()).await
    };
    let (tokens, kept) = (redeem(&web).await, redeem(&spa).await);
    let waiting = chancery_testkit::party::parameter(&web.answer(&browser, &scope).await, "code").unwrap();

    let home = browser.get(&issuer.url_of("/")).await;
    let page = browser.submit(&home, "/applications/withdraw?client_id=web", &[]).await;
    assert_eq!((page.status.as_u16(), page.location().as_deref()), (303, Some(&*issuer.url_of("/"))));
    assert_eq!(web.refresh(tokens.text("refresh_token")).await.error(), "invalid_grant");
    assert_eq!(web.userinfo(tokens.text("access_token")).await.status, 401);
    assert_eq!(web.redeem(&waiting).await.error(), "invalid_grant");
    assert!(web.open(&browser, &scope).await.has("consent-form"));
    assert_eq!(spa.userinfo(kept.text("access_token")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_was_disabled_can_still_be_disconnected() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let browser = Browser::default();
    web.authorize(&browser, "alice", &[]).await;
    issuer.enable_client("web", false).await;
    let home = browser.get(&issuer.url_of("/")).await;
    browser.submit(&home, "/applications/withdraw?client_id=web", &[]).await;
    let home = browser.get(&issuer.url_of("/")).await;
    assert_eq!(home.action_to("/applications/withdraw"), None);
}

async fn password_link(issuer: &Issuer, username: &str) -> String {
    let name = Username::parse(username).unwrap();
    let link = issuer.as_steward(async |steward| steward.password_link(&issuer.realm(), &name).await.unwrap()).await;
    issuer.url_of(&format!("/password/{}", link.secret.expose()))
}

async fn set_password(browser: &Browser, page: &Page, password: &str, repeated: &str) -> Page {
    browser.submit(page, "/password/", &[("new_password", password), ("repeat_password", repeated)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_link_sets_a_password_once() {
    let issuer = Issuer::start().await;
    let url = password_link(&issuer, "alice").await;
    let (browser, late) = (Browser::default(), Browser::default());
    // Looking does not use it up: mail programs look too.
    assert!(late.get(&url).await.has("set-password-form"));
    let late_page = late.get(&url).await;
    let page = browser.get(&url).await;
    for (password, repeated) in [("short", "short"), ("a-new-password", "another-password"), ("", "")] {
        let again = set_password(&browser, &page, password, repeated).await;
        assert!(again.has("alert"), "{password:?} {}", again.text);
        assert!(again.has("set-password-form"), "{password:?}");
    }
    let done = set_password(&browser, &page, "a-new-password", "a-new-password").await;
    assert_eq!(done.status, 200);
    assert!(!done.has("set-password-form"));

    assert_eq!(browser.get(&url).await.status, 404);
    assert_eq!(set_password(&browser, &page, "a-third-password", "a-third-password").await.status, 404);
    assert_eq!(set_password(&late, &late_page, "a-third-password", "a-third-password").await.status, 404);
    assert_eq!(attempt(&issuer, &Browser::default(), "alice", "alice-password").await.status, 400);
    assert_eq!(attempt(&issuer, &Browser::default(), "alice", "a-new-password").await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_link_is_good_for_a_day_and_only_in_its_realm() {
    let issuer = Issuer::start().await;
    let url = password_link(&issuer, "alice").await;
    let elsewhere = url.replace("/password/", "/realms/other/password/");
    assert_eq!(Browser::default().get(&elsewhere).await.status, 404);
    issuer.clock.advance(86_399);
    assert_eq!(Browser::default().get(&url).await.status, 200);
    issuer.clock.advance(1);
    assert_eq!(Browser::default().get(&url).await.status, 404);
}

/// RFC 9700 §4.14.2
#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_signs_everybody_else_out() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let browser = Browser::default();
    attempt(&issuer, &browser, "alice", "alice-password").await;
    let tokens = web.tokens("alice", "openid offline_access").await;
    let url = password_link(&issuer, "alice").await;
    let second = password_link(&issuer, "alice").await;
    let elsewhere = Browser::default();
    let page = elsewhere.get(&url).await;
    set_password(&elsewhere, &page, "a-new-password", "a-new-password").await;
    assert!(!is_signed_in(&issuer, &browser).await);
    assert_eq!(web.refresh(tokens.text("refresh_token")).await.error(), "invalid_grant");
    assert_eq!(web.userinfo(tokens.text("access_token")).await.status, 401);
    // Whoever holds another link of the same person holds nothing.
    assert_eq!(elsewhere.get(&second).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_closed_to_frames_scripts_foreign_content_and_caches() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let (browser, stranger) = (Browser::default(), Browser::default());
    let asked = web.open(&browser, &[]).await;
    let signed_in =
        browser.follow(chancery_testkit::party::sign_in(&browser, &asked, "alice").await, &issuer.url).await;
    let link = password_link(&issuer, "bob").await;
    let pages = [
        browser.get(&issuer.url_of("/")).await,
        browser.get(&issuer.url_of("/sign-out")).await,
        stranger.get(&issuer.url_of("/sign-in")).await,
        attempt(&issuer, &stranger, "alice", "wrong").await,
        stranger.get(&issuer.url_of("/sign-out")).await,
        stranger.get(&link).await,
        stranger.get(&issuer.url_of("/password/unknown")).await,
        stranger.get(&issuer.url_of("/authorize")).await,
        stranger.get(&issuer.url_of("/authorize/unknown")).await,
        asked,
        signed_in,
    ];
    for page in &pages {
        let policy = page.header("content-security-policy");
        for rule in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "style-src 'self'",
        ] {
            assert!(policy.contains(rule), "{} {policy}", page.url);
        }
        assert!(!policy.contains("script-src") && !policy.contains("unsafe") && !policy.contains('*'), "{policy}");
        for (name, value) in [
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
            ("cross-origin-opener-policy", "same-origin"),
            ("access-control-allow-origin", ""),
        ] {
            assert_eq!(page.header(name), value, "{} {name}", page.url);
        }
        assert!(page.header("content-type").starts_with("text/html; charset=utf-8"), "{}", page.url);
        assert!(!page.text.contains("<script"), "{}", page.url);
    }
    // A form's redirects are held against the policy: the client's own origin is the only other one.
    let policy = pages[9].header("content-security-policy");
    assert!(policy.contains("form-action 'self' https://web.example.test;"), "{policy}");
}
