//! One leg: its peer's stream on one side, on the other the one stream its peer hears.

use std::net::SocketAddr;
use std::time::Instant;

use sip::dtmf::Digit;
use sip::g711;
use sip::media::{IgnoredReason, LegKey, LegStats, MediaEvent};
use sip::rtcp::{self, Compound};
use sip::rtp::HEADER_BYTES;
use sip::sdp::{Codec, RemoteMedia};

use super::keypad::Keypad;
use super::outlet::Outlet;
use super::player::{FRAME_BYTES, Player};
use super::shared::Shared;
use super::stream::{Content, Received, Stream};
use super::wire::{Channel, LegIndex, Wire};

/// Keys are dropped when this many events wait: no peer may fill our memory by pressing.
const BACKLOG: usize = 4096;

/// One open leg.
pub(super) struct Leg {
    pub(super) key: LegKey,
    /// The leg this one is bridged to.
    pub(super) partner: Option<LegIndex>,
    /// When the switchboard will look after the leg next.
    pub(super) armed: Option<Instant>,
    index: LegIndex,
    stage: Stage,
    outlet: Outlet,
    player: Option<Player>,
    keypad: Keypad,
    stats: LegStats,
}

/// How far the leg has come.
enum Stage {
    /// SDP is not agreed.
    Opened,
    /// Media may flow.
    Agreed(Box<Stream>),
}

impl Leg {
    pub(super) fn new(key: LegKey, index: LegIndex, outlet: Outlet) -> Self {
        Self {
            key,
            partner: None,
            armed: None,
            index,
            stage: Stage::Opened,
            outlet,
            player: None,
            keypad: Keypad::default(),
            stats: LegStats::default(),
        }
    }

    /// Takes what SDP agreed on, the first time or anew.
    pub(super) fn agree(&mut self, media: RemoteMedia, shared: &Shared, now: Instant) {
        match &mut self.stage {
            Stage::Opened => {
                let stream = Stream::new(media, shared.settings.patience, now);
                self.stage = Stage::Agreed(Box::new(stream));
                if let Some(player) = &mut self.player {
                    player.restart_clock(shared.grid(now));
                }
            }
            Stage::Agreed(stream) => stream.restate(media, now),
        }
    }

    /// Bridges to `partner`. What was played ends.
    pub(super) fn join(&mut self, partner: LegIndex) {
        self.partner = Some(partner);
        self.play(None);
    }

    /// Ends the bridge. What is played goes on.
    pub(super) fn part(&mut self) {
        self.partner = None;
        if self.player.is_none() {
            self.outlet.change_source();
        }
    }

    /// Starts a program, or ends it.
    pub(super) fn play(&mut self, player: Option<Player>) {
        self.player = player;
        self.outlet.change_source();
    }

    /// Lets a key wait to be sent. False when there is no room, or the peer takes no events.
    pub(super) fn press(&mut self, digit: Digit, shared: &Shared, now: Instant) -> bool {
        let takes_events = match &self.stage {
            Stage::Opened => false,
            Stage::Agreed(stream) => stream.media.send.telephone_event.is_some(),
        };
        if !takes_events {
            return false;
        }
        self.keypad.press(digit, shared.grid(now))
    }

    /// Judges an RTP datagram from the peer. Events are told here, whatever becomes of the packet.
    pub(super) fn receive(
        &mut self,
        source: SocketAddr,
        datagram: &[u8],
        shared: &mut Shared,
        now: Instant,
    ) -> Result<Received, IgnoredReason> {
        let Stage::Agreed(stream) = &mut self.stage else {
            return Err(IgnoredReason::NotReady);
        };
        let received = stream.receive(source, datagram, &shared.clock, now)?;
        self.stats.packets_received += 1;
        self.stats.bytes_received += received.packet.payload.len() as u64;
        shared.tally.received += 1;
        shared.tally.bytes_received += datagram.len() as u64;
        if received.begins {
            shared
                .events
                .push_back(MediaEvent::Flowing { leg: self.key });
        }
        if let Some(digit) = received.digit
            && shared.events.len() < BACKLOG
        {
            shared.events.push_back(MediaEvent::Digit {
                leg: self.key,
                digit,
            });
        }
        Ok(received)
    }

