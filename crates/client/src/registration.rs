//! What was agreed with the server when the client was registered.

use chancery_jose::SignatureAlgorithm;

use crate::client_authentication::ClientAuthentication;

/// A client as the server knows it.
#[derive(Clone, Debug)]
pub struct Registration {
    pub(crate) client_id: String,
    pub(crate) authentication: ClientAuthentication,
    pub(crate) id_token_algorithm: SignatureAlgorithm,
    pub(crate) leeway_seconds: i64,
}

impl Registration {
    /// A client whose ID tokens are signed by ES256, with 10 seconds for clocks to differ.
    pub fn new(client_id: impl Into<String>, authentication: ClientAuthentication) -> Self {
        Self {
            client_id: client_id.into(),
            authentication,
            id_token_algorithm: SignatureAlgorithm::Es256,
            leeway_seconds: 10,
        }
    }

    /// The registered `id_token_signed_response_alg`. No token decides its own algorithm (RFC 8725 §3.1), so a server that
    /// signs by another one must be told of here; many sign by RS256.
    #[must_use]
    pub fn id_tokens_signed_by(self, algorithm: SignatureAlgorithm) -> Self {
        Self { id_token_algorithm: algorithm, ..self }
    }

    /// By how many seconds the server's clock may differ from ours.
    #[must_use]
    pub fn leeway_seconds(self, seconds: u32) -> Self {
        Self { leeway_seconds: i64::from(seconds), ..self }
    }

    /// The client's identifier.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }
}
