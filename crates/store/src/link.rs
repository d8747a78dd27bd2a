//! One-time links: what a person gets to set a password.

use crate::id::{RealmName, UserId};
use crate::moment::Moment;
use crate::secret::SecretDigest;

/// A link that sets a user's password, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordLink {
    /// The realm.
    pub realm: RealmName,
    /// What the link's secret digests to.
    pub digest: SecretDigest,
    /// Whose password.
    pub user: UserId,
    /// When it stops working.
    pub expires_at: Moment,
}
