//! Records for the sentences: complete, alike in every run, and named by small numbers.
//! Long because there is one maker for each kind of record, and sentences read better beside few files.
//!
//! The same names exist in two realms, [`here`] and [`there`], so that a backend that forgets the
//! realm anywhere is found out.
//!
//! Long, because each record is the list of its fields; there is nothing else in it.

use chancery_jose::{Sealed, SignatureAlgorithm};
use chancery_spec::client_authentication::ClientAuthenticationMethod;
use chancery_spec::grant_type::GrantType;
use chancery_spec::pkce::CodeVerifier;
use chancery_spec::prompt::Prompts;
use chancery_spec::redirect_uri::RegisteredRedirectUri;
use chancery_spec::resource::ResourceIndicator;
use chancery_spec::response_mode::ResponseMode;
use chancery_spec::response_type::ResponseType;
use chancery_spec::scope::Scope;
use serde_json::json;

use crate::audit::AuditEvent;
use crate::client::{Client, ClientDisplay, ClientSecret, KeptSecret};
use crate::code::{Code, CodeGrant, CodeState};
use crate::consent::Consent;
use crate::credential::PasswordCredential;
use crate::family::{Family, FamilyGrant, FamilySalt, FamilyState};
use crate::id::{ClientId, Id, RealmName, Username};
use crate::key::{Key, KeyPurpose, KeyState};
use crate::link::PasswordLink;
use crate::moment::Moment;
use crate::pending::{AdmittedAuthorization, Pending};
use crate::realm::{Realm, ScopeDefinition};
use crate::resource::{Resource, TokenFormat};
use crate::secret::SecretDigest;
use crate::session::{Authentication, Session};
use crate::settings::RealmSettings;
use crate::store::Store;
use crate::token::{DeniedToken, OpaqueContent, OpaqueToken};
use crate::user::User;
use crate::write::{Commit, Write};

/// The realm in which things happen.
pub(super) fn here() -> RealmName {
    RealmName::parse("here").unwrap()
}

/// The realm in which nothing of it may be seen.
pub(super) fn there() -> RealmName {
    RealmName::parse("there").unwrap()
}

/// The moment `seconds` after everything began.
pub(super) fn after(seconds: u64) -> Moment {
    Moment::from_seconds(1_800_000_000).plus_seconds(seconds)
}

/// The name with the number `number`.
pub(super) fn id<K>(number: u8) -> Id<K> {
    Id::at(1_800_000_000_000 + i64::from(number), [number; 10])
}

pub(super) fn digest(of: &str) -> SecretDigest {
    SecretDigest::of(of.as_bytes())
}

pub(super) fn client_id(name: &str) -> ClientId {
    ClientId::parse(name).unwrap()
}

pub(super) fn username(name: &str) -> Username {
    Username::parse(name).unwrap()
}

pub(super) fn scope(words: &str) -> Scope {
    Scope::parse(words).unwrap()
}

pub(super) fn indicator(uri: &str) -> ResourceIndicator {
    ResourceIndicator::parse(uri).unwrap()
}

/// Text that a careless backend bends: quotes, other scripts, signs beyond the first plane.
pub(super) const ODD_TEXT: &str = "Zoë's \"café\" \\ %_ 'x' — Ω שלום 🔏";

pub(super) fn realm(name: &RealmName) -> Realm {
    Realm {
        name: name.clone(),
        revision: 1,
        enabled: true,
        created_at: after(0),
        issuer: None,
        display_name: ODD_TEXT.to_owned(),
        profile: "standard".to_owned(),
        settings: RealmSettings::default(),
        scopes: vec![ScopeDefinition {
            name: "openid".to_owned(),
            description: Some(ODD_TEXT.to_owned()),
            claims: vec!["sub".to_owned()],
        }],
    }
}

