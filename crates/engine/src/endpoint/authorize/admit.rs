//! Admission: may this client ask this, and where does the answer go?
//!
//! Only this module makes a [`TrustedRedirect`]. Until there is one, nobody is sent anywhere
//! (RFC 6749 §4.1.2.1, RFC 9700 §4.11).

use std::sync::Arc;

use chancery_jose::{Unverified, is_same_media_type};
use chancery_spec::authorization_request::{AuthorizationRequest, Destination, RequestObject};
use chancery_spec::authorization_response::{AuthorizationResponse, Granted, Outcome};
use chancery_spec::error::ErrorResponse;
use chancery_spec::grant_type::GrantType;
use chancery_spec::issuer::Issuer;
use chancery_spec::params::{Malformed, Params};
use chancery_spec::pkce::{CodeChallenge, CodeChallengeMethod};
use chancery_spec::redirect_uri::{append_fragment, append_query};
use chancery_spec::response_mode::ResponseMode;
use chancery_spec::response_type::ResponseType;
use chancery_spec::scope::{self, Scope};
use chancery_store::client::Client;
use chancery_store::id::ClientId;
use chancery_store::pending::AdmittedAuthorization;
use chancery_store::settings::PkcePolicy;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::context::{House, Scene};
use crate::keyring::ACCESS_TOKEN_TYP;
use crate::refusal::Refusal;
use crate::steps::audience::{self, is_identity_scope};

/// Why a request is not answered as the client hoped.
#[derive(Debug)]
pub enum Unanswered {
    /// The person is told, and goes nowhere.
    Page(Refusal),
    /// The client is told, by this redirect.
    Redirect {
        /// Where the browser goes.
        location: String,
        /// The reason, for the log.
        refusal: Refusal,
    },
}

/// A redirect URI found among the client's registered ones. Only this module makes one, and only
/// its holder may send the browser away.
pub struct TrustedRedirect {
    uri: String,
    mode: ResponseMode,
    state: Option<String>,
    issuer: String,
}

impl TrustedRedirect {
    /// The URL that tells the client why not.
    #[must_use]
    pub fn refuse(&self, refusal: Refusal) -> Unanswered {
        let error = ErrorResponse {
            error: refusal.code(),
            error_description: Some(refusal.description().into_owned()),
            error_uri: None,
        };
        Unanswered::Redirect { location: self.location(Outcome::Error(error)), refusal }
    }

    /// The URL that carries what was granted.
    #[must_use]
    pub fn grant(&self, granted: Granted) -> String {
        self.location(Outcome::Granted(granted))
    }

    fn location(&self, outcome: Outcome) -> String {
        let response =
            AuthorizationResponse { outcome, state: self.state.clone(), iss: Issuer::parse(&self.issuer).ok() };
        let pairs = response.parameters();
        match self.mode {
            ResponseMode::Fragment => append_fragment(&self.uri, pairs),
            // The others are not admitted yet; an answer in the query is what an error then is.
            ResponseMode::FormPost
            | ResponseMode::FormPostJwt
            | ResponseMode::FragmentJwt
            | ResponseMode::Jwt
            | ResponseMode::Query
            | ResponseMode::QueryJwt => append_query(&self.uri, pairs),
        }
    }
}

/// A request that may be put to a person.
pub struct Admitted {
    /// Who asks.
    pub client: Arc<Client>,
    /// What is asked.
    pub request: AdmittedAuthorization,
    /// Where the answer goes.
    pub redirect: TrustedRedirect,
}

