//! The walls: what the compiler cannot see, read from the sources themselves.
//!
//! Crates import downward; inside the engine modules do; a status code, an OAuth error and a long file each have their
//! one place; every path that a document names exists.

mod documents;
mod engine;
mod length;
mod manifests;
mod paths;
mod source;
mod words;

use std::path::{Path, PathBuf};

use crate::place::Place;
use source::Source;

/// Everything that breaks a wall, one line each.
pub(crate) fn complaints(place: &Place) -> Result<Vec<String>, String> {
    let root = place.root();
    let sources = read_sources(root)?;
    let mut complaints = manifests::complaints(root)?;
    complaints.extend(engine::complaints(&sources));
    complaints.extend(words::complaints(&sources));
    complaints.extend(length::complaints(root)?);
    complaints.extend(documents::complaints(root)?);
    Ok(complaints)
}

fn read_sources(root: &Path) -> Result<Vec<Source>, String> {
    let mut sources = Vec::new();
    for path in files_below(root, &["crates", "xtask"], &["rs"])? {
        let text = read(&root.join(&path))?;
        sources.push(Source::read(&path, &text));
    }
    Ok(sources)
}

/// Files with one of these extensions below these folders, as paths from the root, sorted. A missing folder holds none.
fn files_below(root: &Path, folders: &[&str], extensions: &[&str]) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    let mut waiting: Vec<PathBuf> = folders.iter().map(|folder| root.join(folder)).collect();
    while let Some(folder) = waiting.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let entry = entry.map_err(|error| format!("{}: {error}", folder.display()))?;
            let path = entry.path();
            let kind = entry.file_type().map_err(|error| format!("{}: {error}", path.display()))?;
            let name = entry.file_name();
            if kind.is_dir() && name != "target" && name != "node_modules" {
                waiting.push(path);
            } else if kind.is_file()
                && path.extension().is_some_and(|found| extensions.iter().any(|wanted| found == *wanted))
            {
                found.push(path.strip_prefix(root).unwrap_or(&path).to_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}
