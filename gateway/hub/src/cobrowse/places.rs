//! Where the visitor is: each place is noted at first, and of a page that goes elsewhere without end one a minute.

use std::time::Duration;

use ws::{
    cobrowse::Act,
    frame::{Code, Refusal},
    id::{InteractionId, Timestamp, VisitorId},
    timeline::Author,
};

use super::{Cobrowse, rules::place};
use crate::{
    hub::Hub,
    input::{Actor, Done, refuse},
    interaction::Interaction,
    redact::clean,
    scope::{Lines, NAME},
};

/// So many places of one sharing are noted as they come.
pub(crate) const PLACES: u32 = 100;
/// Beyond them, one in this time.
pub(crate) const PACE: Duration = Duration::from_secs(60);

/// A place that is not noted yet, since too many were.
#[derive(Clone, Debug)]
pub(crate) struct Passing {
    url: String,
    title: Option<String>,
    /// How many were passed by before it, and are named nowhere.
    skipped: u32,
}

/// Returns what a page calls something in one line: without characters that control or turn the direction of writing.
pub(super) fn line(text: &str) -> String {
    let is_kept = |c: &char| c.is_whitespace() || Lines::One.may_have(*c);
    let kept: String = text.chars().filter(is_kept).collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Reads where a page is and what it is called, as it may be kept and told.
pub(crate) fn whereabouts(
    url: &str,
    title: Option<&str>,
) -> Result<(String, Option<String>), Refusal> {
    let mut url = place(url)?;
    clean(&mut url);
    let title = title.map(|title| {
        let mut title: String = line(title).chars().take(NAME).collect();
        clean(&mut title);
        title
    });
    Ok((url, title))
}

impl Cobrowse {
    /// Returns from when on the next place may be noted.
    fn notes_at(&self) -> Timestamp {
        match self.places < PLACES {
            true => Timestamp::default(),
            false => self.placed + PACE,
        }
    }
}

impl Hub {
    /// Takes where the visitor is.
    pub(super) fn page_followed(
        &mut self,
        id: InteractionId,
        visitor: VisitorId,
        url: &str,
        title: Option<&str>,
    ) -> Result<Done, Refusal> {
        let found = self.going_on(id, &Actor::Visitor(visitor))?;
        let Some(sharing) = found.cobrowse.as_ref().filter(|it| it.is_shared()) else {
            return refuse(Code::Conflict, "no page is shared in this contact");
        };
        let (url, title) = whereabouts(url, title)?;
        let is_noted = sharing.page.as_ref() == Some(&url);
        let notes_at = sharing.notes_at();
        let passing = self.asides.get_mut(&id);
        match passing.and_then(|aside| aside.passing.as_mut()) {
            Some(passing) => {
                passing.skipped += u32::from(passing.url != url);
                (passing.url, passing.title) = (url, title);
            }
            None if is_noted => {}
            None if notes_at <= self.now => self.note_place(id, url, title, 0),
            None => {
                let skipped = 0;
                let aside = self.asides.entry(id).or_default();
                aside.passing = Some(Passing {
                    url,
                    title,
                    skipped,
                });
                self.stirred.push(id);
            }
        }
        Ok(Done::Ok)
    }

    /// Returns when a place that waits for it is to be noted.
    pub(super) fn place_due(&self, found: &Interaction) -> Option<Timestamp> {
        let aside = self.asides.get(&found.id)?;
        aside.passing.as_ref()?;
        found.cobrowse.as_ref().map(|sharing| sharing.notes_at())
    }

    /// Notes the place that waits for it.
    pub(super) fn note_passing(&mut self, id: InteractionId) {
        let aside = self.asides.get_mut(&id);
        if let Some(passing) = aside.and_then(|aside| aside.passing.take()) {
            self.note_place(id, passing.url, passing.title, passing.skipped);
        }
    }

    fn note_place(&mut self, id: InteractionId, url: String, title: Option<String>, skipped: u32) {
        let act = Act::Page {
            url,
            title,
            skipped,
        };
        self.tell_cobrowse(id, Author::Customer, act);
    }
}
