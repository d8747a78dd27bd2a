//! How to reach the server: a URL, its TLS mode, and what every connection is told first.
//!
//! Connections are made of `postgres://user:password@host:port/database?sslmode=…&sslrootcert=…`
//! and the further parameters of libpq that tokio-postgres knows.

use std::sync::Arc;
use std::time::Duration;

use chancery_store::StoreError;
use futures_util::future::BoxFuture;
use percent_encoding::percent_decode_str;
use tokio::task::JoinHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::fault::unconnected;
use crate::tls::{self, Trust};

type TlsStream = <MakeRustlsConnect as tokio_postgres::tls::MakeTlsConnect<Socket>>::Stream;
pub(crate) type Connection = tokio_postgres::Connection<Socket, TlsStream>;

/// What a node asks of its server.
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    /// Connections that reads share. Each carries many reads at once.
    pub readers: usize,
    /// Connections that one-statement writes share. Reads have their own, so that none waits
    /// behind a write that waits for the disk.
    pub writers: usize,
    /// Connections for changes of several statements, one change each.
    pub transactions: usize,
    /// After how long the server gives a statement up.
    pub statement_timeout: Duration,
    /// After how long an attempt to connect, or the wait for a free connection, is given up.
    pub connect_timeout: Duration,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            readers: 3,
            writers: 6,
            transactions: 6,
            statement_timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(5),
        }
    }
}

/// A checked address. It does not print: it holds a password.
pub(crate) struct Address {
    pub(crate) config: Config,
    pub(crate) tls: MakeRustlsConnect,
    pub(crate) connect_timeout: Duration,
    setup: String,
}

impl Address {
    /// # Errors
    /// [`StoreError::Refused`] for a URL that does not parse, an unknown `sslmode`, or a root
    /// certificate that cannot be read.
    pub(crate) fn parse(url: &str, options: &PostgresOptions) -> Result<Self, StoreError> {
        let (url, mode, root) = take_tls(url)?;
        let mut config: Config =
            url.parse().map_err(|_| StoreError::Refused("the database URL does not parse".to_owned()))?;
        config.connect_timeout(options.connect_timeout);
        // A server that vanished without a word is noticed; the feed has a pulse of its own.
        config.keepalives_idle(Duration::from_secs(15));
        config.keepalives_interval(Duration::from_secs(5));
        config.keepalives_retries(3);
        config.tcp_user_timeout(Duration::from_secs(15));
        if config.get_application_name().is_none() {
            config.application_name("chancery");
        }
        // Who names a root wants it checked: no mode falls back to plain text then.
        let (ssl_mode, trust) = match (mode, root) {
            (Mode::Disable, None) => (SslMode::Disable, Trust::Anyone),
            (Mode::Disable, Some(_)) => {
                let why = "sslmode=disable and sslrootcert contradict each other";
                return Err(StoreError::Refused(why.to_owned()));
            }
            (Mode::Prefer, None) => (SslMode::Prefer, Trust::Anyone),
            (Mode::Require, None) => (SslMode::Require, Trust::Anyone),
            (Mode::VerifyFull, None) => (SslMode::Require, Trust::System),
            (Mode::Prefer | Mode::Require | Mode::VerifyFull, Some(root)) => (SslMode::Require, root),
        };
        config.ssl_mode(ssl_mode);
        let tls = MakeRustlsConnect::new(tls::client_config(&trust)?);
        Ok(Self { config, tls, connect_timeout: options.connect_timeout, setup: setup(options) })
    }

    /// A new connection and what drives it, before anything was said on it. It may take for ever:
    /// the caller sets the limit.
    pub(crate) async fn open(&self) -> Result<(Client, Connection), tokio_postgres::Error> {
        self.config.connect(self.tls.clone()).await
    }

    /// What every connection is told first.
    pub(crate) fn setup(&self) -> &str {
        &self.setup
    }

    /// A new connection that is driven by a task of its own and has been told the setup.
    async fn open_driven(&self) -> Result<(Client, JoinHandle<()>), tokio_postgres::Error> {
        let (client, connection) = self.open().await?;
        let driver = tokio::spawn(async move {
            if let Err(cause) = connection.await {
                tracing::warn!(reason = %unconnected(&cause), "a connection to PostgreSQL was lost");
            }
        });
        client.batch_execute(&self.setup).await?;
        Ok((client, driver))
    }

