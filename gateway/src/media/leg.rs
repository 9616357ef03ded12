//! One leg: its peer's stream on one side, on the other the one stream its peer hears.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use sip::codec::Heard;
use sip::dtmf::Digit;
use sip::media::{BROWSER, IgnoredReason, LegKey, LegStats, MediaEvent};
use sip::rtcp::{self, Compound};
use sip::rtp::{Arrival, Playout};
use sip::sdp::{Codec, RemoteMedia};

use super::hush::Hush;
use super::keypad::Keypad;
use super::outlet::Outlet;
use super::player::Player;
use super::shared::Shared;
use super::stream::{Content, Received, Stream};
use super::switchboard::Taping;
use super::tap::Tap;
use super::voice::Voice;
use super::wire::{Channel, LegIndex, Wire};
use super::witness::{Rhythm, Witness};

mod speak;

/// How much longer a browser may say nothing than give no sign of life: the last of that may come after its last packet, and one
/// that is gone is told of as gone.
const AFTER_CONSENT: Duration = Duration::from_secs(1);

/// Keys are dropped when this many events wait: no peer may fill our memory by pressing.
const BACKLOG: usize = 4096;

/// One open leg.
pub(super) struct Leg {
    pub(super) key: LegKey,
    /// The legs its peer hears, and how it comes by them.
    pub(super) hears: Vec<LegIndex>,
    pub(super) feed: Feed,
    /// The legs whose peers hear it.
    pub(super) heard_by: Vec<LegIndex>,
    /// What is decoded of it, while somebody hears it mixed.
    pub(super) tap: Option<Box<Tap>>,
    /// Its recording, while it is recorded.
    pub(super) taping: Option<Box<Taping>>,
    /// When the switchboard will look after the leg next.
    pub(super) armed: Option<Instant>,
    index: LegIndex,
    stage: Stage,
    outlet: Outlet,
    player: Option<Player>,
    /// Who sees whether the peer is there for all of what is played, or was.
    witness: Option<Witness>,
    /// How rarely the peer reports while it is muted.
    rhythm: Rhythm,
    /// What we say ourselves, once we did.
    voice: Option<Box<Voice>>,
    hush: Hush,
    keypad: Keypad,
    stats: LegStats,
}

