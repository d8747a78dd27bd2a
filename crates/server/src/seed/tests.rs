use std::path::Path;
use std::sync::Arc;

use chancery_engine::directory::rotation::{PUBLISHED_AHEAD, Rotation};
use chancery_engine::directory::{DirectoryError, Outcome, Steward};
use chancery_jose::{MasterKey, SignatureAlgorithm, Vault};
use chancery_store::id::{ClientId, RealmName};
use chancery_store::key::{KeyPurpose, KeyState};
use chancery_store::{Moment, Store};
use chancery_store_sqlite::SqliteStore;

use super::*;
use crate::app::SystemDice;
use crate::config::Passwords;
use crate::password_pool::PasswordPool;
use crate::wiring::Hashing;

fn complaints(name: &str, text: &str) -> String {
    WrittenSeed::parse(Path::new(name), text).err().map(|all| all.to_string()).unwrap_or_default()
}

#[test]
fn the_demo_fits_its_own_schema() {
    let demo = WrittenSeed::demo().unwrap();
    assert_eq!(demo.seed.realms[0].users.len(), 3);
}

#[test]
fn every_wrong_member_is_told_at_once_with_its_line_and_the_name_that_was_meant() {
    let told = complaints(
        "seed.toml",
        "[[realms]]\nnaem = \"x\"\n[[realms.clients]]\nclient_id = \"a\"\nredirect_uri = []\nfirst_party = \"yes\"\n[realms.settings.lifetimes]\nacces_token = 5\n",
    );
    for part in [
        "seed.toml:2:1: unknown member `realms[0].naem`, did you mean `name`?",
        "`realms[0]` lacks `name`",
        "seed.toml:5:1: unknown member `realms[0].clients[0].redirect_uri`, did you mean `redirect_uris`?",
        "seed.toml:6:1: `realms[0].clients[0].first_party` must be true or false, not text",
        "seed.toml:8:1: unknown member `realms[0].settings.lifetimes.acces_token`, did you mean `access_token`?",
    ] {
        assert!(told.contains(part), "{part}\nis missing in:\n{told}");
    }
}

#[test]
fn json_is_the_same_format_and_its_lines_are_told_too() {
    let text = "{\n  \"realms\": [\n    {\"name\": \"default\",\n     \"users\": [{\"username\": 7}]}\n  ]\n}\n";
    assert_eq!(
        complaints("seed.json", text),
        "seed.json:4:17: `realms[0].users[0].username` must be text, not a number"
    );
    let whole = WrittenSeed::parse(Path::new("seed.json"), "{\"realms\": [{\"name\": \"default\"}]}").unwrap();
    assert_eq!(whole.seed.realms[0].name, "default");
}

#[test]
fn a_member_that_json_names_twice_is_refused() {
    let told = complaints("seed.json", "{\"realms\": [],\n\"realms\": [{\"name\": \"a\", \"na\\\"me\": 1}]}");
    assert!(told.contains("seed.json:2:1: `realms` is written twice"), "{told}");
}

#[test]
fn a_name_in_a_language_is_no_stranger() {
    assert_eq!(
        complaints(
            "seed.toml",
            "[[realms]]\nname = \"a\"\n[[realms.clients]]\nclient_id = \"a\"\n\"client_name#de\" = \"Dienst\"\n"
        ),
        ""
    );
}

#[test]
fn broken_text_is_told_with_its_line_whatever_it_holds() {
    assert!(complaints("seed.toml", "[[realms]]\nname = \n").starts_with("seed.toml:2:"));
    assert!(complaints("seed.json", "{\"realms\": [}").starts_with("seed.json:1:"));
}

#[test]
fn passwords_and_secrets_do_not_print() {
    let text = "[[realms]]\nname = \"a\"\n[[realms.users]]\nusername = \"u\"\npassword = \"hunter2\"\n";
    let seed = WrittenSeed::parse(Path::new("seed.toml"), text).unwrap();
    assert!(!format!("{seed:?}").contains("hunter2"));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "[\\[\\]{}\",:=a-z0-9.#\\\\\n ]{0,80}") {
        let _ = WrittenSeed::parse(Path::new("seed.toml"), &text);
        let _ = WrittenSeed::parse(Path::new("seed.json"), &text);
    }
}

