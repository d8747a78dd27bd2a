//! See `chancery_fuzz::cookies`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| chancery_fuzz::cookies(input));
