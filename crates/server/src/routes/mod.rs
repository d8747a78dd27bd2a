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

/// Everything that is served where people and clients come; figures and administration beside it
/// where they have no address of their own.
pub fn public(app: Arc<App>, figures: bool, administration: bool) -> Router {
    let mut routes = beside(figures, administration);
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
    for path in ["/", "/realms/{realm}", "/realms/{realm}/"] {
        routes = routes.route(path, get(account::home));
    }
    // Both placements: RFC 8414 §3.1 puts the well-known name first, OpenID Discovery §4 last.
    let discover = get(metadata::discover).options(oauth::preflight);
    for name in ["openid-configuration", "oauth-authorization-server"] {
        routes = in_each_realm(routes, &format!("/.well-known/{name}"), discover.clone());
        routes = routes.route(&format!("/.well-known/{name}/realms/{{realm}}"), discover.clone());
    }
    for asset in app.pages.assets() {
        let asset = asset.clone();
        routes = routes.route(&asset.path.clone(), get(async move || metadata::asset(&asset)));
    }
    finish(operation::probes(routes), app)
}

/// Figures or administration, at an address of their own.
pub fn private(app: Arc<App>, figures: bool, administration: bool) -> Router {
    finish(operation::probes(beside(figures, administration)), app)
}

fn beside(figures: bool, administration: bool) -> Routes {
    let mut routes = Router::new();
    if figures {
        routes = operation::figures(routes);
    }
    if administration {
        routes = admin::routes(routes);
    }
    routes
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
