//! The way of a signing key: staged → published → active → retired → removed. It never goes back.
//!
//! A new key is published before it signs, so that verifiers who keep the key set for a while know
//! it in time; an old one stays published until the last token that it signed is over.

use chancery_jose::{SignatureAlgorithm, SigningKey};
use chancery_store::Moment;
use chancery_store::Write;
use chancery_store::audit::AuditEvent;
use chancery_store::id::RealmName;
use chancery_store::key::{Key, KeyPurpose, KeyState};
use chancery_store::realm::Realm;

use super::{ATTEMPTS, DirectoryError, Steward};

/// Seconds for which a key is published before it signs. Verifiers keep key sets for a day at most, as a rule.
pub const PUBLISHED_AHEAD: u64 = 86_400;

/// Seconds for which a key stays published after the last token that it signed has ended: clocks differ.
const MARGIN: u64 = 3600;

/// When a new key takes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// Now: verifiers that keep an old key set refuse its tokens until they ask again. For a key that leaked.
    Immediate,
    /// After [`PUBLISHED_AHEAD`] seconds in the key set.
    Scheduled,
}

impl Steward<'_> {
    /// Begins the replacement of the active key of `key`'s algorithm by `key`.
    ///
    /// # Errors
    /// As [`Steward::import_key`].
    pub async fn rotate_key(
        &self,
        realm: &RealmName,
        key: &SigningKey,
        rotation: Rotation,
    ) -> Result<Key, DirectoryError> {
        self.realm(realm).await?;
        for _ in 0..ATTEMPTS {
            let known = self.keys(realm).await?;
            let is_first = !known
                .iter()
                .any(|other| other.state == KeyState::Active && other.purpose == KeyPurpose::Sign(key.algorithm()));
            // Where nothing signs yet, there is nothing to wait for.
            let state =
                if is_first || rotation == Rotation::Immediate { KeyState::Active } else { KeyState::Published };
            let record = self.key_record(realm, key, state)?;
            if known.iter().any(|other| other.kid == record.kid) {
                return Err(DirectoryError::taken("key", record.kid));
            }
            let mut saved = vec![record.clone()];
            let mut events = vec![self.key_event("key.rotated", &record)];
            if state == KeyState::Active {
                self.retire_others(&record, &known, &mut saved, &mut events);
            }
            if self.is_done(Write::SaveKeys(saved), events).await? {
                return Ok(record);
            }
        }
        Err(DirectoryError::RaceLost)
    }

    /// Takes every key of the realm the step that its time has come for. A server does this now and
    /// then; done twice at once, it is done once.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn advance_keys(&self, realm: &RealmName) -> Result<Vec<Key>, DirectoryError> {
        let record = self.realm(realm).await?;
        for _ in 0..ATTEMPTS {
            let known = self.keys(realm).await?;
            let (mut saved, mut events) = (Vec::new(), Vec::new());
            for key in &known {
                let is_due = |key: &Key| next_step(&record, key).is_some_and(|(_, at)| self.now.is_past(at));
                if !is_due(key) {
                    continue;
                }
                match key.state {
                    // Of several whose time has come, the youngest takes over and the others never sign.
                    KeyState::Published if known.iter().any(|other| supersedes(other, key) && is_due(other)) => {
                        events.push(self.key_event("key.retired", key));
                        saved.push(self.moved(key, KeyState::Retired));
                    }
                    KeyState::Published => {
                        let active = self.moved(key, KeyState::Active);
                        self.retire_others(&active, &known, &mut saved, &mut events);
                        events.push(self.key_event("key.activated", &active));
                        saved.push(active);
                    }
                    KeyState::Retired => {
                        events.push(self.key_event("key.removed", key));
                        saved.push(self.moved(key, KeyState::Removed));
                    }
                    KeyState::Staged | KeyState::Active | KeyState::Removed => {}
                }
            }
            if saved.is_empty() || self.is_done(Write::SaveKeys(saved.clone()), events).await? {
                return Ok(saved);
            }
        }
        Err(DirectoryError::RaceLost)
    }

    /// Takes a key to a later state, now.
    ///
    /// # Errors
    /// [`DirectoryError::Missing`]; [`DirectoryError::Forbidden`] for a step back, for a secret that derives, and where
    /// nothing of its algorithm would sign any more; and those of the store.
    pub async fn move_key(&self, realm: &RealmName, kid: &str, state: KeyState) -> Result<Key, DirectoryError> {
        for _ in 0..ATTEMPTS {
            let known = self.keys(realm).await?;
            let found = known.iter().find(|key| key.kid == kid);
            let key = found.ok_or_else(|| DirectoryError::missing("key", kid))?;
            may_move(key, state)?;
            let moved = self.moved(key, state);
            let (mut saved, mut events) = (Vec::new(), Vec::new());
            let kind = match state {
                KeyState::Staged | KeyState::Published => "key.published",
                KeyState::Active => "key.activated",
                KeyState::Retired => "key.retired",
                KeyState::Removed => "key.removed",
            };
            events.push(self.key_event(kind, &moved));
            if state == KeyState::Active {
                self.retire_others(&moved, &known, &mut saved, &mut events);
            }
            saved.push(moved.clone());
            if self.is_done(Write::SaveKeys(saved), events).await? {
                return Ok(moved);
            }
        }
        Err(DirectoryError::RaceLost)
    }

    /// Has every other active key of `active`'s purpose retire in the same change: one signs for each algorithm.
    pub(super) fn retire_others(
        &self,
        active: &Key,
        known: &[Key],
        saved: &mut Vec<Key>,
        events: &mut Vec<AuditEvent>,
    ) {
        let others = known
            .iter()
            .filter(|key| key.kid != active.kid && key.purpose == active.purpose && key.state == KeyState::Active);
        for former in others {
            events.push(self.key_event("key.retired", former));
            saved.push(self.moved(former, KeyState::Retired));
        }
    }

    fn moved(&self, key: &Key, state: KeyState) -> Key {
        Key { revision: key.revision + 1, state, since: self.now, ..key.clone() }
    }
}

