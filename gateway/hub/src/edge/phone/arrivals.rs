//! Calls that come in, up to the moment the hub takes or refuses them.

use sip::{
    endpoint::{
        Arrival as SipArrival, CallKey, Caller as SipCaller, Command as SipCommand,
        Peer as SipPeer, Told,
    },
    families::Family,
    media::{LegKey, MediaCommand},
    sdp::{Direction, Local, SdpError},
    stir::{Flaw as SipFlaw, Level, Verdict},
};
use ws::{
    caller::{Attestation, CarrierSays, Flaw, Shown},
    id::{InteractionId, Number, Timestamp},
};

use super::{
    Came, Phones, cause,
    keys::Way,
    leg::{After, Leg, Silence, Stage, Turns, Wanted, Who},
    offers::Hold,
    tag,
};
use crate::{
    input::{Arrival, Caller, Input, Peer},
    scope::Lines,
};

impl Phones {
    /// Prepares the media of a call that came in and puts it before the hub, or refuses what cannot be answered.
    pub(super) fn arrive(&mut self, call: CallKey, arrival: SipArrival, now: Timestamp) {
        let unvouched = arrival.verdict.and_then(Verdict::refusal);
        if let Some((code, reason)) = unvouched.filter(|_| arrival.must_be_vouched) {
            return self.turn_away(call, code, reason, None);
        }
        let Some(port) = self.ports.take_for_caller(now) else {
            return self.turn_away(call, 503, "All lines are in use", Some(5));
        };
        let key = self.next_key();
        let trunk = match &arrival.peer {
            SipPeer::Trunk(name) => Some(name.as_str()),
            SipPeer::Phone(_) => None,
        };
        let codecs = self.codecs(trunk);
        let signalled = self.settings.holds.are_signalled(trunk);
        let srtp = self.srtp_from(&arrival.peer, arrival.transport);
        let mut local = self.local(port, codecs, srtp);
        local.ice = self.lite_of(&arrival);
        let family = Family::of(arrival.source.ip());
        match self.prepare(key, call, (local, Some(family)), arrival.offer.clone()) {
            Ok(mut leg) => {
                leg.hold = Hold::new(signalled);
                leg.signals_from(arrival.source.ip());
                self.media(MediaCommand::Open {
                    leg: key,
                    addresses: self.settings.bind,
                    port,
                });
                self.legs.insert(key, leg);
                self.by_call.insert(call, key);
                self.introduce(key, call, arrival);
            }
            Err(error) => {
                self.ports.give_back(port, now);
                let (code, warning) = cause::of_description(&error);
                self.sip(SipCommand::Reject {
                    call,
                    code,
                    reason: Some(error.to_string()),
                    retry_after: None,
                    warning,
                });
            }
        }
    }

    /// Makes the leg of an arrived call at `local`, whose peer is reached by `family` as far as is known.
    pub(super) fn prepare(
        &mut self,
        key: LegKey,
        call: CallKey,
        (local, family): (Local, Option<Family>),
        offer: Option<bytes::Bytes>,
    ) -> Result<Leg, SdpError> {
        let port = local.port;
        let mut sdp = self.new_sdp(local);
        if offer.is_none() {
            // Such a peer is one by its connection alone.
            sdp.expect_browser();
            if let Some(family) = family {
                sdp.expect(family);
            }
        }
        let (answer, remote) = match &offer {
            Some(offer) => {
                let agreed = sdp.negotiate(offer, Direction::SendRecv, None)?;
                (agreed.answer, Some(agreed.remote))
            }
            None => (sdp.make_offer(Direction::SendRecv), None),
        };
        Ok(Leg {
            id: None,
            call,
            media: key,
            port,
            browser: None,
            who: Who::default(),
            sdp,
            source: None,
            remote,
            stage: Stage::Arrived {
                offer,
                answer,
                wanted: Wanted::Nothing,
            },
            open: false,
            tries: 0,
            music: false,
            silence: Silence::None,
            flowing: false,
            hushed: false,
            greeted: false,
            after: After::Music,
            awaited_by: None,
            keys: Way::Unknown,
            farewell: None,
            wish: None,
            deaf: false,
            away: false,
            turns: Turns::default(),
            hold: Hold::new(false),
        })
    }

    fn introduce(&mut self, key: LegKey, call: CallKey, arrival: SipArrival) {
        let Some(peer) = peer(&arrival.peer) else {
            self.drop_arrival(key);
            return self.turn_away(call, 500, "Misnamed peer", None);
        };
        let claims = if arrival.trusted {
            tag::claims(arrival.session, &arrival.headers)
        } else {
            Vec::new()
        };
        let candidate = InteractionId::mint(&mut self.rng);
        let replaces = arrival.replaces.and_then(|call| self.id_of_call(call));
        if arrival.replaces.is_some() && replaces.is_none() {
            self.drop_arrival(key);
            return self.turn_away(call, 481, "That call is over", None);
        }
        let withheld = arrival.caller.withheld;
        // What does not hold is passed on to nobody.
        let flawed = arrival
            .verdict
            .and_then(flaw)
            .is_some_and(|it| it != Flaw::Unreachable);
        let signed = arrival.signed.filter(|_| !flawed).unwrap_or_default();
        let judged = (arrival.verdict, arrival.diverted);
        let (from, name, mut caller) = who(arrival.caller, judged);
        if arrival.trusted && !withheld {
            caller.shown.user_to_user = told_by_another(&arrival.headers);
        }
        if let Some(leg) = self.legs.get_mut(&key) {
            leg.who = Who {
                user: from.as_ref().map(Number::to_string).unwrap_or_default(),
                name: name.clone().unwrap_or_default(),
            };
        }
        let came = Came {
            call_id: arrival.call_id,
            hops: arrival.hops,
            from: from.as_ref().map(Number::to_string),
            signed: signed.into(),
        };
        self.came.insert(key, came);
        self.tell(Input::CallArrived(Arrival {
            candidate,
            call: number(call),
            peer,
            from,
            name,
            caller,
            to: arrival.to_user,
            claims,
            external: external(arrival.headers, withheld),
            replaces,
        }));
    }

