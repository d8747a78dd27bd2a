//! Answers: the only place in the house where a status code is chosen.

pub mod admin;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use bytes::Bytes;
use chancery_engine::refusal::Refusal;
use chancery_spec::challenge::{BasicChallenge, BearerChallenge};
use chancery_spec::error::{ErrorCode, ErrorResponse};
use chancery_spec::scope::Scope;
use chancery_store::id::RealmName;
use serde::Serialize;

use super::limit::BodyError;
use crate::telemetry::REFUSALS;

/// An answer.
pub type Reply = Response<Body>;

/// Why a request was not even read.
#[derive(Clone, Copy, Debug)]
pub enum Unread {
    /// The body.
    Body(BodyError),
    /// The body is not what a form is.
    NotAForm,
    /// The body is not the JSON that is expected.
    NotJson,
    /// Two `Authorization` headers.
    TwoAuthorizations,
}

/// RFC 6749 §5.2, RFC 6750 §3.1 and their kin: code → status, one total match.
fn status_of(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::InvalidClient | ErrorCode::InvalidToken => StatusCode::UNAUTHORIZED,
        ErrorCode::InsufficientScope => StatusCode::FORBIDDEN,
        ErrorCode::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
        ErrorCode::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    }
}

fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Throttled { .. } => StatusCode::TOO_MANY_REQUESTS,
        Refusal::TokenMissing => StatusCode::UNAUTHORIZED,
        other => status_of(other.code()),
    }
}

type Header = (HeaderName, HeaderValue);

fn build<const N: usize>(status: StatusCode, headers: [Header; N], body: impl Into<Body>) -> Reply {
    let mut reply = Response::new(body.into());
    *reply.status_mut() = status;
    reply.headers_mut().reserve(N + 2);
    for (name, value) in headers {
        reply.headers_mut().insert(name, value);
    }
    reply
}

const fn fixed(name: HeaderName, value: &'static str) -> Header {
    (name, HeaderValue::from_static(value))
}

/// A header whose value is made at run time. What no header can hold becomes an empty one rather
/// than a fault.
fn made(name: HeaderName, value: &str) -> Header {
    (name, HeaderValue::from_str(value).unwrap_or(HeaderValue::from_static("")))
}

const JSON: Header = fixed(header::CONTENT_TYPE, "application/json");
const NO_STORE: Header = fixed(header::CACHE_CONTROL, "no-store");
/// Answers of protocol endpoints may be read by scripts of any origin; no cookie is ever heard there.
const ANY_ORIGIN: Header = fixed(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
const NO_SNIFFING: Header = fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff");

/// A protocol answer: JSON that nobody may keep (RFC 6749 §5.1).
#[must_use]
pub fn json(value: &impl Serialize) -> Reply {
    match serde_json::to_vec(value) {
        Ok(body) => build(StatusCode::OK, [JSON, NO_STORE, ANY_ORIGIN, NO_SNIFFING], body),
        Err(_) => fault(),
    }
}

/// A protocol answer of another media type.
#[must_use]
pub fn protocol(content_type: &'static str, body: String) -> Reply {
    build(StatusCode::OK, [fixed(header::CONTENT_TYPE, content_type), NO_STORE, ANY_ORIGIN, NO_SNIFFING], body)
}

/// A protocol answer without content.
#[must_use]
pub fn done() -> Reply {
    build(StatusCode::OK, [NO_STORE, ANY_ORIGIN], Body::empty())
}

/// A public document that may be kept for `seconds`; nothing but its tag where the asker has it.
#[must_use]
pub fn document(body: Bytes, seconds: u32, etag: &str, asked: Option<&HeaderValue>) -> Reply {
    let (caching, tag) = (made(header::CACHE_CONTROL, &format!("public, max-age={seconds}")), made(header::ETAG, etag));
    let known = asked.and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == etag)) {
        return build(StatusCode::NOT_MODIFIED, [caching, tag, ANY_ORIGIN], Body::empty());
    }
    build(StatusCode::OK, [JSON, caching, tag, ANY_ORIGIN, NO_SNIFFING], body)
}

