//! Reading signed tokens: from [`Unverified`], whose content nobody vouches for, to [`Verified`], which only a key can make.
//!
//! Implements: RFC 7515 §5.2, §7.1 (compact), RFC 7519 §7.2, RFC 8725 §3.1, §3.9, §3.11.
//! Leaves out: `crit` and everything that needs it, `b64` (RFC 7797), `zip`; `jku`, `x5u` and `x5c` are not even looked at.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::algorithm::SignatureAlgorithm;
use crate::claims::StandardClaims;
use crate::digest::decode;
use crate::error::JoseError;
use crate::expected::Expected;
use crate::json::{self, present};
use crate::jwk::Jwk;
use crate::verifying_key::{VerifyingKey, VerifyingKeySet};

/// What a token says of itself, before or after its signature is known to be good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    algorithm: SignatureAlgorithm,
    kid: Option<String>,
    typ: Option<String>,
    cty: Option<String>,
    jwk: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
struct WrittenHeader {
    alg: String,
    #[serde(default, deserialize_with = "present")]
    kid: Option<String>,
    #[serde(default, deserialize_with = "present")]
    typ: Option<String>,
    #[serde(default, deserialize_with = "present")]
    cty: Option<String>,
    #[serde(default, deserialize_with = "present")]
    jwk: Option<Map<String, Value>>,
    #[serde(default, deserialize_with = "present")]
    crit: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    b64: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    zip: Option<Value>,
}

impl Header {
    fn parse(bytes: &[u8]) -> Result<Self, JoseError> {
        let written: WrittenHeader = json::object(bytes, "the header")?;
        for (name, member) in [("crit", written.crit), ("b64", written.b64), ("zip", written.zip)] {
            if member.is_some() {
                return Err(JoseError::HeaderRefused(name));
            }
        }
        Ok(Self {
            algorithm: written.alg.parse()?,
            kid: written.kid,
            typ: written.typ,
            cty: written.cty,
            jwk: written.jwk,
        })
    }

    /// `alg`. Which algorithm holds is still the key's decision.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// `kid`: the name of the key that is said to have signed.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// `typ`: what kind of token it is.
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// `cty`: what the payload is.
    pub fn cty(&self) -> Option<&str> {
        self.cty.as_deref()
    }

    /// `jwk`: a public key that the token itself brings along. It proves possession (DPoP), never identity.
    ///
    /// # Errors
    /// If it is there and is not a public key.
    pub fn embedded_jwk(&self) -> Result<Option<Jwk>, JoseError> {
        self.jwk.as_ref().map(Jwk::from_members).transpose()
    }
}

