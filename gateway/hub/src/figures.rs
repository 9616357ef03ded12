//! What came of those who came, by queue, channel and quarter of an hour: the one fold behind the board, the API and the
//! metrics. A wait counts in the quarter in which it ended, who came in that in which they came. Kept are today and
//! yesterday (UTC).
//!
//! Of a wait there is a fact, so that what came of waits outlives a restart; stays of agents are counted since the start.

use std::collections::BTreeMap;

use ws::{
    agent::Channel,
    board::Activity,
    id::{AgentId, InteractionId, QueueId, Timestamp},
};

use crate::{
    event::{Event, Fact, InChat, WaitEnd},
    hub::Hub,
    interaction::{Assignment, Interaction},
    times::{self, Times},
};

/// A quarter of an hour, an hour and a day, in milliseconds.
pub const QUARTER: u64 = 900_000;
const HOUR: u64 = 3_600_000;
const DAY: u64 = 86_400_000;

/// The figures of all queues.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    quarters: BTreeMap<u64, BTreeMap<QueueId, [Tally; 2]>>,
}

/// Figures of one channel of a queue, or of several, over some time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Who came and waited, once their wait is over.
    pub arrived: u32,
    /// Who was answered: whose chat an agent took, or who spoke with one.
    pub answered: u32,
    /// Those of them who waited no longer than the target of that time.
    pub in_time: u32,
    /// Who left unserved.
    pub abandoned: u32,
    /// Those of them who left within the target.
    pub abandoned_early: u32,
    /// Who was sent elsewhere: to another queue, to leave a message, away, or to be called back.
    pub diverted: u32,
    /// What those who were answered had waited, in milliseconds.
    pub waited_ms: u64,
    /// Those answered who had been told how long it would take.
    pub promised: u32,
    /// By how much what they were told first was wrong, whichever way, in milliseconds.
    pub error_ms: u64,
    /// Stays of agents that ended.
    pub handled: u32,
    /// How long they had lasted, wrap-ups included, in milliseconds.
    pub handled_ms: u64,
}

/// Both usual definitions of a service level; none where nobody counts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Level {
    /// Answered in time, of those who were answered or left.
    pub of_answered: Option<f64>,
    /// Answered in time, of all who waited and did not leave within the target: also those who were sent elsewhere.
    pub of_offered: Option<f64>,
}

impl Tally {
    /// Returns whose wait ended, however.
    pub fn offered(&self) -> u32 {
        self.answered + self.abandoned + self.diverted
    }

    /// Returns the service level.
    pub fn level(&self) -> Level {
        Level {
            of_answered: share(self.in_time, self.answered + self.abandoned),
            of_offered: share(
                self.in_time,
                self.offered().saturating_sub(self.abandoned_early),
            ),
        }
    }

    /// Returns the share of those who left, of all whose wait ended.
    pub fn abandon_rate(&self) -> Option<f64> {
        share(self.abandoned, self.offered())
    }

    /// Returns what those who were answered had waited on average, in seconds.
    pub fn speed_of_answer(&self) -> Option<f64> {
        mean(self.waited_ms, self.answered)
    }

    /// Returns how long an agent had a contact on average, wrap-up included, in seconds.
    pub fn handle_time(&self) -> Option<f64> {
        mean(self.handled_ms, self.handled)
    }

    /// Returns by how much those who were told a time were told wrong on average, in seconds.
    pub fn promise_error(&self) -> Option<f64> {
        mean(self.error_ms, self.promised)
    }

    /// Adds the figures of another.
    pub fn add(&mut self, other: &Self) {
        self.arrived += other.arrived;
        self.answered += other.answered;
        self.in_time += other.in_time;
        self.abandoned += other.abandoned;
        self.abandoned_early += other.abandoned_early;
        self.diverted += other.diverted;
        self.waited_ms += other.waited_ms;
        self.promised += other.promised;
        self.error_ms += other.error_ms;
        self.handled += other.handled;
        self.handled_ms += other.handled_ms;
    }
}

