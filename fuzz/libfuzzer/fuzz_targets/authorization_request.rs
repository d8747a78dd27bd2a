//! See `chancery_fuzz::authorization_request`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| chancery_fuzz::authorization_request(input));
