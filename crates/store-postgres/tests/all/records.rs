//! Records for the tests of this backend.

use chancery_spec::scope::Scope;
use chancery_store::audit::AuditEvent;
use chancery_store::client::Client;
use chancery_store::code::{Code, CodeGrant, CodeState};
use chancery_store::family::{Family, FamilyGrant, FamilySalt, FamilyState};
use chancery_store::id::{AuditId, ClientId, FamilyId, RealmName, SessionId, UserId, Username};
use chancery_store::moment::Moment;
use chancery_store::secret::SecretDigest;
use chancery_store::session::{Authentication, Session};
use chancery_store::token::{OpaqueContent, OpaqueToken};
use chancery_store::user::User;
use chancery_store::{Commit, Store, Write};
use chancery_store_postgres::PostgresStore;

pub(crate) const NOW: Moment = Moment::from_seconds(1_800_000_000);

/// A name made of `number`, the same each time.
pub(crate) fn chance(number: u64) -> [u8; 10] {
    let mut chance = [0; 10];
    chance[2..].copy_from_slice(&number.to_be_bytes());
    chance
}

pub(crate) fn realm() -> RealmName {
    RealmName::parse("plant").expect("a name")
}

pub(crate) fn client_id() -> ClientId {
    ClientId::parse("web").expect("a name")
}

pub(crate) fn digest(of: &str) -> SecretDigest {
    SecretDigest::of(of.as_bytes())
}

pub(crate) fn user_id() -> UserId {
    UserId::at(1, chance(1))
}

pub(crate) fn session_id(number: u64) -> SessionId {
    SessionId::at(2, chance(number))
}

pub(crate) fn family_id(number: u64) -> FamilyId {
    FamilyId::at(3, chance(number))
}

pub(crate) fn authentication() -> Authentication {
    Authentication { at: NOW, acr: "1".to_owned(), amr: vec!["pwd".to_owned()] }
}

pub(crate) fn client(revision: u64, enabled: bool) -> Client {
    let client = serde_json::json!({
        "realm": realm(), "id": client_id(), "revision": revision, "enabled": enabled, "created_at": NOW,
        "authentication": "none",
    });
    serde_json::from_value(client).expect("a client")
}

pub(crate) fn user(revision: u64) -> User {
    User {
        realm: realm(),
        id: user_id(),
        revision,
        username: Username::parse("alice").expect("a name"),
        enabled: true,
        administrator: false,
        created_at: NOW,
        claims: serde_json::Map::new(),
    }
}

pub(crate) fn session(number: u64) -> Session {
    Session {
        realm: realm(),
        id: session_id(number),
        secret: digest(&format!("session {number}")),
        user: user_id(),
        authentication: authentication(),
        user_agent: "a browser".to_owned(),
        created_at: NOW,
        seen_at: NOW,
        idle_until: NOW.plus_seconds(100),
        expires_at: NOW.plus_seconds(1000),
    }
}

pub(crate) fn code(number: u64, session: u64) -> Code {
    Code {
        realm: realm(),
        digest: digest(&format!("code {number}")),
        client: client_id(),
        grant: CodeGrant {
            user: user_id(),
            session: session_id(session),
            authentication: authentication(),
            redirect_uri: Some("https://client.example/".to_owned()),
            challenge: None,
            nonce: None,
            scope: Scope::parse("openid").expect("a scope"),
            resources: Vec::new(),
            claims: None,
        },
        forget_at: NOW.plus_seconds(500),
        state: CodeState::Open { until: NOW.plus_seconds(60) },
    }
}

pub(crate) fn family(number: u64, session: Option<u64>) -> Family {
    Family {
        realm: realm(),
        id: family_id(number),
        client: client_id(),
        user: user_id(),
        session: session.map(session_id),
        grant: FamilyGrant {
            scope: Scope::parse("openid").expect("a scope"),
            resources: Vec::new(),
            authentication: authentication(),
            session: session_id(session.unwrap_or(0)),
            claims: None,
        },
        salt: FamilySalt([7; 32]),
        created_at: NOW,
        expires_at: NOW.plus_seconds(1000),
        state: FamilyState::Live { generation: 0, rotated_at: NOW, idle_until: NOW.plus_seconds(100) },
    }
}

pub(crate) fn token(number: u64, family: Option<u64>) -> OpaqueToken {
    OpaqueToken {
        realm: realm(),
        digest: digest(&format!("token {number}")),
        client: client_id(),
        family: family.map(family_id),
        content: OpaqueContent {
            subject: "somebody".to_owned(),
            audience: Vec::new(),
            scope: Scope::parse("openid").expect("a scope"),
            other: serde_json::Map::new(),
        },
        issued_at: NOW,
        expires_at: NOW.plus_seconds(600),
    }
}

pub(crate) fn event(number: u64, kind: &str) -> AuditEvent {
    AuditEvent {
        id: AuditId::at(4, chance(number)),
        realm: realm(),
        at: NOW,
        kind: kind.to_owned(),
        client: None,
        user: None,
        detail: serde_json::Map::new(),
    }
}

/// Makes a change that nobody disputes.
pub(crate) async fn done(store: &PostgresStore, write: Write) {
    assert_eq!(store.commit(write, Vec::new()).await.expect("the write is answered"), Commit::Done);
}

/// Alice, signed in as session 1.
pub(crate) async fn sign_in(store: &PostgresStore) {
    done(store, Write::SaveUser { user: Box::new(user(1)), at: NOW }).await;
    open_session(store, 1).await;
}

pub(crate) async fn open_session(store: &PostgresStore, number: u64) {
    done(store, Write::OpenSession { session: Box::new(session(number)), replaces: None }).await;
}

pub(crate) async fn issue(store: &PostgresStore, number: u64, session: u64) {
    done(store, Write::IssueCode { code: Box::new(code(number, session)), consent: None, pending: None }).await;
}

pub(crate) fn redeem(number: u64, family: Family, access: Option<OpaqueToken>) -> Write {
    Write::RedeemCode {
        code: digest(&format!("code {number}")),
        family: Box::new(family),
        access: access.map(Box::new),
    }
}

pub(crate) fn rotate(number: u64, spent: u32, access: Option<OpaqueToken>) -> Write {
    Write::RotateRefreshToken {
        realm: realm(),
        family: family_id(number),
        spent,
        at: NOW.plus_seconds(1),
        idle_until: NOW.plus_seconds(101),
        access: access.map(Box::new),
    }
}
