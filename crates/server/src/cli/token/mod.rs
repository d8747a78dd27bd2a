//! `chancery token …`.

mod get;
mod inspect;
mod mint;

use std::path::PathBuf;

use chancery_store::secret::Secret;
use clap::{Args, Subcommand};

use super::desk::read_secret;
use super::{Answer, CommandError, Global};

const GET_HELP: &str = "\
Prints the access token alone, for use in other commands; with --json the whole answer.

Examples:
  chancery token get --issuer http://localhost:8080 --client-id machine --client-secret-file secret
  curl -H \"Authorization: Bearer $(chancery token get --issuer … --client-id …)\" https://api.example.org/";

const INSPECT_HELP: &str = "\
A JWT is decoded and its signature verified against the issuer's key set; its contents are shown either way.
An opaque token is introspected, for which a client must prove who it is. Exits with 1 for a token that is
not good (forged, expired, revoked).

Examples:
  chancery token inspect eyJhbGciOi…
  chancery token inspect - < token.txt
  chancery token inspect at-3Zk… --issuer http://localhost:8080 --client-id web --client-secret-file secret";

const MINT_HELP: &str = "\
Needs the database and the master key, hence nobody's consent but the operator's. The token is what the
token endpoint would have issued to the client for itself; the audit tells of it.

Example:
  chancery token mint --client machine --scope read";

/// Tokens, as a client gets them and as operators look at them
#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Get an access token for a client itself (client_credentials)
    #[command(after_help = GET_HELP)]
    Get(get::Get),
    /// Decode, verify or introspect a token
    #[command(after_help = INSPECT_HELP)]
    Inspect(inspect::Inspect),
    /// Make an access token for a client, from the database and the master key
    #[command(after_help = MINT_HELP)]
    Mint(mint::Mint),
}

impl TokenCommand {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, CommandError> {
        match self {
            Self::Get(get) => get.run().await,
            Self::Inspect(inspect) => inspect.run(global).await,
            Self::Mint(mint) => mint.run(global).await,
        }
    }
}

/// A client's secret, given openly or in a file.
#[derive(Debug, Args)]
struct ClientSecret {
    /// The client's secret; other users of this machine may see it: better name a file
    #[arg(long, value_name = "SECRET", conflicts_with = "client_secret_file")]
    client_secret: Option<String>,
    /// A file with the client's secret; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    client_secret_file: Option<PathBuf>,
}

impl ClientSecret {
    fn read(&self) -> Result<Option<Secret>, CommandError> {
        match (&self.client_secret, &self.client_secret_file) {
            (Some(secret), _) => Ok(Some(Secret::presented(secret.as_str()))),
            (None, Some(path)) => read_secret(path).map(Some),
            (None, None) => Ok(None),
        }
    }
}

/// What an OAuth error answer says, for people.
fn refusal_of(reply: &super::caller::Reply, what: &str) -> CommandError {
    let document = reply.json().unwrap_or_default();
    let member = |name: &str| document.get(name).and_then(serde_json::Value::as_str);
    let message = match (member("error"), member("error_description")) {
        (Some(error), Some(description)) => format!("{what}: {error}: {description}"),
        (Some(error), None) => format!("{what}: {error}"),
        (None, _) => format!("{what} answered {}", reply.status),
    };
    if reply.status >= 500 { CommandError::Unavailable(message) } else { CommandError::Failed(message) }
}
