//! The stream agreed with a peer: what comes from it is judged and counted here.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use sip::codec::Heard;
use sip::dtmf::{Digit, DigitReceiver, EventPayload};
use sip::media::{IgnoredReason, LegStats};
use sip::quality::Watch;
use sip::rtcp::{self, Compound};
use sip::rtp::{Arrival, Header, Packet, Reception};
use sip::sdp::{COMFORT_NOISE, Codec, RemoteMedia};

use super::flow::Flow;
use super::latch::Latch;
use super::reports::{Clock, Mean, Reports};

/// So many packets are kept in case they are to be decoded after all: as many as a jitter buffer waits for.
const RECENT: usize = 2;
/// A peer that was silent for this long may be followed to where its stream goes on.
const MOVED: Duration = Duration::from_secs(1);
/// So long nothing may come from where a peer said it is before packets from another host are looked at.
const SILENT: Duration = Duration::from_secs(2);
/// A peer that holds us and sends nothing for so long brings no music of its own.
const HUSHED: Duration = Duration::from_secs(2);
/// Longer payloads are not kept.
const RECENT_BYTES: usize = 320;

/// Everything that is known once SDP is agreed.
pub(super) struct Stream {
    pub(super) media: RemoteMedia,
    pub(super) rtp: Latch,
    pub(super) rtcp: Latch,
    pub(super) reports: Reports,
    pub(super) reception: Option<Reception>,
    pub(super) watch: Watch,
    /// Packets lost in streams the peer has ended.
    lost_before: u64,
    jitters: Mean,
    presses: DigitReceiver,
    flow: Flow,
    /// How long a peer that hears us may send nothing.
    patience: Duration,
    /// The codec of the latest packet; the one agreed before there was any.
    spoken: Codec,
    /// Whether the peer described silence instead of sending it (RFC 3389).
    describes_silence: bool,
    /// The latest packets, the oldest first.
    recent: VecDeque<(Header, Heard)>,
}

/// A packet the peer was allowed to send.
pub(super) struct Received {
    pub(super) packet: Packet,
    pub(super) content: Content,
    /// How its number fits to those before it.
    pub(super) arrival: Arrival,
    /// A key whose press this packet is the first to tell.
    pub(super) digit: Option<Digit>,
    /// Whether nothing had come before, or for long.
    pub(super) begins: bool,
}

/// What a packet carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Audio(Codec),
    /// A telephone event whose durations are counted at so many units a second.
    Event(u32),
    /// Silence with this much noise, in decibels below the overload point (RFC 3389).
    Noise(u8),
}

impl Stream {
    pub(super) fn new(media: RemoteMedia, patience: Duration, now: Instant) -> Self {
        Self {
            rtp: Latch::new(media.address, media.signals_from),
            // A report shows nothing of the call to whom it is sent.
            rtcp: Latch::new(media.rtcp, None),
            reports: Reports::new(now),
            reception: None,
            watch: Watch::default(),
            lost_before: 0,
            jitters: Mean::default(),
            presses: DigitReceiver::default(),
            flow: Flow::new(patience_with(&media, patience), now),
            patience,
            spoken: media.codec,
            describes_silence: false,
            recent: VecDeque::new(),
            media,
        }
    }

    /// Takes what a later exchange of SDP agreed on.
    pub(super) fn restate(&mut self, media: RemoteMedia, now: Instant) {
        self.rtp.state(media.address, media.signals_from);
        self.rtcp.state(media.rtcp, None);
        self.flow.expect(patience_with(&media, self.patience), now);
        if media.codec != self.media.codec {
            self.spoken = media.codec;
        }
        self.media = media;
    }

    /// Expects packets again, after they stopped.
    pub(super) fn watch_anew(&mut self, now: Instant) {
        let patience = patience_with(&self.media, self.patience);
        self.flow.expect(patience, now);
    }

    /// Where our packets go; [`None`] while the direction or the address forbids them.
    pub(super) fn target(&self) -> Option<SocketAddr> {
        self.rtp.target().filter(|_| self.media.direction.sends())
    }

    /// Where our reports go.
    pub(super) fn report_target(&self) -> Option<SocketAddr> {
        if self.media.rtcp_mux {
            self.rtp.target()
        } else {
            self.rtcp.target()
        }
    }

