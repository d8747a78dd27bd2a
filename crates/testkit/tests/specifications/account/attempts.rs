//! Guessing: what it is told, and how it is slowed.

use chancery_testkit::browser::Page;
use chancery_testkit::{Browser, Issuer};
use futures_util::future::join_all;

use super::{WRONG, attempt, is_signed_in};

fn retry_after(page: &Page) -> u64 {
    page.header("retry-after").parse().unwrap_or_else(|_| panic!("{} {:?}", page.status, page.headers))
}

/// Fails until `username` must wait; the page that says so.
async fn until_slowed(issuer: &Issuer, browser: &Browser, username: &str) -> (u32, Page) {
    for failures in 0..40 {
        let page = attempt(issuer, browser, username, "wrong").await;
        if page.status == 429 {
            return (failures, page);
        }
        assert_eq!(page.status, 400);
        assert_eq!(page.text_of("alert").as_deref(), Some(WRONG));
    }
    panic!("nothing slows {username}");
}

/// Attack D5
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_and_an_unknown_name_are_told_the_same() {
    let issuer = Issuer::start().await;
    let browser = Browser::default();
    let wrong = attempt(&issuer, &browser, "alice", "wrong").await;
    issuer.enable_user("bob", false).await;
    for (username, password) in [
        ("nobody", "wrong"),
        ("", "wrong"),
        ("alice", ""),
        ("bob", "bob-password-2"),
        ("ALICE\u{0301}", "alice-password"),
        ("a name that is none", "wrong"),
        ("alice", &"a".repeat(1100)),
    ] {
        let other = attempt(&issuer, &browser, username, password).await;
        assert_eq!(other.status, wrong.status, "{username:?}");
        assert_eq!(other.text_of("alert").as_deref(), Some(WRONG), "{username:?}");
        if username.is_ascii() && !username.is_empty() {
            let alike = other.text.replace(&format!("value=\"{username}\""), "value=\"alice\"");
            assert_eq!(alike, wrong.text, "{username:?}");
        }
        let names = |page: &Page| page.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(&other), names(&wrong), "{username:?}");
    }
    assert!(!is_signed_in(&issuer, &browser).await);
    assert!(!wrong.text.contains("wrong\""), "the password is not in the page");
}

/// Attack D4
#[tokio::test(flavor = "multi_thread")]
async fn failures_of_an_account_cost_more_and_more_time() {
    let issuer = Issuer::start().await;
    let browser = Browser::default();
    let (failures, page) = until_slowed(&issuer, &browser, "alice").await;
    // Five are free; the sixth is judged and begins the first wait.
    assert_eq!(failures, 6);
    assert!(page.has("sign-in-form") && page.has("alert"));
    let mut wait = retry_after(&page);
    assert_eq!(wait, 2);
    // Not even the right password helps while the wait lasts.
    assert_eq!(attempt(&issuer, &browser, "alice", "alice-password").await.status, 429);
    for _ in 0..4 {
        issuer.clock.advance(wait);
        assert_eq!(attempt(&issuer, &browser, "alice", "wrong").await.status, 400);
        let next = retry_after(&attempt(&issuer, &browser, "alice", "wrong").await);
        assert_eq!(next, wait * 2);
        wait = next;
    }
    issuer.clock.advance(wait);
    assert_eq!(attempt(&issuer, &browser, "alice", "alice-password").await.status, 303);
    // Who knew the password is forgiven the past.
    let (failures, _) = until_slowed(&issuer, &Browser::default(), "alice").await;
    assert_eq!(failures, 6);
}

/// Attack D4
#[tokio::test(flavor = "multi_thread")]
async fn the_wait_never_grows_past_a_quarter_of_an_hour() {
    let issuer = Issuer::start().await;
    let browser = Browser::default();
    until_slowed(&issuer, &browser, "alice").await;
    for _ in 0..12 {
        issuer.clock.advance(900);
        assert_eq!(attempt(&issuer, &browser, "alice", "wrong").await.status, 400);
    }
    let slowed = attempt(&issuer, &browser, "alice", "wrong").await;
    assert_eq!(retry_after(&slowed), 900);
    issuer.clock.advance(900);
    assert_eq!(attempt(&issuer, &browser, "alice", "alice-password").await.status, 303);
}

