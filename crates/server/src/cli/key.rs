//! `chancery key …`.

use std::path::PathBuf;

use chancery_engine::directory::rotation::{Rotation, next_step, signing_algorithms, state_name};
use chancery_jose::SignatureAlgorithm;
use chancery_store::key::{Key, KeyPurpose, KeyState};
use chancery_store::realm::Realm;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::answer::{table, time};
use super::desk::{Desk, Sealing, read_text};
use super::progress::with_sign_of_life;
use super::{Answer, CommandError, Global, InRealm};
use crate::seed::{make_key, read_key_text};

/// What signs the tokens of a realm
#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Show the keys, their states and what happens to them next
    List(List),
    /// Replace a signing key: the new one is published a day before it signs
    #[command(
        after_help = "Examples:\n  chancery key rotate\n  chancery key rotate RS256 --immediate   a key that leaked"
    )]
    Rotate(Rotate),
    /// Bring a key that was made elsewhere
    #[command(after_help = "Example:\n  chancery key import old.pem --kid old-1 --state retired")]
    Import(Import),
    /// Show a key: its public part, or all of it
    #[command(after_help = "Examples:\n  chancery key export KID\n  chancery key export KID --private > key.jwk")]
    Export(Export),
    /// Take a key from service; verifiers still see it for a while
    Retire(Named),
    /// Take a key from the key set: tokens that it signed are refused
    Remove(Named),
}

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    realm: InRealm,
}

#[derive(Debug, Args)]
pub(super) struct Rotate {
    /// What it signs by; the realm's own algorithm where it is not named
    #[arg(value_name = "ALGORITHM", value_parser = algorithm)]
    algorithm: Option<SignatureAlgorithm>,
    #[command(flatten)]
    realm: InRealm,
    /// Sign with the new key at once
    #[arg(long)]
    immediate: bool,
}

