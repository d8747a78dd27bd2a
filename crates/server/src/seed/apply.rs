//! Applying a seed: each record is declared, and what is so already is left alone.

use std::sync::Arc;

use chancery_engine::context::PasswordHashing;
use chancery_engine::directory::client_plan::ClientPlan;
use chancery_engine::directory::realms::RealmPlan;
use chancery_engine::directory::resources::ResourcePlan;
use chancery_engine::directory::users::UserPlan;
use chancery_engine::directory::{DirectoryError, Outcome, Steward};
use chancery_jose::{JoseError, SigningKey};
use chancery_store::Store;
use chancery_store::id::{ClientId, RealmName, Username};
use chancery_store::key::{Key, KeyPurpose, KeyState};
use chancery_store::realm::{Realm, ScopeDefinition};
use chancery_store::resource::TokenFormat;
use chancery_store::secret::Secret;
use chancery_store::user::User;
use futures_util::future::join_all;
use serde::Serialize;

use super::furnish::{KeyMaking, furnish};
use super::rehearsal::{Rehearsal, RehearsedHashing};
use super::written::{Hidden, SeedClient, SeedKey, SeedKeyState, SeedRealm, SeedResource, SeedTokenFormat, SeedUser};
use super::{Places, WrittenSeed};
use crate::config::Complaints;

/// Passwords that are hashed at once: fewer than a pool has places.
const PASSWORDS_AT_ONCE: usize = 16;

/// What became of each record.
#[derive(Debug, Default)]
pub struct Report {
    /// The records, in the order of the seed.
    pub entries: Vec<Entry>,
    /// Secrets that were generated; they are nowhere else.
    pub issued: Vec<IssuedSecret>,
    /// What was accepted and should be thought over.
    pub warnings: Vec<String>,
}

/// One record of the report.
#[derive(Debug, Serialize)]
pub struct Entry {
    /// `realm`, `resource`, `client`, `user`, `password`, `key`.
    pub kind: &'static str,
    /// Its realm.
    pub realm: String,
    /// Its name.
    pub name: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// A secret that was generated for a client.
#[derive(Debug)]
pub struct IssuedSecret {
    /// The client's realm.
    pub realm: String,
    /// The client.
    pub client_id: String,
    /// To be shown once.
    pub secret: Secret,
}

/// Why a seed was not applied.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// What it says breaks rules.
    #[error("{0}")]
    Complaints(Complaints),
    /// The directory could not be changed.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

/// Does over `store` everything that [`apply`] would do and keeps none of it. Keys are not made.
///
/// # Errors
/// As [`apply`].
pub async fn rehearse(
    steward: &Steward<'_>,
    store: Arc<dyn Store>,
    hashing: &dyn PasswordHashing,
    written: &WrittenSeed,
) -> Result<Report, SeedError> {
    let rehearsal = Rehearsal::over(store);
    let hashing = RehearsedHashing(hashing);
    let rehearsed = Steward {
        store: &rehearsal,
        vault: steward.vault,
        now: steward.now,
        dice: steward.dice,
        actor: steward.actor.clone(),
    };
    run(&rehearsed, &hashing, written, None).await
}

/// Makes the directory what the seed declares.
///
/// # Errors
/// [`SeedError::Complaints`] with all of them. Those that a rehearsal does not find are races with other stewards.
pub async fn apply(
    steward: &Steward<'_>,
    hashing: &dyn PasswordHashing,
    written: &WrittenSeed,
    making: KeyMaking,
) -> Result<Report, SeedError> {
    run(steward, hashing, written, Some(making)).await
}

async fn run(
    steward: &Steward<'_>,
    hashing: &dyn PasswordHashing,
    written: &WrittenSeed,
    making: Option<KeyMaking>,
) -> Result<Report, SeedError> {
    let mut run =
        Run { steward, hashing, places: &written.places, report: Report::default(), complaints: Complaints::default() };
    for (at, realm) in written.seed.realms.iter().enumerate() {
        run.realm(realm, &format!("realms[{at}]"), making).await?;
    }
    if run.complaints.is_empty() { Ok(run.report) } else { Err(SeedError::Complaints(run.complaints.in_order())) }
}

struct Run<'a> {
    steward: &'a Steward<'a>,
    hashing: &'a dyn PasswordHashing,
    places: &'a Places,
    report: Report,
    complaints: Complaints,
}

