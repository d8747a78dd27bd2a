//! A resource: whose API the tokens are for.

use chancery_jose::SignatureAlgorithm;
use chancery_spec::resource::ResourceIndicator;
use chancery_spec::scope::Scope;
use serde::{Deserialize, Serialize};

use crate::id::{ClientId, RealmName};

/// An API that accepts our tokens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// The realm it belongs to.
    pub realm: RealmName,
    /// Its name on the wire, and the `aud` of its tokens (RFC 8707).
    pub identifier: ResourceIndicator,
    /// Counts its versions; see [`crate::write::Write::SaveResource`].
    pub revision: u64,
    /// Whether tokens are issued for it at all.
    pub enabled: bool,
    /// What people read about it.
    #[serde(default)]
    pub name: Option<String>,
    /// The scopes it knows; others are left out of its tokens.
    #[serde(default)]
    pub scope: Scope,
    /// What its tokens look like.
    #[serde(default)]
    pub token_format: TokenFormat,
    /// Seconds its tokens live, where that is less than the realm's figure.
    #[serde(default)]
    pub access_token_lifetime: Option<u64>,
    /// The algorithm of its tokens; the realm's where absent.
    #[serde(default)]
    pub signing_algorithm: Option<SignatureAlgorithm>,
    /// The clients that speak for it: they may introspect its tokens.
    #[serde(default)]
    pub servers: Vec<ClientId>,
}

/// What an access token looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenFormat {
    /// RFC 9068.
    #[default]
    Jwt,
    /// 256 bits of chance; introspection tells what they mean.
    Opaque,
}
