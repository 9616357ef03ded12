//! Messages that their writers write anew or take back, within a window. What they said before stays in the journal.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use ws::{
    frame::{Code, Refusal},
    id::{InteractionId, Mid, Seq, Timestamp},
};

use crate::{
    event::Event,
    hub::Hub,
    input::{Actor, Done, refuse},
    interaction::Writer,
    mids::Kind,
    scope::check_text,
};

/// How often one message may be written anew.
const MOST: u8 = 20;

/// What was written anew or taken back in an interaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revised {
    by_place: BTreeMap<Seq, Revision>,
}

/// How a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Revision {
    /// Written anew so often; `mark` is made of what it says now, so that a repeat is known.
    Edited { times: u8, mark: u64 },
    /// Taken back.
    Deleted,
}

impl Revised {
    pub(crate) fn edit(&mut self, of: Seq, text: &str) {
        let times = match self.by_place.get(&of) {
            Some(Revision::Edited { times, .. }) => times.saturating_add(1),
            Some(Revision::Deleted) | None => 1,
        };
        let mark = mark(text);
        self.by_place.insert(of, Revision::Edited { times, mark });
    }

    pub(crate) fn delete(&mut self, of: Seq) {
        self.by_place.insert(of, Revision::Deleted);
    }

    // The same once more, by who was not told that it is done.
    fn is_repeat(&self, of: Seq, text: Option<&str>) -> bool {
        match (self.by_place.get(&of), text) {
            (Some(Revision::Deleted), None) => true,
            (Some(Revision::Edited { mark: now, .. }), Some(text)) => *now == mark(text),
            (Some(Revision::Deleted | Revision::Edited { .. }) | None, _) => false,
        }
    }

    fn check(&self, of: Seq, rewrites: bool) -> Result<(), Refusal> {
        match self.by_place.get(&of) {
            Some(Revision::Deleted) => refuse(Code::Conflict, "this message was taken back"),
            Some(Revision::Edited { times: MOST.., .. }) if rewrites => refuse(
                Code::Full,
                format!("a message is written anew {MOST} times at most"),
            ),
            Some(Revision::Edited { .. }) | None => Ok(()),
        }
    }
}

fn mark(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

impl Hub {
    /// Writes a message of one's own anew, or takes it back where there is no text.
    pub(crate) fn revise(
        &mut self,
        id: InteractionId,
        by: &Actor,
        mid: &Mid,
        text: Option<String>,
    ) -> Result<Done, Refusal> {
        if let Some(text) = &text {
            check_text(text)?;
        }
        let found = self.speaking(id, by)?;
        let author = self.author(by);
        let Some(written) = found.mids.get(mid) else {
            return refuse(Code::NotFound, "there is no such message in this chat");
        };
        if written.writer != Writer::from(&author) {
            return refuse(
                Code::Forbidden,
                "only who wrote a message writes it anew or takes it back",
            );
        }
        let (of, at, kind) = (written.seq, written.at, written.kind);
        if found.revised.is_repeat(of, text.as_deref()) {
            return Ok(Done::Ok);
        }
        found.revised.check(of, text.is_some())?;
        self.check_window(at)?;
        let event = match text {
            Some(_) if kind == Kind::File => {
                return refuse(
                    Code::Conflict,
                    "a file is taken back, and never written anew",
                );
            }
            Some(text) => Event::MessageEdited {
                by: author,
                of,
                text,
            },
            None => Event::MessageDeleted { by: author, of },
        };
        let heard = match (by, &event) {
            (Actor::Visitor(_) | Actor::Customer(_), Event::MessageEdited { text, .. }) => {
                Some(text.clone())
            }
            (Actor::Visitor(_) | Actor::Customer(_) | Actor::Agent(_) | Actor::House(_), _) => None,
        };
        self.tell(Some(id), event);
        if let Some(text) = heard {
            self.heed(id, &text);
        }
        Ok(Done::Ok)
    }

    fn check_window(&self, written: Timestamp) -> Result<(), Refusal> {
        let window = self.setup.spans.revise;
        if self.now <= written + window {
            return Ok(());
        }
        let text = match window.as_secs() {
            0 => "messages are not written anew or taken back here".to_owned(),
            1..=60 => "a message is written anew or taken back within a minute".to_owned(),
            seconds => format!(
                "a message is written anew or taken back within {} minutes",
                seconds.div_ceil(60)
            ),
        };
        refuse(Code::Conflict, text)
    }
}