fn share(count: u32, of: u32) -> Option<f64> {
    (of > 0).then(|| f64::from(count) / f64::from(of))
}

fn mean(milliseconds: u64, of: u32) -> Option<f64> {
    (of > 0).then(|| milliseconds as f64 / 1_000.0 / f64::from(of))
}

impl Figures {
    /// Returns the figures of one channel of a queue today.
    fn today(&self, queue: &QueueId, channel: Channel, now: Timestamp) -> Tally {
        self.since(queue, channel, now.0 - now.0 % DAY)
    }

    /// Returns them over the last hour, from the beginning of a quarter.
    fn hour(&self, queue: &QueueId, channel: Channel, now: Timestamp) -> Tally {
        self.since(queue, channel, now.0.saturating_sub(HOUR))
    }

    fn since(&self, queue: &QueueId, channel: Channel, from: u64) -> Tally {
        let mut sum = Tally::default();
        for queues in self.quarters.range(from / QUARTER..).map(|(_, all)| all) {
            if let Some(both) = queues.get(queue) {
                sum.add(&both[of(channel)]);
            }
        }
        sum
    }

    /// Walks the quarters since `from` with the figures of the whole house, the oldest first.
    fn quarters(&self, from: Timestamp) -> impl Iterator<Item = (Timestamp, Tally)> {
        self.quarters.range(from.0 / QUARTER..).map(|(n, queues)| {
            let mut sum = Tally::default();
            for both in queues.values() {
                both.iter().for_each(|tally| sum.add(tally));
            }
            (Timestamp(n * QUARTER), sum)
        })
    }

    pub(crate) fn end_wait(&mut self, event: &Event, at: Timestamp) {
        let Event::WaitEnded {
            queue,
            channel,
            came,
            end,
            target_ms,
            again,
            promises,
        } = event
        else {
            return;
        };
        let waited = u64::try_from(at.since(*came).as_millis()).unwrap_or(u64::MAX);
        let in_time = waited <= *target_ms;
        let error = promises.and_then(|promises| promises.first.error_ms(at));
        if let (WaitEnd::Answered, Some(error)) = (end, error) {
            let tally = self.tally(queue, *channel, at);
            tally.promised += 1;
            tally.error_ms += error.unsigned_abs();
        }
        // Who was served already and waits again was counted when they came.
        if *again {
            return;
        }
        self.tally(queue, *channel, *came).arrived += 1;
        let tally = self.tally(queue, *channel, at);
        match end {
            WaitEnd::Answered => {
                tally.answered += 1;
                tally.in_time += u32::from(in_time);
                tally.waited_ms += waited;
            }
            WaitEnd::Abandoned => {
                tally.abandoned += 1;
                tally.abandoned_early += u32::from(in_time);
            }
            WaitEnd::Elsewhere | WaitEnd::Message | WaitEnd::TurnedAway | WaitEnd::Callback => {
                tally.diverted += 1;
            }
        }
    }

    fn handle(&mut self, queue: &QueueId, stay: &Assignment, at: Timestamp) {
        let channel = match stay.voice {
            true => Channel::Voice,
            false => Channel::Chat,
        };
        let lasted = u64::try_from(at.since(stay.since).as_millis()).unwrap_or(u64::MAX);
        let tally = self.tally(queue, channel, at);
        tally.handled += 1;
        tally.handled_ms += lasted;
    }

    fn tally(&mut self, queue: &QueueId, channel: Channel, at: Timestamp) -> &mut Tally {
        let oldest = (at.0 / DAY).saturating_sub(1) * (DAY / QUARTER);
        while let Some((first, _)) = self.quarters.first_key_value()
            && *first < oldest
        {
            self.quarters.pop_first();
        }
        let queues = self.quarters.entry(at.0 / QUARTER).or_default();
        if !queues.contains_key(queue) {
            queues.insert(queue.clone(), Default::default());
        }
        let both = queues.get_mut(queue).expect("inserted above");
        &mut both[of(channel)]
    }
}

