//! What the hub is told about consent: who must not be contacted, and the words by which customers withdraw and give it.

use std::sync::Arc;

use ws::consent::ContactChannel;

use crate::consent::NumberList;

/// What customers may say about contact, and who is never called.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsentSetup {
    /// Numbers that must not be called, such as a country's list.
    pub list: Arc<NumberList>,
    /// Channels on which nobody is contacted who did not allow it.
    pub required: Vec<ContactChannel>,
    /// Messages that withdraw the consent, in whatever case.
    pub stop_words: Vec<String>,
    /// Messages that give it again.
    pub start_words: Vec<String>,
    /// The channels those words are about.
    pub channels: Vec<ContactChannel>,
    /// What a customer who withdrew it is told in the chat; empty for nothing.
    pub stopped: String,
    /// What a customer who gave it again is told in the chat; empty for nothing.
    pub started: String,
}

impl Default for ConsentSetup {
    fn default() -> Self {
        Self {
            list: Arc::default(),
            required: Vec::new(),
            stop_words: vec!["STOP".to_owned()],
            start_words: vec!["START".to_owned()],
            channels: vec![ContactChannel::Voice, ContactChannel::Mail],
            stopped: "We will not call or write to you. Write START to allow it again.".to_owned(),
            started: "We may call and write to you again. Write STOP to end that.".to_owned(),
        }
    }
}

impl ConsentSetup {
    pub(crate) fn is_stop(&self, text: &str) -> bool {
        is_one_of(&self.stop_words, text)
    }

    pub(crate) fn is_start(&self, text: &str) -> bool {
        is_one_of(&self.start_words, text)
    }
}

// The word alone: "please stop the delivery" is about something else.
fn is_one_of(words: &[String], text: &str) -> bool {
    let said = text.trim().trim_end_matches(['.', '!']);
    let mut words = words.iter();
    words.any(|word| lower(said).eq(lower(word)))
}

fn lower(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}
