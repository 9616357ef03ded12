//! What the endpoint reports, in the past tense, and what it wants sent.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;

use crate::guard::Offence;
use crate::locate::{NotLocated, Query};
use crate::message::SessionIds;
use crate::registrar::Binding;
use crate::stir::{Signed, Verdict};
use crate::trunk::Place;

use super::{CallKey, Caller, Cause, Lack, Left, Transport};

/// How a call failed where it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreached {
    /// The final response, or what stands for it.
    pub code: u16,
    /// Its reason phrase.
    pub reason: String,
    /// What its Reason header field said.
    pub cause: Option<Cause>,
}

/// One of the ends that a call of ours rings at and that answer reliably before it is taken (RFC 3261 §13.2.2.4): each has a
/// session description of its own. Numbered within the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fork(pub u32);

/// What comes out of the endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send this.
    Transmit {
        /// What it leaves by.
        transport: Transport,
        /// Where it goes when there is no connection, or `connection` is closed.
        to: SocketAddr,
        /// The connection to use; without one, open one to `to` (never for UDP).
        connection: Option<u64>,
        /// One SIP message.
        bytes: Bytes,
    },
    /// Send this to keep a flow open, by the connection where one is named and open, else by datagram. An answer is told by
    /// [`super::Endpoint::handle_pong`] or [`super::Endpoint::handle_stun_answer`].
    KeepAlive {
        /// Where it leads.
        to: SocketAddr,
        /// The connection, never another one.
        connection: Option<u64>,
        /// Empty lines, or STUN.
        bytes: Bytes,
    },
    /// What should have been answered by this connection was not. Close it where nothing else came by it either for some time;
    /// what is sent next opens another.
    Doubt {
        /// What it is of.
        transport: Transport,
        /// Where it leads when it was not named.
        to: SocketAddr,
        /// The connection.
        connection: Option<u64>,
        /// For how long nothing has come.
        silence: Duration,
    },
    /// Ask the DNS this, and tell by [`super::Endpoint::handle_dns`] what it says; nothing waits for it.
    Ask(Query),
    /// This happened.
    Event(Event),
}

/// Who is at the other end of an inbound call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    /// A trunk, by its name; known by its address, its certificate or its digest.
    Trunk(String),
    /// A phone, by the account it proved with digest.
    Phone(String),
}

/// An INVITE that stands before us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Who sent it.
    pub peer: Peer,
    /// Whether what it says about identity is believed.
    pub trusted: bool,
    /// The address it came from.
    pub source: SocketAddr,
    /// What it came by.
    pub transport: Transport,
    /// The user part of the Request-URI, unescaped, in E.164 where the trunk's number plan tells, or what was dialled instead of
    /// our account there ([`crate::trunk::Trunk::called`]); empty when it has none.
    pub to_user: String,
    /// Who calls.
    pub caller: Caller,
    /// Its Call-ID.
    pub call_id: String,
    /// How many hops it may still go, its Max-Forwards; [`super::HOPS`] when it has none.
    pub hops: u8,
    /// Its Session-ID, when it had one that is sound.
    pub session: Option<SessionIds>,
    /// Its session description; without one the answer carries our offer.
    pub offer: Option<Bytes>,
    /// The call whose place it is to take (RFC 3891); checked to be one that the peer may replace.
    pub replaces: Option<CallKey>,
    /// What a trunk's call says of its numbers, where that is signed; what came of checking it is its owner's to fill in.
    pub signed: Option<Box<Signed>>,
    /// What came of checking that; none where nobody did.
    pub verdict: Option<Verdict>,
    /// Whether it is refused unless it is vouched for.
    pub must_be_vouched: bool,
    /// The number that was called first, in E.164, where it is signed that the call was diverted from it.
    pub diverted: Option<String>,
    /// Header fields of interest, in order: see [`super::KEPT_HEADERS`] and every `X-` header field.
    pub headers: Vec<(String, String)>,
}

