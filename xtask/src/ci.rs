//! Every check in one order: the fastest complaint first, the first failure last.

use crate::interop::Suite;
use crate::place::{self, Place};
use crate::postgres::Cluster;
use crate::step::{self, Tally, run_plain, say};
use crate::{deny, interop, layers, reference, report};

/// How much is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// What every change must pass.
    Usual,
    /// Also what takes long to install, and hundreds of rounds of the tests that kill and race.
    Full,
}

/// The door: runs everything and closes with one plain line of numbers.
pub(crate) fn run(place: &Place, extent: Extent) -> Result<(), String> {
    let mut tally = Tally::default();
    let outcome = all(place, extent, &mut tally);
    say(&tally.table());
    let sum = tally.sum();
    if let Err(complaint) = &outcome {
        say(&format!("\n{complaint}"));
    }
    say(&format!("{} passed, {} failed", sum.passed, sum.failed));
    outcome.map_err(|_| String::new())
}

fn all(place: &Place, extent: Extent, tally: &mut Tally) -> Result<(), String> {
    tally.check("format", || run_plain(&mut place.cargo(&["fmt", "--all", "--check"])))?;
    tally.check("clippy", || {
        run_plain(&mut place.cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    })?;
    tally.check("layers", || report(layers::complaints(place)?))?;
    tally.check("build", || {
        run_plain(&mut place.cargo(&["build", "--package", "chancery-server", "--bin", "chancery"]))
    })?;
    tally.check("reference", || report(reference::stale(place)?))?;
    tally.check("deny", || deny::check(place, extent))?;

    let mut cluster = None;
    tally.check("postgresql", || {
        cluster = Some(Cluster::given_or_started()?);
        Ok(())
    })?;
    let cluster = cluster.ok_or("PostgreSQL did not start")?;
    let mut packages = None;
    tally.check("interop packages", || {
        packages = Some(interop::Packages::install(place)?);
        Ok(())
    })?;
    let packages = packages.ok_or("the interop packages were not installed")?;

    tally.step("tests", || {
        let mut tests = if place::installed("cargo-nextest") {
            place.cargo(&["nextest", "run", "--workspace", "--no-fail-fast"])
        } else {
            place.cargo(&["test", "--workspace", "--no-fail-fast", "--lib", "--bins", "--tests"])
        };
        if extent == Extent::Full {
            tests.env("CHANCERY_LONG_TESTS", "1");
        }
        step::run(packages.equip(place, tests.env("CHANCERY_TEST_POSTGRES", cluster.url())))
    })?;
    tally.step("tests in documentation", || {
        step::run(place.cargo(&["test", "--workspace", "--doc"]).env("CHANCERY_TEST_POSTGRES", cluster.url()))
    })?;
    interop::run_all(place, &packages, &cluster, &Suite::ALL, tally)?;
    tally.check("documentation", || {
        run_plain(
            place
                .cargo(&["doc", "--workspace", "--no-deps", "--document-private-items"])
                // Private items are documented here too, so links to them hold.
                .env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private_intra_doc_links"),
        )
    })
}
