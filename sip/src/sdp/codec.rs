//! The codecs Tandem names in SDP and the payload type numbers they go by.

/// An audio codec of RFC 3551 that both sides of a call may agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Codec {
    /// G.711 µ-law, 8 kHz, static payload type 0.
    Pcmu,
    /// G.711 A-law, 8 kHz, static payload type 8.
    Pcma,
}

impl Codec {
    /// The payload type RFC 3551 §6 assigns.
    pub const fn static_payload_type(self) -> u8 {
        match self {
            Self::Pcmu => 0,
            Self::Pcma => 8,
        }
    }

    /// The encoding name of `a=rtpmap`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pcmu => "PCMU",
            Self::Pcma => "PCMA",
        }
    }

    /// Finds the codec an `a=rtpmap` line means; names are compared without case (RFC 8866 §6.6).
    pub fn from_rtpmap(name: &str, clock_rate: u32) -> Option<Self> {
        [Self::Pcmu, Self::Pcma]
            .into_iter()
            .find(|codec| clock_rate == 8000 && codec.name().eq_ignore_ascii_case(name))
    }

    /// Finds the codec of a payload type that has no `a=rtpmap` line.
    pub fn from_static_payload_type(payload_type: u8) -> Option<Self> {
        [Self::Pcmu, Self::Pcma]
            .into_iter()
            .find(|codec| codec.static_payload_type() == payload_type)
    }
}

/// The payload type numbers one side receives its formats under.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PayloadTypes {
    /// The number of G.711 µ-law, when agreed.
    pub pcmu: Option<u8>,
    /// The number of G.711 A-law, when agreed.
    pub pcma: Option<u8>,
    /// The number of RFC 4733 telephone events at 8 kHz, when agreed.
    pub telephone_event: Option<u8>,
}

impl PayloadTypes {
    /// The number `codec` travels under.
    pub const fn of(&self, codec: Codec) -> Option<u8> {
        match codec {
            Codec::Pcmu => self.pcmu,
            Codec::Pcma => self.pcma,
        }
    }

    /// The codec that travels under `payload_type`.
    pub fn codec(&self, payload_type: u8) -> Option<Codec> {
        [Codec::Pcmu, Codec::Pcma]
            .into_iter()
            .find(|&codec| self.of(codec) == Some(payload_type))
    }

    /// Names `payload_type` as the number of `codec`, unless it has one already.
    pub(super) fn add(&mut self, codec: Codec, payload_type: u8) {
        let slot = match codec {
            Codec::Pcmu => &mut self.pcmu,
            Codec::Pcma => &mut self.pcma,
        };
        slot.get_or_insert(payload_type);
    }
}
