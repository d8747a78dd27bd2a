//! The administration interface: JSON over HTTP, for whoever holds an administrator's token.
//!
//! Every route goes through `admit`; there is no other way to the steward. The command line and
//! seeds do the same things through the same steward without HTTP.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::header;
use axum::routing::{get, post};
use chancery_engine::context::Scene;
use chancery_engine::directory::client_plan::{ClientPlan, metadata_of};
use chancery_engine::directory::rotation::{Rotation, state_name};
use chancery_engine::directory::users::UserPlan;
use chancery_engine::directory::{DirectoryError, Steward};
use chancery_engine::steps::bearer;
use chancery_jose::{SignatureAlgorithm, SigningKey};
use chancery_spec::credentials::BearerToken;
use chancery_store::client::Client;
use chancery_store::id::{AuditId, ClientId, RealmName, Username};
use chancery_store::key::{Key, KeyPurpose};
use chancery_store::secret::Secret;
use chancery_store::user::User;
use serde_json::{Map, Value, json};

use super::Routes;
use super::oauth::answer;
use crate::app::App;
use crate::http::limit::collect_body;
use crate::http::reply::{self, Reply, admin};

/// The scope that lets an access token of the default realm administer.
pub const ADMIN_SCOPE: &str = "chancery:admin";
/// Records on one page of a list.
const PAGE: u32 = 100;

type Named = State<Arc<App>>;

pub(super) fn routes(routes: Routes) -> Routes {
    let realm = "/admin/api/realms/{realm}";
    routes
        .route("/admin/api/realms", get(realms))
        .route(&format!("{realm}/clients"), get(clients).post(add_client))
        .route(&format!("{realm}/clients/{{client}}"), get(client).patch(change_client).delete(remove_client))
        .route(&format!("{realm}/clients/{{client}}/secret"), post(rotate_secret))
        .route(&format!("{realm}/users"), get(users).post(add_user))
        .route(&format!("{realm}/users/{{user}}"), get(user).patch(change_user).delete(remove_user))
        .route(&format!("{realm}/users/{{user}}/password-link"), post(password_link))
        .route(&format!("{realm}/keys"), get(keys))
        .route(&format!("{realm}/keys/rotate"), post(rotate_key))
        .route(&format!("{realm}/audit"), get(audit))
}

/// An administrator, and what they sent.
struct Call {
    actor: String,
    body: Map<String, Value>,
    query: String,
}

impl Call {
    fn steward<'a>(&self, app: &'a App) -> Steward<'a> {
        Steward {
            store: &*app.house.store,
            vault: app.house.keys.vault(),
            now: app.clock.now(),
            dice: &*app.dice,
            actor: self.actor.clone(),
        }
    }
}

/// The only way in.
async fn admit(app: &App, request: Request) -> Result<Call, Reply> {
    let (parts, body) = request.into_parts();
    let mut presented = parts.headers.get_all(header::AUTHORIZATION).iter();
    let (Some(header), None) = (presented.next(), presented.next()) else { return Err(admin::unauthorized()) };
    let token = BearerToken::parse(header.as_bytes()).map_err(|_| admin::unauthorized())?;
    let actor = actor(app, token.expose()).await?;
    let bytes = collect_body(body, app.limits.body_bytes, app.limits.request_timeout).await;
    let bytes = bytes.map_err(|error| reply::unread(reply::Unread::Body(error)))?;
    let body = if bytes.is_empty() {
        Map::new()
    } else {
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(members)) => members,
            Ok(_) | Err(_) => return Err(reply::unread(reply::Unread::NotJson)),
        }
    };
    Ok(Call { actor, body, query: parts.uri.query().unwrap_or_default().to_owned() })
}

async fn actor(app: &App, token: &str) -> Result<String, Reply> {
    if app.administrators.admit(&Secret::presented(token)) {
        return Ok("administrator's token".to_owned());
    }
    let realm = app.house.store.realm(&RealmName::default_realm()).await.map_err(|_| admin::unavailable())?;
    let realm = realm.ok_or_else(admin::unauthorized)?;
    let issuer = app.house.issuer_of(&realm);
    let scene = Scene { realm, issuer, now: app.clock.now(), dice: &*app.dice };
    let live = bearer::find(&app.house, &scene, token).await.map_err(|_| admin::unavailable())?;
    let live = live.ok_or_else(admin::unauthorized)?;
    let may = live.content.scope.contains(ADMIN_SCOPE) && live.content.aud.contains(&scene.issuer);
    // A person's token administers only while that person is an administrator.
    let person_may = live.granted.as_ref().is_none_or(|(_, user)| user.administrator);
    if may && person_may { Ok(live.content.sub.clone()) } else { Err(admin::unauthorized()) }
}

