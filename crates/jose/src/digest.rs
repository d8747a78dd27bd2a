//! Digests, MACs, comparison in constant time, and strict base64url.
//!
//! Implements: RFC 7515 §2 (base64url without padding), RFC 4648 §3.5 (canonical form), OpenID Connect Core §3.1.3.6 (`at_hash`).

use aws_lc_rs::{constant_time, digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::algorithm::SignatureAlgorithm;
use crate::error::JoseError;

/// The SHA-256 digest of `bytes`.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    fixed(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// A SHA-256 digest taken over pieces, so that they need not be joined first.
pub struct Sha256(digest::Context);

impl Sha256 {
    /// A digest of nothing yet.
    pub fn new() -> Self {
        Self(digest::Context::new(&digest::SHA256))
    }

    /// Adds `bytes`.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of everything added.
    pub fn finish(self) -> [u8; 32] {
        fixed(self.0.finish().as_ref())
    }
}

impl Default for Sha256 {
    fn default() -> Self {
        Self::new()
    }
}

/// HMAC-SHA-256 under `key` over `parts`, one after the other.
///
/// The parts are not delimited: where their lengths vary, the caller puts a separator or a length among them.
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let mut context = hmac::Context::with_key(&key);
    for part in parts {
        context.update(part);
    }
    fixed(context.sign().as_ref())
}

/// Whether two byte strings are equal, in a time that depends on their lengths only.
pub fn constant_time_eq(left: &[u8], right: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(left, right).is_ok()
}

/// base64url without padding.
pub fn base64url_encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads base64url without padding, in its one canonical form: no padding, no white space, no stray trailing bits.
///
/// # Errors
/// [`JoseError::Base64`] for anything else.
pub fn base64url_decode(text: &str) -> Result<Vec<u8>, JoseError> {
    decode(text, "the value")
}

/// Like [`base64url_decode`], naming what was read.
pub(crate) fn decode(text: &str, what: &'static str) -> Result<Vec<u8>, JoseError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| JoseError::Base64(what))
}

/// Appends the base64url form of `bytes` to `text`.
pub(crate) fn encode_onto(bytes: &[u8], text: &mut String) {
    URL_SAFE_NO_PAD.encode_string(bytes, text);
}

/// The left half of a token's hash: `at_hash`, `c_hash`, `s_hash` (OpenID Connect Core §3.1.3.6, §3.3.2.11; FAPI).
///
/// The hash is that of the ID token's algorithm. EdDSA on Curve25519 hashes with SHA-512; so do we for ML-DSA, for which no
/// specification names a hash.
pub fn left_half_hash(algorithm: SignatureAlgorithm, value: &str) -> String {
    let hash = match algorithm {
        SignatureAlgorithm::Es256
        | SignatureAlgorithm::Rs256
        | SignatureAlgorithm::Ps256
        | SignatureAlgorithm::Hs256 => &digest::SHA256,
        SignatureAlgorithm::Es384
        | SignatureAlgorithm::Rs384
        | SignatureAlgorithm::Ps384
        | SignatureAlgorithm::Hs384 => &digest::SHA384,
        SignatureAlgorithm::Es512
        | SignatureAlgorithm::Rs512
        | SignatureAlgorithm::Ps512
        | SignatureAlgorithm::Hs512
        | SignatureAlgorithm::EdDsa
        | SignatureAlgorithm::MlDsa44
        | SignatureAlgorithm::MlDsa65
        | SignatureAlgorithm::MlDsa87 => &digest::SHA512,
    };
    let digest = digest::digest(hash, value.as_bytes());
    let bytes = digest.as_ref();
    base64url_encode(bytes.get(..bytes.len() / 2).unwrap_or(bytes))
}

/// The first 32 bytes of a digest known to have them.
fn fixed(bytes: &[u8]) -> [u8; 32] {
    let mut array = [0; 32];
    array.copy_from_slice(bytes);
    array
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// OpenID Connect Core, appendix A.3 and A.4.
    #[test]
    fn the_examples_of_the_specification_hash_to_their_values() {
        assert_eq!(
            left_half_hash(SignatureAlgorithm::Rs256, "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
            "77QmUPtjPfzWtF2AnpK9RQ"
        );
        assert_eq!(
            left_half_hash(SignatureAlgorithm::Rs256, "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk"),
            "LDktKdoQak3Pk0cnXxCltA"
        );
    }

    #[test]
    fn a_second_spelling_of_the_same_bytes_is_refused() {
        assert_eq!(base64url_decode("AA").unwrap(), [0]);
        for text in ["AB", "AA==", "AA=", "A A", "A", "AA\n", "+/8", "A%"] {
            assert!(base64url_decode(text).is_err(), "{text:?}");
        }
    }

    /// RFC 4231 §4.3.
    #[test]
    fn a_mac_over_parts_is_the_mac_over_the_whole() {
        let whole = hmac_sha256(b"Jefe", &[b"what do ya want for nothing?"]);
        assert_eq!(whole, hmac_sha256(b"Jefe", &[b"what do ya ", b"", b"want for nothing?"]));
        assert_eq!(whole[..4], [0x5b, 0xdc, 0xc1, 0x46]);
    }

    proptest! {
        #[test]
        fn what_is_encoded_reads_back(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(base64url_decode(&base64url_encode(&bytes)).unwrap(), bytes);
        }

        #[test]
        fn what_reads_encodes_back(text in "\\PC{0,40}") {
            if let Ok(bytes) = base64url_decode(&text) {
                prop_assert_eq!(base64url_encode(&bytes), text);
            }
        }
    }
}
