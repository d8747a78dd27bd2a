//! Scopes.
//!
//! Implements: RFC 6749 §3.3; the scope values of OpenID Connect Core §5.4 and §11.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::params::Malformed;
use crate::syntax;
use crate::text::text_type;

/// Asks for an ID token. OpenID Connect Core §3.1.2.1.
pub const OPENID: &str = "openid";
/// Asks for the profile claims.
pub const PROFILE: &str = "profile";
/// Asks for the e-mail claims.
pub const EMAIL: &str = "email";
/// Asks for the postal address.
pub const ADDRESS: &str = "address";
/// Asks for the phone claims.
pub const PHONE: &str = "phone";
/// Asks for access while the person is away: a refresh token. OpenID Connect Core §11.
pub const OFFLINE_ACCESS: &str = "offline_access";

/// The most tokens in one scope. Attack A15: a scope list is walked for every decision.
pub const MAX_TOKENS: usize = 100;
/// The longest token, in bytes.
pub const MAX_TOKEN: usize = 256;

/// One scope token: 1 to 256 of the characters %x21, %x23-5B, %x5D-7E.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeToken(String);

text_type!(ScopeToken);

impl ScopeToken {
    /// Reads one token.
    ///
    /// # Errors
    /// [`Malformed::BadValue`] or [`Malformed::TooLong`] for `scope`.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        if text.is_empty() {
            return Err(bad("must have exactly one space between its tokens"));
        }
        if text.len() > MAX_TOKEN {
            return Err(bad("contains a token that is too long"));
        }
        if !text.bytes().all(syntax::is_scope_byte) {
            return Err(bad("contains a character that scopes cannot have"));
        }
        Ok(Self(text.to_owned()))
    }
}

/// A set of scope tokens, kept in alphabetical order, so that equal sets print equally.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(Vec<ScopeToken>);

impl Scope {
    /// Reads a space-separated list: exactly one space between tokens, none at the ends; repeated
    /// tokens collapse. The empty text is the empty scope.
    ///
    /// # Errors
    /// [`Malformed::BadValue`] for `scope`.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let mut tokens = Vec::new();
        for token in text.split(' ') {
            if tokens.len() == MAX_TOKENS {
                return Err(bad("has too many tokens"));
            }
            tokens.push(ScopeToken::parse(token)?);
        }
        Ok(Self::from_iter(tokens))
    }

    /// Whether `token` is in the set.
    pub fn contains(&self, token: &str) -> bool {
        self.0.binary_search_by(|kept| kept.as_str().cmp(token)).is_ok()
    }

    /// Whether every token of this set is in `other` too.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.iter().all(|token| other.contains(token.as_str()))
    }

    /// The tokens in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.filtered(|token| other.contains(token))
    }

    /// The tokens of this set that are not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.filtered(|token| !other.contains(token))
    }

    /// The tokens in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.iter().chain(other.iter()).cloned().collect()
    }

    /// The tokens for which `keep` says yes.
    #[must_use]
    pub fn filtered(&self, keep: impl Fn(&str) -> bool) -> Self {
        Self(self.iter().filter(|token| keep(token.as_str())).cloned().collect())
    }

    /// The tokens, alphabetically.
    pub fn iter(&self) -> std::slice::Iter<'_, ScopeToken> {
        self.0.iter()
    }

    /// How many tokens.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<ScopeToken> for Scope {
    fn from_iter<I: IntoIterator<Item = ScopeToken>>(tokens: I) -> Self {
        let mut tokens: Vec<ScopeToken> = tokens.into_iter().collect();
        tokens.sort_unstable();
        tokens.dedup();
        Self(tokens)
    }
}

impl<'a> IntoIterator for &'a Scope {
    type Item = &'a ScopeToken;
    type IntoIter = std::slice::Iter<'a, ScopeToken>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, token) in self.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            f.write_str(token.as_str())?;
        }
        Ok(())
    }
}

impl std::str::FromStr for Scope {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        Self::parse(text)
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

fn bad(why: &'static str) -> Malformed {
    Malformed::BadValue { name: "scope", why }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(text: &str) -> Scope {
        Scope::parse(text).unwrap()
    }

    /// RFC 6749 §3.3: order does not matter.
    #[test]
    fn equal_sets_are_equal_whatever_their_order() {
        assert_eq!(scope("openid profile openid"), scope("profile openid"));
        assert_eq!(scope("profile openid").to_string(), "openid profile");
    }

    #[test]
    fn exactly_one_space_stands_between_tokens() {
        for text in [" openid", "openid ", "openid  profile", " ", "openid\tprofile"] {
            assert!(Scope::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn quotes_backslashes_and_anything_beyond_ascii_are_refused() {
        for text in ["a\"b", "a\\b", "é", "a\u{0}"] {
            assert!(Scope::parse(text).is_err(), "{text:?}");
        }
    }

    /// Attack A15.
    #[test]
    fn a_huge_list_is_refused() {
        let many: Vec<String> = (0..=MAX_TOKENS).map(|n| n.to_string()).collect();
        assert!(Scope::parse(&many.join(" ")).is_err());
        assert!(Scope::parse(&"a".repeat(MAX_TOKEN + 1)).is_err());
    }

    #[test]
    fn a_set_compares_as_sets_do() {
        let asked = scope("email openid");
        let allowed = scope("openid email phone");
        assert!(asked.is_subset(&allowed) && !allowed.is_subset(&asked));
        assert_eq!(allowed.difference(&asked), scope("phone"));
        assert_eq!(allowed.intersection(&scope("phone x")), scope("phone"));
        assert_eq!(asked.union(&scope("phone")), allowed);
        assert!(Scope::default().is_subset(&asked));
    }
}
