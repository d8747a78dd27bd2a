//! The command line: every command of the one binary.
//!
//! A command answers with an [`Answer`], as JSON and as text; it prints nothing itself, so that `--json` holds for
//! all of them. What a script reads is on standard output, what is meant for people beside it on standard error.

mod answer;
mod caller;
mod check_config;
mod client;
mod client_traits;
mod completions;
mod desk;
mod dev;
mod error;
mod health;
mod init;
mod key;
mod migrate;
mod progress;
mod realm;
mod reference;
mod seed;
mod serve;
mod token;
mod user;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

pub use answer::Answer;
pub use error::CommandError;

use crate::config::{CheckedConfig, Config, Need, Sources};

const AFTER_HELP: &str = "\
Examples:
  chancery dev                       try it out: a server with demo users and clients
  chancery init                      a configuration, a master key, the first administrator
  chancery serve                     serve what is configured
  chancery client add --id web --redirect-uri https://app.example.org/callback
  chancery token get --issuer http://localhost:8080 --client-id machine --client-secret-file secret

Exit codes:
  0   done
  1   failed
  2   the command line is wrong
  3   a configuration, a seed or metadata was refused; every complaint is told
  4   there is no such realm, client, user or key
  5   it exists already, or its state does not allow it
  69  a database or a server does not answer";

/// An OAuth 2.1 and OpenID Connect authorization server.
#[derive(Debug, Parser)]
#[command(name = "chancery", version, after_help = AFTER_HELP, propagate_version = true, max_term_width = 110)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Clone, Debug, Default, Args)]
struct Global {
    /// The configuration file; `CHANCERY_CONFIG`, or `chancery.toml` in the working folder, where it is not named
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A key of the configuration, before file and environment: `--set database.url=sqlite:/var/lib/chancery.db`
    #[arg(long = "set", global = true, value_name = "KEY=VALUE", value_parser = key_and_value)]
    set: Vec<(String, String)>,
    /// Answer with one JSON document on standard output
    #[arg(long, global = true)]
    json: bool,
}

impl Global {
    fn load(&self, need: Need) -> Result<CheckedConfig, CommandError> {
        let sources = Sources::of_this_process(self.config.clone(), self.set.clone(), need)?;
        Ok(Config::load(&sources)?)
    }
}

/// The realm that a command is about.
#[derive(Clone, Debug, Args)]
struct InRealm {
    /// The realm
    #[arg(long, value_name = "NAME", default_value = "default", value_parser = realm_name)]
    realm: chancery_store::id::RealmName,
}

fn realm_name(text: &str) -> Result<chancery_store::id::RealmName, String> {
    chancery_store::id::RealmName::parse(text).map_err(|bad| bad.to_string())
}

fn client_id(text: &str) -> Result<chancery_store::id::ClientId, String> {
    chancery_store::id::ClientId::parse(text).map_err(|bad| bad.to_string())
}

fn username(text: &str) -> Result<chancery_store::id::Username, String> {
    chancery_store::id::Username::parse(text).map_err(|bad| bad.to_string())
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write it as KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve a demo for development: ephemeral database, known users, ready in an instant
    Dev(dev::Dev),
    /// Serve what is configured
    Serve,
    /// Make a configuration, a master key, the default realm and its first administrator
    Init(init::Init),
    /// Bring the database's schema up to date
    Migrate(migrate::Migrate),
    /// Tell everything that is wrong with the configuration
    CheckConfig(check_config::CheckConfig),
    /// Apply a file that declares realms, clients, users and keys
    Seed(seed::SeedCommand),
    /// Manage clients
    #[command(subcommand)]
    Client(client::ClientCommand),
    /// Manage users
    #[command(subcommand)]
    User(user::UserCommand),
    /// Manage realms
    #[command(subcommand)]
    Realm(realm::RealmCommand),
    /// Manage signing keys
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Get, read and make tokens
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Ask a server whether it is ready
    Health(health::Health),
    /// Print a shell's completions
    Completions(completions::Completions),
    /// Print or write the manual pages
    Man(completions::Man),
    /// Write the generated part of the documentation
    #[command(hide = true)]
    Reference(reference::Reference),
}

/// Reads the command line, does what it says, and answers with the exit code.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let json = cli.global.json;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(cli.execute()),
        Err(error) => Err(CommandError::Failed(format!("no threads to work with: {error}"))),
    };
    match outcome.and_then(|answer| answer.print(json)) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            error.print(json);
            ExitCode::from(error.code())
        }
    }
}

impl Cli {
    async fn execute(self) -> Result<Answer, CommandError> {
        let global = &self.global;
        match self.command {
            Command::Dev(dev) => dev.run(global).await,
            Command::Serve => serve::run(global).await,
            Command::Init(init) => init.run(global).await,
            Command::Migrate(migrate) => migrate.run(global).await,
            Command::CheckConfig(check) => check.run(global),
            Command::Seed(seed) => seed.run(global).await,
            Command::Client(client) => client.run(global).await,
            Command::User(user) => user.run(global).await,
            Command::Realm(realm) => realm.run(global).await,
            Command::Key(key) => key.run(global).await,
            Command::Token(token) => token.run(global).await,
            Command::Health(health) => health.run(global).await,
            Command::Completions(completions) => completions.run(),
            Command::Man(man) => man.run(),
            Command::Reference(reference) => reference.run(),
        }
    }
}

/// Writes a line for people.
fn tell(line: &str) {
    // Nobody hears a complaint about a closed standard error.
    let _ = writeln!(anstream::stderr(), "{line}");
}

#[cfg(test)]
mod tests;
