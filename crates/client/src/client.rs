//! A client of one server: who it is there, and how it asks.

use chancery_spec::Issuer;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method};
use url::form_urlencoded::Serializer;

use crate::error::ClientError;
use crate::http::{Answer, Call};
use crate::keys::Keys;
use crate::metadata::{self, Endpoint, Provider};
use crate::registration::Registration;
use crate::surroundings::Surroundings;

/// A client of one server. Made once, then shared: it holds the server's keys.
#[derive(Debug)]
pub struct Client {
    pub(crate) provider: Provider,
    pub(crate) registration: Registration,
    pub(crate) surroundings: Surroundings,
    pub(crate) keys: Keys,
}

impl Client {
    /// A client of a server whose metadata are known.
    pub fn new(provider: Provider, registration: Registration, surroundings: Surroundings) -> Self {
        Self { provider, registration, surroundings, keys: Keys::default() }
    }

    /// A client of the server `issuer`, whose metadata are fetched and checked.
    ///
    /// # Errors
    /// As [`metadata::discover`].
    pub async fn discover(
        issuer: &Issuer,
        registration: Registration,
        surroundings: Surroundings,
    ) -> Result<Self, ClientError> {
        let provider = metadata::discover(&*surroundings.http, issuer).await?;
        Ok(Self::new(provider, registration, surroundings))
    }

    /// The server.
    pub fn provider(&self) -> &Provider {
        &self.provider
    }

    /// Posts a form to an endpoint at which clients prove who they are.
    pub(crate) async fn ask(
        &self,
        endpoint: Endpoint,
        fields: Vec<(&'static str, String)>,
    ) -> Result<Answer, ClientError> {
        let url = self.provider.endpoint(endpoint)?.clone();
        let Registration { client_id, authentication, .. } = &self.registration;
        let proven = authentication.prove(client_id, self.provider.issuer().as_str(), &self.surroundings)?;
        let mut headers = HeaderMap::from_iter([
            (ACCEPT, HeaderValue::from_static("application/json")),
            (CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded")),
        ]);
        if let Some(text) = proven.header {
            headers.insert(AUTHORIZATION, secret_field(&text)?);
        }
        let body = Serializer::new(String::new()).extend_pairs(fields).extend_pairs(proven.fields).finish();
        Ok(self.surroundings.http.send(Call { method: Method::POST, url, headers, body: body.into() }).await?)
    }
}

/// A header field that loggers are told not to print.
pub(crate) fn secret_field(text: &str) -> Result<HeaderValue, ClientError> {
    let mut field = HeaderValue::from_str(text).map_err(|_| ClientError::Answer("a token that a header can carry"))?;
    field.set_sensitive(true);
    Ok(field)
}
