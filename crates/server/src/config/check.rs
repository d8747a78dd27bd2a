//! Written → checked: each text becomes the type it stands for, or a complaint.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use jiff::SignedDuration;
use tracing_subscriber::EnvFilter;
use url::Url;
use zeroize::Zeroizing;

use super::admit::{Admitted, Places};
use super::checked::{
    Administration, AllowedPrivate, CertificateFiles, CheckedConfig, Database, DatabaseUrl, Limits, Log, Metrics,
    OutboundRules, Pages, Passwords, PublicUrl, Tls,
};
use super::complaint::Complaints;
use super::master_key::MasterKey;
use super::source::{Need, Sources};
use super::written;

/// The checked configuration; `None` when something without which none can be made was complained about.
pub(super) fn check(admitted: Admitted, sources: &Sources, complaints: &mut Complaints) -> Option<CheckedConfig> {
    let Admitted { config, places } = admitted;
    let mut check = Check { places, complaints, sources };
    let public_url = check.public_url(config.public_url);
    let listen = check.listen(&config.listen);
    let default_locale = check.locale(config.default_locale);
    let networks = config.trusted_proxies.iter().enumerate();
    let trusted_proxies =
        networks.filter_map(|(at, text)| check.network(&format!("trusted_proxies[{at}]"), text)).collect();
    let admin_listen = check.one_address("admin.listen", config.admin.listen.as_deref());
    let metrics_listen = check.one_address("metrics.listen", config.metrics.listen.as_deref());
    let database_url = check.database(&config.database.url);
    let limits = check.limits(&config.limits);
    let log = check.log(config.log);
    let master_key = check.master_key(&config.master_key);
    let outbound = check.outbound(config.outbound);
    let templates = check.templates(config.pages.templates);
    let passwords = check.passwords(&config.passwords);
    let tls = check.tls(config.tls);
    Some(CheckedConfig {
        public_url,
        listen,
        default_locale,
        trusted_proxies,
        admin: Administration { enabled: config.admin.enabled, listen: admin_listen },
        database: Database {
            url: database_url?,
            shared_connections: config.database.shared_connections,
            transaction_connections: config.database.transaction_connections,
        },
        limits: limits?,
        log,
        master_key,
        metrics: Metrics { enabled: config.metrics.enabled, listen: metrics_listen },
        outbound: outbound?,
        pages: Pages { templates },
        passwords,
        tls,
    })
}

struct Check<'run> {
    places: Places,
    complaints: &'run mut Complaints,
    sources: &'run Sources,
}

