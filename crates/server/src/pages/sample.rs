//! One of every kind of page, with invented people and applications.
//!
//! For the rehearsal of an operator's templates, for the preview that designers look at, and for tests.

use chancery_spec::ErrorCode;

use super::*;

/// Every kind of page, each under a name that can be a file's.
pub fn pages() -> Vec<(&'static str, Page)> {
    let mut pages = vec![
        ("sign-in", sign_in(Some(notes()), "", None)),
        ("sign-in-plain", sign_in(None, "", None)),
        ("sign-in-unverified", sign_in(Some(stranger()), "carol", None)),
        ("consent", Page::Consent(consent(notes()))),
        ("consent-unverified", Page::Consent(consent(stranger()))),
        ("consent-nothing", Page::Consent(bare_consent())),
        ("home", Page::Home(home())),
        ("home-empty", Page::Home(empty_home())),
        ("sign-out", sign_out(None)),
        ("sign-out-asked", sign_out(Some(notes()))),
        ("signed-out", signed_out(None)),
        ("signed-out-back", signed_out(Some("https://notes.example/bye"))),
        ("set-password", set_password(None)),
        ("password-set", Page::PasswordSet(PasswordSet { sign_in: "/sign-in".to_owned() })),
        ("link-expired", Page::LinkExpired),
    ];
    let sign_in_problems = [
        ("sign-in-wrong", SignInProblem::WrongCredentials),
        ("sign-in-wait", SignInProblem::TooManyAttempts { retry_after_seconds: 1 }),
        ("sign-in-wait-long", SignInProblem::TooManyAttempts { retry_after_seconds: 840 }),
        ("sign-in-busy", SignInProblem::Busy),
        ("sign-in-expired", SignInProblem::Expired),
    ];
    for (name, problem) in sign_in_problems {
        pages.push((name, sign_in(Some(notes()), "alice", Some(problem))));
    }
    let password_problems = [
        ("password-short", PasswordProblem::TooShort { minimum: 12 }),
        ("password-long", PasswordProblem::TooLong),
        ("password-common", PasswordProblem::TooCommon),
        ("password-mismatch", PasswordProblem::Mismatch),
    ];
    for (name, problem) in password_problems {
        pages.push((name, set_password(Some(problem))));
    }
    for heading in ProblemHeading::ALL {
        pages.push(problem(heading));
    }
    pages
}

const ANTI_FORGERY: &str = "b2Zmb3VyZ2VyeQ";

fn sign_in(client: Option<ClientCard>, username: &str, problem: Option<SignInProblem>) -> Page {
    Page::SignIn(SignIn {
        cancel: client.is_some(),
        client,
        action: "/sign-in?request=4f1c".to_owned(),
        csrf: ANTI_FORGERY.to_owned(),
        username: username.to_owned(),
        problem,
    })
}

fn consent(client: ClientCard) -> Consent {
    let redirect_host = client.host.clone().unwrap_or_default();
    Consent {
        client,
        user: alice(),
        scopes: vec![
            ScopeLine::named("openid"),
            ScopeLine::named("profile"),
            ScopeLine::named("email"),
            ScopeLine::named("offline_access"),
            ScopeLine {
                name: "notes:write".to_owned(),
                title: "Read and change your notes".to_owned(),
                description: "Also those that others share with you.".to_owned(),
                icon: None,
            },
        ],
        resources: vec!["https://api.notes.example".to_owned()],
        action: "/consent?request=4f1c".to_owned(),
        csrf: ANTI_FORGERY.to_owned(),
        redirect_host,
        switch_account: true,
    }
}

fn bare_consent() -> Consent {
    Consent { scopes: Vec::new(), resources: Vec::new(), switch_account: false, ..consent(notes()) }
}

