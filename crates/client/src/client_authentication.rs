//! How the client proves to the server who it is.
//!
//! Implements: RFC 6749 §2.3.1; RFC 7523 §2.2, §3; OpenID Connect Core §9.
//! Leaves out: client certificates (RFC 8705).

use std::fmt;

use chancery_jose::{JoseError, SignatureAlgorithm, Signer, SigningKey};
use chancery_spec::PresentedSecret;
use chancery_spec::client_authentication::JWT_BEARER_ASSERTION;
use chancery_spec::credentials::BasicCredentials;
use serde::Serialize;

use crate::error::ClientError;
use crate::surroundings::Surroundings;

/// Seconds that an assertion is good for: it is used at once.
const ASSERTION_LIFE: i64 = 60;

/// A way to prove who the client is. `Debug` shows no secret.
#[derive(Clone)]
pub struct ClientAuthentication(Proof);

#[derive(Clone)]
enum Proof {
    Assertion { signer: Signer, secret: Option<PresentedSecret> },
    None,
    SecretBasic(PresentedSecret),
    SecretPost(PresentedSecret),
}

/// What a request carries as proof.
pub(crate) struct Proven {
    /// The `Authorization` field.
    pub(crate) header: Option<String>,
    /// Further parameters.
    pub(crate) fields: Vec<(&'static str, String)>,
}

/// The claims of an assertion. RFC 7523 §3.
#[derive(Serialize)]
struct Assertion<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: &'a str,
    iat: i64,
    exp: i64,
}

impl ClientAuthentication {
    /// `none`: a public client, which only says its name.
    pub fn none() -> Self {
        Self(Proof::None)
    }

    /// `client_secret_basic`: the secret in the `Authorization` header.
    pub fn secret_basic(secret: impl Into<String>) -> Self {
        Self(Proof::SecretBasic(secret.into().into()))
    }

    /// `client_secret_post`: the secret among the parameters.
    pub fn secret_post(secret: impl Into<String>) -> Self {
        Self(Proof::SecretPost(secret.into().into()))
    }

    /// `private_key_jwt`: an assertion signed with the client's own key, whose `kid` stands in its header.
    pub fn private_key_jwt(key: &SigningKey) -> Self {
        Self(Proof::Assertion { signer: Signer::new(key, Some("JWT")), secret: None })
    }

    /// `client_secret_jwt`: an assertion signed with the secret, by an HS algorithm.
    ///
    /// # Errors
    /// If `algorithm` is no HS algorithm, or the secret is shorter than its hash.
    pub fn secret_jwt(algorithm: SignatureAlgorithm, secret: impl Into<String>) -> Result<Self, JoseError> {
        let secret = secret.into();
        let key = SigningKey::symmetric(algorithm, secret.as_bytes())?;
        Ok(Self(Proof::Assertion { signer: Signer::new(&key, Some("JWT")), secret: Some(secret.into()) }))
    }

    /// The secret that the client shares with the server: it signs ID tokens by HS algorithms too.
    pub(crate) fn secret(&self) -> Option<&str> {
        match &self.0 {
            Proof::SecretBasic(secret) | Proof::SecretPost(secret) => Some(secret.expose()),
            Proof::Assertion { secret, .. } => secret.as_ref().map(PresentedSecret::expose),
            Proof::None => None,
        }
    }

    /// What a request of `client_id` to the server `issuer` carries. An assertion is for the issuer alone: one that names
    /// an endpoint could be asked for by another server's metadata (audience injection).
    pub(crate) fn prove(
        &self,
        client_id: &str,
        issuer: &str,
        surroundings: &Surroundings,
    ) -> Result<Proven, ClientError> {
        let named = ("client_id", client_id.to_owned());
        Ok(match &self.0 {
            Proof::None => Proven { header: None, fields: vec![named] },
            Proof::SecretBasic(secret) => {
                let credentials = BasicCredentials { client_id: client_id.to_owned(), secret: secret.clone() };
                Proven { header: Some(credentials.to_header()), fields: Vec::new() }
            }
            Proof::SecretPost(secret) => {
                Proven { header: None, fields: vec![named, ("client_secret", secret.expose().to_owned())] }
            }
            Proof::Assertion { signer, .. } => {
                let (now, jti) = (surroundings.clock.now(), surroundings.token()?);
                let claims = Assertion {
                    iss: client_id,
                    sub: client_id,
                    aud: issuer,
                    jti: &jti,
                    iat: now,
                    exp: now.saturating_add(ASSERTION_LIFE),
                };
                let assertion = signer.sign(&claims).map_err(ClientError::Key)?;
                let kind = ("client_assertion_type", JWT_BEARER_ASSERTION.to_owned());
                Proven { header: None, fields: vec![named, kind, ("client_assertion", assertion)] }
            }
        })
    }
}

impl fmt::Debug for ClientAuthentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Proof::Assertion { secret: None, .. } => "private_key_jwt",
            Proof::Assertion { secret: Some(_), .. } => "client_secret_jwt",
            Proof::None => "none",
            Proof::SecretBasic(_) => "client_secret_basic",
            Proof::SecretPost(_) => "client_secret_post",
        })
    }
}
