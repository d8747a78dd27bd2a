//! The authorization code grant: a code becomes a token family.
//!
//! Implements: RFC 6749 §4.1.3–4.1.4; RFC 7636 §4.6; RFC 8707 §2.2; OpenID Connect Core §3.1.3.

use chancery_spec::credentials::PresentedSecret;
use chancery_spec::grant_type::GrantType;
use chancery_spec::pkce::CodeVerifier;
use chancery_spec::resource::ResourceIndicator;
use chancery_spec::scope;
use chancery_store::code::{Code, CodeState};
use chancery_store::family::{Family, FamilyGrant, FamilySalt, FamilyState};
use chancery_store::secret::{Secret, SecretDigest};
use chancery_store::session::Session;
use chancery_store::user::User;

use super::grant::Grant;
use crate::context::{House, Scene};
use crate::refusal::Refusal;
use crate::steps::approval::{Approval, Change, GrantedBy, RefreshToken};
use crate::steps::audience::{self, Audience};
use crate::steps::client_auth::AuthenticatedClient;

pub(super) struct Redemption {
    pub(super) code: PresentedSecret,
    pub(super) redirect_uri: Option<String>,
    pub(super) code_verifier: Option<CodeVerifier>,
    pub(super) resources: Vec<ResourceIndicator>,
}

/// What is known of a code.
pub(super) struct Facts {
    code: Code,
    session: Option<Session>,
    user: Option<User>,
    audience: Audience,
}

impl Redemption {
    fn digest(&self) -> SecretDigest {
        Secret::presented(self.code.expose()).digest()
    }
}

impl Grant for Redemption {
    const TYPE: GrantType = GrantType::AuthorizationCode;
    type Facts = Facts;

    async fn gather(&self, house: &House, scene: &Scene<'_>, client: &AuthenticatedClient) -> Result<Facts, Refusal> {
        let realm = &scene.realm.name;
        let code = house.store.code(realm, &self.digest()).await?.ok_or(Refusal::CodeUnknown)?;
        let session = house.store.session_named(realm, code.grant.session).await?;
        let user = house.store.user(realm, code.grant.user).await?;
        let grant = &code.grant;
        let audience =
            audience::of_grant(house, scene, client.client(), &grant.scope, &grant.resources, &self.resources).await?;
        Ok(Facts { code, session, user, audience })
    }

    fn decide(&self, scene: &Scene<'_>, client: &AuthenticatedClient, facts: Facts) -> Result<Approval, Refusal> {
        let Facts { code, session, user, audience } = facts;
        // Before the replay check, so that a stranger who holds a spent code ends nobody's family.
        if code.client != *client.id() {
            return Err(Refusal::CodeOfAnotherClient);
        }
        match code.state {
            CodeState::Redeemed { family } => return Err(Refusal::CodeReplayed { family }),
            CodeState::Open { until } if scene.now.is_past(until) => return Err(Refusal::CodeExpired),
            CodeState::Open { .. } => {}
        }
        if code.grant.redirect_uri.as_deref() != self.redirect_uri.as_deref()
            && (code.grant.redirect_uri.is_some() || self.redirect_uri.is_some())
        {
            return Err(Refusal::RedirectMismatch);
        }
        match (&code.grant.challenge, &self.code_verifier) {
            (Some(challenge), Some(verifier)) if challenge.admits(verifier) => {}
            (Some(_), Some(_)) => return Err(Refusal::VerifierMismatch),
            (Some(_), None) => return Err(Refusal::VerifierMissing),
            (None, Some(_)) => return Err(Refusal::VerifierUnexpected),
            (None, None) => {}
        }
        if !session.is_some_and(|session| session.is_live(scene.now)) {
            return Err(Refusal::SessionEnded);
        }
        let user = user.ok_or(Refusal::UserInactive)?;

        let lifetimes = &scene.realm.settings.lifetimes;
        let grant = code.grant;
        let family = Family {
            realm: scene.realm.name.clone(),
            id: scene.id(),
            client: client.id().clone(),
            user: user.id,
            session: (!grant.scope.contains(scope::OFFLINE_ACCESS)).then_some(grant.session),
            grant: FamilyGrant {
                scope: grant.scope.clone(),
                resources: grant.resources,
                authentication: grant.authentication.clone(),
                session: grant.session,
                claims: grant.claims.clone(),
            },
            salt: FamilySalt(scene.chance()),
            created_at: scene.now,
            expires_at: scene.now.plus_seconds(lifetimes.refresh_token),
            state: FamilyState::Live {
                generation: 0,
                rotated_at: scene.now,
                idle_until: scene.now.plus_seconds(lifetimes.refresh_token_idle),
            },
        };
        let refresh_token = client.client().may_use(GrantType::RefreshToken).then_some(RefreshToken {
            family: family.id,
            salt: family.salt,
            generation: 0,
        });
        Ok(Approval {
            subject: user.id.to_string(),
            scope: audience.limit(&grant.scope),
            granted_scope: grant.scope,
            audience,
            person: Some(GrantedBy {
                user,
                authentication: grant.authentication,
                session: grant.session,
                family: family.id,
                nonce: grant.nonce,
                claims: grant.claims,
            }),
            refresh_token,
            change: Change::Redeem { code: code.digest, family: Box::new(family) },
        })
    }
}