/// What is counted since the start: stays of agents, and what they spend their time with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watch {
    stays: Figures,
    pub(crate) times: Times,
}

impl Watch {
    /// Takes in that a stay ended in which the customer was met.
    pub(crate) fn handled(&mut self, queue: &QueueId, stay: &Assignment, at: Timestamp) {
        self.stays.handle(queue, stay, at);
    }
}

impl Hub {
    /// Returns the figures of one channel of a queue today.
    pub fn today(&self, queue: &QueueId, channel: Channel, now: Timestamp) -> Tally {
        self.counted(|figures| figures.today(queue, channel, now))
    }

    /// Returns them over the last hour, which begins with a quarter.
    pub fn hour(&self, queue: &QueueId, channel: Channel, now: Timestamp) -> Tally {
        self.counted(|figures| figures.hour(queue, channel, now))
    }

    /// Walks the quarters since `from` with what came of waits in the whole house, the oldest first.
    pub fn quarters(&self, from: Timestamp) -> impl Iterator<Item = (Timestamp, Tally)> {
        self.state.figures().quarters(from)
    }

    /// Returns what agents spend their time with.
    pub fn times(&self) -> &Times {
        &self.watch.times
    }

    fn counted(&self, look: impl Fn(&Figures) -> Tally) -> Tally {
        let mut sum = look(self.state.figures());
        sum.add(&look(&self.watch.stays));
        sum
    }

    /// Applies a fact to what lasts and to what is counted since the start.
    pub(crate) fn take_in(&mut self, fact: &Fact) {
        // What is said changes nothing of what agents do.
        if matches!(fact.event, Event::Said { .. }) {
            return self.state.apply(fact);
        }
        if let Event::AssignmentEnded { .. } = &fact.event
            && let Some(found) = fact.interaction.and_then(|id| self.state.interaction(id))
            && let Some(stay) = found.assignment.as_ref().filter(|stay| stay.met)
        {
            self.watch.handled(&found.queue, stay, fact.at);
        }
        let (before, company) = (self.busy(fact.interaction), self.company_in(fact));
        self.state.apply(fact);
        let after = self.busy(fact.interaction);
        for agent in company.into_iter().chain(self.company_in(fact)) {
            self.note_activity(&agent, fact.at);
        }
        if let Event::PresenceSet { agent, .. }
        | Event::InChat(
            InChat::MemberStarted { agent, .. } | InChat::MemberEnded { agent, .. },
        ) = &fact.event
        {
            self.note_activity(agent, fact.at);
        }
        if before == after {
            return;
        }
        let (before, after) = [before, after]
            .map(|busy| busy.map(|(agent, _)| agent))
            .into();
        let other = after.filter(|after| before.as_ref() != Some(after));
        for agent in before.into_iter().chain(other) {
            self.note_activity(&agent, fact.at);
        }
    }

    // The colleagues who speak in the call that a fact is of.
    fn company_in(&self, fact: &Fact) -> Vec<AgentId> {
        let found = fact.interaction.and_then(|id| self.state.interaction(id));
        let call = found.and_then(|found| found.call.as_ref());
        let colleagues = call.into_iter().flat_map(|call| call.colleagues());
        colleagues.cloned().collect()
    }

    // Whom an interaction keeps busy, and with what.
    fn busy(&self, id: Option<InteractionId>) -> Option<(AgentId, Option<Activity>)> {
        let stay = self.state.interaction(id?)?.assignment.as_ref()?;
        Some((stay.agent.clone(), times::part(stay)))
    }

    // What an agent does is worked out anew, from presence and what they hold.
    fn note_activity(&mut self, agent: &AgentId, at: Timestamp) {
        let Some(known) = self.state.agents().get(agent) else {
            return;
        };
        let held = known.chats.iter().chain(&known.calls);
        let held = held.filter_map(|id| self.state.interaction(*id));
        let parts = held.filter_map(|found| match &found.assignment {
            Some(stay) if stay.agent == *agent => times::part(stay),
            Some(_) | None if speaks(agent, found) => Some(Activity::Call),
            Some(_) | None => found.room.member(agent).map(|_| Activity::Chat),
        });
        let activity = times::doing(known, parts);
        self.watch.times.note(agent, activity, at);
    }
}

