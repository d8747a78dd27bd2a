//! A realm's keys.

use chancery_jose::Sealed;
use chancery_jose::SignatureAlgorithm;
use serde::{Deserialize, Serialize};

use crate::id::RealmName;
use crate::moment::Moment;

/// A key of a realm, its private part sealed.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// The realm it belongs to.
    pub realm: RealmName,
    /// Its name on the wire (`kid`).
    pub kid: String,
    /// Counts the record's versions; see [`crate::write::Write::SaveKeys`].
    pub revision: u64,
    /// What it is for.
    pub purpose: KeyPurpose,
    /// How far it is on its way.
    pub state: KeyState,
    /// Since when.
    pub since: Moment,
    /// When it was made.
    pub created_at: Moment,
    /// The public part (JWK); null for a secret.
    pub public: serde_json::Value,
    /// The private part (PKCS#8) or the secret, sealed under [`Key::seal_context`].
    pub private: Sealed,
}

/// What a key is for. The algorithm comes from here, never from a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyPurpose {
    /// Signs tokens.
    Sign(SignatureAlgorithm),
    /// Makes refresh tokens and form tokens: 32 bytes.
    Derive,
}

/// The way of a key. It never goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// Made, and shown to nobody.
    Staged,
    /// In the JWK set, so that verifiers learn it before they need it.
    Published,
    /// In use: one for each algorithm.
    Active,
    /// In the JWK set for tokens that are still out; signs nothing any more.
    Retired,
    /// Out of the JWK set, kept for the record.
    Removed,
}

impl Key {
    /// What the private part is sealed under: it opens nowhere else.
    #[must_use]
    pub fn seal_context(realm: &RealmName, kid: &str) -> String {
        format!("realm {realm} key {kid}")
    }

    /// Whether verifiers are shown it.
    #[must_use]
    pub fn is_public(&self) -> bool {
        matches!(self.purpose, KeyPurpose::Sign(_))
            && matches!(self.state, KeyState::Published | KeyState::Active | KeyState::Retired)
    }
}
