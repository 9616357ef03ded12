//! Waits: when one begins and what comes of it, and what those who wait are told of their place and the time it will take.
//! What they are told is a fact, so that it can be held against what came.

use std::time::Duration;

use ws::{
    agent::Channel,
    id::{InteractionId, QueueId, Timestamp},
    timeline::Author,
};

use crate::{
    demand::Skills,
    event::{Event, Promised, Promises, WaitEnd},
    hub::Hub,
    interaction::{CallKind, Callback, Entry, Interaction},
    leg::Leg,
    pace,
    queue::Queue,
};

/// How long a promise stands before another is looked for.
const STANDS: Duration = Duration::from_secs(10);
/// How far off a promise may be before another is made.
const OFF: Duration = Duration::from_secs(30);

/// A customer's wait in one queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Wait {
    /// Where.
    pub queue: QueueId,
    /// For what.
    pub channel: Channel,
    /// Since when.
    pub came: Timestamp,
    /// Whether an agent had the customer before, so that it is no arrival.
    pub again: bool,
    /// What they were told.
    pub promises: Option<Promises>,
}

impl Interaction {
    // A promised call waits for an agent, not its customer.
    pub(crate) fn begin_wait(&mut self, at: Timestamp, channel: Channel, queue: &QueueId) {
        let call = self.call.as_ref();
        let here = match channel {
            Channel::Chat => self.writes(),
            Channel::Voice => call.is_some_and(|call| call.kind == CallKind::Inbound),
        };
        match &mut self.wait {
            Some(wait) => wait.channel = channel,
            None if here => {
                self.wait = Some(Wait {
                    queue: queue.clone(),
                    channel,
                    came: at,
                    again: self.met,
                    promises: None,
                });
            }
            None => {}
        }
    }

    pub(crate) fn promise_wait(&mut self, told: Promised) {
        if let Some(wait) = &mut self.wait {
            let first = wait.promises.map_or(told, |promises| promises.first);
            wait.promises = Some(Promises { first, last: told });
        }
    }
}

impl Hub {
    /// Ends a wait with what came of it; tells whether one ended.
    pub(crate) fn settle_wait(&mut self, id: InteractionId) -> bool {
        let found = self.state.interaction(id);
        let Some((wait, end)) = found.and_then(|f| Some((f.wait.clone()?, came_of(f)?))) else {
            return false;
        };
        let target = self.setup.queues.get(&wait.queue);
        let target = target.map_or(Duration::ZERO, |queue| queue.target);
        self.tell(
            Some(id),
            Event::WaitEnded {
                queue: wait.queue,
                channel: wait.channel,
                came: wait.came,
                end,
                target_ms: milliseconds(target),
                again: wait.again,
                promises: wait.promises,
            },
        );
        true
    }

    /// Tells somebody who waits where they stand and how long it will take, where that is news; returns when it is to be
    /// looked again.
    pub(crate) fn tell_wait(&mut self, id: InteractionId) -> Option<Timestamp> {
        let found = self.state.interaction(id).filter(|f| f.is_waiting())?;
        let wait = found.wait.as_ref()?;
        let last = wait.promises.as_ref().map(|promises| &promises.last);
        if last.is_some_and(|last| self.now.since(last.at) < STANDS) {
            return self.tells_at(found);
        }
        let again = self.tells_at(found);
        let entry = found.entry.as_ref()?;
        let queue = self.state.queues().get(&entry.queue)?;
        let Some((position, ahead)) = queue.place(&entry.key, entry.channel) else {
            return again;
        };
        let expected = self.expected_of(entry, queue, ahead);
        if last.is_some_and(|last| !is_news(last, position, expected, self.now)) {
            return again;
        }
        let (queue, channel) = (wait.queue.clone(), wait.channel);
        let told = Promised {
            at: self.now,
            position,
            expected_ms: expected.map(milliseconds),
        };
        self.tell(
            Some(id),
            Event::WaitPromised {
                queue,
                channel,
                told,
            },
        );
        self.tells_at(self.state.interaction(id)?)
    }

    /// Returns when it is to be looked whether somebody who waits is to be told something else.
    pub(crate) fn tells_at(&self, found: &Interaction) -> Option<Timestamp> {
        let last = found.wait.as_ref()?.promises?.last;
        // The longer it stood, the less it matters; and a time far off is not wrong by standing still for so long.
        let left = last
            .left_ms(self.now)
            .map_or(Duration::ZERO, Duration::from_millis);
        let stands = STANDS.max(left / 8);
        Some(self.now + stands.max(self.now.since(last.at) / 2))
    }

    /// Returns how many wait in a queue with no agent asked yet: what its limit counts.
    pub(crate) fn waiting_in(&self, queue: &QueueId) -> usize {
        self.pace.waiting(queue)
    }

    pub(crate) fn expected_wait_of(&self, found: &Interaction) -> Option<Duration> {
        let entry = found.entry.as_ref()?;
        let queue = self.state.queues().get(&entry.queue)?;
        let (_, ahead) = queue.place(&entry.key, entry.channel)?;
        self.expected_of(entry, queue, ahead)
    }

    // With so many in front of an entry.
    fn expected_of(&self, entry: &Entry, queue: &Queue, ahead: u32) -> Option<Duration> {
        // How long one agent takes is known of nobody.
        if entry.kept_until.is_some() {
            return None;
        }
        let place = (queue.length_in(entry.channel), ahead);
        let waited = self.now.since(entry.key.since);
        self.expected_at(&entry.queue, entry.channel, place, waited)
    }

