//! A consent: what a user agreed to give a client.

use chancery_spec::resource::ResourceIndicator;
use chancery_spec::scope::Scope;

use crate::id::{ClientId, RealmName, UserId};
use crate::moment::Moment;

/// What one user agreed to give one client, all told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// The realm of both.
    pub realm: RealmName,
    /// Who agreed.
    pub user: UserId,
    /// Who may ask.
    pub client: ClientId,
    /// What was agreed to.
    pub scope: Scope,
    /// For which resources.
    pub resources: Vec<ResourceIndicator>,
    /// When it was last extended.
    pub granted_at: Moment,
}

impl Consent {
    /// Whether nothing in the question is new.
    #[must_use]
    pub fn covers(&self, scope: &Scope, resources: &[ResourceIndicator]) -> bool {
        scope.is_subset(&self.scope) && resources.iter().all(|resource| self.resources.contains(resource))
    }
}
