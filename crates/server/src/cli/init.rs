//! `chancery init`: everything that a first start needs. No password is ever chosen for anybody.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use chancery_engine::directory::claims;
use chancery_engine::directory::realms::RealmPlan;
use chancery_engine::directory::users::UserPlan;
use chancery_engine::settings::{PROFILES, profile};
use chancery_store::Store;
use chancery_store::id::{RealmName, Username};
use clap::Args;
use serde_json::{Map, Value, json};

use super::desk::{issuer_of, steward, vault_of};
use super::progress::with_sign_of_life;
use super::{Answer, CommandError, Global};
use crate::app::SystemDice;
use crate::config::{Config, MasterKey, Need, PublicUrl, Sources, commented_toml};
use crate::seed::{KeyMaking, furnish};
use crate::wiring::Backend;

const AFTER_HELP: &str = "\
It writes DIRECTORY/chancery.toml with every key explained, and DIRECTORY/master.key, which only its owner
may read; it makes the database, the default realm with its keys, and an administrator. The administrator
chooses a password by the link that is printed, which works once. Nothing that is there is overwritten.

Examples:
  chancery init --public-url https://id.example.org
  chancery init --directory /etc/chancery --database sqlite:/var/lib/chancery/chancery.db
  chancery init --database postgres://chancery@db.example.org/chancery --administrator root";

/// Keep the master key somewhere safe: what it sealed is lost without it
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Init {
    /// Where the configuration and the master key are written
    #[arg(long, value_name = "DIRECTORY", default_value = ".")]
    directory: PathBuf,
    /// Where the world will reach the server
    #[arg(long, value_name = "URL", default_value = "http://localhost:8080")]
    public_url: String,
    /// The database; a SQLite file beside the configuration where it is not named
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// The first administrator's username
    #[arg(long, value_name = "NAME", default_value = "admin", value_parser = super::username)]
    administrator: Username,
    /// The administrator's e-mail address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// The profile of the default realm
    #[arg(long, value_name = "NAME", default_value = "standard")]
    profile: String,
}

impl Init {
    pub(super) async fn run(self, _global: &Global) -> Result<Answer, CommandError> {
        let public_url =
            PublicUrl::parse(&self.public_url).map_err(|why| CommandError::Failed(format!("--public-url {why}")))?;
        if profile(&self.profile).is_none() {
            let known: Vec<&str> = PROFILES.iter().map(|profile| profile.name).collect();
            return Err(CommandError::Failed(format!("--profile is none of {}", known.join(", "))));
        }
        claims::check(&self.claims()).or(()).map_err(CommandError::Refused)?;
        let failed = |what: &Path, error: std::io::Error| CommandError::Failed(format!("{}: {error}", what.display()));
        std::fs::create_dir_all(&self.directory).map_err(|error| failed(&self.directory, error))?;
        let directory = self.directory.canonicalize().map_err(|error| failed(&self.directory, error))?;
        let (config_file, key_file) = (directory.join("chancery.toml"), directory.join("master.key"));
        for file in [&config_file, &key_file] {
            if file.exists() {
                return Err(CommandError::Conflict(format!(
                    "{} exists already and is not overwritten",
                    file.display()
                )));
            }
        }
        let database =
            self.database.clone().unwrap_or_else(|| format!("sqlite:{}", directory.join("chancery.db").display()));

        // First everything that can be refused, then the files: a wrong database leaves none behind.
        let mut bytes = zeroize::Zeroizing::new([0; 32]);
        aws_lc_rs::rand::fill(bytes.as_mut_slice()).map_err(|_| CommandError::Failed("no randomness".to_owned()))?;
        let master_key = MasterKey::from_bytes(*bytes);
        let text = commented_toml(&[
            ("public_url", &quoted(public_url.as_str())),
            ("database.url", &quoted(&database)),
            ("master_key.file", &quoted(&key_file.display().to_string())),
        ]);
        let probe = Sources::default().with_flag("database.url", database.as_str()).needed_to(Need::Command);
        let backend = Backend::open(&Config::load(&probe)?.database).await?;
        with_sign_of_life("migrating", backend.migrate()).await?;
        let store = backend.store();
        if store.realm_record(&RealmName::default_realm()).await?.is_some() {
            let message = format!(
                "the database {} has a default realm already; `chancery user link` lets an administrator in",
                probe_name(&database)
            );
            return Err(CommandError::Conflict(message));
        }
        master_key.write_new(&key_file).map_err(|error| failed(&key_file, error))?;
        write_new(&config_file, &text).map_err(|error| failed(&config_file, error))?;

        let sources = Sources::of_this_process(Some(config_file.clone()), Vec::new(), Need::Serve)?;
        let config = Config::load(&sources)?;
        let link = self.people(&*store, &config).await?;
        let document = json!({
            "configuration": config_file, "master_key": key_file, "database": config.database.url.to_string(),
            "public_url": public_url.as_str(), "administrator": self.administrator.as_str(), "link": link,
        });
        let text = format!(
            "configuration   {}\nmaster key      {}   keep a copy somewhere safe\ndatabase        {}\n\n\
             Start the server:\n  chancery serve --config {}\n\n\
             Then let {} choose a password, by this link, which works once:\n  {link}\n",
            config_file.display(),
            key_file.display(),
            config.database.url,
            config_file.display(),
            self.administrator,
        );
        Ok(Answer::new(document, text))
    }

    /// What is known of the administrator.
    fn claims(&self) -> Map<String, Value> {
        self.email.iter().map(|email| ("email".to_owned(), json!(email))).collect()
    }

    /// The default realm, its keys, and the administrator; answers the link.
    async fn people(&self, store: &dyn Store, config: &crate::config::CheckedConfig) -> Result<String, CommandError> {
        let vault = vault_of(config)?.ok_or_else(|| CommandError::Failed("the master key is missing".to_owned()))?;
        let dice = SystemDice;
        let steward = steward(store, &vault, &dice);
        let plan =
            RealmPlan { name: "default".to_owned(), profile: Some(self.profile.clone()), ..RealmPlan::default() };
        let realm = steward.add_realm(&plan).await?;
        with_sign_of_life("making keys", furnish(&steward, &realm, KeyMaking::All)).await?;
        let username = self.administrator.as_str().to_owned();
        let user = UserPlan { username, administrator: true, claims: self.claims() };
        steward.add_user(&realm.name, &user).await?;
        let link = steward.password_link(&realm.name, &self.administrator).await?;
        let issuer = issuer_of(config.public_url.as_ref().map(PublicUrl::as_str), &realm).unwrap_or_default();
        Ok(format!("{issuer}/password/{}", link.secret.into_wire()))
    }
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A database's URL without what may be secret in it.
fn probe_name(database: &str) -> &str {
    database.split_once("://").map_or(database, |(scheme, _)| scheme)
}

fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    // The database's URL may hold a password.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}
