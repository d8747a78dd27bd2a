//! The names of encryption algorithms: how the content key is conveyed, and how the content is encrypted.
//!
//! Implements: RFC 7518 §4.1, §5.1.
//! Leaves out: `RSA1_5` (padding oracles), `PBES2-*` (work chosen by the sender), `A192KW` and `ECDH-ES+A192KW` (the backend has no
//! AES-192 key wrap), DEFLATE.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::JoseError;

/// How the content encryption key reaches the recipient (`alg` of a JWE).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyManagement {
    /// RSAES-OAEP with SHA-1 and MGF1 with SHA-1.
    RsaOaep,
    /// RSAES-OAEP with SHA-256 and MGF1 with SHA-256.
    RsaOaep256,
    /// Elliptic-curve Diffie-Hellman; the agreed key is the content key.
    EcdhEs,
    /// Elliptic-curve Diffie-Hellman, then AES-128 key wrap.
    EcdhEsA128Kw,
    /// Elliptic-curve Diffie-Hellman, then AES-256 key wrap.
    EcdhEsA256Kw,
    /// AES-128 key wrap under a shared secret.
    A128Kw,
    /// AES-256 key wrap under a shared secret.
    A256Kw,
    /// AES-128-GCM under a shared secret.
    A128GcmKw,
    /// AES-192-GCM under a shared secret.
    A192GcmKw,
    /// AES-256-GCM under a shared secret.
    A256GcmKw,
    /// The shared secret is the content key.
    Direct,
}

impl KeyManagement {
    /// Every algorithm, in the order in which they are advertised.
    pub const ALL: [Self; 11] = [
        Self::RsaOaep,
        Self::RsaOaep256,
        Self::EcdhEs,
        Self::EcdhEsA128Kw,
        Self::EcdhEsA256Kw,
        Self::A128Kw,
        Self::A256Kw,
        Self::A128GcmKw,
        Self::A192GcmKw,
        Self::A256GcmKw,
        Self::Direct,
    ];

    /// The name in the `alg` header.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RsaOaep => "RSA-OAEP",
            Self::RsaOaep256 => "RSA-OAEP-256",
            Self::EcdhEs => "ECDH-ES",
            Self::EcdhEsA128Kw => "ECDH-ES+A128KW",
            Self::EcdhEsA256Kw => "ECDH-ES+A256KW",
            Self::A128Kw => "A128KW",
            Self::A256Kw => "A256KW",
            Self::A128GcmKw => "A128GCMKW",
            Self::A192GcmKw => "A192GCMKW",
            Self::A256GcmKw => "A256GCMKW",
            Self::Direct => "dir",
        }
    }

    /// Whether both sides share one secret.
    pub const fn is_symmetric(self) -> bool {
        !self.is_rsa() && !self.is_agreement()
    }

    /// Whether the recipient's key is an RSA key.
    pub const fn is_rsa(self) -> bool {
        matches!(self, Self::RsaOaep | Self::RsaOaep256)
    }

    /// Whether the content key comes from a Diffie-Hellman agreement.
    pub const fn is_agreement(self) -> bool {
        matches!(self, Self::EcdhEs | Self::EcdhEsA128Kw | Self::EcdhEsA256Kw)
    }

    /// Bytes of the shared secret that conveys a key for `encryption`, where there is a shared secret.
    pub(crate) const fn secret_length(self, encryption: ContentEncryption) -> Option<usize> {
        match self {
            Self::Direct => Some(encryption.key_length()),
            Self::A128Kw | Self::A256Kw | Self::A128GcmKw | Self::A192GcmKw | Self::A256GcmKw => {
                self.wrapping_key_length()
            }
            Self::RsaOaep | Self::RsaOaep256 | Self::EcdhEs | Self::EcdhEsA128Kw | Self::EcdhEsA256Kw => None,
        }
    }

    /// Bytes of the key that wraps the content key, where there is one.
    pub(crate) const fn wrapping_key_length(self) -> Option<usize> {
        match self {
            Self::EcdhEsA128Kw | Self::A128Kw | Self::A128GcmKw => Some(16),
            Self::A192GcmKw => Some(24),
            Self::EcdhEsA256Kw | Self::A256Kw | Self::A256GcmKw => Some(32),
            Self::RsaOaep | Self::RsaOaep256 | Self::EcdhEs | Self::Direct => None,
        }
    }
}

/// How the content is encrypted (`enc` of a JWE).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ContentEncryption {
    /// AES-128 in GCM.
    A128Gcm,
    /// AES-192 in GCM.
    A192Gcm,
    /// AES-256 in GCM.
    A256Gcm,
    /// AES-128 in CBC with HMAC-SHA-256.
    A128CbcHs256,
    /// AES-192 in CBC with HMAC-SHA-384.
    A192CbcHs384,
    /// AES-256 in CBC with HMAC-SHA-512.
    A256CbcHs512,
}

impl ContentEncryption {
    /// Every algorithm, in the order in which they are advertised.
    pub const ALL: [Self; 6] =
        [Self::A128Gcm, Self::A192Gcm, Self::A256Gcm, Self::A128CbcHs256, Self::A192CbcHs384, Self::A256CbcHs512];

    /// The name in the `enc` header.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A128Gcm => "A128GCM",
            Self::A192Gcm => "A192GCM",
            Self::A256Gcm => "A256GCM",
            Self::A128CbcHs256 => "A128CBC-HS256",
            Self::A192CbcHs384 => "A192CBC-HS384",
            Self::A256CbcHs512 => "A256CBC-HS512",
        }
    }

    /// Bytes of the content encryption key.
    pub const fn key_length(self) -> usize {
        match self {
            Self::A128Gcm => 16,
            Self::A192Gcm => 24,
            Self::A256Gcm | Self::A128CbcHs256 => 32,
            Self::A192CbcHs384 => 48,
            Self::A256CbcHs512 => 64,
        }
    }
}

/// The traits that make a name out of each of the two enumerations.
macro_rules! named {
    ($type:ty) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }

        impl FromStr for $type {
            type Err = JoseError;

            fn from_str(name: &str) -> Result<Self, JoseError> {
                Self::ALL
                    .into_iter()
                    .find(|algorithm| algorithm.name() == name)
                    .ok_or_else(|| JoseError::AlgorithmUnknown(name.chars().take(32).collect()))
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                name.parse().map_err(D::Error::custom)
            }
        }
    };
}

named!(KeyManagement);
named!(ContentEncryption);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_as_itself_and_the_dangerous_ones_are_unknown() {
        for algorithm in KeyManagement::ALL {
            assert_eq!(algorithm.name().parse(), Ok(algorithm));
        }
        for encryption in ContentEncryption::ALL {
            assert_eq!(encryption.name().parse(), Ok(encryption));
        }
        for name in ["RSA1_5", "PBES2-HS256+A128KW", "A192KW", "none", "DIR"] {
            assert!(name.parse::<KeyManagement>().is_err(), "{name}");
        }
    }
}
