//! Reading the members of client metadata, each by its kind, with every complaint kept.

use chancery_spec::web_uri::WebUri;
use serde_json::{Map, Value};

use super::error::Complaints;

/// The most values that one list may have.
const LONGEST_LIST: usize = 100;
/// The longest text, in bytes.
const LONGEST_TEXT: usize = 2048;

/// The members, and what was found wrong with them so far.
pub(super) struct Reading<'a> {
    pub(super) members: &'a Map<String, Value>,
    pub(super) complaints: Complaints,
}

impl<'a> Reading<'a> {
    pub(super) fn new(members: &'a Map<String, Value>) -> Self {
        Self { members, complaints: Complaints::default() }
    }

    /// The member, if it says anything: `null` says nothing (RFC 7591 §2 has no meaning for it).
    fn value(&self, name: &str) -> Option<&'a Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    pub(super) fn text(&mut self, name: &str) -> Option<&'a str> {
        match self.value(name)?.as_str() {
            Some(text) if text.len() <= LONGEST_TEXT && !text.chars().any(char::is_control) => Some(text),
            Some(_) => {
                self.complaints.push(name, "is too long or has control characters");
                None
            }
            None => {
                self.complaints.push(name, "must be text");
                None
            }
        }
    }

    /// The texts of a list, each once, in their order; `None` where the member is absent.
    pub(super) fn texts(&mut self, name: &str) -> Option<Vec<(usize, &'a str)>> {
        let value = self.value(name)?;
        let Some(items) = value.as_array().filter(|items| items.len() <= LONGEST_LIST) else {
            self.complaints.push(name, format!("must be a list of at most {LONGEST_LIST} texts"));
            return Some(Vec::new());
        };
        let mut texts: Vec<(usize, &str)> = Vec::new();
        for (at, item) in items.iter().enumerate() {
            match item.as_str() {
                Some(text) if texts.iter().any(|(_, known)| *known == text) => {}
                Some(text) => texts.push((at, text)),
                None => self.complaints.push(format!("{name}[{at}]"), "must be text"),
            }
        }
        Some(texts)
    }

    pub(super) fn number(&mut self, name: &str) -> Option<u64> {
        let value = self.value(name)?;
        if value.as_u64().is_none() {
            self.complaints.push(name, "must be a whole number of seconds, zero or more");
        }
        value.as_u64()
    }

    pub(super) fn boolean(&mut self, name: &str) -> bool {
        match self.value(name) {
            None => false,
            Some(Value::Bool(value)) => *value,
            Some(_) => {
                self.complaints.push(name, "must be true or false");
                false
            }
        }
    }

    /// A word of a fixed list.
    pub(super) fn word<T>(&mut self, name: &str, parse: impl Fn(&str) -> Option<T>, what: &str) -> Option<T> {
        let text = self.text(name)?;
        let word = parse(text);
        if word.is_none() {
            self.complaints.push(name, format!("{text:?} is no {what}"));
        }
        word
    }

    /// A list whose items are parsed one by one; `None` where the member is absent.
    pub(super) fn list<T>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, String>) -> Option<Vec<T>> {
        let texts = self.texts(name)?;
        let mut list = Vec::new();
        for (at, text) in texts {
            match parse(text) {
                Ok(item) => list.push(item),
                Err(why) => self.complaints.push(format!("{name}[{at}]"), why),
            }
        }
        Some(list)
    }

    /// The URL of a page, which people may follow: never `javascript:` or `data:`.
    pub(super) fn page(&mut self, name: &str) -> Option<String> {
        let text = self.text(name)?;
        match WebUri::parse(text) {
            Ok(_) => Some(text.to_owned()),
            Err(bad) => {
                self.complaints.push(name, bad.to_string());
                None
            }
        }
    }

    /// A URL that this server fetches from. Where the outgoing call may go is decided when it is made.
    pub(super) fn source(&mut self, name: &str) -> Option<String> {
        let text = self.text(name)?;
        let is_fit = WebUri::parse(text)
            .is_ok_and(|uri| uri.is_https() || matches!(uri.host(), "localhost" | "127.0.0.1" | "[::1]"));
        if is_fit && !text.contains('#') {
            return Some(text.to_owned());
        }
        self.complaints.push(name, "must be an https URL without user name, password and fragment");
        None
    }
}
