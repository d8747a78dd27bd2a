//! Introspection: what a token means now, for those it is meant for.
//!
//! Implements: RFC 7662 §2; RFC 9701 is left out.
//! A caller sees a token that is for it, for a resource it speaks for, or its own; any other is
//! inactive to it, and so is one that does not exist.

use chancery_spec::audience::Audience;
use chancery_spec::claims::ExtraClaims;
use chancery_spec::introspection::{IntrospectionRequest, IntrospectionResponse};
use chancery_spec::params::Params;
use chancery_spec::resource::ResourceIndicator;
use chancery_spec::token_response::TokenType;
use chancery_store::client::Client;
use chancery_store::family::Family;

use crate::access_token::AccessTokenContent;
use crate::context::{House, Scene};
use crate::refusal::Refusal;
use crate::steps::refresh_token::PresentedRefreshToken;
use crate::steps::{bearer, client_auth};

/// The endpoint's path in its realm.
pub const PATH: &str = "/introspect";

/// Answers an introspection request.
///
/// # Errors
/// The reason to say no to the caller; a token that does not count is no error.
pub async fn introspect(
    house: &House,
    scene: &Scene<'_>,
    authorization: Option<&[u8]>,
    body: &[u8],
) -> Result<IntrospectionResponse, Refusal> {
    let mut params = Params::parse(body)?;
    let caller = client_auth::authenticate(house, scene, &scene.url(PATH), authorization, &mut params).await?;
    let caller = caller.confidential()?;
    let request = IntrospectionRequest::parse(params)?;
    let presented = request.token.expose();

    if let Some(token) = PresentedRefreshToken::parse(presented) {
        return refresh_token(house, scene, caller.client(), &token).await;
    }
    let Some(token) = bearer::find(house, scene, presented).await? else {
        return Ok(IntrospectionResponse::inactive());
    };
    if !is_meant_for(house, scene, caller.client(), &token.content).await? {
        return Ok(IntrospectionResponse::inactive());
    }
    let username = token.granted.as_ref().map(|(_, user)| user.username.to_string());
    Ok(describe(&token.content, username))
}

fn describe(content: &AccessTokenContent, username: Option<String>) -> IntrospectionResponse {
    let mut answer = IntrospectionResponse {
        active: true,
        iss: Some(content.iss.clone()),
        sub: Some(content.sub.clone()),
        aud: Audience::of(content.aud.iter().cloned()),
        exp: u64::try_from(content.exp).ok(),
        iat: u64::try_from(content.iat).ok(),
        jti: content.jti.clone(),
        client_id: Some(content.client_id.clone()),
        username,
        scope: (!content.scope.is_empty()).then(|| content.scope.clone()),
        token_type: Some(TokenType::Bearer),
        ..IntrospectionResponse::default()
    };
    let mut extra = ExtraClaims::default();
    for (name, value) in &content.other {
        match (name.as_str(), value) {
            ("auth_time", value) => answer.auth_time = value.as_u64(),
            ("acr", value) => answer.acr = value.as_str().map(str::to_owned),
            ("sid", value) => answer.sid = value.as_str().map(str::to_owned),
            ("amr", value) => {
                let methods = value.as_array().into_iter().flatten();
                answer.amr = methods.filter_map(|method| method.as_str().map(str::to_owned)).collect();
            }
            (name, value) => {
                // A reserved name that is not listed above means nothing here.
                let _reserved = extra.insert(name, value.clone());
            }
        }
    }
    answer.extra = extra;
    answer
}

async fn is_meant_for(
    house: &House,
    scene: &Scene<'_>,
    caller: &Client,
    content: &AccessTokenContent,
) -> Result<bool, Refusal> {
    let own_name = caller.id.as_str();
    if content.client_id == own_name || content.aud.iter().any(|name| name == own_name) {
        return Ok(true);
    }
    for name in &content.aud {
        let Ok(identifier) = ResourceIndicator::parse(name) else { continue };
        if let Some(resource) = house.store.resource(&scene.realm.name, &identifier).await?
            && resource.servers.contains(&caller.id)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A refresh token is its client's own affair, and is described to nobody else.
async fn refresh_token(
    house: &House,
    scene: &Scene<'_>,
    caller: &Client,
    token: &PresentedRefreshToken,
) -> Result<IntrospectionResponse, Refusal> {
    let realm = &scene.realm.name;
    let inactive = Ok(IntrospectionResponse::inactive());
    let Some(family) = house.store.family(realm, token.family).await? else { return inactive };
    let keys = house.keys.of(&*house.store, realm).await?;
    if family.client != caller.id
        || !token.is_of(&family, &keys)?
        || !is_newest(&family, token)
        || !family.is_live(scene.now)
    {
        return inactive;
    }
    let Some(user) = house.store.user(realm, family.user).await? else { return inactive };
    Ok(IntrospectionResponse {
        active: true,
        iss: Some(scene.issuer.clone()),
        sub: Some(user.id.to_string()),
        exp: u64::try_from(family.expires_at.seconds()).ok(),
        iat: u64::try_from(family.created_at.seconds()).ok(),
        client_id: Some(family.client.to_string()),
        username: Some(user.username.to_string()),
        scope: Some(family.grant.scope.clone()),
        ..IntrospectionResponse::default()
    })
}

fn is_newest(family: &Family, token: &PresentedRefreshToken) -> bool {
    match family.state {
        chancery_store::family::FamilyState::Live { generation, .. } => generation == token.generation,
        chancery_store::family::FamilyState::Ended { .. } => false,
    }
}
