//! The crate from outside: the specifications' own examples, other implementations, and attackers.

mod confusion;
mod encryption;
mod fixtures;
mod keys;
mod oracle;
mod rfc;
mod tokens;
