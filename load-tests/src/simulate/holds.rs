//! Far parties that put their calls on hold, and take them back; and what they say when that is done to them.

use bytes::Bytes;
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

    /// A far party is put on hold, or taken back. Some do not take it.
    pub fn far_is_offered(&mut self, far: usize, call: CallKey, sdp: Option<Bytes>) {
        let Some(entry) = self.fars[far].calls.get_mut(&call) else {
            return;
        };
        let said = sdp.as_deref().map(String::from_utf8_lossy);
        let says = |way: &str| {
            let said = said.as_deref().unwrap_or_default();
            said.lines().any(|line| line == way)
        };
        let held = says("a=sendonly") || says("a=inactive");
        if said.is_none() || held && self.dice.chance(20) {
            self.hear("a far party refuses to be put on hold");
            return self.ask_far(
                far,
                Command::RefuseOffer {
                    call,
                    fork: None,
                    code: 488,
                    warning: None,
                },
            );
        }
        let before = std::mem::replace(&mut entry.held, held);
        entry.version += 1;
        let (sdp, holds) = (entry.sdp(), entry.holds);
        match (before, held) {
            (false, true) if holds => self.hear("both sides hold a call"),
            (false, true) => self.hear("a far party is put on hold"),
            (true, false) => self.hear("a far party is taken back from hold"),
            (false, false) | (true, true) => {}
        }
        self.ask_far(
            far,
            Command::AcceptOffer {
                call,
                fork: None,
                sdp,
            },
        );
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
