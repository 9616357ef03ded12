//! Leaving: no new work is taken, what runs may finish, and not for ever.

use hub::{Hub, edge::phone::Phones};
use ws::id::Timestamp;

/// A daemon that was told to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// It waits no longer than this.
    pub deadline: Timestamp,
}

impl Leaving {
    /// Tells whether it may go: nothing runs any more, or it took too long. A chat that waits for an agent or for its
    /// visitor does not keep it: it goes on after the restart.
    pub fn is_over(self, hub: &Hub, phones: &Phones, now: Timestamp) -> bool {
        let served = hub.state().interactions().any(|interaction| {
            interaction.call.is_some()
                || interaction
                    .assignment
                    .as_ref()
                    .is_some_and(|stay| stay.wrap_up.is_none() && (stay.chat || stay.voice))
        });
        (!served && phones.leg_count() == 0) || self.deadline <= now
    }
}
