//! A request as it arrives: bytes, peer, headers, and the realm that its path names. Nothing here
//! has a meaning yet.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, Uri, header};
use axum::response::Response;
use bytes::Bytes;
use chancery_engine::context::Scene;
use chancery_store::id::RealmName;

use super::cookie::{self, Cookie};
use super::limit::collect_body;
use super::listener::Peer;
use super::proxy::ClientAddress;
use super::reply;
use crate::app::App;
use crate::pages::Locale;

/// By which the operator finds a request in the log.
#[derive(Clone, Debug)]
pub struct RequestId(pub Arc<str>);

/// A request to a realm that exists.
pub struct Arrival<'a> {
    /// What it is answered with.
    pub app: &'a Arc<App>,
    /// The realm, the moment and the chance.
    pub scene: Scene<'a>,
    /// The method.
    pub method: Method,
    /// The target.
    pub uri: Uri,
    /// The headers.
    pub headers: HeaderMap,
    /// Where it came from.
    pub address: ClientAddress,
    /// Its name in the log.
    pub id: Arc<str>,
}

/// Takes a request in; its body is not read yet.
///
/// # Errors
/// The answer where there is no such realm, or the store cannot tell.
pub async fn enter(app: &Arc<App>, request: Request) -> Result<(Arrival<'_>, Body), Response> {
    let (mut parts, body) = request.into_parts();
    let id = parts.extensions.remove::<RequestId>().map_or_else(|| "-".into(), |id| id.0);
    let Some(name) = realm_of(parts.uri.path()) else { return Err(reply::not_found()) };
    let realm = match app.house.store.realm(&name).await {
        Ok(Some(realm)) => realm,
        Ok(None) => return Err(reply::not_found()),
        Err(cause) => return Err(reply::oauth_refusal(&cause.into(), &id, &name, None)),
    };
    let peer = parts.extensions.get::<Peer>().map_or(([0, 0, 0, 0], 0).into(), |peer| peer.address);
    let address = app.proxies.client_address(peer, &parts.headers);
    let issuer = app.house.issuer_of(&realm);
    let arrival = Arrival {
        app,
        scene: Scene { realm, issuer, now: app.clock.now(), dice: &*app.dice },
        method: parts.method,
        uri: parts.uri,
        headers: parts.headers,
        address,
        id,
    };
    Ok((arrival, body))
}

/// The realm that a path names: what follows `/realms/`, wherever that stands; else the default one.
/// The default realm answers at `/` alone: one issuer, one place.
fn realm_of(path: &str) -> Option<RealmName> {
    let rest = match path.strip_prefix("/.well-known/") {
        Some(rest) => rest.split_once('/').map_or("", |(_, suffix)| suffix),
        None => path.get(1..).unwrap_or_default(),
    };
    let Some(named) = rest.strip_prefix("realms/") else { return Some(RealmName::default_realm()) };
    let name = RealmName::parse(named.split('/').next().unwrap_or_default()).ok()?;
    (!name.is_default()).then_some(name)
}

impl Arrival<'_> {
    /// The `Authorization` header's bytes; two such headers are none that could be meant.
    ///
    /// # Errors
    /// The answer to a request with two.
    pub fn authorization(&self) -> Result<Option<&[u8]>, Response> {
        let mut all = self.headers.get_all(header::AUTHORIZATION).iter();
        match (all.next(), all.next()) {
            (first, None) => Ok(first.map(|value| value.as_bytes())),
            (_, Some(_)) => Err(reply::unread(reply::Unread::TwoAuthorizations)),
        }
    }

    /// The body of a form.
    ///
    /// # Errors
    /// The answer to a body that is too large or too slow, or of another type.
    pub async fn form(&self, body: Body) -> Result<Bytes, Response> {
        if !is_form(&self.headers) {
            return Err(reply::unread(reply::Unread::NotAForm));
        }
        let limits = &self.app.limits;
        let read = collect_body(body, limits.body_bytes, limits.request_timeout).await;
        read.map_err(|error| reply::unread(reply::Unread::Body(error)))
    }

    /// Whether our cookies are bound to TLS here.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.scene.issuer.starts_with("https://")
    }

    /// One of our cookies.
    #[must_use]
    pub fn cookie(&self, cookie: Cookie) -> Option<chancery_store::secret::Secret> {
        cookie::read(&self.headers, cookie, &self.scene.realm.name, self.is_secure())
    }

    /// The path at which the realm lives: what our own links begin with.
    #[must_use]
    pub fn base_path(&self) -> &str {
        let after_scheme = self.scene.issuer.find("://").map_or(0, |at| at + 3);
        let host_and_path = &self.scene.issuer[after_scheme..];
        host_and_path.find('/').map_or("", |at| &host_and_path[at..]).trim_end_matches('/')
    }

    /// The realm's origin, as browsers write it.
    #[must_use]
    pub fn origin(&self) -> &str {
        let after_scheme = self.scene.issuer.find("://").map_or(0, |at| at + 3);
        let host = self.scene.issuer[after_scheme..].find('/').map_or(self.scene.issuer.len(), |at| after_scheme + at);
        &self.scene.issuer[..host]
    }

    /// Whether a browser says that a form was sent from one of our own pages. Browsers that say
    /// nothing are judged by the form's token alone.
    #[must_use]
    pub fn is_from_our_page(&self) -> bool {
        if let Some(site) = self.headers.get("sec-fetch-site") {
            return site == "same-origin";
        }
        match self.headers.get(header::ORIGIN) {
            // Our pages send no referrer, and then browsers may send no origin either.
            None => true,
            Some(origin) if origin == "null" => true,
            Some(origin) => origin.as_bytes() == self.origin().as_bytes(),
        }
    }

    /// The language to answer in.
    #[must_use]
    pub fn locale(&self, ui_locales: Option<&str>) -> Locale {
        let accepted = self.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        if ui_locales.is_none() && accepted.is_none() {
            return self.app.default_locale;
        }
        Locale::negotiate(ui_locales, accepted)
    }

    /// What the browser calls itself.
    #[must_use]
    pub fn user_agent(&self) -> String {
        let value =
            self.headers.get(header::USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        value.unwrap_or_default()
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else { return false };
    let media_type = value.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_realm_is_what_the_path_names() {
        let named = |path: &str| realm_of(path).map(|name| name.to_string());
        assert_eq!(named("/token").as_deref(), Some("default"));
        assert_eq!(named("/realms/drones/token").as_deref(), Some("drones"));
        assert_eq!(named("/.well-known/openid-configuration").as_deref(), Some("default"));
        assert_eq!(named("/.well-known/oauth-authorization-server/realms/drones").as_deref(), Some("drones"));
        assert_eq!(named("/realms/default/token"), None);
        assert_eq!(named("/realms/DRONES/token"), None);
        assert_eq!(named("/realms//token"), None);
    }

    #[test]
    fn a_form_is_a_form_with_any_charset() {
        let with = |value: &str| HeaderMap::from_iter([(header::CONTENT_TYPE, value.parse().unwrap())]);
        assert!(is_form(&with("application/x-www-form-urlencoded; charset=ISO-8859-1")));
        assert!(is_form(&with("Application/X-WWW-Form-Urlencoded")));
        assert!(!is_form(&with("application/json")));
        assert!(!is_form(&HeaderMap::new()));
    }
}