#[derive(Debug, Args)]
pub(super) struct Import {
    /// The private key, PEM or JWK; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    realm: InRealm,
    /// What it signs by, where the key leaves a choice
    #[arg(long, value_name = "ALGORITHM", value_parser = algorithm)]
    algorithm: Option<SignatureAlgorithm>,
    /// Its name in tokens; its thumbprint where it is not named
    #[arg(long, value_name = "KID")]
    kid: Option<String>,
    /// How far it is on its way
    #[arg(long, value_name = "STATE", default_value = "published")]
    state: ImportedState,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ImportedState {
    Staged,
    Published,
    Active,
    Retired,
}

#[derive(Debug, Args)]
pub(super) struct Export {
    /// The key's name
    #[arg(value_name = "KID")]
    kid: String,
    #[command(flatten)]
    realm: InRealm,
    /// The private key too, as a JWK: whoever reads it can sign as this realm
    #[arg(long)]
    private: bool,
}

#[derive(Debug, Args)]
pub(super) struct Named {
    /// The key's name
    #[arg(value_name = "KID")]
    kid: String,
    #[command(flatten)]
    realm: InRealm,
}

fn algorithm(text: &str) -> Result<SignatureAlgorithm, String> {
    let known = signing_algorithms();
    let found = text.parse().ok().filter(|algorithm| known.contains(algorithm));
    found.ok_or_else(|| format!("name one of {}", known.iter().map(|one| one.name()).collect::<Vec<_>>().join(", ")))
}

impl KeyCommand {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, CommandError> {
        match self {
            Self::List(list) => {
                let desk = Desk::open(global, Sealing::Unused).await?;
                let steward = desk.steward();
                let realm = steward.realm(&list.realm.realm).await?;
                Ok(listed(&realm, &steward.keys(&realm.name).await?))
            }
            Self::Rotate(rotate) => rotate.run(global).await,
            Self::Import(import) => import.run(global).await,
            Self::Export(export) => export.run(global).await,
            Self::Retire(named) => named.move_to(global, KeyState::Retired).await,
            Self::Remove(named) => named.move_to(global, KeyState::Removed).await,
        }
    }
}

impl Rotate {
    async fn run(self, global: &Global) -> Result<Answer, CommandError> {
        let desk = Desk::open(global, Sealing::Needed).await?;
        let realm = desk.steward().realm(&self.realm.realm).await?;
        let algorithm = self.algorithm.unwrap_or(realm.settings.signing_algorithm);
        let key = with_sign_of_life("making a key", make_key(algorithm)).await?;
        let rotation = if self.immediate { Rotation::Immediate } else { Rotation::Scheduled };
        let key = desk.steward().rotate_key(&realm.name, &key, rotation).await?;
        let text = match next_step(&realm, &key) {
            Some((state, at)) => {
                format!("key {} is {}; it is {} from {}", key.kid, state_name(key.state), state_name(state), time(at))
            }
            None => format!("key {} is {}", key.kid, state_name(key.state)),
        };
        Ok(Answer::new(document(&realm, &key), text))
    }
}

impl Import {
    async fn run(self, global: &Global) -> Result<Answer, CommandError> {
        let mut key = read_key_text(&read_text(&self.file)?)?;
        if let Some(algorithm) = self.algorithm {
            key = key.with_algorithm(algorithm)?;
        }
        if let Some(kid) = &self.kid {
            key = key.with_kid(kid);
        }
        let state = match self.state {
            ImportedState::Staged => KeyState::Staged,
            ImportedState::Published => KeyState::Published,
            ImportedState::Active => KeyState::Active,
            ImportedState::Retired => KeyState::Retired,
        };
        let desk = Desk::open(global, Sealing::Needed).await?;
        let steward = desk.steward();
        let realm = steward.realm(&self.realm.realm).await?;
        let key = steward.import_key(&realm.name, &key, state).await?;
        Ok(Answer::new(document(&realm, &key), format!("key {} is {}", key.kid, state_name(key.state))))
    }
}

impl Export {
    async fn run(self, global: &Global) -> Result<Answer, CommandError> {
        let sealing = if self.private { Sealing::Needed } else { Sealing::Unused };
        let desk = Desk::open(global, sealing).await?;
        let (steward, realm) = (desk.steward(), &self.realm.realm);
        let (document, note) = if self.private {
            let text = steward.export_private_key(realm, &self.kid).await?.to_private_jwk()?;
            let jwk: Value = serde_json::from_str(&text).unwrap_or_default();
            (
                jwk,
                Some(
                    "this is the private key: whoever has it signs as this realm. The audit tells that it was exported",
                ),
            )
        } else {
            (steward.export_public_key(realm, &self.kid).await?, None)
        };
        let text = serde_json::to_string_pretty(&document).unwrap_or_default();
        let answer = Answer::new(document, text);
        Ok(match note {
            Some(note) => answer.with_note(note),
            None => answer,
        })
    }
}

impl Named {
    async fn move_to(self, global: &Global, state: KeyState) -> Result<Answer, CommandError> {
        let desk = Desk::open(global, Sealing::Unused).await?;
        let steward = desk.steward();
        let realm = steward.realm(&self.realm.realm).await?;
        let key = steward.move_key(&realm.name, &self.kid, state).await?;
        Ok(Answer::new(document(&realm, &key), format!("key {} is {}", key.kid, state_name(key.state))))
    }
}

fn listed(realm: &Realm, keys: &[Key]) -> Answer {
    let rows = keys
        .iter()
        .map(|key| {
            let next = next_step(realm, key).map(|(state, at)| format!("{} at {}", state_name(state), time(at)));
            vec![
                key.kid.clone(),
                purpose(key).to_owned(),
                state_name(key.state).to_owned(),
                time(key.since),
                next.unwrap_or_default(),
            ]
        })
        .collect();
    let text = table(&["kid", "purpose", "state", "since", "next"], rows, "no keys");
    Answer::new(keys.iter().map(|key| document(realm, key)).collect::<Vec<Value>>().into(), text)
}

fn purpose(key: &Key) -> &'static str {
    match key.purpose {
        KeyPurpose::Sign(algorithm) => algorithm.name(),
        KeyPurpose::Derive => "derive",
    }
}

fn document(realm: &Realm, key: &Key) -> Value {
    let next = next_step(realm, key).map(|(state, at)| json!({"state": state_name(state), "at": time(at)}));
    json!({
        "realm": key.realm.as_str(), "kid": key.kid, "purpose": purpose(key), "state": state_name(key.state),
        "since": time(key.since), "created_at": time(key.created_at), "next": next, "public": key.public,
    })
}
