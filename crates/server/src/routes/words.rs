//! What the pages say of records: a client as a card, a scope as a line, a refusal as a problem.

use chancery_engine::refusal::Refusal;
use chancery_spec::redirect_uri;
use chancery_spec::scope::Scope;
use chancery_store::Moment;
use chancery_store::client::Client;
use chancery_store::id::ClientId;
use chancery_store::realm::Realm;
use chancery_store::user::User;

use crate::http::arrival::Arrival;
use crate::http::reply::{self, Reply};
use crate::pages::{ClientCard, Look, Page, Problem, ProblemHeading, ScopeLine, UserCard};

pub(super) fn look(arrival: &Arrival<'_>) -> Look {
    arrival.app.pages.look(arrival.scene.realm.display_name.as_str(), arrival.base_path())
}

/// A client's own words about itself are only shown with its host; a logo from elsewhere is not
/// shown at all (it would tell its server who signs in where).
pub(super) fn client(client: &Client) -> ClientCard {
    let display = &client.display;
    let host = display.client_uri.as_deref().and_then(host_of);
    ClientCard {
        name: client.name().to_owned(),
        logo_path: None,
        homepage: display.client_uri.clone(),
        policy: display.policy_uri.clone(),
        terms: display.tos_uri.clone(),
        host,
        // Every client there is was registered by an operator, who answers for its name.
        verified: true,
    }
}

pub(super) fn user(user: &User) -> UserCard {
    UserCard {
        username: user.username.to_string(),
        display_name: user.display_name().to_owned(),
        email: user.email().map(str::to_owned),
    }
}

/// The standard scopes in the language of the page, a realm's own as it describes them.
pub(super) fn scopes(realm: &Realm, scope: &Scope) -> Vec<ScopeLine> {
    scope
        .iter()
        .map(|token| {
            let mut line = ScopeLine::named(token.as_str());
            let standard = chancery_engine::steps::audience::is_identity_scope(token.as_str());
            if let Some(own) = realm.scope(token.as_str()).and_then(|scope| scope.description.clone())
                && !standard
            {
                line.title = own;
            }
            line
        })
        .collect()
}

/// Where the browser will be sent, as a person can judge it.
pub(super) fn host_of(uri: &str) -> Option<String> {
    let url = url::Url::parse(uri).ok()?;
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

/// What a form's redirects may reach: the origin of the client's redirect URI, or its scheme.
pub(super) fn form_target(uri: &str) -> String {
    let scheme = || uri.split_once(':').map(|(scheme, _)| format!("{scheme}:")).unwrap_or_default();
    let web = uri.starts_with("https://") || uri.starts_with("http://");
    match redirect_uri::origin(uri) {
        // The grammar of host sources (CSP3 §2.3.1) has no IPv6 addresses; the scheme is the nearest that it has.
        Some(origin) if web && !origin.contains('[') => origin.to_owned(),
        _ => scheme(),
    }
}

/// A day and a time, to the minute, in UTC.
pub(super) fn moment(moment: Moment) -> String {
    let Ok(timestamp) = jiff::Timestamp::from_millisecond(moment.milliseconds()) else { return String::new() };
    timestamp.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// The page that says why not.
pub(super) fn problem(arrival: &Arrival<'_>, refusal: &Refusal) -> Reply {
    let page = Page::Problem(Problem {
        heading: heading(refusal),
        detail: Some(refusal.description().into_owned()),
        error_code: Some(refusal.code().as_str().to_owned()),
        request_id: arrival.id.to_string(),
        retry: None,
    });
    match arrival.app.pages.render(&look(arrival), arrival.locale(None), &page) {
        Ok(html) => reply::problem_page(html, refusal, &arrival.id, &arrival.scene.realm.name),
        Err(cause) => {
            tracing::error!(request = &*arrival.id, %cause, "a page could not be drawn");
            reply::fault()
        }
    }
}

fn heading(refusal: &Refusal) -> ProblemHeading {
    match refusal {
        Refusal::ClientUnknown => ProblemHeading::ClientUnknown,
        Refusal::RedirectUnregistered | Refusal::RedirectMissing => ProblemHeading::RedirectUnknown,
        Refusal::PendingGone | Refusal::SessionEnded => ProblemHeading::RequestExpired,
        Refusal::FormForged => ProblemHeading::SessionMismatch,
        Refusal::Throttled { .. } => ProblemHeading::TooManyRequests,
        Refusal::Busy { .. }
        | Refusal::StoreUnavailable(_)
        | Refusal::SigningKeyMissing
        | Refusal::KeyUnusable { .. }
        | Refusal::RaceLost => ProblemHeading::Unavailable,
        _ => ProblemHeading::RequestInvalid,
    }
}

/// A page with its usual headers.
pub(super) fn page(arrival: &Arrival<'_>, page: &Page, targets: &[String]) -> Reply {
    match arrival.app.pages.render(&look(arrival), arrival.locale(None), page) {
        Ok(html) => reply::page(html, targets),
        Err(cause) => {
            tracing::error!(request = &*arrival.id, %cause, "a page could not be drawn");
            reply::fault()
        }
    }
}

/// A client of which nothing but its name is known any more.
pub(super) fn unknown_client(id: &ClientId) -> ClientCard {
    ClientCard {
        name: id.to_string(),
        logo_path: None,
        homepage: None,
        policy: None,
        terms: None,
        host: None,
        verified: false,
    }
}

/// Text as the value of a query.
pub(super) fn query_value(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// A page for something that is not there.
pub(super) fn missing_page(arrival: &Arrival<'_>, page: &Page) -> Reply {
    match arrival.app.pages.render(&look(arrival), arrival.locale(None), page) {
        Ok(html) => reply::missing_page(html),
        Err(cause) => {
            tracing::error!(request = &*arrival.id, %cause, "a page could not be drawn");
            reply::fault()
        }
    }
}

/// A page shown again because the form on it was not accepted.
pub(super) fn rejected_page(arrival: &Arrival<'_>, page: &Page) -> Reply {
    match arrival.app.pages.render(&look(arrival), arrival.locale(None), page) {
        Ok(html) => reply::rejected_page(html, &[], None, false),
        Err(cause) => {
            tracing::error!(request = &*arrival.id, %cause, "a page could not be drawn");
            reply::fault()
        }
    }
}
