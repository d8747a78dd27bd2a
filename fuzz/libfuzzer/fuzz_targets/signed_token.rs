//! See `chancery_fuzz::signed_token`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| chancery_fuzz::signed_token(input));
