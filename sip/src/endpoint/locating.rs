//! Trunks that are named by host: their servers are looked up before anybody is called there, and again before what the DNS
//! said is too old. No call waits for the DNS.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use rand::rngs::StdRng;

use crate::Instant;
use crate::locate::{Answer, Located, Locator, NotLocated, Query, Question};

use crate::trunk::{Destination, Place, Trunk};

use super::{Endpoint, Event, Output, Transport};

/// What the DNS says holds for no less and no more.
const BRIEFEST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(3_600);
/// A name that was not found, or not wholly, is looked up again after this, doubling up to the longest.
const AGAIN: Duration = Duration::from_secs(5);
const RAREST: Duration = Duration::from_secs(300);
/// How long all answers together may take; what is missing then counts as failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// The servers of every name that a trunk is known by.
#[derive(Debug, Default)]
pub(super) struct Locating {
    names: BTreeMap<Question, Name>,
}

#[derive(Debug)]
struct Name {
    /// What was found last; kept while the DNS does not answer.
    found: Option<Located>,
    state: State,
    failed: u32,
}

#[derive(Debug)]
enum State {
    /// The DNS is being asked, until then.
    Asking(Box<Locator>, Instant),
    /// What was found holds until then.
    Resting(Instant),
}

/// What became of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// The name.
    pub host: String,
    /// Its servers now, or why there is nothing new.
    pub outcome: Result<Vec<SocketAddr>, NotLocated>,
}

impl Locating {
    /// Keeps exactly these names; new ones are looked up at once.
    pub fn keep(&mut self, questions: Vec<Question>, now: Instant) {
        self.names.retain(|known, _| questions.contains(known));
        for question in questions {
            self.names.entry(question).or_insert(Name {
                found: None,
                state: State::Resting(now),
                failed: 0,
            });
        }
    }

    /// Returns every place of a name in the order in which one call tries them; none when it was not found.
    pub fn in_order(&self, question: &Question, rng: &mut StdRng) -> Vec<(Transport, SocketAddr)> {
        let found = self.found(question);
        found.map_or_else(Vec::new, |found| found.in_order(rng))
    }

    /// Returns every place of a name.
    pub fn places(&self, question: &Question) -> Vec<(Transport, SocketAddr)> {
        let found = self.found(question);
        found.map_or_else(Vec::new, |found| found.places().collect())
    }

    /// Tells whether a name stands for `address`.
    pub fn is_at(&self, question: &Question, address: IpAddr) -> bool {
        self.found(question).is_some_and(|found| {
            let mut places = found.places();
            places.any(|(_, place)| place.ip().to_canonical() == address.to_canonical())
        })
    }

    fn found(&self, question: &Question) -> Option<&Located> {
        self.names.get(question)?.found.as_ref()
    }

    /// Takes an answer; returns what became of names by it.
    pub fn handle_answer(&mut self, query: &Query, answer: &Answer, now: Instant) -> Vec<Change> {
        for name in self.names.values_mut() {
            if let State::Asking(locator, _) = &mut name.state {
                locator.handle_answer(query, answer.clone());
            }
        }
        self.settle(now)
    }

    /// Begins what is due; returns what became of names.
    pub fn handle_timeout(&mut self, now: Instant) -> Vec<Change> {
        for (question, name) in &mut self.names {
            match &mut name.state {
                State::Resting(until) if *until <= now => {
                    let locator = Box::new(Locator::new(question.clone()));
                    name.state = State::Asking(locator, now + PATIENCE);
                }
                State::Asking(locator, until) if *until <= now => locator.give_up(),
                State::Resting(_) | State::Asking(..) => {}
            }
        }
        self.settle(now)
    }

    /// Returns when [`Self::handle_timeout`] is next due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let due = |name: &Name| match &name.state {
            State::Asking(_, until) | State::Resting(until) => *until,
        };
        self.names.values().map(due).min()
    }

    /// Returns what the DNS is to be asked next.
    pub fn poll_query(&mut self) -> Option<Query> {
        self.names
            .values_mut()
            .find_map(|name| match &mut name.state {
                State::Asking(locator, _) => locator.poll_query(),
                State::Resting(_) => None,
            })
    }

    fn settle(&mut self, now: Instant) -> Vec<Change> {
        let mut changes = Vec::new();
        for (question, name) in &mut self.names {
            let State::Asking(locator, _) = &name.state else {
                continue;
            };
            let Some(outcome) = locator.outcome() else {
                continue;
            };
            let outcome = name.settled(outcome, now);
            changes.extend(outcome.map(|outcome| Change {
                host: question.host.clone(),
                outcome,
            }));
        }
        changes
    }
}

impl Name {
    // Returns what is news.
    fn settled(
        &mut self,
        outcome: Result<Located, NotLocated>,
        now: Instant,
    ) -> Option<Result<Vec<SocketAddr>, NotLocated>> {
        let whole = matches!(&outcome, Ok(found) if found.is_whole);
        let holds = match &outcome {
            Ok(found) if found.is_whole => found.ttl.clamp(BRIEFEST, LONGEST),
            Ok(_) | Err(_) => (AGAIN * 2_u32.saturating_pow(self.failed.min(6))).min(RAREST),
        };
        self.failed = if whole {
            0
        } else {
            self.failed.saturating_add(1)
        };
        self.state = State::Resting(now + holds);
        match outcome {
            // A part of the truth does not replace the whole of before.
            Ok(found) if found.is_whole || self.found.is_none() => {
                let places = |one: &Located| -> Vec<SocketAddr> {
                    one.places().map(|(_, place)| place).collect()
                };
                let now = places(&found);
                let is_news = self.found.as_ref().is_none_or(|was| places(was) != now);
                self.found = Some(found);
                is_news.then_some(Ok(now))
            }
            Ok(_) => None,
            // What is known stays in use: a DNS that is away ends no trunk.
            Err(error) => (self.failed == 1).then_some(Err(error)),
        }
    }
}

