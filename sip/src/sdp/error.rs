//! Why a description could not be used.

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
    /// No `m=audio` line over RTP with a port is there, or only secured ones where none may be.
    #[error("no audio stream over RTP/AVP is offered")]
    NoAudio,
    /// The audio stream has no usable unicast IP address of our family.
    #[error("the audio stream has no usable address")]
    Address,
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
            | Self::Address
            | Self::NoCommonCodec
            | Self::NoCommonKeys
            | Self::Unsecured
            | Self::Refused
            | Self::NoOffer => false,
        }
    }
}
