//! Secrets at rest: an authenticated envelope that opens only where it was sealed for.
//!
//! A sealed value is `version (1) | key id (8) | nonce (12) | ciphertext | tag (16)`, AES-256-GCM. The context (the name of the row it
//! belongs to, say) is authenticated with it, so that a value moved to another row does not open. The key id tells which master key
//! is needed, so that a change of master keys need not happen at once.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hkdf, rand};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::digest::{base64url_decode, base64url_encode};
use crate::error::JoseError;

const VERSION: u8 = 1;
const KEY_ID_LENGTH: usize = 8;
const HEAD_LENGTH: usize = 1 + KEY_ID_LENGTH;
/// Extraction salt: it sets our use of the master key apart from any other.
const SALT: &[u8] = b"chancery master key v1";

/// The key under which everything secret is kept. Two keys are made from it and from nothing else: one that seals, one per label.
pub struct MasterKey {
    bytes: Zeroizing<[u8; 32]>,
    expander: hkdf::Prk,
    sealing: LessSafeKey,
    id: [u8; KEY_ID_LENGTH],
}

impl MasterKey {
    /// A fresh key.
    ///
    /// # Errors
    /// [`JoseError::Cryptography`] if the random source fails.
    pub fn generate() -> Result<Self, JoseError> {
        let mut bytes = Zeroizing::new([0; 32]);
        rand::fill(bytes.as_mut_slice())?;
        Self::from_bytes(&bytes)
    }

    /// The key that is these 32 bytes.
    ///
    /// # Errors
    /// [`JoseError::Cryptography`] if the backend fails.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, JoseError> {
        let expander = hkdf::Salt::new(hkdf::HKDF_SHA256, SALT).extract(bytes);
        let sealing = UnboundKey::new(&AES_256_GCM, expand(&expander, &[b"seal"])?.as_slice())?;
        let mut id = [0; KEY_ID_LENGTH];
        id.copy_from_slice(&expand(&expander, &[b"key id"])?[..KEY_ID_LENGTH]);
        Ok(Self { bytes: Zeroizing::new(*bytes), expander, sealing: LessSafeKey::new(sealing), id })
    }

    /// Reads a key from base64, standard or URL-safe, with or without padding and surrounding white space.
    ///
    /// # Errors
    /// [`JoseError::Key`] if it is not 32 bytes.
    pub fn from_base64(text: &str) -> Result<Self, JoseError> {
        let text: String = text
            .trim()
            .trim_end_matches('=')
            .chars()
            .map(|character| match character {
                '+' => '-',
                '/' => '_',
                other => other,
            })
            .collect();
        let text = Zeroizing::new(text);
        let bytes = base64url_decode(&text).map(Zeroizing::new);
        match bytes.as_deref().map(|bytes| <&[u8; 32]>::try_from(bytes.as_slice())) {
            Ok(Ok(bytes)) => Self::from_bytes(bytes),
            Ok(Err(_)) | Err(_) => Err(JoseError::Key("a master key is 32 bytes in base64")),
        }
    }

    /// The key in base64url, to be written to its file.
    pub fn to_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(base64url_encode(self.bytes.as_slice()))
    }

    /// A name for this key that tells nothing of it.
    pub fn id(&self) -> String {
        base64url_encode(&self.id)
    }

    /// Seals `plaintext` for `context`.
    ///
    /// # Errors
    /// [`JoseError::Cryptography`] if the random source fails.
    pub fn seal(&self, context: &str, plaintext: &[u8]) -> Result<Sealed, JoseError> {
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce)?;
        let mut envelope = Vec::with_capacity(HEAD_LENGTH + NONCE_LEN + plaintext.len() + AES_256_GCM.tag_len());
        envelope.push(VERSION);
        envelope.extend_from_slice(&self.id);
        let associated = associated(&envelope, context);
        envelope.extend_from_slice(&nonce);
        let mut content = Zeroizing::new(plaintext.to_vec());
        let tag = self.sealing.seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(associated),
            &mut content,
        )?;
        envelope.extend_from_slice(&content);
        envelope.extend_from_slice(tag.as_ref());
        Ok(Sealed(envelope))
    }

    /// Opens what this key sealed for `context`.
    ///
    /// # Errors
    /// [`JoseError::SealKeyUnknown`] if another key sealed it, [`JoseError::Seal`] if it is not as it was sealed.
    pub fn open(&self, context: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, JoseError> {
        let (head, rest) = sealed.0.split_at_checked(HEAD_LENGTH).ok_or(JoseError::Seal)?;
        match head {
            [VERSION, id @ ..] if id == self.id => {}
            [VERSION, ..] => return Err(JoseError::SealKeyUnknown),
            _ => return Err(JoseError::Seal),
        }
        let (nonce, content) = rest.split_at_checked(NONCE_LEN).ok_or(JoseError::Seal)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| JoseError::Seal)?;
        let mut content = Zeroizing::new(content.to_vec());
        let length = self
            .sealing
            .open_in_place(nonce, Aad::from(associated(head, context)), &mut content)
            .map_err(|_| JoseError::Seal)?
            .len();
        content.truncate(length);
        Ok(content)
    }

    /// A key for another purpose, the same for the same `label` always (HKDF-SHA-256).
    ///
    /// # Errors
    /// [`JoseError::Cryptography`] if the backend fails.
    pub fn derive(&self, label: &str) -> Result<Zeroizing<[u8; 32]>, JoseError> {
        expand(&self.expander, &[b"derive ", label.as_bytes()])
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({})", self.id())
    }
}

