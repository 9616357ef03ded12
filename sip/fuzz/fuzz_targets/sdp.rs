//! Any description is taken as an offer, an answer and a browser's offer without a panic.

#![no_main]

#[path = "../exercise/mod.rs"]
mod exercise;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| exercise::sdp::exercise(bytes));
