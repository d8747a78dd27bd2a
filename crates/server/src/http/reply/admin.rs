//! Answers of the administration interface.

use super::{ANY_ORIGIN, ErrorCode, Reply, StatusCode, header, json};
use serde_json::json;

/// A record, or a list of them.
#[must_use]
pub fn answer(value: &serde_json::Value) -> Reply {
    let mut reply = json(value);
    // No script of another origin has any business here.
    reply.headers_mut().remove(&ANY_ORIGIN.0);
    reply
}

fn error(status: StatusCode, code: &str, description: &str) -> Reply {
    let mut reply = answer(&json!({ "error": code, "error_description": description }));
    *reply.status_mut() = status;
    reply
}

/// A new record.
#[must_use]
pub fn created(value: &serde_json::Value) -> Reply {
    let mut reply = answer(value);
    *reply.status_mut() = StatusCode::CREATED;
    reply
}

/// No token, or not the right one.
#[must_use]
pub fn unauthorized() -> Reply {
    let code = ErrorCode::InvalidToken.as_str();
    let mut reply = error(StatusCode::UNAUTHORIZED, code, "an administrator's token is required");
    reply.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
    reply
}

/// What was asked for is not there.
#[must_use]
pub fn missing(what: &str) -> Reply {
    error(StatusCode::NOT_FOUND, "not_found", what)
}

/// What was asked for cannot be.
#[must_use]
pub fn refused(why: &str) -> Reply {
    error(StatusCode::BAD_REQUEST, ErrorCode::InvalidRequest.as_str(), why)
}

/// It clashes with what is there.
#[must_use]
pub fn conflict(why: &str) -> Reply {
    error(StatusCode::CONFLICT, "conflict", why)
}

/// The store cannot answer.
#[must_use]
pub fn unavailable() -> Reply {
    let code = ErrorCode::TemporarilyUnavailable.as_str();
    error(StatusCode::SERVICE_UNAVAILABLE, code, "the store cannot answer now; try again")
}
