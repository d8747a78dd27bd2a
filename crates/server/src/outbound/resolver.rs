//! Names to addresses. Whoever answers, the answers are checked afterwards.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use async_trait::async_trait;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::LookupIpStrategy;

/// A name has no address, or nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name has no address")]
pub struct Unresolved;

/// Finds the addresses of a name.
#[async_trait]
pub trait Resolve: Send + Sync {
    /// Every address of a host, as URLs spell it.
    ///
    /// # Errors
    /// There is none.
    async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, Unresolved>;
}

/// The name servers and the hosts file of the system.
pub struct SystemResolver(Option<TokioResolver>);

impl SystemResolver {
    /// Reads the system's settings. Without any, only loopback has a name.
    pub fn new() -> Self {
        let built = TokioResolver::builder_tokio().and_then(|mut builder| {
            builder.options_mut().ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
            builder.build()
        });
        match built {
            Ok(resolver) => Self(Some(resolver)),
            Err(error) => {
                tracing::warn!(%error, "no name servers: outgoing calls reach literal addresses alone");
                Self(None)
            }
        }
    }
}

impl Default for SystemResolver {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Resolve for SystemResolver {
    async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, Unresolved> {
        // RFC 6761 §6.3: these are loopback whatever a name server says.
        if host == "localhost" || host.ends_with(".localhost") {
            return Ok(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
        }
        let resolver = self.0.as_ref().ok_or(Unresolved)?;
        let found = resolver.lookup_ip(host).await.map_err(|error| {
            tracing::debug!(host, %error, "a name was not resolved");
            Unresolved
        })?;
        Ok(found.iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn names_of_loopback_are_loopback_without_asking() {
        for host in ["localhost", "issuer.localhost"] {
            let found = SystemResolver(None).addresses(host).await.expect("always there");
            assert!(found.iter().all(IpAddr::is_loopback), "{host}");
        }
        assert_eq!(SystemResolver(None).addresses("localhost.example").await, Err(Unresolved));
    }
}
