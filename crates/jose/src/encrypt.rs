//! Making encrypted tokens.
//!
//! Implements: RFC 7516 §5.1, §7.1 (compact), RFC 7519 §5.2 (nested tokens), OpenID Connect Core §10.2 (keys from client secrets).
//! Leaves out: compression, several recipients.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::rsa::{OaepPublicEncryptingKey, PublicEncryptingKey, PublicKeyComponents};
use aws_lc_rs::{digest, rand};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::content;
use crate::digest::{base64url_encode, encode_onto};
use crate::encryption_algorithm::{ContentEncryption, KeyManagement};
use crate::error::JoseError;
use crate::jwk::Jwk;
use crate::key_agreement::{Purpose, agree_as_sender};
use crate::key_wrapping::{wrap, wrap_to_rsa};
use crate::public_material::PublicMaterial;

/// A recipient's key, bound to the one algorithm by which it is encrypted to.
#[derive(Clone)]
pub struct EncryptionKey {
    management: KeyManagement,
    kid: Option<Arc<str>>,
    recipient: Arc<Recipient>,
}

enum Recipient {
    Agreement(PublicMaterial),
    Rsa(OaepPublicEncryptingKey),
    Secret(Zeroizing<Vec<u8>>),
}

impl EncryptionKey {
    /// A public key, encrypted to by `management`.
    ///
    /// # Errors
    /// [`JoseError::EncryptionNotAllowed`] if the key's type, `alg`, `use` or `key_ops` do not permit it.
    pub fn from_jwk(jwk: &Jwk, management: KeyManagement) -> Result<Self, JoseError> {
        if !jwk.encrypts_by(management) {
            return Err(JoseError::EncryptionNotAllowed);
        }
        let recipient = match &jwk.material {
            PublicMaterial::Rsa { n, e } => {
                let key: PublicEncryptingKey = PublicKeyComponents { n, e }
                    .try_into()
                    .map_err(|_| JoseError::Key("the numbers are not those of a key"))?;
                Recipient::Rsa(OaepPublicEncryptingKey::new(key)?)
            }
            material @ (PublicMaterial::Ec { .. } | PublicMaterial::Okp { .. } | PublicMaterial::Akp { .. }) => {
                Recipient::Agreement(material.clone())
            }
        };
        Ok(Self { management, kid: jwk.kid().map(Arc::from), recipient: Arc::new(recipient) })
    }

    /// A shared secret of exactly the length that `management` needs; under `dir` the length of the content key.
    ///
    /// # Errors
    /// If `management` uses no shared secret, or one of another length.
    pub fn from_secret(management: KeyManagement, secret: &[u8]) -> Result<Self, JoseError> {
        check_secret(management, secret)?;
        Ok(Self { management, kid: None, recipient: Arc::new(Recipient::Secret(Zeroizing::new(secret.to_vec()))) })
    }

    /// The key that a client and its provider both make out of the client's secret (OpenID Connect Core §10.2).
    ///
    /// # Errors
    /// If `management` uses no shared secret.
    pub fn from_client_secret(
        management: KeyManagement,
        encryption: ContentEncryption,
        client_secret: &str,
    ) -> Result<Self, JoseError> {
        Self::from_secret(management, &secret_key(management, encryption, client_secret)?)
    }

    /// The algorithm by which this key is encrypted to.
    pub fn management(&self) -> KeyManagement {
        self.management
    }
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncryptionKey")
            .field("management", &self.management)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

/// Whether `secret` can serve as a key for `management`.
pub(crate) fn check_secret(management: KeyManagement, secret: &[u8]) -> Result<(), JoseError> {
    if !management.is_symmetric() {
        return Err(JoseError::EncryptionNotAllowed);
    }
    let fits =
        ContentEncryption::ALL.into_iter().any(|encryption| management.secret_length(encryption) == Some(secret.len()));
    if fits { Ok(()) } else { Err(JoseError::Key("the secret has not the length of the key")) }
}

/// The leading bytes of the smallest SHA-2 digest of the client's secret that has enough of them.
pub(crate) fn secret_key(
    management: KeyManagement,
    encryption: ContentEncryption,
    client_secret: &str,
) -> Result<Zeroizing<Vec<u8>>, JoseError> {
    let length = management.secret_length(encryption).ok_or(JoseError::EncryptionNotAllowed)?;
    let hash = match length {
        0..=32 => &digest::SHA256,
        33..=48 => &digest::SHA384,
        _ => &digest::SHA512,
    };
    let digest = digest::digest(hash, client_secret.as_bytes());
    Ok(Zeroizing::new(digest.as_ref().iter().take(length).copied().collect()))
}

/// A recipient's key with a content encryption and the words of the header.
#[derive(Clone, Debug)]
pub struct Encryptor {
    key: EncryptionKey,
    encryption: ContentEncryption,
    typ: Option<String>,
    cty: Option<String>,
}

impl Encryptor {
    /// An encryptor without `typ` and `cty`.
    pub fn new(key: &EncryptionKey, encryption: ContentEncryption) -> Self {
        Self { key: key.clone(), encryption, typ: None, cty: None }
    }

