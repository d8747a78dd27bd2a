//! ID tokens: who signed in, when and how.
//!
//! Implements: OpenID Connect Core §2, §3.1.3.6, §5.4 (claims of scopes go to UserInfo, for there
//! is always an access token beside it), §5.5, §12.2.

use chancery_jose::left_half_hash;
use chancery_spec::audience::Audience;
use chancery_spec::claims::IdTokenClaims;
use chancery_store::client::Client;

use super::numeric_date;
use crate::context::Scene;
use crate::keyring::RealmKeys;
use crate::refusal::Refusal;
use crate::steps::approval::GrantedBy;
use crate::steps::claims;

/// An ID token for `client` about `person`.
///
/// # Errors
/// [`Refusal::SigningKeyMissing`], [`Refusal::KeyUnusable`].
pub fn mint(
    scene: &Scene<'_>,
    keys: &RealmKeys,
    client: &Client,
    person: &GrantedBy,
    access_token: Option<&str>,
) -> Result<String, Refusal> {
    let settings = &scene.realm.settings;
    let algorithm = client.id_token_algorithm.unwrap_or(settings.signing_algorithm);
    let now = numeric_date(scene.now);
    let asked = person.claims.as_ref().and_then(|claims| claims.get("id_token"));
    let claims = IdTokenClaims {
        iss: scene.issuer.as_str().into(),
        sub: person.user.id.to_string().into(),
        aud: Audience::one(client.id.as_str()),
        azp: Some(client.id.as_str().into()),
        exp: now.saturating_add(settings.lifetimes.id_token),
        iat: now,
        auth_time: Some(numeric_date(person.authentication.at)),
        nonce: person.nonce.as_deref().map(Into::into),
        acr: Some(person.authentication.acr.as_str().into()),
        amr: person.authentication.amr.iter().map(|method| method.as_str().into()).collect(),
        sid: Some(person.session.to_string().into()),
        at_hash: access_token.map(|token| left_half_hash(algorithm, token).into()),
        c_hash: None,
        s_hash: None,
        extra: claims::asked_for(&person.user, asked),
    };
    keys.signer(algorithm)?.sign(&claims).map_err(|cause| Refusal::KeyUnusable { cause: cause.to_string() })
}
