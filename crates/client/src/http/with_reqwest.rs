//! Calls over the network, by reqwest and rustls.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::BytesMut;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use super::{Answer, Call, Http, HttpError};

/// The most bytes of an answer: metadata, key sets and tokens are far smaller.
const MOST_BYTES: usize = 1024 * 1024;
/// How long a call may take, connection included.
const LONGEST: Duration = Duration::from_secs(10);

/// Makes calls over the network: no redirects, no cookies, no proxies from the environment, answers of at most 1 MiB
/// within 10 seconds. Connections are kept.
#[derive(Clone, Debug)]
pub struct ReqwestHttp {
    client: reqwest::Client,
}

impl ReqwestHttp {
    /// Believing the system's certificate authorities.
    ///
    /// # Errors
    /// [`HttpError::Setup`] only.
    pub fn new() -> Result<Self, HttpError> {
        Self::with_authorities(b"")
    }

    /// Believing the certificate authorities of `pem` too.
    ///
    /// # Errors
    /// [`HttpError::Setup`] if `pem` holds something that is not a certificate.
    pub fn with_authorities(pem: &[u8]) -> Result<Self, HttpError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|_| HttpError::Setup)?;
            roots.add(certificate).map_err(|_| HttpError::Setup)?;
        }
        let mut tls = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|_| HttpError::Setup)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .timeout(LONGEST)
            .build()
            .map_err(|_| HttpError::Setup)?;
        Ok(Self { client })
    }
}

#[async_trait]
impl Http for ReqwestHttp {
    async fn send(&self, call: Call) -> Result<Answer, HttpError> {
        let request = self.client.request(call.method, call.url).headers(call.headers).body(call.body);
        let mut response = request.send().await.map_err(|error| broken(&error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| broken(&error))? {
            if body.len() + chunk.len() > MOST_BYTES {
                return Err(HttpError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body: body.freeze() })
    }
}

fn broken(error: &reqwest::Error) -> HttpError {
    if error.is_timeout() { HttpError::TimedOut } else { HttpError::Unreachable }
}
