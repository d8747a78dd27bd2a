//! The generated pages of docs/reference: written by the binary itself, so they cannot tell of another program.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::place::Place;
use crate::step::run_plain;

const FOLDER: &str = "docs/reference";

/// Writes the pages anew.
pub(crate) fn write(place: &Place) -> Result<(), String> {
    generate(place, &place.at(FOLDER))
}

/// The pages that differ from what the binary would write now.
pub(crate) fn stale(place: &Place) -> Result<Vec<String>, String> {
    let folder = std::env::temp_dir().join(format!("chancery-reference-{}", std::process::id()));
    let outcome = generate(place, &folder).and_then(|()| Ok((pages(&folder)?, pages(&place.at(FOLDER))?)));
    let _gone = fs::remove_dir_all(&folder);
    let (fresh, kept) = outcome?;
    if fresh.is_empty() {
        return Err("the binary wrote no reference page".to_owned());
    }
    Ok(differences(&fresh, &kept))
}

fn generate(place: &Place, folder: &Path) -> Result<(), String> {
    let run = ["run", "--quiet", "--package", "chancery-server", "--bin", "chancery", "--"];
    run_plain(place.cargo(&run).args(["reference", "--output"]).arg(folder))
}

type Pages = BTreeMap<PathBuf, Vec<u8>>;

fn pages(folder: &Path) -> Result<Pages, String> {
    let mut found = Pages::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        let entries = match fs::read_dir(&next) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(format!("{}: {error}", next.display())),
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                waiting.push(path);
                continue;
            }
            let content = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            let name = path.strip_prefix(folder).unwrap_or(&path).to_owned();
            found.insert(name, content);
        }
    }
    Ok(found)
}

fn differences(fresh: &Pages, kept: &Pages) -> Vec<String> {
    let complain = |name: &Path, what: &str| format!("{FOLDER}/{}: {what} (cargo xtask reference)", name.display());
    let mut complaints = Vec::new();
    for (name, content) in fresh {
        match kept.get(name) {
            None => complaints.push(complain(name, "missing")),
            Some(old) if old != content => complaints.push(complain(name, "stale")),
            Some(_) => {}
        }
    }
    complaints.extend(
        kept.keys().filter(|name| !fresh.contains_key(*name)).map(|name| complain(name, "not generated any more")),
    );
    complaints
}

#[cfg(test)]
mod tests {
    use super::{Pages, differences};

    fn pages(list: &[(&str, &str)]) -> Pages {
        list.iter().map(|(name, content)| ((*name).into(), content.as_bytes().to_vec())).collect()
    }

    #[test]
    fn a_missing_a_stale_and_a_left_over_page_are_three_complaints() {
        let fresh = pages(&[("a.md", "1"), ("b.md", "2"), ("c.md", "3")]);
        let kept = pages(&[("b.md", "old"), ("c.md", "3"), ("d.md", "4")]);
        let complaints = differences(&fresh, &kept);
        assert_eq!(complaints.len(), 3, "{complaints:?}");
    }
}
