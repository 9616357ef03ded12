//! What a visitor sees of a timeline: of messages that were written anew or taken back their place, and what they say now.

use std::collections::BTreeMap;

use ws::{
    id::Seq,
    timeline::{Author, Entry, What},
};

/// Places of what was written anew or taken back, each with the place of what it says now; none where that is nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Revised {
    by_place: BTreeMap<Seq, Option<Seq>>,
}

impl Revised {
    /// Takes an entry in.
    pub(super) fn note(&mut self, seq: Seq, what: &What) {
        if let What::Edited { of, .. } = what {
            self.by_place.insert(*of, Some(seq));
        }
        if let What::Deleted { of, .. } = what {
            self.by_place.insert(*of, None);
        }
    }

    /// Returns an entry without what is not said any more, and without how the house calls its programs.
    pub(super) fn for_visitor(&self, entry: &Entry) -> Entry {
        let mut entry = entry.clone();
        let now = |of: &Seq| self.by_place.get(of);
        match &mut entry.what {
            What::Message { text, .. } if now(&entry.seq).is_some() => text.clear(),
            What::File { file, .. } if now(&entry.seq).is_some() => file.name.clear(),
            What::Edited { of, text, .. } if now(of) != Some(&Some(entry.seq)) => text.clear(),
            _ => {}
        }
        if let Some(author @ Author::Program { .. }) = entry.what.author_mut() {
            *author = Author::System;
        }
        entry
    }
}

#[cfg(test)]
mod tests {
    use ws::id::Timestamp;

    use super::*;

    #[test]
    fn nothing_is_left_of_what_is_not_said_any_more() {
        let said = |text: &str| What::Message {
            from: Author::Customer,
            mid: "m".parse().unwrap(),
            text: text.to_owned(),
        };
        let edited = |of, text: &str| What::Edited {
            by: Author::Customer,
            of: Seq(of),
            text: text.to_owned(),
        };
        let deleted = What::Deleted {
            by: Author::Customer,
            of: Seq(2),
        };
        let all = [
            said("Helo"),
            said("My password"),
            said("Bye"),
            edited(1, "Hallo"),
            edited(2, "My word"),
            edited(1, "Hello"),
            deleted,
        ];
        let mut revised = Revised::default();
        let mut entries = Vec::new();
        for (seq, what) in (1..).map(Seq).zip(all) {
            revised.note(seq, &what);
            let at = Timestamp(1);
            entries.push(Entry { seq, at, what });
        }

        let texts: Vec<String> = entries
            .iter()
            .filter_map(|entry| match revised.for_visitor(entry).what {
                What::Message { text, .. } | What::Edited { text, .. } => Some(text),
                _ => None,
            })
            .collect();

        assert_eq!(texts, ["", "", "Bye", "", "", "Hello"]);
    }
}
