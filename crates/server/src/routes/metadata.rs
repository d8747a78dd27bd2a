//! What everybody may read: metadata, keys, and the files beside the pages.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header;
use bytes::Bytes;
use chancery_engine::endpoint::discover;

use super::oauth::answer;
use crate::app::{App, MetadataDocument};
use crate::http::arrival::{self, Arrival};
use crate::http::reply::{self, Reply};
use crate::pages::Asset;

/// Seconds that metadata and keys may be kept by others. Short against the time that a new key is
/// published before it is used.
const KEPT_BY_OTHERS: u32 = 300;

/// `GET /.well-known/openid-configuration` and `oauth-authorization-server`.
pub(super) async fn discover(State(app): State<Arc<App>>, request: Request) -> Reply {
    answer(async {
        let (arrival, _) = arrival::enter(&app, request).await?;
        let (body, etag) = document(&arrival).await?;
        Ok(reply::document(body, KEPT_BY_OTHERS, &etag, arrival.headers.get(header::IF_NONE_MATCH)))
    })
    .await
}

/// `GET /jwks`.
pub(super) async fn jwks(State(app): State<Arc<App>>, request: Request) -> Reply {
    answer(async {
        let (arrival, _) = arrival::enter(&app, request).await?;
        let realm = &arrival.scene.realm.name;
        let keys = app.house.keys.of(&*app.house.store, realm).await;
        let keys = keys.map_err(|refusal| reply::oauth_refusal(&refusal, &arrival.id, realm, None))?;
        let set = keys.jwks();
        let body = set.body.clone();
        Ok(reply::document(body, KEPT_BY_OTHERS, &set.etag, arrival.headers.get(header::IF_NONE_MATCH)))
    })
    .await
}

/// One of the files beside the pages.
pub(super) fn asset(asset: &Asset) -> Reply {
    reply::asset(asset.content_type, Asset::CACHE_CONTROL, &asset.etag, asset.bytes.clone())
}

/// The metadata document, written once for each version of the realm and its keys.
async fn document(arrival: &Arrival<'_>) -> Result<(Bytes, String), Reply> {
    let (app, scene) = (arrival.app, &arrival.scene);
    let realm = &scene.realm.name;
    let refuse = |refusal| reply::oauth_refusal(&refusal, &arrival.id, realm, None);
    let keys = app.house.keys.of(&*app.house.store, realm).await.map_err(refuse)?;
    let etag = |body: &Bytes| format!("\"{}\"", chancery_jose::base64url_encode(&chancery_jose::sha256(body)[..12]));
    if let Some(known) = app.metadata.get(realm)
        && Arc::ptr_eq(&known.realm, &scene.realm)
        && Arc::ptr_eq(&known.keys, &keys)
    {
        return Ok((known.body.clone(), known.etag.clone()));
    }
    let metadata = discover::discover(&app.house, scene).await.map_err(refuse)?;
    let body: Bytes = serde_json::to_vec(&metadata).map_err(|_| reply::fault())?.into();
    let etag = etag(&body);
    let document = MetadataDocument { realm: scene.realm.clone(), keys, body: body.clone(), etag: etag.clone() };
    app.metadata.insert(realm.clone(), Arc::new(document));
    Ok((body, etag))
}
