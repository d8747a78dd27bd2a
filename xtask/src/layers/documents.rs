//! Documents tell the truth: every path that one names exists, and so does every test.

use std::path::Path;

/// Pages that describe the house as it is. Decisions are dated, and may speak of what is gone.
const PAGES: [&str; 6] =
    ["ARCHITECTURE.md", "README.md", "CONTRIBUTING.md", "STYLE.md", "docs/threats.md", "docs/performance.md"];

/// Pages without which the house is not finished.
const REQUIRED: [&str; 2] = ["ARCHITECTURE.md", "docs/threats.md"];

/// What a path begins with when a page means the repository.
const TOPS: [&str; 10] =
    ["crates/", "docs/", "xtask/", "scripts/", "interop/", "fuzz/", "benches/", "examples/", ".ci/", ".cargo/"];

/// Paths and tests that are named and missing.
pub(super) fn complaints(root: &Path) -> Result<Vec<String>, String> {
    let mut complaints = Vec::new();
    for page in PAGES {
        if !root.join(page).exists() {
            if REQUIRED.contains(&page) {
                complaints.push(format!("{page} is missing"));
            }
            continue;
        }
        let text = super::read(&root.join(page))?;
        for (line, name) in names(&text) {
            for path in expand(&name) {
                let (file, test) =
                    path.split_once("::").map_or((path.as_str(), None), |(file, test)| (file, Some(test)));
                if !root.join(file).exists() {
                    complaints.push(format!("{page}:{line}: {file} does not exist"));
                } else if let Some(test) = test
                    && !declares(&super::read(&root.join(file))?, test)
                {
                    complaints.push(format!("{page}:{line}: {file} has no test {test}"));
                }
            }
        }
    }
    Ok(complaints)
}

/// What stands in backticks or behind a link and begins like a path of the repository.
fn names(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let quoted = line.split('`').skip(1).step_by(2);
        let linked = line.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        for name in quoted.chain(linked) {
            // The title of a test may be a sentence; a path may not.
            let path = name.split("::").next().unwrap_or(name);
            let whole = !path.contains(['<', '*', ' ', '…', '$']);
            if whole && TOPS.iter().any(|top| name.starts_with(top)) {
                found.push((number + 1, name.trim_end_matches('/').to_owned()));
            }
        }
    }
    found
}

/// `a/{b,c}.rs` is `a/b.rs` and `a/c.rs`.
fn expand(name: &str) -> Vec<String> {
    let Some((before, rest)) = name.split_once('{') else {
        return vec![name.to_owned()];
    };
    let Some((inside, after)) = rest.split_once('}') else {
        return vec![name.to_owned()];
    };
    inside.split(',').flat_map(|word| expand(&format!("{before}{}{after}", word.trim()))).collect()
}

/// Whether a file declares a test of this name: a function, or a title of node:test.
fn declares(text: &str, test: &str) -> bool {
    [format!("fn {test}("), format!("def {test}("), format!("test(\"{test}\""), format!("test('{test}'")]
        .iter()
        .any(|declaration| text.contains(declaration))
}

#[cfg(test)]
mod tests {
    use super::{declares, expand, names};

    #[test]
    fn names_are_read_from_backticks_and_links() {
        let found = names("see `crates/a/src/lib.rs` and `cargo test`\nor [b](docs/b.md#c), `crates/<name>`, `xtask/`");
        assert_eq!(
            found,
            [(1, "crates/a/src/lib.rs".to_owned()), (2, "xtask".to_owned()), (2, "docs/b.md".to_owned())]
        );
    }

    #[test]
    fn braces_are_alternatives() {
        assert_eq!(expand("a/{b, c}.{d,e}"), ["a/b.d", "a/b.e", "a/c.d", "a/c.e"]);
    }

    #[test]
    fn tests_are_found_in_every_language() {
        assert!(declares("async fn a_b() {}", "a_b"));
        assert!(declares("def test_a():", "test_a"));
        assert!(declares("test(\"a\", async () => {})", "a"));
        assert!(!declares("fn a_b_c() {}", "a_b"));
    }
}
