-- Every table is keyed by its realm first. Columns are what statements decide on; what never
-- decides anything is in `document`, as JSON. Moments are milliseconds since the epoch.

CREATE TABLE realms (
    name     TEXT    NOT NULL PRIMARY KEY,
    revision INTEGER NOT NULL,
    enabled  INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    document TEXT    NOT NULL
) STRICT;

CREATE TABLE clients (
    realm    TEXT    NOT NULL,
    id       TEXT    NOT NULL,
    revision INTEGER NOT NULL,
    enabled  INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    document TEXT    NOT NULL,
    PRIMARY KEY (realm, id)
) STRICT;

CREATE TABLE resources (
    realm      TEXT    NOT NULL,
    identifier TEXT    NOT NULL,
    revision   INTEGER NOT NULL,
    enabled    INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    document   TEXT    NOT NULL,
    PRIMARY KEY (realm, identifier)
) STRICT;

CREATE TABLE keys (
    realm      TEXT    NOT NULL,
    kid        TEXT    NOT NULL,
    revision   INTEGER NOT NULL,
    purpose    TEXT    NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('staged', 'published', 'active', 'retired', 'removed')),
    since      INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    document   TEXT    NOT NULL,
    PRIMARY KEY (realm, kid)
) STRICT;
-- One key is in use for each purpose, also where two nodes furnish an empty realm at once.
CREATE UNIQUE INDEX active_keys ON keys (realm, purpose) WHERE state = 'active';
CREATE INDEX keys_in_use ON keys (realm, created_at, kid) WHERE state <> 'removed';

CREATE TABLE users (
    realm    TEXT    NOT NULL,
    id       BLOB    NOT NULL CHECK (length(id) = 16),
    revision INTEGER NOT NULL,
    username TEXT    NOT NULL,
    enabled  INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    document TEXT    NOT NULL,
    PRIMARY KEY (realm, id),
    UNIQUE (realm, username)
) STRICT;

