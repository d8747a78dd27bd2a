//! Encrypting and decrypting the content of a JWE under its content encryption key.
//!
//! Implements: RFC 7518 §5.2 (AES-CBC with HMAC, composed from both), §5.3 (AES-GCM).

use aws_lc_rs::aead::{
    AES_128_GCM, AES_192_GCM, AES_256_GCM, Aad, Algorithm, LessSafeKey, NONCE_LEN, Nonce, UnboundKey,
};
use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey,
    PaddedBlockEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::{cipher, hmac, rand};
use zeroize::Zeroizing;

use crate::digest::constant_time_eq;
use crate::encryption_algorithm::ContentEncryption;
use crate::error::JoseError;

const CBC_IV_LENGTH: usize = 16;
const GCM_TAG_LENGTH: usize = 16;

/// What an encryption leaves behind: the last three parts of a compact JWE.
pub(crate) struct Ciphertext {
    pub(crate) iv: Vec<u8>,
    pub(crate) content: Vec<u8>,
    pub(crate) tag: Vec<u8>,
}

/// Encrypts `plaintext` under the fresh key `key`, authenticating `associated` with it.
pub(crate) fn encrypt(
    encryption: ContentEncryption,
    key: &[u8],
    associated: &[u8],
    plaintext: &[u8],
) -> Result<Ciphertext, JoseError> {
    match cbc_suite(encryption) {
        None => gcm_encrypt(key, associated, plaintext),
        Some(suite) => suite.encrypt(key, associated, plaintext),
    }
}

/// Decrypts `ciphertext`.
///
/// # Errors
/// [`JoseError::Decryption`], whatever was wrong.
pub(crate) fn decrypt(
    encryption: ContentEncryption,
    key: &[u8],
    associated: &[u8],
    ciphertext: &Ciphertext,
) -> Result<Zeroizing<Vec<u8>>, JoseError> {
    if key.len() != encryption.key_length() {
        return Err(JoseError::Decryption);
    }
    match cbc_suite(encryption) {
        None => gcm_decrypt(key, associated, ciphertext),
        Some(suite) => suite.decrypt(key, associated, ciphertext),
    }
}

/// AES-GCM whose key size is that of `key`, with a random 96-bit nonce.
pub(crate) fn gcm_encrypt(key: &[u8], associated: &[u8], plaintext: &[u8]) -> Result<Ciphertext, JoseError> {
    let key = LessSafeKey::new(UnboundKey::new(gcm_of(key)?, key)?);
    let mut iv = [0; NONCE_LEN];
    rand::fill(&mut iv)?;
    let mut content = plaintext.to_vec();
    let nonce = Nonce::assume_unique_for_key(iv);
    let tag = key.seal_in_place_separate_tag(nonce, Aad::from(associated), &mut content)?;
    Ok(Ciphertext { iv: iv.to_vec(), content, tag: tag.as_ref().to_vec() })
}

/// The reverse of [`gcm_encrypt`].
pub(crate) fn gcm_decrypt(
    key: &[u8],
    associated: &[u8],
    ciphertext: &Ciphertext,
) -> Result<Zeroizing<Vec<u8>>, JoseError> {
    let broken = |_| JoseError::Decryption;
    if ciphertext.tag.len() != GCM_TAG_LENGTH {
        return Err(JoseError::Decryption);
    }
    let key = LessSafeKey::new(UnboundKey::new(gcm_of(key)?, key).map_err(broken)?);
    let nonce = Nonce::try_assume_unique_for_key(&ciphertext.iv).map_err(broken)?;
    let mut content = Zeroizing::new([ciphertext.content.as_slice(), &ciphertext.tag].concat());
    let length = key.open_in_place(nonce, Aad::from(associated), &mut content).map_err(broken)?.len();
    content.truncate(length);
    Ok(content)
}

