//! See `chancery_fuzz::scope`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| chancery_fuzz::scope(input));