/// What a REFER asks: that the other side of the call be connected with somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refer {
    /// The user part of Refer-To, or its number, unescaped; empty when it has none.
    pub to_user: String,
    /// Whether what the peer says about identity is believed.
    pub trusted: bool,
    /// Whether Refer-To names us and not somebody elsewhere.
    pub here: bool,
    /// The dialog whose place the new one is to take.
    pub replaces: Option<Replaced>,
    /// Referred-By (RFC 3892) as it was written.
    pub by: Option<String>,
}

/// Whose dialog is to be replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replaced {
    /// A call of ours.
    Ours(CallKey),
    /// One that only whoever is called knows: the value of Replaces.
    Theirs(String),
}

/// Who or what ended an answered call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndedBy {
    /// The peer sent BYE.
    Far,
    /// [`super::Command::HangUp`].
    Us,
    /// No ACK came for our 200 within 64 times T1, so we sent BYE.
    NoAck,
    /// A request inside the call was answered 408 or 481, or not at all (RFC 3261 §12.2.1.2), or
    /// could not be sent.
    Lost,
    /// The peer broke the protocol so that the call could not go on, such as a 2xx without an
    /// answer, or an ACK without one.
    Broken,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A call came in. Adopt, then Ring, Answer or Reject it.
    Arrived {
        /// Its number from now on.
        call: CallKey,
        /// What is known about it.
        arrival: Box<Arrival>,
    },
    /// The phone of a call that came in, or of one that is answered next, shows whether it is recorded where our
    /// descriptions say so (RFC 7866 §6.2).
    RecordAware {
        /// The call.
        call: CallKey,
    },
    /// An outbound call was answered provisionally (not 100).
    Progress {
        /// The call.
        call: CallKey,
        /// From 101 to 199.
        code: u16,
        /// The reason phrase.
        reason: String,
        /// Early media.
        sdp: Option<Bytes>,
        /// Who says so, where it is said reliably.
        fork: Option<Fork>,
    },
    /// An outbound call goes to another place of its trunk, or by another trunk.
    Rerouted {
        /// The call.
        call: CallKey,
        /// The trunk it goes by now.
        trunk: String,
        /// Which place was left; none where none was tried.
        left: Option<Place>,
        /// Why.
        why: Left,
    },
    /// An outbound call is not tried by a trunk whose turn it was.
    PassedOver {
        /// The call.
        call: CallKey,
        /// The trunk it goes by, or failed by where there is none after that.
        trunk: String,
        /// The one that was not tried.
        over: String,
        /// Why.
        lack: Lack,
    },
    /// Whoever was called, or somebody for them, names others to be asked: Follow, PassOver or HangUp. It waits no longer than
    /// it may ring. Told again where nobody was reached by a Follow while others are named still.
    Redirected {
        /// The call.
        call: CallKey,
        /// The final response, 300 to 399.
        code: u16,
        /// The user parts or numbers, in E.164 where the trunk's number plan tells; the first is preferred. At most five.
        to: Vec<String>,
        /// Whether another place of the trunk stands behind them, where the same number is asked after PassOver.
        more: bool,
        /// How the last of them failed, who are not named any more; none while nobody of them was asked.
        after: Option<Unreached>,
    },
    /// An outbound call was answered; the ACK has left.
    Answered {
        /// The call.
        call: CallKey,
        /// Their answer; none when it already came with a provisional response and was not repeated, or when an offer of theirs
        /// was put since.
        sdp: Option<Bytes>,
        /// Whose it is, where they rang reliably.
        fork: Option<Fork>,
        /// Their Session-ID.
        session: Option<SessionIds>,
        /// Where it came from.
        source: SocketAddr,
    },
    /// The ACK for our 200 arrived.
    Confirmed {
        /// An inbound call.
        call: CallKey,
        /// Their answer, when our 200 carried the offer.
        sdp: Option<Bytes>,
    },
    /// An outbound call was not answered. It is gone.
    Failed {
        /// The call.
        call: CallKey,
        /// Their final response, or ours: 404 (no such trunk), 408 (nobody answered in time), 480 (no such
        /// phone is registered), 487 (we hung up), 488 (a 2xx without a session description), 503 (could not
        /// be sent, or too many calls).
        code: u16,
        /// The reason phrase.
        reason: String,
        /// Whether anybody was asked; else the house or the trunk had no room, or no place is known to answer (503), or there was no
        /// way at all.
        dialled: bool,
        /// Their Reason header field.
        cause: Option<Cause>,
    },
    /// An inbound call went away before it was answered, by their CANCEL or our HangUp. It is gone.
    Cancelled {
        /// The call.
        call: CallKey,
        /// Their Reason header field, or our cause.
        cause: Option<Cause>,
    },
    /// An answered call ended. It is gone.
    Ended {
        /// The call.
        call: CallKey,
        /// Who or what ended it.
        by: EndedBy,
        /// The Reason header field, theirs or ours.
        cause: Option<Cause>,
    },
    /// The peer changes the call (re-INVITE or UPDATE), or what is heard before the answer (UPDATE, PRACK): AcceptOffer or
    /// RefuseOffer it. What is accepted before the answer is not said again by it.
    Offered {
        /// An answered call, or one whose media was described by a reliable response.
        call: CallKey,
        /// Who offers, in a call of ours that nobody has answered.
        fork: Option<Fork>,
        /// Their offer; none when we are asked to make one.
        sdp: Option<Bytes>,
    },
    /// Their answer: to our [`super::Command::Offer`] in a 2xx, or in the ACK to an offer of ours that
    /// [`super::Command::AcceptOffer`] carried.
    OfferAnswered {
        /// The call.
        call: CallKey,
        /// Their answer.
        sdp: Bytes,
    },
    /// Their answer to a description of ours that is in force already, which we said once more: a re-INVITE that refreshes the
    /// session of a peer without UPDATE (RFC 4028 §7.4). It may describe other media than before (RFC 3264 §8).
    Refreshed {
        /// The call.
        call: CallKey,
        /// Their answer.
        sdp: Bytes,
    },
    /// Our [`super::Command::Offer`] was refused; the call goes on as it was. What met an offer of theirs, or was
    /// overtaken by a later request of ours, has been tried again before (RFC 3261 §14.1, §14.2).
    OfferRefused {
        /// The call.
        call: CallKey,
        /// The final response.
        code: u16,
    },
    /// The peer asks that the call be transferred: AcceptRefer or RefuseRefer it.
    Referred {
        /// An answered call.
        call: CallKey,
        /// To whom.
        refer: Box<Refer>,
    },
    /// How far a transfer is that we asked the peer for by [`super::Command::Refer`].
    ReferProgress {
        /// The call.
        call: CallKey,
        /// What came of it so far: the status in its NOTIFY, or its refusal; 408 when there was no response, 202 when it is
        /// made and the peer tells nothing of it (RFC 4488).
        code: u16,
        /// Whether nothing more follows.
        over: bool,
    },
    /// A digit came by INFO (`application/dtmf-relay` or `application/dtmf`).
    Digit {
        /// The call.
        call: CallKey,
        /// One of `0`-`9`, `*`, `#`, `A`-`D`.
        digit: char,
    },
    /// A key that the peer was told by [`super::Command::Press`] was not taken, and those that waited behind it were left
    /// out.
    KeyRefused {
        /// The call.
        call: CallKey,
        /// The final response; 408 when there was none, 480 when too many waited.
        code: u16,
    },
    /// A place of a trunk that was down answers again.
    TrunkUp {
        /// The trunk.
        trunk: String,
        /// Where.
        place: Place,
    },
    /// A place of a trunk no longer answers.
    TrunkDown {
        /// The trunk.
        trunk: String,
        /// Where.
        place: Place,
        /// The last answer, 408 or 503; none where nothing came.
        code: Option<u16>,
    },
    /// The servers of a host name that trunks are named by were found, or are others now.
    Located {
        /// The name.
        host: String,
        /// Where they are.
        places: Vec<SocketAddr>,
    },
    /// The servers of a host name that trunks are named by were not found; what was known before stays in use, and it is
    /// tried again.
    NotLocated {
        /// The name.
        host: String,
        /// Why.
        why: NotLocated,
    },
    /// We are registered at a trunk.
    TrunkRegistered {
        /// The trunk.
        trunk: String,
    },
    /// We are not registered at a trunk that wants it; it is tried again.
    TrunkUnregistered {
        /// The trunk.
        trunk: String,
        /// Its final response, 2xx where that grants no time, or 408 when there was none.
        code: u16,
        /// The reason phrase.
        reason: String,
    },
    /// A source that no trunk names asked too much, guessed or scanned: for a time nothing of it is read.
    Banned {
        /// Its address.
        source: IpAddr,
        /// What it did last.
        offence: Offence,
    },
    /// A phone registered, or refreshed.
    Registered {
        /// What it registered.
        binding: Binding,
    },
    /// A binding was removed or expired.
    Unregistered {
        /// What it was.
        binding: Binding,
    },
}

