//! The daemon.
mod media;

fn main() {}