fn home() -> Home {
    let application = |client, granted_at: &str, scopes: &[&str]| ConnectedApplication {
        client,
        scopes: scopes.iter().copied().map(ScopeLine::named).collect(),
        granted_at: granted_at.to_owned(),
        revoke_action: "/account/applications/notes/revoke".to_owned(),
        csrf: ANTI_FORGERY.to_owned(),
    };
    let session = |current, started: &str, last_seen: &str, user_agent: &str| SessionLine {
        current,
        started: started.to_owned(),
        last_seen: last_seen.to_owned(),
        user_agent: user_agent.to_owned(),
    };
    Home {
        applications: vec![
            application(notes(), "2026-03-14", &["openid", "profile", "email"]),
            application(stranger(), "2026-04-02", &["openid", "offline_access"]),
        ],
        sessions: vec![
            session(
                true,
                "2026-04-02 09:12",
                "2026-04-02 11:40",
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            ),
            session(
                false,
                "2026-03-28 19:05",
                "2026-04-01 22:17",
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1",
            ),
            session(false, "2026-03-20 08:00", "2026-03-20 08:01", ""),
        ],
        ..empty_home()
    }
}

fn empty_home() -> Home {
    Home {
        user: alice(),
        applications: Vec::new(),
        sessions: Vec::new(),
        sign_out_action: "/sign-out".to_owned(),
        csrf: ANTI_FORGERY.to_owned(),
    }
}

fn sign_out(client: Option<ClientCard>) -> Page {
    Page::SignOutConfirm(SignOutConfirm {
        client,
        user: alice(),
        action: "/sign-out".to_owned(),
        csrf: ANTI_FORGERY.to_owned(),
    })
}

fn signed_out(back: Option<&str>) -> Page {
    Page::SignedOut(SignedOut { sign_in: "/sign-in".to_owned(), back: back.map(str::to_owned) })
}

fn set_password(problem: Option<PasswordProblem>) -> Page {
    Page::SetPassword(SetPassword {
        user: alice(),
        action: "/set-password".to_owned(),
        csrf: ANTI_FORGERY.to_owned(),
        problem,
        minimum: 12,
    })
}

fn problem(heading: ProblemHeading) -> (&'static str, Page) {
    let (name, error_code, detail) = match heading {
        ProblemHeading::ClientUnknown => (
            "problem-client-unknown",
            Some(ErrorCode::InvalidClient.as_str()),
            Some("No client with client_id \"notse\" is registered."),
        ),
        ProblemHeading::Forbidden => ("problem-forbidden", Some(ErrorCode::AccessDenied.as_str()), None),
        ProblemHeading::NotFound => ("problem-not-found", None, None),
        ProblemHeading::RedirectUnknown => (
            "problem-redirect-unknown",
            Some(ErrorCode::InvalidRequest.as_str()),
            Some("The redirect_uri \"https://notes.example/callback/\" is not registered for this client."),
        ),
        ProblemHeading::RequestExpired => ("problem-request-expired", None, None),
        ProblemHeading::RequestInvalid => (
            "problem-request-invalid",
            Some(ErrorCode::InvalidRequest.as_str()),
            Some("The parameter \"client_id\" is given more than once."),
        ),
        ProblemHeading::SessionMismatch => ("problem-session-mismatch", None, None),
        ProblemHeading::TooManyRequests => ("problem-too-many-requests", None, None),
        ProblemHeading::Unavailable => ("problem-unavailable", Some(ErrorCode::TemporarilyUnavailable.as_str()), None),
    };
    let can_try_again = matches!(heading, ProblemHeading::TooManyRequests | ProblemHeading::Unavailable);
    let page = Page::Problem(Problem {
        heading,
        detail: detail.map(str::to_owned),
        error_code: error_code.map(str::to_owned),
        request_id: "01JQ8ZK4M7W3T5".to_owned(),
        retry: can_try_again.then(|| "/sign-in".to_owned()),
    });
    (name, page)
}

fn alice() -> UserCard {
    UserCard {
        username: "alice".to_owned(),
        display_name: "Alice Albright".to_owned(),
        email: Some("alice@example.com".to_owned()),
    }
}

fn notes() -> ClientCard {
    ClientCard {
        name: "Field Notes".to_owned(),
        logo_path: None,
        homepage: Some("https://notes.example".to_owned()),
        policy: Some("https://notes.example/privacy".to_owned()),
        terms: Some("https://notes.example/terms".to_owned()),
        host: Some("notes.example".to_owned()),
        verified: true,
    }
}

fn stranger() -> ClientCard {
    ClientCard {
        name: "Photo Printer 3000".to_owned(),
        host: Some("prints.example.net".to_owned()),
        ..ClientCard::default()
    }
}
