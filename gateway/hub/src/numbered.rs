//! What an interaction has of one kind, by number. It is few of each, so they stand in one piece of memory no larger than they
//! are.

use std::{iter::Map, slice};

/// Things by number, in their order.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbered<T> {
    all: Vec<(u16, T)>,
}

/// Each with its number, in order.
type Walk<'a, T> = Map<slice::Iter<'a, (u16, T)>, fn(&'a (u16, T)) -> (u16, &'a T)>;

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self { all: Vec::new() }
    }
}

impl<T> Numbered<T> {
    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Tells whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Returns one.
    pub fn get(&self, n: u16) -> Option<&T> {
        let place = self.place(n).ok()?;
        Some(&self.all[place].1)
    }

    pub(crate) fn get_mut(&mut self, n: u16) -> Option<&mut T> {
        let place = self.place(n).ok()?;
        Some(&mut self.all[place].1)
    }

    /// Puts one in its place, for the one that was there.
    pub(crate) fn insert(&mut self, n: u16, one: T) {
        match self.place(n) {
            Ok(place) => self.all[place].1 = one,
            Err(place) => {
                // Most have one or two of a kind, and as many to the end.
                self.all.reserve_exact(1);
                self.all.insert(place, (n, one));
            }
        }
    }

    /// Walks them.
    pub fn iter(&self) -> Walk<'_, T> {
        self.all.iter().map(|(n, one)| (*n, one))
    }

    /// Walks them without their numbers.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.all.iter().map(|(_, one)| one)
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.all.iter_mut().map(|(_, one)| one)
    }

    /// Returns the first with its number.
    pub fn first(&self) -> Option<(u16, &T)> {
        self.iter().next()
    }

    /// Returns the last with its number.
    pub fn last(&self) -> Option<(u16, &T)> {
        self.iter().next_back()
    }

    fn place(&self, n: u16) -> Result<usize, usize> {
        self.all.binary_search_by_key(&n, |(n, _)| *n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_found_by_number_and_walked_in_order_whatever_came_first() {
        let mut numbered = Numbered::default();
        for n in [3, 1, 7] {
            numbered.insert(n, n * 10);
        }
        numbered.insert(1, 11);
        *numbered.get_mut(7).unwrap() += 1;

        let walked: Vec<_> = numbered.iter().map(|(n, one)| (n, *one)).collect();

        assert_eq!(walked, [(1, 11), (3, 30), (7, 71)]);
        assert_eq!(
            numbered.values().rev().copied().collect::<Vec<_>>(),
            [71, 30, 11]
        );
        assert_eq!((numbered.get(3), numbered.get(2)), (Some(&30), None));
        assert_eq!(
            (numbered.first(), numbered.last()),
            (Some((1, &11)), Some((7, &71)))
        );
        assert_eq!((numbered.len(), numbered.is_empty()), (3, false));
    }
}
