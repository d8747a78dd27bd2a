//! The `prompt` parameter.
//!
//! Implements: OpenID Connect Core §3.1.2.1; Initiating User Registration via OpenID Connect 1.0.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::params::Malformed;
use crate::syntax;
use crate::text::words;

words! {
    /// What the person must be asked.
    pub enum Prompt {
        /// Agreement to what the client asks.
        Consent = "consent",
        /// To make an account.
        Create = "create",
        /// To sign in again.
        Login = "login",
        /// Nothing: no page may be shown.
        None = "none",
        /// Which account to use.
        SelectAccount = "select_account",
    }
}

/// The prompts of a request: a set in which `none` stands alone. Empty when the client has no wish.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Prompts(Vec<Prompt>);

impl Prompts {
    /// Reads a space-separated list.
    ///
    /// # Errors
    /// [`Malformed::BadValue`] for `prompt`: an unknown word, or `none` beside another.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let bad = |why| Malformed::BadValue { name: "prompt", why };
        let mut prompts = syntax::words(text)
            .map(|word| Prompt::parse(word).ok_or(bad("has an unknown value")))
            .collect::<Result<Vec<_>, _>>()?;
        prompts.sort_unstable();
        prompts.dedup();
        if prompts.len() > 1 && prompts.contains(&Prompt::None) {
            return Err(bad("must not combine none with another value"));
        }
        Ok(Self(prompts))
    }

    /// Whether `prompt` is among them.
    pub fn contains(&self, prompt: Prompt) -> bool {
        self.0.contains(&prompt)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The prompts, alphabetically.
    pub fn iter(&self) -> impl Iterator<Item = Prompt> {
        self.0.iter().copied()
    }
}

impl std::fmt::Display for Prompts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words: Vec<&str> = self.0.iter().map(|prompt| prompt.as_str()).collect();
        f.write_str(&words.join(" "))
    }
}

impl Serialize for Prompts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Prompts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OpenID Connect Core §3.1.2.1.
    #[test]
    fn none_stands_alone() {
        assert!(Prompts::parse("none").unwrap().contains(Prompt::None));
        assert!(Prompts::parse("none login").is_err());
        assert!(Prompts::parse("login consent login").unwrap().contains(Prompt::Consent));
        assert!(Prompts::parse("LOGIN").is_err());
        assert_eq!(Prompts::parse("login consent").unwrap().to_string(), "consent login");
    }
}
