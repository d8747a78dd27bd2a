//! The wire's words, held against the specifications, against attacks, and against anything at all.

mod attacks;
mod authorization_request;
mod metadata;
mod properties;
