//! What operators and their machines ask: are you alive, are you ready, how are you.

use std::sync::Arc;

use axum::extract::State;
use axum::routing::get;

use super::Routes;
use crate::app::App;
use crate::http::reply::{self, Reply};

pub(super) fn probes(routes: Routes) -> Routes {
    routes.route("/health/live", get(live)).route("/health/ready", get(ready))
}

pub(super) fn figures(routes: Routes) -> Routes {
    routes.route("/metrics", get(metrics))
}

/// The process answers. Nothing else is asked, so that a database's fault restarts nobody.
async fn live() -> Reply {
    reply::text("alive\n")
}

/// The store can be read and written.
async fn ready(State(app): State<Arc<App>>) -> Reply {
    match app.house.store.ping().await {
        Ok(()) => reply::text("ready\n"),
        Err(cause) => {
            tracing::warn!(%cause, "not ready");
            reply::not_ready("the store does not answer\n")
        }
    }
}

async fn metrics(State(app): State<Arc<App>>) -> Reply {
    match &app.figures {
        Some(figures) => reply::text(figures.render()),
        None => reply::not_found(),
    }
}
