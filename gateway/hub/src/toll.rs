//! Toll fraud: how far and how often calls leave the house, by destination, agent, trunk and hour. What was dialled within
//! the hour is counted since the start, and is not part of what lasts.

mod standing;

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use ws::id::{AgentId, Number, Timestamp, TrunkId};

use crate::{gate::Closed, hub::Due, hub::Hub, numbering::Numbering, step::Jump};
use standing::Refusals;
pub use standing::{Limit, Standing};

const HOUR: Duration = Duration::from_secs(3_600);

/// What is configured of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TollSetup {
    /// Beginnings of numbers, such as `+49`; of those that fit the longest counts.
    pub prefixes: BTreeMap<String, Allowance>,
    /// Where none of them fits.
    pub others: Allowance,
    /// How many calls an agent may ask for within an hour.
    pub per_agent: Option<u32>,
    /// How many calls may leave the house within an hour.
    pub per_hour: Option<u32>,
    /// How many may leave by a trunk.
    pub per_trunk: BTreeMap<TrunkId, u32>,
}

/// Whether a destination may be called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Allowance {
    /// As often as wanted.
    #[default]
    Allow,
    /// Never.
    Deny,
    /// So often within an hour.
    PerHour(u32),
}

impl TollSetup {
    /// Returns the longest beginning of a number that has a rule, and the rule.
    pub fn rule(&self, number: &Number) -> (&str, Allowance) {
        let fitting = self.prefixes.iter();
        let fitting = fitting.filter(|(prefix, _)| number.as_str().starts_with(prefix.as_str()));
        let longest = fitting.max_by_key(|(prefix, _)| prefix.len());
        longest.map_or(("", self.others), |(prefix, rule)| (prefix, *rule))
    }

    // What is too short to be read as a number of the country is dialled there all the same: a rule that bounds or forbids it in
    // its `+` form counts, unless more of it has a rule as it is written.
    fn rule_of(&self, number: &Number, numbering: &Numbering) -> (&str, Allowance) {
        let read = numbering.read(number);
        let own = self.rule(&read);
        let Some(dialled) = numbering.dialled(&read) else {
            return own;
        };
        let (prefix, rule) = self.rule(&dialled.number);
        let covers = (prefix.len() + dialled.written).saturating_sub(dialled.stands);
        let covers = covers.max(dialled.written);
        let bounds = !prefix.is_empty() && rule != Allowance::Allow;
        if bounds && covers > own.0.len() {
            return (prefix, rule);
        }
        own
    }
}

/// What was dialled within the hour.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tolls {
    house: Window,
    prefixes: BTreeMap<String, Window>,
    agents: BTreeMap<AgentId, Window>,
    trunks: BTreeMap<TrunkId, Window>,
    refused: BTreeMap<Limit, Refusals>,
}

/// When calls were dialled, the oldest first; no more of them than the bound it is held against.
#[derive(Clone, Debug, Default)]
struct Window(VecDeque<Timestamp>);

impl Window {
    /// Returns how many were dialled within the hour, at most `bound`.
    fn spent(&self, bound: u32, now: Timestamp) -> u32 {
        let within = self.0.iter().rev();
        let within = within.take_while(|at| now.since(**at) < HOUR);
        u32::try_from(within.take(bound as usize).count()).unwrap_or(u32::MAX)
    }

    fn is_spent(&self, bound: u32, now: Timestamp) -> bool {
        self.spent(bound, now) >= bound
    }

    /// Returns when there is room again: when the oldest of as many as may is an hour old.
    fn frees(&self, bound: u32) -> Option<Timestamp> {
        let oldest = self.0.len().checked_sub(bound as usize)?;
        self.0.get(oldest).map(|at| *at + HOUR)
    }

    /// Notes a call; returns when there is room again, if there is none now.
    fn note(&mut self, bound: u32, now: Timestamp) -> Option<Timestamp> {
        self.0.push_back(now);
        while self.0.len() > bound as usize {
            self.0.pop_front();
        }
        let first = self.0.front().filter(|_| self.is_spent(bound, now));
        first.map(|first| *first + HOUR)
    }
}

