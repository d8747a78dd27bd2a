//! A PostgreSQL of the tests' own: an unprivileged server in a temporary folder on a free port.
//!
//! It flushes to disk like a real one, because the tests that kill a server in the middle of a write ask what survived.

use std::fs::{self, Permissions};
use std::io::Read;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::place;
use crate::step::{output_of, say};

/// The variable that hands the tests their server; one that is already set is used as it is.
const VARIABLE: &str = "CHANCERY_TEST_POSTGRES";

/// The superuser of the tests' server.
const OWNER: &str = "chancery";

/// The shell that holds the server. When this program ends, however it ends, the pipe on standard input
/// closes, and the shell stops the server and removes its folder; no signal handler could promise that.
///
/// Without fsync: the crash tests kill our process, never this server or the machine, and a
/// database for each test is made and dropped hundreds of times.
const KEEPER: &str = r#"
program=$1; folder=$2; port=$3
"$program" -D "$folder/data" -p "$port" -k "$folder" -c listen_addresses=127.0.0.1 \
    -c max_connections=300 -c shared_buffers=128MB -c fsync=off -c full_page_writes=off \
    -c log_min_messages=warning </dev/null >"$folder/log" 2>&1 &
server=$!
read -r _ || true
kill -INT "$server" 2>/dev/null
wait "$server"
rm -rf "$folder"
"#;

/// A running PostgreSQL with a superuser's URL.
#[derive(Debug)]
pub(crate) struct Cluster {
    url: String,
    keeper: Option<Child>,
}

impl Cluster {
    /// The server named by the environment, or one of our own.
    pub(crate) fn given_or_started() -> Result<Self, String> {
        match place::variable(VARIABLE) {
            Some(url) => {
                say(&format!("using the server in {VARIABLE}"));
                Ok(Self { url, keeper: None })
            }
            None => Self::start(),
        }
    }

    /// Makes a cluster and starts it. Fails when PostgreSQL is not installed: that is never a reason to skip a test.
    fn start() -> Result<Self, String> {
        let programs = newest_programs()?;
        let account = Account::unprivileged()?;
        let folder = fresh_folder(account)?;
        say(&format!("starting PostgreSQL from {} in {}", programs.display(), folder.display()));

        let password = random_word()?;
        let password_file = folder.join("password");
        fs::write(&password_file, &password).map_err(|error| format!("{}: {error}", password_file.display()))?;
        account.owns(&password_file)?;
        // Passwords by MD5: the default's 4,096 rounds for each of thousands of connections would be most of the tests' time.
        output_of(
            account
                .command(&programs.join("initdb"))
                .current_dir(&folder)
                .args(["--encoding=UTF8", "--locale=C", "--auth-host=md5", "--auth-local=md5", "--no-sync"])
                .arg(format!("--username={OWNER}"))
                .arg(format!("--pwfile={}", password_file.display()))
                .arg(format!("--pgdata={}", folder.join("data").display())),
        )?;

        let port = free_port()?;
        let mut keeper = account
            .command(Path::new("/bin/sh"))
            .current_dir(&folder)
            .args(["-c", KEEPER, "keeper"])
            .arg(programs.join("postgres"))
            .arg(&folder)
            .arg(port.to_string())
            .stdin(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| format!("the shell that keeps PostgreSQL: {error}"))?;
        if let Err(complaint) = wait_until_ready(&programs, port) {
            let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
            drop(keeper.stdin.take());
            let _ended = keeper.wait();
            return Err(format!("{complaint}\n{log}"));
        }
        let url = format!("postgres://{OWNER}:{password}@127.0.0.1:{port}/postgres");
        Ok(Self { url, keeper: Some(keeper) })
    }

    /// A superuser's URL, of the database `postgres`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// An empty database of this name, in place of one that an earlier run left.
    pub(crate) fn fresh_database(&self, name: &str) -> Result<String, String> {
        let programs = newest_programs()?;
        output_of(Command::new(programs.join("psql")).args([
            "--no-psqlrc",
            "--quiet",
            "--set=ON_ERROR_STOP=1",
            &format!("--command=DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            &format!("--command=CREATE DATABASE {name}"),
            self.url.as_str(),
        ]))?;
        let (server, _) = self.url.rsplit_once('/').ok_or("the server's URL names no database")?;
        Ok(format!("{server}/{name}"))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            drop(keeper.stdin.take());
            let _ended = keeper.wait();
        }
    }
}

