//! From a checked configuration to a running server: the one place where the parts are put together.

use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use chancery_engine::client_keys::ClientKeys;
use chancery_engine::context::{Dice, HashingBusy, House, PasswordHashing, RemoteKeySets};
use chancery_engine::keyring::KeyRing;
use chancery_engine::seen::SeenTokens;
use chancery_jose::Vault;
use chancery_spec::issuer::Issuer;
use chancery_store::directory::Directory;
use chancery_store::id::{ClientId, RealmName};
use chancery_store::secret::Secret;
use chancery_store::{Store, StoreError};
use chancery_store_postgres::{PostgresOptions, PostgresStore};
use chancery_store_sqlite::{SqliteOptions, SqliteStore};
use quick_cache::sync::Cache;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;
use zeroize::Zeroizing;

use crate::app::{Administrators, App, Clock};
use crate::config::{CheckedConfig, Database, DatabaseUrl};
use crate::http::listener::{Listener, Shutdown};
use crate::http::proxy::TrustedProxies;
use crate::http::tls;
use crate::jobs;
use crate::outbound::{Freshness, Outbound};
use crate::pages::{Locale, Pages};
use crate::password_pool::{HashError, PasswordPool};
use crate::routes;
use crate::telemetry;

/// Realms whose keys, and directory records of each kind, that are kept in memory at most.
const KEPT_RECORDS: usize = 10_000;
/// Access tokens whose verification is remembered at most.
const KEPT_TOKENS: usize = 20_000;
/// A signature whose key is unknown asks for a set this young, in seconds.
const FRESH_SECONDS: u64 = 30;

