//! The configuration as people write it. The doc comments here are its manual: docs/reference/config.md is made of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Everything that one node of Chancery is told before it starts.
#[derive(Clone, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where the world reaches this server: the issuer of the default realm and the start of every link.
    /// An origin without a path; `https`, or `http` on a loopback host. Needed by `serve`. It never comes from a request.
    #[schemars(example = &"https://id.example.org")]
    pub public_url: Option<String>,
    /// The addresses to listen on. Port 0 takes a free port.
    pub listen: Vec<String>,
    /// The language of pages when the browser asks for none that we have, as a BCP 47 tag.
    pub default_locale: String,
    /// Reverse proxies whose `Forwarded` or `X-Forwarded-For` header is believed, as addresses or networks.
    /// With none, the peer's own address counts.
    #[schemars(example = ["10.0.0.0/8"])]
    pub trusted_proxies: Vec<String>,
    /// The administrators' console and API.
    pub admin: Admin,
    /// Where everything is kept.
    pub database: Database,
    /// What one request or one connection may take.
    pub limits: Limits,
    /// What the server tells about its work, on standard error.
    pub log: Log,
    /// The key that seals private keys and recoverable secrets at rest: name a file or a variable, not both.
    pub master_key: MasterKey,
    /// Figures for Prometheus.
    pub metrics: Metrics,
    /// Calls that the server itself makes: JWK sets, notices, upstreams.
    pub outbound: Outbound,
    /// How the pages look.
    pub pages: Pages,
    /// How people's passwords are hashed (Argon2id), and how much of the machine that may take.
    pub passwords: Passwords,
    /// TLS, ended by the server itself. Without certificates it speaks plain HTTP, for a proxy in front or for loopback.
    pub tls: Tls,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            public_url: None,
            listen: vec!["127.0.0.1:8080".to_owned()],
            default_locale: "en".to_owned(),
            trusted_proxies: Vec::new(),
            admin: Admin::default(),
            database: Database::default(),
            limits: Limits::default(),
            log: Log::default(),
            master_key: MasterKey::default(),
            metrics: Metrics::default(),
            outbound: Outbound::default(),
            pages: Pages::default(),
            passwords: Passwords::default(),
            tls: Tls::default(),
        }
    }
}

/// `[admin]`
#[derive(Clone, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Admin {
    /// Whether this node serves the console and the API.
    pub enabled: bool,
    /// An address of their own. Without one they share the addresses of `listen`.
    #[schemars(example = &"127.0.0.1:8090")]
    pub listen: Option<String>,
}

impl Default for Admin {
    fn default() -> Self {
        Self { enabled: true, listen: None }
    }
}

/// `[database]`
#[derive(Clone, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// `sqlite:PATH`, or `postgres://user:password@host/database` with the parameters of PostgreSQL's own URLs.
    pub url: String,
    /// PostgreSQL: connections that single statements share.
    #[schemars(range(min = 1, max = 64))]
    pub shared_connections: u32,
    /// PostgreSQL: connections for transactions of several statements.
    #[schemars(range(min = 1, max = 1000))]
    pub transaction_connections: u32,
}

impl Default for Database {
    fn default() -> Self {
        Self { url: "sqlite:chancery.db".to_owned(), shared_connections: 4, transaction_connections: 8 }
    }
}

/// `[limits]`
#[derive(Clone, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The largest request body, in bytes; more is answered with 413.
    #[schemars(range(min = 1024, max = 16_777_216))]
    pub body_bytes: u64,
    /// The largest request header section, in bytes.
    #[schemars(range(min = 8192, max = 1_048_576))]
    pub header_bytes: u32,
    /// The most header fields of one request.
    #[schemars(range(min = 16, max = 1000))]
    pub header_count: u32,
    /// How long the header section of a request, or a TLS handshake, may take to arrive.
    pub header_timeout: String,
    /// How long a request may take, its body included.
    pub request_timeout: String,
    /// How long a connection may stay open without a request.
    pub idle_timeout: String,
    /// How long a shutdown waits for the requests it has accepted.
    pub shutdown_timeout: String,
    /// The most connections at once; more wait in the system's queue.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub connections: u32,
    /// The most requests at once on one HTTP/2 connection.
    #[schemars(range(min = 1, max = 10_000))]
    pub streams: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 64 * 1024,
            header_bytes: 32 * 1024,
            header_count: 100,
            header_timeout: "10s".to_owned(),
            request_timeout: "30s".to_owned(),
            idle_timeout: "75s".to_owned(),
            shutdown_timeout: "30s".to_owned(),
            connections: 10_000,
            streams: 128,
        }
    }
}

