//! HTTP/2: the same house behind another door, and its own ways to be abused (RFC 9113).

use std::time::Duration;

use chancery_testkit::Issuer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::soundness::FOREIGN_HOST;
use super::wire::connect;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// RFC 9113 §4.1.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a frame's length").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A field without indexing or compression (RFC 7541 §6.2.2); names and values of fewer than 127 bytes.
fn field(name: &str, value: &str) -> Vec<u8> {
    let length = |text: &str| u8::try_from(text.len()).expect("a short text");
    [&[0, length(name)], name.as_bytes(), &[length(value)], value.as_bytes()].concat()
}

fn request(path: &str) -> Vec<u8> {
    [field(":method", "GET"), field(":scheme", "http"), field(":authority", "a"), field(":path", path)].concat()
}

async fn greeted(issuer: &Issuer) -> TcpStream {
    let mut stream = connect(issuer).await;
    stream.write_all(&[PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()).await.expect("the server reads");
    stream
}

/// Whether the server ends the connection while `flood` goes on.
async fn ended_under(stream: TcpStream, mut flood: impl FnMut(u32) -> Vec<u8>) -> bool {
    let (mut reading, mut writing) = stream.into_split();
    let listening = tokio::spawn(async move {
        let mut heard = Vec::new();
        let _end = reading.read_to_end(&mut heard).await;
        heard
    });
    for number in 0..200_000 {
        match timeout(Duration::from_secs(10), writing.write_all(&flood(number))).await {
            Ok(Ok(())) => {}
            // Closed, or no longer read.
            Ok(Err(_)) | Err(_) => return true,
        }
        if listening.is_finished() {
            return true;
        }
    }
    // It may have said so without closing at once.
    drop(writing);
    let heard = timeout(Duration::from_secs(10), listening).await.expect("an end").expect("a listener");
    frames(&heard).any(|kind| kind == GOAWAY)
}

/// The kinds of the frames in `bytes`.
fn frames(mut bytes: &[u8]) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let (head, rest) = bytes.split_at_checked(9)?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        bytes = rest.get(usize::try_from(length).ok()?..).unwrap_or_default();
        Some(head[3])
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_house_is_the_same_over_http_2() {
    let issuer = Issuer::start().await;
    // A client of the kit's own kind puts the process's cryptography in place.
    let _kit = chancery_testkit::browser::http();
    let client = reqwest::Client::builder().http2_prior_knowledge().no_proxy().build().expect("a client");
    let discovery =
        client.get(issuer.url_of("/.well-known/openid-configuration")).header("x-forwarded-host", FOREIGN_HOST);
    let answer = discovery.send().await.expect("an answer");
    assert_eq!((answer.version(), answer.status().as_u16()), (reqwest::Version::HTTP_2, 200));
    let document: serde_json::Value = serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON");
    assert_eq!(document["issuer"], issuer.identifier);

    let form = "application/x-www-form-urlencoded";
    let asked = client
        .post(issuer.url_of("/token"))
        .header("content-type", form)
        .header("authorization", super::stranger::BASIC);
    let answer = asked.body("grant_type=client_credentials&scope=read").send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    let large = client.post(issuer.url_of("/token")).header("content-type", form).body("a".repeat(70_000));
    // A stream may be reset under a body that is refused while it is still being sent.
    assert!(large.send().await.is_ok_and(|answer| answer.status() == 413));
    assert_eq!(client.get(issuer.url_of("/nowhere")).send().await.expect("an answer").status(), 404);
    assert_eq!(client.put(issuer.url_of("/token")).send().await.expect("an answer").status(), 405);
    let headers = client.get(issuer.url_of("/jwks")).header("x-large", "a".repeat(60_000)).send().await;
    assert!(headers.is_ok_and(|answer| answer.status() == 431));
}

/// Attack F1: a header section that never ends (the CONTINUATION flood of 2024).
#[tokio::test(flavor = "multi_thread")]
async fn continuations_without_end_are_cut() {
    let issuer = Issuer::start().await;
    let mut stream = greeted(&issuer).await;
    stream.write_all(&frame(HEADERS, END_STREAM, 1, &request("/jwks"))).await.expect("the server reads");
    let piece = frame(
        CONTINUATION,
        0,
        1,
        &(0..64).flat_map(|number| field(&format!("x-{number}"), &"a".repeat(100))).collect::<Vec<u8>>(),
    );
    assert!(ended_under(stream, |_| piece.clone()).await);
    assert_eq!(super::wire::Sent::new("GET", "/health/ready").to(&issuer).await.status, 200);
}

/// CVE-2023-44487: requests that are taken back at once.
#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_taken_back_without_end_are_cut() {
    let issuer = Issuer::start().await;
    let stream = greeted(&issuer).await;
    let asked = request("/health/live");
    let flood = |number: u32| {
        let id = 2 * number + 1;
        let reset = frame(RST_STREAM, 0, id, &8_u32.to_be_bytes());
        [frame(HEADERS, END_STREAM | END_HEADERS, id, &asked), reset].concat()
    };
    assert!(ended_under(stream, flood).await);
    assert_eq!(super::wire::Sent::new("GET", "/health/ready").to(&issuer).await.status, 200);
}

/// Frames that break the protocol end the connection and nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn broken_frames_end_the_connection() {
    let issuer = Issuer::start().await;
    let broken = [
        frame(SETTINGS, 0, 0, &[1]),
        frame(SETTINGS, 0, 1, &[]),
        frame(PING, 0, 0, &[1, 2, 3]),
        frame(HEADERS, END_STREAM | END_HEADERS, 0, &request("/jwks")),
        frame(HEADERS, END_STREAM | END_HEADERS, 2, &request("/jwks")),
        frame(HEADERS, END_STREAM | END_HEADERS, 1, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        frame(CONTINUATION, END_HEADERS, 1, &request("/jwks")),
        [&[0xff, 0xff, 0xff, 0, 0], 1_u32.to_be_bytes().as_slice()].concat(),
    ];
    for bytes in broken {
        let mut stream = greeted(&issuer).await;
        stream.write_all(&bytes).await.expect("the server reads");
        let heard = super::wire::until_closed(&mut stream).await;
        assert!(frames(&heard).any(|kind| kind == GOAWAY), "{bytes:?} got {heard:?}");
    }
    assert_eq!(super::wire::Sent::new("GET", "/health/ready").to(&issuer).await.status, 200);
}
