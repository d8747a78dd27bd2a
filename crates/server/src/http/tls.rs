//! TLS for the listener: several certificate chains at once, each client gets one that it understands,
//! and changed files are taken up without dropping a connection.
//!
//! Implements: RFC 8446 (TLS 1.3), RFC 5246 with AEAD suites alone (TLS 1.2), RFC 6066 §3 (server names),
//! RFC 7301 (h2, http/1.1).
//! Leaves out: TLS 1.1 and older, early data (RFC 8446 §8: it can be replayed).

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use rustls::client::verify_server_name;
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::{Ticketer, default_provider};
use rustls::server::{ClientHello, ParsedCertificate, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, SignatureAlgorithm, SignatureScheme};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};

use crate::config::written::TlsVersion;
use crate::config::{CertificateFiles, Tls};

/// How often files are looked at for changes.
const GLANCE: Duration = Duration::from_secs(5);

/// Why certificates cannot be used. Names files, never what is in them.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// Not a readable PEM file of the right kind.
    #[error("{file} cannot be used: {cause}")]
    File {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// The key does not belong to the certificate, or is of a kind nobody speaks.
    #[error("{certificate} and {key} do not make a usable pair: {cause}")]
    Pair {
        /// The chain's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What is wrong with them.
        cause: rustls::Error,
    },
    /// The cryptographic provider refuses the settings.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] rustls::Error),
}

/// The chains in use, and the files they came from.
#[derive(Debug)]
pub struct Certificates {
    files: Vec<CertificateFiles>,
    provider: Arc<CryptoProvider>,
    chains: ArcSwap<Vec<Arc<CertifiedKey>>>,
    stamps: Mutex<Vec<Stamp>>,
}

/// What tells a changed file from an unchanged one.
type Stamp = Option<(SystemTime, u64)>;

impl Certificates {
    /// Reads every chain and key.
    ///
    /// # Errors
    /// The first file or pair that cannot be used.
    pub fn load(files: &[CertificateFiles]) -> Result<Arc<Self>, CertificateError> {
        let provider = Arc::new(default_provider());
        let stamps = stamps(files);
        let chains = read(files, &provider)?;
        Ok(Arc::new(Self {
            files: files.to_vec(),
            provider,
            chains: ArcSwap::from_pointee(chains),
            stamps: Mutex::new(stamps),
        }))
    }

    /// Takes up changed files; tells whether there were any. New handshakes use the new chains, running
    /// connections stay. A half-written pair changes nothing and is tried again at the next call.
    ///
    /// # Errors
    /// Why the changed files cannot be used; the chains before them stay in use.
    pub fn reload(&self) -> Result<bool, CertificateError> {
        let fresh = stamps(&self.files);
        let mut known = self.stamps.lock().unwrap_or_else(PoisonError::into_inner);
        if *known == fresh {
            return Ok(false);
        }
        self.chains.store(Arc::new(read(&self.files, &self.provider)?));
        *known = fresh;
        Ok(true)
    }

    /// Looks at the files every few seconds, for ever.
    pub async fn watch(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(GLANCE);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut last_trouble = String::new();
        loop {
            ticks.tick().await;
            let certificates = Arc::clone(&self);
            match tokio::task::spawn_blocking(move || certificates.reload()).await {
                Ok(Ok(true)) => tracing::info!("changed TLS certificates are in use"),
                Ok(Ok(false)) => last_trouble.clear(),
                Ok(Err(error)) => {
                    let trouble = error.to_string();
                    if trouble != last_trouble {
                        tracing::error!(%error, "changed TLS certificates cannot be used; the ones before stay");
                        last_trouble = trouble;
                    }
                }
                Err(_) => return,
            }
        }
    }
}

/// What the listener needs, with these chains.
///
/// # Errors
/// The provider refuses, which means that this build is broken.
pub fn server_config(
    certificates: &Arc<Certificates>,
    minimum_version: TlsVersion,
) -> Result<Arc<ServerConfig>, CertificateError> {
    let versions: &[_] = match minimum_version {
        TlsVersion::OneTwo => &[&TLS13, &TLS12],
        TlsVersion::OneThree => &[&TLS13],
    };
    // The provider has no suites but ECDHE with AES-GCM or ChaCha20-Poly1305.
    let mut config = ServerConfig::builder_with_provider(Arc::clone(&certificates.provider))
        .with_protocol_versions(versions)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::clone(certificates) as Arc<dyn ResolvesServerCert>);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // Tickets instead of a session cache: resumption needs no memory here.
    config.ticketer = Ticketer::new()?;
    Ok(Arc::new(config))
}

/// Loads what the configuration names: the chains, to be watched, and the listener's settings.
///
/// # Errors
/// See [`Certificates::load`].
pub fn from_config(tls: &Tls) -> Result<(Arc<Certificates>, Arc<ServerConfig>), CertificateError> {
    let certificates = Certificates::load(&tls.certificates)?;
    let config = server_config(&certificates, tls.minimum_version)?;
    Ok((certificates, config))
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        choose(&self.chains.load(), hello.server_name(), hello.signature_schemes())
    }
}

/// The first chain whose names fit and whose key the client understands. Chains for other names are better
/// than none: the client can tell its user what is wrong.
fn choose(
    chains: &[Arc<CertifiedKey>],
    server_name: Option<&str>,
    schemes: &[SignatureScheme],
) -> Option<Arc<CertifiedKey>> {
    let name = server_name.and_then(|name| ServerName::try_from(name).ok());
    let understood = || chains.iter().filter(|chain| chain.key.choose_scheme(schemes).is_some());
    let fitting = understood().find(|chain| name.as_ref().is_some_and(|name| covers(chain, name)));
    fitting.or_else(|| understood().next()).cloned()
}

fn covers(chain: &CertifiedKey, name: &ServerName<'_>) -> bool {
    let Some(certificate) = chain.cert.first() else {
        return false;
    };
    ParsedCertificate::try_from(certificate).is_ok_and(|parsed| verify_server_name(&parsed, name).is_ok())
}

fn stamps(files: &[CertificateFiles]) -> Vec<Stamp> {
    let stamp = |path: &PathBuf| {
        let metadata = std::fs::metadata(path).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    };
    files.iter().flat_map(|files| [stamp(&files.certificate), stamp(&files.key)]).collect()
}

fn read(files: &[CertificateFiles], provider: &CryptoProvider) -> Result<Vec<Arc<CertifiedKey>>, CertificateError> {
    let mut chains = files.iter().map(|files| read_pair(files, provider)).collect::<Result<Vec<_>, _>>()?;
    // Those who understand both get the cheaper signature; otherwise the order of the configuration holds.
    chains.sort_by_key(|chain| chain.key.algorithm() == SignatureAlgorithm::RSA);
    Ok(chains)
}

fn read_pair(files: &CertificateFiles, provider: &CryptoProvider) -> Result<Arc<CertifiedKey>, CertificateError> {
    let refused = |file: &Path, cause: String| CertificateError::File { file: file.to_owned(), cause };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect)
        .map_err(|error| refused(&files.certificate, error.to_string()))?;
    if chain.is_empty() {
        return Err(refused(&files.certificate, "it holds no certificate".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| refused(&files.key, error.to_string()))?;
    let pair = CertifiedKey::from_der(chain, key, provider).map_err(|cause| CertificateError::Pair {
        certificate: files.certificate.clone(),
        key: files.key.clone(),
        cause,
    })?;
    Ok(Arc::new(pair))
}

#[cfg(test)]
mod tests;
