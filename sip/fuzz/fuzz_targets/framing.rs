//! A stream is cut into the same messages in whatever pieces it comes.

#![no_main]

#[path = "../exercise/mod.rs"]
mod exercise;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| exercise::framing::exercise(bytes));
