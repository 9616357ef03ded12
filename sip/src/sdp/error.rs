//! Why a description could not be used.

use crate::families::Family;

/// Why an offer or answer was refused. The peer erred in every case but the last.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SdpError {
    /// The body is larger than any description we read.
    #[error("the session description has {bytes} bytes, more than {limit}")]
    TooLarge {
        /// Size of the body.
        bytes: usize,
        /// The most we read.
        limit: usize,
    },
    /// The body breaks the grammar of RFC 8866.
    #[error("the session description is malformed")]
    Malformed(#[from] sdp_types::ParserError),
    /// A line that must be there is missing or has no meaning.
    #[error("the session description has no usable {0}= line")]
    Line(char),
    /// No `m=audio` line with a port is there.
    #[error("no audio stream is described")]
    NoAudio,
    /// Audio comes by another protocol than RTP, or is secured where it may not be.
    #[error("audio is described over no protocol that is taken here")]
    Transport,
    /// The audio stream has no IP address that packets can be sent to.
    #[error("the audio stream has no usable address")]
    Address,
    /// The audio stream is at an address of many.
    #[error("audio is not sent to or taken from multicast addresses")]
    Multicast,
    /// The audio stream is at an address of a family of which we have none.
    #[error("the audio stream is at an address of {0}, which is not spoken here")]
    Family(Family),
    /// We share no codec.
    #[error("no codec in common")]
    NoCommonCodec,
    /// The audio stream is secured, and no keys could be agreed on: nothing in common, or not allowed here.
    #[error("no way to agree on SRTP keys in common")]
    NoCommonKeys,
    /// The audio stream is in clear where it must not be.
    #[error("audio must be secured by SRTP here")]
    Unsecured,
    /// The answer names other streams or formats than the offer.
    #[error("the answer does not fit the offer")]
    AnswerMismatch,
    /// The peer refused the audio stream with port 0.
    #[error("the peer refused the audio stream")]
    Refused,
    /// An answer came and no offer of ours is open.
    #[error("an answer came without an offer")]
    NoOffer,
}

impl SdpError {
    /// Whether the body itself is broken (answer 400), as opposed to one whose wishes we cannot
    /// meet (answer 488).
    pub const fn is_malformed(&self) -> bool {
        match self {
            Self::TooLarge { .. } | Self::Malformed(_) | Self::Line(_) | Self::AnswerMismatch => {
                true
            }
            Self::NoAudio
            | Self::Transport
            | Self::Address
            | Self::Multicast
            | Self::Family(_)
            | Self::NoCommonCodec
            | Self::NoCommonKeys
            | Self::Unsecured
            | Self::Refused
            | Self::NoOffer => false,
        }
    }

    /// Returns the warn-code that names what cannot be met (RFC 3261 §20.43).
    pub const fn warn_code(&self) -> u16 {
        match self {
            Self::Address | Self::Family(_) => 301,
            Self::Transport | Self::Unsecured => 302,
            Self::NoAudio | Self::Refused => 304,
            Self::NoCommonCodec => 305,
            Self::NoCommonKeys => 306,
            Self::Multicast => 330,
            Self::TooLarge { .. }
            | Self::Malformed(_)
            | Self::Line(_)
            | Self::AnswerMismatch
            | Self::NoOffer => 399,
        }
    }
}
