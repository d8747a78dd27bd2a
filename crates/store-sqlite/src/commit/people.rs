//! Changes of users and of what they prove themselves with.

use chancery_store::credential::PasswordCredential;
use chancery_store::id::{RealmName, UserId};
use chancery_store::link::PasswordLink;
use chancery_store::secret::SecretDigest;
use chancery_store::user::User;
use chancery_store::{Commit, Moment};
use rusqlite::{Connection, params};

use super::done_if;
use crate::fault::Found;
use crate::rows::{revision, write_document};
use crate::statement::Statement;

const ADD_USER: Statement = Statement::new(
    "add user",
    "INSERT INTO users (realm, id, revision, username, enabled, document) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
     ON CONFLICT DO NOTHING",
);
// OR IGNORE: a username that is taken changes no row, like a revision that is over.
const CHANGE_USER: Statement = Statement::new(
    "change user",
    "UPDATE OR IGNORE users SET revision = ?3, username = ?4, enabled = ?5, document = ?6
     WHERE realm = ?1 AND id = ?2 AND revision = ?3 - 1",
);
const REMOVE_USER: Statement = Statement::new("remove user", "DELETE FROM users WHERE realm = ?1 AND id = ?2");
const REMOVE_PASSWORD: Statement =
    Statement::new("remove password", "DELETE FROM passwords WHERE realm = ?1 AND user = ?2");
const REMOVE_LINKS_OF_USER: Statement =
    Statement::new("remove links of user", "DELETE FROM password_links WHERE realm = ?1 AND user = ?2");
const REMOVE_SESSIONS_OF_USER: Statement =
    Statement::new("remove sessions of user", "DELETE FROM sessions WHERE realm = ?1 AND user = ?2");
const REMOVE_CONSENTS_OF_USER: Statement =
    Statement::new("remove consents of user", "DELETE FROM consents WHERE realm = ?1 AND user = ?2");
const REMOVE_CODES_OF_USER: Statement =
    Statement::new("remove codes of user", "DELETE FROM codes WHERE realm = ?1 AND user = ?2");
const REMOVE_OPEN_CODES_OF_USER: Statement =
    Statement::new("remove open codes of user", "DELETE FROM codes WHERE realm = ?1 AND user = ?2 AND family IS NULL");
const END_FAMILIES_OF_USER: Statement = Statement::new(
    "end families of user",
    "UPDATE families SET ended_at = ?3 WHERE realm = ?1 AND user = ?2 AND ended_at IS NULL",
);

const SAVE_PASSWORD: Statement = Statement::new(
    "save password",
    "INSERT INTO passwords (realm, user, hash, changed_at)
     SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM users WHERE realm = ?1 AND id = ?2)
     ON CONFLICT DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at",
);
const UPGRADE_PASSWORD_HASH: Statement = Statement::new(
    "upgrade password hash",
    "UPDATE passwords SET hash = ?3, changed_at = ?4 WHERE realm = ?1 AND user = ?2 AND hash = ?5",
);
const KEEP_PASSWORD_LINK: Statement = Statement::new(
    "keep password link",
    "INSERT INTO password_links (realm, digest, user, expires_at) VALUES (?1, ?2, ?3, ?4)",
);
const USE_PASSWORD_LINK: Statement = Statement::new(
    "use password link",
    "DELETE FROM password_links WHERE realm = ?1 AND digest = ?2 AND user = ?3 AND expires_at > ?4",
);

pub(crate) const STATEMENTS: &[Statement] = &[
    ADD_USER,
    CHANGE_USER,
    REMOVE_USER,
    REMOVE_PASSWORD,
    REMOVE_LINKS_OF_USER,
    REMOVE_SESSIONS_OF_USER,
    REMOVE_CONSENTS_OF_USER,
    REMOVE_CODES_OF_USER,
    REMOVE_OPEN_CODES_OF_USER,
    END_FAMILIES_OF_USER,
    SAVE_PASSWORD,
    UPGRADE_PASSWORD_HASH,
    KEEP_PASSWORD_LINK,
    USE_PASSWORD_LINK,
];

pub(super) fn save_user(connection: &Connection, user: &User, at: Moment) -> Found<Commit> {
    let statement = if user.revision == 1 { ADD_USER } else { CHANGE_USER };
    let document = write_document(user)?;
    let changed = statement.run(
        connection,
        params![
            user.realm.as_str(),
            user.id.uuid().as_bytes(),
            revision(user.revision)?,
            user.username.as_str(),
            user.enabled,
            document
        ],
    )?;
    if changed == 1 && !user.enabled {
        sign_out_everywhere(connection, &user.realm, user.id, at)?;
    }
    Ok(done_if(changed))
}

pub(super) fn remove_user(connection: &Connection, realm: &RealmName, user: UserId, at: Moment) -> Found<Commit> {
    sign_out_everywhere(connection, realm, user, at)?;
    // The user's own row goes last: others refer to it.
    for statement in [REMOVE_PASSWORD, REMOVE_CONSENTS_OF_USER, REMOVE_CODES_OF_USER, REMOVE_USER] {
        statement.run(connection, params![realm.as_str(), user.uuid().as_bytes()])?;
    }
    Ok(Commit::Done)
}

pub(super) fn save_password(connection: &Connection, credential: &PasswordCredential) -> Found<Commit> {
    let PasswordCredential { realm, user, hash, changed_at } = credential;
    let changed = SAVE_PASSWORD
        .run(connection, params![realm.as_str(), user.uuid().as_bytes(), hash, changed_at.milliseconds()])?;
    if changed == 1 {
        sign_out_everywhere(connection, realm, *user, *changed_at)?;
    }
    Ok(done_if(changed))
}

pub(super) fn upgrade_password_hash(
    connection: &Connection,
    credential: &PasswordCredential,
    former: &str,
) -> Found<Commit> {
    let PasswordCredential { realm, user, hash, changed_at } = credential;
    UPGRADE_PASSWORD_HASH
        .run(connection, params![realm.as_str(), user.uuid().as_bytes(), hash, changed_at.milliseconds(), former])
        .map(done_if)
}

pub(super) fn keep_password_link(connection: &Connection, link: &PasswordLink) -> Found<Commit> {
    KEEP_PASSWORD_LINK
        .run(
            connection,
            params![
                link.realm.as_str(),
                link.digest.as_bytes(),
                link.user.uuid().as_bytes(),
                link.expires_at.milliseconds()
            ],
        )
        .map(done_if)
}

pub(super) fn redeem_password_link(
    connection: &Connection,
    digest: &SecretDigest,
    credential: &PasswordCredential,
) -> Found<Commit> {
    let used = USE_PASSWORD_LINK.run(
        connection,
        params![
            credential.realm.as_str(),
            digest.as_bytes(),
            credential.user.uuid().as_bytes(),
            credential.changed_at.milliseconds()
        ],
    )?;
    if used == 0 {
        return Ok(Commit::Lost);
    }
    save_password(connection, credential)
}

/// Redeemed codes stay, so that a replay of one is still recognised.
fn sign_out_everywhere(connection: &Connection, realm: &RealmName, user: UserId, at: Moment) -> Found<()> {
    END_FAMILIES_OF_USER.run(connection, params![realm.as_str(), user.uuid().as_bytes(), at.milliseconds()])?;
    for statement in [REMOVE_LINKS_OF_USER, REMOVE_SESSIONS_OF_USER, REMOVE_OPEN_CODES_OF_USER] {
        statement.run(connection, params![realm.as_str(), user.uuid().as_bytes()])?;
    }
    Ok(())
}
