//! The one mint: every token that leaves is made here, from an approval.

pub mod access_token;
pub mod id_token;

use chancery_spec::scope;
use chancery_spec::token_response::{TokenResponse, TokenType};
use chancery_store::Moment;
use chancery_store::client::Client;
use chancery_store::resource::TokenFormat;
use chancery_store::token::OpaqueToken;

use crate::context::Scene;
use crate::keyring::RealmKeys;
use crate::refusal::Refusal;
use crate::steps::approval::Approval;
use crate::steps::refresh_token;

/// What was made.
pub struct Minted {
    /// The answer that carries it.
    pub response: TokenResponse,
    /// The access token's record, where it is opaque: to be kept before the answer leaves.
    pub opaque: Option<OpaqueToken>,
    /// The `jti` of the access token, where it is a JWT.
    pub jti: Option<String>,
}

/// Makes what was approved.
///
/// # Errors
/// [`Refusal::SigningKeyMissing`], [`Refusal::KeyUnusable`].
pub fn mint(scene: &Scene<'_>, keys: &RealmKeys, client: &Client, approval: &Approval) -> Result<Minted, Refusal> {
    let (access_token, opaque, jti) = match approval.audience.format {
        TokenFormat::Jwt => {
            let (token, jti) = access_token::jwt(scene, keys, client, approval)?;
            (token, None, Some(jti))
        }
        TokenFormat::Opaque => {
            let (token, record) = access_token::opaque(scene, client, approval);
            (token, Some(record), None)
        }
    };
    let id_token = match &approval.person {
        Some(person) if approval.granted_scope.contains(scope::OPENID) => {
            Some(id_token::mint(scene, keys, client, person, Some(&access_token))?)
        }
        Some(_) | None => None,
    };
    let refresh_token = match &approval.refresh_token {
        Some(token) => {
            Some(refresh_token::mint(keys, &scene.realm.name, token.family, &token.salt, token.generation)?.into_wire())
        }
        None => None,
    };
    let response = TokenResponse {
        expires_in: Some(approval.audience.lifetime),
        refresh_token,
        scope: (!approval.scope.is_empty()).then(|| approval.scope.clone()),
        id_token,
        ..TokenResponse::new(access_token, TokenType::Bearer)
    };
    Ok(Minted { response, opaque, jti })
}

/// Seconds since the epoch, as tokens write it (RFC 7519 §2).
fn numeric_date(moment: Moment) -> u64 {
    u64::try_from(moment.seconds()).unwrap_or(0)
}
