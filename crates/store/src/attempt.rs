//! Failed sign-ins, counted per account and per address.

use crate::id::RealmName;
use crate::moment::Moment;
use crate::secret::SecretDigest;

/// Whose attempts are counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AttemptKey {
    /// The realm.
    pub realm: RealmName,
    /// The digest of "account NAME" or "address IP": accounts that do not exist are counted like
    /// those that do, and the table tells nobody who tried.
    pub subject: SecretDigest,
}

impl AttemptKey {
    /// Attempts on the account called `name`, whether there is one or not.
    #[must_use]
    pub fn account(realm: &RealmName, name: &str) -> Self {
        Self { realm: realm.clone(), subject: SecretDigest::of(format!("account {name}").as_bytes()) }
    }

    /// Attempts from `address`.
    #[must_use]
    pub fn address(realm: &RealmName, address: &str) -> Self {
        Self { realm: realm.clone(), subject: SecretDigest::of(format!("address {address}").as_bytes()) }
    }
}

/// How often, and what follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    /// Failures since the last success.
    pub count: u32,
    /// No attempt is heard before then.
    pub retry_at: Option<Moment>,
}

/// One attempt to be counted before it is judged, so that attempts made at once cannot all be
/// judged under the count of the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedAttempt {
    /// Whose.
    pub key: AttemptKey,
    /// The count that the decision saw; another count means that the race was lost.
    pub seen: u32,
    /// What it becomes.
    pub becomes: Attempts,
    /// When the record is forgotten.
    pub forget_at: Moment,
}