/// A steward over a store of its own.
struct World {
    store: Arc<dyn Store>,
    vault: Vault,
    hashing: Hashing,
}

impl World {
    fn new() -> Self {
        let pool =
            PasswordPool::start(&Passwords { threads: 1, queue: 64, memory_kib: 8192, iterations: 1, parallelism: 1 });
        Self {
            store: SqliteStore::in_memory().unwrap(),
            vault: Vault::new(MasterKey::generate().unwrap()),
            hashing: Hashing(Arc::new(pool.unwrap())),
        }
    }

    fn at(&self, seconds: i64) -> Steward<'_> {
        Steward {
            store: &*self.store,
            vault: &self.vault,
            now: Moment::from_seconds(seconds),
            dice: &SystemDice,
            actor: "test".to_owned(),
        }
    }

    async fn apply(&self, text: &str) -> Result<Report, SeedError> {
        let written = WrittenSeed::parse(Path::new("seed.toml"), text).unwrap();
        rehearse(&self.at(1000), self.store.clone(), &self.hashing, &written).await?;
        apply(&self.at(1000), &self.hashing, &written, KeyMaking::Quick).await
    }
}

const SEED: &str = r#"
[[realms]]
name = "default"
profile = "dev"
settings.lifetimes.access_token = 120
[[realms.scopes]]
name = "read"
[[realms.resources]]
identifier = "https://api.example.test"
scope = "read"
servers = ["api"]
[[realms.clients]]
client_id = "api"
grant_types = []
[[realms.clients]]
client_id = "machine"
client_secret = "a chosen secret of some length, 0123456789"
grant_types = ["client_credentials"]
scope = "read"
resources = ["https://api.example.test"]
[[realms.clients]]
client_id = "signer"
token_endpoint_auth_method = "client_secret_jwt"
grant_types = ["client_credentials"]
[[realms.users]]
username = "Alice"
password = "alice-password"
claims.name = "Alice Example"
"#;

