//! Holds the tree against the schema of [`Config`]: unknown keys, wrong kinds and numbers out of range.
//! What is refused is left out, so that the rest is still checked and every complaint comes at once.

use std::collections::BTreeMap;
use std::path::Path;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value as Json};

use super::complaint::{Complaints, Place};
use super::nearest::nearest;
use super::tree::{Tree, Value};
use super::written::Config;

/// The configuration as far as its form is right, and where each value stands.
pub(super) struct Admitted {
    pub(super) config: Config,
    pub(super) places: Places,
}

/// Where each key was written.
#[derive(Default)]
pub(super) struct Places {
    known: BTreeMap<String, Place>,
    missing: Option<Place>,
}

impl Places {
    /// The place of a key, or of the section around it, or the top of the file.
    pub(super) fn of(&self, key: &str) -> Place {
        let mut key = key;
        loop {
            if let Some(place) = self.known.get(key) {
                return place.clone();
            }
            match key.rfind(['.', '[']) {
                Some(end) => key = &key[..end],
                None => return self.missing.clone().unwrap_or(Place::Absent),
            }
        }
    }
}

/// The schema, read from the doc comments and defaults of [`Config`].
pub(super) fn schema() -> Json {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<Config>().to_value()
}

/// The words that a key may take, if it takes only some, each with its meaning.
pub(super) fn choices(schema: &Json) -> Vec<(&str, &str)> {
    let listed = schema.get("enum").and_then(Json::as_array).into_iter().flatten();
    let described = schema.get("oneOf").and_then(Json::as_array).into_iter().flatten();
    listed
        .filter_map(|word| Some((word.as_str()?, "")))
        .chain(described.filter_map(|choice| {
            let meaning = choice.get("description").and_then(Json::as_str).unwrap_or_default();
            Some((choice.get("const")?.as_str()?, meaning))
        }))
        .collect()
}

/// The JSON type of a key, past the `null` of what may be left out.
pub(super) fn kind(schema: &Json) -> &str {
    match schema.get("type") {
        Some(Json::Array(kinds)) => kinds.iter().filter_map(Json::as_str).find(|kind| *kind != "null").unwrap_or(""),
        Some(kind) => kind.as_str().unwrap_or(""),
        None => "string",
    }
}

pub(super) fn admit(tree: Tree, file: Option<&Path>, complaints: &mut Complaints) -> Admitted {
    let missing = file.map(|path| Place::File { path: path.to_owned(), line: 1, column: 1 });
    let mut walk = Walk { complaints, places: Places { known: BTreeMap::new(), missing } };
    let json = walk.value(&schema(), tree, "").unwrap_or_else(|| Json::Object(Map::new()));
    let places = walk.places;
    let config = serde_json::from_value(json).unwrap_or_else(|error| {
        // The walk and the type come from one declaration; should they ever differ, it is said and not hidden.
        complaints.push(places.of(""), "", format!("the configuration does not fit its own description: {error}"));
        Config::default()
    });
    Admitted { config, places }
}

struct Walk<'complaints> {
    complaints: &'complaints mut Complaints,
    places: Places,
}

