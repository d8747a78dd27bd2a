//! The one way out: every call that the server itself makes goes through [`Outbound`].
//!
//! https alone (plain http only to listed loopback destinations), no redirects, no proxies from the environment, no
//! cookies, no retries, no user information in URLs. A name is resolved once, its addresses are checked, and the call
//! is pinned to those that passed: a second answer of the resolver is never asked for, so it cannot differ.
//! Size and time are capped, and the type that an answer claims to have decides nothing.
//!
//! Implements: the rules of RFC 9700 §4.11 and RFC 8725 §3.10 against requests forged through URLs.

mod address;
mod cache;
mod destination;
mod error;
mod resolver;
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, StatusCode};
use metrics::counter;
use reqwest::dns::{Name, Resolving};
use serde_json::Value;
use tokio::time::timeout;
use url::Url;

use crate::config::OutboundRules;
use cache::Documents;
pub use cache::{Document, Freshness};
pub use error::{OutboundError, SetupError, UrlFault};
pub use resolver::{Resolve, SystemResolver, Unresolved};

/// Makes every outgoing call. Cheap to share, never cloned.
pub struct Outbound {
    rules: OutboundRules,
    resolver: Arc<dyn Resolve>,
    trust: tls::Trust,
    documents: Documents,
}

/// One call to make.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// Where to; checked before anything is sent.
    pub url: Url,
    /// Fields to send besides the usual ones.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
}

/// What came back. Any status counts as an answer but a redirection.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The header section.
    pub headers: HeaderMap,
    /// The whole body, no larger than the rules allow.
    pub body: Bytes,
}

impl Outbound {
    /// With the system's resolver.
    ///
    /// # Errors
    /// The CA bundle holds something else than certificates.
    pub fn new(rules: OutboundRules) -> Result<Self, SetupError> {
        Self::with_resolver(rules, Arc::new(SystemResolver::new()))
    }

    /// With a resolver of the caller's. Its answers are checked like any other's.
    ///
    /// # Errors
    /// The CA bundle holds something else than certificates.
    pub fn with_resolver(rules: OutboundRules, resolver: Arc<dyn Resolve>) -> Result<Self, SetupError> {
        let trust = tls::Trust::new(rules.ca_bundle.as_deref())?;
        Ok(Self { rules, resolver, trust, documents: Documents::new() })
    }

    /// Makes one call, now.
    ///
    /// # Errors
    /// The first rule that it broke, or how it failed on the way.
    pub async fn call(&self, call: Call) -> Result<Answer, OutboundError> {
        let host = call.url.host_str().unwrap_or_default().to_owned();
        let outcome = timeout(self.rules.timeout, self.send(call)).await.unwrap_or(Err(OutboundError::TimedOut));
        let told = outcome.as_ref().map_or_else(OutboundError::name, |_| "answered");
        counter!(crate::telemetry::OUTBOUND_CALLS, "outcome" => told).increment(1);
        if let Err(error) = &outcome {
            tracing::info!(host, %error, "an outgoing call failed");
        }
        outcome
    }

    /// The document at a URL, from the cache where freshness allows. However many ask at once, one call is made.
    ///
    /// # Errors
    /// As [`Self::call`], and any status but 200. Failures are remembered for a while too.
    pub async fn fetch(&self, url: &Url, freshness: Freshness) -> Result<Arc<Document>, OutboundError> {
        self.documents.find(url, freshness, || self.read(url)).await
    }

    /// The same, parsed as JSON; parsed once for as long as it is cached.
    ///
    /// # Errors
    /// As [`Self::fetch`], and [`OutboundError::NotJson`].
    pub async fn fetch_json(&self, url: &Url, freshness: Freshness) -> Result<Arc<Value>, OutboundError> {
        let document = self.fetch(url, freshness).await?;
        document.parsed(|bytes| serde_json::from_slice(bytes).ok()).ok_or(OutboundError::NotJson)
    }

    async fn read(&self, url: &Url) -> Result<Answer, OutboundError> {
        let headers =
            HeaderMap::from_iter([(http::header::ACCEPT, http::HeaderValue::from_static("application/json"))]);
        let call = Call { method: Method::GET, url: url.clone(), headers, body: Bytes::new() };
        let answer = self.call(call).await?;
        if answer.status == StatusCode::OK { Ok(answer) } else { Err(OutboundError::Status(answer.status.as_u16())) }
    }

    async fn send(&self, call: Call) -> Result<Answer, OutboundError> {
        let addresses = destination::admit(&call.url, &self.rules.allow_private, self.resolver.as_ref()).await?;
        let client = self.pinned(&call.url, &addresses)?;
        let request = client.request(call.method, call.url).headers(call.headers).body(call.body);
        let response = request.send().await.map_err(|error| unreachable(&error))?;
        if response.status().is_redirection() {
            return Err(OutboundError::Redirected);
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let body = self.collect(response).await?;
        Ok(Answer { status, headers, body })
    }

    /// A client that can reach these addresses and no others. Calls are rare; what could be shared between them,
    /// the TLS settings and their resumption store, is.
    fn pinned(&self, url: &Url, addresses: &[SocketAddr]) -> Result<reqwest::Client, OutboundError> {
        reqwest::Client::builder()
            .tls_backend_preconfigured(self.trust.client_config().map_err(|_| OutboundError::Unreachable)?)
            .https_only(url.scheme() == "https")
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .user_agent(concat!("chancery/", env!("CARGO_PKG_VERSION")))
            .pool_max_idle_per_host(0)
            .connect_timeout(self.rules.timeout)
            .dns_resolver(Arc::new(Nobody))
            .resolve_to_addrs(url.host_str().unwrap_or_default(), addresses)
            .build()
            .map_err(|error| unreachable(&error))
    }

    async fn collect(&self, mut response: reqwest::Response) -> Result<Bytes, OutboundError> {
        let most = self.rules.max_bytes;
        if response.content_length().is_some_and(|length| usize::try_from(length).map_or(true, |length| length > most))
        {
            return Err(OutboundError::TooLarge);
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(&error))? {
            if body.len() + chunk.len() > most {
                return Err(OutboundError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }
}

fn unreachable(error: &reqwest::Error) -> OutboundError {
    // The cause names addresses and certificates: it is for whoever runs the server, at their asking.
    tracing::debug!(?error, "an outgoing call broke");
    if error.is_timeout() { OutboundError::TimedOut } else { OutboundError::Unreachable }
}

/// The resolver of every client: each name that may be called is pinned already, so there is nothing to resolve.
struct Nobody;

impl reqwest::dns::Resolve for Nobody {
    fn resolve(&self, _: Name) -> Resolving {
        Box::pin(std::future::ready(Err("this name is not pinned".into())))
    }
}

/// How long an answer may be kept by what its header section says (RFC 9111 §5.2.2), if it says anything.
fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let fields = headers.get_all(http::header::CACHE_CONTROL).iter().filter_map(|field| field.to_str().ok());
    let mut age = None;
    for directive in fields.flat_map(|field| field.split(',')) {
        let directive = directive.trim().to_ascii_lowercase();
        if matches!(directive.as_str(), "no-store" | "no-cache") {
            return Some(Duration::ZERO);
        }
        if let Some(seconds) = directive.strip_prefix("max-age=") {
            age = age.or(seconds.trim_matches('"').parse().ok().map(Duration::from_secs));
        }
    }
    age
}

#[cfg(test)]
mod tests;
