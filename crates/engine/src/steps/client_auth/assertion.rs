//! `private_key_jwt` and `client_secret_jwt`: a JWT that only the client can have signed.
//!
//! Implements: RFC 7523 §2.2, §3; OpenID Connect Core §9.
//! The audience is the issuer alone unless the realm says otherwise, as one string: an assertion
//! made for another server cannot be turned against this one (audience injection, 2025).

use std::sync::Arc;

use chancery_jose::{StandardClaims, Unverified, Verified};
use chancery_spec::client_authentication::ClientAuthenticationMethod;
use chancery_store::client::Client;
use chancery_store::id::ClientId;
use chancery_store::secret::SecretDigest;
use chancery_store::settings::AssertionAudience;
use chancery_store::{Commit, Moment, Write};
use serde::Deserialize;

use crate::client_keys;
use crate::context::{House, Scene};
use crate::refusal::Refusal;

/// Seconds that an assertion's end may lie ahead: what must be remembered against replay is bounded.
const LONGEST_LIFE: i64 = 3600;
/// Seconds by which clocks may differ.
const LEEWAY: i64 = 10;

/// What tells whose assertion it is, before anybody vouches for it.
#[derive(Deserialize)]
struct Claimed {
    iss: String,
    sub: String,
}

/// The client that signed `assertion`, and the method this was.
pub(super) async fn prove(
    house: &House,
    scene: &Scene<'_>,
    endpoint: &str,
    assertion: &str,
    stated: Option<&str>,
) -> Result<(Arc<Client>, ClientAuthenticationMethod), Refusal> {
    let unverified = Unverified::parse(assertion).map_err(|_| Refusal::AssertionInvalid("it is not a signed JWT"))?;
    let claimed: Claimed = unverified.peek().map_err(|_| Refusal::AssertionInvalid("iss and sub are required"))?;
    if claimed.iss != claimed.sub || stated.is_some_and(|stated| stated != claimed.sub) {
        return Err(Refusal::AssertionInvalid("iss, sub and client_id must be one and the same"));
    }
    let client = super::find(house, scene, Some(&claimed.sub)).await?;
    let method = client.authentication;
    let verified: Verified<Claimed> = match method {
        ClientAuthenticationMethod::PrivateKeyJwt => client_keys::verify_signed(house, &client, assertion).await?,
        ClientAuthenticationMethod::ClientSecretJwt => {
            client_keys::verify_with_secret(house, scene.now, &client, assertion)?
        }
        ClientAuthenticationMethod::ClientSecretBasic
        | ClientAuthenticationMethod::ClientSecretPost
        | ClientAuthenticationMethod::None
        | ClientAuthenticationMethod::SelfSignedTlsClientAuth
        | ClientAuthenticationMethod::TlsClientAuth => return Err(Refusal::ClientMethodUnexpected),
    };
    let (jti, end) = check(scene, endpoint, verified.standard())?;
    spend(house, scene, &client.id, jti, end).await?;
    Ok((client, method))
}

/// The assertion's `jti` and `exp`, if it is meant for us, and now.
fn check<'c>(scene: &Scene<'_>, endpoint: &str, claims: &'c StandardClaims) -> Result<(&'c str, i64), Refusal> {
    let now = scene.now.seconds();
    let Some(end) = claims.exp.map(|exp| exp.0) else {
        return Err(Refusal::AssertionInvalid("exp is required"));
    };
    if end <= now - LEEWAY {
        return Err(Refusal::AssertionInvalid("it has expired"));
    }
    if end > now + LONGEST_LIFE {
        return Err(Refusal::AssertionInvalid("its exp is more than an hour ahead"));
    }
    if claims.nbf.is_some_and(|nbf| nbf.0 > now + LEEWAY) {
        return Err(Refusal::AssertionInvalid("its nbf lies ahead"));
    }
    if claims.iat.is_some_and(|iat| iat.0 > now + LEEWAY) {
        return Err(Refusal::AssertionInvalid("its iat lies ahead"));
    }
    let Some(jti) = claims.jti.as_deref().filter(|jti| !jti.is_empty()) else {
        return Err(Refusal::AssertionInvalid("jti is required"));
    };
    let names = claims.aud.as_ref().map(chancery_jose::Audience::names).unwrap_or_default();
    let meant_for_us = match scene.realm.settings.assertion_audience {
        AssertionAudience::Issuer => matches!(names, [one] if *one == scene.issuer),
        AssertionAudience::IssuerOrEndpoint => names.iter().any(|one| *one == scene.issuer || one == endpoint),
    };
    if meant_for_us {
        Ok((jti, end))
    } else {
        Err(Refusal::AssertionInvalid("its aud must be this server's issuer identifier, and nothing else"))
    }
}

async fn spend(house: &House, scene: &Scene<'_>, client: &ClientId, jti: &str, end: i64) -> Result<(), Refusal> {
    let write = Write::SpendAssertion {
        realm: scene.realm.name.clone(),
        client: client.clone(),
        jti: SecretDigest::of(jti.as_bytes()),
        until: Moment::from_seconds(end.saturating_add(LEEWAY)),
    };
    match house.store.commit(write, Vec::new()).await? {
        Commit::Done => Ok(()),
        Commit::Lost => Err(Refusal::AssertionReplayed),
    }
}
