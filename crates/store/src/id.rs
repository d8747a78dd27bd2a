//! Names of records. Each kind of record has its own type of name, so that one cannot be taken
//! for another.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// A generated name (UUID) of a record of the kind `K`.
pub struct Id<K> {
    uuid: Uuid,
    kind: PhantomData<fn() -> K>,
}

/// Names a [`crate::user::User`]; it is also the user's public subject.
pub type UserId = Id<crate::user::User>;
/// Names a [`crate::session::Session`]: the `sid` of tokens.
pub type SessionId = Id<crate::session::Session>;
/// Names a [`crate::family::Family`].
pub type FamilyId = Id<crate::family::Family>;
/// Names a [`crate::pending::Pending`]: the part of the URL that tells two tabs apart.
pub type PendingId = Id<crate::pending::Pending>;
/// Names an [`crate::audit::AuditEvent`].
pub type AuditId = Id<crate::audit::AuditEvent>;

impl<K> Id<K> {
    /// The name held by `uuid`.
    #[must_use]
    pub const fn new(uuid: Uuid) -> Self {
        Self { uuid, kind: PhantomData }
    }

    /// A version 7 UUID for the moment `milliseconds` after the epoch: sortable, hence kind to
    /// indexes, with 74 of the bits given as `chance`.
    #[must_use]
    pub fn at(milliseconds: i64, chance: [u8; 10]) -> Self {
        let millis = u64::try_from(milliseconds).unwrap_or(0);
        Self::new(uuid::Builder::from_unix_timestamp_millis(millis, &chance).into_uuid())
    }

    /// The UUID itself.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.uuid
    }

    /// The name written as `text`, if it is one in the one form that we write (hyphenated, lower case).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let uuid = Uuid::try_parse(text).ok()?;
        let mut buffer = Uuid::encode_buffer();
        (uuid.hyphenated().encode_lower(&mut buffer) == text).then_some(Self::new(uuid))
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.uuid == other.uuid
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.uuid.cmp(&other.uuid)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.uuid.hash(state);
    }
}
impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.uuid.hyphenated().fmt(f)
    }
}
impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.uuid.hyphenated().fmt(f)
    }
}
impl<K> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.uuid.serialize(serializer)
    }
}
impl<'de, K> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Uuid::deserialize(deserializer).map(Self::new)
    }
}

/// Why a chosen name was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadName(pub &'static str);

/// Names a realm: 1 to 63 of `a`–`z`, `0`–`9` and `-`, not at an end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RealmName(std::sync::Arc<str>);

impl RealmName {
    /// The realm that lives at `/`.
    #[must_use]
    pub fn default_realm() -> Self {
        Self("default".into())
    }

    /// # Errors
    /// [`BadName`] for anything that could not stand in a path and a cookie's name.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if text.is_empty() || text.len() > 63 {
            return Err(BadName("a realm's name has 1 to 63 characters"));
        }
        if !text.bytes().all(plain) {
            return Err(BadName("a realm's name is made of a-z, 0-9 and -"));
        }
        if text.starts_with('-') || text.ends_with('-') {
            return Err(BadName("a realm's name neither begins nor ends with -"));
        }
        Ok(Self(text.into()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the realm at `/`.
    #[must_use]
    pub fn is_default(&self) -> bool {
        &*self.0 == "default"
    }
}

/// Names a client within its realm: 1 to 255 visible ASCII characters (RFC 6749 appendix A.1),
/// never in the form of a user's name, so that no client can be taken for a person
/// (RFC 9700 §4.15).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientId(std::sync::Arc<str>);

impl ClientId {
    /// # Errors
    /// [`BadName`] for an empty, over-long or unprintable name, or one shaped like a UUID.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        if text.is_empty() || text.len() > 255 {
            return Err(BadName("a client_id has 1 to 255 characters"));
        }
        if !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(BadName("a client_id is made of visible ASCII characters"));
        }
        if Uuid::try_parse(text).is_ok() {
            return Err(BadName("a client_id must not look like a UUID: that is how users are named"));
        }
        Ok(Self(text.into()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a person types to say who they are, folded to lower case: 1 to 128 characters without
/// control characters or surrounding blanks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Username(std::sync::Arc<str>);

impl Username {
    /// # Errors
    /// [`BadName`] for an empty, over-long or unprintable name.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > 128 {
            return Err(BadName("a username has 1 to 128 characters"));
        }
        if text.chars().any(char::is_control) {
            return Err(BadName("a username has no control characters"));
        }
        Ok(Self(text.to_lowercase().into()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RealmName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl TryFrom<String> for RealmName {
    type Error = BadName;
    fn try_from(text: String) -> Result<Self, BadName> {
        Self::parse(&text)
    }
}
impl TryFrom<String> for ClientId {
    type Error = BadName;
    fn try_from(text: String) -> Result<Self, BadName> {
        Self::parse(&text)
    }
}
impl TryFrom<String> for Username {
    type Error = BadName;
    fn try_from(text: String) -> Result<Self, BadName> {
        Self::parse(&text)
    }
}
impl From<RealmName> for String {
    fn from(name: RealmName) -> Self {
        name.0.as_ref().to_owned()
    }
}
impl From<ClientId> for String {
    fn from(name: ClientId) -> Self {
        name.0.as_ref().to_owned()
    }
}
impl From<Username> for String {
    fn from(name: Username) -> Self {
        name.0.as_ref().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_cannot_be_named_like_a_person() {
        let user = UserId::at(1_700_000_000_000, [7; 10]);
        assert!(ClientId::parse(&user.to_string()).is_err());
        assert!(ClientId::parse(&user.uuid().simple().to_string()).is_err());
        assert!(ClientId::parse("web").is_ok());
    }

    #[test]
    fn an_id_is_read_back_only_in_the_form_we_write() {
        let id = FamilyId::at(1_700_000_000_000, [9; 10]);
        assert_eq!(FamilyId::parse(&id.to_string()), Some(id));
        assert_eq!(FamilyId::parse(&id.to_string().to_uppercase()), None);
        assert_eq!(FamilyId::parse(&format!("{{{id}}}")), None);
    }

    #[test]
    fn a_realms_name_can_stand_in_a_path() {
        for bad in ["", "-a", "a-", "A", "a/b", "a.b", "a b", "ä"] {
            assert!(RealmName::parse(bad).is_err(), "{bad}");
        }
        assert!(RealmName::parse("drone-traffic-7").is_ok());
    }
}