fn gcm_of(key: &[u8]) -> Result<&'static Algorithm, JoseError> {
    match key.len() {
        16 => Ok(&AES_128_GCM),
        24 => Ok(&AES_192_GCM),
        32 => Ok(&AES_256_GCM),
        _ => Err(JoseError::Decryption),
    }
}

/// The two primitives of one AES-CBC-HMAC algorithm; each takes half of the key, the MAC the first.
struct CbcSuite {
    cipher: &'static cipher::Algorithm,
    mac: hmac::Algorithm,
    half: usize,
}

fn cbc_suite(encryption: ContentEncryption) -> Option<CbcSuite> {
    match encryption {
        ContentEncryption::A128Gcm | ContentEncryption::A192Gcm | ContentEncryption::A256Gcm => None,
        ContentEncryption::A128CbcHs256 => Some(CbcSuite { cipher: &AES_128, mac: hmac::HMAC_SHA256, half: 16 }),
        ContentEncryption::A192CbcHs384 => Some(CbcSuite { cipher: &AES_192, mac: hmac::HMAC_SHA384, half: 24 }),
        ContentEncryption::A256CbcHs512 => Some(CbcSuite { cipher: &AES_256, mac: hmac::HMAC_SHA512, half: 32 }),
    }
}

impl CbcSuite {
    /// RFC 7518 §5.2.2.1.
    fn encrypt(&self, key: &[u8], associated: &[u8], plaintext: &[u8]) -> Result<Ciphertext, JoseError> {
        let (mac_key, cipher_key) = key.split_at_checked(self.half).ok_or(JoseError::Key("the key is too short"))?;
        let mut iv = [0; CBC_IV_LENGTH];
        rand::fill(&mut iv)?;
        let mut content = plaintext.to_vec();
        let cipher_key = UnboundCipherKey::new(self.cipher, cipher_key)?;
        PaddedBlockEncryptingKey::cbc_pkcs7(cipher_key)?
            .less_safe_encrypt(&mut content, EncryptionContext::Iv128(FixedLength::from(iv)))?;
        let tag = self.tag(mac_key, associated, &iv, &content);
        Ok(Ciphertext { iv: iv.to_vec(), content, tag })
    }

    /// RFC 7518 §5.2.2.2. The MAC is checked before anything is decrypted, so that the padding tells nobody anything.
    fn decrypt(&self, key: &[u8], associated: &[u8], ciphertext: &Ciphertext) -> Result<Zeroizing<Vec<u8>>, JoseError> {
        let broken = |_| JoseError::Decryption;
        let (mac_key, cipher_key) = key.split_at_checked(self.half).ok_or(JoseError::Decryption)?;
        let iv: [u8; CBC_IV_LENGTH] = ciphertext.iv.as_slice().try_into().map_err(|_| JoseError::Decryption)?;
        let tag = self.tag(mac_key, associated, &iv, &ciphertext.content);
        if !constant_time_eq(&tag, &ciphertext.tag) {
            return Err(JoseError::Decryption);
        }
        let cipher_key = UnboundCipherKey::new(self.cipher, cipher_key).map_err(broken)?;
        let key = PaddedBlockDecryptingKey::cbc_pkcs7(cipher_key).map_err(broken)?;
        let mut content = Zeroizing::new(ciphertext.content.clone());
        let length = key.decrypt(&mut content, DecryptionContext::Iv128(FixedLength::from(iv))).map_err(broken)?.len();
        content.truncate(length);
        Ok(content)
    }

