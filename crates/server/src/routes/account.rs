//! The pages that people come to by themselves: home, sign-in, sign-out, a new password.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header;
use chancery_engine::account::password_link::{self, LinkRefusal};
use chancery_engine::account::{home as own_page, sign_in as signing};
use chancery_engine::endpoint::authorize::Browser;
use chancery_engine::refusal::Refusal;
use chancery_engine::steps::person::{self, SignedIn};
use chancery_spec::params::Params;
use chancery_store::id::{ClientId, SessionId};
use chancery_store::secret::Secret;

use super::browser::{browser, check_form, form_token_of, problem_of, set, sign_in_reply, try_sign_in};
use super::oauth::answer;
use super::words;
use crate::app::App;
use crate::http::arrival::{self, Arrival};
use crate::http::cookie::{self, Cookie};
use crate::http::reply::{self, Reply};
use crate::pages::{
    ConnectedApplication, Home, Page, PasswordProblem, PasswordSet, SessionLine, SetPassword, SignIn, SignInProblem,
    SignOutConfirm, SignedOut,
};

const SIGN_IN: &str = "/sign-in";
const SIGN_OUT: &str = "/sign-out";
const WITHDRAW: &str = "/applications/withdraw";

/// `GET /`.
pub(super) async fn home(State(app): State<Arc<App>>, request: Request) -> Reply {
    answer(async {
        let (arrival, _) = arrival::enter(&app, request).await?;
        let (browser, _) = browser(&arrival);
        let Some(person) = signed_in(&arrival, &browser).await? else {
            return Ok(reply::see_other(&path(&arrival, SIGN_IN)));
        };
        person::touch(&app.house, &arrival.scene, &person)
            .await
            .map_err(|refusal| words::problem(&arrival, &refusal))?;
        let home = own_page::home(&app.house, &arrival.scene, &person).await;
        let home = home.map_err(|refusal| words::problem(&arrival, &refusal))?;
        let csrf = form_token_of(&arrival, &browser.secret, SIGN_OUT).await?;
        let mut applications = Vec::new();
        for (consent, client) in &home.applications {
            // One that is disabled is shown by its name alone: it can still be disconnected.
            let card = client.as_deref().map_or_else(|| words::unknown_client(&consent.client), words::client);
            applications.push(ConnectedApplication {
                client: card,
                scopes: words::scopes(&arrival.scene.realm, &consent.scope),
                granted_at: words::moment(consent.granted_at),
                revoke_action: format!(
                    "{}?client_id={}",
                    path(&arrival, WITHDRAW),
                    words::query_value(consent.client.as_str())
                ),
                csrf: csrf.clone(),
            });
        }
        let sessions = home.sessions.iter().map(|session| SessionLine {
            current: session.id == person.session.id,
            started: words::moment(session.created_at),
            last_seen: words::moment(session.seen_at),
            user_agent: session.user_agent.clone(),
        });
        let page = Page::Home(Home {
            user: words::user(&person.user),
            applications,
            sessions: sessions.collect(),
            sign_out_action: path(&arrival, SIGN_OUT),
            csrf,
        });
        Ok(words::page(&arrival, &page, &[]))
    })
    .await
}

/// `GET /sign-in`.
pub(super) async fn sign_in_page(State(app): State<Arc<App>>, request: Request) -> Reply {
    answer(async {
        let (arrival, _) = arrival::enter(&app, request).await?;
        let (browser, fresh) = browser(&arrival);
        if signed_in(&arrival, &browser).await?.is_some() {
            return Ok(reply::see_other(&path(&arrival, "/")));
        }
        let mut reply = sign_in_form(&arrival, &browser, String::new(), None).await?;
        if fresh {
            set(&arrival, &mut reply, Cookie::Browser, &browser.secret);
        }
        Ok(reply)
    })
    .await
}

/// `POST /sign-in`.
pub(super) async fn sign_in(State(app): State<Arc<App>>, request: Request) -> Reply {
    answer(async {
        let (arrival, body) = arrival::enter(&app, request).await?;
        let mut form = form(&arrival, body).await?;
        let (browser, _) = browser(&arrival);
        check_form(&arrival, &browser.secret, SIGN_IN, &mut form).await?;
        let username = form.take("username").unwrap_or_default();
        match try_sign_in(&arrival, &browser, &username, form.take("password")).await {
            Ok(session) => {
                let mut reply = reply::see_other(&path(&arrival, "/"));
                set(&arrival, &mut reply, Cookie::Session, &session);
                Ok(reply)
            }
            Err(refusal) => {
                let problem = problem_of(&arrival, &refusal)?;
                sign_in_form(&arrival, &browser, username, Some(problem)).await
            }
        }
    })
    .await
}

