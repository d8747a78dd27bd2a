//! Every string on every page, chosen by someone who means harm.

use super::super::*;
use super::markup::{Tag, assert_balanced, assert_harmless};

#[test]
fn hostile_names_stay_inside_their_places() {
    let pages = Pages::new(None).unwrap();
    for hostile in HOSTILE {
        let look = Look { logo_path: Some((*hostile).to_owned()), ..pages.look(*hostile, "") };
        for locale in Locale::ALL {
            for (kind, page) in sample::pages() {
                let html = pages.render(&look, locale, &poisoned(page, hostile)).unwrap();
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
    let user = || UserCard { username: text(), display_name: text(), email: Some(text()) };
    let scopes = || {
        vec![
            ScopeLine::named(hostile),
            ScopeLine { name: text(), title: text(), description: text(), icon: Some(text()) },
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
            sessions: vec![SessionLine { current: true, started: text(), last_seen: text(), user_agent: text() }],
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
        Page::SetPassword(form) => {
            Page::SetPassword(SetPassword { user: user(), action: text(), csrf: text(), ..form })
        }
        Page::SignIn(form) => {
            Page::SignIn(SignIn { client: Some(client()), action: text(), csrf: text(), username: text(), ..form })
        }
        Page::SignOutConfirm(_) => {
            Page::SignOutConfirm(SignOutConfirm { client: Some(client()), user: user(), action: text(), csrf: text() })
        }
        Page::SignedOut(_) => Page::SignedOut(SignedOut { sign_in: text(), back: Some(text()) }),
    }
}
