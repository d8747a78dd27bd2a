//! The authorization server: HTTP, pages, configuration, command line.

pub mod config;
pub mod http;
pub mod outbound;
pub mod pages;
pub mod password_pool;
pub mod telemetry;
