//! Every change there is. A change happens whole or not at all.

use crate::attempt::{AttemptKey, CountedAttempt};
use crate::client::Client;
use crate::code::Code;
use crate::consent::Consent;
use crate::credential::PasswordCredential;
use crate::family::Family;
use crate::id::{ClientId, FamilyId, PendingId, RealmName, SessionId, UserId};
use crate::key::Key;
use crate::link::PasswordLink;
use crate::moment::Moment;
use crate::pending::Pending;
use crate::realm::Realm;
use crate::resource::Resource;
use crate::secret::SecretDigest;
use crate::session::Session;
use crate::token::{DeniedToken, OpaqueToken};
use crate::user::User;
use chancery_spec::resource::ResourceIndicator;

/// What became of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a lost write changed nothing"]
pub enum Commit {
    /// The change is durable.
    Done,
    /// What the write relied on was no longer so: somebody else came first. Nothing was changed.
    Lost,
}

/// A change that happens whole or not at all.
///
/// Saved records carry the revision that they will have: 1 for a new one, one more than the
/// stored one for a change. [`Commit::Lost`] where the stored revision is another, or where a
/// name that must be its own (a username) is taken.
#[derive(Clone, Debug)]
pub enum Write {
    /// Nothing but the audit events that come with it.
    Record,

    /// Makes or changes a realm.
    SaveRealm(Box<Realm>),
    /// Makes or changes a client.
    SaveClient(Box<Client>),
    /// Removes a client with its consents, codes and opaque tokens, and ends its families.
    RemoveClient {
        /// The realm.
        realm: RealmName,
        /// The client.
        client: ClientId,
        /// When.
        at: Moment,
    },
    /// Makes or changes a resource.
    SaveResource(Box<Resource>),
    /// Removes a resource.
    RemoveResource {
        /// The realm.
        realm: RealmName,
        /// The resource.
        resource: ResourceIndicator,
    },
    /// Makes or changes keys, all or none: a rotation changes two. [`Commit::Lost`] also where a
    /// realm would have two active keys of one purpose afterwards, so that of two nodes that
    /// furnish an empty realm at once one comes first.
    SaveKeys(Vec<Key>),

    /// Makes or changes a user. Where `enabled` is false, the user's sessions, open codes and
    /// password links are removed and their families end in the same change.
    SaveUser {
        /// The record.
        user: Box<User>,
        /// When.
        at: Moment,
    },
    /// Removes a user with their credentials, password links, sessions, consents and codes, and
    /// ends their families.
    RemoveUser {
        /// The realm.
        realm: RealmName,
        /// The user.
        user: UserId,
        /// When.
        at: Moment,
    },
    /// Sets a password, removes every session, open code and password link of the user and ends
    /// every family of theirs (RFC 9700 §4.14.2). [`Commit::Lost`] if there is no such user.
    SavePassword {
        /// The new password.
        credential: PasswordCredential,
    },
    /// Replaces a password's hash by a stronger one of the same password; signs nobody out.
    /// [`Commit::Lost`] if the stored hash is no longer `former`.
    UpgradePasswordHash {
        /// The same password, hashed anew.
        credential: PasswordCredential,
        /// The hash it replaces.
        former: String,
    },
    /// Keeps a one-time link.
    KeepPasswordLink(PasswordLink),
    /// Uses a one-time link up and sets the password, with the consequences of
    /// [`Write::SavePassword`]: the user's other links go as well. [`Commit::Lost`] if the link is unknown, used, of another user,
    /// or over at `credential.changed_at`.
    RedeemPasswordLink {
        /// What the link's secret digests to.
        digest: SecretDigest,
        /// The new password.
        credential: PasswordCredential,
    },

    /// Counts attempts before they are judged. [`Commit::Lost`] if any count is not the one seen.
    CountAttempts(Vec<CountedAttempt>),
    /// Takes back what a successful attempt was counted as.
    SettleAttempts {
        /// This one's count is forgotten.
        cleared: AttemptKey,
        /// This one's count is one less, and its wait is over.
        forgiven: AttemptKey,
    },

