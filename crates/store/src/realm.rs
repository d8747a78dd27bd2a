//! A realm: one issuer with its own keys, clients, users and settings.

use chancery_spec::issuer::Issuer;
use serde::{Deserialize, Serialize};

use crate::id::RealmName;
use crate::moment::Moment;
use crate::settings::RealmSettings;

/// One issuer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Realm {
    /// Its name: the key of every record that belongs to it.
    pub name: RealmName,
    /// Counts its versions; see [`crate::write::Write::SaveRealm`].
    pub revision: u64,
    /// Whether it answers at all.
    pub enabled: bool,
    /// When it was made.
    pub created_at: Moment,
    /// Its identifier URL where it lives at a host of its own; otherwise the server's public URL
    /// and the realm's path make it.
    pub issuer: Option<Issuer>,
    /// What people read on its pages.
    pub display_name: String,
    /// The bundle its settings began from: a label for people, never asked by a decision.
    pub profile: String,
    /// What it decides for all its clients.
    pub settings: RealmSettings,
    /// The scopes it knows. A scope that is not here cannot be granted.
    pub scopes: Vec<ScopeDefinition>,
}

/// A scope that can be granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeDefinition {
    /// The scope token (RFC 6749 §3.3).
    pub name: String,
    /// What a person reads when asked to agree; the name where absent.
    #[serde(default)]
    pub description: Option<String>,
    /// Claims it adds to UserInfo, beside the standard ones of OIDC Core §5.4.
    #[serde(default)]
    pub claims: Vec<String>,
}

impl Realm {
    /// The definition of the scope named `name`.
    #[must_use]
    pub fn scope(&self, name: &str) -> Option<&ScopeDefinition> {
        self.scopes.iter().find(|scope| scope.name == name)
    }
}
