//! The redirect URI is compared byte by byte: nothing near a registered one leads anywhere.

use chancery_testkit::{Issuer, Party};
use proptest::prelude::*;

use super::ground::for_all;
use super::soundness;
use super::wire::Sent;

/// Attacks of former years on `https://web.example.test/callback` and `http://127.0.0.1/callback`.
const LOOK_ALIKES: &[&str] = &[
    "https://web.example.test/callback/",
    "https://web.example.test/callback?",
    "https://web.example.test/callback?code=x&state=y",
    "https://web.example.test/callback#fragment",
    "https://web.example.test/callback%00",
    "https://web.example.test/callback%0d%0a",
    "https://web.example.test/callback;/../x",
    "https://web.example.test/callback..;/x",
    "https://web.example.test/x/../callback",
    "https://web.example.test/%63allback",
    "https://web.example.test//callback",
    "https://web.example.test\\@evil.example/callback",
    "https://web.example.test@evil.example/callback",
    "https://user@web.example.test/callback",
    "https://web.example.test:443/callback",
    "https://web.example.test.evil.example/callback",
    "https://webxexample.test/callback",
    "https://WEB.example.test/callback",
    "HTTPS://web.example.test/callback",
    "http://web.example.test/callback",
    "https:web.example.test/callback",
    "//web.example.test/callback",
    "/callback",
    "javascript:alert(1)",
    "JavaScript:alert(1)//https://web.example.test/callback",
    "data:text/html,https://web.example.test/callback",
    "http://127.0.0.1:0x50/callback",
    "http://127.0.0.1:/callback",
    "http://127.0.0.1:99999/callback",
    "http://127.0.0.1:80@evil.example/callback",
    "http://127.0.0.1.evil.example/callback",
    "http://127.0.0.2/callback",
    "http://127.1/callback",
    "http://2130706433/callback",
    "http://localhost/callback",
    "http://[::1]/callback",
    "http://127.0.0.1/callback/x",
    "https://127.0.0.1/callback",
];

fn asking(redirect_uri: &[u8]) -> Sent {
    let uri: String = url::form_urlencoded::byte_serialize(redirect_uri).collect();
    Sent::new("GET", &format!("/authorize?response_type=code&client_id=web&scope=openid&state=s&redirect_uri={uri}"))
}

async fn refused(issuer: &Issuer, redirect_uri: &[u8]) -> Result<(), String> {
    let sent = asking(redirect_uri);
    let got = sent.to(issuer).await;
    soundness::check(&sent, &got)?;
    let on_a_page = got.status == 400 && got.header("location").is_none();
    if on_a_page { Ok(()) } else { Err(format!("{} leads somewhere: {got:?}", String::from_utf8_lossy(redirect_uri))) }
}

/// RFC 9700 §4.1.
#[tokio::test(flavor = "multi_thread")]
async fn look_alikes_of_a_redirect_uri_are_refused_on_a_page() {
    let issuer = Issuer::start().await;
    for look_alike in LOOK_ALIKES {
        assert_eq!(refused(&issuer, look_alike.as_bytes()).await, Ok(()));
    }
}

/// Any one byte changed, added or taken away.
#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_uri_that_differs_in_one_byte_is_refused_on_a_page() {
    let issuer = Issuer::start().await;
    let registered = b"https://web.example.test/callback";
    let slip = (0..registered.len(), any::<u8>(), 0_u8..3).prop_map(|(at, byte, how)| {
        let mut uri = registered.to_vec();
        match how {
            0 => uri[at] = byte,
            1 => uri.insert(at, byte),
            _ => drop(uri.remove(at)),
        }
        uri
    });
    let slip = slip.prop_filter("one that is registered", |uri| uri != registered);
    for_all(150, slip, |uri: Vec<u8>| {
        let issuer = &issuer;
        async move { refused(issuer, &uri).await }
    });
}

/// RFC 9700 §4.1.2: a redirect URI's own query keeps its words apart from ours.
#[tokio::test(flavor = "multi_thread")]
async fn an_error_is_sent_only_where_the_client_is_registered() {
    let issuer = Issuer::start().await;
    let web = Party::new(&issuer, "web");
    let got = Sent::new(
        "GET",
        "/authorize?response_type=nonsense&client_id=web&state=s&redirect_uri=https://web.example.test/callback",
    )
    .to(&issuer)
    .await;
    let location = got.header("location").expect("a redirect").to_owned();
    assert!(location.starts_with("https://web.example.test/callback?"), "{location}");
    let answer = chancery_testkit::party::parameters(&location);
    assert_eq!(answer.iter().filter(|(name, _)| name == "error").count(), 1);
    assert!(answer.iter().any(|(name, value)| name == "iss" && *value == web.issuer.identifier));
    // Of a client that nobody knows, nothing is believed.
    let unknown = Sent::new(
        "GET",
        "/authorize?response_type=code&client_id=nobody&redirect_uri=https://web.example.test/callback",
    );
    assert_eq!(unknown.to(&issuer).await.header("location"), None);
}
