//! The private half of a signature key, parsed once, in the backend's own form.
//!
//! Implements: RFC 5958 and RFC 5208 (PKCS#8), RFC 8017 A.1.2 (`RSA PRIVATE KEY`), RFC 5915 (`EC PRIVATE KEY`), read by the backend.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, PqdsaKeyPair};
use aws_lc_rs::{hmac, rand};
use pkcs1::der::Decode as _;
use rustls_pki_types::PrivateKeyDer;
use zeroize::Zeroizing;

use crate::algorithm::SignatureAlgorithm;
use crate::error::JoseError;
use crate::public_material::{Curve, OkpCurve, PublicMaterial};

const UNREADABLE: JoseError = JoseError::Key("not a private key of a supported kind");

/// A private or symmetric signature key. It has no `Debug`.
pub(crate) enum PrivateKey {
    Ecdsa(Curve, Box<EcdsaKeyPair>),
    Ed25519(Ed25519KeyPair),
    MlDsa(SignatureAlgorithm, PqdsaKeyPair),
    Rsa(RsaKeyPair),
    Secret(Box<hmac::Key>),
}

impl PrivateKey {
    /// A fresh key for `algorithm`; `rsa_bits` is 2048, 3072 or 4096.
    pub(crate) fn generate(algorithm: SignatureAlgorithm, rsa_bits: usize) -> Result<Self, JoseError> {
        if let Some((mac, length)) = algorithm.mac() {
            let mut secret = Zeroizing::new(vec![0; length]);
            rand::fill(&mut secret)?;
            return Ok(Self::Secret(Box::new(hmac::Key::new(mac, &secret))));
        }
        if let Some(signing) = algorithm.ecdsa_signing() {
            let curve = curve_of(algorithm)?;
            return Ok(Self::Ecdsa(curve, Box::new(EcdsaKeyPair::generate(signing)?)));
        }
        if let Some(signing) = algorithm.ml_dsa_signing() {
            return Ok(Self::MlDsa(algorithm, PqdsaKeyPair::generate(signing)?));
        }
        if algorithm.is_rsa() {
            let size = match rsa_bits {
                2048 => KeySize::Rsa2048,
                3072 => KeySize::Rsa3072,
                4096 => KeySize::Rsa4096,
                _ => {
                    return Err(JoseError::Key("RSA keys are made with 2048, 3072 or 4096 bits"));
                }
            };
            return Ok(Self::Rsa(RsaKeyPair::generate(size)?));
        }
        Ok(Self::Ed25519(Ed25519KeyPair::generate()?))
    }

    /// Reads PKCS#8: the key says itself of which kind it is, and each reader refuses the other kinds.
    pub(crate) fn from_pkcs8(der: &[u8]) -> Result<Self, JoseError> {
        for curve in [Curve::P256, Curve::P384, Curve::P521] {
            if let Some(signing) = curve.signature_algorithm().ecdsa_signing()
                && let Ok(pair) = EcdsaKeyPair::from_pkcs8(signing, der)
            {
                return Ok(Self::Ecdsa(curve, Box::new(pair)));
            }
        }
        if let Ok(pair) = Ed25519KeyPair::from_pkcs8(der) {
            return Ok(Self::Ed25519(pair));
        }
        if let Ok(pair) = RsaKeyPair::from_pkcs8(der) {
            return Self::checked(Self::Rsa(pair));
        }
        for algorithm in [SignatureAlgorithm::MlDsa44, SignatureAlgorithm::MlDsa65, SignatureAlgorithm::MlDsa87] {
            if let Some(signing) = algorithm.ml_dsa_signing()
                && let Ok(pair) = PqdsaKeyPair::from_pkcs8(signing, der)
            {
                return Ok(Self::MlDsa(algorithm, pair));
            }
        }
        Err(UNREADABLE)
    }

