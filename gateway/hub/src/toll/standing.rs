//! How the limits on calls that leave the house stand: who is near one, who reached it, and how many calls it refused.

use std::collections::BTreeMap;

use ws::id::{AgentId, Number, Timestamp, TrunkId};

use super::{Allowance, HOUR};
use crate::{gate::Closed, hub::Hub};

/// From which share of a bound on a limit is told of, in hundredths.
const NEAR: u64 = 80;
/// The spans refusals are counted in, in milliseconds.
const MINUTE: u64 = 60_000;

/// What is bounded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    /// All calls that leave the house.
    House,
    /// Those to numbers with a beginning; empty for all numbers that no rule names.
    Prefix(String),
    /// Those that an agent asks for.
    Agent(AgentId),
    /// Those by a trunk.
    Trunk(TrunkId),
}

impl Limit {
    /// Returns what is bounded in one word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::House => "house",
            Self::Prefix(_) => "prefix",
            Self::Agent(_) => "agent",
            Self::Trunk(_) => "trunk",
        }
    }
}

/// How a limit stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Which.
    pub limit: Limit,
    /// How many calls may go within an hour; 0 where none may.
    pub bound: u32,
    /// How many went within the last hour, at most the bound.
    pub spent: u32,
    /// How many it refused within the last hour, to the minute.
    pub refused: u32,
    /// When there is room again, where there is none now and ever will be.
    pub frees: Option<Timestamp>,
}

impl Standing {
    /// Tells whether the bound is near.
    pub fn is_near(&self) -> bool {
        let near = u64::from(self.bound) * NEAR;
        self.bound > 0 && u64::from(self.spent) * 100 >= near
    }

    /// Tells whether no call may go now.
    pub fn is_reached(&self) -> bool {
        self.spent >= self.bound
    }

    fn matters(&self) -> bool {
        self.refused > 0 || self.is_near()
    }
}

/// How often something happened within the last hour, by minutes.
#[derive(Clone, Debug, Default)]
pub(super) struct Refusals(BTreeMap<u64, u32>);

impl Refusals {
    fn note(&mut self, now: Timestamp) {
        let minute = now.0 / MINUTE;
        let first = minute.saturating_sub(HOUR.as_secs() / 60);
        // Kept are the minutes of an hour, and not more where a clock was set back.
        self.0.retain(|at, _| (first + 1..=minute).contains(at));
        let count = self.0.entry(minute).or_default();
        *count = count.saturating_add(1);
    }

    fn within(&self, now: Timestamp) -> u32 {
        let minute = now.0 / MINUTE;
        let first = minute.saturating_sub(HOUR.as_secs() / 60);
        let within = self.0.range(first + 1..=minute);
        within.fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }
}

impl Hub {
    /// Counts a call that the gate refused for what was dialled within the hour, or for where it goes.
    pub(crate) fn note_refused_toll(
        &mut self,
        closed: Closed,
        number: &Number,
        by: Option<&AgentId>,
    ) {
        let limits = match closed {
            Closed::Denied | Closed::PrefixSpent => {
                let (prefix, _) = self.toll_rule(number);
                vec![Limit::Prefix(prefix.to_owned())]
            }
            Closed::AgentSpent => by.cloned().map(Limit::Agent).into_iter().collect(),
            Closed::HouseSpent => vec![Limit::House],
            Closed::TrunkSpent => {
                let ways = self.ways_to(number).into_iter();
                ways.map(Limit::Trunk).collect()
            }
            Closed::Suppressed
            | Closed::Withdrawn
            | Closed::NoConsent
            | Closed::Listed
            | Closed::Draining
            | Closed::NoTrunk
            | Closed::NotAllowed
            | Closed::Unreadable
            | Closed::NoAddress
            | Closed::OnCall
            | Closed::NoRoom => return,
        };
        for limit in limits {
            let refusals = self.tolls.refused.entry(limit).or_default();
            refusals.note(self.now);
        }
    }

    /// Returns the limits that are near or reached, or refused a call within the last hour; the fullest in front.
    pub fn tolls_told(&self, now: Timestamp) -> Vec<Standing> {
        let setup = &self.setup.tolls;
        let tolls = &self.tolls;
        let house = setup.per_hour.map(|bound| (Limit::House, bound));
        let rules = setup.prefixes.iter();
        let rules = rules.map(|(prefix, rule)| (prefix.as_str(), *rule));
        let prefixes = rules.chain([("", setup.others)]);
        let prefixes = prefixes.filter_map(|(prefix, rule)| {
            let bound = match rule {
                Allowance::Allow => return None,
                Allowance::Deny => 0,
                Allowance::PerHour(bound) => bound,
            };
            Some((Limit::Prefix(prefix.to_owned()), bound))
        });
        let agents = setup.per_agent.into_iter().flat_map(|bound| {
            let agents = tolls.agents.keys();
            agents.map(move |agent| (Limit::Agent(agent.clone()), bound))
        });
        let trunks = setup.per_trunk.iter();
        let trunks = trunks.map(|(trunk, bound)| (Limit::Trunk(trunk.clone()), *bound));
        let limits = house
            .into_iter()
            .chain(prefixes)
            .chain(agents)
            .chain(trunks);
        let standing = limits.map(|(limit, bound)| {
            let window = match &limit {
                Limit::House => Some(&tolls.house),
                Limit::Prefix(prefix) => tolls.prefixes.get(prefix),
                Limit::Agent(agent) => tolls.agents.get(agent),
                Limit::Trunk(trunk) => tolls.trunks.get(trunk),
            };
            let refused = tolls.refused.get(&limit);
            let refused = refused.map_or(0, |refusals| refusals.within(now));
            let spent = window.map_or(0, |window| window.spent(bound, now));
            let frees = window.and_then(|window| window.frees(bound));
            Standing {
                limit,
                bound,
                spent,
                refused,
                frees: frees.filter(|_| bound > 0 && spent >= bound),
            }
        });
        let mut told: Vec<_> = standing.filter(Standing::matters).collect();
        told.sort_by_key(|one| {
            let share = u64::from(one.spent) * 100 / u64::from(one.bound.max(1));
            (std::cmp::Reverse((share, one.refused)), one.limit.clone())
        });
        told
    }
}
