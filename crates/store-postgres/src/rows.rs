//! Records as rows, and back. A row that does not read as its record is an error that names the
//! record and the column, and shows nothing of the value.

use chancery_spec::resource::ResourceIndicator;
use chancery_spec::scope::Scope;
use chancery_store::StoreError;
use chancery_store::attempt::Attempts;
use chancery_store::audit::AuditEvent;
use chancery_store::code::{Code, CodeState};
use chancery_store::consent::Consent;
use chancery_store::credential::PasswordCredential;
use chancery_store::error::StoreResult;
use chancery_store::family::{Family, FamilySalt, FamilyState};
use chancery_store::id::{ClientId, Id, RealmName};
use chancery_store::key::{Key, KeyPurpose, KeyState};
use chancery_store::link::PasswordLink;
use chancery_store::moment::Moment;
use chancery_store::pending::Pending;
use chancery_store::secret::SecretDigest;
use chancery_store::session::{Authentication, Session};
use chancery_store::token::OpaqueToken;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Json};
use uuid::Uuid;

/// What of a session no statement decides on.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SessionDocument {
    pub(crate) authentication: Authentication,
    pub(crate) user_agent: String,
}

/// What of a consent no statement decides on.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ConsentDocument {
    pub(crate) scope: Scope,
    pub(crate) resources: Vec<ResourceIndicator>,
}

/// A row of a kind of record.
struct Reading<'a> {
    row: &'a Row,
    record: &'static str,
}

impl<'a> Reading<'a> {
    const fn new(row: &'a Row, record: &'static str) -> Self {
        Self { row, record }
    }

    fn unreadable(&self, column: &str) -> StoreError {
        StoreError::Unreadable(format!("{}: {column}", self.record))
    }

    fn value<T: FromSql<'a>>(&self, column: &'static str) -> StoreResult<T> {
        self.row.try_get(column).map_err(|_| self.unreadable(column))
    }

    fn document<T: DeserializeOwned>(&self, column: &'static str) -> StoreResult<T> {
        Ok(self.value::<Json<T>>(column)?.0)
    }

    fn id<K>(&self, column: &'static str) -> StoreResult<Id<K>> {
        Ok(Id::new(self.value::<Uuid>(column)?))
    }

    fn optional_id<K>(&self, column: &'static str) -> StoreResult<Option<Id<K>>> {
        Ok(self.value::<Option<Uuid>>(column)?.map(Id::new))
    }

    fn moment(&self, column: &'static str) -> StoreResult<Moment> {
        Ok(Moment::from_milliseconds(self.value(column)?))
    }

    fn optional_moment(&self, column: &'static str) -> StoreResult<Option<Moment>> {
        Ok(self.value::<Option<i64>>(column)?.map(Moment::from_milliseconds))
    }

    fn bytes(&self, column: &'static str) -> StoreResult<[u8; 32]> {
        self.value::<&[u8]>(column)?.try_into().map_err(|_| self.unreadable(column))
    }

    fn digest(&self, column: &'static str) -> StoreResult<SecretDigest> {
        Ok(SecretDigest::from_bytes(self.bytes(column)?))
    }

    fn number<T: TryFrom<i64>>(&self, column: &'static str) -> StoreResult<T> {
        self.value::<i64>(column)?.try_into().map_err(|_| self.unreadable(column))
    }

    fn client(&self) -> StoreResult<ClientId> {
        ClientId::parse(self.value("client_id")?).map_err(|_| self.unreadable("client_id"))
    }
}

/// A record that is one document: a realm, client, resource, user or audit event.
pub(crate) fn document<T: DeserializeOwned>(row: &Row, record: &'static str) -> StoreResult<T> {
    Reading::new(row, record).document("document")
}

pub(crate) fn key(realm: &RealmName, row: &Row) -> StoreResult<Key> {
    let row = Reading::new(row, "key");
    Ok(Key {
        realm: realm.clone(),
        kid: row.value("kid")?,
        revision: row.number("revision")?,
        purpose: serde_json::from_str(row.value("purpose")?).map_err(|_| row.unreadable("purpose"))?,
        state: key_state(row.value("state")?).ok_or_else(|| row.unreadable("state"))?,
        since: row.moment("since")?,
        created_at: row.moment("created_at")?,
        public: row.document("public")?,
        private: row.document("private")?,
    })
}

/// What a key is for as its column holds it.
pub(crate) fn key_purpose_word(purpose: KeyPurpose) -> StoreResult<String> {
    serde_json::to_string(&purpose).map_err(|_| StoreError::Refused("a key's purpose is not to be kept".to_owned()))
}

/// A key's state as its column holds it.
pub(crate) const fn key_state_word(state: KeyState) -> &'static str {
    match state {
        KeyState::Staged => "staged",
        KeyState::Published => "published",
        KeyState::Active => "active",
        KeyState::Retired => "retired",
        KeyState::Removed => "removed",
    }
}

fn key_state(word: &str) -> Option<KeyState> {
    [KeyState::Staged, KeyState::Published, KeyState::Active, KeyState::Retired, KeyState::Removed]
        .into_iter()
        .find(|state| key_state_word(*state) == word)
}

