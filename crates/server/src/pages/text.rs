//! The texts of one language, and how a value is set into a sentence.
//!
//! A name from outside can turn a whole line around with invisible characters, so values are cleaned
//! first and stand isolated in the sentence: as `<bdi>` in markup, where the style sheet also sets
//! them off, and alone in attributes and titles.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use minijinja::HtmlEscape;
use serde::{Serialize, Serializer};

use super::{Locale, PageError};

/// What is set into a text: names and values, already cleaned.
pub(super) type Arguments<'a> = FluentArgs<'a>;

/// The texts of one language.
pub(super) struct Texts {
    locale: Locale,
    bundle: FluentBundle<FluentResource>,
}

impl fmt::Debug for Texts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Texts({})", self.locale)
    }
}

impl Texts {
    /// Our texts of `locale`, with an operator's in the place of those that `replaced` names.
    ///
    /// # Errors
    /// When `replaced` cannot be read, or names a text that we do not have.
    pub(super) fn load(locale: Locale, replaced: Option<&str>) -> Result<Self, PageError> {
        let language = locale.tag();
        let identifier = language
            .parse()
            .map_err(|_| PageError::Text { locale, complaint: format!("{language} is no language tag") })?;
        let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
        bundle
            .add_resource(parsed(locale, shipped(locale))?)
            .map_err(|errors| PageError::Text { locale, complaint: format!("{errors:?}") })?;
        if let Some(source) = replaced {
            let ours: BTreeSet<&str> = keys(shipped(locale)).collect();
            if let Some(unknown) = keys(source).find(|key| !ours.contains(key)) {
                return Err(PageError::Text { locale, complaint: format!("no text is called \"{unknown}\"") });
            }
            bundle.add_resource_overriding(parsed(locale, source)?);
        }
        Ok(Self { locale, bundle })
    }

    /// The text without any mark in it, for titles and attributes. `None` when there is none of this
    /// name, or it needs a value that was not given.
    pub(super) fn plain(&self, key: &str, arguments: &Arguments<'_>) -> Option<String> {
        let text = self.format(key, arguments)?;
        Some(text.replace([ISOLATE, END_OF_ISOLATE], ""))
    }

    /// The text as markup, its values in `<bdi>`; otherwise as [`Texts::plain`].
    pub(super) fn marked(&self, key: &str, arguments: &Arguments<'_>) -> Option<String> {
        let escaped = escaped(&self.format(key, arguments)?);
        Some(escaped.replace(ISOLATE, "<bdi>").replace(END_OF_ISOLATE, "</bdi>"))
    }

    fn format(&self, key: &str, arguments: &Arguments<'_>) -> Option<String> {
        let message = self.bundle.get_message(key)?;
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(message.value()?, Some(arguments), &mut errors);
        errors.is_empty().then(|| text.into_owned())
    }
}

/// Fluent sets these around each value, and [`cleaned`] keeps them out of the values themselves.
const ISOLATE: char = '\u{2068}';
const END_OF_ISOLATE: char = '\u{2069}';

/// `text` with a visible replacement for whatever reaches beyond its own place on the page, so that a
/// disguise shows: controls, and what opens or closes a writing direction (Unicode UAX 9 §2).
pub(super) fn cleaned(text: &str) -> String {
    text.replace(is_unruly, "\u{fffd}")
}

/// `text` as HTML. The slash stays as it is: in text and in quoted attributes, which are all that
/// templates have, it means nothing, and addresses remain readable.
pub(super) fn escaped(text: &str) -> String {
    HtmlEscape(text).to_string().replace("&#x2f;", "/")
}

/// Writes a name that someone chose, cut where it would push the rest of the page out of sight.
/// Hosts are never cut: what matters in them stands last.
pub(super) fn name<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    cut(text, 80).serialize(serializer)
}

/// Writes what an error says about the request, which may quote it.
pub(super) fn detail<S: Serializer>(text: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    text.as_deref().map(|text| cut(text, 500)).serialize(serializer)
}

fn cut(text: &str, characters: usize) -> Cow<'_, str> {
    match text.char_indices().nth(characters) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

