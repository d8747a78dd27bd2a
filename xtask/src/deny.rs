//! What the workspace is built from: banned crates, licences and sources, by the rules in deny.toml.
//!
//! Two readers of one file: the crates that are really built, from `cargo tree`, checked here in a second on every run;
//! and `cargo deny`, which also reads licence texts, where it is installed (or with `--full`, which installs it).
//!
//! Leaves out: advisories. Their database is a repository that must be fetched; `cargo deny check advisories` does it where the network allows.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use crate::ci::Extent;
use crate::place::{self, Place};
use crate::step::{output_of, run_plain, say};

/// Where the binary is meant to run.
const TARGETS: [&str; 2] = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"];

/// Checks both ways, as far as the extent goes.
pub(crate) fn check(place: &Place, extent: Extent) -> Result<(), String> {
    let path = place.at("deny.toml");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let rules = Rules::parse(&text)?;
    let shipped = tree(place, "normal,build")?;
    let built = tree(place, "normal,build,dev")?;
    let complaints = rules.complaints(&shipped, &built);
    let (ours, all) = (shipped.len(), built.len());
    say(&format!("{ours} crates are built, with those for tests {all}; {} complaints", complaints.len()));
    crate::report(complaints)?;

    if !place::installed("cargo-deny") {
        if extent == Extent::Usual {
            say("cargo-deny is not installed: it was not run (install it, or pass --full)");
            return Ok(());
        }
        run_plain(&mut place.cargo(&["install", "cargo-deny", "--locked"]))?;
    }
    run_plain(&mut place.cargo(&[
        "deny",
        "--offline",
        "check",
        "--hide-inclusion-graph",
        "bans",
        "licenses",
        "sources",
    ]))
}

/// The crates that edges of these kinds lead to, on every target.
fn tree(place: &Place, edges: &str) -> Result<BTreeSet<Built>, String> {
    let mut built = BTreeSet::new();
    for target in TARGETS {
        let mut tree = place.cargo(&["tree", "--workspace", "--locked", "--prefix", "none", "--edges", edges]);
        built.extend(parse_tree(&output_of(tree.args(["--format", "{p}\t{l}", "--target", target]))?));
    }
    Ok(built)
}

/// A crate that is built, with its licence expression and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Built {
    name: String,
    version: String,
    licence: String,
    /// In parentheses in cargo's list: a folder or a repository; nothing for the registry.
    source: Option<String>,
}

fn parse_tree(tree: &str) -> Vec<Built> {
    tree.lines()
        .filter_map(|line| {
            let (package, licence) = line.split_once('\t')?;
            let mut words = package.split_whitespace();
            let name = words.next()?.to_owned();
            let version = words.next()?.trim_start_matches('v').to_owned();
            let source = words.find(|word| word.starts_with('(') && *word != "(proc-macro)").map(str::to_owned);
            let licence = licence.trim_end_matches(" (*)").to_owned();
            Some(Built { name, version, licence, source })
        })
        .collect()
}

#[derive(Debug)]
struct Rules {
    banned: BTreeSet<String>,
    /// Those of the banned that a test's own tools may bring along: the ban names who wraps them.
    wrapped: BTreeSet<String>,
    single: BTreeSet<String>,
    licences: BTreeSet<String>,
    exceptions: BTreeMap<String, BTreeSet<String>>,
}

impl Rules {
    fn parse(text: &str) -> Result<Self, String> {
        let table: Table = text.parse().map_err(|error| format!("deny.toml: {error}"))?;
        let list = |section: &str, key: &str| -> Vec<Value> {
            let found = table.get(section).and_then(|section| section.get(key)).and_then(Value::as_array);
            found.cloned().unwrap_or_default()
        };
        let texts =
            |values: &[Value]| values.iter().filter_map(Value::as_str).map(str::to_owned).collect::<BTreeSet<_>>();
        let mut rules = Self {
            banned: BTreeSet::new(),
            wrapped: BTreeSet::new(),
            single: BTreeSet::new(),
            licences: texts(&list("licenses", "allow")),
            exceptions: BTreeMap::new(),
        };
        for ban in list("bans", "deny") {
            let name = ban.get("crate").and_then(Value::as_str).ok_or("deny.toml: a ban names no crate")?.to_owned();
            if ban.get("reason").and_then(Value::as_str).is_none() {
                return Err(format!("deny.toml: the ban of {name} gives no reason"));
            }
            if ban.get("wrappers").is_some() {
                rules.wrapped.insert(name.clone());
            }
            let once = ban.get("deny-multiple-versions").and_then(Value::as_bool).unwrap_or(false);
            if once {
                rules.single.insert(name)
            } else {
                rules.banned.insert(name)
            };
        }
        for exception in list("licenses", "exceptions") {
            let name =
                exception.get("crate").and_then(Value::as_str).ok_or("deny.toml: an exception names no crate")?;
            let allowed = exception.get("allow").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            rules.exceptions.insert(name.to_owned(), texts(allowed));
        }
        Ok(rules)
    }

