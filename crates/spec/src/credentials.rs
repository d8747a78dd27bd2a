//! What an `Authorization` header carries.
//!
//! Implements: RFC 6749 §2.3.1 with RFC 7617 §2 (Basic), RFC 6750 §2.1 (Bearer).
//! Leaves out: repairs. A header that is not exactly as the specifications write it is refused
//! (attacks B10, B17).

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::params::Malformed;
use crate::syntax;

/// The longest `Authorization` value that we read, in bytes.
pub const MAX_AUTHORIZATION: usize = 16 * 1024;

/// A secret as it was presented: a client secret, a code, a token. It cannot be printed.
#[derive(Clone)]
pub struct PresentedSecret(String);

impl PresentedSecret {
    /// Takes the text in.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The secret in the clear, to be hashed or forwarded.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Gives the text out.
    pub fn into_exposed(self) -> String {
        self.0
    }
}

impl From<String> for PresentedSecret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl PartialEq for PresentedSecret {
    /// Compares digests, so that the time taken tells nothing about the secret.
    fn eq(&self, other: &Self) -> bool {
        digest(&SHA256, self.0.as_bytes()).as_ref() == digest(&SHA256, other.0.as_bytes()).as_ref()
    }
}

impl Eq for PresentedSecret {}

impl fmt::Debug for PresentedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PresentedSecret(..)")
    }
}

/// The identifier and secret of a `Basic` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BasicCredentials {
    /// The client's identifier, decoded; never empty.
    pub client_id: String,
    /// The client's secret, decoded; perhaps empty.
    pub secret: PresentedSecret,
}

impl BasicCredentials {
    /// Reads the value of an `Authorization` header: `Basic`, one space, canonical padded base64 of
    /// two form-encoded halves with a colon between.
    ///
    /// # Errors
    /// [`Malformed::BadCredentials`], which answers as `invalid_client`.
    pub fn parse(header: &[u8]) -> Result<Self, Malformed> {
        let encoded = after_scheme(header, "Basic")?;
        let decoded = BASE64_STANDARD.decode(encoded).map_err(|_| bad("it is not canonical base64"))?;
        let colon = decoded.iter().position(|byte| *byte == b':').ok_or(bad("it has no colon"))?;
        let client_id = half(&decoded[..colon])?;
        let secret = half(&decoded[colon + 1..])?;
        if client_id.is_empty() {
            return Err(bad("its identifier is empty"));
        }
        Ok(Self { client_id, secret: PresentedSecret(secret) })
    }

    /// The header value for these credentials: what [`BasicCredentials::parse`] reads back.
    pub fn to_header(&self) -> String {
        let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let halves = format!("{}:{}", encode(&self.client_id), encode(self.secret.expose()));
        format!("Basic {}", BASE64_STANDARD.encode(halves))
    }
}

/// The token of a `Bearer` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BearerToken(PresentedSecret);

impl BearerToken {
    /// Reads the value of an `Authorization` header: `Bearer`, one space, a `b64token`.
    ///
    /// # Errors
    /// [`Malformed::BadCredentials`].
    pub fn parse(header: &[u8]) -> Result<Self, Malformed> {
        let token = after_scheme(header, "Bearer")?;
        let text = String::from_utf8(token.to_vec()).map_err(|_| bad("its token is not ASCII"))?;
        Self::from_token(text)
    }

    /// The same check for a token that came as the `access_token` parameter. RFC 6750 §2.2.
    ///
    /// # Errors
    /// [`Malformed::BadCredentials`].
    pub fn from_token(text: String) -> Result<Self, Malformed> {
        let body = text.trim_end_matches('=');
        let well_formed = !body.is_empty()
            && text.len() <= MAX_AUTHORIZATION
            && body.bytes().all(|byte| syntax::is_unreserved(byte) || matches!(byte, b'+' | b'/'));
        if well_formed {
            Ok(Self(PresentedSecret(text)))
        } else {
            Err(bad("its token has a character that tokens cannot have"))
        }
    }

    /// The token in the clear.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Gives the token out.
    pub fn into_secret(self) -> PresentedSecret {
        self.0
    }
}

/// What follows the scheme and exactly one space.
fn after_scheme<'a>(header: &'a [u8], scheme: &str) -> Result<&'a [u8], Malformed> {
    if header.len() > MAX_AUTHORIZATION {
        return Err(bad("it is too long"));
    }
    match header.split_at_checked(scheme.len()) {
        Some((given, [b' ', rest @ ..])) if given.eq_ignore_ascii_case(scheme.as_bytes()) => Ok(rest),
        Some(_) | None => Err(bad("its scheme is not the one expected here")),
    }
}

fn half(piece: &[u8]) -> Result<String, Malformed> {
    let text = syntax::decode_form(piece).map_err(|_| bad("it is not form-encoded UTF-8"))?;
    if text.chars().any(char::is_control) {
        return Err(bad("it contains a control character"));
    }
    Ok(text)
}

fn bad(why: &'static str) -> Malformed {
    Malformed::BadCredentials(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6749 §2.3.1.
    #[test]
    fn the_example_of_the_rfc_is_read() {
        let basic = BasicCredentials::parse(b"Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3").unwrap();
        assert_eq!(basic.client_id, "s6BhdRkqt3");
        assert_eq!(basic.secret.expose(), "7Fjfp0ZBr1KtDRbnfVdmIw");
    }

    #[test]
    fn both_halves_are_form_encoded_and_the_first_colon_splits() {
        let basic = BasicCredentials {
            client_id: "https://c.example/a b".to_owned(),
            secret: PresentedSecret::new("p:%+é".to_owned()),
        };
        assert_eq!(BasicCredentials::parse(basic.to_header().as_bytes()), Ok(basic));
        let raw = format!("bAsIc {}", BASE64_STANDARD.encode("id:a:b"));
        assert_eq!(BasicCredentials::parse(raw.as_bytes()).unwrap().secret.expose(), "a:b");
    }

    #[test]
    fn a_bearer_token_has_the_syntax_of_the_rfc() {
        assert_eq!(BearerToken::parse(b"bearer a.b-c_d~e+f/==").unwrap().expose(), "a.b-c_d~e+f/==");
        for header in [
            "Bearer",
            "Bearer ",
            "Bearer  a",
            "Bearer a b",
            "Bearer =",
            "Bearer a=b",
            "Bearer a,b",
            "Basic a",
            "Bearer \u{e9}",
        ] {
            assert!(BearerToken::parse(header.as_bytes()).is_err(), "{header}");
        }
    }

    #[test]
    fn no_secret_is_printed() {
        let basic = BasicCredentials::parse(b"Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3").unwrap();
        assert!(!format!("{basic:?}").contains("7Fjfp0"));
        assert!(!format!("{:?}", BearerToken::parse(b"Bearer hunter2").unwrap()).contains("hunter2"));
    }
}
