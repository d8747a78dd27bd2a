//! What is left to ask the person. The facts are read, then one pure decision is taken; the pages,
//! `prompt=none` and the answer to a form all take this one.
//!
//! Implements: OpenID Connect Core §3.1.2.1 (`prompt`, `max_age`, `id_token_hint`), §3.1.2.4.

use chancery_spec::prompt::Prompt;
use chancery_store::Moment;
use chancery_store::client::Client;
use chancery_store::consent::Consent;
use chancery_store::pending::AdmittedAuthorization;

use super::admit::Admitted;
use crate::context::{House, Scene};
use crate::refusal::Refusal;
use crate::steps::person::SignedIn;

/// What comes next.
#[derive(Debug)]
pub(super) enum Next {
    /// The person agrees or not.
    Consent,
    /// Nothing is left to ask.
    Done,
    /// Nothing can be asked.
    Refuse(Refusal),
    /// The person shows who they are.
    SignIn,
}

/// What comes next for a request that was put at `asked_at`.
pub(super) async fn next(
    house: &House,
    scene: &Scene<'_>,
    admitted: &Admitted,
    asked_at: Moment,
    person: Option<&SignedIn>,
) -> Result<Next, Refusal> {
    let consent = match person {
        Some(person) => house.store.consent(&scene.realm.name, person.user.id, &admitted.client.id).await?,
        None => None,
    };
    Ok(decide(scene.now, &admitted.client, &admitted.request, asked_at, person, consent.as_ref()))
}

fn decide(
    now: Moment,
    client: &Client,
    request: &AdmittedAuthorization,
    asked_at: Moment,
    person: Option<&SignedIn>,
    consent: Option<&Consent>,
) -> Next {
    let silent = request.prompt.contains(Prompt::None);
    let sign_in = if silent { Next::Refuse(Refusal::LoginRequired) } else { Next::SignIn };
    let Some(person) = person else { return sign_in };

    let signed_in_at = person.session.authentication.at;
    // Whoever signed in after the question has answered it, however the clock runs on.
    let since_question = signed_in_at >= asked_at;
    let expected = request.expected_subject.as_deref();
    if expected.is_some_and(|expected| expected != person.user.id.to_string()) {
        return if since_question && !silent { Next::Refuse(Refusal::WrongAccount) } else { sign_in };
    }
    let wants_anew =
        [Prompt::Login, Prompt::SelectAccount, Prompt::Create].iter().any(|one| request.prompt.contains(*one));
    let too_old = request
        .max_age
        .is_some_and(|most| now.since(signed_in_at) > i64::try_from(most.saturating_mul(1000)).unwrap_or(i64::MAX));
    if (wants_anew || too_old) && !since_question {
        return sign_in;
    }
    let agreed =
        client.first_party || consent.is_some_and(|consent| consent.covers(&request.scope, &request.resources));
    if agreed && !request.prompt.contains(Prompt::Consent) {
        return Next::Done;
    }
    if silent { Next::Refuse(Refusal::ConsentRequired) } else { Next::Consent }
}
