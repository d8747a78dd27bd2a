//! A key that signs: parsed once, cheap to clone, silent when printed.
//!
//! Implements: RFC 7517 (import and export), RFC 7638 (the default `kid`), RFC 7518 §3.2 (length of MAC secrets).

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::algorithm::SignatureAlgorithm;
use crate::digest::base64url_encode;
use crate::error::JoseError;
use crate::json;
use crate::jwk::Jwk;
use crate::private_jwk;
use crate::private_key::PrivateKey;
use crate::public_material::{Members, PublicMaterial};
use crate::verifying_key::VerifyingKey;

/// A private or symmetric key with the one algorithm it signs by.
#[derive(Clone)]
pub struct SigningKey {
    algorithm: SignatureAlgorithm,
    private: Arc<PrivateKey>,
    /// The public half under its `kid`; a secret has neither.
    public: Option<Arc<Jwk>>,
    /// The `kid` of a secret, which has one only if it was given one.
    kid: Option<Arc<str>>,
}

impl SigningKey {
    /// Makes a fresh key; RSA keys get 2048 bits.
    ///
    /// # Errors
    /// [`JoseError::Cryptography`] if the random source fails.
    pub fn generate(algorithm: SignatureAlgorithm) -> Result<Self, JoseError> {
        Self::of(PrivateKey::generate(algorithm, 2048)?, algorithm)
    }

    /// Makes a fresh RSA key of 2048, 3072 or 4096 bits.
    ///
    /// # Errors
    /// If `algorithm` is not an RSA algorithm, or `bits` is another number.
    pub fn generate_rsa(algorithm: SignatureAlgorithm, bits: usize) -> Result<Self, JoseError> {
        if !algorithm.is_rsa() {
            return Err(JoseError::AlgorithmNotAllowed(algorithm));
        }
        Self::of(PrivateKey::generate(algorithm, bits)?, algorithm)
    }

