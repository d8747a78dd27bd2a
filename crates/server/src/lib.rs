//! The authorization server: HTTP, pages, configuration, command line.

pub mod app;
pub mod cli;
pub mod config;
pub mod http;
pub mod jobs;
pub mod outbound;
pub mod pages;
pub mod password_pool;
pub mod routes;
pub mod seed;
pub mod telemetry;
pub mod wiring;
