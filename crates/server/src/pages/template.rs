//! The templates, and what they can do: read the page they are given, and ask for texts.
//!
//! A template reads no file, no clock and no environment; it runs on a measured tank of fuel, and
//! nothing in it can turn escaping off for a value from outside.

use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, escape_formatter};

use super::overrides::Overrides;
use super::text::{self, Arguments, Texts};
use super::{Locale, PageError};

/// The templates that are shipped, by the name under which an operator may replace them.
pub(super) const SHIPPED: &[(&str, &str)] = &[
    ("base.html", include_str!("../../templates/base.html")),
    ("consent.html", include_str!("../../templates/consent.html")),
    ("home.html", include_str!("../../templates/home.html")),
    ("link_expired.html", include_str!("../../templates/link_expired.html")),
    ("parts.html", include_str!("../../templates/parts.html")),
    ("password_set.html", include_str!("../../templates/password_set.html")),
    ("problem.html", include_str!("../../templates/problem.html")),
    ("seal.svg", include_str!("../../assets/seal.svg")),
    ("set_password.html", include_str!("../../templates/set_password.html")),
    ("sign_in.html", include_str!("../../templates/sign_in.html")),
    ("sign_out_confirm.html", include_str!("../../templates/sign_out_confirm.html")),
    ("signed_out.html", include_str!("../../templates/signed_out.html")),
];

/// Steps that one page may take: the longest of ours, a home page with a thousand applications,
/// takes a tenth of it.
const FUEL: u64 = 5_000_000;

/// The templates of one language.
///
/// # Errors
/// When a template does not parse, or a replaced text does not.
pub(super) fn environment(locale: Locale, overrides: &Overrides) -> Result<Environment<'static>, PageError> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.remove_filter("safe");
    environment.set_syntax(tidy()?);
    environment.set_formatter(|output, state, value| match value.as_str() {
        Some(text) if !value.is_safe() && matches!(state.auto_escape(), AutoEscape::Html) => {
            output.write_str(&text::escaped(&text::cleaned(text))).map_err(Error::from)
        }
        Some(_) | None => escape_formatter(output, state, value),
    });
    environment.add_filter("initial", initial);

    let texts = Arc::new(Texts::load(locale, overrides.text(locale))?);
    let plain = Arc::clone(&texts);
    environment.add_function("t", move |key: &str, values: Kwargs| {
        plain.plain(key, &arguments(&values)?).ok_or_else(|| no_text(key))
    });
    let marked = Arc::clone(&texts);
    environment.add_function("rich", move |key: &str, values: Kwargs| {
        marked.marked(key, &arguments(&values)?).map(Value::from_safe_string).ok_or_else(|| no_text(key))
    });
    environment.add_function("known", move |key: &str| texts.plain(key, &Arguments::new()));

    for (name, source) in SHIPPED {
        let added = match overrides.template(name) {
            Some(replaced) => environment.add_template_owned(*name, replaced.to_owned()),
            None => environment.add_template(name, source),
        };
        added.map_err(|cause| PageError::Template { name, cause: Box::new(cause) })?;
    }
    Ok(environment)
}

/// The usual marks; lines that hold nothing but a block leave none behind.
fn tidy() -> Result<SyntaxConfig, PageError> {
    SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()
        .map_err(|cause| PageError::Template { name: "base.html", cause: Box::new(cause) })
}

fn arguments(values: &Kwargs) -> Result<Arguments<'static>, Error> {
    let mut arguments = Arguments::new();
    for name in values.args() {
        let value: Value = values.peek(name)?;
        match value.as_i64() {
            Some(number) => arguments.set(name.to_owned(), number),
            None => arguments.set(name.to_owned(), text::cleaned(&value.to_string())),
        }
    }
    Ok(arguments)
}

fn no_text(key: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("there is no text \"{key}\", or it needs other values"))
}

/// The letter that stands for a name without a picture.
fn initial(name: &str) -> String {
    name.chars()
        .find(|each| each.is_alphanumeric())
        .map_or_else(|| "·".to_owned(), |first| first.to_uppercase().collect())
}
