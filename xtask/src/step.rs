//! A step of the checks: run it, let its output through, count what it counted, time it.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How many tests a step ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Count {
    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// What has been run so far.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    name: String,
    took: Duration,
    count: Count,
    went_well: bool,
}

impl Tally {
    /// Runs a step that reports its own test count. A failed step that counted no failure counts as one.
    pub(crate) fn step(
        &mut self,
        name: &str,
        work: impl FnOnce() -> Result<Count, (Count, String)>,
    ) -> Result<(), String> {
        say(&format!("\n=== {name}"));
        let began = Instant::now();
        let outcome = work();
        let took = began.elapsed();
        let (count, complaint) = match outcome {
            Ok(count) => (count, None),
            Err((count, complaint)) => (count, Some(complaint)),
        };
        self.rows.push(Row { name: name.to_owned(), took, count, went_well: complaint.is_none() });
        match complaint {
            None => Ok(()),
            Some(complaint) => Err(format!("FAILED at {name}: {complaint}")),
        }
    }

    /// Runs a step that is one check.
    pub(crate) fn check(&mut self, name: &str, work: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
        self.step(name, || work().map(|()| Count::default()).map_err(|complaint| (Count::default(), complaint)))
    }

    /// Every step with its time, and what it counted.
    pub(crate) fn table(&self) -> String {
        let width = self.rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
        let mut lines = vec![String::new()];
        for row in &self.rows {
            let seconds = row.took.as_secs_f64();
            let verdict = if row.went_well { "ok" } else { "FAILED" };
            let tests = match row.count {
                count if count.is_empty() => String::new(),
                Count { passed, failed, skipped: 0 } => format!("  {passed} passed, {failed} failed"),
                Count { passed, failed, skipped } => format!("  {passed} passed, {failed} failed, {skipped} skipped"),
            };
            lines.push(format!("{:width$}  {seconds:7.1} s  {verdict}{tests}", row.name));
        }
        let total: f64 = self.rows.iter().map(|row| row.took.as_secs_f64()).sum();
        lines.push(format!("{:width$}  {total:7.1} s", "together"));
        lines.join("\n")
    }

    /// Tests where a step counts them, the step itself where it does not.
    pub(crate) fn sum(&self) -> Count {
        let mut sum = Count::default();
        for row in &self.rows {
            let mut count = row.count;
            if row.went_well && count.passed == 0 {
                count.passed = 1;
            }
            if !row.went_well && count.failed == 0 {
                count.failed = 1;
            }
            sum.add(count);
        }
        sum
    }
}

/// Runs a command, lets its output through line by line and reads the runner's own summary from it.
pub(crate) fn run(command: &mut Command) -> Result<Count, (Count, String)> {
    let shown = show(command);
    say(&format!("$ {shown}"));
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| (Count::default(), format!("{shown}: {error}")))?;
    let errors = child.stderr.take();
    let beside =
        std::thread::spawn(move || errors.map_or(Count::default(), |stream| pass(stream, &mut std::io::stderr())));
    let mut count = child.stdout.take().map_or(Count::default(), |stream| pass(stream, &mut std::io::stdout()));
    count.add(beside.join().unwrap_or_default());
    match child.wait() {
        Ok(status) if status.success() => Ok(count),
        Ok(status) => Err((count, format!("{shown} ({status})"))),
        Err(error) => Err((count, format!("{shown}: {error}"))),
    }
}

/// [`run`], for a command that counts nothing.
pub(crate) fn run_plain(command: &mut Command) -> Result<(), String> {
    run(command).map(|_| ()).map_err(|(_, complaint)| complaint)
}

