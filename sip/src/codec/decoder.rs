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

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Decoder").field(&self.codec).finish()
    }
}
