//! Keys over the network: the issuer's metadata, then the key set that they name.
//!
//! Implements: RFC 8414 §3.1, §3.3; OpenID Connect Discovery §4.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chancery_jose::JwkSet;
use chancery_spec::web_uri::WebUri;
use chancery_spec::{Issuer, ServerMetadata};
use http::StatusCode;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use url::Url;

use crate::keys::{KeySource, KeysUnavailable};

/// How long a call may take, connection included.
const LONGEST: Duration = Duration::from_secs(10);

/// The keys that an issuer publishes. No redirects, no cookies, no proxies from the environment.
#[derive(Clone, Debug)]
pub struct RemoteKeys {
    issuer: Issuer,
    client: reqwest::Client,
}

impl RemoteKeys {
    /// Believing the system's certificate authorities.
    ///
    /// # Errors
    /// [`KeysUnavailable`] if TLS cannot be set up.
    pub fn new(issuer: Issuer) -> Result<Self, KeysUnavailable> {
        Self::with_authorities(issuer, b"")
    }

    /// Believing the certificate authorities of `pem` too.
    ///
    /// # Errors
    /// [`KeysUnavailable`] if TLS cannot be set up, or `pem` holds something that is not a certificate.
    pub fn with_authorities(issuer: Issuer, pem: &[u8]) -> Result<Self, KeysUnavailable> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|_| KeysUnavailable)?;
            roots.add(certificate).map_err(|_| KeysUnavailable)?;
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|_| KeysUnavailable)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .timeout(LONGEST)
            .http1_only()
            .build()
            .map_err(|_| KeysUnavailable)?;
        Ok(Self { issuer, client })
    }

    /// The document at a URL, if there is one of a decent size.
    async fn read(&self, url: Url) -> Result<Option<Vec<u8>>, KeysUnavailable> {
        let mut response = self.client.get(url).send().await.map_err(|_| KeysUnavailable)?;
        if response.status() != StatusCode::OK {
            return Ok(None);
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| KeysUnavailable)? {
            if body.len() + chunk.len() > JwkSet::MAXIMUM_BYTES {
                return Err(KeysUnavailable);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Some(body))
    }
}

#[async_trait]
impl KeySource for RemoteKeys {
    async fn fetch(&self) -> Result<Vec<u8>, KeysUnavailable> {
        for path in [self.issuer.oauth_metadata_paths(), self.issuer.openid_configuration_paths()].concat() {
            let url = Url::parse(&[self.issuer.origin(), &path].concat()).map_err(|_| KeysUnavailable)?;
            if let Some(document) = self.read(url).await?
                && let Some(keys) = keys_of(&document, &self.issuer)
            {
                return self.read(keys).await?.ok_or(KeysUnavailable);
            }
        }
        Err(KeysUnavailable)
    }
}

/// Where the keys are, if these are the metadata of `issuer` (RFC 8414 §3.3) and the place may be used: https, or plain http
/// on the loopback interface where the issuer is there too.
fn keys_of(document: &[u8], issuer: &Issuer) -> Option<Url> {
    let metadata: ServerMetadata = serde_json::from_slice(document).ok()?;
    let uri = WebUri::parse(&metadata.jwks_uri.filter(|_| metadata.issuer == *issuer)?).ok()?;
    let on_loopback = !issuer.is_https() && matches!(uri.host(), "localhost" | "127.0.0.1" | "[::1]");
    Url::parse(uri.as_str()).ok().filter(|_| uri.is_https() || on_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(issuer: &str, named: &str, jwks_uri: &str) -> Option<Url> {
        let mut metadata = ServerMetadata::new(Issuer::parse(named).unwrap());
        metadata.jwks_uri = Some(jwks_uri.to_owned());
        keys_of(&serde_json::to_vec(&metadata).unwrap(), &Issuer::parse(issuer).unwrap())
    }

    /// RFC 8414 §3.3
    #[test]
    fn keys_are_those_of_the_expected_issuer_and_come_by_https() {
        let (issuer, local) = ("https://as.example", "http://127.0.0.1:8080");
        assert!(keys(issuer, issuer, "https://keys.example/jwks").is_some());
        assert!(keys(local, local, "http://localhost:8080/jwks").is_some());
        assert!(keys(issuer, "https://evil.example", "https://as.example/jwks").is_none());
        for jwks_uri in ["http://as.example/jwks", "http://127.0.0.1/jwks", "/jwks", "file:///jwks"] {
            assert!(keys(issuer, issuer, jwks_uri).is_none(), "{jwks_uri}");
        }
        assert!(keys(local, local, "http://as.example/jwks").is_none());
        assert!(keys_of(b"<html>", &Issuer::parse(issuer).unwrap()).is_none());
    }
}
