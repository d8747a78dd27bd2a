//! A database of its own for each test, cloned from one that was migrated once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chancery_store_postgres::{PostgresOptions, PostgresStore};
use tokio::sync::OnceCell;
use tokio_postgres::{Client, NoTls};

static TEMPLATE: OnceCell<String> = OnceCell::const_new();
static COUNT: AtomicU32 = AtomicU32::new(0);

/// A database on the test server.
pub(crate) struct Ground {
    pub(crate) name: String,
    pub(crate) url: String,
}

impl Ground {
    /// An empty database.
    pub(crate) async fn bare() -> Self {
        Self::made_from("template0").await
    }

    /// A migrated database.
    pub(crate) async fn migrated() -> Self {
        let template = TEMPLATE
            .get_or_init(|| async {
                forget_former_runs().await;
                let template = Self::bare().await;
                let mut client = template.client().await;
                // No connection may be left when it is cloned: the store's own would linger.
                let store = template.node().await;
                store.migrate().await.expect("the migrations run");
                drop(store);
                let others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
                let end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
                client.batch_execute(end).await.expect("connections can be ended");
                let left: i64 = client.query_one(others, &[]).await.expect("activity can be read").get(0);
                assert_eq!(left, 0);
                client.__private_api_close();
                template.name
            })
            .await;
        Self::made_from(template).await
    }

    async fn made_from(template: &str) -> Self {
        let name = format!("chancery_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let admin = connect(&server()).await;
        admin
            .batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            .await
            .expect("a database can be dropped");
        // The template's last connection may take a moment to be gone: the server itself waits
        // up to five seconds for that.
        admin
            .batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}"))
            .await
            .expect("a database can be made");
        let url = at(&server(), &name);
        Self { name, url }
    }

    /// A node on this database.
    pub(crate) async fn node(&self) -> Arc<PostgresStore> {
        PostgresStore::connect(&self.url, PostgresOptions::default()).await.expect("the server accepts a node")
    }

    /// A connection of our own, past the store.
    pub(crate) async fn client(&self) -> Client {
        connect(&self.url).await
    }

    /// A connection to another database of the same server.
    pub(crate) async fn admin(&self) -> Client {
        connect(&server()).await
    }
}

/// A node on a migrated database of its own.
pub(crate) async fn node() -> Arc<PostgresStore> {
    Ground::migrated().await.node().await
}

#[expect(clippy::disallowed_methods, reason = "the test script tells in this variable where its server is")]
fn server() -> String {
    std::env::var("CHANCERY_TEST_POSTGRES").expect("CHANCERY_TEST_POSTGRES names a PostgreSQL server for the tests")
}

/// The URL of `server` for another of its databases.
fn at(server: &str, database: &str) -> String {
    let (base, query) = server.split_once('?').unwrap_or((server, ""));
    let scheme = base.find("://").expect("the server's URL has a scheme") + 3;
    let authority = base[scheme..].find('/').map_or(base, |slash| &base[..scheme + slash]);
    format!("{authority}/{database}?{query}")
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("the test server answers");
    tokio::spawn(connection);
    client
}

/// Drops the databases of processes that are no more.
async fn forget_former_runs() {
    let admin = connect(&server()).await;
    let named = "SELECT datname FROM pg_database WHERE datname LIKE 'chancery\\_test\\_%'";
    for row in admin.query(named, &[]).await.expect("databases can be listed") {
        let name: String = row.get(0);
        let process = name.split('_').nth(2).unwrap_or_default();
        if !std::path::Path::new("/proc").join(process).exists() {
            // Another run may be about the same.
            let _ = admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
    }
}
