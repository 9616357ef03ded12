//! The border of the media plane: what it is asked, and what it reports.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use rand::{Rng, RngExt};

use crate::dtmf::Digit;
use crate::families::Families;
use crate::quality::Quality;
use crate::sdp::{Codec, Fingerprints, RemoteMedia};
use crate::speech::Listen;

/// One leg's media, named by the caller. A key may be used again once its [`MediaEvent::Stats`]
/// has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LegKey(pub u64);

/// Stands for the place of every browser, which ICE finds and may change at any time: the IPv4 dummy address (RFC 7600)
/// and the discard port.
pub const BROWSER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 0, 8)), 9);

/// The user fragment and password of an ICE agent (RFC 8839 §5.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IceCredentials {
    /// 4 to 256 letters, digits, `+` and `/`.
    pub ufrag: String,
    /// 22 to 256 of the same.
    pub password: String,
}

/// Letters of credentials of ours: 48 bits and 144 bits of randomness (RFC 8445 §5.3 asks for 24 and 128).
const UFRAG: usize = 8;
const PASSWORD: usize = 24;
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

impl IceCredentials {
    /// Makes some of our own.
    pub fn new(rng: &mut impl Rng) -> Self {
        let mut letters = |count: usize| -> String {
            let mut letter = || char::from(LETTERS[rng.random_range(0..LETTERS.len())]);
            (0..count).map(|_| letter()).collect()
        };
        Self {
            ufrag: letters(UFRAG),
            password: letters(PASSWORD),
        }
    }
}

/// By what a browser's packets are proved to be its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Security {
    /// Ours, which its checks are sent to and signed with.
    pub ice: IceCredentials,
    /// Its own user fragment.
    pub ufrag: String,
    /// The certificates of which it shows one in its handshake.
    pub fingerprints: Fingerprints,
    /// Whether the handshake is ours to begin.
    pub active: bool,
}

