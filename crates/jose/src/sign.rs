//! Making signed tokens: one header, prepared once, and one pass over each token.
//!
//! Implements: RFC 7515 §5.1, §7.1 (compact), RFC 7519 §7.1.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::digest::encode_onto;
use crate::error::JoseError;
use crate::signing_key::SigningKey;

/// Header members that a signer decides itself, or that would change what the token means.
const OWN_MEMBERS: [&str; 5] = ["alg", "kid", "typ", "crit", "b64"];

/// Signs a token once, without keeping a [`Signer`].
///
/// # Errors
/// As [`Signer::sign`].
pub fn sign(key: &SigningKey, typ: Option<&str>, claims: &impl Serialize) -> Result<String, JoseError> {
    Signer::new(key, typ).sign(claims)
}

/// A key with a header of its own, encoded. Signing by it costs little more than the signature itself.
#[derive(Clone)]
pub struct Signer {
    key: SigningKey,
    /// The encoded header and its full stop.
    prefix: String,
}

impl Signer {
    /// A signer whose header holds `alg`, `typ` if given, and the key's `kid` if it has one.
    pub fn new(key: &SigningKey, typ: Option<&str>) -> Self {
        Self::of(key, typ, &Map::new())
    }

    /// A signer whose header holds further members, such as the `jwk` of a DPoP proof (RFC 9449 §4.2).
    ///
    /// # Errors
    /// [`JoseError::HeaderRefused`] if `members` names `alg`, `kid`, `typ`, `crit` or `b64`.
    pub fn with_members(key: &SigningKey, typ: Option<&str>, members: &Map<String, Value>) -> Result<Self, JoseError> {
        match OWN_MEMBERS.into_iter().find(|name| members.contains_key(*name)) {
            Some(name) => Err(JoseError::HeaderRefused(name)),
            None => Ok(Self::of(key, typ, members)),
        }
    }

    fn of(key: &SigningKey, typ: Option<&str>, members: &Map<String, Value>) -> Self {
        // `Value` writes itself as JSON without a way to fail.
        let mut header = format!("{{\"alg\":\"{}\"", key.algorithm().name());
        for (name, value) in [("typ", typ), ("kid", key.kid())] {
            if let Some(value) = value {
                header.push_str(&format!(",\"{name}\":{}", Value::from(value)));
            }
        }
        for (name, value) in members {
            header.push_str(&format!(",{}:{value}", Value::from(name.as_str())));
        }
        header.push('}');
        let mut prefix = String::new();
        encode_onto(header.as_bytes(), &mut prefix);
        prefix.push('.');
        Self { key: key.clone(), prefix }
    }

    /// The key that signs.
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// Signs `claims`, serialised as JSON, into a compact token.
    ///
    /// # Errors
    /// [`JoseError::Json`] if the claims do not serialise, [`JoseError::Cryptography`] if the backend fails.
    pub fn sign(&self, claims: &impl Serialize) -> Result<String, JoseError> {
        let payload = serde_json::to_vec(claims).map_err(|_| JoseError::Json("the payload"))?;
        self.sign_payload(&payload)
    }

    /// Signs `payload` as it stands into a compact token.
    ///
    /// # Errors
    /// [`JoseError::Cryptography`] if the backend fails.
    pub fn sign_payload(&self, payload: &[u8]) -> Result<String, JoseError> {
        // Room for the signatures of up to 384 bytes; longer ones (RSA-4096, ML-DSA) grow the buffer once.
        let mut token = String::with_capacity(self.prefix.len() + payload.len() * 4 / 3 + 520);
        token.push_str(&self.prefix);
        encode_onto(payload, &mut token);
        let signature = self.key.signature(token.as_bytes())?;
        token.push('.');
        encode_onto(&signature, &mut token);
        Ok(token)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("key", &self.key).finish_non_exhaustive()
    }
}