impl Event {
    /// Returns the peer's description that it brings.
    pub fn description_mut(&mut self) -> Option<&mut Bytes> {
        match self {
            Self::Arrived { arrival, .. } => arrival.offer.as_mut(),
            Self::Progress { sdp, .. }
            | Self::Answered { sdp, .. }
            | Self::Confirmed { sdp, .. }
            | Self::Offered { sdp, .. } => sdp.as_mut(),
            Self::OfferAnswered { sdp, .. } | Self::Refreshed { sdp, .. } => Some(sdp),
            Self::RecordAware { .. }
            | Self::Rerouted { .. }
            | Self::PassedOver { .. }
            | Self::Redirected { .. }
            | Self::Failed { .. }
            | Self::Cancelled { .. }
            | Self::Ended { .. }
            | Self::OfferRefused { .. }
            | Self::Referred { .. }
            | Self::ReferProgress { .. }
            | Self::Digit { .. }
            | Self::KeyRefused { .. }
            | Self::TrunkUp { .. }
            | Self::TrunkDown { .. }
            | Self::Located { .. }
            | Self::NotLocated { .. }
            | Self::TrunkRegistered { .. }
            | Self::TrunkUnregistered { .. }
            | Self::Banned { .. }
            | Self::Registered { .. }
            | Self::Unregistered { .. } => None,
        }
    }

    /// Returns the call that it is about.
    pub fn call(&self) -> Option<CallKey> {
        match self {
            Self::Arrived { call, .. }
            | Self::RecordAware { call }
            | Self::Progress { call, .. }
            | Self::Rerouted { call, .. }
            | Self::PassedOver { call, .. }
            | Self::Redirected { call, .. }
            | Self::Answered { call, .. }
            | Self::Confirmed { call, .. }
            | Self::Failed { call, .. }
            | Self::Cancelled { call, .. }
            | Self::Ended { call, .. }
            | Self::Offered { call, .. }
            | Self::OfferAnswered { call, .. }
            | Self::Refreshed { call, .. }
            | Self::OfferRefused { call, .. }
            | Self::Referred { call, .. }
            | Self::ReferProgress { call, .. }
            | Self::Digit { call, .. }
            | Self::KeyRefused { call, .. } => Some(*call),
            Self::TrunkUp { .. }
            | Self::TrunkDown { .. }
            | Self::Located { .. }
            | Self::NotLocated { .. }
            | Self::TrunkRegistered { .. }
            | Self::TrunkUnregistered { .. }
            | Self::Banned { .. }
            | Self::Registered { .. }
            | Self::Unregistered { .. } => None,
        }
    }
}
