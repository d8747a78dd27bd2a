//! Users: added, changed, let in by a password or a one-time link.

use chancery_store::Moment;
use chancery_store::Write;
use chancery_store::audit::AuditEvent;
use chancery_store::credential::PasswordCredential;
use chancery_store::id::{RealmName, UserId, Username};
use chancery_store::link::PasswordLink;
use chancery_store::secret::Secret;
use chancery_store::user::User;
use serde_json::{Map, Value};

use super::{ATTEMPTS, Complaints, DirectoryError, Outcome, PAGE, Steward, claims};
use crate::context::PasswordHashing;

/// The longest password, in bytes: hashing must not be made to take long.
const LONGEST_PASSWORD: usize = 1024;

/// A user as asked for, not yet checked. Passwords come apart from it.
#[derive(Clone, Debug, Default)]
pub struct UserPlan {
    /// What they type to sign in.
    pub username: String,
    /// Whether they may administer the realm.
    pub administrator: bool,
    /// What is known of them (OIDC Core §5.1), and whatever else.
    pub claims: Map<String, Value>,
}

/// A link by which a person sets their password.
#[derive(Debug)]
pub struct OneTimeLink {
    /// Whose.
    pub user: UserId,
    /// What the link ends with; it is nowhere else.
    pub secret: Secret,
    /// When it stops working.
    pub expires_at: Moment,
}

