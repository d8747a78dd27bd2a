//! A person's own page: what they let others do, where they are signed in, and how to end it.

use std::sync::Arc;

use chancery_store::client::Client;
use chancery_store::consent::Consent;
use chancery_store::id::{ClientId, SessionId};
use chancery_store::session::Session;
use chancery_store::{Commit, Write};
use serde_json::json;

use crate::audit;
use crate::context::{House, Scene};
use crate::refusal::Refusal;
use crate::steps::person::SignedIn;

/// What is shown.
pub struct Home {
    /// Who may do what; the client is missing where it is disabled.
    pub applications: Vec<(Consent, Option<Arc<Client>>)>,
    /// Where they are signed in, the youngest first.
    pub sessions: Vec<Session>,
}

/// What is shown to `person`.
///
/// # Errors
/// [`Refusal::StoreUnavailable`].
pub async fn home(house: &House, scene: &Scene<'_>, person: &SignedIn) -> Result<Home, Refusal> {
    let realm = &scene.realm.name;
    let mut applications = Vec::new();
    for consent in house.store.consents_of(realm, person.user.id).await? {
        let client = house.store.client(realm, &consent.client).await?;
        applications.push((consent, client));
    }
    let mut sessions = house.store.sessions_of(realm, person.user.id).await?;
    sessions.retain(|session| session.is_live(scene.now));
    Ok(Home { applications, sessions })
}

/// Takes back what `person` let `client` do.
///
/// # Errors
/// [`Refusal::StoreUnavailable`].
pub async fn withdraw(house: &House, scene: &Scene<'_>, person: &SignedIn, client: ClientId) -> Result<(), Refusal> {
    let event = audit::event(scene, "consent.withdrawn", Some(&client), Some(person.user.id), json!({}));
    let write = Write::WithdrawConsent { realm: scene.realm.name.clone(), user: person.user.id, client, at: scene.now };
    match house.store.commit(write, vec![event]).await? {
        Commit::Done | Commit::Lost => Ok(()),
    }
}

/// Ends one of `person`'s sessions; another person's is left alone.
///
/// # Errors
/// [`Refusal::StoreUnavailable`].
pub async fn end_session(
    house: &House,
    scene: &Scene<'_>,
    person: &SignedIn,
    session: SessionId,
) -> Result<(), Refusal> {
    let found = house.store.session_named(&scene.realm.name, session).await?;
    if found.is_none_or(|found| found.user != person.user.id) {
        return Ok(());
    }
    super::sign_in::sign_out(house, scene, session).await
}
