//! Where calls may go, and what they may bring home.

use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::config::AllowedPrivate;

/// Answers in turn, the last for ever.
struct Script {
    answers: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

impl Script {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let parse = |texts: &&[&str]| texts.iter().map(|text| text.parse().expect("an address")).collect();
        Arc::new(Self { answers: answers.iter().map(parse).collect(), asked: AtomicUsize::new(0) })
    }
}

#[async_trait]
impl Resolve for Script {
    async fn addresses(&self, _: &str) -> Result<Vec<IpAddr>, Unresolved> {
        let turn = self.asked.fetch_add(1, Ordering::Relaxed).min(self.answers.len().saturating_sub(1));
        self.answers.get(turn).cloned().ok_or(Unresolved)
    }
}

fn rules(allow_private: Vec<AllowedPrivate>) -> OutboundRules {
    OutboundRules { allow_private, ca_bundle: None, max_bytes: 1000, timeout: Duration::from_secs(20) }
}

fn outbound(allowed: Vec<AllowedPrivate>, resolver: Arc<Script>) -> Outbound {
    Outbound::with_resolver(rules(allowed), resolver).expect("no bundle")
}

/// A server that says the same to everybody and then, if asked to, nothing more; and how often it was asked.
async fn server(answer: String, hang: bool) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let calls = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&calls);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::Relaxed);
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(answer.as_bytes()).await;
                if hang {
                    std::future::pending::<()>().await;
                }
            });
        }
    });
    (port, calls)
}

fn document(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nContent-Type: text/html\r\n\r\n{body}", body.len())
}

fn at(port: u16) -> (Url, Vec<AllowedPrivate>) {
    let url = Url::parse(&format!("http://server.test:{port}/jwks")).expect("a URL");
    (url, vec![AllowedPrivate::Host("server.test".to_owned(), port)])
}

async fn fetched(answer: String, hang: bool) -> Result<Arc<Value>, OutboundError> {
    let (port, _) = server(answer, hang).await;
    let (url, allowed) = at(port);
    // Only a server that hangs needs a short patience; the others may be slow on a busy machine.
    let timeout = if hang { Duration::from_millis(300) } else { Duration::from_secs(20) };
    let rules = OutboundRules { timeout, ..rules(allowed) };
    let outbound = Outbound::with_resolver(rules, Script::new(&[&["127.0.0.1"]]));
    outbound.expect("no bundle").fetch_json(&url, Freshness::Usual).await
}

#[tokio::test]
async fn a_document_is_read_whatever_type_it_claims() {
    let value = fetched(document("{\"keys\":[]}"), false).await.expect("JSON");
    assert_eq!(*value, serde_json::json!({ "keys": [] }));
    assert_eq!(fetched(document("<html>"), false).await, Err(OutboundError::NotJson));
}

#[tokio::test]
async fn redirects_and_failures_are_not_followed() {
    for status in ["301 Moved", "302 Found", "303 See", "307 Temporary", "308 Permanent"] {
        let answer = format!("HTTP/1.1 {status}\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(fetched(answer, false).await, Err(OutboundError::Redirected));
    }
    let missing = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned();
    assert_eq!(fetched(missing, false).await, Err(OutboundError::Status(404)));
    assert_eq!(fetched("SSH-2.0-OpenSSH\r\n".to_owned(), false).await, Err(OutboundError::Unreachable));
}

#[tokio::test]
async fn what_is_too_large_is_cut_whether_announced_or_not() {
    let large = format!("\"{}\"", "x".repeat(2000));
    assert_eq!(fetched(document(&large), false).await, Err(OutboundError::TooLarge));
    let chunk = format!("{:x}\r\n{large}\r\n0\r\n\r\n", large.len());
    let chunked = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}");
    assert_eq!(fetched(chunked, false).await, Err(OutboundError::TooLarge));
}

