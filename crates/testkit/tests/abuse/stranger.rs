//! What a stranger may send: sound requests, and everything that can be made of them.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::soundness::{FOREIGN_HOST, HEADER, MARKUP};
use super::wire::Sent;

/// What an insider holds and a stranger may have found: tokens of the server itself.
#[derive(Clone, Debug)]
pub(crate) struct Loot {
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
    pub(crate) id_token: String,
    pub(crate) session: String,
    pub(crate) browser: String,
}

/// The credentials of the world's confidential client.
pub(crate) const BASIC: &str = "Basic d2ViOndlYi1zZWNyZXQtMDEyMzQ1Njc4OS0wMTIzNDU2Nzg5LTAxMjM0NTY3ODk=";

/// Forms that are sound, or nearly, by where they go.
const FORMS: &[(&str, &str)] = &[
    ("/token", "grant_type=client_credentials&scope=read"),
    (
        "/token",
        "grant_type=authorization_code&code=AAAA&redirect_uri=https://web.example.test/callback&code_verifier=test-verifier-0123456789-0123456789-0123456789",
    ),
    ("/token", "grant_type=refresh_token&refresh_token=AAAA&scope=read"),
    (
        "/realms/other/token",
        "grant_type=client_credentials&client_id=machine&client_secret=x&resource=https://api.example.test",
    ),
    (
        "/token",
        "grant_type=client_credentials&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion=a.b.c",
    ),
    ("/introspect", "token=AAAA&token_type_hint=access_token"),
    ("/revoke", "token=AAAA&token_type_hint=refresh_token"),
    ("/userinfo", "access_token=AAAA"),
    (
        "/authorize",
        "response_type=code&client_id=web&redirect_uri=https://web.example.test/callback&scope=openid&state=s&nonce=n&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
    ),
    (
        "/authorize",
        "response_type=code&client_id=spa&redirect_uri=http://127.0.0.1:4711/callback&scope=openid&prompt=none&max_age=0&claims={\"id_token\":{}}&ui_locales=de&login_hint=alice&id_token_hint=a.b.c&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
    ),
    ("/authorize/0198c0de-0000-7000-8000-000000000000", "csrf=a&decision=allow&username=alice&password=x"),
    ("/sign-in", "csrf=a&username=alice&password=x"),
    ("/sign-out", "csrf=a"),
    ("/applications/withdraw", "csrf=a"),
    ("/sessions/end", "csrf=a&session=0198c0de-0000-7000-8000-000000000000"),
    ("/password/AAAA", "csrf=a&new_password=a&repeat_password=b"),
];

/// Where nothing is posted to, or not by strangers.
const PATHS: &[&str] = &[
    "/",
    "/realms/other",
    "/realms/other/",
    "/sign-in",
    "/sign-out",
    "/password/AAAA",
    "/authorize",
    "/authorize/0198c0de-0000-7000-8000-000000000000",
    "/jwks",
    "/realms/other/jwks",
    "/userinfo",
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server/realms/other",
    "/realms/other/.well-known/openid-configuration",
    "/health/live",
    "/health/ready",
    "/admin/api/realms",
    "/admin/api/realms/default/clients/web",
    "/nothing",
];

const NAMES: &[&str] = &[
    "access_token",
    "acr_values",
    "claims",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "csrf",
    "decision",
    "display",
    "grant_type",
    "id_token_hint",
    "login_hint",
    "max_age",
    "nonce",
    "password",
    "prompt",
    "redirect_uri",
    "refresh_token",
    "request",
    "request_uri",
    "resource",
    "response_mode",
    "response_type",
    "scope",
    "state",
    "token",
    "token_type_hint",
    "ui_locales",
    "username",
];

