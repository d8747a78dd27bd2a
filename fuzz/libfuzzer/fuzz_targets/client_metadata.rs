//! See `chancery_fuzz::client_metadata`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| chancery_fuzz::client_metadata(input));
