//! The numbers of a public key, checked when they are read.
//!
//! Implements: RFC 7518 §6.2, §6.3, RFC 7638 §3, RFC 8037 §2, RFC 9964 (`AKP`).
//! Leaves out: `oct`, `secp256k1`, `Ed448`, `X448`.

use aws_lc_rs::{rsa, signature};
use serde_json::{Map, Value};

use crate::algorithm::SignatureAlgorithm;
use crate::digest::{base64url_encode, decode, sha256};
use crate::error::JoseError;

/// The numbers of a public key, checked.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum PublicMaterial {
    /// A point on a NIST curve: its coordinates, each as long as the curve's field.
    Ec { curve: Curve, x: Vec<u8>, y: Vec<u8> },
    /// A key on Curve25519.
    Okp { curve: OkpCurve, x: Vec<u8> },
    /// A modulus and an exponent, big-endian without leading zeros.
    Rsa { n: Vec<u8>, e: Vec<u8> },
    /// A key bound to its one algorithm (ML-DSA).
    Akp { algorithm: SignatureAlgorithm, public: Vec<u8> },
}

/// A NIST curve (RFC 7518 §6.2.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// Bytes of one coordinate and of the private number.
    pub(crate) const fn field_length(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    pub(crate) const fn signature_algorithm(self) -> SignatureAlgorithm {
        match self {
            Self::P256 => SignatureAlgorithm::Es256,
            Self::P384 => SignatureAlgorithm::Es384,
            Self::P521 => SignatureAlgorithm::Es512,
        }
    }

    pub(crate) fn parse(name: &str) -> Result<Self, JoseError> {
        [Self::P256, Self::P384, Self::P521]
            .into_iter()
            .find(|curve| curve.name() == name)
            .ok_or(JoseError::KeyUnsupported("the curve"))
    }
}

/// A curve of RFC 8037: the one signs, the other agrees on keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OkpCurve {
    Ed25519,
    X25519,
}

impl OkpCurve {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "Ed25519",
            Self::X25519 => "X25519",
        }
    }

    pub(crate) fn parse(name: &str) -> Result<Self, JoseError> {
        match name {
            "Ed25519" => Ok(Self::Ed25519),
            "X25519" => Ok(Self::X25519),
            _ => Err(JoseError::KeyUnsupported("the curve")),
        }
    }
}

impl PublicMaterial {
    /// Reads and checks the numbers of a key.
    pub(crate) fn parse(members: &Members<'_>) -> Result<Self, JoseError> {
        let material = match members.required_text("kty")? {
            "EC" => {
                let curve = Curve::parse(members.required_text("crv")?)?;
                Self::Ec { curve, x: members.bytes("x")?, y: members.bytes("y")? }
            }
            "OKP" => {
                let curve = OkpCurve::parse(members.required_text("crv")?)?;
                Self::Okp { curve, x: members.bytes("x")? }
            }
            "RSA" => Self::Rsa { n: members.bytes("n")?, e: members.bytes("e")? },
            "AKP" => {
                let unsupported = JoseError::KeyUnsupported("the algorithm of an AKP key");
                let algorithm = match members.required_text("alg")?.parse::<SignatureAlgorithm>() {
                    Ok(algorithm) if algorithm.ml_dsa_signing().is_some() => algorithm,
                    Ok(_) | Err(_) => return Err(unsupported),
                };
                Self::Akp { algorithm, public: members.bytes("pub")? }
            }
            _ => return Err(JoseError::KeyUnsupported("the key type")),
        };
        material.check()?;
        Ok(material)
    }

    /// Whether the numbers are those of a usable key.
    pub(crate) fn check(&self) -> Result<(), JoseError> {
        match self {
            Self::Ec { curve, x, y } => {
                let length = curve.field_length();
                if x.len() != length || y.len() != length {
                    return Err(JoseError::Key("a coordinate is not as long as the curve's field"));
                }
                // Parsing the point is what proves that it lies on the curve and is not the point at infinity.
                self.parse_for(curve.signature_algorithm())
                    .map_err(|_| JoseError::Key("the point is not on the curve"))?;
                Ok(())
            }
            Self::Okp { curve: _, x } if x.len() == 32 => Ok(()),
            Self::Okp { .. } => Err(JoseError::Key("a key on Curve25519 has 32 bytes")),
            Self::Rsa { n, e } => check_rsa(n, e),
            Self::Akp { algorithm, public } => {
                // The length tells the raw key from the other encodings that the backend would read.
                let length = algorithm.ml_dsa_signing().map(|signing| signing.public_key_len());
                if length != Some(public.len()) {
                    return Err(JoseError::Key("the bytes are not a key of the algorithm"));
                }
                self.parse_for(*algorithm).map_err(|_| JoseError::Key("the bytes are not a key of the algorithm"))?;
                Ok(())
            }
        }
    }

    /// Parses the numbers for verification by `algorithm`, which must belong to them.
    pub(crate) fn parse_for(&self, algorithm: SignatureAlgorithm) -> Result<signature::ParsedPublicKey, JoseError> {
        if !self.signature_algorithms().contains(&algorithm) {
            return Err(JoseError::AlgorithmNotAllowed(algorithm));
        }
        let rejected = |_| JoseError::Key("the numbers are not those of a key");
        if let (Self::Rsa { n, e }, Some(parameters)) = (self, algorithm.rsa_verification()) {
            return rsa::PublicKeyComponents { n, e }.to_parsed_public_key(parameters).map_err(rejected);
        }
        let verification = algorithm.verification().ok_or(JoseError::AlgorithmNotAllowed(algorithm))?;
        signature::ParsedPublicKey::new(verification, self.encoded()).map_err(rejected)
    }

