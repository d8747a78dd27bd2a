//! Every parser against anything, with what must hold of the outcome.
//!
//! A target is a function of bytes that panics when something is wrong: so a fuzzer can search (`fuzz/libfuzzer`, with
//! `cargo fuzz`), and a plain test can run the corpus and its nearest neighbours on every machine.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::net::SocketAddr;
use std::path::Path;

use chancery_engine::steps::refresh_token::PresentedRefreshToken;
use chancery_jose::{Encrypted, Jwk, JwkSet, Unverified, VerifyingKey};
use chancery_server::config::{Config, Sources};
use chancery_server::http::cookie::{self, Cookie};
use chancery_server::http::host;
use chancery_server::http::proxy::TrustedProxies;
use chancery_server::seed::WrittenSeed;
use chancery_spec::client_authentication::PresentedClient;
use chancery_spec::credentials::BearerToken;
use chancery_spec::{AuthorizationRequest, ClientMetadata, Issuer, Params, RegisteredRedirectUri, Scope, TokenRequest};
use chancery_store::id::RealmName;
use http::{HeaderMap, HeaderName, HeaderValue, Version, header};
use serde_json::{Map, Value};

/// A target.
pub type Target = fn(&[u8]);

/// Every target under the name of its corpus folder.
pub const TARGETS: [(&str, Target); 17] = [
    ("authorization_request", authorization_request),
    ("client_authentication", client_authentication),
    ("client_metadata", client_metadata),
    ("configuration", configuration),
    ("cookies", cookies),
    ("encrypted_token", encrypted_token),
    ("form", form),
    ("forwarded", forwarded),
    ("host", host),
    ("issuer", issuer),
    ("key_set", key_set),
    ("redirect_uri", redirect_uri),
    ("refresh_token", refresh_token),
    ("scope", scope),
    ("seed", seed),
    ("signed_token", signed_token),
    ("token_request", token_request),
];

/// The public key of RFC 7515 Appendix A.3.
const KEY: &[u8] = br#"{"kty":"EC","crv":"P-256",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;

/// What the example of RFC 7515 Appendix A.3 signs.
const SIGNED: &str = "eyJhbGciOiJFUzI1NiJ9.\
    eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

/// A form: what is read can be written and read again.
pub fn form(input: &[u8]) {
    match Params::parse(input) {
        Ok(params) => {
            let again = Params::parse(params.to_form().as_bytes());
            assert!(again.as_ref() == Ok(&params), "a form changed by being written: {again:?}");
        }
        Err(fault) => is_description(&fault),
    }
}

/// An authorization request.
pub fn authorization_request(input: &[u8]) {
    let Ok(params) = Params::parse(input) else {
        return;
    };
    if let Err(fault) = AuthorizationRequest::parse(params) {
        is_description(&fault);
    }
}

/// A token request.
pub fn token_request(input: &[u8]) {
    let Ok(params) = Params::parse(input) else {
        return;
    };
    if let Err(fault) = TokenRequest::parse(params) {
        is_description(&fault);
    }
}

/// A client's own claim of who it is: the header's value, a line feed, the form. No debug output tells the secret.
pub fn client_authentication(input: &[u8]) {
    let mut parts = input.splitn(2, |byte| *byte == b'\n');
    let header = parts.next().filter(|header| !header.is_empty());
    let _bearer = header.map(BearerToken::parse);
    let Ok(mut params) = Params::parse(parts.next().unwrap_or_default()) else {
        return;
    };
    let secret = params.peek("client_secret").filter(|secret| secret.len() > 20).map(str::to_owned);
    match PresentedClient::take(header, &mut params) {
        Ok(presented) => {
            let shown = format!("{:?}", presented.credentials);
            assert!(!secret.is_some_and(|secret| shown.contains(&secret)), "a secret is shown");
        }
        Err(fault) => is_description(&fault),
    }
}

/// A redirect URI that is registered, a line feed, one that is presented: they are equal, or differ in a loopback port.
pub fn redirect_uri(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (registered, presented) = text.split_once('\n').unwrap_or((&text, &text));
    let _issuer = Issuer::parse(presented);
    let _scope = Scope::parse(presented);
    let registration = match RegisteredRedirectUri::parse(registered) {
        Ok(registration) => registration,
        Err(fault) => return is_description(&fault),
    };
    assert!(registration.matches(registered), "a redirect URI does not match itself");
    if registration.matches(presented) && registered != presented {
        let portless = |uri: &str| {
            let hosts = ["http://127.0.0.1", "http://[::1]", "http://localhost"];
            let host = hosts.into_iter().find(|host| uri.starts_with(host))?;
            let rest = &uri[host.len()..];
            let rest = rest
                .strip_prefix(':')
                .map_or(rest, |port| port.trim_start_matches(|digit: char| digit.is_ascii_digit()));
            (rest.is_empty() || rest.starts_with(['/', '?'])).then(|| format!("{host}{rest}"))
        };
        let (one, other) = (portless(registered), portless(presented));
        assert!(one.is_some() && one == other, "{presented:?} matches {registered:?}");
    }
}

/// A client's metadata document.
pub fn client_metadata(input: &[u8]) {
    if let Err(fault) = ClientMetadata::parse(input) {
        is_description(&fault);
    }
}

/// A signed token: only what the key's owner signed is verified.
pub fn signed_token(input: &[u8]) {
    let Ok(token) = std::str::from_utf8(input) else {
        return;
    };
    let Ok(unverified) = Unverified::parse(token) else {
        return;
    };
    let _peeked = unverified.peek::<Map<String, Value>>();
    let Ok(key) = Jwk::parse(KEY).and_then(|jwk| VerifyingKey::from_jwk(&jwk)) else {
        panic!("the example's key is not read");
    };
    if unverified.verify::<Map<String, Value>>(&key).is_ok() {
        assert!(token.starts_with(SIGNED), "a token that nobody signed is verified");
    }
}

