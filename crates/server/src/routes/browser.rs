//! The authorization endpoint and the pages at which a person answers it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header;
use chancery_engine::account::sign_in::{self, Attempt, SignInRefusal};
use chancery_engine::endpoint::authorize::admit::Unanswered;
use chancery_engine::endpoint::authorize::{self, Browser, Step, View};
use chancery_engine::refusal::Refusal;
use chancery_engine::steps::{form_token, person};
use chancery_spec::params::Params;
use chancery_store::id::PendingId;
use chancery_store::secret::Secret;

use super::oauth::answer as answered;
use super::words;
use crate::app::App;
use crate::http::arrival::{self, Arrival};
use crate::http::cookie::{self, Cookie};
use crate::http::reply::{self, Reply};
use crate::pages::{Consent, Page, SignIn, SignInProblem};
use crate::telemetry::SIGN_INS;

/// `GET /authorize`.
pub(super) async fn begin(State(app): State<Arc<App>>, request: Request) -> Reply {
    answered(async {
        let (arrival, _) = arrival::enter(&app, request).await?;
        let query = arrival.uri.query().unwrap_or_default().as_bytes();
        let params = Params::parse(query).map_err(|malformed| words::problem(&arrival, &malformed.into()))?;
        let (browser, fresh) = browser(&arrival);
        let step = authorize::begin(&app.house, &arrival.scene, params, &browser).await;
        let step = step.map_err(|unanswered| unanswered_reply(&arrival, unanswered))?;
        let mut reply = go(&arrival, &step);
        if fresh {
            set(&arrival, &mut reply, Cookie::Browser, &browser.secret);
        }
        Ok(reply)
    })
    .await
}

/// `POST /authorize`: the same request, sent as a form (OpenID Connect Core §3.1.2.1). It comes
/// from another site, so our cookies are not with it; sent on as a GET it comes again with them.
pub(super) async fn begin_by_post(State(app): State<Arc<App>>, request: Request) -> Reply {
    answered(async {
        let (arrival, body) = arrival::enter(&app, request).await?;
        let body = arrival.form(body).await?;
        let params = Params::parse(&body).map_err(|malformed| words::problem(&arrival, &malformed.into()))?;
        Ok(reply::see_other(&format!("{}{}?{}", arrival.base_path(), authorize::PATH, params.to_form())))
    })
    .await
}

/// `GET /authorize/{pending}`.
pub(super) async fn show(State(app): State<Arc<App>>, request: Request) -> Reply {
    answered(async {
        let (arrival, _) = arrival::enter(&app, request).await?;
        let id = pending_id(&arrival)?;
        let (browser, _) = browser(&arrival);
        view(&arrival, id, &browser, None, None).await
    })
    .await
}

/// `POST /authorize/{pending}`: whatever form the page had.
pub(super) async fn answer(State(app): State<Arc<App>>, request: Request) -> Reply {
    answered(async {
        let (arrival, body) = arrival::enter(&app, request).await?;
        let id = pending_id(&arrival)?;
        let body = arrival.form(body).await?;
        let mut form = Params::parse(&body).map_err(|malformed| words::problem(&arrival, &malformed.into()))?;
        let (browser, _) = browser(&arrival);
        check_form(&arrival, &browser.secret, &id.to_string(), &mut form).await?;
        match form.take("decision").as_deref() {
            Some("allow") => decided(&arrival, authorize::allow(&app.house, &arrival.scene, id, &browser).await),
            Some("deny" | "cancel") => {
                decided(&arrival, authorize::deny(&app.house, &arrival.scene, id, &browser).await)
            }
            Some(_) | None => sign_in(&arrival, id, browser, form).await,
        }
    })
    .await
}

async fn sign_in(arrival: &Arrival<'_>, id: PendingId, browser: Browser, mut form: Params) -> Result<Reply, Reply> {
    let username = form.take("username").unwrap_or_default();
    match try_sign_in(arrival, &browser, &username, form.take("password")).await {
        Ok(session) => {
            // Back to the page, which shows what is left to ask, or answers the client.
            let mut reply = go(arrival, &Step::Ask(id));
            set(arrival, &mut reply, Cookie::Session, &session);
            Ok(reply)
        }
        Err(refusal) => {
            let problem = problem_of(arrival, &refusal)?;
            view(arrival, id, &browser, Some(problem), Some(username)).await
        }
    }
}

