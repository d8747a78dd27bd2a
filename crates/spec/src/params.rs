//! Request parameters, and the one list of everything that can be malformed.
//!
//! Implements: RFC 6749 §3.1, §3.2 (an empty parameter was not sent, none may repeat), Appendix B.
//! Leaves out: JSON request bodies; a later specification that wants them parses its own.

use std::fmt;

use thiserror::Error;

use crate::error::ErrorCode;
use crate::syntax::{self, Undecodable};

/// Parameters that may be sent several times: RFC 8707 §2, RFC 8693 §2.1.
pub const REPEATABLE: &[&str] = &["audience", "resource"];

/// Parameters whose value is JSON, in which tabs and line ends are harmless white space.
const JSON_VALUED: &[&str] = &["authorization_details", "claims", "registration"];

/// The most parameters one request may carry.
pub const MAX_PARAMETERS: usize = 100;
/// The longest name, in bytes.
pub const MAX_NAME: usize = 128;
/// The longest value, in bytes.
pub const MAX_VALUE: usize = 64 * 1024;

/// What stands in a message for a name that is not on our list.
const UNKNOWN: &str = "an unknown parameter";

/// Names that a message may repeat. Any other came from outside and stays there.
#[rustfmt::skip]
const NAMEABLE: &[&str] = &[
    "access_token", "acr_values", "actor_token", "actor_token_type", "assertion", "audience", "auth_req_id",
    "authorization_details", "claims", "claims_locales", "client_assertion", "client_assertion_type", "client_id",
    "client_secret", "code", "code_challenge", "code_challenge_method", "code_verifier", "device_code", "display",
    "dpop_jkt", "error", "error_description", "error_uri", "expires_in", "grant_type", "id_token", "id_token_hint",
    "iss", "login_hint", "logout_hint", "max_age", "nonce", "password", "post_logout_redirect_uri", "prompt",
    "redirect_uri", "refresh_token", "registration", "request", "request_uri", "requested_token_type", "resource",
    "response_mode", "response_type", "scope", "session_state", "state", "subject_token", "subject_token_type",
    "token", "token_type", "token_type_hint", "ui_locales", "user_code", "username",
];

/// Everything that can be malformed in a request. Its `Display` is fit for an `error_description`
/// (RFC 6749 §5.2): plain ASCII, and never a word of what was sent but the name of a known parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Malformed {
    /// The `Authorization` header, or what it carries, is not well-formed.
    #[error("the Authorization header is malformed: {0}")]
    BadCredentials(&'static str),
    /// A `%` is not followed by two hexadecimal digits.
    #[error("the parameters contain a broken percent escape")]
    BadEscape,
    /// A parameter's value breaks its own syntax.
    #[error("{name} {why}")]
    BadValue {
        /// The parameter.
        name: &'static str,
        /// What is wrong, as the end of a sentence that begins with the name.
        why: &'static str,
    },
    /// A required parameter was not sent, or sent empty.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// Names or values are not UTF-8.
    #[error("the parameters are not valid UTF-8")]
    NotUtf8,
    /// A parameter was sent more than once.
    #[error("{0} must not be repeated")]
    Repeated(&'static str),
    /// RFC 6749 §2.3: a client must not use more than one authentication method in a request.
    #[error("more than one client authentication method was used")]
    SeveralCredentials,
    /// A name or value is longer than we read.
    #[error("{0} is too long")]
    TooLong(&'static str),
    /// More parameters than we read.
    #[error("there are too many parameters")]
    TooMany,
}

impl Malformed {
    /// The error code that answers it where no other rule applies.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::BadCredentials(_) => ErrorCode::InvalidClient,
            Self::BadValue { name: "scope", .. } => ErrorCode::InvalidScope,
            Self::BadValue { name: "resource" | "audience", .. } => ErrorCode::InvalidTarget,
            Self::BadEscape
            | Self::BadValue { .. }
            | Self::Missing(_)
            | Self::NotUtf8
            | Self::Repeated(_)
            | Self::SeveralCredentials
            | Self::TooLong(_)
            | Self::TooMany => ErrorCode::InvalidRequest,
        }
    }
}

