//! A whole server inside the test's process.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use chancery_engine::directory::Steward;
use chancery_jose::{MasterKey, SignatureAlgorithm, SigningKey, Vault};
use chancery_server::app::{Administrators, SystemDice};
use chancery_server::config::{CheckedConfig, Config, Database, Need, Sources};
use chancery_server::password_pool::PasswordPool;
use chancery_server::seed::{KeyMaking, WrittenSeed, apply};
use chancery_server::wiring::{Backend, Bound, Hashing, Parts, Running};
use chancery_store::id::RealmName;
use chancery_store::secret::Secret;
use chancery_store::{Moment, Store};

use crate::clock::TestClock;

/// The token that the administration interface of every test server accepts.
pub const ADMIN_TOKEN: &str = "administrator-token-of-the-tests-0123456789";
/// What [`Issuer::start`] begins with.
pub const WORLD: &str = include_str!("world.toml");

/// A server of its own, with a store of its own.
pub struct Issuer {
    /// Its default realm's identifier.
    pub url: String,
    /// The present, as the server sees it.
    pub clock: Arc<TestClock>,
    /// Its store.
    pub store: Arc<dyn Store>,
    master_key: [u8; 32],
    passwords: Arc<PasswordPool>,
    running: Running,
    folder: Option<tempfile::TempDir>,
}

impl Issuer {
    /// A server on a fresh SQLite database, in the world of `world.toml`.
    pub async fn start() -> Self {
        Self::start_in(WORLD, "").await
    }

    /// A server on a fresh SQLite database, in the world that `seed` declares, with `settings` of
    /// its own (TOML).
    pub async fn start_in(seed: &str, settings: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the database");
        let url = format!("sqlite:{}", folder.path().join("chancery.db").display());
        Self::start_on(&url, seed, settings, Some(folder)).await
    }

    /// A server on the database at `database`, migrated and seeded if need be.
    pub async fn start_on(database: &str, seed: &str, settings: &str, folder: Option<tempfile::TempDir>) -> Self {
        let config = config(database, settings);
        let backend = Backend::open(&config.database).await.expect("the database opens");
        backend.migrate().await.expect("the database migrates");
        let clock = Arc::new(TestClock::default());
        let passwords = Arc::new(PasswordPool::start(&config.passwords).expect("threads for passwords"));
        Self::serve(config, backend.store(), clock, [7; 32], passwords, Some(seed), folder).await
    }

    /// A second node on the same database, under the same clock.
    pub async fn second_node(&self, database: &Database) -> Self {
        let backend = Backend::open(database).await.expect("the database opens");
        let config = config("sqlite:unused", "");
        Self::serve(config, backend.store(), self.clock.clone(), self.master_key, self.passwords.clone(), None, None).await
    }

    async fn serve(
        config: CheckedConfig,
        store: Arc<dyn Store>,
        clock: Arc<TestClock>,
        master_key: [u8; 32],
        passwords: Arc<PasswordPool>,
        seed: Option<&str>,
        folder: Option<tempfile::TempDir>,
    ) -> Self {
        let vault = || Vault::new(MasterKey::from_bytes(&master_key).expect("a master key"));
        if let Some(seed) = seed {
            let written = WrittenSeed::parse(Path::new("world.toml"), seed).unwrap_or_else(|complaints| panic!("{complaints}"));
            let sealing = vault();
            let steward = Steward {
                store: &*store,
                vault: &sealing,
                now: chancery_server::app::Clock::now(&*clock),
                dice: &SystemDice,
                actor: "test".to_owned(),
            };
            let hashing = Hashing(passwords.clone());
            apply(&steward, &hashing, &written, KeyMaking::Quick).await.unwrap_or_else(|error| panic!("{error}"));
            for realm in steward.realms().await.expect("realms") {
                steward.furnish_realm(&realm, std::slice::from_ref(rsa_key())).await.expect("an RSA key");
            }
        }
        let bound = Bound::bind(config).await.expect("a free port");
        let port = bound.addresses().first().expect("an address").port();
        let url = format!("http://127.0.0.1:{port}");
        let parts = Parts {
            store: store.clone(),
            vault: vault(),
            administrators: Administrators::new(vec![Secret::presented(ADMIN_TOKEN).digest()]),
            clock: clock.clone(),
            dice: Arc::new(SystemDice),
            passwords: Some(passwords.clone()),
        };
        let running = bound.start(parts, Some(&url)).unwrap_or_else(|error| panic!("{error}"));
        Self { url, clock, store, master_key, passwords, running, folder }
    }

    /// The URL of `path` in the default realm.
    #[must_use]
    pub fn url_of(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// The default realm's name.
    #[must_use]
    pub fn realm(&self) -> RealmName {
        RealmName::default_realm()
    }

    /// The present, as the server sees it.
    #[must_use]
    pub fn now(&self) -> Moment {
        chancery_server::app::Clock::now(&*self.clock)
    }

    /// Does something to the directory, as the command line would.
    pub async fn as_steward<T>(&self, work: impl AsyncFnOnce(&Steward<'_>) -> T) -> T {
        let vault = Vault::new(MasterKey::from_bytes(&self.master_key).expect("a master key"));
        // Through the server's own directory, so that it hears of the change at once.
        let store = &self.running.app().house.store;
        let steward = Steward { store: &**store, vault: &vault, now: self.now(), dice: &SystemDice, actor: "test".to_owned() };
        work(&steward).await
    }

    /// Stops the server and starts another on the same database.
    pub async fn restart(mut self) -> Self {
        let folder = self.folder.take();
        self.running.stop().await;
        let config = config("sqlite:unused", "");
        Self::serve(config, self.store, self.clock, self.master_key, self.passwords, None, folder).await
    }

    /// Stops the server, when what it accepted is finished.
    pub async fn stop(self) {
        self.running.stop().await;
    }
}

/// A database's place, as a configuration has it.
#[must_use]
pub fn database(url: &str) -> Database {
    config(url, "").database
}

fn config(database: &str, settings: &str) -> CheckedConfig {
    let text = format!(
        "listen = [\"127.0.0.1:0\"]\npublic_url = \"http://127.0.0.1:1\"\n{settings}\n\
         [database]\nurl = \"{database}\"\n[passwords]\nmemory_kib = 8192\niterations = 1\nthreads = 2\n[admin]\nenabled = true\n[metrics]\nenabled = true\n"
    );
    let sources = Sources::default().with_text("test.toml", text).needed_to(Need::Command);
    Config::load(&sources).unwrap_or_else(|complaints| panic!("{complaints}"))
}

/// One RSA key for all test servers: finding one takes a while.
fn rsa_key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::generate(SignatureAlgorithm::Rs256).expect("an RSA key"))
}
