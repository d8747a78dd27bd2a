//! What a command answers: one document for scripts, the same in words for people.

use std::io::Write as _;

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;

use super::error::CommandError;

/// What a command answers.
#[derive(Debug, Default)]
pub struct Answer {
    document: Value,
    text: String,
    notes: Vec<String>,
    code: u8,
}

impl Answer {
    /// The same thing said twice.
    pub fn new(document: Value, text: impl Into<String>) -> Self {
        Self { document, text: text.into(), notes: Vec::new(), code: 0 }
    }

    /// With a remark for people, on standard error.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// With several remarks.
    #[must_use]
    pub fn with_notes(mut self, notes: impl IntoIterator<Item = String>) -> Self {
        self.notes.extend(notes);
        self
    }

    /// That was asked about and is not well: the exit code tells it.
    #[must_use]
    pub fn with_code(mut self, code: u8) -> Self {
        self.code = code;
        self
    }

    /// What scripts are told.
    #[must_use]
    pub fn document(&self) -> &Value {
        &self.document
    }

    pub(super) fn print(self, json: bool) -> Result<u8, CommandError> {
        for note in &self.notes {
            super::tell(note);
        }
        let text = if json { self.document.to_string() } else { self.text };
        if text.is_empty() || text == "null" {
            return Ok(self.code);
        }
        let written = writeln!(anstream::stdout(), "{}", text.trim_end_matches('\n'));
        match written {
            // A reader that has seen enough (`| head`) is no failure.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(self.code),
            other => other
                .map(|()| self.code)
                .map_err(|error| CommandError::Failed(format!("standard output cannot be written: {error}"))),
        }
    }
}

/// Lines in columns, or a sentence where there are none.
pub(super) fn table(headers: &[&str], rows: Vec<Vec<String>>, none: &str) -> String {
    if rows.is_empty() {
        return none.to_owned();
    }
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(headers.iter().map(|header| header.to_uppercase()));
    table.add_rows(rows);
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}

/// A moment as people and programs read it.
pub(super) fn time(moment: chancery_store::Moment) -> String {
    jiff::Timestamp::from_millisecond(moment.milliseconds())
        .map_or_else(|_| moment.seconds().to_string(), |time| format!("{time:.0}"))
}
