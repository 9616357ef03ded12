//! What waits to be sent on one socket. Chat and control are kept until sent and bounded in bytes; of passing news only
//! the latest of each kind waits. (Co-browse frames, which fall back to a fresh snapshot, come with co-browse.)

use std::collections::{BTreeMap, VecDeque};

use crate::side::Key;

/// What waits to be sent.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    kept: VecDeque<(u64, Frame)>,
    latest: BTreeMap<Key, (u64, String)>,
    order: u64,
    counted: usize,
}

#[derive(Debug)]
struct Frame {
    text: String,
    counted: bool,
}

impl Outbox {
    /// Adds a frame that must arrive; it counts towards the bound.
    pub(super) fn keep(&mut self, text: String) {
        self.counted += text.len();
        let order = self.next();
        self.kept.push_back((
            order,
            Frame {
                text,
                counted: true,
            },
        ));
    }

    /// Adds a frame that must arrive and answers a `hello`: its size is the timeline's, not the client's fault.
    pub(super) fn keep_uncounted(&mut self, text: String) {
        let order = self.next();
        self.kept.push_back((
            order,
            Frame {
                text,
                counted: false,
            },
        ));
    }

    /// Adds passing news, in place of older news of its kind.
    pub(super) fn replace(&mut self, key: Key, text: String) {
        let order = self.next();
        self.latest.insert(key, (order, text));
    }

    /// Takes the oldest.
    pub(super) fn pop(&mut self) -> Option<String> {
        let passing = self
            .latest
            .iter()
            .min_by_key(|(_, (order, _))| *order)
            .map(|(key, (order, _))| (*order, key.clone()));
        match (self.kept.front(), passing) {
            (Some((kept, _)), Some((passed, key))) if passed < *kept => self.pop_passing(&key),
            (Some(_), _) => self.pop_kept(),
            (None, Some((_, key))) => self.pop_passing(&key),
            (None, None) => None,
        }
    }

    /// Returns how many bytes wait that count towards the bound.
    pub(super) fn counted(&self) -> usize {
        self.counted
    }

    /// Throws everything away.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    fn pop_kept(&mut self) -> Option<String> {
        let (_, frame) = self.kept.pop_front()?;
        if frame.counted {
            self.counted -= frame.text.len();
        }
        if self.kept.is_empty() {
            // An idle socket holds no buffer.
            self.kept = VecDeque::new();
        }
        Some(frame.text)
    }

    fn pop_passing(&mut self, key: &Key) -> Option<String> {
        self.latest.remove(key).map(|(_, text)| text)
    }

    fn next(&mut self) -> u64 {
        self.order += 1;
        self.order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passing_news_waits_once_and_in_its_newest_place() {
        let mut outbox = Outbox::default();

        outbox.replace(Key::Queues, "queues 1".to_owned());
        outbox.keep("entry 1".to_owned());
        outbox.replace(Key::Queues, "queues 2".to_owned());
        outbox.keep("entry 2".to_owned());

        let sent: Vec<_> = std::iter::from_fn(|| outbox.pop()).collect();
        assert_eq!(sent, ["entry 1", "queues 2", "entry 2"]);
        assert_eq!(outbox.counted(), 0);
    }
}
