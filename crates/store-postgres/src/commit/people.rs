//! Changes of users, their passwords, and the count of those who tried to be them.

use chancery_store::Commit;
use chancery_store::attempt::{AttemptKey, CountedAttempt};
use chancery_store::audit::AuditEvent;
use chancery_store::credential::PasswordCredential;
use chancery_store::id::{RealmName, UserId};
use chancery_store::link::PasswordLink;
use chancery_store::moment::Moment;
use chancery_store::secret::SecretDigest;
use chancery_store::user::User;
use tokio_postgres::types::Json;

use crate::PostgresStore;
use crate::commit::directory::saving;
use crate::commit::{Together, alone};
use crate::fault::Fault;
use crate::lanes::Parameter;
use crate::rows::column;
use crate::statement::{audited, register};

register! {
    INSERT_USER = "INSERT INTO users (realm, id, revision, username, enabled, document)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
    UPDATE_USER = "UPDATE users SET revision = $3::bigint, username = $4, enabled = $5, document = $6
        WHERE realm = $1 AND id = $2 AND revision = $3::bigint - 1";
    LOCK_USER = "SELECT 1 FROM users WHERE realm = $1 AND id = $2 FOR NO KEY UPDATE";
    DELETE_USER = "DELETE FROM users WHERE realm = $1 AND id = $2";
    SAVE_PASSWORD = "INSERT INTO passwords (realm, user_id, hash, changed_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (realm, user_id) DO UPDATE SET hash = EXCLUDED.hash, changed_at = EXCLUDED.changed_at";
    DELETE_PASSWORD = "DELETE FROM passwords WHERE realm = $1 AND user_id = $2";
    UPGRADE_PASSWORD_HASH = concat!("WITH gate AS (
            UPDATE passwords SET hash = $7, changed_at = $8
            WHERE realm = $5 AND user_id = $6 AND hash = $9 RETURNING 1), ",
        audited!(), " SELECT 1 FROM gate");
    KEEP_PASSWORD_LINK = concat!("WITH gate AS (
            INSERT INTO password_links (realm, digest, user_id, expires_at) VALUES ($5, $6, $7, $8)
            ON CONFLICT DO NOTHING RETURNING 1), ",
        audited!(), " SELECT 1 FROM gate");
    REDEEM_PASSWORD_LINK = "DELETE FROM password_links
        WHERE realm = $1 AND digest = $2 AND user_id = $3 AND expires_at > $4";
    DELETE_PASSWORD_LINKS = "DELETE FROM password_links WHERE realm = $1 AND user_id = $2";
    DELETE_SESSIONS_OF_USER = "DELETE FROM sessions WHERE realm = $1 AND user_id = $2";
    DELETE_CONSENTS_OF_USER = "WITH locked AS MATERIALIZED (
            SELECT client_id FROM consents WHERE realm = $1 AND user_id = $2 ORDER BY client_id FOR UPDATE)
        DELETE FROM consents USING locked
        WHERE consents.realm = $1 AND consents.user_id = $2 AND consents.client_id = locked.client_id";
    DELETE_CODES_OF_USER = "WITH locked AS MATERIALIZED (
            SELECT digest FROM codes WHERE realm = $1 AND user_id = $2 ORDER BY digest FOR UPDATE)
        DELETE FROM codes USING locked WHERE codes.realm = $1 AND codes.digest = locked.digest";
    DELETE_OPEN_CODES_OF_USER = "WITH locked AS MATERIALIZED (
            SELECT digest FROM codes WHERE realm = $1 AND user_id = $2 AND family_id IS NULL
            ORDER BY digest FOR UPDATE)
        DELETE FROM codes USING locked WHERE codes.realm = $1 AND codes.digest = locked.digest";
    END_FAMILIES_OF_USER = "WITH locked AS MATERIALIZED (
            SELECT id FROM families WHERE realm = $1 AND user_id = $2 AND ended_at IS NULL
            ORDER BY id FOR NO KEY UPDATE)
        UPDATE families SET ended_at = $3 FROM locked WHERE families.realm = $1 AND families.id = locked.id";
    COUNT_FIRST_ATTEMPT = "INSERT INTO attempts (realm, subject, count, retry_at, forget_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (realm, subject) DO UPDATE
        SET count = EXCLUDED.count, retry_at = EXCLUDED.retry_at, forget_at = EXCLUDED.forget_at
        WHERE attempts.count = 0";
    COUNT_ATTEMPT = "UPDATE attempts SET count = $3, retry_at = $4, forget_at = $5
        WHERE realm = $1 AND subject = $2 AND count = $6";
    SETTLE_ATTEMPTS = concat!("WITH locked AS MATERIALIZED (
            SELECT realm, subject FROM attempts
            WHERE (realm = $5 AND subject = $6) OR (realm = $7 AND subject = $8)
            ORDER BY realm, subject FOR UPDATE),
        cleared AS (
            DELETE FROM attempts USING locked
            WHERE attempts.realm = locked.realm AND attempts.subject = locked.subject
                AND attempts.realm = $5 AND attempts.subject = $6),
        forgiven AS (
            UPDATE attempts SET count = GREATEST(count - 1, 0), retry_at = NULL FROM locked
            WHERE attempts.realm = locked.realm AND attempts.subject = locked.subject
                AND attempts.realm = $7 AND attempts.subject = $8 AND NOT (attempts.realm = $5 AND attempts.subject = $6)),
        gate AS (SELECT 1), ",
        audited!(), " SELECT 1 FROM gate");
}

