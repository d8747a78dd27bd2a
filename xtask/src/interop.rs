//! Other people's clients against the real binary: which suites there are, what they need, how they are started.
//!
//! Every suite starts `chancery dev --port 0 --json` itself and reads its one line; here it only learns where the
//! binary is (`CHANCERY_BINARY`) and which database it is for (`CHANCERY_TEST_DATABASE`; none means the embedded one).

mod packages;

pub(crate) use packages::Packages;

use std::process::Command;

use crate::place::{self, Place};
use crate::postgres::Cluster;
use crate::step::{Tally, run, run_plain, say};

/// The variable that tells suites and tests where the binary is. One that is already set is used as it is.
const BINARY: &str = "CHANCERY_BINARY";

/// A suite: a folder of interop/.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Suite {
    /// The pages themselves, in Chromium.
    Browser,
    /// The registry's clients for Node: openid-client, jose.
    Node,
    /// The registry's clients for Python: Authlib, joserfc, PyJWT.
    Python,
}

impl Suite {
    /// Every suite, in the order of a run.
    pub(crate) const ALL: [Self; 3] = [Self::Node, Self::Python, Self::Browser];

    /// Its folder's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Node => "node",
            Self::Python => "python",
        }
    }

    /// The suite of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|suite| suite.name() == name)
    }
}

/// What the binary keeps its records in while a suite runs.
#[derive(Clone, Debug)]
pub(crate) enum Database {
    /// The binary's own choice: an embedded one that it throws away.
    Embedded,
    /// An empty database of the tests' server.
    Postgres { url: String },
}

impl Database {
    /// Its name for people.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Embedded => "SQLite",
            Self::Postgres { .. } => "PostgreSQL",
        }
    }
}

/// Both databases, the second one empty.
pub(crate) fn databases(suite: Suite, cluster: &Cluster) -> Result<[Database; 2], String> {
    let url = cluster.fresh_database(&format!("interop_{}", suite.name()))?;
    Ok([Database::Embedded, Database::Postgres { url }])
}

/// The command that runs one suite on one database.
pub(crate) fn command(
    place: &Place,
    packages: &Packages,
    suite: Suite,
    database: &Database,
) -> Result<Command, String> {
    let mut command = match suite {
        Suite::Browser | Suite::Node => {
            let mut command = place.command(packages.node());
            command.args(["--test", "--test-reporter=spec", "--test-timeout=600000"]).args(test_files(place, suite)?);
            command
        }
        Suite::Python => {
            let mut command = place.command(packages.python());
            command.args(["-m", "pytest", "--quiet", "-p", "no:cacheprovider", "interop/python"]);
            command.env("PYTHONDONTWRITEBYTECODE", "1");
            command
        }
    };
    packages.equip(place, &mut command);
    match database {
        Database::Embedded => command.env_remove("CHANCERY_TEST_DATABASE"),
        Database::Postgres { url } => command.env("CHANCERY_TEST_DATABASE", url),
    };
    Ok(command)
}

fn test_files(place: &Place, suite: Suite) -> Result<Vec<String>, String> {
    let folder = format!("interop/{}", suite.name());
    let entries = std::fs::read_dir(place.at(&folder)).map_err(|error| format!("{folder}: {error}"))?;
    let mut files: Vec<String> = entries
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.ends_with(".test.mjs"))
        .map(|name| format!("{folder}/{name}"))
        .collect();
    files.sort();
    if files.is_empty() { Err(format!("{folder} holds no test")) } else { Ok(files) }
}

/// Runs suites outside the whole of the checks: builds the binary unless `CHANCERY_BINARY` names one, starts
/// PostgreSQL, runs each suite on both databases.
pub(crate) fn run_alone(place: &Place, suites: &[Suite]) -> Result<(), String> {
    if place::variable(BINARY).is_none() {
        let build = ["build", "--package", "chancery-server", "--bin", "chancery"];
        run_plain(&mut place.cargo(&build))?;
    }
    let packages = Packages::install(place)?;
    let cluster = Cluster::given_or_started()?;
    let mut tally = Tally::default();
    let outcome = run_all(place, &packages, &cluster, suites, &mut tally);
    say(&tally.table());
    outcome
}

/// Every suite on both databases, each a step.
pub(crate) fn run_all(
    place: &Place,
    packages: &Packages,
    cluster: &Cluster,
    suites: &[Suite],
    tally: &mut Tally,
) -> Result<(), String> {
    for &suite in suites {
        for database in databases(suite, cluster)? {
            let mut command = command(place, packages, suite, &database)?;
            tally.step(&format!("interop {} on {}", suite.name(), database.kind()), || run(&mut command))?;
        }
    }
    Ok(())
}
