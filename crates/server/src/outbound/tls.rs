//! Whose certificates outgoing calls believe: the system's authorities and the operator's bundle.

use std::sync::{Arc, OnceLock};

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use super::error::SetupError;

/// The authorities. The system's are read at the first call, because that takes longer than a start may.
pub(super) struct Trust {
    bundle: Vec<CertificateDer<'static>>,
    config: OnceLock<Result<ClientConfig, rustls::Error>>,
}

impl Trust {
    pub(super) fn new(bundle: Option<&str>) -> Result<Self, SetupError> {
        let bundle = CertificateDer::pem_slice_iter(bundle.unwrap_or_default().as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| SetupError::CaBundle(error.to_string()))?;
        let mut probe = RootCertStore::empty();
        for certificate in &bundle {
            probe.add(certificate.clone()).map_err(|error| SetupError::CaBundle(error.to_string()))?;
        }
        Ok(Self { bundle, config: OnceLock::new() })
    }

    /// The settings of a client; clones share one resumption store.
    pub(super) fn client_config(&self) -> Result<ClientConfig, rustls::Error> {
        self.config.get_or_init(|| self.build()).clone()
    }

    fn build(&self) -> Result<ClientConfig, rustls::Error> {
        let mut roots = RootCertStore::empty();
        let system = rustls_native_certs::load_native_certs();
        for error in system.errors {
            tracing::warn!(%error, "some of the system's certificate authorities cannot be read");
        }
        roots.add_parsable_certificates(system.certs);
        roots.add_parsable_certificates(self.bundle.iter().cloned());
        let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}
