//! Who a server is, and who asks it, is never what a header says.

use chancery_testkit::{Browser, Issuer, Party};

use super::soundness::{self, FOREIGN_HOST};
use super::wire::{Got, Sent, count, exchange};

/// Whatever a proxy, or somebody who plays one, may say of the request.
fn lying(sent: Sent) -> Sent {
    sent.header("host", FOREIGN_HOST)
        .header("x-forwarded-host", FOREIGN_HOST)
        .header("x-forwarded-proto", "https")
        .header("x-forwarded-port", "8443")
        .header("x-forwarded-prefix", format!("/{FOREIGN_HOST}"))
        .header("x-forwarded-for", "192.0.2.1")
        .header("x-original-url", format!("https://{FOREIGN_HOST}/"))
        .header("x-rewrite-url", format!("https://{FOREIGN_HOST}/"))
        .header("forwarded", format!("for=192.0.2.1;host={FOREIGN_HOST};proto=https"))
}

/// Attack C9.
#[tokio::test(flavor = "multi_thread")]
async fn a_host_header_ends_up_in_no_document_redirect_or_page() {
    let issuer = Issuer::start().await;
    let places = [
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration/realms/other",
        "/realms/other/.well-known/openid-configuration",
        "/jwks",
        "/",
        "/sign-in",
        "/sign-out",
        "/userinfo",
        "/nothing",
        "/password/AAAA",
        "/authorize?client_id=nobody",
        "/authorize?response_type=code&client_id=spa&scope=openid&redirect_uri=http://127.0.0.1/callback&state=s&prompt=none&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
    ];
    for place in places {
        let honest = Sent::new("GET", place).to(&issuer).await;
        let sent = lying(Sent::new("GET", place));
        let got = sent.to(&issuer).await;
        assert_eq!(soundness::check(&sent, &got), Ok(()));
        assert_eq!((got.status, without_chance(&got)), (honest.status, without_chance(&honest)), "{place}");
    }
    let discovery = lying(Sent::new("GET", "/.well-known/openid-configuration")).to(&issuer).await;
    assert_eq!(discovery.json()["issuer"], issuer.identifier);
}

/// What does not differ from one answer to the next.
fn without_chance(got: &Got) -> (Option<&str>, String) {
    let location = got.header("location").map(|location| location.split(['?', '#']).next().unwrap_or_default());
    let location = location.filter(|location| !location.starts_with("/authorize/"));
    let document = if got.body.starts_with('{') { got.body.clone() } else { String::new() };
    (location, document)
}

/// Cookies are marked for TLS by the configured issuer; a header that claims TLS does not change their names.
#[tokio::test(flavor = "multi_thread")]
async fn a_forwarded_scheme_changes_no_cookie() {
    let issuer = Issuer::start().await;
    let got = lying(Sent::new("GET", "/sign-in")).to(&issuer).await;
    let cookie = got.header("set-cookie").expect("a cookie");
    assert!(
        cookie.starts_with("chancery-browser=") && !cookie.contains("Secure") && !cookie.contains("Domain"),
        "{cookie}"
    );
}

/// RFC 9112 §3.2.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_with_no_host_or_two_or_one_that_is_none_is_refused() {
    let issuer = Issuer::start().await;
    let requests = [
        "GET /jwks HTTP/1.1\r\nconnection: close\r\n\r\n",
        "GET /jwks HTTP/1.1\r\nhost: a\r\nhost: a\r\nconnection: close\r\n\r\n",
        "GET /jwks HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n",
        "GET /jwks HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n",
        "GET /jwks HTTP/1.1\r\nhost: a/b\r\nconnection: close\r\n\r\n",
        "GET /jwks HTTP/1.1\r\nhost: a@b\r\nconnection: close\r\n\r\n",
        "GET /jwks HTTP/1.1\r\nhost: a, b\r\nconnection: close\r\n\r\n",
        "GET /jwks HTTP/1.1\r\nhost: a:b:c\r\nconnection: close\r\n\r\n",
    ];
    for request in requests {
        let answer = exchange(&issuer, request.as_bytes()).await;
        let got = Got::parse(&answer).expect("an answer");
        assert_eq!((got.status, count(&answer)), (400, 1), "{request}");
    }
    for host in ["", "localhost", "localhost:8080", "[::1]:8080", "127.0.0.1:1", "xn--bcher-kva.example"] {
        let got = Sent::new("GET", "/jwks").header("host", host).to(&issuer).await;
        assert_eq!(got.status, 200, "{host}");
    }
}

/// RFC 9112 §3.2.2: the target's own host counts no more than the header's.
#[tokio::test(flavor = "multi_thread")]
async fn an_absolute_target_is_read_for_its_path_alone() {
    let issuer = Issuer::start().await;
    let sent = Sent::new("GET", &format!("http://{FOREIGN_HOST}/.well-known/openid-configuration"))
        .header("host", FOREIGN_HOST);
    let got = sent.to(&issuer).await;
    assert_eq!(soundness::check(&sent, &got), Ok(()));
    assert_eq!(got.json()["issuer"], issuer.identifier);
}

/// Attack F4: failures are counted by the peer, whatever addresses it makes up.
#[tokio::test(flavor = "multi_thread")]
async fn made_up_addresses_do_not_escape_the_count_of_failures() {
    let issuer = Issuer::start().await;
    let browser = Browser::default();
    let page = browser.get(&issuer.url_of("/sign-in")).await;
    let mut last = page.status;
    for number in 0..400 {
        let fields = [("username", &*format!("nobody-{number}")), ("password", "wrong")];
        let address = format!("192.0.2.{}", number % 250);
        let forwarded = format!("for={address}");
        let headers = [("x-forwarded-for", &*address), ("x-real-ip", &*address), ("forwarded", &*forwarded)];
        last = browser.submit_with(&page, "", &fields, &headers).await.status;
        if last == 429 {
            break;
        }
    }
    assert_eq!(last, 429, "the peer was never made to wait");
    // Nor does it lock anybody else out: the account itself was never tried.
    issuer.clock.advance(86_400);
    Party::new(&issuer, "web").tokens("alice", "openid").await;
}