/// How a leg comes by what its peer hears, while nothing is played to it.
#[derive(Clone, Debug)]
pub(super) enum Feed {
    /// It does not.
    Nothing,
    /// One leg's packets are passed on as they come.
    Relay,
    /// The voices of those it hears are added up, a frame each 20 ms.
    Mix(Playout),
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
            hears: Vec::new(),
            feed: Feed::Nothing,
            heard_by: Vec::new(),
            tap: None,
            taping: None,
            armed: None,
            index,
            stage: Stage::Opened,
            outlet,
            player: None,
            witness: None,
            rhythm: Rhythm::default(),
            voice: None,
            hush: Hush::default(),
            keypad: Keypad::default(),
            stats: LegStats::default(),
        }
    }

    /// Takes what SDP agreed on, the first time or anew.
    pub(super) fn agree(&mut self, media: RemoteMedia, shared: &Shared, now: Instant) {
        self.outlet.set_rate(media.codec.clock_rate());
        match &mut self.stage {
            Stage::Opened => {
                let patience = match media.address == BROWSER {
                    true => shared.settings.absence + AFTER_CONSENT,
                    false => shared.settings.patience,
                };
                let stream = Stream::new(media, patience, now);
                self.stage = Stage::Agreed(Box::new(stream));
                if let Some(player) = &mut self.player {
                    player.restart_clock(shared.grid(now));
                }
            }
            Stage::Agreed(stream) => stream.restate(media, now),
        }
    }

    /// Changes how it comes by what its peer hears. What is played goes on.
    pub(super) fn feed(&mut self, feed: Feed) {
        self.feed = feed;
        if self.player.is_none() {
            self.change_source();
        }
    }

    /// Whether `other`, who is heard alone, can be passed on as it is.
    pub(super) fn understands(&self, other: &Self) -> bool {
        let (Stage::Agreed(ours), Stage::Agreed(theirs)) = (&self.stage, &other.stage) else {
            // Until both are agreed nothing passes either way.
            return true;
        };
        let (spoken, taken) = (theirs.spoken(), ours.media.codec);
        let alike = spoken == taken || spoken.law().is_some() && taken.law().is_some();
        let noise_suits = ours.media.send.comfort_noise.is_some() || !theirs.describes_silence();
        // Packets of the usual length suit whoever asked for nothing else, and those of a peer who asked for the same.
        alike && noise_suits && [20, theirs.media.ptime].contains(&ours.media.ptime)
    }

    /// Begins to decode what its peer says, with the latest packets, or ends that.
    pub(super) fn set_tap(&mut self, on: bool) {
        match (&self.stage, &self.tap, on) {
            (Stage::Agreed(stream), None, true) => {
                let mut tap = Tap::new(stream.spoken());
                for (header, heard) in stream.recent() {
                    tap.put(header, heard.clone());
                }
                self.tap = Some(Box::new(tap));
            }
            (Stage::Opened | Stage::Agreed(_), Some(_), false) => self.tap = None,
            (Stage::Opened, _, true)
            | (Stage::Agreed(_), Some(_), true)
            | (Stage::Opened | Stage::Agreed(_), None, false) => {}
        }
    }

    /// Lets whoever hears it mixed have a packet of its peer.
    pub(super) fn listen(&mut self, received: &Received, datagram: &[u8]) {
        let Some(tap) = &mut self.tap else { return };
        match received.arrival {
            Arrival::Jump => return,
            Arrival::Restart => tap.begin_anew(),
            Arrival::New | Arrival::Late => {}
        }
        let heard = match received.content {
            Content::Audio(codec) => {
                Heard::Audio(codec, datagram[received.packet.payload.clone()].to_vec())
            }
            Content::Event(_) => Heard::Event,
            Content::Noise(level) => Heard::Noise(level),
        };
        tap.put(&received.packet.header, heard);
    }

    /// The codec its peer speaks and whether it describes silence, once one is agreed.
    pub(super) fn manner(&self) -> Option<(Codec, bool)> {
        match &self.stage {
            Stage::Opened => None,
            Stage::Agreed(stream) => Some((stream.spoken(), stream.describes_silence())),
        }
    }

    fn change_source(&mut self) {
        self.outlet.change_source();
        self.hush.wake(0);
        if let Some(voice) = &mut self.voice {
            voice.clear();
        }
    }

    /// Starts a program, or ends it.
    pub(super) fn play(&mut self, player: Option<Player>) {
        self.player = player;
        self.witness = None;
        self.change_source();
    }

    /// Lets it be seen whether the peer is there for all of what is played.
    pub(super) fn witness(&mut self) {
        let last = match &self.stage {
            Stage::Opened => None,
            Stage::Agreed(stream) => stream.last_sign(),
        };
        self.witness = Some(Witness::new(last));
    }

    // Tells that what was played came to its end, once it is known whether the peer was there.
    fn bear_witness(&mut self, shared: &mut Shared) {
        let mute = match &self.stage {
            Stage::Opened => true,
            Stage::Agreed(stream) => !stream.media.direction.receives(),
        };
        let verdict = self.witness.as_ref().and_then(|it| it.verdict(mute));
        if let Some((turn, missed)) = verdict {
            self.witness = None;
            let leg = self.key;
            shared.events.push_back(match missed {
                true => MediaEvent::Missed { leg, turn },
                false => MediaEvent::Played { leg, turn },
            });
        }
    }

    /// Expects packets of its peer again, after they stopped.
    pub(super) fn watch(&mut self, now: Instant) {
        if let Stage::Agreed(stream) = &mut self.stage {
            stream.watch_anew(now);
        }
    }

    /// Lets a key wait to be sent. False when there is no room, or the peer takes no events.
    pub(super) fn press(&mut self, digit: Digit, shared: &Shared, now: Instant) -> bool {
        let takes_events = match &self.stage {
            Stage::Opened => false,
            Stage::Agreed(stream) => stream.media.send.events(stream.media.codec).is_some(),
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
        let thread = self.witness.as_ref().map(|_| stream.thread());
        let received = stream.receive(source, datagram, &shared.clock, now)?;
        if let Some((witness, before)) = self.witness.as_mut().zip(thread) {
            let goes_on = matches!(received.arrival, Arrival::New | Arrival::Late);
            witness.packet(!goes_on || stream.thread() != before, now);
        }
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
        self.bear_witness(shared);
        Ok(received)
    }

    /// Takes the peer's RTCP.
    pub(super) fn receive_report(
        &mut self,
        source: SocketAddr,
        datagram: &[u8],
        shared: &mut Shared,
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
        let last = stream.last_sign();
        let is_there = stream.reported(source, &compound, now);
        let rate = stream.media.codec.clock_rate();
        stream
            .reports
            .handle(&compound, &self.outlet, rate, &shared.clock, now);
        if let Some(witness) = self.witness.as_mut().filter(|_| is_there) {
            witness.report(self.rhythm, now);
        }
        if let Some(last) = last.filter(|_| is_there) {
            self.rhythm.learn(now.saturating_duration_since(last));
        }
        self.bear_witness(shared);
        Ok(())
    }

    /// When [`Self::handle_timeout`] is next due.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let Stage::Agreed(stream) = &self.stage else {
            return None;
        };
        [
            self.frame_due(),
            self.taping.as_ref().map(|taping| taping.due()),
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
            let leg = self.key;
            shared.events.push_back(match stream.is_held() {
                true => MediaEvent::Hushed { leg },
                false => MediaEvent::Stopped { leg },
            });
        }
        if stream.reports.due() <= now {
            stream.reports.postpone(&mut shared.random, now);
            stream.sample();
            self.report(false, shared, wire, now);
            self.judge(shared);
        }
    }

    // Tells when it became poor, or fair again.
    fn judge(&mut self, shared: &mut Shared) {
        let stats = self.stats();
        let Stage::Agreed(stream) = &mut self.stage else {
            return;
        };
        if let Some((poor, quality)) = stream.watch.look(&stats) {
            shared.events.push_back(MediaEvent::Turned {
                leg: self.key,
                poor,
                quality,
            });
        }
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
}