/// What the media plane is asked to do. A command for a leg that is not open is ignored: commands
/// and a leg's end cross on their way.
#[derive(Clone, Debug, PartialEq)]
pub enum MediaCommand {
    /// Binds `port` for RTP and `port + 1` for RTCP on each of `addresses`. Answered by
    /// [`MediaEvent::Opened`] or [`MediaEvent::OpenFailed`].
    Open {
        /// The new leg.
        leg: LegKey,
        /// The local addresses, of the families the leg's SDP may state.
        addresses: Families<IpAddr>,
        /// The RTP port, even. 0 lets the system choose, for tests; RTCP then only works multiplexed.
        port: u16,
    },
    /// Opens a leg on the port of all browsers, or lets its browser come by another way (ICE restart) or anew: where the
    /// certificate is another one, a new handshake is awaited. Not answered; [`MediaEvent::Failed`] and
    /// [`MediaEvent::Stats`] tell that there is no such port.
    Browser {
        /// The leg.
        leg: LegKey,
        /// How its browser is known.
        security: Security,
    },
    /// States or changes what was agreed with the peer. The first one lets media flow. A peer that comes by ICE
    /// ([`crate::sdp::Protection::Ice`]) comes to the port of all browsers: the leg's own is closed.
    Remote {
        /// The leg.
        leg: LegKey,
        /// The stream as agreed.
        media: RemoteMedia,
    },
    /// Lets two legs hear each other, and nobody else. Ends what either leg heard, was heard by or was played.
    Bridge {
        /// One leg.
        a: LegKey,
        /// The other.
        b: LegKey,
    },
    /// Says whom a leg hears from now on. Where that is one leg which speaks as this one listens, packets are passed on
    /// undecoded; else voices are decoded, added up and encoded. With nobody to hear it hears silence in packets. Who
    /// hears the leg is not touched, and what is played to it goes on. A leg that is not open is left out.
    Hear {
        /// The leg that hears.
        leg: LegKey,
        /// Those it hears; itself is left out.
        whom: Vec<LegKey>,
    },
    /// Takes the leg out of all it hears and is heard by. What is played goes on; else it hears nothing, and so does
    /// whoever heard it alone.
    Unbridge {
        /// The leg.
        leg: LegKey,
    },
    /// Plays to the leg's peer until the end, a [`Self::StopPlaying`] or a [`Self::Bridge`]. While
    /// it lasts a bridged partner is not heard, but still hears.
    Play {
        /// The leg.
        leg: LegKey,
        /// What [`MediaEvent::Played`] names it by.
        turn: u32,
        /// What to play.
        what: Program,
        /// Whether it starts again at its end. A program without an end never reports `Played`.
        repeat: bool,
        /// Whether the peer is to be there for all of it. Where anything ever came from it, the end is told once it gave a sign of
        /// life after, by [`MediaEvent::Played`], or by [`MediaEvent::Missed`] where it was gone for some of it.
        witnessed: bool,
    },
    /// Ends what is played.
    StopPlaying {
        /// The leg.
        leg: LegKey,
    },
    /// Expects packets of the leg's peer again, after [`MediaEvent::Stopped`]: it is told once more if none come.
    Watch {
        /// The leg.
        leg: LegKey,
    },
    /// Sends a digit to the leg's peer as RFC 4733 events of 100 ms. Digits queue behind each other.
    Digit {
        /// The leg.
        leg: LegKey,
        /// The digit.
        digit: Digit,
    },
    /// Records the leg: its peer's voice on the left, whom the peer hears of others on the right. What is played to it is
    /// not recorded. Goes on until [`Self::StopRecording`] or the leg's end, whoever comes and goes meanwhile.
    Record {
        /// The leg.
        leg: LegKey,
        /// What the recording is called.
        name: Arc<str>,
        /// What is listened for meanwhile, where something is: [`MediaEvent::Spoke`] and [`MediaEvent::Quiet`] tell of it.
        listen: Option<Listen>,
    },
    /// Lets silence take the place of both voices in the recording, or ends that.
    PauseRecording {
        /// The leg.
        leg: LegKey,
        /// Whether it is silent.
        on: bool,
    },
    /// Ends the recording.
    StopRecording {
        /// The leg.
        leg: LegKey,
        /// Whether what was recorded is kept.
        keep: bool,
    },
    /// Sends RTCP BYE, closes the ports and reports [`MediaEvent::Stats`].
    Close {
        /// The leg.
        leg: LegKey,
    },
}

/// What is played to a leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Program {
    /// Ring-back: 425 Hz, one second on, four off. Never ends.
    Ringback,
    /// Music on hold, composed as it goes. Never ends.
    Music,
    /// Announcements, one after the other.
    Prompt(Vec<PromptId>),
    /// Silence in packets, for peers that clear calls without media. Never ends.
    Silence,
}

/// A recorded announcement.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PromptId {
    /// One of the house's own, by name.
    Named(Arc<str>),
    /// "Welcome. Please wait."
    Welcome,
    /// "You are number".
    YouAreNumber,
    /// A number from 1 to 10; anything else is said as "more than ten".
    Number(u8),
    /// "in the queue."
    InTheQueue,
    /// "Your waiting time is about".
    WaitIsAbout,
    /// "minute."
    Minute,
    /// "minutes."
    Minutes,
    /// "All agents are busy."
    AllAgentsBusy,
    /// "We are closed at the moment. Please call again during our opening hours."
    Closed,
    /// "Nobody can take your call at the moment. Please call again later."
    Sorry,
    /// "Goodbye."
    Goodbye,
    /// "How well were we able to help you?"
    RateCall,
    /// "Please press a key from one, for badly, to five, for very well."
    PressOneToFive,
    /// "Thank you for your answer."
    Thanks,
    /// "To be called back in your place, press one."
    CallbackOffer,
    /// "We will call you back when it is your turn."
    CallbackPromised,
    /// "Hello. This is the call you asked for. Please stay on the line."
    CallbackGreeting,
    /// "To receive no more calls from us, press nine."
    StopOffer,
    /// "You will not be called again."
    Stopped,
}

