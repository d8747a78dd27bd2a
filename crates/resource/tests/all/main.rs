//! The guard, against tokens of the test's own.

mod guard;
mod keys;
#[cfg(feature = "reqwest")]
mod network;
mod tokens;
mod world;