/// Texts that have broken somebody before.
pub(crate) fn text() -> impl Strategy<Value = String> {
    let known = select(
        [
            "",
            " ",
            "0",
            "-1",
            "99999999999999999999",
            "1e309",
            "NaN",
            "null",
            "true",
            "[]",
            "{}",
            "{\"id_token\":{\"sub\":{\"value\":\"\\u0000\"}}}",
            "[[[[[[[[[[[[[[[[[[[[",
            "' OR '1'='1",
            "\"; DROP TABLE users; --",
            "%00",
            "%",
            "%zz",
            "%c3%28",
            "\0",
            "a\0b",
            "\u{202e}evil",
            "../../../../etc/passwd",
            "..%2f..%2f",
            "..;/",
            "${7*7}",
            "{{7*7}}",
            "{% raw %}",
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "data:text/html,x",
            "//evil.example",
            "/\\evil.example",
            "https://web.example.test@evil.example",
            "https://web.example.test/callback/../x",
            "a.b.c",
            "a.b.c.d.e",
            "eyJhbGciOiJub25lIn0.e30.",
            "....",
            "=",
            "&",
            ";",
            ",",
            ":",
            "code",
            "web",
            "alice",
            "openid",
            "none",
            "query",
            "form_post",
            "client_credentials",
            "https://api.example.test",
            "\u{fffd}\u{10ffff}",
        ]
        .as_slice(),
    );
    prop_oneof![
        6 => known.prop_map(str::to_owned),
        2 => Just(format!("{MARKUP}\"'&")),
        2 => Just(format!("a\r\n{HEADER}: 1\r\n\r\n{MARKUP}")),
        2 => any::<String>(),
        1 => (select(vec!["a", "%", "a ", "é", "[", "."]), 1_usize..6000).prop_map(|(piece, count)| piece.repeat(count)),
    ]
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![3 => text().prop_map(String::into_bytes), 1 => vec(any::<u8>(), 0..64)]
}

/// One change of a form or a query.
#[derive(Clone, Debug)]
enum Change {
    Added(String, Vec<u8>),
    Doubled(usize),
    Flipped(usize, u8),
    Looted(usize, usize),
    Removed(usize),
    Replaced(usize, Vec<u8>),
    Truncated(usize),
}

fn change() -> impl Strategy<Value = Change> {
    let name = prop_oneof![5 => select(NAMES).prop_map(str::to_owned), 1 => text()];
    prop_oneof![
        3 => (name, bytes()).prop_map(|(name, value)| Change::Added(name, value)),
        1 => any::<usize>().prop_map(Change::Doubled),
        1 => (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Change::Flipped(at, byte)),
        2 => (any::<usize>(), 0_usize..3).prop_map(|(at, which)| Change::Looted(at, which)),
        1 => any::<usize>().prop_map(Change::Removed),
        4 => (any::<usize>(), bytes()).prop_map(|(at, value)| Change::Replaced(at, value)),
        1 => any::<usize>().prop_map(Change::Truncated),
    ]
}

fn changed(form: &str, changes: &[Change], loot: &Loot) -> Vec<u8> {
    let mut pairs: Vec<(String, Vec<u8>)> = form
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (escape(name.as_bytes()), escape(value.as_bytes()).into_bytes()))
        .collect();
    let mut last = Vec::new();
    for change in changes {
        let at = |index: &usize| index.checked_rem(pairs.len());
        match change {
            Change::Added(name, value) => pairs.push((escape(name.as_bytes()), escape(value).into_bytes())),
            Change::Doubled(index) => pairs.extend(at(index).map(|at| pairs[at].clone())),
            Change::Looted(index, which) => {
                if let Some(at) = at(index) {
                    pairs[at].1 =
                        [&loot.access_token, &loot.refresh_token, &loot.id_token][*which].clone().into_bytes();
                }
            }
            Change::Removed(index) => {
                if let Some(at) = at(index) {
                    pairs.remove(at);
                }
            }
            Change::Replaced(index, value) => {
                if let Some(at) = at(index) {
                    // Half of them unescaped: what a stranger writes need not be a form.
                    pairs[at].1 = if index % 2 == 0 { value.clone() } else { escape(value).into_bytes() };
                }
            }
            Change::Flipped(..) | Change::Truncated(_) => last.push(change),
        }
    }
    let pairs: Vec<Vec<u8>> = pairs.into_iter().map(|(name, value)| [name.as_bytes(), b"=", &value].concat()).collect();
    let mut body = pairs.join(&b'&');
    for change in last {
        match (change, body.len()) {
            (_, 0) => {}
            (Change::Flipped(at, byte), length) => body[at % length] = *byte,
            (Change::Truncated(at), length) => body.truncate(at % length),
            (_, _) => {}
        }
    }
    body
}

fn escape(bytes: &[u8]) -> String {
    url::form_urlencoded::byte_serialize(bytes).collect()
}

/// What may stand in a header: anything but what would end it.
fn field(bytes: Vec<u8>) -> Vec<u8> {
    bytes.into_iter().filter(|byte| !matches!(byte, b'\r' | b'\n' | 0)).take(2000).collect()
}

