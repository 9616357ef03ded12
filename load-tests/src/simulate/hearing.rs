//! Who hears whom at the phones, and what is recorded, held against what the journal says of supervisors, mute and pauses.

use std::net::SocketAddr;

use hub::event::LegCause;
use ws::{
    id::{LegId, RecordingId},
    supervision::Supervision,
};

use crate::{far::Kind, world::World};

impl World {
    /// Checks that no supervisor or guest hears or is heard after they left, and that nobody hears one who only listens. All that
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
                assert!(silent, "nobody hears after they left: {id} {leg}");
            }
            if matter.company.dismissed {
                self.hear("a guest is taken out");
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

    /// Checks that nothing is heard of an agent who is muted, by whatever phone, and that a recording that was paused is
    /// silent, of whatever leg it is.
    pub fn check_silence(&self) {
        let Some(daemon) = self.daemon.as_ref().filter(|one| !one.house.is_writing()) else {
            return;
        };
        for found in daemon.house.hub.state().interactions() {
            let matter = self.ledger.matters.get(&found.id);
            let agent = found.call.as_ref().and_then(|call| call.agent);
            let (Some(agent), true) = (agent, matter.is_some_and(|one| one.company.muted)) else {
                continue;
            };
            if let Some((at, _)) = self.phone_of(agent) {
                let heard = daemon.plane.is_heard(at);
                assert!(!heard, "nothing is heard of who is muted: {agent}");
                let replaced = found.leg(agent).map(|leg| leg.cause);
                self.hear(match replaced {
                    Some(LegCause::TransferAttended) => "a muted agent is on another phone",
                    _ => "an agent is muted",
                });
            }
        }
        for (name, rests) in daemon.plane.tapes() {
            let recording: RecordingId = name.parse().expect("recordings are named by the house");
            let matter = self.ledger.matters.get(&recording.interaction);
            let must = matter.and_then(|matter| matter.tapes.must_rest(recording.n));
            let right = must.is_none_or(|must| must == rests);
            assert!(
                right,
                "what is paused is not recorded, and all else is: {name}"
            );
            if must == Some(true) {
                self.hear("a recording is paused");
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
