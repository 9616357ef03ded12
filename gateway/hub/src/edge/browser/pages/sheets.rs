//! Style sheets of shared pages, by the hash of their text: each is kept once, whoever shows it. An interaction knows those
//! that its own visitor sent and no others, so that nobody learns what other pages look like.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ws::{
    cobrowse::SheetPart,
    frame::{Code, Refusal},
    id::{InteractionId, SheetName},
};

use crate::input::refuse;

/// Style sheets that one interaction knows, and that are named at once.
pub(super) const SHEETS: usize = 64;
/// Bytes of them.
const BYTES: usize = 2 * 1024 * 1024;
/// Style sheets of all interactions.
const ALL: usize = 4_096;
/// Bytes of them.
const ALL_BYTES: usize = 64 * 1024 * 1024;

/// All style sheets.
#[derive(Debug, Default)]
pub(super) struct Sheets {
    texts: BTreeMap<SheetName, Kept>,
    bytes: usize,
    shelves: BTreeMap<InteractionId, Shelf>,
    /// What no page needs now; the first was needed longest ago.
    idle: BTreeMap<u64, (InteractionId, SheetName)>,
    turn: u64,
}

#[derive(Debug)]
struct Kept {
    text: Arc<str>,
    shelves: usize,
}

/// What one interaction knows.
#[derive(Debug, Default)]
struct Shelf {
    sheets: BTreeMap<SheetName, Use>,
    bytes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Use {
    /// The page that is shown needs it.
    Needed,
    /// None does, since then.
    Idle(u64),
}

impl Sheets {
    /// Returns the text of a style sheet that an interaction knows.
    pub(super) fn text(&self, interaction: InteractionId, sheet: SheetName) -> Option<&Arc<str>> {
        let known = self.knows(interaction, sheet);
        let kept = self.texts.get(&sheet).filter(|_| known)?;
        Some(&kept.text)
    }

    /// Tells whether an interaction knows a style sheet.
    pub(super) fn knows(&self, interaction: InteractionId, sheet: SheetName) -> bool {
        let shelf = self.shelves.get(&interaction);
        shelf.is_some_and(|shelf| shelf.sheets.contains_key(&sheet))
    }

    /// Keeps a whole style sheet; those that no page needs make way for it, but for those that the interaction's next batch
    /// was `named` to need: it would come in vain.
    pub(super) fn put(
        &mut self,
        interaction: InteractionId,
        part: SheetPart,
        named: &BTreeSet<SheetName>,
    ) -> Result<(), Refusal> {
        if self.knows(interaction, part.sheet) {
            return Ok(());
        }
        self.make_room(interaction, part.sheet, part.text.len(), named)?;
        let shelf = self.shelves.entry(interaction).or_default();
        self.turn += 1;
        shelf.sheets.insert(part.sheet, Use::Idle(self.turn));
        shelf.bytes += part.text.len();
        self.idle.insert(self.turn, (interaction, part.sheet));
        let kept = self.texts.entry(part.sheet).or_insert_with(|| {
            self.bytes += part.text.len();
            Kept {
                text: part.text.into(),
                shelves: 0,
            }
        });
        kept.shelves += 1;
        Ok(())
    }

    /// Notes what a page needs, beside what it needs already unless it is shown anew; tells whether all of that is known.
    pub(super) fn need(
        &mut self,
        interaction: InteractionId,
        anew: bool,
        sheets: &BTreeSet<SheetName>,
    ) -> bool {
        if !sheets.iter().all(|sheet| self.knows(interaction, *sheet)) {
            return false;
        }
        let Some(shelf) = self.shelves.get_mut(&interaction) else {
            return true;
        };
        for (sheet, using) in &mut shelf.sheets {
            match *using {
                Use::Idle(turn) if sheets.contains(sheet) => {
                    self.idle.remove(&turn);
                    *using = Use::Needed;
                }
                Use::Needed if anew && !sheets.contains(sheet) => {
                    self.turn += 1;
                    self.idle.insert(self.turn, (interaction, *sheet));
                    *using = Use::Idle(self.turn);
                }
                Use::Needed | Use::Idle(_) => {}
            }
        }
        true
    }

    /// Notes that another page comes: what the one before needed, it may not.
    pub(super) fn turn_over(&mut self, interaction: InteractionId) {
        self.need(interaction, true, &BTreeSet::new());
    }

