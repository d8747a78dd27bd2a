//! A realm's keys: made, imported, shown, exported. Their way from state to state is in [`super::rotation`].
//!
//! Making an RSA key takes long. Nothing here does it: keys arrive made, from [`SigningKey::generate`]
//! on whatever thread the caller can spare.

use chancery_jose::{SignatureAlgorithm, SigningKey, base64url_encode};
use chancery_store::Write;
use chancery_store::audit::AuditEvent;
use chancery_store::id::RealmName;
use chancery_store::key::{Key, KeyPurpose, KeyState};
use chancery_store::realm::Realm;
use serde_json::Value;

use super::{ATTEMPTS, DirectoryError, Steward};

/// What a realm cannot do without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingKeys {
    /// Algorithms without an active key: the realm's own, and RS256, which every verifier speaks.
    pub algorithms: Vec<SignatureAlgorithm>,
    /// Whether there is no active key that derives.
    pub derive: bool,
}

impl Steward<'_> {
    /// The keys that were not removed, the oldest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn keys(&self, realm: &RealmName) -> Result<Vec<Key>, DirectoryError> {
        Ok(self.store.keys(realm).await?.to_vec())
    }

    /// What the realm lacks.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn missing_keys(&self, realm: &Realm) -> Result<MissingKeys, DirectoryError> {
        let keys = self.keys(&realm.name).await?;
        let has = |purpose: KeyPurpose| keys.iter().any(|key| key.purpose == purpose && key.state == KeyState::Active);
        let mut algorithms = vec![realm.settings.signing_algorithm];
        if realm.settings.signing_algorithm != SignatureAlgorithm::Rs256 {
            algorithms.push(SignatureAlgorithm::Rs256);
        }
        algorithms.retain(|algorithm| !has(KeyPurpose::Sign(*algorithm)));
        Ok(MissingKeys { algorithms, derive: !has(KeyPurpose::Derive) })
    }

    /// Gives a realm those of `keys` that it lacks, active at once, and the secret it derives from;
    /// all in one change. Keys that it does not lack are left out.
    ///
    /// # Errors
    /// [`DirectoryError::Key`], and those of the store.
    pub async fn furnish_realm(&self, realm: &Realm, keys: &[SigningKey]) -> Result<Vec<Key>, DirectoryError> {
        for _ in 0..ATTEMPTS {
            let mut missing = self.missing_keys(realm).await?;
            let mut made = Vec::new();
            if missing.derive {
                made.push(self.deriving_key(&realm.name)?);
            }
            for key in keys {
                if let Some(at) = missing.algorithms.iter().position(|algorithm| *algorithm == key.algorithm()) {
                    missing.algorithms.remove(at);
                    made.push(self.key_record(&realm.name, key, KeyState::Active)?);
                }
            }
            if made.is_empty() {
                return Ok(made);
            }
            let events = made.iter().map(|key| self.key_event("key.created", key)).collect();
            if self.is_done(Write::SaveKeys(made.clone()), events).await? {
                return Ok(made);
            }
        }
        Err(DirectoryError::RaceLost)
    }

    /// Keeps a key that was made elsewhere, in the state it shall begin with. An active one retires its predecessor.
    ///
    /// # Errors
    /// [`DirectoryError::Taken`] where the `kid` is known, [`DirectoryError::Forbidden`] for a symmetric key or one
    /// without `kid`, and those of the store.
    pub async fn import_key(
        &self,
        realm: &RealmName,
        key: &SigningKey,
        state: KeyState,
    ) -> Result<Key, DirectoryError> {
        self.realm(realm).await?;
        for _ in 0..ATTEMPTS {
            let record = self.key_record(realm, key, state)?;
            let known = self.keys(realm).await?;
            if known.iter().any(|other| other.kid == record.kid) {
                return Err(DirectoryError::taken("key", record.kid));
            }
            let mut saved = vec![record.clone()];
            let mut events = vec![self.key_event("key.imported", &record)];
            if state == KeyState::Active {
                self.retire_others(&record, &known, &mut saved, &mut events);
            }
            if self.is_done(Write::SaveKeys(saved), events).await? {
                return Ok(record);
            }
        }
        Err(DirectoryError::RaceLost)
    }

    /// The public part of a key (JWK).
    ///
    /// # Errors
    /// [`DirectoryError::Missing`], [`DirectoryError::Forbidden`] for a secret that has none, and those of the store.
    pub async fn export_public_key(&self, realm: &RealmName, kid: &str) -> Result<Value, DirectoryError> {
        let key = self.key_named(realm, kid).await?;
        if key.public.is_null() {
            return Err(DirectoryError::Forbidden(format!("key {kid:?} is a secret and has no public part")));
        }
        Ok(key.public)
    }

    /// The key itself, its private part with it. The audit tells that it left the house.
    ///
    /// # Errors
    /// [`DirectoryError::Missing`], [`DirectoryError::Forbidden`] for a secret that derives, and those of the store.
    pub async fn export_private_key(&self, realm: &RealmName, kid: &str) -> Result<SigningKey, DirectoryError> {
        let key = self.key_named(realm, kid).await?;
        let opened = self.open_key(&key)?;
        let event = self.key_event("key.exported", &key);
        if self.is_done(Write::Record, vec![event]).await? { Ok(opened) } else { Err(DirectoryError::RaceLost) }
    }

    /// The key, opened.
    ///
    /// # Errors
    /// [`DirectoryError::Forbidden`] for a secret that derives, [`DirectoryError::Key`] where it does not open.
    pub fn open_key(&self, key: &Key) -> Result<SigningKey, DirectoryError> {
        let KeyPurpose::Sign(algorithm) = key.purpose else {
            return Err(DirectoryError::Forbidden(format!("key {:?} derives other secrets and never leaves", key.kid)));
        };
        let private = self.vault.open(&Key::seal_context(&key.realm, &key.kid), &key.private)?;
        Ok(SigningKey::from_pkcs8_der(&private)?.with_algorithm(algorithm)?.with_kid(&key.kid))
    }

    pub(super) async fn key_named(&self, realm: &RealmName, kid: &str) -> Result<Key, DirectoryError> {
        let found = self.keys(realm).await?.into_iter().find(|key| key.kid == kid);
        found.ok_or_else(|| DirectoryError::missing("key", kid))
    }

    pub(super) fn key_record(
        &self,
        realm: &RealmName,
        key: &SigningKey,
        state: KeyState,
    ) -> Result<Key, DirectoryError> {
        let no_public =
            || DirectoryError::Forbidden("a symmetric key cannot sign for a realm: nobody could verify it".to_owned());
        let public = key.public_jwk().ok_or_else(no_public)?;
        let kid = key.kid().ok_or_else(|| DirectoryError::Forbidden("the key has no kid".to_owned()))?;
        if kid.is_empty() || kid.len() > 255 || !kid.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(DirectoryError::refused("kid", "has 1 to 255 visible ASCII characters"));
        }
        let private = self.vault.seal(&Key::seal_context(realm, kid), &key.to_pkcs8()?)?;
        Ok(Key {
            realm: realm.clone(),
            kid: kid.to_owned(),
            revision: 1,
            purpose: KeyPurpose::Sign(key.algorithm()),
            state,
            since: self.now,
            created_at: self.now,
            public: serde_json::to_value(public).unwrap_or_default(),
            private,
        })
    }

    fn deriving_key(&self, realm: &RealmName) -> Result<Key, DirectoryError> {
        let kid = format!("derive-{}", base64url_encode(&self.chance::<12>()));
        let secret = zeroize::Zeroizing::new(self.chance::<32>());
        Ok(Key {
            realm: realm.clone(),
            revision: 1,
            purpose: KeyPurpose::Derive,
            state: KeyState::Active,
            since: self.now,
            created_at: self.now,
            public: Value::Null,
            private: self.vault.seal(&Key::seal_context(realm, &kid), secret.as_slice())?,
            kid,
        })
    }

    pub(super) fn key_event(&self, kind: &str, key: &Key) -> AuditEvent {
        let mut event = self.event(&key.realm, kind);
        event.detail.insert("kid".to_owned(), Value::String(key.kid.clone()));
        if let KeyPurpose::Sign(algorithm) = key.purpose {
            event.detail.insert("algorithm".to_owned(), Value::String(algorithm.name().to_owned()));
        }
        event
    }
}