pub(crate) fn password(realm: &RealmName, row: &Row) -> StoreResult<PasswordCredential> {
    let row = Reading::new(row, "password");
    Ok(PasswordCredential {
        realm: realm.clone(),
        user: row.id("user_id")?,
        hash: row.value("hash")?,
        changed_at: row.moment("changed_at")?,
    })
}

pub(crate) fn password_link(realm: &RealmName, row: &Row) -> StoreResult<PasswordLink> {
    let row = Reading::new(row, "password link");
    Ok(PasswordLink {
        realm: realm.clone(),
        digest: row.digest("digest")?,
        user: row.id("user_id")?,
        expires_at: row.moment("expires_at")?,
    })
}

pub(crate) fn attempts(row: &Row) -> StoreResult<Attempts> {
    let row = Reading::new(row, "attempts");
    Ok(Attempts { count: row.number("count")?, retry_at: row.optional_moment("retry_at")? })
}

pub(crate) fn session(realm: &RealmName, row: &Row) -> StoreResult<Session> {
    let row = Reading::new(row, "session");
    let document: SessionDocument = row.document("document")?;
    Ok(Session {
        realm: realm.clone(),
        id: row.id("id")?,
        secret: row.digest("secret")?,
        user: row.id("user_id")?,
        authentication: document.authentication,
        user_agent: document.user_agent,
        created_at: row.moment("created_at")?,
        seen_at: row.moment("seen_at")?,
        idle_until: row.moment("idle_until")?,
        expires_at: row.moment("expires_at")?,
    })
}

pub(crate) fn pending(realm: &RealmName, row: &Row) -> StoreResult<Pending> {
    let row = Reading::new(row, "pending request");
    Ok(Pending {
        realm: realm.clone(),
        id: row.id("id")?,
        browser: row.digest("browser")?,
        request: row.document("document")?,
        created_at: row.moment("created_at")?,
        expires_at: row.moment("expires_at")?,
    })
}

pub(crate) fn consent(realm: &RealmName, row: &Row) -> StoreResult<Consent> {
    let row = Reading::new(row, "consent");
    let document: ConsentDocument = row.document("document")?;
    Ok(Consent {
        realm: realm.clone(),
        user: row.id("user_id")?,
        client: row.client()?,
        scope: document.scope,
        resources: document.resources,
        granted_at: row.moment("granted_at")?,
    })
}

pub(crate) fn code(realm: &RealmName, row: &Row) -> StoreResult<Code> {
    let row = Reading::new(row, "code");
    Ok(Code {
        realm: realm.clone(),
        digest: row.digest("digest")?,
        client: row.client()?,
        grant: row.document("document")?,
        forget_at: row.moment("forget_at")?,
        state: match row.optional_id("family_id")? {
            Some(family) => CodeState::Redeemed { family },
            None => CodeState::Open { until: row.moment("open_until")? },
        },
    })
}

pub(crate) fn family(realm: &RealmName, row: &Row) -> StoreResult<Family> {
    let row = Reading::new(row, "family");
    Ok(Family {
        realm: realm.clone(),
        id: row.id("id")?,
        client: row.client()?,
        user: row.id("user_id")?,
        session: row.optional_id("session_id")?,
        grant: row.document("document")?,
        salt: FamilySalt(row.bytes("salt")?),
        created_at: row.moment("created_at")?,
        expires_at: row.moment("expires_at")?,
        state: match row.optional_moment("ended_at")? {
            Some(at) => FamilyState::Ended { at },
            None => FamilyState::Live {
                generation: row.number("generation")?,
                rotated_at: row.moment("rotated_at")?,
                idle_until: row.moment("idle_until")?,
            },
        },
    })
}

pub(crate) fn opaque_token(realm: &RealmName, row: &Row) -> StoreResult<OpaqueToken> {
    let row = Reading::new(row, "opaque token");
    Ok(OpaqueToken {
        realm: realm.clone(),
        digest: row.digest("digest")?,
        client: row.client()?,
        family: row.optional_id("family_id")?,
        content: row.document("document")?,
        issued_at: row.moment("issued_at")?,
        expires_at: row.moment("expires_at")?,
    })
}

/// Audit events as the four columns that every audited statement takes first.
pub(crate) struct AuditColumns<'a> {
    pub(crate) realms: Vec<&'a str>,
    pub(crate) ids: Vec<Uuid>,
    pub(crate) moments: Vec<i64>,
    pub(crate) documents: Vec<Json<&'a AuditEvent>>,
}

impl<'a> AuditColumns<'a> {
    pub(crate) fn of(events: &'a [AuditEvent]) -> Self {
        Self {
            realms: events.iter().map(|event| event.realm.as_str()).collect(),
            ids: events.iter().map(|event| event.id.uuid()).collect(),
            moments: events.iter().map(|event| event.at.milliseconds()).collect(),
            documents: events.iter().map(Json).collect(),
        }
    }
}

/// A revision or count as a column holds it.
pub(crate) fn column(number: u64) -> StoreResult<i64> {
    i64::try_from(number).map_err(|_| StoreError::Refused("a number is too large to keep".to_owned()))
}
