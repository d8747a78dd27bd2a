//! A browser's name, read from its `User-Agent`.
//!
//! The header is a claim and only ever shown to the person whose session it is: good enough to
//! recognise one's own telephone, never used for a decision.

use serde::{Serialize, Serializer};

/// Browser and system; an empty string where the header says neither.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub(super) struct Device {
    browser: &'static str,
    system: &'static str,
}

impl Device {
    fn read(user_agent: &str) -> Self {
        Self { browser: first_named(BROWSERS, user_agent), system: first_named(SYSTEMS, user_agent) }
    }
}

/// Writes a `User-Agent` as the [`Device`] that it names.
pub(super) fn serialize<S: Serializer>(user_agent: &str, serializer: S) -> Result<S::Ok, S::Error> {
    Device::read(user_agent).serialize(serializer)
}

/// Most browsers also claim to be others, so the more particular token comes first.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];

const SYSTEMS: &[(&str, &str)] = &[
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
];

fn first_named(names: &[(&str, &'static str)], user_agent: &str) -> &'static str {
    names.iter().find(|(token, _)| user_agent.contains(token)).map_or("", |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_browsers_are_recognised() {
        let cases = [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", ("Firefox", "Linux")),
            (
                "Mozilla/5.0 (Linux; Android 15; K) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36",
                ("Chrome", "Android"),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1",
                ("Safari", "iPhone"),
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
                ("Edge", "Windows"),
            ),
            ("\"><script>", ("", "")),
        ];
        for (header, (browser, system)) in cases {
            assert_eq!(Device::read(header), Device { browser, system }, "{header}");
        }
    }
}
