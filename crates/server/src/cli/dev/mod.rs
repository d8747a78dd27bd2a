//! `chancery dev`: a whole server with demo users and clients, in an instant and for as long as it runs.

mod credentials;
mod screen;

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use chancery_engine::context::PasswordHashing;
use chancery_jose::{MasterKey, Vault};
use chancery_store::Store;
use chancery_store::id::RealmName;
use chancery_store::secret::Secret;
use chancery_store_sqlite::SqliteStore;
use clap::Args;

use self::credentials::Credentials;
use super::desk::{read_text, steward};
use super::{Answer, CommandError, Global, serve};
use crate::app::{Administrators, SystemClock, SystemDice};
use crate::config::{CheckedConfig, Config, Need, Sources};
use crate::password_pool::PasswordPool;
use crate::seed::{KeyMaking, WrittenSeed, apply, furnish, rehearse};
use crate::telemetry;
use crate::wiring::{Backend, Bound, Hashing, Parts, WiringError};

const AFTER_HELP: &str = "\
Everything is forgotten when it stops, unless --database names a database; that one is for development
too: what is secret in it is sealed with a key that everybody knows. It never reads a configuration file.

With --json, exactly one line is printed when the server is ready:
  {\"issuer\", \"clients\": [{\"client_id\", \"client_secret\", \"redirect_uris\", \"grant_types\", \"scope\"}],
   \"users\": [{\"username\", \"password\"}], \"admin\": {\"url\", \"token\"}}

Examples:
  chancery dev
  chancery dev --port 0 --json
  chancery dev --seed realms.toml --database postgres://localhost/chancery_dev";

/// For trying things out and for tests, never for the world
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Dev {
    /// The port on the loopback interface; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    port: u16,
    /// What to begin with, instead of the demo
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// A database to keep; without one, everything is gone at the end
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// The profile of the default realm
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// What the log tells: error, warn, info, debug, trace
    #[arg(long, value_name = "LEVEL", default_value = "warn")]
    log: String,
}

/// Ports that were free a moment ago and are tried, where any will do.
const PORTS_TRIED: usize = 16;

impl Dev {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, CommandError> {
        let mut written = match &self.seed {
            Some(path) => WrittenSeed::parse(path, &read_text(path)?)?,
            None => WrittenSeed::demo()?,
        };
        if let Some(profile) = &self.profile {
            for realm in written.seed.realms.iter_mut().filter(|realm| realm.name == "default") {
                realm.profile = Some(profile.clone());
            }
        }
        let config = self.config(global)?;
        telemetry::install_log(&config.log).map_err(|error| CommandError::Failed(error.to_string()))?;
        let pool = PasswordPool::start(&config.passwords)
            .map_err(|error| CommandError::Failed(format!("the password pool: {error}")))?;
        let pool = Arc::new(pool);
        let (store, master_key) = self.store(&config).await?;
        let bound = self.bound(config).await?;
        let port = bound.addresses().first().map_or(self.port, SocketAddr::port);
        let public_url = format!("http://localhost:{port}");

        let credentials = Credentials::choose(&mut written.seed)?;
        let vault = Vault::new(MasterKey::from_bytes(&master_key)?);
        plant(&store, &vault, &Hashing(pool.clone()), &written, self.seed.is_some()).await?;
        let token = Secret::from_chance(chance()?);
        let parts = Parts {
            store: store.clone(),
            vault: Vault::new(MasterKey::from_bytes(&master_key)?),
            administrators: Administrators::new(vec![token.digest()]),
            clock: Arc::new(SystemClock),
            dice: Arc::new(SystemDice),
            passwords: Some(pool),
        };
        let running = bound.start(parts, Some(&public_url))?;
        let dice = SystemDice;
        let told = credentials.tell(&steward(&*store, &vault, &dice), &public_url, token).await?;
        screen::print(&told, global.json, self.database.as_deref())?;
        tokio::spawn(make_slow_keys(store, vault));
        serve::until_told(running).await
    }

    fn config(&self, global: &Global) -> Result<CheckedConfig, CommandError> {
        let mut sources = Sources::default().needed_to(Need::Command).with_flag("log.level", self.log.as_str());
        if let Some(database) = &self.database {
            sources = sources.with_flag("database.url", database.as_str());
        }
        for (key, value) in &global.set {
            sources = sources.with_flag(key.as_str(), value.as_str());
        }
        Ok(Config::load(&sources)?)
    }

    /// The database, up to date, and the key that seals in it.
    async fn store(&self, config: &CheckedConfig) -> Result<(Arc<dyn Store>, [u8; 32]), CommandError> {
        if self.database.is_none() {
            return Ok((SqliteStore::in_memory()?, chance()?));
        }
        let backend = Backend::open(&config.database).await?;
        backend.migrate().await?;
        // A key of its own would be lost with the process and the realm's keys with it; one that
        // everybody knows keeps a database for development from being served as a real one.
        Ok((backend.store(), chancery_jose::sha256(b"chancery: the master key of development databases")))
    }

    /// Both loopback addresses where the machine has both, under one port.
    async fn bound(&self, config: CheckedConfig) -> Result<Bound, CommandError> {
        let mut refused = None;
        for _ in 0..if self.port == 0 { PORTS_TRIED } else { 1 } {
            let addresses = loopback(self.port).map_err(WiringError::from)?;
            match Bound::bind(CheckedConfig { listen: addresses, ..config.clone() }).await {
                Ok(bound) => return Ok(bound),
                Err(error) => refused = Some(error),
            }
        }
        let why = refused.map_or_else(String::new, |error| error.to_string());
        Err(CommandError::Failed(format!("port {} cannot be had ({why}); `--port 0` takes a free one", self.port)))
    }
}

/// 127.0.0.1 and, where it can be had, `[::1]`: `localhost` means one to some programs and the other to others.
fn loopback(port: u16) -> std::io::Result<Vec<SocketAddr>> {
    let first = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?.local_addr()?;
    let second = SocketAddr::from((Ipv6Addr::LOCALHOST, first.port()));
    Ok(if TcpListener::bind(second).is_ok() { vec![first, second] } else { vec![first] })
}

fn chance() -> Result<[u8; 32], CommandError> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| CommandError::Failed("no randomness".to_owned()))?;
    Ok(bytes)
}

