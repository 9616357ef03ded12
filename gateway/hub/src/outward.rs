//! How calls leave the house: by which trunks, in which order, and under which number.

use std::collections::BTreeMap;

use ws::id::{LegId, Number, QueueId, TrunkId};

use crate::{
    command::{Command, Detour, Target},
    event::{Event, InCall, Lack, Left, PassedOver},
    hub::Hub,
    input::{Referral, Rerouted},
};

/// What is configured of calls that leave by a trunk.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outward {
    /// The trunks of carriers that have several.
    pub carriers: BTreeMap<TrunkId, Vec<Share>>,
    /// The number shown by a trunk, where it has one of its own.
    pub trunk_numbers: BTreeMap<TrunkId, Number>,
    /// The number shown by a queue, where it has one of its own; it goes before that of the trunk.
    pub queue_numbers: BTreeMap<QueueId, Number>,
}

/// A trunk's share of its carrier's calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Which.
    pub trunk: TrunkId,
    /// The lower are tried first.
    pub priority: u16,
    /// How many of the calls begin by it, against others of the same priority.
    pub weight: u16,
}

impl Outward {
    /// Returns the trunks by which calls of `name`, a carrier or a trunk, go: the lowest priority first, and of those that have
    /// the same in an order that `luck` gives as their weights say (RFC 2782).
    pub fn ways(&self, name: &TrunkId, luck: u64) -> Vec<TrunkId> {
        let Some(shares) = self.carriers.get(name) else {
            return vec![name.clone()];
        };
        let mut left: Vec<&Share> = shares.iter().collect();
        left.sort_by(|a, b| (a.priority, &a.trunk).cmp(&(b.priority, &b.trunk)));
        let mut ways = Vec::new();
        while let Some(first) = left.first() {
            let level = left.iter().take_while(|one| one.priority == first.priority);
            let weights: Vec<_> = level.map(|one| u64::from(one.weight)).collect();
            let at = drawn(&weights, mix(luck, first.trunk.as_str()));
            ways.push(left.remove(at).trunk.clone());
        }
        ways
    }
}

// Each as often as its weight says; those without one are drawn when no others are left.
fn drawn(weights: &[u64], dice: u64) -> usize {
    let Some(mut rest) = dice.checked_rem(weights.iter().sum()) else {
        return 0;
    };
    let hit = weights.iter().position(|weight| {
        let is_it = rest < *weight;
        rest = rest.saturating_sub(*weight);
        is_it
    });
    hit.unwrap_or(0)
}

