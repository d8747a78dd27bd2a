//! ID tokens: who signed in, once everything that must hold does.
//!
//! Implements: OpenID Connect Core §2, §3.1.3.6, §3.1.3.7, §3.1.3.8, §12.2; RFC 8725 §3.1, §3.11.
//! Leaves out: encrypted ID tokens.

use std::fmt;

use chancery_jose::{Expected, Unverified, VerifyingKey, left_half_hash};
use chancery_spec::IdTokenClaims;

use crate::client::Client;
use crate::error::{ClientError, IdTokenFault};

/// A verified ID token. Only [`Client::redeem`] and [`Client::refresh`] make one.
#[derive(Clone, PartialEq, Eq)]
pub struct IdToken {
    claims: IdTokenClaims<'static>,
    text: String,
}

impl IdToken {
    /// Who signed in, unique within [`IdTokenClaims::iss`] and never given to anyone else.
    pub fn subject(&self) -> &str {
        &self.claims.sub
    }

    /// Everything it says.
    pub fn claims(&self) -> &IdTokenClaims<'static> {
        &self.claims
    }

    /// The token as it came, for `id_token_hint`.
    pub fn as_hint(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for IdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdToken").field("sub", &self.claims.sub).finish_non_exhaustive()
    }
}

/// What is expected of an ID token beyond what is expected of all.
pub(crate) struct Expectations<'a> {
    /// The access token beside it.
    pub(crate) access_token: Option<&'a str>,
    /// The nonce of the request that it answers.
    pub(crate) nonce: Option<&'a str>,
    /// Seconds that the sign-in may be old.
    pub(crate) max_age: Option<u32>,
    /// The ID token that it follows.
    pub(crate) previous: Option<&'a IdToken>,
}

impl Client {
    /// Verifies an ID token that came from the token endpoint.
    pub(crate) async fn verify_id_token(
        &self,
        text: &str,
        expected: &Expectations<'_>,
    ) -> Result<IdToken, ClientError> {
        let algorithm = self.registration.id_token_algorithm;
        let verified = if algorithm.is_symmetric() {
            let secret = self.registration.authentication.secret().unwrap_or_default();
            let key = VerifyingKey::from_secret(algorithm, secret.as_bytes()).map_err(IdTokenFault::from)?;
            Unverified::parse(text).and_then(|token| token.verify(&key)).map_err(IdTokenFault::from)?
        } else {
            self.keys.verify(self, text).await?
        };
        let (client_id, now) = (self.registration.client_id.as_str(), self.surroundings.clock.now());
        let leeway = self.registration.leeway_seconds;
        // Another kind of token of the same issuer (an access token, a logout token) must not pass for this one.
        let audience = [client_id];
        let general = Expected::new(now)
            .leeway_seconds(leeway)
            .issuer(self.provider.issuer().as_str())
            .audience(&audience)
            .one_of_types_or_none(&["JWT"]);
        verified.meets(&general).map_err(IdTokenFault::from)?;
        let claims: IdTokenClaims<'static> = verified.into_claims();
        check(&claims, client_id, expected)?;
        if expected.access_token.zip(claims.at_hash.as_deref()).is_some_and(|(token, hash)| {
            let own = left_half_hash(algorithm, token);
            !chancery_jose::constant_time_eq(own.as_bytes(), hash.as_bytes())
        }) {
            return Err(IdTokenFault::AccessToken.into());
        }
        if let Some(seconds) = expected.max_age {
            let latest = i64::from(seconds).saturating_add(leeway);
            let signed_in = claims.auth_time.and_then(|at| i64::try_from(at).ok());
            if signed_in.is_none_or(|at| now.saturating_sub(at) > latest) {
                return Err(IdTokenFault::SignInTooOld.into());
            }
        }
        Ok(IdToken { claims, text: text.to_owned() })
    }
}

/// Whose it is, what it answers, and whom it follows.
fn check(claims: &IdTokenClaims<'_>, client_id: &str, expected: &Expectations<'_>) -> Result<(), IdTokenFault> {
    match claims.azp.as_deref() {
        Some(party) if party == client_id => {}
        None if claims.aud.count() == 1 => {}
        Some(_) | None => return Err(IdTokenFault::Party),
    }
    if expected.nonce.is_some() && claims.nonce.as_deref() != expected.nonce {
        return Err(IdTokenFault::Nonce);
    }
    if let Some(previous) = expected.previous {
        let before = previous.claims();
        if claims.sub != before.sub || claims.iss != before.iss {
            return Err(IdTokenFault::Subject);
        }
        if claims.nonce.is_some() && claims.nonce != before.nonce {
            return Err(IdTokenFault::Nonce);
        }
    }
    Ok(())
}
