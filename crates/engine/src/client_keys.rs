//! The keys with which a client's own signatures are verified.
//!
//! A set given by value is parsed once for each version of the client. A set found at `jwks_uri`
//! is asked for again, once, when it lacks the key that a signature names.

use std::sync::Arc;

use chancery_jose::{JoseError, JwkSet, SignatureAlgorithm, Unverified, Verified, VerifyingKey, VerifyingKeySet};
use chancery_store::Moment;
use chancery_store::client::{Client, KeptSecret};
use serde::de::DeserializeOwned;

use crate::context::House;
use crate::refusal::Refusal;

/// A client's public keys, parsed.
pub struct ClientKeys {
    keys: VerifyingKeySet,
}

impl ClientKeys {
    /// The usable keys of a JWK set; keys that we cannot use are passed over (RFC 7517 §5).
    ///
    /// # Errors
    /// A sentence for the log where the set does not read.
    pub fn parse(set: &serde_json::Value) -> Result<Self, String> {
        let set = JwkSet::parse(set.to_string().as_bytes()).map_err(|error| error.to_string())?;
        let asymmetric: Vec<_> = SignatureAlgorithm::ALL.iter().copied().filter(|one| !one.is_symmetric()).collect();
        Ok(Self { keys: VerifyingKeySet::from_jwk_set(&set, &asymmetric) })
    }
}

/// What `token` says, if a registered key of `client` signed it.
///
/// # Errors
/// [`Refusal::AssertionInvalid`], [`Refusal::ClientUnproven`], [`Refusal::ClientKeysUnavailable`].
pub async fn verify_signed<T: DeserializeOwned>(
    house: &House,
    client: &Client,
    token: &str,
) -> Result<Verified<T>, Refusal> {
    let unverified = parse(token)?;
    let algorithm = unverified.header().algorithm();
    if algorithm.is_symmetric() || client.assertion_algorithm.is_some_and(|registered| registered != algorithm) {
        return Err(Refusal::AssertionInvalid("it is signed with another algorithm than is registered"));
    }
    let Some(uri) = &client.jwks_uri else {
        let keys = registered(house, client)?;
        return unverified.verify_with_set(&keys.keys).map_err(|_| Refusal::ClientUnproven);
    };
    for fresh in [false, true] {
        let set =
            house.remote_keys.fetch(uri, fresh).await.map_err(|cause| Refusal::ClientKeysUnavailable { cause })?;
        let keys = ClientKeys::parse(&set).map_err(|cause| Refusal::ClientKeysUnavailable { cause })?;
        match parse(token)?.verify_with_set(&keys.keys) {
            Ok(verified) => return Ok(verified),
            // Perhaps the client has a new key: look once more. A wrong signature stays wrong.
            Err(JoseError::NoMatchingKey) => {}
            Err(_) => return Err(Refusal::ClientUnproven),
        }
    }
    Err(Refusal::ClientUnproven)
}

fn parse(token: &str) -> Result<Unverified<'_>, Refusal> {
    Unverified::parse(token).map_err(|_| Refusal::AssertionInvalid("it is not a signed JWT"))
}

fn registered(house: &House, client: &Client) -> Result<Arc<ClientKeys>, Refusal> {
    let version = (client.realm.clone(), client.id.clone(), client.revision);
    if let Some(keys) = house.client_keys.get(&version) {
        return Ok(keys);
    }
    let set = client.jwks.as_ref().ok_or(Refusal::ClientUnproven)?;
    let keys = ClientKeys::parse(set).map_err(|cause| Refusal::ClientKeysUnavailable { cause })?;
    let keys = Arc::new(keys);
    house.client_keys.insert(version, keys.clone());
    Ok(keys)
}

/// What `token` says, if a live secret of `client` signed it.
///
/// # Errors
/// [`Refusal::AssertionInvalid`], [`Refusal::ClientUnproven`], [`Refusal::KeyUnusable`].
pub fn verify_with_secret<T: DeserializeOwned>(
    house: &House,
    now: Moment,
    client: &Client,
    token: &str,
) -> Result<Verified<T>, Refusal> {
    let algorithm = parse(token)?.header().algorithm();
    let registered = client.assertion_algorithm.unwrap_or(SignatureAlgorithm::Hs256);
    if algorithm != registered || !algorithm.is_symmetric() {
        return Err(Refusal::AssertionInvalid("it is signed with another algorithm than is registered"));
    }
    let unusable = |cause: JoseError| Refusal::KeyUnusable { cause: cause.to_string() };
    for secret in client.live_secrets(now) {
        let KeptSecret::Sealed(sealed) = &secret.kept else { continue };
        let opened = house.keys.vault().open(&secret_context(client), sealed).map_err(unusable)?;
        let key = VerifyingKey::from_secret(algorithm, &opened).map_err(unusable)?;
        if let Ok(verified) = parse(token)?.verify(&key) {
            return Ok(verified);
        }
    }
    Err(Refusal::ClientUnproven)
}

/// What a client's secret is sealed under: it opens nowhere else.
#[must_use]
pub fn secret_context(client: &Client) -> String {
    format!("realm {} client {} secret", client.realm, client.id)
}
