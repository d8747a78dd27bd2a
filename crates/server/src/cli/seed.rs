//! `chancery seed`.

use std::path::PathBuf;

use chancery_engine::directory::Outcome;
use clap::Args;
use serde_json::{Value, json};

use super::answer::table;
use super::desk::{Desk, Sealing, read_text};
use super::progress::with_sign_of_life;
use super::{Answer, CommandError, Global};
use crate::seed::{KeyMaking, Report, WrittenSeed, apply, rehearse};

const AFTER_HELP: &str = "\
The file is TOML, or JSON if its name ends in .json; docs/reference/seed.schema.json describes it.
What is so already is left alone: applied twice, the second time changes nothing. Records that the
file does not name are left alone too. A file with anything wrong in it changes nothing at all.

Examples:
  chancery seed realms.toml --dry-run
  chancery seed realms.toml";

/// Declare realms with their settings, scopes, resources, clients, users and keys
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct SeedCommand {
    /// The file; `-` reads TOML from standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only tell what would change
    #[arg(long)]
    dry_run: bool,
}

impl SeedCommand {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, CommandError> {
        let text = read_text(&self.file)?;
        let written = WrittenSeed::parse(&self.file, &text)?;
        let desk = Desk::open(global, Sealing::Needed).await?;
        let (steward, hashing) = (desk.steward(), desk.hashing()?);
        let rehearsed = rehearse(&steward, desk.store.clone(), &hashing, &written).await?;
        if self.dry_run {
            return Ok(answer(&rehearsed, true));
        }
        let report = with_sign_of_life("applying", apply(&steward, &hashing, &written, KeyMaking::All)).await?;
        Ok(answer(&report, false))
    }
}

fn answer(report: &Report, dry_run: bool) -> Answer {
    let count = |outcome: Outcome| report.entries.iter().filter(|entry| entry.outcome == outcome).count();
    let (created, changed, unchanged) = (count(Outcome::Created), count(Outcome::Changed), count(Outcome::Unchanged));
    let secrets: Vec<Value> = report
        .issued
        .iter()
        .filter(|_| !dry_run)
        .map(|issued| json!({"realm": issued.realm, "client_id": issued.client_id, "client_secret": issued.secret.expose()}))
        .collect();
    let rows = report
        .entries
        .iter()
        .filter(|entry| entry.outcome != Outcome::Unchanged)
        .map(|entry| {
            vec![word(entry.outcome).to_owned(), entry.kind.to_owned(), entry.realm.clone(), entry.name.clone()]
        })
        .collect();
    let mut text = table(&["outcome", "kind", "realm", "name"], rows, "nothing to change");
    for issued in report.issued.iter().filter(|_| !dry_run) {
        text.push_str(&format!(
            "\nsecret of client {} in {}: {}",
            issued.client_id,
            issued.realm,
            issued.secret.expose()
        ));
    }
    let would = if dry_run { "would be " } else { "" };
    let document = json!({
        "dry_run": dry_run, "created": created, "changed": changed, "unchanged": unchanged,
        "records": report.entries, "secrets": secrets, "warnings": report.warnings,
    });
    Answer::new(document, text)
        .with_notes(report.warnings.iter().map(|warning| format!("warning: {warning}")))
        .with_note(format!("{would}created {created}, {would}changed {changed}, unchanged {unchanged}"))
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Created => "created",
        Outcome::Changed => "changed",
        Outcome::Unchanged => "unchanged",
    }
}
