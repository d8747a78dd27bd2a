//! Seeds: realms with their settings, scopes, resources, clients, users and keys, declared in one TOML or JSON file.
//!
//! Reading a seed goes three ways before anything is written: its text against the syntax, its form against the
//! schema that [`written`] describes, and its meaning in a rehearsal over the store as it is. Each step tells every
//! complaint at once, with its line. Applying is idempotent: what is so already is left alone.

mod admit;
mod apply;
mod furnish;
mod json_places;
mod rehearsal;
mod text;
pub mod written;

use std::path::Path;

pub use apply::{Entry, IssuedSecret, Report, SeedError, apply, read_key_text, rehearse};
pub use furnish::{KeyMaking, furnish, make_key};
pub use text::Places;
pub use written::Seed;

use crate::config::Complaints;

/// The seed that `chancery dev` begins with.
const DEMO: &str = include_str!("demo.toml");

/// A seed, and where each of its members is written.
#[derive(Debug)]
pub struct WrittenSeed {
    /// What is declared.
    pub seed: Seed,
    /// Where.
    pub places: Places,
}

impl WrittenSeed {
    /// Reads the text of the file `name`; one whose name ends in `.json` is JSON, any other TOML.
    ///
    /// # Errors
    /// Every complaint of the text's syntax or form at once.
    pub fn parse(name: &Path, text: &str) -> Result<Self, Complaints> {
        let mut complaints = Complaints::default();
        let (value, places) = text::read(name, text, &mut complaints);
        if complaints.is_empty() {
            admit::check(&value, &schema(), &places, &mut complaints);
        }
        if !complaints.is_empty() {
            return Err(complaints.in_order());
        }
        match serde_json::from_value(value) {
            Ok(seed) => Ok(Self { seed, places }),
            Err(error) => {
                // The walk and the type come from one declaration; should they ever differ, it is said and not hidden.
                complaints.push(places.of(""), "", format!("the seed does not fit its own description: {error}"));
                Err(complaints)
            }
        }
    }

    /// The seed that `chancery dev` begins with.
    ///
    /// # Errors
    /// As [`WrittenSeed::parse`]; a test keeps it from happening.
    pub fn demo() -> Result<Self, Complaints> {
        Self::parse(Path::new("demo.toml"), DEMO)
    }
}

/// The JSON schema of a seed, made of the doc comments of [`written`].
#[must_use]
pub fn schema() -> serde_json::Value {
    let settings =
        schemars::generate::SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<Seed>().to_value()
}

#[cfg(test)]
mod tests;
