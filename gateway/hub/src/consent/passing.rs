//! What strangers say of contact: it counts for a while and is then forgotten, the oldest first where there are too many.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use ws::{
    consent::ContactChannel,
    id::{CustomerId, Timestamp},
};

use super::{Mark, Source};

/// How long the word of somebody counts who is known by nothing but a browser: longer than a year.
pub const STRANGER: Duration = Duration::from_secs(400 * 86_400);

/// How many words of strangers are remembered.
const MOST: usize = 100_000;

type Key = (CustomerId, ContactChannel);

/// Which consents of records end by themselves, and when.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Passing {
    ends: BTreeMap<Key, Vec<Timestamp>>,
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

impl Mark {
    /// Returns when it is forgotten, where it is what a stranger said of themselves for a while.
    pub(super) fn passes(&self) -> Option<Timestamp> {
        self.until.filter(|_| self.source.is_customers())
    }

    /// Returns what is left of it and of what was said before when what strangers said until then is forgotten.
    pub(super) fn passed(mut self, until: Timestamp) -> Option<Self> {
        let stays = |mark: &Self| mark.passes().is_none_or(|end| end > until);
        let before = self.before.take().filter(|mark| stays(mark));
        match stays(&self) {
            true => Some(Self { before, ..self }),
            false => before.map(|mark| *mark),
        }
    }
}

impl Passing {
    /// Takes in what stands of a record's consent after something was said of it.
    pub(super) fn follow<'a>(&mut self, key: Key, consent: impl Iterator<Item = &'a Mark>) {
        self.remove(key.0, key.1);
        let ends: Vec<_> = consent.filter_map(Mark::passes).collect();
        self.order.extend(ends.iter().map(|until| (*until, key)));
        if !ends.is_empty() {
            self.ends.insert(key, ends);
        }
    }

    pub(super) fn remove(&mut self, customer: CustomerId, channel: ContactChannel) {
        let key = (customer, channel);
        for until in self.ends.remove(&key).into_iter().flatten() {
            self.order.remove(&(until, key));
        }
    }

    /// Returns of which record what is over at `at`, or is one too many, and until when that counted.
    pub(super) fn pop(&mut self, at: Timestamp) -> Option<(Key, Timestamp)> {
        let (until, key) = self.order.first().copied()?;
        if until > at && self.order.len() <= MOST {
            return None;
        }
        self.order.pop_first();
        if let Some(ends) = self.ends.get_mut(&key) {
            ends.retain(|end| *end != until);
            if ends.is_empty() {
                self.ends.remove(&key);
            }
        }
        Some((key, until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::{Change, Consents, Statement, Subject};

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
    fn what_a_stranger_said_of_themselves_leaves_what_was_said_before_and_counts_for_longer() {
        let mut consents = Consents::default();
        let ida = [Subject::Customer(CustomerId::new(1).unwrap())];
        let voice = ContactChannel::Voice;
        consents.apply(Timestamp(1), &stop(1, None, Source::Agent));
        let start = Statement {
            change: Change::Given,
            ..stop(1, Some(100), Source::Keyword)
        };
        consents.apply(Timestamp(2), &start);
        assert_eq!(consents.bar(&ida, voice, false, Timestamp(99)), None);

        consents.apply(Timestamp(100), &stop(2, None, Source::Api));

        let left = consents.get(&ida[0], voice).unwrap().consent.as_ref();
        assert_eq!(
            left.map(|mark| (mark.allows, mark.at)),
            Some((false, Timestamp(1)))
        );
    }

    #[test]
    fn what_a_stranger_said_is_forgotten_too_where_something_else_counts_before() {
        let mut consents = Consents::default();
        let ida = Subject::Customer(CustomerId::new(1).unwrap());
        consents.apply(Timestamp(1), &stop(1, Some(100), Source::Keyword));
        let given = Statement {
            change: Change::Given,
            ..stop(1, Some(50), Source::Api)
        };
        consents.apply(Timestamp(2), &given);

        consents.apply(Timestamp(100), &stop(2, None, Source::Api));

        let left = consents.get(&ida, ContactChannel::Voice).unwrap();
        let left = left.consent.as_ref().expect("what a program said stays");
        assert_eq!((left.allows, &left.before), (true, &None));
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