fn outcomes(report: &Report) -> Vec<Outcome> {
    report.entries.iter().map(|entry| entry.outcome).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_applied_twice_changes_nothing_the_second_time() {
    let world = World::new();
    let first = world.apply(SEED).await.unwrap();
    assert!(outcomes(&first).iter().all(|outcome| *outcome == Outcome::Created), "{:?}", first.entries);
    assert_eq!(first.issued.iter().map(|issued| issued.client_id.as_str()).collect::<Vec<_>>(), ["api", "signer"]);

    let second = world.apply(SEED).await.unwrap();

    assert!(outcomes(&second).iter().all(|outcome| *outcome == Outcome::Unchanged), "{:?}", second.entries);
    assert!(second.issued.is_empty());
    let realm = world.at(1001).realm(&RealmName::default_realm()).await.unwrap();
    assert_eq!((realm.settings.lifetimes.access_token, realm.revision), (120, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_differs_is_changed() {
    let world = World::new();
    world.apply(SEED).await.unwrap();
    let report = world
        .apply(&SEED.replace("Alice Example", "Alice Exempel").replace("alice-password", "another"))
        .await
        .unwrap();
    let changed: Vec<&str> =
        report.entries.iter().filter(|entry| entry.outcome == Outcome::Changed).map(|entry| entry.kind).collect();
    assert_eq!(changed, ["user", "password"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_with_anything_wrong_changes_nothing_and_tells_everything_with_its_line() {
    let world = World::new();
    let text = SEED
        .replace("scope = \"read\"\nresources", "scope = \"raed\"\nresources")
        .replace("claims.name", "claims.email");
    let told = world.apply(&text).await.unwrap_err().to_string();
    assert!(told.contains("seed.toml:19:1: scope: the realm knows no scope raed, did you mean `read`?"), "{told}");
    assert!(told.contains("seed.toml:28:"), "{told}");
    assert!(world.at(1001).realms().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_has_two_secrets_while_one_replaces_the_other_and_never_three() {
    let world = World::new();
    world.apply(SEED).await.unwrap();
    let (realm, id) = (RealmName::default_realm(), ClientId::parse("machine").unwrap());
    let live = async |seconds: i64| {
        world.at(seconds).client_record(&realm, &id).await.unwrap().live_secrets(Moment::from_seconds(seconds)).count()
    };
    world.at(2000).rotate_secret(&realm, &id, 60).await.unwrap();
    assert_eq!((live(2059).await, live(2060).await), (2, 1));
    world.at(2010).rotate_secret(&realm, &id, 60).await.unwrap();
    assert_eq!(live(2011).await, 2);
    world.at(2020).rotate_secret(&realm, &id, 0).await.unwrap();
    assert_eq!(live(2021).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_published_before_it_signs_and_shown_after_it_signed() {
    let world = World::new();
    world.apply(SEED).await.unwrap();
    let realm = RealmName::default_realm();
    let new = make_key(SignatureAlgorithm::Es256).await.unwrap();
    let state = async |seconds: i64| {
        world.at(seconds).advance_keys(&realm).await.unwrap();
        let keys = world.at(seconds).keys(&realm).await.unwrap();
        let mut states: Vec<KeyState> = keys
            .iter()
            .filter(|key| key.purpose == KeyPurpose::Sign(SignatureAlgorithm::Es256))
            .map(|key| key.state)
            .collect();
        states.sort();
        states
    };
    world.at(2000).rotate_key(&realm, &new, Rotation::Scheduled).await.unwrap();
    let ahead = i64::try_from(PUBLISHED_AHEAD).unwrap();
    assert_eq!(state(2000 + ahead - 1).await, [KeyState::Published, KeyState::Active]);
    assert_eq!(state(2000 + ahead).await, [KeyState::Active, KeyState::Retired]);
    // An ID token may be out for an hour; then an hour more.
    assert_eq!(state(2000 + ahead + 7199).await, [KeyState::Active, KeyState::Retired]);
    assert_eq!(state(2000 + ahead + 7200).await, [KeyState::Active]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_only_key_that_signs_cannot_be_taken_away_and_no_key_goes_back() {
    let world = World::new();
    world.apply(SEED).await.unwrap();
    let realm = RealmName::default_realm();
    let keys = world.at(2000).keys(&realm).await.unwrap();
    for key in &keys {
        for state in [KeyState::Published, KeyState::Retired, KeyState::Removed] {
            let refused = world.at(2000).move_key(&realm, &key.kid, state).await;
            assert!(matches!(refused, Err(DirectoryError::Forbidden(_))), "{} {state:?}", key.kid);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exported_key_comes_back_as_the_same_key_and_the_audit_knows() {
    let world = World::new();
    world.apply(SEED).await.unwrap();
    let (realm, steward) = (RealmName::default_realm(), world.at(2000));
    let kid = steward.keys(&realm).await.unwrap().into_iter().find(|key| key.is_public()).unwrap().kid;
    let exported = steward.export_private_key(&realm, &kid).await.unwrap();
    assert_eq!(
        serde_json::to_value(exported.public_jwk().unwrap()).unwrap(),
        steward.export_public_key(&realm, &kid).await.unwrap()
    );
    let kinds: Vec<String> =
        world.store.audit_events(&realm, None, 5).await.unwrap().into_iter().map(|event| event.kind).collect();
    assert!(kinds.contains(&"key.exported".to_owned()), "{kinds:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn stewards_who_change_one_client_at_once_all_succeed_one_after_the_other() {
    let world = World::new();
    world.apply(SEED).await.unwrap();
    let (realm, id) = (RealmName::default_realm(), ClientId::parse("machine").unwrap());
    let change = async |at: i64| world.at(at).rotate_secret(&realm, &id, 0).await.map(drop);
    let all = futures_util::future::join_all((2000..2006).map(change)).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(world.at(2010).client_record(&realm, &id).await.unwrap().revision, 7);
}