/// A signed token in compact form, taken apart. Nobody vouches for its content yet.
#[derive(Debug)]
pub struct Unverified<'a> {
    header: Header,
    signed: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> Unverified<'a> {
    /// The most bytes a token may have unless the caller says otherwise.
    pub const MAXIMUM_BYTES: usize = 16 * 1024;

    /// Takes a token of at most [`Unverified::MAXIMUM_BYTES`] apart.
    ///
    /// # Errors
    /// Anything that is not exactly three non-empty canonical base64url parts with a strict JSON header that names an algorithm we know
    /// and no extension.
    pub fn parse(token: &'a str) -> Result<Self, JoseError> {
        Self::parse_within(token, Self::MAXIMUM_BYTES)
    }

    /// Takes a token of at most `limit` bytes apart.
    ///
    /// # Errors
    /// As [`Unverified::parse`].
    pub fn parse_within(token: &'a str, limit: usize) -> Result<Self, JoseError> {
        if token.len() > limit {
            return Err(JoseError::TooLarge { limit });
        }
        let three = JoseError::Malformed("a signed token has exactly three non-empty parts");
        let Some((signed, signature)) = token.rsplit_once('.') else {
            return Err(three);
        };
        let Some((header, payload)) = signed.split_once('.') else {
            return Err(three);
        };
        if header.is_empty() || payload.is_empty() || signature.is_empty() || payload.contains('.') {
            return Err(three);
        }
        Ok(Self {
            header: Header::parse(&decode(header, "the header")?)?,
            signed,
            payload: decode(payload, "the payload")?,
            signature: decode(signature, "the signature")?,
        })
    }

    /// What the token says of itself.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Reads the payload although nobody vouches for it: to find out whose key to try (`iss`, `client_id`), for nothing else.
    ///
    /// # Errors
    /// If the payload is not an object of this type, or repeats a member.
    pub fn peek<T: DeserializeOwned>(&self) -> Result<T, JoseError> {
        json::object(&self.payload, "the payload")
    }

    /// Checks the signature, and reads the claims.
    ///
    /// # Errors
    /// [`JoseError::AlgorithmNotAllowed`], [`JoseError::Signature`], or what is wrong with the payload.
    pub fn verify<T: DeserializeOwned>(self, key: &VerifyingKey) -> Result<Verified<T>, JoseError> {
        self.check(key)?;
        self.read()
    }

    /// Checks the signature against the key of `keys` that the token points at, and reads the claims.
    ///
    /// # Errors
    /// [`JoseError::NoMatchingKey`] if no key fits the token's `kid` and `alg`, otherwise as [`Unverified::verify`].
    pub fn verify_with_set<T: DeserializeOwned>(self, keys: &VerifyingKeySet) -> Result<Verified<T>, JoseError> {
        let mut outcome = Err(JoseError::NoMatchingKey);
        for key in keys.candidates(self.header.algorithm, self.header.kid()) {
            outcome = self.check(key);
            if outcome.is_ok() {
                break;
            }
        }
        outcome?;
        self.read()
    }

    /// Checks the signature over a payload that need not be JSON, and hands the payload out.
    ///
    /// # Errors
    /// [`JoseError::AlgorithmNotAllowed`] or [`JoseError::Signature`].
    pub fn verify_payload(self, key: &VerifyingKey) -> Result<Vec<u8>, JoseError> {
        self.check(key)?;
        Ok(self.payload)
    }

    /// Reads the claims of a token whose signature has been checked: private, so that nobody reads without checking.
    fn read<T: DeserializeOwned>(self) -> Result<Verified<T>, JoseError> {
        let standard: StandardClaims = json::object(&self.payload, "the payload")?;
        // The text is known to repeat no member now; reading it as `T` needs no second look.
        let claims = serde_json::from_slice(&self.payload).map_err(|_| JoseError::Json("the payload"))?;
        Ok(Verified { header: self.header, standard, claims })
    }

    fn check(&self, key: &VerifyingKey) -> Result<(), JoseError> {
        key.verify_bytes(self.header.algorithm, self.signed.as_bytes(), &self.signature)
    }
}

/// A token whose signature belongs to a key that the caller chose. Only [`Unverified::verify`] makes one.
///
/// The claims are genuine; whether they are meant for us and still good is what [`Verified::meets`] checks.
#[derive(Clone, Debug)]
pub struct Verified<T> {
    header: Header,
    standard: StandardClaims,
    claims: T,
}

impl<T> Verified<T> {
    /// Checks type, issuer, audience and times.
    ///
    /// # Errors
    /// [`JoseError::Claim`] with the first that is not as expected.
    pub fn meets(&self, expected: &Expected<'_>) -> Result<(), JoseError> {
        Ok(expected.check(self.header.typ(), &self.standard)?)
    }

    /// The header, covered by the signature.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The registered claims of RFC 7519 §4.1.
    pub fn standard(&self) -> &StandardClaims {
        &self.standard
    }

    /// The claims, as they were asked for.
    pub fn claims(&self) -> &T {
        &self.claims
    }

    /// The claims, handed over.
    pub fn into_claims(self) -> T {
        self.claims
    }
}
