//! What goes out to a leg's peer: a partner's packets, a program, voices that were added up, keys.

use std::net::SocketAddr;
use std::time::Instant;

use sip::codec::Frame;
use sip::dtmf::EventPayload;
use sip::g711::{self, Law};
use sip::media::{IgnoredReason, MediaEvent};
use sip::rtp::{Arrival, FRAME_SAMPLES, HEADER_BYTES, Header};
use sip::sdp::Codec;

use super::{Feed, Leg, Stage};
use crate::media::hush::{self, Said};
use crate::media::player::{FRAME_BYTES, Player};
use crate::media::shared::Shared;
use crate::media::stream::{Content, Received};
use crate::media::voice::Voice;
use crate::media::wire::{Channel, Wire};

/// The bytes of a telephone event.
const EVENT_BYTES: usize = 4;

impl Leg {
    /// Passes a packet of a partner on to the peer, rewritten where it lies in `datagram`. Who mixes passes on keys alone.
    pub(in crate::media) fn forward(
        &mut self,
        received: &Received,
        datagram: &mut [u8],
        shared: &mut Shared,
        wire: &mut impl Wire,
        now: Instant,
    ) -> Result<(), IgnoredReason> {
        let (target, number, codec) = match self.listener(received.content) {
            Ok(listener) => listener,
            Err(reason) => {
                self.leave_out();
                return Err(reason);
            }
        };
        match received.arrival {
            Arrival::Jump => return Err(IgnoredReason::Late),
            Arrival::Restart => self.leave_out(),
            Arrival::New | Arrival::Late => {}
        }
        let from = &received.packet.header;
        let payload = received.packet.payload.clone();
        let header = match (&self.feed, received.content) {
            (Feed::Nothing, _) => return Err(IgnoredReason::NoListener),
            (Feed::Mix(_), Content::Event(_)) => self.outlet.pass(from, number, now),
            // It is heard when the mix is due.
            (Feed::Mix(_), Content::Audio(_) | Content::Noise(_)) => return Ok(()),
            (Feed::Relay, _) => self
                .outlet
                .relay(from, number, now)
                .ok_or(IgnoredReason::Late)?,
        };
        match received.content {
            Content::Audio(theirs) => {
                if let Some((theirs, ours)) = theirs.law().zip(codec.law()) {
                    g711::transcode(theirs, ours, &mut datagram[payload.clone()]);
                }
            }
            Content::Event(rate) => self.count_anew(rate, &mut datagram[payload.clone()]),
            Content::Noise(_) => {}
        }
        // The header parser puts the payload behind the fixed header at the least.
        let start = payload.start - HEADER_BYTES;
        datagram[start..payload.start].copy_from_slice(&header.to_bytes());
        wire.send(
            self.index,
            Channel::Rtp,
            target,
            &datagram[start..payload.end],
        );
        self.count_sent(payload.len(), shared);
        Ok(())
    }

    /// Takes note that a partner's packet was not passed on.
    pub(in crate::media) fn leave_out(&mut self) {
        self.outlet.leave_out();
    }

    // Where a partner's packet goes, under which number and codec.
    fn listener(&self, content: Content) -> Result<(SocketAddr, u8, Codec), IgnoredReason> {
        let Stage::Agreed(stream) = &self.stage else {
            return Err(IgnoredReason::NoListener);
        };
        if self.player.is_some() {
            return Err(IgnoredReason::NoListener);
        }
        if !stream.media.direction.sends() {
            return Err(IgnoredReason::Direction);
        }
        let target = stream.target().ok_or(IgnoredReason::NoListener)?;
        let codec = stream.media.codec;
        let number = match content {
            Content::Audio(_) => stream.media.send.of(codec),
            Content::Event(_) => stream.media.send.events(codec).map(|(number, _)| number),
            // Who mixes hears it as noise.
            Content::Noise(_) if matches!(self.feed, Feed::Mix(_)) => Some(0),
            Content::Noise(_) => stream.media.send.comfort_noise,
        };
        Ok((target, number.ok_or(IgnoredReason::PayloadType)?, codec))
    }

