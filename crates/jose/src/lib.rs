//! Keys, signatures and encryption: JWK, JWS, JWE and sealing on aws-lc-rs.
//!
//! Implements: RFC 7515 (compact), RFC 7516 (compact), RFC 7517, RFC 7518, RFC 7519, RFC 7638, RFC 8037,
//! RFC 8725 (the rules that a library can keep), RFC 9864 (the name `Ed25519`), RFC 9964 (ML-DSA).
//! Leaves out: `none`, `RSA1_5`, `PBES2-*` and DEFLATE (RFC 8725 §3.1, §3.2, §3.6), the JSON serialisations, unencoded payloads
//! (RFC 7797), Ed448, X448, secp256k1 and AES-192 key wrap (the backend lacks them), and every header member that points at a key
//! elsewhere (`jku`, `x5u`).
//!
//! A key is parsed once and then used many times. Which algorithm holds is decided by the key, never by the token.
//!
//! ```
//! use chancery_jose::{Expected, SignatureAlgorithm, Signer, SigningKey, Unverified};
//!
//! # fn main() -> Result<(), chancery_jose::JoseError> {
//! let key = SigningKey::generate(SignatureAlgorithm::Es256)?;
//! let signer = Signer::new(&key, Some("at+jwt"));
//! let token = signer.sign(&serde_json::json!({"iss": "https://a.example", "aud": "api", "exp": 1_000}))?;
//!
//! let verified = Unverified::parse(&token)?.verify::<serde_json::Value>(&key.verifying_key()?)?;
//! verified.meets(&Expected::new(900).issuer("https://a.example").audience(&["api"]).one_of_types(&["at+jwt"]))?;
//! # Ok(())
//! # }
//! ```

mod algorithm;
mod claims;
mod content;
mod decrypt;
mod decryption_key;
mod digest;
mod encrypt;
mod encryption_algorithm;
mod error;
mod expected;
mod json;
mod jwk;
mod jwk_set;
mod key_agreement;
mod key_wrapping;
mod media_type;
mod private_jwk;
mod private_key;
mod public_material;
mod seal;
mod sign;
mod signing_key;
mod verify;
mod verifying_key;

pub use algorithm::SignatureAlgorithm;
pub use claims::{Audience, NumericDate, StandardClaims};
pub use decrypt::Encrypted;
pub use decryption_key::DecryptionKey;
pub use digest::{Sha256, base64url_decode, base64url_encode, constant_time_eq, hmac_sha256, left_half_hash, sha256};
pub use encrypt::{EncryptionKey, Encryptor};
pub use encryption_algorithm::{ContentEncryption, KeyManagement};
pub use error::{ClaimFault, JoseError};
pub use expected::Expected;
pub use jwk::{Jwk, KeyUse};
pub use jwk_set::JwkSet;
pub use media_type::is_same_media_type;
pub use seal::{MasterKey, Sealed, Vault};
pub use sign::{Signer, sign};
pub use signing_key::SigningKey;
pub use verify::{Header, Unverified, Verified};
pub use verifying_key::{VerifyingKey, VerifyingKeySet};
