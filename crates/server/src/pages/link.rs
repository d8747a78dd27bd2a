//! Which addresses may stand in a page.
//!
//! Escaping keeps a string inside its attribute; it does not keep `javascript:` out of a link.
//! Whatever a client registered passes through here on its way to a template.

use serde::{Serialize, Serializer};

/// A link to the web: `http` or `https`. Anything else is not drawn.
pub(super) fn web<S: Serializer>(link: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    link.as_deref().filter(|link| is_web(link)).serialize(serializer)
}

/// An image: a path of ours, or data that says it is an image. Anything else is not drawn.
pub(super) fn image<S: Serializer>(link: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    link.as_deref().filter(|link| is_path(link) || has_prefix(link, "data:image/")).serialize(serializer)
}

/// A link onward, also into an application of the device (RFC 8252 §7.1): a path of ours, or any
/// scheme but those that a browser runs or reads in our name.
pub(super) fn onward<S: Serializer>(link: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    link.as_deref().filter(|link| is_path(link) || is_web(link) || is_of_an_application(link)).serialize(serializer)
}

/// Where a form goes: a path or URL of ours. Anything else becomes the page's own address.
pub(super) fn action<S: Serializer>(link: &str, serializer: S) -> Result<S::Ok, S::Error> {
    let link = if is_path(link) || is_web(link) { link } else { "" };
    link.serialize(serializer)
}

fn is_web(link: &str) -> bool {
    has_prefix(link, "https://") || has_prefix(link, "http://")
}

/// A path on this host; `//host` and `/\host` would be another one.
fn is_path(link: &str) -> bool {
    link.starts_with('/') && !link.starts_with("//") && !link.starts_with("/\\")
}

fn is_of_an_application(link: &str) -> bool {
    const OF_THE_BROWSER: [&str; 7] = ["about", "blob", "data", "filesystem", "javascript", "vbscript", "view-source"];
    // Browsers drop leading spaces and any tab or newline before they read the scheme.
    if link.chars().any(char::is_control) || link.starts_with(char::is_whitespace) {
        return false;
    }
    match link.split_once(':') {
        Some((scheme, _)) => {
            scheme.starts_with(|first: char| first.is_ascii_alphabetic())
                && scheme.chars().all(|each| each.is_ascii_alphanumeric() || "+-.".contains(each))
                && !OF_THE_BROWSER.iter().any(|name| scheme.eq_ignore_ascii_case(name))
        }
        None => false,
    }
}

fn has_prefix(link: &str, prefix: &str) -> bool {
    link.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_the_web_is_linked() {
        assert!(is_web("https://app.example"));
        assert!(is_web("HTTP://localhost:3000/"));
        for link in ["javascript:alert(1)", " https://a", "data:text/html,x", "//a", ""] {
            assert!(!is_web(link), "{link}");
        }
    }

    #[test]
    fn a_path_stays_on_this_host() {
        assert!(is_path("/realms/x/sign-in?id=1"));
        for link in ["//evil.example", "/\\evil.example", "sign-in", ""] {
            assert!(!is_path(link), "{link}");
        }
    }

    #[test]
    fn an_application_of_the_device_is_reached_and_script_is_not() {
        assert!(is_of_an_application("com.example.app:/signed-out"));
        for link in [
            "JavaScript:alert(1)",
            "java\nscript:alert(1)",
            "\u{1}javascript:alert(1)",
            " javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "blob:https://a",
            "1:x",
            ":x",
            "x",
        ] {
            assert!(!is_of_an_application(link), "{link:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_is_let_through_runs_script(link in "[ \\t\\n\u{0}]{0,2}[jJ]ava[ \\t\\n]{0,1}[sS]cript:.{0,8}") {
            prop_assert!(!is_web(&link) && !is_path(&link) && !is_of_an_application(&link));
        }
    }
}
