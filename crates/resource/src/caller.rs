//! Who calls, and what they may do.

use std::fmt;
use std::sync::Arc;

use chancery_spec::{AccessTokenClaims, Scope};

use crate::denial::Denial;

/// Whom a request comes from: a token that was verified says so. Only [`crate::Verifier`] makes one. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Caller(Arc<AccessTokenClaims<'static>>);

impl Caller {
    pub(crate) fn new(claims: AccessTokenClaims<'static>) -> Self {
        Self(Arc::new(claims))
    }

    /// Whom the caller speaks for: a person, or the client itself.
    pub fn subject(&self) -> &str {
        &self.0.sub
    }

    /// The client that calls.
    pub fn client_id(&self) -> &str {
        &self.0.client_id
    }

    /// Everything the token says.
    pub fn claims(&self) -> &AccessTokenClaims<'static> {
        &self.0
    }

    /// Whether the token was granted one scope token, byte for byte.
    pub fn may(&self, scope_token: &str) -> bool {
        self.0.scope.as_ref().is_some_and(|scope| scope.contains(scope_token))
    }

    /// Lets the caller on if the token was granted all of `scope`; for routes that need more than their neighbours.
    ///
    /// # Errors
    /// [`Denial::ScopeTooSmall`].
    pub fn require(&self, scope: &Scope) -> Result<(), Denial> {
        if scope.iter().all(|token| self.may(token.as_str())) {
            Ok(())
        } else {
            Err(Denial::ScopeTooSmall(scope.clone()))
        }
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("subject", &self.subject())
            .field("client_id", &self.client_id())
            .finish_non_exhaustive()
    }
}