    /// An encryptor of signed tokens: `cty` is `JWT` (RFC 7519 §5.2).
    pub fn nesting(key: &EncryptionKey, encryption: ContentEncryption) -> Self {
        Self::new(key, encryption).cty("JWT")
    }

    /// Sets `typ`: what the encrypted token is.
    pub fn typ(self, typ: &str) -> Self {
        Self { typ: Some(typ.to_owned()), ..self }
    }

    /// Sets `cty`: what the plaintext is.
    pub fn cty(self, cty: &str) -> Self {
        Self { cty: Some(cty.to_owned()), ..self }
    }

    /// Encrypts `plaintext` into a compact token.
    ///
    /// # Errors
    /// [`JoseError::Key`] if a shared secret under `dir` has not the length of the content key, [`JoseError::Cryptography`] if the
    /// backend fails.
    pub fn encrypt(&self, plaintext: &[u8]) -> Result<String, JoseError> {
        let mut header = Map::new();
        let mut member = |name: &str, value: Value| header.insert(name.to_owned(), value);
        member("alg", Value::from(self.key.management.name()));
        member("enc", Value::from(self.encryption.name()));
        for (name, value) in
            [("typ", self.typ.as_deref()), ("cty", self.cty.as_deref()), ("kid", self.key.kid.as_deref())]
        {
            if let Some(value) = value {
                member(name, Value::from(value));
            }
        }
        let (content_key, encrypted_key) = self.convey(&mut header)?;

        // The encoded header is what is authenticated, and the first part of the token.
        let mut token = base64url_encode(Value::Object(header).to_string().as_bytes());
        let sealed = content::encrypt(self.encryption, &content_key, token.as_bytes(), plaintext)?;
        for part in [&encrypted_key, &sealed.iv, &sealed.content, &sealed.tag] {
            token.push('.');
            encode_onto(part, &mut token);
        }
        Ok(token)
    }

    /// The content key, and how it reaches the recipient: the second part of the token, and header members.
    fn convey(&self, header: &mut Map<String, Value>) -> Result<(Zeroizing<Vec<u8>>, Vec<u8>), JoseError> {
        let management = self.key.management;
        let mut text = |name: &str, bytes: &[u8]| header.insert(name.to_owned(), Value::from(base64url_encode(bytes)));
        match &*self.key.recipient {
            Recipient::Rsa(recipient) => {
                let content_key = self.fresh_key()?;
                let wrapped = wrap_to_rsa(management, recipient, &content_key)?;
                Ok((content_key, wrapped))
            }
            Recipient::Secret(secret) if management == KeyManagement::Direct => {
                if secret.len() != self.encryption.key_length() {
                    return Err(JoseError::Key("the secret has not the length of the content key"));
                }
                Ok((secret.clone(), Vec::new()))
            }
            Recipient::Secret(secret) => {
                let content_key = self.fresh_key()?;
                let wrapped = wrap(management, secret, &content_key)?;
                if !wrapped.iv.is_empty() {
                    text("iv", &wrapped.iv);
                    text("tag", &wrapped.tag);
                }
                Ok((content_key, wrapped.key))
            }
            Recipient::Agreement(recipient) => {
                let purpose = Purpose::of(management, self.encryption);
                let (ephemeral, agreed) = agree_as_sender(recipient, &purpose)?;
                let members =
                    ephemeral.members().into_iter().map(|(name, value)| (name.to_owned(), Value::from(value)));
                header.insert("epk".to_owned(), Value::Object(members.collect()));
                if management == KeyManagement::EcdhEs {
                    return Ok((agreed, Vec::new()));
                }
                let content_key = self.fresh_key()?;
                let wrapped = wrap(management, &agreed, &content_key)?;
                Ok((content_key, wrapped.key))
            }
        }
    }

    fn fresh_key(&self) -> Result<Zeroizing<Vec<u8>>, JoseError> {
        let mut key = Zeroizing::new(vec![0; self.encryption.key_length()]);
        rand::fill(&mut key)?;
        Ok(key)
    }
}
