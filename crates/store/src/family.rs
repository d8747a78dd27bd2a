//! A token family: everything that came from one authorization. Its refresh tokens and access
//! tokens live and die together.

use std::fmt;

use chancery_spec::resource::ResourceIndicator;
use chancery_spec::scope::Scope;
use serde::{Deserialize, Serialize};

use crate::id::{ClientId, FamilyId, RealmName, SessionId, UserId};
use crate::moment::Moment;
use crate::session::Authentication;

/// Everything that came from one authorization.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// The realm that issued it.
    pub realm: RealmName,
    /// Its name; refresh tokens and `jti`s carry it.
    pub id: FamilyId,
    /// To whom it was given.
    pub client: ClientId,
    /// By whom.
    pub user: UserId,
    /// The session it ends with; none where it was granted `offline_access`.
    pub session: Option<SessionId>,
    /// What was granted.
    pub grant: FamilyGrant,
    /// Mixed into its refresh tokens, so that nobody makes one from the realm's key alone.
    pub salt: FamilySalt,
    /// When it began.
    pub created_at: Moment,
    /// When it ends in any case.
    pub expires_at: Moment,
    /// Live or ended.
    pub state: FamilyState,
}

/// What a family stands for; it never changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FamilyGrant {
    /// What was granted, in full. A refresh may ask for less, never for more (RFC 6749 §6).
    pub scope: Scope,
    /// Whom its tokens may be for.
    pub resources: Vec<ResourceIndicator>,
    /// How the person had proved who they are.
    pub authentication: Authentication,
    /// The session it came from: the `sid` of its ID tokens, even after that session's end.
    pub session: SessionId,
    /// Claims asked for one by one.
    pub claims: Option<serde_json::Value>,
}

/// 256 bits of chance.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FamilySalt(pub [u8; 32]);

impl fmt::Debug for FamilySalt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FamilySalt(..)")
    }
}

/// Live or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FamilyState {
    /// Its tokens are good.
    Live {
        /// Which of its refresh tokens is the newest, counted from 0.
        generation: u32,
        /// When that one was made.
        rotated_at: Moment,
        /// When it ends if it is not used.
        idle_until: Moment,
    },
    /// Its tokens are good for nothing any more.
    Ended {
        /// Since when.
        at: Moment,
    },
}

impl Family {
    /// Whether its tokens count at `now`.
    #[must_use]
    pub fn is_live(&self, now: Moment) -> bool {
        match self.state {
            FamilyState::Live { idle_until, .. } => !now.is_past(idle_until) && !now.is_past(self.expires_at),
            FamilyState::Ended { .. } => false,
        }
    }
}
