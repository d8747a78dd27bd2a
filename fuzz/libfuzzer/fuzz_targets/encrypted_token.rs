//! See `chancery_fuzz::encrypted_token`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| chancery_fuzz::encrypted_token(input));
