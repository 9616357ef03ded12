//! Recorders outside (RFC 7866): the calls to them, one for each recording that is sent to one. What is heard of the customer,
//! and of each whom the customer talks with, is a stream of its own. The call to the recorder follows the customer's: who comes,
//! leaves or is put on hold is told at once. Nothing of the customer's call waits for it.

mod attend;
mod session;
mod signals;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use bytes::Bytes;
use rand::RngExt;
use sip::{
    endpoint::{CallKey, Cause as SipCause, Command as SipCommand, Identity, Target},
    media::{LegKey, MediaCommand, MediaEvent},
    sdp::SdpStreams,
    siprec::UniqueId,
};
use ws::id::{LegId, RecordingId};

use super::{PORT_TRIES, Phones, tag};
use crate::{
    input::Input,
    recorder::{RecorderNews, RecorderSetup},
};
use session::{MOST_SEATS, Ports, Seat, Session, Stage};

/// Who we say is calling.
const CALLER: &str = "tandem";

/// All recordings that are sent outside.
#[derive(Debug, Default)]
pub(super) struct Recorders {
    sessions: BTreeMap<RecordingId, Session>,
    by_call: BTreeMap<CallKey, RecordingId>,
    by_leg: BTreeMap<LegId, RecordingId>,
    /// By those who speak.
    by_party: BTreeMap<LegKey, RecordingId>,
    by_seat: BTreeMap<LegKey, RecordingId>,
}

impl Recorders {
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    // It is put back, unless it is over.
    fn take(&mut self, recording: Option<RecordingId>) -> Option<Session> {
        self.sessions.remove(&recording?)
    }

    fn put(&mut self, session: Session) {
        self.sessions.insert(session.recording, session);
    }
}

impl Phones {
    /// Sends what is said in a leg's call to a recorder.
    pub(super) fn call_recorder(
        &mut self,
        leg: LegId,
        recording: RecordingId,
        with: Arc<RecorderSetup>,
        paused: bool,
    ) {
        let customer = self.by_id.get(&leg).copied();
        let is_new = !self.recorders.sessions.contains_key(&recording);
        let Some(customer) = customer.filter(|_| is_new) else {
            return self.recorder_news(
                recording,
                RecorderNews::Failed {
                    reason: "the call is over".to_owned(),
                },
            );
        };
        let session = Session {
            recording,
            leg,
            customer,
            with,
            server: 0,
            call: CallKey::Out(0),
            stage: Stage::Opening,
            opened: false,
            rests: false,
            sealing: BTreeSet::new(),
            paused,
            id: UniqueId(self.rng.random()),
            since: self.now,
            people: BTreeMap::new(),
            came: 0,
            seats: Vec::new(),
            sdp: SdpStreams::new(0, self.settings.address),
            described: BTreeMap::new(),
            said: Vec::new(),
            why: Vec::new(),
        };
        self.recorders.by_leg.insert(leg, recording);
        self.attend(session);
        self.is_recorded(customer, Some(paused));
    }

    /// Lets nothing be heard by the recorder, or ends that.
    pub(super) fn pause_recorder(&mut self, leg: LegId, on: bool) {
        let recording = self.recorders.by_leg.get(&leg).copied();
        if let Some(mut session) = self.recorders.take(recording) {
            session.paused = on;
            self.attend(session);
        }
    }

    /// Ends the recording of a leg's call.
    pub(super) fn leave_recorder(&mut self, leg: LegId, keep: bool) {
        let recording = self.recorders.by_leg.get(&leg).copied();
        let Some(session) = self.recorders.take(recording) else {
            return;
        };
        let was_opened = session.opened;
        let cause = match keep {
            true => SipCause::normal(),
            false => SipCause::text("the recording is not to be kept"),
        };
        self.hang_up_recorder(&session, cause);
        let recording = session.recording;
        self.close(session);
        if was_opened {
            let reason = "the recording was stopped".to_owned();
            self.recorder_news(recording, RecorderNews::Closed { reason });
        }
    }

    fn hang_up_recorder(&mut self, session: &Session, cause: SipCause) {
        let call = session.call;
        match session.stage {
            Stage::Opening => return,
            Stage::Called => {}
            Stage::Up { .. } => {
                let present = self.present(session.customer);
                let last = session.metadata(&present, Some(self.now)).write();
                let metadata = Bytes::from(last);
                self.sip(SipCommand::Describe { call, metadata });
            }
        }
        self.sip(SipCommand::HangUp { call, cause });
    }

    // Gives back all that a session has.
    fn close(&mut self, session: Session) {
        let mine = |at: &RecordingId| *at == session.recording;
        let recorders = &mut self.recorders;
        recorders.by_call.remove(&session.call);
        recorders.by_leg.remove(&session.leg);
        for key in session.people.keys() {
            if recorders.by_party.get(key).is_some_and(mine) {
                recorders.by_party.remove(key);
            }
        }
        self.close_seats(session.seats);
    }

    fn close_seats(&mut self, seats: Vec<Seat>) {
        for seat in seats {
            if seat.ports != Ports::Gone {
                self.recorders.by_seat.remove(&seat.media);
                self.media(MediaCommand::Close { leg: seat.media });
                self.rest_port(seat.media, seat.port);
            }
        }
    }

    fn recorder_news(&mut self, recording: RecordingId, news: RecorderNews) {
        self.tell(Input::Recorder { recording, news });
    }

