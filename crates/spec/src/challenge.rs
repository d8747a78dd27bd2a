//! Values of the `WWW-Authenticate` header.
//!
//! Implements: RFC 6750 §3; RFC 7617 §2; RFC 9470 §3; RFC 9728 §5.1; the quoting of RFC 9110 §5.6.4.

use std::fmt;

use crate::error::ErrorCode;
use crate::scope::Scope;

/// A `Basic` challenge, for a client that failed to authenticate by header. RFC 6749 §5.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BasicChallenge {
    /// What is protected.
    pub realm: String,
}

impl fmt::Display for BasicChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Basic realm={}, charset=\"UTF-8\"", Quoted(&self.realm))
    }
}

/// A `Bearer` challenge. The default is bare: the request had no token at all (RFC 6750 §3.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BearerChallenge {
    /// What is protected.
    pub realm: Option<String>,
    /// Why the token was not enough.
    pub error: Option<ErrorCode>,
    /// One sentence for the developer.
    pub error_description: Option<String>,
    /// The scope that would be enough.
    pub scope: Option<Scope>,
    /// The authentication contexts that would be enough. RFC 9470.
    pub acr_values: Option<String>,
    /// Seconds since the sign-in that would be acceptable. RFC 9470.
    pub max_age: Option<u32>,
    /// Where the resource describes itself. RFC 9728.
    pub resource_metadata: Option<String>,
}

impl fmt::Display for BearerChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scope = self.scope.as_ref().map(Scope::to_string);
        let max_age = self.max_age.map(|seconds| seconds.to_string());
        let attributes = [
            ("realm", self.realm.as_deref()),
            ("error", self.error.map(ErrorCode::as_str)),
            ("error_description", self.error_description.as_deref()),
            ("scope", scope.as_deref()),
            ("acr_values", self.acr_values.as_deref()),
            ("max_age", max_age.as_deref()),
            ("resource_metadata", self.resource_metadata.as_deref()),
        ];
        f.write_str("Bearer")?;
        let mut joint = " ";
        for (name, value) in attributes {
            if let Some(value) = value {
                write!(f, "{joint}{name}={}", Quoted(value))?;
                joint = ", ";
            }
        }
        Ok(())
    }
}

/// A quoted-string. What a header cannot hold becomes `?`, so that no text splits one.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for character in self.0.chars() {
            match character {
                '"' | '\\' => write!(f, "\\{character}")?,
                ' '..='~' => write!(f, "{character}")?,
                _ => f.write_str("?")?,
            }
        }
        f.write_str("\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6750 §3, §3.1.
    #[test]
    fn a_challenge_is_quoted_as_the_rfc_shows() {
        let challenge = BearerChallenge {
            realm: Some("example".to_owned()),
            error: Some(ErrorCode::InvalidToken),
            error_description: Some("The access token expired".to_owned()),
            ..BearerChallenge::default()
        };
        assert_eq!(
            challenge.to_string(),
            r#"Bearer realm="example", error="invalid_token", error_description="The access token expired""#
        );
        assert_eq!(BearerChallenge::default().to_string(), "Bearer");
    }

    #[test]
    fn no_text_breaks_out_of_its_quotes_or_its_line() {
        let challenge = BasicChallenge { realm: "a\"b\\c\r\nSet-Cookie: é".to_owned() };
        assert_eq!(challenge.to_string(), r#"Basic realm="a\"b\\c??Set-Cookie: ?", charset="UTF-8""#);
    }
}
