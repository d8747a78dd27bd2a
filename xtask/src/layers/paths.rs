//! The paths that a file's code names: every leaf of its `use` trees, and every path that begins at the crate or above.

/// A path as written, with its line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) line: usize,
    pub(super) segments: Vec<String>,
}

/// The paths in blanked code that begin with `crate`, `self` or `super`.
pub(super) fn named(code: &str) -> Vec<Named> {
    let tokens = tokens(code);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let after_path = at > 0 && tokens[at - 1].text == "::";
        if token.text == "use" && tokens.get(at + 1).is_some_and(|next| next.text != "<") {
            at = tree(&tokens, at + 1, &[], &mut found);
        } else if matches!(token.text, "crate" | "self" | "super") && !after_path && is_path(&tokens, at) {
            let mut segments = vec![token.text.to_owned()];
            let line = token.line;
            while is_path(&tokens, at) {
                segments.push(tokens[at + 2].text.to_owned());
                at += 2;
            }
            found.push(Named { line, segments });
            at += 1;
        } else {
            at += 1;
        }
    }
    found.retain(|path| matches!(path.segments.first().map(String::as_str), Some("crate" | "self" | "super")));
    found
}

/// The path from the crate's root, seen from a module; nothing when it climbs above the root.
pub(super) fn absolute(module: &[String], path: &[String]) -> Option<Vec<String>> {
    let mut base = module.to_vec();
    let mut rest = path;
    match rest.first().map(String::as_str) {
        Some("crate") => {
            base.clear();
            rest = &rest[1..];
        }
        Some("self") => rest = &rest[1..],
        _ => {}
    }
    while rest.first().is_some_and(|segment| segment == "super") {
        base.pop()?;
        rest = &rest[1..];
    }
    base.extend(rest.iter().cloned());
    Some(base)
}

struct Token<'a> {
    text: &'a str,
    line: usize,
}

fn is_path(tokens: &[Token<'_>], at: usize) -> bool {
    tokens.get(at + 1).is_some_and(|next| next.text == "::")
        && tokens.get(at + 2).is_some_and(|next| is_word(next.text))
}

fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
}

/// Reads one tree of a `use`, from `at`; returns where it ends: at the comma, brace or semicolon that closes it.
fn tree(tokens: &[Token<'_>], from: usize, prefix: &[String], found: &mut Vec<Named>) -> usize {
    let mut segments = prefix.to_vec();
    let mut at = from;
    while let Some(token) = tokens.get(at) {
        match token.text {
            "::" => at += 1,
            "{" => {
                at += 1;
                while tokens.get(at).is_some_and(|next| next.text != "}" && next.text != ";") {
                    at = tree(tokens, at, &segments, found);
                    at += usize::from(tokens.get(at).is_some_and(|next| next.text == ","));
                }
                return at + usize::from(tokens.get(at).is_some_and(|next| next.text == "}"));
            }
            "as" => at += 2,
            "," | "}" | ";" => break,
            word => {
                // In `a::{self, b}` the word stands for `a`.
                if word != "self" || segments.is_empty() {
                    segments.push(word.to_owned());
                }
                at += 1;
            }
        }
    }
    let line = tokens.get(from).map_or(0, |token| token.line);
    found.push(Named { line, segments });
    // Always forward, so that broken code cannot hold the reader.
    at.max(from + usize::from(tokens.get(at).is_some_and(|token| token.text == ";")))
}

fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    for (number, text) in code.lines().enumerate() {
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let length = if is_word(rest) {
                rest.find(|next: char| !next.is_ascii_alphanumeric() && next != '_').unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            let (token, behind) = rest.split_at(length);
            if !first.is_whitespace() {
                tokens.push(Token { text: token, line: number + 1 });
            }
            rest = behind;
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::{absolute, named};

    fn paths(code: &str) -> Vec<String> {
        named(code).iter().map(|path| path.segments.join("::")).collect()
    }

    #[test]
    fn a_use_tree_gives_every_leaf() {
        let code = "use crate::{a::{self, B}, c::D as E, f::*};\nuse std::fmt;\npub(crate) use super::g;";
        assert_eq!(paths(code), ["crate::a", "crate::a::B", "crate::c::D", "crate::f::*", "super::g"]);
    }

    #[test]
    fn a_path_in_an_expression_or_a_signature_is_found() {
        let code = "fn a(b: &crate::c::D) -> impl E + use<'_> { self::f(); self.g(); super::super::h::i() }";
        assert_eq!(paths(code), ["crate::c::D", "self::f", "super::super::h::i"]);
    }

    #[test]
    fn relative_paths_are_resolved_from_the_module() {
        let words = |text: &str| text.split("::").map(str::to_owned).collect::<Vec<_>>();
        let module = words("endpoint::token::refresh_token");
        let resolve = |path: &str| absolute(&module, &words(path)).map(|path| path.join("::"));
        assert_eq!(resolve("super::super::authorize").as_deref(), Some("endpoint::authorize"));
        assert_eq!(resolve("crate::steps::issue").as_deref(), Some("steps::issue"));
        assert_eq!(resolve("self::super::grant").as_deref(), Some("endpoint::token::grant"));
        assert_eq!(resolve("super::super::super::super::x"), None);
    }

    proptest! {
        #[test]
        fn no_code_holds_the_reader(code in "(use|crate|self|super|as|::|[{},;*<a\n ])*") {
            named(&code);
        }
    }
}