    fn complaints(&self, shipped: &BTreeSet<Built>, built: &BTreeSet<Built>) -> Vec<String> {
        let mut complaints = Vec::new();
        let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for part in built {
            versions.entry(&part.name).or_default().insert(&part.version);
            let in_tests_only = self.wrapped.contains(&part.name) && !shipped.contains(part);
            if self.banned.contains(&part.name) && !in_tests_only {
                complaints.push(format!("{} is banned and built (cargo tree --invert {})", part.name, part.name));
            }
            if part.source.as_deref().is_some_and(|source| source.contains("://")) {
                complaints.push(format!("{} comes from outside the registry", part.name));
            }
            let allowed = |licence: &str| {
                self.licences.contains(licence)
                    || self.exceptions.get(&part.name).is_some_and(|own| own.contains(licence))
            };
            if part.source.is_none() && !admits(&part.licence, &allowed) {
                complaints.push(format!("{}: licence {:?} is not on the list", part.name, part.licence));
            }
        }
        for (name, versions) in versions {
            if self.single.contains(name) && versions.len() > 1 {
                complaints.push(format!("{name} is built in {} versions", versions.len()));
            }
        }
        complaints
    }
}

/// Whether an SPDX expression can be satisfied with the allowed licences. `AND` binds tighter than `OR`; `/` is the old way to write `OR`.
fn admits(expression: &str, allowed: &dyn Fn(&str) -> bool) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ").replace(" WITH ", "~WITH~");
    let words: Vec<String> = spaced.split_whitespace().map(|word| word.replace("~WITH~", " WITH ")).collect();
    let mut rest = words.iter().map(String::as_str).peekable();
    let verdict = either(&mut rest, allowed);
    rest.next().is_none() && verdict
}

fn either<'a>(words: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>, allowed: &dyn Fn(&str) -> bool) -> bool {
    let mut verdict = both(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        verdict |= both(words, allowed);
    }
    verdict
}

fn both<'a>(words: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>, allowed: &dyn Fn(&str) -> bool) -> bool {
    let mut verdict = one(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        verdict &= one(words, allowed);
    }
    verdict
}

fn one<'a>(words: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>, allowed: &dyn Fn(&str) -> bool) -> bool {
    match words.next() {
        Some("(") => {
            let verdict = either(words, allowed);
            words.next_if_eq(&")").is_some() && verdict
        }
        Some(licence) => allowed(licence),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Built, Rules, admits, parse_tree};

    const RULES: &str = r#"
        [bans]
        deny = [
            { crate = "openssl", reason = "one is enough" },
            { crate = "rsa", wrappers = ["oracle"], reason = "slow" },
            { crate = "rustls", deny-multiple-versions = true, reason = "one is enough" },
        ]
        [licenses]
        allow = ["MIT", "ISC"]
        exceptions = [{ crate = "roots", allow = ["CDLA-Permissive-2.0"] }]
    "#;

    fn built(tree: &str) -> Vec<String> {
        let rules = Rules::parse(RULES).expect("good rules");
        let crates = parse_tree(tree).into_iter().collect();
        rules.complaints(&crates, &crates)
    }

    #[test]
    fn licence_expressions_are_read_with_their_precedence() {
        let allowed = |licence: &str| licence == "MIT" || licence == "ISC";
        assert!(admits("MIT OR Apache-2.0", &allowed));
        assert!(admits("MIT/Apache-2.0", &allowed));
        assert!(admits("ISC AND (GPL-3.0 OR MIT)", &allowed));
        assert!(admits("GPL-3.0 AND X OR MIT", &allowed));
        assert!(!admits("MIT AND GPL-3.0", &allowed));
        assert!(!admits("Apache-2.0 WITH LLVM-exception", &allowed));
        assert!(!admits("", &allowed));
        assert!(!admits("(MIT", &allowed));
    }

    #[test]
    fn a_banned_crate_a_second_version_a_repository_and_a_licence_are_found() {
        assert_eq!(built("openssl v1.0.0\tMIT").len(), 1);
        assert_eq!(built("rustls v0.23.1\tMIT\nrustls v0.22.0\tMIT").len(), 1);
        assert_eq!(built("x v1.0.0 (https://example.org/x#1)\tMIT").len(), 1);
        assert_eq!(built("x v1.0.0\tGPL-3.0").len(), 1);
    }

    #[test]
    fn a_banned_crate_with_a_wrapper_may_serve_tests_alone() {
        let rules = Rules::parse(RULES).expect("good rules");
        let crates = parse_tree("rsa v0.9.0\tMIT").into_iter().collect();
        assert_eq!(rules.complaints(&BTreeSet::new(), &crates), Vec::<String>::new());
        assert_eq!(rules.complaints(&crates, &crates).len(), 1);
    }

    #[test]
    fn repeated_lines_folders_and_exceptions_are_no_complaint() {
        assert_eq!(
            built("own v0.1.0 (/folder)\t\na v1.0.0 (proc-macro)\tMIT (*)\nroots v1.0.0\tCDLA-Permissive-2.0"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_ban_without_a_reason_is_refused() {
        assert!(Rules::parse("[bans]\ndeny = [{ crate = \"x\" }]").is_err());
    }

    #[test]
    fn the_source_of_a_crate_is_kept() {
        let expected =
            Built { name: "a".into(), version: "1.0.0".into(), licence: "MIT".into(), source: Some("(/f)".into()) };
        assert_eq!(parse_tree("a v1.0.0 (/f)\tMIT"), [expected]);
    }
}