/// Which state a key takes by itself, and when.
#[must_use]
pub fn next_step(realm: &Realm, key: &Key) -> Option<(KeyState, Moment)> {
    if key.purpose == KeyPurpose::Derive {
        return None;
    }
    let longest = realm.settings.lifetimes.access_token.max(realm.settings.lifetimes.id_token);
    match key.state {
        KeyState::Published => Some((KeyState::Active, key.since.plus_seconds(PUBLISHED_AHEAD))),
        KeyState::Retired => Some((KeyState::Removed, key.since.plus_seconds(longest.saturating_add(MARGIN)))),
        KeyState::Staged | KeyState::Active | KeyState::Removed => None,
    }
}

/// Whether `other` waits for the place that `key` waits for, and was published later.
fn supersedes(other: &Key, key: &Key) -> bool {
    let is_rival = other.purpose == key.purpose && other.state == KeyState::Published && other.kid != key.kid;
    is_rival && (other.since, &other.kid) > (key.since, &key.kid)
}

fn may_move(key: &Key, state: KeyState) -> Result<(), DirectoryError> {
    let forbidden = |message: String| Err(DirectoryError::Forbidden(message));
    let kid = &key.kid;
    match key.purpose {
        KeyPurpose::Derive => forbidden(format!("key {kid:?} derives refresh tokens; they would all end with it")),
        KeyPurpose::Sign(_) if state <= key.state => {
            forbidden(format!("key {kid:?} is {} already; a key never goes back", state_name(key.state)))
        }
        KeyPurpose::Sign(algorithm) if key.state == KeyState::Active => forbidden(format!(
            "key {kid:?} is the only one that signs by {algorithm}: `chancery key rotate {algorithm}` retires it"
        )),
        KeyPurpose::Sign(_) => Ok(()),
    }
}

/// The state's name, as every interface spells it.
#[must_use]
pub fn state_name(state: KeyState) -> &'static str {
    match state {
        KeyState::Staged => "staged",
        KeyState::Published => "published",
        KeyState::Active => "active",
        KeyState::Retired => "retired",
        KeyState::Removed => "removed",
    }
}

/// The algorithms that keys can be made for.
#[must_use]
pub fn signing_algorithms() -> Vec<SignatureAlgorithm> {
    SignatureAlgorithm::ALL.into_iter().filter(|algorithm| !algorithm.is_symmetric()).collect()
}
