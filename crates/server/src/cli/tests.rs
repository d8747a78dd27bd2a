use clap::{CommandFactory as _, Parser as _};
use serde_json::Value;

use super::{Cli, CommandError};

/// A machine on which nothing has been set up yet.
struct Machine {
    folder: tempfile::TempDir,
}

impl Machine {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    async fn initialised() -> Self {
        let machine = Self::new();
        let folder = machine.folder.path().display().to_string();
        machine.run(&["init", "--directory", &folder, "--public-url", "https://id.example.test"]).await.unwrap();
        machine
    }

    /// What the command answers to scripts.
    async fn run(&self, words: &[&str]) -> Result<Value, CommandError> {
        let config = self.folder.path().join("chancery.toml").display().to_string();
        let mut line = vec!["chancery"];
        if words.first() != Some(&"init") {
            line.extend(["--config", config.as_str()]);
        }
        line.extend(words);
        Cli::try_parse_from(line).unwrap().execute().await.map(|answer| answer.document().clone())
    }

    async fn code(&self, words: &[&str]) -> u8 {
        self.run(words).await.map_or_else(|error| error.code(), |_| 0)
    }
}

#[test]
fn the_command_line_contradicts_itself_nowhere() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_says_what_it_is_for() {
    fn look(command: &clap::Command) {
        assert!(command.get_about().is_some(), "{} has no description", command.get_name());
        for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
            assert!(
                argument.get_help().is_some(),
                "{} of {} has no description",
                argument.get_id(),
                command.get_name()
            );
        }
        command.get_subcommands().for_each(look);
    }
    let mut root = Cli::command();
    root.build();
    look(&root);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_administrator_gets_a_link_and_nobody_a_password() {
    let machine = Machine::new();
    let folder = machine.folder.path().display().to_string();
    let told = machine.run(&["init", "--directory", &folder, "--public-url", "https://id.example.test"]).await.unwrap();
    assert!(told["link"].as_str().unwrap().starts_with("https://id.example.test/password/"));
    let users = machine.run(&["user", "list"]).await.unwrap();
    assert_eq!((&users[0]["username"], &users[0]["administrator"]), (&"admin".into(), &true.into()));
    // A second time would take the first one's keys away.
    assert_eq!(machine.code(&["init", "--directory", &folder]).await, 5);
    // What is refused leaves nothing behind that would be in the way of a second try.
    let other = machine.folder.path().join("other");
    let refused = ["init", "--directory", &other.display().to_string(), "--profile", "strict"];
    assert_eq!((machine.code(&refused).await, other.join("chancery.toml").exists()), (1, false));
    assert_eq!(machine.code(&["check-config"]).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clients_secret_is_told_once_and_never_listed() {
    let machine = Machine::initialised().await;
    let add = ["client", "add", "--id", "web", "--redirect-uri", "https://app.example.test/cb"];
    let added = machine.run(&add).await.unwrap();
    let secret = added["client_secret"].as_str().unwrap().to_owned();
    assert_eq!(secret.len(), 43);
    let listed = machine.run(&["client", "list"]).await.unwrap().to_string();
    assert!(listed.contains("\"web\"") && !listed.contains(&secret) && !listed.contains("secret\":"));
    let changed = machine.run(&["client", "update", "web", "--name", "Web"]).await.unwrap();
    assert_eq!(
        (&changed["outcome"], &changed["client_name"], changed.get("client_secret")),
        (&"changed".into(), &"Web".into(), None)
    );
    let rotated = machine.run(&["client", "rotate-secret", "web"]).await.unwrap();
    assert_ne!(rotated["client_secret"], added["client_secret"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn exit_codes_tell_what_was_wrong() {
    let machine = Machine::initialised().await;
    assert_eq!(machine.code(&["client", "add", "--id", "web", "--redirect-uri", "http://evil.example/"]).await, 3);
    assert_eq!(machine.code(&["client", "disable", "nobody"]).await, 4);
    assert_eq!(machine.code(&["client", "list", "--realm", "nowhere"]).await, 4);
    assert_eq!(machine.code(&["realm", "add", "default"]).await, 5);
    assert_eq!(machine.code(&["--set", "listn=1", "check-config"]).await, 3);
    assert_eq!(machine.code(&["health", "--url", "http://127.0.0.1:1"]).await, 69);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_minted_token_is_what_the_client_would_have_got() {
    let machine = Machine::initialised().await;
    machine.run(&["realm", "update", "default", "--scope", "read"]).await.unwrap();
    machine
        .run(&["client", "add", "--id", "machine", "--grant", "client_credentials", "--scope", "read"])
        .await
        .unwrap();
    let minted = machine.run(&["token", "mint", "--client", "machine", "--lifetime", "5"]).await.unwrap();
    assert_eq!((&minted["scope"], &minted["expires_in"]), (&"read".into(), &5.into()));
    assert_eq!(machine.code(&["token", "mint", "--client", "machine", "--scope", "openid"]).await, 1);
    machine.run(&["client", "disable", "machine"]).await.unwrap();
    assert_eq!(machine.code(&["token", "mint", "--client", "machine"]).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_of_a_seed_tells_what_would_happen_and_does_nothing() {
    let machine = Machine::initialised().await;
    let file = machine.folder.path().join("seed.json");
    std::fs::write(
        &file,
        r#"{"realms": [{"name": "north", "users": [{"username": "u", "password": "long enough for anybody"}]}]}"#,
    )
    .unwrap();
    let file = file.display().to_string();
    let dry = machine.run(&["seed", &file, "--dry-run"]).await.unwrap();
    assert_eq!((&dry["dry_run"], &dry["created"]), (&true.into(), &3.into()));
    assert_eq!(machine.run(&["realm", "list"]).await.unwrap().as_array().unwrap().len(), 1);
    machine.run(&["seed", &file]).await.unwrap();
    let again = machine.run(&["seed", &file]).await.unwrap();
    assert_eq!((&again["created"], &again["changed"]), (&0.into(), &0.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_is_made_of_what_the_program_runs_on() {
    let machine = Machine::new();
    let folder = machine.folder.path().join("reference");
    Cli::try_parse_from(["chancery", "reference", "--output", &folder.display().to_string()])
        .unwrap()
        .execute()
        .await
        .unwrap();
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    assert!(read("cli.md").contains("`chancery client rotate-secret`"));
    assert!(read("errors.md").contains("| `invalid_grant` | 400 | CodeReplayed |"));
    assert!(read("config.md").contains("public_url") && read("specs.md").contains("RFC 6749"));
    let schema: Value = serde_json::from_str(&read("seed.schema.json")).unwrap();
    assert!(
        schema["properties"]["realms"]["items"]["properties"]["clients"]["items"]["properties"]["redirect_uris"]
            .is_object()
    );
}
