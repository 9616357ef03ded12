//! Whether those are there who serve a queue: its hours, and those of the zone by which somebody comes. Both have to be open. A
//! zone's hours are for who comes by it, until they are sent elsewhere or an agent had them.

use std::time::Duration;

use ws::id::{QueueId, Timestamp, ZoneId};

use crate::{
    hours::{Hours, Opening},
    hub::Hub,
    interaction::Interaction,
};

/// How much longer a message waits at most where its queue hardly opens.
const SHUT: Duration = Duration::from_secs(90 * 86_400);

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

    /// Returns until when a message waits that nobody takes: as long as messages may, and until it could have been taken for as long as
    /// an interaction may live, by the hours as they are now. There is an end to it in any case, for a queue may never open.
    pub(crate) fn message_waits_until(&self, found: &Interaction, left: Timestamp) -> Timestamp {
        let mut open = self.setup.spans.longest;
        let least = left + open.max(self.setup.voicemail.waits);
        // It is looked at again then, and not reckoned out before.
        if self.now < least {
            return least;
        }
        let most = least + SHUT;
        let mut at = left;
        while at < most {
            match self.opening(&found.queue, found.zone_whose_hours_count(), at) {
                Opening::Closed { opens: None } => return most,
                Opening::Closed { opens: Some(opens) } => at = opens,
                Opening::Open { until } => match until.filter(|until| *until < at + open) {
                    Some(until) => {
                        open -= until.since(at);
                        at = until;
                    }
                    None => return (at + open).clamp(least, most),
                },
            }
        }
        most
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