impl Steward<'_> {
    /// Makes a user. They cannot sign in until a password is set.
    ///
    /// # Errors
    /// [`DirectoryError::Refused`], [`DirectoryError::Taken`], and those of the store.
    pub async fn add_user(&self, realm: &RealmName, plan: &UserPlan) -> Result<User, DirectoryError> {
        match self.declare(realm, plan, false).await? {
            (Outcome::Created, user) => Ok(user),
            (Outcome::Changed | Outcome::Unchanged, user) => Err(DirectoryError::taken("user", user.username)),
        }
    }

    /// Makes the user that `plan` names be as `plan` says, whether there is one or not.
    ///
    /// # Errors
    /// [`DirectoryError::Refused`], and those of the store.
    pub async fn declare_user(&self, realm: &RealmName, plan: &UserPlan) -> Result<(Outcome, User), DirectoryError> {
        self.declare(realm, plan, true).await
    }

    async fn declare(
        &self,
        realm: &RealmName,
        plan: &UserPlan,
        may_change: bool,
    ) -> Result<(Outcome, User), DirectoryError> {
        let username = check(plan)?;
        self.realm(realm).await?;
        for _ in 0..ATTEMPTS {
            let former = self.store.user_record_named(realm, &username).await?;
            let (outcome, user) = match former {
                None => (Outcome::Created, self.fresh_user(realm, &username, plan)),
                Some(former) if former.administrator == plan.administrator && former.claims == plan.claims => {
                    return Ok((Outcome::Unchanged, former));
                }
                Some(former) if !may_change => return Ok((Outcome::Changed, former)),
                Some(former) => {
                    let changed = User {
                        revision: former.revision + 1,
                        administrator: plan.administrator,
                        claims: plan.claims.clone(),
                        ..former
                    };
                    (Outcome::Changed, changed)
                }
            };
            let kind = if outcome == Outcome::Created { "user.created" } else { "user.changed" };
            let event = self.user_event(kind, &user);
            if self.is_done(Write::SaveUser { user: Box::new(user.clone()), at: self.now }, vec![event]).await? {
                return Ok((outcome, user));
            }
        }
        Err(DirectoryError::RaceLost)
    }

    /// Whether the realm takes such a password: asked before a user is made who could not have it.
    ///
    /// # Errors
    /// [`DirectoryError::Refused`], [`DirectoryError::Missing`] where there is no such realm, and those of the store.
    pub async fn check_password(&self, realm: &RealmName, password: &Secret) -> Result<(), DirectoryError> {
        let shortest = self.realm(realm).await?.settings.passwords.minimum_length;
        if password.expose().chars().count() < shortest || password.expose().len() > LONGEST_PASSWORD {
            let message = format!(
                "a password has {shortest} characters at least in this realm, and {LONGEST_PASSWORD} bytes at most"
            );
            return Err(DirectoryError::refused("password", message));
        }
        Ok(())
    }

    /// Sets a user's password, and ends what was signed in by the one before.
    ///
    /// # Errors
    /// [`DirectoryError::Refused`] for a password that the realm does not take, [`DirectoryError::Busy`], and those of the store.
    pub async fn set_password(
        &self,
        user: &User,
        password: Secret,
        hashing: &dyn PasswordHashing,
    ) -> Result<(), DirectoryError> {
        self.check_password(&user.realm, &password).await?;
        let hash = hashing.hash(password).await?;
        let credential = PasswordCredential { realm: user.realm.clone(), user: user.id, hash, changed_at: self.now };
        let event = self.user_event("password.set", user);
        let done = self.is_done(Write::SavePassword { credential }, vec![event]).await?;
        if done { Ok(()) } else { Err(DirectoryError::missing("user", &user.username)) }
    }

    /// Has `password` be the user's, and changes nothing if it is already.
    ///
    /// # Errors
    /// As [`Steward::set_password`].
    pub async fn declare_password(
        &self,
        user: &User,
        password: Secret,
        hashing: &dyn PasswordHashing,
    ) -> Result<Outcome, DirectoryError> {
        let kept = self.store.password(&user.realm, user.id).await?;
        let outcome = if kept.is_some() { Outcome::Changed } else { Outcome::Created };
        if let Some(kept) = kept
            && hashing.verify(Secret::presented(password.expose()), Some(kept.hash)).await?
        {
            return Ok(Outcome::Unchanged);
        }
        self.set_password(user, password, hashing).await?;
        Ok(outcome)
    }

    /// A link by which a user sets a password once, good for the time that the realm gives it.
    ///
    /// # Errors
    /// [`DirectoryError::Missing`], and those of the store.
    pub async fn password_link(&self, realm: &RealmName, username: &Username) -> Result<OneTimeLink, DirectoryError> {
        let lifetime = self.realm(realm).await?.settings.lifetimes.link;
        let user = self.user_record(realm, username).await?;
        let secret = self.secret();
        let expires_at = self.now.plus_seconds(lifetime);
        let link = PasswordLink { realm: realm.clone(), digest: secret.digest(), user: user.id, expires_at };
        let event = self.user_event("password_link.made", &user);
        if self.is_done(Write::KeepPasswordLink(link), vec![event]).await? {
            return Ok(OneTimeLink { user: user.id, secret, expires_at });
        }
        Err(DirectoryError::RaceLost)
    }

    /// Lets a user in again, or shuts them out and ends all they are signed in to.
    ///
    /// # Errors
    /// [`DirectoryError::Missing`], and those of the store.
    pub async fn enable_user(
        &self,
        realm: &RealmName,
        username: &Username,
        enabled: bool,
    ) -> Result<Outcome, DirectoryError> {
        for _ in 0..ATTEMPTS {
            let mut user = self.user_record(realm, username).await?;
            if user.enabled == enabled {
                return Ok(Outcome::Unchanged);
            }
            user.enabled = enabled;
            user.revision += 1;
            let event = self.user_event(if enabled { "user.enabled" } else { "user.disabled" }, &user);
            if self.is_done(Write::SaveUser { user: Box::new(user), at: self.now }, vec![event]).await? {
                return Ok(Outcome::Changed);
            }
        }
        Err(DirectoryError::RaceLost)
    }

    /// Removes a user and everything of theirs.
    ///
    /// # Errors
    /// [`DirectoryError::Missing`], and those of the store.
    pub async fn remove_user(&self, realm: &RealmName, username: &Username) -> Result<(), DirectoryError> {
        let user = self.user_record(realm, username).await?;
        let event = self.user_event("user.removed", &user);
        let write = Write::RemoveUser { realm: realm.clone(), user: user.id, at: self.now };
        if self.is_done(write, vec![event]).await? { Ok(()) } else { Err(DirectoryError::missing("user", username)) }
    }

    /// All users of a realm by username, enabled or not.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn users(&self, realm: &RealmName) -> Result<Vec<User>, DirectoryError> {
        let mut all: Vec<User> = Vec::new();
        loop {
            let page = self.store.user_records(realm, all.last().map(|user| &user.username), PAGE).await?;
            let is_last = page.len() < PAGE as usize;
            all.extend(page);
            if is_last {
                return Ok(all);
            }
        }
    }

    /// The user of this name, enabled or not.
    ///
    /// # Errors
    /// [`DirectoryError::Missing`], and those of the store.
    pub async fn user_record(&self, realm: &RealmName, username: &Username) -> Result<User, DirectoryError> {
        self.store.user_record_named(realm, username).await?.ok_or_else(|| DirectoryError::missing("user", username))
    }

    fn fresh_user(&self, realm: &RealmName, username: &Username, plan: &UserPlan) -> User {
        User {
            realm: realm.clone(),
            id: UserId::at(self.now.milliseconds(), self.chance()),
            revision: 1,
            username: username.clone(),
            enabled: true,
            administrator: plan.administrator,
            created_at: self.now,
            claims: plan.claims.clone(),
        }
    }

    fn user_event(&self, kind: &str, user: &User) -> AuditEvent {
        AuditEvent { user: Some(user.id.to_string()), ..self.event(&user.realm, kind) }
    }
}

fn check(plan: &UserPlan) -> Result<Username, DirectoryError> {
    let mut complaints = Complaints::default();
    let username = Username::parse(&plan.username);
    if let Err(bad) = &username {
        complaints.push("username", bad.0);
    }
    complaints.extend_within("claims", claims::check(&plan.claims));
    complaints.or(())?;
    username.map_err(|bad| DirectoryError::refused("username", bad.0))
}
