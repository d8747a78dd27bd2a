//! An authorization code: single-use, short-lived, bound to everything that led to it.

use chancery_spec::pkce::CodeChallenge;
use chancery_spec::resource::ResourceIndicator;
use chancery_spec::scope::Scope;
use serde::{Deserialize, Serialize};

use crate::id::{ClientId, FamilyId, RealmName, SessionId, UserId};
use crate::moment::Moment;
use crate::secret::SecretDigest;
use crate::session::Authentication;

/// An authorization code.
#[derive(Clone, Debug, PartialEq)]
pub struct Code {
    /// The realm that issued it.
    pub realm: RealmName,
    /// What the code digests to.
    pub digest: SecretDigest,
    /// Who may redeem it.
    pub client: ClientId,
    /// What it stands for.
    pub grant: CodeGrant,
    /// When it is forgotten: late enough to recognise a replay.
    pub forget_at: Moment,
    /// Open or redeemed.
    pub state: CodeState,
}

/// What a code stands for; it never changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CodeGrant {
    /// Who agreed.
    pub user: UserId,
    /// In which session.
    pub session: SessionId,
    /// How they had proved who they are.
    pub authentication: Authentication,
    /// The redirect URI, where the token request must repeat it (RFC 6749 §4.1.3).
    pub redirect_uri: Option<String>,
    /// What the verifier must meet (RFC 7636 §4.6).
    pub challenge: Option<CodeChallenge>,
    /// For the ID token.
    pub nonce: Option<String>,
    /// What was granted.
    pub scope: Scope,
    /// Whom the tokens may be for.
    pub resources: Vec<ResourceIndicator>,
    /// Claims asked for one by one.
    pub claims: Option<serde_json::Value>,
}

/// A code is open or redeemed; a redeemed code knows the family it opened, an open one has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeState {
    /// Not redeemed yet.
    Open {
        /// When it stops being good.
        until: Moment,
    },
    /// Redeemed once, for ever.
    Redeemed {
        /// What it opened.
        family: FamilyId,
    },
}
