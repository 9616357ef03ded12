//! What people write, told from all else: it may wait for more of its kind before it is written down.

use crate::{Event, Fact};

/// Tells whether these facts are only what people write. Such words are on their way for longer than a commit takes, so the
/// journal may wait a moment for more of them; calls, offers and promises wait for nothing but the disk.
pub fn are_words(facts: &[Fact]) -> bool {
    let is_word = |fact: &Fact| matches!(fact.event, Event::Said { .. } | Event::Noted { .. });
    facts.iter().all(is_word)
}
