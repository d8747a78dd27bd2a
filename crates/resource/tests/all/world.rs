//! A server's keys inside the test, a clock that the test moves, and tokens.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chancery_jose::{JwkSet, SignatureAlgorithm, SigningKey, sign};
use chancery_resource::{Clock, Issuer, KeySource, KeysUnavailable, Verifier};
use serde_json::{Value, json};

pub(crate) const ISSUER: &str = "https://as.example";
pub(crate) const AUDIENCE: &str = "https://api.example";
pub(crate) const BEGINNING: i64 = 1_795_348_800;

/// What a test needs: a key that signs, the keys that are published, the present.
pub(crate) struct World {
    now: AtomicI64,
    /// How often the keys were fetched.
    pub(crate) fetched: AtomicUsize,
    /// The key that signs.
    pub(crate) key: Mutex<SigningKey>,
    /// What is published; nothing while the server is away.
    pub(crate) published: Mutex<Option<Vec<u8>>>,
}

impl World {
    pub(crate) fn new() -> Arc<Self> {
        Self::signing_by(SignatureAlgorithm::Es256)
    }

    pub(crate) fn signing_by(algorithm: SignatureAlgorithm) -> Arc<Self> {
        let key = SigningKey::generate(algorithm).unwrap();
        let world = Self {
            now: AtomicI64::new(BEGINNING),
            fetched: AtomicUsize::new(0),
            published: Mutex::new(Some(set_of(&key))),
            key: Mutex::new(key),
        };
        Arc::new(world)
    }

    pub(crate) fn verifier(self: &Arc<Self>) -> Verifier {
        Verifier::new(Issuer::parse(ISSUER).unwrap(), AUDIENCE, Source(self.clone())).clock(self.clone())
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }

    /// How often the keys were fetched.
    pub(crate) fn fetches(&self) -> usize {
        self.fetched.load(Ordering::SeqCst)
    }

    /// Signs by a new key from now on, published or not.
    pub(crate) fn rotate(&self, publish: bool) {
        let key = SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
        if publish {
            *self.published.lock().unwrap() = Some(set_of(&key));
        }
        *self.key.lock().unwrap() = key;
    }

    /// A good token, but for `patches`; null takes a claim away.
    pub(crate) fn token(&self, patches: &Value) -> String {
        self.token_of_type(Some("at+jwt"), patches)
    }

    pub(crate) fn token_of_type(&self, typ: Option<&str>, patches: &Value) -> String {
        let now = self.now();
        let mut claims = json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "client_id": "web", "jti": "j", "scope": "read write",
            "iat": now, "exp": now + 600,
        });
        for (name, value) in patches.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        sign(&self.key.lock().unwrap(), typ, &claims).unwrap()
    }
}

pub(crate) fn set_of(key: &SigningKey) -> Vec<u8> {
    serde_json::to_vec(&JwkSet::new(vec![key.public_jwk().unwrap().clone()])).unwrap()
}

impl Clock for World {
    fn now(&self) -> i64 {
        self.now.load(Ordering::SeqCst)
    }
}

struct Source(Arc<World>);

#[async_trait]
impl KeySource for Source {
    async fn fetch(&self) -> Result<Vec<u8>, KeysUnavailable> {
        self.0.fetched.fetch_add(1, Ordering::SeqCst);
        // Whoever else wants to fetch has the time to do so.
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        self.0.published.lock().unwrap().clone().ok_or(KeysUnavailable)
    }
}