async fn sign_in_form(
    arrival: &Arrival<'_>,
    browser: &Browser,
    username: String,
    problem: Option<SignInProblem>,
) -> Result<Reply, Reply> {
    let csrf = form_token_of(arrival, &browser.secret, SIGN_IN).await?;
    let action = path(arrival, SIGN_IN);
    let page = Page::SignIn(SignIn { client: None, action, csrf, username, problem, cancel: false });
    Ok(sign_in_reply(arrival, &page, &[], problem))
}

/// `GET /sign-out`.
pub(super) async fn sign_out_page(State(app): State<Arc<App>>, request: Request) -> Reply {
    answer(async {
        let (arrival, _) = arrival::enter(&app, request).await?;
        let (browser, _) = browser(&arrival);
        let Some(person) = signed_in(&arrival, &browser).await? else { return Ok(signed_out(&arrival)) };
        let csrf = form_token_of(&arrival, &browser.secret, SIGN_OUT).await?;
        let action = path(&arrival, SIGN_OUT);
        let page = Page::SignOutConfirm(SignOutConfirm { client: None, user: words::user(&person.user), action, csrf });
        Ok(words::page(&arrival, &page, &[]))
    })
    .await
}

/// `POST /sign-out`.
pub(super) async fn sign_out(State(app): State<Arc<App>>, request: Request) -> Reply {
    answer(async {
        let (arrival, body) = arrival::enter(&app, request).await?;
        let mut form = form(&arrival, body).await?;
        let (browser, _) = browser(&arrival);
        check_form(&arrival, &browser.secret, SIGN_OUT, &mut form).await?;
        if form.take("decision").as_deref() == Some("stay") {
            return Ok(reply::see_other(&path(&arrival, "/")));
        }
        if let Some(person) = signed_in(&arrival, &browser).await? {
            let ended = signing::sign_out(&app.house, &arrival.scene, person.session.id).await;
            ended.map_err(|refusal| words::problem(&arrival, &refusal))?;
        }
        let mut reply = signed_out(&arrival);
        if let Some(header) = cookie::clear(Cookie::Session, &arrival.scene.realm.name, arrival.is_secure()) {
            reply.headers_mut().append(header::SET_COOKIE, header);
        }
        Ok(reply)
    })
    .await
}

/// `POST /applications/withdraw`.
pub(super) async fn withdraw(State(app): State<Arc<App>>, request: Request) -> Reply {
    answer(async {
        let (arrival, body) = arrival::enter(&app, request).await?;
        let mut form = form(&arrival, body).await?;
        let (browser, _) = browser(&arrival);
        check_form(&arrival, &browser.secret, SIGN_OUT, &mut form).await?;
        let mut query = Params::parse(arrival.uri.query().unwrap_or_default().as_bytes())
            .map_err(|malformed| words::problem(&arrival, &malformed.into()))?;
        let client = query.take("client_id").and_then(|name| ClientId::parse(&name).ok());
        if let (Some(client), Some(person)) = (client, signed_in(&arrival, &browser).await?) {
            let withdrawn = own_page::withdraw(&app.house, &arrival.scene, &person, client).await;
            withdrawn.map_err(|refusal| words::problem(&arrival, &refusal))?;
        }
        Ok(reply::see_other(&path(&arrival, "/")))
    })
    .await
}

/// `POST /sessions/end`.
pub(super) async fn end_session(State(app): State<Arc<App>>, request: Request) -> Reply {
    answer(async {
        let (arrival, body) = arrival::enter(&app, request).await?;
        let mut form = form(&arrival, body).await?;
        let (browser, _) = browser(&arrival);
        check_form(&arrival, &browser.secret, SIGN_OUT, &mut form).await?;
        let session = form.take("session").and_then(|name| SessionId::parse(&name));
        if let (Some(session), Some(person)) = (session, signed_in(&arrival, &browser).await?) {
            let ended = own_page::end_session(&app.house, &arrival.scene, &person, session).await;
            ended.map_err(|refusal| words::problem(&arrival, &refusal))?;
        }
        Ok(reply::see_other(&path(&arrival, "/")))
    })
    .await
}

