//! Recordings: on the left what a leg's peer says, on the right whom it hears of others. What is played to it is in
//! neither, so music on hold and announcements are silence.

use std::sync::Arc;
use std::time::Instant;

use sip::codec::Frame;
use sip::media::{LegKey, MediaEvent};
use sip::rtp::Playout;
use sip::speech::{Listen, Listener, Noticed};

use super::Switchboard;
use crate::media::wire::{LegIndex, Note, Wire};

/// The recording of a leg.
pub(in crate::media) struct Taping {
    name: Arc<str>,
    pace: Playout,
    paused: bool,
    listener: Option<Listener>,
}

impl Taping {
    /// When the next 20 ms are due.
    pub(in crate::media) const fn due(&self) -> Instant {
        self.pace.due()
    }
}

impl Switchboard {
    /// Starts to record a leg; one that is recorded already is recorded by another name from now on.
    pub fn record(
        &mut self,
        key: LegKey,
        name: Arc<str>,
        listen: Option<Listen>,
        wire: &mut impl Wire,
        now: Instant,
    ) {
        self.stop_recording(key, true, wire);
        let pace = Playout::new(self.shared.grid(now));
        let leg = self.index(key).and_then(|at| self.legs[at.0].as_mut());
        let Some(leg) = leg else {
            return wire.tape(&name, Note::Missed);
        };
        let message = listen.is_some();
        wire.tape(&name, Note::Begin { message });
        leg.taping = Some(Box::new(Taping {
            name,
            pace,
            paused: false,
            listener: listen.map(Listener::new),
        }));
        self.retap(key);
    }

    /// Lets silence take the place of what is recorded, or ends that.
    pub fn pause_recording(&mut self, key: LegKey, on: bool) {
        self.with(key, |leg, _| {
            if let Some(taping) = &mut leg.taping {
                taping.paused = on;
            }
        });
    }

    /// Ends the recording of a leg, if there is one.
    pub fn stop_recording(&mut self, key: LegKey, keep: bool, wire: &mut impl Wire) {
        let leg = self.index(key).and_then(|at| self.legs[at.0].as_mut());
        if let Some(taping) = leg.and_then(|leg| leg.taping.take()) {
            wire.tape(&taping.name, Note::End { keep });
            self.retap(key);
        }
    }

    // Decodes, or not any more, the leg and whom it hears.
    fn retap(&mut self, key: LegKey) {
        let Some(index) = self.index(key) else { return };
        let row = self.legs[index.0].as_ref().map(|leg| leg.hears.clone());
        self.tap(index);
        for heard in row.into_iter().flatten() {
            self.tap(heard);
        }
        self.arm(index);
    }

    /// Records the 20 ms that are due, if some are.
    pub(super) fn tape_due(&mut self, index: LegIndex, wire: &mut impl Wire, now: Instant) {
        let shared = &self.shared;
        let leg = self.legs[index.0].as_mut();
        let Some(taping) = leg.and_then(|leg| leg.taping.as_mut()) else {
            return;
        };
        let Some(skipped) = taping.pace.take(now) else {
            return;
        };
        let tick = shared.tick(taping.pace.due());
        let (name, paused) = (Arc::clone(&taping.name), taping.paused);
        let sound = (!paused).then(|| Box::new([self.voice(index, tick), self.mix(index, tick)]));
        if let Some(sound) = &sound {
            self.listen(index, &sound[0]);
        }
        wire.tape(&name, Note::Sound { skipped, sound });
    }

    fn listen(&mut self, index: LegIndex, voice: &Frame) {
        let Some(leg) = self.legs[index.0].as_mut() else {
            return;
        };
        let listener = leg.taping.as_mut().and_then(|it| it.listener.as_mut());
        let leg = leg.key;
        match listener.and_then(|listener| listener.hear(voice)) {
            Some(Noticed::Speech) => self.tell(MediaEvent::Spoke { leg }),
            Some(Noticed::Silence) => self.tell(MediaEvent::Quiet { leg }),
            None => {}
        }
    }
}