/// Signs in whoever the form says, and counts what came of it.
pub(super) async fn try_sign_in(
    arrival: &Arrival<'_>,
    browser: &Browser,
    username: &str,
    password: Option<String>,
) -> Result<Secret, SignInRefusal> {
    let (house, scene) = (&arrival.app.house, &arrival.scene);
    let former = person::find(house, scene, browser.session.as_ref()).await?;
    let attempt = Attempt {
        username: username.to_owned(),
        password: Secret::presented(password.unwrap_or_default()),
        address: arrival.address.neighbourhood().to_string(),
        user_agent: arrival.user_agent(),
        replaces: former.map(|person| person.session.id),
    };
    let outcome = sign_in::sign_in(house, scene, attempt).await;
    let told = match &outcome {
        Ok(_) => "succeeded",
        Err(SignInRefusal::WrongCredentials) => "wrong",
        Err(SignInRefusal::Wait { .. }) => "throttled",
        Err(SignInRefusal::Refused(_)) => "refused",
    };
    metrics::counter!(SIGN_INS, "outcome" => told).increment(1);
    tracing::info!(request = &*arrival.id, realm = %scene.realm.name, address = %arrival.address.ip(), outcome = told, "sign-in");
    outcome.map(|(session, _)| session)
}

/// What the sign-in page says of it.
///
/// # Errors
/// A page of its own where it is not the person's affair.
pub(super) fn problem_of(arrival: &Arrival<'_>, refusal: &SignInRefusal) -> Result<SignInProblem, Reply> {
    Ok(match refusal {
        SignInRefusal::WrongCredentials => SignInProblem::WrongCredentials,
        SignInRefusal::Wait { retry_after } => SignInProblem::TooManyAttempts { retry_after_seconds: *retry_after },
        SignInRefusal::Refused(Refusal::Busy { .. }) => SignInProblem::Busy,
        SignInRefusal::Refused(refusal) => return Err(words::problem(arrival, refusal)),
    })
}

/// The page of a request that waits.
async fn view(
    arrival: &Arrival<'_>,
    id: PendingId,
    browser: &Browser,
    problem: Option<SignInProblem>,
    typed: Option<String>,
) -> Result<Reply, Reply> {
    let (house, scene) = (&arrival.app.house, &arrival.scene);
    let view = authorize::show(house, scene, id, browser).await;
    let view = view.map_err(|unanswered| unanswered_reply(arrival, unanswered))?;
    let csrf = form_token_of(arrival, &browser.secret, &id.to_string()).await?;
    let action = format!("{}{}/{id}", arrival.base_path(), authorize::PATH);
    match view {
        View::Leave(location) => Ok(reply::see_other(&location)),
        View::SignIn { client, login_hint, redirect_uri } => {
            let page = Page::SignIn(SignIn {
                client: Some(words::client(&client)),
                action,
                csrf,
                username: typed.or(login_hint).unwrap_or_default(),
                problem,
                cancel: true,
            });
            let targets = [words::form_target(&redirect_uri)];
            Ok(sign_in_reply(arrival, &page, &targets, problem))
        }
        View::Consent { client, person, scope, resources, redirect_uri } => {
            let page = Page::Consent(Consent {
                client: words::client(&client),
                user: words::user(&person.user),
                scopes: words::scopes(&scene.realm, &scope),
                resources: resources.iter().map(ToString::to_string).collect(),
                action,
                csrf,
                redirect_host: words::host_of(&redirect_uri).unwrap_or_else(|| words::form_target(&redirect_uri)),
                switch_account: false,
            });
            Ok(words::page(arrival, &page, &[words::form_target(&redirect_uri)]))
        }
    }
}

