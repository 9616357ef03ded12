//! How fast queues move, by channel: what the expected wait rests on. Worked out from what is seen since the start, and not
//! part of what lasts; what people were told is.
//!
//! Only times in which somebody waited with nobody before them count, so that a quiet hour does not make a queue look
//! slow: the interval is the time the line stood, by the services that ended it, over the last twenty services of half
//! an hour. It was measured with so many slots of agents who were ready; with more or fewer now it is scaled. Where there
//! were too few such services, it is the usual stay of a contact by the slots.

use std::{collections::VecDeque, time::Duration};

use ws::{
    agent::Channel,
    id::{QueueId, Timestamp},
};

use crate::{ids::ByName, step::Jump};

/// How many services and stays are looked back on, and for how long.
const LOOK_BACK: usize = 20;
const LONGEST: Duration = Duration::from_secs(1_800);
/// How many services are enough to measure.
const ENOUGH: usize = 3;

/// Where somebody waits with nobody asked.
pub(crate) type Stand = (QueueId, Channel);

/// The pace of every queue.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pace {
    flows: ByName<QueueId, [Flow; 2]>,
}

#[derive(Clone, Debug, Default)]
struct Flow {
    waiting: u32,
    /// Since when the time the line stands is counted.
    since: Timestamp,
    stood: Duration,
    services: VecDeque<Service>,
    stays: VecDeque<Duration>,
}

#[derive(Clone, Copy, Debug)]
struct Service {
    at: Timestamp,
    stood: Duration,
    slots: u32,
}

impl Pace {
    /// Takes in that an interaction waits elsewhere, or not any more.
    pub(crate) fn shift(&mut self, before: Option<Stand>, after: Option<Stand>, now: Timestamp) {
        if before == after {
            return;
        }
        if let Some((queue, channel)) = before {
            let flow = self.flow(queue, channel);
            flow.pass(now);
            flow.waiting = flow.waiting.saturating_sub(1);
        }
        if let Some((queue, channel)) = after {
            let flow = self.flow(queue, channel);
            flow.pass(now);
            flow.waiting += 1;
        }
    }

    /// Returns how many wait in a queue.
    pub(crate) fn waiting(&self, queue: &QueueId) -> usize {
        let flows = self.flows.get(queue).into_iter().flatten();
        flows.map(|flow| flow.waiting as usize).sum()
    }

    /// Takes in that an agent took somebody, while agents who were ready had so many slots.
    pub(crate) fn serve(&mut self, (queue, channel): Stand, slots: u32, now: Timestamp) {
        let flow = self.flow(queue, channel);
        flow.pass(now);
        let stood = std::mem::take(&mut flow.stood);
        // Whom nobody waited for says nothing of how fast a line moves.
        if !stood.is_zero() {
            keep(
                &mut flow.services,
                Service {
                    at: now,
                    stood,
                    slots,
                },
            );
        }
    }

    /// Takes in how long an agent had a contact, with its wrap-up.
    pub(crate) fn held(&mut self, (queue, channel): Stand, span: Duration) {
        keep(&mut self.flow(queue, channel).stays, span);
    }

    /// Returns how long one with so many before them is expected to wait, with so many slots of agents who are ready.
    pub(crate) fn expected(
        &self,
        queue: &QueueId,
        channel: Channel,
        (length, ahead): (u32, u32),
        slots: u32,
        now: Timestamp,
    ) -> Option<Duration> {
        if slots == 0 {
            return None;
        }
        let flow = &self.flows.get(queue)?[of(channel)];
        // Those before an agent already stand in the line, and in nobody's way.
        let asked = length.saturating_sub(flow.waiting);
        let place = ahead.saturating_sub(asked).saturating_add(1);
        Some(flow.interval(slots, now)?.saturating_mul(place))
    }

    /// Takes in that the time jumps: what was measured by it was before that.
    pub(crate) fn step(&mut self, jump: Jump) {
        for flow in self.flows.values_mut().flatten() {
            let services = flow.services.iter_mut().map(|service| &mut service.at);
            let all = services.chain([&mut flow.since]);
            all.for_each(|at| jump.move_on(at));
        }
    }

    fn flow(&mut self, queue: QueueId, channel: Channel) -> &mut Flow {
        &mut self.flows.entry(queue).or_default()[of(channel)]
    }
}

impl Flow {
    fn pass(&mut self, now: Timestamp) {
        if self.waiting > 0 {
            self.stood += now.since(self.since);
        }
        self.since = now;
    }

