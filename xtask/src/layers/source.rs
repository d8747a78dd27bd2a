//! A Rust file without what does not count: comments, the insides of literals, and test modules.

use std::path::{Path, PathBuf};

/// What the checks look at.
#[derive(Debug)]
pub(crate) struct Source {
    /// From the repository's root.
    pub(crate) path: PathBuf,
    /// The text with comments, literals and test modules blanked out. Lines keep their numbers.
    pub(crate) code: String,
    /// The string literals outside test modules.
    pub(crate) literals: Vec<Literal>,
}

/// A string literal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Literal {
    pub(crate) line: usize,
    pub(crate) text: String,
    at: usize,
}

impl Source {
    /// Reads a file's text. A file of tests (below `tests/`, or called `tests.rs`) has no code that counts.
    pub(crate) fn read(path: &Path, text: &str) -> Self {
        let of_tests = path.components().any(|part| part.as_os_str() == "tests") || path.ends_with("tests.rs");
        if of_tests {
            return Self { path: path.to_owned(), code: String::new(), literals: Vec::new() };
        }
        let (code, mut literals) = blank(text);
        let tests = test_modules(&code);
        literals.retain(|literal| !tests.iter().any(|span| span.contains(&literal.at)));
        let mut bytes = code.into_bytes();
        for byte in tests.into_iter().flat_map(|span| span.start..span.end) {
            if bytes[byte] != b'\n' {
                bytes[byte] = b' ';
            }
        }
        Self { path: path.to_owned(), code: String::from_utf8_lossy(&bytes).into_owned(), literals }
    }

    /// The path for people, with a line.
    pub(crate) fn place(&self, line: usize) -> String {
        format!("{}:{line}", self.path.display())
    }
}

/// Comments and the insides of literals become spaces; the result is ASCII, byte for byte as long as the text.
fn blank(text: &str) -> (String, Vec<Literal>) {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut literals = Vec::new();
    let mut line = 1;
    let mut at = 0;
    while at < bytes.len() {
        let end = match piece(bytes, at) {
            Piece::Code => {
                out.push(if bytes[at].is_ascii() { bytes[at] } else { b'_' });
                line += usize::from(bytes[at] == b'\n');
                at += 1;
                continue;
            }
            Piece::Comment { end } => end,
            Piece::Text { from, to, end } => {
                literals.push(Literal { line, text: text[from..to].to_owned(), at });
                end
            }
            Piece::Character { end } => end,
        };
        for byte in &bytes[at..end] {
            out.push(if *byte == b'\n' { b'\n' } else { b' ' });
            line += usize::from(*byte == b'\n');
        }
        at = end;
    }
    (String::from_utf8_lossy(&out).into_owned(), literals)
}

enum Piece {
    Code,
    Comment { end: usize },
    Text { from: usize, to: usize, end: usize },
    Character { end: usize },
}

fn piece(bytes: &[u8], at: usize) -> Piece {
    let rest = &bytes[at..];
    if rest.starts_with(b"//") {
        let end = rest.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |length| at + length);
        return Piece::Comment { end };
    }
    if rest.starts_with(b"/*") {
        return Piece::Comment { end: block_comment(bytes, at) };
    }
    if rest[0] == b'"' {
        return quoted(bytes, at);
    }
    if rest[0] == b'\'' {
        return character(bytes, at);
    }
    let within_word = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
    let prefix = [&b"br"[..], b"cr", b"r"].into_iter().find(|prefix| rest.starts_with(prefix));
    if let (false, Some(prefix)) = (within_word, prefix) {
        let hashes = rest[prefix.len()..].iter().take_while(|byte| **byte == b'#').count();
        let open = at + prefix.len() + hashes;
        if bytes.get(open) == Some(&b'"') {
            return raw(bytes, open, hashes);
        }
    }
    Piece::Code
}

