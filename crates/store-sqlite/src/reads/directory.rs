//! Questions about realms, clients, resources and keys.

use chancery_spec::resource::ResourceIndicator;
use chancery_store::client::Client;
use chancery_store::id::{ClientId, RealmName};
use chancery_store::key::Key;
use chancery_store::realm::Realm;
use chancery_store::resource::Resource;
use rusqlite::{Connection, params};

use crate::fault::Found;
use crate::rows;
use crate::statement::Statement;

const REALM: Statement = Statement::new("realm", "SELECT document FROM realms WHERE name = ?1 AND enabled = 1");
const REALM_RECORD: Statement = Statement::new("realm record", "SELECT document FROM realms WHERE name = ?1");
// Every name is greater than the empty text: one statement serves the first page and the others.
const REALM_RECORDS: Statement =
    Statement::new("realm records", "SELECT document FROM realms WHERE name > ?1 ORDER BY name LIMIT ?2");

const CLIENT: Statement =
    Statement::new("client", "SELECT document FROM clients WHERE realm = ?1 AND id = ?2 AND enabled = 1");
const CLIENT_RECORD: Statement =
    Statement::new("client record", "SELECT document FROM clients WHERE realm = ?1 AND id = ?2");
const CLIENT_RECORDS: Statement =
    Statement::new("client records", "SELECT document FROM clients WHERE realm = ?1 AND id > ?2 ORDER BY id LIMIT ?3");

const RESOURCE: Statement =
    Statement::new("resource", "SELECT document FROM resources WHERE realm = ?1 AND identifier = ?2 AND enabled = 1");
const RESOURCE_RECORD: Statement =
    Statement::new("resource record", "SELECT document FROM resources WHERE realm = ?1 AND identifier = ?2");
const RESOURCE_RECORDS: Statement = Statement::new(
    "resource records",
    "SELECT document FROM resources WHERE realm = ?1 AND identifier > ?2 ORDER BY identifier LIMIT ?3",
);

const KEYS: Statement = Statement::new(
    "keys",
    "SELECT realm, kid, revision, purpose, state, since, created_at, document FROM keys
     WHERE realm = ?1 AND state <> 'removed' ORDER BY created_at, kid",
);

pub(crate) const STATEMENTS: &[Statement] = &[
    REALM,
    REALM_RECORD,
    REALM_RECORDS,
    CLIENT,
    CLIENT_RECORD,
    CLIENT_RECORDS,
    RESOURCE,
    RESOURCE_RECORD,
    RESOURCE_RECORDS,
    KEYS,
];

pub(crate) fn realm(connection: &Connection, name: &RealmName) -> Found<Option<Realm>> {
    REALM.one(connection, params![name.as_str()], |row| rows::document(row, 0))
}

pub(crate) fn realm_record(connection: &Connection, name: &RealmName) -> Found<Option<Realm>> {
    REALM_RECORD.one(connection, params![name.as_str()], |row| rows::document(row, 0))
}

pub(crate) fn realm_records(connection: &Connection, after: Option<&RealmName>, limit: u32) -> Found<Vec<Realm>> {
    let after = after.map_or("", RealmName::as_str);
    REALM_RECORDS.all(connection, params![after, limit], |row| rows::document(row, 0))
}

pub(crate) fn client(connection: &Connection, realm: &RealmName, id: &ClientId) -> Found<Option<Client>> {
    CLIENT.one(connection, params![realm.as_str(), id.as_str()], |row| rows::document(row, 0))
}

pub(crate) fn client_record(connection: &Connection, realm: &RealmName, id: &ClientId) -> Found<Option<Client>> {
    CLIENT_RECORD.one(connection, params![realm.as_str(), id.as_str()], |row| rows::document(row, 0))
}

pub(crate) fn client_records(
    connection: &Connection,
    realm: &RealmName,
    after: Option<&ClientId>,
    limit: u32,
) -> Found<Vec<Client>> {
    let after = after.map_or("", ClientId::as_str);
    CLIENT_RECORDS.all(connection, params![realm.as_str(), after, limit], |row| rows::document(row, 0))
}

pub(crate) fn resource(connection: &Connection, realm: &RealmName, id: &ResourceIndicator) -> Found<Option<Resource>> {
    RESOURCE.one(connection, params![realm.as_str(), id.as_str()], |row| rows::document(row, 0))
}

pub(crate) fn resource_record(
    connection: &Connection,
    realm: &RealmName,
    id: &ResourceIndicator,
) -> Found<Option<Resource>> {
    RESOURCE_RECORD.one(connection, params![realm.as_str(), id.as_str()], |row| rows::document(row, 0))
}

pub(crate) fn resource_records(
    connection: &Connection,
    realm: &RealmName,
    after: Option<&ResourceIndicator>,
    limit: u32,
) -> Found<Vec<Resource>> {
    let after = after.map_or("", ResourceIndicator::as_str);
    RESOURCE_RECORDS.all(connection, params![realm.as_str(), after, limit], |row| rows::document(row, 0))
}

pub(crate) fn keys(connection: &Connection, realm: &RealmName) -> Found<Vec<Key>> {
    KEYS.all(connection, params![realm.as_str()], rows::key)
}
