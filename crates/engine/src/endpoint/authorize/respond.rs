//! The answer: a code, bound to everything that led to it.
//!
//! Implements: RFC 6749 §4.1.2; RFC 9207 §2.

use chancery_spec::authorization_response::Granted;
use chancery_store::code::{Code, CodeGrant, CodeState};
use chancery_store::consent::Consent;
use chancery_store::id::PendingId;
use chancery_store::{Commit, Write};
use serde_json::json;

use super::admit::Admitted;
use crate::audit;
use crate::context::{House, Scene};
use crate::refusal::Refusal;
use crate::steps::person::{self, SignedIn};

/// Keeps what was agreed to and issues the code; answers the URL that carries it.
///
/// # Errors
/// [`Refusal::PendingGone`] where the request was answered meanwhile, in another window perhaps.
pub(super) async fn grant(
    house: &House,
    scene: &Scene<'_>,
    admitted: &Admitted,
    person: &SignedIn,
    pending: Option<PendingId>,
) -> Result<String, Refusal> {
    let realm = &scene.realm.name;
    let request = &admitted.request;
    let secret = scene.secret();
    let lifetimes = &scene.realm.settings.lifetimes;
    let until = scene.now.plus_seconds(lifetimes.authorization_code);
    let code = Code {
        realm: realm.clone(),
        digest: secret.digest(),
        client: admitted.client.id.clone(),
        grant: CodeGrant {
            user: person.user.id,
            session: person.session.id,
            authentication: person.session.authentication.clone(),
            redirect_uri: request.redirect_uri_was_sent.then(|| request.redirect_uri.clone()),
            challenge: request.challenge.clone(),
            nonce: request.nonce.clone(),
            scope: request.scope.clone(),
            resources: request.resources.clone(),
            claims: request.claims.clone(),
        },
        // A replay is recognised for as long as the tokens of the first redemption can live.
        forget_at: until.plus_seconds(lifetimes.refresh_token),
        state: CodeState::Open { until },
    };
    let known = house.store.consent(realm, person.user.id, &admitted.client.id).await?;
    let consent = grown(scene, admitted, person, known);
    let events = vec![audit::event(
        scene,
        "authorization.granted",
        Some(&admitted.client.id),
        Some(person.user.id),
        json!({ "scope": request.scope, "resources": request.resources }),
    )];
    let write = Write::IssueCode { code: Box::new(code), consent, pending };
    match house.store.commit(write, events).await? {
        Commit::Done => {}
        Commit::Lost => return Err(Refusal::PendingGone),
    }
    person::touch(house, scene, person).await?;
    Ok(admitted.redirect.grant(Granted::code(secret.into_wire())))
}

/// The person's agreement, if it is now more than it was.
fn grown(scene: &Scene<'_>, admitted: &Admitted, person: &SignedIn, known: Option<Consent>) -> Option<Consent> {
    let request = &admitted.request;
    if known.as_ref().is_some_and(|known| known.covers(&request.scope, &request.resources)) {
        return None;
    }
    let (scope, mut resources) = match known {
        Some(known) => (known.scope.union(&request.scope), known.resources),
        None => (request.scope.clone(), Vec::new()),
    };
    for resource in &request.resources {
        if !resources.contains(resource) {
            resources.push(resource.clone());
        }
    }
    Some(Consent {
        realm: scene.realm.name.clone(),
        user: person.user.id,
        client: admitted.client.id.clone(),
        scope,
        resources,
        granted_at: scene.now,
    })
}
