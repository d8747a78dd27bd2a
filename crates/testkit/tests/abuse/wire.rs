//! Requests as bytes: nothing is put right on the way, so that a server sees exactly what a test wrote.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use chancery_testkit::Issuer;

/// Nothing here takes as long; whoever does has hung.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request, byte for byte.
#[derive(Clone, Default)]
pub(crate) struct Sent {
    pub(crate) method: String,
    pub(crate) target: Vec<u8>,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

/// What came back.
#[derive(Clone, Debug, Default)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.bytes().escape_ascii())
    }
}

impl Sent {
    pub(crate) fn new(method: &str, target: &str) -> Self {
        Self { method: method.to_owned(), target: target.into(), ..Self::default() }
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn form(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }.header("content-type", "application/x-www-form-urlencoded")
    }

    pub(crate) fn json(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }.header("content-type", "application/json")
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// The request, with a `Host` where it has none, and with the connection's end after it.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = [self.method.as_bytes(), b" ", &self.target, b" HTTP/1.1\r\nconnection: close\r\n"].concat();
        if !self.headers.iter().any(|(name, _)| name == "host") {
            bytes.extend_from_slice(b"host: localhost\r\n");
        }
        for (name, value) in &self.headers {
            bytes.extend_from_slice(&[name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        if !self.body.is_empty() || self.method == "POST" {
            bytes.extend_from_slice(format!("content-length: {}\r\n", self.body.len()).as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&self.body);
        bytes
    }

    pub(crate) async fn to(&self, issuer: &Issuer) -> Got {
        let bytes = exchange(issuer, &self.bytes()).await;
        Got::parse(&bytes).unwrap_or_else(|| panic!("{self:?} got {:?}", String::from_utf8_lossy(&bytes)))
    }
}

impl Got {
    /// The first answer in `bytes`; none where there is none.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
        let pair = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
        Some(Self { status, headers: lines.filter_map(pair).collect(), body: body.to_owned() })
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// The socket of a server.
pub(crate) fn address(issuer: &Issuer) -> SocketAddr {
    issuer
        .url
        .strip_prefix("http://")
        .and_then(|address| address.parse().ok())
        .expect("a test server's URL is an address")
}

pub(crate) async fn connect(issuer: &Issuer) -> TcpStream {
    TcpStream::connect(address(issuer)).await.expect("the server accepts")
}

/// Everything that is answered to `bytes` until the server closes the connection.
pub(crate) async fn exchange(issuer: &Issuer, bytes: &[u8]) -> Vec<u8> {
    let mut stream = connect(issuer).await;
    // Whoever is refused early may find the connection closed already.
    let _sent = stream.write_all(bytes).await;
    until_closed(&mut stream).await
}

/// Everything that comes until the server closes the connection.
pub(crate) async fn until_closed(stream: &mut TcpStream) -> Vec<u8> {
    let mut answer = Vec::new();
    let closed = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    assert!(closed.is_ok(), "the connection stays open after {:?}", String::from_utf8_lossy(&answer));
    answer
}

/// Sends one byte of `drip` after the other, each once the server has said nothing for a moment, until it closes the
/// connection.
pub(crate) async fn drip(stream: &mut TcpStream, drip: impl Iterator<Item = u8>, pause: Duration) -> Vec<u8> {
    let mut answer = Vec::new();
    for byte in drip {
        if stream.write_all(&[byte]).await.is_err() {
            break;
        }
        match timeout(pause, stream.read_buf(&mut answer)).await {
            Err(_nothing_yet) => {}
            Ok(Ok(0) | Err(_)) => return answer,
            Ok(Ok(_)) => {
                answer.extend(until_closed(stream).await);
                return answer;
            }
        }
    }
    panic!("the server took every drop");
}

/// How many answers there are in `bytes`.
pub(crate) fn count(bytes: &[u8]) -> usize {
    String::from_utf8_lossy(bytes).matches("HTTP/1.1 ").count()
}