impl MediaCommand {
    /// Returns the leg it is about; of a bridge the first.
    pub fn leg(&self) -> LegKey {
        match *self {
            Self::Bridge { a, .. } => a,
            Self::Open { leg, .. }
            | Self::Browser { leg, .. }
            | Self::Remote { leg, .. }
            | Self::Hear { leg, .. }
            | Self::Unbridge { leg }
            | Self::Play { leg, .. }
            | Self::StopPlaying { leg }
            | Self::Watch { leg }
            | Self::Digit { leg, .. }
            | Self::Record { leg, .. }
            | Self::PauseRecording { leg, .. }
            | Self::StopRecording { leg, .. }
            | Self::Close { leg } => leg,
        }
    }
}

/// What the media plane reports.
#[derive(Clone, Debug, PartialEq)]
pub enum MediaEvent {
    /// The leg's ports are bound.
    Opened {
        /// The leg.
        leg: LegKey,
        /// The RTP port.
        port: u16,
    },
    /// The leg's ports could not be bound; the leg does not exist.
    OpenFailed {
        /// The leg.
        leg: LegKey,
        /// The port asked for.
        port: u16,
        /// Why.
        error: OpenError,
    },
    /// A handshake is done with the certificate its description named: both sides can be heard.
    Secured {
        /// The leg.
        leg: LegKey,
    },
    /// No keys came of a handshake: the peer showed another certificate than its description named, speaks nothing in
    /// common, or did not come in time. The leg stays open.
    Unsecured {
        /// The leg.
        leg: LegKey,
    },
    /// Nothing came of a browser for some seconds, no check and no packet; or it came again after that.
    Away {
        /// The leg.
        leg: LegKey,
        /// Whether nothing comes.
        on: bool,
    },
    /// A browser consents to nothing any more, and did not for the configured time (RFC 7675): no check of its came. The leg
    /// stays open.
    Gone {
        /// The leg.
        leg: LegKey,
    },
    /// The peer ended the association that its keys came of (DTLS close_notify), and some seconds later nothing had come of it since:
    /// no packet, no check, and no other association. The leg stays open.
    Left {
        /// The leg.
        leg: LegKey,
    },
    /// The first RTP packet from the peer arrived, also again after [`Self::Stopped`] and [`Self::Hushed`].
    Flowing {
        /// The leg.
        leg: LegKey,
    },
    /// Nothing was received for the configured time although the direction lets the peer send, no report either where
    /// something had come before.
    Stopped {
        /// The leg.
        leg: LegKey,
    },
    /// Nothing was received for two seconds from a peer that takes nothing and may send (`sendonly`): it brings no music of its own.
    Hushed {
        /// The leg.
        leg: LegKey,
    },
    /// The media plane failed at this leg, by an error of its own. The leg is closed; [`Self::Stats`] follows.
    Failed {
        /// The leg.
        leg: LegKey,
    },
    /// The peer pressed a key (RFC 4733); once a press, however many packets told it.
    Digit {
        /// The leg.
        leg: LegKey,
        /// The key.
        digit: Digit,
    },
    /// As much was said by the peer of a recorded leg as was listened for.
    Spoke {
        /// The leg.
        leg: LegKey,
    },
    /// The peer of a recorded leg said nothing for as long as was listened for.
    Quiet {
        /// The leg.
        leg: LegKey,
    },
    /// A program came to its end. Not told when it was stopped or replaced before; one that is stopped or replaced just then
    /// may still be told of.
    Played {
        /// The leg.
        leg: LegKey,
        /// Which [`MediaCommand::Play`] asked for it.
        turn: u32,
    },
    /// A program that was to be witnessed came to its end, and its peer was gone for some of it; told in place of
    /// [`Self::Played`].
    Missed {
        /// The leg.
        leg: LegKey,
        /// Which [`MediaCommand::Play`] asked for it.
        turn: u32,
    },
    /// Speech was carried badly for some seconds, or well again after that; not told of every packet.
    Turned {
        /// The leg.
        leg: LegKey,
        /// Whether it is poor now.
        poor: bool,
        /// How the last seconds were.
        quality: Quality,
    },
    /// The leg is closed and its ports are free; its last numbers.
    Stats {
        /// The leg.
        leg: LegKey,
        /// The numbers.
        stats: LegStats,
    },
}

