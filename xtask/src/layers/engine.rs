//! The floors inside the engine, and the walls between its endpoints and between its grants.

use std::collections::BTreeSet;
use std::path::Path;

use super::paths::{absolute, named};
use super::source::Source;

const ROOT: &str = "crates/engine/src";

/// From the ground up. A module may use its own floor and those before it here, never one after.
const FLOORS: [&[&str]; 4] = [
    &["settings", "refusal", "context", "specs", "keyring", "client_keys", "access_token", "seen"],
    &["steps", "approval", "audit"],
    &["account", "directory"],
    &["endpoint"],
];

/// Modules that reach up, endpoints that know each other, grants that know each other.
pub(super) fn complaints(sources: &[Source]) -> Vec<String> {
    let engine: Vec<(&Source, Vec<String>)> =
        sources.iter().filter_map(|source| Some((source, module(&source.path)?))).collect();
    let modules: BTreeSet<Vec<String>> = engine.iter().map(|(_, module)| module.clone()).collect();
    let grants: BTreeSet<Vec<String>> = engine
        .iter()
        .filter(|(source, module)| in_token(module) && source.code.contains("Grant for "))
        .map(|(_, module)| module.clone())
        .collect();

    let mut complaints = Vec::new();
    for (source, module) in &engine {
        let Some(own) = module.first() else { continue };
        if floor(own).is_none() {
            complaints.push(format!("{}: the engine has no floor for a module {own}", source.path.display()));
            continue;
        }
        for path in named(&source.code) {
            let Some(target) = absolute(module, &path.segments) else {
                continue;
            };
            let written = target.join("::");
            if target.first().is_some_and(|used| floor(used) > floor(own)) {
                complaints.push(format!("{}: {own} reaches up to {written}", source.place(path.line)));
            }
            if let Some((mine, other)) = neighbours(module, &target, &modules, 1, "endpoint") {
                complaints
                    .push(format!("{}: the endpoint {mine} imports the endpoint {other}", source.place(path.line)));
            }
            let of_grants = |module: &[String]| grants.iter().any(|grant| module.starts_with(grant));
            if in_token(module)
                && of_grants(module)
                && in_token(&target)
                && of_grants(&target)
                && target[2] != module[2]
            {
                let line = source.place(path.line);
                complaints.push(format!("{line}: the grant {} imports the grant {}", module[2], target[2]));
            }
        }
    }
    complaints
}

fn in_token(module: &[String]) -> bool {
    module.len() > 2 && module[0] == "endpoint" && module[1] == "token"
}

/// Two different modules of one folder, the second of which the first names.
fn neighbours<'a>(
    module: &'a [String],
    target: &'a [String],
    modules: &BTreeSet<Vec<String>>,
    depth: usize,
    folder: &str,
) -> Option<(&'a str, &'a str)> {
    let (mine, other) = (module.get(depth)?, target.get(depth)?);
    let both_inside = module[0] == folder && target[0] == folder;
    // A name that is no module is a type that the folder's own file declares for all of them.
    let is_module = modules.contains(&target[..=depth]);
    (both_inside && is_module && mine != other).then_some((mine, other))
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// `crates/engine/src/a/b.rs` is `a::b`; `lib.rs` stands above everything.
fn module(path: &Path) -> Option<Vec<String>> {
    let inside = path.strip_prefix(ROOT).ok()?.with_extension("");
    let mut segments: Vec<String> = inside.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if segments.last().is_some_and(|last| last == "mod" || last == "lib") {
        segments.pop();
    }
    Some(segments)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::source::Source;

    fn complaints(files: &[(&str, &str)]) -> Vec<String> {
        let read = |(path, text): &(&str, &str)| Source::read(Path::new(&format!("crates/engine/src/{path}")), text);
        super::complaints(&files.iter().map(read).collect::<Vec<_>>())
    }

    #[test]
    fn reaching_up_is_a_complaint_and_reaching_down_is_none() {
        let found = complaints(&[
            ("steps/issue.rs", "use crate::settings::X;\nuse crate::endpoint::token::Y;"),
            ("endpoint/token.rs", "use crate::steps::issue::Z;"),
            ("lib.rs", "pub use crate::endpoint::token::Y;"),
        ]);
        assert_eq!(found, ["crates/engine/src/steps/issue.rs:2: steps reaches up to endpoint::token::Y"]);
    }

    #[test]
    fn an_endpoint_that_imports_another_is_a_complaint() {
        let found = complaints(&[
            ("endpoint.rs", "pub struct Shared;"),
            ("endpoint/revoke.rs", "use super::{Shared, token::Y};"),
            ("endpoint/token.rs", ""),
            ("endpoint/token/grant.rs", "use super::Y;"),
        ]);
        assert_eq!(found, ["crates/engine/src/endpoint/revoke.rs:1: the endpoint revoke imports the endpoint token"]);
    }

    #[test]
    fn a_grant_that_imports_another_is_a_complaint_and_their_common_trait_is_none() {
        let found = complaints(&[
            ("endpoint/token/grant.rs", "pub trait Grant {}"),
            (
                "endpoint/token/device_code.rs",
                "use super::grant::Grant;\nuse super::refresh_token::R;\nimpl Grant for D {}",
            ),
            ("endpoint/token/refresh_token.rs", "impl super::grant::Grant for R {}"),
        ]);
        assert_eq!(
            found,
            [
                "crates/engine/src/endpoint/token/device_code.rs:2: the grant device_code imports the grant refresh_token"
            ]
        );
    }

    #[test]
    fn a_module_without_a_floor_is_a_complaint() {
        assert_eq!(complaints(&[("attic.rs", "")]).len(), 1);
    }
}
