//! From payloads to linear samples.

use std::fmt;

use ropus::{Channels, DecodeMode};

use super::{RATE, halfband::Doubler};
use crate::{
    g711::{self, Law},
    g722,
    sdp::Codec,
};

/// The most samples one packet may hold: RFC 6716 §3.2.1 bounds Opus to 120 ms; other packets of 200 ms are cut.
const LONGEST: usize = 3200;

/// Decodes one stream of packets to 16 kHz.
pub struct Decoder {
    codec: Codec,
    kind: Kind,
}

enum Kind {
    G711 { law: Law, doubler: Doubler },
    G722(Box<g722::Decoder>),
    Opus(Box<ropus::Decoder>),
}

impl Decoder {
    /// Starts a stream.
    pub fn new(codec: Codec) -> Self {
        let doubler = Doubler::new();
        let kind = match codec {
            Codec::Pcmu => Kind::G711 {
                law: Law::Mu,
                doubler,
            },
            Codec::Pcma => Kind::G711 {
                law: Law::A,
                doubler,
            },
            Codec::G722 => Kind::G722(Box::default()),
            Codec::Opus => Kind::Opus(Box::new(
                ropus::Decoder::new(RATE, Channels::Mono)
                    .expect("one channel at 16 kHz is a form of Opus"),
            )),
        };
        Self { codec, kind }
    }

    /// Its codec.
    pub const fn codec(&self) -> Codec {
        self.codec
    }

    /// Appends what was lost before a packet of Opus, `count` samples, from what that packet brings once more of the one
    /// before it (RFC 6716 §2.1.7). Tells whether it brings that; no other codec does.
    pub fn recover(&mut self, behind: &[u8], count: usize, out: &mut Vec<i16>) -> bool {
        let Kind::Opus(decoder) = &mut self.kind else {
            return false;
        };
        if !brings_past(behind) {
            return false;
        }
        let start = out.len();
        out.resize(start + count.min(LONGEST), 0);
        let taken = decoder.decode(behind, &mut out[start..], DecodeMode::Fec);
        out.truncate(start + taken.unwrap_or(0));
        taken.is_ok()
    }

    /// Appends the sound of one payload. What is not of the codec adds nothing.
    pub fn decode(&mut self, payload: &[u8], out: &mut Vec<i16>) {
        match &mut self.kind {
            Kind::G711 { law, doubler } => {
                for &byte in payload.iter().take(LONGEST / 2) {
                    out.extend(doubler.double(g711::decode(*law, byte)));
                }
            }
            Kind::G722(decoder) => decoder.decode(&payload[..payload.len().min(LONGEST / 2)], out),
            Kind::Opus(decoder) => decode_opus(decoder, payload, out),
        }
    }
}

fn decode_opus(decoder: &mut ropus::Decoder, payload: &[u8], out: &mut Vec<i16>) {
    if payload.is_empty() {
        return;
    }
    let start = out.len();
    out.resize(start + LONGEST, 0);
    let taken = decoder.decode(payload, &mut out[start..], DecodeMode::Normal);
    out.truncate(start + taken.unwrap_or(0));
}

// RFC 6716 §3.1: of all configurations the first sixteen begin with SILK, and a packet of up to 60 ms is one frame. §4.2.3:
// it begins with a bit for each 20 ms of it, whether somebody speaks, and then one whether it brings what was before.
fn brings_past(packet: &[u8]) -> bool {
    let &[head, first, ..] = packet else {
        return false;
    };
    let speaks = match head >> 3 {
        0 | 1 | 4 | 5 | 8 | 9 | 12..=15 => 1,
        2 | 6 | 10 => 2,
        3 | 7 | 11 => 3,
        _ => return false,
    };
    let one_frame = head & 3 == 0;
    one_frame && first >> (7 - speaks) & 1 == 1
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Decoder").field(&self.codec).finish()
    }
}
