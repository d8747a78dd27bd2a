//! The authorization endpoint: a client asks, a person answers, the browser carries the answer back.
//!
//! Implements: RFC 6749 §3.1, §4.1.1–4.1.2; RFC 7636 §4.3–4.4; RFC 8252 §7.3; RFC 8707 §2.1;
//! RFC 9207; OpenID Connect Core §3.1.2.
//! Leaves out: request objects (RFC 9101), and response types other than `code`.
//!
//! Before [`admit`] an error can only become a page, after it only a redirect; the types say which.

pub mod admit;
mod interact;
pub mod respond;

use std::sync::Arc;

use chancery_spec::params::Params;
use chancery_spec::resource::ResourceIndicator;
use chancery_spec::scope::Scope;
use chancery_store::client::Client;
use chancery_store::id::PendingId;
use chancery_store::pending::Pending;
use chancery_store::secret::Secret;
use chancery_store::{Commit, Write};
use serde_json::json;

use crate::audit;
use crate::context::{House, Scene};
use crate::refusal::Refusal;
use crate::steps::person::{self, SignedIn};
use admit::{Admitted, Unanswered};
use interact::Next;

/// The endpoint's path in its realm; a waiting request has its name below it.
pub const PATH: &str = "/authorize";

/// What the browser does next.
pub enum Step {
    /// Show the page of the request that waits under this name.
    Ask(PendingId),
    /// Go back to the client with the answer.
    Leave(String),
}

/// What the person is shown.
pub enum View {
    /// Ask who they are.
    SignIn {
        /// Who wants to know.
        client: Arc<Client>,
        /// A name to fill in.
        login_hint: Option<String>,
        /// Where the answer will go.
        redirect_uri: String,
    },
    /// Ask whether they agree.
    Consent {
        /// Who asks.
        client: Arc<Client>,
        /// Who is asked.
        person: Box<SignedIn>,
        /// What is asked for.
        scope: Scope,
        /// For which APIs.
        resources: Vec<ResourceIndicator>,
        /// Where the answer will go.
        redirect_uri: String,
    },
    /// Nothing more: go back to the client with the answer.
    Leave(String),
}

/// Whose browser it is: its own cookie, and that of a session.
pub struct Browser {
    /// Tells this browser from every other.
    pub secret: Secret,
    /// Where somebody is signed in.
    pub session: Option<Secret>,
}

/// Takes an authorization request.
///
/// # Errors
/// A page for the person, or a redirect to the client.
pub async fn begin(house: &House, scene: &Scene<'_>, params: Params, browser: &Browser) -> Result<Step, Unanswered> {
    let admitted = admit::admit(house, scene, params).await?;
    let person = person::find(house, scene, browser.session.as_ref()).await.map_err(Unanswered::Page)?;
    let next = interact::next(house, scene, &admitted, scene.now, person.as_ref()).await;
    match next.map_err(|refusal| admitted.redirect.refuse(refusal))? {
        Next::Done => {
            let person = person.ok_or(Unanswered::Page(Refusal::LoginRequired))?;
            let location = respond::grant(house, scene, &admitted, &person, None).await;
            location.map(Step::Leave).map_err(|refusal| admitted.redirect.refuse(refusal))
        }
        Next::Refuse(refusal) => Err(admitted.redirect.refuse(refusal)),
        Next::SignIn | Next::Consent => {
            let pending = Pending {
                realm: scene.realm.name.clone(),
                id: scene.id(),
                browser: browser.secret.digest(),
                request: admitted.request.clone(),
                created_at: scene.now,
                expires_at: scene.now.plus_seconds(scene.realm.settings.lifetimes.pending_authorization),
            };
            let id = pending.id;
            match house.store.commit(Write::KeepPending(Box::new(pending)), Vec::new()).await {
                Ok(Commit::Done) => Ok(Step::Ask(id)),
                Ok(Commit::Lost) => Err(admitted.redirect.refuse(Refusal::RaceLost)),
                Err(cause) => Err(admitted.redirect.refuse(cause.into())),
            }
        }
    }
}

