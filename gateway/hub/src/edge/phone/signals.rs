//! What the SIP endpoint reports.

use bytes::Bytes;
use sip::{
    endpoint::{CallKey, Command as SipCommand, Event, Fork, Left as SipLeft, Unreached},
    media::{LegKey, MediaCommand},
    sdp::{RemoteMedia, SdpError},
    trunk::Place,
};
use ws::id::{Timestamp, TrunkId};

use super::{Phones, cause, commands::fault, leg::Stage, offers::Hold, trunks::place_text};
use crate::{
    event::{Left, PassedOver},
    input::{Cause, Input, LegNews, Rerouted},
};

impl Phones {
    /// Takes one report of the SIP endpoint. Reports of calls that are no longer known are late, and say nothing new.
    pub fn handle_sip(&mut self, event: Event, now: Timestamp) {
        self.now = now;
        let Some(event) = self.recorder_said(event) else {
            return;
        };
        match event {
            Event::Arrived { call, arrival } => self.arrive(call, *arrival, now),
            Event::RecordAware { call } => self.shows_recording(call),
            Event::Progress {
                call,
                code,
                sdp,
                fork,
                ..
            } => self.progress(call, code, fork, sdp),
            Event::Redirected {
                call,
                code,
                to,
                more,
                after,
            } => self.redirected(call, code, (to, more), after),
            Event::Rerouted {
                call,
                trunk,
                left,
                why,
            } => self.rerouted(call, &trunk, left, why),
            event @ Event::PassedOver { .. } => self.passed_over(event),
            event @ Event::Answered { .. } => self.answered(event),
            Event::Confirmed { call, sdp } => self.confirmed(call, sdp),
            Event::Failed {
                call,
                code,
                reason,
                dialled,
                cause,
            } => match dialled {
                true => self.gone(call, cause::of_failure(code, &reason, cause.as_ref())),
                false => self.gone(call, cause::of_undialled(code, &reason)),
            },
            Event::Cancelled { call, cause } => self.gone(call, cause::of_cancel(cause.as_ref())),
            Event::Ended { call, by, cause } => self.gone(call, cause::of_end(by, cause.as_ref())),
            Event::Offered { call, fork, sdp } => self.offered(call, fork, sdp),
            Event::OfferAnswered { call, sdp } => self.offer_taken(call, &sdp),
            Event::Refreshed { call, sdp } => self.refreshed(call, &sdp),
            Event::OfferRefused { call, code } => self.offer_refused(call, code),
            Event::Referred { call, refer } => self.referred(call, *refer),
            Event::ReferProgress { call, code, over } => self.handed_out(call, code, over),
            Event::Digit { call, digit } => self.key_by_info(call, digit),
            // There is no third way to tell the peer.
            Event::KeyRefused { .. } => {}
            // Whoever watches the house is told; which place of a trunk a call takes is the endpoint's to choose.
            Event::Located { .. }
            | Event::NotLocated { .. }
            | Event::TrunkRegistered { .. }
            | Event::TrunkUnregistered { .. }
            | Event::Banned { .. } => {}
            Event::TrunkUp { trunk, place } => self.trunk_up(&trunk, place),
            Event::TrunkDown { trunk, place, code } => self.trunk_down(&trunk, place, code),
            Event::Registered { binding } => self.registered(binding),
            Event::Unregistered { binding } => self.unregistered(&binding),
        }
    }

    fn offer_taken(&mut self, call: CallKey, answer: &Bytes) {
        if let Some(key) = self.key_of_call(call) {
            self.offer_answered(key);
            self.agree(key, answer);
            self.restate(key);
        }
    }

    fn progress(&mut self, call: CallKey, code: u16, fork: Option<Fork>, sdp: Option<Bytes>) {
        let Some(leg) = self
            .key_of_call(call)
            .and_then(|key| self.legs.get_mut(&key))
        else {
            return;
        };
        let Stage::Dialled { early, ringing } = &mut leg.stage else {
            return;
        };
        let first = matches!(code, 180 | 183) && !std::mem::replace(ringing, true);
        let speaks = sdp.is_some_and(|sdp| early.describe(fork, sdp, &leg.sdp));
        let (key, id) = (leg.media, leg.id);
        if let Some(id) = id.filter(|_| first) {
            self.tell(Input::Leg(LegNews::Ringing { leg: id }));
        }
        if speaks {
            self.speaks_early(key);
        }
    }

