//! A server as a process: its processor time and memory, from /proc.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A server that runs until it is dropped.
pub struct Server {
    child: Child,
    /// What its first line of output was.
    pub first_line: String,
}

/// `USER_HZ`: the unit of processor time in /proc.
const TICKS_PER_SECOND: f64 = 100.0;

impl Server {
    /// Starts `program` and waits for its first line of output.
    ///
    /// # Errors
    /// Those of the system; a program that says nothing.
    pub fn start(program: &Path, arguments: &[&str], folder: &Path) -> std::io::Result<Self> {
        let mut child = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let output = child.stdout.take().ok_or_else(|| std::io::Error::other("no output"))?;
        let mut first_line = String::new();
        BufReader::new(output).read_line(&mut first_line)?;
        if first_line.is_empty() {
            return Err(std::io::Error::other("the server said nothing"));
        }
        Ok(Self { child, first_line })
    }

    /// Seconds of processor time so far, its own and the system's for it.
    #[must_use]
    pub fn processor_seconds(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let fields: Vec<&str> = after_name.split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
        (ticks(11) + ticks(12)) / TICKS_PER_SECOND
    }

    /// Resident memory, in MiB.
    #[must_use]
    pub fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        let _killed = self.child.kill();
        let _reaped = self.child.wait();
    }
}
