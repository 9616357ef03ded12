//! What the disk does not take of recordings: counted, and told once when it begins and once when it is over, however many are
//! written.

use std::{collections::BTreeSet, io, sync::Arc};

/// How it stands with the disk.
pub struct Disk {
    counter: metrics::Counter,
    /// The recordings of which it took nothing when it was last tried.
    refused: BTreeSet<Arc<str>>,
    /// What was lost since that began, in 20 ms; none while all is taken.
    lost: Option<u64>,
}

impl Disk {
    /// Begins with one that takes all; `counter` counts the 20 ms that are lost.
    pub const fn new(counter: metrics::Counter) -> Self {
        Self {
            counter,
            refused: BTreeSet::new(),
            lost: None,
        }
    }

    /// Takes that what was to be written of a recording is written.
    pub fn took(&mut self, name: &Arc<str>) {
        self.refused.remove(name);
        if let (true, Some(lost)) = (self.refused.is_empty(), self.lost) {
            self.lost = None;
            let lost_ms = lost * 20;
            tracing::info!(lost_ms, "recordings are written to the disk again");
        }
    }

    /// Takes that so many times 20 ms of a recording are lost.
    pub fn refused(&mut self, name: &Arc<str>, frames: u64, error: &io::Error) {
        self.count(frames);
        self.refused.insert(Arc::clone(name));
        if self.lost.is_none() {
            tracing::warn!(
                recording = %name,
                %error,
                "the disk takes nothing of recordings: silence takes the place of what is lost"
            );
        }
        self.lost = Some(self.lost.unwrap_or_default() + frames);
    }

    /// Takes that so many times 20 ms are lost of which was told otherwise.
    pub fn count(&self, frames: u64) {
        self.counter.increment(frames);
    }

    /// Takes that a recording is over, whatever became of it.
    pub fn forget(&mut self, name: &str) {
        self.refused.remove(name);
    }
}
