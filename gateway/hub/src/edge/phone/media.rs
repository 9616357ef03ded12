//! What the media plane reports.

use sip::{
    endpoint::{CallKey, Command as SipCommand, HOPS},
    media::{LegKey, LegStats, MediaCommand, MediaEvent, Program},
    quality::Quality,
    sdp::{Direction, Local},
};
use ws::id::{LegId, Timestamp};

use super::{
    PORT_TRIES, Phones, cause,
    commands::fault,
    forks::Described,
    leg::{After, Stage, Wanted},
    tag,
};
use crate::{
    input::{Cause, CauseKind, Input, LegNews},
    quality::Moment,
};

impl Phones {
    /// Takes one report of the media plane.
    pub fn handle_media(&mut self, event: MediaEvent, now: Timestamp) {
        self.now = now;
        let Some(event) = self.seat_said(event) else {
            return;
        };
        match event {
            MediaEvent::Opened { leg, .. } => self.opened(leg),
            MediaEvent::OpenFailed { leg, port, .. } => self.open_failed(leg, port, now),
            MediaEvent::Flowing { leg } => self.flowing(leg),
            MediaEvent::Stopped { leg } => self.stopped(leg),
            MediaEvent::Hushed { leg } => self.hushed(leg),
            MediaEvent::Failed { leg } => self.media_failed(leg),
            MediaEvent::Secured { leg } => self.secured(leg),
            MediaEvent::Unsecured { leg } => self.unsecured(leg),
            MediaEvent::Away { leg, on } => self.browser_away(leg, on),
            MediaEvent::Gone { leg } => self.browser_gone(leg),
            MediaEvent::Left { leg } => self.peer_left(leg),
            MediaEvent::Digit { leg, digit } => self.key_by_event(leg, digit),
            MediaEvent::Spoke { leg } => self.heard_of(leg, |leg| LegNews::Spoke { leg }),
            MediaEvent::Quiet { leg } => self.heard_of(leg, |leg| LegNews::Quiet { leg }),
            MediaEvent::Played { leg, turn } => self.played(leg, turn),
            MediaEvent::Missed { leg, turn } => self.missed(leg, turn),
            MediaEvent::Turned { leg, poor, quality } => self.turned(leg, poor, quality),
            MediaEvent::Stats { leg, stats } => {
                self.release_port(leg, now);
                self.parted(leg, &stats);
            }
        }
    }

    fn opened(&mut self, key: LegKey) {
        let Some(leg) = self.legs.get_mut(&key) else {
            return;
        };
        leg.open = true;
        match &leg.stage {
            Stage::Arrived { wanted, .. } => match wanted {
                Wanted::Answer => self.answer_now(key),
                Wanted::Early => self.speak_now(key),
                Wanted::Nothing | Wanted::Speaking => {}
            },
            Stage::Opening { .. } => self.dial_now(key),
            Stage::Answered | Stage::Dialled { .. } | Stage::Up => {}
        }
    }

    /// Sends the prepared answer and lets media flow.
    pub(super) fn answer_now(&mut self, key: LegKey) {
        let Some(leg) = self.legs.get_mut(&key) else {
            return;
        };
        let stage = std::mem::replace(&mut leg.stage, Stage::Answered);
        let Stage::Arrived {
            answer: sdp,
            wanted,
            ..
        } = stage
        else {
            leg.stage = stage;
            return;
        };
        let (call, remote) = (leg.call, leg.remote.clone());
        // Its media flows already.
        let remote = remote.filter(|_| wanted != Wanted::Speaking);
        self.sip(SipCommand::Answer { call, sdp });
        if let Some(media) = remote {
            self.media(MediaCommand::Remote { leg: key, media });
        }
        self.answered_browser(key);
    }