fn block_comment(bytes: &[u8], from: usize) -> usize {
    let (mut depth, mut at) = (0_usize, from);
    while at < bytes.len() {
        if bytes[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if bytes[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    bytes.len()
}

fn quoted(bytes: &[u8], open: usize) -> Piece {
    let mut at = open + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => {
                return Piece::Text { from: open + 1, to: at, end: at + 1 };
            }
            _ => at += 1,
        }
    }
    Piece::Comment { end: bytes.len() }
}

fn raw(bytes: &[u8], open: usize, hashes: usize) -> Piece {
    let mut close = vec![b'"'];
    close.resize(1 + hashes, b'#');
    let found = bytes[open + 1..].windows(close.len()).position(|window| window == close);
    match found {
        Some(length) => Piece::Text { from: open + 1, to: open + 1 + length, end: open + 1 + length + close.len() },
        None => Piece::Comment { end: bytes.len() },
    }
}

/// A quote opens a character only when one closes it; otherwise it begins a lifetime.
fn character(bytes: &[u8], open: usize) -> Piece {
    if bytes.get(open + 1) == Some(&b'\\') {
        let closed = bytes.iter().skip(open + 3).position(|byte| *byte == b'\'');
        return closed.map_or(Piece::Code, |length| Piece::Character { end: open + 3 + length + 1 });
    }
    let width = match bytes.get(open + 1) {
        Some(first) if first.is_ascii() => 1,
        Some(first) => first.leading_ones() as usize,
        None => return Piece::Code,
    };
    if bytes.get(open + 1 + width) == Some(&b'\'') { Piece::Character { end: open + width + 2 } } else { Piece::Code }
}

/// The bodies of `#[cfg(test)] mod … { … }`, in blanked code.
fn test_modules(code: &str) -> Vec<std::ops::Range<usize>> {
    const MARK: &str = "#[cfg(test)]";
    let bytes = code.as_bytes();
    let mut spans = Vec::new();
    for (start, _) in code.match_indices(MARK) {
        let Some(open) =
            bytes[start..].iter().position(|byte| matches!(byte, b'{' | b';')).map(|length| start + length)
        else {
            continue;
        };
        if bytes[open] == b';' {
            continue;
        }
        let mut depth = 0_usize;
        let mut end = bytes.len();
        for (offset, byte) in bytes[open..].iter().enumerate() {
            match byte {
                b'{' => depth += 1,
                b'}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                end = open + offset + 1;
                break;
            }
        }
        spans.push(start..end);
    }
    spans
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::{any, proptest};

    use super::Source;

    fn read(text: &str) -> Source {
        Source::read(Path::new("crates/x/src/y.rs"), text)
    }

    #[test]
    fn comments_and_literals_are_blanked_and_lines_keep_their_numbers() {
        let source = read("a // b\n/* c /* d */ e */ f \"g\\\"h\" r#\"i\"j\"# 'k' '\\'' &'l m\nn");
        let words: Vec<&str> = source.code.split_whitespace().collect();
        assert_eq!(words, ["a", "f", "&'l", "m", "n"]);
        assert_eq!(source.code.lines().count(), 3);
        let texts: Vec<(usize, &str)> =
            source.literals.iter().map(|literal| (literal.line, literal.text.as_str())).collect();
        assert_eq!(texts, [(2, "g\\\"h"), (2, "i\"j")]);
    }

    #[test]
    fn test_modules_do_not_count() {
        let source = read("a(\"x\");\n#[cfg(test)]\nmod tests { fn b() { c(\"y\") } }\nd");
        let words: Vec<&str> = source.code.split_whitespace().collect();
        assert_eq!(words, ["a(", ");", "d"]);
        assert_eq!(source.literals.len(), 1);
    }

    #[test]
    fn files_of_tests_do_not_count() {
        let source = Source::read(Path::new("crates/x/tests/all/main.rs"), "use a::b;");
        assert_eq!(source.code, "");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic_or_change_the_line_count(text in "([a-z\"'/*#r\\\\{}\n é]|#\\[cfg\\(test\\)\\])*") {
            let source = read(&text);
            assert_eq!(source.code.matches('\n').count(), text.matches('\n').count());
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in any::<Vec<u8>>()) {
            read(&String::from_utf8_lossy(&bytes));
        }
    }
}
