//! The contract of [`crate::Store`] as sentences. Every backend passes this one list.
#![cfg(feature = "conformance")]