/// `[log]`
#[derive(Clone, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `text` for people, `json` for machines.
    pub format: LogFormat,
    /// `error`, `warn`, `info`, `debug` or `trace`, or a list for single parts such as `info,chancery_engine=debug`.
    pub level: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::default(), level: "info".to_owned() }
    }
}

/// The form of a line of the log.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object per line.
    Json,
    /// Words, coloured on a terminal.
    #[default]
    Text,
}

/// A filter of the log, `info` unless written.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(transparent)]
pub struct LogLevel(pub String);

impl Default for LogLevel {
    fn default() -> Self {
        Self("info".to_owned())
    }
}

/// `[master_key]`
#[derive(Clone, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct MasterKey {
    /// A file that holds the key and that nobody else may read; `chancery init` writes it.
    #[schemars(example = &"/etc/chancery/master.key")]
    pub file: Option<String>,
    /// The name of an environment variable that holds the key.
    #[schemars(example = &"CHANCERY_MASTER_KEY")]
    pub environment: Option<String>,
}

/// `[metrics]`
#[derive(Clone, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Metrics {
    /// Whether figures are kept and served at `/metrics`.
    pub enabled: bool,
    /// An address of their own. Without one they share the addresses of `listen`, for everybody who reaches those.
    #[schemars(example = &"127.0.0.1:9464")]
    pub listen: Option<String>,
}

/// `[outbound]`
#[derive(Clone, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Outbound {
    /// Private destinations that may be called all the same: `host:port`, `address:port`, an address or a network.
    /// Plain `http` is spoken only to a `host:port` of this list that lies on loopback.
    #[schemars(example = ["10.20.0.0/16", "localhost:9000"])]
    pub allow_private: Vec<String>,
    /// A PEM file of certificate authorities believed besides the system's.
    #[schemars(example = &"/etc/chancery/ca.pem")]
    pub ca_bundle: Option<String>,
    /// The largest answer that is read, in bytes.
    #[schemars(range(min = 1024, max = 16_777_216))]
    pub max_bytes: u64,
    /// How long one call may take, from the name's resolution to the last byte.
    pub timeout: String,
}

impl Default for Outbound {
    fn default() -> Self {
        Self { allow_private: Vec::new(), ca_bundle: None, max_bytes: 256 * 1024, timeout: "5s".to_owned() }
    }
}

/// `[pages]`
#[derive(Clone, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pages {
    /// A folder whose files replace shipped templates of the same name.
    #[schemars(example = &"/etc/chancery/templates")]
    pub templates: Option<String>,
}

/// `[passwords]`
#[derive(Clone, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Passwords {
    /// Threads that hash. Without a number, as many as there are processor cores.
    #[schemars(range(min = 1, max = 1024), example = 2)]
    pub threads: Option<u32>,
    /// Passwords that may wait for a thread; more are answered with 503 and `Retry-After`.
    #[schemars(range(min = 1, max = 100_000))]
    pub queue: u32,
    /// Memory of one hash, in KiB. A change is applied to a password the next time it is right.
    #[schemars(range(min = 8192, max = 4_194_304))]
    pub memory_kib: u32,
    /// Passes over that memory.
    #[schemars(range(min = 1, max = 100))]
    pub iterations: u32,
    /// Lanes of that memory.
    #[schemars(range(min = 1, max = 64))]
    pub parallelism: u32,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { threads: None, queue: 64, memory_kib: 19_456, iterations: 2, parallelism: 1 }
    }
}

/// `[tls]`
#[derive(Clone, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    /// Certificate chains with their private keys. Several may serve the same name, one RSA and one ECDSA;
    /// each client gets the one it understands. Changed files are taken up without a restart.
    #[schemars(example = [CertificateFiles::sample()])]
    pub certificates: Vec<CertificateFiles>,
    /// The oldest version spoken: `1.2` or `1.3`.
    pub minimum_version: TlsVersion,
}

/// One chain and its key, as PEM files.
#[derive(Clone, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateFiles {
    /// The chain, the server's own certificate first.
    pub certificate: String,
    /// Its private key.
    pub key: String,
}

impl CertificateFiles {
    fn sample() -> Self {
        Self { certificate: "/etc/chancery/chain.pem".to_owned(), key: "/etc/chancery/key.pem".to_owned() }
    }
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub enum TlsVersion {
    /// TLS 1.2 (RFC 5246), with authenticated encryption alone.
    #[default]
    #[serde(rename = "1.2")]
    OneTwo,
    /// TLS 1.3 (RFC 8446).
    #[serde(rename = "1.3")]
    OneThree,
}
