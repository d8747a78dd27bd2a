//! What the server tells about itself: a log on standard error, and figures for Prometheus.
//!
//! Whoever writes a line or counts a figure uses `tracing` and `metrics`; this file decides where they go.

use std::fmt::Write;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::config::Log;
use crate::config::written::LogFormat;

/// HTTP requests answered, by `route`, `method` and `status`.
pub const HTTP_REQUESTS: &str = "chancery_http_requests_total";
/// How long they took, in seconds, by `route`.
pub const HTTP_DURATION: &str = "chancery_http_request_duration_seconds";
/// Tokens issued, by `grant`.
pub const TOKENS_ISSUED: &str = "chancery_tokens_issued_total";
/// Refusals, by `reason`.
pub const REFUSALS: &str = "chancery_refusals_total";
/// Sign-ins, by `outcome`.
pub const SIGN_INS: &str = "chancery_sign_ins_total";
/// How long a password waited for a thread and was hashed, in seconds.
pub const PASSWORD_DURATION: &str = "chancery_password_duration_seconds";
/// Passwords turned away because too many were waiting.
pub const PASSWORDS_BUSY: &str = "chancery_passwords_busy_total";
/// The server's own calls, by `outcome`.
pub const OUTBOUND_CALLS: &str = "chancery_outbound_calls_total";
/// Open connections.
pub const CONNECTIONS: &str = "chancery_connections";

/// The bounds of histograms, in seconds: from a cached answer to a request that is about to be cut.
const SECONDS: &[f64] =
    &[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// How often collected samples are folded, so that they take no memory while nobody reads.
const UPKEEP: Duration = Duration::from_secs(5);
/// `USER_HZ`: the unit of processor time in /proc, the same on every architecture that we build for.
const TICKS_PER_SECOND: f64 = 100.0;

/// Why telemetry cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The configured level is no filter.
    #[error("the log's level is not understood")]
    Level,
    /// The process has a log or a recorder already, from elsewhere.
    #[error("telemetry is set up already")]
    Twice,
    /// The recorder refuses its settings.
    #[error("figures cannot be kept: {0}")]
    Recorder(String),
}

/// Sends the log to standard error, coloured on a terminal. Panics are logged like everything else.
///
/// # Errors
/// See [`TelemetryError`].
pub fn install_log(log: &Log) -> Result<(), TelemetryError> {
    let filter = EnvFilter::try_new(&log.level).map_err(|_| TelemetryError::Level)?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter);
    let installed = match log.format {
        LogFormat::Json => {
            builder.json().flatten_event(true).with_span_list(false).with_writer(std::io::stderr).try_init()
        }
        // anstream knows whether there is a terminal, and what NO_COLOR wants.
        LogFormat::Text => builder.compact().with_target(false).with_writer(anstream::stderr).try_init(),
    };
    installed.map_err(|_| TelemetryError::Twice)?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, cause = panic.payload_as_str().unwrap_or_default(), "a thread panicked");
    }));
    Ok(())
}

/// The figures of this process.
#[derive(Clone)]
pub struct Figures(PrometheusHandle);

/// Starts keeping figures. There is one recorder in a process; asking again gives the same.
///
/// # Errors
/// See [`TelemetryError`].
pub fn install_metrics() -> Result<Figures, TelemetryError> {
    static INSTALLED: OnceLock<PrometheusHandle> = OnceLock::new();
    static INSTALLING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = INSTALLED.get() {
        return Ok(Figures(handle.clone()));
    }
    let suffix = Matcher::Suffix("_seconds".to_owned());
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(suffix, SECONDS)
        .map_err(|error| TelemetryError::Recorder(error.to_string()))?
        .build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|_| TelemetryError::Twice)?;
    describe();
    Ok(Figures(INSTALLED.get_or_init(|| handle).clone()))
}

impl Figures {
    /// Everything, as Prometheus reads it (text format 0.0.4), with the figures of the process itself.
    pub fn render(&self) -> String {
        let mut text = self.0.render();
        process_figures(&mut text);
        text
    }

    /// Folds collected samples every few seconds, for ever.
    pub async fn keep_up(self) {
        let mut ticks = tokio::time::interval(UPKEEP);
        loop {
            ticks.tick().await;
            self.0.run_upkeep();
        }
    }
}

fn describe() {
    describe_counter!(HTTP_REQUESTS, "HTTP requests answered");
    describe_histogram!(HTTP_DURATION, Unit::Seconds, "How long HTTP requests took");
    describe_counter!(TOKENS_ISSUED, "Tokens issued");
    describe_counter!(REFUSALS, "Refusals");
    describe_counter!(SIGN_INS, "Sign-ins");
    describe_histogram!(PASSWORD_DURATION, Unit::Seconds, "How long passwords waited and were hashed");
    describe_counter!(PASSWORDS_BUSY, "Passwords turned away because too many were waiting");
    describe_counter!(OUTBOUND_CALLS, "Calls that the server itself made");
    describe_gauge!(CONNECTIONS, "Open connections");
}

/// Memory, processor time, files and threads from /proc; nothing where there is no /proc.
fn process_figures(text: &mut String) {
    let mut tell = |name: &str, kind: &str, help: &str, value: Option<f64>| {
        if let Some(value) = value {
            let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");
        }
    };
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of_status = |name: &str| -> Option<f64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        line.split_whitespace().next()?.parse().ok()
    };
    let memory = of_status("VmRSS").map(|kibibytes| kibibytes * 1024.0);
    tell("process_resident_memory_bytes", "gauge", "Resident memory in bytes", memory);
    tell("process_threads", "gauge", "Threads", of_status("Threads"));
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    tell("process_cpu_seconds_total", "counter", "Processor time in seconds", processor_seconds(&stat));
    let files = std::fs::read_dir("/proc/self/fd").ok().and_then(|files| u32::try_from(files.count()).ok());
    tell("process_open_fds", "gauge", "Open files", files.map(f64::from));
}

/// User and system time from /proc/self/stat (proc(5): fields 14 and 15, counted past the name in parentheses).
fn processor_seconds(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) / TICKS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use metrics::{counter, histogram};

    use super::*;

    #[test]
    fn figures_are_rendered_with_those_of_the_process() {
        let figures = install_metrics().expect("the first recorder");
        counter!(TOKENS_ISSUED, "grant" => "a_test").increment(3);
        histogram!(HTTP_DURATION, "route" => "/a-test").record(0.002);
        let text = install_metrics().expect("the same recorder").render();
        for line in [
            "# TYPE chancery_tokens_issued_total counter",
            "chancery_tokens_issued_total{grant=\"a_test\"} 3",
            "chancery_http_request_duration_seconds_bucket{route=\"/a-test\",le=\"0.0025\"} 1",
        ] {
            assert!(text.lines().any(|other| other == line), "{line}\n{text}");
        }
        figures.0.run_upkeep();
        assert!(!cfg!(target_os = "linux") || text.contains("process_resident_memory_bytes "));
    }

    #[test]
    fn processor_time_is_read_past_any_name() {
        let stat = "42 (a) b (c) S 1 1 1 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 4 0 100 1000 10";
        assert_eq!(processor_seconds(stat), Some(3.0));
        assert_eq!(processor_seconds(""), None);
    }
}
