//! The border between the switchboard and the sockets.

use std::net::SocketAddr;
use std::sync::Arc;

use sip::codec::Frame;

/// Where the datagrams of a switchboard go.
pub trait Wire {
    /// Sends a datagram from the ports of a leg. Failures are the wire's to count: RTP is not
    /// repeated.
    fn send(&mut self, through: LegIndex, channel: Channel, to: SocketAddr, datagram: &[u8]);

    /// Tells whoever writes recordings something about one of them. It never waits: what cannot be taken is lost, and
    /// counted there.
    fn tape(&mut self, recording: &Arc<str>, note: Note);
}

/// What becomes of a recording.
#[derive(Debug)]
pub enum Note {
    /// It begins.
    Begin {
        /// Whether it is a message that a caller leaves, which is over once the disk takes no more of it.
        message: bool,
    },
    /// There is nobody to record.
    Missed,
    /// The next 20 ms.
    Sound {
        /// How many times 20 ms were left out before.
        skipped: u32,
        /// Both voices, left and right; silence where there is none.
        sound: Option<Box<[Frame; 2]>>,
    },
    /// It ends.
    End {
        /// Whether it is kept.
        keep: bool,
    },
}

/// Which of a leg's two ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// The even port: media, and reports when multiplexed.
    Rtp,
    /// The odd port: reports.
    Rtcp,
}

/// The place of an open leg, small and dense. It is used again after the leg is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LegIndex(pub usize);
