//! What stands around every request: its name in the log, its time, its figures, and a net under
//! its handler.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use chancery_jose::base64url_encode;
use futures_util::FutureExt;

use super::arrival::RequestId;
use super::{host, reply};
use crate::app::App;
use crate::telemetry::{HTTP_DURATION, HTTP_REQUESTS};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Names the request, answers in time whatever happens, and tells what happened.
pub async fn watch(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let mut chance = [0; 12];
    app.dice.fill(&mut chance);
    let id: Arc<str> = base64url_encode(&chance).into();
    request.extensions_mut().insert(RequestId(id.clone()));
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = request.method().clone();

    // A handler that panics is a fault of ours; it must not take the connection's other requests along.
    let handled = AssertUnwindSafe(async {
        match host::is_named(request.version(), request.headers()) {
            true => next.run(request).await,
            false => reply::host_unclear(),
        }
    })
    .catch_unwind();
    let mut response = match tokio::time::timeout(app.limits.request_timeout, handled).await {
        Ok(Ok(response)) => response,
        Ok(Err(_panic)) => {
            tracing::error!(request = &*id, "a request met a panic");
            reply::fault()
        }
        Err(_late) => {
            tracing::warn!(request = &*id, "a request was not answered in time");
            reply::timed_out()
        }
    };

    let status = response.status().as_u16();
    let route = route.as_ref().map_or("unknown", MatchedPath::as_str);
    if app.figures.is_some() {
        // Routes and statuses are few; paths and methods as sent are not, and stay out of the labels.
        metrics::counter!(HTTP_REQUESTS, "route" => route.to_owned(), "status" => status.to_string()).increment(1);
        metrics::histogram!(HTTP_DURATION, "route" => route.to_owned()).record(begun.elapsed().as_secs_f64());
    }
    tracing::debug!(request = &*id, %method, route, status, microseconds = begun.elapsed().as_micros(), "answered");
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}