impl MediaEvent {
    /// Returns the leg that it is of.
    pub fn leg(&self) -> LegKey {
        match self {
            Self::Opened { leg, .. }
            | Self::OpenFailed { leg, .. }
            | Self::Secured { leg, .. }
            | Self::Unsecured { leg, .. }
            | Self::Away { leg, .. }
            | Self::Gone { leg, .. }
            | Self::Left { leg, .. }
            | Self::Flowing { leg, .. }
            | Self::Stopped { leg, .. }
            | Self::Hushed { leg, .. }
            | Self::Failed { leg, .. }
            | Self::Digit { leg, .. }
            | Self::Spoke { leg, .. }
            | Self::Quiet { leg, .. }
            | Self::Played { leg, .. }
            | Self::Missed { leg, .. }
            | Self::Turned { leg, .. }
            | Self::Stats { leg, .. } => *leg,
        }
    }
}

/// Why a leg's ports could not be bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Another socket has the port, or the port above it.
    #[error("the port is in use")]
    PortInUse,
    /// The address is not ours.
    #[error("the address is not available")]
    AddressNotAvailable,
    /// The leg key is open already; the open leg goes on.
    #[error("the leg is open already")]
    LegInUse,
    /// The system refused for another reason, such as too many open files.
    #[error("the system refused: {0}")]
    System(std::io::ErrorKind),
}

/// What passed on a leg.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LegStats {
    /// RTP packets taken from the peer.
    pub packets_received: u64,
    /// Payload bytes taken from the peer.
    pub bytes_received: u64,
    /// RTP packets sent to the peer.
    pub packets_sent: u64,
    /// Payload bytes sent to the peer.
    pub bytes_sent: u64,
    /// Packets from the peer that never arrived (RFC 3550 §A.3).
    pub packets_lost: u64,
    /// Inter-arrival jitter in microseconds (RFC 3550 §A.8), as it stands.
    pub jitter_us: u32,
    /// What it was on average, report by report.
    pub mean_jitter_us: u32,
    /// Datagrams ignored, for any reason.
    pub ignored: u64,
    /// The codec the peer spoke last, once one was agreed.
    pub codec: Option<Codec>,
    /// What the peer last reported of our packets.
    pub peer: Option<PeerReport>,
    /// Round-trip time from the peer's last report, in microseconds.
    pub round_trip_us: Option<u32>,
    /// What it was on average, report by report.
    pub mean_round_trip_us: Option<u32>,
}

/// What a peer reported of the packets it was sent (RFC 3550 §6.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PeerReport {
    /// How many were lost on the way, without those that were missing already when they came to us to be passed on.
    pub lost: u64,
    /// How many were sent until then.
    pub sent: u64,
    /// Their inter-arrival jitter in microseconds.
    pub jitter_us: u32,
    /// What it was on average, report by report.
    pub mean_jitter_us: u32,
}

/// Why a datagram was ignored: the label of `tandem_rtp_ignored_packets_total`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IgnoredReason {
    /// Not RTP, or cut short.
    Malformed,
    /// From another address than the one the stream is pinned to.
    ForeignSource,
    /// A payload type that was not agreed.
    PayloadType,
    /// The direction agreed forbids it: we do not receive, or the other side is not sent to.
    Direction,
    /// Nobody listens: not bridged, or the partner has no peer address yet.
    NoListener,
    /// From before the stream was switched to this source, so it has no place in the new one; or its number is far from all
    /// before it, and the next one has not followed it yet.
    Late,
    /// SDP is not agreed yet.
    NotReady,
    /// Not proved by the leg's keys.
    Unsecured,
}
