//! Revocation: a client gives a token back.
//!
//! Implements: RFC 7009 §2. A refresh token takes its whole family with it (§2.1).

use chancery_spec::params::Params;
use chancery_spec::revocation::RevocationRequest;
use chancery_store::token::DeniedToken;
use chancery_store::{Commit, Moment, Write};
use serde_json::json;

use crate::audit;
use crate::context::{House, Scene};
use crate::refusal::Refusal;
use crate::steps::bearer::{self, TokenHandle};
use crate::steps::client_auth::{self, AuthenticatedClient};
use crate::steps::refresh_token::PresentedRefreshToken;

/// The endpoint's path in its realm.
pub const PATH: &str = "/revoke";

/// Answers a revocation request. A token that does not count any more is as revoked as can be (§2.2).
///
/// # Errors
/// The reason to say no.
pub async fn revoke(
    house: &House,
    scene: &Scene<'_>,
    authorization: Option<&[u8]>,
    body: &[u8],
) -> Result<(), Refusal> {
    let mut params = Params::parse(body)?;
    let client = client_auth::authenticate(house, scene, &scene.url(PATH), authorization, &mut params).await?;
    let request = RevocationRequest::parse(params)?;
    let presented = request.token.expose();
    let write = match PresentedRefreshToken::parse(presented) {
        Some(token) => end_family(house, scene, &client, &token).await?,
        None => end_access_token(house, scene, &client, presented).await?,
    };
    let Some((write, what)) = write else { return Ok(()) };
    let event = audit::event(scene, "token.revoked", Some(client.id()), None, json!({ "token": what }));
    match house.store.commit(write, vec![event]).await? {
        Commit::Done | Commit::Lost => Ok(()),
    }
}

type Revocation = Option<(Write, &'static str)>;

async fn end_family(
    house: &House,
    scene: &Scene<'_>,
    client: &AuthenticatedClient,
    token: &PresentedRefreshToken,
) -> Result<Revocation, Refusal> {
    let realm = &scene.realm.name;
    let Some(family) = house.store.family(realm, token.family).await? else { return Ok(None) };
    let keys = house.keys.of(&*house.store, realm).await?;
    if !token.is_of(&family, &keys)? {
        return Ok(None);
    }
    if family.client != *client.id() {
        return Err(Refusal::TokenOfAnotherClient);
    }
    let write = Write::EndFamily { realm: realm.clone(), family: family.id, at: scene.now };
    Ok(Some((write, "refresh_token")))
}

async fn end_access_token(
    house: &House,
    scene: &Scene<'_>,
    client: &AuthenticatedClient,
    presented: &str,
) -> Result<Revocation, Refusal> {
    let Some(token) = bearer::find(house, scene, presented).await? else { return Ok(None) };
    if token.client.id != *client.id() {
        return Err(Refusal::TokenOfAnotherClient);
    }
    let realm = scene.realm.name.clone();
    let write = match token.handle {
        TokenHandle::Jwt { jti } => {
            Write::DenyToken(DeniedToken { realm, jti, until: Moment::from_seconds(token.content.exp) })
        }
        TokenHandle::Opaque { digest } => Write::DropOpaqueToken { realm, digest },
    };
    Ok(Some((write, "access_token")))
}
