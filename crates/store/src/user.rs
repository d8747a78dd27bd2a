//! A user: a person who signs in.

use serde::{Deserialize, Serialize};

use crate::id::{RealmName, UserId, Username};
use crate::moment::Moment;

/// A person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// The realm they belong to.
    pub realm: RealmName,
    /// Their name in tokens (`sub`); it never changes and is never given to another.
    pub id: UserId,
    /// Counts the record's versions; see [`crate::write::Write::SaveUser`].
    pub revision: u64,
    /// What they type to sign in.
    pub username: Username,
    /// Whether they may sign in and use what they granted.
    pub enabled: bool,
    /// Whether they may administer the realm.
    #[serde(default)]
    pub administrator: bool,
    /// When the record was made.
    pub created_at: Moment,
    /// What is known of them: standard claims (OIDC Core §5.1) and others.
    #[serde(default)]
    pub claims: serde_json::Map<String, serde_json::Value>,
}

impl User {
    /// What the pages call them.
    #[must_use]
    pub fn display_name(&self) -> &str {
        self.claims.get("name").and_then(|name| name.as_str()).unwrap_or(self.username.as_str())
    }

    /// Their e-mail address, verified or not.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.claims.get("email").and_then(|email| email.as_str())
    }
}
