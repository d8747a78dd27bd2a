//! Keys that verify: each bound to the algorithms it may be used with, parsed once.
//!
//! Implements: RFC 8725 §3.1 (the key decides the algorithm), RFC 7518 §3.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::{hmac, signature};

use crate::algorithm::SignatureAlgorithm;
use crate::error::JoseError;
use crate::jwk::Jwk;
use crate::jwk_set::JwkSet;

/// How one algorithm is verified with one key.
enum Check {
    Public(signature::ParsedPublicKey),
    Secret(Box<hmac::Key>),
}

/// A key with the algorithms that it may verify. A public key never verifies a MAC, whatever a token says.
#[derive(Clone)]
pub struct VerifyingKey {
    kid: Option<Arc<str>>,
    checks: Arc<[(SignatureAlgorithm, Check)]>,
}

impl VerifyingKey {
    /// A public key, for every algorithm that its type, `alg`, `use` and `key_ops` permit.
    ///
    /// # Errors
    /// [`JoseError::KeyUnsupported`] if they permit none.
    pub fn from_jwk(jwk: &Jwk) -> Result<Self, JoseError> {
        Self::for_algorithms(jwk, &SignatureAlgorithm::ALL)
    }

    /// A public key, for those of `allowed` that it permits: where a registration or a policy names the algorithm.
    ///
    /// # Errors
    /// [`JoseError::KeyUnsupported`] if it permits none of them.
    pub fn for_algorithms(jwk: &Jwk, allowed: &[SignatureAlgorithm]) -> Result<Self, JoseError> {
        let checks = jwk
            .signature_algorithms()
            .into_iter()
            .filter(|algorithm| allowed.contains(algorithm))
            .map(|algorithm| Ok((algorithm, Check::Public(jwk.material.parse_for(algorithm)?))))
            .collect::<Result<Arc<[_]>, JoseError>>()?;
        if checks.is_empty() {
            return Err(JoseError::KeyUnsupported("it verifies no allowed signature algorithm"));
        }
        Ok(Self { kid: jwk.kid().map(Arc::from), checks })
    }

    /// A shared secret, for the one HS algorithm `algorithm`.
    ///
    /// # Errors
    /// If `algorithm` is not an HS algorithm, or the secret is shorter than its hash (RFC 7518 §3.2).
    pub fn from_secret(algorithm: SignatureAlgorithm, secret: &[u8]) -> Result<Self, JoseError> {
        let (mac, least) = algorithm.mac().ok_or(JoseError::AlgorithmNotAllowed(algorithm))?;
        if secret.len() < least {
            return Err(JoseError::Key("the secret is shorter than the algorithm's hash"));
        }
        Ok(Self::of_secret(algorithm, hmac::Key::new(mac, secret), None))
    }

    pub(crate) fn of_secret(algorithm: SignatureAlgorithm, key: hmac::Key, kid: Option<&str>) -> Self {
        Self { kid: kid.map(Arc::from), checks: Arc::from([(algorithm, Check::Secret(Box::new(key)))]) }
    }

    /// The key's name, where it has one.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The algorithms that this key verifies.
    pub fn algorithms(&self) -> impl Iterator<Item = SignatureAlgorithm> + '_ {
        self.checks.iter().map(|(algorithm, _)| *algorithm)
    }

    /// Whether `signature` over `message` was made by this key's owner with `algorithm`.
    ///
    /// # Errors
    /// [`JoseError::AlgorithmNotAllowed`] or [`JoseError::Signature`].
    pub fn verify_bytes(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), JoseError> {
        let (_, check) = self
            .checks
            .iter()
            .find(|(allowed, _)| *allowed == algorithm)
            .ok_or(JoseError::AlgorithmNotAllowed(algorithm))?;
        match check {
            Check::Public(key) => key.verify_sig(message, signature),
            Check::Secret(key) => hmac::verify(key, message, signature),
        }
        .map_err(|_| JoseError::Signature)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey")
            .field("kid", &self.kid)
            .field("algorithms", &self.algorithms().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// The keys of one party, parsed once: a token picks among them by `kid` and algorithm.
#[derive(Clone, Debug, Default)]
pub struct VerifyingKeySet {
    keys: Vec<VerifyingKey>,
}

impl VerifyingKeySet {
    /// How many keys are tried for a token that names none.
    const MAXIMUM_TRIED: usize = 10;

    /// A set of these keys.
    pub fn new(keys: Vec<VerifyingKey>) -> Self {
        Self { keys }
    }

    /// The keys of `set` that verify one of `allowed`; the others (encryption keys, say) are passed over.
    pub fn from_jwk_set(set: &JwkSet, allowed: &[SignatureAlgorithm]) -> Self {
        Self { keys: set.keys().iter().filter_map(|jwk| VerifyingKey::for_algorithms(jwk, allowed).ok()).collect() }
    }

    /// Whether the set has no key at all.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The keys that a token with this `alg` and `kid` may have been signed with. A token that names a key gets that key or none.
    pub fn candidates<'a>(
        &'a self,
        algorithm: SignatureAlgorithm,
        kid: Option<&'a str>,
    ) -> impl Iterator<Item = &'a VerifyingKey> {
        self.keys
            .iter()
            .filter(move |key| {
                kid.is_none_or(|kid| key.kid() == Some(kid)) && key.algorithms().any(|allowed| allowed == algorithm)
            })
            .take(Self::MAXIMUM_TRIED)
    }
}
