//! For whom a token is: the resources asked for, and what they say about their tokens.
//!
//! Implements: RFC 8707 §2, RFC 9068 §3.

use chancery_jose::SignatureAlgorithm;
use chancery_spec::resource::ResourceIndicator;
use chancery_spec::scope::{self, Scope};
use chancery_store::client::Client;
use chancery_store::resource::TokenFormat;

use crate::context::{House, Scene};
use crate::refusal::Refusal;

/// For whom a token is, and what it looks like.
#[derive(Clone, Debug)]
pub struct Audience {
    /// The `aud` members.
    pub names: Vec<String>,
    /// What the token looks like.
    pub format: TokenFormat,
    /// Seconds that it lives.
    pub lifetime: u64,
    /// What it is signed with.
    pub algorithm: SignatureAlgorithm,
    /// The only scopes that mean something there; all where absent.
    pub scope: Option<Scope>,
}

impl Audience {
    /// What of `granted` the token may carry.
    #[must_use]
    pub fn limit(&self, granted: &Scope) -> Scope {
        match &self.scope {
            Some(known) => granted.intersection(known),
            None => granted.clone(),
        }
    }
}

/// The audience made of `resources`, or the realm's default one where there are none.
///
/// # Errors
/// [`Refusal::TargetRefused`] for a resource that is unknown or disabled, or for several that
/// want different tokens.
pub async fn resolve(
    house: &House,
    scene: &Scene<'_>,
    client: &Client,
    resources: &[ResourceIndicator],
) -> Result<Audience, Refusal> {
    let settings = &scene.realm.settings;
    let longest = client.access_token_lifetime.unwrap_or(u64::MAX).min(settings.lifetimes.access_token);
    let mut audience = Audience {
        names: Vec::with_capacity(resources.len().max(1)),
        format: TokenFormat::Jwt,
        lifetime: longest,
        algorithm: settings.signing_algorithm,
        scope: None,
    };
    if resources.is_empty() {
        audience.names.push(settings.default_audience.clone().unwrap_or_else(|| scene.issuer.clone()));
        return Ok(audience);
    }
    for (index, identifier) in resources.iter().enumerate() {
        let resource = house
            .store
            .resource(&scene.realm.name, identifier)
            .await?
            .ok_or(Refusal::TargetRefused("it is not known here"))?;
        let algorithm = resource.signing_algorithm.unwrap_or(settings.signing_algorithm);
        if index > 0 && (algorithm != audience.algorithm || resource.token_format != audience.format) {
            return Err(Refusal::TargetRefused("these want different kinds of token; ask for one at a time"));
        }
        audience.algorithm = algorithm;
        audience.format = resource.token_format;
        audience.lifetime = audience.lifetime.min(resource.access_token_lifetime.unwrap_or(u64::MAX));
        if !resource.scope.is_empty() {
            let known = audience.scope.take().unwrap_or_default();
            audience.scope = Some(known.union(&resource.scope));
        }
        audience.names.push(identifier.as_str().to_owned());
    }
    Ok(audience)
}

/// The audience of a token that a person granted: the resources `asked` for now, or all that were
/// granted. Asked for none in particular, a sign-in's token is good for UserInfo beside them.
///
/// # Errors
/// As [`resolve`]; [`Refusal::TargetRefused`] too for a resource that was not granted.
pub async fn of_grant(
    house: &House,
    scene: &Scene<'_>,
    client: &Client,
    granted: &Scope,
    granted_resources: &[ResourceIndicator],
    asked: &[ResourceIndicator],
) -> Result<Audience, Refusal> {
    if !asked.iter().all(|resource| granted_resources.contains(resource)) {
        return Err(Refusal::TargetRefused("it was not granted in the first place"));
    }
    let resources = if asked.is_empty() { granted_resources } else { asked };
    let mut audience = resolve(house, scene, client, resources).await?;
    if asked.is_empty() && granted.contains(scope::OPENID) && !audience.names.contains(&scene.issuer) {
        audience.names.push(scene.issuer.clone());
        if let Some(known) = &mut audience.scope {
            *known = known.union(&granted.filtered(is_identity_scope));
        }
    }
    Ok(audience)
}

/// Whether this scope speaks of a person (OpenID Connect Core §3.1.2.1, §5.4, §11).
#[must_use]
pub fn is_identity_scope(token: &str) -> bool {
    [scope::OPENID, scope::PROFILE, scope::EMAIL, scope::ADDRESS, scope::PHONE, scope::OFFLINE_ACCESS].contains(&token)
}
