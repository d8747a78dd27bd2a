//! Reading encrypted tokens. The key decides the algorithms; every failure after the header looks the same.
//!
//! Implements: RFC 7516 §5.2, §7.1 (compact), §11.5 (a key that does not unwrap is replaced by a random one), RFC 7519 §5.2.
//! Leaves out: `crit`, `zip`; `jku` and `x5u` are not even looked at.

use aws_lc_rs::rand;
use serde::Deserialize;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::content::{self, Ciphertext};
use crate::decryption_key::{DecryptionKey, Own};
use crate::digest::decode;
use crate::encryption_algorithm::{ContentEncryption, KeyManagement};
use crate::error::JoseError;
use crate::json::{self, present};
use crate::jwk::Jwk;
use crate::key_agreement::{Purpose, agree};
use crate::key_wrapping::{Wrapped, unwrap, unwrap_by_rsa};
use crate::media_type::is_same_media_type;

/// An encrypted token in compact form, taken apart.
pub struct Encrypted<'a> {
    management: KeyManagement,
    encryption: ContentEncryption,
    header: WrittenHeader,
    /// The encoded header, which is authenticated with the content.
    associated: &'a str,
    encrypted_key: Vec<u8>,
    ciphertext: Ciphertext,
}

#[derive(Deserialize)]
struct WrittenHeader {
    alg: String,
    enc: String,
    #[serde(default, deserialize_with = "present")]
    kid: Option<String>,
    #[serde(default, deserialize_with = "present")]
    typ: Option<String>,
    #[serde(default, deserialize_with = "present")]
    cty: Option<String>,
    #[serde(default, deserialize_with = "present")]
    epk: Option<Map<String, Value>>,
    #[serde(default, deserialize_with = "present")]
    apu: Option<String>,
    #[serde(default, deserialize_with = "present")]
    apv: Option<String>,
    #[serde(default, deserialize_with = "present")]
    iv: Option<String>,
    #[serde(default, deserialize_with = "present")]
    tag: Option<String>,
    #[serde(default, deserialize_with = "present")]
    crit: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    b64: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    zip: Option<Value>,
}

impl<'a> Encrypted<'a> {
    /// The most bytes a token may have unless the caller says otherwise.
    pub const MAXIMUM_BYTES: usize = 64 * 1024;

    /// Takes a token of at most [`Encrypted::MAXIMUM_BYTES`] apart.
    ///
    /// # Errors
    /// Anything that is not exactly five canonical base64url parts with a strict JSON header that names algorithms we know and no
    /// extension.
    pub fn parse(token: &'a str) -> Result<Self, JoseError> {
        Self::parse_within(token, Self::MAXIMUM_BYTES)
    }

    /// Takes a token of at most `limit` bytes apart.
    ///
    /// # Errors
    /// As [`Encrypted::parse`].
    pub fn parse_within(token: &'a str, limit: usize) -> Result<Self, JoseError> {
        if token.len() > limit {
            return Err(JoseError::TooLarge { limit });
        }
        let parts: Vec<&str> = token.splitn(6, '.').collect();
        let [associated, encrypted_key, iv, content, tag] = parts.as_slice() else {
            return Err(JoseError::Malformed("an encrypted token has exactly five parts"));
        };
        let header: WrittenHeader = json::object(&decode(associated, "the header")?, "the header")?;
        for (name, member) in [("crit", &header.crit), ("b64", &header.b64), ("zip", &header.zip)] {
            if member.is_some() {
                return Err(JoseError::HeaderRefused(name));
            }
        }
        let management: KeyManagement = header.alg.parse()?;
        let conveys_none = matches!(management, KeyManagement::Direct | KeyManagement::EcdhEs);
        if conveys_none != encrypted_key.is_empty() {
            return Err(JoseError::Malformed("the algorithm and the encrypted key do not agree"));
        }
        Ok(Self {
            management,
            encryption: header.enc.parse()?,
            header,
            associated,
            encrypted_key: decode(encrypted_key, "the encrypted key")?,
            ciphertext: Ciphertext {
                iv: decode(iv, "the initialization vector")?,
                content: decode(content, "the ciphertext")?,
                tag: decode(tag, "the authentication tag")?,
            },
        })
    }

