//! What the listener does with the quick, the slow and the many.

use std::time::Instant;

use axum::Router;
use axum::extract::Extension;
use axum::routing::{get, post};
use hyper_util::rt::TokioIo;
use rcgen::{CertificateParams, KeyPair};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;

use super::*;
use crate::config::written::TlsVersion;
use crate::config::{CertificateFiles, Config, Sources};
use crate::http::tls::{Certificates, server_config};

const ASK: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn limits() -> Limits {
    Config::load(&Sources::default()).expect("defaults are right").limits
}

struct Running {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<Shutdown>,
}

impl Running {
    async fn start(router: Router, limits: Limits, tls: Option<Arc<ServerConfig>>) -> Self {
        let addresses = ["127.0.0.1:0".parse().expect("an address")];
        let listener = Listener::bind(&addresses, limits, tls).await.expect("a free port");
        let address = listener.addresses()[0];
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(listener.serve(router, async { drop(stopped.await) }));
        Self { address, stop: Some(stop), served }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("a connection")
    }

    fn stop(&mut self) {
        drop(self.stop.take());
    }
}

fn echo() -> Router {
    Router::new()
        .route(
            "/",
            get(|Extension(peer): Extension<Peer>| async move {
                format!("{} {}", peer.address.ip(), peer.tls.is_some())
            }),
        )
        .route("/body", post(|body: bytes::Bytes| async move { body }))
}

/// One answer with a Content-Length, header section and body.
async fn answer<S: tokio::io::AsyncRead + Unpin>(stream: &mut S) -> String {
    let mut text = Vec::new();
    loop {
        let mut bytes = [0; 4096];
        let count = stream.read(&mut bytes).await.unwrap_or(0);
        text.extend_from_slice(&bytes[..count]);
        let read = String::from_utf8_lossy(&text).into_owned();
        let complete = read.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            body.len() >= length.unwrap_or(0)
        });
        if complete || count == 0 {
            return read;
        }
    }
}

/// How long until the other end closes.
async fn closed_after(stream: &mut TcpStream) -> Duration {
    let begin = Instant::now();
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    begin.elapsed()
}

#[tokio::test]
async fn a_connection_serves_one_request_after_the_other_and_tells_who_asks() {
    let running = Running::start(echo(), limits(), None).await;
    let mut stream = running.connect().await;
    for _ in 0..3 {
        stream.write_all(ASK).await.expect("sent");
        let answer = answer(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("127.0.0.1 false"), "{answer}");
    }
}

