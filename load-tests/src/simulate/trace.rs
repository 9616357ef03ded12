//! What left the daemon, as a hash; and what happened last, in words, where they are wanted.

use std::{collections::VecDeque, fmt::Write};

use crate::Heard;

/// Lines that are kept.
const LINES: usize = 100_000;
/// Characters of a line that are kept.
const WIDTH: usize = 400;

/// What a run leaves behind, also when it breaks.
#[derive(Debug)]
pub struct Trace {
    hash: u64,
    lines: Option<VecDeque<String>>,
    pub step: u64,
    pub heard: Heard,
}

impl Trace {
    /// Begins; `tells` keeps lines.
    pub fn new(tells: bool) -> Self {
        Self {
            hash: 0xcbf2_9ce4_8422_2325,
            lines: tells.then(VecDeque::new),
            step: 0,
            heard: Heard::new(),
        }
    }

    /// Takes something that left the daemon into the hash (FNV-1a).
    pub fn left(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// Notes a line, if lines are wanted.
    pub fn note(&mut self, now: u64, line: impl FnOnce() -> String) {
        let Some(lines) = &mut self.lines else { return };
        let mut text = String::new();
        let _ = write!(text, "{:>10.3} ", now as f64 / 1_000.0);
        text.extend(line().chars().take(WIDTH));
        if lines.len() == LINES {
            lines.pop_front();
        }
        lines.push_back(text);
    }

    /// Counts something that happened.
    pub fn hear(&mut self, what: &str) {
        match self.heard.get_mut(what) {
            Some(count) => *count += 1,
            None => drop(self.heard.insert(what.to_owned(), 1)),
        }
    }

    pub fn tail(&self) -> Vec<String> {
        self.lines.iter().flatten().cloned().collect()
    }
}
