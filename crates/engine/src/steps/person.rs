//! The person behind a session cookie: loadable only while the session is live and the account enabled.

use chancery_store::secret::Secret;
use chancery_store::session::Session;
use chancery_store::user::User;
use chancery_store::{Commit, Write};

use crate::context::{House, Scene};
use crate::refusal::Refusal;

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The browser's session.
    pub session: Session,
    /// Who they are.
    pub user: User,
}

/// Whoever is signed in with this cookie.
///
/// # Errors
/// [`Refusal::StoreUnavailable`].
pub async fn find(house: &House, scene: &Scene<'_>, cookie: Option<&Secret>) -> Result<Option<SignedIn>, Refusal> {
    let Some(cookie) = cookie else { return Ok(None) };
    let realm = &scene.realm.name;
    let Some(session) = house.store.session(realm, &cookie.digest()).await? else { return Ok(None) };
    if !session.is_live(scene.now) {
        return Ok(None);
    }
    let Some(user) = house.store.user(realm, session.user).await? else { return Ok(None) };
    Ok(Some(SignedIn { session, user }))
}

/// Notes that the session was used, at most once a minute: its idle time begins anew.
///
/// # Errors
/// [`Refusal::StoreUnavailable`].
pub async fn touch(house: &House, scene: &Scene<'_>, person: &SignedIn) -> Result<(), Refusal> {
    if scene.now.since(person.session.seen_at) < 60_000 {
        return Ok(());
    }
    let write = Write::TouchSession {
        realm: scene.realm.name.clone(),
        session: person.session.id,
        seen_at: scene.now,
        idle_until: scene.now.plus_seconds(scene.realm.settings.lifetimes.session_idle),
    };
    match house.store.commit(write, Vec::new()).await? {
        // A session that ended meanwhile is noticed by the next request.
        Commit::Done | Commit::Lost => Ok(()),
    }
}
