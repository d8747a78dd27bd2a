//! An access token of ours, as it stands now: not only whether we signed it, but whether it, its
//! family, its client and its person still count.

use std::sync::Arc;

use chancery_jose::{Unverified, is_same_media_type};
use chancery_store::client::Client;
use chancery_store::family::Family;
use chancery_store::id::{ClientId, FamilyId};
use chancery_store::secret::{Secret, SecretDigest};
use chancery_store::user::User;

use crate::access_token::AccessTokenContent;
use crate::context::{House, Scene};
use crate::keyring::ACCESS_TOKEN_TYP;
use crate::refusal::Refusal;
use crate::steps::issue::access_token::{OPAQUE_PREFIX, family_of};

/// An access token that counts now.
pub struct LiveToken {
    /// What it says.
    pub content: Arc<AccessTokenContent>,
    /// Who asked for it.
    pub client: Arc<Client>,
    /// The person who granted it, and what they granted; none for a client's own token.
    pub granted: Option<(Family, User)>,
    /// How it can be revoked.
    pub handle: TokenHandle,
}

/// How a token is named in the store.
#[derive(Clone, Debug)]
pub enum TokenHandle {
    /// By the digest of its `jti`.
    Jwt {
        /// The digest.
        jti: SecretDigest,
    },
    /// By its own digest.
    Opaque {
        /// The digest.
        digest: SecretDigest,
    },
}

/// The access token that `presented` is, if it counts now.
///
/// # Errors
/// Only where the question could not be answered; a token that does not count is no error.
pub async fn find(house: &House, scene: &Scene<'_>, presented: &str) -> Result<Option<LiveToken>, Refusal> {
    let realm = &scene.realm.name;
    let digest = Secret::presented(presented).digest();
    let (content, family, handle) = if presented.starts_with(OPAQUE_PREFIX) {
        let Some(record) = house.store.opaque_token(realm, &digest).await? else { return Ok(None) };
        let content = AccessTokenContent {
            iss: scene.issuer.clone(),
            sub: record.content.subject,
            aud: record.content.audience,
            client_id: record.client.to_string(),
            scope: record.content.scope,
            exp: record.expires_at.seconds(),
            iat: record.issued_at.seconds(),
            jti: None,
            other: record.content.other,
        };
        (Arc::new(content), record.family, TokenHandle::Opaque { digest })
    } else {
        let Some(content) = verified(house, scene, presented, digest).await? else { return Ok(None) };
        let Some(jti) = content.jti.as_deref() else { return Ok(None) };
        let jti_digest = SecretDigest::of(jti.as_bytes());
        if house.store.is_denied(realm, &jti_digest).await? {
            return Ok(None);
        }
        let family = family_of(jti);
        (content, family, TokenHandle::Jwt { jti: jti_digest })
    };
    if content.exp <= scene.now.seconds() {
        return Ok(None);
    }
    let Ok(client) = ClientId::parse(&content.client_id) else { return Ok(None) };
    let Some(client) = house.store.client(realm, &client).await? else { return Ok(None) };
    let granted = match family {
        None => None,
        Some(family) => match grant(house, scene, family).await? {
            Some(granted) => Some(granted),
            None => return Ok(None),
        },
    };
    Ok(Some(LiveToken { content, client, granted, handle }))
}

/// What one of our keys signed as an access token of this realm.
async fn verified(
    house: &House,
    scene: &Scene<'_>,
    presented: &str,
    digest: SecretDigest,
) -> Result<Option<Arc<AccessTokenContent>>, Refusal> {
    let keys = house.keys.of(&*house.store, &scene.realm.name).await?;
    if let Some(content) = house.seen.find(&digest, &keys) {
        return Ok(Some(content));
    }
    let Ok(unverified) = Unverified::parse(presented) else { return Ok(None) };
    // An ID token, or anything else that we sign, is not an access token (RFC 9068 §4).
    if !unverified.header().typ().is_some_and(|typ| is_same_media_type(typ, ACCESS_TOKEN_TYP)) {
        return Ok(None);
    }
    let Some(content) = keys.verify::<AccessTokenContent>(unverified) else { return Ok(None) };
    if content.iss != scene.issuer {
        return Ok(None);
    }
    let content = Arc::new(content);
    house.seen.keep(digest, keys, content.clone());
    Ok(Some(content))
}

async fn grant(house: &House, scene: &Scene<'_>, family: FamilyId) -> Result<Option<(Family, User)>, Refusal> {
    let realm = &scene.realm.name;
    let Some(family) = house.store.family(realm, family).await? else { return Ok(None) };
    if !family.is_live(scene.now) {
        return Ok(None);
    }
    let Some(user) = house.store.user(realm, family.user).await? else { return Ok(None) };
    Ok(Some((family, user)))
}
