//! Signing in with a password.
//!
//! An attempt is counted before it is judged, for the account and for the address, so that
//! attempts made at once are not all judged under the count of the first. An account that does not
//! exist is counted, hashed and answered like one that does.

use chancery_store::attempt::{AttemptKey, Attempts, CountedAttempt};
use chancery_store::credential::PasswordCredential;
use chancery_store::id::{RealmName, SessionId, Username};
use chancery_store::secret::Secret;
use chancery_store::session::{Authentication, Session};
use chancery_store::settings::SignInPolicy;
use chancery_store::user::User;
use chancery_store::{Commit, Moment, Write};
use serde_json::json;

use crate::audit;
use crate::context::{HashingBusy, House, Scene};
use crate::refusal::Refusal;
use crate::specs::PASSWORD_ACR;

/// Longest password that is heard, in bytes: hashing has its price.
pub const LONGEST_PASSWORD: usize = 1024;
/// Longest description of a browser that is kept, in characters.
const LONGEST_USER_AGENT: usize = 200;
const ATTEMPTS: usize = 64;

/// What somebody typed, and where from.
pub struct Attempt {
    /// Who they say they are.
    pub username: String,
    /// What they know.
    pub password: Secret,
    /// The address of their network, as text: an IPv6 address is counted by its /64.
    pub address: String,
    /// What their browser calls itself.
    pub user_agent: String,
    /// The session that their browser has now.
    pub replaces: Option<SessionId>,
}

/// Why nobody was signed in.
#[derive(Debug)]
pub enum SignInRefusal {
    /// The name or the password is wrong; which, nobody is told.
    WrongCredentials,
    /// Not now.
    Wait {
        /// Seconds.
        retry_after: u64,
    },
    /// The server cannot judge it now.
    Refused(Refusal),
}