fn refuse(error: &DirectoryError) -> Reply {
    match error {
        DirectoryError::Missing { .. } => admin::missing(&error.to_string()),
        DirectoryError::Taken { .. } | DirectoryError::RaceLost => admin::conflict(&error.to_string()),
        DirectoryError::Refused(_) | DirectoryError::Forbidden(_) => admin::refused(&error.to_string()),
        DirectoryError::Busy { .. } => admin::unavailable(),
        DirectoryError::Key(cause) => {
            tracing::error!(%cause, "a key could not be used");
            reply::fault()
        }
        DirectoryError::Store(cause) => {
            tracing::error!(%cause, "the store could not answer an administrator");
            admin::unavailable()
        }
    }
}

fn realm_name(text: &str) -> Result<RealmName, Reply> {
    RealmName::parse(text).map_err(|_| admin::missing("there is no such realm"))
}

fn client_id(text: &str) -> Result<ClientId, Reply> {
    ClientId::parse(text).map_err(|_| admin::missing("there is no such client"))
}

fn username(text: &str) -> Result<Username, Reply> {
    Username::parse(text).map_err(|_| admin::missing("there is no such user"))
}

/// The value of `name` in a query of ours.
fn asked(query: &str, name: &str) -> Option<String> {
    chancery_spec::params::Params::parse(query.as_bytes()).ok()?.take(name)
}

async fn realms(State(app): Named, request: Request) -> Reply {
    answer(async {
        let call = admit(&app, request).await?;
        let realms = call.steward(&app).realms().await.map_err(|error| refuse(&error))?;
        let list: Vec<_> = realms
            .iter()
            .map(|realm| json!({ "name": realm.name, "issuer": app.house.issuer_of(realm), "enabled": realm.enabled, "profile": realm.profile, "display_name": realm.display_name }))
            .collect();
        Ok(admin::answer(&json!({ "realms": list })))
    })
    .await
}

fn shown(client: &Client) -> Value {
    let mut members = metadata_of(client);
    members.insert("client_id".to_owned(), client.id.as_str().into());
    members.insert("enabled".to_owned(), client.enabled.into());
    members.insert("first_party".to_owned(), client.first_party.into());
    Value::Object(members)
}

async fn clients(State(app): Named, Path(realm): Path<String>, request: Request) -> Reply {
    answer(async {
        let call = admit(&app, request).await?;
        let after = asked(&call.query, "after").map(|name| client_id(&name)).transpose()?;
        let found = app.house.store.client_records(&realm_name(&realm)?, after.as_ref(), PAGE).await;
        let found = found.map_err(|_| admin::unavailable())?;
        Ok(admin::answer(&json!({ "clients": found.iter().map(shown).collect::<Vec<_>>() })))
    })
    .await
}

async fn add_client(State(app): Named, Path(realm): Path<String>, request: Request) -> Reply {
    answer(async {
        let mut call = admit(&app, request).await?;
        let mut take = |name: &str| call.body.remove(name);
        let plan = ClientPlan {
            id: take("client_id").and_then(|value| value.as_str().map(str::to_owned)),
            secret: take("client_secret").and_then(|value| value.as_str().map(Secret::presented)),
            first_party: take("first_party").and_then(|value| value.as_bool()).unwrap_or(false),
            resources: take("resources").and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default(),
            subject: take("subject").and_then(|value| value.as_str().map(str::to_owned)),
            access_token_lifetime: take("access_token_lifetime").and_then(|value| value.as_u64()),
            metadata: std::mem::take(&mut call.body),
        };
        let registered =
            call.steward(&app).add_client(&realm_name(&realm)?, &plan).await.map_err(|error| refuse(&error))?;
        let mut value = shown(&registered.client);
        value["client_secret"] = registered.secret.map(Secret::into_wire).into();
        value["warnings"] = registered.warnings.into();
        Ok(admin::created(&value))
    })
    .await
}