    /// Judges an RTP datagram.
    pub(super) fn receive(
        &mut self,
        source: SocketAddr,
        datagram: &[u8],
        clock: &Clock,
        now: Instant,
    ) -> Result<Received, IgnoredReason> {
        let packet = Packet::parse(datagram).map_err(|_| IgnoredReason::Malformed)?;
        let content = self.content(&packet, datagram);
        // Only a stream we understand may pin its source, and only while the peer may send.
        if content.is_none() && !self.rtp.is_pinned() {
            return Err(IgnoredReason::PayloadType);
        }
        if !self.media.direction.receives() && !self.rtp.is_pinned() {
            return Err(IgnoredReason::Direction);
        }
        if !self.rtp.admit(source) && !self.follows(source, &packet, content, now) {
            return Err(IgnoredReason::ForeignSource);
        }
        if !self.media.direction.receives() {
            return Err(IgnoredReason::Direction);
        }
        let begins = self.flow.packet(now);
        let arrival = self.count(&packet, content, clock.units(now, self.spoken.clock_rate()));
        if arrival == Arrival::Restart {
            self.recent.clear();
            self.presses = DigitReceiver::default();
        }
        let content = content.ok_or(IgnoredReason::PayloadType)?;
        let digit = match content {
            // It is a stranger until the next one follows it.
            _ if arrival == Arrival::Jump => None,
            Content::Event(_) => EventPayload::parse(&datagram[packet.payload.clone()])
                .and_then(|event| self.presses.handle(&packet.header, &event)),
            Content::Audio(codec) => {
                self.keep(&packet, codec, datagram);
                None
            }
            Content::Noise(level) => {
                self.describes_silence = true;
                self.remember(&packet, Heard::Noise(level));
                None
            }
        };
        Ok(Received {
            packet,
            content,
            arrival,
            digit,
            begins,
        })
    }

    // A NAT whose mapping ended gives the peer another port, and a phone that changes its network another address: its stream goes
    // on from there, by its source and its numbers, which a stranger would have to guess. While it comes from where it came from
    // nobody has moved.
    fn follows(
        &mut self,
        source: SocketAddr,
        packet: &Packet,
        content: Option<Content>,
        now: Instant,
    ) -> bool {
        let goes_on = (self.reception.as_ref()).is_some_and(|known| known.goes_on(&packet.header));
        let header = &packet.header;
        let goes_on = goes_on && self.flow.is_silent(MOVED, now) && self.rtp.may_follow(source);
        let knocks = content.is_some()
            && self.rtp.knocks(source, header.ssrc, header.sequence)
            && self.flow.is_silent(SILENT, now);
        let follows = content.is_some() && goes_on || knocks;
        if follows {
            self.rtp.follow(source);
            self.rtcp.loosen();
        }
        follows
    }

    fn content(&self, packet: &Packet, datagram: &[u8]) -> Option<Content> {
        let number = packet.header.payload_type;
        let agreed = &self.media.receive;
        if agreed.is_event(number) {
            let rate = match agreed.telephone_event_48 == Some(number) {
                true => 48_000,
                false => 8000,
            };
            return Some(Content::Event(rate));
        }
        let audio = agreed.codec(number).map(Content::Audio);
        audio.or_else(|| {
            let level = datagram[packet.payload.clone()].first();
            level
                .filter(|_| [agreed.comfort_noise, Some(COMFORT_NOISE)].contains(&Some(number)))
                .map(|&level| Content::Noise(level))
        })
    }

    /// The codec the peer speaks.
    pub(super) const fn spoken(&self) -> Codec {
        self.spoken
    }

    /// Whether the peer has described silence. Whoever takes no descriptions would hear nothing at all then.
    pub(super) const fn describes_silence(&self) -> bool {
        self.describes_silence
    }

    /// The latest packets, the oldest first.
    pub(super) fn recent(&self) -> impl Iterator<Item = &(Header, Heard)> {
        self.recent.iter()
    }