// SplitMix64 over FNV-1a: even, and the same for the same call.
fn mix(luck: u64, name: &str) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325 ^ luck;
    let hash = name.bytes().fold(start, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut z = hash.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Hub {
    /// Returns the trunks by which a call to `number` goes now, the first first.
    pub(crate) fn ways_to(&self, number: &Number) -> Vec<TrunkId> {
        let luck = mix(self.now.0, number.as_str());
        let name = self.setup.outbound.as_ref();
        name.map_or_else(Vec::new, |name| self.setup.outward.ways(name, luck))
    }

    /// Dials a number by a trunk that the gate gave, or by another of its carrier where that one cannot take it.
    pub(crate) fn dial_out(
        &mut self,
        leg: LegId,
        (trunk, number): (TrunkId, Number),
        name: Option<String>,
        referral: Option<Box<Referral>>,
    ) {
        let ways = self.ways_to(&number);
        self.note_toll(&number, &trunk);
        // A call that goes back to its own trunk has no other way.
        let first = ways.iter().position(|one| *one == trunk);
        let mut detours = Vec::new();
        for (at, other) in ways.into_iter().enumerate() {
            let spent = self.is_trunk_spent(&other);
            match first {
                Some(first) if at < first && spent => self.tell_spent(leg, &trunk, other),
                Some(first) if at != first => detours.push(Detour {
                    caller: self.caller_number(leg, &other),
                    trunk: other,
                    spent,
                }),
                Some(_) | None => {}
            }
        }
        self.ask(Command::Dial {
            leg,
            caller: self.caller_number(leg, &trunk),
            to: Target::Trunk { trunk, number },
            name,
            referral,
            detours,
        });
    }

    /// Says which trunks a call to whom a callee names was not tried by as their hour is spent: its `own`, or those before that
    /// which it goes by.
    pub(crate) fn tell_spent_before(
        &mut self,
        leg: LegId,
        own: Option<TrunkId>,
        (trunk, number): (&TrunkId, &Number),
    ) {
        if own.as_ref() == Some(trunk) {
            return;
        }
        let ways = self.ways_to(number).into_iter();
        let before = ways.take_while(|way| way != trunk);
        let before = before.filter(|way| Some(way) != own.as_ref());
        let mut spent: Vec<_> = own.iter().cloned().chain(before).collect();
        spent.retain(|way| self.is_trunk_spent(way));
        for over in spent {
            self.tell_spent(leg, trunk, over);
        }
    }

    // The gate went past a trunk whose hour is spent.
    fn tell_spent(&mut self, leg: LegId, by: &TrunkId, trunk: TrunkId) {
        let lack = Lack::PerHourOut;
        let step = InCall::Rerouted {
            leg,
            trunk: by.clone(),
            status: 503,
            left: None,
            why: Some(Left::Passed),
            passed_over: Some(PassedOver { trunk, lack }),
        };
        self.tell(Some(leg.interaction), Event::InCall(step));
    }

    pub(crate) fn caller_number(&self, leg: LegId, trunk: &TrunkId) -> Option<Number> {
        let outward = &self.setup.outward;
        let found = self.state.interaction(leg.interaction);
        let of_queue = found.and_then(|found| outward.queue_numbers.get(&found.queue));
        let of_trunk = || outward.trunk_numbers.get(trunk);
        let of_house = || self.setup.caller_number.as_ref();
        of_queue.or_else(of_trunk).or_else(of_house).cloned()
    }

    /// Takes notice that a call goes to another place than it was sent to, or by another trunk.
    pub(crate) fn leg_rerouted(&mut self, leg: LegId, to: Rerouted) {
        let found = self.state.interaction(leg.interaction);
        let live = found.and_then(|found| found.leg(leg));
        let Some(live) = live.filter(|leg| leg.is_live()) else {
            return;
        };
        // A call by the same trunk is one call, wherever it is sent.
        if live.party.trunk() != Some(&to.trunk) {
            self.note_trunk_toll(&to.trunk);
        }
        let step = InCall::Rerouted {
            leg,
            trunk: to.trunk,
            status: to.status,
            left: to.left,
            why: Some(to.why),
            passed_over: to.passed_over,
        };
        self.tell(Some(leg.interaction), Event::InCall(step));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(list: &[(&str, u16, u16)]) -> Outward {
        let share = |(trunk, priority, weight): &(&str, u16, u16)| Share {
            trunk: trunk.parse().unwrap(),
            priority: *priority,
            weight: *weight,
        };
        let carrier = "telco".parse().unwrap();
        Outward {
            carriers: [(carrier, list.iter().map(share).collect())].into(),
            ..Outward::default()
        }
    }

    #[test]
    fn trunks_are_tried_by_priority_and_begun_with_by_weight() {
        let outward = shares(&[("c", 2, 9), ("a", 1, 3), ("b", 1, 1), ("spare", 1, 0)]);
        let telco: TrunkId = "telco".parse().unwrap();
        let mut first = BTreeMap::new();
        for luck in 0..4_000 {
            let ways = outward.ways(&telco, luck);
            let names: Vec<_> = ways.iter().map(|way| way.as_str().to_owned()).collect();
            assert_eq!(names[2..], ["spare", "c"], "luck {luck}");
            *first.entry(names[0].clone()).or_insert(0) += 1;
        }

        let (a, b) = (first["a"], first["b"]);
        assert!(
            (2_800..3_200).contains(&a),
            "three quarters, not {a} and {b}"
        );
        assert_eq!(outward.ways(&telco, 7), outward.ways(&telco, 7));
    }

    #[test]
    fn a_trunk_that_is_no_carrier_s_goes_alone() {
        let pbx: TrunkId = "pbx".parse().unwrap();

        assert_eq!(Outward::default().ways(&pbx, 1), [pbx]);
    }
}