pub(super) fn client(realm: &RealmName, name: &str) -> Client {
    let mut other_metadata = serde_json::Map::new();
    other_metadata.insert("software_id".to_owned(), json!({ "a": [1, null, ODD_TEXT] }));
    Client {
        realm: realm.clone(),
        id: client_id(name),
        revision: 1,
        enabled: true,
        created_at: after(0),
        authentication: ClientAuthenticationMethod::ClientSecretBasic,
        secrets: vec![
            ClientSecret { kept: KeptSecret::Digest(digest("secret")), created_at: after(0), expires_at: None },
            ClientSecret { kept: KeptSecret::Sealed(sealed()), created_at: after(0), expires_at: Some(after(9)) },
        ],
        jwks: Some(json!({ "keys": [] })),
        jwks_uri: None,
        assertion_algorithm: Some(SignatureAlgorithm::Es256),
        redirect_uris: vec![RegisteredRedirectUri::parse("https://client.example/callback").unwrap()],
        post_logout_redirect_uris: vec![],
        grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
        response_types: vec![ResponseType::Code],
        scope: scope("openid profile"),
        resources: vec![indicator("https://api.example/")],
        subject: None,
        id_token_algorithm: None,
        userinfo_algorithm: None,
        default_max_age: Some(3600),
        require_auth_time: true,
        first_party: false,
        access_token_lifetime: Some(300),
        display: ClientDisplay { name: Some(ODD_TEXT.to_owned()), ..ClientDisplay::default() },
        other_metadata,
    }
}

pub(super) fn resource(realm: &RealmName, uri: &str) -> Resource {
    Resource {
        realm: realm.clone(),
        identifier: indicator(uri),
        revision: 1,
        enabled: true,
        name: Some(ODD_TEXT.to_owned()),
        scope: scope("read write"),
        token_format: TokenFormat::Opaque,
        access_token_lifetime: Some(60),
        signing_algorithm: None,
        servers: vec![client_id("web")],
    }
}

pub(super) fn key(realm: &RealmName, kid: &str) -> Key {
    Key {
        realm: realm.clone(),
        kid: kid.to_owned(),
        revision: 1,
        purpose: KeyPurpose::Sign(SignatureAlgorithm::Es256),
        state: KeyState::Active,
        since: after(1),
        created_at: after(0),
        public: json!({ "kty": "EC", "crv": "P-256" }),
        private: sealed(),
    }
}

fn sealed() -> Sealed {
    Sealed::from_bytes((0..=255).collect())
}

/// The user with the number `number`, called `user-number`.
pub(super) fn user(realm: &RealmName, number: u8) -> User {
    let mut claims = serde_json::Map::new();
    claims.insert("name".to_owned(), json!(ODD_TEXT));
    claims.insert("address".to_owned(), json!({ "country": "ES" }));
    User {
        realm: realm.clone(),
        id: id(number),
        revision: 1,
        username: username(&format!("user-{number}")),
        enabled: true,
        administrator: false,
        created_at: after(0),
        claims,
    }
}

pub(super) fn password(realm: &RealmName, user: u8, hash: &str, at: Moment) -> PasswordCredential {
    PasswordCredential { realm: realm.clone(), user: id(user), hash: hash.to_owned(), changed_at: at }
}

/// A link for `user` that is good for a hundred seconds.
pub(super) fn link(realm: &RealmName, secret: &str, user: u8) -> PasswordLink {
    PasswordLink { realm: realm.clone(), digest: digest(secret), user: id(user), expires_at: after(100) }
}

fn authentication() -> Authentication {
    Authentication { at: after(0), acr: "urn:chancery:password".to_owned(), amr: vec!["pwd".to_owned()] }
}

/// The session with the number `number` of the user with the number `user`; it may lie unused for
/// a hundred seconds and ends after a thousand.
pub(super) fn session(realm: &RealmName, number: u8, user: u8) -> Session {
    Session {
        realm: realm.clone(),
        id: id(number),
        secret: digest(&format!("cookie {number}")),
        user: id(user),
        authentication: authentication(),
        user_agent: ODD_TEXT.to_owned(),
        created_at: after(u64::from(number)),
        seen_at: after(u64::from(number)),
        idle_until: after(100),
        expires_at: after(1000),
    }
}

