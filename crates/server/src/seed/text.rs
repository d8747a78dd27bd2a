//! A seed's text, TOML or JSON, as one value that remembers where each member stands.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::json_places;
use crate::config::{Complaints, Place};

/// Where each member stands, by its path: `realms[0].clients[2].scope`.
#[derive(Debug, Default)]
pub struct Places {
    file: PathBuf,
    known: BTreeMap<String, (usize, usize)>,
}

impl Places {
    /// Places in `file`.
    #[must_use]
    pub fn new(file: &Path) -> Self {
        Self { file: file.to_owned(), known: BTreeMap::new() }
    }

    pub(super) fn note(&mut self, path: &str, line: usize, column: usize) {
        self.known.insert(path.to_owned(), (line, column));
    }

    /// The place of a member, or of what holds it, or the top of the file.
    #[must_use]
    pub fn of(&self, path: &str) -> Place {
        let mut path = path;
        loop {
            if let Some(&(line, column)) = self.known.get(path) {
                return self.place(line, column);
            }
            match path.rfind(['.', '[']) {
                Some(end) => path = &path[..end],
                None => return self.place(1, 1),
            }
        }
    }

    /// The folder that the file lies in: what it names relatively is found there.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new(""))
    }

    pub(super) fn place(&self, line: usize, column: usize) -> Place {
        Place::File { path: self.file.clone(), line, column }
    }
}

/// The path of a member.
pub(super) fn inside(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Reads the text; complaints are about its syntax.
pub(super) fn read(file: &Path, text: &str, complaints: &mut Complaints) -> (Value, Places) {
    let mut places = Places::new(file);
    let is_json = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let value =
        if is_json { read_json(text, &mut places, complaints) } else { read_toml(text, &mut places, complaints) };
    (value, places)
}

fn read_json(text: &str, places: &mut Places, complaints: &mut Complaints) -> Value {
    match serde_json::from_str(text) {
        Ok(value) => {
            // Only now: the scanner relies on the text being JSON of bounded depth.
            for (path, line, column) in json_places::scan(text, places) {
                complaints.push(places.place(line, column), &path, format!("`{path}` is written twice"));
            }
            value
        }
        Err(error) => {
            complaints.push(places.place(error.line().max(1), error.column().max(1)), "", error.to_string());
            Value::Null
        }
    }
}

fn read_toml(text: &str, places: &mut Places, complaints: &mut Complaints) -> Value {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let (line, column) = locate(text, error.span().unwrap_or(0..0));
        complaints.push(places.place(line, column), "", error.message());
    }
    let mut walk = Walk { text, places };
    Value::Object(walk.table(table.into_inner(), ""))
}

/// The line and column where a span of bytes begins.
fn locate(text: &str, span: Range<usize>) -> (usize, usize) {
    let before = text.get(..span.start).unwrap_or(text);
    let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
    (before.matches('\n').count() + 1, column)
}

struct Walk<'a> {
    text: &'a str,
    places: &'a mut Places,
}

impl Walk<'_> {
    fn note(&mut self, path: &str, span: Range<usize>) {
        let (line, column) = locate(self.text, span);
        self.places.note(path, line, column);
    }

    fn table(&mut self, table: DeTable<'_>, path: &str) -> Map<String, Value> {
        let mut members = Map::new();
        for (key, value) in table {
            let inner = inside(path, key.get_ref());
            self.note(&inner, key.span());
            let value = self.value(value.into_inner(), &inner);
            members.insert(key.into_inner().into_owned(), value);
        }
        members
    }

    fn value(&mut self, value: DeValue<'_>, path: &str) -> Value {
        match value {
            DeValue::Array(items) => {
                let mut list = Vec::new();
                for (at, item) in items.into_iter().enumerate() {
                    list.push(self.item(item, &format!("{path}[{at}]")));
                }
                Value::Array(list)
            }
            DeValue::Boolean(boolean) => Value::Bool(boolean),
            DeValue::Datetime(date) => Value::String(date.to_string()),
            DeValue::Float(float) => float.as_str().replace('_', "").parse::<f64>().map_or(Value::Null, Value::from),
            DeValue::Integer(integer) => {
                i64::from_str_radix(integer.as_str(), integer.radix()).map_or(Value::Null, Value::from)
            }
            DeValue::String(text) => Value::String(text.into_owned()),
            DeValue::Table(table) => Value::Object(self.table(table, path)),
        }
    }

    fn item(&mut self, item: Spanned<DeValue<'_>>, path: &str) -> Value {
        self.note(path, item.span());
        self.value(item.into_inner(), path)
    }
}
