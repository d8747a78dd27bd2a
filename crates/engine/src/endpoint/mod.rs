//! One file per endpoint.

pub mod authorize;
pub mod discover;
pub mod introspect;
pub mod revoke;
pub mod token;
pub mod userinfo;
