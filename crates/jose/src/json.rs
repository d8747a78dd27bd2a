//! JSON objects read strictly: one object, no member twice at any depth, nothing after it.
//!
//! Implements: RFC 7515 §4 and RFC 7519 §4 (member names unique), RFC 8259.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeOwned, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;

use crate::error::JoseError;

/// Reads `bytes` as one object of type `T`; `what` names it in errors.
///
/// The parser's own message is dropped: it may quote what it saw.
pub(crate) fn object<T: DeserializeOwned>(bytes: &[u8], what: &'static str) -> Result<T, JoseError> {
    match serde_json::from_slice::<Shape>(bytes) {
        Ok(Shape::Object) => {}
        Ok(Shape::Other) => return Err(JoseError::Json(what)),
        // A shape accepts every value, so a complaint about the data can only be the one about a repeated name.
        Err(error) if error.classify() == Category::Data => {
            return Err(JoseError::DuplicateMember(what));
        }
        Err(_) => return Err(JoseError::Json(what)),
    }
    serde_json::from_slice(bytes).map_err(|_| JoseError::Json(what))
}

/// A member that is there has its type: `null` is no absence.
pub(crate) fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// What a JSON text is, once it is known that none of its objects repeats a name.
enum Shape {
    Object,
    Other,
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
        let mut names = BTreeSet::new();
        while let Some(Name(name)) = map.next_key::<Name<'de>>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("repeated member"));
            }
            map.next_value::<Shape>()?;
        }
        Ok(Shape::Object)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Shape, A::Error> {
        while items.next_element::<Shape>()?.is_some() {}
        Ok(Shape::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Other)
    }
}

/// A member's name, borrowed where it holds no escape.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Name<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Borrowed(name)))
    }

    fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Owned(name.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn read(text: &str) -> Result<Value, JoseError> {
        object(text.as_bytes(), "the text")
    }

    #[test]
    fn a_repeated_name_is_refused_at_any_depth_and_in_any_spelling() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"b":{"a":1,"a":1}}"#,
            r#"{"b":[{"a":1},{"c":[{"a":1,"a":2}]}]}"#,
        ] {
            assert_eq!(read(text), Err(JoseError::DuplicateMember("the text")), "{text}");
        }
        assert!(read(r#"{"a":{"a":1},"b":{"a":1}}"#).is_ok());
    }

    #[test]
    fn only_one_object_is_read() {
        for text in [
            "",
            "[]",
            "null",
            "1",
            "\"a\"",
            "{",
            "{}{}",
            "{} x",
            r#"{"a":1e999}"#,
            r#"{"a":NaN}"#,
            "{'a':1}",
            r#"{"a":1,}"#,
            "\u{feff}{}",
        ] {
            assert_eq!(read(text), Err(JoseError::Json("the text")), "{text}");
        }
        assert!(object::<Value>(b"{\"a\":\"\xff\"}", "the text").is_err());
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(5000), "]".repeat(5000));
        assert!(read(&deep).is_err());
    }
}
