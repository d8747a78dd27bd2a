//! `client_secret_basic` and `client_secret_post`: a shared secret, recognised by its digest.
//!
//! Implements: RFC 6749 §2.3.1.

use chancery_spec::credentials::PresentedSecret;
use chancery_store::Moment;
use chancery_store::client::{Client, KeptSecret};
use chancery_store::secret::Secret;

use crate::refusal::Refusal;

/// Whether `given` is one of the client's live secrets; while one replaces the other there are two.
pub(super) fn prove(client: &Client, given: &PresentedSecret, now: Moment) -> Result<(), Refusal> {
    let given = Secret::presented(given.expose());
    let known = client.live_secrets(now).any(|secret| match &secret.kept {
        KeptSecret::Digest(digest) => digest.matches(&given),
        // A secret that is kept to be read back belongs to `client_secret_jwt`, and that is the
        // method its client is registered with.
        KeptSecret::Sealed(_) => false,
    });
    if known { Ok(()) } else { Err(Refusal::ClientUnproven) }
}
