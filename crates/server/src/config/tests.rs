//! What the configuration promises to those who write it.

use std::time::Duration;

use super::*;

const NAME: &str = "chancery.toml";

fn load(text: &str) -> Result<CheckedConfig, Complaints> {
    Config::load(&Sources::default().with_text(NAME, text))
}

fn told(complaints: &Complaints) -> Vec<String> {
    complaints.iter().map(ToString::to_string).collect()
}

#[test]
fn defaults_run_out_of_the_box() {
    let config = Config::load(&Sources::default()).expect("defaults are right");
    assert_eq!(config.listen, ["127.0.0.1:8080".parse().expect("an address")]);
    assert_eq!(config.database.url.to_string(), "sqlite:chancery.db");
    assert_eq!(config.limits.body_bytes, 65_536);
    assert_eq!(config.limits.header_timeout, Duration::from_secs(10));
    assert_eq!(
        (config.passwords.memory_kib, config.passwords.iterations, config.passwords.parallelism),
        (19_456, 2, 1)
    );
    assert!(config.passwords.threads >= 1);
    assert!(config.trusted_proxies.is_empty() && config.tls.is_none() && config.public_url.is_none());
}

#[test]
fn every_complaint_comes_at_once_with_its_line() {
    let text = r#"
listn = ["127.0.0.1:80"]
public_url = "http://id.example.org"
default_locale = 3

[database]
url = "mysql://root:hunter2@db/x"

[limits]
body_bytes = 1
header_timeout = "soon"
conections = 5

[log]
format = "xml"

[outbound]
allow_private = [
    "10.0.0.0/8",
    "not a host",
]

[[tls.certificates]]
certificate = "/nowhere/chain.pem"
"#;
    let complaints = load(text).expect_err("nearly everything is wrong");
    assert_eq!(
        told(&complaints),
        [
            "chancery.toml:2:1: unknown key `listn`, did you mean `listen`?",
            "chancery.toml:3:1: `public_url` must begin with https:// (http:// only for a loopback host)",
            "chancery.toml:4:1: `default_locale` must be text, not a whole number",
            "chancery.toml:7:1: `database.url` must begin with `sqlite:` or `postgres://`",
            "chancery.toml:10:1: `limits.body_bytes` must lie between 1024 and 16777216",
            "chancery.toml:11:1: `limits.header_timeout` must be a time between 100ms and 1h, such as 10s or 1m 30s",
            "chancery.toml:12:1: unknown key `limits.conections`, did you mean `connections`?",
            "chancery.toml:15:1: `log.format` must be `json` or `text`",
            "chancery.toml:20:5: `outbound.allow_private[1]` must be host:port, address:port, an address or a network",
            "chancery.toml:23:1: `tls.certificates[0]` lacks `key`",
        ]
    );
    assert!(!complaints.to_string().contains("hunter2"));
}

#[test]
fn faults_of_syntax_are_told_together_with_faults_of_meaning() {
    let complaints = load("listen = [\n\npublic_url = \"ftp://x\"\nmetrics = 1\n").expect_err("a bracket is open");
    assert!(complaints.iter().any(|complaint| complaint.key.is_empty()), "{complaints}");
}

#[test]
fn what_serving_needs_is_missed_only_when_serving() {
    let complaints = Config::load(&Sources::default().needed_to(Need::Serve)).expect_err("nothing is configured");
    let keys: Vec<&str> = complaints.iter().map(|complaint| complaint.key.as_str()).collect();
    assert_eq!(keys, ["master_key", "public_url"]);
}

#[test]
fn the_environment_comes_before_the_file_and_flags_before_both() {
    let config = Config::load(
        &Sources::default()
            .with_text(NAME, "public_url = \"https://file.example\"\n[limits]\nstreams = 7\nconnections = 7\n")
            .with_variable("CHANCERY_PUBLIC_URL", "https://environment.example")
            .with_variable("CHANCERY_LIMITS__STREAMS", "8")
            .with_variable("CHANCERY_LISTEN", "127.0.0.1:1, [::1]:2")
            .with_variable("CHANCERY_METRICS__ENABLED", "true")
            .with_flag("limits.streams", "9"),
    )
    .expect("all is right");
    assert_eq!(config.public_url.expect("set").as_str(), "https://environment.example");
    assert_eq!((config.limits.streams, config.limits.connections), (9, 7));
    assert_eq!(config.listen.len(), 2);
    assert!(config.metrics.enabled);
}

#[test]
fn an_unknown_variable_is_refused_but_what_kubernetes_adds_is_not() {
    let sources = Sources::default()
        .with_variable("CHANCERY_DATABSE__URL", "sqlite:x")
        .with_variable("CHANCERY_LOG__LEVEL", "=loud=")
        .with_variable("CHANCERY_PORT_8080_TCP_ADDR", "10.0.0.1")
        .with_variable("CHANCERY_SERVICE_HOST", "10.0.0.1")
        .with_variable("PATH", "/bin");
    let complaints = Config::load(&sources).expect_err("two variables are wrong");
    assert_eq!(
        told(&complaints),
        [
            "environment variable CHANCERY_DATABSE__URL: unknown key `databse`, did you mean `database`?",
            "environment variable CHANCERY_LOG__LEVEL: `log.level` must be error, warn, info, debug or trace, \
             or a list such as info,hyper=warn",
        ]
    );
}

