//! Changes of the directory. They are rare: each is a transaction, and tells the change feed.

use std::collections::BTreeSet;

use chancery_spec::resource::ResourceIndicator;
use chancery_store::Commit;
use chancery_store::audit::AuditEvent;
use chancery_store::client::Client;
use chancery_store::id::{ClientId, RealmName};
use chancery_store::key::{Key, KeyState};
use chancery_store::moment::Moment;
use chancery_store::realm::Realm;
use chancery_store::resource::Resource;
use chancery_store::store::Change;
use tokio_postgres::types::Json;

use crate::PostgresStore;
use crate::commit::Together;
use crate::fault::Fault;
use crate::feed;
use crate::lanes::Parameter;
use crate::rows::{column, key_purpose_word, key_state_word};
use crate::statement::{Statement, register};

register! {
    INSERT_REALM = "INSERT INTO realms (name, revision, enabled, document) VALUES ($1, $2, $3, $4)
        ON CONFLICT DO NOTHING";
    UPDATE_REALM = "UPDATE realms SET revision = $2::bigint, enabled = $3, document = $4
        WHERE name = $1 AND revision = $2::bigint - 1";
    INSERT_CLIENT = "INSERT INTO clients (realm, id, revision, enabled, document) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT DO NOTHING";
    UPDATE_CLIENT = "UPDATE clients SET revision = $3::bigint, enabled = $4, document = $5
        WHERE realm = $1 AND id = $2 AND revision = $3::bigint - 1";
    DELETE_CLIENT = "DELETE FROM clients WHERE realm = $1 AND id = $2";
    DELETE_CONSENTS_OF_CLIENT = "WITH locked AS MATERIALIZED (
            SELECT user_id FROM consents WHERE realm = $1 AND client_id = $2 ORDER BY user_id FOR UPDATE)
        DELETE FROM consents USING locked
        WHERE consents.realm = $1 AND consents.client_id = $2 AND consents.user_id = locked.user_id";
    DELETE_CODES_OF_CLIENT = "WITH locked AS MATERIALIZED (
            SELECT digest FROM codes WHERE realm = $1 AND client_id = $2 ORDER BY digest FOR UPDATE)
        DELETE FROM codes USING locked WHERE codes.realm = $1 AND codes.digest = locked.digest";
    END_FAMILIES_OF_CLIENT = "WITH locked AS MATERIALIZED (
            SELECT id FROM families WHERE realm = $1 AND client_id = $2 AND ended_at IS NULL
            ORDER BY id FOR NO KEY UPDATE)
        UPDATE families SET ended_at = $3 FROM locked WHERE families.realm = $1 AND families.id = locked.id";
    DELETE_OPAQUE_TOKENS_OF_CLIENT = "DELETE FROM opaque_tokens WHERE realm = $1 AND client_id = $2";
    INSERT_RESOURCE = "INSERT INTO resources (realm, identifier, revision, enabled, document)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    UPDATE_RESOURCE = "UPDATE resources SET revision = $3::bigint, enabled = $4, document = $5
        WHERE realm = $1 AND identifier = $2 AND revision = $3::bigint - 1";
    DELETE_RESOURCE = "DELETE FROM resources WHERE realm = $1 AND identifier = $2";
    LOCK_KEYS = "SELECT pg_advisory_xact_lock(hashtextextended('keys of realm ' || $1::text, 0))";
    INSERT_KEY = "INSERT INTO keys (realm, kid, revision, state, since, created_at, purpose, public, private)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";
    UPDATE_KEY = "UPDATE keys SET revision = $3::bigint, state = $4, since = $5, created_at = $6, purpose = $7,
            public = $8, private = $9
        WHERE realm = $1 AND kid = $2 AND revision = $3::bigint - 1";
    TELL = "SELECT pg_notify('chancery_changes', $1)";
}

/// The statement that saves a record under `revision`: the first is an insertion.
pub(super) const fn saving(
    revision: u64,
    insert: &'static Statement,
    update: &'static Statement,
) -> &'static Statement {
    if revision == 1 { insert } else { update }
}

impl Together<'_> {
    /// Tells the change feed of `change` when and if this is committed.
    async fn tell(&self, change: &Change) -> Result<(), Fault> {
        self.run(&TELL, &[&feed::payload(change)?]).await.map(drop)
    }
}

