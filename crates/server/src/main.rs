//! The one binary.

use std::process::ExitCode;

/// Faster than the system's under many short-lived strings, and the only one where the binary is static.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    chancery_server::cli::run()
}
