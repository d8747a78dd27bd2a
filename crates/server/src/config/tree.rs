//! What all sources say together, as one tree that remembers where each value was written.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::complaint::{Complaints, Place};
use super::source::{Sources, sets_no_key};

/// What begins the name of every variable that sets a key.
const PREFIX: &str = "CHANCERY_";

/// A value and its place.
pub(super) struct Tree {
    pub(super) place: Place,
    pub(super) value: Value,
}

/// A value as it was written.
pub(super) enum Value {
    Boolean(bool),
    /// A kind that no key takes: a date, a number with a fraction.
    Foreign(&'static str),
    Integer(Option<i128>),
    List(Vec<Tree>),
    /// From a variable or a flag: the key decides what the characters mean.
    Raw(String),
    Table(BTreeMap<String, Tree>),
    Text(String),
}

impl Value {
    /// The kind, in the words of a complaint.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Boolean(_) => "a boolean",
            Self::Foreign(kind) => kind,
            Self::Integer(_) => "a whole number",
            Self::List(_) => "a list",
            Self::Raw(_) | Self::Text(_) => "text",
            Self::Table(_) => "a section",
        }
    }
}

impl Tree {
    /// Reads the file, then lays the environment and the flags over it.
    pub(super) fn gather(sources: &Sources, complaints: &mut Complaints) -> Self {
        let mut root = match &sources.file {
            Some((path, text)) => Self::parse(path, text, complaints),
            None => BTreeMap::new(),
        };
        let named_elsewhere = sources.flags.iter().find(|(key, _)| key == "master_key.environment");
        let master_key = named_elsewhere
            .map(|(_, name)| name.clone())
            .or_else(|| sources.environment.get("CHANCERY_MASTER_KEY__ENVIRONMENT").cloned())
            .or_else(|| text_at(&root, "master_key", "environment"));
        for (name, value) in &sources.environment {
            let Some(key) = name.strip_prefix(PREFIX) else {
                continue;
            };
            if sets_no_key(name) || master_key.as_deref() == Some(name) {
                continue;
            }
            let steps: Vec<String> = key.split("__").map(str::to_lowercase).collect();
            lay(&mut root, &steps, Place::Environment(name.clone()), value);
        }
        for (key, value) in &sources.flags {
            let steps: Vec<String> = key.split('.').map(str::to_owned).collect();
            lay(&mut root, &steps, Place::Flag(key.clone()), value);
        }
        Self { place: Place::Absent, value: Value::Table(root) }
    }

    /// A value written in TOML inside a variable or a flag.
    pub(super) fn parse_inline(text: &str, place: &Place) -> Result<Self, String> {
        let parsed = DeValue::parse(text).map_err(|error| error.message().to_owned())?;
        Ok(Self { place: place.clone(), value: translate(parsed.into_inner(), &|_| place.clone()) })
    }

    fn parse(path: &Path, text: &str, complaints: &mut Complaints) -> BTreeMap<String, Self> {
        let locate = |span: Range<usize>| locate(path, text, span);
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            complaints.push(locate(error.span().unwrap_or(0..0)), "", error.message());
        }
        translate_table(table.into_inner(), &locate)
    }
}

/// The line and column where a span of bytes begins.
fn locate(path: &Path, text: &str, span: Range<usize>) -> Place {
    let before = text.get(..span.start).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
    Place::File { path: path.to_owned(), line, column }
}

fn translate_table(table: DeTable<'_>, locate: &dyn Fn(Range<usize>) -> Place) -> BTreeMap<String, Tree> {
    table
        .into_iter()
        .map(|(key, value)| {
            let place = locate(key.span());
            let value = translate(value.into_inner(), locate);
            (key.into_inner().into_owned(), Tree { place, value })
        })
        .collect()
}

fn translate(value: DeValue<'_>, locate: &dyn Fn(Range<usize>) -> Place) -> Value {
    let item =
        |item: Spanned<DeValue<'_>>| Tree { place: locate(item.span()), value: translate(item.into_inner(), locate) };
    match value {
        DeValue::Array(items) => Value::List(items.into_iter().map(item).collect()),
        DeValue::Boolean(boolean) => Value::Boolean(boolean),
        DeValue::Datetime(_) => Value::Foreign("a date"),
        DeValue::Float(_) => Value::Foreign("a number with a fraction"),
        DeValue::Integer(integer) => Value::Integer(i128::from_str_radix(integer.as_str(), integer.radix()).ok()),
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Table(table) => Value::Table(translate_table(table, locate)),
    }
}

/// Puts a value where its steps lead, in place of what stood there.
fn lay(table: &mut BTreeMap<String, Tree>, steps: &[String], place: Place, value: &str) {
    let Some((first, rest)) = steps.split_first() else {
        return;
    };
    if rest.is_empty() {
        table.insert(first.clone(), Tree { place, value: Value::Raw(value.to_owned()) });
        return;
    }
    let section = table
        .entry(first.clone())
        .or_insert_with(|| Tree { place: place.clone(), value: Value::Table(BTreeMap::new()) });
    if !matches!(section.value, Value::Table(_)) {
        section.value = Value::Table(BTreeMap::new());
    }
    if let Value::Table(inner) = &mut section.value {
        lay(inner, rest, place, value);
    }
}

fn text_at(root: &BTreeMap<String, Tree>, section: &str, key: &str) -> Option<String> {
    let Value::Table(section) = &root.get(section)?.value else {
        return None;
    };
    let Value::Text(text) = &section.get(key)?.value else {
        return None;
    };
    Some(text.clone())
}