/// A request that waits for a hundred seconds.
pub(super) fn pending(realm: &RealmName, number: u8) -> Pending {
    Pending {
        realm: realm.clone(),
        id: id(number),
        browser: digest("browser"),
        request: AdmittedAuthorization {
            client: client_id("web"),
            redirect_uri: "https://client.example/callback".to_owned(),
            redirect_uri_was_sent: true,
            response_type: ResponseType::Code,
            response_mode: ResponseMode::Query,
            state: Some(ODD_TEXT.to_owned()),
            nonce: Some("nonce".to_owned()),
            scope: scope("openid"),
            resources: vec![indicator("https://api.example/")],
            challenge: Some(CodeVerifier::from_random(&[7; 32]).challenge()),
            prompt: Prompts::parse("login consent").unwrap(),
            max_age: Some(60),
            acr_values: vec!["a".to_owned(), "b".to_owned()],
            login_hint: Some("zoe".to_owned()),
            expected_subject: None,
            ui_locales: vec!["es".to_owned()],
            claims: Some(json!({ "id_token": { "email": null } })),
        },
        created_at: after(0),
        expires_at: after(100),
    }
}

/// What the user with the number `user` agreed to give `client`.
pub(super) fn consent(realm: &RealmName, user: u8, client: &str) -> Consent {
    Consent {
        realm: realm.clone(),
        user: id(user),
        client: client_id(client),
        scope: scope("openid profile"),
        resources: vec![indicator("https://api.example/")],
        granted_at: after(2),
    }
}

/// A code of the client `web`, agreed to by the user 1 in the session 1; open for sixty seconds.
pub(super) fn code(realm: &RealmName, secret: &str) -> Code {
    Code {
        realm: realm.clone(),
        digest: digest(secret),
        client: client_id("web"),
        grant: CodeGrant {
            user: id(1),
            session: id(1),
            authentication: authentication(),
            redirect_uri: Some("https://client.example/callback".to_owned()),
            challenge: Some(CodeVerifier::from_random(&[7; 32]).challenge()),
            nonce: Some(ODD_TEXT.to_owned()),
            scope: scope("openid"),
            resources: vec![indicator("https://api.example/")],
            claims: None,
        },
        forget_at: after(600),
        state: CodeState::Open { until: after(60) },
    }
}

/// A family of the client `web`, given by the user 1; it ends with the session 1, may lie unused
/// until 200 and ends at 2000.
pub(super) fn family(realm: &RealmName, number: u8) -> Family {
    Family {
        realm: realm.clone(),
        id: id(number),
        client: client_id("web"),
        user: id(1),
        session: Some(id(1)),
        grant: FamilyGrant {
            scope: scope("openid"),
            resources: vec![indicator("https://api.example/")],
            authentication: authentication(),
            session: id(1),
            claims: Some(json!({ "userinfo": {} })),
        },
        salt: FamilySalt([number; 32]),
        created_at: after(10),
        expires_at: after(2000),
        state: FamilyState::Live { generation: 0, rotated_at: after(10), idle_until: after(200) },
    }
}

/// An opaque token of the client `web`, good until 300.
pub(super) fn opaque_token(realm: &RealmName, secret: &str) -> OpaqueToken {
    let mut other = serde_json::Map::new();
    other.insert("acr".to_owned(), json!(ODD_TEXT));
    OpaqueToken {
        realm: realm.clone(),
        digest: digest(secret),
        client: client_id("web"),
        family: None,
        content: OpaqueContent {
            subject: "web".to_owned(),
            audience: vec!["https://api.example/".to_owned()],
            scope: scope("read"),
            other,
        },
        issued_at: after(10),
        expires_at: after(300),
    }
}

pub(super) fn denied(realm: &RealmName, jti: &str, until: Moment) -> DeniedToken {
    DeniedToken { realm: realm.clone(), jti: digest(jti), until }
}

