//! The server's keys: where they come from, how long they are kept, and how seldom they are asked for.

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use chancery_jose::{JwkSet, SignatureAlgorithm, VerifyingKeySet, sha256};
use tokio::sync::Mutex;

/// Seconds after which keys are fetched again.
const FRESH: i64 = 300;
/// Seconds for which keys that cannot be fetched again still count.
const STALE: i64 = 3600;
/// Seconds between two fetches, however many tokens name unknown keys.
const PAUSE: i64 = 10;
/// The longest pause after failures, in seconds.
const LONGEST_PAUSE: i64 = 60;

/// The keys cannot be had now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the keys are not available")]
pub struct KeysUnavailable;

/// Where the server's public keys come from.
#[async_trait]
pub trait KeySource: Send + Sync {
    /// The JWK set, as JSON. Asked for seldom: what it gives is kept.
    ///
    /// # Errors
    /// [`KeysUnavailable`].
    async fn fetch(&self) -> Result<Vec<u8>, KeysUnavailable>;
}

/// Keys that are known beforehand and never change.
#[derive(Clone, Debug)]
pub struct FixedKeys(Vec<u8>);

impl FixedKeys {
    /// The keys of a JWK set, as JSON.
    pub fn new(jwk_set: impl Into<Vec<u8>>) -> Self {
        Self(jwk_set.into())
    }
}

#[async_trait]
impl KeySource for FixedKeys {
    async fn fetch(&self) -> Result<Vec<u8>, KeysUnavailable> {
        Ok(self.0.clone())
    }
}

/// A set of keys as it was fetched.
pub(crate) struct KeyRing {
    pub(crate) keys: VerifyingKeySet,
    /// What it was read from: what was verified by one set is not answered from memory under another.
    pub(crate) digest: [u8; 32],
    fetched: i64,
}

impl KeyRing {
    fn age(&self, now: i64) -> i64 {
        now.saturating_sub(self.fetched)
    }
}

/// The keys of one server.
pub(crate) struct Keys {
    source: Box<dyn KeySource>,
    held: RwLock<Option<Arc<KeyRing>>>,
    /// Held while a fetch is under way.
    attempts: Mutex<Attempts>,
}

#[derive(Default)]
struct Attempts {
    last: Option<i64>,
    failures: u32,
}

impl Attempts {
    /// Whether another fetch would come too soon after the last.
    fn are_too_many(&self, now: i64) -> bool {
        let pause = match self.failures {
            0 => PAUSE,
            failures => 2_i64.saturating_pow(failures).min(LONGEST_PAUSE),
        };
        self.last.is_some_and(|last| now.saturating_sub(last) < pause)
    }
}

impl Keys {
    pub(crate) fn new(source: impl KeySource + 'static) -> Self {
        Self { source: Box::new(source), held: RwLock::default(), attempts: Mutex::default() }
    }

    /// The keys, if they are fresh: no waiting.
    pub(crate) fn fresh(&self, now: i64) -> Option<Arc<KeyRing>> {
        self.held().filter(|ring| ring.age(now) < FRESH)
    }

    /// The keys, fetched if they are not fresh, or if newer ones than `than` are wanted.
    pub(crate) async fn newer(
        &self,
        now: i64,
        allowed: &[SignatureAlgorithm],
        than: Option<&Arc<KeyRing>>,
    ) -> Result<Arc<KeyRing>, KeysUnavailable> {
        let known = self.held().filter(|ring| ring.age(now) < STALE);
        let mut attempts = match (&known, than) {
            // One fetches; everybody else goes on with the old keys.
            (Some(ring), None) => match self.attempts.try_lock() {
                Ok(attempts) => attempts,
                Err(_) => return Ok(ring.clone()),
            },
            (None, _) | (Some(_), Some(_)) => self.attempts.lock().await,
        };
        // Somebody else may have fetched while we waited.
        let known = self.held().filter(|ring| ring.age(now) < STALE);
        let serves = |ring: &Arc<KeyRing>| match than {
            Some(than) => !Arc::ptr_eq(ring, than),
            None => ring.age(now) < FRESH,
        };
        if let Some(ring) = known.as_ref().filter(|ring| serves(ring)) {
            return Ok(ring.clone());
        }
        if attempts.are_too_many(now) {
            return known.ok_or(KeysUnavailable);
        }
        attempts.last = Some(now);
        match self.fetch(now, allowed).await {
            Ok(ring) => {
                attempts.failures = 0;
                *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(ring.clone());
                Ok(ring)
            }
            Err(unavailable) => {
                attempts.failures = attempts.failures.saturating_add(1);
                known.ok_or(unavailable)
            }
        }
    }

    async fn fetch(&self, now: i64, allowed: &[SignatureAlgorithm]) -> Result<Arc<KeyRing>, KeysUnavailable> {
        let bytes = self.source.fetch().await?;
        let set = JwkSet::parse(&bytes).map_err(|_| KeysUnavailable)?;
        let keys = VerifyingKeySet::from_jwk_set(&set, allowed);
        Ok(Arc::new(KeyRing { keys, digest: sha256(&bytes), fetched: now }))
    }

    fn held(&self) -> Option<Arc<KeyRing>> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
