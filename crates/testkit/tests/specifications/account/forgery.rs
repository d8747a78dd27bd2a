//! Forged forms: a form is heard from our own page, in the browser it was served to, for what it was served for.

use chancery_testkit::browser::Page;
use chancery_testkit::party::{parameter, sign_in};
use chancery_testkit::{Browser, Issuer, Party};

use super::{attempt, is_signed_in, password_link};

fn is_forged(page: &Page) -> bool {
    page.status == 400 && page.text.contains("data-problem=\"session-mismatch\"") && page.location().is_none()
}

/// Every form there is, with fields that would be enough, in the browser of somebody who is signed in.
async fn forms(issuer: &Issuer, browser: &Browser) -> Vec<(Page, &'static str, Vec<(&'static str, &'static str)>)> {
    let web = Party::new(issuer, "web");
    let spa = Party::new(issuer, "spa");
    let stranger_page = browser.get(&issuer.url_of("/sign-in")).await;
    let waiting = web.open(browser, &[]).await;
    web.go_on(browser, "alice", web.open(browser, &[]).await).await;
    issuer.clock.advance(2);
    let sign_in_again = web.open(browser, &[("prompt", "login")]).await;
    let consent = spa.open(browser, &[]).await;
    assert!(waiting.has("sign-in-form") && sign_in_again.has("sign-in-form") && consent.has("consent-form"));
    let home = browser.get(&issuer.url_of("/")).await;
    let link = browser.get(&password_link(issuer, "bob").await).await;
    let name = vec![("username", "alice"), ("password", "alice-password")];
    vec![
        (stranger_page, "/sign-in", name.clone()),
        (sign_in_again, "/authorize/", name),
        (consent.clone(), "/authorize/", vec![("decision", "allow")]),
        (consent, "/authorize/", vec![("decision", "deny")]),
        (home.clone(), "/applications/withdraw", vec![]),
        (home, "/sign-out", vec![]),
        (link, "/password/", vec![("new_password", "forged-password"), ("repeat_password", "forged-password")]),
    ]
}

/// RFC 9700 §4.7, attack A14
#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_another_site_sends_is_not_heard() {
    let issuer = Issuer::start().await;
    let browser = Browser::default();
    for (page, action, fields) in forms(&issuer, &browser).await {
        for foreign in [
            ("origin", "https://evil.example.test"),
            ("origin", "http://127.0.0.1:1"),
            ("origin", "https://127.0.0.1"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("sec-fetch-site", "none"),
            ("sec-fetch-site", "nonsense"),
        ] {
            let answer = browser.submit_with(&page, action, &fields, &[foreign]).await;
            assert!(is_forged(&answer), "{action} {foreign:?} {} {}", answer.status, answer.text);
        }
    }
    assert!(is_signed_in(&issuer, &browser).await);
}

/// RFC 9700 §4.7
#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_its_token_or_with_another_forms_is_not_heard() {
    let issuer = Issuer::start().await;
    let (browser, other) = (Browser::default(), Browser::default());
    let forms = forms(&issuer, &browser).await;
    let of_another_browser = other.get(&issuer.url_of("/sign-in")).await.input("csrf").unwrap();
    let of_another_request =
        Party::new(&issuer, "web").open(&browser, &[("prompt", "login")]).await.input("csrf").unwrap();
    for (page, action, fields) in &forms {
        let target = page.action_to(action).unwrap();
        for token in ["", "A", &"A".repeat(43), &of_another_browser, &of_another_request] {
            let with: Vec<(&str, &str)> = fields.iter().copied().chain([("csrf", token)]).collect();
            let answer = browser.post(&target, &with).await;
            assert!(is_forged(&answer), "{action} {token} {} {}", answer.status, answer.text);
        }
    }
    assert!(is_signed_in(&issuer, &browser).await);
}

/// RFC 9700 §4.7: a token is worth nothing beside another browser's cookie, or none.
#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_heard_from_the_browser_it_was_served_to_alone() {
    let issuer = Issuer::start().await;
    let (browser, other) = (Browser::default(), Browser::default());
    attempt(&issuer, &other, "bob", "bob-password-2").await;
    for (page, action, fields) in forms(&issuer, &browser).await {
        assert!(is_forged(&other.submit(&page, action, &fields).await), "{action}");
        assert!(is_forged(&Browser::default().submit(&page, action, &fields).await), "{action}");
    }
}

/// What a browser says of our own pages is no obstacle.
#[tokio::test(flavor = "multi_thread")]
async fn our_own_forms_are_heard() {
    let issuer = Issuer::start().await;
    for own in [
        vec![("origin", &*issuer.url), ("sec-fetch-site", "same-origin")],
        vec![("sec-fetch-site", "same-origin")],
        vec![("origin", &*issuer.url)],
        // Pages that send no referrer may send no origin either.
        vec![("origin", "null")],
        vec![("origin", "null"), ("sec-fetch-site", "same-origin")],
    ] {
        let browser = Browser::default();
        let page = browser.get(&issuer.url_of("/sign-in")).await;
        let fields = [("username", "alice"), ("password", "alice-password")];
        let answer = browser.submit_with(&page, "/sign-in", &fields, &own).await;
        assert_eq!(answer.status, 303, "{own:?} {}", answer.text);
    }
}

/// RFC 9700 §4.7.1 (login CSRF), §4.2: a request that waits belongs to the browser that began it.
#[tokio::test(flavor = "multi_thread")]
async fn another_browser_cannot_go_on_with_a_request_that_waits() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let (attacker, victim) = (Browser::default(), Browser::default());
    // The victim is signed in and has agreed to everything: one look would be enough.
    web.authorize(&victim, "alice", &[]).await;
    issuer.clock.advance(2);
    let page = web.open(&attacker, &[]).await;
    let lured = victim.get(&page.url).await;
    assert_eq!(lured.location(), None);
    assert!(lured.text.contains("data-problem=\"request-expired\""), "{}", lured.text);
    assert!(is_forged(&sign_in(&victim, &page, "alice").await));
    assert!(is_forged(&victim.submit(&page, "", &[("decision", "allow")]).await));
    // The one who began it is not disturbed.
    let answer = web.go_on(&attacker, "bob", attacker.get(&page.url).await).await;
    assert!(parameter(&answer, "code").is_some());
}
