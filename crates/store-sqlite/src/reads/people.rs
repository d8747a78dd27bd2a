//! Questions about users, what they prove themselves with, and their sessions.

use chancery_store::attempt::{AttemptKey, Attempts};
use chancery_store::credential::PasswordCredential;
use chancery_store::id::{RealmName, SessionId, UserId, Username};
use chancery_store::link::PasswordLink;
use chancery_store::secret::SecretDigest;
use chancery_store::session::Session;
use chancery_store::user::User;
use rusqlite::{Connection, params};

use crate::fault::Found;
use crate::rows;
use crate::statement::Statement;

const USER: Statement =
    Statement::new("user", "SELECT document FROM users WHERE realm = ?1 AND id = ?2 AND enabled = 1");
const USER_NAMED: Statement =
    Statement::new("user named", "SELECT document FROM users WHERE realm = ?1 AND username = ?2 AND enabled = 1");
const USER_RECORD_NAMED: Statement =
    Statement::new("user record named", "SELECT document FROM users WHERE realm = ?1 AND username = ?2");
const USER_RECORDS: Statement = Statement::new(
    "user records",
    "SELECT document FROM users WHERE realm = ?1 AND username > ?2 ORDER BY username LIMIT ?3",
);

const PASSWORD: Statement =
    Statement::new("password", "SELECT realm, user, hash, changed_at FROM passwords WHERE realm = ?1 AND user = ?2");
const PASSWORD_LINK: Statement = Statement::new(
    "password link",
    "SELECT realm, digest, user, expires_at FROM password_links WHERE realm = ?1 AND digest = ?2",
);
const ATTEMPTS: Statement =
    Statement::new("attempts", "SELECT count, retry_at FROM attempts WHERE realm = ?1 AND subject = ?2");

const SESSION: Statement = Statement::new(
    "session",
    "SELECT realm, id, secret, user, authentication, user_agent, created_at, seen_at, idle_until, expires_at
     FROM sessions WHERE realm = ?1 AND secret = ?2",
);
const SESSION_NAMED: Statement = Statement::new(
    "session named",
    "SELECT realm, id, secret, user, authentication, user_agent, created_at, seen_at, idle_until, expires_at
     FROM sessions WHERE realm = ?1 AND id = ?2",
);
const SESSIONS_OF: Statement = Statement::new(
    "sessions of",
    "SELECT realm, id, secret, user, authentication, user_agent, created_at, seen_at, idle_until, expires_at
     FROM sessions WHERE realm = ?1 AND user = ?2 ORDER BY created_at DESC, id DESC LIMIT 100",
);

pub(crate) const STATEMENTS: &[Statement] = &[
    USER,
    USER_NAMED,
    USER_RECORD_NAMED,
    USER_RECORDS,
    PASSWORD,
    PASSWORD_LINK,
    ATTEMPTS,
    SESSION,
    SESSION_NAMED,
    SESSIONS_OF,
];

pub(crate) fn user(connection: &Connection, realm: &RealmName, id: UserId) -> Found<Option<User>> {
    USER.one(connection, params![realm.as_str(), id.uuid().as_bytes()], |row| rows::document(row, 0))
}

pub(crate) fn user_named(connection: &Connection, realm: &RealmName, username: &Username) -> Found<Option<User>> {
    USER_NAMED.one(connection, params![realm.as_str(), username.as_str()], |row| rows::document(row, 0))
}

pub(crate) fn user_record_named(
    connection: &Connection,
    realm: &RealmName,
    username: &Username,
) -> Found<Option<User>> {
    USER_RECORD_NAMED.one(connection, params![realm.as_str(), username.as_str()], |row| rows::document(row, 0))
}

pub(crate) fn user_records(
    connection: &Connection,
    realm: &RealmName,
    after: Option<&Username>,
    limit: u32,
) -> Found<Vec<User>> {
    let after = after.map_or("", Username::as_str);
    USER_RECORDS.all(connection, params![realm.as_str(), after, limit], |row| rows::document(row, 0))
}

pub(crate) fn password(connection: &Connection, realm: &RealmName, user: UserId) -> Found<Option<PasswordCredential>> {
    PASSWORD.one(connection, params![realm.as_str(), user.uuid().as_bytes()], rows::password)
}

pub(crate) fn password_link(
    connection: &Connection,
    realm: &RealmName,
    digest: &SecretDigest,
) -> Found<Option<PasswordLink>> {
    PASSWORD_LINK.one(connection, params![realm.as_str(), digest.as_bytes()], rows::password_link)
}

pub(crate) fn attempts(connection: &Connection, key: &AttemptKey) -> Found<Attempts> {
    let found = ATTEMPTS.one(connection, params![key.realm.as_str(), key.subject.as_bytes()], rows::attempts)?;
    Ok(found.unwrap_or_default())
}

pub(crate) fn session(connection: &Connection, realm: &RealmName, secret: &SecretDigest) -> Found<Option<Session>> {
    SESSION.one(connection, params![realm.as_str(), secret.as_bytes()], rows::session)
}

pub(crate) fn session_named(connection: &Connection, realm: &RealmName, id: SessionId) -> Found<Option<Session>> {
    SESSION_NAMED.one(connection, params![realm.as_str(), id.uuid().as_bytes()], rows::session)
}

pub(crate) fn sessions_of(connection: &Connection, realm: &RealmName, user: UserId) -> Found<Vec<Session>> {
    SESSIONS_OF.all(connection, params![realm.as_str(), user.uuid().as_bytes()], rows::session)
}