#[test]
fn a_list_of_tables_fits_into_a_variable() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("pem");
    std::fs::write(&file, "").expect("written");
    let file = file.display();
    let value = format!("[{{ certificate = '{file}', key = '{file}' }}]");
    let config = Config::load(&Sources::default().with_variable("CHANCERY_TLS__CERTIFICATES", value)).expect("right");
    assert_eq!(config.tls.expect("certificates").certificates.len(), 1);
}

#[test]
fn no_secret_is_ever_printed() {
    let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    let config = Config::load(
        &Sources::default()
            .with_text(NAME, "[master_key]\nenvironment = \"CHANCERY_MASTER_KEY\"\n")
            .with_variable("CHANCERY_DATABASE__URL", "postgres://chancery:hunter2@db/chancery?password=hunter3")
            .with_variable("CHANCERY_MASTER_KEY", key),
    )
    .expect("all is right");
    let printed = format!("{config:?} {}", config.database.url);
    assert!(!printed.contains("hunter") && !printed.contains(key), "{printed}");
    assert!(printed.contains("postgres://db/chancery"));
    assert_eq!(config.master_key.expect("a key").expose()[..3], [0, 1, 2]);
}

#[test]
fn a_master_key_survives_its_file_and_is_never_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("master.key");
    MasterKey::from_bytes([7; 32]).write_new(&path).expect("written");
    assert!(MasterKey::from_bytes([8; 32]).write_new(&path).is_err());
    let text = format!("[master_key]\nfile = '{}'\n", path.display());
    assert_eq!(load(&text).expect("right").master_key.expect("a key").expose(), &[7; 32]);
}

#[test]
fn a_public_url_is_an_origin() {
    for wrong in [
        "https://user@id.example",
        "https://id.example/path",
        "https://id.example?x",
        "https://id.example#x",
        "http://10.0.0.1",
        "id.example",
        "javascript:alert(1)",
    ] {
        assert!(PublicUrl::parse(wrong).is_err(), "{wrong}");
    }
    for (right, issuer) in [
        ("https://ID.example:443/", "https://id.example"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ] {
        assert_eq!(PublicUrl::parse(right).expect(right).as_str(), issuer);
    }
}

#[test]
fn the_commented_file_is_the_default_and_so_is_what_it_comments_out() {
    let file = commented_default_toml();
    assert!(load(&file).is_ok(), "{file}");
    let keys = ["public_url = \"https://id.example\"", "trusted_proxies = [\"10.0.0.0/8\"]"];
    let set = commented_toml(&[("public_url", "\"https://id.example\""), ("trusted_proxies", "[\"10.0.0.0/8\"]")]);
    assert!(keys.iter().all(|key| set.lines().any(|line| line == *key)), "{set}");
    assert_eq!(load(&set).expect("right").trusted_proxies.len(), 1);

    // Each default, uncommented, is admitted too.
    let uncommented: String = file
        .lines()
        .map(|line| line.strip_prefix("# ").filter(|line| line.contains(" = ")).unwrap_or(line))
        .filter(|line| !line.contains("/etc/chancery") && !line.starts_with("environment"))
        .map(|line| format!("{line}\n"))
        .collect();
    assert!(load(&uncommented).is_ok(), "{}\n{uncommented}", load(&uncommented).expect_err("wrong"));
}

#[test]
fn every_key_has_its_manual() {
    let page = reference_markdown();
    for heading in ["### `public_url`", "### `database.url`", "### `passwords.memory_kib`", "## `[tls]`"] {
        assert!(page.contains(heading), "{heading}");
    }
    assert!(!page.contains("`\n\n\n"), "a key lacks its description");
}

/// The filter's parser panics on this.
#[test]
fn a_log_level_beyond_ascii_is_refused() {
    assert!(load("[log]\nlevel = \" \u{1b00}=\"\n").is_err());
}

proptest::proptest! {
    #[test]
    fn no_text_brings_the_reader_down(text in "[\\[\\]a-z_.=\"' \n0-9{},#-]{0,200}") {
        let _ = load(&text);
    }

    #[test]
    fn no_value_of_a_known_key_brings_the_reader_down(value in "\\PC{0,60}") {
        for key in ["CHANCERY_PUBLIC_URL", "CHANCERY_LISTEN", "CHANCERY_TRUSTED_PROXIES", "CHANCERY_DATABASE__URL",
                    "CHANCERY_OUTBOUND__ALLOW_PRIVATE", "CHANCERY_LOG__LEVEL", "CHANCERY_LIMITS__STREAMS",
                    "CHANCERY_TLS__CERTIFICATES", "CHANCERY_TLS", "CHANCERY_LIMITS__IDLE_TIMEOUT"] {
            let _ = Config::load(&Sources::default().with_variable(key, value.clone()));
        }
    }
}