    fn keep(&mut self, packet: &Packet, codec: Codec, datagram: &[u8]) {
        if self.spoken != codec {
            self.spoken = codec;
            self.recent.clear();
        }
        let payload = &datagram[packet.payload.clone()];
        if payload.len() > RECENT_BYTES {
            return;
        }
        let mut room = match self.make_room() {
            Some(Heard::Audio(_, room)) => room,
            Some(Heard::Noise(_) | Heard::Event) | None => Vec::new(),
        };
        room.clear();
        room.extend_from_slice(payload);
        self.remember(packet, Heard::Audio(codec, room));
    }

    fn remember(&mut self, packet: &Packet, heard: Heard) {
        self.make_room();
        self.recent.push_back((packet.header, heard));
    }

    fn make_room(&mut self) -> Option<Heard> {
        let full = self.recent.len() >= RECENT;
        full.then(|| self.recent.pop_front())
            .flatten()
            .map(|(_, heard)| heard)
    }

    fn count(&mut self, packet: &Packet, content: Option<Content>, arrival: u32) -> Arrival {
        let header = &packet.header;
        let timed = matches!(content, Some(Content::Audio(_)));
        let rate = self.spoken.clock_rate();
        match &mut self.reception {
            Some(reception) if reception.ssrc() == header.ssrc => {
                reception.record(header, arrival, timed)
            }
            other => {
                self.lost_before += other.as_ref().map_or(0, Reception::lost);
                *other = Some(Reception::new(header, arrival, rate));
                Arrival::New
            }
        }
    }

    /// Takes a report of the peer's, who may be muted: one from where its sound came says that it is there. Tells whether it does.
    pub(super) fn reported(
        &mut self,
        source: SocketAddr,
        compound: &Compound<'_>,
        now: Instant,
    ) -> bool {
        let leaves = |packet| matches!(packet, rtcp::Packet::Goodbye { .. });
        let is_there = self.rtp.is_at(source.ip()) && !compound.packets().any(leaves);
        if is_there {
            self.flow.sign(now);
        }
        is_there
    }

    /// When the peer gave its last sign of life, if anything ever came from it.
    pub(super) fn last_sign(&self) -> Option<Instant> {
        self.reception.as_ref().map(|_| self.flow.last())
    }

    /// What stays as it is while the peer's packets come one after the other: their source, and how many never came.
    pub(super) fn thread(&self) -> (Option<u32>, u64) {
        let source = self.reception.as_ref().map(Reception::ssrc);
        (source, self.lost())
    }

    fn lost(&self) -> u64 {
        self.lost_before + self.reception.as_ref().map_or(0, Reception::lost)
    }

    /// When [`Self::stopped`] is next due.
    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        self.flow.poll_timeout()
    }

    /// Whether the peer has stopped sending, told once.
    pub(super) fn stopped(&mut self, now: Instant) -> bool {
        self.flow.stopped(now)
    }

    /// Whether the peer takes nothing, and may bring music of its own.
    pub(super) const fn is_held(&self) -> bool {
        !self.media.direction.sends()
    }

    /// Takes note of how unevenly packets come, once each report.
    pub(super) fn sample(&mut self) {
        let jitter = self.jitter_us();
        if self.reception.is_some() {
            self.jitters.add(jitter);
        }
    }

    fn jitter_us(&self) -> u32 {
        let jitter = self.reception.as_ref().map_or(0, Reception::jitter);
        let micros = u64::from(jitter) * 1_000_000 / u64::from(self.spoken.clock_rate());
        u32::try_from(micros).unwrap_or(u32::MAX)
    }

    /// Adds what this stream knows to the leg's numbers.
    pub(super) fn add_to(&self, stats: &mut LegStats) {
        stats.packets_lost = self.lost();
        stats.jitter_us = self.jitter_us();
        stats.mean_jitter_us = self.jitters.with(stats.jitter_us);
        stats.codec = Some(self.spoken);
        stats.peer = self.reports.peer();
        stats.round_trip_us = self
            .reports
            .round_trip()
            .and_then(|time| u32::try_from(time.as_micros()).ok());
        stats.mean_round_trip_us = self.reports.mean_round_trip_us();
    }
}

// How long a peer may send nothing; none where it may not send. One that holds us is not missed, but others are to hear something.
fn patience_with(media: &RemoteMedia, patience: Duration) -> Option<Duration> {
    let holds = !media.direction.sends();
    let patience = if holds {
        HUSHED.min(patience)
    } else {
        patience
    };
    media.direction.receives().then_some(patience)
}
