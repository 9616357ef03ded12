//! What the hub asks, carried to the SIP endpoint and the media plane. A command for a leg that is gone is ignored: the
//! leg's end is on its way to the hub.

use std::sync::Arc;

use sip::{
    endpoint::{
        CallKey, Cause as SipCause, Command as SipCommand, Elsewhere, Identity, Lack,
        Target as SipTarget,
    },
    media::MediaCommand,
    sdp::{Codec, Local, RemoteMedia, SdpSession},
};
use ws::id::{InteractionId, LegId, Number, Timestamp};

use super::{
    ALeg, Came, Phones, cause,
    keys::Way,
    leg::{After, Leg, Silence, Stage, Turns, Wanted, Who},
    offers::Hold,
    referrals::headers,
    tag,
};
use crate::{
    command::{Command, Detour, Target},
    input::{Cause, CauseKind, Input, LegNews, Referral},
};

impl Phones {
    /// Carries out one command of the hub.
    #[allow(clippy::too_many_lines, reason = "one arm a kind of command")]
    pub fn handle_command(&mut self, command: Command, now: Timestamp) {
        self.now = now;
        match command {
            Command::Adopt { call, leg } => self.adopt(call, leg),
            Command::Refuse {
                call,
                status,
                text,
                retry_after,
            } => self.refuse(call, status, &text, retry_after),
            Command::Ring { leg } => self.provisional(leg, 180, None),
            Command::Queued { leg, position } => {
                self.provisional(leg, 182, Some(format!("Queued, position {position}")));
            }
            Command::SpeakEarly { leg } => self.speak_early(leg),
            Command::Answer { leg } => self.answer(leg),
            Command::Dial {
                leg,
                to,
                caller,
                name,
                referral,
                detours,
            } => {
                let shown = identities(caller, detours, &name);
                let shown = self.sent_on(leg.interaction, shown);
                self.dial(leg, to, shown, referral.as_deref(), now);
            }
            Command::Follow {
                leg,
                trunk,
                number,
                caller,
                done,
                passed_on,
            } => {
                let to = (trunk.to_string(), number.to_string());
                let shown = (identity(caller, None), Vec::new());
                let (from, _) = self.sent_on(leg.interaction, shown);
                self.follow(leg, to, from, (done, passed_on));
            }
            Command::PassOver { leg } => self.pass_over(leg),
            Command::Play { leg, program } => {
                self.count(leg);
                self.hold_by(leg, &program);
                self.play(leg, program);
            }
            Command::Dismiss {
                leg,
                program,
                cause,
            } => self.dismiss(leg, program, cause),
            Command::Bridge { a, b } => {
                self.bridge(a, b);
                self.hold(a, false);
                self.hold(b, false);
            }
            Command::Part { leg } => self.unbridge(leg),
            Command::Join { leg, to } => {
                self.join(leg, to);
                self.hold(leg, false);
            }
            Command::Listen { leg, to, whisper } => self.attach(leg, to, whisper),
            Command::Await { leg, of } => {
                self.hold(leg, false);
                self.await_answer(leg, of);
            }
            Command::Mute { leg, on } => self.mute(leg, on),
            Command::Notice { leg, say } => {
                self.count(leg);
                self.notice(leg, say);
            }
            Command::Record {
                leg,
                recording,
                listen,
            } => self.record(leg, recording, listen),
            Command::CallRecorder {
                leg,
                recording,
                with,
                paused,
            } => self.call_recorder(leg, recording, with, paused),
            Command::PauseRecording { leg, on } => self.pause_recording(leg, on),
            Command::StopRecording { leg, keep } => self.stop_recording(leg, keep),
            Command::Press { leg, digits } => self.press(leg, &digits),
            Command::TakeReferral { .. }
            | Command::RefuseReferral { .. }
            | Command::ReportReferral { .. }
            | Command::HandOut { .. }
            | Command::Rename { .. } => self.transfer(command),
            Command::Release { leg, cause } => self.release(leg, cause),
            // The house asks elsewhere.
            Command::LookUp { .. } | Command::Guide { .. } => {}
            Command::RestorePhones { bindings } => self.restore(bindings, now),
        }
    }

