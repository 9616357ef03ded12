//! What strangers say of contact: it counts for a while and is then forgotten, the oldest first where there are too many.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use ws::{
    consent::ContactChannel,
    id::{CustomerId, Timestamp},
};

use super::{Change, Source, Statement, Subject};

/// How long the word of somebody counts who is known by nothing but a browser: longer than a year.
pub const STRANGER: Duration = Duration::from_secs(400 * 86_400);

/// How many words of strangers are remembered.
const MOST: usize = 100_000;

type Key = (CustomerId, ContactChannel);

/// Which consents of records end by themselves, and when.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Passing {
    ends: BTreeMap<Key, Timestamp>,
    order: BTreeSet<(Timestamp, Key)>,
}

impl Source {
    /// Tells whether customers say it themselves, whoever they are.
    pub fn is_customers(self) -> bool {
        match self {
            Self::Keyword | Self::Keypad | Self::Link => true,
            Self::Agent | Self::Api | Self::Network => false,
        }
    }
}

impl Statement {
    /// Returns of which record it is, where it is what a stranger said of themselves for a while.
    fn passes(&self) -> Option<(Key, Option<Timestamp>)> {
        let Subject::Customer(customer) = self.subject else {
            return None;
        };
        match self.change {
            Change::Given | Change::Withdrawn => {
                let until = self.until.filter(|_| self.source.is_customers());
                Some(((customer, self.channel), until))
            }
            Change::Suppressed | Change::Unsuppressed => None,
        }
    }
}

impl Passing {
    /// Takes in that something was said: the last word is what passes, or stays.
    pub(super) fn follow(&mut self, said: &Statement) {
        let Some(((customer, channel), until)) = said.passes() else {
            return;
        };
        self.remove(customer, channel);
        if let Some(until) = until {
            self.ends.insert((customer, channel), until);
            self.order.insert((until, (customer, channel)));
        }
    }

    pub(super) fn remove(&mut self, customer: CustomerId, channel: ContactChannel) {
        let key = (customer, channel);
        if let Some(until) = self.ends.remove(&key) {
            self.order.remove(&(until, key));
        }
    }

    pub(super) fn has(&self, customer: CustomerId, channel: ContactChannel) -> bool {
        self.ends.contains_key(&(customer, channel))
    }

    /// Returns one that is over at `at`, or is one too many.
    pub(super) fn pop(&mut self, at: Timestamp) -> Option<Key> {
        let (until, (customer, channel)) = self.order.first().copied()?;
        if until > at && self.order.len() <= MOST {
            return None;
        }
        self.remove(customer, channel);
        Some((customer, channel))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::Consents;

    fn stop(n: u128, until: Option<u64>, source: Source) -> Statement {
        Statement {
            subject: Subject::Customer(CustomerId::new(n).unwrap()),
            channel: ContactChannel::Voice,
            change: Change::Withdrawn,
            source,
            reason: None,
            until: until.map(Timestamp),
            by: None,
        }
    }

    #[test]
    fn what_a_stranger_said_is_forgotten_when_it_is_over_and_what_staff_said_is_not() {
        let mut consents = Consents::default();
        consents.apply(Timestamp(1), &stop(1, Some(100), Source::Keyword));
        consents.apply(Timestamp(1), &stop(2, Some(100), Source::Agent));
        consents.apply(Timestamp(1), &stop(3, Some(100), Source::Keyword));
        consents.apply(Timestamp(2), &stop(3, None, Source::Keyword));

        consents.apply(Timestamp(100), &stop(4, None, Source::Api));

        let there = [1, 2, 3, 4].map(|n| {
            let subject = Subject::Customer(CustomerId::new(n).unwrap());
            consents.get(&subject, ContactChannel::Voice).is_some()
        });
        assert_eq!(there, [false, true, true, true]);
    }

    #[test]
    fn however_many_strangers_say_something_there_is_a_bound() {
        let mut consents = Consents::default();
        let many = MOST as u64 + 10;

        for n in 1..=many {
            let said = stop(u128::from(n), Some(1_000_000 + n), Source::Keyword);
            consents.apply(Timestamp(n), &said);
        }

        assert_eq!(consents.standings.len(), MOST);
        let last = Subject::Customer(CustomerId::new(u128::from(many)).unwrap());
        assert!(consents.get(&last, ContactChannel::Voice).is_some());
    }
}
