//! What waits to be sent on one socket. Chat and control are kept until sent and bounded in bytes; of passing news only
//! the latest of each kind waits; what a shared page shows is dropped when it is too much, and one word says so, upon
//! which the client asks for the page as it is then.

use std::collections::{BTreeMap, VecDeque};

use crate::{
    id::InteractionId,
    side::{Key, Shows},
};

/// What waits to be sent.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    kept: VecDeque<(u64, Frame)>,
    latest: BTreeMap<Key, (u64, String)>,
    pages: BTreeMap<InteractionId, Page>,
    order: u64,
    counted: usize,
}

/// What waits of one shared page.
#[derive(Debug, Default)]
struct Page {
    frames: VecDeque<(u64, Shows, String)>,
    bytes: usize,
    /// Something was dropped, and the page did not come whole since.
    behind: bool,
}

/// News of a shared page.
#[derive(Debug)]
pub(super) struct PageNews {
    pub(super) interaction: InteractionId,
    pub(super) shows: Shows,
    pub(super) text: String,
}

/// Where the oldest frame waits.
#[derive(Debug)]
enum Front {
    Kept,
    Passing(Key),
    Page(InteractionId),
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

    /// Adds news of a shared page. When more than `bound` bytes of it wait, they go, and `behind` stands in their place.
    pub(super) fn show(&mut self, news: PageNews, bound: usize, behind: impl FnOnce() -> String) {
        let order = self.next();
        let page = self.pages.entry(news.interaction).or_default();
        match news.shows {
            Shows::Whole => page.begin(),
            Shows::Change if page.behind => return,
            Shows::Change | Shows::Sheet => {}
        }
        page.bytes += news.text.len();
        page.frames.push_back((order, news.shows, news.text));
        // A whole page alone may be longer than the bound.
        if page.bytes > bound && page.frames.len() > 1 {
            page.frames = VecDeque::from([(order, Shows::Change, behind())]);
            page.bytes = 0;
            page.behind = true;
        }
    }

    /// Takes the oldest.
    pub(super) fn pop(&mut self) -> Option<String> {
        let kept = self.kept.front().map(|(order, _)| (*order, Front::Kept));
        let passing = self.latest.iter().min_by_key(|(_, (order, _))| *order);
        let passing = passing.map(|(key, (order, _))| (*order, Front::Passing(key.clone())));
        let pages = self.pages.iter().filter_map(|(interaction, page)| {
            let (order, _, _) = page.frames.front()?;
            Some((*order, Front::Page(*interaction)))
        });
        let oldest = kept.into_iter().chain(passing).chain(pages);
        match oldest.min_by_key(|(order, _)| *order)?.1 {
            Front::Kept => self.pop_kept(),
            Front::Passing(key) => self.pop_passing(&key),
            Front::Page(interaction) => self.pop_page(interaction),
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

    fn pop_page(&mut self, interaction: InteractionId) -> Option<String> {
        let page = self.pages.get_mut(&interaction)?;
        let (_, _, text) = page.frames.pop_front()?;
        page.bytes = page.bytes.saturating_sub(text.len());
        if page.frames.is_empty() && !page.behind {
            self.pages.remove(&interaction);
        }
        Some(text)
    }

    fn pop_passing(&mut self, key: &Key) -> Option<String> {
        self.latest.remove(key).map(|(_, text)| text)
    }

    fn next(&mut self) -> u64 {
        self.order += 1;
        self.order
    }
}

impl Page {
    // What comes whole voids what waits, but for the style sheets, of which each is told once.
    fn begin(&mut self) {
        self.behind = false;
        self.frames.retain(|(_, shows, _)| *shows == Shows::Sheet);
        self.bytes = self.frames.iter().map(|(_, _, text)| text.len()).sum();
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

    fn news(interaction: u128, shows: Shows, text: &str) -> PageNews {
        PageNews {
            interaction: InteractionId::new(interaction).unwrap(),
            shows,
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_page_that_is_too_much_makes_way_for_one_word_until_it_comes_whole() {
        let mut outbox = Outbox::default();
        let behind = || "behind".to_owned();

        outbox.show(news(1, Shows::Whole, "whole"), 10, behind);
        outbox.show(news(1, Shows::Change, "a change"), 10, behind);
        outbox.keep("entry".to_owned());
        outbox.show(news(1, Shows::Change, "lost"), 10, behind);
        outbox.show(
            news(2, Shows::Whole, "another page, longer than the bound"),
            10,
            behind,
        );

        let sent: Vec<_> = std::iter::from_fn(|| outbox.pop()).collect();
        assert_eq!(
            sent,
            ["behind", "entry", "another page, longer than the bound"]
        );
        outbox.show(news(1, Shows::Change, "lost as well"), 10, behind);
        assert_eq!(outbox.pop(), None);
        outbox.show(news(1, Shows::Whole, "whole again"), 10, behind);
        outbox.show(news(1, Shows::Change, "more"), 20, behind);
        let sent: Vec<_> = std::iter::from_fn(|| outbox.pop()).collect();
        assert_eq!(sent, ["whole again", "more"]);
    }
    #[test]
    fn a_style_sheet_outlives_the_page_it_came_with_and_not_the_bound() {
        let mut outbox = Outbox::default();
        let behind = || "behind".to_owned();

        outbox.show(news(1, Shows::Sheet, "sheet"), 20, behind);
        outbox.show(news(1, Shows::Whole, "whole"), 20, behind);
        outbox.show(news(1, Shows::Change, "change"), 20, behind);
        outbox.show(news(1, Shows::Whole, "again"), 20, behind);

        let sent: Vec<_> = std::iter::from_fn(|| outbox.pop()).collect();
        assert_eq!(sent, ["sheet", "again"]);
        outbox.show(news(1, Shows::Whole, "whole"), 20, behind);
        outbox.show(news(1, Shows::Sheet, "a sheet that is long"), 20, behind);
        outbox.show(news(1, Shows::Change, "lost"), 20, behind);
        outbox.show(news(1, Shows::Sheet, "asked again"), 20, behind);
        let sent: Vec<_> = std::iter::from_fn(|| outbox.pop()).collect();
        assert_eq!(sent, ["behind", "asked again"]);
    }
}