/// Starts a server for a developer and keeps it until a line or the end of standard input arrives.
pub(crate) fn attend() -> Result<(), String> {
    let cluster = Cluster::start()?;
    say(&format!("export {VARIABLE}={}", cluster.url()));
    say("Enter stops it.");
    let mut first = [0_u8; 1];
    let _end = std::io::stdin().read(&mut first);
    Ok(())
}

/// The newest version's own programs: wrappers of the same names in the search path are not to be trusted.
fn newest_programs() -> Result<PathBuf, String> {
    let base = Path::new("/usr/lib/postgresql");
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir(base)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            let programs = entry.path().join("bin");
            programs.join("initdb").is_file().then_some((version, programs))
        })
        .collect();
    found.sort();
    let (_, programs) = found.pop().ok_or("PostgreSQL is not installed (Debian: apt-get install postgresql)")?;
    Ok(programs)
}

/// Who the server runs as.
#[derive(Clone, Copy, Debug)]
enum Account {
    /// Whoever runs this.
    Same,
    /// Another one, because PostgreSQL refuses to run as root.
    Other { user: u32, group: u32 },
}

impl Account {
    fn unprivileged() -> Result<Self, String> {
        let own = fs::metadata("/proc/self").map_err(|error| format!("/proc/self: {error}"))?.uid();
        if own != 0 {
            return Ok(Self::Same);
        }
        let accounts = fs::read_to_string("/etc/passwd").map_err(|error| format!("/etc/passwd: {error}"))?;
        let of = |name: &str| {
            let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
            let mut fields = line.split(':').skip(2);
            Some(Self::Other { user: fields.next()?.parse().ok()?, group: fields.next()?.parse().ok()? })
        };
        of("postgres").or_else(|| of("nobody")).ok_or_else(|| "no unprivileged account to run PostgreSQL as".to_owned())
    }

    fn command(self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Self::Other { user, group } = self {
            command.uid(user).gid(group);
        }
        command.stdin(Stdio::null());
        command
    }

    /// Gives a path to the account and to nobody else.
    fn owns(self, path: &Path) -> Result<(), String> {
        let change = match self {
            Self::Same => Ok(()),
            Self::Other { user, group } => chown(path, Some(user), Some(group)),
        };
        let mode = if path.is_dir() { 0o700 } else { 0o600 };
        change
            .and_then(|()| fs::set_permissions(path, Permissions::from_mode(mode)))
            .map_err(|error| format!("{}: {error}", path.display()))
    }
}

fn fresh_folder(account: Account) -> Result<PathBuf, String> {
    let base = match account {
        Account::Same => std::env::temp_dir(),
        // A temporary folder of root's own may lie where the other account cannot go.
        Account::Other { .. } => PathBuf::from("/tmp"),
    };
    let folder = base.join(format!("chancery-postgres-{}", random_word()?));
    fs::create_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    account.owns(&folder)?;
    Ok(folder)
}

fn free_port() -> Result<u16, String> {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| format!("a free port: {error}"))
}

fn random_word() -> Result<String, String> {
    let mut bytes = [0_u8; 16];
    fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .map_err(|error| format!("/dev/urandom: {error}"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn wait_until_ready(programs: &Path, port: u16) -> Result<(), String> {
    let mut complaint = String::new();
    for _ in 0..600 {
        let mut ask = Command::new(programs.join("pg_isready"));
        match output_of(ask.args(["--quiet", "--host=127.0.0.1", &format!("--port={port}")])) {
            Ok(_) => return Ok(()),
            Err(answer) => complaint = answer,
        }
        sleep(Duration::from_millis(50));
    }
    Err(format!("PostgreSQL was not ready within 30 seconds: {complaint}"))
}
