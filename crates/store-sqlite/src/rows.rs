//! Rows and records: how each column reads, and what stands in `document`.

use chancery_jose::Sealed;
use chancery_spec::resource::ResourceIndicator;
use chancery_spec::scope::Scope;
use chancery_store::Moment;
use chancery_store::attempt::Attempts;
use chancery_store::audit::AuditEvent;
use chancery_store::code::{Code, CodeState};
use chancery_store::consent::Consent;
use chancery_store::credential::PasswordCredential;
use chancery_store::family::{Family, FamilySalt, FamilyState};
use chancery_store::id::{ClientId, Id, RealmName};
use chancery_store::key::{Key, KeyState};
use chancery_store::link::PasswordLink;
use chancery_store::pending::Pending;
use chancery_store::secret::SecretDigest;
use chancery_store::session::Session;
use chancery_store::token::OpaqueToken;
use rusqlite::Row;
use rusqlite::types::FromSql;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::fault::{Fault, Found};

/// The column `index` of `row` as what SQLite keeps.
pub(crate) fn column<T: FromSql>(row: &Row<'_>, index: usize) -> Found<T> {
    row.get(index).map_err(|error| Fault::of("row", error))
}

fn moment(row: &Row<'_>, index: usize) -> Found<Moment> {
    column(row, index).map(Moment::from_milliseconds)
}

fn id<K>(row: &Row<'_>, index: usize) -> Found<Id<K>> {
    column(row, index).map(Uuid::from_bytes).map(Id::new)
}

fn optional_id<K>(row: &Row<'_>, index: usize) -> Found<Option<Id<K>>> {
    Ok(column::<Option<[u8; 16]>>(row, index)?.map(Uuid::from_bytes).map(Id::new))
}

fn digest(row: &Row<'_>, index: usize) -> Found<SecretDigest> {
    column(row, index).map(SecretDigest::from_bytes)
}

fn count(row: &Row<'_>, index: usize) -> Found<u32> {
    column(row, index)
}

fn realm_name(row: &Row<'_>, index: usize) -> Found<RealmName> {
    let text = text(row, index)?;
    RealmName::parse(text).map_err(|bad| Fault::Unreadable(bad.to_string()))
}

fn client_id(row: &Row<'_>, index: usize) -> Found<ClientId> {
    let text = text(row, index)?;
    ClientId::parse(text).map_err(|bad| Fault::Unreadable(bad.to_string()))
}

fn text<'r>(row: &'r Row<'_>, index: usize) -> Found<&'r str> {
    let value = row.get_ref(index).map_err(|error| Fault::of("row", error))?;
    value.as_str().map_err(|_| Fault::Unreadable(format!("column {index} is no text")))
}

/// The JSON in the column `index`. The complaint says where, and never what stands there.
pub(crate) fn document<T: DeserializeOwned>(row: &Row<'_>, index: usize) -> Found<T> {
    serde_json::from_str(text(row, index)?)
        .map_err(|error| Fault::Unreadable(format!("{} (character {})", std::any::type_name::<T>(), error.column())))
}

/// `value` as the text of a `document`.
pub(crate) fn write_document<T: Serialize>(value: &T) -> Found<String> {
    serde_json::to_string(value)
        .map_err(|_| Fault::Refused(format!("{} does not serialise", std::any::type_name::<T>())))
}

/// A revision as SQLite keeps it.
pub(crate) fn revision(revision: u64) -> Found<i64> {
    i64::try_from(revision).map_err(|_| Fault::Refused("a revision is out of range".to_owned()))
}

/// What of a key decides nothing here.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeyDocument {
    pub(crate) public: serde_json::Value,
    pub(crate) private: Sealed,
}

/// What of a consent decides nothing here.
#[derive(Serialize, Deserialize)]
pub(crate) struct ConsentDocument {
    pub(crate) scope: Scope,
    pub(crate) resources: Vec<ResourceIndicator>,
}

/// The word for `state`.
pub(crate) const fn key_state(state: KeyState) -> &'static str {
    match state {
        KeyState::Staged => "staged",
        KeyState::Published => "published",
        KeyState::Active => "active",
        KeyState::Retired => "retired",
        KeyState::Removed => "removed",
    }
}

fn read_key_state(word: &str) -> Found<KeyState> {
    Ok(match word {
        "staged" => KeyState::Staged,
        "published" => KeyState::Published,
        "active" => KeyState::Active,
        "retired" => KeyState::Retired,
        "removed" => KeyState::Removed,
        _ => return Err(Fault::Unreadable("a key is in no known state".to_owned())),
    })
}

/// `realm, kid, revision, purpose, state, since, created_at, document`
pub(crate) fn key(row: &Row<'_>) -> Found<Key> {
    let kept: KeyDocument = document(row, 7)?;
    let revision: i64 = column(row, 2)?;
    Ok(Key {
        realm: realm_name(row, 0)?,
        kid: column(row, 1)?,
        revision: u64::try_from(revision).map_err(|_| Fault::Unreadable("a revision is negative".to_owned()))?,
        purpose: document(row, 3)?,
        state: read_key_state(text(row, 4)?)?,
        since: moment(row, 5)?,
        created_at: moment(row, 6)?,
        public: kept.public,
        private: kept.private,
    })
}