impl Tolls {
    fn windows(&mut self) -> impl Iterator<Item = &mut Window> {
        let prefixes = self.prefixes.values_mut();
        let own = self.agents.values_mut().chain(self.trunks.values_mut());
        prefixes.chain(own).chain([&mut self.house])
    }
}

impl Hub {
    /// Takes in that the time jumps: an hour is one that passed, or a step of the clock would let twice as many calls out.
    pub(crate) fn step_tolls(&mut self, jump: Jump) {
        for Window(dialled) in self.tolls.windows() {
            dialled.iter_mut().for_each(|at| jump.move_on(at));
            if let Some(first) = dialled.front() {
                self.timers.insert((*first + HOUR, Due::Tolls));
            }
        }
    }

    /// Returns the beginning of a number that has a rule, as the number is read or dialled, and the rule.
    pub(crate) fn toll_rule(&self, number: &Number) -> (&str, Allowance) {
        let setup = &self.setup;
        setup.tolls.rule_of(number, &setup.numbering)
    }

    /// Tells whether a number is never called.
    pub(crate) fn denies_toll(&self, number: &Number) -> bool {
        self.toll_rule(number).1 == Allowance::Deny
    }

    /// Tells why a call to `number` may not leave the house now, if it may not; `by` is the agent who asks for it.
    pub(crate) fn toll(&self, number: &Number, by: Option<&AgentId>) -> Option<Closed> {
        let setup = &self.setup.tolls;
        let spent = |window: Option<&Window>, bound: Option<u32>| {
            bound.is_some_and(|bound| {
                bound == 0 || window.is_some_and(|window| window.is_spent(bound, self.now))
            })
        };
        let (prefix, rule) = self.toll_rule(number);
        let of_prefix = match rule {
            Allowance::Allow => None,
            Allowance::Deny => return Some(Closed::Denied),
            Allowance::PerHour(bound) => Some(bound),
        };
        let tolls = &self.tolls;
        let of_agent = by.and_then(|agent| tolls.agents.get(agent));
        if spent(tolls.prefixes.get(prefix), of_prefix) {
            Some(Closed::PrefixSpent)
        } else if by.is_some() && spent(of_agent, setup.per_agent) {
            Some(Closed::AgentSpent)
        } else if spent(Some(&tolls.house), setup.per_hour) {
            Some(Closed::HouseSpent)
        } else {
            None
        }
    }

    /// Tells whether a trunk has as many calls behind it in this hour as it may.
    pub(crate) fn is_trunk_spent(&self, trunk: &TrunkId) -> bool {
        let bound = self.setup.tolls.per_trunk.get(trunk).copied();
        let window = self.tolls.trunks.get(trunk);
        bound
            .zip(window)
            .is_some_and(|(bound, window)| window.is_spent(bound, self.now))
    }

    /// Counts a call that leaves the house.
    pub(crate) fn note_toll(&mut self, number: &Number, trunk: &TrunkId) {
        let setup = &self.setup;
        let (prefix, rule) = setup.tolls.rule_of(number, &setup.numbering);
        let of_prefix = match rule {
            Allowance::PerHour(bound) => {
                let window = self.tolls.prefixes.entry(prefix.to_owned()).or_default();
                window.note(bound, self.now)
            }
            Allowance::Allow | Allowance::Deny => None,
        };
        let per_hour = self.setup.tolls.per_hour;
        let of_house = per_hour.and_then(|bound| self.tolls.house.note(bound, self.now));
        for free in of_prefix.into_iter().chain(of_house) {
            self.timers.insert((free, Due::Tolls));
        }
        self.note_trunk_toll(trunk);
    }

    /// Counts a call by the trunk that it goes by.
    pub(crate) fn note_trunk_toll(&mut self, trunk: &TrunkId) {
        if let Some(bound) = self.setup.tolls.per_trunk.get(trunk) {
            let window = self.tolls.trunks.entry(trunk.clone()).or_default();
            if let Some(free) = window.note(*bound, self.now) {
                self.timers.insert((free, Due::Tolls));
            }
        }
    }