#[tokio::test]
async fn what_is_too_slow_is_cut_before_and_within_the_body() {
    assert_eq!(fetched(String::new(), true).await, Err(OutboundError::TimedOut));
    let half = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n[1".to_owned();
    assert_eq!(fetched(half, true).await, Err(OutboundError::TimedOut));
}

#[tokio::test]
async fn urls_that_break_a_rule_are_refused_before_anything_is_resolved() {
    let resolver = Script::new(&[&["127.0.0.1"]]);
    let allowed = vec![AllowedPrivate::Host("server.test".to_owned(), 80)];
    let outbound = outbound(allowed, Arc::clone(&resolver));
    for (text, fault) in [
        ("http://elsewhere.test/", UrlFault::NotHttps),
        ("http://server.test:81/", UrlFault::NotHttps),
        ("ftp://server.test/", UrlFault::NotHttps),
        ("file:///etc/passwd", UrlFault::NoHost),
        ("https://server.test:0/", UrlFault::NoHost),
        ("https://good.test@evil.test/", UrlFault::UserInformation),
        ("https://:secret@evil.test/", UrlFault::UserInformation),
    ] {
        let url = Url::parse(text).expect(text);
        let refused = outbound.fetch(&url, Freshness::Usual).await.err();
        assert_eq!(refused, Some(OutboundError::Url(fault)), "{text}");
    }
    assert_eq!(resolver.asked.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn private_destinations_are_refused_by_name_and_by_every_spelling() {
    let outbound = outbound(Vec::new(), Script::new(&[&["10.0.0.1", "::1", "169.254.169.254"]]));
    for text in [
        "https://server.test/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://017700000001/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://0/",
    ] {
        let url = Url::parse(text).expect(text);
        let refused = outbound.fetch(&url, Freshness::Usual).await.err();
        assert_eq!(refused, Some(OutboundError::AddressPrivate), "{text}");
    }
}

#[tokio::test]
async fn of_mixed_answers_only_the_public_ones_are_called() {
    let resolver = Script::new(&[&["127.0.0.1", "1.1.1.1", "10.0.0.1", "::1"]]);
    let url = Url::parse("https://mixed.test/").expect("a URL");
    let pinned = destination::admit(&url, &[], resolver.as_ref()).await.expect("one is public");
    assert_eq!(pinned, ["1.1.1.1:443".parse().expect("an address")]);

    // In the clear, only loopback, even where the destination is listed.
    let (url, allowed) = at(80);
    let pinned = destination::admit(&url, &allowed, resolver.as_ref()).await.expect("two are loopback");
    assert_eq!(pinned, ["127.0.0.1:80".parse().expect("an address"), "[::1]:80".parse().expect("an address")]);
    let elsewhere = Script::new(&[&["10.0.0.1", "1.1.1.1"]]);
    let refused = destination::admit(&url, &allowed, elsewhere.as_ref()).await;
    assert_eq!(refused, Err(OutboundError::AddressPrivate));
}

#[tokio::test]
async fn a_listed_network_and_a_listed_host_may_be_private() {
    let url = Url::parse("https://inside.test:8443/").expect("a URL");
    let resolver = Script::new(&[&["10.20.0.1"]]);
    let network = AllowedPrivate::Network("10.20.0.0/16".parse().expect("a network"));
    let host = AllowedPrivate::Host("inside.test".to_owned(), 8443);
    for entry in [network, host] {
        assert!(destination::admit(&url, &[entry], resolver.as_ref()).await.is_ok());
    }
    for entry in [
        AllowedPrivate::Network("10.21.0.0/16".parse().expect("a network")),
        AllowedPrivate::Host("inside.test".to_owned(), 443),
        AllowedPrivate::Host("side.test".to_owned(), 8443),
    ] {
        assert!(destination::admit(&url, &[entry], resolver.as_ref()).await.is_err());
    }
}

/// The name answers with the real server once, and with a trap ever after: a call that resolved twice would fall in.
#[tokio::test]
async fn a_name_is_resolved_once_and_the_call_is_pinned_to_that_answer() {
    let (port, calls) = server(document("1"), false).await;
    let (url, allowed) = at(port);
    let resolver = Script::new(&[&["127.0.0.1"], &["127.0.0.2"]]);
    let outbound = outbound(allowed, Arc::clone(&resolver));
    let value = outbound.fetch_json(&url, Freshness::Usual).await.expect("the real server");
    assert_eq!(*value, serde_json::json!(1));
    assert_eq!((resolver.asked.load(Ordering::Relaxed), calls.load(Ordering::Relaxed)), (1, 1));
}

#[tokio::test]
async fn however_many_ask_at_once_one_call_is_made() {
    let (port, calls) = server(document("[1]"), false).await;
    let (url, allowed) = at(port);
    let outbound = outbound(allowed, Script::new(&[&["127.0.0.1"]]));
    let all = (0..50).map(|_| outbound.fetch_json(&url, Freshness::Usual));
    let values = futures_util::future::join_all(all).await;
    assert!(values.iter().all(Result::is_ok));
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_certificate_is_believed_if_its_authority_is_in_the_bundle_and_not_otherwise() {
    let key = rcgen::KeyPair::generate().expect("a key");
    let names = rcgen::CertificateParams::new(vec!["server.test".to_owned()]);
    let certificate = names.and_then(|names| names.self_signed(&key)).expect("a certificate");
    let private = rustls_pki_types::PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)
        .expect("a pair");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(document("1").as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    let url = Url::parse(&format!("https://server.test:{port}/")).expect("a URL");
    let allowed = vec![AllowedPrivate::Host("server.test".to_owned(), port)];
    for (bundle, outcome) in [(Some(certificate.pem()), None), (None, Some(OutboundError::Unreachable))] {
        let rules = OutboundRules { ca_bundle: bundle, ..rules(allowed.clone()) };
        let outbound = Outbound::with_resolver(rules, Script::new(&[&["127.0.0.1"]])).expect("a usable bundle");
        assert_eq!(outbound.fetch(&url, Freshness::Usual).await.err(), outcome);
    }
}

#[tokio::test]
async fn a_bundle_that_holds_no_certificate_is_told_at_the_start() {
    let ca_bundle = Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned());
    let rules = OutboundRules { ca_bundle, ..rules(Vec::new()) };
    assert!(matches!(Outbound::new(rules), Err(SetupError::CaBundle(_))));
}

#[test]
fn the_longest_age_is_read_as_the_specification_writes_it() {
    let age = |value: &'static str| {
        let value = http::HeaderValue::from_static(value);
        max_age(&HeaderMap::from_iter([(http::header::CACHE_CONTROL, value)])).map(|age| age.as_secs())
    };
    assert_eq!(age("public, Max-Age=300"), Some(300));
    assert_eq!(age("max-age=\"300\""), Some(300));
    assert_eq!(age("max-age=300, no-store"), Some(0));
    assert_eq!(age("max-age=-1"), None);
    assert_eq!(age("public"), None);
}
