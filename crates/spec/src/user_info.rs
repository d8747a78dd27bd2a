//! Claims about a person: the standard ones, which scope releases which, and the UserInfo response.
//!
//! Implements: OpenID Connect Core §5.1, §5.1.1, §5.3.2, §5.4.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::claims::ExtraClaims;
use crate::scope::{self, Scope};

/// The claims that a standard scope releases; none for any other scope. §5.4.
#[rustfmt::skip]
pub fn claims_of(scope: &str) -> &'static [&'static str] {
    match scope {
        scope::PROFILE => &[
            "name", "family_name", "given_name", "middle_name", "nickname", "preferred_username", "profile", "picture",
            "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at",
        ],
        scope::EMAIL => &["email", "email_verified"],
        scope::ADDRESS => &["address"],
        scope::PHONE => &["phone_number", "phone_number_verified"],
        _ => &[],
    }
}

/// The standard claims of §5.1 but `sub`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StandardClaims {
    /// The whole name, for display.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// First names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// Last names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// Middle names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    /// A casual name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// The name the person signs in with. Not unique, not stable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<String>,
    /// The URL of a profile page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The URL of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// The URL of a home page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// The e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether the address was proven.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
    /// In the person's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    /// `YYYY-MM-DD`, `0000-MM-DD` or `YYYY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthdate: Option<String>,
    /// A name of the time zone database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zoneinfo: Option<String>,
    /// A language tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// The phone number, E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// Whether the number was proven.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number_verified: Option<bool>,
    /// The postal address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// Seconds since 1970: changed last then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<u64>,
}

/// A postal address. §5.1.1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// The whole address, for display or a label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    /// Street and number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street_address: Option<String>,
    /// The town.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// The state, province or prefecture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// The country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

impl StandardClaims {
    /// The claims that `scope` releases, ready for a UserInfo response or an ID token.
    pub fn released(&self, scope: &Scope) -> ExtraClaims {
        let mut released = ExtraClaims::default();
        // A struct of texts, numbers and texts again always becomes an object.
        let Ok(Value::Object(all)) = serde_json::to_value(self) else {
            return released;
        };
        for (name, value) in all {
            let asked = scope.iter().any(|token| claims_of(token.as_str()).contains(&name.as_str()));
            if asked && released.insert(name, value).is_err() {
                // No standard claim has a reserved name; a test holds that.
                return ExtraClaims::default();
            }
        }
        released
    }
}

/// A UserInfo response. §5.3.2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserInfo<'a> {
    /// Who it is about: the `sub` of the ID token.
    pub sub: Cow<'a, str>,
    /// What is released.
    #[serde(flatten)]
    pub claims: ExtraClaims,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn everything() -> StandardClaims {
        let text = || Some("x".to_owned());
        StandardClaims {
            name: text(),
            given_name: text(),
            family_name: text(),
            middle_name: text(),
            nickname: text(),
            preferred_username: text(),
            profile: text(),
            picture: text(),
            website: text(),
            email: text(),
            email_verified: Some(true),
            gender: text(),
            birthdate: text(),
            zoneinfo: text(),
            locale: text(),
            phone_number: text(),
            phone_number_verified: Some(false),
            address: Some(Address { country: text(), ..Address::default() }),
            updated_at: Some(1),
        }
    }

    /// OpenID Connect Core §5.4.
    #[test]
    fn each_scope_releases_its_own_claims_and_no_others() {
        for name in [scope::PROFILE, scope::EMAIL, scope::ADDRESS, scope::PHONE] {
            let released = everything().released(&Scope::parse(name).unwrap());
            let mut expected = claims_of(name).to_vec();
            expected.sort_unstable();
            assert_eq!(released.iter().map(|(name, _)| name).collect::<Vec<_>>(), expected);
        }
        assert!(everything().released(&Scope::parse("openid offline_access other").unwrap()).is_empty());
    }

    #[test]
    fn a_user_info_response_is_one_flat_object() {
        let claims = everything().released(&Scope::parse("email").unwrap());
        let response = UserInfo { sub: "alice".into(), claims };
        let json = serde_json::to_string(&response).unwrap();
        assert_eq!(json, r#"{"sub":"alice","email":"x","email_verified":true}"#);
        assert_eq!(serde_json::from_str::<UserInfo<'static>>(&json).unwrap(), response);
    }
}
