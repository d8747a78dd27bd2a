//! The registry packages of the interop suites, installed once per lock file into the cache.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::BINARY;
use crate::place::{self, Place};
use crate::step::{output_of, run_plain, say};

/// The oldest Node that the suites' packages run on.
const OLDEST_NODE: u32 = 20;

/// The Node to fetch from the npm registry where the installed one is older.
const FETCHED_NODE: &str = "22.23.3";

/// What the suites are run with.
#[derive(Debug)]
pub(crate) struct Packages {
    node: PathBuf,
    python: PathBuf,
    chromium: PathBuf,
}

impl Packages {
    /// Installs what the lock files name and the cache lacks. Fails when Node, npm, Python or Chromium is missing.
    pub(crate) fn install(place: &Place) -> Result<Self, String> {
        let chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].map(PathBuf::from);
        let chromium = place::variable("CHANCERY_CHROMIUM")
            .map(PathBuf::from)
            .or_else(|| chromium.into_iter().find(|path| path.exists()))
            .ok_or("Chromium is not installed (Debian: apt-get install chromium)")?;
        let node = node(place)?;
        node_packages(place, &node)?;
        let python = python_packages(place)?;
        Ok(Self { node, python, chromium })
    }

    /// The Node to run suites with.
    pub(crate) fn node(&self) -> &Path {
        &self.node
    }

    /// The Python that sees the suites' packages.
    pub(crate) fn python(&self) -> &Path {
        &self.python
    }

    /// Tells a command where the binary, the browser and the sign-in program are.
    pub(crate) fn equip<'a>(&self, place: &Place, command: &'a mut Command) -> &'a mut Command {
        let binary = place::variable(BINARY).map_or_else(|| place.program("chancery"), PathBuf::from);
        command
            .env(BINARY, binary)
            .env("CHANCERY_CHROMIUM", &self.chromium)
            .env("CHANCERY_TEST_NODE", &self.node)
            .env("CHANCERY_TEST_SIGN_IN", place.at("interop/browser/sign-in.mjs"))
    }
}

fn node(place: &Place) -> Result<PathBuf, String> {
    let version = output_of(place.command("node").arg("--version"))?;
    let major: u32 =
        version.trim().trim_start_matches('v').split('.').next().and_then(|word| word.parse().ok()).unwrap_or(0);
    if major >= OLDEST_NODE {
        return Ok("node".into());
    }
    let machine = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => {
            return Err(format!("Node {major} is too old and there is no package of a newer one for {other}"));
        }
    };
    let package = format!("node-linux-{machine}");
    let folder = place.cache(&format!("interop/node-{FETCHED_NODE}"));
    let program = folder.join("node_modules").join(&package).join("bin/node");
    if !program.exists() {
        say(&format!(
            "Node {major} is installed, {OLDEST_NODE} is needed: fetching {FETCHED_NODE} into {}",
            folder.display()
        ));
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let mut npm = place.command("npm");
        npm.args(["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"]);
        run_plain(npm.arg(&folder).arg(format!("{package}@{FETCHED_NODE}")))?;
    }
    Ok(program)
}

/// A folder beside the suites must be called `node_modules`: modules are sought upwards from the file that asks.
fn node_packages(place: &Place, node: &Path) -> Result<(), String> {
    let version = output_of(place.command(node).arg("--version"))?;
    let key = key(&[&read(&place.at("interop/package-lock.json"))?, &version]);
    let folder = place.cache(&format!("interop/node-{key}"));
    let finished = folder.join(".finished");
    if !finished.exists() {
        say(&format!("installing the Node packages of the interop suites into {}", folder.display()));
        fresh(&folder)?;
        for file in ["package.json", "package-lock.json"] {
            let from = place.at("interop").join(file);
            fs::copy(&from, folder.join(file)).map_err(|error| format!("{}: {error}", from.display()))?;
        }
        let mut npm = place.command("npm");
        run_plain(npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"]).arg(&folder))?;
        fs::write(&finished, "").map_err(|error| format!("{}: {error}", finished.display()))?;
    }
    let link = place.at("interop/node_modules");
    let target = folder.join("node_modules");
    if fs::read_link(&link).is_ok_and(|old| old == target) {
        return Ok(());
    }
    let removed = match fs::symlink_metadata(&link) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(&link),
        Ok(_) => fs::remove_file(&link),
        Err(_) => Ok(()),
    };
    removed.and_then(|()| symlink(&target, &link)).map_err(|error| format!("{}: {error}", link.display()))
}

fn python_packages(place: &Place) -> Result<PathBuf, String> {
    let version = output_of(place.command("python3").args(["-c", "import sys; print(sys.executable, sys.version)"]))?;
    let wanted = place.at("interop/python/requirements.txt");
    let folder = place.cache(&format!("interop/python-{}", key(&[&read(&wanted)?, &version])));
    let python = folder.join("bin/python");
    let finished = folder.join(".finished");
    if !finished.exists() {
        say(&format!("installing the Python packages of the interop suites into {}", folder.display()));
        fresh(&folder)?;
        run_plain(place.command("python3").args(["-m", "venv"]).arg(&folder))?;
        let mut pip = place.command(&python);
        pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--require-hashes"]);
        run_plain(pip.args(["--only-binary=:all:", "--requirement"]).arg(&wanted))?;
        fs::write(&finished, "").map_err(|error| format!("{}: {error}", finished.display()))?;
    }
    Ok(python)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn fresh(folder: &Path) -> Result<(), String> {
    let removed = match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    };
    removed.and_then(|()| fs::create_dir_all(folder)).map_err(|error| format!("{}: {error}", folder.display()))
}

/// A name for what is installed: another lock file or another interpreter is another folder.
fn key(parts: &[&str]) -> String {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
