//! Agreeing on a key with an ephemeral partner (ECDH-ES).
//!
//! Implements: RFC 7518 §4.6 (Concat KDF, NIST SP 800-56A §5.8.1), RFC 8037 §3.2 (X25519).

use aws_lc_rs::agreement::{self, ECDH_P256, ECDH_P384, ECDH_P521, PrivateKey, UnparsedPublicKey, X25519};
use aws_lc_rs::kdf::{SskdfDigestAlgorithmId, get_sskdf_digest_algorithm, sskdf_digest};
use zeroize::Zeroizing;

use crate::encryption_algorithm::{ContentEncryption, KeyManagement};
use crate::error::JoseError;
use crate::private_key::ec_public;
use crate::public_material::{Curve, OkpCurve, PublicMaterial};

/// What both sides mix into the agreed key beside the secret (RFC 7518 §4.6.2).
pub(crate) struct Purpose<'a> {
    /// The algorithm the key is for: `enc` under direct agreement, else `alg`.
    pub(crate) name: &'static str,
    pub(crate) length: usize,
    /// `apu`, decoded; empty when absent.
    pub(crate) sender: &'a [u8],
    /// `apv`, decoded; empty when absent.
    pub(crate) recipient: &'a [u8],
}

impl Purpose<'_> {
    /// The purpose of a key for `management` of content under `encryption`, between parties without names.
    pub(crate) fn of(management: KeyManagement, encryption: ContentEncryption) -> Self {
        match management.wrapping_key_length() {
            Some(length) => Self { name: management.name(), length, sender: &[], recipient: &[] },
            None => Self { name: encryption.name(), length: encryption.key_length(), sender: &[], recipient: &[] },
        }
    }
}

/// The backend's algorithm for keys like `material`.
pub(crate) fn algorithm_of(material: &PublicMaterial) -> Result<&'static agreement::Algorithm, JoseError> {
    match material {
        PublicMaterial::Ec { curve: Curve::P256, .. } => Ok(&ECDH_P256),
        PublicMaterial::Ec { curve: Curve::P384, .. } => Ok(&ECDH_P384),
        PublicMaterial::Ec { curve: Curve::P521, .. } => Ok(&ECDH_P521),
        PublicMaterial::Okp { curve: OkpCurve::X25519, .. } => Ok(&X25519),
        PublicMaterial::Okp { curve: OkpCurve::Ed25519, .. }
        | PublicMaterial::Rsa { .. }
        | PublicMaterial::Akp { .. } => Err(JoseError::KeyUnsupported("it agrees on no key")),
    }
}

/// The public half of an agreement key on the curve of `like`.
pub(crate) fn public_of(key: &PrivateKey, like: &PublicMaterial) -> Result<PublicMaterial, JoseError> {
    let public = key.compute_public_key()?;
    match like {
        PublicMaterial::Ec { curve, .. } => ec_public(*curve, public.as_ref()),
        PublicMaterial::Okp { .. } | PublicMaterial::Rsa { .. } | PublicMaterial::Akp { .. } => {
            Ok(PublicMaterial::Okp { curve: OkpCurve::X25519, x: public.as_ref().to_vec() })
        }
    }
}

/// Makes an ephemeral key on the recipient's curve and agrees with it: the ephemeral public half and the key.
pub(crate) fn agree_as_sender(
    recipient: &PublicMaterial,
    purpose: &Purpose<'_>,
) -> Result<(PublicMaterial, Zeroizing<Vec<u8>>), JoseError> {
    let ephemeral = PrivateKey::generate(algorithm_of(recipient)?)?;
    let key = agree(&ephemeral, recipient, purpose)?;
    Ok((public_of(&ephemeral, recipient)?, key))
}

/// Agrees with `other`, whose key has to lie on the same curve as ours.
pub(crate) fn agree(
    own: &PrivateKey,
    other: &PublicMaterial,
    purpose: &Purpose<'_>,
) -> Result<Zeroizing<Vec<u8>>, JoseError> {
    let other = UnparsedPublicKey::new(algorithm_of(other)?, other.encoded());
    agreement::agree(own, other, JoseError::Decryption, |secret| derive(secret, purpose))
}

/// The Concat KDF with SHA-256.
fn derive(secret: &[u8], purpose: &Purpose<'_>) -> Result<Zeroizing<Vec<u8>>, JoseError> {
    let mut information = Vec::new();
    for part in [purpose.name.as_bytes(), purpose.sender, purpose.recipient] {
        let length = u32::try_from(part.len()).map_err(|_| JoseError::Decryption)?;
        information.extend_from_slice(&length.to_be_bytes());
        information.extend_from_slice(part);
    }
    let bits = u32::try_from(purpose.length * 8).map_err(|_| JoseError::Decryption)?;
    information.extend_from_slice(&bits.to_be_bytes());
    let sha256 = get_sskdf_digest_algorithm(SskdfDigestAlgorithmId::Sha256).ok_or(JoseError::Cryptography)?;
    let mut key = Zeroizing::new(vec![0; purpose.length]);
    sskdf_digest(sha256, secret, &information, &mut key)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::{base64url_decode, base64url_encode};

    /// RFC 7518, appendix C.
    #[test]
    fn the_example_of_the_rfc_is_agreed_on_by_both_sides() {
        let point = |x: &str, y: &str| PublicMaterial::Ec {
            curve: Curve::P256,
            x: base64url_decode(x).unwrap(),
            y: base64url_decode(y).unwrap(),
        };
        let alice = point("gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0", "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps");
        let bob = point("weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ", "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck");
        let private = |d: &str| PrivateKey::from_private_key(&ECDH_P256, &base64url_decode(d).unwrap()).unwrap();
        let alice_private = private("0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo");
        let bob_private = private("VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw");
        let purpose = Purpose {
            sender: b"Alice",
            recipient: b"Bob",
            ..Purpose::of(KeyManagement::EcdhEs, ContentEncryption::A128Gcm)
        };
        for (own, other) in [(&alice_private, &bob), (&bob_private, &alice)] {
            let key = agree(own, other, &purpose).unwrap();
            assert_eq!(base64url_encode(&key), "VqqN6vgjbSBcIijNcacQGg");
        }
    }

    /// RFC 8037, appendix A.6: the agreement of X25519 keys.
    #[test]
    fn an_agreement_with_a_point_of_small_order_is_refused() {
        let own = PrivateKey::generate(&X25519).unwrap();
        let zero = PublicMaterial::Okp { curve: OkpCurve::X25519, x: vec![0; 32] };
        let purpose = Purpose::of(KeyManagement::EcdhEs, ContentEncryption::A128Gcm);
        assert!(agree(&own, &zero, &purpose).is_err());
    }

    #[test]
    fn an_agreement_across_curves_is_refused() {
        let own = PrivateKey::generate(&ECDH_P384).unwrap();
        let other = PrivateKey::generate(&X25519).unwrap();
        let like = PublicMaterial::Okp { curve: OkpCurve::X25519, x: Vec::new() };
        let other = public_of(&other, &like).unwrap();
        let purpose = Purpose::of(KeyManagement::EcdhEs, ContentEncryption::A128Gcm);
        assert!(agree(&own, &other, &purpose).is_err());
    }
}