/// Request parameters, decoded and checked against the rules that hold for all of them.
///
/// Taking a parameter removes it. `Debug` shows names only: values are credentials often enough.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params {
    /// In the order they came. At most [`MAX_PARAMETERS`], so a walk beats a map.
    entries: Vec<(String, String)>,
}

impl Params {
    /// Reads a query string (without `?`) or an `application/x-www-form-urlencoded` body.
    ///
    /// # Errors
    /// Any rule of this module broken, by any parameter, known or not.
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let pieces = body.split(|byte| *byte == b'&').filter(|piece| !piece.is_empty());
        Self::collect(pieces.map(|piece| {
            let (name, value) = match piece.iter().position(|byte| *byte == b'=') {
                Some(at) => (&piece[..at], &piece[at + 1..]),
                None => (piece, &[][..]),
            };
            Ok((decode(name)?, decode(value)?))
        }))
    }

    /// The same rules for parameters that are decoded already, e.g. the members of a request object.
    ///
    /// # Errors
    /// As [`Params::parse`].
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, Malformed> {
        Self::collect(pairs.into_iter().map(Ok))
    }

    fn collect(pairs: impl Iterator<Item = Result<(String, String), Malformed>>) -> Result<Self, Malformed> {
        let mut entries: Vec<(String, String)> = Vec::new();
        for pair in pairs {
            let (name, value) = pair?;
            if entries.len() == MAX_PARAMETERS {
                return Err(Malformed::TooMany);
            }
            check(&name, &value)?;
            let repeated = entries.iter().any(|(kept, _)| *kept == name);
            if repeated && !REPEATABLE.contains(&name.as_str()) {
                return Err(Malformed::Repeated(nameable(&name)));
            }
            entries.push((name, value));
        }
        // Only now: an empty parameter still counts as one of a repeated pair.
        entries.retain(|(_, value)| !value.is_empty());
        Ok(Self { entries })
    }

    /// Removes and returns a parameter; of a repeatable one, the first that is left.
    pub fn take(&mut self, name: &str) -> Option<String> {
        let at = self.entries.iter().position(|(kept, _)| kept == name)?;
        Some(self.entries.remove(at).1)
    }

    /// Removes and returns every value of a parameter, in the order sent.
    pub fn take_all(&mut self, name: &str) -> Vec<String> {
        self.entries.extract_if(.., |(kept, _)| kept == name).map(|(_, value)| value).collect()
    }

    /// Looks at a parameter and leaves it where it is.
    pub fn peek(&self, name: &str) -> Option<&str> {
        self.entries.iter().find(|(kept, _)| kept == name).map(|(_, value)| value.as_str())
    }

    /// Removes and returns a parameter that must be there.
    ///
    /// # Errors
    /// [`Malformed::Missing`] when it was not sent, or sent empty.
    pub fn require(&mut self, name: &'static str) -> Result<String, Malformed> {
        self.take(name).ok_or(Malformed::Missing(name))
    }

    /// The names that are left, in the order sent; a repeated one as often as it came.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(name, _)| name.as_str())
    }

    /// What is left, form-encoded again: [`Params::parse`] of it gives an equal value.
    pub fn to_form(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.entries).finish()
    }
}

impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Params ")?;
        f.debug_list().entries(self.names()).finish()
    }
}

fn decode(piece: &[u8]) -> Result<String, Malformed> {
    syntax::decode_form(piece).map_err(|why| match why {
        Undecodable::Escape => Malformed::BadEscape,
        Undecodable::Utf8 => Malformed::NotUtf8,
    })
}

fn check(name: &str, value: &str) -> Result<(), Malformed> {
    if name.len() > MAX_NAME || value.len() > MAX_VALUE {
        return Err(Malformed::TooLong(nameable(name)));
    }
    let json = JSON_VALUED.contains(&name);
    let harmful = |character: char| character.is_control() && !(json && matches!(character, '\t' | '\n' | '\r'));
    if name.chars().any(char::is_control) || value.chars().any(harmful) {
        return Err(Malformed::BadValue { name: nameable(name), why: "contains a control character" });
    }
    Ok(())
}

