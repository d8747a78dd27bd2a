//! See `chancery_fuzz::token_request`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| chancery_fuzz::token_request(input));