impl Run<'_> {
    /// The value, or its complaints at their places; errors that have no place end the run.
    fn heard<T>(&mut self, path: &str, result: Result<T, DirectoryError>) -> Result<Option<T>, DirectoryError> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(DirectoryError::Refused(complaints)) => {
                for complaint in complaints.iter() {
                    let member = format!("{path}.{}", complaint.member);
                    self.complaints.push(self.places.of(&member), &member, complaint.to_string());
                }
                Ok(None)
            }
            Err(
                wrong @ (DirectoryError::Taken { .. } | DirectoryError::Forbidden(_) | DirectoryError::Missing { .. }),
            ) => {
                self.complaints.push(self.places.of(path), path, wrong.to_string());
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }

    fn note(&mut self, kind: &'static str, realm: &RealmName, name: &str, outcome: Outcome) {
        self.report.entries.push(Entry { kind, realm: realm.to_string(), name: name.to_owned(), outcome });
    }

    async fn realm(&mut self, seed: &SeedRealm, path: &str, making: Option<KeyMaking>) -> Result<(), SeedError> {
        let declared = self.steward.declare_realm(&realm_plan(seed)).await;
        let Some((mut outcome, realm)) = self.heard(path, declared)? else { return Ok(()) };
        let place = self.report.entries.len();
        for (at, key) in seed.keys.iter().enumerate() {
            self.key(&realm, key, &format!("{path}.keys[{at}]")).await?;
        }
        if let Some(making) = making {
            for key in furnish(self.steward, &realm, making).await? {
                self.note("key", &realm.name, &key_name(&key), Outcome::Created);
            }
        }
        for (at, resource) in seed.resources.iter().enumerate() {
            self.resource(&realm, resource, &format!("{path}.resources[{at}]")).await?;
        }
        for (at, client) in seed.clients.iter().enumerate() {
            self.client(&realm, client, &format!("{path}.clients[{at}]")).await?;
        }
        self.users(&realm, &seed.users, path).await?;
        if let Some(enabled) = seed.enabled {
            outcome = outcome.min(self.steward.enable_realm(&realm.name, enabled).await?);
        }
        // What became of it is known only now; it is told before what is in it.
        let name = realm.name.to_string();
        self.report.entries.insert(place, Entry { kind: "realm", realm: name.clone(), name, outcome });
        Ok(())
    }

    async fn key(&mut self, realm: &Realm, seed: &SeedKey, path: &str) -> Result<(), SeedError> {
        let key = match read_key(seed, self.places) {
            Ok(key) => key,
            Err(why) => {
                self.complaints.push(self.places.of(path), path, why);
                return Ok(());
            }
        };
        let known = self.steward.keys(&realm.name).await?;
        if let Some(known) = known.iter().find(|known| Some(known.kid.as_str()) == key.kid()) {
            self.note("key", &realm.name, &key_name(known), Outcome::Unchanged);
            return Ok(());
        }
        let state = match seed.state {
            SeedKeyState::Active => KeyState::Active,
            SeedKeyState::Published => KeyState::Published,
            SeedKeyState::Retired => KeyState::Retired,
            SeedKeyState::Staged => KeyState::Staged,
        };
        let imported = self.steward.import_key(&realm.name, &key, state).await;
        if let Some(key) = self.heard(path, imported)? {
            self.note("key", &realm.name, &key_name(&key), Outcome::Created);
        }
        Ok(())
    }

    async fn resource(&mut self, realm: &Realm, seed: &SeedResource, path: &str) -> Result<(), SeedError> {
        let algorithm = seed.signing_algorithm.as_deref().map(str::parse).transpose();
        let signing_algorithm = match algorithm {
            Ok(algorithm) => algorithm,
            Err(why) => {
                let member = format!("{path}.signing_algorithm");
                let why: JoseError = why;
                self.complaints.push(self.places.of(&member), &member, why.to_string());
                return Ok(());
            }
        };
        let plan = ResourcePlan {
            identifier: seed.identifier.clone(),
            name: seed.name.clone(),
            scope: seed.scope.clone(),
            token_format: match seed.token_format {
                SeedTokenFormat::Jwt => TokenFormat::Jwt,
                SeedTokenFormat::Opaque => TokenFormat::Opaque,
            },
            access_token_lifetime: seed.access_token_lifetime,
            signing_algorithm,
            servers: seed.servers.clone(),
        };
        let declared = self.steward.declare_resource(&realm.name, &plan).await;
        if let Some((outcome, resource)) = self.heard(path, declared)? {
            self.note("resource", &realm.name, resource.identifier.as_str(), outcome);
        }
        Ok(())
    }

    async fn client(&mut self, realm: &Realm, seed: &SeedClient, path: &str) -> Result<(), SeedError> {
        let declared = self.steward.declare_client(&realm.name, &client_plan(seed)).await;
        let Some((mut outcome, registered)) = self.heard(path, declared)? else { return Ok(()) };
        let id: ClientId = registered.client.id;
        self.report.warnings.extend(registered.warnings);
        if let Some(secret) = registered.secret {
            self.report.issued.push(IssuedSecret { realm: realm.name.to_string(), client_id: id.to_string(), secret });
        }
        if let Some(enabled) = seed.enabled {
            outcome = outcome.min(self.steward.enable_client(&realm.name, &id, enabled).await?);
        }
        self.note("client", &realm.name, id.as_str(), outcome);
        Ok(())
    }

    async fn users(&mut self, realm: &Realm, seeds: &[SeedUser], path: &str) -> Result<(), SeedError> {
        let mut with_password: Vec<(String, User, &Hidden)> = Vec::new();
        for (at, seed) in seeds.iter().enumerate() {
            let path = format!("{path}.users[{at}]");
            let plan = UserPlan {
                username: seed.username.clone(),
                administrator: seed.administrator,
                claims: seed.claims.clone(),
            };
            let declared = self.steward.declare_user(&realm.name, &plan).await;
            let Some((mut outcome, user)) = self.heard(&path, declared)? else { continue };
            if let Some(enabled) = seed.enabled {
                let username: &Username = &user.username;
                outcome = outcome.min(self.steward.enable_user(&realm.name, username, enabled).await?);
            }
            self.note("user", &realm.name, user.username.as_str(), outcome);
            if let Some(password) = &seed.password {
                with_password.push((path, user, password));
            }
        }
        // Hashing is slow on purpose: as many at once as the pool has room for.
        for some in with_password.chunks(PASSWORDS_AT_ONCE) {
            let (steward, hashing) = (self.steward, self.hashing);
            let declared = join_all(some.iter().map(|(_, user, password)| {
                steward.declare_password(user, Secret::presented(password.expose()), hashing)
            }))
            .await;
            for ((path, user, _), declared) in some.iter().zip(declared) {
                if let Some(outcome) = self.heard(path, declared)? {
                    self.note("password", &realm.name, user.username.as_str(), outcome);
                }
            }
        }
        Ok(())
    }
}

