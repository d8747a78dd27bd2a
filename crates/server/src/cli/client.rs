//! `chancery client …`.

use chancery_engine::directory::Outcome;
use chancery_engine::directory::client_plan::{ClientPlan, metadata_of};
use chancery_engine::directory::clients::Registered;
use chancery_store::client::Client;
use chancery_store::id::ClientId;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::answer::{table, time};
use super::client_traits::ClientTraits;
use super::desk::{Desk, Sealing};
use super::{Answer, CommandError, Global, InRealm};

const ADD_HELP: &str = "\
A generated secret is printed once and kept only as a digest.

Examples:
  chancery client add --id web --redirect-uri https://app.example.org/callback \\
      --grant authorization_code --grant refresh_token
  chancery client add --id spa --public --redirect-uri https://spa.example.org/callback
  chancery client add --id machine --grant client_credentials --scope \"read write\"
  chancery client add --id service --grant client_credentials --auth private_key_jwt \\
      --jwks-uri https://service.example.org/jwks";

/// Applications that ask for tokens
#[derive(Debug, Subcommand)]
pub(super) enum ClientCommand {
    /// Register a client; its secret is printed once
    #[command(after_help = ADD_HELP)]
    Add(Add),
    /// Change some traits of a client
    #[command(after_help = "Example:\n  chancery client update web --redirect-uri https://app.example.org/callback2")]
    Update(Update),
    /// Remove a client, and everything that was granted to it
    Remove(Named),
    /// Show the clients of a realm
    #[command(after_help = "Example:\n  chancery client list --json")]
    List(List),
    /// Give a client a new secret; the old one works for a while
    #[command(after_help = "Example:\n  chancery client rotate-secret web --former-lives 3600")]
    RotateSecret(RotateSecret),
    /// Serve a client again
    Enable(Named),
    /// Serve a client no more
    Disable(Named),
}

#[derive(Debug, Args)]
pub(super) struct Add {
    #[command(flatten)]
    realm: InRealm,
    /// Its client_id; a generated one where it is not named
    #[arg(long, value_name = "CLIENT_ID")]
    id: Option<String>,
    #[command(flatten)]
    traits: ClientTraits,
}

#[derive(Debug, Args)]
pub(super) struct Update {
    /// Its client_id
    #[arg(value_name = "CLIENT_ID", value_parser = super::client_id)]
    id: ClientId,
    #[command(flatten)]
    realm: InRealm,
    #[command(flatten)]
    traits: ClientTraits,
}

#[derive(Debug, Args)]
pub(super) struct Named {
    /// Its client_id
    #[arg(value_name = "CLIENT_ID", value_parser = super::client_id)]
    id: ClientId,
    #[command(flatten)]
    realm: InRealm,
}

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    realm: InRealm,
}

#[derive(Debug, Args)]
pub(super) struct RotateSecret {
    /// Its client_id
    #[arg(value_name = "CLIENT_ID", value_parser = super::client_id)]
    id: ClientId,
    #[command(flatten)]
    realm: InRealm,
    /// Seconds for which the secret that it has still works; 0 ends it now
    #[arg(long, value_name = "SECONDS", default_value_t = 86_400)]
    former_lives: u64,
}