    /// Counts a call that an agent asked for.
    pub(crate) fn note_agent_toll(&mut self, agent: &AgentId) {
        if let Some(bound) = self.setup.tolls.per_agent {
            let window = self.tolls.agents.entry(agent.clone()).or_default();
            if let Some(free) = window.note(bound, self.now) {
                self.timers.insert((free, Due::Tolls));
            }
        }
    }

    /// There is room for calls again: promised ones that waited for it are looked at.
    pub(crate) fn tolls_free(&mut self) {
        let waiting = self.state.interactions();
        let waiting = waiting.filter(|found| found.callbacks.values().any(|one| one.is_pending()));
        let waiting: Vec<_> = waiting.map(|found| found.id).collect();
        self.touched.extend(waiting);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_beginning_of_a_number_decides() {
        let rules = [
            ("+49", Allowance::Allow),
            ("+49900", Allowance::Deny),
            ("+1", Allowance::PerHour(3)),
        ];
        let setup = TollSetup {
            prefixes: rules.map(|(prefix, rule)| (prefix.to_owned(), rule)).into(),
            others: Allowance::Deny,
            ..TollSetup::default()
        };

        for (number, rule) in [
            ("+4930100", Allowance::Allow),
            ("+49900100", Allowance::Deny),
            ("+12125550123", Allowance::PerHour(3)),
            ("+88212345", Allowance::Deny),
            ("201", Allowance::Deny),
        ] {
            assert_eq!(setup.rule(&number.parse().unwrap()).1, rule, "{number}");
        }
    }

    #[test]
    fn a_number_too_short_for_its_country_is_judged_as_it_is_dialled_there() {
        let numbering = Numbering::new(sip::trunk::NumberPlan {
            country: "46".into(),
            national: "0".into(),
            international: "00".into(),
            ..Default::default()
        });
        let setup = |rules: &[(&str, Allowance)], others| TollSetup {
            prefixes: (rules.iter())
                .map(|(prefix, rule)| ((*prefix).to_owned(), *rule))
                .collect(),
            others,
            ..TollSetup::default()
        };
        let (allow, deny) = (Allowance::Allow, Allowance::Deny);
        let services = [("+46939", deny), ("+46118", deny)];
        let house = [("+46", deny)];
        let known = [("+46939", deny), ("0939123", allow)];
        let nearer = [("+46", allow), ("+46939", Allowance::PerHour(2))];
        for (rules, others, number, rule) in [
            (&services[..], allow, "0939123", deny),
            (&services, allow, "+46939123", deny),
            (&services, allow, "11833", deny),
            (&services, allow, "112", allow),
            (&services, allow, "0931123", allow),
            (&house, allow, "0939123", deny),
            (&house, allow, "112", allow),
            (&known, allow, "0939123", allow),
            (&nearer, deny, "0939123", Allowance::PerHour(2)),
            (&nearer, deny, "0931123", deny),
            (&[("+", deny)], allow, "0931123", deny),
        ] {
            let setup = setup(rules, others);
            let found = setup.rule_of(&number.parse().unwrap(), &numbering).1;
            assert_eq!(found, rule, "{number} of {rules:?}");
        }
    }

    #[test]
    fn a_window_is_an_hour_long_and_keeps_no_more_than_its_bound() {
        let mut window = Window::default();
        let at = |minutes: u64| Timestamp(10_000_000 + minutes * 60_000);

        assert_eq!(window.note(2, at(0)), None);
        assert!(!window.is_spent(2, at(10)));
        assert_eq!(window.note(2, at(10)), Some(at(60)));
        assert!(window.is_spent(2, at(59)));
        assert!(!window.is_spent(2, at(60)));
        window.note(2, at(60));
        window.note(2, at(61));
        assert_eq!(window.0.len(), 2);
    }
}
