//! The stream agreed with a peer: what comes from it is judged and counted here.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use sip::dtmf::{Digit, DigitReceiver, EventPayload};
use sip::media::{IgnoredReason, LegStats};
use sip::rtp::{Arrival, Packet, Reception};
use sip::sdp::{Codec, RemoteMedia};

use super::flow::Flow;
use super::latch::Latch;
use super::reports::{Clock, Reports};

/// Everything that is known once SDP is agreed.
pub(super) struct Stream {
    pub(super) media: RemoteMedia,
    pub(super) rtp: Latch,
    pub(super) rtcp: Latch,
    pub(super) reports: Reports,
    pub(super) reception: Option<Reception>,
    /// Packets lost in streams the peer has ended.
    lost_before: u64,
    presses: DigitReceiver,
    flow: Flow,
}

/// A packet the peer was allowed to send.
pub(super) struct Received {
    pub(super) packet: Packet,
    pub(super) content: Content,
    /// A key whose press this packet is the first to tell.
    pub(super) digit: Option<Digit>,
    /// Whether nothing had come before, or for long.
    pub(super) begins: bool,
}

/// What a packet carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Audio(Codec),
    Event,
}

impl Stream {
    pub(super) fn new(media: RemoteMedia, patience: Duration, now: Instant) -> Self {
        Self {
            rtp: Latch::new(media.address),
            rtcp: Latch::new(media.rtcp),
            reports: Reports::new(now),
            reception: None,
            lost_before: 0,
            presses: DigitReceiver::default(),
            flow: Flow::new(media.direction.receives(), patience, now),
            media,
        }
    }

    /// Takes what a later exchange of SDP agreed on.
    pub(super) fn restate(&mut self, media: RemoteMedia, now: Instant) {
        self.rtp.state(media.address);
        self.rtcp.state(media.rtcp);
        self.flow.expect(media.direction.receives(), now);
        self.media = media;
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
        let content = self.content(&packet);
        // Only a stream we understand may pin its source.
        if content.is_none() && !self.rtp.is_pinned() {
            return Err(IgnoredReason::PayloadType);
        }
        if !self.rtp.admit(source) {
            return Err(IgnoredReason::ForeignSource);
        }
        if !self.media.direction.receives() {
            return Err(IgnoredReason::Direction);
        }
        let begins = self.flow.packet(now);
        self.count(&packet, content, clock.samples(now));
        let content = content.ok_or(IgnoredReason::PayloadType)?;
        let digit = match content {
            Content::Event => EventPayload::parse(&datagram[packet.payload.clone()])
                .and_then(|event| self.presses.handle(&packet.header, &event)),
            Content::Audio(_) => None,
        };
        Ok(Received {
            packet,
            content,
            digit,
            begins,
        })
    }

    fn content(&self, packet: &Packet) -> Option<Content> {
        let number = packet.header.payload_type;
        if self.media.receive.telephone_event == Some(number) {
            return Some(Content::Event);
        }
        self.media.receive.codec(number).map(Content::Audio)
    }

    fn count(&mut self, packet: &Packet, content: Option<Content>, arrival: u32) {
        let header = &packet.header;
        let timed = matches!(content, Some(Content::Audio(_)));
        match &mut self.reception {
            Some(reception) if reception.ssrc() == header.ssrc => {
                match reception.record(header, arrival, timed) {
                    Arrival::New | Arrival::Late | Arrival::Jump | Arrival::Restart => {}
                }
            }
            other => {
                self.lost_before += other.as_ref().map_or(0, Reception::lost);
                *other = Some(Reception::new(header, arrival));
            }
        }
    }

    /// When [`Self::stopped`] is next due.
    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        self.flow.poll_timeout()
    }

    /// Whether the peer has stopped sending, told once.
    pub(super) fn stopped(&mut self, now: Instant) -> bool {
        self.flow.stopped(now)
    }

    /// Adds what this stream knows to the leg's numbers.
    pub(super) fn add_to(&self, stats: &mut LegStats) {
        stats.packets_lost = self.lost_before + self.reception.as_ref().map_or(0, Reception::lost);
        stats.jitter_us = self.reception.as_ref().map_or(0, Reception::jitter) * 125;
        stats.peer_fraction_lost = self.reports.fraction_lost();
        stats.round_trip_us = self
            .reports
            .round_trip()
            .and_then(|time| u32::try_from(time.as_micros()).ok());
    }
}
