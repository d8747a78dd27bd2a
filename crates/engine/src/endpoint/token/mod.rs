//! The token endpoint: one road from request bytes to tokens.
//!
//! Implements: RFC 6749 §3.2, §5; OpenID Connect Core §3.1.3.

mod authorization_code;
mod client_credentials;
pub mod grant;
mod refresh_token;

use chancery_spec::params::Params;
use chancery_spec::token_request::TokenRequest;
use chancery_spec::token_response::TokenResponse;
use chancery_store::{Commit, Write};

use crate::audit;
use crate::context::{House, Scene};
use crate::refusal::Refusal;
use crate::steps::client_auth::{self, AuthenticatedClient};
use crate::steps::issue;
use grant::Grant;

/// The endpoint's path in its realm.
pub const PATH: &str = "/token";

/// How often a lost race is read and decided again. Each loss means that another request made
/// progress, and after one of them the facts are such that no write is needed.
const ATTEMPTS: usize = 16;

/// Answers a token request.
///
/// # Errors
/// The reason to say no; its consequences are committed.
pub async fn token(
    house: &House,
    scene: &Scene<'_>,
    authorization: Option<&[u8]>,
    body: &[u8],
) -> Result<TokenResponse, Refusal> {
    let mut params = Params::parse(body)?;
    let client = client_auth::authenticate(house, scene, &scene.url(PATH), authorization, &mut params).await?;
    match TokenRequest::parse(params)? {
        TokenRequest::AuthorizationCode { code, redirect_uri, code_verifier, resources } => {
            let grant = authorization_code::Redemption { code, redirect_uri, code_verifier, resources };
            run(house, scene, &client, &grant).await
        }
        TokenRequest::ClientCredentials { scope, resources } => {
            run(house, scene, &client, &client_credentials::Own { scope, resources }).await
        }
        TokenRequest::RefreshToken { refresh_token, scope, resources } => {
            run(house, scene, &client, &refresh_token::Refresh { refresh_token, scope, resources }).await
        }
    }
}

async fn run<G: Grant>(
    house: &House,
    scene: &Scene<'_>,
    client: &AuthenticatedClient,
    grant: &G,
) -> Result<TokenResponse, Refusal> {
    if !client.client().may_use(G::TYPE) {
        return Err(Refusal::ClientLacksGrant);
    }
    let realm = &scene.realm.name;
    for _ in 0..ATTEMPTS {
        let facts = grant.gather(house, scene, client).await?;
        let approval = match grant.decide(scene, client, facts) {
            Ok(approval) => approval,
            Err(refusal) => {
                if let Some(write) = refusal.consequence(realm, scene.now) {
                    let event = audit::refused(scene, client.id(), &refusal);
                    // Lost here means that it has ended already.
                    let _ended: Commit = house.store.commit(write, vec![event]).await?;
                }
                return Err(refusal);
            }
        };
        let keys = house.keys.of(&*house.store, realm).await?;
        let minted = issue::mint(scene, &keys, client.client(), &approval)?;
        let events = if scene.realm.settings.audit_every_token {
            vec![audit::issued(scene, client.id(), G::TYPE, &approval.subject, &minted)]
        } else {
            Vec::new()
        };
        let write = approval.change.into_write(realm, scene.now, minted.opaque);
        let write = write.or_else(|| (!events.is_empty()).then_some(Write::Record));
        let Some(write) = write else { return Ok(minted.response) };
        if house.store.commit(write, events).await? == Commit::Done {
            return Ok(minted.response);
        }
        // Lost a race: the facts have changed, so read them and decide again.
    }
    Err(Refusal::RaceLost)
}