/// Admits a request, or says why not.
///
/// # Errors
/// A page before the redirect URI is trusted, a redirect afterwards.
pub async fn admit(house: &House, scene: &Scene<'_>, mut params: Params) -> Result<Admitted, Unanswered> {
    let destination = Destination::take(&mut params).map_err(|malformed| Unanswered::Page(malformed.into()))?;
    let client = find(house, scene, &destination.client_id).await.map_err(Unanswered::Page)?;
    let uri = trusted_uri(&client, destination.redirect_uri.as_deref()).map_err(Unanswered::Page)?;
    let redirect = TrustedRedirect {
        uri,
        mode: destination.error_mode(),
        state: destination.state.clone(),
        issuer: scene.issuer.clone(),
    };
    let was_sent = destination.redirect_uri.is_some();
    match examine(house, scene, &client, &redirect.uri, was_sent, params).await {
        Ok(request) => Ok(Admitted { client, request, redirect }),
        Err(refusal) => Err(redirect.refuse(refusal)),
    }
}

/// Admits a request that waited: the client may have been disabled or changed meanwhile.
///
/// # Errors
/// A page; what was trusted then is not trusted any more.
pub async fn again(house: &House, scene: &Scene<'_>, request: &AdmittedAuthorization) -> Result<Admitted, Unanswered> {
    let client = find(house, scene, request.client.as_str()).await.map_err(Unanswered::Page)?;
    let uri = trusted_uri(&client, Some(&request.redirect_uri)).map_err(Unanswered::Page)?;
    let redirect = TrustedRedirect {
        uri,
        mode: request.response_mode,
        state: request.state.clone(),
        issuer: scene.issuer.clone(),
    };
    let mut request = request.clone();
    request.scope = request.scope.intersection(&client.scope);
    Ok(Admitted { client, request, redirect })
}

async fn find(house: &House, scene: &Scene<'_>, stated: &str) -> Result<Arc<Client>, Refusal> {
    let id = ClientId::parse(stated).map_err(|_| Refusal::ClientUnknown)?;
    house.store.client(&scene.realm.name, &id).await?.ok_or(Refusal::ClientUnknown)
}

fn trusted_uri(client: &Client, stated: Option<&str>) -> Result<String, Refusal> {
    match (stated, client.redirect_uris.as_slice()) {
        (Some(stated), registered) => {
            let known = registered.iter().any(|uri| uri.matches(stated));
            if known { Ok(stated.to_owned()) } else { Err(Refusal::RedirectUnregistered) }
        }
        (None, [only]) => Ok(only.as_str().to_owned()),
        (None, _) => Err(Refusal::RedirectMissing),
    }
}

async fn examine(
    house: &House,
    scene: &Scene<'_>,
    client: &Client,
    uri: &str,
    was_sent: bool,
    params: Params,
) -> Result<AdmittedAuthorization, Refusal> {
    let asked = AuthorizationRequest::parse(params)?;
    match asked.request_object {
        RequestObject::Absent => {}
        RequestObject::Value(_) => return Err(Refusal::RequestObjectUnsupported),
        RequestObject::Reference(_) => return Err(Refusal::RequestUriUnsupported),
    }
    if asked.response_type != ResponseType::Code {
        return Err(Refusal::ResponseTypeUnsupported);
    }
    if !client.response_types.contains(&asked.response_type) || !client.may_use(GrantType::AuthorizationCode) {
        return Err(Refusal::ClientLacksResponseType);
    }
    let mode = asked.reply_mode();
    if !matches!(mode, ResponseMode::Query | ResponseMode::Fragment) {
        return Err(Refusal::ResponseModeUnsupported);
    }
    check_challenge(scene, client, asked.code_challenge.as_ref())?;
    let scope = scope_of(scene, client, asked.scope.as_ref())?;
    if scope.contains(scope::OPENID) && !was_sent {
        return Err(Refusal::RedirectMissing);
    }
    if !asked.resources.iter().all(|resource| client.resources.contains(resource)) {
        return Err(Refusal::TargetRefused("the client is not registered for it"));
    }
    audience::resolve(house, scene, client, &asked.resources).await?;
    let hinted = match &asked.id_token_hint {
        Some(hint) => Some(subject_of(house, scene, hint).await?),
        None => None,
    };
    let expected_subject = match (hinted, requested_subject(asked.claims.as_ref())) {
        (Some(hinted), Some(requested)) if hinted != requested => {
            let why = "asks for another sub than id_token_hint";
            return Err(Refusal::Malformed(Malformed::BadValue { name: "claims", why }));
        }
        (hinted, requested) => hinted.or(requested),
    };
    Ok(AdmittedAuthorization {
        client: client.id.clone(),
        redirect_uri: uri.to_owned(),
        redirect_uri_was_sent: was_sent,
        response_type: asked.response_type,
        response_mode: mode,
        state: asked.state,
        nonce: asked.nonce,
        scope,
        resources: asked.resources,
        challenge: asked.code_challenge,
        prompt: asked.prompts,
        max_age: asked.max_age.map(u64::from).or(client.default_max_age),
        acr_values: asked.acr_values,
        login_hint: asked.login_hint,
        expected_subject,
        ui_locales: asked.ui_locales,
        claims: asked.claims.map(Value::Object),
    })
}

