//! Audit events, written in the same transaction as what they tell.

use serde::{Deserialize, Serialize};

use crate::id::{AuditId, RealmName};
use crate::moment::Moment;

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditEvent {
    /// Its name; later events have greater ones.
    pub id: AuditId,
    /// Where.
    pub realm: RealmName,
    /// When.
    pub at: Moment,
    /// What, in one word with dots: `token.issued`, `sign_in.failed`.
    pub kind: String,
    /// The client it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The user it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// What else is worth knowing; never a secret.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub detail: serde_json::Map<String, serde_json::Value>,
}
