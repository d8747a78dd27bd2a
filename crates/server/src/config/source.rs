//! Where configuration comes from. This file reads the environment and finds the file; nothing else does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::complaint::{Complaints, Place};

/// The file that is read when nobody names one.
const USUAL_FILE: &str = "chancery.toml";
/// The variable that names the file.
const FILE_VARIABLE: &str = "CHANCERY_CONFIG";

/// What the configuration is wanted for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Need {
    /// To look at the database or at nothing; what only a server needs may be missing.
    #[default]
    Command,
    /// To serve: the public URL and the master key must be there.
    Serve,
}

/// The file's text, the environment and the flags, not yet understood.
#[derive(Clone, Default)]
pub struct Sources {
    pub(super) need: Need,
    pub(super) file: Option<(PathBuf, String)>,
    pub(super) environment: BTreeMap<String, String>,
    pub(super) flags: Vec<(String, String)>,
}

impl Sources {
    /// What this process was started with. `file` is the one a flag names; without it `CHANCERY_CONFIG`
    /// counts, and after that `chancery.toml` in the working folder if there is one. `flags` are pairs of
    /// a key's path (`database.url`) and its value.
    ///
    /// # Errors
    /// A named file that cannot be read.
    pub fn of_this_process(
        file: Option<PathBuf>,
        flags: Vec<(String, String)>,
        need: Need,
    ) -> Result<Self, Complaints> {
        // Variables that are not Unicode are not ours.
        let environment: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let named = file.or_else(|| environment.get(FILE_VARIABLE).filter(|name| !name.is_empty()).map(PathBuf::from));
        let path = named.clone().unwrap_or_else(|| PathBuf::from(USUAL_FILE));
        let file = match std::fs::read_to_string(&path) {
            Ok(text) => Some((path, text)),
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => {
                let mut complaints = Complaints::default();
                complaints.push(Place::File { path, line: 1, column: 1 }, "", format!("cannot be read: {error}"));
                return Err(complaints);
            }
        };
        Ok(Self { need, file, environment, flags })
    }

    /// A file's text under its name, without the disk.
    #[must_use]
    pub fn with_text(mut self, name: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        self.file = Some((name.into(), text.into()));
        self
    }

    /// One variable.
    #[must_use]
    pub fn with_variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// One flag: a key's path and its value.
    #[must_use]
    pub fn with_flag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.flags.push((key.into(), value.into()));
        self
    }

    /// The same, for another purpose.
    #[must_use]
    pub fn needed_to(mut self, need: Need) -> Self {
        self.need = need;
        self
    }

    /// The file that is read, if any.
    pub fn file_name(&self) -> Option<&Path> {
        self.file.as_ref().map(|(path, _)| path.as_path())
    }
}

/// Whether a variable that begins like ours sets no key: the one that names the file, and those that
/// Kubernetes adds to every pod beside a service called `chancery`.
pub(super) fn sets_no_key(variable: &str) -> bool {
    // What the checks of this repository tell their tests stands in the same environment.
    let of_tests = ["CHANCERY_BINARY", "CHANCERY_CHROMIUM", "CHANCERY_LONG_TESTS"].contains(&variable)
        || variable.starts_with("CHANCERY_TEST_");
    of_tests
        || variable == FILE_VARIABLE
        || variable == "CHANCERY_PORT"
        || variable.starts_with("CHANCERY_PORT_")
        || variable.starts_with("CHANCERY_SERVICE_")
}