    // Durations of a key are counted as this peer's events are.
    fn count_anew(&self, theirs: u32, payload: &mut [u8]) {
        let Some((_, ours)) = self.events().filter(|(_, ours)| *ours != theirs) else {
            return;
        };
        let Some(mut event) = EventPayload::parse(payload) else {
            return;
        };
        let duration = u64::from(event.duration) * u64::from(ours) / u64::from(theirs);
        event.duration = u16::try_from(duration).unwrap_or(u16::MAX);
        if let Some(room) = payload.get_mut(..EVENT_BYTES) {
            room.copy_from_slice(&event.to_bytes());
        }
    }

    fn events(&self) -> Option<(u8, u32)> {
        match &self.stage {
            Stage::Opened => None,
            Stage::Agreed(stream) => stream.media.send.events(stream.media.codec),
        }
    }

    /// When the next frame of our own is due.
    pub(super) fn frame_due(&self) -> Option<Instant> {
        match (&self.player, &self.feed) {
            (Some(player), _) => Some(player.due()),
            (None, Feed::Mix(pace)) => Some(pace.due()),
            (None, Feed::Nothing | Feed::Relay) => None,
        }
    }

    /// Takes the number of the 20 ms that are to be mixed now, if some are, and how many were left out before.
    pub(in crate::media) fn take_tick(
        &mut self,
        shared: &Shared,
        now: Instant,
    ) -> Option<(u64, u32)> {
        if self.player.is_some() {
            return None;
        }
        let (Stage::Agreed(_), Feed::Mix(pace)) = (&self.stage, &mut self.feed) else {
            return None;
        };
        let skipped = pace.take(now)?;
        // The next one is due a frame later.
        Some((shared.tick(pace.due()), skipped))
    }

    /// Says what was mixed.
    pub(in crate::media) fn say(
        &mut self,
        frame: &Frame,
        skipped: u32,
        shared: &mut Shared,
        wire: &mut impl Wire,
        now: Instant,
    ) {
        match self.said(skipped, || hush::power(frame.iter().copied())) {
            Said::Sound { skipped } => {
                if let Some(voice) = self.voice() {
                    voice.say(frame, skipped);
                    self.utter(shared, wire, now);
                }
            }
            Said::Noise { level, skipped } => self.describe(level, skipped, shared, wire, now),
            Said::Nothing => {}
        }
    }

    pub(super) fn play_due(&mut self, shared: &mut Shared, wire: &mut impl Wire, now: Instant) {
        let (Stage::Agreed(stream), Some(player)) = (&self.stage, &mut self.player) else {
            return;
        };
        let plain = stream
            .media
            .codec
            .law()
            .filter(|_| stream.media.ptime == 20);
        let mut frame = [0; FRAME_BYTES];
        let Some(skipped) = player.frame(plain.unwrap_or(Law::A), &mut frame, now) else {
            return;
        };
        let law = plain.unwrap_or(Law::A);
        let samples = || frame.iter().map(|&byte| g711::decode(law, byte));
        match (self.said(skipped, || hush::power(samples())), plain) {
            (Said::Sound { skipped }, Some(_)) => {
                self.say_plain(&frame, skipped, shared, wire, now);
            }
            (Said::Sound { skipped }, None) => {
                if let Some(voice) = self.voice() {
                    voice.say_clip(&frame, skipped);
                    self.utter(shared, wire, now);
                }
            }
            (Said::Noise { level, skipped }, _) => {
                self.describe(level, skipped, shared, wire, now);
            }
            (Said::Nothing, _) => {}
        }
        if let Some(over) = self.player.as_ref().filter(|player| player.is_over()) {
            let (leg, turn) = (self.key, over.turn());
            self.player = None;
            self.change_source();
            match &mut self.witness {
                Some(witness) => witness.end(turn),
                None => shared.events.push_back(MediaEvent::Played { leg, turn }),
            }
            self.bear_witness(shared);
        }
    }

    // G.711 in packets of 20 ms is in the library as it is sent.
    fn say_plain(
        &mut self,
        frame: &[u8; FRAME_BYTES],
        skipped: u32,
        shared: &mut Shared,
        wire: &mut impl Wire,
        now: Instant,
    ) {
        let length = FRAME_BYTES as u32;
        let skipped = skipped.wrapping_mul(length);
        match self.target() {
            Some((target, number)) => {
                let header = self.outlet.play(number, skipped, length, now);
                self.send(target, &header, frame, shared, wire);
            }
            // What the direction forbids goes on unheard, and is joined where the clock stands.
            None => self.change_source(),
        }
    }