    /// The bytes in which the backend takes this key; for RSA there are none.
    pub(crate) fn encoded(&self) -> Vec<u8> {
        match self {
            Self::Ec { x, y, .. } => [&[0x04], x.as_slice(), y.as_slice()].concat(),
            Self::Okp { x, .. } => x.clone(),
            Self::Akp { public, .. } => public.clone(),
            Self::Rsa { .. } => Vec::new(),
        }
    }

    /// The signature algorithms that the key's type and curve permit.
    pub(crate) fn signature_algorithms(&self) -> &[SignatureAlgorithm] {
        match self {
            Self::Ec { curve: Curve::P256, .. } => &[SignatureAlgorithm::Es256],
            Self::Ec { curve: Curve::P384, .. } => &[SignatureAlgorithm::Es384],
            Self::Ec { curve: Curve::P521, .. } => &[SignatureAlgorithm::Es512],
            Self::Okp { curve: OkpCurve::Ed25519, .. } => &[SignatureAlgorithm::EdDsa],
            Self::Okp { curve: OkpCurve::X25519, .. } => &[],
            Self::Rsa { .. } => &SignatureAlgorithm::RSA,
            Self::Akp { algorithm, .. } => std::slice::from_ref(algorithm),
        }
    }

    pub(crate) const fn key_type(&self) -> &'static str {
        match self {
            Self::Ec { .. } => "EC",
            Self::Okp { .. } => "OKP",
            Self::Rsa { .. } => "RSA",
            Self::Akp { .. } => "AKP",
        }
    }

    /// The members that make the key, in lexicographic order, `kty` among them (RFC 7638 §3.2, RFC 8037 §2, RFC 9964).
    pub(crate) fn members(&self) -> Vec<(&'static str, String)> {
        let kty = ("kty", self.key_type().to_owned());
        match self {
            Self::Ec { curve, x, y } => {
                vec![("crv", curve.name().to_owned()), kty, ("x", base64url_encode(x)), ("y", base64url_encode(y))]
            }
            Self::Okp { curve, x } => {
                vec![("crv", curve.name().to_owned()), kty, ("x", base64url_encode(x))]
            }
            Self::Rsa { n, e } => {
                vec![("e", base64url_encode(e)), kty, ("n", base64url_encode(n))]
            }
            Self::Akp { algorithm, public } => {
                vec![("alg", algorithm.name().to_owned()), kty, ("pub", base64url_encode(public))]
            }
        }
    }

    /// RFC 7638 §3. No value needs escaping: all are base64url or names of ours.
    pub(crate) fn thumbprint(&self) -> String {
        let members: Vec<String> =
            self.members().iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
        base64url_encode(&sha256(format!("{{{}}}", members.join(",")).as_bytes()))
    }
}

/// A modulus of 2048 to 8192 bits and an odd exponent from 3 to 2³².
fn check_rsa(n: &[u8], e: &[u8]) -> Result<(), JoseError> {
    let (Some(&first), Some(&last)) = (n.first(), n.last()) else {
        return Err(JoseError::Key("the modulus is empty"));
    };
    if first == 0 || e.first().is_none_or(|byte| *byte == 0) {
        return Err(JoseError::Key("a number of an RSA key is empty or has leading zeros"));
    }
    let bits = n.len() * 8 - first.leading_zeros() as usize;
    if !(2048..=8192).contains(&bits) {
        return Err(JoseError::Key("an RSA modulus has 2048 to 8192 bits"));
    }
    if last % 2 == 0 {
        return Err(JoseError::Key("an RSA modulus is odd"));
    }
    if e.len() > 5 {
        return Err(JoseError::Key("the RSA exponent is larger than 2^32"));
    }
    let exponent = e.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    if !(3..=1 << 32).contains(&exponent) || exponent % 2 == 0 {
        return Err(JoseError::Key("the RSA exponent is not an odd number from 3 to 2^32"));
    }
    Ok(())
}

/// The members of a key, read by type.
pub(crate) struct Members<'a>(pub(crate) &'a Map<String, Value>);

impl<'a> Members<'a> {
    pub(crate) fn text(&self, name: &'static str) -> Result<Option<&'a str>, JoseError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(JoseError::Key("a member has the wrong type")),
        }
    }

    pub(crate) fn required_text(&self, name: &'static str) -> Result<&'a str, JoseError> {
        self.text(name)?.ok_or(JoseError::Key("a required member is missing"))
    }

    pub(crate) fn bytes(&self, name: &'static str) -> Result<Vec<u8>, JoseError> {
        decode(self.required_text(name)?, "a member of the key")
    }

    pub(crate) fn texts(&self, name: &'static str) -> Result<Option<Vec<String>>, JoseError> {
        let wrong = JoseError::Key("key_ops is not an array of different strings");
        let items = match self.0.get(name) {
            None => return Ok(None),
            Some(Value::Array(items)) => items,
            Some(_) => return Err(wrong),
        };
        let mut texts: Vec<String> = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Value::String(text) if !texts.contains(text) => texts.push(text.clone()),
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Array(_)
                | Value::Object(_) => return Err(wrong),
            }
        }
        Ok(Some(texts))
    }
}