#[tokio::test]
async fn a_header_that_dawdles_is_cut_however_steadily_it_drips() {
    let slow = Limits { header_timeout: Duration::from_millis(200), ..limits() };
    let running = Running::start(echo(), slow, None).await;
    // The first is silent, the second drips before the version is known, the third after a served request.
    let mut silent = running.connect().await;
    let mut dripping = running.connect().await;
    let mut second = running.connect().await;
    second.write_all(ASK).await.expect("sent");
    answer(&mut second).await;
    second.write_all(b"GET / HT").await.expect("sent");
    dripping.write_all(b"P").await.expect("sent");
    let (a, b, c) = tokio::join!(closed_after(&mut silent), closed_after(&mut dripping), closed_after(&mut second));
    for waited in [a, b, c] {
        assert!(waited < Duration::from_secs(5), "{waited:?}");
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed_but_not_before_its_time() {
    let idle =
        Limits { header_timeout: Duration::from_millis(100), idle_timeout: Duration::from_millis(600), ..limits() };
    let running = Running::start(echo(), idle, None).await;
    let mut stream = running.connect().await;
    stream.write_all(ASK).await.expect("sent");
    answer(&mut stream).await;
    let waited = closed_after(&mut stream).await;
    assert!(waited >= Duration::from_millis(400) && waited < Duration::from_secs(5), "{waited:?}");
}

#[tokio::test]
async fn headers_that_are_too_large_or_too_many_are_refused() {
    let small = Limits { header_bytes: 8192, header_count: 16, ..limits() };
    let running = Running::start(echo(), small, None).await;
    let many: String = (0..40).map(|number| format!("X-{number}: 1\r\n")).collect();
    let large = format!("X: {}\r\n", "x".repeat(20_000));
    for extra in [many, large] {
        let mut stream = running.connect().await;
        let request = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{extra}\r\n");
        let _ = stream.write_all(request.as_bytes()).await;
        let answer = answer(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    }
}

#[tokio::test]
async fn smuggled_lengths_are_refused() {
    let running = Running::start(echo(), limits(), None).await;
    for fields in [
        "Content-Length: 3\r\nContent-Length: 4\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Content-Length: +3\r\n",
    ] {
        let mut stream = running.connect().await;
        let request = format!("POST /body HTTP/1.1\r\nHost: localhost\r\n{fields}\r\nabc");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let answer = answer(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{fields}: {answer}");
    }
}

#[tokio::test]
async fn more_connections_than_places_wait_and_are_not_dropped() {
    let few = Limits { connections: 1, ..limits() };
    let running = Running::start(echo(), few, None).await;
    let mut first = running.connect().await;
    first.write_all(ASK).await.expect("sent");
    assert!(answer(&mut first).await.starts_with("HTTP/1.1 200"));
    let mut waiting = running.connect().await;
    waiting.write_all(ASK).await.expect("sent");
    let early = timeout(Duration::from_millis(200), answer(&mut waiting)).await;
    assert!(early.is_err(), "a place was found where there was none");
    drop(first);
    assert!(answer(&mut waiting).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_shutdown_finishes_what_was_accepted_and_accepts_nothing_more() {
    let (began, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let router = Router::new().route(
        "/",
        get({
            let (began, go) = (Arc::clone(&began), Arc::clone(&go));
            move || async move {
                began.notify_one();
                go.notified().await;
                "finished"
            }
        }),
    );
    let mut running = Running::start(router, limits(), None).await;
    let mut resting = running.connect().await;
    let mut busy = running.connect().await;
    busy.write_all(ASK).await.expect("sent");
    began.notified().await;

    running.stop();
    assert!(closed_after(&mut resting).await < Duration::from_secs(5));
    assert!(TcpStream::connect(running.address).await.is_err());
    go.notify_one();
    let answer = answer(&mut busy).await;
    assert!(answer.ends_with("finished") && answer.to_lowercase().contains("connection: close"), "{answer}");
    assert_eq!(running.served.await.expect("no panic"), Shutdown::Finished);
}

#[tokio::test]
async fn a_shutdown_does_not_wait_for_ever() {
    let began = Arc::new(Notify::new());
    let router = Router::new().route(
        "/",
        get({
            let began = Arc::clone(&began);
            move || async move {
                began.notify_one();
                std::future::pending::<()>().await;
            }
        }),
    );
    let hurried = Limits { shutdown_timeout: Duration::from_millis(100), ..limits() };
    let mut running = Running::start(router, hurried, None).await;
    let mut stuck = running.connect().await;
    stuck.write_all(ASK).await.expect("sent");
    began.notified().await;
    running.stop();
    assert_eq!(running.served.await.expect("no panic"), Shutdown::Cut);
}

#[tokio::test]
async fn both_versions_are_served_under_tls_and_handshakes_are_timed() {
    let folder = tempfile::tempdir().expect("a folder");
    let key = KeyPair::generate().expect("a key");
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).and_then(|names| names.self_signed(&key));
    let certificate = certificate.expect("a certificate");
    let files = CertificateFiles { certificate: folder.path().join("chain.pem"), key: folder.path().join("key.pem") };
    std::fs::write(&files.certificate, certificate.pem()).expect("written");
    std::fs::write(&files.key, key.serialize_pem()).expect("written");
    let chains = Certificates::load(&[files]).expect("usable");
    let tls = server_config(&chains, TlsVersion::OneTwo).expect("a configuration");
    let slow = Limits { header_timeout: Duration::from_millis(300), ..limits() };
    let running = Running::start(echo(), slow, Some(tls)).await;

    let mut roots = RootCertStore::empty();
    roots.add(certificate.der().clone()).expect("a root");
    for (alpn, version) in [("http/1.1", http::Version::HTTP_11), ("h2", http::Version::HTTP_2)] {
        let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots.clone())
            .with_no_client_auth();
        config.alpn_protocols = vec![alpn.into()];
        let name = ServerName::try_from("localhost").expect("a name");
        let stream = TlsConnector::from(Arc::new(config)).connect(name, running.connect().await).await;
        let stream = TokioIo::new(stream.expect("a handshake"));
        let request = Request::get("https://localhost/").header("host", "localhost").body(Body::empty());
        let request = request.expect("a request");
        let response = if version == http::Version::HTTP_2 {
            let executor = hyper_util::rt::TokioExecutor::new();
            let (mut sender, connection) = hyper::client::conn::http2::handshake(executor, stream).await.expect("h2");
            tokio::spawn(connection);
            sender.send_request(request).await
        } else {
            let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await.expect("h1");
            tokio::spawn(connection);
            sender.send_request(request).await
        };
        let response = response.expect("an answer");
        assert_eq!((response.status().as_u16(), response.version()), (200, version));
        let body = axum::body::to_bytes(Body::new(response.into_body()), 1000).await.expect("a body");
        assert_eq!(body, "127.0.0.1 true");
    }

    let mut silent = running.connect().await;
    assert!(closed_after(&mut silent).await < Duration::from_secs(5));
}
