//! What must hold of every answer, whatever it answers.

use super::wire::{Got, Sent};

/// Sent in `Host` and in every forwarding header: it must come back nowhere.
pub(crate) const FOREIGN_HOST: &str = "host-canary.example";
/// Sent as text: on a page it must come back as text, if at all.
pub(crate) const MARKUP: &str = "<xss-canary>";
/// Sent behind a line's end: it must never become a header.
pub(crate) const HEADER: &str = "x-canary";

/// Words that only our inside would say.
const INSIDE: &[&str] = &[
    "panicked",
    "RUST_BACKTRACE",
    "backtrace",
    ".rs:",
    "/src/",
    "qlite",
    "ostgres",
    "tokio",
    "hyper",
    "axum",
    "serde",
    "at line ",
    "os error",
    "unwrap()",
    "Some(",
    "None)",
    "Err(",
    "Error {",
    "SELECT ",
    "INSERT ",
    "constraint",
    "StoreError",
];

/// Where answers of the authorization endpoint may lead: what the clients of the world have registered.
const REDIRECTS: &[&str] = &[
    "https://web.example.test/callback",
    "https://trusted.example.test/callback",
    "http://127.0.0.1/callback",
    "http://127.0.0.1:",
    "com.example.app:/callback",
];

/// What is wrong with an answer.
pub(crate) fn check(sent: &Sent, got: &Got) -> Result<(), String> {
    let said = [&sent.target, &sent.body].into_iter().chain(sent.headers.iter().map(|(_, value)| value));
    let said: Vec<_> = said.map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
    complaint(sent, got, &said).map_or(Ok(()), |complaint| Err(format!("{complaint}\n{sent:?}\n{got:?}")))
}

fn complaint(sent: &Sent, got: &Got, said: &[String]) -> Option<String> {
    if got.status >= 500 {
        return Some(format!("a fault of the server's: {}", got.status));
    }
    // hyper's own refusals have no body and pass by the routes.
    if got.body.is_empty() && matches!(got.status, 400 | 414 | 431) {
        return None;
    }
    if got.header("x-request-id").is_none() {
        return Some("an answer without a name".to_owned());
    }
    if let Some(word) =
        INSIDE.iter().find(|word| got.body.contains(**word) && !said.iter().any(|text| text.contains(**word)))
    {
        return Some(format!("the inside shows: {word}"));
    }
    let head: String = got.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    if head.contains(FOREIGN_HOST) || got.body.contains(FOREIGN_HOST) {
        return Some("a foreign host is reflected".to_owned());
    }
    if got.headers.iter().any(|(name, _)| name == HEADER) {
        return Some("a header was injected".to_owned());
    }
    let media_type = got.header("content-type").unwrap_or_default();
    if media_type.starts_with("text/html") {
        return page(got);
    }
    if let Some(location) = got.header("location") {
        return leads_astray(location).then(|| format!("a redirect to {location}"));
    }
    // The administration interface may quote what it was sent; OAuth's errors may not.
    if media_type == "application/json"
        && got.status >= 400
        && !sent.target.starts_with(b"/admin/")
        && sent.method != "HEAD"
    {
        return error(got);
    }
    None
}

fn page(got: &Got) -> Option<String> {
    if got.body.contains(MARKUP) {
        return Some("markup comes back as markup".to_owned());
    }
    let policy = got.header("content-security-policy").unwrap_or_default();
    let strict = policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'");
    (!strict || policy.contains("script-src")).then(|| format!("a page under the policy {policy:?}"))
}

fn leads_astray(location: &str) -> bool {
    let ours = location.starts_with('/') && !location.starts_with("//") && !location.starts_with("/\\");
    !ours && !REDIRECTS.iter().any(|redirect| location.starts_with(redirect))
}

/// RFC 6749 §5.2.
fn error(got: &Got) -> Option<String> {
    let json = got.json();
    let text = |name: &str| json.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
    let (code, description) = (text("error"), text("error_description"));
    let legal = |text: &str| text.bytes().all(|byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E));
    let is_word = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    (!is_word || !legal(description)).then(|| format!("no error of RFC 6749: {json}"))
}
