-- The house: realms, their directory, people, and what is issued to clients.
--
-- Every table begins with the realm. A column of its own holds what a statement decides on; the
-- rest of a record is one document that is written once and read whole.
--
-- Documents are json and not jsonb: they carry what strangers send (state, nonce, claims), and
-- jsonb refuses \u0000 and rewrites numbers, where json keeps the text it was given.
--
-- Names are compared by their bytes (COLLATE "C"), so that lists have one order everywhere.
--
-- Moments are milliseconds since 1970-01-01T00:00:00Z.

CREATE TABLE realms (
    name        text    NOT NULL COLLATE "C",
    revision    bigint  NOT NULL,
    enabled     boolean NOT NULL,
    document    json    NOT NULL,
    PRIMARY KEY (name)
);

CREATE TABLE clients (
    realm       text    NOT NULL COLLATE "C",
    id          text    NOT NULL COLLATE "C",
    revision    bigint  NOT NULL,
    enabled     boolean NOT NULL,
    document    json    NOT NULL,
    PRIMARY KEY (realm, id)
);

CREATE TABLE resources (
    realm       text    NOT NULL COLLATE "C",
    identifier  text    NOT NULL COLLATE "C",
    revision    bigint  NOT NULL,
    enabled     boolean NOT NULL,
    document    json    NOT NULL,
    PRIMARY KEY (realm, identifier)
);

CREATE TABLE keys (
    realm       text    NOT NULL COLLATE "C",
    kid         text    NOT NULL COLLATE "C",
    revision    bigint  NOT NULL,
    state       text    NOT NULL CHECK (state IN ('staged', 'published', 'active', 'retired', 'removed')),
    since       bigint  NOT NULL,
    created_at  bigint  NOT NULL,
    purpose     text    NOT NULL COLLATE "C",
    public      json    NOT NULL,
    private     json    NOT NULL,
    PRIMARY KEY (realm, kid)
);
-- One key is in use for each purpose, also where two nodes furnish an empty realm at once.
CREATE UNIQUE INDEX active_keys ON keys (realm, purpose) WHERE state = 'active';

CREATE TABLE users (
    realm       text    NOT NULL COLLATE "C",
    id          uuid    NOT NULL,
    revision    bigint  NOT NULL,
    username    text    NOT NULL COLLATE "C",
    enabled     boolean NOT NULL,
    document    json    NOT NULL,
    PRIMARY KEY (realm, id),
    UNIQUE (realm, username)
);

CREATE TABLE passwords (
    realm       text    NOT NULL COLLATE "C",
    user_id     uuid    NOT NULL,
    hash        text    NOT NULL,
    changed_at  bigint  NOT NULL,
    PRIMARY KEY (realm, user_id)
);

CREATE TABLE password_links (
    realm       text    NOT NULL COLLATE "C",
    digest      bytea   NOT NULL,
    user_id     uuid    NOT NULL,
    expires_at  bigint  NOT NULL,
    PRIMARY KEY (realm, digest)
);
CREATE INDEX password_links_of_user ON password_links (realm, user_id);
CREATE INDEX password_links_over ON password_links (expires_at);

CREATE TABLE attempts (
    realm       text    NOT NULL COLLATE "C",
    subject     bytea   NOT NULL,
    count       bigint  NOT NULL CHECK (count >= 0),
    retry_at    bigint,
    forget_at   bigint  NOT NULL,
    PRIMARY KEY (realm, subject)
);
CREATE INDEX attempts_over ON attempts (forget_at);

-- sweep_at is a moment before which the row cannot be over. Using a session puts its end off
-- without touching sweep_at, and hence no index; the sweep that finds the row too early moves it.
CREATE TABLE sessions (
    realm       text    NOT NULL COLLATE "C",
    id          uuid    NOT NULL,
    secret      bytea   NOT NULL,
    user_id     uuid    NOT NULL,
    created_at  bigint  NOT NULL,
    seen_at     bigint  NOT NULL,
    idle_until  bigint  NOT NULL,
    expires_at  bigint  NOT NULL,
    sweep_at    bigint  NOT NULL,
    document    json    NOT NULL,
    PRIMARY KEY (realm, id),
    UNIQUE (realm, secret)
) WITH (fillfactor = 85);
CREATE INDEX sessions_of_user ON sessions (realm, user_id, created_at DESC, id DESC);
CREATE INDEX sessions_over ON sessions (sweep_at);

