//! `chancery user …`.

use std::path::PathBuf;

use chancery_engine::directory::Outcome;
use chancery_engine::directory::users::{OneTimeLink, UserPlan};
use chancery_store::id::{RealmName, Username};
use chancery_store::user::User;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::answer::{table, time};
use super::desk::{Desk, Sealing, read_secret};
use super::{Answer, CommandError, Global, InRealm};

const ADD_HELP: &str = "\
Without --password-file, a link is printed by which the person chooses a password, once.

Examples:
  chancery user add alice --email alice@example.org --name \"Alice Example\"
  chancery user add robot --password-file - < password.txt
  chancery user add bob --claim 'address={\"country\":\"NZ\"}' --claim nickname=Bobby";

/// People who sign in
#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Add a person
    #[command(after_help = ADD_HELP)]
    Add(Add),
    /// Print a link by which a person sets a password, once
    Link(Named),
    /// Let a person in again
    Enable(Named),
    /// Shut a person out, and end everything they are signed in to
    Disable(Named),
    /// Remove a person
    Remove(Named),
    /// Show the people of a realm
    List(List),
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// What they type to sign in
    #[arg(value_name = "USERNAME")]
    username: String,
    #[command(flatten)]
    realm: InRealm,
    /// Their e-mail address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Whether the address is known to be theirs
    #[arg(long, requires = "email")]
    email_verified: bool,
    /// Their whole name
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// A claim, its value as JSON or as plain text; may be repeated
    #[arg(long = "claim", value_name = "NAME=VALUE", value_parser = super::key_and_value)]
    claims: Vec<(String, String)>,
    /// Let them administer the realm
    #[arg(long)]
    administrator: bool,
    /// A file with their password; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Named {
    /// What they type to sign in
    #[arg(value_name = "USERNAME", value_parser = super::username)]
    username: Username,
    #[command(flatten)]
    realm: InRealm,
}

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    realm: InRealm,
}

impl UserCommand {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, CommandError> {
        match self {
            Self::Add(add) => add.run(global).await,
            Self::Link(named) => {
                let desk = Desk::open(global, Sealing::Unused).await?;
                let link = desk.steward().password_link(&named.realm.realm, &named.username).await?;
                linked(&desk, &named.realm.realm, json!({"username": named.username.as_str()}), &link).await
            }
            Self::Enable(named) => named.enable(global, true).await,
            Self::Disable(named) => named.enable(global, false).await,
            Self::Remove(named) => {
                let desk = Desk::open(global, Sealing::Unused).await?;
                desk.steward().remove_user(&named.realm.realm, &named.username).await?;
                let document = json!({"username": named.username.as_str(), "outcome": "removed"});
                Ok(Answer::new(document, format!("user {} is removed", named.username)))
            }
            Self::List(list) => {
                let desk = Desk::open(global, Sealing::Unused).await?;
                let steward = desk.steward();
                steward.realm(&list.realm.realm).await?;
                Ok(listed(&steward.users(&list.realm.realm).await?))
            }
        }
    }
}

impl Add {
    async fn run(self, global: &Global) -> Result<Answer, CommandError> {
        let password = self.password_file.as_deref().map(read_secret).transpose()?;
        let desk = Desk::open(global, Sealing::Unused).await?;
        let mut claims: Map<String, Value> = self
            .claims
            .into_iter()
            .map(|(name, text)| {
                let value = serde_json::from_str(&text).unwrap_or(Value::String(text));
                (name, value)
            })
            .collect();
        if let Some(email) = self.email {
            claims.insert("email".to_owned(), json!(email));
            claims.insert("email_verified".to_owned(), json!(self.email_verified));
        }
        if let Some(name) = self.name {
            claims.insert("name".to_owned(), json!(name));
        }
        let plan = UserPlan { username: self.username, administrator: self.administrator, claims };
        let (steward, realm) = (desk.steward(), &self.realm.realm);
        if let Some(password) = &password {
            steward.check_password(realm, password).await?;
        }
        let user = steward.add_user(realm, &plan).await?;
        let document = document(&user);
        match password {
            Some(password) => {
                steward.set_password(&user, password, &desk.hashing()?).await?;
                Ok(Answer::new(document, format!("user {} is added", user.username)))
            }
            None => {
                let link = steward.password_link(realm, &user.username).await?;
                linked(&desk, realm, document, &link).await
            }
        }
    }
}

impl Named {
    async fn enable(self, global: &Global, enabled: bool) -> Result<Answer, CommandError> {
        let desk = Desk::open(global, Sealing::Unused).await?;
        let outcome = desk.steward().enable_user(&self.realm.realm, &self.username, enabled).await?;
        let state = if enabled { "enabled" } else { "disabled" };
        let already = if outcome == Outcome::Unchanged { " already" } else { "" };
        let document = json!({"username": self.username.as_str(), "enabled": enabled, "outcome": outcome});
        Ok(Answer::new(document, format!("user {} is {state}{already}", self.username)))
    }
}

/// The link as a URL, or as its path where nobody has said where the server is.
async fn linked(
    desk: &Desk,
    realm: &RealmName,
    mut document: Value,
    link: &OneTimeLink,
) -> Result<Answer, CommandError> {
    let realm = desk.steward().realm(realm).await?;
    let issuer = desk.issuer_of(&realm);
    let url = format!("{}/password/{}", issuer.as_deref().unwrap_or_default(), link.secret.expose());
    document["link"] = json!(url);
    document["link_expires_at"] = json!(time(link.expires_at));
    let answer =
        Answer::new(document, url).with_note(format!("the link sets a password once, until {}", time(link.expires_at)));
    Ok(match issuer {
        Some(_) => answer,
        None => answer.with_note("set `public_url` to have the whole URL printed"),
    })
}

fn listed(users: &[User]) -> Answer {
    let rows = users
        .iter()
        .map(|user| {
            vec![
                user.username.to_string(),
                user.id.to_string(),
                user.email().unwrap_or_default().to_owned(),
                if user.administrator { "administrator" } else { "" }.to_owned(),
                if user.enabled { "enabled" } else { "disabled" }.to_owned(),
            ]
        })
        .collect();
    let text = table(&["username", "sub", "e-mail", "role", "state"], rows, "no users");
    Answer::new(users.iter().map(document).collect::<Vec<Value>>().into(), text)
}

fn document(user: &User) -> Value {
    json!({
        "realm": user.realm.as_str(), "username": user.username.as_str(), "sub": user.id.to_string(), "enabled": user.enabled,
        "administrator": user.administrator, "claims": user.claims, "created_at": time(user.created_at),
    })
}