/// A sign-in page, with the status that its problem has.
pub(super) fn sign_in_reply(
    arrival: &Arrival<'_>,
    page: &Page,
    targets: &[String],
    problem: Option<SignInProblem>,
) -> Reply {
    let Some(problem) = problem else { return words::page(arrival, page, targets) };
    let (retry_after, busy) = match problem {
        SignInProblem::Busy => (Some(2), true),
        SignInProblem::TooManyAttempts { retry_after_seconds } => (Some(retry_after_seconds), false),
        SignInProblem::Expired | SignInProblem::WrongCredentials => (None, false),
    };
    match arrival.app.pages.render(&words::look(arrival), arrival.locale(None), page) {
        Ok(html) => reply::rejected_page(html, targets, retry_after, busy),
        Err(cause) => {
            tracing::error!(request = &*arrival.id, %cause, "a page could not be drawn");
            reply::fault()
        }
    }
}

fn decided(arrival: &Arrival<'_>, outcome: Result<Step, Unanswered>) -> Result<Reply, Reply> {
    outcome.map(|step| go(arrival, &step)).map_err(|unanswered| unanswered_reply(arrival, unanswered))
}

fn go(arrival: &Arrival<'_>, step: &Step) -> Reply {
    match step {
        Step::Ask(id) => reply::see_other(&format!("{}{}/{id}", arrival.base_path(), authorize::PATH)),
        Step::Leave(location) => reply::see_other(location),
    }
}

fn unanswered_reply(arrival: &Arrival<'_>, unanswered: Unanswered) -> Reply {
    match unanswered {
        Unanswered::Page(refusal) => words::problem(arrival, &refusal),
        Unanswered::Redirect { location, refusal } => {
            reply::tell(&refusal, &arrival.id, &arrival.scene.realm.name);
            reply::see_other(&location)
        }
    }
}

/// This browser's cookies, and whether its own one is new.
pub(super) fn browser(arrival: &Arrival<'_>) -> (Browser, bool) {
    let session = arrival.cookie(Cookie::Session);
    match arrival.cookie(Cookie::Browser) {
        Some(secret) => (Browser { secret, session }, false),
        None => (Browser { secret: arrival.scene.secret(), session }, true),
    }
}

pub(super) fn set(arrival: &Arrival<'_>, reply: &mut Reply, which: Cookie, value: &Secret) {
    if let Some(header) = cookie::set(which, &arrival.scene.realm.name, arrival.is_secure(), value) {
        reply.headers_mut().append(header::SET_COOKIE, header);
    }
}

/// The token of forms for `purpose` in this browser.
pub(super) async fn form_token_of(arrival: &Arrival<'_>, browser: &Secret, purpose: &str) -> Result<String, Reply> {
    let (house, scene) = (&arrival.app.house, &arrival.scene);
    let keys =
        house.keys.of(&*house.store, &scene.realm.name).await.map_err(|refusal| words::problem(arrival, &refusal))?;
    form_token::mint(&keys, browser, purpose).map_err(|refusal| words::problem(arrival, &refusal))
}

/// Hears a form only from our own page in this browser.
pub(super) async fn check_form(
    arrival: &Arrival<'_>,
    browser: &Secret,
    purpose: &str,
    form: &mut Params,
) -> Result<(), Reply> {
    let (house, scene) = (&arrival.app.house, &arrival.scene);
    let presented = form.take("csrf");
    let keys =
        house.keys.of(&*house.store, &scene.realm.name).await.map_err(|refusal| words::problem(arrival, &refusal))?;
    if !arrival.is_from_our_page() {
        return Err(words::problem(arrival, &Refusal::FormForged));
    }
    form_token::check(&keys, Some(browser), purpose, presented.as_deref())
        .map_err(|refusal| words::problem(arrival, &refusal))
}

/// The name in the path. What is none of ours names nothing.
fn pending_id(arrival: &Arrival<'_>) -> Result<PendingId, Reply> {
    let name = arrival.uri.path().rsplit('/').next().unwrap_or_default();
    PendingId::parse(name).ok_or_else(|| words::problem(arrival, &Refusal::PendingGone))
}