    /// Refuses a call that has no leg.
    pub(super) fn turn_away(
        &mut self,
        call: CallKey,
        code: u16,
        reason: &str,
        retry_after: Option<u32>,
    ) {
        self.sip(SipCommand::Reject {
            call,
            code,
            reason: Some(reason.to_owned()),
            retry_after,
            warning: None,
        });
    }

    /// Forgets an arrived call that never became a leg.
    pub(super) fn drop_arrival(&mut self, key: LegKey) {
        let Some(leg) = self.legs.remove(&key) else {
            return;
        };
        self.by_call.remove(&leg.call);
        self.came.remove(&key);
        self.indications.forget(key);
        self.rest_port(key, leg.port);
        self.media(MediaCommand::Close { leg: key });
    }
}

// What is asserted goes before what is only said. Who withholds the number is shown without number and name.
fn who(
    caller: SipCaller,
    (verdict, diverted): (Option<Verdict>, Option<String>),
) -> (Option<Number>, Option<String>, Caller) {
    let shown = Shown {
        withheld: caller.withheld,
        attestation: verdict.map(attestation),
        flaw: verdict.and_then(flaw),
        carrier: caller.told.map(|told| match told {
            Told::Passed => CarrierSays::Passed,
            Told::Failed => CarrierSays::Failed,
            Told::Unchecked => CarrierSays::Unchecked,
        }),
        diverted: diverted.and_then(|number| number.parse().ok()),
        user_to_user: None,
    };
    let number = |user: &str| user.parse().ok();
    let asserted = caller.asserted.as_ref().and_then(|one| number(&one.user));
    if caller.withheld {
        return (None, None, Caller { shown, asserted });
    }
    let names = caller.asserted.map(|one| one.display).into_iter();
    let names = names.chain([caller.display]);
    let cleaned = |mut name: String| {
        Lines::One.clean(&mut name);
        name
    };
    let name = names.map(cleaned).find(|name| !name.is_empty());
    let from = asserted.or_else(|| number(&caller.user));
    let asserted = None;
    (from, name, Caller { shown, asserted })
}

// An agent is shown it, so that it is one line.
fn told_by_another(headers: &[(String, String)]) -> Option<String> {
    let mut said = tag::foreign_user_to_user(headers)?;
    Lines::One.clean(&mut said);
    Some(said)
}

fn attestation(verdict: Verdict) -> Attestation {
    match verdict {
        Verdict::Vouched(Level::Full) => Attestation::Full,
        Verdict::Vouched(Level::Partial) => Attestation::Partial,
        Verdict::Vouched(Level::Gateway) => Attestation::Gateway,
        Verdict::Failed(SipFlaw::Unreachable) => Attestation::Unchecked,
        Verdict::Failed(
            SipFlaw::Form
            | SipFlaw::Stale
            | SipFlaw::Number
            | SipFlaw::Certificate
            | SipFlaw::Authority
            | SipFlaw::Signature,
        ) => Attestation::Failed,
        Verdict::Absent => Attestation::Absent,
    }
}

fn flaw(verdict: Verdict) -> Option<Flaw> {
    match verdict {
        Verdict::Vouched(_) | Verdict::Absent => None,
        Verdict::Failed(flaw) => Some(match flaw {
            SipFlaw::Form => Flaw::Form,
            SipFlaw::Stale => Flaw::Stale,
            SipFlaw::Number => Flaw::Number,
            SipFlaw::Unreachable => Flaw::Unreachable,
            SipFlaw::Certificate => Flaw::Certificate,
            SipFlaw::Authority => Flaw::Authority,
            SipFlaw::Signature => Flaw::Signature,
        }),
    }
}

/// The number by which the hub knows an arrived call.
pub(super) fn number(call: CallKey) -> u64 {
    match call {
        CallKey::In(n) | CallKey::Out(n) => n,
    }
}

fn peer(peer: &SipPeer) -> Option<Peer> {
    match peer {
        SipPeer::Trunk(name) => name.parse().ok().map(Peer::Trunk),
        SipPeer::Phone(user) => user.parse().ok().map(Peer::Phone),
    }
}

/// Keeps the ids that other systems gave the call, and what they say by User-to-User, not our own marks. Of who withholds the number only what says nothing of
/// whom: all other fields may tell the number, or the name.
fn external(headers: Vec<(String, String)>, withheld: bool) -> Vec<(String, String)> {
    const OURS: [&str; 4] = ["X-Interaction-ID", "X-Leg-ID", "X-CID", "User-to-User"];
    const NOBODYS: [&str; 2] = ["Priority", "User-Agent"];
    let is_of = |names: &[&str], name: &str| names.iter().any(|one| one.eq_ignore_ascii_case(name));
    let said = tag::foreign_user_to_user(&headers).filter(|_| !withheld);
    let said = said.map(|said| ("User-to-User".to_owned(), said));
    let kept = headers
        .into_iter()
        .filter(|(name, _)| !is_of(&OURS, name) && (!withheld || is_of(&NOBODYS, name)));
    kept.chain(said).collect()
}
