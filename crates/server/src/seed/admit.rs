//! Holds a seed against its schema: unknown members, missing ones, wrong kinds, numbers out of range.

use chancery_engine::directory::names::hint;
use serde_json::{Map, Value};

use super::text::{Places, inside};
use crate::config::Complaints;

/// Complains of everything in `value` that `schema` does not describe.
pub(super) fn check(value: &Value, schema: &Value, places: &Places, complaints: &mut Complaints) {
    Walk { places, complaints }.value(value, schema, "");
}

struct Walk<'a> {
    places: &'a Places,
    complaints: &'a mut Complaints,
}

impl Walk<'_> {
    fn complain(&mut self, path: &str, message: impl Into<String>) {
        self.complaints.push(self.places.of(path), path, message);
    }

    fn value(&mut self, value: &Value, schema: &Value, path: &str) {
        // What may be left out is described as a choice between itself and nothing.
        if let Some(choices) = schema.get("anyOf").and_then(Value::as_array) {
            let described = choices.iter().find(|choice| choice.get("type").and_then(Value::as_str) != Some("null"));
            return match described {
                Some(described) if !value.is_null() => self.value(value, described, path),
                Some(_) | None => {}
            };
        }
        let words = words(schema);
        match (kind(schema), value) {
            ("", Value::String(text)) | ("string", Value::String(text)) => {
                if !words.is_empty() && !words.contains(&text.as_str()) {
                    let hint = hint(text, words.iter().copied());
                    self.complain(path, format!("`{path}` must be one of {}{hint}", words.join(", ")));
                }
            }
            ("", _) => {}
            ("object", Value::Object(members)) => self.members(members, schema, path),
            ("array", Value::Array(items)) => {
                let described = schema.get("items").unwrap_or(&Value::Bool(true));
                for (at, item) in items.iter().enumerate() {
                    self.value(item, described, &format!("{path}[{at}]"));
                }
            }
            ("boolean", Value::Bool(_)) => {}
            ("integer", Value::Number(number)) => {
                let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
                let (least, most) = (bound("minimum").unwrap_or(0.0), bound("maximum").unwrap_or(u64::MAX as f64));
                let fits = number.as_u64().is_some_and(|number| number as f64 >= least && number as f64 <= most);
                if !fits {
                    self.complain(path, format!("`{path}` must be a whole number, {least} or more"));
                }
            }
            (kind, _) => self.complain(path, format!("`{path}` must be {}, not {}", wanted(kind), found(value))),
        }
    }

    fn members(&mut self, members: &Map<String, Value>, schema: &Value, path: &str) {
        let Some(known) = schema.get("properties").and_then(Value::as_object) else { return };
        for name in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            if !members.contains_key(name) {
                let whose = if path.is_empty() { "the seed" } else { path };
                self.complain(path, format!("`{whose}` lacks `{name}`"));
            }
        }
        for (name, value) in members {
            let inner = inside(path, name);
            match known.get(name) {
                Some(described) => self.value(value, described, &inner),
                // Members in a language, `client_name#de`, are judged with the metadata.
                None if name.contains('#') && known.contains_key("client_id") => {}
                None => {
                    let hint = hint(name, known.keys().map(String::as_str));
                    self.complain(&inner, format!("unknown member `{inner}`{hint}"));
                }
            }
        }
    }
}

/// The words that a text may be, if it may be only some.
fn words(schema: &Value) -> Vec<&str> {
    let listed = schema.get("enum").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let described = schema.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    listed.chain(described.filter_map(|choice| choice.get("const")?.as_str())).collect()
}

/// The JSON type, past the `null` of what may be left out; nothing where anything will do.
fn kind(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or(""),
        Some(kind) => kind.as_str().unwrap_or(""),
        None if schema.get("oneOf").is_some() => "string",
        None => "",
    }
}

fn wanted(kind: &str) -> &'static str {
    match kind {
        "array" => "a list",
        "boolean" => "true or false",
        "integer" => "a whole number",
        "object" => "a table of members",
        _ => "text",
    }
}

fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a table",
    }
}