fn speaks(agent: &AgentId, found: &Interaction) -> bool {
    let call = found.call.as_ref();
    call.is_some_and(|call| call.colleagues().any(|one| one == agent))
}

fn of(channel: Channel) -> usize {
    match channel {
        Channel::Voice => 0,
        Channel::Chat => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Promised, Promises};

    fn support() -> QueueId {
        "support".parse().unwrap()
    }

    fn ended(figures: &mut Figures, at: u64, waited: u64, end: WaitEnd) {
        let event = Event::WaitEnded {
            queue: support(),
            channel: Channel::Voice,
            came: Timestamp(at - waited * 1_000),
            end,
            target_ms: 20_000,
            again: false,
            promises: None,
        };
        figures.end_wait(&event, Timestamp(at));
    }

    const NOON: u64 = DAY * 20_000 + DAY / 2;

    #[test]
    fn both_service_levels_count_as_they_are_defined() {
        let mut figures = Figures::default();
        for waited in [5, 20, 21, 60] {
            ended(&mut figures, NOON, waited, WaitEnd::Answered);
        }
        ended(&mut figures, NOON, 3, WaitEnd::Abandoned);
        ended(&mut figures, NOON, 90, WaitEnd::Abandoned);
        ended(&mut figures, NOON, 60, WaitEnd::Elsewhere);
        ended(&mut figures, NOON, 60, WaitEnd::Callback);
        ended(&mut figures, NOON, 60, WaitEnd::Message);

        let tally = figures.today(&support(), Channel::Voice, Timestamp(NOON));
        let level = tally.level();

        assert_eq!(level.of_answered, Some(2.0 / 6.0));
        assert_eq!(level.of_offered, Some(2.0 / 8.0));
        assert_eq!(tally.abandon_rate(), Some(2.0 / 9.0));
        assert_eq!(tally.speed_of_answer(), Some(26.5));
        let chats = figures.today(&support(), Channel::Chat, Timestamp(NOON));
        assert_eq!(chats.level(), Level::default());
    }

    #[test]
    fn the_hour_forgets_what_the_day_remembers_and_two_days_are_kept() {
        let mut figures = Figures::default();
        ended(&mut figures, NOON, 0, WaitEnd::Answered);
        let later = Timestamp(NOON + 2 * HOUR);

        let voice = Channel::Voice;
        assert_eq!(figures.hour(&support(), voice, later).answered, 0);
        assert_eq!(figures.today(&support(), voice, later).answered, 1);
        let tomorrow = Timestamp(NOON + DAY);
        assert_eq!(figures.today(&support(), voice, tomorrow).answered, 0);
        ended(&mut figures, NOON + DAY, 0, WaitEnd::Answered);
        assert_eq!(figures.quarters(Timestamp(0)).count(), 2);
        ended(&mut figures, NOON + 2 * DAY, 0, WaitEnd::Answered);
        assert_eq!(figures.quarters(Timestamp(0)).count(), 2);
    }

    #[test]
    fn the_error_of_the_first_promise_counts_whichever_way_it_was_wrong() {
        let mut figures = Figures::default();
        for expected in [30_000, 70_000] {
            let told = Promised {
                at: Timestamp(NOON - 60_000),
                position: 3,
                expected_ms: Some(expected),
            };
            let event = Event::WaitEnded {
                queue: support(),
                channel: Channel::Chat,
                came: Timestamp(NOON - 60_000),
                end: WaitEnd::Answered,
                target_ms: 20_000,
                again: true,
                promises: Some(Promises {
                    first: told,
                    last: told,
                }),
            };
            figures.end_wait(&event, Timestamp(NOON));
        }

        let tally = figures.today(&support(), Channel::Chat, Timestamp(NOON));

        assert_eq!(tally.promise_error(), Some(20.0));
        assert_eq!(tally.offered(), 0, "they were counted before");
    }
}