fn expand(expander: &hkdf::Prk, info: &[&[u8]]) -> Result<Zeroizing<[u8; 32]>, JoseError> {
    let mut bytes = Zeroizing::new([0; 32]);
    expander.expand(info, hkdf::HKDF_SHA256)?.fill(bytes.as_mut_slice())?;
    Ok(bytes)
}

/// The head has a fixed length, so head and context cannot be mistaken for each other.
fn associated(head: &[u8], context: &str) -> Vec<u8> {
    [head, context.as_bytes()].concat()
}

/// A sealed value. It may be kept and printed anywhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// A value as it was kept. Whether it is genuine shows when it is opened.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The value as it is kept.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The value as it is kept, handed over.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// The id of the master key that opens it ([`MasterKey::id`]), if it looks like a sealed value.
    pub fn key_id(&self) -> Option<String> {
        self.0.get(1..HEAD_LENGTH).map(base64url_encode)
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

impl Serialize for Sealed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&base64url_encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Sealed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        base64url_decode(&text).map(Self).map_err(D::Error::custom)
    }
}

/// The master key that seals, and those that still open what they sealed before.
#[derive(Debug)]
pub struct Vault {
    current: MasterKey,
    former: Vec<MasterKey>,
}

impl Vault {
    /// A vault with one key.
    pub fn new(current: MasterKey) -> Self {
        Self { current, former: Vec::new() }
    }

    /// A vault that also opens what `former` keys sealed.
    pub fn with_former(current: MasterKey, former: Vec<MasterKey>) -> Self {
        Self { current, former }
    }

    /// The key that seals.
    pub fn current(&self) -> &MasterKey {
        &self.current
    }

    /// Seals by the current key.
    ///
    /// # Errors
    /// As [`MasterKey::seal`].
    pub fn seal(&self, context: &str, plaintext: &[u8]) -> Result<Sealed, JoseError> {
        self.current.seal(context, plaintext)
    }

    /// Opens by whichever key sealed it.
    ///
    /// # Errors
    /// As [`MasterKey::open`].
    pub fn open(&self, context: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, JoseError> {
        for key in std::iter::once(&self.current).chain(&self.former) {
            match key.open(context, sealed) {
                Err(JoseError::SealKeyUnknown) => {}
                outcome => return outcome,
            }
        }
        Err(JoseError::SealKeyUnknown)
    }

    /// Whether a value was sealed by a former key, and should be sealed again.
    pub fn is_former(&self, sealed: &Sealed) -> bool {
        sealed.key_id().as_deref() != Some(&self.current.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(byte: u8) -> MasterKey {
        MasterKey::from_bytes(&[byte; 32]).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_in_its_context_alone() {
        let sealed = key(1).seal("key/a", b"private").unwrap();
        assert_eq!(*key(1).open("key/a", &sealed).unwrap(), b"private");
        assert_eq!(key(1).open("key/b", &sealed), Err(JoseError::Seal));
        assert_eq!(key(2).open("key/a", &sealed), Err(JoseError::SealKeyUnknown));
        assert_ne!(sealed, key(1).seal("key/a", b"private").unwrap());
    }

    #[test]
    fn a_changed_master_key_still_opens_what_the_former_sealed() {
        let old = key(1).seal("row", b"secret").unwrap();
        let vault = Vault::with_former(key(2), vec![key(1)]);
        assert_eq!(*vault.open("row", &old).unwrap(), b"secret");
        assert!(vault.is_former(&old));
        let new = vault.seal("row", b"secret").unwrap();
        assert!(!vault.is_former(&new));
        assert_eq!(Vault::new(key(3)).open("row", &new), Err(JoseError::SealKeyUnknown));
    }

    #[test]
    fn a_key_reads_back_from_its_base64_and_prints_nothing_of_itself() {
        let key = MasterKey::generate().unwrap();
        let text = key.to_base64();
        assert_eq!(MasterKey::from_base64(&format!(" {}=\n", *text)).unwrap().id(), key.id());
        assert!(!format!("{key:?}").contains(&text[..8]));
        assert!(MasterKey::from_base64("c2hvcnQ").is_err());
        assert!(MasterKey::from_base64("").is_err());
    }

    #[test]
    fn each_label_derives_another_key_and_always_the_same() {
        assert_eq!(key(1).derive("a").unwrap(), key(1).derive("a").unwrap());
        assert_ne!(key(1).derive("a").unwrap(), key(1).derive("b").unwrap());
        assert_ne!(key(1).derive("a").unwrap(), key(2).derive("a").unwrap());
    }

    proptest! {
        #[test]
        fn no_changed_value_opens(plain in proptest::collection::vec(any::<u8>(), 0..60), at in any::<usize>(), bit in 0..8_u8) {
            let sealed = key(1).seal("row", &plain).unwrap();
            prop_assert_eq!(&*key(1).open("row", &sealed).unwrap(), &plain);
            let mut bytes = sealed.into_bytes();
            let at = at % bytes.len();
            bytes[at] ^= 1_u8 << bit;
            prop_assert!(key(1).open("row", &Sealed::from_bytes(bytes)).is_err());
        }

        #[test]
        fn no_noise_opens(noise in proptest::collection::vec(any::<u8>(), 0..60)) {
            prop_assert!(key(1).open("row", &Sealed::from_bytes(noise)).is_err());
        }
    }
}
