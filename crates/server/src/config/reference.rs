//! The manual of the configuration, made of the doc comments and defaults of [`Config`](super::Config).

use std::fmt::Write;

use serde_json::{Map, Value as Json};

use super::admit::{choices, kind, schema};

/// The text of docs/reference/config.md.
pub fn reference_markdown() -> String {
    let schema = schema();
    let mut page = String::from(
        "# Configuration\n\n\
         One TOML file, named by `--config` or `CHANCERY_CONFIG`, else `chancery.toml` in the working folder; without a\n\
         file, defaults. A variable of the environment comes before the file, a flag before both. Unknown keys are\n\
         refused, and `chancery check-config` tells everything that is wrong at once. Times are written as `10s`,\n\
         `500ms` or `1m 30s`. In a variable a list is written with commas, or as TOML.\n",
    );
    for section in sections(&schema) {
        let _ = write!(page, "\n## {}\n", section.title());
        if !section.description.is_empty() {
            let _ = write!(page, "\n{}\n", section.description);
        }
        for (name, key) in &section.keys {
            let path = section.path_of(name);
            let _ = write!(page, "\n### `{path}`\n\n{}\n\n", description(key));
            let _ = writeln!(page, "- Takes: {}", takes(key));
            let _ = writeln!(
                page,
                "- Default: {}",
                default_of(key).map_or("none".to_owned(), |value| format!("`{value}`"))
            );
            if let Some(example) = example_of(key) {
                let _ = writeln!(page, "- Example: `{name} = {example}`");
            }
            let _ = writeln!(page, "- Variable: `CHANCERY_{}`", path.to_uppercase().replace('.', "__"));
        }
    }
    page
}

/// A configuration file in which every key stands as a comment with its default and its meaning.
pub fn commented_default_toml() -> String {
    commented_toml(&[])
}

/// The same, with some keys set: pairs of a path (`master_key.file`) and a value as TOML writes it (`"/etc/key"`).
pub fn commented_toml(set: &[(&str, &str)]) -> String {
    let schema = schema();
    let mut file =
        String::from("# Chancery's configuration. What is commented out shows the default, or an example.\n");
    for section in sections(&schema) {
        if let Some(name) = section.name {
            file.push('\n');
            comment(&mut file, section.description);
            let _ = writeln!(file, "[{name}]");
        }
        for (name, key) in &section.keys {
            file.push('\n');
            comment(&mut file, description(key));
            let path = section.path_of(name);
            let written = set.iter().find(|(key, _)| *key == path).map(|(_, value)| *value);
            let _ = match (written, default_of(key).or_else(|| example_of(key))) {
                (Some(value), _) => writeln!(file, "{name} = {value}"),
                (None, Some(value)) => writeln!(file, "# {name} = {value}"),
                (None, None) => writeln!(file, "# {name} ="),
            };
        }
    }
    file
}

struct Section<'schema> {
    name: Option<&'schema str>,
    description: &'schema str,
    keys: Vec<(&'schema str, &'schema Json)>,
}

impl Section<'_> {
    fn title(&self) -> String {
        self.name.map_or("Top level".to_owned(), |name| format!("`[{name}]`"))
    }

    fn path_of(&self, key: &str) -> String {
        self.name.map_or(key.to_owned(), |name| format!("{name}.{key}"))
    }
}

/// The keys outside of any section, then each section by its name.
fn sections(schema: &Json) -> Vec<Section<'_>> {
    let (inner, mut keys): (Vec<_>, Vec<_>) = properties(schema).partition(|(_, key)| kind(key) == "object");
    // What a first reader must set stands first.
    keys.sort_by_key(|(name, _)| (*name != "public_url", *name != "listen"));
    let mut sections = vec![Section { name: None, description: "", keys }];
    sections.extend(inner.into_iter().map(|(name, section)| Section {
        name: Some(name),
        description: description(section),
        keys: properties(section).collect(),
    }));
    sections
}

fn properties(schema: &Json) -> impl Iterator<Item = (&str, &Json)> {
    let properties = schema.get("properties").and_then(Json::as_object).map(Map::iter);
    properties.into_iter().flatten().map(|(name, key)| (name.as_str(), key))
}

fn description(schema: &Json) -> &str {
    schema.get("description").and_then(Json::as_str).unwrap_or_default()
}

fn takes(key: &Json) -> String {
    let choices = choices(key);
    if !choices.is_empty() {
        let words: Vec<String> = choices.iter().map(|(word, meaning)| format!("`{word}` ({meaning})")).collect();
        return words.join(" or ");
    }
    match kind(key) {
        "array" => match key.get("items").map(kind) {
            Some("object") => "a list of tables".to_owned(),
            Some(_) | None => "a list of texts".to_owned(),
        },
        "boolean" => "`true` or `false`".to_owned(),
        "integer" => match (key.get("minimum"), key.get("maximum")) {
            (Some(least), Some(most)) => format!("a whole number from {least} to {most}"),
            (_, _) => "a whole number".to_owned(),
        },
        _ => "text".to_owned(),
    }
}

fn default_of(key: &Json) -> Option<String> {
    key.get("default").filter(|value| !value.is_null()).map(literal)
}

fn example_of(key: &Json) -> Option<String> {
    key.get("examples").and_then(Json::as_array)?.first().map(literal)
}

/// A value as TOML writes it. JSON's texts and numbers are TOML's too.
fn literal(value: &Json) -> String {
    if let Some(items) = value.as_array() {
        return format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", "));
    }
    if let Some(table) = value.as_object() {
        let pairs: Vec<String> = table.iter().map(|(key, value)| format!("{key} = {}", literal(value))).collect();
        return format!("{{ {} }}", pairs.join(", "));
    }
    value.to_string()
}

fn comment(file: &mut String, text: &str) {
    for line in text.lines() {
        let _ = writeln!(file, "{}", format!("# {line}").trim_end());
    }
}
