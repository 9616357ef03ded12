//! What the SIP endpoint reports of calls to recorders outside.

use bytes::Bytes;
use sip::{
    endpoint::{Cause as SipCause, Command as SipCommand, Event, Fork},
    media::MediaCommand,
    sdp::RemoteMedia,
};

use super::super::{Phones, cause};
use super::session::{Session, Stage};

impl Phones {
    /// Takes what the SIP endpoint reports of a call to a recorder; gives back what is of another.
    pub(in super::super) fn recorder_said(&mut self, event: Event) -> Option<Event> {
        let recording = event
            .call()
            .and_then(|call| self.recorders.by_call.get(&call).copied());
        let Some(session) = self.recorders.take(recording) else {
            return Some(event);
        };
        match event {
            Event::Progress { fork, sdp, .. } => self.recorder_describes(session, fork, sdp),
            Event::Answered { fork, sdp, .. } => self.recorder_answered(session, fork, sdp),
            Event::Failed { code, reason, .. } => {
                self.next_recorder(session, &format!("{code} {reason}"));
            }
            Event::Redirected { code, .. } => {
                self.hang_up_recorder(&session, SipCause::normal());
                self.next_recorder(session, &format!("{code}, it names others"));
            }
            Event::Ended { by, cause, .. } => {
                let reason = cause::of_end(by, cause.as_ref()).text;
                self.recorder_lost(session, &reason);
            }
            Event::Offered { fork, sdp, .. } => self.recorder_offers(session, fork, sdp),
            Event::OfferAnswered { sdp, .. } => self.recorder_agrees(session, &sdp),
            Event::Refreshed { sdp, .. } => self.recorder_restates(session, &sdp),
            Event::OfferRefused { code, .. } => {
                self.recorder_declines(session, &format!("it refused a change: {code}"));
            }
            Event::Referred { call, .. } => {
                self.sip(SipCommand::RefuseRefer {
                    call,
                    code: 603,
                    reason: String::new(),
                });
                self.recorders.put(session);
            }
            // It goes by another place of its trunk, or presses keys.
            Event::RecordAware { .. }
            | Event::Rerouted { .. }
            | Event::PassedOver { .. }
            | Event::Confirmed { .. }
            | Event::Cancelled { .. }
            | Event::ReferProgress { .. }
            | Event::Digit { .. }
            | Event::KeyRefused { .. }
            // None of these is of a call that we made.
            | Event::Arrived { .. }
            | Event::Located { .. }
            | Event::NotLocated { .. }
            | Event::TrunkUp { .. }
            | Event::TrunkDown { .. }
            | Event::TrunkRegistered { .. }
            | Event::TrunkUnregistered { .. }
            | Event::Banned { .. }
            | Event::Registered { .. }
            | Event::Unregistered { .. } => self.recorders.put(session),
        }
        None
    }

    // It counts once that end answers: until then it may be none that stays.
    fn recorder_describes(&mut self, mut session: Session, fork: Option<Fork>, sdp: Option<Bytes>) {
        if let Some(sdp) = sdp.filter(|_| session.stage == Stage::Called) {
            session.described.insert(fork, sdp);
        }
        self.recorders.put(session);
    }

    fn recorder_answered(&mut self, mut session: Session, fork: Option<Fork>, sdp: Option<Bytes>) {
        // RFC 3262 §5: what was said in a reliable response is the answer, and the 2xx has none.
        let before = std::mem::take(&mut session.described).remove(&fork);
        let answer = sdp.or(before).unwrap_or_default();
        match session.sdp.accept_answer(&answer) {
            Ok(agreed) => {
                session.stage = Stage::Up { asking: false };
                let sends = session.offered();
                self.recorder_takes(&mut session, agreed, &sends);
                self.attend(session);
            }
            Err(error) => {
                let why = error.to_string();
                self.hang_up_recorder(&session, SipCause::text(why.as_str()));
                self.next_recorder(session, &why);
            }
        }
    }

    // What is agreed on each line goes to the media plane.
    fn recorder_takes(
        &mut self,
        session: &mut Session,
        agreed: Vec<Option<RemoteMedia>>,
        sends: &[bool],
    ) {
        for (leg, media) in session.agreed(agreed, sends) {
            self.media(MediaCommand::Remote { leg, media });
        }
    }

    fn recorder_agrees(&mut self, mut session: Session, sdp: &[u8]) {
        match session.sdp.accept_answer(sdp) {
            Ok(agreed) => {
                let sends = session.offered();
                self.recorder_takes(&mut session, agreed, &sends);
                self.recorder_asked(session);
            }
            Err(error) => self.recorder_declines(session, &error.to_string()),
        }
    }

    fn recorder_restates(&mut self, mut session: Session, sdp: &[u8]) {
        if let Ok(agreed) = session.sdp.accept_refresh(sdp) {
            let sends = session.offered();
            self.recorder_takes(&mut session, agreed, &sends);
        }
        self.attend(session);
    }

    // It does not follow what we offered, so that what it has and what the record says would part.
    fn recorder_declines(&mut self, session: Session, why: &str) {
        if !matches!(session.stage, Stage::Up { asking: true }) {
            return self.attend(session);
        }
        self.lose_recorder(session, why);
    }

    // What changed meanwhile is offered now.
    fn recorder_asked(&mut self, mut session: Session) {
        if let Stage::Up { asking } = &mut session.stage {
            *asking = false;
        }
        self.attend(session);
    }

    fn recorder_offers(&mut self, mut session: Session, fork: Option<Fork>, offer: Option<Bytes>) {
        let call = session.call;
        // What it answers is taken when it does.
        if session.stage == Stage::Called {
            self.sip(SipCommand::RefuseOffer {
                call,
                fork,
                code: 488,
                warning: None,
            });
            return self.recorders.put(session);
        }
        let present = self.present(session.customer);
        let sends = session.sends(&present);
        let Some(offer) = offer else {
            let sdp = session.offer(&present);
            self.sip(SipCommand::AcceptOffer { call, fork, sdp });
            return self.recorders.put(session);
        };
        let spoken: Vec<_> = (0..sends.len())
            .map(|line| session.codec_at(line))
            .collect();
        match session.sdp.negotiate(&offer, &sends, &spoken) {
            Ok((sdp, agreed)) => {
                self.sip(SipCommand::AcceptOffer { call, fork, sdp });
                self.recorder_takes(&mut session, agreed, &sends);
            }
            Err(error) => {
                let (_, warning) = cause::of_description(&error);
                self.sip(SipCommand::RefuseOffer {
                    call,
                    fork,
                    code: 488,
                    warning,
                });
            }
        }
        self.attend(session);
    }
}
