//! What is too large, too much or too slow is refused or cut, and costs nobody else anything.

use std::time::Duration;

use chancery_testkit::Issuer;
use chancery_testkit::issuer::{ADMIN_TOKEN, WORLD};
use tokio::io::AsyncWriteExt as _;

use super::soundness;
use super::stranger::BASIC;
use super::wire::{Got, Sent, connect, count, drip, exchange, until_closed};

/// The largest body that is read where nothing else is configured.
const BODY: usize = 64 * 1024;

async fn impatient() -> Issuer {
    let limits = "[limits]\nheader_timeout = \"500ms\"\nrequest_timeout = \"700ms\"\nidle_timeout = \"900ms\"";
    Issuer::start_in(WORLD, limits).await
}

/// RFC 9110 §15.5.14.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_over_the_limit_is_answered_413_at_every_endpoint_that_reads_one() {
    let issuer = Issuer::start().await;
    let forms = [
        "/token",
        "/introspect",
        "/revoke",
        "/userinfo",
        "/authorize",
        "/sign-in",
        "/sign-out",
        "/password/a",
        "/sessions/end",
    ];
    for path in forms {
        let sent = Sent::new("POST", path).form(format!("a={}", "b".repeat(BODY)));
        let got = sent.to(&issuer).await;
        assert_eq!(soundness::check(&sent, &got), Ok(()));
        assert_eq!((got.status, got.header("connection")), (413, Some("close")), "{path}");
        let within = Sent::new("POST", path).form(format!("a={}", "b".repeat(BODY - 2)));
        assert_ne!(within.to(&issuer).await.status, 413, "{path}");
    }
    let sent = Sent::new("POST", "/admin/api/realms/default/users").bearer(ADMIN_TOKEN).json(" ".repeat(BODY + 1));
    assert_eq!(sent.to(&issuer).await.status, 413);
    // Who is nobody is not read at all.
    let sent = Sent::new("POST", "/admin/api/realms/default/users").json(" ".repeat(BODY + 1));
    assert_eq!(sent.to(&issuer).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_announced_over_the_limit_is_not_waited_for() {
    let issuer = Issuer::start().await;
    let head = "POST /token HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-www-form-urlencoded\r\n";
    for framing in [
        "content-length: 65537\r\n",
        "content-length: 18446744073709551000\r\n",
        "content-length: 9999999\r\nexpect: 100-continue\r\n",
    ] {
        let answer = exchange(&issuer, format!("{head}{framing}\r\n").as_bytes()).await;
        let got = Got::parse(&answer).expect("an answer");
        assert!(matches!(got.status, 400 | 413) && count(&answer) == 1, "{framing} {got:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_chunks_without_end_is_cut_at_the_limit() {
    let issuer = Issuer::start().await;
    let mut stream = connect(&issuer).await;
    let head = "POST /token HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-www-form-urlencoded\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("the server reads");
    // One byte in each chunk: the bound is on what is kept, not on what it is wrapped in.
    let chunk = "1\r\na\r\n".repeat(BODY + 1);
    stream.write_all(chunk.as_bytes()).await.expect("the server reads");
    let got = Got::parse(&until_closed(&mut stream).await).expect("an answer");
    assert_eq!(got.status, 413);
}

/// RFC 6585 §5.
#[tokio::test(flavor = "multi_thread")]
async fn a_header_section_that_is_too_large_is_answered_431_or_cut() {
    let issuer = Issuer::start().await;
    let many: String = (0..200).map(|number| format!("x-{number}: a\r\n")).collect();
    let large = format!("x: {}\r\n", "a".repeat(100_000));
    let cookies = format!("cookie: {}\r\n", "a=b; ".repeat(20_000));
    for more in [many, large, cookies] {
        let answer = exchange(&issuer, format!("GET /jwks HTTP/1.1\r\nhost: a\r\n{more}\r\n").as_bytes()).await;
        // Bytes that were not read when the connection ended may take the answer with them.
        assert!(matches!(Got::parse(&answer), None | Some(Got { status: 431, .. })));
    }
    let answer =
        exchange(&issuer, format!("GET /jwks?{} HTTP/1.1\r\nhost: a\r\n\r\n", "a".repeat(100_000)).as_bytes()).await;
    assert!(matches!(Got::parse(&answer), None | Some(Got { status: 414 | 431, .. })));
}

/// Attack F2.
#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_comes_drop_by_drop_is_cut() {
    let issuer = impatient().await;
    for head in ["", "GET /jwks HTTP/1.1\r\nhost: a\r\n", "PRI * HTTP/2.0\r\n"] {
        let mut stream = connect(&issuer).await;
        stream.write_all(head.as_bytes()).await.expect("the server reads");
        let drops = b"x-slow: ".iter().copied().chain(std::iter::repeat_n(b'a', 1000));
        let answer = drip(&mut stream, drops, Duration::from_millis(20)).await;
        assert!(Got::parse(&answer).is_none_or(|got| matches!(got.status, 400 | 408)), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_comes_drop_by_drop_is_cut() {
    let issuer = impatient().await;
    let head = format!(
        "POST /token HTTP/1.1\r\nhost: a\r\nauthorization: {BASIC}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 60000\r\n\r\n"
    );
    let mut stream = connect(&issuer).await;
    stream.write_all(head.as_bytes()).await.expect("the server reads");
    let answer = drip(&mut stream, std::iter::repeat_n(b'a', 1000), Duration::from_millis(20)).await;
    let got = Got::parse(&answer).expect("an answer");
    assert!(matches!(got.status, 408 | 503), "{got:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_says_nothing_is_closed() {
    let issuer = impatient().await;
    assert!(until_closed(&mut connect(&issuer).await).await.is_empty());
    let mut rested = connect(&issuer).await;
    rested.write_all(b"GET /health/live HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("the server reads");
    assert_eq!(count(&until_closed(&mut rested).await), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_strangers_do_not_slow_others() {
    let issuer = Issuer::start().await;
    let mut slow = Vec::new();
    for _ in 0..200 {
        let mut stream = connect(&issuer).await;
        stream.write_all(b"POST /token HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 9\r\n\r\na").await.expect("the server reads");
        slow.push(stream);
    }
    assert_eq!(Sent::new("GET", "/health/ready").to(&issuer).await.status, 200);
    let asked =
        Sent::new("POST", "/token").header("authorization", BASIC).form("grant_type=client_credentials&scope=read");
    assert_eq!(asked.to(&issuer).await.status, 200);
}

/// Nothing is decompressed: there is nothing to blow up. RFC 9110 §8.4.
#[tokio::test(flavor = "multi_thread")]
async fn a_compressed_body_is_not_unpacked() {
    let issuer = Issuer::start().await;
    // "grant_type=client_credentials", stored by gzip.
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 29, 0, 0xe2, 0xff];
    packed.extend_from_slice(b"grant_type=client_credentials");
    packed.extend_from_slice(&[0, 0, 0, 0, 29, 0, 0, 0]);
    for encoding in ["gzip", "deflate", "br", "zstd", "gzip, gzip"] {
        let sent = Sent::new("POST", "/token")
            .header("authorization", BASIC)
            .header("content-encoding", encoding)
            .form(packed.clone());
        let got = sent.to(&issuer).await;
        assert_eq!(soundness::check(&sent, &got), Ok(()));
        assert!(matches!(got.status, 400 | 415), "{got:?}");
        assert_eq!(got.header("content-encoding"), None);
    }
}

/// Attack A15: as many scopes as a body holds are read in no time, and none is granted.
#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_scopes_and_resources_are_no_burden() {
    let issuer = Issuer::start().await;
    let scopes: String = (0..9000).map(|number| format!("s{number}+")).collect();
    let resources: String = (0..1400).map(|number| format!("&resource=https://r{number}.example.test/")).collect();
    for form in [format!("scope={scopes}"), format!("scope=read{resources}"), "&a=".repeat(20_000)] {
        let sent = Sent::new("POST", "/token")
            .header("authorization", BASIC)
            .form(format!("grant_type=client_credentials&{form}"));
        let got = sent.to(&issuer).await;
        assert_eq!(soundness::check(&sent, &got), Ok(()));
        assert_eq!(got.status, 400, "{got:?}");
    }
}
