//! Profiles: named bundles of realm settings. A profile is where a realm's settings begin; each
//! may then be changed one by one, and nothing asks for the profile again.

use chancery_store::realm::ScopeDefinition;
use chancery_store::settings::{PasswordPolicy, PkcePolicy, RealmSettings, SignInPolicy};

/// A named bundle.
pub struct Profile {
    /// What it is called in seeds and on the command line.
    pub name: &'static str,
    /// What it is for, in one sentence.
    pub purpose: &'static str,
    /// The settings it begins with.
    pub settings: fn() -> RealmSettings,
}

/// All profiles.
pub const PROFILES: &[Profile] = &[
    Profile {
        name: "standard",
        purpose: "OAuth 2.1 and OpenID Connect with the strict answer wherever there is a choice",
        settings: RealmSettings::default,
    },
    Profile {
        name: "dev",
        purpose: "for development and tests: short passwords, no waiting after failed sign-ins, PKCE left to confidential clients",
        settings: development,
    },
];

fn development() -> RealmSettings {
    RealmSettings {
        pkce: PkcePolicy::PublicClients,
        sign_in: SignInPolicy {
            free_attempts_per_account: 1000,
            free_attempts_per_address: 100_000,
            first_wait: 1,
            longest_wait: 2,
            ..SignInPolicy::default()
        },
        passwords: PasswordPolicy { minimum_length: 1 },
        ..RealmSettings::default()
    }
}

/// The profile called `name`.
#[must_use]
pub fn profile(name: &str) -> Option<&'static Profile> {
    PROFILES.iter().find(|profile| profile.name == name)
}

/// The scopes of OpenID Connect (Core §5.4, §11), with which every realm begins.
#[must_use]
pub fn standard_scopes() -> Vec<ScopeDefinition> {
    [
        ("openid", "Know who you are"),
        ("profile", "See your name and profile"),
        ("email", "See your e-mail address"),
        ("address", "See your postal address"),
        ("phone", "See your phone number"),
        ("offline_access", "Keep access while you are away"),
    ]
    .into_iter()
    .map(|(name, description)| ScopeDefinition {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        claims: Vec::new(),
    })
    .collect()
}
