//! What holds for every page in every language, whoever chose the names on it.

use std::collections::BTreeSet;
use std::fs;

use super::*;

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
        assert!(
            tags.iter()
                .any(|tag| tag.value("content") == Some("noindex, nofollow")),
            "{name}"
        );
        assert!(
            !html.contains("none</"),
            "{name} shows a value that is not there"
        );
        assert_balanced(name, &tags);
    });
}

/// After a change that is meant: `INSTA_UPDATE=always cargo test -p chancery-server pages`, and read the difference.
#[test]
fn every_page_is_drawn_as_it_was() {
    let pages = Pages::new(None).unwrap();
    let look = Look {
        stylesheet_path: "/assets/chancery.css".to_owned(),
        ..pages.look("Harbour", "")
    };
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
    let (_, page) = sample::pages()
        .into_iter()
        .find(|(kind, _)| *kind == "consent-unverified")
        .unwrap();
    let Page::Consent(mut consent) = page else {
        panic!("the page called consent-unverified is one")
    };
    consent.client.name = "A ".repeat(50_000);
    let html = pages
        .render(
            &pages.look("Harbour", ""),
            Locale::En,
            &Page::Consent(consent),
        )
        .unwrap();
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
                for target in tag
                    .value(pointer)
                    .into_iter()
                    .flat_map(str::split_whitespace)
                {
                    assert!(
                        ids.contains(target),
                        "{pointer}={target} in {name}, {locale}"
                    );
                }
            }
        }
    });
}

