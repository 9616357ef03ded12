//! Whatever an endpoint is sent, nothing is left of it in the end.

#![no_main]

#[path = "../exercise/mod.rs"]
mod exercise;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| exercise::endpoint::exercise(bytes));
