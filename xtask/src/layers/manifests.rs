//! The floors of the house: a crate depends on crates of lower floors only, and the engine on nothing that acts.

use std::path::Path;

use toml::{Table, Value};

/// From the ground up, as the architecture page draws them.
const FLOORS: [&[&str]; 5] = [
    &["chancery-spec", "chancery-jose"],
    &["chancery-store", "chancery-client", "chancery-resource"],
    &["chancery-engine", "chancery-store-sqlite", "chancery-store-postgres"],
    &["chancery-server"],
    &["chancery-testkit", "xtask"],
];

/// What the engine must not be able to reach: sockets, queries, clocks, dice.
const ACTORS: [&str; 14] = [
    "axum",
    "hyper",
    "hyper-util",
    "reqwest",
    "rusqlite",
    "tokio-postgres",
    "deadpool-postgres",
    "tower",
    "tokio",
    "rand",
    "getrandom",
    "jiff",
    "chrono",
    "time",
];

const SECTIONS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Dependencies that do not lead down.
pub(super) fn complaints(root: &Path) -> Result<Vec<String>, String> {
    let mut complaints = Vec::new();
    let manifests = super::files_below(root, &["crates", "xtask", "fuzz"], &["toml"])?;
    for path in manifests.iter().filter(|path| path.ends_with("Cargo.toml")) {
        let text = super::read(&root.join(path))?;
        let found = of_manifest(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        complaints.extend(found.into_iter().map(|complaint| format!("{}: {complaint}", path.display())));
    }
    Ok(complaints)
}

fn of_manifest(text: &str) -> Result<Vec<String>, String> {
    let table: Table = text.parse().map_err(|error| format!("{error}"))?;
    let package = table.get("package").and_then(|package| package.get("name")).and_then(Value::as_str);
    let name = package.ok_or("the manifest names no package")?;
    // The fuzz targets stand outside the house and see all of it.
    if name.starts_with("chancery-fuzz") {
        return Ok(Vec::new());
    }
    let Some(own) = floor(name) else {
        return Ok(vec![format!("{name} has no floor")]);
    };
    let mut complaints = Vec::new();
    for (section, dependency) in dependencies(&table) {
        if let Some(theirs) = floor(&dependency)
            && theirs >= own
        {
            complaints.push(format!("{name} (floor {}) depends on {dependency} (floor {})", own + 1, theirs + 1));
        }
        let tests_only = section == "dev-dependencies";
        if name == "chancery-engine" && !tests_only && ACTORS.contains(&dependency.as_str()) {
            complaints.push(format!("the engine depends on {dependency}"));
        }
    }
    Ok(complaints)
}

fn floor(name: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&name))
}

/// Every dependency with the section that names it, of every target.
fn dependencies(table: &Table) -> Vec<(&'static str, String)> {
    let targets =
        table.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values).filter_map(Value::as_table);
    let mut found = Vec::new();
    for place in std::iter::once(table).chain(targets) {
        for section in SECTIONS {
            let Some(list) = place.get(section).and_then(Value::as_table) else {
                continue;
            };
            for (key, value) in list {
                let renamed = value.get("package").and_then(Value::as_str);
                found.push((section, renamed.unwrap_or(key).to_owned()));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::of_manifest;

    #[test]
    fn a_crate_that_depends_on_its_own_floor_or_a_higher_one_is_a_complaint() {
        let text = "[package]\nname = \"chancery-store\"\n[dependencies]\nchancery-spec.workspace = true\n\
                    [target.'cfg(unix)'.dev-dependencies]\nx = { package = \"chancery-engine\", path = \"../engine\" }\n\
                    chancery-client.workspace = true";
        let complaints = of_manifest(text).expect("a manifest");
        assert_eq!(complaints.len(), 2, "{complaints:?}");
    }

    #[test]
    fn an_engine_that_can_act_is_a_complaint_but_its_tests_may() {
        let text =
            "[package]\nname = \"chancery-engine\"\n[dependencies]\ntokio = \"1\"\n[dev-dependencies]\nrand = \"1\"";
        assert_eq!(of_manifest(text).expect("a manifest"), ["the engine depends on tokio"]);
    }

    #[test]
    fn a_crate_without_a_floor_is_a_complaint() {
        let complaints = of_manifest("[package]\nname = \"chancery-attic\"").expect("a manifest");
        assert_eq!(complaints, ["chancery-attic has no floor"]);
    }
}