    /// Passes a packet of the partner on to the peer, rewritten where it lies in `datagram`.
    pub(super) fn forward(
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
                self.outlet.leave_out();
                return Err(reason);
            }
        };
        let from = &received.packet.header;
        let header = self
            .outlet
            .relay(from, number, now)
            .ok_or(IgnoredReason::Late)?;

        let payload = received.packet.payload.clone();
        if let Content::Audio(theirs) = received.content {
            g711::transcode(theirs, codec, &mut datagram[payload.clone()]);
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

    /// Takes note that the partner's packet was not passed on.
    pub(super) fn leave_out(&mut self) {
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
            Content::Event => stream.media.send.telephone_event,
        };
        Ok((target, number.ok_or(IgnoredReason::PayloadType)?, codec))
    }

    /// Takes the peer's RTCP.
    pub(super) fn receive_report(
        &mut self,
        source: SocketAddr,
        datagram: &[u8],
        shared: &Shared,
        now: Instant,
    ) -> Result<(), IgnoredReason> {
        let Stage::Agreed(stream) = &mut self.stage else {
            return Err(IgnoredReason::NotReady);
        };
        let compound = Compound::parse(datagram).map_err(|_| IgnoredReason::Malformed)?;
        let ours = if stream.media.rtcp_mux {
            // On a shared port reports never pin the source: media does.
            stream.rtp.is_pinned_to(source)
        } else {
            stream.rtcp.admit(source)
        };
        if !ours {
            return Err(IgnoredReason::ForeignSource);
        }
        stream
            .reports
            .handle(&compound, self.outlet.ssrc(), &shared.clock, now);
        Ok(())
    }

    /// When [`Self::handle_timeout`] is next due.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let Stage::Agreed(stream) = &self.stage else {
            return None;
        };
        [
            self.player.as_ref().map(Player::due),
            self.keypad.due(),
            Some(stream.reports.due()),
            stream.poll_timeout(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Does what is due: frames of a program, keys, a report, the watch over silence.
    pub(super) fn handle_timeout(
        &mut self,
        shared: &mut Shared,
        wire: &mut impl Wire,
        now: Instant,
    ) {
        self.play_due(shared, wire, now);
        self.press_due(shared, wire, now);
        let Stage::Agreed(stream) = &mut self.stage else {
            return;
        };
        if stream.stopped(now) {
            shared
                .events
                .push_back(MediaEvent::Stopped { leg: self.key });
        }
        if stream.reports.due() <= now {
            stream.reports.postpone(&mut shared.random, now);
            self.report(false, shared, wire, now);
        }
    }

    fn play_due(&mut self, shared: &mut Shared, wire: &mut impl Wire, now: Instant) {
        let (Stage::Agreed(stream), Some(player)) = (&self.stage, &mut self.player) else {
            return;
        };
        let (codec, target) = (stream.media.codec, stream.target());
        let number = stream
            .media
            .send
            .of(codec)
            .unwrap_or(codec.static_payload_type());
        let mut packet = [0; HEADER_BYTES + FRAME_BYTES];
        let (head, frame) = packet
            .split_first_chunk_mut::<HEADER_BYTES>()
            .expect("the packet has a header");
        let frame: &mut [u8; FRAME_BYTES] = frame.try_into().expect("the rest is one frame");
        let Some(skipped) = player.frame(codec, frame, now) else {
            return;
        };
        let over = player.is_over();
        if let Some(target) = target {
            *head = self.outlet.play(number, skipped, now).to_bytes();
            wire.send(self.index, Channel::Rtp, target, &packet);
            self.count_sent(FRAME_BYTES, shared);
        } else {
            // What the direction forbids goes on unheard, and is joined where the clock stands.
            self.outlet.change_source();
        }
        if over {
            self.play(None);
            shared
                .events
                .push_back(MediaEvent::Played { leg: self.key });
        }
    }

    fn press_due(&mut self, shared: &mut Shared, wire: &mut impl Wire, now: Instant) {
        let Stage::Agreed(stream) = &self.stage else {
            return;
        };
        let packet = self.keypad.packet(now);
        let (Some(packet), Some(target), Some(number)) =
            (packet, stream.target(), stream.media.send.telephone_event)
        else {
            return;
        };
        let header = self.outlet.event(number, packet.marker, now);
        let payload = packet.payload.to_bytes();
        let mut datagram = [0; HEADER_BYTES + 4];
        datagram[..HEADER_BYTES].copy_from_slice(&header.to_bytes());
        datagram[HEADER_BYTES..].copy_from_slice(&payload);
        wire.send(self.index, Channel::Rtp, target, &datagram);
        self.count_sent(payload.len(), shared);
    }

    /// Sends a report, with a goodbye when the leg ends.
    pub(super) fn report(
        &mut self,
        goodbye: bool,
        shared: &mut Shared,
        wire: &mut impl Wire,
        now: Instant,
    ) {
        let Stage::Agreed(stream) = &mut self.stage else {
            return;
        };
        let Some(target) = stream.report_target() else {
            return;
        };
        let mut datagram = std::mem::take(&mut shared.report);
        datagram.clear();
        let reception = stream.reception.as_mut();
        let (cname, clock) = (&shared.cname, &shared.clock);
        stream
            .reports
            .write(&mut datagram, &self.outlet, reception, cname, clock, now);
        if goodbye {
            rtcp::write_bye(&mut datagram, self.outlet.ssrc());
        }
        let channel = if stream.media.rtcp_mux {
            Channel::Rtp
        } else {
            Channel::Rtcp
        };
        wire.send(self.index, channel, target, &datagram);
        shared.report = datagram;
    }

    /// Counts a datagram that was ignored.
    pub(super) fn ignore(&mut self) {
        self.stats.ignored += 1;
    }

    /// The leg's numbers so far.
    pub(super) fn stats(&self) -> LegStats {
        let mut stats = self.stats;
        if let Stage::Agreed(stream) = &self.stage {
            stream.add_to(&mut stats);
        }
        stats
    }

    fn count_sent(&mut self, payload: usize, shared: &mut Shared) {
        self.outlet.count(payload);
        self.stats.packets_sent += 1;
        self.stats.bytes_sent += payload as u64;
        shared.tally.sent += 1;
        shared.tally.bytes_sent += (HEADER_BYTES + payload) as u64;
    }
}
