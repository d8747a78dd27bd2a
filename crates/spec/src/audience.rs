//! The `aud` claim.
//!
//! Implements: RFC 7519 §4.1.3: a string for one, an array for several.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The most members that we read.
const MAX_AUDIENCES: usize = 100;

/// Whom a token is for: one or several. One costs no allocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audience<'a>(Members<'a>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Members<'a> {
    One(Cow<'a, str>),
    Several(Vec<Cow<'a, str>>),
}

impl<'a> Audience<'a> {
    /// An audience of one.
    pub fn one(member: impl Into<Cow<'a, str>>) -> Self {
        Self(Members::One(member.into()))
    }

    /// An audience of any number; `None` of nobody, as a token for nobody has no `aud` to say so.
    pub fn of<M: Into<Cow<'a, str>>>(members: impl IntoIterator<Item = M>) -> Option<Self> {
        let mut members = members.into_iter().map(Into::into);
        let first = members.next()?;
        Some(match members.next() {
            None => Self(Members::One(first)),
            Some(second) => Self(Members::Several([first, second].into_iter().chain(members).collect())),
        })
    }

    /// Whether `member` is among them, byte for byte.
    pub fn contains(&self, member: &str) -> bool {
        self.iter().any(|kept| kept == member)
    }

    /// The members, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.members().iter().map(AsRef::as_ref)
    }

    /// How many; never 0, hence no `is_empty`.
    pub fn count(&self) -> usize {
        self.members().len()
    }

    /// The same audience with its own text.
    pub fn into_owned(self) -> Audience<'static> {
        Audience(match self.0 {
            Members::One(member) => Members::One(Cow::Owned(member.into_owned())),
            Members::Several(members) => {
                Members::Several(members.into_iter().map(|member| Cow::Owned(member.into_owned())).collect())
            }
        })
    }

    fn members(&self) -> &[Cow<'a, str>] {
        match &self.0 {
            Members::One(member) => std::slice::from_ref(member),
            Members::Several(members) => members,
        }
    }
}

impl Serialize for Audience<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Members::One(member) => serializer.serialize_str(member),
            Members::Several(members) => members.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Audience<'_> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrSeveral).map(Self)
    }
}

struct OneOrSeveral;

impl<'de> Visitor<'de> for OneOrSeveral {
    type Value = Members<'static>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or an array of strings")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Members::One(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut members: Vec<String> = Vec::new();
        while let Some(member) = list.next_element()? {
            if members.len() == MAX_AUDIENCES {
                return Err(de::Error::custom("too many audiences"));
            }
            members.push(member);
        }
        Audience::of(members).map(|audience| audience.0).ok_or(de::Error::custom("an empty audience"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7519 §4.1.3.
    #[test]
    fn one_is_a_string_and_several_are_an_array() {
        assert_eq!(serde_json::to_string(&Audience::one("a")).unwrap(), r#""a""#);
        assert_eq!(serde_json::to_string(&Audience::of(["a", "b"])).unwrap(), r#"["a","b"]"#);
        let read: Audience<'_> = serde_json::from_str(r#"["a"]"#).unwrap();
        assert_eq!(read, Audience::one("a"));
    }

    #[test]
    fn members_that_are_no_strings_are_refused() {
        for json in ["null", "1", "[1]", "[null]", "[]", r#"["a",null]"#, "{}", r#"[["a"]]"#] {
            assert!(serde_json::from_str::<Audience<'_>>(json).is_err(), "{json}");
        }
    }
}
