//! The switchboard among simulated phones, in virtual time.

mod cost;
mod hold;
mod mixing;
mod noise;
mod programs;
mod properties;
mod recording;
mod relay;
mod reports;
mod sockets;

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use sip::codec::{Decoder, Encoder};
use sip::media::{LegKey, MediaEvent};
use sip::rtp::{FRAME, Header, Packet};
use sip::sdp::{Codec, Direction, PayloadTypes, Protection, RemoteMedia};
use sip::tone::{self, Sine};
use sip::{g711, rtp};

use super::library::Sounds;
use super::recording::Recordings;
use super::shared::Settings;
use super::switchboard::Switchboard;
use super::wire::{Channel, LegIndex, Note, Wire};

const EVENTS: u8 = 101;
/// Packets of this leg make the switchboard panic.
pub(super) const TRAP: LegKey = LegKey(u64::MAX);

/// What a switchboard sent.
#[derive(Default)]
struct Sent(
    Vec<(LegIndex, Channel, SocketAddr, Vec<u8>)>,
    Vec<(Arc<str>, Note)>,
);

impl Wire for Sent {
    fn send(&mut self, through: LegIndex, channel: Channel, to: SocketAddr, datagram: &[u8]) {
        self.0.push((through, channel, to, datagram.to_vec()));
    }

    fn tape(&mut self, recording: &Arc<str>, note: Note) {
        self.1.push((Arc::clone(recording), note));
    }
}

/// A synthetic phone that hums one tone.
struct Phone {
    key: LegKey,
    index: LegIndex,
    address: SocketAddr,
    media: RemoteMedia,
    next: Header,
    hum: Sine,
    encoder: Encoder,
    talks: bool,
    heard: Vec<(Header, Vec<u8>)>,
    reports: Vec<Vec<u8>>,
}

impl Phone {
    /// What was heard, as samples: 8,000 a second of G.711, else 16,000.
    fn samples(&self) -> Vec<i16> {
        let audio = self
            .heard
            .iter()
            .filter(|(header, _)| header.payload_type != EVENTS);
        let Some(law) = self.media.codec.law() else {
            let mut decoder = Decoder::new(self.media.codec);
            let mut samples = Vec::new();
            audio.for_each(|(_, payload)| decoder.decode(payload, &mut samples));
            return samples;
        };
        audio
            .flat_map(|(_, payload)| payload)
            .map(|&byte| g711::decode(law, byte))
            .collect()
    }

    /// How loud what was heard is, as a root mean square.
    fn loudness(&self) -> f32 {
        let samples = self.samples();
        let power: f32 = samples.iter().map(|&s| f32::from(s).powi(2)).sum();
        (power / samples.len() as f32).sqrt()
    }

    /// How loud a tone was in what was heard.
    fn level(&self, frequency: u32) -> f32 {
        // The ear counts 8,000 samples a second.
        let octaves = u32::from(self.media.codec.law().is_none());
        tone::level(&self.samples(), frequency >> octaves)
    }

    /// Whether a tone was in what was heard.
    fn hears(&self, frequency: u32) -> bool {
        self.level(frequency) > 2000.0
    }

    fn packet(&mut self, payload_type: u8, payload: &[u8]) -> Vec<u8> {
        let header = Header {
            payload_type,
            ..self.next
        };
        self.next.sequence = self.next.sequence.wrapping_add(1);
        [&header.to_bytes(), payload].concat()
    }
}

/// A switchboard and its phones.
struct Exchange {
    board: Switchboard,
    phones: Vec<Phone>,
    events: Vec<MediaEvent>,
    notes: Vec<(Arc<str>, Note)>,
    now: Instant,
}

/// The tones phones hum, by number.
const HUM: [u32; 4] = [400, 700, 1000, 1300];

impl Exchange {
    fn new() -> Self {
        let now = Instant::now();
        Self {
            board: Switchboard::new(Settings::default(), sounds(), 1, 3_900_000_000 << 32, now),
            phones: Vec::new(),
            events: Vec::new(),
            notes: Vec::new(),
            now,
        }
    }

    /// Two phones that hum and are bridged.
    fn call(codecs: [Codec; 2]) -> Self {
        let mut exchange = Self::new();
        for codec in codecs {
            exchange.phone(codec);
        }
        exchange.board.bridge(LegKey(0), LegKey(1), exchange.now);
        exchange
    }

    fn phone(&mut self, codec: Codec) -> usize {
        let port = 4000 + 2 * self.phones.len() as u16;
        self.phone_at(SocketAddr::from(([10, 0, 0, 1], port)), codec)
    }

    fn phone_at(&mut self, address: SocketAddr, codec: Codec) -> usize {
        let n = self.phones.len();
        let key = LegKey(n as u64);
        let media = agreed(address, codec, Direction::SendRecv);
        let index = self.board.open(key).unwrap();
        self.board.agree(key, media.clone(), self.now);
        self.phones.push(Phone {
            key,
            index,
            address,
            media,
            next: Header {
                ssrc: 1000 + n as u32,
                sequence: 65_500,
                ..Header::default()
            },
            hum: Sine::new(HUM[n] >> u32::from(codec.law().is_none()), 8000),
            encoder: Encoder::new(codec),
            talks: true,
            heard: Vec::new(),
            reports: Vec::new(),
        });
        n
    }