    /// Reads PKCS#8 in DER. An RSA key signs by RS256 until told otherwise ([`SigningKey::with_algorithm`]).
    ///
    /// # Errors
    /// [`JoseError::Key`] if it is not a usable private key.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, JoseError> {
        Self::by_default(PrivateKey::from_pkcs8(der)?)
    }

    /// Reads the first private key of a PEM text: `PRIVATE KEY` (PKCS#8), `RSA PRIVATE KEY` (PKCS#1) or `EC PRIVATE KEY` (SEC 1).
    ///
    /// # Errors
    /// [`JoseError::Key`] if there is none, or none that is usable; encrypted PEM is among these.
    pub fn from_pem(pem: &str) -> Result<Self, JoseError> {
        let der = PrivateKeyDer::from_pem_slice(pem.as_bytes())
            .map_err(|_| JoseError::Key("the PEM text holds no unencrypted private key"))?;
        Self::by_default(PrivateKey::from_der(&der)?)
    }

    /// Reads a private JWK. `kid` and `alg` are kept where it has them.
    ///
    /// # Errors
    /// What is wrong with the key. A symmetric key (`oct`) needs `alg`.
    pub fn from_private_jwk(json: &str) -> Result<Self, JoseError> {
        let members: Map<String, Value> = json::object(json.as_bytes(), "the key")?;
        let members = Members(&members);
        let named = members.text("alg")?.map(str::parse::<SignatureAlgorithm>).transpose()?;
        let key = if members.required_text("kty")? == "oct" {
            let algorithm = named.ok_or(JoseError::Key("a symmetric key needs alg"))?;
            Self::symmetric(algorithm, &private_jwk::private_bytes(&members, "k")?)?
        } else {
            let material = PublicMaterial::parse(&members)?;
            // Reading the description of the public half refuses what contradicts it (`use`, `alg`).
            Jwk::with_material(material.clone(), &members)?;
            let key = Self::by_default(private_jwk::signing(&members, &material)?)?;
            match named {
                Some(algorithm) => key.with_algorithm(algorithm)?,
                None => key,
            }
        };
        Ok(match members.text("kid")? {
            Some(kid) => key.with_kid(kid),
            None => key,
        })
    }

    /// A shared secret for an HS algorithm.
    ///
    /// # Errors
    /// If `algorithm` is not an HS algorithm, or the secret is shorter than its hash (RFC 7518 §3.2).
    pub fn symmetric(algorithm: SignatureAlgorithm, secret: &[u8]) -> Result<Self, JoseError> {
        let (mac, least) = algorithm.mac().ok_or(JoseError::AlgorithmNotAllowed(algorithm))?;
        if secret.len() < least {
            return Err(JoseError::Key("the secret is shorter than the algorithm's hash"));
        }
        Self::of(PrivateKey::Secret(Box::new(hmac::Key::new(mac, secret))), algorithm)
    }

    fn by_default(private: PrivateKey) -> Result<Self, JoseError> {
        let algorithm = private.default_algorithm().ok_or(JoseError::Key("the key does not name its algorithm"))?;
        Self::of(private, algorithm)
    }

    fn of(private: PrivateKey, algorithm: SignatureAlgorithm) -> Result<Self, JoseError> {
        let public = private.public()?.map(|material| {
            let kid = material.thumbprint();
            Arc::new(Jwk::for_signing(material, &kid, algorithm))
        });
        Ok(Self { algorithm, private: Arc::new(private), public, kid: None })
    }

    /// The same key under another `kid` (for a key that is imported with its name).
    pub fn with_kid(mut self, kid: &str) -> Self {
        match self.public {
            Some(public) => self.public = Some(Arc::new(Jwk::clone(&public).with_kid(kid))),
            None => self.kid = Some(Arc::from(kid)),
        }
        self
    }

    /// The same RSA key, signing by another of the RSA algorithms.
    ///
    /// # Errors
    /// [`JoseError::AlgorithmNotAllowed`] if the key cannot be used so.
    pub fn with_algorithm(self, algorithm: SignatureAlgorithm) -> Result<Self, JoseError> {
        if algorithm == self.algorithm {
            return Ok(self);
        }
        match self.public {
            Some(public) if public.material.signature_algorithms().contains(&algorithm) => {
                let kid = public.kid().unwrap_or_default();
                let renamed = Jwk::for_signing(public.material.clone(), kid, algorithm);
                Ok(Self { algorithm, public: Some(Arc::new(renamed)), ..self })
            }
            _ => Err(JoseError::AlgorithmNotAllowed(algorithm)),
        }
    }

    /// The algorithm by which the key signs.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// The key's name in headers: its RFC 7638 thumbprint unless it was given one. A secret has none unless it was given one, since
    /// a thumbprint of a secret would be something to guess against.
    pub fn kid(&self) -> Option<&str> {
        match &self.public {
            Some(public) => public.kid(),
            None => self.kid.as_deref(),
        }
    }

    /// The public half, as it is published (`kid`, `alg`, `use`); a secret has none.
    pub fn public_jwk(&self) -> Option<&Jwk> {
        self.public.as_deref()
    }

    /// The key that verifies what this key signs.
    ///
    /// # Errors
    /// [`JoseError::Cryptography`] only.
    pub fn verifying_key(&self) -> Result<VerifyingKey, JoseError> {
        match (&self.public, &*self.private) {
            (Some(public), _) => VerifyingKey::from_jwk(public),
            (None, PrivateKey::Secret(key)) => {
                Ok(VerifyingKey::of_secret(self.algorithm, hmac::Key::clone(key), self.kid()))
            }
            (None, _) => Err(JoseError::Cryptography),
        }
    }

    /// The private key in PKCS#8, the form in which it is kept (sealed).
    ///
    /// # Errors
    /// [`JoseError::KeyUnsupported`] for a secret.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, JoseError> {
        self.private.to_pkcs8()
    }

    /// The private key as JSON, for export.
    ///
    /// # Errors
    /// [`JoseError::KeyUnsupported`] for a secret.
    pub fn to_private_jwk(&self) -> Result<Zeroizing<String>, JoseError> {
        let public = self.public_jwk().ok_or(JoseError::KeyUnsupported("a secret is not exported"))?;
        private_jwk::write(public, private_jwk::members_of(&self.private)?)
    }

    /// Signs `message`: the signature in base64url, apart from what it signs.
    ///
    /// # Errors
    /// [`JoseError::Cryptography`] if the backend fails.
    pub fn sign_bytes(&self, message: &[u8]) -> Result<String, JoseError> {
        Ok(base64url_encode(&self.signature(message)?))
    }

    /// The signature of `message`.
    pub(crate) fn signature(&self, message: &[u8]) -> Result<Vec<u8>, JoseError> {
        self.private.sign(self.algorithm, message)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm)
            .field("kid", &self.kid())
            .finish_non_exhaustive()
    }
}