pub(super) fn event(realm: &RealmName, number: u8) -> AuditEvent {
    let mut detail = serde_json::Map::new();
    detail.insert("why".to_owned(), json!({ "text": ODD_TEXT, "count": 3 }));
    AuditEvent {
        realm: realm.clone(),
        id: id(number),
        at: after(u64::from(number)),
        kind: "token.issued".to_owned(),
        client: Some("web".to_owned()),
        user: None,
        detail,
    }
}

/// Commits what must be done.
pub(super) async fn done(store: &dyn Store, write: Write) {
    let told = format!("{write:?}");
    assert_eq!(store.commit(write, vec![]).await.unwrap(), Commit::Done, "{told}");
}

/// Commits what must be lost.
pub(super) async fn lost(store: &dyn Store, write: Write) {
    let told = format!("{write:?}");
    assert_eq!(store.commit(write, vec![]).await.unwrap(), Commit::Lost, "{told}");
}

/// Both realms, each with the clients `web` and `app`, the users 1 and 2, and a session of the
/// same number for each.
pub(super) async fn settle(store: &dyn Store) {
    for name in [here(), there()] {
        done(store, Write::SaveRealm(Box::new(realm(&name)))).await;
        for client_name in ["web", "app"] {
            done(store, Write::SaveClient(Box::new(client(&name, client_name)))).await;
        }
        for number in [1, 2] {
            done(store, Write::SaveUser { user: Box::new(user(&name, number)), at: after(0) }).await;
            let session = Box::new(session(&name, number, number));
            done(store, Write::OpenSession { session, replaces: None }).await;
        }
    }
}

/// Issues `code` without consent or request.
pub(super) async fn issue(store: &dyn Store, code: Code) {
    done(store, Write::IssueCode { code: Box::new(code), consent: None, pending: None }).await;
}

/// Keeps `consent`, by way of a code.
pub(super) async fn agree(store: &dyn Store, consent: Consent) {
    let mut code = code(&consent.realm, &format!("code of consent {} {}", consent.user, consent.client));
    code.client = consent.client.clone();
    code.grant.user = consent.user;
    done(store, Write::IssueCode { code: Box::new(code), consent: Some(consent), pending: None }).await;
}

/// `family`, come from the session with the number `number` and ending with it.
pub(super) fn in_session(number: u8, family: Family) -> Family {
    let grant = FamilyGrant { session: id(number), ..family.grant };
    Family { session: Some(id(number)), grant, ..family }
}

/// Opens `family`, by way of a code of its own.
pub(super) async fn open(store: &dyn Store, family: Family) {
    let secret = format!("code of family {}", family.id);
    let mut code = code(&family.realm, &secret);
    code.client = family.client.clone();
    code.grant.user = family.user;
    code.grant.session = family.grant.session;
    issue(store, code).await;
    done(store, redeem(&secret, family)).await;
}

/// The redemption of the code with the secret `code` for `family`.
pub(super) fn redeem(code: &str, family: Family) -> Write {
    Write::RedeemCode { code: digest(code), family: Box::new(family), access: None }
}

/// The rotation of the generation `spent` of the family with the number `number`, at 20; the new
/// one may lie unused until 400.
pub(super) fn rotate(realm: &RealmName, number: u8, spent: u32) -> Write {
    Write::RotateRefreshToken {
        realm: realm.clone(),
        family: id(number),
        spent,
        at: after(20),
        idle_until: after(400),
        access: None,
    }
}

/// Whether the code with the secret `code` is still open.
pub(super) async fn is_open(store: &dyn Store, realm: &RealmName, code: &str) -> bool {
    let found = store.code(realm, &digest(code)).await.unwrap();
    found.is_some_and(|code| matches!(code.state, CodeState::Open { .. }))
}

/// Whether the family with the number `number` is still live at 20.
pub(super) async fn is_live(store: &dyn Store, realm: &RealmName, number: u8) -> bool {
    store.family(realm, id(number)).await.unwrap().is_some_and(|family| family.is_live(after(20)))
}
