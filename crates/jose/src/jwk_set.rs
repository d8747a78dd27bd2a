//! A set of public keys, and the choice of one from it.
//!
//! Implements: RFC 7517 §5 (keys that are not understood are passed over), RFC 7515 §6 and appendix D.
//! Leaves out: fetching (a set arrives as bytes), `jku`.

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::algorithm::SignatureAlgorithm;
use crate::encryption_algorithm::KeyManagement;
use crate::error::JoseError;
use crate::json;
use crate::jwk::Jwk;

/// The public keys that one party publishes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JwkSet {
    keys: Vec<Jwk>,
    passed_over: Vec<JoseError>,
}

#[derive(Deserialize)]
struct Written {
    keys: Vec<Map<String, Value>>,
}

impl JwkSet {
    /// The most bytes that a set is read from.
    pub const MAXIMUM_BYTES: usize = 256 * 1024;
    /// The most keys that a set may name.
    pub const MAXIMUM_KEYS: usize = 100;

    /// A set of keys of ours.
    pub fn new(keys: Vec<Jwk>) -> Self {
        Self { keys, passed_over: Vec::new() }
    }

    /// Reads a set from JSON.
    ///
    /// A key of an unknown type, or one that is too weak or malformed, is passed over and told by [`JwkSet::passed_over`].
    ///
    /// # Errors
    /// If the text is not a set, is too large, holds a private or symmetric key ([`JoseError::PrivateMember`]), or holds two
    /// different keys of one type under one `kid` ([`JoseError::AmbiguousKey`]).
    pub fn parse(bytes: &[u8]) -> Result<Self, JoseError> {
        if bytes.len() > Self::MAXIMUM_BYTES {
            return Err(JoseError::TooLarge { limit: Self::MAXIMUM_BYTES });
        }
        let written: Written = json::object(bytes, "the key set")?;
        if written.keys.len() > Self::MAXIMUM_KEYS {
            return Err(JoseError::Malformed("a key set names at most 100 keys"));
        }
        let mut set = Self::default();
        for members in &written.keys {
            match Jwk::from_members(members) {
                Ok(key) if set.keys.iter().any(|other| is_rival(other, &key)) => {
                    return Err(JoseError::AmbiguousKey);
                }
                Ok(key) => set.keys.push(key),
                Err(JoseError::PrivateMember) => return Err(JoseError::PrivateMember),
                Err(reason) => set.passed_over.push(reason),
            }
        }
        Ok(set)
    }

    /// The keys, in the order in which they were written.
    pub fn keys(&self) -> &[Jwk] {
        &self.keys
    }

    /// Why keys of the text are not among [`JwkSet::keys`]. A registration refuses a set with any; a fetched set may have some.
    pub fn passed_over(&self) -> &[JoseError] {
        &self.passed_over
    }

    /// The key named `kid`.
    pub fn find(&self, kid: &str) -> Option<&Jwk> {
        self.keys.iter().find(|key| key.kid() == Some(kid))
    }

    /// The keys that may verify a signature by `algorithm` that points at `kid` (or at none).
    pub fn verifying<'a>(
        &'a self,
        algorithm: SignatureAlgorithm,
        kid: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Jwk> {
        self.keys.iter().filter(move |key| {
            kid.is_none_or(|kid| key.kid() == Some(kid)) && key.signature_algorithms().contains(&algorithm)
        })
    }

    /// The keys that may be encrypted to by `algorithm`.
    pub fn encrypting(&self, algorithm: KeyManagement) -> impl Iterator<Item = &Jwk> {
        self.keys.iter().filter(move |key| key.encrypts_by(algorithm))
    }
}

/// Two keys that a token could mean by the same words, and that are not the same key.
fn is_rival(one: &Jwk, other: &Jwk) -> bool {
    one.kid().is_some()
        && one.kid() == other.kid()
        && one.key_type() == other.key_type()
        && one.material != other.material
}

impl Serialize for JwkSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut written = serializer.serialize_struct("JwkSet", 1)?;
        written.serialize_field("keys", &self.keys)?;
        written.end()
    }
}
