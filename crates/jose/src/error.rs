//! What can be wrong with a key, a token or a sealed value, named.
//!
//! Messages say what was wrong in words of ours: no message quotes a key, a payload or what a JSON parser saw.

use crate::algorithm::SignatureAlgorithm;

/// Why a key, a token or a sealed value was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JoseError {
    /// A name of an algorithm that this crate does not speak; `none` is one of them. Holds at most 32 characters of it.
    #[error("unknown algorithm {0:?}")]
    AlgorithmUnknown(String),
    /// The token is signed by an algorithm that the key may not be used with (RFC 8725 §3.1).
    #[error("algorithm {0} is not allowed with this key")]
    AlgorithmNotAllowed(SignatureAlgorithm),
    /// The token's encryption algorithms are not those that the key may be used with.
    #[error("the token's encryption is not allowed with this key")]
    EncryptionNotAllowed,
    /// Two different keys of a set would answer to the same key id.
    #[error("two different keys of the set share one kid")]
    AmbiguousKey,
    /// Text that is not base64url without padding, or not in its one canonical form.
    #[error("{0} is not canonical base64url")]
    Base64(&'static str),
    /// A claim did not meet what was expected of it.
    #[error(transparent)]
    Claim(#[from] ClaimFault),
    /// The cryptographic library could not do its work (random source, memory).
    #[error("the cryptographic operation failed")]
    Cryptography,
    /// The token did not decrypt. It is never told why (RFC 7516 §11.5).
    #[error("the token could not be decrypted")]
    Decryption,
    /// A JSON object names a member twice (RFC 7515 §4, RFC 8725 §2.4).
    #[error("{0} names a member twice")]
    DuplicateMember(&'static str),
    /// The header asks for an extension (`crit`, `b64`, `zip`) that is refused.
    #[error("header member {0} is not supported")]
    HeaderRefused(&'static str),
    /// Text that is not JSON, or whose members have the wrong types.
    #[error("{0} is not well-formed JSON of its kind")]
    Json(&'static str),
    /// A key whose members or numbers are wrong.
    #[error("unusable key: {0}")]
    Key(&'static str),
    /// A key of a type, curve or use that this crate does not speak.
    #[error("unsupported key: {0}")]
    KeyUnsupported(&'static str),
    /// No key of the set fits the token.
    #[error("no key of the set fits the token")]
    NoMatchingKey,
    /// Text whose outer form is wrong.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// A private or symmetric member where only public keys belong.
    #[error("the key holds private members where a public key belongs")]
    PrivateMember,
    /// A sealed value that was changed, cut, or sealed for another context.
    #[error("the sealed value does not open")]
    Seal,
    /// A sealed value whose master key is not held.
    #[error("the master key of the sealed value is not held")]
    SealKeyUnknown,
    /// The signature does not belong to the content and the key.
    #[error("the signature is not valid")]
    Signature,
    /// More bytes than the limit.
    #[error("larger than {limit} bytes")]
    TooLarge {
        /// The largest accepted number of bytes.
        limit: usize,
    },
}

/// Which claim of a verified token was not as expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimFault {
    /// `aud` is missing or names none of the expected audiences.
    #[error("the token is not for this audience")]
    Audience,
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// `exp` is required and missing.
    #[error("the token has no expiry")]
    ExpiryMissing,
    /// `iat` lies in the future.
    #[error("the token was issued in the future")]
    IssuedInFuture,
    /// `iat` is required and missing.
    #[error("the token has no time of issue")]
    IssueTimeMissing,
    /// `iss` is missing or another one.
    #[error("the token is not from the expected issuer")]
    Issuer,
    /// `exp` lies further away than allowed.
    #[error("the token lives longer than allowed")]
    LifetimeTooLong,
    /// `nbf` lies in the future.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// `sub` is missing or another one.
    #[error("the token is not about the expected subject")]
    Subject,
    /// `iat` lies too far in the past.
    #[error("the token is too old")]
    TooOld,
    /// The header's `typ` is not the expected one.
    #[error("the token is of another type")]
    Type,
}

impl From<aws_lc_rs::error::Unspecified> for JoseError {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self::Cryptography
    }
}
