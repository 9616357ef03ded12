//! What the owner of the endpoint asks of it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::dtmf::Digit;
use crate::message::SessionId;
use crate::registrar::Binding;
use crate::sdp::Offers;
use crate::stir::Signed;

use super::{Fork, Lack, Warning};

/// The number of one call: one INVITE usage (RFC 5057) with its dialogs, from the first INVITE to
/// [`super::Event::Ended`], [`super::Event::Failed`] or [`super::Event::Cancelled`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallKey {
    /// A call that came in; numbered by the endpoint, never twice.
    In(u64),
    /// A call that goes out; numbered by whoever sends [`Command::Dial`], never twice.
    Out(u64),
}

/// What marks every message of a call as belonging to an interaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The local UUID of Session-ID (RFC 7989) from now on.
    pub session: SessionId,
    /// Header fields added to what is sent to trusted peers, such as `X-Interaction-ID`.
    pub headers: Vec<(String, String)>,
}

/// Whom to dial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A phone that is registered with us; without a binding the call fails with 480.
    Phone {
        /// The account it registered with.
        user: String,
    },
    /// A number behind a trunk; a trunk that is not configured fails with 404.
    Trunk {
        /// [`crate::trunk::Trunk::name`].
        trunk: String,
        /// The user part of the Request-URI.
        number: String,
    },
    /// A recorder behind a trunk, which is told of a call and sent its voices (RFC 7866).
    Recorder {
        /// [`crate::trunk::Trunk::name`].
        trunk: String,
        /// The user part of the Request-URI.
        user: String,
    },
}

/// Who is calling, for From (and Contact) of an outbound call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// What a phone shows; may be empty.
    pub display: String,
    /// The user part, usually the caller's number; empty means anonymous.
    pub user: String,
    /// The Identity header fields that vouch for the number to a trunk (RFC 8224).
    pub vouched: Vec<String>,
    /// What the call came with whose caller this is, where that call is sent on; empty where nothing was signed of it.
    pub sent_on: Option<Arc<Signed>>,
}

/// Another trunk that a call may go by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// [`crate::trunk::Trunk::name`].
    pub trunk: String,
    /// Who is calling there.
    pub from: Identity,
    /// Why its owner lets no call go by it now: it is passed over.
    pub lack: Option<Lack>,
}

/// Why a call ends, for the Reason header field (RFC 3326), and back out of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cause {
    /// The Q.850 cause number (16 is normal clearing).
    pub q850: Option<u8>,
    /// The SIP status code (`Reason: SIP;cause=200` means answered elsewhere).
    pub sip: Option<u16>,
    /// What a person reads; may be empty.
    pub text: String,
}

impl Cause {
    /// Returns the cause of a normal end, Q.850 16.
    pub fn normal() -> Self {
        Self {
            q850: Some(16),
            sip: None,
            text: "Normal call clearing".to_owned(),
        }
    }

    /// Returns a cause with a text alone.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            q850: None,
            sip: None,
            text: text.into(),
        }
    }
}

