//! What every decision is given: the house it is taken in, and the scene it is taken under.

use std::sync::Arc;

use async_trait::async_trait;
use chancery_spec::issuer::Issuer;
use chancery_store::id::{ClientId, Id, RealmName};
use chancery_store::realm::Realm;
use chancery_store::secret::Secret;
use chancery_store::{Moment, Store};
use quick_cache::sync::Cache;

use crate::client_keys::ClientKeys;
use crate::keyring::KeyRing;
use crate::seen::SeenTokens;

/// Chance, handed in from the edge so that a test can repeat it.
pub trait Dice: Send + Sync {
    /// Fills `bytes` with unpredictable ones.
    fn fill(&self, bytes: &mut [u8]);
}

/// A password that could not be judged now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashingBusy {
    /// Seconds after which another attempt may find room.
    pub retry_after: u64,
}

/// The slow hashing of passwords, in a pool of its own.
#[async_trait]
pub trait PasswordHashing: Send + Sync {
    /// Whether `password` is the one that `hash` was made from. Without a hash the answer is no,
    /// after the same work, so that an unknown account takes as long as a known one.
    ///
    /// # Errors
    /// [`HashingBusy`] when the queue is full.
    async fn verify(&self, password: Secret, hash: Option<String>) -> Result<bool, HashingBusy>;
    /// A hash of `password` in PHC string form.
    ///
    /// # Errors
    /// [`HashingBusy`] when the queue is full.
    async fn hash(&self, password: Secret) -> Result<String, HashingBusy>;
    /// Whether `hash` was made with other parameters than new ones are.
    fn is_outdated(&self, hash: &str) -> bool;
}

/// Key sets that clients publish elsewhere (`jwks_uri`).
#[async_trait]
pub trait RemoteKeySets: Send + Sync {
    /// The JWK set at `uri`; `fresh` asks for one younger than the one that lacked a key.
    /// The error says in words for the operator what went wrong.
    ///
    /// # Errors
    /// A sentence for the log.
    async fn fetch(&self, uri: &str, fresh: bool) -> Result<Arc<serde_json::Value>, String>;
}

/// Everything that decisions are taken with: the store, the keys, and the ways out.
pub struct House {
    /// Where records are kept.
    pub store: Arc<dyn Store>,
    /// The realms' keys, opened.
    pub keys: KeyRing,
    /// The clients' keys, parsed.
    pub client_keys: Cache<(RealmName, ClientId, u64), Arc<ClientKeys>>,
    /// Access tokens whose signature was verified before.
    pub seen: SeenTokens,
    /// The URL at which the default realm lives.
    pub public_url: Issuer,
    /// Where client keys are fetched.
    pub remote_keys: Arc<dyn RemoteKeySets>,
    /// Where passwords are hashed.
    pub passwords: Arc<dyn PasswordHashing>,
}

impl House {
    /// The identifier of `realm`: its own, or the public URL and its path.
    #[must_use]
    pub fn issuer_of(&self, realm: &Realm) -> String {
        match &realm.issuer {
            Some(own) => own.as_str().to_owned(),
            None if realm.name.is_default() => self.public_url.as_str().to_owned(),
            None => self.public_url.join(&format!("/realms/{}", realm.name)),
        }
    }
}

/// The realm, the moment and the chance under which one decision is taken.
pub struct Scene<'a> {
    /// The realm that is asked.
    pub realm: Arc<Realm>,
    /// Its identifier.
    pub issuer: String,
    /// When.
    pub now: Moment,
    /// Chance.
    pub dice: &'a dyn Dice,
}

impl Scene<'_> {
    /// A fresh secret.
    #[must_use]
    pub fn secret(&self) -> Secret {
        Secret::from_chance(self.chance())
    }

    /// Fresh bytes.
    #[must_use]
    pub fn chance<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.dice.fill(&mut bytes);
        bytes
    }

    /// A fresh name for a record.
    #[must_use]
    pub fn id<K>(&self) -> Id<K> {
        Id::at(self.now.milliseconds(), self.chance())
    }

    /// The URL of `path` in this realm.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer.trim_end_matches('/'))
    }
}
