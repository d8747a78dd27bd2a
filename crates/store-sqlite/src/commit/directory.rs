//! Changes of realms, clients, resources and keys.

use chancery_spec::resource::ResourceIndicator;
use chancery_store::client::Client;
use chancery_store::id::{ClientId, RealmName};
use chancery_store::key::{Key, KeyState};
use chancery_store::realm::Realm;
use chancery_store::resource::Resource;
use chancery_store::{Commit, Moment};
use rusqlite::{Connection, params};

use super::done_if;
use crate::fault::Found;
use crate::rows::{KeyDocument, key_state, revision, write_document};
use crate::statement::Statement;

const ADD_REALM: Statement = Statement::new(
    "add realm",
    "INSERT INTO realms (name, revision, enabled, document) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
);
const CHANGE_REALM: Statement = Statement::new(
    "change realm",
    "UPDATE realms SET revision = ?2, enabled = ?3, document = ?4 WHERE name = ?1 AND revision = ?2 - 1",
);

const ADD_CLIENT: Statement = Statement::new(
    "add client",
    "INSERT INTO clients (realm, id, revision, enabled, document) VALUES (?1, ?2, ?3, ?4, ?5)
     ON CONFLICT DO NOTHING",
);
const CHANGE_CLIENT: Statement = Statement::new(
    "change client",
    "UPDATE clients SET revision = ?3, enabled = ?4, document = ?5
     WHERE realm = ?1 AND id = ?2 AND revision = ?3 - 1",
);
const REMOVE_CLIENT: Statement = Statement::new("remove client", "DELETE FROM clients WHERE realm = ?1 AND id = ?2");
const REMOVE_CONSENTS_TO_CLIENT: Statement =
    Statement::new("remove consents to client", "DELETE FROM consents WHERE realm = ?1 AND client = ?2");
const REMOVE_CODES_OF_CLIENT: Statement =
    Statement::new("remove codes of client", "DELETE FROM codes WHERE realm = ?1 AND client = ?2");
const REMOVE_OPAQUE_TOKENS_OF_CLIENT: Statement =
    Statement::new("remove opaque tokens of client", "DELETE FROM opaque_tokens WHERE realm = ?1 AND client = ?2");
const END_FAMILIES_OF_CLIENT: Statement = Statement::new(
    "end families of client",
    "UPDATE families SET ended_at = ?3 WHERE realm = ?1 AND client = ?2 AND ended_at IS NULL",
);

const ADD_RESOURCE: Statement = Statement::new(
    "add resource",
    "INSERT INTO resources (realm, identifier, revision, enabled, document) VALUES (?1, ?2, ?3, ?4, ?5)
     ON CONFLICT DO NOTHING",
);
const CHANGE_RESOURCE: Statement = Statement::new(
    "change resource",
    "UPDATE resources SET revision = ?3, enabled = ?4, document = ?5
     WHERE realm = ?1 AND identifier = ?2 AND revision = ?3 - 1",
);
const REMOVE_RESOURCE: Statement =
    Statement::new("remove resource", "DELETE FROM resources WHERE realm = ?1 AND identifier = ?2");

const ADD_KEY: Statement = Statement::new(
    "add key",
    "INSERT INTO keys (realm, kid, revision, purpose, state, since, created_at, document)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
);
// OR IGNORE: a purpose that has its active key changes no row, like a revision that is over.
const CHANGE_KEY: Statement = Statement::new(
    "change key",
    "UPDATE OR IGNORE keys SET revision = ?3, purpose = ?4, state = ?5, since = ?6, created_at = ?7, document = ?8
     WHERE realm = ?1 AND kid = ?2 AND revision = ?3 - 1",
);

pub(crate) const STATEMENTS: &[Statement] = &[
    ADD_REALM,
    CHANGE_REALM,
    ADD_CLIENT,
    CHANGE_CLIENT,
    REMOVE_CLIENT,
    REMOVE_CONSENTS_TO_CLIENT,
    REMOVE_CODES_OF_CLIENT,
    REMOVE_OPAQUE_TOKENS_OF_CLIENT,
    END_FAMILIES_OF_CLIENT,
    ADD_RESOURCE,
    CHANGE_RESOURCE,
    REMOVE_RESOURCE,
    ADD_KEY,
    CHANGE_KEY,
];

pub(super) fn save_realm(connection: &Connection, realm: &Realm) -> Found<Commit> {
    let statement = if realm.revision == 1 { ADD_REALM } else { CHANGE_REALM };
    let document = write_document(realm)?;
    statement
        .run(connection, params![realm.name.as_str(), revision(realm.revision)?, realm.enabled, document])
        .map(done_if)
}

pub(super) fn save_client(connection: &Connection, client: &Client) -> Found<Commit> {
    let statement = if client.revision == 1 { ADD_CLIENT } else { CHANGE_CLIENT };
    let document = write_document(client)?;
    statement
        .run(
            connection,
            params![client.realm.as_str(), client.id.as_str(), revision(client.revision)?, client.enabled, document],
        )
        .map(done_if)
}

pub(super) fn remove_client(
    connection: &Connection,
    realm: &RealmName,
    client: &ClientId,
    at: Moment,
) -> Found<Commit> {
    for statement in [REMOVE_CLIENT, REMOVE_CONSENTS_TO_CLIENT, REMOVE_CODES_OF_CLIENT, REMOVE_OPAQUE_TOKENS_OF_CLIENT]
    {
        statement.run(connection, params![realm.as_str(), client.as_str()])?;
    }
    END_FAMILIES_OF_CLIENT.run(connection, params![realm.as_str(), client.as_str(), at.milliseconds()])?;
    Ok(Commit::Done)
}

pub(super) fn save_resource(connection: &Connection, resource: &Resource) -> Found<Commit> {
    let statement = if resource.revision == 1 { ADD_RESOURCE } else { CHANGE_RESOURCE };
    let document = write_document(resource)?;
    statement
        .run(
            connection,
            params![
                resource.realm.as_str(),
                resource.identifier.as_str(),
                revision(resource.revision)?,
                resource.enabled,
                document
            ],
        )
        .map(done_if)
}

pub(super) fn remove_resource(
    connection: &Connection,
    realm: &RealmName,
    resource: &ResourceIndicator,
) -> Found<Commit> {
    REMOVE_RESOURCE.run(connection, params![realm.as_str(), resource.as_str()])?;
    Ok(Commit::Done)
}

/// What ceases to be active first: a rotation names the two in either order.
pub(super) fn save_keys(connection: &Connection, keys: &[Key]) -> Found<Commit> {
    let (active, others): (Vec<&Key>, Vec<&Key>) = keys.iter().partition(|key| key.state == KeyState::Active);
    for key in others.into_iter().chain(active) {
        if save_key(connection, key)? == Commit::Lost {
            return Ok(Commit::Lost);
        }
    }
    Ok(Commit::Done)
}

fn save_key(connection: &Connection, key: &Key) -> Found<Commit> {
    let statement = if key.revision == 1 { ADD_KEY } else { CHANGE_KEY };
    let purpose = write_document(&key.purpose)?;
    let document = write_document(&KeyDocument { public: key.public.clone(), private: key.private.clone() })?;
    statement
        .run(
            connection,
            params![
                key.realm.as_str(),
                key.kid,
                revision(key.revision)?,
                purpose,
                key_state(key.state),
                key.since.milliseconds(),
                key.created_at.milliseconds(),
                document
            ],
        )
        .map(done_if)
}