async fn client(State(app): Named, Path((realm, client)): Path<(String, String)>, request: Request) -> Reply {
    answer(async {
        let call = admit(&app, request).await?;
        let found = call.steward(&app).client_record(&realm_name(&realm)?, &client_id(&client)?).await;
        Ok(admin::answer(&shown(&found.map_err(|error| refuse(&error))?)))
    })
    .await
}

async fn change_client(State(app): Named, Path((realm, client)): Path<(String, String)>, request: Request) -> Reply {
    answer(async {
        let mut call = admit(&app, request).await?;
        let (realm, client) = (realm_name(&realm)?, client_id(&client)?);
        let enabled = call.body.remove("enabled").and_then(|value| value.as_bool());
        let changes = std::mem::take(&mut call.body);
        let steward = call.steward(&app);
        if !changes.is_empty() {
            let replan = |mut plan: ClientPlan| {
                for (name, value) in &changes {
                    plan.metadata.insert(name.clone(), value.clone());
                }
                plan
            };
            steward.change_client(&realm, &client, replan).await.map_err(|error| refuse(&error))?;
        }
        if let Some(enabled) = enabled {
            steward.enable_client(&realm, &client, enabled).await.map_err(|error| refuse(&error))?;
        }
        let found = steward.client_record(&realm, &client).await.map_err(|error| refuse(&error))?;
        Ok(admin::answer(&shown(&found)))
    })
    .await
}

async fn remove_client(State(app): Named, Path((realm, client)): Path<(String, String)>, request: Request) -> Reply {
    answer(async {
        let call = admit(&app, request).await?;
        let removed = call.steward(&app).remove_client(&realm_name(&realm)?, &client_id(&client)?).await;
        removed.map(|()| reply::done()).map_err(|error| refuse(&error))
    })
    .await
}

async fn rotate_secret(State(app): Named, Path((realm, client)): Path<(String, String)>, request: Request) -> Reply {
    answer(async {
        let call = admit(&app, request).await?;
        let former_lives = call.body.get("former_lives").and_then(Value::as_u64).unwrap_or(86_400);
        let rotated = call.steward(&app).rotate_secret(&realm_name(&realm)?, &client_id(&client)?, former_lives).await;
        let rotated = rotated.map_err(|error| refuse(&error))?;
        Ok(admin::answer(
            &json!({ "client_id": rotated.client.id, "client_secret": rotated.secret.map(Secret::into_wire) }),
        ))
    })
    .await
}

fn described(user: &User) -> Value {
    json!({ "sub": user.id, "username": user.username, "enabled": user.enabled, "administrator": user.administrator, "claims": user.claims })
}

async fn users(State(app): Named, Path(realm): Path<String>, request: Request) -> Reply {
    answer(async {
        let call = admit(&app, request).await?;
        let after = asked(&call.query, "after").map(|name| username(&name)).transpose()?;
        let found = app.house.store.user_records(&realm_name(&realm)?, after.as_ref(), PAGE).await;
        let found = found.map_err(|_| admin::unavailable())?;
        Ok(admin::answer(&json!({ "users": found.iter().map(described).collect::<Vec<_>>() })))
    })
    .await
}

async fn add_user(State(app): Named, Path(realm): Path<String>, request: Request) -> Reply {
    answer(async {
        let mut call = admit(&app, request).await?;
        let claims = match call.body.remove("claims") {
            Some(Value::Object(claims)) => claims,
            Some(_) | None => Map::new(),
        };
        let plan = UserPlan {
            username: call
                .body
                .remove("username")
                .and_then(|value| value.as_str().map(str::to_owned))
                .unwrap_or_default(),
            administrator: call.body.remove("administrator").and_then(|value| value.as_bool()).unwrap_or(false),
            claims,
        };
        let password = call.body.remove("password").and_then(|value| value.as_str().map(Secret::presented));
        let steward = call.steward(&app);
        let user = steward.add_user(&realm_name(&realm)?, &plan).await.map_err(|error| refuse(&error))?;
        if let Some(password) = password {
            let set = steward.set_password(&user, password, &*app.house.passwords).await;
            set.map_err(|error| refuse(&error))?;
        }
        Ok(admin::created(&described(&user)))
    })
    .await
}

async fn user(State(app): Named, Path((realm, user)): Path<(String, String)>, request: Request) -> Reply {
    answer(async {
        let call = admit(&app, request).await?;
        let found = call.steward(&app).user_record(&realm_name(&realm)?, &username(&user)?).await;
        Ok(admin::answer(&described(&found.map_err(|error| refuse(&error))?)))
    })
    .await
}

