//! See `chancery_fuzz::redirect_uri`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| chancery_fuzz::redirect_uri(input));