/// The name for a message: itself when it is one of ours.
fn nameable(name: &str) -> &'static str {
    NAMEABLE.iter().find(|known| **known == name).copied().unwrap_or(UNKNOWN)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6749 §3.1.
    #[test]
    fn an_empty_parameter_counts_as_not_sent() {
        let params = Params::parse(b"code=&state=x&scope").unwrap();
        assert_eq!(params.peek("code"), None);
        assert_eq!(params.names().collect::<Vec<_>>(), ["state"]);
    }

    /// RFC 6749 §3.1; attack A6.
    #[test]
    fn no_parameter_may_repeat_not_even_an_unknown_or_an_empty_one() {
        assert_eq!(Params::parse(b"code=a&code=b"), Err(Malformed::Repeated("code")));
        assert_eq!(Params::parse(b"code=&code=b"), Err(Malformed::Repeated("code")));
        assert_eq!(Params::parse(b"code=a&code="), Err(Malformed::Repeated("code")));
        assert_eq!(Params::parse(b"code=a&c%6fde=a"), Err(Malformed::Repeated("code")));
        assert_eq!(Params::parse(b"x=1&x=2"), Err(Malformed::Repeated("an unknown parameter")));
    }

    /// RFC 8707 §2.
    #[test]
    fn resource_and_audience_may_repeat() {
        let mut params = Params::parse(b"resource=https://a.example&x=y&resource=https://b.example").unwrap();
        assert_eq!(params.take_all("resource"), ["https://a.example", "https://b.example"]);
        assert_eq!(params.names().collect::<Vec<_>>(), ["x"]);
    }

    #[test]
    fn a_message_never_repeats_what_was_sent() {
        let error = Params::parse(b"<script>=1&<script>=2").unwrap_err();
        assert_eq!(error.to_string(), "an unknown parameter must not be repeated");
    }

    #[test]
    fn every_message_is_a_legal_error_description() {
        let all = [
            Malformed::BadCredentials("it is not base64"),
            Malformed::BadEscape,
            Malformed::BadValue { name: "scope", why: "contains a control character" },
            Malformed::Missing("code"),
            Malformed::NotUtf8,
            Malformed::Repeated("code"),
            Malformed::SeveralCredentials,
            Malformed::TooLong("code"),
            Malformed::TooMany,
        ];
        for malformed in all {
            assert!(malformed.to_string().bytes().all(syntax::is_description_byte), "{malformed}");
        }
    }

    #[test]
    fn control_characters_are_refused_except_white_space_inside_json() {
        for body in ["state=a%00b", "state=a%0d%0ab", "state=%7f", "state=%C2%85", "cla%09ims=x", "claims=%00"] {
            assert!(matches!(Params::parse(body.as_bytes()), Err(Malformed::BadValue { .. })), "{body}");
        }
        assert!(Params::parse(b"claims=%7B%0A%7D").is_ok());
    }

    #[test]
    fn what_is_too_much_is_refused() {
        let many: String = (0..=MAX_PARAMETERS).map(|n| format!("p{n}=1&")).collect();
        assert_eq!(Params::parse(many.as_bytes()), Err(Malformed::TooMany));
        let long = format!("state={}", "a".repeat(MAX_VALUE + 1));
        assert_eq!(Params::parse(long.as_bytes()), Err(Malformed::TooLong("state")));
        let name = format!("{}=1", "a".repeat(MAX_NAME + 1));
        assert_eq!(Params::parse(name.as_bytes()), Err(Malformed::TooLong(UNKNOWN)));
    }

    #[test]
    fn debug_shows_names_and_no_values() {
        let shown = format!("{:?}", Params::parse(b"client_secret=hunter2").unwrap());
        assert_eq!(shown, "Params [\"client_secret\"]");
    }
}
