//! Where one request ends and the next begins: whatever two readers could read in two ways is refused, or answered
//! once with the connection's end.

use chancery_testkit::Issuer;

use super::wire::{Got, count, exchange};

/// A request that must never be answered: it hides in what another server might take for a body.
const SMUGGLED: &str = "GET /jwks HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
const CHUNKED: &str = "transfer-encoding: chunked\r\n";

fn post(framing: &str, body: &str) -> String {
    format!("POST /token HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-www-form-urlencoded\r\n{framing}\r\n{body}")
}

/// One answer at most, and none to what was smuggled.
async fn answered_once(issuer: &Issuer, request: &str) -> u16 {
    let answer = exchange(issuer, request.as_bytes()).await;
    let text = String::from_utf8_lossy(&answer);
    assert!(count(&answer) <= 1 && !text.contains("\"keys\""), "{request:?} got {text}");
    Got::parse(&answer).map_or(0, |got| got.status)
}

/// Attack F1; RFC 9112 §6.1, §6.3, §7.1, §5.1, §5.2, §2.2.
#[tokio::test(flavor = "multi_thread")]
async fn ambiguous_framing_is_refused() {
    let issuer = Issuer::start().await;
    let hidden = |framing: &str| post(framing, &format!("0\r\n\r\n{SMUGGLED}"));
    let requests = [
        hidden("content-length: 5\r\ncontent-length: 6\r\n"),
        hidden("content-length: 5, 6\r\n"),
        hidden("content-length: 5, 5\r\n"),
        hidden("content-length: +5\r\n"),
        hidden("content-length: -5\r\n"),
        hidden("content-length: 0x5\r\n"),
        hidden("content-length: 5 5\r\n"),
        hidden("content-length:\r\n"),
        hidden("content-length: 99999999999999999999\r\n"),
        hidden("content-length : 5\r\n"),
        hidden("transfer-encoding : chunked\r\n"),
        hidden("transfer-encoding: xchunked\r\n"),
        hidden("transfer-encoding: chunked, identity\r\n"),
        hidden("transfer-encoding: identity\r\n"),
        hidden("transfer-encoding: \x0bchunked\r\n"),
        hidden("transfer-encoding: gzip\r\n"),
        hidden("transfer-encoding: chunked\r\ntransfer-encoding: x\r\n"),
        hidden("content-length: 5\r\ntransfer-encoding: x\r\n"),
        hidden("x: y\r\n content-length: 5\r\n"),
        hidden("x: y\r\n\ttransfer-encoding: chunked\r\n"),
        hidden("x: y\rcontent-length: 5\r\n"),
        hidden("x: y\0\r\ncontent-length: 5\r\n"),
        hidden("x\0y: z\r\n"),
        hidden("content-length\r\n"),
        hidden(": 5\r\n"),
        post(CHUNKED, &format!("5\na=b&c\n0\n\n{SMUGGLED}")),
        post(CHUNKED, &format!("5;x\n\r\na=b&c\r\n0\r\n\r\n{SMUGGLED}")),
        post(CHUNKED, &format!("0x5\r\na=b&c\r\n0\r\n\r\n{SMUGGLED}")),
        post(CHUNKED, &format!("-5\r\na=b&c\r\n0\r\n\r\n{SMUGGLED}")),
        post(CHUNKED, &format!("ffffffffffffffff5\r\na=b&c\r\n0\r\n\r\n{SMUGGLED}")),
        post(CHUNKED, &format!("5\r\na=b&cXX0\r\n\r\n{SMUGGLED}")),
        post(CHUNKED, &format!("\r\n{SMUGGLED}")),
        format!("POST /token HTTP/1.0\r\nhost: a\r\n{CHUNKED}\r\n0\r\n\r\n{SMUGGLED}"),
        format!("GET /token HTTP/1.1\r\n host: a\r\n\r\n{SMUGGLED}"),
        format!("GET  /token HTTP/1.1\r\nhost: a\r\n\r\n{SMUGGLED}"),
        format!("GET /a b HTTP/1.1\r\nhost: a\r\n\r\n{SMUGGLED}"),
        format!("GET /token\r\nhost: a\r\n\r\n{SMUGGLED}"),
        format!("GET /token HTTP/2.0\r\nhost: a\r\n\r\n{SMUGGLED}"),
        format!("GET /token HTTP/1.11\r\nhost: a\r\n\r\n{SMUGGLED}"),
        format!("\0\x01\x02\x7f{SMUGGLED}"),
        format!("\u{16}\u{3}\u{1}\u{2}\0{SMUGGLED}"),
    ];
    for request in requests {
        let status = answered_once(&issuer, &request).await;
        assert!(matches!(status, 0 | 400), "{status} for {request:?}");
    }
}