/// `realm, user, hash, changed_at`
pub(crate) fn password(row: &Row<'_>) -> Found<PasswordCredential> {
    Ok(PasswordCredential {
        realm: realm_name(row, 0)?,
        user: id(row, 1)?,
        hash: column(row, 2)?,
        changed_at: moment(row, 3)?,
    })
}

/// `realm, digest, user, expires_at`
pub(crate) fn password_link(row: &Row<'_>) -> Found<PasswordLink> {
    Ok(PasswordLink {
        realm: realm_name(row, 0)?,
        digest: digest(row, 1)?,
        user: id(row, 2)?,
        expires_at: moment(row, 3)?,
    })
}

/// `count, retry_at`
pub(crate) fn attempts(row: &Row<'_>) -> Found<Attempts> {
    let retry_at: Option<i64> = column(row, 1)?;
    Ok(Attempts { count: count(row, 0)?, retry_at: retry_at.map(Moment::from_milliseconds) })
}

/// `realm, id, secret, user, authentication, user_agent, created_at, seen_at, idle_until, expires_at`
pub(crate) fn session(row: &Row<'_>) -> Found<Session> {
    Ok(Session {
        realm: realm_name(row, 0)?,
        id: id(row, 1)?,
        secret: digest(row, 2)?,
        user: id(row, 3)?,
        authentication: document(row, 4)?,
        user_agent: column(row, 5)?,
        created_at: moment(row, 6)?,
        seen_at: moment(row, 7)?,
        idle_until: moment(row, 8)?,
        expires_at: moment(row, 9)?,
    })
}

/// `realm, id, browser, document, created_at, expires_at`
pub(crate) fn pending(row: &Row<'_>) -> Found<Pending> {
    Ok(Pending {
        realm: realm_name(row, 0)?,
        id: id(row, 1)?,
        browser: digest(row, 2)?,
        request: document(row, 3)?,
        created_at: moment(row, 4)?,
        expires_at: moment(row, 5)?,
    })
}

/// `realm, user, client, document, granted_at`
pub(crate) fn consent(row: &Row<'_>) -> Found<Consent> {
    let kept: ConsentDocument = document(row, 3)?;
    Ok(Consent {
        realm: realm_name(row, 0)?,
        user: id(row, 1)?,
        client: client_id(row, 2)?,
        scope: kept.scope,
        resources: kept.resources,
        granted_at: moment(row, 4)?,
    })
}

/// `realm, digest, client, document, forget_at, open_until, family`
pub(crate) fn code(row: &Row<'_>) -> Found<Code> {
    let state = match (column::<Option<i64>>(row, 5)?, optional_id(row, 6)?) {
        (Some(until), None) => CodeState::Open { until: Moment::from_milliseconds(until) },
        (None, Some(family)) => CodeState::Redeemed { family },
        (Some(_), Some(_)) | (None, None) => {
            return Err(Fault::Unreadable("a code is neither open nor redeemed".to_owned()));
        }
    };
    Ok(Code {
        realm: realm_name(row, 0)?,
        digest: digest(row, 1)?,
        client: client_id(row, 2)?,
        grant: document(row, 3)?,
        forget_at: moment(row, 4)?,
        state,
    })
}

/// `realm, id, client, user, session, document, salt, created_at, expires_at, generation,
/// rotated_at, idle_until, ended_at`
pub(crate) fn family(row: &Row<'_>) -> Found<Family> {
    let state = match column::<Option<i64>>(row, 12)? {
        Some(at) => FamilyState::Ended { at: Moment::from_milliseconds(at) },
        None => {
            FamilyState::Live { generation: count(row, 9)?, rotated_at: moment(row, 10)?, idle_until: moment(row, 11)? }
        }
    };
    Ok(Family {
        realm: realm_name(row, 0)?,
        id: id(row, 1)?,
        client: client_id(row, 2)?,
        user: id(row, 3)?,
        session: optional_id(row, 4)?,
        grant: document(row, 5)?,
        salt: FamilySalt(column(row, 6)?),
        created_at: moment(row, 7)?,
        expires_at: moment(row, 8)?,
        state,
    })
}

/// `realm, digest, client, family, document, issued_at, expires_at`
pub(crate) fn opaque_token(row: &Row<'_>) -> Found<OpaqueToken> {
    Ok(OpaqueToken {
        realm: realm_name(row, 0)?,
        digest: digest(row, 1)?,
        client: client_id(row, 2)?,
        family: optional_id(row, 3)?,
        content: document(row, 4)?,
        issued_at: moment(row, 5)?,
        expires_at: moment(row, 6)?,
    })
}

/// `realm, id, at, kind, client, user, detail`
pub(crate) fn audit_event(row: &Row<'_>) -> Found<AuditEvent> {
    Ok(AuditEvent {
        realm: realm_name(row, 0)?,
        id: id(row, 1)?,
        at: moment(row, 2)?,
        kind: column(row, 3)?,
        client: column(row, 4)?,
        user: column(row, 5)?,
        detail: document(row, 6)?,
    })
}
