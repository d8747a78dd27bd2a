//! The embedded backend of the store contract: one SQLite file, or several processes on it.
//!
//! Reads are answered on the caller's thread; all changes go through one writer, which groups
//! what is waiting into one durable transaction.
//!
//! Leaves out: networked file systems (their locks are not to be trusted); several nodes are
//! PostgreSQL's work.

mod commit;
mod connection;
mod fault;
mod migrate;
mod reads;
mod rows;
mod statement;
mod sweep;
mod writer;

pub use connection::{Durability, SqliteOptions};
pub use statement::{Statement, statements};

use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use chancery_store::StoreError;
use chancery_store::error::StoreResult;
use chancery_store::store::Change;
use tokio::sync::{Semaphore, broadcast, oneshot};

use crate::connection::Readers;
use crate::fault::Found;
use crate::writer::{Answer, Order, Queued, Writer};

/// Changes that a slow listener may fall behind before it is told that it missed some.
const ANNOUNCED_CHANGES: usize = 1024;

/// A store in one SQLite file. The last of its owners, when dropped, waits until everything that
/// was accepted is durable.
pub struct SqliteStore {
    path: PathBuf,
    options: SqliteOptions,
    readers: Readers,
    places: Arc<Semaphore>,
    queue: Option<mpsc::Sender<Queued>>,
    writer: Option<JoinHandle<()>>,
    announced: Arc<broadcast::Sender<Change>>,
    // Last, so that the file goes when nobody uses it any more.
    _thrown_away: Option<tempfile::TempDir>,
}

impl SqliteStore {
    /// Opens the database at `path`, and makes it where there is none. Its schema is left as it
    /// is: see [`SqliteStore::migrate`].
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where the file cannot be opened, read and written.
    pub fn open(path: &Path, options: SqliteOptions) -> StoreResult<Arc<Self>> {
        Self::begin(path, options, None)
    }

    /// A migrated database of its own that is gone with the store. It lives in a file of the
    /// system's temporary folder, because a database in memory would lock differently.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where there is no room for it.
    pub fn in_memory() -> StoreResult<Arc<Self>> {
        let folder = tempfile::Builder::new()
            .prefix("chancery-")
            .tempdir()
            .map_err(|error| StoreError::Unavailable(format!("no temporary folder: {error}")))?;
        let path = folder.path().join("chancery.sqlite");
        let options = SqliteOptions { durability: Durability::Process, ..SqliteOptions::default() };
        migrate::migrate(&path, &options)?;
        Self::begin(&path, options, Some(folder))
    }

    fn begin(path: &Path, options: SqliteOptions, thrown_away: Option<tempfile::TempDir>) -> StoreResult<Arc<Self>> {
        let connection = connection::open_writer(path, &options)?;
        let (queue, waiting) = mpsc::channel();
        let announced = Arc::new(broadcast::Sender::new(ANNOUNCED_CHANGES));
        let writer = Writer::new(connection, waiting, Arc::clone(&announced))?;
        let writer = std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || writer.serve())
            .map_err(|error| StoreError::Unavailable(format!("no thread for the writer: {error}")))?;
        Ok(Arc::new(Self {
            path: path.to_owned(),
            readers: Readers::new(path, &options),
            places: Arc::new(Semaphore::new(options.waiting_writes)),
            options,
            queue: Some(queue),
            writer: Some(writer),
            announced,
            _thrown_away: thrown_away,
        }))
    }

    /// Brings the database to this release's schema; answers the names of the migrations that
    /// were run, none where there was nothing to do. Blocks, also while another process migrates
    /// the same file.
    ///
    /// # Errors
    /// [`StoreError::Refused`] where the database was migrated by a later release, or a migration
    /// fails: then none of them was run.
    pub fn migrate(&self) -> StoreResult<Vec<String>> {
        Ok(migrate::migrate(&self.path, &self.options)?)
    }

    /// The names of the migrations that the database lacks.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where the database cannot be read.
    pub fn pending_migrations(&self) -> StoreResult<Vec<String>> {
        self.read(migrate::pending)
    }

    fn read<T>(&self, question: impl FnOnce(&rusqlite::Connection) -> Found<T>) -> StoreResult<T> {
        self.readers.lend(question).map_err(StoreError::from)
    }

    async fn order<T>(&self, order: impl FnOnce(Answer<T>) -> Order) -> StoreResult<T> {
        let gone = || StoreError::Unavailable("the writer is gone".to_owned());
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| gone())?;
        let (answer, answered) = oneshot::channel();
        let queue = self.queue.as_ref().ok_or_else(gone)?;
        queue.send(Queued { order: order(answer), place }).map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        // Without readers, the writer's checkpoint can fold in the whole log.
        self.readers.close();
        drop(self.queue.take());
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the writer ended in a panic");
        }
    }
}
