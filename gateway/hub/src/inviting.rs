//! Whether somebody who looks at a page may be invited to a chat.

use ws::{
    agent::Channel,
    id::{QueueId, Timestamp, ZoneId},
};

use crate::{
    demand::{Skills, lack},
    hub::Hub,
};

impl Hub {
    /// Tells whether a chat that came by a zone at a time would find zone and queue open, and an agent free who can do what it asks.
    pub fn is_free_for(&self, zone: &ZoneId, at: Timestamp) -> bool {
        let Some(setup) = self.setup.zones.get(zone) else {
            return false;
        };
        let waits = self.waiting_in(&setup.queue) > 0;
        let closed = self.draining || waits || !self.is_open_at(&setup.queue, Some(zone), at);
        !closed && self.has_free(&setup.queue, &setup.skills, Channel::Chat)
    }

    /// Tells whether an agent is free who can do what a queue asks, and that beyond it.
    pub(crate) fn has_free(&self, name: &QueueId, extra: &Skills, channel: Channel) -> bool {
        let Some(queue) = self.setup.queues.get(name) else {
            return false;
        };
        let demand = queue.demand(extra, std::time::Duration::ZERO);
        let mut staff = self.roster.staff(name).iter();
        staff.any(|seat| {
            let able = lack(self.roster.able(*seat), &demand).is_none();
            able && self.board.is_free(*seat, channel)
        })
    }
}
