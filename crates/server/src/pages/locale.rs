//! The languages that the pages speak, and the choice among them.
//!
//! Implements: OpenID Connect Core §3.1.2.1 (`ui_locales`), RFC 9110 §12.5.4 (`Accept-Language`), RFC 4647 §3.4 (lookup).
//! Leaves out: regional variants; `fr-CA` is answered in `fr`.

use std::fmt;

/// A language in which every text exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Locale {
    /// German.
    De,
    /// English, the language of last resort.
    #[default]
    En,
    /// French.
    Fr,
}

impl Locale {
    /// Every locale, the default first.
    pub const ALL: [Self; 3] = [Self::En, Self::De, Self::Fr];

    /// The BCP 47 tag, as in `lang="…"`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::De => "de",
            Self::En => "en",
            Self::Fr => "fr",
        }
    }

    /// The direction of writing, as in `dir="…"`.
    pub fn direction(self) -> &'static str {
        match self {
            Self::De | Self::En | Self::Fr => "ltr",
        }
    }

    /// The locale for a request: the first of `ui_locales` (space-separated, best first) that we speak,
    /// else the best of `Accept-Language`, else English. What cannot be read is passed over.
    pub fn negotiate(ui_locales: Option<&str>, accept_language: Option<&str>) -> Self {
        ui_locales
            .into_iter()
            .flat_map(str::split_ascii_whitespace)
            .find_map(Self::find)
            .or_else(|| accept_language.and_then(Self::accepted))
            .unwrap_or_default()
    }

    /// The locale of a language range such as `de`, `de-AT` or `DE-Latn-AT`.
    pub fn find(range: &str) -> Option<Self> {
        let language = range.split(['-', '_']).next().unwrap_or(range);
        Self::ALL.into_iter().find(|locale| language.eq_ignore_ascii_case(locale.tag()))
    }

    fn accepted(header: &str) -> Option<Self> {
        let mut best: Option<(u16, Self)> = None;
        for item in header.split(',') {
            let mut parts = item.split(';');
            let range = parts.next().unwrap_or_default().trim();
            let locale = if range == "*" { Some(Self::default()) } else { Self::find(range) };
            let (Some(locale), Some(weight)) = (locale, weight(parts.next())) else {
                continue;
            };
            // The first of equal weight wins, so only a heavier one replaces it.
            if weight > 0 && best.is_none_or(|(heaviest, _)| weight > heaviest) {
                best = Some((weight, locale));
            }
        }
        best.map(|(_, locale)| locale)
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.tag())
    }
}

/// A weight in thousandths; `None` when it is not one. RFC 9110 §12.4.2.
fn weight(parameter: Option<&str>) -> Option<u16> {
    let Some(parameter) = parameter else {
        return Some(1000);
    };
    let value = parameter.trim().strip_prefix(['q', 'Q'])?.trim_start();
    let value: f32 = value.strip_prefix('=')?.trim().parse().ok()?;
    (0.0..=1.0).contains(&value).then_some((value * 1000.0) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ui_locales_are_taken_in_their_order() {
        assert_eq!(Locale::negotiate(Some("nl fr-CA de"), None), Locale::Fr);
        assert_eq!(Locale::negotiate(Some("DE fr"), Some("fr")), Locale::De);
    }

    #[test]
    fn the_heaviest_language_that_we_speak_is_taken() {
        let header = "nl, en;q=0.5, de-AT;q=0.8, fr;q=0.7";
        assert_eq!(Locale::negotiate(None, Some(header)), Locale::De);
        assert_eq!(Locale::negotiate(Some("nl"), Some(header)), Locale::De);
        assert_eq!(Locale::negotiate(None, Some("fr, de")), Locale::Fr);
    }

    #[test]
    fn a_language_of_weight_zero_is_refused() {
        assert_eq!(Locale::negotiate(None, Some("de;q=0, *;q=0.1")), Locale::En);
    }

    #[test]
    fn nothing_readable_is_english() {
        for header in ["", ",;q", "de;q=2", "de;q=NaN", "de;level=1", "*"] {
            assert_eq!(Locale::negotiate(None, Some(header)), Locale::En, "{header}");
        }
        assert_eq!(Locale::negotiate(None, None), Locale::En);
    }

    proptest! {
        #[test]
        fn any_header_is_answered_in_some_locale(ui in ".{0,60}", header in ".{0,120}") {
            let locale = Locale::negotiate(Some(&ui), Some(&header));
            prop_assert!(Locale::ALL.contains(&locale));
        }
    }
}