async fn change_user(State(app): Named, Path((realm, user)): Path<(String, String)>, request: Request) -> Reply {
    answer(async {
        let call = admit(&app, request).await?;
        let (realm, user) = (realm_name(&realm)?, username(&user)?);
        let Some(enabled) = call.body.get("enabled").and_then(Value::as_bool) else {
            return Err(admin::refused("enabled: true or false is what can be changed here"));
        };
        let steward = call.steward(&app);
        steward.enable_user(&realm, &user, enabled).await.map_err(|error| refuse(&error))?;
        let found = steward.user_record(&realm, &user).await.map_err(|error| refuse(&error))?;
        Ok(admin::answer(&described(&found)))
    })
    .await
}

async fn remove_user(State(app): Named, Path((realm, user)): Path<(String, String)>, request: Request) -> Reply {
    answer(async {
        let call = admit(&app, request).await?;
        let removed = call.steward(&app).remove_user(&realm_name(&realm)?, &username(&user)?).await;
        removed.map(|()| reply::done()).map_err(|error| refuse(&error))
    })
    .await
}

async fn password_link(State(app): Named, Path((realm, user)): Path<(String, String)>, request: Request) -> Reply {
    answer(async {
        let call = admit(&app, request).await?;
        let (realm, user) = (realm_name(&realm)?, username(&user)?);
        let steward = call.steward(&app);
        let record = steward.realm(&realm).await.map_err(|error| refuse(&error))?;
        let link = steward.password_link(&realm, &user).await.map_err(|error| refuse(&error))?;
        let base = app.house.issuer_of(&record);
        let url = format!("{}/password/{}", base.trim_end_matches('/'), link.secret.into_wire());
        Ok(admin::created(&json!({ "url": url, "expires_at": link.expires_at.seconds() })))
    })
    .await
}

fn listed(key: &Key) -> Value {
    let algorithm = match key.purpose {
        KeyPurpose::Sign(algorithm) => algorithm.name(),
        KeyPurpose::Derive => "derive",
    };
    json!({ "kid": key.kid, "algorithm": algorithm, "state": state_name(key.state), "since": key.since.seconds(), "created_at": key.created_at.seconds() })
}

async fn keys(State(app): Named, Path(realm): Path<String>, request: Request) -> Reply {
    answer(async {
        let call = admit(&app, request).await?;
        let keys = call.steward(&app).keys(&realm_name(&realm)?).await.map_err(|error| refuse(&error))?;
        Ok(admin::answer(&json!({ "keys": keys.iter().map(listed).collect::<Vec<_>>() })))
    })
    .await
}

async fn rotate_key(State(app): Named, Path(realm): Path<String>, request: Request) -> Reply {
    answer(async {
        let call = admit(&app, request).await?;
        let realm = realm_name(&realm)?;
        let steward = call.steward(&app);
        let record = steward.realm(&realm).await.map_err(|error| refuse(&error))?;
        let algorithm = match call.body.get("algorithm").and_then(Value::as_str) {
            Some(name) => name.parse::<SignatureAlgorithm>().ok().filter(|algorithm| !algorithm.is_symmetric()),
            None => Some(record.settings.signing_algorithm),
        };
        let algorithm = algorithm.ok_or_else(|| admin::refused("algorithm: this is none that a realm signs with"))?;
        let immediate = call.body.get("immediate").and_then(Value::as_bool).unwrap_or(false);
        let rotation = if immediate { Rotation::Immediate } else { Rotation::Scheduled };
        // RSA keys take a while to find; other requests must not wait for them.
        let key = tokio::task::spawn_blocking(move || SigningKey::generate(algorithm)).await;
        let key = key.map_err(|_| reply::fault())?.map_err(|cause| refuse(&cause.into()))?;
        let key = steward.rotate_key(&realm, &key, rotation).await.map_err(|error| refuse(&error))?;
        Ok(admin::created(&listed(&key)))
    })
    .await
}

async fn audit(State(app): Named, Path(realm): Path<String>, request: Request) -> Reply {
    answer(async {
        let call = admit(&app, request).await?;
        let before = asked(&call.query, "before").and_then(|name| AuditId::parse(&name));
        let events = app.house.store.audit_events(&realm_name(&realm)?, before, PAGE).await;
        Ok(admin::answer(&json!({ "events": events.map_err(|_| admin::unavailable())? })))
    })
    .await
}