    fn dial_now(&mut self, key: LegKey) {
        let Some(leg) = self.legs.get_mut(&key) else {
            return;
        };
        let Some(id) = leg.id else { return };
        let Stage::Opening {
            to,
            from,
            elsewhere,
            headers,
        } = &leg.stage
        else {
            return;
        };
        let (to, from, elsewhere) = (to.clone(), from.clone(), elsewhere.clone());
        let (headers, call) = (headers.clone(), leg.call);
        let sdp = leg.sdp.make_offers(Direction::SendRecv);
        leg.stage = Stage::Dialled {
            early: Described::default(),
            ringing: false,
        };
        // A call that comes back to us by itself has fewer hops each time (RFC 3261 §16.3).
        let a_leg = self.a_legs.get(&id.interaction);
        let hops = a_leg.map_or(HOPS, |a_leg| a_leg.came.hops);
        let tag = tag::tag(id, a_leg.map(|a_leg| a_leg.came.call_id.as_str()));
        let ring_for = self.settings.ring;
        self.sip(SipCommand::Dial {
            call,
            to,
            from,
            elsewhere,
            sdp,
            tag,
            headers,
            hops,
            ring_for,
        });
    }

    /// Tries the next port; a leg that finds none fails.
    fn open_failed(&mut self, key: LegKey, port: u16, now: Timestamp) {
        if self.closing.contains_key(&key) {
            return self.release_port(key, now);
        }
        let again = self.legs.get(&key).map(|old| old.tries < PORT_TRIES);
        let next = match again {
            Some(true) => self.ports.exchange(port, now),
            Some(false) | None => {
                self.ports.give_back(port, now);
                None
            }
        };
        if again.is_none() {
            return;
        }
        match next {
            Some(port) => self.reopen(key, port),
            None => self.give_up(key),
        }
    }

    fn reopen(&mut self, key: LegKey, port: u16) {
        let Some(mut old) = self.legs.remove(&key) else {
            return;
        };
        let local = Local {
            port,
            ..old.sdp.local().clone()
        };
        if let Stage::Arrived {
            offer, wanted: was, ..
        } = &old.stage
        {
            let (offer, was) = (offer.clone(), *was);
            let Ok(mut fresh) = self.prepare(key, old.call, (local, old.sdp.family()), offer)
            else {
                // The same offer was answered before on another port; nothing in it depends on ours.
                self.legs.insert(key, old);
                return self.give_up(key);
            };
            if let Stage::Arrived { wanted, .. } = &mut fresh.stage {
                *wanted = was;
            }
            if let Some(host) = old.source {
                fresh.signals_from(host);
            }
            fresh.id = old.id;
            fresh.who = old.who;
            fresh.turns = old.turns;
            fresh.hold = old.hold;
            fresh.deaf = old.deaf;
            fresh.tries = old.tries;
            old = fresh;
        } else {
            old.sdp = match old.id {
                Some(id) => self.sdp_to(local, id.interaction),
                None => self.new_sdp(local),
            };
        }
        old.tries += 1;
        old.port = port;
        self.legs.insert(key, old);
        self.media(MediaCommand::Open {
            leg: key,
            addresses: self.settings.bind,
            port,
        });
    }

    fn give_up(&mut self, key: LegKey) {
        let Some(leg) = self.legs.get(&key) else {
            return;
        };
        let call = leg.call;
        if let Stage::Arrived { .. } = leg.stage {
            self.turn_away(call, 503, "No media port could be opened", Some(5));
        }
        self.finish(key, fault("no media port could be opened"));
        // The port went back when it failed to open.
        self.closing.remove(&key);
    }

    fn flowing(&mut self, key: LegKey) {
        let Some(leg) = self.legs.get_mut(&key) else {
            return;
        };
        leg.hold.stopped = false;
        let hushed = std::mem::take(&mut leg.hushed);
        let first = !std::mem::replace(&mut leg.flowing, true);
        if let Some(id) = leg.id.filter(|_| first) {
            self.tell(Input::Leg(LegNews::Flowing { leg: id }));
        }
        if hushed {
            self.adjust_hold(key);
        }
    }

    // Whoever it holds is to hear something.
    fn hushed(&mut self, key: LegKey) {
        if let Some(leg) = self.legs.get_mut(&key) {
            leg.hushed = true;
            self.adjust_hold(key);
        }
    }

