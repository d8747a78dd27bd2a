//! Client authentication: the methods, and what one request presents.
//!
//! Implements: RFC 6749 §2.3; RFC 7523 §2.2; the method names of OpenID Connect Core §9 and RFC 8705 §2.

use std::fmt;

use crate::credentials::{BasicCredentials, PresentedSecret};
use crate::params::{Malformed, Params};
use crate::text::words;

/// The one assertion type that we read. RFC 7523 §2.2.
pub const JWT_BEARER_ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The longest client identifier, in bytes; identifiers may be URLs.
pub const MAX_CLIENT_ID: usize = 2048;

words! {
    /// How a client proves who it is.
    pub enum ClientAuthenticationMethod {
        /// By a secret in the `Authorization` header.
        ClientSecretBasic = "client_secret_basic",
        /// By an assertion signed with the secret.
        ClientSecretJwt = "client_secret_jwt",
        /// By a secret among the parameters.
        ClientSecretPost = "client_secret_post",
        /// It does not: a public client.
        None = "none",
        /// By an assertion signed with its own key.
        PrivateKeyJwt = "private_key_jwt",
        /// By a certificate whose key is registered.
        SelfSignedTlsClientAuth = "self_signed_tls_client_auth",
        /// By a certificate from a trusted authority.
        TlsClientAuth = "tls_client_auth",
    }
}

/// Who a client says it is, and what it presents for proof. Nothing here is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentedClient {
    /// The identifier. An assertion or a certificate may stand for it.
    pub client_id: Option<String>,
    /// The proof.
    pub credentials: Credentials,
}

/// What was presented for proof.
#[derive(Clone, PartialEq, Eq)]
pub enum Credentials {
    /// A JWT, signed with the client's key or secret.
    Assertion(String),
    /// Nothing among the bytes of the request; the connection may still hold a certificate.
    None,
    /// A secret in the `Authorization` header.
    SecretBasic(PresentedSecret),
    /// A secret among the parameters.
    SecretPost(PresentedSecret),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Assertion(_) => "Assertion(..)",
            Self::None => "None",
            Self::SecretBasic(_) => "SecretBasic(..)",
            Self::SecretPost(_) => "SecretPost(..)",
        })
    }
}

impl PresentedClient {
    /// Takes what the client presents out of the `Authorization` header's value, if there is one, and
    /// the parameters `client_id`, `client_secret`, `client_assertion`, `client_assertion_type`.
    ///
    /// # Errors
    /// [`Malformed::SeveralCredentials`] for more than one proof, [`Malformed::BadCredentials`] for a
    /// header that is not a well-formed `Basic`, others for the parameters.
    pub fn take(authorization: Option<&[u8]>, params: &mut Params) -> Result<Self, Malformed> {
        let basic = authorization.map(BasicCredentials::parse).transpose()?;
        let client_id = params.take("client_id");
        let secret = params.take("client_secret");
        let assertion = take_assertion(params)?;

        let (client_id, credentials) = match (basic, secret, assertion) {
            (None, None, None) => (client_id, Credentials::None),
            (None, None, Some(assertion)) => (client_id, Credentials::Assertion(assertion)),
            (None, Some(secret), None) => {
                let client_id = client_id.ok_or(Malformed::Missing("client_id"))?;
                (Some(client_id), Credentials::SecretPost(secret.into()))
            }
            (Some(basic), None, None) => {
                if client_id.is_some_and(|stated| stated != basic.client_id) {
                    return Err(bad_client_id("is not the one in the Authorization header"));
                }
                (Some(basic.client_id), Credentials::SecretBasic(basic.secret))
            }
            (Some(_), Some(_), _) | (Some(_), _, Some(_)) | (_, Some(_), Some(_)) => {
                return Err(Malformed::SeveralCredentials);
            }
        };
        if client_id.as_ref().is_some_and(|client_id| client_id.len() > MAX_CLIENT_ID) {
            return Err(Malformed::TooLong("client_id"));
        }
        Ok(Self { client_id, credentials })
    }
}

fn take_assertion(params: &mut Params) -> Result<Option<String>, Malformed> {
    match (params.take("client_assertion"), params.take("client_assertion_type")) {
        (None, None) => Ok(None),
        (Some(assertion), Some(kind)) if kind == JWT_BEARER_ASSERTION => Ok(Some(assertion)),
        (Some(_), Some(_)) => Err(Malformed::BadValue { name: "client_assertion_type", why: "is not supported" }),
        (Some(_), None) => Err(Malformed::Missing("client_assertion_type")),
        (None, Some(_)) => Err(Malformed::Missing("client_assertion")),
    }
}

fn bad_client_id(why: &'static str) -> Malformed {
    Malformed::BadValue { name: "client_id", why }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `s6BhdRkqt3` and its secret, from RFC 6749 §2.3.1.
    const BASIC: &[u8] = b"Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3";

    fn take(authorization: Option<&[u8]>, body: &str) -> Result<PresentedClient, Malformed> {
        PresentedClient::take(authorization, &mut Params::parse(body.as_bytes()).unwrap())
    }

    /// RFC 6749 §2.3.
    #[test]
    fn more_than_one_method_is_refused() {
        let assertion = format!("client_assertion=a.b.c&client_assertion_type={JWT_BEARER_ASSERTION}");
        let both = format!("client_id=x&client_secret=s&{assertion}");
        for (authorization, body) in [(Some(BASIC), "client_secret=s"), (Some(BASIC), &assertion), (None, &both)] {
            assert_eq!(take(authorization, body), Err(Malformed::SeveralCredentials), "{body}");
        }
    }

    #[test]
    fn an_identifier_beside_the_header_must_be_the_same() {
        let presented = take(Some(BASIC), "client_id=s6BhdRkqt3").unwrap();
        assert_eq!(presented.client_id.as_deref(), Some("s6BhdRkqt3"));
        assert!(matches!(presented.credentials, Credentials::SecretBasic(_)));
        assert!(matches!(take(Some(BASIC), "client_id=other"), Err(Malformed::BadValue { name: "client_id", .. })));
    }

    #[test]
    fn a_secret_needs_an_identifier_and_an_assertion_its_type() {
        assert_eq!(take(None, "client_secret=s"), Err(Malformed::Missing("client_id")));
        assert_eq!(take(None, "client_assertion=a"), Err(Malformed::Missing("client_assertion_type")));
        assert_eq!(take(None, "client_assertion_type=a"), Err(Malformed::Missing("client_assertion")));
        assert!(matches!(take(None, "client_assertion=a&client_assertion_type=saml"), Err(Malformed::BadValue { .. })));
    }

    #[test]
    fn an_identifier_alone_is_a_public_client() {
        let presented = take(None, "client_id=app&client_secret=&grant_type=x").unwrap();
        assert_eq!(presented, PresentedClient { client_id: Some("app".to_owned()), credentials: Credentials::None });
    }

    /// Attack B17.
    #[test]
    fn another_scheme_in_the_header_is_refused_not_ignored() {
        for header in [&b"Bearer abc"[..], b"", b"Basic", b"Negotiate x", b"Basic=", b"\xff\xfe"] {
            assert!(matches!(take(Some(header), "client_id=app"), Err(Malformed::BadCredentials(_))), "{header:?}");
        }
    }
}