fn realm_plan(seed: &SeedRealm) -> RealmPlan {
    let scope = |scope: &super::written::SeedScope| ScopeDefinition {
        name: scope.name.clone(),
        description: scope.description.clone(),
        claims: scope.claims.clone(),
    };
    RealmPlan {
        name: seed.name.clone(),
        display_name: seed.display_name.clone(),
        profile: seed.profile.clone(),
        issuer: seed.issuer.clone(),
        settings: seed.settings.clone(),
        scopes: seed.scopes.iter().map(scope).collect(),
    }
}

fn client_plan(seed: &SeedClient) -> ClientPlan {
    ClientPlan {
        id: Some(seed.client_id.clone()),
        secret: seed.client_secret.as_ref().map(|secret| Secret::presented(secret.expose())),
        metadata: seed.metadata.clone(),
        first_party: seed.first_party,
        resources: seed.resources.clone(),
        subject: seed.subject.clone(),
        access_token_lifetime: seed.access_token_lifetime,
    }
}

/// The key that a seed brings; the error is a sentence that never quotes it.
fn read_key(seed: &SeedKey, places: &Places) -> Result<SigningKey, String> {
    let words = |error: JoseError| error.to_string();
    let key = match (&seed.private_key_file, &seed.pem, &seed.jwk) {
        (Some(file), None, None) => {
            let path = places.folder().join(file);
            let text = std::fs::read_to_string(&path)
                .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
            read_key_text(&zeroize::Zeroizing::new(text)).map_err(words)?
        }
        (None, Some(pem), None) => SigningKey::from_pem(pem.expose()).map_err(words)?,
        (None, None, Some(jwk)) => {
            let text = zeroize::Zeroizing::new(serde_json::Value::Object(jwk.clone()).to_string());
            SigningKey::from_private_jwk(&text).map_err(words)?
        }
        _ => return Err("a key has exactly one of `private_key_file`, `pem` and `jwk`".to_owned()),
    };
    let key = match &seed.algorithm {
        Some(name) => key.with_algorithm(name.parse().map_err(words)?).map_err(words)?,
        None => key,
    };
    Ok(match &seed.kid {
        Some(kid) => key.with_kid(kid),
        None => key,
    })
}

/// A private key, PEM or JWK.
///
/// # Errors
/// What is wrong with it.
pub fn read_key_text(text: &str) -> Result<SigningKey, JoseError> {
    if text.trim_start().starts_with('{') { SigningKey::from_private_jwk(text) } else { SigningKey::from_pem(text) }
}

fn key_name(key: &Key) -> String {
    match key.purpose {
        KeyPurpose::Sign(algorithm) => format!("{algorithm} {}", key.kid),
        KeyPurpose::Derive => key.kid.clone(),
    }
}
