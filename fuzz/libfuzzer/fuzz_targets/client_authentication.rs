//! See `chancery_fuzz::client_authentication`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| chancery_fuzz::client_authentication(input));
