//! Who hears whom at the phones, held against what the journal says of supervisors.

use std::net::SocketAddr;

use ws::{id::LegId, supervision::Supervision};

use crate::{far::Kind, world::World};

impl World {
    /// Checks that no supervisor hears or is heard after they left, and that nobody hears one who only listens. All that
    /// was decided is carried out.
    pub fn check_hearing(&self) {
        let Some(daemon) = self.daemon.as_ref().filter(|one| !one.house.is_writing()) else {
            return;
        };
        let plane = &daemon.plane;
        for (id, matter) in self.ledger.live() {
            for leg in &matter.company.left {
                let silent = self
                    .phone_of(*leg)
                    .is_none_or(|(at, _)| plane.heard_by(at).is_empty() && !plane.is_heard(at));
                assert!(silent, "no supervisor hears after they left: {id} {leg}");
            }
            for (leg, watcher) in matter.company.watchers.iter().filter(|(_, it)| it.joined) {
                let Some((at, _)) = self.phone_of(*leg) else {
                    continue;
                };
                let hears = plane.hearers(at);
                let customer = hears.iter().any(|at| self.is_customer(*at));
                let heard = match watcher.how {
                    Supervision::Listen => !hears.is_empty(),
                    Supervision::Whisper => hears.len() > 1 || customer,
                    Supervision::Barge => false,
                };
                assert!(!heard, "a supervisor is heard who must not be: {id} {leg}");
                self.hear("a supervisor hears a call");
            }
        }
    }

    // Where a leg's phone speaks and hears, and whose it is.
    fn phone_of(&self, leg: LegId) -> Option<(SocketAddr, &Kind)> {
        let mut calls = self.fars.iter().flat_map(|far| {
            let calls = far.calls.values();
            calls.map(move |call| (call, &far.kind))
        });
        let (call, kind) = calls.find(|(call, _)| call.leg == Some(leg))?;
        Some((call.media, kind))
    }

    fn is_customer(&self, at: SocketAddr) -> bool {
        let carriers = self.fars.iter().filter(|far| far.kind == Kind::Carrier);
        carriers
            .flat_map(|far| far.calls.values())
            .any(|call| call.media == at)
    }
}
