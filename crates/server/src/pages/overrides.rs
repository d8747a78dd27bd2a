//! What an operator replaces: templates, texts and the style sheet, by name, from one folder.
//!
//! The folder is laid out as our own: `templates/sign_in.html`, `locales/de/main.ftl`,
//! `assets/chancery.css`. It is read once, at the start; a name that we do not have is refused, so
//! that a slip of the pen does not go unnoticed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Locale, PageError, asset, template};

/// The contents of such a folder, by path below it, written with `/`.
#[derive(Debug, Default)]
pub(super) struct Overrides(BTreeMap<String, String>);

impl Overrides {
    /// Reads what `folder` holds of `templates/`, `locales/` and `assets/`; the rest is not ours to judge.
    ///
    /// # Errors
    /// When a file cannot be read as UTF-8 text, or stands for nothing that we have.
    pub(super) fn read(folder: &Path) -> Result<Self, PageError> {
        if !folder.is_dir() {
            return Err(PageError::Unreadable {
                path: folder.to_owned(),
                cause: std::io::ErrorKind::NotADirectory.into(),
            });
        }
        let mut found = BTreeMap::new();
        for kind in ["assets", "locales", "templates"] {
            collect(&folder.join(kind), kind, &mut found)?;
        }
        match found.keys().find(|name| !replaceable(name)) {
            Some(unknown) => Err(PageError::UnknownOverride { path: folder.join(unknown) }),
            None => Ok(Self(found)),
        }
    }

    /// The template that replaces ours of this name.
    pub(super) fn template(&self, name: &str) -> Option<&str> {
        self.find(&template_path(name))
    }

    /// The texts that replace some of ours.
    pub(super) fn text(&self, locale: Locale) -> Option<&str> {
        self.find(&text_path(locale))
    }

    /// The asset that replaces ours of this name.
    pub(super) fn asset(&self, name: &str) -> Option<&str> {
        self.find(&asset_path(name))
    }

    /// Whether nothing is replaced.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn find(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }
}

fn collect(folder: &Path, name: &str, found: &mut BTreeMap<String, String>) -> Result<(), PageError> {
    if !folder.exists() {
        return Ok(());
    }
    let unreadable = |path: PathBuf| move |cause| PageError::Unreadable { path, cause };
    for entry in fs::read_dir(folder).map_err(unreadable(folder.to_owned()))? {
        let path = entry.map_err(unreadable(folder.to_owned()))?.path();
        let below = path.file_name().map(|file| file.to_string_lossy()).unwrap_or_default();
        let name = format!("{name}/{below}");
        if path.is_dir() {
            collect(&path, &name, found)?;
        } else {
            let text = fs::read_to_string(&path).map_err(unreadable(path))?;
            found.insert(name, text);
        }
    }
    Ok(())
}

fn replaceable(path: &str) -> bool {
    template::SHIPPED.iter().any(|(name, _)| template_path(name) == path)
        || Locale::ALL.into_iter().any(|locale| text_path(locale) == path)
        || asset::NAMES.iter().any(|name| asset_path(name) == path)
}

/// The seal stands among the assets and is drawn into pages like a template.
fn template_path(name: &str) -> String {
    let folder = if name.ends_with(".svg") { "assets" } else { "templates" };
    format!("{folder}/{name}")
}

fn text_path(locale: Locale) -> String {
    format!("locales/{locale}/main.ftl")
}

fn asset_path(name: &str) -> String {
    format!("assets/{name}")
}