/// What to show for the request that waits under `id`; answers it where nothing is left to ask.
///
/// # Errors
/// A page for the person, or a redirect to the client.
pub async fn show(house: &House, scene: &Scene<'_>, id: PendingId, browser: &Browser) -> Result<View, Unanswered> {
    let (pending, admitted) = waiting(house, scene, id, browser).await?;
    let person = person::find(house, scene, browser.session.as_ref()).await.map_err(Unanswered::Page)?;
    let next = interact::next(house, scene, &admitted, pending.created_at, person.as_ref()).await;
    match next.map_err(|refusal| admitted.redirect.refuse(refusal))? {
        Next::SignIn => {
            let login_hint = admitted.request.login_hint.clone();
            let redirect_uri = admitted.request.redirect_uri.clone();
            Ok(View::SignIn { client: admitted.client, login_hint, redirect_uri })
        }
        Next::Consent => Ok(View::Consent {
            client: admitted.client,
            person: Box::new(person.ok_or(Unanswered::Page(Refusal::LoginRequired))?),
            scope: admitted.request.scope.clone(),
            resources: admitted.request.resources.clone(),
            redirect_uri: admitted.request.redirect_uri.clone(),
        }),
        Next::Done => {
            let person = person.ok_or(Unanswered::Page(Refusal::LoginRequired))?;
            let location = respond::grant(house, scene, &admitted, &person, Some(id)).await;
            location.map(View::Leave).map_err(|refusal| admitted.redirect.refuse(refusal))
        }
        Next::Refuse(refusal) => {
            forget(house, scene, id, None).await?;
            Err(admitted.redirect.refuse(refusal))
        }
    }
}

/// The person agreed.
///
/// # Errors
/// A page for the person, or a redirect to the client.
pub async fn allow(house: &House, scene: &Scene<'_>, id: PendingId, browser: &Browser) -> Result<Step, Unanswered> {
    let (pending, admitted) = waiting(house, scene, id, browser).await?;
    let person = person::find(house, scene, browser.session.as_ref()).await.map_err(Unanswered::Page)?;
    let next = interact::next(house, scene, &admitted, pending.created_at, person.as_ref()).await;
    match (next.map_err(|refusal| admitted.redirect.refuse(refusal))?, person) {
        (Next::Done | Next::Consent, Some(person)) => {
            let location = respond::grant(house, scene, &admitted, &person, Some(id)).await;
            location.map(Step::Leave).map_err(|refusal| admitted.redirect.refuse(refusal))
        }
        // Signed out meanwhile, or not signed in anew: agreeing is not enough.
        (Next::SignIn, _) | (Next::Done | Next::Consent, None) => Ok(Step::Ask(id)),
        (Next::Refuse(refusal), _) => {
            forget(house, scene, id, None).await?;
            Err(admitted.redirect.refuse(refusal))
        }
    }
}

/// The person said no, at whichever page.
///
/// # Errors
/// Always: a page for the person, or a redirect to the client.
pub async fn deny(house: &House, scene: &Scene<'_>, id: PendingId, browser: &Browser) -> Result<Step, Unanswered> {
    let (_, admitted) = waiting(house, scene, id, browser).await?;
    let person = person::find(house, scene, browser.session.as_ref()).await.map_err(Unanswered::Page)?;
    let user = person.map(|person| person.user.id);
    let event = audit::event(scene, "authorization.denied", Some(&admitted.client.id), user, json!({}));
    forget(house, scene, id, Some(event)).await?;
    Err(admitted.redirect.refuse(Refusal::Denied))
}

/// The request that waits, if it waits in this browser, with the client as it is now.
async fn waiting(
    house: &House,
    scene: &Scene<'_>,
    id: PendingId,
    browser: &Browser,
) -> Result<(Pending, Admitted), Unanswered> {
    let page = |refusal| Unanswered::Page(refusal);
    let pending = house.store.pending(&scene.realm.name, id).await.map_err(|cause| page(cause.into()))?;
    let pending = pending.ok_or(page(Refusal::PendingGone))?;
    if scene.now.is_past(pending.expires_at) || pending.browser != browser.secret.digest() {
        return Err(page(Refusal::PendingGone));
    }
    let admitted = admit::again(house, scene, &pending.request).await?;
    Ok((pending, admitted))
}

async fn forget(
    house: &House,
    scene: &Scene<'_>,
    id: PendingId,
    event: Option<chancery_store::audit::AuditEvent>,
) -> Result<(), Unanswered> {
    let write = Write::DropPending { realm: scene.realm.name.clone(), pending: id };
    match house.store.commit(write, event.into_iter().collect()).await {
        Ok(Commit::Done) => Ok(()),
        Ok(Commit::Lost) => Err(Unanswered::Page(Refusal::PendingGone)),
        Err(cause) => Err(Unanswered::Page(cause.into())),
    }
}
