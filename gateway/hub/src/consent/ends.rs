//! When what was said of customers ends: whoever shows it is told then.

use std::collections::{BTreeMap, BTreeSet};

use ws::{
    consent::ContactChannel,
    id::{CustomerId, Timestamp},
};

use super::{Mark, Standing, Subject};

/// Whose consent, or suppression, ends when.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Ends(BTreeMap<Timestamp, Ending>);

type Ending = BTreeSet<(CustomerId, ContactChannel, Kind)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Consent,
    Suppression,
}

impl Ends {
    /// Takes in how it stood with a subject, and how it stands now. Nothing is shown of addresses.
    pub(super) fn follow(
        &mut self,
        (subject, channel): (&Subject, ContactChannel),
        before: &Standing,
        after: &Standing,
    ) {
        let Subject::Customer(customer) = subject else {
            return;
        };
        for (kind, end) in ends(before) {
            if let Some(ending) = self.0.get_mut(&end) {
                ending.remove(&(*customer, channel, kind));
                if ending.is_empty() {
                    self.0.remove(&end);
                }
            }
        }
        for (kind, end) in ends(after) {
            let ending = self.0.entry(end).or_default();
            ending.insert((*customer, channel, kind));
        }
    }

    /// Returns the first end after a time.
    pub(super) fn next(&self, since: Timestamp) -> Option<Timestamp> {
        self.later(since).next().map(|(end, _)| *end)
    }

    /// Returns of whom something ended after a time, and by another.
    pub(super) fn between(
        &self,
        since: Timestamp,
        until: Timestamp,
    ) -> impl Iterator<Item = CustomerId> {
        let ended = self.later(since).take_while(move |(end, _)| **end <= until);
        ended.flat_map(|(_, of)| of.iter().map(|(customer, _, _)| *customer))
    }

    fn later(&self, since: Timestamp) -> impl Iterator<Item = (&Timestamp, &Ending)> {
        self.0.range(Timestamp(since.0.saturating_add(1))..)
    }
}

fn ends(standing: &Standing) -> impl Iterator<Item = (Kind, Timestamp)> {
    let marks = [
        (Kind::Consent, &standing.consent),
        (Kind::Suppression, &standing.suppression),
    ];
    marks.into_iter().flat_map(|(kind, mark)| {
        let each = mark.iter().flat_map(Mark::each);
        each.filter_map(move |mark| Some((kind, mark.until?)))
    })
}
