use chancery_jose::SignatureAlgorithm;
use chancery_spec::client_authentication::ClientAuthenticationMethod;
use chancery_spec::grant_type::GrantType;
use chancery_spec::resource::ResourceIndicator;
use chancery_spec::scope::Scope;
use chancery_store::Moment;
use chancery_store::client::{Client, ClientDisplay};
use chancery_store::id::{ClientId, RealmName};
use chancery_store::realm::{Realm, ScopeDefinition};
use chancery_store::settings::RealmSettings;
use serde_json::{Map, Value, json};

use super::client_plan::{ClientPlan, metadata_of};
use super::client_rules::{Setting, judge};
use crate::settings::standard_scopes;

fn setting() -> Setting {
    let mut scopes = standard_scopes();
    scopes.push(ScopeDefinition { name: "read".to_owned(), description: None, claims: Vec::new() });
    Setting {
        realm: Realm {
            name: RealmName::default_realm(),
            revision: 1,
            enabled: true,
            created_at: Moment::from_seconds(0),
            issuer: None,
            display_name: "Test".to_owned(),
            profile: "standard".to_owned(),
            settings: RealmSettings::default(),
            scopes,
        },
        resources: vec![ResourceIndicator::parse("https://api.example.test").unwrap()],
        algorithms: vec![SignatureAlgorithm::Es256, SignatureAlgorithm::Rs256],
    }
}

fn blank() -> Client {
    Client {
        realm: RealmName::default_realm(),
        id: ClientId::parse("web").unwrap(),
        revision: 1,
        enabled: true,
        created_at: Moment::from_seconds(0),
        authentication: ClientAuthenticationMethod::ClientSecretBasic,
        secrets: Vec::new(),
        jwks: None,
        jwks_uri: None,
        assertion_algorithm: None,
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        grant_types: Vec::new(),
        response_types: Vec::new(),
        scope: Scope::default(),
        resources: Vec::new(),
        subject: None,
        id_token_algorithm: None,
        userinfo_algorithm: None,
        default_max_age: None,
        require_auth_time: false,
        first_party: false,
        access_token_lifetime: None,
        display: ClientDisplay::default(),
        other_metadata: Map::new(),
    }
}

fn plan(metadata: Value) -> ClientPlan {
    ClientPlan { metadata: metadata.as_object().cloned().unwrap_or_default(), ..ClientPlan::default() }
}

fn complaints(plan: &ClientPlan) -> Vec<String> {
    judge(plan, &setting(), blank()).err().map(|all| all.iter().map(ToString::to_string).collect()).unwrap_or_default()
}

