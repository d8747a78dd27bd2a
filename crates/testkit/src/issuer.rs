//! A whole server inside the test's process.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use chancery_engine::directory::Steward;
use chancery_engine::directory::client_plan::ClientPlan;
use chancery_engine::directory::rotation::Rotation;
use chancery_jose::{MasterKey, SignatureAlgorithm, SigningKey, Vault};
use chancery_server::app::{Administrators, SystemDice};
use chancery_server::config::{CheckedConfig, Config, Database, Need, Sources};
use chancery_server::password_pool::PasswordPool;
use chancery_server::seed::{KeyMaking, WrittenSeed, apply};
use chancery_server::wiring::{Backend, Bound, Hashing, Parts, Running};
use chancery_store::id::{ClientId, RealmName, Username};
use chancery_store::secret::Secret;
use chancery_store::{Moment, Store};

use serde_json::Value;

use crate::clock::TestClock;

/// The token that the administration interface of every test server accepts.
pub const ADMIN_TOKEN: &str = "administrator-token-of-the-tests-0123456789";
/// What [`Issuer::start`] begins with.
pub const WORLD: &str = include_str!("world.toml");

/// A server of its own, with a store of its own.
pub struct Issuer {
    /// Where it answers. Of a single server this is the default realm's identifier too.
    pub url: String,
    /// The default realm's identifier; nodes on one database share it.
    pub identifier: String,
    /// The present, as the server sees it.
    pub clock: Arc<TestClock>,
    /// Its store.
    pub store: Arc<dyn Store>,
    master_key: [u8; 32],
    passwords: Arc<PasswordPool>,
    database: Database,
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
        let ground = Ground { store: backend.store(), clock, master_key: [7; 32], passwords, folder };
        Self::serve(config, ground, Some(seed), None).await
    }

    /// A second node on the same database, under the same clock and the same name. It shares
    /// nothing else: it has a store, caches and a socket of its own.
    pub async fn second_node(&self) -> Self {
        let backend = Backend::open(&self.database).await.expect("the database opens");
        let ground = Ground {
            store: backend.store(),
            clock: self.clock.clone(),
            master_key: self.master_key,
            passwords: self.passwords.clone(),
            folder: None,
        };
        let config = CheckedConfig { database: self.database.clone(), ..config("sqlite:unused", "") };
        Self::serve(config, ground, None, Some(&self.identifier)).await
    }

    async fn serve(config: CheckedConfig, ground: Ground, seed: Option<&str>, identifier: Option<&str>) -> Self {
        let Ground { store, clock, master_key, passwords, folder } = ground;
        let database = config.database.clone();
        let vault = || Vault::new(MasterKey::from_bytes(&master_key).expect("a master key"));
        if let Some(seed) = seed {
            let written =
                WrittenSeed::parse(Path::new("world.toml"), seed).unwrap_or_else(|complaints| panic!("{complaints}"));
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
        let identifier = identifier.unwrap_or(&url).to_owned();
        let parts = Parts {
            store: store.clone(),
            vault: vault(),
            administrators: Administrators::new(vec![Secret::presented(ADMIN_TOKEN).digest()]),
            clock: clock.clone(),
            dice: Arc::new(SystemDice),
            passwords: Some(passwords.clone()),
        };
        let running = bound.start(parts, Some(&identifier)).unwrap_or_else(|error| panic!("{error}"));
        Self { url, identifier, clock, store, master_key, passwords, database, running, folder }
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
        let steward =
            Steward { store: &**store, vault: &vault, now: self.now(), dice: &SystemDice, actor: "test".to_owned() };
        work(&steward).await
    }

    /// Registers a client of the default realm: its metadata by the names of RFC 7591, with
    /// `client_id`, `client_secret`, `first_party` and `resources` beside them, as in a seed.
    pub async fn register(&self, mut metadata: Value) {
        let members = metadata.as_object_mut().expect("an object");
        let mut take = |name: &str| members.remove(name).unwrap_or_default();
        let resources = take("resources");
        let plan = ClientPlan {
            id: take("client_id").as_str().map(str::to_owned),
            secret: take("client_secret").as_str().map(Secret::presented),
            first_party: take("first_party").as_bool().unwrap_or_default(),
            resources: resources
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|one| one.as_str())
                .map(str::to_owned)
                .collect(),
            metadata: members.clone(),
            ..ClientPlan::default()
        };
        let added = self.as_steward(async |steward| steward.add_client(&self.realm(), &plan).await).await;
        added.unwrap_or_else(|error| panic!("{error}"));
    }

    /// Has a client of the default realm served, or not at all.
    pub async fn enable_client(&self, id: &str, enabled: bool) {
        let id = ClientId::parse(id).expect("a client's name");
        let outcome = self.as_steward(async |steward| steward.enable_client(&self.realm(), &id, enabled).await).await;
        outcome.unwrap_or_else(|error| panic!("{error}"));
    }

    /// Lets a user of the default realm in, or shuts them out.
    pub async fn enable_user(&self, username: &str, enabled: bool) {
        let name = Username::parse(username).expect("a username");
        let outcome = self.as_steward(async |steward| steward.enable_user(&self.realm(), &name, enabled).await).await;
        outcome.unwrap_or_else(|error| panic!("{error}"));
    }

    /// Has a new key sign by `algorithm` in the default realm; its `kid`.
    pub async fn rotate_key(&self, algorithm: SignatureAlgorithm, rotation: Rotation) -> String {
        let key = SigningKey::generate(algorithm).expect("a key");
        let record = self.as_steward(async |steward| steward.rotate_key(&self.realm(), &key, rotation).await).await;
        record.unwrap_or_else(|error| panic!("{error}")).kid
    }

    /// Stops the server and starts another on the same database.
    pub async fn restart(mut self) -> Self {
        let folder = self.folder.take();
        self.running.stop().await;
        let ground = Ground {
            store: self.store,
            clock: self.clock,
            master_key: self.master_key,
            passwords: self.passwords,
            folder,
        };
        Self::serve(config("sqlite:unused", ""), ground, None, Some(&self.identifier)).await
    }

    /// Stops the server, when what it accepted is finished.
    pub async fn stop(self) {
        self.running.stop().await;
    }
}

/// What a server stands on.
struct Ground {
    store: Arc<dyn Store>,
    clock: Arc<TestClock>,
    master_key: [u8; 32],
    passwords: Arc<PasswordPool>,
    folder: Option<tempfile::TempDir>,
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
