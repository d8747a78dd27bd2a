//! How a user proves who they are.

use std::fmt;

use crate::id::{RealmName, UserId};
use crate::moment::Moment;

/// A user's password, hashed.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordCredential {
    /// The user's realm.
    pub realm: RealmName,
    /// Whose password.
    pub user: UserId,
    /// The hash in PHC string form (`$argon2id$…`).
    pub hash: String,
    /// When it was last set.
    pub changed_at: Moment,
}

impl fmt::Debug for PasswordCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordCredential")
            .field("user", &self.user)
            .field("changed_at", &self.changed_at)
            .finish_non_exhaustive()
    }
}