/// The members that are complained of.
fn wrong(metadata: Value) -> Vec<String> {
    let told = complaints(&plan(metadata));
    told.iter().map(|line| line.split(':').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_client_that_says_little_gets_the_defaults_of_rfc_7591() {
    let client = judge(&plan(json!({"redirect_uris": ["https://a.example/cb"]})), &setting(), blank()).unwrap();
    assert_eq!(client.authentication, ClientAuthenticationMethod::ClientSecretBasic);
    assert_eq!(client.grant_types, [GrantType::AuthorizationCode]);
    assert_eq!(client.scope.to_string(), "address email openid phone profile");
}

#[test]
fn a_client_that_acts_for_itself_gets_no_scope_that_it_did_not_name() {
    let client = judge(&plan(json!({"grant_types": ["client_credentials"]})), &setting(), blank()).unwrap();
    assert!(client.scope.is_empty() && client.response_types.is_empty());
}

#[test]
fn what_a_client_is_read_back_makes_the_same_client() {
    let mut first = plan(json!({
        "client_name": "Web", "client_name#de": "Netz", "redirect_uris": ["https://a.example/cb", "com.example.app:/cb"],
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"], "scope": "openid read",
        "contacts": ["ops@a.example"], "default_max_age": 60, "require_auth_time": true, "software_id": "x",
        "id_token_signed_response_alg": "RS256", "application_type": "native", "tos_uri": "https://a.example/tos",
    }));
    first.first_party = true;
    first.resources = vec!["https://api.example.test".to_owned()];
    first.subject = Some("service-7".to_owned());
    let client = judge(&first, &setting(), blank()).unwrap();
    let again = judge(&ClientPlan::of(&client), &setting(), blank()).unwrap();
    assert_eq!(client, again);
    assert_eq!(metadata_of(&client)["client_name#de"], "Netz");
}

#[test]
fn every_complaint_comes_at_once() {
    let mut plan = plan(json!({
        "redirect_uris": ["http://evil.example/cb", 7], "grant_types": ["implicit", "client_credentials"], "response_types": ["token"],
        "token_endpoint_auth_method": "none", "scope": "openid raed", "client_uri": "javascript:alert(1)", "contacts": "me",
        "jwks": {"keys": []}, "jwks_uri": "https://a.example/jwks", "require_auth_time": "yes", "redirect_uri": "x",
    }));
    plan.resources = vec!["https://other.example".to_owned(), "x".to_owned()];
    plan.subject = Some("0198f7a0-0000-7000-8000-000000000000".to_owned());
    let told = complaints(&plan).join("\n");
    for part in [
        "redirect_uris[0]: ",
        "redirect_uris[1]: must be text",
        "grant_types[0]: the grant implicit is not served",
        "response_types[0]: ",
        "client_credentials needs a client that proves",
        "no scope raed, did you mean `read`?",
        "client_uri: ",
        "contacts: must be a list",
        "jwks: give the keys themselves or their jwks_uri",
        "require_auth_time: must be true or false",
        "redirect_uri: is no member",
        "resources[0]: the realm has no resource",
        "resources[1]: ",
        "subject: must not look like a UUID",
    ] {
        assert!(told.contains(part), "{part}\nis missing in:\n{told}");
    }
}

#[test]
fn grants_and_response_types_belong_together() {
    assert_eq!(
        wrong(
            json!({"grant_types": ["authorization_code"], "response_types": [], "redirect_uris": ["https://a.example/"]})
        ),
        ["response_types"]
    );
    assert_eq!(wrong(json!({"grant_types": ["client_credentials"], "response_types": ["code"]})), ["grant_types"]);
    assert_eq!(wrong(json!({"grant_types": ["refresh_token"]})), ["grant_types"]);
    assert_eq!(wrong(json!({"grant_types": ["authorization_code"]})), ["redirect_uris"]);
}

#[test]
fn an_app_of_its_own_scheme_is_not_of_the_web() {
    let app = |kind: &str| json!({"redirect_uris": ["com.example.app:/cb"], "application_type": kind});
    assert_eq!(wrong(app("web")), ["redirect_uris"]);
    assert!(wrong(app("native")).is_empty());
    assert_eq!(wrong(app("other")), ["application_type"]);
}

#[test]
fn a_client_that_signs_needs_a_public_key_that_can_verify_it() {
    let key = |jwks: Value| json!({"token_endpoint_auth_method": "private_key_jwt", "grant_types": ["client_credentials"], "jwks": jwks});
    let public = chancery_jose::SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
    let public = serde_json::to_value(public.public_jwk().unwrap()).unwrap();
    assert!(wrong(key(json!({"keys": [public]}))).is_empty());
    assert_eq!(wrong(key(Value::Null)), ["jwks"]);
    assert_eq!(wrong(key(json!({"keys": []}))), ["jwks"]);
    assert_eq!(wrong(key(json!({"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}))), ["jwks"]);
    assert_eq!(wrong(key(json!({"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}))), ["jwks"]);
}

#[test]
fn a_client_signs_its_assertions_with_what_its_method_allows() {
    let with = |method: &str, algorithm: &str| {
        wrong(json!({
            "token_endpoint_auth_method": method, "token_endpoint_auth_signing_alg": algorithm, "grant_types": ["client_credentials"],
            "jwks_uri": "https://a.example/jwks",
        }))
    };
    assert!(with("client_secret_jwt", "HS256").is_empty());
    assert!(with("private_key_jwt", "ES256").is_empty());
    for (method, algorithm) in [
        ("client_secret_jwt", "ES256"),
        ("private_key_jwt", "HS256"),
        ("client_secret_basic", "ES256"),
        ("private_key_jwt", "none"),
    ] {
        assert_eq!(with(method, algorithm), ["token_endpoint_auth_signing_alg"], "{method} {algorithm}");
    }
}

#[test]
fn a_token_can_only_be_wanted_in_an_algorithm_that_the_realm_signs_with() {
    let with = |algorithm: &str| {
        wrong(json!({"redirect_uris": ["https://a.example/"], "id_token_signed_response_alg": algorithm}))
    };
    assert!(with("RS256").is_empty());
    assert_eq!(with("PS512"), ["id_token_signed_response_alg"]);
    assert_eq!(with("HS256"), ["id_token_signed_response_alg"]);
    assert_eq!(with("none"), ["id_token_signed_response_alg"]);
}

#[test]
fn a_realm_cannot_be_told_to_fetch_keys_from_just_anywhere() {
    let with = |uri: &str| {
        wrong(
            json!({"token_endpoint_auth_method": "private_key_jwt", "grant_types": ["client_credentials"], "jwks_uri": uri}),
        )
    };
    assert!(with("https://a.example/jwks").is_empty());
    for bad in
        ["http://a.example/jwks", "https://user@a.example/jwks", "file:///etc/passwd", "https://a.example/jwks#x"]
    {
        assert_eq!(with(bad), ["jwks_uri"], "{bad}");
    }
}