/// `GET /password/{link}`.
pub(super) async fn password_page(State(app): State<Arc<App>>, request: Request) -> Reply {
    answer(async {
        let (arrival, _) = arrival::enter(&app, request).await?;
        let (browser, fresh) = browser(&arrival);
        let mut reply = password_form(&arrival, &browser, None).await?;
        if fresh {
            set(&arrival, &mut reply, Cookie::Browser, &browser.secret);
        }
        Ok(reply)
    })
    .await
}

/// `POST /password/{link}`.
pub(super) async fn set_password(State(app): State<Arc<App>>, request: Request) -> Reply {
    answer(async {
        let (arrival, body) = arrival::enter(&app, request).await?;
        let mut form = form(&arrival, body).await?;
        let (browser, _) = browser(&arrival);
        let link = link(&arrival);
        check_form(&arrival, &browser.secret, link.expose(), &mut form).await?;
        let typed = Secret::presented(form.take("new_password").unwrap_or_default());
        let repeated = Secret::presented(form.take("repeat_password").unwrap_or_default());
        match password_link::redeem(&app.house, &arrival.scene, &link, typed, &repeated).await {
            Ok(()) => {
                let page = Page::PasswordSet(PasswordSet { sign_in: path(&arrival, SIGN_IN) });
                Ok(words::page(&arrival, &page, &[]))
            }
            Err(LinkRefusal::Gone) => Ok(words::missing_page(&arrival, &Page::LinkExpired)),
            Err(LinkRefusal::Refused(refusal)) => Err(words::problem(&arrival, &refusal)),
            Err(LinkRefusal::Mismatch) => password_form(&arrival, &browser, Some(PasswordProblem::Mismatch)).await,
            Err(LinkRefusal::TooLong) => password_form(&arrival, &browser, Some(PasswordProblem::TooLong)).await,
            Err(LinkRefusal::TooShort { minimum }) => {
                password_form(&arrival, &browser, Some(PasswordProblem::TooShort { minimum })).await
            }
        }
    })
    .await
}

async fn password_form(
    arrival: &Arrival<'_>,
    browser: &Browser,
    problem: Option<PasswordProblem>,
) -> Result<Reply, Reply> {
    let link = link(arrival);
    match password_link::look(&arrival.app.house, &arrival.scene, &link).await {
        Ok(user) => {
            let csrf = form_token_of(arrival, &browser.secret, link.expose()).await?;
            let page = Page::SetPassword(SetPassword {
                user: words::user(&user),
                action: path(arrival, &format!("/password/{}", link.expose())),
                csrf,
                problem,
                minimum: arrival.scene.realm.settings.passwords.minimum_length,
            });
            let again = problem.is_some();
            Ok(if again { words::rejected_page(arrival, &page) } else { words::page(arrival, &page, &[]) })
        }
        Err(LinkRefusal::Refused(refusal)) => Err(words::problem(arrival, &refusal)),
        Err(LinkRefusal::Gone | LinkRefusal::Mismatch | LinkRefusal::TooLong | LinkRefusal::TooShort { .. }) => {
            Ok(words::missing_page(arrival, &Page::LinkExpired))
        }
    }
}

fn link(arrival: &Arrival<'_>) -> Secret {
    Secret::presented(arrival.uri.path().rsplit('/').next().unwrap_or_default())
}

fn signed_out(arrival: &Arrival<'_>) -> Reply {
    words::page(arrival, &Page::SignedOut(SignedOut { sign_in: path(arrival, SIGN_IN), back: None }), &[])
}

fn path(arrival: &Arrival<'_>, path: &str) -> String {
    format!("{}{path}", arrival.base_path())
}

async fn form(arrival: &Arrival<'_>, body: Body) -> Result<Params, Reply> {
    let body = arrival.form(body).await?;
    Params::parse(&body).map_err(|malformed| words::problem(arrival, &malformed.into()))
}

async fn signed_in(arrival: &Arrival<'_>, browser: &Browser) -> Result<Option<SignedIn>, Reply> {
    let found = person::find(&arrival.app.house, &arrival.scene, browser.session.as_ref()).await;
    found.map_err(|refusal: Refusal| words::problem(arrival, &refusal))
}
