//! Databases on the PostgreSQL server of the tests: each test has one of its own.
//!
//! The server is named by `CHANCERY_TEST_POSTGRES`; without it the tests that need one fail.

use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::OnceCell;
use tokio_postgres::{Client, NoTls};

static COUNT: AtomicU32 = AtomicU32::new(0);
static SWEPT: OnceCell<()> = OnceCell::const_new();

/// The URL of an empty database that nobody else uses.
pub async fn empty_database() -> String {
    SWEPT.get_or_init(forget_former_runs).await;
    let name = format!("chancery_kit_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let admin = connect().await;
    admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.expect("a database can go");
    admin.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("a database can be made");
    let mut url = url::Url::parse(&server()).expect("CHANCERY_TEST_POSTGRES is a URL");
    url.set_path(&name);
    url.into()
}

#[expect(clippy::disallowed_methods, reason = "the test script tells in this variable where its server is")]
fn server() -> String {
    std::env::var("CHANCERY_TEST_POSTGRES").expect("CHANCERY_TEST_POSTGRES names a PostgreSQL server for the tests")
}

async fn connect() -> Client {
    let (client, connection) = tokio_postgres::connect(&server(), NoTls).await.expect("the test server answers");
    tokio::spawn(connection);
    client
}

/// Drops the databases of processes that are no more.
async fn forget_former_runs() {
    let admin = connect().await;
    let named = "SELECT datname FROM pg_database WHERE datname LIKE 'chancery\\_kit\\_%'";
    for row in admin.query(named, &[]).await.expect("databases can be listed") {
        let name: String = row.get(0);
        let process = name.split('_').nth(2).unwrap_or_default();
        if !std::path::Path::new("/proc").join(process).exists() {
            // Another run may be about the same, and then it is gone all the same.
            let _either = admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
    }
}