pub(super) async fn save_realm(store: &PostgresStore, audit: &[AuditEvent], realm: &Realm) -> Result<Commit, Fault> {
    let statement = saving(realm.revision, &INSERT_REALM, &UPDATE_REALM);
    let (revision, document) = (column(realm.revision)?, Json(realm));
    let parameters: [Parameter<'_>; 4] = [&realm.name.as_str(), &revision, &realm.enabled, &document];
    save(store, audit, statement, &parameters, Change::Realm(realm.name.clone())).await
}

pub(super) async fn save_client(store: &PostgresStore, audit: &[AuditEvent], client: &Client) -> Result<Commit, Fault> {
    let statement = saving(client.revision, &INSERT_CLIENT, &UPDATE_CLIENT);
    let (revision, document) = (column(client.revision)?, Json(client));
    let parameters: [Parameter<'_>; 5] =
        [&client.realm.as_str(), &client.id.as_str(), &revision, &client.enabled, &document];
    save(store, audit, statement, &parameters, Change::Client(client.realm.clone(), client.id.clone())).await
}

pub(super) async fn save_resource(
    store: &PostgresStore,
    audit: &[AuditEvent],
    resource: &Resource,
) -> Result<Commit, Fault> {
    let statement = saving(resource.revision, &INSERT_RESOURCE, &UPDATE_RESOURCE);
    let (revision, document) = (column(resource.revision)?, Json(resource));
    let parameters: [Parameter<'_>; 5] =
        [&resource.realm.as_str(), &resource.identifier.as_str(), &revision, &resource.enabled, &document];
    let change = Change::Resource(resource.realm.clone(), resource.identifier.clone());
    save(store, audit, statement, &parameters, change).await
}

async fn save(
    store: &PostgresStore,
    audit: &[AuditEvent],
    statement: &'static Statement,
    parameters: &[Parameter<'_>],
    change: Change,
) -> Result<Commit, Fault> {
    let mut connection = store.connection().await?;
    let together = Together::begin(&mut connection).await?;
    if together.run(statement, parameters).await? == 0 {
        return Ok(Commit::Lost);
    }
    together.tell(&change).await?;
    together.done(audit).await
}

/// Codes before families: a redemption that holds the code is waited for, and what it opened is
/// found. Families before tokens: likewise for a rotation.
pub(super) async fn remove_client(
    store: &PostgresStore,
    audit: &[AuditEvent],
    realm: &RealmName,
    client: &ClientId,
    at: Moment,
) -> Result<Commit, Fault> {
    let mut connection = store.connection().await?;
    let together = Together::begin(&mut connection).await?;
    let named: [Parameter<'_>; 2] = [&realm.as_str(), &client.as_str()];
    together.run(&DELETE_CLIENT, &named).await?;
    together.run(&DELETE_CONSENTS_OF_CLIENT, &named).await?;
    together.run(&DELETE_CODES_OF_CLIENT, &named).await?;
    together.run(&END_FAMILIES_OF_CLIENT, &[named[0], named[1], &at.milliseconds()]).await?;
    together.run(&DELETE_OPAQUE_TOKENS_OF_CLIENT, &named).await?;
    together.tell(&Change::Client(realm.clone(), client.clone())).await?;
    together.done(audit).await
}

pub(super) async fn remove_resource(
    store: &PostgresStore,
    audit: &[AuditEvent],
    realm: &RealmName,
    resource: &ResourceIndicator,
) -> Result<Commit, Fault> {
    let mut connection = store.connection().await?;
    let together = Together::begin(&mut connection).await?;
    together.run(&DELETE_RESOURCE, &[&realm.as_str(), &resource.as_str()]).await?;
    together.tell(&Change::Resource(realm.clone(), resource.clone())).await?;
    together.done(audit).await
}

/// The keys of a realm change one at a time: a change that makes one of them active waits for
/// whatever another does to any of them. What ceases to be active goes first: a rotation names the
/// two in either order.
pub(super) async fn save_keys(store: &PostgresStore, audit: &[AuditEvent], keys: &[Key]) -> Result<Commit, Fault> {
    let mut ordered: Vec<&Key> = keys.iter().collect();
    ordered.sort_by_key(|key| (key.state == KeyState::Active, &key.kid));
    let realms: BTreeSet<&RealmName> = keys.iter().map(|key| &key.realm).collect();
    let mut connection = store.connection().await?;
    let together = Together::begin(&mut connection).await?;
    for realm in &realms {
        together.run(&LOCK_KEYS, &[&realm.as_str()]).await?;
    }
    for key in ordered {
        let parameters: [Parameter<'_>; 9] = [
            &key.realm.as_str(),
            &key.kid,
            &column(key.revision)?,
            &key_state_word(key.state),
            &key.since.milliseconds(),
            &key.created_at.milliseconds(),
            &key_purpose_word(key.purpose)?,
            &Json(&key.public),
            &Json(&key.private),
        ];
        match together.run(saving(key.revision, &INSERT_KEY, &UPDATE_KEY), &parameters).await {
            Ok(0) => return Ok(Commit::Lost),
            Ok(_) => {}
            // Another is active for this purpose.
            Err(fault) if fault.is_taken() => return Ok(Commit::Lost),
            Err(fault) => return Err(fault),
        }
    }
    for realm in realms {
        together.tell(&Change::Keys(realm.clone())).await?;
    }
    together.done(audit).await
}
