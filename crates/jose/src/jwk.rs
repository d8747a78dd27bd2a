//! A public key as JSON. A [`Jwk`] that exists has been checked: its numbers are in range, its point lies on its curve.
//!
//! Implements: RFC 7517 §4, RFC 7518 §6.2, §6.3, RFC 7638 (thumbprint), RFC 8037 §2, RFC 9964 (`AKP`).
//! Leaves out: `oct` (a secret is no public key), `x5u`, `x5c`, `x5t`, `x5t#S256` (ignored), `secp256k1`, `Ed448`, `X448`.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::algorithm::SignatureAlgorithm;
use crate::encryption_algorithm::KeyManagement;
use crate::error::JoseError;
use crate::json;
use crate::public_material::{Members, OkpCurve, PublicMaterial};

/// Members that only a private or symmetric key has (RFC 7518 §6.2.2, §6.3.2, §6.4; RFC 9964).
const PRIVATE_MEMBERS: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/// A public key, with what its owner says of its use.
#[derive(Clone, PartialEq, Eq)]
pub struct Jwk {
    pub(crate) material: PublicMaterial,
    kid: Option<String>,
    key_use: Option<KeyUse>,
    key_operations: Option<Vec<String>>,
    algorithm: Option<String>,
}

/// What a key is for (`use`, RFC 7517 §4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUse {
    /// `enc`
    Encryption,
    /// `sig`
    Signature,
}

impl KeyUse {
    const fn name(self) -> &'static str {
        match self {
            Self::Encryption => "enc",
            Self::Signature => "sig",
        }
    }
}

impl Jwk {
    /// Reads one public key from JSON.
    ///
    /// # Errors
    /// [`JoseError::PrivateMember`] if the key is private or symmetric; otherwise what is wrong with it.
    pub fn parse(json: &[u8]) -> Result<Self, JoseError> {
        Self::from_members(&json::object(json, "the key")?)
    }

    /// Reads one public key from the members of a JSON object (whose reader must have refused repeated names).
    ///
    /// # Errors
    /// As [`Jwk::parse`].
    pub fn from_members(members: &Map<String, Value>) -> Result<Self, JoseError> {
        if PRIVATE_MEMBERS.iter().any(|name| members.contains_key(*name)) {
            return Err(JoseError::PrivateMember);
        }
        let members = Members(members);
        Self::with_material(PublicMaterial::parse(&members)?, &members)
    }

    /// A key of known numbers, with what `members` say of its use.
    pub(crate) fn with_material(material: PublicMaterial, members: &Members<'_>) -> Result<Self, JoseError> {
        let key_use = match members.text("use")? {
            None => None,
            Some("sig") => Some(KeyUse::Signature),
            Some("enc") => Some(KeyUse::Encryption),
            Some(_) => return Err(JoseError::KeyUnsupported("the use")),
        };
        let algorithm = members.text("alg")?.map(str::to_owned);
        // A key that claims an algorithm of another type of key is a mistake at best.
        if let Some(Ok(named)) = algorithm.as_deref().map(str::parse::<SignatureAlgorithm>)
            && !material.signature_algorithms().contains(&named)
        {
            return Err(JoseError::Key("alg does not belong to the key's type"));
        }
        Ok(Self {
            material,
            kid: members.text("kid")?.map(str::to_owned),
            key_use,
            key_operations: members.texts("key_ops")?,
            algorithm,
        })
    }

    /// A key of ours: its numbers, its name, its one signature algorithm.
    pub(crate) fn for_signing(material: PublicMaterial, kid: &str, algorithm: SignatureAlgorithm) -> Self {
        Self {
            material,
            kid: Some(kid.to_owned()),
            key_use: Some(KeyUse::Signature),
            key_operations: None,
            algorithm: Some(algorithm.name().to_owned()),
        }
    }