    /// A new connection, ready for statements. It ends when the client is dropped.
    pub(crate) async fn open_ready(&self) -> Result<Client, StoreError> {
        match tokio::time::timeout(self.connect_timeout, self.open_driven()).await {
            Ok(Ok((client, _))) => Ok(client),
            Ok(Err(cause)) => Err(unconnected(&cause)),
            Err(_) => Err(StoreError::Unavailable("connect: no answer in time".to_owned())),
        }
    }
}

/// How the pool of connections for transactions opens one.
pub(crate) struct ForTransactions(pub(crate) Arc<Address>);

impl deadpool_postgres::Connect for ForTransactions {
    fn connect(&self, _: &Config) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), tokio_postgres::Error>> {
        Box::pin(self.0.open_driven())
    }
}

/// The statements of this backend rely on READ COMMITTED (they re-read a row that they waited
/// for) and on commits that are durable when they return, whatever the server's default is. A
/// stricter `synchronous_commit` than `on` stays as it is.
fn setup(options: &PostgresOptions) -> String {
    format!(
        "SET default_transaction_isolation = 'read committed';
         SET default_transaction_read_only = off;
         SET statement_timeout = {timeout};
         SET idle_in_transaction_session_timeout = {timeout};
         SET standard_conforming_strings = on;
         SET jit = off;
         SELECT set_config('synchronous_commit', 'on', false)
         WHERE current_setting('synchronous_commit') IN ('off', 'local')",
        timeout = options.statement_timeout.as_millis().max(1)
    )
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Disable,
    Prefer,
    Require,
    VerifyFull,
}

/// Takes `sslmode` and `sslrootcert` out of the URL: tokio-postgres knows neither
/// `verify-full` nor roots. `prefer` is libpq's default, and ours.
fn take_tls(url: &str) -> Result<(String, Mode, Option<Trust>), StoreError> {
    let refused = |why: &str| Err(StoreError::Refused(why.to_owned()));
    if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
        return refused("the database URL must begin with postgres:// or postgresql://");
    }
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let (mut mode, mut root, mut rest) = (Mode::Prefer, None, Vec::new());
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", "disable")) => mode = Mode::Disable,
            Some(("sslmode", "prefer")) => mode = Mode::Prefer,
            Some(("sslmode", "require")) => mode = Mode::Require,
            Some(("sslmode", "verify-full")) => mode = Mode::VerifyFull,
            Some(("sslmode", _)) => {
                return refused("sslmode must be disable, prefer, require or verify-full");
            }
            Some(("sslrootcert", "system")) => root = Some(Trust::System),
            Some(("sslrootcert", path)) => {
                let Ok(path) = percent_decode_str(path).decode_utf8() else {
                    return refused("sslrootcert is not a path");
                };
                root = Some(Trust::File(path.into_owned()));
            }
            _ => rest.push(pair),
        }
    }
    let rest = if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
    Ok((rest, mode, root))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mode_and_the_roots_are_taken_out_of_the_url_and_the_rest_stays() {
        let (url, mode, root) =
            take_tls("postgres://u:p@h/d?application_name=x&sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem").unwrap();
        assert_eq!(url, "postgres://u:p@h/d?application_name=x");
        assert_eq!(mode, Mode::VerifyFull);
        assert_eq!(root, Some(Trust::File("/etc/ca.pem".to_owned())));
    }

    #[test]
    fn a_mode_that_we_do_not_know_is_refused_and_not_taken_for_a_weaker_one() {
        assert!(take_tls("postgres://h/d?sslmode=verify-ca").is_err());
        assert!(take_tls("postgres://h/d?sslmode=").is_err());
        assert!(take_tls("host=h dbname=d").is_err());
    }

    #[test]
    fn a_root_that_is_named_is_never_passed_over_for_plain_text() {
        let address = |query: &str| {
            let url = format!("postgres://u@h/d?{query}");
            Address::parse(&url, &PostgresOptions::default()).map(|made| made.config.get_ssl_mode())
        };
        assert!(matches!(address("sslmode=disable"), Ok(SslMode::Disable)));
        assert!(matches!(address(""), Ok(SslMode::Prefer)));
        assert!(address("sslmode=disable&sslrootcert=system").is_err());
        assert!(address("sslrootcert=/nowhere/ca.pem").is_err());
    }

    #[test]
    fn a_url_that_does_not_parse_is_not_shown() {
        let refused = Address::parse("postgres://u:hunter2@h:port/d", &PostgresOptions::default()).err().unwrap();
        assert!(!refused.to_string().contains("hunter2"), "{refused}");
    }
}