    fn direct(&mut self, n: usize, direction: Direction) {
        let phone = &mut self.phones[n];
        phone.media.direction = direction;
        self.board.agree(phone.key, phone.media.clone(), self.now);
    }

    /// Lets a phone send a datagram, from an address of its choice.
    fn send_from(&mut self, n: usize, source: SocketAddr, mut datagram: Vec<u8>) {
        let mut wire = Sent::default();
        let index = self.phones[n].index;
        self.board
            .handle_rtp(index, source, &mut datagram, &mut wire, self.now);
        self.hand_over(wire);
    }

    /// Lets a phone fall silent, and describe that as noise so many decibels below the loudest.
    fn describe_silence(&mut self, n: usize, level: u8) {
        self.phones[n].talks = false;
        let packet = self.phones[n].packet(13, &[level]);
        let source = self.phones[n].address;
        self.send_from(n, source, packet);
    }

    /// Lets a phone hum another tone from now on.
    fn hums(&mut self, n: usize, tone: u32) {
        let phone = &mut self.phones[n];
        let octaves = u32::from(phone.media.codec.law().is_none());
        phone.hum = Sine::new(tone >> octaves, 8000);
    }

    fn hum(&mut self, n: usize) {
        let phone = &mut self.phones[n];
        let codec = phone.media.codec;
        let frame = match codec.law() {
            Some(law) => (&mut phone.hum)
                .take(160)
                .map(|s| g711::encode(law, s))
                .collect(),
            None => {
                let samples: Vec<i16> = (&mut phone.hum).take(320).collect();
                let mut payload = Vec::new();
                phone.encoder.encode(&samples, &mut payload);
                payload
            }
        };
        let packet = phone.packet(codec.payload_type(), &frame);
        let source = phone.address;
        self.send_from(n, source, packet);
    }

    /// Lets everybody hum for some frames.
    fn run(&mut self, frames: u32) {
        for _ in 0..frames {
            for n in 0..self.phones.len() {
                if self.phones[n].talks {
                    self.hum(n);
                }
                let step = self.phones[n].media.codec.clock_rate() / 50;
                let next = &mut self.phones[n].next;
                next.timestamp = next.timestamp.wrapping_add(step);
            }
            self.pass(FRAME);
        }
    }

    /// Lets time pass, and what is due be done.
    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(due) = self.board.poll_timeout().filter(|&due| due <= end) {
            self.now = self.now.max(due);
            let mut wire = Sent::default();
            self.board.handle_timeout(&mut wire, self.now);
            self.hand_over(wire);
        }
        self.now = end;
        self.events
            .extend(std::iter::from_fn(|| self.board.poll_event()));
    }

    fn hand_over(&mut self, wire: Sent) {
        self.notes.extend(wire.1);
        for (_, channel, to, datagram) in wire.0 {
            let rtcp = SocketAddr::new(to.ip(), to.port().wrapping_sub(1));
            let Some(phone) = self.phones.iter_mut().find(|phone| match channel {
                Channel::Rtp => phone.address == to,
                Channel::Rtcp => phone.address == rtcp,
            }) else {
                continue;
            };
            if rtp::is_rtcp(&datagram) {
                phone.reports.push(datagram);
            } else {
                let packet = Packet::parse(&datagram).unwrap();
                phone
                    .heard
                    .push((packet.header, datagram[packet.payload].to_vec()));
            }
        }
    }

    fn forget(&mut self) {
        for phone in &mut self.phones {
            phone.heard.clear();
        }
    }
}

/// Composed once: it takes longer than the tests.
fn sounds() -> Sounds {
    static SOUNDS: LazyLock<Sounds> = LazyLock::new(|| Sounds::new(&Recordings::default()));
    SOUNDS.clone()
}

fn agreed(address: SocketAddr, codec: Codec, direction: Direction) -> RemoteMedia {
    let numbers = PayloadTypes {
        pcmu: Some(0),
        pcma: Some(8),
        g722: Some(9),
        opus: Some(111),
        telephone_event: Some(EVENTS),
        telephone_event_48: None,
        comfort_noise: None,
    };
    RemoteMedia {
        protection: Protection::Plain,
        address,
        signals_from: None,
        rtcp: SocketAddr::new(address.ip(), address.port() + 1),
        rtcp_mux: false,
        codec,
        send: numbers,
        receive: numbers,
        direction,
        ptime: 20,
        fec: false,
    }
}

/// Asserts that what a phone heard is one stream that counts by one.
fn assert_continuous(phone: &Phone) {
    for pair in phone.heard.windows(2) {
        assert_eq!(pair[1].0.ssrc, pair[0].0.ssrc);
        assert_eq!(pair[1].0.sequence, pair[0].0.sequence.wrapping_add(1));
        let step = pair[1].0.timestamp.wrapping_sub(pair[0].0.timestamp);
        assert!(step < 1 << 31, "the clock ran backwards");
    }
}
