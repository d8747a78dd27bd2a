//! Whether a URL may be called, and at which addresses.

use std::net::{IpAddr, SocketAddr};

use url::{Host, Url};

use super::address::is_public;
use super::error::{OutboundError, UrlFault};
use super::resolver::Resolve;
use crate::config::AllowedPrivate;

/// The addresses that a call to this URL is pinned to, at least one.
pub(super) async fn admit(
    url: &Url,
    allowed: &[AllowedPrivate],
    resolver: &dyn Resolve,
) -> Result<Vec<SocketAddr>, OutboundError> {
    let fault = |fault| Err(OutboundError::Url(fault));
    if !url.username().is_empty() || url.password().is_some() {
        return fault(UrlFault::UserInformation);
    }
    let (Some(host), Some(port)) = (url.host(), url.port_or_known_default().filter(|port| *port != 0)) else {
        return fault(UrlFault::NoHost);
    };
    let spelled = url.host_str().unwrap_or_default();
    let listed = allowed.iter().any(|entry| match entry {
        AllowedPrivate::Host(host, listed_port) => host == spelled && *listed_port == port,
        AllowedPrivate::Network(_) => false,
    });
    let plain = match url.scheme() {
        "https" => false,
        "http" if listed => true,
        _ => return fault(UrlFault::NotHttps),
    };
    let found = match host {
        Host::Domain(name) => resolver.addresses(name).await.map_err(|_| OutboundError::Unresolved)?,
        Host::Ipv4(address) => vec![IpAddr::V4(address)],
        Host::Ipv6(address) => vec![IpAddr::V6(address)],
    };
    if found.is_empty() {
        return Err(OutboundError::Unresolved);
    }
    let in_allowed_network = |address: IpAddr| {
        allowed.iter().any(|entry| match entry {
            AllowedPrivate::Network(network) => network.contains(&address),
            AllowedPrivate::Host(..) => false,
        })
    };
    let pinned: Vec<SocketAddr> = found
        .into_iter()
        .map(|address| address.to_canonical())
        .filter(|address| match plain {
            // In the clear nothing leaves the machine, whatever the name resolves to.
            true => address.is_loopback(),
            false => is_public(*address) || listed || in_allowed_network(*address),
        })
        .map(|address| SocketAddr::new(address, port))
        .collect();
    if pinned.is_empty() { Err(OutboundError::AddressPrivate) } else { Ok(pinned) }
}
