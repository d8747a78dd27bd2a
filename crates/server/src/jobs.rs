//! What is done now and then, beside requests.

use std::sync::Arc;
use std::time::Duration;

use chancery_engine::directory::Steward;
use chancery_store::id::RealmName;
use tokio::sync::watch;

use crate::app::App;

/// Between two looks for what is over.
const SWEEP_EVERY: Duration = Duration::from_secs(30);
/// Records of each kind that one sweep removes at most: no sweep takes long.
const SWEPT_AT_ONCE: u32 = 1000;
/// Between two looks for keys whose time has come.
const KEYS_EVERY: Duration = Duration::from_secs(60);
/// Realms read at once.
const PAGE: u32 = 200;

/// Removes what is over, until `stopped`.
pub async fn sweep(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    loop {
        if pause(&mut stopped, SWEEP_EVERY).await {
            return;
        }
        loop {
            match app.house.store.sweep(app.clock.now(), SWEPT_AT_ONCE).await {
                Ok(removed) if removed >= u64::from(SWEPT_AT_ONCE) => tokio::task::yield_now().await,
                Ok(_) => break,
                Err(cause) => {
                    tracing::warn!(%cause, "what is over could not be removed; it is tried again");
                    break;
                }
            }
        }
    }
}

/// Takes keys the step that their time has come for, until `stopped`.
pub async fn advance_keys(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    loop {
        if pause(&mut stopped, KEYS_EVERY).await {
            return;
        }
        let mut after: Option<RealmName> = None;
        loop {
            let realms = match app.house.store.realm_records(after.as_ref(), PAGE).await {
                Ok(realms) => realms,
                Err(cause) => {
                    tracing::warn!(%cause, "keys could not be looked after; it is tried again");
                    break;
                }
            };
            let Some(last) = realms.last() else { break };
            after = Some(last.name.clone());
            for realm in &realms {
                advance(&app, &realm.name).await;
            }
        }
    }
}

async fn advance(app: &App, realm: &RealmName) {
    let steward = Steward {
        store: &*app.house.store,
        vault: app.house.keys.vault(),
        now: app.clock.now(),
        dice: &*app.dice,
        actor: "schedule".to_owned(),
    };
    match steward.advance_keys(realm).await {
        Ok(moved) => {
            for key in moved {
                tracing::info!(%realm, kid = key.kid, state = ?key.state, "a key took its next step");
            }
        }
        Err(cause) => tracing::warn!(%realm, %cause, "keys could not be looked after; it is tried again"),
    }
}

/// Waits; answers whether it is time to stop.
async fn pause(stopped: &mut watch::Receiver<bool>, time: Duration) -> bool {
    tokio::time::timeout(time, stopped.wait_for(|stop| *stop)).await.is_ok()
}
