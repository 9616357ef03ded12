//! Why a server closes a socket: one code a reason, so that a client knows what to do next.

/// The close codes of `tandem.v1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Close {
    /// 1001: the server is leaving; come back after a moment.
    Leaving,
    /// 1002: the client broke the WebSocket protocol (RFC 6455 §7.4.1).
    Protocol,
    /// 1007: a text message that is no UTF-8.
    NotText,
    /// 1003: a binary message; only text is spoken.
    Binary,
    /// 1009: a frame longer than the limit.
    TooBig,
    /// 1011: the server erred; come back after a moment.
    Fault,
    /// 4001: no `hello` came first, or none in time.
    NoHello,
    /// 4002: too many frames that could not be read.
    Unreadable,
    /// 4003: the credential is missing, wrong, expired or somebody else's; come back with a new one.
    Unauthorized,
    /// 4004: two pings went unanswered; come back.
    Silent,
    /// 4005: the same visitor or agent opened too many sockets and this was the oldest; stay away.
    Crowded,
    /// 4008: the client read too slowly; come back and resume.
    Slow,
    /// 4009: two pongs showed that entries did not arrive; come back and resume.
    Behind,
    /// 4029: the client kept asking faster than allowed; come back after a minute.
    Flooding,
}

impl Close {
    /// Every reason there is.
    pub const ALL: [Self; 14] = [
        Self::Leaving,
        Self::Protocol,
        Self::NotText,
        Self::Binary,
        Self::TooBig,
        Self::Fault,
        Self::NoHello,
        Self::Unreadable,
        Self::Unauthorized,
        Self::Silent,
        Self::Crowded,
        Self::Slow,
        Self::Behind,
        Self::Flooding,
    ];

    /// Returns the number in the WebSocket close frame (RFC 6455 §7.4).
    pub fn code(self) -> u16 {
        match self {
            Self::Leaving => 1001,
            Self::Protocol => 1002,
            Self::NotText => 1007,
            Self::Binary => 1003,
            Self::TooBig => 1009,
            Self::Fault => 1011,
            Self::NoHello => 4001,
            Self::Unreadable => 4002,
            Self::Unauthorized => 4003,
            Self::Silent => 4004,
            Self::Crowded => 4005,
            Self::Slow => 4008,
            Self::Behind => 4009,
            Self::Flooding => 4029,
        }
    }

    /// Returns the sentence in the close frame, at most 123 bytes (RFC 6455 §5.5).
    pub fn text(self) -> &'static str {
        match self {
            Self::Leaving => "the server is restarting; connect again in a moment",
            Self::Protocol => "a frame broke the WebSocket protocol",
            Self::NotText => "a text frame was not UTF-8",
            Self::Binary => "send text frames, not binary ones",
            Self::TooBig => "the frame is longer than allowed",
            Self::Fault => "the server failed; connect again in a moment",
            Self::NoHello => "say hello first, and soon",
            Self::Unreadable => "too many frames that are no JSON request",
            Self::Unauthorized => "the credential is not valid; get a new one",
            Self::Silent => "two pings were not answered",
            Self::Crowded => "too many sockets are open for this credential",
            Self::Slow => "frames were not read fast enough; connect again and resume",
            Self::Behind => "entries did not arrive; connect again and resume",
            Self::Flooding => "too many requests; wait a minute",
        }
    }

    /// Finds the reason by its number.
    pub fn from_code(code: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|close| close.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_names_one_reason_and_its_sentence_fits_a_control_frame() {
        for close in Close::ALL {
            assert_eq!(Close::from_code(close.code()), Some(close));
            assert!(close.text().len() <= 123);
        }
        assert_eq!(Close::from_code(1000), None);
    }
}
