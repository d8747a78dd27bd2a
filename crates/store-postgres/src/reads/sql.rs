//! The statements of the reads, in the order of the contract.

use crate::statement::register;

register! {
    REALM = "SELECT document FROM realms WHERE name = $1 AND enabled";
    REALM_RECORD = "SELECT document FROM realms WHERE name = $1";
    REALM_RECORDS = "SELECT document FROM realms WHERE name > $1 ORDER BY name LIMIT $2";
    CLIENT = "SELECT document FROM clients WHERE realm = $1 AND id = $2 AND enabled";
    CLIENT_RECORD = "SELECT document FROM clients WHERE realm = $1 AND id = $2";
    CLIENT_RECORDS = "SELECT document FROM clients WHERE realm = $1 AND id > $2 ORDER BY id LIMIT $3";
    RESOURCE = "SELECT document FROM resources WHERE realm = $1 AND identifier = $2 AND enabled";
    RESOURCE_RECORD = "SELECT document FROM resources WHERE realm = $1 AND identifier = $2";
    RESOURCE_RECORDS =
        "SELECT document FROM resources WHERE realm = $1 AND identifier > $2 ORDER BY identifier LIMIT $3";
    KEYS = "SELECT kid, revision, state, since, created_at, purpose, public, private FROM keys
        WHERE realm = $1 AND state <> 'removed' ORDER BY created_at, kid";
    USER = "SELECT document FROM users WHERE realm = $1 AND id = $2 AND enabled";
    USER_NAMED = "SELECT document FROM users WHERE realm = $1 AND username = $2 AND enabled";
    USER_RECORD_NAMED = "SELECT document FROM users WHERE realm = $1 AND username = $2";
    USER_RECORDS = "SELECT document FROM users WHERE realm = $1 AND username > $2 ORDER BY username LIMIT $3";
    PASSWORD = "SELECT user_id, hash, changed_at FROM passwords WHERE realm = $1 AND user_id = $2";
    PASSWORD_LINK = "SELECT digest, user_id, expires_at FROM password_links WHERE realm = $1 AND digest = $2";
    ATTEMPTS = "SELECT count, retry_at FROM attempts WHERE realm = $1 AND subject = $2";
    SESSION = "SELECT id, secret, user_id, created_at, seen_at, idle_until, expires_at, document FROM sessions
        WHERE realm = $1 AND secret = $2";
    SESSION_NAMED = "SELECT id, secret, user_id, created_at, seen_at, idle_until, expires_at, document FROM sessions
        WHERE realm = $1 AND id = $2";
    SESSIONS_OF = "SELECT id, secret, user_id, created_at, seen_at, idle_until, expires_at, document FROM sessions
        WHERE realm = $1 AND user_id = $2 ORDER BY created_at DESC, id DESC LIMIT 100";
    PENDING = "SELECT id, browser, created_at, expires_at, document FROM pendings WHERE realm = $1 AND id = $2";
    CONSENT = "SELECT user_id, client_id, granted_at, document FROM consents
        WHERE realm = $1 AND user_id = $2 AND client_id = $3";
    CONSENTS_OF = "SELECT user_id, client_id, granted_at, document FROM consents
        WHERE realm = $1 AND user_id = $2 ORDER BY client_id";
    CODE = "SELECT digest, client_id, open_until, family_id, forget_at, document FROM codes
        WHERE realm = $1 AND digest = $2";
    FAMILY = "SELECT id, client_id, user_id, session_id, salt, created_at, expires_at, generation, rotated_at,
            idle_until, ended_at, document FROM families
        WHERE realm = $1 AND id = $2";
    OPAQUE_TOKEN = "SELECT digest, client_id, family_id, issued_at, expires_at, document FROM opaque_tokens
        WHERE realm = $1 AND digest = $2";
    DENIED_TOKEN = "SELECT 1 FROM denied_tokens WHERE realm = $1 AND jti = $2";
    AUDIT_EVENTS = "SELECT document FROM audit_events WHERE realm = $1 ORDER BY id DESC LIMIT $2";
    AUDIT_EVENTS_BEFORE =
        "SELECT document FROM audit_events WHERE realm = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    PING = "SELECT pg_is_in_recovery()";
}
