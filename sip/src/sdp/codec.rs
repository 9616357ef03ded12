//! The codecs Tandem names in SDP and the payload type numbers they go by.

use crate::g711::Law;

/// An audio codec that both sides of a call may agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Codec {
    /// G.711 µ-law, 8 kHz, static payload type 0.
    Pcmu,
    /// G.711 A-law, 8 kHz, static payload type 8.
    Pcma,
    /// G.722 at 64 kbit/s, 16 kHz, static payload type 9.
    G722,
    /// Opus (RFC 7587), up to 48 kHz, a dynamic payload type.
    Opus,
}

impl Codec {
    /// Every codec there is.
    pub const ALL: [Self; 4] = [Self::Pcmu, Self::Pcma, Self::G722, Self::Opus];

    /// The payload type RFC 3551 §6 assigns; for Opus the one we use in our own offers.
    pub const fn payload_type(self) -> u8 {
        match self {
            Self::Pcmu => 0,
            Self::Pcma => 8,
            Self::G722 => 9,
            Self::Opus => 111,
        }
    }

    /// The encoding name of `a=rtpmap`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pcmu => "PCMU",
            Self::Pcma => "PCMA",
            Self::G722 => "G722",
            Self::Opus => "opus",
        }
    }

    /// The rate of its timestamps in hertz. RFC 3551 §4.5.2: that of G.722 says 8000 although it samples at 16,000.
    /// RFC 7587 §4.1: that of Opus is always 48,000.
    pub const fn clock_rate(self) -> u32 {
        match self {
            Self::Pcmu | Self::Pcma | Self::G722 => 8000,
            Self::Opus => 48_000,
        }
    }

    /// Its law, when it is G.711.
    pub const fn law(self) -> Option<Law> {
        match self {
            Self::Pcmu => Some(Law::Mu),
            Self::Pcma => Some(Law::A),
            Self::G722 | Self::Opus => None,
        }
    }

    /// What follows the clock rate in `a=rtpmap`. RFC 7587 §7: Opus always says two channels.
    pub(super) const fn channels(self) -> &'static str {
        match self {
            Self::Pcmu | Self::Pcma | Self::G722 => "",
            Self::Opus => "/2",
        }
    }

    /// Finds the codec an `a=rtpmap` line means; names are compared without case (RFC 8866 §6.6).
    pub fn from_rtpmap(name: &str, clock_rate: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|codec| {
            clock_rate == codec.clock_rate() && codec.name().eq_ignore_ascii_case(name)
        })
    }

    /// Finds the codec of a payload type that has no `a=rtpmap` line.
    pub fn from_static_payload_type(payload_type: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|codec| payload_type < 96 && codec.payload_type() == payload_type)
    }
}

/// The payload type of comfort noise at 8 kHz (RFC 3389 §4). It is static, and some send it without having said so.
pub const COMFORT_NOISE: u8 = 13;

/// The payload type numbers one side receives its formats under.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PayloadTypes {
    /// The number of G.711 µ-law, when agreed.
    pub pcmu: Option<u8>,
    /// The number of G.711 A-law, when agreed.
    pub pcma: Option<u8>,
    /// The number of G.722, when agreed.
    pub g722: Option<u8>,
    /// The number of Opus, when agreed.
    pub opus: Option<u8>,
    /// The number of RFC 4733 telephone events at 8 kHz, when agreed.
    pub telephone_event: Option<u8>,
    /// The number of telephone events at 48 kHz, which go with Opus, when agreed.
    pub telephone_event_48: Option<u8>,
    /// The number of comfort noise at 8 kHz (RFC 3389), when agreed. It goes with every codec but Opus.
    pub comfort_noise: Option<u8>,
}

impl PayloadTypes {
    /// The number `codec` travels under.
    pub const fn of(&self, codec: Codec) -> Option<u8> {
        match codec {
            Codec::Pcmu => self.pcmu,
            Codec::Pcma => self.pcma,
            Codec::G722 => self.g722,
            Codec::Opus => self.opus,
        }
    }

    /// The number telephone events beside `codec` travel under, and the rate of their durations in hertz. Some phones
    /// that speak Opus count events at 8 kHz all the same.
    pub const fn events(&self, codec: Codec) -> Option<(u8, u32)> {
        match (codec, self.telephone_event_48, self.telephone_event) {
            (Codec::Opus, Some(number), _) => Some((number, 48_000)),
            (_, _, Some(number)) => Some((number, 8000)),
            (_, _, None) => None,
        }
    }

    /// Whether telephone events travel under `payload_type`.
    pub fn is_event(&self, payload_type: u8) -> bool {
        [self.telephone_event, self.telephone_event_48].contains(&Some(payload_type))
    }

    /// The codec that travels under `payload_type`.
    pub fn codec(&self, payload_type: u8) -> Option<Codec> {
        Codec::ALL
            .into_iter()
            .find(|&codec| self.of(codec) == Some(payload_type))
    }

    /// Names `payload_type` as the number of `codec`, unless it has one already.
    pub(super) fn add(&mut self, codec: Codec, payload_type: u8) {
        self.slot(codec).get_or_insert(payload_type);
    }

    /// Keeps the numbers of `codecs`, and what goes with them.
    pub(super) fn only(mut self, codecs: &[Codec]) -> Self {
        for codec in Codec::ALL {
            if !codecs.contains(&codec) {
                *self.slot(codec) = None;
            }
        }
        if !codecs.contains(&Codec::Opus) {
            self.telephone_event_48 = None;
        }
        if codecs.iter().all(|&codec| codec == Codec::Opus) {
            self.comfort_noise = None;
        }
        self
    }

    /// Takes the numbers of `newer` where it has some.
    pub(super) fn over(mut self, newer: Self) -> Self {
        for codec in Codec::ALL {
            let slot = self.slot(codec);
            *slot = newer.of(codec).or(*slot);
        }
        self.telephone_event = newer.telephone_event.or(self.telephone_event);
        self.telephone_event_48 = newer.telephone_event_48.or(self.telephone_event_48);
        self.comfort_noise = newer.comfort_noise.or(self.comfort_noise);
        self
    }

    const fn slot(&mut self, codec: Codec) -> &mut Option<u8> {
        match codec {
            Codec::Pcmu => &mut self.pcmu,
            Codec::Pcma => &mut self.pcma,
            Codec::G722 => &mut self.g722,
            Codec::Opus => &mut self.opus,
        }
    }
}
