//! A client's copy of one interaction's timeline.

use crate::{
    id::Seq,
    timeline::{Entry, What},
};

/// A timeline as far as it arrived, without gaps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thread {
    entries: Vec<Entry>,
}

/// What a client makes of an entry that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is the next one.
    Next,
    /// It was there already.
    Known,
    /// Something before it is missing.
    Gap,
}

impl Thread {
    /// Returns the entries, the first with seq 1.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns the highest place that arrived, 0 when none did.
    pub fn top(&self) -> Seq {
        self.entries.last().map_or(Seq(0), |entry| entry.seq)
    }

    /// Tells whether the contact is over.
    pub fn is_over(&self) -> bool {
        self.entries
            .iter()
            .any(|entry| matches!(entry.what, What::Ended { .. }))
    }

    pub(super) fn take(&mut self, entry: &Entry) -> Taken {
        let next = Seq(self.top().0 + 1);
        if entry.seq < next {
            return Taken::Known;
        }
        if entry.seq > next {
            return Taken::Gap;
        }
        self.entries.push(entry.clone());
        Taken::Next
    }
}
