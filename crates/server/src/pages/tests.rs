//! What holds for every page in every language, whoever chose the names on it.

use std::collections::BTreeSet;
use std::fs;

use markup::{Tag, assert_balanced, assert_harmless};

use super::*;

mod hostile;
mod markup;

#[test]
fn every_page_draws_in_every_language_as_a_whole_document() {
    each_page(|name, locale, html| {
        let tags = Tag::all(html);
        assert!(html.starts_with("<!doctype html>"), "{name}");
        assert_eq!(tags[1].value("lang"), Some(locale.tag()), "{name}");
        assert_eq!(tags[1].value("dir"), Some(locale.direction()), "{name}");
        for once in ["title", "main", "header", "footer", "h1"] {
            let count = tags.iter().filter(|tag| tag.name == once).count();
            assert_eq!(count, 1, "{once} in {name}, {locale}");
        }
        assert!(tags.iter().any(|tag| tag.value("content") == Some("noindex, nofollow")), "{name}");
        assert!(!html.contains("none</"), "{name} shows a value that is not there");
        assert_balanced(name, &tags);
    });
}

/// After a change that is meant: `INSTA_UPDATE=always cargo test -p chancery-server pages`, and read the difference.
#[test]
fn every_page_is_drawn_as_it_was() {
    let pages = Pages::new(None).unwrap();
    let look = Look { stylesheet_path: "/assets/chancery.css".to_owned(), ..pages.look("Harbour", "") };
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (name, page) in sample::pages() {
            let html = pages.render(&look, Locale::En, &page).unwrap();
            // The icon's path carries a digest, which is not what this is about.
            let favicon = &pages.assets.favicon_path;
            insta::assert_snapshot!(name, html.replace(favicon, "/assets/favicon.svg"));
        }
    });
}

#[test]
fn a_name_without_end_leaves_the_rest_of_the_page_in_sight() {
    let pages = Pages::new(None).unwrap();
    let (_, page) = sample::pages().into_iter().find(|(kind, _)| *kind == "consent-unverified").unwrap();
    let Page::Consent(mut consent) = page else { panic!("the page called consent-unverified is one") };
    consent.client.name = "A ".repeat(50_000);
    let html = pages.render(&pages.look("Harbour", ""), Locale::En, &Page::Consent(consent)).unwrap();
    assert!(html.len() < 20_000);
}

#[test]
fn no_page_needs_more_than_the_content_security_policy_grants() {
    each_page(|name, _, html| assert_harmless(name, html));
}

#[test]
fn ids_are_unique_and_what_points_at_one_finds_it() {
    each_page(|name, locale, html| {
        let tags = Tag::all(html);
        let mut ids = BTreeSet::new();
        for id in tags.iter().filter_map(|tag| tag.value("id")) {
            assert!(ids.insert(id), "{id} twice in {name}, {locale}");
        }
        for tag in &tags {
            for pointer in ["for", "aria-describedby", "aria-labelledby"] {
                for target in tag.value(pointer).into_iter().flat_map(str::split_whitespace) {
                    assert!(ids.contains(target), "{pointer}={target} in {name}, {locale}");
                }
            }
        }
    });
}

#[test]
fn the_ids_that_automated_clients_rely_on_stay() {
    let expected: &[(&str, &[&str])] = &[
        ("sign-in", &["sign-in-form", "username", "password", "sign-in", "cancel"]),
        ("sign-in-wrong", &["alert"]),
        ("consent", &["consent-form", "allow", "deny", "switch-account"]),
        ("home", &["connected-applications", "sessions", "sign-out"]),
        ("sign-out", &["sign-out-form", "sign-out", "stay"]),
        ("signed-out-back", &["signed-out", "sign-in-again", "back"]),
        ("set-password", &["set-password-form", "new_password", "repeat_password", "set-password"]),
        ("password-short", &["alert"]),
        ("password-set", &["password-saved", "sign-in-link"]),
        ("link-expired", &["link-expired"]),
        ("problem-request-invalid", &["problem", "problem-code", "problem-detail", "request-id"]),
        ("problem-unavailable", &["problem", "retry"]),
    ];
    each_page(|name, locale, html| {
        let tags = Tag::all(html);
        let wanted = expected.iter().find(|(page, _)| *page == name);
        for id in wanted.map_or(&[][..], |(_, ids)| ids) {
            let found = tags.iter().any(|tag| tag.value("id") == Some(id));
            assert!(found, "#{id} in {name}, {locale}");
        }
    });
}

#[test]
fn every_form_is_posted_with_its_anti_forgery_token() {
    each_page(|name, locale, html| {
        for form in html.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap_or_default();
            assert!(form.contains("method=\"post\""), "{name}, {locale}");
            assert!(form.contains("name=\"csrf\" value=\"b2Zmb3VyZ2VyeQ\""), "{name}");
        }
    });
}

