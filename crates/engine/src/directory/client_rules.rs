//! The rules that a client's metadata must keep, all judged at once.
//!
//! Implements: RFC 7591 §2, §2.1 (grants and response types belong together), OIDC Registration §2, RFC 8252 §7,
//! RFC 9700 §2.5 and §4.15.
//! Leaves out: grants, response types and authentication methods that the server does not serve: they are refused.

use chancery_jose::{JwkSet, SignatureAlgorithm};
use chancery_spec::client_authentication::ClientAuthenticationMethod as Method;
use chancery_spec::client_name::ClientName;
use chancery_spec::grant_type::GrantType;
use chancery_spec::redirect_uri::RegisteredRedirectUri;
use chancery_spec::resource::ResourceIndicator;
use chancery_spec::response_type::ResponseType;
use chancery_spec::scope::{OFFLINE_ACCESS, Scope};
use chancery_store::client::{Client, ClientDisplay};
use chancery_store::id::UserId;
use chancery_store::realm::Realm;

use super::client_members;
use super::client_plan::{ClientPlan, needs_secret};
use super::client_reading::Reading;
use super::error::Complaints;
use crate::settings::standard_scopes;

/// The grants that a client may be registered for.
pub(super) const SERVED_GRANTS: &[GrantType] =
    &[GrantType::AuthorizationCode, GrantType::ClientCredentials, GrantType::RefreshToken];
/// The response types that a client may be registered for.
pub(super) const SERVED_RESPONSE_TYPES: &[ResponseType] = &[ResponseType::Code];
/// The ways in which a client may prove who it is.
pub(super) const SERVED_METHODS: &[Method] = &[
    Method::ClientSecretBasic,
    Method::ClientSecretPost,
    Method::ClientSecretJwt,
    Method::PrivateKeyJwt,
    Method::None,
];

/// What the rules look at beside the plan itself.
pub(super) struct Setting {
    pub(super) realm: Realm,
    /// Those of the plan's resources that exist.
    pub(super) resources: Vec<ResourceIndicator>,
    /// The algorithms that the realm can sign with, now or soon.
    pub(super) algorithms: Vec<SignatureAlgorithm>,
}

/// The client that `plan` asks for, without secrets; `blank` gives its name and history.
pub(super) fn judge(plan: &ClientPlan, setting: &Setting, blank: Client) -> Result<Client, Complaints> {
    let mut reading = Reading::new(&plan.metadata);
    let mut client = Client { first_party: plan.first_party, ..blank };
    client_members::refuse_strangers(reading.members, &mut reading.complaints);
    client.other_metadata = client_members::kept(reading.members);

    authentication(&mut reading, plan, &mut client);
    keys(&mut reading, &mut client);
    grants(&mut reading, &mut client);
    redirects(&mut reading, &mut client);
    scope(&mut reading, setting, &mut client);
    resources(&mut reading, plan, setting, &mut client);
    tokens(&mut reading, plan, setting, &mut client);
    client.display = display(&mut reading);

    reading.complaints.or(client)
}

fn authentication(reading: &mut Reading<'_>, plan: &ClientPlan, client: &mut Client) {
    let name = "token_endpoint_auth_method";
    let asked = reading.word(name, Method::parse, "authentication method");
    // RFC 7591 §2: without a word, the secret goes into the header.
    client.authentication = asked.unwrap_or(Method::ClientSecretBasic);
    if !SERVED_METHODS.contains(&client.authentication) {
        reading.complaints.push(name, format!("{} is not served here", client.authentication));
    }
    if plan.secret.is_some() && !needs_secret(client.authentication) {
        reading
            .complaints
            .push("client_secret", format!("a client that authenticates by {} has no secret", client.authentication));
    }

    let name = "token_endpoint_auth_signing_alg";
    client.assertion_algorithm = algorithm(reading, name);
    match (client.authentication, client.assertion_algorithm) {
        (_, None) => {}
        (Method::ClientSecretJwt, Some(algorithm)) if algorithm.is_symmetric() => {}
        (Method::ClientSecretJwt, Some(_)) => {
            reading.complaints.push(name, "client_secret_jwt is signed with HS256, HS384 or HS512")
        }
        (Method::PrivateKeyJwt, Some(algorithm)) if !algorithm.is_symmetric() => {}
        (Method::PrivateKeyJwt, Some(_)) => {
            reading.complaints.push(name, "private_key_jwt is signed with an asymmetric algorithm")
        }
        (method, Some(_)) => {
            reading.complaints.push(name, format!("says nothing to a client that authenticates by {method}"))
        }
    }
}

