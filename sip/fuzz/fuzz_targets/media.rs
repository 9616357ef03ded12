//! Any datagrams on a media port are read without a panic.

#![no_main]

#[path = "../exercise/mod.rs"]
mod exercise;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| exercise::media::exercise(bytes));
