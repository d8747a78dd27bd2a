//! Changes of what clients are given: codes, families, tokens, and the agreements behind them.

use chancery_store::audit::AuditEvent;
use chancery_store::code::{Code, CodeState};
use chancery_store::consent::Consent;
use chancery_store::family::{Family, FamilyState};
use chancery_store::id::{ClientId, FamilyId, PendingId, RealmName, UserId};
use chancery_store::moment::Moment;
use chancery_store::secret::SecretDigest;
use chancery_store::token::{DeniedToken, OpaqueContent, OpaqueToken};
use chancery_store::{Commit, StoreError};
use tokio_postgres::types::Json;
use uuid::Uuid;

use crate::PostgresStore;
use crate::commit::{Together, alone};
use crate::fault::Fault;
use crate::lanes::Parameter;
use crate::rows::ConsentDocument;
use crate::statement::{audited, register};

/// The clause that keeps the opaque token which comes with a grant: parameters 5 (the realm) to
/// 11, see [`TokenColumns`].
macro_rules! with_token {
    () => {
        "token AS (
            INSERT INTO opaque_tokens (realm, digest, client_id, family_id, issued_at, expires_at, document)
            SELECT $5, $6, $7, $8, $9, $10, $11 FROM gate WHERE $6::bytea IS NOT NULL), "
    };
}

register! {
    ISSUE_CODE = concat!("WITH alive AS MATERIALIZED (
            SELECT 1 FROM sessions WHERE realm = $5 AND id = $6 FOR KEY SHARE),
        used AS (
            DELETE FROM pendings WHERE realm = $5 AND id = $7 AND EXISTS (SELECT 1 FROM alive) RETURNING 1),
        gate AS (
            INSERT INTO codes (realm, digest, client_id, user_id, session_id, open_until, forget_at, document)
            SELECT $5, $8, $9, $10, $6, $11, $12, $13
            WHERE EXISTS (SELECT 1 FROM alive) AND ($7::uuid IS NULL OR EXISTS (SELECT 1 FROM used))
            RETURNING 1),
        agreed AS (
            INSERT INTO consents (realm, user_id, client_id, granted_at, document)
            SELECT $5, $14, $15, $16, $17 FROM gate WHERE $14::uuid IS NOT NULL
            ON CONFLICT (realm, user_id, client_id)
            DO UPDATE SET granted_at = EXCLUDED.granted_at, document = EXCLUDED.document), ",
        audited!(), " SELECT 1 FROM gate");
    REDEEM_CODE = concat!("WITH alive AS MATERIALIZED (
            SELECT 1 FROM sessions WHERE realm = $5 AND id = $24 FOR KEY SHARE),
        gate AS (
            UPDATE codes SET family_id = $13
            WHERE realm = $5 AND digest = $12 AND family_id IS NULL AND open_until > $18
                AND session_id = $24 AND EXISTS (SELECT 1 FROM alive)
            RETURNING 1),
        family AS (
            INSERT INTO families (realm, id, client_id, user_id, session_id, salt, created_at, expires_at,
                generation, rotated_at, idle_until, sweep_at, document)
            SELECT $5, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, LEAST($19::bigint, $22::bigint), $23
            FROM gate), ",
        with_token!(), audited!(), " SELECT 1 FROM gate");
    ROTATE_REFRESH_TOKEN = concat!("WITH gate AS (
            UPDATE families SET generation = generation + 1, rotated_at = $14, idle_until = $15,
                sweep_at = LEAST(sweep_at, $15)
            WHERE realm = $5 AND id = $12 AND generation = $13
                AND ended_at IS NULL AND idle_until > $14 AND expires_at > $14
            RETURNING 1), ",
        with_token!(), audited!(), " SELECT 1 FROM gate");
    END_FAMILY = concat!("WITH gate AS (
            UPDATE families SET ended_at = COALESCE(ended_at, $7) WHERE realm = $5 AND id = $6 RETURNING 1), ",
        audited!(), " SELECT 1 FROM gate");
    DELETE_CONSENT = "DELETE FROM consents WHERE realm = $1 AND user_id = $2 AND client_id = $3";
    DELETE_OPEN_CODES_OF_CONSENT = "WITH locked AS MATERIALIZED (
            SELECT digest FROM codes WHERE realm = $1 AND user_id = $2 AND client_id = $3 AND family_id IS NULL
            ORDER BY digest FOR UPDATE)
        DELETE FROM codes USING locked WHERE codes.realm = $1 AND codes.digest = locked.digest";
    END_FAMILIES_OF_CONSENT = "WITH locked AS MATERIALIZED (
            SELECT id FROM families WHERE realm = $1 AND user_id = $2 AND client_id = $3 AND ended_at IS NULL
            ORDER BY id FOR NO KEY UPDATE)
        UPDATE families SET ended_at = $4 FROM locked WHERE families.realm = $1 AND families.id = locked.id";
    KEEP_OPAQUE_TOKEN = concat!("WITH live AS MATERIALIZED (
            SELECT 1 FROM families WHERE realm = $5 AND id = $8
                AND ended_at IS NULL AND idle_until > $9 AND expires_at > $9 FOR SHARE),
        gate AS (
            INSERT INTO opaque_tokens (realm, digest, client_id, family_id, issued_at, expires_at, document)
            SELECT $5, $6, $7, $8, $9, $10, $11 WHERE $8::uuid IS NULL OR EXISTS (SELECT 1 FROM live)
            RETURNING 1), ",
        audited!(), " SELECT 1 FROM gate");
    DROP_OPAQUE_TOKEN = concat!("WITH dropped AS (
            DELETE FROM opaque_tokens WHERE realm = $5 AND digest = $6),
        gate AS (SELECT 1), ",
        audited!(), " SELECT 1 FROM gate");
    DENY_TOKEN = concat!("WITH gate AS (
            INSERT INTO denied_tokens AS kept (realm, jti, denied_until) VALUES ($5, $6, $7)
            ON CONFLICT (realm, jti)
            DO UPDATE SET denied_until = GREATEST(kept.denied_until, EXCLUDED.denied_until) RETURNING 1), ",
        audited!(), " SELECT 1 FROM gate");
    SPEND_ASSERTION = concat!("WITH gate AS (
            INSERT INTO spent_assertions (realm, client_id, jti, spent_until) VALUES ($5, $6, $7, $8)
            ON CONFLICT DO NOTHING RETURNING 1), ",
        audited!(), " SELECT 1 FROM gate");
}

