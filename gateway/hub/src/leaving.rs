//! Messages that visitors leave where nobody can be there for them now, also where a queue would turn a chat away.

use ws::{
    agent::Channel,
    frame::{Code, Refusal},
    id::{QueueId, Timestamp, ZoneId},
};

use crate::{
    hub::Hub,
    input::{Introduction, refuse},
    policy::Rule,
    state::State,
};

/// How many times its limit a queue takes with the messages that are left.
const ROOM: usize = 2;

impl Hub {
    /// Tells whether a queue has room for one more message.
    pub(crate) fn takes_message(&self, queue: &QueueId) -> bool {
        let limit = self.setup.queues.get(queue).map_or(0, |queue| queue.limit);
        self.waiting_in(queue) < limit * ROOM
    }

    /// Returns the rule that keeps who comes by a zone at a time from a chat in its queue, where a message can be left instead.
    pub fn leaves_message(&self, zone: &ZoneId, at: Timestamp) -> Option<Rule> {
        let queue = &self.setup.zones.get(zone)?.queue;
        self.turned_to_message((queue, Some(zone)), Channel::Chat, at)
    }

    /// Tells whether who calls from a page of a zone now only hears that it is closed: they can write, so they leave no message by voice.
    pub fn closed_to_calls(&self, zone: &ZoneId, at: Timestamp) -> bool {
        let Some(setup) = self.setup.zones.get(zone) else {
            return false;
        };
        let place = (&setup.queue, Some(zone));
        self.turned_to_message(place, Channel::Voice, at) == Some(Rule::Closed)
    }

    /// Returns the rule by which an opening becomes a message; none where it is a chat.
    pub(crate) fn left_for(
        &self,
        who: &Introduction,
        queue: &QueueId,
    ) -> Result<Option<Rule>, Refusal> {
        let later = who.form.as_ref().is_some_and(|form| form.later);
        let rule = self.turned_to_message((queue, Some(&who.zone)), Channel::Chat, self.now);
        let Some(rule) = rule.filter(|_| later) else {
            return Ok(None);
        };
        if !self.takes_message(queue) {
            return refuse(
                Code::Full,
                "too many messages are waiting already; try again later",
            );
        }
        Ok(Some(rule))
    }
}

impl State {
    /// Returns how many of those in a queue's line left a message, and are not there to wait.
    pub fn messages(&self, queue: &QueueId) -> u32 {
        let found = self.queues().get(queue);
        let left = found.map_or(0, |found| found.messages().len());
        u32::try_from(left).unwrap_or(u32::MAX)
    }

    /// Returns since when the longest waits who left no message: that is work to be done, and nobody's wait.
    pub fn waits_since(&self, queue: &QueueId) -> Option<Timestamp> {
        let found = self.queues().get(queue)?;
        let messages = found.messages();
        let there = found.line().iter();
        let there = there.filter(|key| messages.position(key).is_none());
        there.map(|key| key.since).min()
    }
}