    /// Opens a session and removes the one that the browser had before, with the consequences of
    /// [`Write::EndSession`]. [`Commit::Lost`] unless the user has a record and is enabled: who is
    /// disabled or removed at the same moment has no session afterwards, whoever comes first.
    OpenSession {
        /// The new one.
        session: Box<Session>,
        /// The one it replaces.
        replaces: Option<SessionId>,
    },
    /// Notes that a session was used.
    TouchSession {
        /// The realm.
        realm: RealmName,
        /// The session.
        session: SessionId,
        /// When.
        seen_at: Moment,
        /// Until when it may now lie unused.
        idle_until: Moment,
    },
    /// Removes a session with its open codes and ends the families that end with it.
    /// [`Commit::Lost`] if there is none.
    EndSession {
        /// The realm.
        realm: RealmName,
        /// The session.
        session: SessionId,
        /// When.
        at: Moment,
    },

    /// Keeps an authorization request that waits for a person.
    KeepPending(Box<Pending>),
    /// Forgets one. [`Commit::Lost`] if it is gone already.
    DropPending {
        /// The realm.
        realm: RealmName,
        /// The request.
        pending: PendingId,
    },
    /// Issues a code; keeps what was agreed to; uses up the request that waited for it.
    /// [`Commit::Lost`] if that request is gone already, or the code's session is.
    IssueCode {
        /// The code.
        code: Box<Code>,
        /// The user's agreement, where it grew; it replaces what is kept.
        consent: Option<Consent>,
        /// The request.
        pending: Option<PendingId>,
    },
    /// Turns a code into a family. [`Commit::Lost`] unless the code is open at
    /// `family.created_at` and the session in which it was issued, `family.grant.session`, still
    /// is: also for a family that outlives that session. A family that ends with any other
    /// session is [refused](crate::StoreError::Refused).
    RedeemCode {
        /// What the code digests to.
        code: SecretDigest,
        /// The family it opens.
        family: Box<Family>,
        /// The access token, where it is opaque.
        access: Option<Box<OpaqueToken>>,
    },
    /// Spends a refresh token. [`Commit::Lost`] unless the family is live and `spent` is its
    /// newest generation; the next is newest afterwards.
    RotateRefreshToken {
        /// The realm.
        realm: RealmName,
        /// The family.
        family: FamilyId,
        /// The generation that is spent.
        spent: u32,
        /// When.
        at: Moment,
        /// Until when the new one may lie unused.
        idle_until: Moment,
        /// The access token, where it is opaque.
        access: Option<Box<OpaqueToken>>,
    },
    /// Ends a family; [`Commit::Done`] also where it has ended already. [`Commit::Lost`] if there is none.
    EndFamily {
        /// The realm.
        realm: RealmName,
        /// The family.
        family: FamilyId,
        /// When.
        at: Moment,
    },
    /// Takes back what a user agreed to give a client: removes the agreement and the client's open
    /// codes from it, and ends the families that came from it.
    WithdrawConsent {
        /// The realm.
        realm: RealmName,
        /// The user.
        user: UserId,
        /// The client.
        client: ClientId,
        /// When.
        at: Moment,
    },
    /// Keeps an opaque token. Where it names a family, [`Commit::Lost`] unless that is live.
    KeepOpaqueToken(Box<OpaqueToken>),
    /// Forgets an opaque token: it is revoked. [`Commit::Done`] also where there is none.
    DropOpaqueToken {
        /// The realm.
        realm: RealmName,
        /// What the token digests to.
        digest: SecretDigest,
    },
    /// Revokes a JWT until it ends by itself; [`Commit::Done`] also where it is revoked already.
    DenyToken(DeniedToken),
    /// Uses up the `jti` of a client's assertion (RFC 7523 §3). [`Commit::Lost`] if it was used before.
    SpendAssertion {
        /// The realm.
        realm: RealmName,
        /// Who signed it.
        client: ClientId,
        /// The digest of its `jti`.
        jti: SecretDigest,
        /// When the assertion ends; it is refused by its `exp` from then on.
        until: Moment,
    },
}
