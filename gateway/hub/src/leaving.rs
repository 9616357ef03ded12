//! Messages that visitors leave where nobody can be there for them now, also where a queue would turn a chat away.

use ws::{
    agent::Channel,
    frame::{Code, Refusal},
    id::{QueueId, Timestamp},
};

use crate::{
    hub::Hub,
    input::{Introduction, refuse},
    policy::Rule,
};

/// How many times its limit a queue takes with the messages that are left.
const ROOM: usize = 2;

impl Hub {
    /// Tells whether a queue has room for one more message.
    pub(crate) fn takes_message(&self, queue: &QueueId) -> bool {
        let limit = self.setup.queues.get(queue).map_or(0, |queue| queue.limit);
        self.waiting_in(queue) < limit * ROOM
    }

    /// Returns the rule that keeps a queue from having a chat with who comes at a time, where a message can be left instead.
    pub fn leaves_message(&self, queue: &QueueId, at: Timestamp) -> Option<Rule> {
        self.turned_to_message(queue, Channel::Chat, at)
    }

    /// Returns the rule by which an opening becomes a message; none where it is a chat.
    pub(crate) fn left_for(
        &self,
        who: &Introduction,
        queue: &QueueId,
    ) -> Result<Option<Rule>, Refusal> {
        let later = who.form.as_ref().is_some_and(|form| form.later);
        let Some(rule) = self.leaves_message(queue, self.now).filter(|_| later) else {
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