#[test]
fn the_first_button_of_a_form_is_the_one_that_enter_presses() {
    let first_button = |page: &str| {
        let html = drawn(page);
        let tags = Tag::all(&html);
        let button = tags.iter().find(|tag| tag.name == "button").unwrap();
        button.value("id").unwrap().to_owned()
    };
    assert_eq!(first_button("sign-in"), "sign-in");
    assert_eq!(first_button("consent"), "allow");
    assert_eq!(first_button("sign-out"), "sign-out");
    assert_eq!(first_button("set-password"), "set-password");
}

#[test]
fn consent_names_each_scope_and_the_host_that_follows() {
    let html = drawn("consent-unverified");
    for scope in ["openid", "profile", "email", "offline_access", "notes:write"] {
        assert!(html.contains(&format!("data-scope=\"{scope}\"")), "{scope}");
    }
    assert!(html.contains("you will go to <bdi>prints.example.net</bdi>"));
    assert!(html.contains("Nobody here has checked"));
    assert!(!drawn("consent").contains("Nobody here has checked"));
}

#[test]
fn an_unknown_user_and_a_wrong_password_give_the_same_page() {
    assert!(drawn("sign-in-wrong").contains("That username and password do not match."));
    assert!(drawn("sign-in-wait").contains("Wait one second, then"));
    assert!(drawn("sign-in-wait-long").contains("Wait 14 minutes, then"));
}

#[test]
fn a_home_page_of_a_thousand_applications_has_fuel_enough() {
    let pages = Pages::new(None).unwrap();
    let (_, page) = sample::pages().into_iter().find(|(name, _)| *name == "home").unwrap();
    let Page::Home(mut home) = page else { panic!("the page called home is one") };
    home.applications = home.applications.iter().cycle().take(1000).cloned().collect();
    let look = pages.look("A", "");
    assert!(pages.render(&look, Locale::En, &Page::Home(home)).is_ok());
}

#[test]
fn assets_carry_their_digest_and_no_foreign_address() {
    let pages = Pages::new(None).unwrap();
    for asset in pages.assets() {
        assert!(asset.path.starts_with("/assets/"), "{}", asset.path);
        assert!(asset.path.contains(asset.etag.trim_matches('"')));
        let text = String::from_utf8(asset.bytes.to_vec()).unwrap();
        for foreign in ["@import", "url(", "<script", "href=", "javascript:"] {
            assert!(!text.contains(foreign), "{foreign} in {}", asset.path);
        }
    }
    assert!(pages.assets().iter().any(|asset| asset.path == pages.stylesheet_path()));
}

#[test]
fn an_operator_replaces_by_name_and_what_is_replaced_is_rehearsed() {
    let folder = tempfile::tempdir().unwrap();
    let place = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };

    place("templates/link_expired.html", "<p>{{ t(\"link-expired-title\") }} {{ look.base_path }}</p>");
    place("locales/en/main.ftl", "link-expired-title = Too late");
    place("assets/chancery.css", "body { color: teal }");
    place("README", "ours to keep");
    let pages = Pages::new(Some(folder.path())).unwrap();
    let look = pages.look("Harbour", "/realms/harbour");
    let html = pages.render(&look, Locale::En, &Page::LinkExpired).unwrap();
    assert_eq!(html, "<p>Too late /realms/harbour</p>");
    assert_ne!(pages.stylesheet_path(), Pages::new(None).unwrap().stylesheet_path());

    let refusals = [
        ("{{ page.no_such_thing }}", "undefined"),
        ("{% if %}", "syntax error"),
        ("{{ t('no-such-text') }}", "no-such-text"),
        ("{% include '/etc/passwd' %}", "not found"),
        ("{{ look.realm_display_name|safe }}", "unknown filter"),
        ("{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}", "fuel"),
    ];
    for (template, complaint) in refusals {
        place("templates/link_expired.html", template);
        let error = Pages::new(Some(folder.path())).unwrap_err();
        assert!(error.to_string().contains(complaint), "{template}: {error}");
    }

    place("templates/link_expired.html", "");
    place("templates/sign-in.html", "");
    let error = Pages::new(Some(folder.path())).unwrap_err();
    assert!(matches!(error, PageError::UnknownOverride { .. }), "{error}");

    let error = Pages::new(Some(&folder.path().join("nowhere"))).unwrap_err();
    assert!(matches!(error, PageError::Unreadable { .. }), "{error}");
}

fn each_page(check: impl Fn(&str, Locale, &str)) {
    let pages = Pages::new(None).unwrap();
    let look = pages.look("Harbour", "");
    for locale in Locale::ALL {
        for (name, page) in sample::pages() {
            check(name, locale, &pages.render(&look, locale, &page).unwrap());
        }
    }
}

fn drawn(name: &str) -> String {
    let pages = Pages::new(None).unwrap();
    let look = pages.look("Harbour", "");
    let (_, page) = sample::pages().into_iter().find(|(kind, _)| *kind == name).unwrap();
    pages.render(&look, Locale::En, &page).unwrap()
}