impl Endpoint {
    /// Looks up the names that the settings have, and no others.
    pub(super) fn locate(&mut self, now: Instant) {
        let named = |there: &Destination| match there {
            Destination::At(_) => None,
            Destination::Named(question) => Some(question.clone()),
        };
        let trunks = self.config.trunks.iter();
        let questions = trunks.flat_map(|trunk| trunk.destinations().filter_map(named));
        self.locating.keep(questions.collect(), now);
        let changes = self.locating.handle_timeout(now);
        self.located(changes, now);
    }

    /// Tells what became of names, and asks the DNS what is left to be asked.
    pub(super) fn located(&mut self, changes: Vec<Change>, now: Instant) {
        while let Some(query) = self.locating.poll_query() {
            self.outputs.push_back(Output::Ask(query));
        }
        let is_news = changes.iter().any(|change| change.outcome.is_ok());
        for Change { host, outcome } in changes {
            self.tell(match outcome {
                Ok(places) => Event::Located { host, places },
                Err(why) => Event::NotLocated { host, why },
            });
        }
        if is_news {
            self.reach_out(now);
        }
    }

    /// Returns where a destination of a trunk leads.
    pub(super) fn leads_to(&self, trunk: &Trunk, there: &Destination) -> Vec<Place> {
        let place = |(transport, address)| Place { transport, address };
        match there {
            Destination::At(address) => vec![place((trunk.transport, *address))],
            Destination::Named(question) => {
                let found = self.locating.places(question).into_iter();
                found.map(place).collect()
            }
        }
    }

    /// Returns every place of a trunk.
    pub(super) fn places(&self, trunk: &Trunk) -> Vec<Place> {
        let destinations = trunk.destinations();
        destinations
            .flat_map(|there| self.leads_to(trunk, there))
            .collect()
    }

    /// Returns every place of a trunk with the destination that leads there, in the order in which one call tries them.
    pub(super) fn spots(&mut self, trunk: &Trunk) -> Vec<(Destination, Place)> {
        let mut spots = Vec::new();
        for there in trunk.destinations() {
            let places = match there {
                Destination::At(address) => vec![(trunk.transport, *address)],
                Destination::Named(question) => self.locating.in_order(question, &mut self.rng),
            };
            let places = places.into_iter();
            spots.extend(places.map(|(transport, address)| {
                let place = Place { transport, address };
                (there.clone(), place)
            }));
        }
        spots
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::Families;
    use crate::locate::{Kind, Record, Wish};

    fn question() -> Question {
        Question {
            host: "carrier.example".into(),
            port: Some(5_060),
            wish: Wish::Udp,
            families: Families::V4(()),
        }
    }

    fn address(last: u8) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, last], 5_060))
    }

    fn answered(last: u8, ttl: u64) -> Answer {
        Answer::Found {
            records: vec![Record::Address(address(last).ip())],
            ttl: Duration::from_secs(ttl),
        }
    }

    fn asked(locating: &mut Locating, now: Instant) -> Option<Query> {
        locating.handle_timeout(now);
        locating.poll_query()
    }

    #[test]
    fn a_name_is_looked_up_again_when_what_was_said_is_too_old() {
        let (mut locating, mut now) = (Locating::default(), Instant::START);
        locating.keep(vec![question()], now);
        let query = asked(&mut locating, now).unwrap();
        assert_eq!(query.kind, Kind::A);

        let news = locating.handle_answer(&query, &answered(1, 60), now);
        assert_eq!(news[0].outcome, Ok(vec![address(1)]));
        assert_eq!(locating.poll_timeout(), Some(now + Duration::from_secs(60)));
        now += Duration::from_secs(60);
        let again = asked(&mut locating, now).unwrap();
        let same = locating.handle_answer(&again, &answered(1, 60), now);
        assert!(same.is_empty(), "nothing changed");
        now += Duration::from_secs(60);
        let again = asked(&mut locating, now).unwrap();
        locating.handle_answer(&again, &answered(2, 60), now);

        assert_eq!(locating.places(&question()), [(Transport::Udp, address(2))]);
        assert!(locating.is_at(&question(), address(2).ip()));
        assert!(!locating.is_at(&question(), address(1).ip()));
    }

    #[test]
    fn what_is_known_stays_in_use_while_the_dns_is_dead() {
        let (mut locating, mut now) = (Locating::default(), Instant::START);
        locating.keep(vec![question()], now);
        let query = asked(&mut locating, now).unwrap();
        locating.handle_answer(&query, &answered(1, 60), now);
        now += Duration::from_secs(60);
        asked(&mut locating, now).unwrap();

        let mut told = Vec::new();
        let mut tries = 0;
        for _ in 0..3_600 {
            now += Duration::from_secs(1);
            told.extend(locating.handle_timeout(now));
            tries += usize::from(locating.poll_query().is_some());
        }

        assert_eq!(told.len(), 1, "it is told once");
        assert_eq!(told[0].outcome, Err(NotLocated::NoAnswer));
        assert_eq!(locating.places(&question()), [(Transport::Udp, address(1))]);
        assert!((8..40).contains(&tries), "{tries}");
    }

    #[test]
    fn names_that_no_trunk_has_are_forgotten() {
        let (mut locating, now) = (Locating::default(), Instant::START);
        locating.keep(vec![question()], now);
        asked(&mut locating, now).unwrap();

        locating.keep(Vec::new(), now);

        assert_eq!(locating.poll_timeout(), None);
        assert!(locating.places(&question()).is_empty());
    }
}
