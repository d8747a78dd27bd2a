//! The store contract: records, reads, writes, and the suite every backend passes.
//!
//! A read answers one question about one record. A change is a [`write::Write`], named whole,
//! done whole or not at all. No transaction handle travels through the code above this crate.
//!
//! Records that are disabled cannot be loaded by the reads that decisions use: enabledness is
//! decided here, once, and not in the endpoints.

pub mod attempt;
pub mod audit;
pub mod client;
pub mod code;
pub mod conformance;
pub mod consent;
pub mod credential;
pub mod directory;
pub mod error;
pub mod family;
pub mod id;
pub mod key;
pub mod link;
pub mod moment;
pub mod pending;
pub mod realm;
pub mod resource;
pub mod secret;
pub mod session;
pub mod settings;
pub mod store;
pub mod token;
pub mod user;
pub mod write;

pub use error::StoreError;
pub use moment::Moment;
pub use store::Store;
pub use write::{Commit, Write};