pub(super) async fn issue_code(
    store: &PostgresStore,
    audit: &[AuditEvent],
    code: &Code,
    consent: Option<&Consent>,
    pending: Option<PendingId>,
) -> Result<Commit, Fault> {
    let CodeState::Open { until } = code.state else {
        return Err(StoreError::Refused("a code is issued open".to_owned()).into());
    };
    let digest: &[u8] = code.digest.as_bytes();
    let document = consent
        .map(|consent| Json(ConsentDocument { scope: consent.scope.clone(), resources: consent.resources.clone() }));
    let parameters: [Parameter<'_>; 13] = [
        &code.realm.as_str(),
        &code.grant.session.uuid(),
        &pending.map(PendingId::uuid),
        &digest,
        &code.client.as_str(),
        &code.grant.user.uuid(),
        &until.milliseconds(),
        &code.forget_at.milliseconds(),
        &Json(&code.grant),
        &consent.map(|consent| consent.user.uuid()),
        &consent.map(|consent| consent.client.as_str()),
        &consent.map(|consent| consent.granted_at.milliseconds()),
        &document,
    ];
    alone(store, &ISSUE_CODE, audit, &parameters).await
}

pub(super) async fn redeem_code(
    store: &PostgresStore,
    audit: &[AuditEvent],
    code: &SecretDigest,
    family: &Family,
    access: Option<&OpaqueToken>,
) -> Result<Commit, Fault> {
    let FamilyState::Live { generation, rotated_at, idle_until } = family.state else {
        return Err(StoreError::Refused("a family begins live".to_owned()).into());
    };
    let issued_in = family.grant.session;
    if family.session.is_some_and(|ends_with| ends_with != issued_in) {
        let why = "a family ends with the session it came from, or with none";
        return Err(StoreError::Refused(why.to_owned()).into());
    }
    let (digest, salt): (&[u8], &[u8]) = (code.as_bytes(), &family.salt.0);
    let realm = family.realm.as_str();
    let token = TokenColumns::of(access);
    let mut parameters = token.after(&realm);
    let (id, user, session) = (family.id.uuid(), family.user.uuid(), family.session.map(|session| session.uuid()));
    let (client, created_at, expires_at) =
        (family.client.as_str(), family.created_at.milliseconds(), family.expires_at.milliseconds());
    let (generation, rotated_at, idle_until) =
        (i64::from(generation), rotated_at.milliseconds(), idle_until.milliseconds());
    let (grant, issued_in) = (Json(&family.grant), issued_in.uuid());
    let own: [Parameter<'_>; 13] = [
        &digest,
        &id,
        &client,
        &user,
        &session,
        &salt,
        &created_at,
        &expires_at,
        &generation,
        &rotated_at,
        &idle_until,
        &grant,
        &issued_in,
    ];
    parameters.extend_from_slice(&own);
    alone(store, &REDEEM_CODE, audit, &parameters).await
}

/// One refresh token gives way to the next.
pub(super) struct Rotation {
    pub(super) family: FamilyId,
    pub(super) spent: u32,
    pub(super) at: Moment,
    pub(super) idle_until: Moment,
}