    /// Whether `token` has the five parts of an encrypted token: to tell it from a signed one before parsing either.
    pub fn looks_like(token: &str) -> bool {
        token.bytes().filter(|byte| *byte == b'.').count() == 4
    }

    /// `alg`: how the content key is conveyed.
    pub fn management(&self) -> KeyManagement {
        self.management
    }

    /// `enc`: how the content is encrypted.
    pub fn encryption(&self) -> ContentEncryption {
        self.encryption
    }

    /// `kid`: the name of the recipient's key.
    pub fn kid(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// `typ`: what kind of token it is.
    pub fn typ(&self) -> Option<&str> {
        self.header.typ.as_deref()
    }

    /// `cty`: what the plaintext is.
    pub fn cty(&self) -> Option<&str> {
        self.header.cty.as_deref()
    }

    /// Decrypts by `key`.
    ///
    /// # Errors
    /// [`JoseError::EncryptionNotAllowed`] if the key is not meant for the token's algorithms, [`JoseError::Decryption`] for everything
    /// else.
    pub fn decrypt(&self, key: &DecryptionKey) -> Result<Zeroizing<Vec<u8>>, JoseError> {
        if !key.allows(self.management, self.encryption) {
            return Err(JoseError::EncryptionNotAllowed);
        }
        // A key of the right length that nobody knows stands in for one that does not unwrap, so that the content fails in its place.
        let mut stand_in = Zeroizing::new(vec![0; self.encryption.key_length()]);
        rand::fill(&mut stand_in)?;
        let content_key = match self.content_key(key) {
            Ok(content_key) if content_key.len() == stand_in.len() => content_key,
            Ok(_) | Err(_) => stand_in,
        };
        content::decrypt(self.encryption, &content_key, self.associated.as_bytes(), &self.ciphertext)
    }

    /// Decrypts the signed token inside.
    ///
    /// # Errors
    /// [`JoseError::Malformed`] if `cty` says that it is something else or it is no text, else as [`Encrypted::decrypt`].
    pub fn decrypt_token(&self, key: &DecryptionKey) -> Result<Zeroizing<String>, JoseError> {
        if self.cty().is_some_and(|cty| !is_same_media_type(cty, "JWT")) {
            return Err(JoseError::Malformed("the encrypted content is no token"));
        }
        let mut plaintext = self.decrypt(key)?;
        String::from_utf8(std::mem::take(&mut *plaintext))
            .map(Zeroizing::new)
            .map_err(|_| JoseError::Malformed("the encrypted content is no token"))
    }

    fn content_key(&self, key: &DecryptionKey) -> Result<Zeroizing<Vec<u8>>, JoseError> {
        match key.own() {
            Own::Rsa { oaep, .. } => unwrap_by_rsa(self.management, oaep, &self.encrypted_key),
            Own::Secret(secret) if self.management == KeyManagement::Direct => Ok(secret.clone()),
            Own::Secret(secret) => unwrap(self.management, secret, self.wrapped()?),
            Own::Agreement { private, .. } => {
                let ephemeral = self.header.epk.as_ref().ok_or(JoseError::Decryption)?;
                let ephemeral = Jwk::from_members(ephemeral)?;
                let sender = optional(self.header.apu.as_deref())?;
                let recipient = optional(self.header.apv.as_deref())?;
                let purpose =
                    Purpose { sender: &sender, recipient: &recipient, ..Purpose::of(self.management, self.encryption) };
                let agreed = agree(private, &ephemeral.material, &purpose)?;
                if self.management == KeyManagement::EcdhEs {
                    return Ok(agreed);
                }
                unwrap(self.management, &agreed, self.wrapped()?)
            }
        }
    }

    fn wrapped(&self) -> Result<Wrapped, JoseError> {
        Ok(Wrapped {
            key: self.encrypted_key.clone(),
            iv: optional(self.header.iv.as_deref())?,
            tag: optional(self.header.tag.as_deref())?,
        })
    }
}

fn optional(text: Option<&str>) -> Result<Vec<u8>, JoseError> {
    text.map_or(Ok(Vec::new()), |text| decode(text, "a header member"))
}
