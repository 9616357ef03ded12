//! What one party had before its eyes: the entries of a contact in the order in which they were shown.

use ws::{
    id::{InteractionId, Mid, Seq},
    timeline::{Entry, What},
};

/// A contact as one party saw it, from the first entry on.
#[derive(Clone, Debug)]
pub struct Page {
    /// Whose page it is.
    pub who: String,
    /// Of which interaction.
    pub interaction: InteractionId,
    /// Each entry's place, and the message in it.
    pub shown: Vec<(Seq, Option<(Mid, String)>)>,
}

/// All pages of one party.
#[derive(Debug)]
pub struct Pages {
    who: String,
    pages: Vec<Page>,
}

impl Pages {
    /// Begins with none.
    pub fn new(who: String) -> Self {
        Self {
            who,
            pages: Vec::new(),
        }
    }

    /// Notes that an entry was shown. A contact that comes to a desk again begins again at its first entry.
    pub fn show(&mut self, interaction: InteractionId, entry: &Entry) {
        let mut message = None;
        if let What::Message { mid, text, .. } = &entry.what {
            message = Some((mid.clone(), text.clone()));
        }
        let mut pages = self.pages.iter_mut().rev();
        let last = pages.find(|page| page.interaction == interaction);
        match last.filter(|_| entry.seq != Seq(1)) {
            Some(page) => page.shown.push((entry.seq, message)),
            None => self.pages.push(Page {
                who: self.who.clone(),
                interaction,
                shown: vec![(entry.seq, message)],
            }),
        }
    }

    /// Returns them.
    pub fn into_pages(self) -> Vec<Page> {
        self.pages
    }
}
