//! What moves an entry forward in its line. Every point is worth so much waiting; the sum is the entry's lead, and the
//! line is in the order of `since - lead`. As everybody's waiting grows alike, that order never changes with time, and
//! whoever waits longer than the largest lead goes before everybody who comes: nobody starves.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How much waiting one point of each kind is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worth {
    /// Of the queue's priority.
    pub queue: Duration,
    /// Of the zone's priority.
    pub zone: Duration,
    /// Of the customer's value.
    pub value: Duration,
    /// Of a callback that fell due, which has one.
    pub callback: Duration,
}

impl Default for Worth {
    fn default() -> Self {
        Self {
            queue: Duration::from_secs(120),
            zone: Duration::from_secs(60),
            value: Duration::from_secs(60),
            callback: Duration::from_secs(120),
        }
    }
}

/// An entry's points of each kind, and the waiting they are worth together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Priority {
    /// Of its queue, 0 to 9.
    pub queue: u8,
    /// Of the zone it came by, 0 to 9.
    #[serde(default)]
    pub zone: u8,
    /// Of its customer, 0 to 9.
    #[serde(default)]
    pub value: u8,
    /// 1 for a callback that fell due.
    #[serde(default)]
    pub callback: u8,
    /// The lead in milliseconds, by the worth in force when it entered.
    pub lead_ms: u64,
}

impl Worth {
    /// Adds up an entry's lead.
    pub fn priority(&self, queue: u8, zone: u8, value: u8, callback: bool) -> Priority {
        let callback = u8::from(callback);
        let lead = self.queue * u32::from(queue)
            + self.zone * u32::from(zone)
            + self.value * u32::from(value)
            + self.callback * u32::from(callback);
        Priority {
            queue,
            zone,
            value,
            callback,
            lead_ms: u64::try_from(lead.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lead_is_the_sum_of_points_times_their_worth() {
        let worth = Worth {
            queue: Duration::from_secs(100),
            zone: Duration::from_secs(10),
            value: Duration::from_secs(1),
            callback: Duration::from_millis(500),
        };

        assert_eq!(worth.priority(5, 3, 9, true).lead_ms, 539_500);
        assert_eq!(worth.priority(0, 0, 0, false), Priority::default());
    }
}
