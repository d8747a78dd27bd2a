//! What people who sign in see: pages drawn on the server, without a line of script.
//!
//! A [`Page`] is a value; [`Pages::render`] draws it in a [`Look`] and a [`Locale`]. Templates, texts and
//! the style sheet are embedded in the binary, and an operator may replace each by name. Pages need no
//! more than `default-src 'none'; style-src 'self'; img-src 'self' data:` and a `form-action`.
//!
//! Leaves out: anything that changes with the request's headers, statuses, cookies. That is HTTP's.

use std::path::{Path, PathBuf};

use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use serde::Serialize;

use asset::Assets;
use overrides::Overrides;

mod asset;
mod device;
mod link;
mod locale;
mod overrides;
mod page;
pub mod sample;
mod template;
mod text;

#[cfg(test)]
mod tests;

pub use asset::Asset;
pub use locale::Locale;
pub use page::{
    ClientCard, ConnectedApplication, Consent, Home, Page, PasswordProblem, PasswordSet, Problem, ProblemHeading,
    ScopeLine, SessionLine, SetPassword, SignIn, SignInProblem, SignOutConfirm, SignedOut, UserCard,
};

/// How a realm's pages look.
#[derive(Debug, Clone, Serialize)]
pub struct Look {
    /// The name that stands at the head of every page.
    pub realm_display_name: String,
    /// `""`, or `/realms/{name}`: where the realm's own paths begin. Ours need it nowhere; an operator's
    /// templates may.
    pub base_path: String,
    /// The path of the style sheet, usually [`Pages::stylesheet_path`].
    pub stylesheet_path: String,
    /// The path of the realm's logo on this server, or a `data:image/…` URL. Without one the seal is drawn.
    #[serde(serialize_with = "link::image")]
    pub logo_path: Option<String>,
}

/// Why pages cannot be drawn. Tells the operator; nothing of it is for the wire.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// A template does not parse, or fails on a page.
    #[error("template {name}: {cause:#}")]
    Template {
        /// The template's name.
        name: &'static str,
        /// What the engine says, with the line.
        cause: Box<minijinja::Error>,
    },
    /// A text does not parse, or is not one of ours.
    #[error("texts in \"{locale}\": {complaint}")]
    Text {
        /// The language.
        locale: Locale,
        /// What is wrong.
        complaint: String,
    },
    /// A file replaces nothing that we have.
    #[error("{} replaces nothing: no template, text or asset of ours has this name", path.display())]
    UnknownOverride {
        /// The file.
        path: PathBuf,
    },
    /// A file or folder of replacements cannot be read.
    #[error("cannot read {}: {cause}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
}

/// Everything that is needed to draw pages; made once, shared by all requests.
#[derive(Debug)]
pub struct Pages {
    environments: [(Locale, Environment<'static>); 3],
    assets: Assets,
}

impl Pages {
    /// Reads the templates and texts, those in `overrides` in the place of ours. Whatever is replaced is
    /// rehearsed: every kind of page is drawn once, so that a faulty template stops the start and not a
    /// sign-in.
    ///
    /// # Errors
    /// When something in `overrides` cannot be read, replaces nothing, or does not draw.
    pub fn new(overrides: Option<&Path>) -> Result<Self, PageError> {
        let overrides = match overrides {
            Some(folder) => Overrides::read(folder)?,
            None => Overrides::default(),
        };
        let [first, second, third] = Locale::ALL;
        let environment = |locale| template::environment(locale, &overrides).map(|made| (locale, made));
        let pages = Self {
            environments: [environment(first)?, environment(second)?, environment(third)?],
            assets: Assets::new(&overrides),
        };
        if !overrides.is_empty() {
            pages.rehearse()?;
        }
        Ok(pages)
    }

    /// Draws a page: a whole HTML document.
    ///
    /// # Errors
    /// When a template fails, which the tests exclude for ours and the rehearsal for an operator's.
    pub fn render(&self, look: &Look, locale: Locale, page: &Page) -> Result<String, PageError> {
        let (name, page) = template_of(page);
        let [(_, first), ..] = &self.environments;
        let environment = self
            .environments
            .iter()
            .find(|(spoken, _)| *spoken == locale)
            .map_or(first, |(_, environment)| environment);
        environment
            .get_template(name)
            .and_then(|template| {
                template.render(context! {
                    look => Value::from(Serde(look)),
                    page => page,
                    language => locale.tag(),
                    direction => locale.direction(),
                    favicon_path => self.assets.favicon_path.as_str(),
                })
            })
            .map_err(|cause| PageError::Template { name, cause: Box::new(cause) })
    }

    /// The look of a realm that has chosen nothing but its name.
    pub fn look(&self, realm_display_name: impl Into<String>, base_path: impl Into<String>) -> Look {
        Look {
            realm_display_name: realm_display_name.into(),
            base_path: base_path.into(),
            stylesheet_path: self.stylesheet_path().to_owned(),
            logo_path: None,
        }
    }

    /// The files to serve beside the pages.
    pub fn assets(&self) -> &[Asset] {
        &self.assets.all
    }

    /// The path of the style sheet, for [`Look`].
    pub fn stylesheet_path(&self) -> &str {
        &self.assets.stylesheet_path
    }

    fn rehearse(&self) -> Result<(), PageError> {
        let look = self.look("Rehearsal", "");
        for locale in Locale::ALL {
            for (_, page) in sample::pages() {
                self.render(&look, locale, &page)?;
            }
        }
        Ok(())
    }
}

fn template_of(page: &Page) -> (&'static str, Value) {
    match page {
        Page::Consent(consent) => ("consent.html", Value::from(Serde(consent))),
        Page::Home(home) => ("home.html", Value::from(Serde(home))),
        Page::LinkExpired => ("link_expired.html", Value::from(())),
        Page::PasswordSet(set) => ("password_set.html", Value::from(Serde(set))),
        Page::Problem(problem) => ("problem.html", Value::from(Serde(problem))),
        Page::SetPassword(form) => ("set_password.html", Value::from(Serde(form))),
        Page::SignIn(form) => ("sign_in.html", Value::from(Serde(form))),
        Page::SignOutConfirm(form) => ("sign_out_confirm.html", Value::from(Serde(form))),
        Page::SignedOut(out) => ("signed_out.html", Value::from(Serde(out))),
    }
}