impl Walk<'_> {
    fn value(&mut self, schema: &Json, tree: Tree, key: &str) -> Option<Json> {
        if !key.is_empty() {
            self.places.known.insert(key.to_owned(), tree.place.clone());
        }
        let kind = kind(schema);
        let Tree { place, value } = self.understood(tree, kind, key)?;
        match (kind, value) {
            ("object", Value::Table(table)) => self.table(schema, table, &place, key),
            ("array", Value::List(items)) => Some(self.list(schema, items, key)),
            ("boolean", Value::Boolean(boolean)) => Some(Json::Bool(boolean)),
            ("integer", Value::Integer(integer)) => self.integer(schema, integer, place, key),
            ("string", Value::Text(text)) => self.text(schema, text, place, key),
            (_, value) => {
                let message = format!("`{key}` must be {}, not {}", wanted(kind), value.kind());
                self.complaints.push(place, key, message);
                None
            }
        }
    }

    /// Gives the characters of a variable or a flag the meaning that the key asks for.
    fn understood(&mut self, tree: Tree, kind: &str, key: &str) -> Option<Tree> {
        let Value::Raw(text) = tree.value else {
            return Some(tree);
        };
        let place = tree.place;
        let value = match kind {
            "array" if !text.trim_start().starts_with('[') => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                Value::List(
                    items.map(|item| Tree { place: place.clone(), value: Value::Text(item.to_owned()) }).collect(),
                )
            }
            "array" | "object" => match Tree::parse_inline(&text, &place) {
                Ok(parsed) => return Some(parsed),
                Err(error) => {
                    self.complaints.push(place, key, format!("`{key}` must be {}: {error}", wanted(kind)));
                    return None;
                }
            },
            "boolean" if text == "true" || text == "false" => Value::Boolean(text == "true"),
            "integer" if text.parse::<i128>().is_ok() => Value::Integer(text.parse().ok()),
            _ => Value::Text(text),
        };
        Some(Tree { place, value })
    }

    fn table(&mut self, schema: &Json, table: BTreeMap<String, Tree>, place: &Place, key: &str) -> Option<Json> {
        let empty = Map::new();
        let known = schema.get("properties").and_then(Json::as_object).unwrap_or(&empty);
        let mut admitted = Map::new();
        let mut whole = true;
        for required in schema.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str) {
            if !table.contains_key(required) {
                self.complaints.push(place.clone(), key, format!("`{key}` lacks `{required}`"));
                whole = false;
            }
        }
        for (name, value) in table {
            let path = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
            let Some(schema) = known.get(&name) else {
                let hint = match nearest(&name, known.keys().map(String::as_str)) {
                    Some(meant) => format!(", did you mean `{meant}`?"),
                    None => String::new(),
                };
                self.complaints.push(value.place, &path, format!("unknown key `{path}`{hint}"));
                continue;
            };
            match self.value(schema, value, &path) {
                Some(value) => drop(admitted.insert(name, value)),
                None => whole = false,
            }
        }
        // An item of a list has no defaults to fall back on; a section has.
        (whole || schema.get("required").is_none()).then_some(Json::Object(admitted))
    }

    fn list(&mut self, schema: &Json, items: Vec<Tree>, key: &str) -> Json {
        let schema = schema.get("items").unwrap_or(&Json::Null);
        let items = items.into_iter().enumerate();
        Json::Array(items.filter_map(|(at, item)| self.value(schema, item, &format!("{key}[{at}]"))).collect())
    }

    fn integer(&mut self, schema: &Json, integer: Option<i128>, place: Place, key: &str) -> Option<Json> {
        let bound = |name: &str| schema.get(name).and_then(Json::as_f64);
        let (least, most) = (bound("minimum").unwrap_or(0.0), bound("maximum").unwrap_or(f64::from(u32::MAX)));
        let fitting = integer
            .and_then(|integer| u64::try_from(integer).ok())
            .filter(|integer| *integer as f64 >= least && *integer as f64 <= most);
        if fitting.is_none() {
            self.complaints.push(place, key, format!("`{key}` must lie between {least} and {most}"));
        }
        fitting.map(Json::from)
    }

    fn text(&mut self, schema: &Json, text: String, place: Place, key: &str) -> Option<Json> {
        let choices: Vec<&str> = choices(schema).into_iter().map(|(word, _)| word).collect();
        if choices.is_empty() || choices.contains(&text.as_str()) {
            return Some(Json::String(text));
        }
        let listed: Vec<String> = choices.iter().map(|word| format!("`{word}`")).collect();
        self.complaints.push(place, key, format!("`{key}` must be {}", listed.join(" or ")));
        None
    }
}

fn wanted(kind: &str) -> &'static str {
    match kind {
        "array" => "a list",
        "boolean" => "`true` or `false`",
        "integer" => "a whole number",
        "object" => "a section",
        _ => "text",
    }
}
