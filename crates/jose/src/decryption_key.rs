//! A key that decrypts: parsed once, bound to its algorithms, silent when printed.
//!
//! Implements: RFC 7517, RFC 7518 §6, RFC 8037 §2 (import and export as JWK).
//! Leaves out: PKCS#8 (the backend does not write it for X25519; a JWK holds every kind).

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::agreement::PrivateKey;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::digest::base64url_encode;
use crate::encrypt::{check_secret, secret_key};
use crate::encryption_algorithm::{ContentEncryption, KeyManagement};
use crate::error::JoseError;
use crate::json;
use crate::jwk::{Jwk, KeyUse};
use crate::key_agreement::{algorithm_of, public_of};
use crate::private_jwk;
use crate::private_key::rsa_public;
use crate::public_material::{Curve, Members, OkpCurve, PublicMaterial};

/// A private or shared key with the algorithms it may decrypt by.
#[derive(Clone)]
pub struct DecryptionKey {
    own: Arc<Own>,
    /// The public half under its `kid`; a shared secret has neither.
    public: Option<Arc<Jwk>>,
    managements: Vec<KeyManagement>,
    encryptions: Vec<ContentEncryption>,
}

pub(crate) enum Own {
    /// The number is kept beside the key because the backend does not hand every kind out again.
    Agreement {
        private: PrivateKey,
        number: Zeroizing<Vec<u8>>,
    },
    Rsa {
        oaep: OaepPrivateDecryptingKey,
        pair: RsaKeyPair,
    },
    Secret(Zeroizing<Vec<u8>>),
}

impl DecryptionKey {
    /// Makes a fresh key that others encrypt to by `management`: RSA of 2048 bits, or a key on P-256.
    ///
    /// # Errors
    /// [`JoseError::EncryptionNotAllowed`] if `management` uses a shared secret.
    pub fn generate(management: KeyManagement) -> Result<Self, JoseError> {
        let (own, material) = if management.is_rsa() {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048)?;
            let material = rsa_public(&pair)?;
            (rsa(pair)?, material)
        } else if management.is_agreement() {
            let like = PublicMaterial::Ec { curve: Curve::P256, x: Vec::new(), y: Vec::new() };
            fresh_agreement(&like)?
        } else {
            return Err(JoseError::EncryptionNotAllowed);
        };
        Ok(Self::of(own, material, Some(management)))
    }

    /// Makes a fresh X25519 key that others encrypt to by `management`, one of the `ECDH-ES` family.
    ///
    /// # Errors
    /// [`JoseError::EncryptionNotAllowed`] if `management` is none of them.
    pub fn generate_x25519(management: KeyManagement) -> Result<Self, JoseError> {
        if !management.is_agreement() {
            return Err(JoseError::EncryptionNotAllowed);
        }
        let like = PublicMaterial::Okp { curve: OkpCurve::X25519, x: Vec::new() };
        let (own, material) = fresh_agreement(&like)?;
        Ok(Self::of(own, material, Some(management)))
    }

    /// Reads a private JWK (RSA, EC or X25519). Its `alg` binds the key to that algorithm; without one it serves all of its kind.
    ///
    /// # Errors
    /// What is wrong with the key, or [`JoseError::KeyUnsupported`] if it is not one that decrypts.
    pub fn from_private_jwk(json: &str) -> Result<Self, JoseError> {
        let members: Map<String, Value> = json::object(json.as_bytes(), "the key")?;
        let members = Members(&members);
        let material = PublicMaterial::parse(&members)?;
        let described = Jwk::with_material(material.clone(), &members)?;
        if described.key_use() == Some(KeyUse::Signature) {
            return Err(JoseError::KeyUnsupported("the key is for signatures"));
        }
        let management = members.text("alg")?.map(str::parse::<KeyManagement>).transpose()?;
        let own = match &material {
            PublicMaterial::Rsa { .. } => rsa(private_jwk::rsa(&members, &material)?)?,
            PublicMaterial::Ec { .. } | PublicMaterial::Okp { .. } => {
                agreement(&material, private_jwk::private_bytes(&members, "d")?)?
            }
            PublicMaterial::Akp { .. } => {
                return Err(JoseError::KeyUnsupported("the key is for signatures"));
            }
        };
        if management.is_some_and(|management| !described.encrypts_by(management)) {
            return Err(JoseError::Key("alg does not belong to the key's type"));
        }
        let key = Self::of(own, material, management);
        Ok(match members.text("kid")? {
            Some(kid) => key.with_kid(kid),
            None => key,
        })
    }

    /// A shared secret of exactly the length that `management` needs; under `dir` the length of the content key.
    ///
    /// # Errors
    /// If `management` uses no shared secret, or one of another length.
    pub fn from_secret(management: KeyManagement, secret: &[u8]) -> Result<Self, JoseError> {
        check_secret(management, secret)?;
        Ok(Self {
            own: Arc::new(Own::Secret(Zeroizing::new(secret.to_vec()))),
            public: None,
            managements: vec![management],
            encryptions: ContentEncryption::ALL.to_vec(),
        })
    }

    /// The key that a client and its provider both make out of the client's secret (OpenID Connect Core §10.2), for one `enc`.
    ///
    /// # Errors
    /// If `management` uses no shared secret.
    pub fn from_client_secret(
        management: KeyManagement,
        encryption: ContentEncryption,
        client_secret: &str,
    ) -> Result<Self, JoseError> {
        let secret = secret_key(management, encryption, client_secret)?;
        Ok(Self::from_secret(management, &secret)?.only(&[encryption]))
    }

    fn of(own: Own, material: PublicMaterial, management: Option<KeyManagement>) -> Self {
        let kid = material.thumbprint();
        let public = Jwk::for_encryption(material, &kid, management);
        Self {
            own: Arc::new(own),
            managements: KeyManagement::ALL.into_iter().filter(|management| public.encrypts_by(*management)).collect(),
            public: Some(Arc::new(public)),
            encryptions: ContentEncryption::ALL.to_vec(),
        }
    }

    /// The same key under another `kid`; a shared secret has none.
    pub fn with_kid(mut self, kid: &str) -> Self {
        self.public = self.public.map(|public| Arc::new(Jwk::clone(&public).with_kid(kid)));
        self
    }

    /// The same key for these content encryptions only, where a registration names them.
    pub fn only(mut self, encryptions: &[ContentEncryption]) -> Self {
        self.encryptions.retain(|encryption| encryptions.contains(encryption));
        self
    }

    /// The key's name; a shared secret has none.
    pub fn kid(&self) -> Option<&str> {
        self.public.as_ref().and_then(|public| public.kid())
    }

    /// The public half, as it is published; a shared secret has none.
    pub fn public_jwk(&self) -> Option<&Jwk> {
        self.public.as_deref()
    }

    /// The private key as JSON, the form in which it is kept (sealed).
    ///
    /// # Errors
    /// [`JoseError::KeyUnsupported`] for a shared secret.
    pub fn to_private_jwk(&self) -> Result<Zeroizing<String>, JoseError> {
        let unsupported = JoseError::KeyUnsupported("a secret is not exported");
        let public = self.public_jwk().ok_or(unsupported.clone())?;
        let private = match &*self.own {
            Own::Agreement { number, .. } => vec![("d", base64url_encode(number))],
            Own::Rsa { pair, .. } => private_jwk::rsa_members(pair)?,
            Own::Secret(_) => return Err(unsupported),
        };
        private_jwk::write(public, private)
    }

    pub(crate) fn own(&self) -> &Own {
        &self.own
    }

    pub(crate) fn allows(&self, management: KeyManagement, encryption: ContentEncryption) -> bool {
        self.managements.contains(&management) && self.encryptions.contains(&encryption)
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecryptionKey")
            .field("kid", &self.kid())
            .field("managements", &self.managements)
            .finish_non_exhaustive()
    }
}

