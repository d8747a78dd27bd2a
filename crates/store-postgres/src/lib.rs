//! The store contract on PostgreSQL 14 and later, for several nodes that share one database.
//!
//! Single-statement reads and writes share a few connections each ([`lanes`]); changes of several
//! statements take one from a pool for themselves ([`commit`]); one connection listens for what
//! other nodes change ([`feed`]). No node keeps anything that another would need.

mod commit;
mod connection;
mod fault;
mod feed;
mod lanes;
mod migrate;
mod reads;
mod rows;
mod statement;
mod sweep;
mod tls;

use std::sync::Arc;
use std::time::Duration;

use chancery_store::StoreError;
use chancery_store::store::Change;
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime};
use tokio::sync::broadcast;
use tokio::task::AbortHandle;

pub use connection::PostgresOptions;
pub use statement::{Statement, statements};

use connection::{Address, ForTransactions};
use feed::Listener;
use lanes::Lanes;

/// The oldest server whose SQL we write: `server_version_num` of PostgreSQL 14.
const OLDEST_SERVER: i32 = 140_000;

/// Changes that a slow listener may fall behind before it is told that it missed some.
const FEED_LENGTH: usize = 1024;

/// A store on PostgreSQL.
pub struct PostgresStore {
    address: Arc<Address>,
    readers: Lanes,
    writers: Lanes,
    pool: Pool,
    patience: Duration,
    feed: broadcast::Sender<Change>,
    listening: AbortHandle,
}

impl PostgresStore {
    /// Connects to the database at `url`, a `postgres://` URL with `sslmode` `disable`, `prefer`,
    /// `require` or `verify-full` and perhaps `sslrootcert`. The schema is left as it is.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a URL that we cannot follow or a server older than 14;
    /// [`StoreError::Unavailable`] where there is no server, or it does not let us in.
    pub async fn connect(url: &str, options: PostgresOptions) -> Result<Arc<Self>, StoreError> {
        let address = Arc::new(Address::parse(url, &options)?);
        let client = address.open_ready().await?;
        let told = |cause: tokio_postgres::Error| fault::told("server_version", &cause);
        let version: i32 = client
            .query_one("SELECT current_setting('server_version_num')::int", &[])
            .await
            .and_then(|row| row.try_get(0))
            .map_err(told)?;
        if version < OLDEST_SERVER {
            return Err(StoreError::Refused(format!("PostgreSQL 14 or later is needed, not {}", version / 10_000)));
        }
        // The server gives a statement up first; our patience is for a server that is gone.
        let patience = options.statement_timeout + Duration::from_secs(2);
        let (feed, _) = broadcast::channel(FEED_LENGTH);
        let listener = Listener::open(&address).await?;
        let listening = tokio::spawn(feed::run(address.clone(), listener, feed.clone())).abort_handle();
        Ok(Arc::new(Self {
            readers: Lanes::new(&address, options.readers, patience),
            writers: Lanes::new(&address, options.writers, patience),
            pool: pool(&address, &options)?,
            address,
            patience,
            feed,
            listening,
        }))
    }

    /// Brings the schema up to date, forward only; answers the names of the migrations that were
    /// made. Safe where several nodes do it at once.
    ///
    /// # Errors
    /// [`StoreError`] where a migration fails, or the database holds another migration under the
    /// same number; what was migrated before it stays.
    pub async fn migrate(&self) -> Result<Vec<String>, StoreError> {
        migrate::migrate(&mut self.address.open_ready().await?).await
    }

    /// The migrations that this release brings and the database lacks, in order.
    ///
    /// # Errors
    /// [`StoreError`] where the database does not answer.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, StoreError> {
        migrate::pending(&self.address.open_ready().await?).await
    }

    /// A connection for a change of several statements.
    async fn connection(&self) -> Result<Object, StoreError> {
        self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(cause) => fault::unconnected(&cause),
            PoolError::Timeout(_)
            | PoolError::Closed
            | PoolError::NoRuntimeSpecified
            | PoolError::PostCreateHook(_) => StoreError::Unavailable("no connection was free in time".to_owned()),
        })
    }
}

impl Drop for PostgresStore {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

fn pool(address: &Arc<Address>, options: &PostgresOptions) -> Result<Pool, StoreError> {
    let manager = Manager::from_connect(
        address.config.clone(),
        ForTransactions(address.clone()),
        ManagerConfig { recycling_method: RecyclingMethod::Fast },
    );
    Pool::builder(manager)
        .max_size(options.transactions.max(1))
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(options.connect_timeout))
        .create_timeout(Some(options.connect_timeout))
        .build()
        .map_err(|_| StoreError::Refused("the pool of connections cannot be built".to_owned()))
}
