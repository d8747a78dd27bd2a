//! A client's secrets: made, chosen, kept, replaced.
//!
//! Implements: RFC 6749 §2.3.1, appendix A.2; RFC 7518 §3.2 (length of MAC secrets).

use chancery_jose::SignatureAlgorithm;
use chancery_spec::client_authentication::ClientAuthenticationMethod as Method;
use chancery_store::client::{Client, ClientSecret, KeptSecret};
use chancery_store::secret::Secret;

use super::client_plan::needs_secret;
use super::client_rules::Setting;
use super::error::Complaints;
use super::{DirectoryError, Steward};
use crate::client_keys::secret_context;

/// A chosen secret shorter than this is warned of: it has less than the 256 bits of a generated one.
const COMFORTABLE_LENGTH: usize = 32;
/// The fewest characters of a chosen secret.
const SHORTEST: usize = 8;
/// The longest secret, in bytes.
const LONGEST: usize = 512;

impl Steward<'_> {
    /// Gives `client` the secrets that it shall have. Answers a generated one, to be shown once.
    ///
    /// `former` is what the client was before: its secrets stay where they fit and none is chosen.
    pub(super) fn furnish(
        &self,
        client: &mut Client,
        former: Option<&Client>,
        chosen: Option<&Secret>,
    ) -> Result<Option<Secret>, DirectoryError> {
        client.secrets = Vec::new();
        if !needs_secret(client.authentication) {
            return Ok(None);
        }
        let sealed = client.authentication == Method::ClientSecretJwt;
        // Those that are over stay in the record until a rotation: nothing changed when nothing was asked.
        let fitting: Vec<ClientSecret> = former
            .into_iter()
            .flat_map(|former| &former.secrets)
            .filter(|secret| matches!(secret.kept, KeptSecret::Sealed(_)) == sealed)
            .cloned()
            .collect();
        let is_live = |secret: &ClientSecret| !secret.expires_at.is_some_and(|end| self.now.is_past(end));
        if let Some(chosen) = chosen {
            let live: Vec<ClientSecret> = fitting.iter().filter(|secret| is_live(secret)).cloned().collect();
            client.secrets =
                if self.holds(client, &live, chosen)? { fitting } else { vec![self.keep(client, chosen)?] };
            return Ok(None);
        }
        if fitting.iter().any(is_live) {
            client.secrets = fitting;
            return Ok(None);
        }
        let fresh = self.fresh_secret(client);
        client.secrets = vec![self.keep(client, &fresh)?];
        Ok(Some(fresh))
    }

    /// A new secret beside the youngest of the old, which ends after `former_lives` seconds. Two live at most.
    pub(super) fn renew(&self, client: &mut Client, former_lives: u64) -> Result<Secret, DirectoryError> {
        if !needs_secret(client.authentication) {
            let message =
                format!("client {:?} authenticates by {} and has no secret", client.id.as_str(), client.authentication);
            return Err(DirectoryError::Forbidden(message));
        }
        let fresh = self.fresh_secret(client);
        let end = self.now.plus_seconds(former_lives);
        let youngest = client.live_secrets(self.now).max_by_key(|secret| secret.created_at).cloned();
        client.secrets = vec![self.keep(client, &fresh)?];
        if let Some(mut former) = youngest.filter(|_| former_lives > 0) {
            former.expires_at = Some(former.expires_at.map_or(end, |sooner| sooner.earlier_of(end)));
            client.secrets.push(former);
        }
        Ok(fresh)
    }

    fn fresh_secret(&self, client: &Client) -> Secret {
        let enough = self.secret();
        if enough.expose().len() >= least_bytes(client) {
            return enough;
        }
        Secret::presented(format!("{}{}", enough.expose(), self.secret().expose()))
    }

    fn keep(&self, client: &Client, secret: &Secret) -> Result<ClientSecret, DirectoryError> {
        let kept = match client.authentication {
            Method::ClientSecretJwt => {
                KeptSecret::Sealed(self.vault.seal(&secret_context(client), secret.expose().as_bytes())?)
            }
            Method::ClientSecretBasic
            | Method::ClientSecretPost
            | Method::None
            | Method::PrivateKeyJwt
            | Method::SelfSignedTlsClientAuth
            | Method::TlsClientAuth => KeptSecret::Digest(secret.digest()),
        };
        Ok(ClientSecret { kept, created_at: self.now, expires_at: None })
    }

    /// Whether `secret` is among `kept`.
    fn holds(&self, client: &Client, kept: &[ClientSecret], secret: &Secret) -> Result<bool, DirectoryError> {
        for known in kept {
            let same = match &known.kept {
                KeptSecret::Digest(digest) => digest.matches(secret),
                KeptSecret::Sealed(sealed) => {
                    let opened = self.vault.open(&secret_context(client), sealed)?;
                    chancery_jose::constant_time_eq(&opened, secret.expose().as_bytes())
                }
            };
            if same {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The bytes that the client's MAC asks for.
fn least_bytes(client: &Client) -> usize {
    match (client.authentication, client.assertion_algorithm) {
        (Method::ClientSecretJwt, Some(SignatureAlgorithm::Hs512)) => 64,
        (Method::ClientSecretJwt, Some(SignatureAlgorithm::Hs384)) => 48,
        (Method::ClientSecretJwt, _) => 32,
        _ => 0,
    }
}

/// Complains of a chosen secret that is none, and warns of one that is easily guessed.
pub(super) fn weigh(
    client: &Client,
    secret: &Secret,
    setting: &Setting,
    complaints: &mut Complaints,
) -> Option<String> {
    let (text, name) = (secret.expose(), "client_secret");
    // A realm that takes any password of a person takes any secret of a client.
    let shortest = SHORTEST.min(setting.realm.settings.passwords.minimum_length).max(least_bytes(client)).max(1);
    if text.len() < shortest || text.len() > LONGEST {
        complaints.push(name, format!("a chosen secret has {shortest} to {LONGEST} characters here"));
    }
    if !text.bytes().all(|byte| matches!(byte, 0x20..=0x7e)) {
        complaints.push(name, "a secret is made of printable ASCII characters (RFC 6749 appendix A.2)");
    }
    (text.len() < COMFORTABLE_LENGTH).then(|| {
        format!("the chosen secret of client {:?} is shorter than {COMFORTABLE_LENGTH} characters; a generated one cannot be guessed", client.id.as_str())
    })
}
