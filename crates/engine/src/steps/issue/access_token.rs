//! Access tokens: JWTs that say what they allow, or opaque ones that only we can read.
//!
//! Implements: RFC 9068 §2; RFC 6750.

use std::borrow::Cow;

use chancery_jose::base64url_encode;
use chancery_spec::audience::Audience;
use chancery_spec::claims::{AccessTokenClaims, ExtraClaims};
use chancery_store::client::Client;
use chancery_store::id::FamilyId;
use chancery_store::secret::Secret;
use chancery_store::token::{OpaqueContent, OpaqueToken};

use super::numeric_date;
use crate::context::Scene;
use crate::keyring::RealmKeys;
use crate::refusal::Refusal;
use crate::steps::approval::Approval;

/// What an opaque access token begins with: scanners for leaked secrets find it by that.
pub const OPAQUE_PREFIX: &str = "at-";

/// A signed access token and its `jti`.
pub(super) fn jwt(
    scene: &Scene<'_>,
    keys: &RealmKeys,
    client: &Client,
    approval: &Approval,
) -> Result<(String, String), Refusal> {
    let now = numeric_date(scene.now);
    let jti = jti(scene, approval.person.as_ref().map(|person| person.family));
    let sid = approval.person.as_ref().map(|person| person.session.to_string());
    let authentication = approval.person.as_ref().map(|person| &person.authentication);
    let names = approval.audience.names.iter().map(String::as_str);
    let claims = AccessTokenClaims {
        iss: scene.issuer.as_str().into(),
        sub: approval.subject.as_str().into(),
        aud: Audience::of(names).unwrap_or(Audience::one(scene.issuer.as_str())),
        exp: now.saturating_add(approval.audience.lifetime),
        iat: now,
        jti: jti.as_str().into(),
        client_id: client.id.as_str().into(),
        scope: (!approval.scope.is_empty()).then_some(Cow::Borrowed(&approval.scope)),
        nbf: None,
        auth_time: authentication.map(|authentication| numeric_date(authentication.at)),
        acr: authentication.map(|authentication| authentication.acr.as_str().into()),
        amr: authentication
            .map(|one| one.amr.iter().map(|method| method.as_str().into()).collect())
            .unwrap_or_default(),
        sid: sid.map(Into::into),
        cnf: None,
        act: None,
        extra: ExtraClaims::default(),
    };
    let signer = keys.access_token_signer(approval.audience.algorithm)?;
    let token = signer.sign(&claims).map_err(|cause| Refusal::KeyUnusable { cause: cause.to_string() })?;
    Ok((token, jti))
}

/// An opaque access token and what is kept of it.
pub(super) fn opaque(scene: &Scene<'_>, client: &Client, approval: &Approval) -> (String, OpaqueToken) {
    let token = format!("{OPAQUE_PREFIX}{}", scene.secret().into_wire());
    let mut other = serde_json::Map::new();
    if let Some(person) = &approval.person {
        other.insert("sid".to_owned(), person.session.to_string().into());
        other.insert("auth_time".to_owned(), person.authentication.at.seconds().into());
        other.insert("acr".to_owned(), person.authentication.acr.clone().into());
        other.insert("amr".to_owned(), person.authentication.amr.clone().into());
    }
    let record = OpaqueToken {
        realm: scene.realm.name.clone(),
        digest: Secret::presented(token.as_str()).digest(),
        client: client.id.clone(),
        family: approval.person.as_ref().map(|person| person.family),
        content: OpaqueContent {
            subject: approval.subject.clone(),
            audience: approval.audience.names.clone(),
            scope: approval.scope.clone(),
            other,
        },
        issued_at: scene.now,
        expires_at: scene.now.plus_seconds(approval.audience.lifetime),
    };
    (token, record)
}

/// A token's name. One that belongs to a family begins with the family's, so that it dies with it.
fn jti(scene: &Scene<'_>, family: Option<FamilyId>) -> String {
    match family {
        Some(family) => format!("{family}.{}", base64url_encode(&scene.chance::<16>())),
        None => base64url_encode(&scene.chance::<32>()),
    }
}

/// The family that a `jti` names.
#[must_use]
pub fn family_of(jti: &str) -> Option<FamilyId> {
    FamilyId::parse(jti.split_once('.')?.0)
}