impl ClientCommand {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, CommandError> {
        match self {
            Self::Add(add) => {
                let traits = add.traits.read()?;
                let desk = Desk::open(global, Sealing::Needed).await?;
                let plan = traits.over(ClientPlan { id: add.id, ..ClientPlan::default() });
                let registered = desk.steward().add_client(&add.realm.realm, &plan).await?;
                Ok(shown(&registered, "added"))
            }
            Self::Update(update) => {
                let traits = update.traits.read()?;
                if traits.is_empty() {
                    return Err(CommandError::Failed("name at least one trait to change".to_owned()));
                }
                let desk = Desk::open(global, Sealing::Needed).await?;
                let replan = |plan| traits.over(plan);
                let (outcome, registered) =
                    desk.steward().change_client(&update.realm.realm, &update.id, replan).await?;
                let state = if outcome == Outcome::Unchanged { "unchanged" } else { "changed" };
                Ok(shown(&registered, state).with_note(format!("client {} is {state}", registered.client.id)))
            }
            Self::Remove(named) => {
                let desk = Desk::open(global, Sealing::Unused).await?;
                desk.steward().remove_client(&named.realm.realm, &named.id).await?;
                Ok(Answer::new(
                    json!({"client_id": named.id.as_str(), "outcome": "removed"}),
                    format!("client {} is removed", named.id),
                ))
            }
            Self::List(list) => {
                let desk = Desk::open(global, Sealing::Unused).await?;
                let steward = desk.steward();
                steward.realm(&list.realm.realm).await?;
                Ok(listed(&steward.clients(&list.realm.realm).await?))
            }
            Self::RotateSecret(rotate) => {
                let desk = Desk::open(global, Sealing::Needed).await?;
                let registered =
                    desk.steward().rotate_secret(&rotate.realm.realm, &rotate.id, rotate.former_lives).await?;
                Ok(shown(&registered, "rotated")
                    .with_note(format!("the former secret works for {} seconds more", rotate.former_lives)))
            }
            Self::Enable(named) => named.enable(global, true).await,
            Self::Disable(named) => named.enable(global, false).await,
        }
    }
}

impl Named {
    async fn enable(self, global: &Global, enabled: bool) -> Result<Answer, CommandError> {
        let desk = Desk::open(global, Sealing::Unused).await?;
        let outcome = desk.steward().enable_client(&self.realm.realm, &self.id, enabled).await?;
        let state = if enabled { "enabled" } else { "disabled" };
        let already = if outcome == Outcome::Unchanged { " already" } else { "" };
        let document = json!({"client_id": self.id.as_str(), "enabled": enabled, "outcome": outcome});
        Ok(Answer::new(document, format!("client {} is {state}{already}", self.id)))
    }
}

fn shown(registered: &Registered, outcome: &str) -> Answer {
    let client = &registered.client;
    let mut document = document(client);
    document["outcome"] = json!(outcome);
    let mut text = format!("client_id      {}", client.id);
    if let Some(secret) = &registered.secret {
        document["client_secret"] = json!(secret.expose());
        text.push_str(&format!("\nclient_secret  {}", secret.expose()));
    }
    let answer =
        Answer::new(document, text).with_notes(registered.warnings.iter().map(|warning| format!("warning: {warning}")));
    match registered.secret {
        Some(_) => answer.with_note("the secret is shown this once; it is kept nowhere"),
        None => answer,
    }
}

fn listed(clients: &[Client]) -> Answer {
    let rows = clients
        .iter()
        .map(|client| {
            let grants: Vec<&str> = client.grant_types.iter().map(|grant| grant.as_str()).collect();
            vec![
                client.id.to_string(),
                client.display.name.clone().unwrap_or_default(),
                client.authentication.to_string(),
                grants.join(" "),
                client.scope.to_string(),
                if client.enabled { "enabled" } else { "disabled" }.to_owned(),
            ]
        })
        .collect();
    let text = table(&["client_id", "name", "authentication", "grants", "scope", "state"], rows, "no clients");
    Answer::new(clients.iter().map(document).collect::<Vec<Value>>().into(), text)
}

/// A client's metadata, and what only operators see.
fn document(client: &Client) -> Value {
    let mut members = metadata_of(client);
    members.insert("client_id".to_owned(), json!(client.id.as_str()));
    members.insert("realm".to_owned(), json!(client.realm.as_str()));
    members.insert("enabled".to_owned(), json!(client.enabled));
    members.insert("first_party".to_owned(), json!(client.first_party));
    members.insert("resources".to_owned(), json!(client.resources));
    members.insert("created_at".to_owned(), json!(time(client.created_at)));
    if let Some(subject) = &client.subject {
        members.insert("subject".to_owned(), json!(subject));
    }
    if let Some(lifetime) = client.access_token_lifetime {
        members.insert("access_token_lifetime".to_owned(), json!(lifetime));
    }
    Value::Object(members)
}
