//! The configuration after every check: values that exist are well-formed.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use url::Url;
use zeroize::Zeroizing;

use super::master_key::MasterKey;
use super::written::{LogFormat, TlsVersion};

/// Everything one node is told before it starts. Prints without secrets.
#[derive(Clone, Debug)]
pub struct CheckedConfig {
    /// The issuer of the default realm; always there when the need was to serve.
    pub public_url: Option<PublicUrl>,
    /// The addresses to listen on, at least one.
    pub listen: Vec<SocketAddr>,
    /// A BCP 47 tag.
    pub default_locale: String,
    /// Peers whose forwarding headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The console and its API.
    pub admin: Administration,
    /// Where everything is kept.
    pub database: Database,
    /// What a request or a connection may take.
    pub limits: Limits,
    /// What is told, and how.
    pub log: Log,
    /// Seals what is secret at rest; always there when the need was to serve.
    pub master_key: Option<MasterKey>,
    /// Figures for Prometheus.
    pub metrics: Metrics,
    /// The server's own calls.
    pub outbound: OutboundRules,
    /// How pages look.
    pub pages: Pages,
    /// How passwords are hashed.
    pub passwords: Passwords,
    /// Certificates; `None` is plain HTTP.
    pub tls: Option<Tls>,
}

/// An origin: scheme, host, and the port if it is not the scheme's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(Url);

impl PublicUrl {
    /// Understands an origin: `https`, or `http` on a loopback host.
    ///
    /// # Errors
    /// What is wrong with it, to follow the key's name in a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("is not a URL: {error}"))?;
        let loopback = match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => return Err("has no host".to_owned()),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not carry a user name or password".to_owned());
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err("must be an origin: no path, query or fragment".to_owned());
        }
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if loopback => Ok(Self(url)),
            _ => Err("must begin with https:// (http:// only for a loopback host)".to_owned()),
        }
    }

    /// The origin without a slash at its end: the issuer of the default realm.
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// The same, as a URL.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// Whether browsers reach it by TLS.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The console and the API of administrators.
#[derive(Clone, Debug)]
pub struct Administration {
    /// Whether this node serves them.
    pub enabled: bool,
    /// Their own address, or the common ones.
    pub listen: Option<SocketAddr>,
}

/// Where everything is kept.
#[derive(Clone, Debug)]
pub struct Database {
    /// Which backend, and where.
    pub url: DatabaseUrl,
    /// PostgreSQL: connections that single statements share.
    pub shared_connections: u32,
    /// PostgreSQL: connections for transactions.
    pub transaction_connections: u32,
}

/// A database's place. Prints without the password.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// PostgreSQL, by its whole URL, password included.
    Postgres(Zeroizing<String>),
    /// The embedded one, in this file.
    Sqlite(PathBuf),
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Parameters may hold a password too, so only host and database are shown.
            Self::Postgres(text) => match Url::parse(text) {
                Ok(url) => write!(f, "postgres://{}{}", url.host_str().unwrap_or_default(), url.path()),
                Err(_) => f.write_str("postgres://"),
            },
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
        }
    }
}

/// What one request or connection may take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The largest request body, in bytes.
    pub body_bytes: usize,
    /// The largest header section, in bytes.
    pub header_bytes: u32,
    /// The most header fields.
    pub header_count: usize,
    /// For a header section or a TLS handshake to arrive.
    pub header_timeout: Duration,
    /// For a whole request.
    pub request_timeout: Duration,
    /// For a connection without a request.
    pub idle_timeout: Duration,
    /// For accepted requests at a shutdown.
    pub shutdown_timeout: Duration,
    /// Connections at once.
    pub connections: usize,
    /// Requests at once per HTTP/2 connection.
    pub streams: u32,
}

/// What is told, and how.
#[derive(Clone, Debug)]
pub struct Log {
    /// The form of a line.
    pub format: LogFormat,
    /// A filter that `tracing` understands.
    pub level: String,
}

/// Figures for Prometheus.
#[derive(Clone, Debug)]
pub struct Metrics {
    /// Whether they are kept and served.
    pub enabled: bool,
    /// Their own address, or the common ones.
    pub listen: Option<SocketAddr>,
}

/// The rules of the server's own calls.
#[derive(Clone, Debug)]
pub struct OutboundRules {
    /// Private destinations that may be called.
    pub allow_private: Vec<AllowedPrivate>,
    /// Certificate authorities believed besides the system's: the text of a PEM file.
    pub ca_bundle: Option<String>,
    /// The largest answer, in bytes.
    pub max_bytes: usize,
    /// For one whole call.
    pub timeout: Duration,
}

/// A private destination that may be called all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowedPrivate {
    /// One host, in lower case, as URLs write it, at one port.
    Host(String, u16),
    /// Any port of any address in a network.
    Network(IpNet),
}

/// How pages look.
#[derive(Clone, Debug)]
pub struct Pages {
    /// A folder of templates that replace shipped ones.
    pub templates: Option<PathBuf>,
}

/// How people's passwords are hashed.
#[derive(Clone, Debug)]
pub struct Passwords {
    /// Threads that hash.
    pub threads: usize,
    /// Passwords that may wait.
    pub queue: usize,
    /// Memory of one hash, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub iterations: u32,
    /// Its lanes.
    pub parallelism: u32,
}

/// TLS, ended by the server itself.
#[derive(Clone, Debug)]
pub struct Tls {
    /// At least one chain.
    pub certificates: Vec<CertificateFiles>,
    /// The oldest version spoken.
    pub minimum_version: TlsVersion,
}

/// One chain and its key, as PEM files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The chain, the server's own certificate first.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}