pub(super) async fn save_user(
    store: &PostgresStore,
    audit: &[AuditEvent],
    user: &User,
    at: Moment,
) -> Result<Commit, Fault> {
    let mut connection = store.connection().await?;
    let together = Together::begin(&mut connection).await?;
    let parameters: [Parameter<'_>; 6] = [
        &user.realm.as_str(),
        &user.id.uuid(),
        &column(user.revision)?,
        &user.username.as_str(),
        &user.enabled,
        &Json(user),
    ];
    match together.run(saving(user.revision, &INSERT_USER, &UPDATE_USER), &parameters).await {
        Ok(0) => return Ok(Commit::Lost),
        Ok(_) => {}
        // Another has this username.
        Err(fault) if fault.is_taken() => return Ok(Commit::Lost),
        Err(fault) => return Err(fault),
    }
    if !user.enabled {
        end_all_of(&together, &user.realm, user.id, at).await?;
    }
    together.done(audit).await
}

pub(super) async fn remove_user(
    store: &PostgresStore,
    audit: &[AuditEvent],
    realm: &RealmName,
    user: UserId,
    at: Moment,
) -> Result<Commit, Fault> {
    let mut connection = store.connection().await?;
    let together = Together::begin(&mut connection).await?;
    let uuid = user.uuid();
    let named: [Parameter<'_>; 2] = [&realm.as_str(), &uuid];
    together.run(&DELETE_USER, &named).await?;
    together.run(&DELETE_PASSWORD, &named).await?;
    together.run(&DELETE_PASSWORD_LINKS, &named).await?;
    together.run(&DELETE_SESSIONS_OF_USER, &named).await?;
    together.run(&DELETE_CONSENTS_OF_USER, &named).await?;
    // Before the families: a redemption that holds the code is waited for, and what it opened
    // is found.
    together.run(&DELETE_CODES_OF_USER, &named).await?;
    together.run(&END_FAMILIES_OF_USER, &[named[0], named[1], &at.milliseconds()]).await?;
    together.done(audit).await
}

/// The user is locked by then, so that the passwords, links, sessions and families of one user
/// change one at a time. Redeemed codes stay, so that a replay of one is still recognised.
async fn end_all_of(together: &Together<'_>, realm: &RealmName, user: UserId, at: Moment) -> Result<(), Fault> {
    let uuid = user.uuid();
    let named: [Parameter<'_>; 2] = [&realm.as_str(), &uuid];
    together.run(&DELETE_PASSWORD_LINKS, &named).await?;
    together.run(&DELETE_SESSIONS_OF_USER, &named).await?;
    together.run(&DELETE_OPEN_CODES_OF_USER, &named).await?;
    together.run(&END_FAMILIES_OF_USER, &[named[0], named[1], &at.milliseconds()]).await?;
    Ok(())
}

pub(super) async fn save_password(
    store: &PostgresStore,
    audit: &[AuditEvent],
    credential: &PasswordCredential,
) -> Result<Commit, Fault> {
    set_password(store, audit, credential, None).await
}

pub(super) async fn redeem_password_link(
    store: &PostgresStore,
    audit: &[AuditEvent],
    digest: &SecretDigest,
    credential: &PasswordCredential,
) -> Result<Commit, Fault> {
    set_password(store, audit, credential, Some(digest)).await
}

async fn set_password(
    store: &PostgresStore,
    audit: &[AuditEvent],
    credential: &PasswordCredential,
    link: Option<&SecretDigest>,
) -> Result<Commit, Fault> {
    let mut connection = store.connection().await?;
    let together = Together::begin(&mut connection).await?;
    let (realm, user, at) = (credential.realm.as_str(), credential.user.uuid(), credential.changed_at.milliseconds());
    if together.run(&LOCK_USER, &[&realm, &user]).await? == 0 {
        return Ok(Commit::Lost);
    }
    together.run(&SAVE_PASSWORD, &[&realm, &user, &credential.hash, &at]).await?;
    if let Some(digest) = link {
        let digest: &[u8] = digest.as_bytes();
        if together.run(&REDEEM_PASSWORD_LINK, &[&realm, &digest, &user, &at]).await? == 0 {
            return Ok(Commit::Lost);
        }
    }
    end_all_of(&together, &credential.realm, credential.user, credential.changed_at).await?;
    together.done(audit).await
}

pub(super) async fn upgrade_password_hash(
    store: &PostgresStore,
    audit: &[AuditEvent],
    credential: &PasswordCredential,
    former: &str,
) -> Result<Commit, Fault> {
    let parameters: [Parameter<'_>; 5] = [
        &credential.realm.as_str(),
        &credential.user.uuid(),
        &credential.hash,
        &credential.changed_at.milliseconds(),
        &former,
    ];
    alone(store, &UPGRADE_PASSWORD_HASH, audit, &parameters).await
}

pub(super) async fn keep_password_link(
    store: &PostgresStore,
    audit: &[AuditEvent],
    link: &PasswordLink,
) -> Result<Commit, Fault> {
    let digest: &[u8] = link.digest.as_bytes();
    let parameters: [Parameter<'_>; 4] =
        [&link.realm.as_str(), &digest, &link.user.uuid(), &link.expires_at.milliseconds()];
    alone(store, &KEEP_PASSWORD_LINK, audit, &parameters).await
}

pub(super) async fn count_attempts(
    store: &PostgresStore,
    audit: &[AuditEvent],
    attempts: &[CountedAttempt],
) -> Result<Commit, Fault> {
    let mut ordered: Vec<&CountedAttempt> = attempts.iter().collect();
    ordered.sort_by(|one, other| (&one.key.realm, &one.key.subject).cmp(&(&other.key.realm, &other.key.subject)));
    let mut connection = store.connection().await?;
    let together = Together::begin(&mut connection).await?;
    for attempt in ordered {
        let subject: &[u8] = attempt.key.subject.as_bytes();
        let (becomes, seen) = (i64::from(attempt.becomes.count), i64::from(attempt.seen));
        let retry_at = attempt.becomes.retry_at.map(Moment::milliseconds);
        let forget_at = attempt.forget_at.milliseconds();
        let parameters: [Parameter<'_>; 6] =
            [&attempt.key.realm.as_str(), &subject, &becomes, &retry_at, &forget_at, &seen];
        // No record counts as none seen.
        let counted = if attempt.seen == 0 {
            together.run(&COUNT_FIRST_ATTEMPT, &parameters[..5]).await?
        } else {
            together.run(&COUNT_ATTEMPT, &parameters).await?
        };
        if counted == 0 {
            return Ok(Commit::Lost);
        }
    }
    together.done(audit).await
}

pub(super) async fn settle_attempts(
    store: &PostgresStore,
    audit: &[AuditEvent],
    cleared: &AttemptKey,
    forgiven: &AttemptKey,
) -> Result<Commit, Fault> {
    let (clear, forgive): (&[u8], &[u8]) = (cleared.subject.as_bytes(), forgiven.subject.as_bytes());
    let parameters: [Parameter<'_>; 4] = [&cleared.realm.as_str(), &clear, &forgiven.realm.as_str(), &forgive];
    alone(store, &SETTLE_ATTEMPTS, audit, &parameters).await
}
