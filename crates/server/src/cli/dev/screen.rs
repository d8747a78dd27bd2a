//! What `chancery dev` prints when it is ready: one line for scripts, or a page for people.

use std::io::Write as _;

use super::credentials::{Told, ToldClient};
use crate::cli::CommandError;
use crate::seed::written::Hidden;

pub(super) fn print(told: &Told, json: bool, database: Option<&str>) -> Result<(), CommandError> {
    let text = if json { told.document().to_string() } else { page(told, database) };
    let mut out = anstream::stdout();
    writeln!(out, "{text}")
        .and_then(|()| out.flush())
        .map_err(|error| CommandError::Failed(format!("standard output cannot be written: {error}")))
}

const BOLD: &str = "\u{1b}[1m";
const DIM: &str = "\u{1b}[2m";
const PLAIN: &str = "\u{1b}[0m";

fn page(told: &Told, database: Option<&str>) -> String {
    let issuer = &told.issuer;
    let mut page = format!("\n  {BOLD}Chancery{PLAIN} is ready at {BOLD}{issuer}{PLAIN}\n\n");
    let mut line = |name: &str, value: &str| page.push_str(&format!("  {name:<12}{value}\n"));
    line("sign in", &format!("{issuer}/sign-in"));
    line("discovery", &format!("{issuer}/.well-known/openid-configuration"));
    line("admin API", &format!("{}   {DIM}Authorization: Bearer {}{PLAIN}", told.admin_url, told.admin_token));
    line("database", database.map_or("a temporary file, gone when this stops", |_| "kept, for development only"));

    page.push_str(&format!("\n  {BOLD}People{PLAIN}\n"));
    for (name, password) in &told.users {
        page.push_str(&format!("  {name:<12}{}\n", password.as_ref().map_or("(no password)", Hidden::expose)));
    }
    page.push_str(&format!("\n  {BOLD}Clients{PLAIN}\n"));
    for client in &told.clients {
        page.push_str(&format!(
            "  {:<12}{}\n",
            client.id,
            client.secret.as_ref().map_or("(public: no secret)", Hidden::expose)
        ));
    }
    if let Some((client, secret)) = told.clients.iter().find_map(machine) {
        page.push_str(&format!(
            "\n  {BOLD}Get a token{PLAIN}\n  curl -s {issuer}/token -u '{client}:{secret}' -d grant_type=client_credentials\n\
             \n  {BOLD}Get one and verify it{PLAIN}\n  chancery token get --issuer {issuer} --client-id {client} --client-secret {secret} | chancery token inspect -\n"
        ));
    }
    page.push_str(&format!("\n  {DIM}Ctrl-C stops it.{PLAIN}\n"));
    page
}

/// A client that gets tokens for itself.
fn machine(client: &ToldClient) -> Option<(&str, &str)> {
    let secret = client.secret.as_ref()?;
    client.is_machine().then_some((client.id.as_str(), secret.expose()))
}
