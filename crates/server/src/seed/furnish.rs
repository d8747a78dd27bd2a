//! The keys that a realm cannot do without, made off the executor's threads.

use chancery_engine::directory::{DirectoryError, Steward};
use chancery_jose::{JoseError, SignatureAlgorithm, SigningKey};
use chancery_store::key::Key;
use chancery_store::realm::Realm;

/// Which missing keys are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyMaking {
    /// All of them.
    All,
    /// Those that are made in an instant: an RSA key takes up to a second, and can follow.
    Quick,
}

/// Gives a realm the keys that it lacks; answers what was made.
///
/// # Errors
/// As [`Steward::furnish_realm`].
pub async fn furnish(steward: &Steward<'_>, realm: &Realm, making: KeyMaking) -> Result<Vec<Key>, DirectoryError> {
    let missing = steward.missing_keys(realm).await?;
    if missing.algorithms.is_empty() && !missing.derive {
        return Ok(Vec::new());
    }
    let mut keys = Vec::new();
    for algorithm in missing.algorithms {
        if making == KeyMaking::All || !algorithm.is_rsa() {
            keys.push(make_key(algorithm).await?);
        }
    }
    steward.furnish_realm(realm, &keys).await
}

/// Makes one key on a thread of its own.
///
/// # Errors
/// [`JoseError::Cryptography`] if the random source fails.
pub async fn make_key(algorithm: SignatureAlgorithm) -> Result<SigningKey, JoseError> {
    tokio::task::spawn_blocking(move || SigningKey::generate(algorithm)).await.map_err(|_| JoseError::Cryptography)?
}
