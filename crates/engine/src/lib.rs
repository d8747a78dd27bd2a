//! Decisions: every endpoint, grant and step, without a socket, a query, a clock or a die.
//!
//! Reading is asynchronous and changes nothing; deciding is pure; what changes is a named write.

pub mod access_token;
pub mod account;

pub mod audit;
pub mod client_keys;
pub mod context;
pub mod directory;
pub mod endpoint;
pub mod keyring;
pub mod refusal;
pub mod seen;
pub mod settings;
pub mod specs;
pub mod steps;
