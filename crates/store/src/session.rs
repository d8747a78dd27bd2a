//! A session: a browser in which somebody is signed in.

use serde::{Deserialize, Serialize};

use crate::id::{RealmName, SessionId, UserId};
use crate::moment::Moment;
use crate::secret::SecretDigest;

/// A signed-in browser. A session that ended has no record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The realm it belongs to.
    pub realm: RealmName,
    /// Its public name: the `sid` of tokens.
    pub id: SessionId,
    /// What the browser's cookie digests to.
    pub secret: SecretDigest,
    /// Who is signed in.
    pub user: UserId,
    /// How and when they proved it.
    pub authentication: Authentication,
    /// What the browser called itself, shortened; shown to its owner only.
    pub user_agent: String,
    /// When it began.
    pub created_at: Moment,
    /// When it was last used, to the minute.
    pub seen_at: Moment,
    /// When it ends if it is not used.
    pub idle_until: Moment,
    /// When it ends in any case.
    pub expires_at: Moment,
}

impl Session {
    /// Whether it still counts at `now`.
    #[must_use]
    pub fn is_live(&self, now: Moment) -> bool {
        !now.is_past(self.idle_until) && !now.is_past(self.expires_at)
    }
}

/// How and when a person proved who they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authentication {
    /// When (`auth_time`).
    pub at: Moment,
    /// The level reached (`acr`, OIDC Core §2).
    pub acr: String,
    /// The methods used (`amr`, RFC 8176).
    pub amr: Vec<String>,
}
