//! Where the members of a JSON text stand. The text has been parsed already; here it is only measured.

use super::text::{Places, inside};

/// Notes the place of every member and item; answers the members that are written twice.
pub(super) fn scan(text: &str, places: &mut Places) -> Vec<(String, usize, usize)> {
    let mut scanner = Scanner { rest: text, line: 1, column: 1, places, repeated: Vec::new() };
    scanner.value("");
    scanner.repeated
}

struct Scanner<'a> {
    rest: &'a str,
    line: usize,
    column: usize,
    places: &'a mut Places,
    repeated: Vec<(String, usize, usize)>,
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn step(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.rest = &self.rest[character.len_utf8()..];
        if character == '\n' {
            (self.line, self.column) = (self.line + 1, 1);
        } else {
            self.column += 1;
        }
        Some(character)
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(|character| character.is_ascii_whitespace()) {
            self.step();
        }
    }

    fn value(&mut self, path: &str) {
        self.skip_blanks();
        match self.peek() {
            Some('{') => self.object(path),
            Some('[') => self.array(path),
            Some('"') => {
                self.string();
            }
            _ => {
                while self
                    .peek()
                    .is_some_and(|character| !matches!(character, ',' | ']' | '}') && !character.is_ascii_whitespace())
                {
                    self.step();
                }
            }
        }
        self.skip_blanks();
    }

    fn object(&mut self, path: &str) {
        self.step();
        let mut names: Vec<&str> = Vec::new();
        loop {
            self.skip_blanks();
            if self.peek() != Some('"') {
                self.step();
                return;
            }
            let (line, column) = (self.line, self.column);
            let quoted = self.string();
            let name: String = serde_json::from_str(quoted).unwrap_or_default();
            let inner = inside(path, &name);
            self.places.note(&inner, line, column);
            if names.contains(&quoted) {
                self.repeated.push((inner.clone(), line, column));
            }
            names.push(quoted);
            self.skip_blanks();
            self.step(); // the colon
            self.value(&inner);
            if self.step() != Some(',') {
                return;
            }
        }
    }

    fn array(&mut self, path: &str) {
        self.step();
        self.skip_blanks();
        if self.peek() == Some(']') {
            self.step();
            return;
        }
        for at in 0.. {
            self.skip_blanks();
            let inner = format!("{path}[{at}]");
            self.places.note(&inner, self.line, self.column);
            self.value(&inner);
            if self.step() != Some(',') {
                return;
            }
        }
    }

    /// Steps over a string; answers it with its quotes.
    fn string(&mut self) -> &'a str {
        let whole = self.rest;
        self.step();
        while let Some(character) = self.step() {
            match character {
                '\\' => {
                    self.step();
                }
                '"' => break,
                _ => {}
            }
        }
        &whole[..whole.len() - self.rest.len()]
    }
}