    fn adopt(&mut self, call: u64, id: LegId) {
        let Some(key) = self.key_of_call(CallKey::In(call)) else {
            // The caller gave up while the hub decided; it is told now, since it has a leg only now.
            return self.tell(Input::Leg(LegNews::Ended {
                leg: id,
                cause: cause::of_cancel(None),
            }));
        };
        if let Some(came) = self.came.remove(&key) {
            let hops = came.hops.saturating_sub(1);
            let came = Came { hops, ..came };
            let first = ALeg { came, legs: 0 };
            self.a_legs.entry(id.interaction).or_insert(first);
        }
        let tag = self.mark(id);
        self.by_id.insert(id, key);
        let Some(leg) = self.legs.get_mut(&key) else {
            return;
        };
        leg.id = Some(id);
        let call = leg.call;
        self.sip(SipCommand::Adopt { call, tag });
        self.adopted(key);
        self.hear_wish(key);
        self.tell_hearing(key);
    }

    /// Counts a leg of the interaction and makes its marks.
    pub(super) fn mark(&mut self, id: LegId) -> sip::endpoint::Tag {
        match self.a_legs.get_mut(&id.interaction) {
            Some(a_leg) => {
                a_leg.legs += 1;
                tag::tag(id, Some(&a_leg.came.call_id))
            }
            None => tag::tag(id, None),
        }
    }

    fn refuse(&mut self, call: u64, status: u16, text: &str, retry_after: Option<u32>) {
        if self.refuse_browser(call, status, text) {
            return;
        }
        let call = CallKey::In(call);
        if let Some(key) = self.key_of_call(call) {
            self.drop_arrival(key);
            let retry_after = retry_after.or((status == 503).then_some(5));
            self.turn_away(call, status, text, retry_after);
        }
    }

    fn provisional(&mut self, id: LegId, code: u16, reason: Option<String>) {
        let Some(call) = self
            .leg_of(id)
            .filter(|leg| !leg.is_answered())
            .map(|leg| leg.call)
        else {
            return;
        };
        self.sip(SipCommand::Ring {
            call,
            code,
            reason,
            sdp: None,
        });
    }

    pub(super) fn answer(&mut self, id: LegId) {
        let Some(leg) = self.leg_of(id) else { return };
        let key = leg.media;
        match &mut leg.stage {
            // Who hears something already has open ports.
            Stage::Arrived {
                wanted: Wanted::Speaking,
                ..
            } => {}
            Stage::Arrived { wanted, .. } => *wanted = Wanted::Answer,
            Stage::Answered | Stage::Opening { .. } | Stage::Dialled { .. } | Stage::Up => return,
        }
        if leg.open {
            self.answer_now(key);
        }
    }

