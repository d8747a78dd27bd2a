//! What an access token says, read back.

use chancery_spec::scope::Scope;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// What an access token says.
#[derive(Debug, Deserialize)]
pub struct AccessTokenContent {
    /// The issuer.
    #[serde(default)]
    pub iss: String,
    /// Whom it speaks of.
    pub sub: String,
    /// Whom it is for.
    #[serde(deserialize_with = "one_or_several")]
    pub aud: Vec<String>,
    /// Who asked for it.
    pub client_id: String,
    /// What it allows.
    #[serde(default)]
    pub scope: Scope,
    /// When it ends, in seconds since the epoch.
    pub exp: i64,
    /// When it was issued, in seconds since the epoch.
    pub iat: i64,
    /// Its name, where it is a JWT.
    #[serde(default)]
    pub jti: Option<String>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

fn one_or_several<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Audience {
        One(String),
        Several(Vec<String>),
    }
    Ok(match Audience::deserialize(deserializer)? {
        Audience::One(one) => vec![one],
        Audience::Several(several) => several,
    })
}
