//! Whether those are there who serve a queue: its hours, and those of the zone by which somebody comes. Both have to be open. A
//! zone's hours are for who comes by it, until they are sent elsewhere or an agent had them.

use ws::id::{QueueId, Timestamp, ZoneId};

use crate::{
    hours::{Hours, Opening},
    hub::Hub,
    interaction::Interaction,
};

impl Hub {
    /// Tells how it stands with a queue at a time, for who comes by a zone or by none.
    pub fn opening(&self, queue: &QueueId, zone: Option<&ZoneId>, at: Timestamp) -> Opening {
        Hours::all_at(&self.hours_of(queue, zone), at)
    }

    /// Tells whether a queue is within its hours.
    pub(crate) fn is_open(&self, queue: &QueueId) -> bool {
        self.is_open_at(queue, None, self.now)
    }

    /// Tells whether a queue, and the zone if there is one, are within their hours at a time.
    pub(crate) fn is_open_at(&self, queue: &QueueId, zone: Option<&ZoneId>, at: Timestamp) -> bool {
        let hours = self.hours_of(queue, zone);
        let mut openings = hours.iter().map(|hours| hours.at(at));
        openings.all(|opening| matches!(opening, Opening::Open { .. }))
    }

    /// Tells whether it is open for an interaction.
    pub(crate) fn is_open_for(&self, found: &Interaction) -> bool {
        self.is_open_at(&found.queue, found.zone_whose_hours_count(), self.now)
    }

    /// Returns when it opens for an interaction, where it is closed.
    pub(crate) fn opens_for(&self, found: &Interaction) -> Option<Timestamp> {
        match self.opening(&found.queue, found.zone_whose_hours_count(), self.now) {
            Opening::Closed { opens } => opens,
            Opening::Open { .. } => None,
        }
    }

    fn hours_of(&self, queue: &QueueId, zone: Option<&ZoneId>) -> Vec<&Hours> {
        let queue = self.setup.queues.get(queue);
        let queue = queue.and_then(|queue| queue.hours.as_deref());
        let zone = zone.and_then(|zone| self.setup.zones.get(zone));
        let zone = zone.and_then(|zone| zone.hours.as_deref());
        queue.into_iter().chain(zone).collect()
    }
}

impl Interaction {
    /// Returns the zone it came by, until a rule sent it to another queue or an agent had it.
    pub(crate) fn zone_whose_hours_count(&self) -> Option<&ZoneId> {
        let here = self.ruled.iter().all(|(queue, _)| *queue == self.queue);
        self.zone.as_ref().filter(|_| here && !self.met)
    }
}