pub(super) async fn rotate(
    store: &PostgresStore,
    audit: &[AuditEvent],
    realm: &RealmName,
    rotation: Rotation,
    access: Option<&OpaqueToken>,
) -> Result<Commit, Fault> {
    let realm = realm.as_str();
    let token = TokenColumns::of(access);
    let mut parameters = token.after(&realm);
    let (family, spent) = (rotation.family.uuid(), i64::from(rotation.spent));
    let (at, idle_until) = (rotation.at.milliseconds(), rotation.idle_until.milliseconds());
    let own: [Parameter<'_>; 4] = [&family, &spent, &at, &idle_until];
    parameters.extend_from_slice(&own);
    alone(store, &ROTATE_REFRESH_TOKEN, audit, &parameters).await
}

pub(super) async fn end_family(
    store: &PostgresStore,
    audit: &[AuditEvent],
    realm: &RealmName,
    family: FamilyId,
    at: Moment,
) -> Result<Commit, Fault> {
    alone(store, &END_FAMILY, audit, &[&realm.as_str(), &family.uuid(), &at.milliseconds()]).await
}

pub(super) async fn withdraw_consent(
    store: &PostgresStore,
    audit: &[AuditEvent],
    realm: &RealmName,
    user: UserId,
    client: &ClientId,
    at: Moment,
) -> Result<Commit, Fault> {
    let mut connection = store.connection().await?;
    let together = Together::begin(&mut connection).await?;
    let uuid = user.uuid();
    let named: [Parameter<'_>; 3] = [&realm.as_str(), &uuid, &client.as_str()];
    together.run(&DELETE_CONSENT, &named).await?;
    // Before the families: a redemption that holds a code is waited for, and what it opened is
    // found.
    together.run(&DELETE_OPEN_CODES_OF_CONSENT, &named).await?;
    together.run(&END_FAMILIES_OF_CONSENT, &[named[0], named[1], named[2], &at.milliseconds()]).await?;
    together.done(audit).await
}

pub(super) async fn keep_opaque_token(
    store: &PostgresStore,
    audit: &[AuditEvent],
    token: &OpaqueToken,
) -> Result<Commit, Fault> {
    let realm = token.realm.as_str();
    alone(store, &KEEP_OPAQUE_TOKEN, audit, &TokenColumns::of(Some(token)).after(&realm)).await
}

pub(super) async fn drop_opaque_token(
    store: &PostgresStore,
    audit: &[AuditEvent],
    realm: &RealmName,
    digest: &SecretDigest,
) -> Result<Commit, Fault> {
    let digest: &[u8] = digest.as_bytes();
    alone(store, &DROP_OPAQUE_TOKEN, audit, &[&realm.as_str(), &digest]).await
}

pub(super) async fn deny_token(
    store: &PostgresStore,
    audit: &[AuditEvent],
    token: &DeniedToken,
) -> Result<Commit, Fault> {
    let jti: &[u8] = token.jti.as_bytes();
    alone(store, &DENY_TOKEN, audit, &[&token.realm.as_str(), &jti, &token.until.milliseconds()]).await
}

pub(super) async fn spend_assertion(
    store: &PostgresStore,
    audit: &[AuditEvent],
    realm: &RealmName,
    client: &ClientId,
    jti: &SecretDigest,
    until: Moment,
) -> Result<Commit, Fault> {
    let jti: &[u8] = jti.as_bytes();
    let parameters: [Parameter<'_>; 4] = [&realm.as_str(), &client.as_str(), &jti, &until.milliseconds()];
    alone(store, &SPEND_ASSERTION, audit, &parameters).await
}

/// An opaque token, or none, as columns.
#[derive(Default)]
struct TokenColumns<'a> {
    digest: Option<&'a [u8]>,
    client: Option<&'a str>,
    family: Option<Uuid>,
    issued_at: Option<i64>,
    expires_at: Option<i64>,
    content: Option<Json<&'a OpaqueContent>>,
}

impl<'a> TokenColumns<'a> {
    fn of(token: Option<&'a OpaqueToken>) -> Self {
        let Some(token) = token else {
            return Self::default();
        };
        Self {
            digest: Some(token.digest.as_bytes()),
            client: Some(token.client.as_str()),
            family: token.family.map(FamilyId::uuid),
            issued_at: Some(token.issued_at.milliseconds()),
            expires_at: Some(token.expires_at.milliseconds()),
            content: Some(Json(&token.content)),
        }
    }

    /// The parameters 5 to 11: the realm and the token's own.
    fn after<'b>(&'b self, realm: &'b &'b str) -> Vec<Parameter<'b>> {
        vec![realm, &self.digest, &self.client, &self.family, &self.issued_at, &self.expires_at, &self.content]
    }
}