    /// Forgets what an interaction knows.
    pub(super) fn forget(&mut self, interaction: InteractionId) {
        let shelf = self.shelves.get(&interaction);
        let sheets: Vec<_> = shelf
            .into_iter()
            .flat_map(|shelf| shelf.sheets.keys().copied())
            .collect();
        for sheet in sheets {
            self.drop(interaction, sheet);
        }
    }

    fn make_room(
        &mut self,
        interaction: InteractionId,
        sheet: SheetName,
        size: usize,
        named: &BTreeSet<SheetName>,
    ) -> Result<(), Refusal> {
        while self.is_full(interaction, size) {
            let shelf = self.shelves.get(&interaction);
            let idle = shelf.and_then(|shelf| shelf.idle(named));
            self.drop_idle(idle.map(|sheet| (interaction, sheet)))?;
        }
        while !self.texts.contains_key(&sheet)
            && (self.texts.len() >= ALL || self.bytes + size > ALL_BYTES)
        {
            let awaited =
                |of: &(InteractionId, SheetName)| of.0 == interaction && named.contains(&of.1);
            let idle = self.idle.values().find(|of| !awaited(of)).copied();
            self.drop_idle(idle)?;
        }
        Ok(())
    }

    fn is_full(&self, interaction: InteractionId, size: usize) -> bool {
        let shelf = self.shelves.get(&interaction);
        let (count, bytes) = shelf.map_or((0, 0), |shelf| (shelf.sheets.len(), shelf.bytes));
        count >= SHEETS || bytes + size > BYTES
    }

    fn drop_idle(&mut self, idle: Option<(InteractionId, SheetName)>) -> Result<(), Refusal> {
        let Some((interaction, sheet)) = idle else {
            return refuse(
                Code::Full,
                "there is no room for more style sheets; write it into the batch",
            );
        };
        self.drop(interaction, sheet);
        Ok(())
    }

