//! The client credentials grant: a client acts for itself.
//!
//! Implements: RFC 6749 §4.4; RFC 8707 §2.2; RFC 9068 §2.2.
//! No refresh token is ever issued (RFC 6749 §4.4.3).

use chancery_spec::grant_type::GrantType;
use chancery_spec::resource::ResourceIndicator;
use chancery_spec::scope::Scope;
use chancery_store::client::Client;

use super::grant::Grant;
use crate::context::{House, Scene};
use crate::refusal::Refusal;
use crate::steps::approval::{Approval, Change};
use crate::steps::audience::{self, Audience, is_identity_scope};
use crate::steps::client_auth::AuthenticatedClient;

pub(super) struct Own {
    pub(super) scope: Option<Scope>,
    pub(super) resources: Vec<ResourceIndicator>,
}

impl Grant for Own {
    const TYPE: GrantType = GrantType::ClientCredentials;
    type Facts = Audience;

    async fn gather(
        &self,
        house: &House,
        scene: &Scene<'_>,
        client: &AuthenticatedClient,
    ) -> Result<Audience, Refusal> {
        let resources = targets(client.client(), &self.resources)?;
        audience::resolve(house, scene, client.client(), resources).await
    }

    fn decide(&self, scene: &Scene<'_>, client: &AuthenticatedClient, audience: Audience) -> Result<Approval, Refusal> {
        let client = client.client();
        if client.is_public() {
            // RFC 6749 §4.4: confidential clients only.
            return Err(Refusal::ClientNotConfidential);
        }
        let scope = match &self.scope {
            Some(asked) => {
                if !asked.is_subset(&client.scope) {
                    return Err(Refusal::ScopeRefused("the client is not registered for all of it"));
                }
                if asked.iter().any(|token| is_identity_scope(token.as_str())) {
                    return Err(Refusal::ScopeRefused(
                        "openid and its like need a person; a client that acts for itself cannot have them",
                    ));
                }
                asked.filtered(|token| scene.realm.scope(token).is_some())
            }
            None => client.scope.filtered(|token| !is_identity_scope(token) && scene.realm.scope(token).is_some()),
        };
        Ok(Approval {
            subject: client.subject.clone().unwrap_or_else(|| client.id.as_str().to_owned()),
            scope: audience.limit(&scope),
            granted_scope: scope,
            audience,
            person: None,
            refresh_token: None,
            change: Change::TokenOnly,
        })
    }
}

/// The resources asked for, if the client may have them; its only one where it asks for none.
fn targets<'a>(client: &'a Client, asked: &'a [ResourceIndicator]) -> Result<&'a [ResourceIndicator], Refusal> {
    if !asked.iter().all(|resource| client.resources.contains(resource)) {
        return Err(Refusal::TargetRefused("the client is not registered for it"));
    }
    match (asked, client.resources.as_slice()) {
        ([], [only]) => Ok(std::slice::from_ref(only)),
        (asked, _) => Ok(asked),
    }
}
