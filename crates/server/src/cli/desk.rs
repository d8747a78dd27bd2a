//! What a command works with: the database, the vault, the present and chance.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use chancery_engine::directory::Steward;
use chancery_jose::{MasterKey, Vault};
use chancery_store::Store;
use chancery_store::realm::Realm;
use chancery_store::secret::Secret;
use zeroize::Zeroizing;

use super::{CommandError, Global};
use crate::app::{Clock as _, SystemClock, SystemDice};
use crate::config::{CheckedConfig, Need};
use crate::password_pool::PasswordPool;
use crate::wiring::{Backend, Hashing};

/// Whether a command seals or opens secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sealing {
    /// It does: the master key must be there.
    Needed,
    /// It does not.
    Unused,
}

/// What a command works with.
pub(super) struct Desk {
    pub(super) config: CheckedConfig,
    pub(super) store: Arc<dyn Store>,
    pub(super) vault: Vault,
    dice: SystemDice,
}

impl Desk {
    /// Opens the configured database, whose schema must be of this release.
    pub(super) async fn open(global: &Global, sealing: Sealing) -> Result<Self, CommandError> {
        let config = global.load(Need::Command)?;
        let vault = match (vault_of(&config)?, sealing) {
            (Some(vault), _) => vault,
            (None, Sealing::Needed) => {
                let message = "this needs the master key: set `master_key.file` or `master_key.environment`";
                return Err(CommandError::Failed(message.to_owned()));
            }
            // Nothing is sealed with it; it only fills the place.
            (None, Sealing::Unused) => Vault::new(MasterKey::generate()?),
        };
        let backend = Backend::open(&config.database).await?;
        let pending = backend.pending_migrations().await?;
        if !pending.is_empty() {
            let message = format!("the database {} lacks migrations; run `chancery migrate`", config.database.url);
            return Err(CommandError::Failed(message));
        }
        Ok(Self { store: backend.store(), config, vault, dice: SystemDice })
    }

    /// Whoever sits at the command line.
    pub(super) fn steward(&self) -> Steward<'_> {
        steward(&*self.store, &self.vault, &self.dice)
    }

    /// The configured pool for passwords.
    pub(super) fn hashing(&self) -> Result<Hashing, CommandError> {
        let pool = PasswordPool::start(&self.config.passwords)
            .map_err(|error| CommandError::Failed(format!("the password pool: {error}")))?;
        Ok(Hashing(Arc::new(pool)))
    }

    /// The identifier of `realm`, if it can be known.
    pub(super) fn issuer_of(&self, realm: &Realm) -> Option<String> {
        issuer_of(self.config.public_url.as_ref().map(crate::config::PublicUrl::as_str), realm)
    }
}

/// A steward of this moment.
pub(super) fn steward<'a>(store: &'a dyn Store, vault: &'a Vault, dice: &'a SystemDice) -> Steward<'a> {
    Steward { store, vault, now: SystemClock.now(), dice, actor: "command line".to_owned() }
}

/// The vault of the configured master key.
pub(super) fn vault_of(config: &CheckedConfig) -> Result<Option<Vault>, CommandError> {
    let key = config.master_key.as_ref().map(|key| MasterKey::from_bytes(key.expose())).transpose()?;
    Ok(key.map(Vault::new))
}

/// The identifier of `realm`: its own, or the public URL and its path.
pub(super) fn issuer_of(public_url: Option<&str>, realm: &Realm) -> Option<String> {
    match (&realm.issuer, public_url) {
        (Some(own), _) => Some(own.as_str().to_owned()),
        (None, Some(url)) if realm.name.is_default() => Some(url.to_owned()),
        (None, Some(url)) => Some(format!("{}/realms/{}", url.trim_end_matches('/'), realm.name)),
        (None, None) => None,
    }
}

/// The text of a file, or of standard input for `-`.
pub(super) fn read_text(path: &Path) -> Result<Zeroizing<String>, CommandError> {
    let mut text = Zeroizing::new(String::new());
    let read = if path == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).map(drop)
    } else {
        std::fs::File::open(path).and_then(|mut file| file.read_to_string(&mut text)).map(drop)
    };
    read.map_err(|error| CommandError::Failed(format!("{} cannot be read: {error}", path.display())))?;
    Ok(text)
}

/// The secret in a file, without the line's end; from standard input for `-`.
pub(super) fn read_secret(path: &Path) -> Result<Secret, CommandError> {
    let text = read_text(path)?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(CommandError::Failed(format!("{} holds no secret", path.display())));
    }
    Ok(Secret::presented(secret))
}
