//! Audit events of decisions. They carry names and reasons, never a secret.

use chancery_spec::grant_type::GrantType;
use chancery_store::audit::AuditEvent;
use chancery_store::id::{ClientId, UserId};
use serde_json::{Map, Value, json};

use crate::context::Scene;
use crate::refusal::Refusal;
use crate::steps::issue::Minted;

/// An event of `kind` now, in this realm.
#[must_use]
pub fn event(
    scene: &Scene<'_>,
    kind: &str,
    client: Option<&ClientId>,
    user: Option<UserId>,
    detail: Value,
) -> AuditEvent {
    AuditEvent {
        id: scene.id(),
        realm: scene.realm.name.clone(),
        at: scene.now,
        kind: kind.to_owned(),
        client: client.map(ToString::to_string),
        user: user.map(|user| user.to_string()),
        detail: match detail {
            Value::Object(members) => members,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
        },
    }
}

/// A refusal that changed something.
#[must_use]
pub fn refused(scene: &Scene<'_>, client: &ClientId, refusal: &Refusal) -> AuditEvent {
    event(scene, "token.refused", Some(client), None, json!({ "reason": refusal.name() }))
}

/// A token that was issued.
#[must_use]
pub fn issued(scene: &Scene<'_>, client: &ClientId, grant: GrantType, subject: &str, minted: &Minted) -> AuditEvent {
    let detail =
        json!({ "grant_type": grant.as_str(), "sub": subject, "jti": minted.jti, "scope": minted.response.scope });
    event(scene, "token.issued", Some(client), None, detail)
}
