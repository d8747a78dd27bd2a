//! See `chancery_fuzz::form`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| chancery_fuzz::form(input));
