//! Generated secrets: 256 bits, handed out once, kept as a digest.

use std::fmt;

use aws_lc_rs::{constant_time, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

/// A secret in the clear. It can be handed out and hashed; it cannot be printed or stored.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The secret whose text is 32 bytes of `chance` in base64url.
    #[must_use]
    pub fn from_chance(chance: [u8; 32]) -> Self {
        Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(chance)))
    }

    /// The secret that somebody presents or chose.
    #[must_use]
    pub fn presented(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The form in which it is kept.
    #[must_use]
    pub fn digest(&self) -> SecretDigest {
        SecretDigest::of(self.0.as_bytes())
    }

    /// Consumes the secret: it leaves the house once, in the answer that issues it.
    #[must_use]
    pub fn into_wire(self) -> String {
        self.0.as_str().to_owned()
    }

    /// The secret's bytes, for a computation that needs them (a keyed hash).
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// The SHA-256 digest of a 256-bit secret. A slow hash would protect nothing here: there is no
/// dictionary of 256-bit values.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SecretDigest([u8; 32]);

impl SecretDigest {
    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut kept = [0; 32];
        kept.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
        Self(kept)
    }

    /// The digest read back from a backend.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The digest as a backend keeps it.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether `presented` is the secret, in constant time.
    #[must_use]
    pub fn matches(&self, presented: &Secret) -> bool {
        constant_time::verify_slices_are_equal(&self.0, &presented.digest().0).is_ok()
    }
}

impl fmt::Debug for SecretDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretDigest(..)")
    }
}

impl Serialize for SecretDigest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl<'de> Deserialize<'de> for SecretDigest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(serde::de::Error::custom)?;
        bytes.try_into().map(Self).map_err(|_| serde::de::Error::custom("a digest has 32 bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_and_its_digest_do_not_print() {
        let secret = Secret::from_chance([42; 32]);
        assert_eq!(format!("{secret:?} {:?}", secret.digest()), "Secret(..) SecretDigest(..)");
    }

    #[test]
    fn a_digest_recognises_its_secret_alone() {
        let secret = Secret::from_chance([1; 32]);
        assert!(secret.digest().matches(&Secret::presented(secret.expose())));
        assert!(!secret.digest().matches(&Secret::from_chance([2; 32])));
    }
}
