//! What is known of a person, checked: standard claims by their kinds, others as they are.
//!
//! Implements: OIDC Core §5.1, §5.1.1 (address).

use chancery_spec::web_uri::WebUri;
use serde_json::{Map, Value};

use super::error::Complaints;
use super::names::hint;

/// Texts that people read.
const TEXTS: &[&str] = &[
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "gender",
    "zoneinfo",
    "locale",
    "phone_number",
];
const PAGES: &[&str] = &["profile", "picture", "website"];
const FLAGS: &[&str] = &["email_verified", "phone_number_verified"];
/// The members of an address.
const ADDRESS: &[&str] = &["formatted", "street_address", "locality", "region", "postal_code", "country"];

/// Claims that a token says of itself (RFC 7519 §4.1, OIDC Core §2, RFC 9068 §2.2): a person cannot have them.
const RESERVED: &[&str] = &[
    "acr",
    "act",
    "active",
    "amr",
    "at_hash",
    "aud",
    "auth_time",
    "azp",
    "c_hash",
    "client_id",
    "cnf",
    "exp",
    "iat",
    "iss",
    "jti",
    "nbf",
    "nonce",
    "s_hash",
    "scope",
    "sid",
    "sub",
    "token_type",
];

/// The most bytes that one person's claims take as JSON.
const LARGEST: usize = 16 * 1024;

/// Everything that is wrong with the claims of a person.
#[must_use]
pub fn check(claims: &Map<String, Value>) -> Complaints {
    let mut complaints = Complaints::default();
    for (name, value) in claims {
        if let Err(why) = check_one(name, value, &mut complaints) {
            complaints.push(name, why);
        }
    }
    if serde_json::to_string(claims).map_or(0, |text| text.len()) > LARGEST {
        complaints.push("claims", format!("take more than {LARGEST} bytes"));
    }
    complaints
}

fn check_one(name: &str, value: &Value, complaints: &mut Complaints) -> Result<(), &'static str> {
    match name {
        "" => Err("a claim has a name"),
        "email" if value.as_str().is_some_and(is_email) => Ok(()),
        "email" => Err("must be an e-mail address of ASCII characters"),
        "birthdate" if value.as_str().is_some_and(is_birthdate) => Ok(()),
        "birthdate" => Err("must be YYYY-MM-DD, with 0000 for an unknown year, or YYYY"),
        "updated_at" if value.is_u64() => Ok(()),
        "updated_at" => Err("must be a number of seconds since 1970"),
        "address" => address(value, complaints),
        name if TEXTS.contains(&name) => match value.as_str() {
            Some(text) if is_short(text) => Ok(()),
            Some(_) | None => Err("must be text of at most 1000 characters without control characters"),
        },
        name if PAGES.contains(&name) => match value.as_str() {
            Some(text) if WebUri::parse(text).is_ok() => Ok(()),
            Some(_) | None => Err("must be the URL of a web page"),
        },
        name if FLAGS.contains(&name) && !value.is_boolean() => Err("must be true or false"),
        name if RESERVED.contains(&name) => Err("is what a token says of itself, not of a person"),
        _ => Ok(()),
    }
}

fn address(value: &Value, complaints: &mut Complaints) -> Result<(), &'static str> {
    let members =
        value.as_object().ok_or("must be an object with street_address, locality, postal_code, country and so on")?;
    for (name, value) in members {
        if !ADDRESS.contains(&name.as_str()) {
            complaints.push(
                format!("address.{name}"),
                format!("is no part of an address{}", hint(name, ADDRESS.iter().copied())),
            );
        } else if value.as_str().is_none_or(|text| text.len() > 1000) {
            complaints.push(format!("address.{name}"), "must be text");
        }
    }
    Ok(())
}

fn is_short(text: &str) -> bool {
    text.chars().count() <= 1000 && !text.chars().any(char::is_control)
}

/// One `@` between two parts, all of visible ASCII: look-alikes of `@` and `.` must not become a
/// second address of the same looks.
fn is_email(text: &str) -> bool {
    let Some((mailbox, host)) = text.split_once('@') else { return false };
    let plain = text.len() <= 254 && text.bytes().all(|byte| byte.is_ascii_graphic());
    let host_is_plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    let host_is_whole =
        host.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'));
    plain && !mailbox.is_empty() && mailbox.len() <= 64 && host_is_plain && host_is_whole
}

fn is_birthdate(text: &str) -> bool {
    let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
    let within =
        |part: &str, most: u8| digits(part, 2) && part.parse::<u8>().is_ok_and(|number| (1..=most).contains(&number));
    match text.split('-').collect::<Vec<_>>()[..] {
        [year] => digits(year, 4),
        [year, month, day] => digits(year, 4) && within(month, 12) && within(day, 31),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(claims: Value) -> Vec<String> {
        check(claims.as_object().unwrap()).iter().map(|complaint| complaint.member.clone()).collect()
    }

    #[test]
    fn a_whole_person_is_accepted_with_claims_that_nobody_defined() {
        let claims = serde_json::json!({
            "name": "Alice Example", "email": "alice@example.test", "email_verified": true, "birthdate": "0000-02-29",
            "picture": "https://example.test/alice.png", "updated_at": 1_700_000_000,
            "address": {"street_address": "1 Example Street", "country": "NZ"},
            "https://example.test/roles": ["pilot"],
        });
        assert!(complaints(claims).is_empty());
    }

    #[test]
    fn nobody_can_claim_what_a_token_says_of_itself() {
        assert_eq!(complaints(serde_json::json!({"sub": "x", "aud": "y", "acr": "z"})).len(), 3);
    }

    #[test]
    fn every_wrong_kind_is_complained_of_at_once() {
        let claims = serde_json::json!({
            "name": 7, "email_verified": "yes", "birthdate": "1999-13-01", "picture": "javascript:alert(1)",
            "address": {"street": "1 Example Street"}, "updated_at": -1,
        });
        let mut found = complaints(claims);
        found.sort();
        assert_eq!(found, ["address.street", "birthdate", "email_verified", "name", "picture", "updated_at"]);
    }

    #[test]
    fn an_address_that_only_looks_like_one_is_refused() {
        for bad in [
            "alice",
            "@example.test",
            "alice@",
            "a@b@example.test",
            "alice@exam ple.test",
            "alice＠example.test",
            "alice@example..test",
            "alice@-a.test",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
        assert!(is_email("alice+tag@example.test"));
        assert!(is_email("root@localhost"));
    }
}