/// An encrypted token.
pub fn encrypted_token(input: &[u8]) {
    let Ok(token) = std::str::from_utf8(input) else {
        return;
    };
    let _looks = Encrypted::looks_like(token);
    let _parsed = Encrypted::parse(token);
}

/// A key, or a set of keys: what is read has a thumbprint, and is found by the name it has.
pub fn key_set(input: &[u8]) {
    if let Ok(key) = Jwk::parse(input) {
        assert!(!key.thumbprint().is_empty());
        let _verifying = VerifyingKey::from_jwk(&key);
    }
    if let Ok(set) = JwkSet::parse(input) {
        for kid in set.keys().iter().filter_map(Jwk::kid) {
            assert!(set.find(kid).is_some(), "a key is not found by its name");
        }
    }
}

/// A configuration file: complaints name their place, and nothing brings the reader down.
pub fn configuration(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    if let Err(complaints) = Config::load(&Sources::default().with_text("chancery.toml", text)) {
        assert!(!complaints.to_string().is_empty(), "a complaint without a word");
    }
}

/// A seed, as TOML and as JSON: complaints say something, and nothing brings the reader down.
pub fn seed(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    for name in ["seed.toml", "seed.json"] {
        if let Err(complaints) = WrittenSeed::parse(Path::new(name), text) {
            assert!(!complaints.to_string().is_empty(), "a complaint without a word");
        }
    }
}

/// A `Cookie` header: what is read as ours has our form, was sent once, and is not shown.
pub fn cookies(input: &[u8]) {
    let Some(headers) = headers(header::COOKIE, input) else {
        return;
    };
    let realm = RealmName::default_realm();
    for secure in [false, true] {
        for cookie in [Cookie::Browser, Cookie::Session] {
            if let Some(value) = cookie::read(&headers, cookie, &realm, secure) {
                let text = value.expose();
                let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
                assert!(text.len() == 43 && text.bytes().all(plain), "{text:?} is no cookie of ours");
                assert!(!format!("{value:?}").contains(text), "a secret is shown");
                let own = cookie::set(cookie, &realm, secure, &value);
                assert!(own.is_some(), "a cookie that was read cannot be set");
            }
        }
    }
}

/// Forwarding headers: `Forwarded`, a line feed, `X-Forwarded-For`. Nobody but a trusted proxy is believed.
pub fn forwarded(input: &[u8]) {
    let mut parts = input.splitn(2, |byte| *byte == b'\n');
    let mut all = HeaderMap::new();
    for (name, value) in [(header::FORWARDED, parts.next()), (HeaderName::from_static("x-forwarded-for"), parts.next())]
    {
        all.extend(value.filter(|value| !value.is_empty()).and_then(|value| headers(name, value)).unwrap_or_default());
    }
    let peer = SocketAddr::from(([192, 0, 2, 7], 443));
    let stranger = TrustedProxies::default().client_address(peer, &all);
    assert_eq!(stranger.ip(), peer.ip(), "a stranger is believed");
    if let Ok(network) = "192.0.2.0/24".parse() {
        let told = TrustedProxies::new(vec![network]).client_address(peer, &all);
        assert_eq!(told.ip(), told.ip().to_canonical(), "an address has two forms");
    }
}

/// A `Host` header: what passes is one authority without userinfo.
pub fn host(input: &[u8]) {
    if let Some(headers) = headers(header::HOST, input)
        && host::is_named(Version::HTTP_11, &headers)
    {
        assert!(
            !input.iter().any(|byte| matches!(byte, b'@' | b'/' | b'?' | b'#' | b',' | b' ')),
            "no host: {input:?}"
        );
    }
}

/// An issuer: what is one is its origin and its path, byte for byte.
pub fn issuer(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    match Issuer::parse(&text) {
        Ok(issuer) => {
            let parts = format!("{}{}", issuer.origin(), issuer.path());
            assert_eq!(parts, text.strip_suffix('/').unwrap_or(&text), "an issuer has another part");
            assert_eq!(issuer.is_https(), text.starts_with("https://"));
        }
        Err(fault) => is_description(&fault),
    }
}

/// A scope: its tokens written again are the same scope, and it grants itself nothing.
pub fn scope(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    match Scope::parse(&text) {
        Ok(scope) => {
            let again = Scope::parse(&scope.to_string());
            assert!(again.as_ref() == Ok(&scope), "a scope changed by being written: {again:?}");
            let words: BTreeSet<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
            assert!(scope.iter().all(|token| words.contains(token.as_str())), "a scope grew");
            assert!(scope.difference(&scope).is_empty() && scope.is_subset(&scope.union(&scope)));
        }
        Err(fault) => is_description(&fault),
    }
}

/// A refresh token: what is read as one of ours has one spelling.
pub fn refresh_token(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    if let Some(token) = PresentedRefreshToken::parse(text) {
        assert!(text.is_ascii() && !text.contains(['=', '+', '/']), "a loose spelling is read");
        assert!(PresentedRefreshToken::parse(&format!("{text}A")).is_none_or(|other| other.family != token.family));
    }
}

/// A header of this value, if a header can have it.
fn headers(name: HeaderName, value: &[u8]) -> Option<HeaderMap> {
    let value = HeaderValue::from_bytes(value).ok()?;
    Some(HeaderMap::from_iter([(name, value)]))
}

/// RFC 6749 §5.2: what may stand in an `error_description`.
fn is_description(fault: &impl Display) {
    let text = fault.to_string();
    let legal = |byte: u8| matches!(byte, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E);
    assert!(!text.is_empty() && text.bytes().all(legal), "{text:?} is no error description");
}