    /// A key of ours that others encrypt to.
    pub(crate) fn for_encryption(material: PublicMaterial, kid: &str, algorithm: Option<KeyManagement>) -> Self {
        Self {
            material,
            kid: Some(kid.to_owned()),
            key_use: Some(KeyUse::Encryption),
            key_operations: None,
            algorithm: algorithm.map(|algorithm| algorithm.name().to_owned()),
        }
    }

    /// `kid`: the name by which a token points at this key.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// `use`: what the key is for, where its owner said so.
    pub fn key_use(&self) -> Option<KeyUse> {
        self.key_use
    }

    /// `alg`: the algorithm its owner means it for, which may be one that we do not speak.
    pub fn algorithm(&self) -> Option<&str> {
        self.algorithm.as_deref()
    }

    /// `kty`: `EC`, `OKP`, `RSA` or `AKP`.
    pub fn key_type(&self) -> &'static str {
        self.material.key_type()
    }

    /// The SHA-256 thumbprint in base64url (RFC 7638 §3).
    pub fn thumbprint(&self) -> String {
        self.material.thumbprint()
    }

    /// The same key under another `kid`.
    pub fn with_kid(mut self, kid: &str) -> Self {
        self.kid = Some(kid.to_owned());
        self
    }

    /// The signature algorithms that this key may verify: those of its type, narrowed by its `alg`, `use` and `key_ops`.
    pub fn signature_algorithms(&self) -> Vec<SignatureAlgorithm> {
        if self.key_use == Some(KeyUse::Encryption) || !self.permits(&["verify"]) {
            return Vec::new();
        }
        let of_type = self.material.signature_algorithms().iter().copied();
        match self.algorithm.as_deref() {
            None => of_type.collect(),
            Some(name) => of_type.filter(|algorithm| name.parse() == Ok(*algorithm)).collect(),
        }
    }

    /// Whether this key may be encrypted to by `algorithm`.
    pub fn encrypts_by(&self, algorithm: KeyManagement) -> bool {
        self.key_use != Some(KeyUse::Signature)
            && self.permits(&["encrypt", "wrapKey", "deriveKey", "deriveBits"])
            && self.algorithm.as_deref().is_none_or(|name| name == algorithm.name())
            && match self.material {
                PublicMaterial::Rsa { .. } => algorithm.is_rsa(),
                PublicMaterial::Ec { .. } | PublicMaterial::Okp { curve: OkpCurve::X25519, .. } => {
                    algorithm.is_agreement()
                }
                PublicMaterial::Okp { curve: OkpCurve::Ed25519, .. } | PublicMaterial::Akp { .. } => false,
            }
    }

    /// Whether `key_ops` is silent or names one of `operations` (RFC 7517 §4.3).
    fn permits(&self, operations: &[&str]) -> bool {
        self.key_operations.as_ref().is_none_or(|named| named.iter().any(|name| operations.contains(&name.as_str())))
    }
}

impl FromStr for Jwk {
    type Err = JoseError;

    fn from_str(json: &str) -> Result<Self, JoseError> {
        Self::parse(json.as_bytes())
    }
}

impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwk")
            .field("kty", &self.key_type())
            .field("kid", &self.kid)
            .field("alg", &self.algorithm)
            .finish_non_exhaustive()
    }
}

impl Serialize for Jwk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("kty", self.key_type())?;
        if let Some(key_use) = self.key_use {
            map.serialize_entry("use", key_use.name())?;
        }
        if let Some(operations) = &self.key_operations {
            map.serialize_entry("key_ops", operations)?;
        }
        if let Some(algorithm) = &self.algorithm {
            map.serialize_entry("alg", algorithm)?;
        }
        if let Some(kid) = &self.kid {
            map.serialize_entry("kid", kid)?;
        }
        for (name, value) in self.material.members() {
            if name != "kty" && name != "alg" {
                map.serialize_entry(name, &value)?;
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Jwk {
    /// Whoever reads a key inside a larger document has to refuse repeated names there; [`Jwk::parse`] does it here.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_members(&Map::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
