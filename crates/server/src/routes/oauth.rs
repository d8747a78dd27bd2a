//! The protocol endpoints that clients call: token, introspection, revocation, UserInfo.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{Method, header};
use chancery_engine::endpoint::userinfo::UserInfoAnswer;
use chancery_engine::endpoint::{introspect, revoke, token, userinfo};
use chancery_engine::refusal::Refusal;

use crate::app::App;
use crate::http::arrival::{self, Arrival};
use crate::http::reply::{self, Reply};
use crate::telemetry::TOKENS_ISSUED;

/// `POST /token`.
pub(super) async fn token(State(app): State<Arc<App>>, request: Request) -> Reply {
    answer(async {
        let (arrival, body) = arrival::enter(&app, request).await?;
        let body = arrival.form(body).await?;
        let authorization = arrival.authorization()?;
        match token::token(&app.house, &arrival.scene, authorization, &body).await {
            Ok(tokens) => {
                metrics::counter!(TOKENS_ISSUED).increment(1);
                Ok(reply::json(&tokens))
            }
            Err(refusal) => Err(refuse(&arrival, &refusal)),
        }
    })
    .await
}

/// `POST /introspect`.
pub(super) async fn introspect(State(app): State<Arc<App>>, request: Request) -> Reply {
    answer(async {
        let (arrival, body) = arrival::enter(&app, request).await?;
        let body = arrival.form(body).await?;
        let authorization = arrival.authorization()?;
        let told = introspect::introspect(&app.house, &arrival.scene, authorization, &body).await;
        told.map(|told| reply::json(&told)).map_err(|refusal| refuse(&arrival, &refusal))
    })
    .await
}

/// `POST /revoke`.
pub(super) async fn revoke(State(app): State<Arc<App>>, request: Request) -> Reply {
    answer(async {
        let (arrival, body) = arrival::enter(&app, request).await?;
        let body = arrival.form(body).await?;
        let authorization = arrival.authorization()?;
        let done = revoke::revoke(&app.house, &arrival.scene, authorization, &body).await;
        done.map(|()| reply::done()).map_err(|refusal| refuse(&arrival, &refusal))
    })
    .await
}

/// `GET` and `POST /userinfo`.
pub(super) async fn userinfo(State(app): State<Arc<App>>, request: Request) -> Reply {
    answer(async {
        let (arrival, body) = arrival::enter(&app, request).await?;
        let is_form = arrival.method == Method::POST && arrival.headers.contains_key(header::CONTENT_TYPE);
        let body = if is_form { Some(arrival.form(body).await?) } else { None };
        let authorization = arrival.authorization()?;
        match userinfo::userinfo(&app.house, &arrival.scene, authorization, body.as_deref()).await {
            Ok(UserInfoAnswer::Plain(json)) => Ok(reply::protocol("application/json", json)),
            Ok(UserInfoAnswer::Signed(jwt)) => Ok(reply::protocol("application/jwt", jwt)),
            Err(refusal) => {
                let scene = &arrival.scene;
                Err(reply::bearer_refusal(&refusal, &arrival.id, &scene.realm.name, &scene.issuer))
            }
        }
    })
    .await
}

/// `OPTIONS` of whatever scripts may call.
pub(super) async fn preflight() -> Reply {
    reply::preflight()
}

fn refuse(arrival: &Arrival<'_>, refusal: &Refusal) -> Reply {
    reply::oauth_refusal(refusal, &arrival.id, &arrival.scene.realm.name, Some(&arrival.scene.issuer))
}

/// The answer, whichever way it came about.
pub(super) async fn answer(road: impl Future<Output = Result<Reply, Reply>>) -> Reply {
    road.await.unwrap_or_else(|early| early)
}
