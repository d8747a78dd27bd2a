//! The real binary, as an operator sets it up: `init`, `seed`, `serve` — and killed.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio_postgres::NoTls;

/// Who is in the world: an application that everybody agreed to, and a person.
const SEED: &str = r#"
[[realms]]
name = "default"

[realms.settings.lifetimes]
refresh_retry_window = 600

[realms.settings.passwords]
minimum_length = 8

[[realms.clients]]
client_id = "application"
client_secret = "application-secret-0123456789-0123456789"
token_endpoint_auth_method = "client_secret_post"
first_party = true
redirect_uris = ["https://application.example.test/callback"]
grant_types = ["authorization_code", "refresh_token"]
scope = "openid offline_access"

[[realms.users]]
username = "alice"
password = "alice-password"
"#;

/// A folder with a configuration, and a database.
pub(crate) struct World {
    folder: tempfile::TempDir,
}

/// A process that serves.
pub(crate) struct Server {
    pub(crate) url: String,
    child: Child,
}

impl World {
    pub(crate) async fn at(database: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let world = Self { folder };
        let seed = world.path("world.toml");
        std::fs::write(&seed, SEED).expect("a seed can be written");
        world.run(&["init", "--directory", text(world.folder.path()), "--database", database]).await;
        world
            .run(&[
                "seed",
                text(&seed),
                "--config",
                text(&world.path("chancery.toml")),
                "--set",
                "passwords.memory_kib=8192",
            ])
            .await;
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chancery"));
        // The variables of the tests are none of the server's.
        command.args(arguments).env_clear().current_dir(self.folder.path()).kill_on_drop(true);
        command
    }

    async fn run(&self, arguments: &[&str]) {
        let done = self.command(arguments).output().await.expect("the binary runs");
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// A server on a free port, once it says that it is ready.
    pub(crate) async fn serve(&self) -> Server {
        let config = self.path("chancery.toml");
        let settings = ["listen=127.0.0.1:0", "log.format=json", "log.level=info", "passwords.memory_kib=8192"];
        let mut arguments = vec!["serve", "--config", text(&config)];
        arguments.extend(settings.iter().flat_map(|setting| ["--set", setting]));
        let mut child = self.command(&arguments).stderr(Stdio::piped()).spawn().expect("the binary runs");
        let mut log = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let mut told = String::new();
        while let Some(line) = log.next_line().await.expect("a log") {
            let entry: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
            if entry["message"] == "ready" {
                let address = entry["addresses"].as_str().expect("where it listens").to_owned();
                // Somebody must read on, or the server waits for room in the pipe.
                tokio::spawn(async move { while let Ok(Some(_)) = log.next_line().await {} });
                return Server { url: format!("http://{address}"), child };
            }
            told.push_str(&line);
            told.push('\n');
        }
        panic!("the server ended before it was ready: {told}");
    }
}

impl Server {
    /// SIGKILL: no word of it reaches the process.
    pub(crate) async fn kill(mut self) {
        assert!(matches!(self.child.try_wait(), Ok(None)), "the server ended by itself");
        self.child.kill().await.expect("a process that can be killed");
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path that is text")
}

/// The URL of an empty database on the PostgreSQL server of the tests.
pub(crate) async fn postgres_database() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let server = postgres_server();
    let (client, connection) = tokio_postgres::connect(&server, NoTls).await.expect("the test server answers");
    tokio::spawn(connection);
    let name = format!("chancery_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    for statement in [format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"), format!("CREATE DATABASE {name}")] {
        client.batch_execute(&statement).await.expect("a database can be made");
    }
    let mut url = url::Url::parse(&server).expect("CHANCERY_TEST_POSTGRES is a URL");
    url.set_path(&name);
    url.into()
}

#[expect(clippy::disallowed_methods, reason = "the test script tells in this variable where its server is")]
fn postgres_server() -> String {
    std::env::var("CHANCERY_TEST_POSTGRES").expect("CHANCERY_TEST_POSTGRES names a PostgreSQL server for the tests")
}