    fn drop(&mut self, interaction: InteractionId, sheet: SheetName) {
        let Some(shelf) = self.shelves.get_mut(&interaction) else {
            return;
        };
        let (Some(using), Some(kept)) = (shelf.sheets.remove(&sheet), self.texts.get_mut(&sheet))
        else {
            return;
        };
        if let Use::Idle(turn) = using {
            self.idle.remove(&turn);
        }
        let size = kept.text.len();
        shelf.bytes -= size;
        kept.shelves -= 1;
        if kept.shelves == 0 {
            self.texts.remove(&sheet);
            self.bytes -= size;
        }
        if shelf.sheets.is_empty() {
            self.shelves.remove(&interaction);
        }
    }
}

impl Shelf {
    /// Returns what was needed longest ago of what is neither needed nor `named`.
    fn idle(&self, named: &BTreeSet<SheetName>) -> Option<SheetName> {
        let idle = self.sheets.iter().filter_map(|(sheet, using)| match using {
            Use::Idle(turn) if !named.contains(sheet) => Some((*turn, *sheet)),
            Use::Idle(_) | Use::Needed => None,
        });
        idle.min().map(|(_, sheet)| sheet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1024 * 1024;

    fn id(n: usize) -> InteractionId {
        InteractionId::new(n as u128 + 1).unwrap()
    }

    fn name(n: usize) -> SheetName {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&(n as u64).to_be_bytes());
        SheetName::new(hash)
    }

    fn put(sheets: &mut Sheets, of: usize, n: usize, size: usize) -> Option<Code> {
        let part = SheetPart {
            stream: "s".to_owned(),
            sheet: name(n),
            at: 0,
            of: 1,
            text: "x".repeat(size),
        };
        let put = sheets.put(id(of), part, &BTreeSet::new());
        put.err().map(|refusal| refusal.code)
    }

    fn need(sheets: &mut Sheets, of: usize, anew: bool, names: &[usize]) -> bool {
        let names = names.iter().map(|n| name(*n)).collect();
        sheets.need(id(of), anew, &names)
    }

    #[test]
    fn a_sheet_is_kept_once_and_known_to_those_only_who_sent_it() {
        let mut sheets = Sheets::default();

        assert_eq!(put(&mut sheets, 0, 7, 100), None);
        assert!(!sheets.knows(id(1), name(7)) && sheets.text(id(1), name(7)).is_none());
        assert!(!need(&mut sheets, 1, true, &[7]));
        assert_eq!(put(&mut sheets, 1, 7, 100), None);
        assert_eq!(put(&mut sheets, 1, 7, 100), None);
        assert_eq!((sheets.texts.len(), sheets.bytes), (1, 100));

        sheets.forget(id(0));
        assert_eq!(
            sheets.text(id(1), name(7)).map(|text| text.len()),
            Some(100)
        );
        sheets.forget(id(1));
        assert_eq!((sheets.texts.len(), sheets.bytes), (0, 0));
        assert!(sheets.idle.is_empty() && sheets.shelves.is_empty());
    }

    #[test]
    fn what_a_page_needs_stays_and_what_was_needed_longest_ago_makes_way() {
        let mut sheets = Sheets::default();
        for n in 0..SHEETS {
            assert_eq!(put(&mut sheets, 0, n, 10), None);
        }
        let all: Vec<_> = (0..SHEETS).collect();
        assert!(need(&mut sheets, 0, true, &all));

        assert_eq!(put(&mut sheets, 0, 100, 10), Some(Code::Full));
        assert!(need(&mut sheets, 0, true, &all[2..]));
        assert!(need(&mut sheets, 0, false, &[0]));
        assert_eq!(put(&mut sheets, 0, 100, 10), None);

        assert!(sheets.knows(id(0), name(0)) && !sheets.knows(id(0), name(1)));
        assert_eq!(sheets.shelves[&id(0)].sheets.len(), SHEETS);
    }

    #[test]
    fn what_the_next_batch_needs_makes_way_for_nothing() {
        let mut sheets = Sheets::default();
        let named: BTreeSet<_> = [1, 2, 3].map(name).into();
        let mut put = |n, size| {
            let text = "x".repeat(size);
            let (stream, sheet) = ("s".to_owned(), name(n));
            let (at, of) = (0, 1);
            let part = SheetPart {
                stream,
                sheet,
                at,
                of,
                text,
            };
            sheets.put(id(0), part, &named).err().map(|it| it.code)
        };
        assert_eq!(put(9, MIB / 10), None);
        assert_eq!(put(1, MIB * 9 / 10), None);
        assert_eq!(put(2, MIB * 9 / 10), None);

        assert_eq!(put(3, MIB * 9 / 10), Some(Code::Full));

        assert!(sheets.knows(id(0), name(1)) && sheets.knows(id(0), name(2)));
        assert!(!sheets.knows(id(0), name(9)));
    }

    #[test]
    fn what_a_page_needed_makes_way_for_the_next_one() {
        let mut sheets = Sheets::default();
        for n in 0..40 {
            assert_eq!(put(&mut sheets, 0, n, 10), None);
        }
        let all: Vec<_> = (0..40).collect();
        assert!(need(&mut sheets, 0, true, &all));

        sheets.turn_over(id(0));
        for n in 100..140 {
            assert_eq!(put(&mut sheets, 0, n, 10), None);
        }

        let next: Vec<_> = (100..140).collect();
        assert!(need(&mut sheets, 0, true, &next));
    }

    #[test]
    fn one_interaction_has_no_more_bytes_than_it_may() {
        let mut sheets = Sheets::default();
        assert_eq!(put(&mut sheets, 0, 1, MIB), None);
        assert!(need(&mut sheets, 0, true, &[1]));

        assert_eq!(put(&mut sheets, 0, 2, MIB), None);
        assert_eq!(put(&mut sheets, 0, 3, MIB), None);
        assert!(!sheets.knows(id(0), name(2)));
        assert!(need(&mut sheets, 0, false, &[3]));

        assert_eq!(put(&mut sheets, 0, 4, 1), Some(Code::Full));
    }

    #[test]
    fn all_interactions_together_have_no_more_bytes_than_they_may() {
        let mut sheets = Sheets::default();
        for n in 0..64 {
            assert_eq!(put(&mut sheets, n, n, MIB), None);
            assert!(need(&mut sheets, n, true, &[n]));
        }
        assert_eq!(put(&mut sheets, 64, 64, 1), Some(Code::Full));
        // What is there already takes no more room.
        assert_eq!(put(&mut sheets, 64, 5, MIB), None);

        assert!(need(&mut sheets, 9, true, &[]));
        assert_eq!(put(&mut sheets, 65, 65, MIB), None);

        assert!(!sheets.knows(id(9), name(9)) && sheets.bytes == ALL_BYTES);
    }

    #[test]
    fn there_are_no_more_sheets_than_there_may_be() {
        let mut sheets = Sheets::default();
        for n in 0..ALL {
            assert_eq!(put(&mut sheets, n / SHEETS, n, 1), None);
        }
        assert_eq!(put(&mut sheets, 100, ALL, 1), None);

        assert_eq!(sheets.texts.len(), ALL);
        assert!(!sheets.knows(id(0), name(0)) && sheets.knows(id(100), name(ALL)));
    }
}
