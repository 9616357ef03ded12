//! What was written already in an interaction, found by the id its writer gave it.

use std::hash::{DefaultHasher, Hasher};

use ws::id::{Mid, Seq, Timestamp};

use crate::{ids::ByRandomId, interaction::Writer};

/// What was written under an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its place.
    pub seq: Seq,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub writer: Writer,
    /// What it is.
    pub kind: Kind,
}

/// What may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Message,
    /// A file.
    File,
}

/// The place and the writer of each message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mids {
    // By what is made of the ids: no text is kept, so that thousands of messages are one piece of memory.
    written: ByRandomId<u128, Written>,
}

impl Mids {
    /// Returns what was written under an id.
    pub fn get(&self, mid: &Mid) -> Option<&Written> {
        self.written.get(&mark(mid))
    }

    pub(crate) fn insert(&mut self, mid: &Mid, written: Written) {
        self.written.insert(mark(mid), written);
    }
}

// 128 bits of SipHash: nobody comes upon two ids with one mark, and who went to look for them would only lose a message
// of their own.
fn mark(mid: &Mid) -> u128 {
    let half = |which: u8| {
        let mut hasher = DefaultHasher::new();
        hasher.write_u8(which);
        hasher.write(mid.as_str().as_bytes());
        u128::from(hasher.finish())
    };
    (half(0) << 64) | half(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_found_by_its_own_id_only() {
        let mut mids = Mids::default();
        for n in 0..1_000 {
            let mid = format!("m-{n}").parse().unwrap();
            let written = Written {
                seq: Seq(n),
                at: Timestamp(0),
                writer: Writer::Customer,
                kind: Kind::Message,
            };
            mids.insert(&mid, written);
        }

        let seq = |mid: &str| mids.get(&mid.parse().unwrap()).map(|written| written.seq.0);

        let found = [seq("m-0"), seq("m-999"), seq("m-1000"), seq("m-")];
        assert_eq!(found, [Some(0), Some(999), None, None]);
    }
}