    fn interval(&self, slots: u32, now: Timestamp) -> Option<Duration> {
        // One after the other, the oldest first.
        let old = self.services.partition_point(|s| now.since(s.at) > LONGEST);
        let recent = self.services.range(old..);
        if recent.len() < ENOUGH {
            let stays = u32::try_from(self.stays.len()).unwrap_or(u32::MAX);
            let sum: Duration = self.stays.iter().sum();
            return (stays > 0).then(|| sum / stays / slots);
        }
        let count = u32::try_from(recent.len()).unwrap_or(u32::MAX);
        let mut stood: Duration = recent.clone().map(|service| service.stood).sum();
        // A line that stands still longer than it did is a slow one, before anybody was served.
        let standing = match self.waiting {
            0 => Duration::ZERO,
            _ => self.stood + now.since(self.since),
        };
        stood += standing.saturating_sub(stood / count);
        let usual: u32 = recent.map(|service| service.slots).sum();
        let usual = usual.max(1);
        Some(stood.mul_f64(f64::from(usual) / f64::from(count) / f64::from(slots)) / count)
    }
}

fn of(channel: Channel) -> usize {
    match channel {
        Channel::Voice => 0,
        Channel::Chat => 1,
    }
}

fn keep<T>(last: &mut VecDeque<T>, one: T) {
    if last.len() == LOOK_BACK {
        last.pop_front();
    }
    last.push_back(one);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stand() -> Stand {
        ("support".parse().unwrap(), Channel::Chat)
    }

    fn expected(pace: &Pace, ahead: u32, slots: u32, now: u64) -> Option<u64> {
        let (queue, channel) = stand();
        let length = pace.flows[&queue][of(channel)].waiting;
        let wait = pace.expected(
            &queue,
            channel,
            (length, ahead),
            slots,
            Timestamp(now * 1_000),
        );
        wait.map(|wait| wait.as_secs())
    }

    /// Ten wait from the first second on; one is taken every ten seconds.
    fn busy() -> Pace {
        let mut pace = Pace::default();
        for _ in 0..10 {
            pace.shift(None, Some(stand()), Timestamp(0));
        }
        for n in 1..=5 {
            let at = Timestamp(n * 10_000);
            pace.shift(Some(stand()), None, at);
            pace.serve(stand(), 2, at);
        }
        pace
    }

    #[test]
    fn the_wait_is_the_place_times_the_interval_of_services() {
        let pace = busy();

        assert_eq!(expected(&pace, 0, 2, 50), Some(10));
        assert_eq!(expected(&pace, 4, 2, 50), Some(50));
    }

    #[test]
    fn with_twice_as_many_slots_it_is_half_as_long_and_with_none_nobody_knows() {
        let pace = busy();

        assert_eq!(expected(&pace, 4, 4, 50), Some(25));
        assert_eq!(expected(&pace, 4, 0, 50), None);
    }

    #[test]
    fn an_hour_in_which_nobody_waited_does_not_make_it_longer() {
        let mut pace = Pace::default();
        for n in 0..5 {
            let (came, went) = (Timestamp(n * 600_000), Timestamp(n * 600_000 + 4_000));
            pace.shift(None, Some(stand()), came);
            pace.shift(Some(stand()), None, went);
            pace.serve(stand(), 1, went);
        }

        assert_eq!(expected(&pace, 0, 1, 2_500), Some(4));
    }

    #[test]
    fn a_line_that_stands_still_is_slower_than_it_was() {
        let pace = busy();

        let later = expected(&pace, 0, 2, 50 + 60).unwrap();

        assert!((11..=30).contains(&later), "{later}");
    }

    #[test]
    fn before_anything_was_measured_the_usual_stay_by_the_slots_counts() {
        let mut pace = Pace::default();
        pace.shift(None, Some(stand()), Timestamp(0));
        assert_eq!(expected(&pace, 0, 3, 1), None);
        pace.held(stand(), Duration::from_secs(300));

        assert_eq!(expected(&pace, 1, 3, 1), Some(200));
    }

    #[test]
    fn who_is_before_an_agent_is_in_nobodys_way() {
        let mut pace = busy();
        let at = Timestamp(50_000);
        pace.shift(Some(stand()), None, at);
        let (queue, channel) = stand();

        // Five stand in the line, one of them before an agent.
        let wait = pace.expected(&queue, channel, (5, 4), 2, at);

        assert_eq!(wait, Some(Duration::from_secs(40)));
    }
}