    // What becomes of the next 20 ms of our own: a peer that takes described silence is sent none.
    fn said(&mut self, skipped: u32, power: impl FnOnce() -> f32) -> Said {
        match self.noise() {
            Some(_) => self.hush.hear(power(), skipped),
            None => Said::Sound {
                skipped: self.hush.wake(skipped),
            },
        }
    }

    // The number under which G.711's silence is described. Opus has its own way, and G.722 is told to few with one.
    fn noise(&self) -> Option<u8> {
        let Stage::Agreed(stream) = &self.stage else {
            return None;
        };
        let law = stream.media.codec.law();
        law.and(stream.media.send.comfort_noise)
    }

    // RFC 3389 §3: one byte is the level, and no spectrum means that the noise is white.
    fn describe(
        &mut self,
        level: u8,
        skipped: u32,
        shared: &mut Shared,
        wire: &mut impl Wire,
        now: Instant,
    ) {
        let (Some((target, _)), Some(number)) = (self.target(), self.noise()) else {
            return self.change_source();
        };
        // What did not fill a packet was silence too.
        let begun = self.voice.as_mut().map_or(0, |voice| voice.clear());
        let skipped = skipped.wrapping_mul(FRAME_SAMPLES).wrapping_add(begun);
        let header = self.outlet.hush(number, skipped, FRAME_SAMPLES, now);
        self.send(target, &header, &[level], shared, wire);
    }

    // Sends the packets that are full.
    fn utter(&mut self, shared: &mut Shared, wire: &mut impl Wire, now: Instant) {
        while let Some(packet) = self.voice.as_mut().and_then(|voice| voice.packet()) {
            match self.target() {
                Some((target, number)) => {
                    let header = self.outlet.play(number, packet.skipped, packet.length, now);
                    self.send(target, &header, &packet.payload, shared, wire);
                }
                None => self.change_source(),
            }
        }
    }

    // The voice as agreed with the peer; made anew when that changed.
    fn voice(&mut self) -> Option<&mut Voice> {
        let Stage::Agreed(stream) = &self.stage else {
            return None;
        };
        let (codec, ptime) = (stream.media.codec, stream.media.ptime);
        // Who cannot use it would only hear the rest worse.
        let loss = if stream.media.fec {
            stream.reports.loss()
        } else {
            0
        };
        let voice = self
            .voice
            .get_or_insert_with(|| Box::new(Voice::new(codec, ptime)));
        if !voice.speaks(codec, ptime) {
            **voice = Voice::new(codec, ptime);
        }
        voice.expect_loss(loss);
        Some(voice)
    }

    // Where our own packets go, and the number of the codec.
    fn target(&self) -> Option<(SocketAddr, u8)> {
        let Stage::Agreed(stream) = &self.stage else {
            return None;
        };
        let codec = stream.media.codec;
        let number = stream.media.send.of(codec);
        Some((stream.target()?, number.unwrap_or(codec.payload_type())))
    }

    pub(super) fn press_due(&mut self, shared: &mut Shared, wire: &mut impl Wire, now: Instant) {
        let Some(packet) = self.keypad.packet(now) else {
            return;
        };
        let (Some((target, _)), Some((number, rate))) = (self.target(), self.events()) else {
            return;
        };
        let header = self.outlet.event(number, packet.marker, now);
        let mut payload = packet.payload.to_bytes();
        if rate != 8000 {
            self.count_anew(8000, &mut payload);
        }
        self.send(target, &header, &payload, shared, wire);
    }

    fn send(
        &mut self,
        target: SocketAddr,
        header: &Header,
        payload: &[u8],
        shared: &mut Shared,
        wire: &mut impl Wire,
    ) {
        let packet = &mut shared.packet;
        packet.clear();
        packet.extend_from_slice(&header.to_bytes());
        packet.extend_from_slice(payload);
        wire.send(self.index, Channel::Rtp, target, packet);
        self.count_sent(payload.len(), shared);
    }

    fn count_sent(&mut self, payload: usize, shared: &mut Shared) {
        self.outlet.count(payload);
        self.stats.packets_sent += 1;
        self.stats.bytes_sent += payload as u64;
        shared.tally.sent += 1;
        shared.tally.bytes_sent += (HEADER_BYTES + payload) as u64;
    }
}
