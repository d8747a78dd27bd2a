//! `chancery realm …`.

use chancery_engine::directory::Outcome;
use chancery_engine::directory::realms::RealmPlan;
use chancery_store::id::RealmName;
use chancery_store::realm::{Realm, ScopeDefinition};
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::answer::{table, time};
use super::desk::{Desk, Sealing};
use super::progress::with_sign_of_life;
use super::{Answer, CommandError, Global};
use crate::seed::{KeyMaking, furnish};

const ADD_HELP: &str = "\
Settings are named as in docs/reference/seed.schema.json, with dots between sections.

Examples:
  chancery realm add north
  chancery realm add north --issuer https://id.north.example.org --display-name \"North\"
  chancery realm add lab --profile dev --setting lifetimes.access_token=60 --scope read --scope write";

/// Issuers with keys, clients and users of their own
#[derive(Debug, Subcommand)]
pub(super) enum RealmCommand {
    /// Make a realm and its keys
    #[command(after_help = ADD_HELP)]
    Add(Describe),
    /// Change a realm
    Update(Describe),
    /// Show the realms
    List,
    /// Have a realm answer again
    Enable(Named),
    /// Have a realm answer no more
    Disable(Named),
}

#[derive(Debug, Args)]
pub(super) struct Describe {
    /// Its name: a-z, 0-9 and -
    #[arg(value_name = "NAME")]
    name: String,
    /// What people read on its pages
    #[arg(long, value_name = "TEXT")]
    display_name: Option<String>,
    /// The bundle that its settings begin from: standard or dev
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Its issuer identifier, where it lives at a host of its own
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// A setting, its value as JSON or as plain text; may be repeated
    #[arg(long = "setting", value_name = "NAME=VALUE", value_parser = super::key_and_value)]
    settings: Vec<(String, String)>,
    /// A scope that it knows, beside those of OpenID Connect; may be repeated
    #[arg(long = "scope", value_name = "NAME")]
    scopes: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct Named {
    /// Its name
    #[arg(value_name = "NAME", value_parser = super::realm_name)]
    name: RealmName,
}

impl RealmCommand {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, CommandError> {
        match self {
            Self::Add(describe) => {
                let desk = Desk::open(global, Sealing::Needed).await?;
                let steward = desk.steward();
                let realm = steward.add_realm(&describe.plan()).await?;
                with_sign_of_life("making keys", furnish(&steward, &realm, KeyMaking::All)).await?;
                let text = match desk.issuer_of(&realm) {
                    Some(issuer) => format!("realm {} is added: {issuer}", realm.name),
                    None => format!("realm {} is added", realm.name),
                };
                Ok(Answer::new(document(&desk, &realm), text))
            }
            Self::Update(describe) => {
                let desk = Desk::open(global, Sealing::Needed).await?;
                let steward = desk.steward();
                let name = super::realm_name(&describe.name).map_err(CommandError::Failed)?;
                steward.realm(&name).await?;
                let (outcome, realm) = steward.declare_realm(&describe.plan()).await?;
                // Another signing algorithm wants another key.
                with_sign_of_life("making keys", furnish(&steward, &realm, KeyMaking::All)).await?;
                let state = if outcome == Outcome::Unchanged { "unchanged" } else { "changed" };
                Ok(Answer::new(document(&desk, &realm), format!("realm {} is {state}", realm.name)))
            }
            Self::List => {
                let desk = Desk::open(global, Sealing::Unused).await?;
                Ok(listed(&desk, &desk.steward().realms().await?))
            }
            Self::Enable(named) => named.enable(global, true).await,
            Self::Disable(named) => named.enable(global, false).await,
        }
    }
}

impl Named {
    async fn enable(self, global: &Global, enabled: bool) -> Result<Answer, CommandError> {
        let desk = Desk::open(global, Sealing::Unused).await?;
        let outcome = desk.steward().enable_realm(&self.name, enabled).await?;
        let state = if enabled { "enabled" } else { "disabled" };
        let already = if outcome == Outcome::Unchanged { " already" } else { "" };
        let document = json!({"name": self.name.as_str(), "enabled": enabled, "outcome": outcome});
        Ok(Answer::new(document, format!("realm {} is {state}{already}", self.name)))
    }
}

impl Describe {
    fn plan(&self) -> RealmPlan {
        let mut settings = Map::new();
        for (path, text) in &self.settings {
            let value = serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone()));
            lay(&mut settings, &path.split('.').collect::<Vec<_>>(), value);
        }
        let scope = |name: &String| ScopeDefinition { name: name.clone(), description: None, claims: Vec::new() };
        RealmPlan {
            name: self.name.clone(),
            display_name: self.display_name.clone(),
            profile: self.profile.clone(),
            issuer: self.issuer.clone(),
            settings,
            scopes: self.scopes.iter().map(scope).collect(),
        }
    }
}

/// Puts a value where its steps lead.
fn lay(members: &mut Map<String, Value>, steps: &[&str], value: Value) {
    match steps {
        [] => {}
        [last] => drop(members.insert((*last).to_owned(), value)),
        [first, rest @ ..] => {
            let section = members.entry(*first).or_insert_with(|| Value::Object(Map::new()));
            if !section.is_object() {
                *section = Value::Object(Map::new());
            }
            if let Value::Object(inner) = section {
                lay(inner, rest, value);
            }
        }
    }
}

fn listed(desk: &Desk, realms: &[Realm]) -> Answer {
    let rows = realms
        .iter()
        .map(|realm| {
            vec![
                realm.name.to_string(),
                realm.display_name.clone(),
                realm.profile.clone(),
                desk.issuer_of(realm).unwrap_or_default(),
                if realm.enabled { "enabled" } else { "disabled" }.to_owned(),
            ]
        })
        .collect();
    let text = table(&["name", "display name", "profile", "issuer", "state"], rows, "no realms");
    Answer::new(realms.iter().map(|realm| document(desk, realm)).collect::<Vec<Value>>().into(), text)
}

fn document(desk: &Desk, realm: &Realm) -> Value {
    json!({
        "name": realm.name.as_str(), "display_name": realm.display_name, "profile": realm.profile, "enabled": realm.enabled,
        "issuer": desk.issuer_of(realm), "settings": realm.settings, "scopes": realm.scopes, "created_at": time(realm.created_at),
    })
}
