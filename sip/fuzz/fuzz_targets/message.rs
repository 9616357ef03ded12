//! Any bytes are parsed, looked into, stamped and answered without a panic.

#![no_main]

#[path = "../exercise/mod.rs"]
mod exercise;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| exercise::message::exercise(bytes));