/// RFC 9112 §2.2 lets a reader take a line feed alone for a line's end. It is one everywhere in a header section, so
/// that no second reading is left, and nowhere in a chunk's framing.
#[tokio::test(flavor = "multi_thread")]
async fn a_line_feed_alone_ends_a_header_line_and_hides_nothing() {
    let issuer = Issuer::start().await;
    let bare =
        format!("GET /health/live HTTP/1.1\nhost: a\nx: y\ncontent-length: {}\nconnection: close\n\n", SMUGGLED.len());
    assert_eq!(answered_once(&issuer, &format!("{bare}{SMUGGLED}")).await, 200);
    // What hides behind it is a header like any other, and judged as one.
    for hidden in ["content-length: 5", "transfer-encoding: xchunked", "host: b", " folded"] {
        let request = post(&format!("content-length: 0\r\nx: y\n{hidden}\r\n"), SMUGGLED);
        assert_eq!(
            answered_once(&issuer, &request.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n")).await,
            400,
            "{hidden}"
        );
    }
}

/// RFC 9112 §6.1: read by its chunks alone, and then the connection ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_length_beside_chunks_ends_the_connection() {
    let issuer = Issuer::start().await;
    let body = format!("1d\r\ngrant_type=client_credentials\r\n0\r\n\r\n{SMUGGLED}");
    for framing in [format!("content-length: 4\r\n{CHUNKED}"), format!("{CHUNKED}content-length: 4\r\n")] {
        // The form was read whole: what is missing is the client's proof.
        assert_eq!(answered_once(&issuer, &post(&framing, &body)).await, 401);
    }
    let long = format!("content-length: {}\r\n{CHUNKED}", body.len());
    assert_eq!(answered_once(&issuer, &post(&long, &body)).await, 401);
}

/// A body that no handler reads is no request.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_where_none_belongs_is_not_read_as_the_next_request() {
    let issuer = Issuer::start().await;
    for (method, target) in
        [("GET", "/health/live"), ("POST", "/nothing"), ("DELETE", "/token"), ("OPTIONS", "/token"), ("POST", "/jwks")]
    {
        let sized = format!(
            "{method} {target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{SMUGGLED}",
            SMUGGLED.len()
        );
        answered_once(&issuer, &sized).await;
        let chunked = format!(
            "{method} {target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{CHUNKED}\r\n{:x}\r\n{SMUGGLED}\r\n0\r\n\r\n",
            SMUGGLED.len()
        );
        answered_once(&issuer, &chunked).await;
    }
}

/// Trailers are no headers: what comes after the body proves nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_trailer_authenticates_nobody() {
    let issuer = Issuer::start().await;
    let body = format!("1d\r\ngrant_type=client_credentials\r\n0\r\nauthorization: {}\r\n\r\n", super::stranger::BASIC);
    let request = post(&format!("{CHUNKED}trailer: authorization\r\nconnection: close\r\n"), &body);
    assert_eq!(answered_once(&issuer, &request).await, 401);
}

/// Neither HTTP/2 nor anything else is spoken because a header asks for it.
#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_is_not_taken_up() {
    let issuer = Issuer::start().await;
    for protocol in ["h2c", "websocket", "TLS/1.0"] {
        let request = format!(
            "GET /health/live HTTP/1.1\r\nhost: a\r\nconnection: close, upgrade, http2-settings\r\nupgrade: {protocol}\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n\r\n"
        );
        assert_eq!(answered_once(&issuer, &request).await, 200);
    }
    let tunnel = "CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example:443\r\nconnection: close\r\n\r\n";
    assert!(matches!(answered_once(&issuer, tunnel).await, 400 | 404 | 405));
}