fn keys(reading: &mut Reading<'_>, client: &mut Client) {
    client.jwks_uri = reading.source("jwks_uri");
    client.jwks = reading.members.get("jwks").filter(|value| !value.is_null()).cloned();
    if client.jwks.is_some() && reading.has("jwks_uri") {
        reading.complaints.push("jwks", "give the keys themselves or their jwks_uri, not both (RFC 7591 §2)");
    }
    if client.authentication == Method::PrivateKeyJwt && client.jwks.is_none() && !reading.has("jwks_uri") {
        reading.complaints.push("jwks", "private_key_jwt needs the client's public keys: jwks or jwks_uri");
    }
    let Some(jwks) = &client.jwks else { return };
    match JwkSet::parse(jwks.to_string().as_bytes()) {
        Err(why) => reading.complaints.push("jwks", why.to_string()),
        Ok(set) => {
            for why in set.passed_over() {
                reading.complaints.push("jwks", format!("one of its keys cannot be used: {why}"));
            }
            let asked = client.assertion_algorithm;
            let verifies = |algorithms: Vec<SignatureAlgorithm>| match asked {
                Some(asked) => algorithms.contains(&asked),
                None => !algorithms.is_empty(),
            };
            let proves = set.keys().iter().any(|key| verifies(key.signature_algorithms()));
            if client.authentication == Method::PrivateKeyJwt && !proves && set.passed_over().is_empty() {
                reading.complaints.push("jwks", "holds no key that verifies the client's assertions");
            }
        }
    }
}

fn grants(reading: &mut Reading<'_>, client: &mut Client) {
    let parsed = reading.list("grant_types", |text| match GrantType::parse(text) {
        Some(grant) if SERVED_GRANTS.contains(&grant) => Ok(grant),
        Some(grant) => Err(format!("the grant {grant} is not served here")),
        None => Err(format!("{text:?} is no grant type")),
    });
    client.grant_types = parsed.unwrap_or_else(|| vec![GrantType::AuthorizationCode]);
    let parsed = reading.list("response_types", |text| match ResponseType::from_words(text) {
        Some(kind) if SERVED_RESPONSE_TYPES.contains(&kind) => Ok(kind),
        Some(kind) => Err(format!("the response type {kind:?} is not served here", kind = kind.as_str())),
        None => Err(format!("{text:?} is no response type")),
    });
    let has_code_grant = client.may_use(GrantType::AuthorizationCode);
    let usual = if has_code_grant { vec![ResponseType::Code] } else { Vec::new() };
    client.response_types = parsed.unwrap_or(usual);

    let has_code_type = client.response_types.iter().any(|kind| kind.has_code());
    if has_code_grant && !has_code_type {
        reading.complaints.push("response_types", "authorization_code needs the response type code (RFC 7591 §2.1)");
    }
    if has_code_type && !has_code_grant {
        reading.complaints.push("grant_types", "the response type code needs authorization_code (RFC 7591 §2.1)");
    }
    if client.may_use(GrantType::RefreshToken) && !has_code_grant {
        reading.complaints.push("grant_types", "refresh_token continues authorization_code, which is missing");
    }
    if client.may_use(GrantType::ClientCredentials) && client.is_public() {
        // RFC 6749 §4.4: only confidential clients.
        reading
            .complaints
            .push("token_endpoint_auth_method", "client_credentials needs a client that proves who it is, not none");
    }
}

fn redirects(reading: &mut Reading<'_>, client: &mut Client) {
    let uri = |text: &str| RegisteredRedirectUri::parse(text).map_err(|bad| bad.to_string());
    client.redirect_uris = reading.list("redirect_uris", uri).unwrap_or_default();
    client.post_logout_redirect_uris = reading.list("post_logout_redirect_uris", uri).unwrap_or_default();
    if client.redirect_uris.is_empty()
        && client.may_use(GrantType::AuthorizationCode)
        && no_items(reading, "redirect_uris")
    {
        reading.complaints.push("redirect_uris", "authorization_code needs at least one");
    }
    match reading.text("application_type") {
        None | Some("native") => {}
        Some("web") => {
            let lists = [
                ("redirect_uris", &client.redirect_uris),
                ("post_logout_redirect_uris", &client.post_logout_redirect_uris),
            ];
            for (name, uris) in lists {
                for uri in uris.iter().filter(|uri| uri.is_private_use()) {
                    reading.complaints.push(
                        name,
                        format!("{uri} belongs to an app; application_type would be native (OIDC Registration §2)"),
                    );
                }
            }
        }
        Some(_) => reading.complaints.push("application_type", "must be web or native"),
    }
}

/// Whether the list is absent or empty, rather than full of what was complained of already.
fn no_items(reading: &Reading<'_>, name: &str) -> bool {
    reading.members.get(name).is_none_or(|value| value.is_null() || value.as_array().is_some_and(Vec::is_empty))
}

