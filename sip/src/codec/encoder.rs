//! From linear samples to payloads.

use std::fmt;

use ropus::{Application, Bitrate, Channels, InbandFec};

use super::{RATE, halfband::Halver};
use crate::{
    g711::{self, Law},
    g722,
    sdp::Codec,
};

/// RFC 7587 §3.1.1: 16 to 20 kbit/s for wideband speech. We send a little more: a call may be coded twice.
const OPUS_BITS: u32 = 24_000;
/// Of 10; twice the work of this gives little at this bit rate.
const OPUS_COMPLEXITY: u8 = 5;
/// A packet of Opus is smaller by far; none of ours is cut.
const OPUS_BYTES: usize = 1275;

/// Encodes one stream of frames of 16 kHz.
pub struct Encoder {
    codec: Codec,
    kind: Kind,
}

#[allow(clippy::large_enum_variant, reason = "one a leg, never moved")]
enum Kind {
    G711 { law: Law, halver: Halver },
    G722(Box<g722::Encoder>),
    Opus(Box<ropus::Encoder>),
}

impl Encoder {
    /// Starts a stream.
    pub fn new(codec: Codec) -> Self {
        let halver = Halver::new();
        let kind = match codec {
            Codec::Pcmu => Kind::G711 {
                law: Law::Mu,
                halver,
            },
            Codec::Pcma => Kind::G711 {
                law: Law::A,
                halver,
            },
            Codec::G722 => Kind::G722(Box::default()),
            Codec::Opus => Kind::Opus(Box::new(
                ropus::Encoder::builder(RATE, Channels::Mono, Application::Voip)
                    .bitrate(Bitrate::Bits(OPUS_BITS))
                    .complexity(OPUS_COMPLEXITY)
                    .build()
                    .expect("one channel at 16 kHz is a form of Opus"),
            )),
        };
        Self { codec, kind }
    }

    /// Its codec.
    pub const fn codec(&self) -> Codec {
        self.codec
    }

    /// Takes note that `percent` of the packets are lost on the way to who can make use of hearing the last one once more
    /// (RFC 7587 §7, `useinbandfec`). Of the codecs only Opus does something about it.
    pub fn expect_loss(&mut self, percent: u8) {
        let Kind::Opus(encoder) = &mut self.kind else {
            return;
        };
        let fec = match percent {
            0 => InbandFec::Disabled,
            _ => InbandFec::Enabled,
        };
        let told = encoder.set_packet_loss_perc(percent.min(100));
        told.and_then(|()| encoder.set_inband_fec(fec))
            .expect("up to a hundred percent is a share");
    }

    /// Appends the payload of so many samples. Opus makes one frame of them, and takes 10, 20, 40 and 60 ms (RFC 6716 §2.1.4).
    pub fn encode(&mut self, samples: &[i16], out: &mut Vec<u8>) {
        match &mut self.kind {
            Kind::G711 { law, halver } => out.extend(
                samples
                    .chunks_exact(2)
                    .map(|pair| g711::encode(*law, halver.halve([pair[0], pair[1]]))),
            ),
            Kind::G722(encoder) => encoder.encode(samples, out),
            Kind::Opus(encoder) => {
                let start = out.len();
                out.resize(start + OPUS_BYTES, 0);
                let written = encoder
                    .encode(samples, &mut out[start..])
                    .expect("it is as long as a frame of Opus, and there is room for it");
                out.truncate(start + written);
            }
        }
    }
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Encoder").field(&self.codec).finish()
    }
}