    fn redirected(
        &mut self,
        call: CallKey,
        status: u16,
        (to, more): (Vec<String>, bool),
        after: Option<Unreached>,
    ) {
        let cause = |why: Unreached| cause::of_failure(why.code, &why.reason, why.cause.as_ref());
        if let Some(leg) = self.id_of_call(call) {
            let after = after.map(cause);
            self.tell(Input::Leg(LegNews::Redirected {
                leg,
                status,
                to,
                more,
                after,
            }));
        }
    }

    fn rerouted(&mut self, call: CallKey, trunk: &str, left: Option<Place>, why: SipLeft) {
        self.goes_by(call, trunk, |trunk| Rerouted {
            trunk,
            status: why.status(),
            left: left.map(place_text),
            why: why.into(),
            passed_over: None,
        });
    }

    fn passed_over(&mut self, event: Event) {
        let Event::PassedOver {
            call,
            trunk,
            over,
            lack,
        } = event
        else {
            return;
        };
        let passed_over = over.parse().ok().map(|trunk| PassedOver {
            trunk,
            lack: lack.into(),
        });
        self.goes_by(call, &trunk, |trunk| Rerouted {
            trunk,
            status: 503,
            left: None,
            why: Left::Passed,
            passed_over,
        });
    }

    // Tells the hub by which trunk a call goes now.
    fn goes_by(&mut self, call: CallKey, trunk: &str, to: impl FnOnce(TrunkId) -> Rerouted) {
        let signalled = self.settings.holds.are_signalled(Some(trunk));
        if let Some(leg) = self
            .key_of_call(call)
            .and_then(|key| self.legs.get_mut(&key))
        {
            leg.hold = Hold::new(signalled);
        }
        let id = self.id_of_call(call);
        if let Some(id) = id {
            self.dialled_anew(id);
        }
        if let Some((leg, trunk)) = id.zip(trunk.parse().ok()) {
            let to = to(trunk);
            self.tell(Input::Leg(LegNews::Rerouted { leg, to }));
        }
    }

    fn answered(&mut self, event: Event) {
        let Event::Answered {
            call,
            fork,
            sdp,
            source,
            ..
        } = event
        else {
            return;
        };
        let Some(key) = self.key_of_call(call) else {
            return;
        };
        let Some(leg) = self.legs.get_mut(&key) else {
            return;
        };
        let Stage::Dialled { early, .. } = &mut leg.stage else {
            return;
        };
        let before = std::mem::take(early).of(fork);
        leg.source = Some(source.ip());
        let id = leg.id;
        leg.stage = Stage::Up;
        let agreed = match (sdp, before) {
            (Some(answer), _) => self.agree(key, &answer),
            (None, Some((session, remote))) => {
                leg.sdp = session;
                self.settle(key, remote);
                true
            }
            (None, None) => self.disagree(key, "the answer has no session description"),
        };
        if let Some(id) = id.filter(|_| agreed) {
            self.tell(Input::Leg(LegNews::Answered { leg: id }));
        }
    }

    fn confirmed(&mut self, call: CallKey, sdp: Option<Bytes>) {
        let Some(key) = self.key_of_call(call) else {
            return;
        };
        let Some(leg) = self.legs.get_mut(&key) else {
            return;
        };
        if !matches!(leg.stage, Stage::Answered) {
            return;
        }
        leg.stage = Stage::Up;
        let (id, needs) = (leg.id, leg.remote.is_none());
        let agreed = match sdp {
            Some(answer) => self.agree(key, &answer),
            None if needs => self.disagree(key, "the acknowledgement has no session description"),
            None => true,
        };
        if let Some(id) = id.filter(|_| agreed) {
            self.tell(Input::Leg(LegNews::Answered { leg: id }));
        }
        self.restate(key);
    }

    /// Takes the peer's answer to our offer; a call whose media cannot be agreed ends.
    fn agree(&mut self, key: LegKey, answer: &[u8]) -> bool {
        let Some(leg) = self.legs.get_mut(&key) else {
            return false;
        };
        match leg.sdp.accept_answer(answer) {
            Ok(remote) => {
                self.settle(key, remote);
                true
            }
            // An answer that was taken already, such as a repeated one.
            Err(SdpError::NoOffer) if leg.remote.is_some() => true,
            // It was asked for a stream that it had taken out, and leaves it so.
            Err(SdpError::Refused) if leg.sdp.is_taken_out() => {
                leg.hold.forget();
                true
            }
            Err(error) => self.disagree(key, &error.to_string()),
        }
    }

