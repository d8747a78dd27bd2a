//! Access tokens that the store knows of: opaque ones, and JWTs that were revoked.

use chancery_spec::scope::Scope;
use serde::{Deserialize, Serialize};

use crate::id::{ClientId, FamilyId, RealmName};
use crate::moment::Moment;
use crate::secret::SecretDigest;

/// An opaque access token.
#[derive(Clone, Debug, PartialEq)]
pub struct OpaqueToken {
    /// The realm that issued it.
    pub realm: RealmName,
    /// What the token digests to.
    pub digest: SecretDigest,
    /// Who asked for it.
    pub client: ClientId,
    /// The family it belongs to; none for a client's own token.
    pub family: Option<FamilyId>,
    /// What it says.
    pub content: OpaqueContent,
    /// When it was issued.
    pub issued_at: Moment,
    /// When it stops being good.
    pub expires_at: Moment,
}

/// What an opaque token says when it is introspected (RFC 7662 §2.2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpaqueContent {
    /// Whom it speaks of.
    pub subject: String,
    /// Whom it is for.
    pub audience: Vec<String>,
    /// What it allows.
    pub scope: Scope,
    /// Further members.
    #[serde(default)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

/// The name of a JWT: what its `jti` digests to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeniedToken {
    /// The realm that issued it.
    pub realm: RealmName,
    /// The digest of its `jti`.
    pub jti: SecretDigest,
    /// When the token would have ended by itself; the entry is needless then.
    pub until: Moment,
}
