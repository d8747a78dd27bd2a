//! Setting a password by a one-time link.

use chancery_store::credential::PasswordCredential;
use chancery_store::secret::Secret;
use chancery_store::user::User;
use chancery_store::{Commit, Write};
use serde_json::json;

use super::sign_in::LONGEST_PASSWORD;
use crate::audit;
use crate::context::{House, Scene};
use crate::refusal::Refusal;

/// Why a password was not set.
#[derive(Debug)]
pub enum LinkRefusal {
    /// The link is unknown, used or too old.
    Gone,
    /// The password has too few characters.
    TooShort {
        /// The fewest allowed.
        minimum: usize,
    },
    /// The password has too many bytes.
    TooLong,
    /// The two fields differ.
    Mismatch,
    /// The server cannot do it now.
    Refused(Refusal),
}

impl<E: Into<Refusal>> From<E> for LinkRefusal {
    fn from(refusal: E) -> Self {
        Self::Refused(refusal.into())
    }
}

/// Whose password the link sets. Looking does not use it up: mail programs look too.
///
/// # Errors
/// [`LinkRefusal::Gone`], [`LinkRefusal::Refused`].
pub async fn look(house: &House, scene: &Scene<'_>, link: &Secret) -> Result<User, LinkRefusal> {
    let realm = &scene.realm.name;
    let link = house.store.password_link(realm, &link.digest()).await?.ok_or(LinkRefusal::Gone)?;
    if scene.now.is_past(link.expires_at) {
        return Err(LinkRefusal::Gone);
    }
    house.store.user(realm, link.user).await?.ok_or(LinkRefusal::Gone)
}

/// Sets the password and uses the link up.
///
/// # Errors
/// [`LinkRefusal`].
pub async fn redeem(
    house: &House,
    scene: &Scene<'_>,
    link: &Secret,
    password: Secret,
    repeated: &Secret,
) -> Result<(), LinkRefusal> {
    let user = look(house, scene, link).await?;
    if password.expose() != repeated.expose() {
        return Err(LinkRefusal::Mismatch);
    }
    let minimum = scene.realm.settings.passwords.minimum_length;
    if password.expose().chars().count() < minimum {
        return Err(LinkRefusal::TooShort { minimum });
    }
    if password.expose().len() > LONGEST_PASSWORD {
        return Err(LinkRefusal::TooLong);
    }
    let hash = house.passwords.hash(password).await.map_err(Refusal::from)?;
    let credential = PasswordCredential { realm: scene.realm.name.clone(), user: user.id, hash, changed_at: scene.now };
    let event = audit::event(scene, "password.set", None, Some(user.id), json!({ "by": "link" }));
    match house.store.commit(Write::RedeemPasswordLink { digest: link.digest(), credential }, vec![event]).await? {
        Commit::Done => Ok(()),
        Commit::Lost => Err(LinkRefusal::Gone),
    }
}