/// Attacks D4, D5: an account that does not exist is slowed like one that does.
#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_name_is_slowed_as_a_known_one() {
    let issuer = Issuer::start().await;
    let (known, page) = until_slowed(&issuer, &Browser::default(), "alice").await;
    let (unknown, other) = until_slowed(&issuer, &Browser::default(), "nobody").await;
    assert_eq!((known, retry_after(&page)), (unknown, retry_after(&other)));
    assert_eq!(page.text_of("alert"), other.text_of("alert"));
}

/// Attack D4: whoever is attacked shuts nobody else out.
#[tokio::test(flavor = "multi_thread")]
async fn one_accounts_wait_is_not_anothers() {
    let issuer = Issuer::start().await;
    until_slowed(&issuer, &Browser::default(), "alice").await;
    assert_eq!(attempt(&issuer, &Browser::default(), "bob", "bob-password-2").await.status, 303);
}

/// Attack D4: the name is one however it is written, and each request has its own page.
#[tokio::test(flavor = "multi_thread")]
async fn another_browser_or_another_door_is_no_way_round() {
    let issuer = Issuer::start().await;
    until_slowed(&issuer, &Browser::default(), "alice").await;
    assert_eq!(attempt(&issuer, &Browser::default(), "alice", "alice-password").await.status, 429);
    assert_eq!(attempt(&issuer, &Browser::default(), "Alice", "alice-password").await.status, 429);
    let web = chancery_testkit::Party::new(&issuer, "web");
    let browser = Browser::default();
    let page = web.open(&browser, &[]).await;
    let page = chancery_testkit::party::sign_in(&browser, &page, "alice").await;
    assert_eq!(page.status, 429);
    assert!(page.has("sign-in-form"));
}

/// Attack D4: the lockout that parallel requests slip through.
#[tokio::test(flavor = "multi_thread")]
async fn attempts_at_once_are_not_all_judged_under_the_count_of_the_first() {
    let issuer = Issuer::start().await;
    let browser = Browser::default();
    let page = browser.get(&issuer.url_of("/sign-in")).await;
    let guesses = join_all((0..24).map(async |guess| {
        let password = format!("guess-{guess}");
        chancery_testkit::party::sign_in_with(&browser, &page, "alice", &password).await.status.as_u16()
    }))
    .await;
    let judged = guesses.iter().filter(|status| **status == 400).count();
    assert_eq!(judged, 6, "{guesses:?}");
    assert!(guesses.iter().all(|status| [400, 429].contains(status)), "{guesses:?}");
}

/// Attack D4: many accounts tried from one address.
#[tokio::test(flavor = "multi_thread")]
async fn failures_from_one_address_are_counted_whatever_the_name() {
    let issuer = Issuer::start().await;
    let browser = Browser::default();
    for guess in 0..31 {
        let page = attempt(&issuer, &browser, &format!("name-{guess}"), "wrong").await;
        assert_eq!(page.status, 400, "{guess}");
    }
    let page = attempt(&issuer, &browser, "alice", "alice-password").await;
    assert_eq!((page.status.as_u16(), retry_after(&page)), (429, 2));
    // A header that anybody can write is not an address (attack F4).
    let page = browser.get(&issuer.url_of("/sign-in")).await;
    let fields = [("username", "alice"), ("password", "alice-password")];
    for header in ["x-forwarded-for", "x-real-ip", "forwarded"] {
        let value = if header == "forwarded" { "for=203.0.113.9" } else { "203.0.113.9" };
        let page = browser.submit_with(&page, "/sign-in", &fields, &[(header, value)]).await;
        assert_eq!(page.status, 429, "{header}");
    }
    issuer.clock.advance(2);
    assert_eq!(attempt(&issuer, &browser, "alice", "alice-password").await.status, 303);
}

/// Counts are in the store, not in a process.
#[tokio::test(flavor = "multi_thread")]
async fn a_restart_forgives_nothing() {
    let issuer = Issuer::start().await;
    until_slowed(&issuer, &Browser::default(), "alice").await;
    let issuer = issuer.restart().await;
    assert_eq!(attempt(&issuer, &Browser::default(), "alice", "alice-password").await.status, 429);
}
