//! Where things are: the repository, the built programs, the cache. The only reader of the environment here.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folders a run works in.
#[derive(Debug)]
pub(crate) struct Place {
    root: PathBuf,
    programs: PathBuf,
    cache: PathBuf,
    cargo: OsString,
}

impl Place {
    /// Asks the environment that `cargo run` prepared. Fails when the program was started by other means.
    pub(crate) fn find() -> Result<Self, String> {
        // Not the compile-time value: clones may share one target folder, and with it this program.
        let manifest = env::var_os("CARGO_MANIFEST_DIR").ok_or("start this as `cargo xtask`")?;
        let root = Path::new(&manifest).parent().ok_or("the xtask folder has no parent")?.to_owned();
        let program = env::current_exe().map_err(|error| format!("this program's own path: {error}"))?;
        let programs = program.parent().ok_or("this program's folder")?.to_owned();
        let cache = env::var_os("XDG_CACHE_HOME")
            .filter(|folder| !folder.is_empty())
            .map(PathBuf::from)
            .or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".cache")))
            .unwrap_or_else(env::temp_dir)
            .join("chancery");
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        Ok(Self { root, programs, cache, cargo })
    }

    /// The repository.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path inside the repository.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// A program of this workspace, as the development profile builds it.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }

    /// A folder that outlives clones: installed packages of the interop suites.
    pub(crate) fn cache(&self, name: &str) -> PathBuf {
        self.cache.join(name)
    }

    /// A command in the repository's root that reads nothing from the terminal.
    pub(crate) fn command(&self, program: impl Into<OsString>) -> Command {
        let mut command = Command::new(program.into());
        command.current_dir(&self.root).stdin(std::process::Stdio::null());
        // What `cargo run` told this program is about this program, not about what it starts.
        for (name, _) in env::vars_os() {
            let own = name.to_str().is_some_and(|name| {
                ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "LD_LIBRARY_PATH"]
                    .iter()
                    .any(|prefix| name.starts_with(prefix))
            });
            if own {
                command.env_remove(name);
            }
        }
        command
    }

    /// `cargo` with these words.
    pub(crate) fn cargo(&self, words: &[&str]) -> Command {
        let mut command = self.command(&self.cargo);
        command.args(words);
        command
    }
}

/// An environment variable that holds text.
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var_os(name).and_then(|value| value.into_string().ok()).filter(|value| !value.is_empty())
}

/// Whether a program of this name stands in the search path.
pub(crate) fn installed(program: &str) -> bool {
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}