/// Why a server could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum WiringError {
    /// The store.
    #[error("the database: {0}")]
    Store(#[from] StoreError),
    /// An address, or a file.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// A certificate or its key.
    #[error("{0}")]
    Certificate(#[from] tls::CertificateError),
    /// A template or a text of the operator's.
    #[error("{0}")]
    Pages(#[from] crate::pages::PageError),
    /// The threads for passwords.
    #[error("the password pool: {0}")]
    Passwords(#[from] crate::password_pool::StartError),
    /// The CA bundle for outgoing calls.
    #[error("outgoing calls: {0}")]
    Outbound(#[from] crate::outbound::SetupError),
    /// The log or the figures.
    #[error("{0}")]
    Telemetry(#[from] telemetry::TelemetryError),
    /// There is no public URL to be an issuer.
    #[error("public_url is missing: it is what clients know this server by")]
    PublicUrl,
}

/// A database that is open, its schema as it is.
pub enum Backend {
    /// PostgreSQL.
    Postgres(Arc<PostgresStore>),
    /// SQLite.
    Sqlite(Arc<SqliteStore>),
}

impl Backend {
    /// Opens the configured database.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open(database: &Database) -> Result<Self, StoreError> {
        match &database.url {
            DatabaseUrl::Sqlite(path) => Ok(Self::Sqlite(SqliteStore::open(path, SqliteOptions::default())?)),
            DatabaseUrl::Postgres(url) => {
                let options = PostgresOptions {
                    readers: database.shared_connections as usize,
                    transactions: database.transaction_connections as usize,
                    ..PostgresOptions::default()
                };
                Ok(Self::Postgres(PostgresStore::connect(url, options).await?))
            }
        }
    }

    /// The store itself.
    #[must_use]
    pub fn store(&self) -> Arc<dyn Store> {
        match self {
            Self::Postgres(store) => store.clone(),
            Self::Sqlite(store) => store.clone(),
        }
    }

    /// Brings the schema up to date; answers the names of what was applied.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn migrate(&self) -> Result<Vec<String>, StoreError> {
        match self {
            Self::Postgres(store) => store.migrate().await,
            Self::Sqlite(store) => store.migrate(),
        }
    }

    /// The names of what is not applied yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn pending_migrations(&self) -> Result<Vec<String>, StoreError> {
        match self {
            Self::Postgres(store) => store.pending_migrations().await,
            Self::Sqlite(store) => store.pending_migrations(),
        }
    }
}

/// What a server is made of beside its configuration.
pub struct Parts {
    /// Where records are kept.
    pub store: Arc<dyn Store>,
    /// The master keys.
    pub vault: Vault,
    /// Who may administer, beside the holders of access tokens for it.
    pub administrators: Administrators,
    /// The present.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub dice: Arc<dyn Dice>,
    /// Where passwords are hashed, if it is running already; one is started otherwise.
    pub passwords: Option<Arc<PasswordPool>>,
}

/// A server whose sockets are bound.
pub struct Bound {
    config: CheckedConfig,
    main: Listener,
    figures: Option<Listener>,
    administration: Option<Listener>,
    certificates: Option<Arc<tls::Certificates>>,
}

impl Bound {
    /// Binds every configured address.
    ///
    /// # Errors
    /// [`WiringError::Io`], [`WiringError::Certificate`].
    pub async fn bind(config: CheckedConfig) -> Result<Self, WiringError> {
        let (certificates, tls) = match &config.tls {
            Some(tls) => {
                let (certificates, server) = tls::from_config(tls)?;
                (Some(certificates), Some(server))
            }
            None => (None, None),
        };
        let main = Listener::bind(&config.listen, config.limits.clone(), tls).await?;
        let beside = async |address: Option<SocketAddr>| match address {
            Some(address) => Listener::bind(&[address], config.limits.clone(), None).await.map(Some),
            None => Ok(None),
        };
        let figures = beside(config.metrics.listen.filter(|_| config.metrics.enabled)).await?;
        let administration = beside(config.admin.listen.filter(|_| config.admin.enabled)).await?;
        Ok(Self { config, main, figures, administration, certificates })
    }

    /// The addresses that are bound.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        self.main.addresses()
    }

    /// Begins to answer. `public_url` stands in for a configured one.
    ///
    /// # Errors
    /// [`WiringError`].
    pub fn start(self, parts: Parts, public_url: Option<&str>) -> Result<Running, WiringError> {
        let Self { config, main, figures, administration, certificates } = self;
        let app = Arc::new(app(&config, parts, public_url)?);
        let addresses = main.addresses().to_vec();
        let (stop, stopped) = watch::channel(false);
        let figures_here = config.metrics.enabled && figures.is_none();
        let administration_here = config.admin.enabled && administration.is_none();
        let mut doors =
            vec![serve(main, routes::public(app.clone(), figures_here, administration_here), stopped.clone())];
        if let Some(listener) = figures {
            doors.push(serve(listener, routes::private(app.clone(), true, false), stopped.clone()));
        }
        if let Some(listener) = administration {
            doors.push(serve(listener, routes::private(app.clone(), false, true), stopped.clone()));
        }
        let mut tasks = vec![
            tokio::spawn(jobs::sweep(app.clone(), stopped.clone())),
            tokio::spawn(jobs::advance_keys(app.clone(), stopped)),
        ];
        if let Some(certificates) = certificates {
            tasks.push(tokio::spawn(certificates.watch()));
        }
        if let Some(figures) = app.figures.clone() {
            tasks.push(tokio::spawn(figures.keep_up()));
        }
        Ok(Running { app, addresses, stop, doors, tasks })
    }
}

fn serve(listener: Listener, routes: axum::Router, mut stopped: watch::Receiver<bool>) -> JoinHandle<Shutdown> {
    tokio::spawn(listener.serve(routes, async move {
        // A sender that is gone means the same as one that says stop.
        let _gone = stopped.wait_for(|stop| *stop).await;
    }))
}

fn app(config: &CheckedConfig, parts: Parts, public_url: Option<&str>) -> Result<App, WiringError> {
    let public_url = public_url.or(config.public_url.as_ref().map(crate::config::PublicUrl::as_str));
    let public_url = public_url.ok_or(WiringError::PublicUrl)?.trim_end_matches('/');
    let public_url = Issuer::parse(public_url).map_err(|_| WiringError::PublicUrl)?;
    let passwords = match parts.passwords {
        Some(pool) => pool,
        None => Arc::new(PasswordPool::start(&config.passwords)?),
    };
    let outbound = Outbound::new(config.outbound.clone())?;
    let house = House {
        store: Arc::new(Directory::new(parts.store, KEPT_RECORDS)),
        keys: KeyRing::new(parts.vault, KEPT_RECORDS),
        client_keys: Cache::<(RealmName, ClientId, u64), Arc<ClientKeys>>::new(KEPT_RECORDS),
        seen: SeenTokens::new(KEPT_TOKENS),
        public_url,
        remote_keys: Arc::new(FetchedKeySets(outbound)),
        passwords: Arc::new(Hashing(passwords)),
    };
    let figures = if config.metrics.enabled { Some(telemetry::install_metrics()?) } else { None };
    Ok(App {
        house,
        clock: parts.clock,
        dice: parts.dice,
        pages: Pages::new(config.pages.templates.as_deref())?,
        default_locale: Locale::find(&config.default_locale).unwrap_or_default(),
        proxies: TrustedProxies::new(config.trusted_proxies.clone()),
        limits: config.limits.clone(),
        figures,
        administrators: parts.administrators,
        metadata: Cache::new(KEPT_RECORDS),
    })
}

/// A server that answers.
pub struct Running {
    app: Arc<App>,
    addresses: Vec<SocketAddr>,
    stop: watch::Sender<bool>,
    doors: Vec<JoinHandle<Shutdown>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Running {
    /// Where it answers.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// What requests share.
    #[must_use]
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Accepts nothing more, finishes what was accepted, and stops.
    pub async fn stop(self) -> Shutdown {
        self.stop.send_replace(true);
        let mut outcome = Shutdown::Finished;
        for door in self.doors {
            if !matches!(door.await, Ok(Shutdown::Finished)) {
                outcome = Shutdown::Cut;
            }
        }
        for task in self.tasks {
            task.abort();
        }
        outcome
    }
}

/// The password pool as decisions see it.
pub struct Hashing(pub Arc<PasswordPool>);

fn busy(busy: crate::password_pool::Busy) -> HashingBusy {
    HashingBusy { retry_after: busy.retry_after.as_secs().max(1) }
}

#[async_trait]
impl PasswordHashing for Hashing {
    async fn verify(&self, password: Secret, hash: Option<String>) -> Result<bool, HashingBusy> {
        let password = Zeroizing::new(password.expose().to_owned());
        match hash {
            Some(hash) => self.0.verify(password, &hash).await.map_err(busy),
            None => self.0.verify_against_nothing(password).await.map(|()| false).map_err(busy),
        }
    }

    async fn hash(&self, password: Secret) -> Result<String, HashingBusy> {
        let password = Zeroizing::new(password.expose().to_owned());
        self.0.hash(password).await.map_err(|error| match error {
            HashError::Busy(reason) => busy(reason),
            // Callers check the length and say so; here it only must not be hashed.
            HashError::TooLong => HashingBusy { retry_after: 1 },
        })
    }

    fn is_outdated(&self, hash: &str) -> bool {
        self.0.needs_rehash(hash)
    }
}

/// Key sets through the one door for outgoing calls.
struct FetchedKeySets(Outbound);

#[async_trait]
impl RemoteKeySets for FetchedKeySets {
    async fn fetch(&self, uri: &str, fresh: bool) -> Result<Arc<serde_json::Value>, String> {
        let url = Url::parse(uri).map_err(|_| "it is not a URL".to_owned())?;
        let freshness =
            if fresh { Freshness::Within(std::time::Duration::from_secs(FRESH_SECONDS)) } else { Freshness::Usual };
        self.0.fetch_json(&url, freshness).await.map_err(|error| error.to_string())
    }
}