/// Applies the seed; somebody's own is rehearsed first, so that every complaint comes at once.
async fn plant(
    store: &Arc<dyn Store>,
    vault: &Vault,
    hashing: &dyn PasswordHashing,
    written: &WrittenSeed,
    is_foreign: bool,
) -> Result<(), CommandError> {
    let dice = SystemDice;
    let steward = steward(&**store, vault, &dice);
    if is_foreign {
        rehearse(&steward, store.clone(), hashing, written).await?;
    }
    let report = apply(&steward, hashing, written, KeyMaking::Quick).await?;
    if steward.store.realm_record(&RealmName::default_realm()).await?.is_none() {
        return Err(CommandError::Failed(
            "the seed declares no realm called `default`, which is the one at /".to_owned(),
        ));
    }
    for warning in report.warnings {
        tracing::warn!("{warning}");
    }
    Ok(())
}

/// RSA keys, after everybody can work already.
async fn make_slow_keys(store: Arc<dyn Store>, vault: Vault) {
    let dice = SystemDice;
    let steward = steward(&*store, &vault, &dice);
    let outcome = async {
        for realm in steward.realms().await? {
            furnish(&steward, &realm, KeyMaking::All).await?;
        }
        Ok::<(), chancery_engine::directory::DirectoryError>(())
    };
    if let Err(cause) = outcome.await {
        tracing::warn!(%cause, "an RSA key could not be made");
    }
}