#[test]
fn the_ids_that_automated_clients_rely_on_stay() {
    let expected: &[(&str, &[&str])] = &[
        (
            "sign-in",
            &["sign-in-form", "username", "password", "sign-in", "cancel"],
        ),
        ("sign-in-wrong", &["alert"]),
        (
            "consent",
            &["consent-form", "allow", "deny", "switch-account"],
        ),
        ("home", &["connected-applications", "sessions", "sign-out"]),
        ("sign-out", &["sign-out-form", "sign-out", "stay"]),
        ("signed-out-back", &["signed-out", "sign-in-again", "back"]),
        (
            "set-password",
            &[
                "set-password-form",
                "new_password",
                "repeat_password",
                "set-password",
            ],
        ),
        ("password-short", &["alert"]),
        ("password-set", &["password-saved", "sign-in-link"]),
        ("link-expired", &["link-expired"]),
        (
            "problem-request-invalid",
            &["problem", "problem-code", "problem-detail", "request-id"],
        ),
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
            assert!(
                form.contains("name=\"csrf\" value=\"b2Zmb3VyZ2VyeQ\""),
                "{name}"
            );
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
    for scope in [
        "openid",
        "profile",
        "email",
        "offline_access",
        "notes:write",
    ] {
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
fn hostile_names_stay_inside_their_places() {
    let pages = Pages::new(None).unwrap();
    for hostile in HOSTILE {
        let look = Look {
            logo_path: Some((*hostile).to_owned()),
            ..pages.look(*hostile, "")
        };
        for locale in Locale::ALL {
            for (kind, page) in sample::pages() {
                let html = pages
                    .render(&look, locale, &poisoned(page, hostile))
                    .unwrap();
                assert_harmless(kind, &html);
                assert_balanced(kind, &Tag::all(&html));
                assert!(!html.contains("<b>"), "{kind}");
                assert!(
                    !html.contains(['\u{202e}', '\u{2066}', '\u{2068}', '\u{2069}', '\u{0}']),
                    "{kind} lets a name turn the line around"
                );
            }
        }
    }
}

const HOSTILE: &[&str] = &[
    "\"><script>alert(1)</script>",
    "' onmouseover='alert(1)' style='x",
    "\u{202e}evil\u{2066}\u{2069}\u{2068}<b>\u{0}",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "{{ 7 * 7 }}{% include 'seal.svg' %}",
    "",
];

/// `page` with every string on it replaced.
fn poisoned(page: Page, hostile: &str) -> Page {
    let text = || hostile.to_owned();
    let client = || ClientCard {
        name: text(),
        logo_path: Some(text()),
        homepage: Some(text()),
        policy: Some(text()),
        terms: Some(text()),
        host: Some(text()),
        verified: false,
    };
    let user = || UserCard {
        username: text(),
        display_name: text(),
        email: Some(text()),
    };
    let scopes = || {
        vec![
            ScopeLine::named(hostile),
            ScopeLine {
                name: text(),
                title: text(),
                description: text(),
                icon: Some(text()),
            },
        ]
    };
    match page {
        Page::Consent(_) => Page::Consent(Consent {
            client: client(),
            user: user(),
            scopes: scopes(),
            resources: vec![text()],
            action: text(),
            csrf: text(),
            redirect_host: text(),
            switch_account: true,
        }),
        Page::Home(_) => Page::Home(Home {
            user: user(),
            applications: vec![ConnectedApplication {
                client: client(),
                scopes: scopes(),
                granted_at: text(),
                revoke_action: text(),
                csrf: text(),
            }],
            sessions: vec![SessionLine {
                current: true,
                started: text(),
                last_seen: text(),
                user_agent: text(),
            }],
            sign_out_action: text(),
            csrf: text(),
        }),
        Page::LinkExpired => Page::LinkExpired,
        Page::PasswordSet(_) => Page::PasswordSet(PasswordSet { sign_in: text() }),
        Page::Problem(problem) => Page::Problem(Problem {
            heading: problem.heading,
            detail: Some(text()),
            error_code: Some(text()),
            request_id: text(),
            retry: Some(text()),
        }),
        Page::SetPassword(form) => Page::SetPassword(SetPassword {
            user: user(),
            action: text(),
            csrf: text(),
            ..form
        }),
        Page::SignIn(form) => Page::SignIn(SignIn {
            client: Some(client()),
            action: text(),
            csrf: text(),
            username: text(),
            ..form
        }),
        Page::SignOutConfirm(_) => Page::SignOutConfirm(SignOutConfirm {
            client: Some(client()),
            user: user(),
            action: text(),
            csrf: text(),
        }),
        Page::SignedOut(_) => Page::SignedOut(SignedOut {
            sign_in: text(),
            back: Some(text()),
        }),
    }
}

#[test]
fn a_home_page_of_a_thousand_applications_has_fuel_enough() {
    let pages = Pages::new(None).unwrap();
    let (_, page) = sample::pages()
        .into_iter()
        .find(|(name, _)| *name == "home")
        .unwrap();
    let Page::Home(mut home) = page else {
        panic!("the page called home is one")
    };
    home.applications = home
        .applications
        .iter()
        .cycle()
        .take(1000)
        .cloned()
        .collect();
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
    assert!(
        pages
            .assets()
            .iter()
            .any(|asset| asset.path == pages.stylesheet_path())
    );
}

#[test]
fn an_operator_replaces_by_name_and_what_is_replaced_is_rehearsed() {
    let folder = tempfile::tempdir().unwrap();
    let place = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };

    place(
        "templates/link_expired.html",
        "<p>{{ t(\"link-expired-title\") }} {{ look.base_path }}</p>",
    );
    place("locales/en/main.ftl", "link-expired-title = Too late");
    place("assets/chancery.css", "body { color: teal }");
    place("README", "ours to keep");
    let pages = Pages::new(Some(folder.path())).unwrap();
    let look = pages.look("Harbour", "/realms/harbour");
    let html = pages.render(&look, Locale::En, &Page::LinkExpired).unwrap();
    assert_eq!(html, "<p>Too late /realms/harbour</p>");
    assert_ne!(
        pages.stylesheet_path(),
        Pages::new(None).unwrap().stylesheet_path()
    );

    let refusals = [
        ("{{ page.no_such_thing }}", "undefined"),
        ("{% if %}", "syntax error"),
        ("{{ t('no-such-text') }}", "no-such-text"),
        ("{% include '/etc/passwd' %}", "not found"),
        ("{{ look.realm_display_name|safe }}", "unknown filter"),
        (
            "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
            "fuel",
        ),
    ];
    for (template, complaint) in refusals {
        place("templates/link_expired.html", template);
        let error = Pages::new(Some(folder.path())).unwrap_err();
        assert!(error.to_string().contains(complaint), "{template}: {error}");
    }

    place("templates/link_expired.html", "");
    place("templates/sign-in.html", "");
    let error = Pages::new(Some(folder.path())).unwrap_err();
    assert!(
        matches!(error, PageError::UnknownOverride { .. }),
        "{error}"
    );

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
    let (_, page) = sample::pages()
        .into_iter()
        .find(|(kind, _)| *kind == name)
        .unwrap();
    pages.render(&look, Locale::En, &page).unwrap()
}

fn assert_harmless(name: &str, html: &str) {
    for tag in Tag::all(html) {
        assert!(
            !["script", "style", "iframe", "object", "embed", "base"].contains(&tag.name),
            "<{}> in {name}",
            tag.name
        );
        for (attribute, value) in &tag.attributes {
            assert!(!attribute.starts_with("on"), "{attribute} in {name}");
            assert_ne!(*attribute, "style", "in {name}");
            let runs = ["javascript:", "data:text", "vbscript:"]
                .iter()
                .any(|scheme| value.trim().starts_with(scheme));
            let leads = ["href", "src", "action", "formaction"].contains(attribute);
            assert!(!(leads && runs), "{attribute}={value} in {name}");
        }
    }
}

fn assert_balanced(name: &str, tags: &[Tag<'_>]) {
    const EMPTY: &[&str] = &[
        "!doctype", "meta", "link", "input", "img", "br", "path", "circle", "rect",
    ];
    let mut open = Vec::new();
    for tag in tags.iter().filter(|tag| !EMPTY.contains(&tag.name)) {
        match tag.name.strip_prefix('/') {
            Some(closed) => assert_eq!(open.pop(), Some(closed), "in {name}"),
            None => open.push(tag.name),
        }
    }
    assert!(open.is_empty(), "{open:?} in {name}");
}

/// A tag as a browser would read it; enough of HTML for pages without script.
struct Tag<'a> {
    name: &'a str,
    attributes: Vec<(&'a str, &'a str)>,
}

impl<'a> Tag<'a> {
    fn all(html: &'a str) -> Vec<Self> {
        let mut tags = Vec::new();
        let mut rest = html;
        while let Some(start) = rest.find('<') {
            let (tag, after) = Self::read(&rest[start + 1..]);
            tags.push(tag);
            rest = after;
        }
        tags
    }

    fn read(text: &'a str) -> (Self, &'a str) {
        let ends = |each: char| each.is_whitespace() || each == '>';
        let (name, mut rest) = text.split_at(text.find(ends).unwrap_or(text.len()));
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start_matches(|each: char| each.is_whitespace() || each == '/');
            if rest.is_empty() || rest.starts_with('>') {
                return (Self { name, attributes }, rest.get(1..).unwrap_or_default());
            }
            let end = rest
                .find(|each: char| ends(each) || each == '=')
                .unwrap_or(rest.len());
            let (attribute, after) = rest.split_at(end);
            let Some(value) = after.strip_prefix("=\"") else {
                attributes.push((attribute, ""));
                rest = after.strip_prefix('=').unwrap_or(after);
                continue;
            };
            let (value, after) = value.split_once('"').unwrap_or((value, ""));
            attributes.push((attribute, value));
            rest = after;
        }
    }

    fn value(&self, name: &str) -> Option<&'a str> {
        self.attributes
            .iter()
            .find(|(attribute, _)| *attribute == name)
            .map(|(_, value)| *value)
    }
}