/// A file beside the pages.
#[must_use]
pub fn asset(content_type: &str, cache_control: &str, etag: &str, body: Bytes) -> Reply {
    let headers = [
        made(header::CONTENT_TYPE, content_type),
        made(header::CACHE_CONTROL, cache_control),
        made(header::ETAG, etag),
        NO_SNIFFING,
    ];
    build(StatusCode::OK, headers, body)
}

/// What a protocol endpoint answers to a preflight (Fetch §3.2.2).
#[must_use]
pub fn preflight() -> Reply {
    let headers = [
        ANY_ORIGIN,
        fixed(header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        fixed(header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, dpop"),
        fixed(header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    build(StatusCode::NO_CONTENT, headers, Body::empty())
}

/// A refusal by an endpoint at which clients prove who they are.
#[must_use]
pub fn oauth_refusal(refusal: &Refusal, id: &str, realm: &RealmName, basic: Option<&str>) -> Reply {
    tell(refusal, id, realm);
    let mut reply = error_body(refusal);
    if let (ErrorCode::InvalidClient, Some(issuer)) = (refusal.code(), basic) {
        let challenge = BasicChallenge { realm: issuer.to_owned() }.to_string();
        if let Ok(value) = HeaderValue::from_str(&challenge) {
            reply.headers_mut().insert(header::WWW_AUTHENTICATE, value);
        }
    }
    reply
}

/// A refusal by an endpoint at which an access token is presented (RFC 6750 §3).
#[must_use]
pub fn bearer_refusal(refusal: &Refusal, id: &str, realm: &RealmName, issuer: &str) -> Reply {
    tell(refusal, id, realm);
    let mut challenge = BearerChallenge { realm: Some(issuer.to_owned()), ..BearerChallenge::default() };
    // A request without any token is told nothing but that one is wanted.
    if !matches!(refusal, Refusal::TokenMissing) {
        challenge.error = Some(refusal.code());
        challenge.error_description = Some(refusal.description().into_owned());
    }
    if let Refusal::ScopeInsufficient(scope) = refusal {
        challenge.scope = Scope::parse(scope).ok();
    }
    let mut reply = error_body(refusal);
    if let Ok(value) = HeaderValue::from_str(&challenge.to_string()) {
        reply.headers_mut().insert(header::WWW_AUTHENTICATE, value);
        reply.headers_mut().insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("www-authenticate"));
    }
    reply
}

fn error_body(refusal: &Refusal) -> Reply {
    let error = ErrorResponse {
        error: refusal.code(),
        error_description: Some(refusal.description().into_owned()),
        error_uri: None,
    };
    let mut reply = json(&error);
    *reply.status_mut() = status(refusal);
    if let Some(seconds) = refusal.retry_after() {
        reply.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    reply
}

/// A page, with everything that keeps it where it belongs. Forms may lead to us and to `targets`:
/// browsers hold a form's redirects against this list too.
#[must_use]
pub fn page(html: String, targets: &[String]) -> Reply {
    let targets: String = targets.iter().map(|target| format!(" {target}")).collect();
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'{targets}; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    let headers = [
        fixed(header::CONTENT_TYPE, "text/html; charset=utf-8"),
        made(header::CONTENT_SECURITY_POLICY, &policy),
        fixed(header::X_FRAME_OPTIONS, "DENY"),
        fixed(header::REFERRER_POLICY, "no-referrer"),
        fixed(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        fixed(HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        fixed(HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
        NO_STORE,
        NO_SNIFFING,
    ];
    build(StatusCode::OK, headers, html)
}

/// A page that says why not.
#[must_use]
pub fn problem_page(html: String, refusal: &Refusal, id: &str, realm: &RealmName) -> Reply {
    tell(refusal, id, realm);
    let mut reply = page(html, &[]);
    *reply.status_mut() = match status(refusal) {
        // A browser that meets 401 may ask for a password of its own.
        StatusCode::UNAUTHORIZED => StatusCode::BAD_REQUEST,
        other => other,
    };
    if let Some(seconds) = refusal.retry_after() {
        reply.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    reply
}

/// A page shown again because the form on it was not accepted.
#[must_use]
pub fn rejected_page(html: String, targets: &[String], retry_after: Option<u64>, busy: bool) -> Reply {
    let mut reply = page(html, targets);
    *reply.status_mut() = match (retry_after, busy) {
        (_, true) => StatusCode::SERVICE_UNAVAILABLE,
        (Some(_), false) => StatusCode::TOO_MANY_REQUESTS,
        (None, false) => StatusCode::BAD_REQUEST,
    };
    if let Some(seconds) = retry_after {
        reply.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    reply
}

/// A page for something that is not there.
#[must_use]
pub fn missing_page(html: String) -> Reply {
    let mut reply = page(html, &[]);
    *reply.status_mut() = StatusCode::NOT_FOUND;
    reply
}

/// Sends the browser on, by GET whatever it came with (RFC 9700 §4.12: never 307).
#[must_use]
pub fn see_other(location: &str) -> Reply {
    match HeaderValue::from_str(location) {
        Ok(location) => {
            let headers = [(header::LOCATION, location), fixed(header::REFERRER_POLICY, "no-referrer"), NO_STORE];
            build(StatusCode::SEE_OTHER, headers, Body::empty())
        }
        Err(_) => fault(),
    }
}

/// Text for people at a terminal, and for machines that ask whether we are well.
#[must_use]
pub fn text(body: impl Into<Body>) -> Reply {
    build(StatusCode::OK, [fixed(header::CONTENT_TYPE, "text/plain; charset=utf-8"), NO_STORE, NO_SNIFFING], body)
}

/// We are not ready.
#[must_use]
pub fn not_ready(body: &'static str) -> Reply {
    let mut reply = text(body);
    *reply.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    reply
}

/// There is nothing here.
#[must_use]
pub fn not_found() -> Reply {
    let mut reply = text("There is nothing here.\n");
    *reply.status_mut() = StatusCode::NOT_FOUND;
    reply
}

/// The method is none for this path.
#[must_use]
pub fn method_not_allowed() -> Reply {
    let mut reply = text("This method is not for this path.\n");
    *reply.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    reply
}

/// The request names no host, or more than one (RFC 9112 §3.2).
#[must_use]
pub fn host_unclear() -> Reply {
    let mut reply = text("A request names one host.\n");
    *reply.status_mut() = StatusCode::BAD_REQUEST;
    // Whoever passed this on reads requests otherwise than we do; what follows on its connection is not trusted.
    reply.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    reply
}

/// The request took too long.
#[must_use]
pub fn timed_out() -> Reply {
    let mut reply = text("The server did not answer in time.\n");
    *reply.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    reply.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    reply
}

/// A fault of ours. What it was is in the log, under the request's id.
#[must_use]
pub fn fault() -> Reply {
    let mut reply =
        text("The server met a fault of its own. Its operator finds the cause under this request's x-request-id.\n");
    *reply.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    reply
}

/// The request was not even read.
#[must_use]
pub fn unread(unread: Unread) -> Reply {
    let (status, description) = match unread {
        Unread::Body(BodyError::TooLarge) => (StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than is read here"),
        Unread::Body(BodyError::TooSlow) => (StatusCode::REQUEST_TIMEOUT, "the body came too slowly"),
        Unread::Body(BodyError::Broken) => (StatusCode::BAD_REQUEST, "the body broke off"),
        Unread::NotAForm => (StatusCode::BAD_REQUEST, "the body must be application/x-www-form-urlencoded"),
        Unread::NotJson => (StatusCode::BAD_REQUEST, "the body must be application/json, and an object"),
        Unread::TwoAuthorizations => (StatusCode::BAD_REQUEST, "there must be one Authorization header at most"),
    };
    let error = ErrorResponse {
        error: ErrorCode::InvalidRequest,
        error_description: Some(description.to_owned()),
        error_uri: None,
    };
    let mut reply = json(&error);
    *reply.status_mut() = status;
    if matches!(unread, Unread::Body(_)) {
        // What is left of the body is not read, so the connection is of no more use.
        reply.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    reply
}

/// One line in the log and one in the figures for each refusal.
pub fn tell(refusal: &Refusal, id: &str, realm: &RealmName) {
    let reason = refusal.name();
    metrics::counter!(REFUSALS, "reason" => reason.clone()).increment(1);
    match refusal.cause() {
        Some(cause) => tracing::error!(request = id, %realm, reason, cause, "refused for a fault of ours"),
        None => tracing::info!(request = id, %realm, reason, "refused"),
    }
}
