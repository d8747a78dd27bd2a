//! The command line's own calls to servers that the operator names: no redirects, no proxies, small answers.
//!
//! These go wherever the operator says, loopback included; the server's calls go through `outbound` alone.

use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::CommandError;

const TIMEOUT: Duration = Duration::from_secs(10);
/// The largest answer that is read, in bytes.
const LARGEST: usize = 1024 * 1024;
/// What stands for itself in a form (RFC 6749 appendix B).
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

pub(super) struct Caller(reqwest::Client);

/// What a server answered.
pub(super) struct Reply {
    pub(super) is_success: bool,
    pub(super) status: u16,
    pub(super) body: Zeroizing<String>,
}

impl Reply {
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_str(&self.body).ok()
    }
}

impl Caller {
    pub(super) fn new() -> Result<Self, CommandError> {
        let failed = |error: &dyn std::fmt::Display| CommandError::Failed(format!("no TLS: {error}"));
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| failed(&error))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .build()
            .map(Self)
            .map_err(|error| failed(&error))
    }

    pub(super) async fn get(&self, url: &str) -> Result<Reply, CommandError> {
        read(self.0.get(url).header(ACCEPT, "application/json"), url).await
    }

    /// A JSON document that must be there.
    pub(super) async fn document(&self, url: &str) -> Result<Value, CommandError> {
        let reply = self.get(url).await?;
        let document = if reply.is_success { reply.json() } else { None };
        document
            .ok_or_else(|| CommandError::Unavailable(format!("{url} answered {} and no JSON document", reply.status)))
    }

    /// The metadata of an issuer, which must be the one that was asked for (RFC 8414 §3.3).
    pub(super) async fn metadata(&self, issuer: &str) -> Result<Value, CommandError> {
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let metadata = self.document(&url).await?;
        let named = metadata.get("issuer").and_then(Value::as_str).unwrap_or_default();
        if named.trim_end_matches('/') != issuer.trim_end_matches('/') {
            return Err(CommandError::Failed(format!("{url} is the metadata of another issuer")));
        }
        Ok(metadata)
    }

    /// A form, from a client that proves who it is by its secret in the header, or names itself.
    pub(super) async fn form(
        &self,
        url: &str,
        client: (&str, Option<&str>),
        pairs: &[(&str, &str)],
    ) -> Result<Reply, CommandError> {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(pairs);
        let mut request = self.0.post(url).header(ACCEPT, "application/json");
        match client {
            (id, Some(secret)) => request = request.header(AUTHORIZATION, basic(id, secret)?),
            (id, None) => drop(body.append_pair("client_id", id)),
        }
        request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body.finish());
        read(request, url).await
    }
}

/// RFC 6749 §2.3.1: both halves are form-encoded first.
fn basic(id: &str, secret: &str) -> Result<HeaderValue, CommandError> {
    use base64::Engine as _;
    let pair = Zeroizing::new(format!("{}:{}", utf8_percent_encode(id, PLAIN), utf8_percent_encode(secret, PLAIN)));
    let text = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair.as_bytes()));
    let mut value = HeaderValue::from_str(&text)
        .map_err(|_| CommandError::Failed("the client's name fits no header".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

async fn read(request: reqwest::RequestBuilder, url: &str) -> Result<Reply, CommandError> {
    let unavailable = |error: reqwest::Error| {
        let mut cause: &dyn std::error::Error = &error;
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        CommandError::Unavailable(format!("{url} does not answer: {cause}"))
    };
    let mut response = request.send().await.map_err(unavailable)?;
    let status = response.status();
    let mut bytes = Zeroizing::new(Vec::new());
    while let Some(chunk) = response.chunk().await.map_err(unavailable)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LARGEST {
            return Err(CommandError::Failed(format!("{url} answers with more than {LARGEST} bytes")));
        }
    }
    let body = Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned());
    Ok(Reply { is_success: status.is_success(), status: status.as_u16(), body })
}
