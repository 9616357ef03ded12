//! Far parties that put their calls on hold, and take them back.

use sip::endpoint::{CallKey, Command};

use crate::{agenda::Due, world::World};

impl World {
    /// A far party puts the call on hold, or takes it back.
    pub fn far_holds(&mut self, far: usize, call: CallKey, on: bool) {
        let Some(entry) = self.fars[far].calls.get_mut(&call) else {
            return;
        };
        entry.holds = on;
        entry.version += 1;
        let sdp = entry.sdp();
        self.ask_far(far, Command::Offer { call, sdp });
        if on {
            let span = 500 + self.dice.below(20_000) as u64;
            self.plan(
                span,
                Due::Holds {
                    far,
                    call,
                    on: false,
                },
            );
        }
    }

    /// Has a far party think of putting a call on hold that is up.
    pub fn plan_hold(&mut self, far: usize, call: CallKey) {
        if self.dice.chance(15) {
            let span = self.dice.below(10_000) as u64;
            self.plan(
                span,
                Due::Holds {
                    far,
                    call,
                    on: true,
                },
            );
        }
    }
}