    fn dial(
        &mut self,
        id: LegId,
        to: Target,
        (from, mut elsewhere): (Identity, Vec<Elsewhere>),
        referral: Option<&Referral>,
        now: Timestamp,
    ) {
        self.set_alone(id.interaction, false);
        if let Target::Browser(agent) = to {
            return self.ring_browser(id, agent);
        }
        let Some(port) = self.ports.take_for_called(now) else {
            return self.without_port(id);
        };
        let to = addressed(to);
        for other in &mut elsewhere {
            let shares = self.may_share(&to, &other.trunk);
            other.lack = other.lack.or((!shares).then_some(Lack::Srtp));
        }
        let key = self.next_key();
        let local = self.local_to(&to, id.interaction, port);
        let leg = Leg {
            id: Some(id),
            call: CallKey::Out(key.0),
            media: key,
            port,
            browser: None,
            who: who(&to),
            sdp: self.sdp_to(local, id.interaction),
            source: None,
            remote: None,
            hold: Hold::new(self.settings.holds.are_signalled(trunk_of(&to))),
            stage: Stage::Opening {
                to,
                from,
                elsewhere,
                headers: referral.map(headers).unwrap_or_default(),
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
        };
        if let Some(a_leg) = self.a_legs.get_mut(&id.interaction) {
            a_leg.legs += 1;
        }
        self.enter(id, leg);
        self.media(MediaCommand::Open {
            leg: key,
            addresses: self.settings.bind,
            port,
        });
    }

    // Who shows the number of the interaction's caller sends their call on.
    fn sent_on(
        &self,
        interaction: InteractionId,
        (mut from, mut elsewhere): (Identity, Vec<Elsewhere>),
    ) -> (Identity, Vec<Elsewhere>) {
        if let Some(came) = self.a_legs.get(&interaction).map(|a_leg| &a_leg.came) {
            let others = elsewhere.iter_mut().map(|other| &mut other.from);
            for from in others.chain([&mut from]) {
                let same = came.from.as_ref() == Some(&from.user);
                from.sent_on = same.then(|| Arc::clone(&came.signed));
            }
        }
        (from, elsewhere)
    }

    // Whoever waits for somebody goes on waiting.
    fn without_port(&mut self, id: LegId) {
        self.set_alone(id.interaction, true);
        let cause = cause::of_undialled(503, "No RTP Port Is Free");
        self.tell(Input::Leg(LegNews::Ended { leg: id, cause }));
    }

    fn enter(&mut self, id: LegId, leg: Leg) {
        self.by_call.insert(leg.call, leg.media);
        self.by_id.insert(id, leg.media);
        self.legs.insert(leg.media, leg);
    }

    fn follow(
        &mut self,
        id: LegId,
        (trunk, number): (String, String),
        from: Identity,
        (done, passed_on): (usize, bool),
    ) {
        let Some(leg) = self.leg_of(id) else { return };
        let (call, offered) = (leg.call, leg.sdp.local().srtp.clone());
        let signalled = self.settings.holds.are_signalled(Some(&trunk));
        if !self.may_follow(&offered, &trunk) {
            let text =
                format!("its offer may not be sent by {trunk}, which secures voice otherwise");
            return self.release(id, fault(&text));
        }
        if let Some(leg) = self.leg_of(id) {
            leg.hold = Hold::new(signalled);
        }
        self.dialled_anew(id);
        self.sip(SipCommand::Follow {
            call,
            to: SipTarget::Trunk { trunk, number },
            from,
            elsewhere: Vec::new(),
            done,
            session: tag::tag(id, None).session,
            passed_on,
        });
    }

    fn pass_over(&mut self, id: LegId) {
        if let Some(call) = self.leg_of(id).map(|leg| leg.call) {
            self.dialled_anew(id);
            self.sip(SipCommand::PassOver { call });
        }
    }

    // With what audio is offered to who is called.
    pub(super) fn local_to(
        &mut self,
        to: &SipTarget,
        interaction: InteractionId,
        port: u16,
    ) -> Local {
        let mut codecs = self.codecs(trunk_of(to));
        let spoken = self.codec_in(interaction);
        put_first(&mut codecs, spoken);
        let srtp = self.srtp_to(to);
        let mut local = self.local(port, codecs, srtp);
        local.ice = self.lite_to(to);
        if let Some(lite) = &mut local.ice {
            put_first(&mut lite.at.codecs, spoken);
        }
        local
    }

    /// What is said to who is called. Comfort noise is offered beside G.711 to the first in an interaction, who hears it of us, and
    /// where somebody in it may be described silence: what the others describe is passed on then. Who takes none would be mixed for.
    pub(super) fn sdp_to(&mut self, local: Local, interaction: InteractionId) -> SdpSession {
        let speaks = local.codecs.iter().any(|codec| codec.law().is_some());
        let mut sdp = self.new_sdp(local);
        let mut agreed = self.agreed_in(interaction).peekable();
        let first = speaks && agreed.peek().is_none();
        if first || agreed.any(|remote| remote.send.comfort_noise.is_some()) {
            sdp.offer_comfort_noise();
        }
        sdp
    }

    /// The codec another leg of the interaction already speaks, so that the bridge need not transcode.
    pub(super) fn codec_in(&self, interaction: InteractionId) -> Option<Codec> {
        let first_agreed = self.agreed_in(interaction).next();
        first_agreed.map(|remote| remote.codec)
    }

    fn agreed_in(&self, interaction: InteractionId) -> impl Iterator<Item = &RemoteMedia> {
        let legs = self.legs_in(interaction);
        legs.filter_map(|leg| leg.remote.as_ref())
    }

    /// Keeps a port for whoever answers the caller of an interaction, where they are alone in it; or not any more.
    pub(super) fn set_alone(&mut self, interaction: InteractionId, on: bool) {
        let mut legs: Vec<_> = self.legs_in(interaction).take(2).collect();
        let alone = legs.pop().filter(|_| legs.is_empty());
        let alone = alone.filter(|leg| matches!(leg.call, CallKey::In(_)) && leg.port != 0);
        if let Some(port) = alone.map(|leg| leg.port) {
            self.ports.set_alone(port, on);
        }
    }

    fn legs_in(&self, interaction: InteractionId) -> impl Iterator<Item = &Leg> {
        let first = LegId { interaction, n: 0 };
        let last = LegId {
            interaction,
            n: u16::MAX,
        };
        self.by_id
            .range(first..=last)
            .filter_map(|(_, key)| self.legs.get(key))
    }

    pub(super) fn release(&mut self, id: LegId, cause: Cause) {
        let Some(leg) = self.leg_of(id) else { return };
        let (key, call) = (leg.media, leg.call);
        let command = match leg.stage {
            // With its Reason, which tells more than the response (RFC 3326, RFC 6432).
            Stage::Arrived { .. } => Some(SipCommand::HangUp {
                call,
                cause: SipCause {
                    sip: Some(cause.response()),
                    ..cause::to_sip(&cause)
                },
            }),
            Stage::Opening { .. } => None,
            Stage::Answered | Stage::Dialled { .. } | Stage::Up => Some(SipCommand::HangUp {
                call,
                cause: cause::to_sip(&cause),
            }),
        };
        if let Some(command) = command {
            self.sip(command);
        }
        self.finish(key, cause);
    }
}

fn addressed(to: Target) -> SipTarget {
    match to {
        Target::Phone(agent) | Target::Browser(agent) => SipTarget::Phone {
            user: agent.to_string(),
        },
        Target::Trunk { trunk, number } => SipTarget::Trunk {
            trunk: trunk.to_string(),
            number: number.to_string(),
        },
    }
}

// The codec that the interaction speaks already goes first.
fn put_first(codecs: &mut [Codec], spoken: Option<Codec>) {
    if let Some(at) = spoken.and_then(|codec| codecs.iter().position(|&own| own == codec)) {
        codecs.swap(0, at);
    }
}

// By which trunk somebody is reached; phones by none.
const fn trunk_of(to: &SipTarget) -> Option<&str> {
    match to {
        SipTarget::Trunk { trunk, .. } | SipTarget::Recorder { trunk, .. } => Some(trunk.as_str()),
        SipTarget::Phone { .. } => None,
    }
}

fn who(to: &SipTarget) -> Who {
    let (SipTarget::Phone { user }
    | SipTarget::Recorder { user, .. }
    | SipTarget::Trunk { number: user, .. }) = to;
    Who {
        user: user.clone(),
        name: String::new(),
    }
}

fn identity(caller: Option<Number>, name: Option<String>) -> Identity {
    Identity {
        display: name.unwrap_or_default(),
        user: caller.map(|number| number.to_string()).unwrap_or_default(),
        ..Identity::default()
    }
}

/// Who is said to call, by the first trunk and by the others.
fn identities(
    caller: Option<Number>,
    detours: Vec<Detour>,
    name: &Option<String>,
) -> (Identity, Vec<Elsewhere>) {
    let elsewhere = detours.into_iter().map(|detour| Elsewhere {
        trunk: detour.trunk.to_string(),
        from: identity(detour.caller, name.clone()),
        lack: detour.spent.then_some(Lack::Spent),
    });
    (identity(caller, name.clone()), elsewhere.collect())
}

/// A cause that is our own doing.
pub(super) fn fault(text: &str) -> Cause {
    Cause {
        kind: CauseKind::Fault,
        status: None,
        text: text.to_owned(),
    }
}
