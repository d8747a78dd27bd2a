//! HTTP: how requests arrive and how answers leave. No decision is taken here.

pub mod arrival;
pub mod cookie;
pub mod host;
pub mod limit;
pub mod listener;
pub mod proxy;
pub mod reply;
pub mod tls;
pub mod watch;