/// What a command prints, when it succeeds; what it complained of, when it does not.
pub(crate) fn output_of(command: &mut Command) -> Result<String, String> {
    let shown = show(command);
    let output = command.output().map_err(|error| format!("{shown}: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("{shown} ({}): {}", output.status, String::from_utf8_lossy(&output.stderr).trim()))
    }
}

/// A line for the person at the terminal. A closed terminal is no reason to stop.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _closed = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn show(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let program = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    let words = command.get_args().map(|word| word.to_string_lossy().into_owned());
    std::iter::once(program).chain(words).collect::<Vec<_>>().join(" ")
}

fn pass(stream: impl Read, out: &mut impl Write) -> Count {
    let mut count = Count::default();
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        let _closed = out.write_all(&line).and_then(|()| out.flush());
        count.add(read_summary(&String::from_utf8_lossy(&line)));
        line.clear();
    }
    count
}

/// The numbers in a test runner's closing line: cargo test, nextest, pytest and node:test (one line for each number).
/// What a runner quotes from below itself is indented, and was counted already.
fn read_summary(line: &str) -> Count {
    let quoted = line.starts_with(' ') && line.trim_start().starts_with("test result:");
    if quoted {
        return Count::default();
    }
    let line = line.trim().trim_matches('=').trim();
    if let Some(rest) = line.strip_prefix("ℹ ").or_else(|| line.strip_prefix("# ")) {
        let mut words = rest.split_whitespace();
        let (name, number) = (words.next(), words.next().and_then(|word| word.parse().ok()));
        return match (name, number, words.next()) {
            (Some("pass"), Some(passed), None) => Count { passed, ..Count::default() },
            (Some("fail" | "cancelled"), Some(failed), None) => Count { failed, ..Count::default() },
            (Some("skipped" | "todo"), Some(skipped), None) => Count { skipped, ..Count::default() },
            _ => Count::default(),
        };
    }
    let closing = line.starts_with("test result:")
        || (line.starts_with("Summary [") && line.contains(" run: "))
        || (line.contains(" in ") && line.ends_with('s') && line.starts_with(|first: char| first.is_ascii_digit()));
    if !closing {
        return Count::default();
    }
    let number_before = |name: &str| {
        let words: Vec<&str> = line.split([' ', ',', ';', '.']).filter(|word| !word.is_empty()).collect();
        let at = words.iter().position(|word| *word == name)?;
        words.get(at.checked_sub(1)?)?.parse::<u64>().ok()
    };
    Count {
        passed: number_before("passed").unwrap_or(0),
        failed: number_before("failed").unwrap_or(0) + number_before("errors").or(number_before("error")).unwrap_or(0),
        skipped: number_before("skipped").or(number_before("ignored")).unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::{Count, Tally, read_summary};

    #[test]
    fn the_closing_lines_of_every_runner_are_read() {
        let cases = [
            (
                "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
                (3, 0, 1),
            ),
            ("     Summary [   0.012s] 5 tests run: 4 passed (1 slow), 1 failed, 0 skipped", (4, 1, 0)),
            ("1 failed, 2 passed in 0.12s", (2, 1, 0)),
            ("======= 7 passed, 1 error in 1.50s =======", (7, 1, 0)),
            ("ℹ pass 6", (6, 0, 0)),
            ("# fail 2", (0, 2, 0)),
            ("ℹ todo 0", (0, 0, 0)),
            ("3 passed yesterday", (0, 0, 0)),
            ("    test result: FAILED. 0 passed; 1 failed; 0 ignored", (0, 0, 0)),
        ];
        for (line, (passed, failed, skipped)) in cases {
            assert_eq!(read_summary(line), Count { passed, failed, skipped }, "{line}");
        }
    }

    #[test]
    fn a_failed_step_without_a_count_is_one_failure_and_a_good_one_is_one_success() {
        let mut tally = Tally::default();
        tally.check("good", || Ok(())).expect("a good step");
        let complaint = tally.check("bad", || Err("no".to_owned())).expect_err("a bad step");
        assert_eq!(complaint, "FAILED at bad: no");
        assert_eq!(tally.sum(), Count { passed: 1, failed: 1, skipped: 0 });
    }
}