fn check_challenge(scene: &Scene<'_>, client: &Client, challenge: Option<&CodeChallenge>) -> Result<(), Refusal> {
    let required = match scene.realm.settings.pkce {
        PkcePolicy::AllClients => true,
        PkcePolicy::PublicClients => client.is_public(),
    };
    match challenge.map(CodeChallenge::method) {
        Some(CodeChallengeMethod::S256) => Ok(()),
        Some(CodeChallengeMethod::Plain) => Err(Refusal::ChallengePlain),
        None if required => Err(Refusal::ChallengeMissing),
        None => Ok(()),
    }
}

fn scope_of(scene: &Scene<'_>, client: &Client, asked: Option<&Scope>) -> Result<Scope, Refusal> {
    let known = |token: &str| scene.realm.scope(token).is_some();
    let Some(asked) = asked else {
        let default = client.scope.filtered(|token| known(token) && !is_identity_scope(token));
        return if default.is_empty() { Err(Refusal::ScopeRefused("it is missing")) } else { Ok(default) };
    };
    // Scopes that nobody here knows are passed over (OpenID Connect Core §3.1.2.1); those that
    // somebody knows are the client's or they are refused.
    let understood = asked.filtered(known);
    if !understood.is_subset(&client.scope) {
        return Err(Refusal::ScopeRefused("the client is not registered for all of it"));
    }
    if understood.is_empty() {
        return Err(Refusal::ScopeRefused("none of it is known here"));
    }
    // OpenID Connect Core §11: without a refresh token there is no access while away.
    let refreshable = client.may_use(GrantType::RefreshToken);
    Ok(understood.filtered(|token| token != scope::OFFLINE_ACCESS || refreshable))
}

/// The one person for whom the client wants an ID token (OpenID Connect Core §5.5.1, §3.1.2.2).
fn requested_subject(claims: Option<&Map<String, Value>>) -> Option<String> {
    let value = claims?.get("id_token")?.get("sub")?.get("value")?;
    // What is no text is nobody's subject, and must not be passed over.
    Some(value.as_str().unwrap_or_default().to_owned())
}

/// The subject of an ID token of ours, expired or not (OpenID Connect Core §3.1.2.1).
async fn subject_of(house: &House, scene: &Scene<'_>, hint: &str) -> Result<String, Refusal> {
    #[derive(Deserialize)]
    struct Hint {
        iss: String,
        sub: String,
    }
    let foreign = || Refusal::Malformed(Malformed::BadValue { name: "id_token_hint", why: "was not issued here" });
    let unverified = Unverified::parse(hint).map_err(|_| foreign())?;
    // We sign access tokens too, and they speak of clients as well as of people (RFC 9068 §5).
    if unverified.header().typ().is_some_and(|typ| is_same_media_type(typ, ACCESS_TOKEN_TYP)) {
        return Err(foreign());
    }
    let keys = house.keys.of(&*house.store, &scene.realm.name).await?;
    let hint: Hint = keys.verify(unverified).ok_or_else(foreign)?;
    if hint.iss == scene.issuer { Ok(hint.sub) } else { Err(foreign()) }
}