fn scope(reading: &mut Reading<'_>, setting: &Setting, client: &mut Client) {
    let Some(text) = reading.text("scope") else {
        if !reading.has("scope") {
            client.scope = usual_scope(setting, client);
        }
        return;
    };
    match Scope::parse(text) {
        Err(bad) => reading.complaints.push("scope", bad.to_string()),
        Ok(scope) => {
            for token in scope.iter().filter(|token| setting.realm.scope(token.as_str()).is_none()) {
                let known = setting.realm.scopes.iter().map(|scope| scope.name.as_str());
                let hint = super::names::hint(token.as_str(), known);
                reading.complaints.push("scope", format!("the realm knows no scope {token}{hint}"));
            }
            client.scope = scope;
        }
    }
}

/// RFC 7591 §2 leaves the scope of a client that names none to the server: for one that signs
/// people in, what OpenID Connect defines; for any other, nothing.
fn usual_scope(setting: &Setting, client: &Client) -> Scope {
    if !client.may_use(GrantType::AuthorizationCode) {
        return Scope::default();
    }
    let names: Vec<String> = standard_scopes()
        .into_iter()
        .map(|scope| scope.name)
        .filter(|name| setting.realm.scope(name).is_some())
        .filter(|name| name != OFFLINE_ACCESS || client.may_use(GrantType::RefreshToken))
        .collect();
    Scope::parse(&names.join(" ")).unwrap_or_default()
}

fn resources(reading: &mut Reading<'_>, plan: &ClientPlan, setting: &Setting, client: &mut Client) {
    for (at, text) in plan.resources.iter().enumerate() {
        match ResourceIndicator::parse(text) {
            Err(bad) => reading.complaints.push(format!("resources[{at}]"), bad.to_string()),
            Ok(resource) if !setting.resources.contains(&resource) => {
                reading.complaints.push(format!("resources[{at}]"), format!("the realm has no resource {resource}"));
            }
            Ok(resource) if client.resources.contains(&resource) => {}
            Ok(resource) => client.resources.push(resource),
        }
    }
}

fn tokens(reading: &mut Reading<'_>, plan: &ClientPlan, setting: &Setting, client: &mut Client) {
    for (name, kept) in [
        ("id_token_signed_response_alg", &mut client.id_token_algorithm),
        ("userinfo_signed_response_alg", &mut client.userinfo_algorithm),
    ] {
        *kept = algorithm(reading, name);
        match *kept {
            Some(algorithm) if algorithm.is_symmetric() => {
                reading
                    .complaints
                    .push(name, "tokens are signed with the realm's keys, hence with an asymmetric algorithm");
            }
            Some(algorithm) if !setting.algorithms.contains(&algorithm) => {
                let message =
                    format!("the realm has no key for {algorithm}; make one with `chancery key rotate {algorithm}`");
                reading.complaints.push(name, message);
            }
            Some(_) | None => {}
        }
    }
    client.default_max_age = reading.number("default_max_age");
    client.require_auth_time = reading.boolean("require_auth_time");
    client.access_token_lifetime = plan.access_token_lifetime;
    if plan.access_token_lifetime == Some(0) {
        reading.complaints.push("access_token_lifetime", "must be at least one second");
    }
    client.subject = plan.subject.clone();
    if let Some(subject) = &plan.subject {
        // OIDC Core §2: at most 255 ASCII characters. RFC 9700 §4.15: never one that a person could have.
        if subject.is_empty() || subject.len() > 255 || !subject.bytes().all(|byte| byte.is_ascii_graphic()) {
            reading.complaints.push("subject", "has 1 to 255 visible ASCII characters");
        } else if UserId::parse(&subject.to_lowercase()).is_some() {
            reading.complaints.push("subject", "must not look like a UUID: that is how people are named in tokens");
        }
    }
}

fn algorithm(reading: &mut Reading<'_>, name: &str) -> Option<SignatureAlgorithm> {
    reading.word(name, |text| text.parse().ok(), "signature algorithm of ours")
}

fn display(reading: &mut Reading<'_>) -> ClientDisplay {
    let name = reading.text("client_name");
    if let Some(Err(bad)) = name.map(ClientName::parse) {
        reading.complaints.push("client_name", bad.to_string());
    }
    ClientDisplay {
        name: name.map(str::to_owned),
        client_uri: reading.page("client_uri"),
        logo_uri: reading.page("logo_uri"),
        policy_uri: reading.page("policy_uri"),
        tos_uri: reading.page("tos_uri"),
        contacts: reading.texts("contacts").unwrap_or_default().into_iter().map(|(_, text)| text.to_owned()).collect(),
    }
}
