//! (being written)

pub mod limit;
pub mod listener;
pub mod proxy;
pub mod tls;
