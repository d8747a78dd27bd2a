//! What every request is answered with: the house of decisions, the clock, the dice and the pages.

use std::sync::Arc;

use bytes::Bytes;
use chancery_engine::context::{Dice, House};
use chancery_engine::keyring::RealmKeys;
use chancery_store::Moment;
use chancery_store::id::RealmName;
use chancery_store::realm::Realm;
use chancery_store::secret::{Secret, SecretDigest};
use quick_cache::sync::Cache;

use crate::config::Limits;
use crate::http::proxy::TrustedProxies;
use crate::pages::{Locale, Pages};
use crate::telemetry::Figures;

/// Tells the present.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Moment;
}

/// The system's clock.
#[derive(Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the present is read")]
    fn now(&self) -> Moment {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let milliseconds = since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
        Moment::from_milliseconds(milliseconds)
    }
}

/// The system's randomness.
#[derive(Debug)]
pub struct SystemDice;

impl Dice for SystemDice {
    fn fill(&self, bytes: &mut [u8]) {
        // Without randomness no secret is one; stopping is the only safe answer.
        #[expect(clippy::expect_used, reason = "a process without randomness must not go on")]
        aws_lc_rs::rand::fill(bytes).expect("the system gives randomness");
    }
}

/// Who may use the administration interface, by the digests of their tokens.
#[derive(Clone, Debug, Default)]
pub struct Administrators(Vec<SecretDigest>);

impl Administrators {
    /// The holders of these tokens.
    #[must_use]
    pub fn new(tokens: Vec<SecretDigest>) -> Self {
        Self(tokens)
    }

    /// Whether `presented` is the token of one.
    #[must_use]
    pub fn admit(&self, presented: &Secret) -> bool {
        self.0.iter().any(|digest| digest.matches(presented))
    }
}

/// A metadata document as it was last written, with what it was written from.
pub struct MetadataDocument {
    /// The realm's record.
    pub realm: Arc<Realm>,
    /// The realm's keys.
    pub keys: Arc<RealmKeys>,
    /// The JSON text.
    pub body: Bytes,
    /// Changes whenever the text does.
    pub etag: String,
}

/// Everything that requests share.
pub struct App {
    /// Where decisions are taken.
    pub house: House,
    /// The present.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub dice: Arc<dyn Dice>,
    /// What people see.
    pub pages: Pages,
    /// The language of those who name none that we speak.
    pub default_locale: Locale,
    /// Whose forwarded headers count.
    pub proxies: TrustedProxies,
    /// What one request may take.
    pub limits: Limits,
    /// Figures for Prometheus, where they are served.
    pub figures: Option<Figures>,
    /// Who may use the administration interface.
    pub administrators: Administrators,
    /// Metadata documents by realm.
    pub metadata: Cache<RealmName, Arc<MetadataDocument>>,
}
