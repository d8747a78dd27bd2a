//! See `chancery_fuzz::issuer`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| chancery_fuzz::issuer(input));
