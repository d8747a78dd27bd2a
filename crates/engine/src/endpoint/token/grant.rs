//! What every grant is: facts are gathered, then a decision is taken about them.

use std::future::Future;

use chancery_spec::grant_type::GrantType;

use crate::context::{House, Scene};
use crate::refusal::Refusal;
use crate::steps::approval::Approval;
use crate::steps::client_auth::AuthenticatedClient;

/// A grant: one file, one implementation.
pub trait Grant: Sync {
    /// Its name on the wire; the client must be registered for it.
    const TYPE: GrantType;
    /// What the decision needs to know.
    type Facts: Send;

    /// Reads; changes nothing.
    fn gather(
        &self,
        house: &House,
        scene: &Scene<'_>,
        client: &AuthenticatedClient,
    ) -> impl Future<Output = Result<Self::Facts, Refusal>> + Send;

    /// Decides: no store, no clock, no dice but the scene's.
    ///
    /// # Errors
    /// The reason to say no.
    fn decide(&self, scene: &Scene<'_>, client: &AuthenticatedClient, facts: Self::Facts) -> Result<Approval, Refusal>;
}