    /// Calls the recorder whose turn it is, or gives up where none is left.
    fn dial_recorder(&mut self, mut session: Session) {
        let present = self.present(session.customer);
        let lack = session.lack(&present);
        let trunk = session.trunk().filter(|_| lack.is_none()).cloned();
        let Some(trunk) = trunk else {
            session.why.extend(lack.map(str::to_owned));
            let (recording, reason) = (session.recording, session.why.join("; "));
            self.close(session);
            return self.recorder_news(recording, RecorderNews::Failed { reason });
        };
        self.recorders.by_call.remove(&session.call);
        session.call = CallKey::Out(self.next_key().0);
        session.stage = Stage::Called;
        session.forget_agreed();
        session.sdp = SdpStreams::new(self.rng.random::<u64>() >> 1, self.settings.address);
        self.lay_lines(&mut session);
        self.feed(&mut session, &present);
        let sdp = session.offers(&present);
        let a_leg = self.a_legs.get(&session.leg.interaction);
        let tag = tag::tag(session.leg, a_leg.map(|a_leg| a_leg.came.call_id.as_str()));
        let call = session.call;
        self.recorders.by_call.insert(call, session.recording);
        self.sip(SipCommand::Dial {
            call,
            to: Target::Recorder {
                trunk: trunk.to_string(),
                user: session.with.user.clone(),
            },
            from: Identity {
                user: CALLER.to_owned(),
                ..Identity::default()
            },
            elsewhere: Vec::new(),
            sdp: sdp.into(),
            tag,
            headers: Vec::new(),
            hops: sip::endpoint::HOPS,
            ring_for: session.with.answer,
        });
        self.recorders.put(session);
    }

    // The recorder did not take it: the next is called.
    fn next_recorder(&mut self, mut session: Session, why: &str) {
        let name = session.trunk().map(ToString::to_string);
        session
            .why
            .push(format!("{}: {why}", name.unwrap_or_default()));
        session.server += 1;
        if session.stage == Stage::Called {
            return self.dial_recorder(session);
        }
        // Keys that were agreed on with one are none for the next.
        self.close_seats(std::mem::take(&mut session.seats));
        self.recorders.by_call.remove(&session.call);
        session.stage = Stage::Opening;
        let people = session.people.iter();
        let mut people: Vec<_> = people.map(|(key, one)| (one.n, *key)).collect();
        people.sort_unstable();
        for (_, key) in people {
            if session.seats.len() < MOST_SEATS && self.legs.contains_key(&key) {
                self.add_seat(&mut session, key);
            }
        }
        self.attend(session);
    }

    /// Leaves a recorder that does not have all that it must have. One that the hub was told of is called anew, after the
    /// pause that the hub keeps.
    fn lose_recorder(&mut self, session: Session, why: &str) {
        self.hang_up_recorder(&session, SipCause::text(why));
        self.recorder_lost(session, why);
    }

    fn recorder_lost(&mut self, session: Session, why: &str) {
        if !session.opened {
            return self.next_recorder(session, why);
        }
        let (recording, reason) = (session.recording, why.to_owned());
        self.close(session);
        self.recorder_news(recording, RecorderNews::Closed { reason });
    }

    /// Takes what the media plane reports of a seat; gives back what is of a leg.
    pub(super) fn seat_said(&mut self, event: MediaEvent) -> Option<MediaEvent> {
        let leg = event.leg();
        let recording = self.recorders.by_seat.get(&leg).copied();
        let Some(mut session) = self.recorders.take(recording) else {
            return Some(event);
        };
        match event {
            MediaEvent::Opened { .. } => {
                if let Some(seat) = session.seat(leg) {
                    seat.ports = Ports::Open;
                }
            }
            MediaEvent::OpenFailed { port, .. } => self.seat_not_opened(&mut session, leg, port),
            MediaEvent::Failed { .. } => {
                self.recorders.by_seat.remove(&leg);
                if let Some(seat) = session.seat(leg) {
                    (seat.ports, seat.remote, seat.of) = (Ports::Gone, None, None);
                    let port = seat.port;
                    self.rest_port(leg, port);
                }
            }
            MediaEvent::Secured { .. } => {
                session.sealing.remove(&leg);
            }
            MediaEvent::Unsecured { .. } => {
                self.lose_recorder(session, "no keys came of the handshake");
                return None;
            }
            // Nothing is awaited of a recorder.
            MediaEvent::Flowing { .. }
            | MediaEvent::Stopped { .. }
            | MediaEvent::Hushed { .. }
            | MediaEvent::Away { .. }
            | MediaEvent::Gone { .. }
            | MediaEvent::Left { .. }
            | MediaEvent::Digit { .. }
            | MediaEvent::Played { .. }
            | MediaEvent::Missed { .. }
            | MediaEvent::Turned { .. }
            | MediaEvent::Spoke { .. }
            | MediaEvent::Quiet { .. }
            | MediaEvent::Stats { .. } => {}
        }
        self.attend(session);
        None
    }

    fn seat_not_opened(&mut self, session: &mut Session, leg: LegKey, port: u16) {
        self.ports.give_back(port, self.now);
        let next = self.ports.take_for_recorder(self.now);
        let Some(seat) = session.seat(leg) else {
            return;
        };
        seat.tries += 1;
        match next {
            Some(port) if seat.tries <= PORT_TRIES => {
                seat.port = port;
                let addresses = self.settings.bind;
                self.media(MediaCommand::Open {
                    leg,
                    addresses,
                    port,
                });
            }
            Some(port) => {
                seat.ports = Ports::Gone;
                self.ports.give_back(port, self.now);
                self.recorders.by_seat.remove(&leg);
            }
            None => {
                seat.ports = Ports::Gone;
                self.recorders.by_seat.remove(&leg);
            }
        }
    }
}
