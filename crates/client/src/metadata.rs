//! A server's metadata: where they are found, and what they must be to be believed.
//!
//! Implements: OpenID Connect Discovery §4.1, §4.3; RFC 8414 §3.1, §3.3, §6.2 (the issuer must be the expected one).
//! Leaves out: signed metadata (RFC 8414 §2.1).

use std::fmt;

use bytes::Bytes;
use chancery_spec::web_uri::WebUri;
use chancery_spec::{Issuer, ServerMetadata};
use http::header::{ACCEPT, HeaderValue};
use http::{HeaderMap, Method, StatusCode};
use url::Url;

use crate::error::{ClientError, MetadataFault};
use crate::http::{Answer, Call, Http};

/// The endpoints that this crate uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// Where people are sent.
    Authorization,
    /// Where the public keys are.
    Keys,
    /// Where tokens are revoked.
    Revocation,
    /// Where tokens are asked for.
    Token,
    /// Where claims about a person are.
    UserInfo,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Authorization => "authorization endpoint",
            Self::Keys => "key set",
            Self::Revocation => "revocation endpoint",
            Self::Token => "token endpoint",
            Self::UserInfo => "UserInfo endpoint",
        })
    }
}

/// A server whose metadata were checked: they are the expected issuer's, and every endpoint may be used. Only
/// [`discover`] and [`Provider::admit`] make one.
#[derive(Clone, Debug)]
pub struct Provider {
    metadata: ServerMetadata,
    authorization: Option<Url>,
    keys: Option<Url>,
    revocation: Option<Url>,
    token: Option<Url>,
    user_info: Option<Url>,
}

impl Provider {
    /// Checks metadata that came by another way than [`discover`].
    ///
    /// # Errors
    /// [`MetadataFault::Issuer`], [`MetadataFault::Endpoint`].
    pub fn admit(metadata: ServerMetadata, issuer: &Issuer) -> Result<Self, MetadataFault> {
        if metadata.issuer != *issuer {
            return Err(MetadataFault::Issuer);
        }
        let read = |endpoint, text: &Option<String>| {
            text.as_deref().map(|text| usable(text, issuer).ok_or(MetadataFault::Endpoint(endpoint))).transpose()
        };
        Ok(Self {
            authorization: read(Endpoint::Authorization, &metadata.authorization_endpoint)?,
            keys: read(Endpoint::Keys, &metadata.jwks_uri)?,
            revocation: read(Endpoint::Revocation, &metadata.revocation_endpoint)?,
            token: read(Endpoint::Token, &metadata.token_endpoint)?,
            user_info: read(Endpoint::UserInfo, &metadata.userinfo_endpoint)?,
            metadata,
        })
    }

    /// The issuer's identifier.
    pub fn issuer(&self) -> &Issuer {
        &self.metadata.issuer
    }

    /// Everything the server says of itself.
    pub fn metadata(&self) -> &ServerMetadata {
        &self.metadata
    }

    /// Where an endpoint is.
    ///
    /// # Errors
    /// [`ClientError::Missing`] if the server has none.
    pub fn endpoint(&self, endpoint: Endpoint) -> Result<&Url, ClientError> {
        let url = match endpoint {
            Endpoint::Authorization => &self.authorization,
            Endpoint::Keys => &self.keys,
            Endpoint::Revocation => &self.revocation,
            Endpoint::Token => &self.token,
            Endpoint::UserInfo => &self.user_info,
        };
        url.as_ref().ok_or(ClientError::Missing(endpoint))
    }
}

/// Finds and checks the metadata of `issuer`: OpenID Connect's placements first, then RFC 8414's, each behind the issuer's
/// path and in front of it.
///
/// A placement without a document of this issuer is passed over, because servers at a shared host answer for each other; when
/// none is left, the fault that tells most is told.
///
/// # Errors
/// [`ClientError::Http`], [`ClientError::Metadata`].
pub async fn discover(http: &dyn Http, issuer: &Issuer) -> Result<Provider, ClientError> {
    let mut fault = None;
    for path in [issuer.openid_configuration_paths(), issuer.oauth_metadata_paths()].concat() {
        let url = [issuer.origin(), &path].concat();
        let url = Url::parse(&url).map_err(|_| MetadataFault::NotWellFormed)?;
        let answer = read(http, url).await?;
        match admit_answer(&answer, issuer) {
            Ok(provider) => return Ok(provider),
            // A document that is wrong tells more than one that is not there.
            Err(MetadataFault::NotFound(status)) => fault = fault.or(Some(MetadataFault::NotFound(status))),
            Err(wrong) if matches!(fault, None | Some(MetadataFault::NotFound(_))) => fault = Some(wrong),
            Err(_) => {}
        }
    }
    Err(fault.unwrap_or(MetadataFault::NotWellFormed).into())
}

/// Reads a public JSON document.
pub(crate) async fn read(http: &dyn Http, url: Url) -> Result<Answer, ClientError> {
    let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
    Ok(http.send(Call { method: Method::GET, url, headers, body: Bytes::new() }).await?)
}

fn admit_answer(answer: &Answer, issuer: &Issuer) -> Result<Provider, MetadataFault> {
    if answer.status != StatusCode::OK {
        return Err(MetadataFault::NotFound(answer.status.as_u16()));
    }
    let metadata = serde_json::from_slice(&answer.body).map_err(|_| MetadataFault::NotWellFormed)?;
    Provider::admit(metadata, issuer)
}

/// An endpoint's URL: https, or plain http on the loopback interface where the issuer is there too; no fragment
/// (RFC 6749 §3.1, §3.2).
fn usable(text: &str, issuer: &Issuer) -> Option<Url> {
    let uri = WebUri::parse(text).ok()?;
    let url = Url::parse(text).ok().filter(|url| url.fragment().is_none())?;
    // An issuer without https is on the loopback interface: that is checked where issuers are parsed.
    let on_loopback = !issuer.is_https() && matches!(uri.host(), "localhost" | "127.0.0.1" | "[::1]");
    (url.scheme() == "https" || on_loopback).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admit(issuer: &str, endpoint: &str) -> Result<Provider, MetadataFault> {
        let issuer = Issuer::parse(issuer).unwrap();
        let mut metadata = ServerMetadata::new(issuer.clone());
        metadata.token_endpoint = Some(endpoint.to_owned());
        Provider::admit(metadata, &issuer)
    }

    #[test]
    fn an_endpoint_uses_https_unless_everything_is_on_the_loopback_interface() {
        assert!(admit("https://as.example", "https://tokens.example/token?x=1").is_ok());
        assert!(admit("http://127.0.0.1:8080", "http://localhost:8080/token").is_ok());
        for (issuer, endpoint) in [
            ("https://as.example", "http://as.example/token"),
            ("https://as.example", "http://127.0.0.1/token"),
            ("http://localhost:1", "http://as.example/token"),
            ("https://as.example", "https://u@as.example/token"),
            ("https://as.example", "https://as.example/token#x"),
            ("https://as.example", "/token"),
            ("https://as.example", "file:///etc/passwd"),
            ("https://as.example", ""),
        ] {
            let refused = admit(issuer, endpoint).unwrap_err();
            assert_eq!(refused, MetadataFault::Endpoint(Endpoint::Token), "{endpoint}");
        }
    }

    /// RFC 8414 §3.3.
    #[test]
    fn metadata_of_another_issuer_are_refused() {
        let metadata = ServerMetadata::new(Issuer::parse("https://as.example/").unwrap());
        let refused = Provider::admit(metadata, &Issuer::parse("https://as.example").unwrap()).unwrap_err();
        assert_eq!(refused, MetadataFault::Issuer);
    }
}
