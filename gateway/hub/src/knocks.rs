//! Chats that were turned away and ask again by themselves: each is one attempt, and one fact, however often it knocks.

use std::collections::{BTreeMap, VecDeque};

use ws::id::{Mid, VisitorId};

/// How many are known; the oldest is forgotten first, and would be told once more.
const MOST: usize = 10_000;

/// The openings that were turned away last.
#[derive(Debug, Default)]
pub(crate) struct Knocks {
    last: BTreeMap<VisitorId, Mid>,
    order: VecDeque<VisitorId>,
}

impl Knocks {
    /// Takes in that an opening is turned away; tells whether it is the first time.
    pub(crate) fn is_new(&mut self, visitor: VisitorId, mid: &Mid) -> bool {
        match self.last.insert(visitor, mid.clone()) {
            Some(before) => before != *mid,
            None => {
                self.order.push_back(visitor);
                self.forget();
                true
            }
        }
    }

    fn forget(&mut self) {
        while self.order.len() > MOST {
            if let Some(oldest) = self.order.pop_front() {
                self.last.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knock(knocks: &mut Knocks, visitor: u128, mid: &str) -> bool {
        knocks.is_new(VisitorId::new(visitor).unwrap(), &mid.parse().unwrap())
    }

    #[test]
    fn the_same_opening_is_new_once_and_what_is_known_has_a_bound() {
        let mut knocks = Knocks::default();

        assert!(knock(&mut knocks, 1, "a"));
        assert!(!knock(&mut knocks, 1, "a"));
        assert!(knock(&mut knocks, 1, "b"));
        for visitor in 2..=u128::try_from(MOST).unwrap() + 1 {
            assert!(knock(&mut knocks, visitor, "a"));
        }

        assert_eq!((knocks.last.len(), knocks.order.len()), (MOST, MOST));
        assert!(knock(&mut knocks, 1, "b"), "the oldest is forgotten");
    }
}