impl<E: Into<Refusal>> From<E> for SignInRefusal {
    fn from(refusal: E) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<HashingBusy> for Refusal {
    fn from(busy: HashingBusy) -> Self {
        Self::Busy { retry_after: busy.retry_after }
    }
}

/// Signs somebody in: answers the secret of the new session's cookie, and who it is.
///
/// # Errors
/// [`SignInRefusal`].
pub async fn sign_in(house: &House, scene: &Scene<'_>, attempt: Attempt) -> Result<(Secret, User), SignInRefusal> {
    let realm = &scene.realm.name;
    let username = Username::parse(&attempt.username).ok();
    let name = username.as_ref().map_or("", Username::as_str);
    let account = AttemptKey::account(realm, name);
    let address = AttemptKey::address(realm, &attempt.address);
    count(house, scene, &account, &address).await?;

    let user = match &username {
        Some(username) => house.store.user_named(realm, username).await?,
        None => None,
    };
    let credential = match &user {
        Some(user) => house.store.password(realm, user.id).await?,
        None => None,
    };
    if attempt.password.expose().len() > LONGEST_PASSWORD {
        return Err(SignInRefusal::WrongCredentials);
    }
    let typed = Secret::presented(attempt.password.expose());
    let hash = credential.as_ref().map(|credential| credential.hash.clone());
    let right = house.passwords.verify(typed, hash).await.map_err(Refusal::from)?;
    let (Some(user), Some(credential), true) = (user, credential, right) else {
        let event = audit::event(scene, "sign_in.failed", None, None, json!({ "address": attempt.address }));
        let _kept: Commit = house.store.commit(Write::Record, vec![event]).await?;
        return Err(SignInRefusal::WrongCredentials);
    };

    let settled = Write::SettleAttempts { cleared: account, forgiven: address };
    let _settled: Commit = house.store.commit(settled, Vec::new()).await?;
    upgrade(house, credential, &attempt.password).await?;
    let secret = open(house, scene, &user, &attempt).await?;
    Ok((secret, user))
}

async fn open(house: &House, scene: &Scene<'_>, user: &User, attempt: &Attempt) -> Result<Secret, SignInRefusal> {
    let secret = scene.secret();
    let lifetimes = &scene.realm.settings.lifetimes;
    let session = Session {
        realm: scene.realm.name.clone(),
        // A new name and a new secret at every sign-in: what a browser held before is worth nothing.
        id: scene.id(),
        secret: secret.digest(),
        user: user.id,
        authentication: Authentication { at: scene.now, acr: PASSWORD_ACR.to_owned(), amr: vec!["pwd".to_owned()] },
        user_agent: attempt
            .user_agent
            .chars()
            .filter(|character| !character.is_control())
            .take(LONGEST_USER_AGENT)
            .collect(),
        created_at: scene.now,
        seen_at: scene.now,
        idle_until: scene.now.plus_seconds(lifetimes.session_idle),
        expires_at: scene.now.plus_seconds(lifetimes.session),
    };
    let event = audit::event(scene, "sign_in.succeeded", None, Some(user.id), json!({ "address": attempt.address }));
    match house
        .store
        .commit(Write::OpenSession { session: Box::new(session), replaces: attempt.replaces }, vec![event])
        .await?
    {
        Commit::Done => Ok(secret),
        // The account went away while it signed in.
        Commit::Lost => Err(SignInRefusal::WrongCredentials),
    }
}

/// Counts the attempt for both, as a failure until it is known to be none.
async fn count(
    house: &House,
    scene: &Scene<'_>,
    account: &AttemptKey,
    address: &AttemptKey,
) -> Result<(), SignInRefusal> {
    let policy = &scene.realm.settings.sign_in;
    for _ in 0..ATTEMPTS {
        let by_account = house.store.attempts(account).await?;
        let by_address = house.store.attempts(address).await?;
        let waits = [by_account.retry_at, by_address.retry_at];
        if let Some(until) = waits.into_iter().flatten().max().filter(|until| !scene.now.is_past(*until)) {
            let milliseconds = u64::try_from(until.since(scene.now)).unwrap_or(0);
            return Err(SignInRefusal::Wait { retry_after: milliseconds.div_ceil(1000).max(1) });
        }
        let counted = vec![
            one_more(scene.now, policy, policy.free_attempts_per_account, account, by_account),
            one_more(scene.now, policy, policy.free_attempts_per_address, address, by_address),
        ];
        if house.store.commit(Write::CountAttempts(counted), Vec::new()).await? == Commit::Done {
            return Ok(());
        }
        // Somebody else was counted first: look again.
    }
    Err(SignInRefusal::Wait { retry_after: 1 })
}

fn one_more(now: Moment, policy: &SignInPolicy, free: u32, key: &AttemptKey, seen: Attempts) -> CountedAttempt {
    let count = seen.count.saturating_add(1);
    let retry_at = (count > free).then(|| now.plus_seconds(wait(policy, count - free)));
    CountedAttempt {
        key: key.clone(),
        seen: seen.count,
        becomes: Attempts { count, retry_at },
        forget_at: now.plus_seconds(policy.forget_after),
    }
}

/// Seconds of wait after the failure of this number, counted from 1 beyond the free ones.
fn wait(policy: &SignInPolicy, failure: u32) -> u64 {
    let doublings = failure.saturating_sub(1).min(40);
    policy.first_wait.saturating_mul(1 << doublings).min(policy.longest_wait)
}

/// Hashes the password anew where the kept hash was made with weaker parameters.
async fn upgrade(house: &House, kept: PasswordCredential, password: &Secret) -> Result<(), SignInRefusal> {
    if !house.passwords.is_outdated(&kept.hash) {
        return Ok(());
    }
    // A full queue is no reason to turn somebody away who knew the password.
    let Ok(hash) = house.passwords.hash(Secret::presented(password.expose())).await else { return Ok(()) };
    let former = kept.hash.clone();
    let credential = PasswordCredential { hash, ..kept };
    let _either: Commit = house.store.commit(Write::UpgradePasswordHash { credential, former }, Vec::new()).await?;
    Ok(())
}

/// Signs a browser out: its session ends, and so does what ends with it.
///
/// # Errors
/// [`Refusal::StoreUnavailable`].
pub async fn sign_out(house: &House, scene: &Scene<'_>, session: SessionId) -> Result<(), Refusal> {
    let realm: RealmName = scene.realm.name.clone();
    let event = audit::event(scene, "sign_out", None, None, json!({ "session": session }));
    let write = Write::EndSession { realm, session, at: scene.now };
    match house.store.commit(write, vec![event]).await? {
        Commit::Done | Commit::Lost => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_beyond_the_free_ones_doubles_the_wait_up_to_the_longest() {
        let policy = SignInPolicy { first_wait: 2, longest_wait: 900, ..SignInPolicy::default() };
        assert_eq!([1, 2, 3, 9, 10, u32::MAX].map(|failure| wait(&policy, failure)), [2, 4, 8, 512, 900, 900]);
    }
}