impl Check<'_> {
    /// `message` follows the key's name in a sentence.
    fn complain(&mut self, key: &str, message: impl AsRef<str>) {
        self.complaints.push(self.places.of(key), key, format!("`{key}` {}", message.as_ref()));
    }

    fn public_url(&mut self, written: Option<String>) -> Option<PublicUrl> {
        let Some(written) = written else {
            if self.sources.need == Need::Serve {
                self.complain("public_url", "is missing: the address by which the world reaches this server");
            }
            return None;
        };
        PublicUrl::parse(&written).map_err(|message| self.complain("public_url", message)).ok()
    }

    fn listen(&mut self, written: &[String]) -> Vec<SocketAddr> {
        if written.is_empty() {
            self.complain("listen", "must name at least one address");
        }
        let written = written.iter().enumerate();
        written.filter_map(|(at, text)| self.address(&format!("listen[{at}]"), text)).collect()
    }

    fn one_address(&mut self, key: &str, written: Option<&str>) -> Option<SocketAddr> {
        self.address(key, written?)
    }

    fn address(&mut self, key: &str, text: &str) -> Option<SocketAddr> {
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.complain(key, "must be an address and a port, such as 127.0.0.1:8080 or [::]:8443");
        }
        parsed
    }

    fn locale(&mut self, written: String) -> String {
        let well_formed = written
            .split('-')
            .all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        if !well_formed {
            self.complain("default_locale", "must be a language tag, such as en or pt-BR");
        }
        written
    }

    fn network(&mut self, key: &str, text: &str) -> Option<IpNet> {
        let network = parse_network(text);
        if network.is_none() {
            self.complain(key, "must be an address or a network, such as 10.0.0.0/8 or 2001:db8::/32");
        }
        network
    }

    fn database(&mut self, written: &str) -> Option<DatabaseUrl> {
        if let Some(path) = written.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.contains(['?', '\0']) {
                self.complain("database.url", "must name a file after `sqlite:`");
                return None;
            }
            return Some(DatabaseUrl::Sqlite(PathBuf::from(path)));
        }
        match Url::parse(written) {
            Ok(url) if matches!(url.scheme(), "postgres" | "postgresql") => {
                Some(DatabaseUrl::Postgres(Zeroizing::new(written.to_owned())))
            }
            // The text may hold a password, so it is not repeated.
            Ok(_) | Err(_) => {
                self.complain("database.url", "must begin with `sqlite:` or `postgres://`");
                None
            }
        }
    }

    fn duration(&mut self, key: &str, text: &str) -> Option<Duration> {
        let parsed = text.parse::<SignedDuration>().ok().and_then(|duration| Duration::try_from(duration).ok());
        let fitting =
            parsed.filter(|duration| (Duration::from_millis(100)..=Duration::from_hours(1)).contains(duration));
        if fitting.is_none() {
            self.complain(key, "must be a time between 100ms and 1h, such as 10s or 1m 30s");
        }
        fitting
    }

    fn limits(&mut self, written: &written::Limits) -> Option<Limits> {
        let header_timeout = self.duration("limits.header_timeout", &written.header_timeout);
        let request_timeout = self.duration("limits.request_timeout", &written.request_timeout);
        let idle_timeout = self.duration("limits.idle_timeout", &written.idle_timeout);
        let shutdown_timeout = self.duration("limits.shutdown_timeout", &written.shutdown_timeout);
        Some(Limits {
            body_bytes: usize::try_from(written.body_bytes).ok()?,
            header_bytes: written.header_bytes,
            header_count: usize::try_from(written.header_count).ok()?,
            header_timeout: header_timeout?,
            request_timeout: request_timeout?,
            idle_timeout: idle_timeout?,
            shutdown_timeout: shutdown_timeout?,
            connections: usize::try_from(written.connections).ok()?,
            streams: written.streams,
        })
    }

    fn log(&mut self, written: written::Log) -> Log {
        // The filter's parser panics on some texts beyond ASCII.
        let plain = written.level.is_ascii() && !written.level.trim().is_empty();
        if !plain || EnvFilter::try_new(&written.level).is_err() {
            self.complain("log.level", "must be error, warn, info, debug or trace, or a list such as info,hyper=warn");
        }
        Log { format: written.format, level: written.level }
    }

    fn master_key(&mut self, written: &written::MasterKey) -> Option<MasterKey> {
        match (&written.file, &written.environment) {
            (Some(_), Some(_)) => {
                self.complain("master_key.environment", "and `master_key.file` exclude each other: keep one");
                None
            }
            (Some(path), None) => MasterKey::read(path.as_ref())
                .map_err(|message| self.complain("master_key.file", format!("names {path}, which {message}")))
                .ok(),
            (None, Some(name)) => {
                let key = self.sources.environment.get(name).and_then(|text| MasterKey::parse(text));
                if key.is_none() {
                    let message = format!("names {name}, which does not hold 256 bits as 43 characters of base64url");
                    self.complain("master_key.environment", message);
                }
                key
            }
            (None, None) => {
                if self.sources.need == Need::Serve {
                    self.complain("master_key", "is missing: `chancery init` makes one and names it here");
                }
                None
            }
        }
    }

    fn outbound(&mut self, written: written::Outbound) -> Option<OutboundRules> {
        let entries = written.allow_private.iter().enumerate();
        let allow_private = entries
            .filter_map(|(at, text)| {
                let entry = parse_allowed(text);
                if entry.is_none() {
                    let message = "must be host:port, address:port, an address or a network";
                    self.complain(&format!("outbound.allow_private[{at}]"), message);
                }
                entry
            })
            .collect();
        let ca_bundle = written.ca_bundle.and_then(|path| {
            let text = std::fs::read_to_string(&path);
            let message = match text {
                Ok(text) if text.contains("-----BEGIN CERTIFICATE-----") => return Some(text),
                Ok(_) => format!("names {path}, which holds no PEM certificate"),
                Err(error) => format!("names {path}, which cannot be read: {error}"),
            };
            self.complain("outbound.ca_bundle", message);
            None
        });
        Some(OutboundRules {
            allow_private,
            ca_bundle,
            max_bytes: usize::try_from(written.max_bytes).ok()?,
            timeout: self.duration("outbound.timeout", &written.timeout)?,
        })
    }

    fn templates(&mut self, written: Option<String>) -> Option<PathBuf> {
        let folder = PathBuf::from(written?);
        if !folder.is_dir() {
            self.complain("pages.templates", format!("names {}, which is no folder", folder.display()));
        }
        Some(folder)
    }

    fn passwords(&mut self, written: &written::Passwords) -> Passwords {
        // RFC 9106 §3.1: at least eight blocks of one KiB for each lane.
        if written.memory_kib < written.parallelism.saturating_mul(8) {
            self.complain("passwords.memory_kib", "must be at least eight times `passwords.parallelism`");
        }
        let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Passwords {
            threads: written.threads.and_then(|threads| usize::try_from(threads).ok()).unwrap_or_else(cores),
            queue: usize::try_from(written.queue).unwrap_or(usize::MAX),
            memory_kib: written.memory_kib,
            iterations: written.iterations,
            parallelism: written.parallelism,
        }
    }

    fn tls(&mut self, written: written::Tls) -> Option<Tls> {
        let files = written.certificates.into_iter().enumerate();
        let certificates: Vec<CertificateFiles> = files
            .map(|(at, files)| {
                let readable = |path: &str| std::fs::File::open(path).and_then(|file| file.metadata()).map(drop);
                for (key, path) in [("certificate", &files.certificate), ("key", &files.key)] {
                    if let Err(error) = readable(path) {
                        let message = format!("names {path}, which cannot be read: {error}");
                        self.complain(&format!("tls.certificates[{at}].{key}"), message);
                    }
                }
                CertificateFiles { certificate: files.certificate.into(), key: files.key.into() }
            })
            .collect();
        (!certificates.is_empty()).then_some(Tls { certificates, minimum_version: written.minimum_version })
    }
}

/// A network, or one address as the smallest of networks.
fn parse_network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

fn parse_allowed(text: &str) -> Option<AllowedPrivate> {
    if let Some(network) = parse_network(text) {
        return Some(AllowedPrivate::Network(network));
    }
    let (host, port) = text.rsplit_once(':')?;
    let port = port.parse().ok().filter(|port| *port != 0)?;
    // URLs know how to spell hosts: lower case, punycode, brackets around IPv6.
    let url = Url::parse(&format!("https://{host}:{port}/")).ok()?;
    let bare = url.username().is_empty() && url.password().is_none() && url.path() == "/" && url.query().is_none();
    Some(AllowedPrivate::Host(url.host_str().filter(|_| bare && url.fragment().is_none())?.to_owned(), port))
}