fn is_unruly(each: char) -> bool {
    matches!(each, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || (each.is_control() && !matches!(each, '\n' | '\r' | '\t'))
}

/// The source of the texts that are shipped.
fn shipped(locale: Locale) -> &'static str {
    match locale {
        Locale::De => include_str!("../../locales/de/main.ftl"),
        Locale::En => include_str!("../../locales/en/main.ftl"),
        Locale::Fr => include_str!("../../locales/fr/main.ftl"),
    }
}

fn parsed(locale: Locale, source: &str) -> Result<FluentResource, PageError> {
    FluentResource::try_new(source.to_owned()).map_err(|(_, errors)| PageError::Text {
        locale,
        complaint: errors.first().map_or_else(String::new, |error| error.to_string()),
    })
}

/// The names of the texts in a source. In Fluent a name starts its line; what continues it is indented.
fn keys(source: &str) -> impl Iterator<Item = &str> {
    source
        .lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_alphabetic()))
        .filter_map(|line| line.split_once('='))
        .map(|(key, _)| key.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_exists_in_every_language_and_nothing_more() {
        let english: Vec<&str> = keys(shipped(Locale::En)).collect();
        for locale in Locale::ALL {
            let here: Vec<&str> = keys(shipped(locale)).collect();
            assert_eq!(here, english, "{locale} has other texts, or another order, than en");
        }
    }

    #[test]
    fn every_text_needs_the_same_values_in_every_language() {
        let values = |locale| {
            let mut current = "";
            let mut found = BTreeSet::new();
            for line in shipped(locale).lines() {
                if let Some(key) = keys(line).next() {
                    current = key;
                }
                for part in line.split('$').skip(1) {
                    let end = part.find(|each: char| !each.is_ascii_alphanumeric()).unwrap_or(part.len());
                    found.insert((current, &part[..end]));
                }
            }
            found
        };
        for locale in Locale::ALL {
            assert_eq!(values(locale), values(Locale::En), "{locale}");
        }
    }

    #[test]
    fn no_text_is_there_for_nothing() {
        let templates: String = super::super::template::SHIPPED.iter().map(|(_, source)| *source).collect();
        for key in keys(shipped(Locale::En)) {
            let composed =
                ["problem-", "scope-", "password-", "sign-in-problem-"].iter().any(|prefix| key.starts_with(prefix));
            assert!(composed || templates.contains(&format!("\"{key}\"")), "no page says {key}");
        }
    }

    #[test]
    fn a_value_is_isolated_and_escaped() {
        let texts = Texts::load(Locale::En, None).unwrap();
        let mut arguments = Arguments::new();
        arguments.set("client", cleaned("<b>\u{202e}x\u{2069}"));
        let marked = texts.marked("sign-in-for", &arguments).unwrap();
        assert_eq!(marked, "to continue to <bdi>&lt;b&gt;\u{fffd}x\u{fffd}</bdi>");
        let plain = texts.plain("sign-in-for", &arguments).unwrap();
        assert_eq!(plain, "to continue to <b>\u{fffd}x\u{fffd}");
    }

    #[test]
    fn a_name_without_end_is_cut_between_characters() {
        assert_eq!(cut("Größe", 5), "Größe");
        assert_eq!(cut("Größe", 3), "Grö…");
        assert_eq!(cut("", 3), "");
    }

    #[test]
    fn a_missing_text_or_value_is_no_text() {
        let texts = Texts::load(Locale::En, None).unwrap();
        assert_eq!(texts.plain("no-such-text", &Arguments::new()), None);
        assert_eq!(texts.plain("sign-in-for", &Arguments::new()), None);
    }

    #[test]
    fn an_operator_may_replace_our_texts_but_not_invent_any() {
        let texts = Texts::load(Locale::En, Some("sign-in-title = Come in")).unwrap();
        let title = texts.plain("sign-in-title", &Arguments::new()).unwrap();
        assert_eq!(title, "Come in");

        assert!(Texts::load(Locale::En, Some("sign-in-titel = Come in")).is_err());
        assert!(Texts::load(Locale::En, Some("sign-in-title = { $")).is_err());
    }
}
