//! The driver's parts: connections that stay open, a load that keeps them busy, and the price of
//! it in the server's processor time.

pub mod connection;
pub mod load;
pub mod process;
