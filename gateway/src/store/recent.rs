//! What was appended lately, so that folding it need not read it back from the journal and make facts of text again.

use std::collections::VecDeque;

use hub::Fact;

use super::journal::Batch;

/// Facts that are kept at most; who folds later than that reads them back.
pub const MOST: usize = 4_096;

/// Batches of the journal by their rows, without a gap between them.
#[derive(Debug, Default)]
pub struct Recent {
    /// The row of each batch's first fact, the oldest first.
    batches: VecDeque<(i64, Batch)>,
    facts: usize,
}

impl Recent {
    /// Notes a batch that is in the journal, its first fact in row `first` and its last in row `last`.
    pub fn note(&mut self, first: i64, last: i64, batch: Batch) {
        let follows = self.end().is_none_or(|end| end == first);
        let whole = last - first + 1 == length(&batch);
        if !follows || !whole {
            self.clear();
        }
        if !whole {
            return;
        }
        self.facts += batch.len();
        self.batches.push_back((first, batch));
        while self.facts > MOST {
            self.drop_first();
        }
    }

    /// Returns the facts in the rows after `mark`, up to `most`; none when the next of them is not here.
    pub fn after(&self, mark: i64, most: usize) -> Option<impl Iterator<Item = (i64, &Fact)>> {
        let (first, _) = self.batches.front()?;
        if *first > mark + 1 || self.end()? <= mark + 1 {
            return None;
        }
        let rows = self
            .batches
            .iter()
            .flat_map(|(first, batch)| (*first..).zip(batch.iter()));
        Some(rows.skip_while(move |(row, _)| *row <= mark).take(most))
    }

    /// Lets go of what is folded.
    pub fn forget(&mut self, mark: i64) {
        while let Some((first, batch)) = self.batches.front() {
            if first + length(batch) > mark + 1 {
                return;
            }
            self.drop_first();
        }
    }

    /// Lets go of everything: what is in the journal may have been written anew.
    pub fn clear(&mut self) {
        self.batches.clear();
        self.facts = 0;
    }

    // The row after the last.
    fn end(&self) -> Option<i64> {
        let (first, batch) = self.batches.back()?;
        Some(first + length(batch))
    }

    fn drop_first(&mut self) {
        if let Some((_, batch)) = self.batches.pop_front() {
            self.facts -= batch.len();
        }
    }
}

fn length(batch: &Batch) -> i64 {
    i64::try_from(batch.len()).expect("a batch fits into memory")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hub::Event;
    use ws::id::Timestamp;

    use super::*;

    fn batch(at: &[u64]) -> Batch {
        let fact = |&at| Fact {
            at: Timestamp(at),
            interaction: None,
            seq: None,
            event: Event::Started,
        };
        Arc::new(at.iter().map(fact).collect())
    }

    fn after(recent: &Recent, mark: i64, most: usize) -> Option<Vec<(i64, u64)>> {
        let facts = recent.after(mark, most)?;
        Some(facts.map(|(row, fact)| (row, fact.at.0)).collect())
    }

    #[test]
    fn what_follows_the_mark_is_given_across_batches() {
        let mut recent = Recent::default();
        recent.note(5, 6, batch(&[50, 60]));
        recent.note(7, 8, batch(&[70, 80]));

        assert_eq!(after(&recent, 4, 3), Some(vec![(5, 50), (6, 60), (7, 70)]));
        assert_eq!(after(&recent, 5, 9), Some(vec![(6, 60), (7, 70), (8, 80)]));
        assert_eq!(after(&recent, 8, 9), None, "nothing follows");
        assert_eq!(after(&recent, 3, 9), None, "row 4 is not here");
    }

    #[test]
    fn what_is_folded_is_let_go_by_whole_batches() {
        let mut recent = Recent::default();
        recent.note(1, 2, batch(&[10, 20]));
        recent.note(3, 3, batch(&[30]));

        recent.forget(1);
        assert_eq!(after(&recent, 1, 9), Some(vec![(2, 20), (3, 30)]));
        recent.forget(2);
        assert_eq!(recent.facts, 1);
        recent.forget(3);
        assert_eq!((recent.facts, recent.batches.len()), (0, 0));
    }

    #[test]
    fn a_row_of_somebody_else_between_makes_it_begin_anew() {
        let mut recent = Recent::default();
        recent.note(1, 1, batch(&[10]));
        recent.note(3, 3, batch(&[30]));
        assert_eq!(after(&recent, 0, 9), None);
        assert_eq!(after(&recent, 2, 9), Some(vec![(3, 30)]));

        recent.note(4, 6, batch(&[40, 60]));
        assert_eq!(after(&recent, 2, 9), None, "the rows of a batch had a gap");
    }

    #[test]
    fn no_more_than_so_many_are_kept() {
        let mut recent = Recent::default();
        for row in 1..=MOST as i64 + 2 {
            recent.note(row, row, batch(&[row as u64]));
        }

        assert_eq!(recent.facts, MOST);
        assert_eq!(after(&recent, 1, 9), None);
        assert_eq!(after(&recent, 2, 1), Some(vec![(3, 3)]));
    }
}
