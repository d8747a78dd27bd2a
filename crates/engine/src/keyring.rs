//! The realms' keys, opened and parsed once for each version of a realm's key list.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use chancery_jose::{
    Jwk, SignatureAlgorithm, Signer, SigningKey, Unverified, Vault, Verified, VerifyingKey, hmac_sha256,
};
use chancery_store::Store;
use chancery_store::id::RealmName;
use chancery_store::key::{Key, KeyPurpose, KeyState};
use chancery_store::secret::SecretDigest;
use quick_cache::sync::Cache;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::refusal::Refusal;

/// The `typ` of a JWT access token (RFC 9068 §2.1).
pub const ACCESS_TOKEN_TYP: &str = "at+jwt";

/// Opens keys and keeps them open.
pub struct KeyRing {
    vault: Vault,
    opened: Cache<RealmName, (Arc<[Key]>, Arc<RealmKeys>)>,
}

/// The keys of one realm, ready for use.
pub struct RealmKeys {
    signers: HashMap<SignatureAlgorithm, Signers>,
    verifying: HashMap<String, VerifyingKey>,
    derive: Option<Zeroizing<Vec<u8>>>,
    jwks: Arc<KeySetDocument>,
}

/// The signers of one active key: the protected header is encoded once for each kind of token.
struct Signers {
    plain: Signer,
    access_token: Signer,
}

/// The public key set as it is served.
pub struct KeySetDocument {
    /// The JSON text.
    pub body: Bytes,
    /// Changes whenever the text does.
    pub etag: String,
}

impl KeyRing {
    /// Opens what `vault` can open, for at most `realms` realms at a time.
    #[must_use]
    pub fn new(vault: Vault, realms: usize) -> Self {
        Self { vault, opened: Cache::new(realms) }
    }

    /// The master keys.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// The keys of `realm` as they are now.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`], [`Refusal::KeyUnusable`].
    pub async fn of(&self, store: &dyn Store, realm: &RealmName) -> Result<Arc<RealmKeys>, Refusal> {
        let records = store.keys(realm).await?;
        if let Some((known, opened)) = self.opened.get(realm)
            && Arc::ptr_eq(&known, &records)
        {
            return Ok(opened);
        }
        let opened = Arc::new(open(&self.vault, &records)?);
        self.opened.insert(realm.clone(), (records, opened.clone()));
        Ok(opened)
    }
}

fn open(vault: &Vault, records: &[Key]) -> Result<RealmKeys, Refusal> {
    let unusable =
        |key: &Key, cause: &dyn std::fmt::Display| Refusal::KeyUnusable { cause: format!("key {}: {cause}", key.kid) };
    let mut keys = RealmKeys {
        signers: HashMap::new(),
        verifying: HashMap::new(),
        derive: None,
        jwks: Arc::new(KeySetDocument { body: Bytes::new(), etag: String::new() }),
    };
    let mut public = Vec::new();
    for record in records {
        let context = Key::seal_context(&record.realm, &record.kid);
        match record.purpose {
            KeyPurpose::Derive => {
                if record.state == KeyState::Active {
                    keys.derive =
                        Some(vault.open(&context, &record.private).map_err(|cause| unusable(record, &cause))?);
                }
            }
            KeyPurpose::Sign(algorithm) => {
                if record.is_public() {
                    let jwk =
                        Jwk::parse(record.public.to_string().as_bytes()).map_err(|cause| unusable(record, &cause))?;
                    let verifying = VerifyingKey::from_jwk(&jwk).map_err(|cause| unusable(record, &cause))?;
                    keys.verifying.insert(record.kid.clone(), verifying);
                    public.push(record);
                }
                if record.state == KeyState::Active {
                    let private = vault.open(&context, &record.private).map_err(|cause| unusable(record, &cause))?;
                    let key = SigningKey::from_pkcs8_der(&private)
                        .and_then(|key| key.with_algorithm(algorithm))
                        .map_err(|cause| unusable(record, &cause))?
                        .with_kid(&record.kid);
                    keys.signers.insert(
                        algorithm,
                        Signers {
                            plain: Signer::new(&key, None),
                            access_token: Signer::new(&key, Some(ACCESS_TOKEN_TYP)),
                        },
                    );
                }
            }
        }
    }
    // The keys in use stand first: some verifiers try no other.
    public.sort_by_key(|record| (record.state != KeyState::Active, record.state != KeyState::Published));
    let set = serde_json::json!({ "keys": public.iter().map(|record| &record.public).collect::<Vec<_>>() });
    let body = set.to_string();
    let etag = format!("\"{}\"", chancery_jose::base64url_encode(&SecretDigest::of(body.as_bytes()).as_bytes()[..12]));
    keys.jwks = Arc::new(KeySetDocument { body: body.into(), etag });
    Ok(keys)
}

impl RealmKeys {
    /// Signs ID tokens and other plain JWTs.
    ///
    /// # Errors
    /// [`Refusal::SigningKeyMissing`].
    pub fn signer(&self, algorithm: SignatureAlgorithm) -> Result<&Signer, Refusal> {
        self.signers.get(&algorithm).map(|signers| &signers.plain).ok_or(Refusal::SigningKeyMissing)
    }

    /// Signs access tokens.
    ///
    /// # Errors
    /// [`Refusal::SigningKeyMissing`].
    pub fn access_token_signer(&self, algorithm: SignatureAlgorithm) -> Result<&Signer, Refusal> {
        self.signers.get(&algorithm).map(|signers| &signers.access_token).ok_or(Refusal::SigningKeyMissing)
    }

    /// The algorithms that can be signed with.
    #[must_use]
    pub fn algorithms(&self) -> Vec<SignatureAlgorithm> {
        let mut algorithms: Vec<_> = self.signers.keys().copied().collect();
        algorithms.sort();
        algorithms
    }

    /// What `token` says, if a key of this realm signed it.
    #[must_use]
    pub fn verify<T: DeserializeOwned>(&self, token: Unverified<'_>) -> Option<T> {
        let key = self.verifying.get(token.header().kid()?)?;
        token.verify::<T>(key).ok().map(Verified::into_claims)
    }

    /// The public key set.
    #[must_use]
    pub fn jwks(&self) -> &Arc<KeySetDocument> {
        &self.jwks
    }

    /// A keyed hash of `parts` under the realm's own secret, for one `purpose`.
    ///
    /// # Errors
    /// [`Refusal::SigningKeyMissing`].
    pub fn keyed_hash(&self, purpose: &str, parts: &[&[u8]]) -> Result<[u8; 32], Refusal> {
        let secret = self.derive.as_ref().ok_or(Refusal::SigningKeyMissing)?;
        // Each part is preceded by its length: no two lists of parts are one string of bytes.
        let lengths: Vec<[u8; 8]> = parts.iter().map(|part| (part.len() as u64).to_be_bytes()).collect();
        let mut all: Vec<&[u8]> = vec![purpose.as_bytes(), &[0]];
        for (length, part) in lengths.iter().zip(parts) {
            all.push(length);
            all.push(part);
        }
        Ok(hmac_sha256(secret, &all))
    }
}
