//! The registered claims of a token, strictly typed.
//!
//! Implements: RFC 7519 §2 (NumericDate), §4.1.

use std::fmt;

use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::json::present;

/// The registered claims (RFC 7519 §4.1). A claim that is there has its type: `null` and numbers for strings are refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandardClaims {
    /// Who issued the token.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// Whom the token is about.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// Whom the token is for.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub aud: Option<Audience>,
    /// When the token ends.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub exp: Option<NumericDate>,
    /// When the token begins.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub nbf: Option<NumericDate>,
    /// When the token was issued.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub iat: Option<NumericDate>,
    /// The token's own name.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
}

/// Whole seconds since 1970-01-01T00:00:00Z (RFC 7519 §2). Reads integers and finite numbers, whose fraction is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct NumericDate(pub i64);

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Seconds;
        impl Visitor<'_> for Seconds {
            type Value = NumericDate;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("seconds since 1970")
            }

            fn visit_i64<E>(self, seconds: i64) -> Result<NumericDate, E> {
                Ok(NumericDate(seconds))
            }

            fn visit_u64<E: serde::de::Error>(self, seconds: u64) -> Result<NumericDate, E> {
                i64::try_from(seconds).map(NumericDate).map_err(|_| E::custom("too far away"))
            }

            fn visit_f64<E: serde::de::Error>(self, seconds: f64) -> Result<NumericDate, E> {
                // Beyond 2^53 a number no longer tells one second from the next.
                if seconds.is_finite() && seconds.abs() < 9_007_199_254_740_992.0 {
                    Ok(NumericDate(seconds.floor() as i64))
                } else {
                    Err(E::custom("too far away"))
                }
            }
        }
        deserializer.deserialize_any(Seconds)
    }
}

/// `aud`: one string, or an array of strings (RFC 7519 §4.1.3). One audience is written as a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audience(Vec<String>);

impl Audience {
    /// These audiences.
    pub fn new(names: Vec<String>) -> Self {
        Self(names)
    }

    /// One audience.
    pub fn one(name: &str) -> Self {
        Self(vec![name.to_owned()])
    }

    /// Whether `name` is among them, byte for byte.
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|own| own == name)
    }

    /// All of them.
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

impl Serialize for Audience {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [one] => serializer.serialize_str(one),
            several => several.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            One(String),
            Several(Vec<String>),
        }
        match Written::deserialize(deserializer) {
            Ok(Written::One(name)) => Ok(Self(vec![name])),
            Ok(Written::Several(names)) => Ok(Self(names)),
            Err(_) => Err(D::Error::custom("aud is a string or an array of strings")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn claims(value: serde_json::Value) -> StandardClaims {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_claim_that_is_there_has_its_type() {
        for wrong in [
            json!({"iss": 1}),
            json!({"iss": null}),
            json!({"aud": null}),
            json!({"aud": 1}),
            json!({"aud": {}}),
            json!({"aud": ["a", 1]}),
            json!({"aud": [["a"]]}),
            json!({"exp": "1"}),
            json!({"exp": null}),
            json!({"exp": true}),
            json!({"exp": 1e300}),
            json!({"exp": 18_446_744_073_709_551_615_u64}),
            json!({"jti": []}),
        ] {
            assert!(serde_json::from_value::<StandardClaims>(wrong.clone()).is_err(), "{wrong}");
        }
        assert_eq!(claims(json!({"exp": 10.9})).exp, Some(NumericDate(10)));
        assert_eq!(claims(json!({"exp": -1})).exp, Some(NumericDate(-1)));
        assert!(claims(json!({"aud": []})).aud.is_some_and(|aud| aud.names().is_empty()));
    }

    #[test]
    fn one_audience_is_written_as_a_string() {
        let text = |names: &[&str]| {
            serde_json::to_value(Audience::new(names.iter().map(|name| (*name).to_owned()).collect())).unwrap()
        };
        assert_eq!(text(&["a"]), json!("a"));
        assert_eq!(text(&["a", "b"]), json!(["a", "b"]));
    }
}