    /// Returns how long one who comes to a queue at a time is expected to wait, as far as that can be told; nobody waits where
    /// it is closed and something else is done.
    pub fn expected_wait(
        &self,
        queue: &QueueId,
        channel: Channel,
        at: Timestamp,
    ) -> Option<Duration> {
        if self.is_shut(queue, channel, at) {
            return None;
        }
        match self.has_free(queue, &Skills::default(), channel) {
            true => Some(Duration::ZERO),
            false => self.expected_behind_all(queue, channel),
        }
    }

    /// Returns how long one behind all who wait is expected to wait, with nobody free.
    pub(crate) fn expected_behind_all(
        &self,
        queue: &QueueId,
        channel: Channel,
    ) -> Option<Duration> {
        let line = self.state.queues().get(queue);
        let length = line.map_or(0, |line| line.length_in(channel));
        self.expected_at(queue, channel, (length, length), Duration::ZERO)
    }

    // With so many waiting, and so many of them in front. Nobody comes sooner than the skills that are asked relax.
    fn expected_at(
        &self,
        queue: &QueueId,
        channel: Channel,
        place: (u32, u32),
        waited: Duration,
    ) -> Option<Duration> {
        let slots = self.hands.slots(queue, channel);
        let expected = self.pace.expected(queue, channel, place, slots, self.now)?;
        Some(expected.max(self.hands.soonest(queue).saturating_sub(waited)))
    }

    /// Takes in what a fact about an interaction, which stood as `before`, does to the pace of its queue.
    pub(crate) fn note_pace(&mut self, id: InteractionId, before: &Before, event: &Event) {
        let found = self.state.interaction(id);
        let after = found.and_then(stand);
        let now = self.now;
        self.pace.shift(before.stand.clone(), after, now);
        match (event, found) {
            (Event::Assigned { channel, .. }, Some(found)) => {
                let queue = found.queue.clone();
                let slots = self.hands.slots(&queue, *channel);
                self.pace.serve((queue, *channel), slots, now);
            }
            (Event::AssignmentEnded { .. }, _) => {
                // A stay in which nobody was met says nothing of how long contacts take.
                if let Some((stand, since)) = &before.stay {
                    self.pace.held(stand.clone(), now.since(*since));
                }
            }
            _ => {}
        }
    }
}

/// How an interaction stood before a fact.
#[derive(Clone, Debug, Default)]
pub(crate) struct Before {
    stand: Option<pace::Stand>,
    stay: Option<(pace::Stand, Timestamp)>,
}

impl Before {
    /// Remembers how an interaction stands, where the fact that comes may move it.
    pub(crate) fn of(found: &Interaction, event: &Event) -> Option<Self> {
        let moves = matches!(
            event,
            Event::Queued { .. }
                | Event::Dequeued { .. }
                | Event::Offered { .. }
                | Event::OfferEnded { .. }
                | Event::Assigned { .. }
                | Event::AssignmentEnded { .. }
        );
        moves.then(|| Self {
            stand: stand(found),
            stay: found
                .assignment
                .as_ref()
                .filter(|stay| stay.met)
                .map(|stay| {
                    let channel = match stay.voice {
                        true => Channel::Voice,
                        false => Channel::Chat,
                    };
                    ((found.queue.clone(), channel), stay.since)
                }),
        })
    }
}

/// Tells where an interaction waits with nobody asked.
pub(crate) fn stand(found: &Interaction) -> Option<pace::Stand> {
    let waits = |entry: &&Entry| found.offer.is_none() && !entry.key.waits_for_quiet();
    let entry = found.entry.as_ref().filter(waits)?;
    Some((entry.queue.clone(), entry.channel))
}

fn came_of(found: &Interaction) -> Option<WaitEnd> {
    let wait = found.wait.as_ref()?;
    let call = found.call.as_ref();
    let (answered, here) = match wait.channel {
        Channel::Chat => {
            let stay = found.assignment.as_ref();
            (stay.is_some_and(|stay| stay.chat), found.chat)
        }
        Channel::Voice => {
            let inbound = call.filter(|call| call.kind == CallKind::Inbound);
            let leg = inbound.and_then(|call| found.leg(call.customer));
            let bridged = inbound.is_some_and(|call| call.bridged.is_some());
            (bridged, leg.is_some_and(Leg::is_live))
        }
    };
    // One that a program or an agent promised was not what they were waiting for.
    let instead = |promise: &Callback| {
        promise.is_open() && (promise.plan.place.is_some() || promise.by == Author::Customer)
    };
    if answered {
        Some(WaitEnd::Answered)
    } else if found.turned.is_some() {
        Some(WaitEnd::TurnedAway)
    } else if found.message.is_some() || found.leaves_voicemail() {
        Some(WaitEnd::Message)
    } else if !here && found.callbacks.values().any(instead) {
        Some(WaitEnd::Callback)
    } else if !here {
        Some(WaitEnd::Abandoned)
    } else if found.queue != wait.queue {
        Some(WaitEnd::Elsewhere)
    } else {
        None
    }
}

// Half the place, a time where none was known, or one that is far off.
fn is_news(last: &Promised, position: u32, expected: Option<Duration>, now: Timestamp) -> bool {
    let left = last.left_ms(now).map(Duration::from_millis);
    match (left, expected) {
        (None, None) => position.saturating_mul(2) <= last.position,
        (None, Some(_)) => true,
        (Some(_), None) => false,
        (Some(left), Some(expected)) => expected.abs_diff(left) > OFF.max(left / 4),
    }
}

fn milliseconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