fn rsa(pair: RsaKeyPair) -> Result<Own, JoseError> {
    let der: Pkcs8V1Der<'_> = pair.as_der()?;
    let key = PrivateDecryptingKey::from_pkcs8(der.as_ref()).map_err(|_| JoseError::Key("not an RSA private key"))?;
    Ok(Own::Rsa { oaep: OaepPrivateDecryptingKey::new(key)?, pair })
}

/// An agreement key from its private number, which has to belong to `material`.
fn agreement(material: &PublicMaterial, number: Zeroizing<Vec<u8>>) -> Result<Own, JoseError> {
    let private = PrivateKey::from_private_key(algorithm_of(material)?, &number)
        .map_err(|_| JoseError::Key("the private number is not one of the curve"))?;
    if public_of(&private, material)? != *material {
        return Err(JoseError::Key("the private and public members do not belong together"));
    }
    Ok(Own::Agreement { private, number })
}

/// A fresh agreement key on the curve of `like`.
fn fresh_agreement(like: &PublicMaterial) -> Result<(Own, PublicMaterial), JoseError> {
    let length = match like {
        PublicMaterial::Ec { curve, .. } => curve.field_length(),
        PublicMaterial::Okp { .. } | PublicMaterial::Rsa { .. } | PublicMaterial::Akp { .. } => 32,
    };
    let algorithm = algorithm_of(like)?;
    // A random number is out of the range of P-256 once in 2³² draws; three draws then never suffice by chance.
    for _ in 0..3 {
        let mut number = Zeroizing::new(vec![0; length]);
        rand::fill(&mut number)?;
        if let Ok(private) = PrivateKey::from_private_key(algorithm, &number) {
            let material = public_of(&private, like)?;
            return Ok((Own::Agreement { private, number }, material));
        }
    }
    Err(JoseError::Cryptography)
}
