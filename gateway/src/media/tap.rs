//! What is decoded of one leg, shared by all who hear it mixed.

use sip::codec::{Ear, Frame, Heard, SILENCE};
use sip::rtp::Header;
use sip::sdp::Codec;

/// One leg's voice, a frame each 20 ms.
pub(super) struct Tap {
    ear: Ear,
    codec: Codec,
    ssrc: Option<u32>,
    /// The number of the 20 ms that `frame` was decoded for.
    tick: Option<u64>,
    frame: Frame,
}

impl Tap {
    pub(super) fn new(codec: Codec) -> Self {
        Self {
            ear: Ear::new(codec),
            codec,
            ssrc: None,
            tick: None,
            frame: SILENCE,
        }
    }

    /// Takes a packet. Another source begins anew.
    pub(super) fn put(&mut self, header: &Header, heard: Heard) {
        if self.ssrc.replace(header.ssrc) != Some(header.ssrc) {
            self.begin_anew();
        }
        self.ear.put(header.sequence, heard);
    }

    /// Takes note that the source counts anew: what waits of it is let go.
    pub(super) fn begin_anew(&mut self) {
        self.ear = Ear::new(self.codec);
    }

    /// Goes on to the 20 ms of a number, unless it is there already. Those before that nobody asked for are gone.
    pub(super) fn advance(&mut self, tick: u64) {
        let unheard = match self.tick {
            Some(last) if last >= tick => return,
            Some(last) => tick - last - 1,
            None => 0,
        };
        self.tick = Some(tick);
        self.ear.pass(unheard);
        self.frame = self.ear.frame();
    }

    /// The voice in these 20 ms.
    pub(super) const fn frame(&self) -> &Frame {
        &self.frame
    }
}