/// What the owner asks. A command for a call that is gone, or that its state does not allow, is
/// ignored: such a command was under way when the call ended, and the event says so already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Tells that [`Command::Adopt`] will be long in coming: 100 goes out when it is due (RFC 3261 §17.2.1), by no name of ours
    /// (RFC 7989 §7), and is the only message that does.
    Defer {
        /// An inbound call that is not adopted.
        call: CallKey,
    },
    /// Marks every message of an inbound call from now on; send it straight after
    /// [`super::Event::Arrived`], or [`Command::Defer`].
    Adopt {
        /// The call.
        call: CallKey,
        /// Its marks.
        tag: Tag,
    },
    /// Sends a provisional response.
    Ring {
        /// An inbound call that is not answered.
        call: CallKey,
        /// From 101 to 199: usually 180, 182 (queued) or 183.
        code: u16,
        /// Another reason phrase, such as the position in the queue.
        reason: Option<String>,
        /// Early media; the same description must stand in the answer.
        sdp: Option<Bytes>,
    },
    /// Answers with 200, repeated until the ACK comes.
    Answer {
        /// An inbound call that is not answered.
        call: CallKey,
        /// Our answer, or our offer when the INVITE had none.
        sdp: Bytes,
    },
    /// Refuses with a final response; the call is gone with it and no event follows.
    Reject {
        /// An inbound call that is not answered.
        call: CallKey,
        /// From 300 to 699.
        code: u16,
        /// Another reason phrase.
        reason: Option<String>,
        /// Retry-After in seconds.
        retry_after: Option<u32>,
        /// What of its description cannot be taken.
        warning: Option<Warning>,
    },
    /// Sends an INVITE. Ends in exactly one of Answered (and later Ended) or Failed.
    Dial {
        /// [`CallKey::Out`], not in use.
        call: CallKey,
        /// Whom.
        to: Target,
        /// Who we say is calling.
        from: Identity,
        /// By which trunks it goes when the first does not answer, is full or says 503, in order; for numbers alone.
        elsewhere: Vec<Elsewhere>,
        /// Our offer, as whoever it goes to is told it; to a recorder with metadata, as [`crate::siprec::body`] writes it.
        sdp: Offers,
        /// Its marks.
        tag: Tag,
        /// Header fields of the INVITE alone, such as Referred-By (RFC 3892) and Replaces (RFC 3891).
        headers: Vec<(String, String)>,
        /// How many hops it may go, Max-Forwards: [`super::HOPS`] for a call of our own, one less than the call that it
        /// carries on had; with 0 it fails with 483.
        hops: u8,
        /// How long it may take until it is answered; then it is cancelled and fails with 408.
        ring_for: Duration,
    },
    /// Sends a call elsewhere that [`super::Event::Redirected`] told of.
    Follow {
        /// The call.
        call: CallKey,
        /// Whom.
        to: Target,
        /// Who we say is calling.
        from: Identity,
        /// By which trunks it goes when the first cannot take it, in order.
        elsewhere: Vec<Elsewhere>,
        /// How many of those who were named are done with, the first ones up to whom it goes to.
        done: usize,
        /// What names the call, as its marks do.
        session: SessionId,
        /// Whether a peer asked for the call in the first place (RFC 3892).
        passed_on: bool,
    },
    /// Asks none of those whom [`super::Event::Redirected`] told of: the call goes on to who stands behind them, or fails.
    PassOver {
        /// The call.
        call: CallKey,
    },
    /// Gives a recorder's call the metadata that our BYE is to carry.
    Describe {
        /// The call.
        call: CallKey,
        /// The document.
        metadata: Bytes,
    },
    /// Ends a call in any state: CANCEL, BYE or a final refusal. Ended, Failed (487) or Cancelled
    /// follows for every call, once.
    HangUp {
        /// The call.
        call: CallKey,
        /// Why.
        cause: Cause,
    },
    /// Answers [`super::Event::Offered`].
    AcceptOffer {
        /// The call.
        call: CallKey,
        /// Whose offer, as that says.
        fork: Option<Fork>,
        /// Our answer, or our offer when theirs was without one.
        sdp: Bytes,
    },
    /// Refuses [`super::Event::Offered`]; the call goes on as it was.
    RefuseOffer {
        /// The call.
        call: CallKey,
        /// Whose offer, as that says.
        fork: Option<Fork>,
        /// From 300 to 699, usually 488.
        code: u16,
        /// What of its description cannot be taken.
        warning: Option<Warning>,
    },
    /// Sends a re-INVITE; OfferAnswered or OfferRefused follows, unless the call ends first.
    Offer {
        /// An answered call.
        call: CallKey,
        /// Our offer; to a recorder with metadata.
        sdp: Bytes,
    },
    /// Takes [`super::Event::Referred`]: 202, and NOTIFY unless the peer wants none.
    AcceptRefer {
        /// The call.
        call: CallKey,
    },
    /// Refuses [`super::Event::Referred`]; the call goes on as it was.
    RefuseRefer {
        /// The call.
        call: CallKey,
        /// From 300 to 699, usually 403, 404 or 603.
        code: u16,
        /// In words for people.
        reason: String,
    },
    /// Tells the peer how far the transfer it asked for is; a final response ends that.
    ReportRefer {
        /// The call.
        call: CallKey,
        /// From 100 to 699.
        code: u16,
        /// The reason phrase.
        reason: String,
    },
    /// Asks the peer of a trunk's answered call to call somebody else instead of us (REFER);
    /// [`super::Event::ReferProgress`] follows, unless the call ends first.
    Refer {
        /// The call.
        call: CallKey,
        /// The number at the trunk.
        number: String,
        /// Header fields that its INVITE is to carry.
        headers: Vec<(String, String)>,
        /// The call of ours at the same trunk whose place the new one is to take.
        replaces: Option<CallKey>,
    },
    /// Tells the peer a key by INFO (`application/dtmf-relay`), for media that has no place for keys; one after the other.
    /// [`super::Event::KeyRefused`] follows where it is not taken.
    Press {
        /// An answered call.
        call: CallKey,
        /// The key.
        digit: Digit,
    },
    /// Puts back the registrations of before a restart.
    Restore {
        /// Those that have not expired.
        bindings: Vec<Binding>,
    },
    /// Refuses new calls with 503 and Retry-After, or takes them again. Running calls go on.
    Drain {
        /// Whether to refuse.
        on: bool,
    },
}
