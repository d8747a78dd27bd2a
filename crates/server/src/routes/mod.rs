//! Which path leads where. Each realm has the same paths: the default one at `/`, the others
//! below `/realms/{name}`.

mod account;
pub mod admin;
mod browser;
mod metadata;
mod oauth;
mod operation;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::routing::{MethodRouter, get, post};

use crate::app::App;
use crate::http::{reply, watch};

type Routes = Router<Arc<App>>;

/// Everything that is served where people and clients come.
pub fn public(app: Arc<App>) -> Router {
    let mut routes = Router::new();
    routes = in_each_realm(routes, "/token", post(oauth::token).options(oauth::preflight));
    routes = in_each_realm(routes, "/introspect", post(oauth::introspect));
    routes = in_each_realm(routes, "/revoke", post(oauth::revoke).options(oauth::preflight));
    let userinfo = get(oauth::userinfo).post(oauth::userinfo).options(oauth::preflight);
    routes = in_each_realm(routes, "/userinfo", userinfo);
    routes = in_each_realm(routes, "/jwks", get(metadata::jwks).options(oauth::preflight));
    routes = in_each_realm(routes, "/authorize", get(browser::begin).post(browser::begin_by_post));
    routes = in_each_realm(routes, "/authorize/{pending}", get(browser::show).post(browser::answer));
    routes = in_each_realm(routes, "/sign-in", get(account::sign_in_page).post(account::sign_in));
    routes = in_each_realm(routes, "/sign-out", get(account::sign_out_page).post(account::sign_out));
    routes = in_each_realm(routes, "/applications/withdraw", post(account::withdraw));
    routes = in_each_realm(routes, "/sessions/end", post(account::end_session));
    routes = in_each_realm(routes, "/password/{link}", get(account::password_page).post(account::set_password));
    routes = routes.route("/", get(account::home)).route("/realms/{realm}", get(account::home)).route("/realms/{realm}/", get(account::home));
    // Both placements: RFC 8414 §3.1 puts the well-known name first, OpenID Discovery §4 last.
    for name in ["openid-configuration", "oauth-authorization-server"] {
        routes = in_each_realm(routes, &format!("/.well-known/{name}"), get(metadata::discover).options(oauth::preflight));
        routes = routes.route(&format!("/.well-known/{name}/realms/{{realm}}"), get(metadata::discover).options(oauth::preflight));
    }
    for asset in app.pages.assets() {
        let asset = asset.clone();
        routes = routes.route(&asset.path.clone(), get(async move || metadata::asset(&asset)));
    }
    finish(operation::probes(routes), app)
}

/// Figures and administration, where they have an address of their own.
pub fn private(app: Arc<App>, figures: bool, administration: bool) -> Router {
    let mut routes = Router::new();
    if figures {
        routes = operation::figures(routes);
    }
    if administration {
        routes = admin::routes(routes);
    }
    finish(operation::probes(routes), app)
}

/// The public routes, with figures and administration beside them.
pub fn together(app: Arc<App>, figures: bool, administration: bool) -> Router {
    let mut routes = Router::new();
    if figures {
        routes = operation::figures(routes);
    }
    if administration {
        routes = admin::routes(routes);
    }
    public(app.clone()).merge(finish(routes, app))
}

fn in_each_realm(routes: Routes, path: &str, methods: MethodRouter<Arc<App>>) -> Routes {
    routes.route(path, methods.clone()).route(&format!("/realms/{{realm}}{path}"), methods)
}

fn finish(routes: Routes, app: Arc<App>) -> Router {
    routes
        .method_not_allowed_fallback(async || reply::method_not_allowed())
        .fallback(async || reply::not_found())
        .layer(axum::middleware::from_fn_with_state(app.clone(), watch::watch))
        .with_state(app)
}
