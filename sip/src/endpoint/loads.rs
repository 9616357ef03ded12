//! How many calls each trunk has, and how fast they come, against its bounds.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::Instant;
use crate::trunk::{Bounds, Trunk};

use super::{CallKey, Lack};

const SECOND: Duration = Duration::from_secs(1);

/// What is going on by each trunk, by name.
#[derive(Debug, Default)]
pub(super) struct Loads(BTreeMap<String, Load>);

#[derive(Debug, Default)]
struct Load {
    inbound: Lane,
    outbound: Lane,
}

#[derive(Debug, Default)]
struct Lane {
    calls: u32,
    /// When everything that was let through would have come, had it come as evenly as the rate allows.
    due: Instant,
}

impl Loads {
    /// Lets a trunk have one more call, which counts for its rate, or tells by which bound it may not.
    pub fn admit(&mut self, trunk: &Trunk, key: CallKey, now: Instant) -> Result<(), Lack> {
        if let Some(lack) = self.lack(trunk, key, now) {
            return Err(lack);
        }
        let load = self.0.entry(trunk.name.clone()).or_default();
        load.lane(key).pass(bounds(trunk, key), now);
        Ok(())
    }

    /// Tells by which bound a trunk may not have one more call.
    pub fn lack(&self, trunk: &Trunk, key: CallKey, now: Instant) -> Option<Lack> {
        let all = self.calls(&trunk.name);
        if trunk.max_calls.is_some_and(|most| all >= most) {
            return Some(Lack::Calls);
        }
        let none = Lane::default();
        let load = self.0.get(&trunk.name);
        let lane = load.map_or(&none, |load| match key {
            CallKey::In(_) => &load.inbound,
            CallKey::Out(_) => &load.outbound,
        });
        lane.lack(bounds(trunk, key), now)
    }

    /// Returns how many calls a trunk has, both ways.
    pub fn calls(&self, trunk: &str) -> u32 {
        let load = self.0.get(trunk);
        load.map_or(0, |load| load.inbound.calls + load.outbound.calls)
    }

    /// Counts a call that began.
    pub fn begin(&mut self, trunk: &str, key: CallKey) {
        let load = self.0.entry(trunk.to_owned()).or_default();
        load.lane(key).calls += 1;
    }

    /// Counts a call that is over, or goes by another trunk.
    pub fn end(&mut self, trunk: &str, key: CallKey) {
        if let Some(load) = self.0.get_mut(trunk) {
            let lane = load.lane(key);
            lane.calls = lane.calls.saturating_sub(1);
        }
    }

    /// Forgets trunks that are gone from the settings and have no calls.
    pub fn retain(&mut self, trunks: &[Trunk]) {
        self.0.retain(|name, load| {
            let busy = load.inbound.calls + load.outbound.calls > 0;
            busy || trunks.iter().any(|trunk| trunk.name == *name)
        });
    }
}

impl Load {
    fn lane(&mut self, key: CallKey) -> &mut Lane {
        match key {
            CallKey::In(_) => &mut self.inbound,
            CallKey::Out(_) => &mut self.outbound,
        }
    }
}

impl Lane {
    fn lack(&self, bounds: Bounds, now: Instant) -> Option<Lack> {
        if bounds.calls.is_some_and(|most| self.calls >= most) {
            return Some(Lack::CallsOneWay);
        }
        let due = self.next(bounds, now)?;
        (due.since(now) > SECOND).then_some(Lack::Rate)
    }

    fn pass(&mut self, bounds: Bounds, now: Instant) {
        if let Some(due) = self.next(bounds, now) {
            self.due = due;
        }
    }

    fn next(&self, bounds: Bounds, now: Instant) -> Option<Instant> {
        let rate = bounds.rate.filter(|rate| *rate > 0)?;
        Some(self.due.max(now) + SECOND / rate)
    }
}

fn bounds(trunk: &Trunk, key: CallKey) -> Bounds {
    match key {
        CallKey::In(_) => trunk.manner.inbound,
        CallKey::Out(_) => trunk.manner.outbound,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_lets_through_a_second_s_worth_at_once_and_then_as_many_as_it_says() {
        let mut lane = Lane::default();
        let bounds = Bounds {
            calls: None,
            rate: Some(4),
        };
        let now = Instant::START + Duration::from_secs(100);

        let mut let_through = |now| {
            let fits = lane.lack(bounds, now).is_none();
            if fits {
                lane.pass(bounds, now);
            }
            fits
        };
        let at_once = (0..9).filter(|_| let_through(now)).count();
        let later = now + Duration::from_millis(500);
        let after_a_half = (0..9).filter(|_| let_through(later)).count();

        assert_eq!((at_once, after_a_half), (4, 2));
    }

    #[test]
    fn calls_are_bounded_each_way_and_given_back() {
        let mut loads = Loads::default();
        let mut trunk = crate::trunk::tests::trunk();
        trunk.manner.outbound.calls = Some(1);
        let (first, second) = (CallKey::Out(1), CallKey::Out(2));

        assert_eq!(loads.admit(&trunk, first, Instant::START), Ok(()));
        loads.begin(&trunk.name, first);
        let full = Err(Lack::CallsOneWay);
        assert_eq!(loads.admit(&trunk, second, Instant::START), full);
        assert_eq!(loads.admit(&trunk, CallKey::In(1), Instant::START), Ok(()));
        loads.end(&trunk.name, first);
        assert_eq!(loads.admit(&trunk, second, Instant::START), Ok(()));
    }
}
