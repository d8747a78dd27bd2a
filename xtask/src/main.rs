//! The house's own tools: one door for every check, and the walls it checks.
//!
//! `cargo xtask ci` is what the test script and the continuous integration run; every other command is one of its steps alone.

mod bench;
mod ci;
mod deny;
mod interop;
mod layers;
mod place;
mod postgres;
mod reference;
mod step;

use std::process::ExitCode;

use place::Place;

const USAGE: &str = "\
cargo xtask COMMAND

  ci [--full]            every check, fastest complaint first; stops at the first failure
  layers                 the walls: imports, file lengths, paths named in documents
  deny [--full]          banned crates, licences and sources of what is built
  reference [--check]    write the generated pages of docs/reference, or compare them
  interop [SUITE]        other people's clients against the built binary: node, python or browser
  bench [DATABASE]       measure against a bare server, in release, in turn; prints the table
  postgres               start a PostgreSQL for tests, print its URL, stop it on Enter or end of input

  --full                 also what takes long to install or to run (see CONTRIBUTING.md)
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = Place::find().and_then(|place| run(&place, &words));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            // The whole of the checks has said everything: its last line is its numbers.
            if !complaint.is_empty() {
                step::say(&complaint);
            }
            ExitCode::FAILURE
        }
    }
}

fn run(place: &Place, words: &[&str]) -> Result<(), String> {
    match words {
        ["ci"] => ci::run(place, ci::Extent::Usual),
        ["ci", "--full"] => ci::run(place, ci::Extent::Full),
        ["layers"] => report(layers::complaints(place)?),
        ["deny"] => deny::check(place, ci::Extent::Usual),
        ["deny", "--full"] => deny::check(place, ci::Extent::Full),
        ["reference"] => reference::write(place),
        ["reference", "--check"] => report(reference::stale(place)?),
        ["interop"] => interop::run_alone(place, &interop::Suite::ALL),
        ["interop", name] => match interop::Suite::named(name) {
            Some(suite) => interop::run_alone(place, &[suite]),
            None => Err(format!("no suite is called {name}\n\n{USAGE}")),
        },
        ["bench"] => bench::run(place, None),
        ["bench", database] => bench::run(place, Some(database)),
        ["postgres"] => postgres::attend(),
        ["help" | "--help" | "-h"] | [] => {
            step::say(USAGE);
            Ok(())
        }
        _ => Err(format!("unknown command: {}\n\n{USAGE}", words.join(" "))),
    }
}

/// Prints every complaint; any one of them is a failure.
fn report(complaints: Vec<String>) -> Result<(), String> {
    for complaint in &complaints {
        step::say(complaint);
    }
    match complaints.len() {
        0 => Ok(()),
        many => Err(format!("{many} to mend")),
    }
}