    fn turned(&mut self, key: LegKey, poor: bool, quality: Quality) {
        let moment = if poor { Moment::Poor } else { Moment::Fair };
        if let Some(leg) = self.legs.get(&key).and_then(|leg| leg.id) {
            let measured = quality.into();
            self.tell(Input::Leg(LegNews::Measured {
                leg,
                moment,
                measured,
            }));
        }
    }

    // The last numbers of a leg come before its end, so that a record that is sealed by it has them.
    fn parted(&mut self, key: LegKey, stats: &LegStats) {
        let Some((leg, cause)) = self.parting.remove(&key) else {
            return;
        };
        if let Some(quality) = Quality::of(stats) {
            self.tell(Input::Leg(LegNews::Measured {
                leg,
                moment: Moment::Ended,
                measured: quality.into(),
            }));
        }
        self.tell(Input::Leg(LegNews::Ended { leg, cause }));
    }

    // A leg that never sent anything may be mute by design, and one that holds us or is held may send nothing meanwhile; one that
    // stopped, and does not report either, is gone.
    fn stopped(&mut self, key: LegKey) {
        if let Some(leg) = self.legs.get_mut(&key) {
            leg.hold.stopped = leg.hold.on;
        }
        let lives = self.legs.get(&key).filter(|leg| leg.flowing);
        // Before the answer nothing need come from a caller.
        let waits = |leg: &&super::Leg| matches!(leg.stage, Stage::Arrived { .. });
        let held = |leg: &super::Leg| leg.hold.on || leg.peer_holds();
        let Some(leg) = lives.filter(|leg| !held(leg) && !waits(leg)) else {
            return;
        };
        let call = leg.call;
        self.lose(
            key,
            call,
            CauseKind::MediaLost,
            "nothing was heard any more",
        );
    }

    // Only this call ends, and its record says why.
    fn media_failed(&mut self, key: LegKey) {
        if let Some(call) = self.legs.get(&key).map(|leg| leg.call) {
            self.lose(key, call, CauseKind::Fault, "its audio failed here");
        }
    }

    pub(super) fn lose(&mut self, key: LegKey, call: CallKey, kind: CauseKind, text: &str) {
        let lost = Cause {
            kind,
            status: None,
            text: text.to_owned(),
        };
        self.sip(SipCommand::HangUp {
            call,
            cause: cause::to_sip(&lost),
        });
        self.finish(key, lost);
    }

    // After a place comes music; after a question its answer is waited for, in packets, as some peers clear a call
    // without any. What was replaced just as it ended is over already.
    fn played(&mut self, key: LegKey, turn: u32) {
        let talks = self.rooms.is_placed(key);
        let Some(leg) = self
            .legs
            .get_mut(&key)
            .filter(|leg| leg.turns.played == turn)
        else {
            return;
        };
        if let Some((id, cause)) = leg.id.zip(leg.farewell.take()) {
            return self.release(id, cause);
        }
        let (id, turn) = (leg.id, leg.turns.asked);
        let (what, told) = match std::mem::replace(&mut leg.after, After::Music) {
            // It ended just when a conversation began.
            After::Music if talks => (None, None),
            After::Music => (Some(Program::Music), None),
            After::Silence => (Some(Program::Silence), id),
            After::Before => (None, id),
        };
        if let Some(what) = what {
            self.let_hear(key, what);
        }
        if let Some(leg) = told {
            self.tell(Input::Leg(LegNews::Heard { leg, turn }));
        }
    }

    // Only what is said in between is seen to be missed; what the leg heard before goes on.
    fn missed(&mut self, key: LegKey, turn: u32) {
        let leg = self.legs.get_mut(&key);
        let Some(leg) = leg.filter(|leg| leg.turns.played == turn) else {
            return;
        };
        leg.after = After::Music;
        let turn = leg.turns.asked;
        if let Some(leg) = leg.id {
            self.tell(Input::Leg(LegNews::Missed { leg, turn }));
        }
    }

    fn heard_of(&mut self, key: LegKey, news: impl Fn(LegId) -> LegNews) {
        if let Some(leg) = self.legs.get(&key).and_then(|leg| leg.id) {
            self.tell(Input::Leg(news(leg)));
        }
    }
}
