//! An approval: what is to be minted, and what must be durable before it leaves.

use chancery_spec::scope::Scope;
use chancery_store::family::{Family, FamilySalt};
use chancery_store::id::{FamilyId, RealmName, SessionId};
use chancery_store::secret::SecretDigest;
use chancery_store::session::Authentication;
use chancery_store::token::OpaqueToken;
use chancery_store::user::User;
use chancery_store::{Moment, Write};

use crate::steps::audience::Audience;

/// What is to be minted, and what must be durable before it leaves.
pub struct Approval {
    /// Whom the access token speaks of.
    pub subject: String,
    /// What was granted in all.
    pub granted_scope: Scope,
    /// What the access token allows: the part that means something to its audience.
    pub scope: Scope,
    /// Whom it is for.
    pub audience: Audience,
    /// The person who granted it; none where a client acts for itself.
    pub person: Option<GrantedBy>,
    /// The refresh token that goes with it.
    pub refresh_token: Option<RefreshToken>,
    /// What changes.
    pub change: Change,
}

/// The person who granted something.
pub struct GrantedBy {
    /// Who.
    pub user: User,
    /// How and when they proved it.
    pub authentication: Authentication,
    /// In which session (`sid`).
    pub session: SessionId,
    /// The family that the tokens belong to.
    pub family: FamilyId,
    /// For the ID token of a code.
    pub nonce: Option<String>,
    /// Claims asked for one by one.
    pub claims: Option<serde_json::Value>,
}

/// The refresh token of one generation.
pub struct RefreshToken {
    /// Its family.
    pub family: FamilyId,
    /// The family's salt.
    pub salt: FamilySalt,
    /// Its place in the family.
    pub generation: u32,
}

/// What changes, before the access token is known.
pub enum Change {
    /// A code becomes a family.
    Redeem {
        /// The code.
        code: SecretDigest,
        /// The family.
        family: Box<Family>,
    },
    /// A generation is spent.
    Rotate {
        /// The family.
        family: FamilyId,
        /// The generation.
        spent: u32,
        /// Until when the next may lie unused.
        idle_until: Moment,
    },
    /// Nothing but the token itself, where it is opaque.
    TokenOnly,
}

impl Change {
    /// The write that makes this change and keeps `access`; none where nothing is to be kept.
    #[must_use]
    pub fn into_write(self, realm: &RealmName, now: Moment, access: Option<OpaqueToken>) -> Option<Write> {
        let access = access.map(Box::new);
        match self {
            Self::Redeem { code, family } => Some(Write::RedeemCode { code, family, access }),
            Self::Rotate { family, spent, idle_until } => {
                Some(Write::RotateRefreshToken { realm: realm.clone(), family, spent, at: now, idle_until, access })
            }
            Self::TokenOnly => access.map(Write::KeepOpaqueToken),
        }
    }
}