CREATE TABLE pendings (
    realm       text    NOT NULL COLLATE "C",
    id          uuid    NOT NULL,
    browser     bytea   NOT NULL,
    created_at  bigint  NOT NULL,
    expires_at  bigint  NOT NULL,
    document    json    NOT NULL,
    PRIMARY KEY (realm, id)
);
CREATE INDEX pendings_over ON pendings (expires_at);

CREATE TABLE consents (
    realm       text    NOT NULL COLLATE "C",
    user_id     uuid    NOT NULL,
    client_id   text    NOT NULL COLLATE "C",
    granted_at  bigint  NOT NULL,
    document    json    NOT NULL,
    PRIMARY KEY (realm, user_id, client_id)
);
CREATE INDEX consents_of_client ON consents (realm, client_id);

-- A code is open while it has no family; its redemption changes no indexed column.
CREATE TABLE codes (
    realm       text    NOT NULL COLLATE "C",
    digest      bytea   NOT NULL,
    client_id   text    NOT NULL COLLATE "C",
    user_id     uuid    NOT NULL,
    session_id  uuid    NOT NULL,
    open_until  bigint  NOT NULL,
    family_id   uuid,
    forget_at   bigint  NOT NULL,
    document    json    NOT NULL,
    PRIMARY KEY (realm, digest)
) WITH (fillfactor = 85);
CREATE INDEX codes_of_client ON codes (realm, client_id);
CREATE INDEX codes_of_user ON codes (realm, user_id, client_id);
CREATE INDEX codes_of_session ON codes (realm, session_id);
CREATE INDEX codes_over ON codes (forget_at);

-- A family is live while it has no ended_at. A rotation changes no indexed column. For sweep_at
-- see sessions.
CREATE TABLE families (
    realm       text    NOT NULL COLLATE "C",
    id          uuid    NOT NULL,
    client_id   text    NOT NULL COLLATE "C",
    user_id     uuid    NOT NULL,
    session_id  uuid,
    salt        bytea   NOT NULL,
    created_at  bigint  NOT NULL,
    expires_at  bigint  NOT NULL,
    generation  bigint  NOT NULL,
    rotated_at  bigint  NOT NULL,
    idle_until  bigint  NOT NULL,
    ended_at    bigint,
    sweep_at    bigint  NOT NULL,
    document    json    NOT NULL,
    PRIMARY KEY (realm, id)
) WITH (fillfactor = 85);
CREATE INDEX families_of_user ON families (realm, user_id, client_id) WHERE ended_at IS NULL;
CREATE INDEX families_of_client ON families (realm, client_id) WHERE ended_at IS NULL;
CREATE INDEX families_of_session ON families (realm, session_id) WHERE ended_at IS NULL AND session_id IS NOT NULL;
CREATE INDEX families_over ON families (sweep_at);

CREATE TABLE opaque_tokens (
    realm       text    NOT NULL COLLATE "C",
    digest      bytea   NOT NULL,
    client_id   text    NOT NULL COLLATE "C",
    family_id   uuid,
    issued_at   bigint  NOT NULL,
    expires_at  bigint  NOT NULL,
    document    json    NOT NULL,
    PRIMARY KEY (realm, digest)
);
CREATE INDEX opaque_tokens_of_client ON opaque_tokens (realm, client_id);
CREATE INDEX opaque_tokens_over ON opaque_tokens (expires_at);

CREATE TABLE denied_tokens (
    realm       text    NOT NULL COLLATE "C",
    jti         bytea   NOT NULL,
    denied_until bigint NOT NULL,
    PRIMARY KEY (realm, jti)
);
CREATE INDEX denied_tokens_over ON denied_tokens (denied_until);

CREATE TABLE spent_assertions (
    realm       text    NOT NULL COLLATE "C",
    client_id   text    NOT NULL COLLATE "C",
    jti         bytea   NOT NULL,
    spent_until bigint  NOT NULL,
    PRIMARY KEY (realm, client_id, jti)
);
CREATE INDEX spent_assertions_over ON spent_assertions (spent_until);

CREATE TABLE audit_events (
    realm       text    NOT NULL COLLATE "C",
    id          uuid    NOT NULL,
    at          bigint  NOT NULL,
    document    json    NOT NULL,
    PRIMARY KEY (realm, id)
);
