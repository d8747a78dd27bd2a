//! The refresh token grant: the newest generation of a family is spent for the next.
//!
//! Implements: RFC 6749 §6; RFC 9700 §4.14.2; OpenID Connect Core §12.
//! A client that repeats a rotation inside the realm's retry window gets the same successor, for
//! its first answer may have been lost on the way; anything else that presents a spent token ends
//! the family.

use chancery_spec::credentials::PresentedSecret;
use chancery_spec::grant_type::GrantType;
use chancery_spec::resource::ResourceIndicator;
use chancery_spec::scope::Scope;
use chancery_store::family::{Family, FamilyState};
use chancery_store::user::User;

use super::grant::Grant;
use crate::context::{House, Scene};
use crate::refusal::Refusal;
use crate::steps::approval::{Approval, Change, GrantedBy, RefreshToken};
use crate::steps::audience::{self, Audience};
use crate::steps::client_auth::AuthenticatedClient;
use crate::steps::refresh_token::PresentedRefreshToken;

pub(super) struct Refresh {
    pub(super) refresh_token: PresentedSecret,
    pub(super) scope: Option<Scope>,
    pub(super) resources: Vec<ResourceIndicator>,
}

/// What is known of a refresh token that is certainly ours.
pub(super) struct Facts {
    presented: u32,
    family: Family,
    user: Option<User>,
    audience: Audience,
}

impl Grant for Refresh {
    const TYPE: GrantType = GrantType::RefreshToken;
    type Facts = Facts;

    async fn gather(&self, house: &House, scene: &Scene<'_>, client: &AuthenticatedClient) -> Result<Facts, Refusal> {
        let realm = &scene.realm.name;
        let presented =
            PresentedRefreshToken::parse(self.refresh_token.expose()).ok_or(Refusal::RefreshTokenUnknown)?;
        let family = house.store.family(realm, presented.family).await?.ok_or(Refusal::RefreshTokenUnknown)?;
        let keys = house.keys.of(&*house.store, realm).await?;
        if !presented.is_of(&family, &keys)? {
            return Err(Refusal::RefreshTokenUnknown);
        }
        // Before anything is said about the family: a stranger learns nothing, and ends nothing.
        if family.client != *client.id() {
            return Err(Refusal::RefreshTokenOfAnotherClient);
        }
        let user = house.store.user(realm, family.user).await?;
        let grant = &family.grant;
        let audience =
            audience::of_grant(house, scene, client.client(), &grant.scope, &grant.resources, &self.resources).await?;
        Ok(Facts { presented: presented.generation, family, user, audience })
    }

    fn decide(&self, scene: &Scene<'_>, _client: &AuthenticatedClient, facts: Facts) -> Result<Approval, Refusal> {
        let Facts { presented, family, user, audience } = facts;
        let lifetimes = &scene.realm.settings.lifetimes;
        let FamilyState::Live { generation, rotated_at, .. } = family.state else {
            return Err(Refusal::FamilyEnded);
        };
        if !family.is_live(scene.now) {
            return Err(Refusal::FamilyEnded);
        }
        let window = i64::try_from(lifetimes.refresh_retry_window.saturating_mul(1000)).unwrap_or(i64::MAX);
        let (next, change) = if presented == generation {
            let idle_until = scene.now.plus_seconds(lifetimes.refresh_token_idle);
            let next = generation.checked_add(1).ok_or(Refusal::FamilyEnded)?;
            (next, Change::Rotate { family: family.id, spent: generation, idle_until })
        } else if presented.checked_add(1) == Some(generation) && scene.now.since(rotated_at) <= window {
            (generation, Change::TokenOnly)
        } else if presented < generation {
            return Err(Refusal::RefreshTokenReplayed { family: family.id });
        } else {
            // Ours by its hash, and newer than what is kept: the store was set back. Nothing is known then.
            return Err(Refusal::RefreshTokenUnknown);
        };
        let user = user.ok_or(Refusal::UserInactive)?;
        let granted = &family.grant.scope;
        let scope = match &self.scope {
            Some(asked) if asked.is_subset(granted) => asked.clone(),
            Some(_) => {
                return Err(Refusal::ScopeRefused(
                    "it was not granted in the first place; a refresh may only ask for less",
                ));
            }
            None => granted.clone(),
        };
        Ok(Approval {
            subject: user.id.to_string(),
            scope: audience.limit(&scope),
            granted_scope: scope,
            audience,
            refresh_token: Some(RefreshToken { family: family.id, salt: family.salt, generation: next }),
            person: Some(GrantedBy {
                user,
                authentication: family.grant.authentication,
                session: family.grant.session,
                family: family.id,
                nonce: None,
                claims: family.grant.claims,
            }),
            change,
        })
    }
}
