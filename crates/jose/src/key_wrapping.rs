//! Wrapping a content encryption key under another key.
//!
//! Implements: RFC 7518 §4.3 (RSAES-OAEP), §4.4 (AES key wrap, RFC 3394), §4.7 (AES-GCM).
//! Leaves out: AES-192 key wrap, which the backend lacks.

use aws_lc_rs::key_wrap::{AES_128, AES_256, AesKek, KeyWrap as _};
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey, OaepPublicEncryptingKey,
};
use zeroize::Zeroizing;

use crate::content::{Ciphertext, gcm_decrypt, gcm_encrypt};
use crate::encryption_algorithm::KeyManagement;
use crate::error::JoseError;

/// A wrapped key; under AES-GCM the header carries an IV and a tag too.
pub(crate) struct Wrapped {
    pub(crate) key: Vec<u8>,
    pub(crate) iv: Vec<u8>,
    pub(crate) tag: Vec<u8>,
}

/// Wraps `content_key` under the symmetric `wrapping_key`, as `management` says.
pub(crate) fn wrap(management: KeyManagement, wrapping_key: &[u8], content_key: &[u8]) -> Result<Wrapped, JoseError> {
    match management {
        KeyManagement::A128GcmKw | KeyManagement::A192GcmKw | KeyManagement::A256GcmKw => {
            let Ciphertext { iv, content, tag } = gcm_encrypt(wrapping_key, &[], content_key)?;
            Ok(Wrapped { key: content, iv, tag })
        }
        KeyManagement::A128Kw | KeyManagement::A256Kw | KeyManagement::EcdhEsA128Kw | KeyManagement::EcdhEsA256Kw => {
            let mut wrapped = vec![0; content_key.len() + 8];
            let length = encryption_key(wrapping_key)?.wrap(content_key, &mut wrapped)?.len();
            wrapped.truncate(length);
            Ok(Wrapped { key: wrapped, iv: Vec::new(), tag: Vec::new() })
        }
        KeyManagement::RsaOaep | KeyManagement::RsaOaep256 | KeyManagement::EcdhEs | KeyManagement::Direct => {
            Err(JoseError::EncryptionNotAllowed)
        }
    }
}

/// The reverse of [`wrap`].
pub(crate) fn unwrap(
    management: KeyManagement,
    wrapping_key: &[u8],
    wrapped: Wrapped,
) -> Result<Zeroizing<Vec<u8>>, JoseError> {
    match management {
        KeyManagement::A128GcmKw | KeyManagement::A192GcmKw | KeyManagement::A256GcmKw => {
            let Wrapped { key, iv, tag } = wrapped;
            gcm_decrypt(wrapping_key, &[], &Ciphertext { iv, content: key, tag })
        }
        KeyManagement::A128Kw | KeyManagement::A256Kw | KeyManagement::EcdhEsA128Kw | KeyManagement::EcdhEsA256Kw => {
            let mut content_key = Zeroizing::new(vec![0; wrapped.key.len()]);
            let length = encryption_key(wrapping_key)?
                .unwrap(&wrapped.key, &mut content_key)
                .map_err(|_| JoseError::Decryption)?
                .len();
            content_key.truncate(length);
            Ok(content_key)
        }
        KeyManagement::RsaOaep | KeyManagement::RsaOaep256 | KeyManagement::EcdhEs | KeyManagement::Direct => {
            Err(JoseError::EncryptionNotAllowed)
        }
    }
}

fn encryption_key(bytes: &[u8]) -> Result<AesKek, JoseError> {
    let cipher = match bytes.len() {
        16 => &AES_128,
        32 => &AES_256,
        _ => return Err(JoseError::Key("an AES wrapping key has 16 or 32 bytes")),
    };
    Ok(AesKek::new(cipher, bytes)?)
}

/// Encrypts `content_key` to an RSA key.
pub(crate) fn wrap_to_rsa(
    management: KeyManagement,
    recipient: &OaepPublicEncryptingKey,
    content_key: &[u8],
) -> Result<Vec<u8>, JoseError> {
    let mut wrapped = vec![0; recipient.ciphertext_size()];
    let length = recipient.encrypt(padding(management)?, content_key, &mut wrapped, None)?.len();
    wrapped.truncate(length);
    Ok(wrapped)
}

/// The reverse of [`wrap_to_rsa`].
pub(crate) fn unwrap_by_rsa(
    management: KeyManagement,
    own: &OaepPrivateDecryptingKey,
    wrapped: &[u8],
) -> Result<Zeroizing<Vec<u8>>, JoseError> {
    let mut content_key = Zeroizing::new(vec![0; own.min_output_size()]);
    let length =
        own.decrypt(padding(management)?, wrapped, &mut content_key, None).map_err(|_| JoseError::Decryption)?.len();
    content_key.truncate(length);
    Ok(content_key)
}

fn padding(management: KeyManagement) -> Result<&'static OaepAlgorithm, JoseError> {
    match management {
        KeyManagement::RsaOaep => Ok(&OAEP_SHA1_MGF1SHA1),
        KeyManagement::RsaOaep256 => Ok(&OAEP_SHA256_MGF1SHA256),
        KeyManagement::EcdhEs
        | KeyManagement::EcdhEsA128Kw
        | KeyManagement::EcdhEsA256Kw
        | KeyManagement::A128Kw
        | KeyManagement::A256Kw
        | KeyManagement::A128GcmKw
        | KeyManagement::A192GcmKw
        | KeyManagement::A256GcmKw
        | KeyManagement::Direct => Err(JoseError::EncryptionNotAllowed),
    }
}