CREATE TABLE passwords (
    realm      TEXT    NOT NULL,
    user       BLOB    NOT NULL,
    hash       TEXT    NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (realm, user),
    FOREIGN KEY (realm, user) REFERENCES users (realm, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE password_links (
    realm      TEXT    NOT NULL,
    digest     BLOB    NOT NULL CHECK (length(digest) = 32),
    user       BLOB    NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (realm, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX password_links_of_user ON password_links (realm, user);
CREATE INDEX password_links_over ON password_links (expires_at);

CREATE TABLE attempts (
    realm     TEXT    NOT NULL,
    subject   BLOB    NOT NULL CHECK (length(subject) = 32),
    count     INTEGER NOT NULL CHECK (count >= 0),
    retry_at  INTEGER,
    forget_at INTEGER NOT NULL,
    PRIMARY KEY (realm, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_over ON attempts (forget_at);

CREATE TABLE sessions (
    realm          TEXT    NOT NULL,
    id             BLOB    NOT NULL CHECK (length(id) = 16),
    secret         BLOB    NOT NULL CHECK (length(secret) = 32),
    user           BLOB    NOT NULL,
    authentication TEXT    NOT NULL,
    user_agent     TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    seen_at        INTEGER NOT NULL,
    idle_until     INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    over_at        INTEGER NOT NULL GENERATED ALWAYS AS (min(idle_until, expires_at)) VIRTUAL,
    PRIMARY KEY (realm, id),
    UNIQUE (realm, secret),
    FOREIGN KEY (realm, user) REFERENCES users (realm, id)
) STRICT;
CREATE INDEX sessions_of_user ON sessions (realm, user, created_at, id);
CREATE INDEX sessions_over ON sessions (over_at);

CREATE TABLE pendings (
    realm      TEXT    NOT NULL,
    id         BLOB    NOT NULL CHECK (length(id) = 16),
    browser    BLOB    NOT NULL CHECK (length(browser) = 32),
    document   TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (realm, id)
) STRICT;
CREATE INDEX pendings_over ON pendings (expires_at);

CREATE TABLE consents (
    realm      TEXT    NOT NULL,
    user       BLOB    NOT NULL,
    client     TEXT    NOT NULL,
    document   TEXT    NOT NULL,
    granted_at INTEGER NOT NULL,
    PRIMARY KEY (realm, user, client)
) STRICT, WITHOUT ROWID;
CREATE INDEX consents_to_client ON consents (realm, client);

-- A code is open until a moment, or redeemed for a family; never both, never neither.
CREATE TABLE codes (
    realm      TEXT    NOT NULL,
    digest     BLOB    NOT NULL CHECK (length(digest) = 32),
    client     TEXT    NOT NULL,
    user       BLOB    NOT NULL,
    session    BLOB    NOT NULL CHECK (length(session) = 16),
    document   TEXT    NOT NULL,
    forget_at  INTEGER NOT NULL,
    open_until INTEGER,
    family     BLOB    CHECK (length(family) = 16),
    PRIMARY KEY (realm, digest),
    CHECK ((open_until IS NULL) <> (family IS NULL))
) STRICT;
CREATE INDEX codes_of_client ON codes (realm, client);
CREATE INDEX codes_of_user ON codes (realm, user, client);
CREATE INDEX codes_of_session ON codes (realm, session);
CREATE INDEX codes_over ON codes (forget_at);

-- An ended family is kept for as long as its tokens could have lasted.
CREATE TABLE families (
    realm      TEXT    NOT NULL,
    id         BLOB    NOT NULL CHECK (length(id) = 16),
    client     TEXT    NOT NULL,
    user       BLOB    NOT NULL,
    session    BLOB    CHECK (length(session) = 16),
    document   TEXT    NOT NULL,
    salt       BLOB    NOT NULL CHECK (length(salt) = 32),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    generation INTEGER NOT NULL CHECK (generation >= 0),
    rotated_at INTEGER NOT NULL,
    idle_until INTEGER NOT NULL,
    ended_at   INTEGER,
    over_at    INTEGER NOT NULL GENERATED ALWAYS AS (min(idle_until, expires_at)) VIRTUAL,
    PRIMARY KEY (realm, id)
) STRICT;
CREATE INDEX live_families_of_session ON families (realm, session) WHERE ended_at IS NULL AND session IS NOT NULL;
CREATE INDEX live_families_of_user ON families (realm, user, client) WHERE ended_at IS NULL;
CREATE INDEX live_families_of_client ON families (realm, client) WHERE ended_at IS NULL;
CREATE INDEX families_over ON families (over_at);

CREATE TABLE opaque_tokens (
    realm      TEXT    NOT NULL,
    digest     BLOB    NOT NULL CHECK (length(digest) = 32),
    client     TEXT    NOT NULL,
    family     BLOB    CHECK (length(family) = 16),
    document   TEXT    NOT NULL,
    issued_at  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (realm, digest)
) STRICT;
CREATE INDEX opaque_tokens_of_client ON opaque_tokens (realm, client);
CREATE INDEX opaque_tokens_over ON opaque_tokens (expires_at);

CREATE TABLE denied_tokens (
    realm TEXT    NOT NULL,
    jti   BLOB    NOT NULL CHECK (length(jti) = 32),
    until INTEGER NOT NULL,
    PRIMARY KEY (realm, jti)
) STRICT, WITHOUT ROWID;
CREATE INDEX denied_tokens_over ON denied_tokens (until);

CREATE TABLE spent_assertions (
    realm  TEXT    NOT NULL,
    client TEXT    NOT NULL,
    jti    BLOB    NOT NULL CHECK (length(jti) = 32),
    until  INTEGER NOT NULL,
    PRIMARY KEY (realm, client, jti)
) STRICT, WITHOUT ROWID;
CREATE INDEX spent_assertions_over ON spent_assertions (until);

CREATE TABLE audit_events (
    realm  TEXT    NOT NULL,
    id     BLOB    NOT NULL CHECK (length(id) = 16),
    at     INTEGER NOT NULL,
    kind   TEXT    NOT NULL,
    client TEXT,
    user   TEXT,
    detail TEXT    NOT NULL,
    PRIMARY KEY (realm, id)
) STRICT, WITHOUT ROWID;