    /// The first half of the MAC over the associated data, the IV, the ciphertext and the associated data's length in bits.
    fn tag(&self, key: &[u8], associated: &[u8], iv: &[u8], content: &[u8]) -> Vec<u8> {
        let bits = (associated.len() as u64).saturating_mul(8);
        let mut context = hmac::Context::with_key(&hmac::Key::new(self.mac, key));
        for part in [associated, iv, content, &bits.to_be_bytes()] {
            context.update(part);
        }
        let tag = context.sign();
        tag.as_ref().iter().take(self.half).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7518, appendices B.1 to B.3: the three algorithms share plaintext, IV and associated data.
    #[test]
    fn the_examples_of_the_rfc_decrypt_and_their_tags_are_met() {
        const TEXT: &[u8] = b"A cipher system must not be required to be secret, and it must be able to fall into the hands of the enemy without inconvenience";
        const ASSOCIATED: &[u8] = b"The second principle of Auguste Kerckhoffs";
        const IV: [u8; 16] =
            [0x1a, 0xf3, 0x8c, 0x2d, 0xc2, 0xb9, 0x6f, 0xfd, 0xd8, 0x66, 0x94, 0x09, 0x23, 0x41, 0xbc, 0x04];
        let tags: [(ContentEncryption, &[u8]); 3] = [
            (
                ContentEncryption::A128CbcHs256,
                &[0x65, 0x2c, 0x3f, 0xa3, 0x6b, 0x0a, 0x7c, 0x5b, 0x32, 0x19, 0xfa, 0xb3, 0xa3, 0x0b, 0xc1, 0xc4],
            ),
            (
                ContentEncryption::A192CbcHs384,
                &[
                    0x84, 0x90, 0xac, 0x0e, 0x58, 0x94, 0x9b, 0xfe, 0x51, 0x87, 0x5d, 0x73, 0x3f, 0x93, 0xac, 0x20,
                    0x75, 0x16, 0x80, 0x39, 0xcc, 0xc7, 0x33, 0xd7,
                ],
            ),
            (
                ContentEncryption::A256CbcHs512,
                &[
                    0x4d, 0xd3, 0xb4, 0xc0, 0x88, 0xa7, 0xf4, 0x5c, 0x21, 0x68, 0x39, 0x64, 0x5b, 0x20, 0x12, 0xbf,
                    0x2e, 0x62, 0x69, 0xa8, 0xc5, 0x6a, 0x81, 0x6d, 0xbc, 0x1b, 0x26, 0x77, 0x61, 0x95, 0x5b, 0xc5,
                ],
            ),
        ];
        for (encryption, expected) in tags {
            let key: Vec<u8> = (0..encryption.key_length() as u8).collect();
            let suite = cbc_suite(encryption).unwrap();
            let mut content = TEXT.to_vec();
            let cipher_key = UnboundCipherKey::new(suite.cipher, &key[suite.half..]).unwrap();
            PaddedBlockEncryptingKey::cbc_pkcs7(cipher_key)
                .unwrap()
                .less_safe_encrypt(&mut content, EncryptionContext::Iv128(FixedLength::from(IV)))
                .unwrap();
            let tag = suite.tag(&key[..suite.half], ASSOCIATED, &IV, &content);
            assert_eq!(tag, expected, "{encryption}");
            let ciphertext = Ciphertext { iv: IV.to_vec(), content, tag };
            let plain = decrypt(encryption, &key, ASSOCIATED, &ciphertext).unwrap();
            assert_eq!(plain.as_slice(), TEXT);
        }
    }

    #[test]
    fn what_was_changed_does_not_decrypt() {
        for encryption in ContentEncryption::ALL {
            let key = vec![7; encryption.key_length()];
            let make = || encrypt(encryption, &key, b"header", b"text").unwrap();
            assert_eq!(decrypt(encryption, &key, b"header", &make()).unwrap().as_slice(), b"text");
            assert!(decrypt(encryption, &key, b"Header", &make()).is_err());
            assert!(decrypt(encryption, &key[1..], b"header", &make()).is_err());
            let mut short_tag = make();
            short_tag.tag.pop();
            let mut no_tag = make();
            no_tag.tag.clear();
            let mut other_iv = make();
            other_iv.iv[0] ^= 1;
            let mut no_iv = make();
            no_iv.iv.clear();
            let mut cut = make();
            cut.content.pop();
            for broken in [short_tag, no_tag, other_iv, no_iv, cut] {
                assert!(decrypt(encryption, &key, b"header", &broken).is_err(), "{encryption}");
            }
        }
    }
}