    /// Reads the DER that a PEM section held.
    pub(crate) fn from_der(der: &PrivateKeyDer<'_>) -> Result<Self, JoseError> {
        match der {
            PrivateKeyDer::Pkcs8(der) => Self::from_pkcs8(der.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(der) => {
                let pair = RsaKeyPair::from_der(der.secret_pkcs1_der()).map_err(|_| UNREADABLE)?;
                Self::checked(Self::Rsa(pair))
            }
            PrivateKeyDer::Sec1(der) => {
                for curve in [Curve::P256, Curve::P384, Curve::P521] {
                    if let Some(signing) = curve.signature_algorithm().ecdsa_signing()
                        && let Ok(pair) = EcdsaKeyPair::from_private_key_der(signing, der.secret_sec1_der())
                    {
                        return Ok(Self::Ecdsa(curve, Box::new(pair)));
                    }
                }
                Err(UNREADABLE)
            }
            _ => Err(UNREADABLE),
        }
    }

    /// An imported key is held to the same rules as a key of somebody else's set.
    fn checked(key: Self) -> Result<Self, JoseError> {
        if let Some(material) = key.public()? {
            material.check()?;
        }
        Ok(key)
    }

    /// Writes PKCS#8 (the form in which keys are kept).
    pub(crate) fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, JoseError> {
        let document = match self {
            Self::Ecdsa(_, pair) => pair.to_pkcs8v1()?,
            Self::Ed25519(pair) => pair.to_pkcs8v1()?,
            Self::MlDsa(_, pair) => pair.to_pkcs8v1()?,
            Self::Rsa(pair) => {
                let der: Pkcs8V1Der<'_> = pair.as_der()?;
                return Ok(Zeroizing::new(der.as_ref().to_vec()));
            }
            Self::Secret(_) => {
                return Err(JoseError::KeyUnsupported("a secret has no PKCS#8 form"));
            }
        };
        Ok(Zeroizing::new(document.as_ref().to_vec()))
    }

    /// The public half; a secret has none.
    pub(crate) fn public(&self) -> Result<Option<PublicMaterial>, JoseError> {
        Ok(Some(match self {
            Self::Ecdsa(curve, pair) => ec_public(*curve, pair.public_key().as_ref())?,
            Self::Ed25519(pair) => {
                PublicMaterial::Okp { curve: OkpCurve::Ed25519, x: pair.public_key().as_ref().to_vec() }
            }
            Self::MlDsa(algorithm, pair) => {
                PublicMaterial::Akp { algorithm: *algorithm, public: pair.public_key().as_ref().to_vec() }
            }
            Self::Rsa(pair) => rsa_public(pair)?,
            Self::Secret(_) => return Ok(None),
        }))
    }

    /// The algorithm that a key of this kind signs with unless told otherwise; a secret has to be told.
    pub(crate) fn default_algorithm(&self) -> Option<SignatureAlgorithm> {
        match self {
            Self::Ecdsa(curve, _) => Some(curve.signature_algorithm()),
            Self::Ed25519(_) => Some(SignatureAlgorithm::EdDsa),
            Self::MlDsa(algorithm, _) => Some(*algorithm),
            Self::Rsa(_) => Some(SignatureAlgorithm::Rs256),
            Self::Secret(_) => None,
        }
    }

    /// The signature of `message`.
    pub(crate) fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, JoseError> {
        Ok(match self {
            Self::Ecdsa(_, pair) => pair.sign(&SystemRandom::new(), message)?.as_ref().to_vec(),
            Self::Ed25519(pair) => pair.try_sign(message)?.as_ref().to_vec(),
            Self::MlDsa(_, pair) => {
                let mut signature = vec![0; pair.algorithm().signature_len()];
                let length = pair.sign(message, &mut signature)?;
                signature.truncate(length);
                signature
            }
            Self::Rsa(pair) => {
                let padding = algorithm.rsa_padding().ok_or(JoseError::AlgorithmNotAllowed(algorithm))?;
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &SystemRandom::new(), message, &mut signature)?;
                signature
            }
            Self::Secret(key) => hmac::sign(key, message).as_ref().to_vec(),
        })
    }
}

fn curve_of(algorithm: SignatureAlgorithm) -> Result<Curve, JoseError> {
    [Curve::P256, Curve::P384, Curve::P521]
        .into_iter()
        .find(|curve| curve.signature_algorithm() == algorithm)
        .ok_or(JoseError::AlgorithmNotAllowed(algorithm))
}

/// The coordinates of an uncompressed point (SEC 1 §2.3.3).
pub(crate) fn ec_public(curve: Curve, point: &[u8]) -> Result<PublicMaterial, JoseError> {
    let length = curve.field_length();
    match point {
        [0x04, coordinates @ ..] if coordinates.len() == 2 * length => {
            let (x, y) = coordinates.split_at(length);
            Ok(PublicMaterial::Ec { curve, x: x.to_vec(), y: y.to_vec() })
        }
        _ => Err(JoseError::Key("not an uncompressed point of the curve")),
    }
}

/// The numbers of an RSA key pair, which the backend hands out as an `RSAPublicKey` (RFC 8017 A.1.1).
pub(crate) fn rsa_public(pair: &RsaKeyPair) -> Result<PublicMaterial, JoseError> {
    let key = pkcs1::RsaPublicKey::from_der(pair.public_key().as_ref()).map_err(|_| UNREADABLE)?;
    Ok(PublicMaterial::Rsa { n: key.modulus.as_bytes().to_vec(), e: key.public_exponent.as_bytes().to_vec() })
}