    // One that agrees on nothing leaves the media as it was: a peer whose media is gone is missed by its silence.
    fn refreshed(&mut self, call: CallKey, answer: &[u8]) {
        let key = self.key_of_call(call);
        let Some((key, leg)) = key.and_then(|key| Some((key, self.legs.get_mut(&key)?))) else {
            return;
        };
        if let Ok(mut remote) = leg.sdp.accept_refresh(answer) {
            remote.signals_from = leg.source;
            if leg.remote.as_ref() != Some(&remote) {
                self.settle(key, remote);
            }
        }
    }

    fn settle(&mut self, key: LegKey, mut remote: RemoteMedia) {
        if let Some(leg) = self.legs.get_mut(&key) {
            remote.signals_from = leg.source;
            leg.remote = Some(remote.clone());
            self.media(MediaCommand::Remote {
                leg: key,
                media: remote,
            });
            self.adjust_hold(key);
            self.hear_wish(key);
            self.tell_hearing(key);
        }
    }

    fn disagree(&mut self, key: LegKey, text: &str) -> bool {
        let Some(call) = self.legs.get(&key).map(|leg| leg.call) else {
            return false;
        };
        let cause = fault(text);
        self.sip(SipCommand::HangUp {
            call,
            cause: cause::to_sip(&cause),
        });
        self.finish(key, cause);
        false
    }

    /// Answers a change of the call: hold, resume, another address or codec.
    fn offered(&mut self, call: CallKey, fork: Option<Fork>, offer: Option<Bytes>) {
        let Some(key) = self.key_of_call(call) else {
            return self.sip(SipCommand::RefuseOffer {
                call,
                fork,
                code: 481,
                warning: None,
            });
        };
        let Some(leg) = self.legs.get_mut(&key) else {
            return;
        };
        if let Stage::Dialled { .. } = leg.stage {
            return self.offered_by_fork(key, fork, offer);
        }
        let Some(offer) = offer else {
            let direction = leg.direction();
            let sdp = leg.sdp.make_offer(direction);
            self.offer_anew(key);
            return self.sip(SipCommand::AcceptOffer { call, fork, sdp });
        };
        if let Some(answer) = leg.sdp.take_out(&offer) {
            return self.taken_out(key, fork, answer);
        }
        let speaks = leg.remote.as_ref().map(|remote| remote.codec);
        let direction = leg.direction();
        match leg.sdp.negotiate(&offer, direction, speaks) {
            Ok(agreed) => {
                // Before the answer, which now says this.
                if let Stage::Arrived { answer, .. } = &mut leg.stage {
                    answer.clone_from(&agreed.answer);
                }
                self.took_their_offer(key);
                self.offer_anew(key);
                self.sip(SipCommand::AcceptOffer {
                    call,
                    fork,
                    sdp: agreed.answer,
                });
                self.settle(key, agreed.remote);
                self.restate(key);
            }
            Err(error) => {
                let (code, warning) = cause::of_description(&error);
                self.sip(SipCommand::RefuseOffer {
                    call,
                    fork,
                    code,
                    warning,
                });
            }
        }
    }

    // The call goes on without sound until the peer describes a stream again.
    fn taken_out(&mut self, key: LegKey, fork: Option<Fork>, sdp: Bytes) {
        let Some(leg) = self.legs.get_mut(&key) else {
            return;
        };
        if let Stage::Arrived { answer, .. } = &mut leg.stage {
            answer.clone_from(&sdp);
        }
        leg.hold.forget();
        let (call, remote) = (leg.call, leg.remote.clone());
        self.offer_anew(key);
        self.sip(SipCommand::AcceptOffer { call, fork, sdp });
        if let Some(remote) = remote {
            self.settle(key, remote.closed());
        }
    }

    fn gone(&mut self, call: CallKey, cause: Cause) {
        let Some(key) = self.key_of_call(call) else {
            return;
        };
        let adopted = self.legs.get(&key).is_some_and(|leg| leg.id.is_some());
        if adopted {
            self.finish(key, cause);
        } else {
            // The hub hears of it when it names the leg.
            self.drop_arrival(key);
        }
    }
}
