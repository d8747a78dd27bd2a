//! Whom a request comes from, past the proxies that we were told to trust.
//!
//! Only the client's address is ever taken from a forwarding header: scheme, host and port come from the
//! configuration (`public_url`), so that no header ends up in a link or an issuer.
//!
//! Implements: RFC 7239 §4, §5.2, §6 (`for`), and `X-Forwarded-For` as proxies write it.
//! Leaves out: `by`, `host`, `proto`, and the X- forms of these.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::HeaderMap;
use ipnet::IpNet;

/// More hops than this is no honest chain of proxies.
const MOST_HOPS: usize = 32;

/// The address that failures and limits are counted by: the peer's, or the one a trusted proxy vouches for.
/// Never IPv6 for an IPv4 client: mapped addresses are unwrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    /// The address itself.
    pub fn ip(self) -> IpAddr {
        self.0
    }

    /// The network that limits count by: one IPv4 address, or the /64 that one IPv6 subscriber is given.
    pub fn neighbourhood(self) -> IpAddr {
        match self.0 {
            IpAddr::V4(_) => self.0,
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        }
    }
}

impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The proxies whose word is taken; none by default.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// These networks and no others.
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Whom the request comes from: the right-most hop that is not a trusted proxy. A header from anybody else
    /// is not looked at, and a hop that makes no sense ends the search at the proxy that wrote it.
    pub fn client_address(&self, peer: SocketAddr, headers: &HeaderMap) -> ClientAddress {
        let mut nearest = peer.ip().to_canonical();
        if !self.trusts(nearest) {
            return ClientAddress(nearest);
        }
        // Forwarded is the standard; where both stand, a proxy may have set one and passed on the other, and
        // believing the passed one would be believing the client. So two that disagree count as none.
        let (standard, usual) = (forwarded(headers), x_forwarded_for(headers));
        let hops = match (standard.is_empty(), usual.is_empty()) {
            (false, true) => standard,
            (true, false) => usual,
            (_, _) if standard == usual => standard,
            (_, _) => return ClientAddress(nearest),
        };
        for hop in hops.into_iter().rev().take(MOST_HOPS) {
            let Some(hop) = hop else { break };
            nearest = hop;
            if !self.trusts(nearest) {
                break;
            }
        }
        ClientAddress(nearest)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// The hops of `X-Forwarded-For`, the first proxy's word first; several fields count as one list.
fn x_forwarded_for(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let fields = headers.get_all("x-forwarded-for").iter();
    fields.flat_map(|field| field.to_str().unwrap_or("?").split(',').map(node).collect::<Vec<_>>()).collect()
}

/// The `for` of every hop of `Forwarded`.
fn forwarded(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let fields = headers.get_all("forwarded").iter();
    fields
        .flat_map(|field| match elements(field.to_str().unwrap_or("\"")) {
            Some(hops) => hops,
            None => vec![None],
        })
        .collect()
}

/// One field of `Forwarded`, split at commas and semicolons outside of quotes. `None` if a quote is left open.
fn elements(field: &str) -> Option<Vec<Option<IpAddr>>> {
    let mut hops = Vec::new();
    for element in split_unquoted(field, ',')? {
        let mut found = None;
        for pair in split_unquoted(element, ';')? {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if name.trim().eq_ignore_ascii_case("for") {
                // Twice in one hop (RFC 7239 §4 forbids it) makes no sense.
                found = if found.is_none() { Some(node(&unquoted(value.trim()))) } else { Some(None) };
            }
        }
        hops.push(found.flatten());
    }
    Some(hops)
}

fn split_unquoted(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut parts, mut begin, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if letter == separator && !quoted => {
                parts.push(&text[begin..at]);
                begin = at + letter.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[begin..]);
    (!quoted).then_some(parts)
}

fn unquoted(value: &str) -> String {
    let inner = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    inner.map_or_else(|| value.to_owned(), |inner| inner.replace('\\', ""))
}

/// An address with or without a port (RFC 7239 §6). Names such as `unknown` or `_hidden` are no address.
fn node(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let address = match text.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']')?;
            let port_fits = port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
            port_fits.then(|| address.parse::<Ipv6Addr>().ok()).flatten().map(IpAddr::V6)
        }
        None => text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip())),
    };
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    /// The client's address when a proxy at 10.0.0.1 of the trusted 10.0.0.0/8 sends these fields.
    fn seen(fields: &[(&'static str, &str)]) -> String {
        seen_from("10.0.0.1", fields)
    }

    fn seen_from(peer: &str, fields: &[(&'static str, &str)]) -> String {
        let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().expect("a network")]);
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).expect("a value"));
        }
        let peer = SocketAddr::new(peer.parse().expect("an address"), 4711);
        proxies.client_address(peer, &headers).to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_its_address() {
        let fields = [("x-forwarded-for", "127.0.0.1"), ("forwarded", "for=127.0.0.1")];
        assert_eq!(seen_from("203.0.113.9", &fields), "203.0.113.9");
    }

    #[test]
    fn the_right_most_hop_that_is_no_proxy_is_the_client() {
        assert_eq!(seen(&[("x-forwarded-for", "127.0.0.1, 203.0.113.9, 10.0.0.7")]), "203.0.113.9");
        assert_eq!(seen(&[("x-forwarded-for", "127.0.0.1"), ("x-forwarded-for", "203.0.113.9")]), "203.0.113.9");
        assert_eq!(seen(&[("x-forwarded-for", "203.0.113.9:55")]), "203.0.113.9");
        assert_eq!(seen(&[("forwarded", "for=127.0.0.1, for=203.0.113.9;proto=https")]), "203.0.113.9");
        assert_eq!(seen(&[("forwarded", "proto=https;For=\"[2001:db8::1]:80\"")]), "2001:db8::1");
        assert_eq!(seen(&[("forwarded", "for=\"a,for=127.0.0.1\", for=203.0.113.9")]), "203.0.113.9");
        assert_eq!(seen(&[("x-forwarded-for", "10.0.0.8, 10.0.0.9")]), "10.0.0.8");
        assert_eq!(seen(&[]), "10.0.0.1");
    }

    #[test]
    fn a_hop_that_makes_no_sense_ends_the_search() {
        assert_eq!(seen(&[("x-forwarded-for", "127.0.0.1, nonsense")]), "10.0.0.1");
        assert_eq!(seen(&[("x-forwarded-for", "127.0.0.1, , 10.0.0.7")]), "10.0.0.7");
        assert_eq!(seen(&[("forwarded", "for=127.0.0.1, for=unknown")]), "10.0.0.1");
        assert_eq!(seen(&[("forwarded", "for=127.0.0.1, for=\"203.0.113.9")]), "10.0.0.1");
        assert_eq!(seen(&[("forwarded", "for=127.0.0.1;for=203.0.113.9")]), "10.0.0.1");
    }

    #[test]
    fn two_headers_that_disagree_count_as_none() {
        let fields = [("forwarded", "for=198.51.100.1"), ("x-forwarded-for", "203.0.113.9")];
        assert_eq!(seen(&fields), "10.0.0.1");
        let fields = [("forwarded", "for=203.0.113.9"), ("x-forwarded-for", "203.0.113.9")];
        assert_eq!(seen(&fields), "203.0.113.9");
    }

    #[test]
    fn a_mapped_address_is_the_address_it_maps() {
        assert_eq!(seen_from("::ffff:10.0.0.1", &[("x-forwarded-for", "::ffff:203.0.113.9")]), "203.0.113.9");
    }

    #[test]
    fn one_ipv6_subscriber_counts_once() {
        let of = |text: &str| ClientAddress(text.parse().expect("an address")).neighbourhood();
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2::"));
        assert_ne!(of("2001:db8:1:2::"), of("2001:db8:1:3::"));
        assert_ne!(of("203.0.113.9"), of("203.0.113.10"));
    }

    proptest::proptest! {
        #[test]
        fn no_field_brings_the_reader_down(value in "[ -~]{0,80}") {
            seen(&[("forwarded", &value)]);
            seen(&[("x-forwarded-for", &value)]);
        }
    }
}
