//! `chancery serve`: the server, until it is told to stop.

use std::sync::Arc;

use chancery_store::id::RealmName;
use serde_json::Value;

use super::desk::vault_of;
use super::{Answer, CommandError, Global};
use crate::app::{Administrators, SystemClock, SystemDice};
use crate::config::Need;
use crate::http::listener::Shutdown;
use crate::telemetry;
use crate::wiring::{Backend, Bound, Parts, Running};

pub(super) async fn run(global: &Global) -> Result<Answer, CommandError> {
    let config = global.load(Need::Serve)?;
    telemetry::install_log(&config.log).map_err(|error| CommandError::Failed(error.to_string()))?;
    // `Need::Serve` has the master key checked already.
    let vault = vault_of(&config)?.ok_or_else(|| CommandError::Failed("the master key is missing".to_owned()))?;
    let backend = Backend::open(&config.database).await?;
    let pending = backend.pending_migrations().await?;
    if !pending.is_empty() {
        let message = format!("the database {} lacks migrations; run `chancery migrate`", config.database.url);
        return Err(CommandError::Failed(message));
    }
    let store = backend.store();
    if store.realm_record(&RealmName::default_realm()).await?.is_none() {
        tracing::warn!("there is no default realm yet: `chancery init` or `chancery seed` makes it");
    }
    let public_url = config.public_url.clone();
    let bound = Bound::bind(config).await?;
    let addresses: Vec<String> = bound.addresses().iter().map(ToString::to_string).collect();
    let parts = Parts {
        store,
        vault,
        administrators: Administrators::default(),
        clock: Arc::new(SystemClock),
        dice: Arc::new(SystemDice),
        passwords: None,
    };
    let running = bound.start(parts, None)?;
    tracing::info!(addresses = addresses.join(", "), public_url = public_url.map(|url| url.to_string()), "ready");
    until_told(running).await
}

/// Serves until SIGINT or SIGTERM; finishes what was accepted. A second signal cuts that short.
pub(super) async fn until_told(running: Running) -> Result<Answer, CommandError> {
    let mut signals = Signals::listen()?;
    signals.next().await;
    tracing::info!("stopping: what was accepted is finished");
    let outcome = tokio::select! {
        outcome = running.stop() => outcome,
        () = signals.next() => Shutdown::Cut,
    };
    match outcome {
        Shutdown::Finished => tracing::info!("stopped"),
        Shutdown::Cut => tracing::warn!("stopped; some requests were cut off"),
    }
    Ok(Answer::new(Value::Null, ""))
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> Result<Self, CommandError> {
        use tokio::signal::unix::{SignalKind, signal};
        let failed = |error: std::io::Error| CommandError::Failed(format!("signals cannot be heard: {error}"));
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).map_err(failed)?,
            terminate: signal(SignalKind::terminate()).map_err(failed)?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> Result<Self, CommandError> {
        Ok(Self)
    }

    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