fn header(loot: Loot) -> BoxedStrategy<(String, Vec<u8>)> {
    let Loot { access_token, refresh_token, id_token, session, browser } = loot;
    let usual = [
        ("authorization", BASIC.to_owned()),
        ("authorization", format!("Bearer {access_token}")),
        ("authorization", format!("DPoP {access_token}")),
        ("authorization", format!("Bearer {refresh_token}")),
        ("authorization", format!("Bearer {id_token}")),
        ("authorization", "Basic".to_owned()),
        ("authorization", "Basic Og==".to_owned()),
        ("authorization", "Basic d2Vi".to_owned()),
        ("authorization", "Basic /////w==".to_owned()),
        ("authorization", "Bearer".to_owned()),
        ("cookie", format!("chancery-session.default={session}; chancery-browser={browser}")),
        ("cookie", format!("chancery-session.default={browser}; chancery-browser={session}")),
        ("cookie", format!("chancery-browser={browser}; chancery-browser={session}")),
        ("x-forwarded-host", FOREIGN_HOST.to_owned()),
        ("forwarded", format!("for=192.0.2.1;host={FOREIGN_HOST};proto=https")),
        ("content-encoding", "gzip".to_owned()),
        ("content-type", "application/x-www-form-urlencoded; charset=utf-16".to_owned()),
        ("content-type", "multipart/form-data; boundary=a".to_owned()),
        ("origin", format!("https://{FOREIGN_HOST}")),
        ("sec-fetch-site", "cross-site".to_owned()),
        ("accept-language", "de;q=1,*;q=0".to_owned()),
        ("if-none-match", "*".to_owned()),
    ];
    let names = vec![
        "authorization",
        "cookie",
        "content-type",
        "accept-language",
        "user-agent",
        "if-none-match",
        "x-forwarded-for",
        "origin",
        "dpop",
    ];
    prop_oneof![
        2 => select(usual.to_vec()).prop_map(|(name, value)| (name.to_owned(), value.into_bytes())),
        1 => (select(names), bytes()).prop_map(|(name, value)| (name.to_owned(), field(value))),
        1 => (select(vec!["Basic ", "Bearer ", "chancery-browser="]), bytes())
            .prop_map(|(scheme, value)| ("authorization".to_owned(), field([scheme.as_bytes(), &value].concat()))),
        1 => text().prop_map(|text| ("authorization".to_owned(), format!("Basic {}", base64(text.as_bytes())).into_bytes())),
    ]
    .boxed()
}

fn base64(bytes: &[u8]) -> String {
    let url = chancery_jose::base64url_encode(bytes);
    let padding = "=".repeat((4 - url.len() % 4) % 4);
    url.replace('-', "+").replace('_', "/") + &padding
}

/// A request of any kind.
pub(crate) fn request(loot: Loot) -> impl Strategy<Value = Sent> {
    let headers = vec(header(loot.clone()), 0..3);
    let method = prop_oneof![5 => Just(None), 1 => select(vec!["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "QUERY"]).prop_map(Some)];
    let form = (select(FORMS), vec(change(), 0..4), any::<bool>(), method, headers.clone());
    let posted = form.prop_map(move |((path, form), changes, in_query, method, headers)| {
        let written = changed(form, &changes, &loot);
        let sent = if in_query && path == "/authorize" {
            let query = written.into_iter().filter(|byte| byte.is_ascii_graphic() && *byte != b'#').collect();
            Sent {
                method: "GET".to_owned(),
                target: [path.as_bytes(), b"?", &query as &Vec<u8>].concat(),
                ..Sent::default()
            }
        } else {
            Sent::new("POST", path).form(written)
        };
        finished(sent, method, headers)
    });
    let target = (select(PATHS), prop_oneof![2 => Just(String::new()), 1 => text()]);
    let visited = (target, headers).prop_map(|((path, more), headers)| {
        let more = percent(&more);
        finished(Sent::new("GET", &format!("{path}{more}")), None, headers)
    });
    prop_oneof![3 => posted, 1 => visited]
}

fn finished(mut sent: Sent, method: Option<&str>, headers: Vec<(String, Vec<u8>)>) -> Sent {
    if let Some(method) = method {
        sent.method = method.to_owned();
    }
    for (name, value) in headers {
        if name == "content-type" {
            sent.headers.retain(|(other, _)| *other != name);
        }
        sent.headers.push((name, value));
    }
    sent.header("host", FOREIGN_HOST)
}

fn percent(text: &str) -> String {
    let plain = |byte: &u8| {
        byte.is_ascii_graphic() && !matches!(byte, b'#' | b'"' | b'<' | b'>' | b'`' | b'{' | b'}' | b'|' | b'\\' | b'^')
    };
    text.bytes()
        .take(3000)
        .map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
