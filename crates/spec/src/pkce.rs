//! Proof Key for Code Exchange.
//!
//! Implements: RFC 7636 §4.1–4.6, Appendix A and B.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::params::Malformed;
use crate::syntax;
use crate::text::words;

words! {
    /// How a challenge is made from its verifier.
    pub enum CodeChallengeMethod {
        /// The challenge is the verifier. For old clients, where a setting allows it: it protects
        /// against nobody who reads the authorization request.
        Plain = "plain",
        /// The challenge is the verifier's SHA-256 in base64url.
        S256 = "S256",
    }
}

/// What the authorization request left with us, to be met by the token request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct CodeChallenge {
    method: CodeChallengeMethod,
    value: String,
}

impl CodeChallenge {
    /// Reads `code_challenge` and `code_challenge_method`; without a method it is `plain` (§4.3).
    ///
    /// # Errors
    /// [`Malformed::BadValue`] for the one of the two that is wrong.
    pub fn parse(value: &str, method: Option<&str>) -> Result<Self, Malformed> {
        let method = match method {
            None => CodeChallengeMethod::Plain,
            Some(word) => CodeChallengeMethod::parse(word)
                .ok_or(Malformed::BadValue { name: "code_challenge_method", why: "is not supported" })?,
        };
        let well_formed = match method {
            CodeChallengeMethod::Plain => is_verifier(value),
            // Strict base64url: 43 characters of which the last leaves no stray bits.
            CodeChallengeMethod::S256 => {
                value.len() == 43 && BASE64_URL_SAFE_NO_PAD.decode(value).is_ok_and(|bytes| bytes.len() == 32)
            }
        };
        if well_formed {
            Ok(Self { method, value: value.to_owned() })
        } else {
            Err(Malformed::BadValue { name: "code_challenge", why: "is not well-formed for its method" })
        }
    }

    /// How it was made.
    pub fn method(&self) -> CodeChallengeMethod {
        self.method
    }

    /// The challenge as it was sent.
    pub fn as_str(&self) -> &str {
        &self.value
    }

    /// Whether this is the verifier behind the challenge. §4.6.
    pub fn admits(&self, verifier: &CodeVerifier) -> bool {
        // A plain comparison will do: the challenge is no secret, it came through the browser. With
        // `plain` nothing is secret from anyone who could time us.
        match self.method {
            CodeChallengeMethod::Plain => self.value == verifier.0,
            CodeChallengeMethod::S256 => self.value == verifier.s256(),
        }
    }
}

/// The stored form, parsed again on its way in.
#[derive(Deserialize)]
struct Stored {
    method: CodeChallengeMethod,
    value: String,
}

impl TryFrom<Stored> for CodeChallenge {
    type Error = Malformed;

    fn try_from(stored: Stored) -> Result<Self, Malformed> {
        Self::parse(&stored.value, Some(stored.method.as_str()))
    }
}

/// The secret that the client kept: 43 to 128 unreserved characters. It cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeVerifier(String);

impl CodeVerifier {
    /// Reads a `code_verifier`.
    ///
    /// # Errors
    /// [`Malformed::BadValue`] for `code_verifier`.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        if is_verifier(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Malformed::BadValue { name: "code_verifier", why: "must be 43 to 128 unreserved characters" })
        }
    }

    /// The verifier made of 32 random bytes, as §4.1 recommends.
    pub fn from_random(bytes: &[u8; 32]) -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The challenge to send with the authorization request, by `S256`.
    pub fn challenge(&self) -> CodeChallenge {
        CodeChallenge { method: CodeChallengeMethod::S256, value: self.s256() }
    }

    /// The verifier in the clear, for the one request that carries it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    fn s256(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, self.0.as_bytes()))
    }
}

impl fmt::Debug for CodeVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeVerifier(..)")
    }
}

fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len()) && text.bytes().all(syntax::is_unreserved)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    /// RFC 7636 Appendix B.
    #[test]
    fn the_example_of_the_rfc_is_admitted() {
        let challenge = CodeChallenge::parse(CHALLENGE, Some("S256")).unwrap();
        let verifier = CodeVerifier::parse(VERIFIER).unwrap();
        assert!(challenge.admits(&verifier));
        assert_eq!(verifier.challenge(), challenge);
    }

    #[test]
    fn another_verifier_is_not_admitted() {
        let challenge = CodeChallenge::parse(CHALLENGE, Some("S256")).unwrap();
        assert!(!challenge.admits(&CodeVerifier::parse(CHALLENGE).unwrap()));
        assert!(!challenge.admits(&CodeVerifier::parse(&VERIFIER.to_uppercase()).unwrap()));
    }

    /// RFC 7636 §4.3.
    #[test]
    fn without_a_method_the_challenge_is_plain() {
        let challenge = CodeChallenge::parse(VERIFIER, None).unwrap();
        assert_eq!(challenge.method(), CodeChallengeMethod::Plain);
        assert!(challenge.admits(&CodeVerifier::parse(VERIFIER).unwrap()));
    }

    #[test]
    fn a_challenge_must_be_a_whole_digest() {
        let padded = format!("{CHALLENGE}=");
        let stray_bits = format!("{}N", &CHALLENGE[..42]);
        for value in [&CHALLENGE[..42], &padded, &stray_bits, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM"] {
            assert!(CodeChallenge::parse(value, Some("S256")).is_err(), "{value}");
        }
        assert!(CodeChallenge::parse(CHALLENGE, Some("s256")).is_err());
    }

    #[test]
    fn a_verifier_has_43_to_128_unreserved_characters() {
        assert!(CodeVerifier::parse(&"a".repeat(42)).is_err());
        assert!(CodeVerifier::parse(&"a".repeat(128)).is_ok());
        assert!(CodeVerifier::parse(&"a".repeat(129)).is_err());
        assert!(CodeVerifier::parse(&format!("{}+", &VERIFIER[..42])).is_err());
        assert_eq!(format!("{:?}", CodeVerifier::parse(VERIFIER).unwrap()), "CodeVerifier(..)");
    }

    #[test]
    fn a_stored_challenge_is_parsed_again() {
        let challenge = CodeChallenge::parse(CHALLENGE, Some("S256")).unwrap();
        let stored = serde_json::to_string(&challenge).unwrap();
        assert_eq!(serde_json::from_str::<CodeChallenge>(&stored).unwrap(), challenge);
        assert!(serde_json::from_str::<CodeChallenge>(r#"{"method":"S256","value":"x"}"#).is_err());
    }
}
