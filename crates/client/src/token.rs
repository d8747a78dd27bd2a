//! Asking for tokens: by a code, by a refresh token, and for the client itself.
//!
//! Implements: RFC 6749 §4.1.3, §4.4.2, §5, §6; RFC 8707 §2.2; OpenID Connect Core §3.1.3, §12.
//! Leaves out: sender-constrained tokens: an answer of another token type than `Bearer` is refused (RFC 6749 §7.1).

use chancery_spec::{ResourceIndicator, Scope, TokenResponse, TokenType};
use http::StatusCode;

use crate::authorize::Authorized;
use crate::client::Client;
use crate::error::{ClientError, IdTokenFault, Refused};
use crate::id_token::{Expectations, IdToken};
use crate::metadata::Endpoint;

/// Tokens for a person. `Debug` shows none.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// The server's answer. Its ID token, if it has one, was verified.
    pub response: TokenResponse,
    /// Who signed in.
    pub id_token: Option<IdToken>,
}

/// What a machine asks for itself.
#[derive(Clone, Debug, Default)]
pub struct MachineAsk {
    /// What it wants to do; empty for what the server gives by default.
    pub scope: Scope,
    /// Whose APIs the token is for.
    pub resources: Vec<ResourceIndicator>,
}

impl MachineAsk {
    /// Asks for `scope`.
    pub fn scope(scope: Scope) -> Self {
        Self { scope, resources: Vec::new() }
    }

    /// For the API of `resource`.
    #[must_use]
    pub fn at(mut self, resource: ResourceIndicator) -> Self {
        self.resources.push(resource);
        self
    }
}

impl Client {
    /// Redeems a code: tokens, and who signed in if `openid` was asked for.
    ///
    /// # Errors
    /// [`ClientError::Refused`], [`ClientError::IdToken`] (none of the tokens may be used then), and failing calls.
    pub async fn redeem(&self, authorized: Authorized) -> Result<Tokens, ClientError> {
        let response = self.token(authorized.fields()).await?;
        let pending = authorized.pending();
        let expected = Expectations {
            access_token: Some(&response.access_token),
            nonce: pending.nonce(),
            max_age: pending.max_age(),
            previous: None,
        };
        let id_token = match &response.id_token {
            Some(text) => Some(self.verify_id_token(text, &expected).await?),
            // A nonce was sent exactly when an ID token was asked for.
            None if pending.nonce().is_some() => return Err(IdTokenFault::Missing.into()),
            None => None,
        };
        Ok(Tokens { response, id_token })
    }

    /// Fresh tokens for a refresh token. Where the answer has a refresh token, it takes the old one's place.
    ///
    /// `previous` is the ID token of the sign-in; a new one must be about the same person (OpenID Connect Core §12.2).
    /// Without it a new ID token is verified for itself.
    ///
    /// # Errors
    /// As [`Client::redeem`].
    pub async fn refresh(&self, refresh_token: &str, previous: Option<&IdToken>) -> Result<Tokens, ClientError> {
        let fields = vec![("grant_type", "refresh_token".to_owned()), ("refresh_token", refresh_token.to_owned())];
        let response = self.token(fields).await?;
        let expected =
            Expectations { access_token: Some(&response.access_token), nonce: None, max_age: None, previous };
        let id_token = match &response.id_token {
            Some(text) => Some(self.verify_id_token(text, &expected).await?),
            None => None,
        };
        Ok(Tokens { response, id_token })
    }

    /// A token for the client itself. [`crate::TokenCache`] keeps it.
    ///
    /// # Errors
    /// [`ClientError::Refused`], and failing calls.
    pub async fn client_credentials(&self, ask: &MachineAsk) -> Result<TokenResponse, ClientError> {
        let mut fields = vec![("grant_type", "client_credentials".to_owned())];
        if !ask.scope.is_empty() {
            fields.push(("scope", ask.scope.to_string()));
        }
        fields.extend(ask.resources.iter().map(|resource| ("resource", resource.to_string())));
        self.token(fields).await
    }

    async fn token(&self, fields: Vec<(&'static str, String)>) -> Result<TokenResponse, ClientError> {
        let answer = self.ask(Endpoint::Token, fields).await?;
        if answer.status != StatusCode::OK {
            return Err(ClientError::Refused(Refused::of(&answer)));
        }
        let response: TokenResponse =
            serde_json::from_slice(&answer.body).map_err(|_| ClientError::Answer("a token response"))?;
        if response.token_type != TokenType::Bearer {
            return Err(ClientError::Answer("a bearer token"));
        }
        Ok(response)
    }
}
