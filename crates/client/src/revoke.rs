//! Giving tokens back.
//!
//! Implements: RFC 7009 §2.

use chancery_spec::revocation::TokenTypeHint;
use http::StatusCode;

use crate::client::Client;
use crate::error::{ClientError, Refused};
use crate::metadata::Endpoint;

impl Client {
    /// Ends a token. A token that the server does not know counts as ended (§2.2).
    ///
    /// # Errors
    /// [`ClientError::Refused`]; with status 503 the token lives on and the call may be repeated (§2.2.1). Failing calls.
    pub async fn revoke(&self, token: &str, hint: Option<TokenTypeHint>) -> Result<(), ClientError> {
        let mut fields = vec![("token", token.to_owned())];
        fields.extend(hint.map(|hint| ("token_type_hint", hint.as_str().to_owned())));
        let answer = self.ask(Endpoint::Revocation, fields).await?;
        if answer.status == StatusCode::OK { Ok(()) } else { Err(ClientError::Refused(Refused::of(&answer))) }
    }
}
