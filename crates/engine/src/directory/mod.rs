//! Managing the directory: realms, clients, users, resources and keys.
//!
//! The command line, seeds, the administration API and dynamic registration all come through
//! here, so that a rule holds whoever asks. Each method of [`Steward`] reads, decides, and makes
//! one change together with the audit event that tells it; a race lost against somebody else is
//! read and decided again, a bounded number of times.

pub mod claims;
pub mod client_members;
pub mod client_plan;
mod client_reading;
mod client_rules;
mod client_secrets;
pub mod clients;
pub mod error;
pub mod keys;
pub mod names;
pub mod realm_settings;
pub mod realms;
pub mod resources;
pub mod rotation;
pub mod users;

use chancery_jose::Vault;
use chancery_store::audit::AuditEvent;
use chancery_store::id::{AuditId, RealmName};
use chancery_store::realm::Realm;
use chancery_store::secret::Secret;
use chancery_store::{Commit, Moment, Store, Write};
use serde_json::{Map, Value};

use crate::context::Dice;
pub use error::{Complaint, Complaints, DirectoryError};

/// How often a change is decided again after somebody else's came first.
const ATTEMPTS: usize = 8;

/// How many records one read of a list asks for.
const PAGE: u32 = 200;

/// Who changes the directory, and with what.
pub struct Steward<'a> {
    /// Where records are kept.
    pub store: &'a dyn Store,
    /// What seals private keys and secrets that must be read back.
    pub vault: &'a Vault,
    /// When.
    pub now: Moment,
    /// Chance.
    pub dice: &'a dyn Dice,
    /// On whose behalf, in the audit events: `command line`, a user's id.
    pub actor: String,
}

/// What became of a record that was declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was not there.
    Created,
    /// It was there and differed.
    Changed,
    /// It was there as declared; nothing was written.
    Unchanged,
}

impl Steward<'_> {
    /// The realm of this name, enabled or not.
    ///
    /// # Errors
    /// [`DirectoryError::Missing`], [`DirectoryError::Store`].
    pub async fn realm(&self, name: &RealmName) -> Result<Realm, DirectoryError> {
        let found = self.store.realm_record(name).await?;
        found.ok_or_else(|| DirectoryError::missing("realm", name))
    }

    fn chance<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.dice.fill(&mut bytes);
        bytes
    }

    fn secret(&self) -> Secret {
        Secret::from_chance(self.chance())
    }

    /// An audit event of this moment, in the name of the actor.
    fn event(&self, realm: &RealmName, kind: &str) -> AuditEvent {
        let mut detail = Map::new();
        detail.insert("by".to_owned(), Value::String(self.actor.clone()));
        AuditEvent {
            id: AuditId::at(self.now.milliseconds(), self.chance()),
            realm: realm.clone(),
            at: self.now,
            kind: kind.to_owned(),
            client: None,
            user: None,
            detail,
        }
    }

    /// Whether the write was done, rather than lost.
    async fn is_done(&self, write: Write, events: Vec<AuditEvent>) -> Result<bool, DirectoryError> {
        Ok(self.store.commit(write, events).await? == Commit::Done)
    }
}

#[cfg(test)]
mod tests;
