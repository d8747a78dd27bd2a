//! An API's guard: a request becomes a caller, or a challenge.
//!
//! Implements: RFC 6750 §2.1, §3; RFC 9068 §4; RFC 9728 §5.1 (the challenge's `resource_metadata`).
//! Leaves out: tokens in bodies and queries (RFC 6750 §2.2, §2.3), opaque tokens (introspection), proof of possession: a token
//! that is bound to a key or a certificate is refused, because nobody here checks that its sender holds it.
//!
//! It shares only the wire's words and the keys with the server. A token that was verified once is answered from memory
//! until it ends or the server's keys change; a token that was revoked is therefore good until it ends.
//!
//! ```no_run
//! # #[cfg(feature = "reqwest")]
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use axum::{Extension, Router, routing::get};
//! use chancery_resource::{Caller, Guard, Verifier};
//!
//! let verifier = Verifier::remote("https://as.example".parse()?, "https://api.example")?;
//! let api: Router = Router::new()
//!     .route("/", get(|Extension(caller): Extension<Caller>| async move { caller.subject().to_owned() }))
//!     .layer(Guard::new(verifier).requiring("read".parse()?));
//! # Ok(())
//! # }
//! ```

mod caller;
mod clock;
mod denial;
mod guard;
mod keys;
#[cfg(feature = "reqwest")]
mod remote;
mod verify;

pub use caller::Caller;
pub use chancery_jose::SignatureAlgorithm;
pub use chancery_spec::{Issuer, Scope};
pub use clock::{Clock, SystemClock};
pub use denial::{Denial, TokenFault};
pub use guard::{Guard, Guarded};
pub use keys::{FixedKeys, KeySource, KeysUnavailable};
#[cfg(feature = "reqwest")]
pub use remote::RemoteKeys;
pub use verify::Verifier;
