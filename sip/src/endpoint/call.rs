//! What the endpoint knows of one call.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::Instant;
use crate::dialog::Dialog;
use crate::digest::Challenge;
use crate::message::{Builder, Header, Message, SessionId, SessionIds};
use crate::sdp::Offers;
use crate::transaction::{ClientId, Hop, Repeat, ServerId};
use crate::trunk::{Mark, MarkSet};

use super::early::{EarlyOffers, Ringing};
use super::pressing::Pressing;
use super::recorder::Recorder;
use super::redirect::Named;
use super::refer::Referral;
use super::referring::Referring;
use super::reliable::{Open, Provisionals};
use super::route::Route;
use super::session::Upkeep;
use super::ways::Way;
use super::{CallKey, Cause, Flow};

/// One INVITE usage.
#[derive(Debug)]
pub(super) struct Call {
    pub side: Side,
    pub state: State,
    /// The transfer they asked us for, which is told beside the call and outlives it.
    pub referral: Option<Referral>,
    /// Where its timer stands.
    pub scheduled: Option<Instant>,
}

/// Our side of a call: what stays the same in all its states.
#[derive(Debug)]
pub(super) struct Side {
    pub key: CallKey,
    pub marks: Marks,
    /// Our tag; the endpoint finds the call by it.
    pub tag: LocalTag,
    pub call_id: String,
    /// The trunk that it counts for.
    pub trunk: Option<String>,
    /// The account of the phone that it is with.
    pub phone: Option<String>,
    /// The challenges that our requests in this call answer, one a realm, the newest last.
    pub auth: Vec<Answering>,
    /// What is said to a recorder; none where the peer is none.
    pub recorder: Option<Box<Recorder>>,
    /// Whether `sips:` asked for it, so that our Contact says it too.
    pub secured: bool,
}

impl Side {
    /// Begins one that counts for no trunk and no phone.
    pub fn new(key: CallKey, marks: Marks, tag: LocalTag, call_id: String) -> Self {
        Self {
            key,
            marks,
            tag,
            call_id,
            trunk: None,
            phone: None,
            auth: Vec::new(),
            recorder: None,
            secured: false,
        }
    }
}

/// Our half of a dialog's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LocalTag(pub u64);

impl LocalTag {
    /// Reads a tag that a peer sent back to us.
    pub fn read(text: &str) -> Option<Self> {
        if text.len() != 16 {
            return None;
        }
        u64::from_str_radix(text, 16).ok().map(Self)
    }
}

impl std::fmt::Display for LocalTag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// How far a call is.
#[derive(Debug)]
pub(super) enum State {
    /// Their INVITE has no final response.
    Incoming(Box<Incoming>),
    /// Our INVITE has no final response.
    Dialing(Box<Dialing>),
    /// Answered, and nobody has hung up.
    Up(Box<Up>),
    /// Its end has been reported; what the protocol still owes is being done.
    Leaving(Box<Leaving>),
}

#[derive(Debug)]
pub(super) struct Incoming {
    pub server: ServerId,
    pub flow: Flow,
    /// Whether their INVITE had an offer.
    pub offered: bool,
    /// Whether it is marked, and whether its 100 waits for that.
    pub adoption: Adoption,
    /// When it is given up.
    pub until: Instant,
    /// When the last provisional response is repeated (RFC 3261 §13.3.1.1).
    pub again_at: Option<Instant>,
    /// What was and is to be said before the answer.
    pub provisionals: Provisionals,
    /// The early dialog, once something was asked in it.
    pub dialog: Option<Box<Dialog>>,
    /// What the peer offers there.
    pub offers: EarlyOffers,
}

impl Incoming {
    /// Whether a 2xx must wait: for a PRACK (RFC 3262 §3), or for our answer to an offer.
    pub fn holds_answer(&self) -> bool {
        self.provisionals.holds_answer() || self.offers.is_open()
    }
}

/// Whether the owner has said which interaction an inbound call belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Adoption {
    /// It has not.
    Awaited,
    /// It has not, and 100 is due: it is sent with the marks and not before, so that no message of the call has others.
    Overdue,
    /// It has not, and said that it will take long: 100 is sent when it is due.
    Deferred,
    /// It has.
    Done,
}

#[derive(Debug)]
pub(super) struct Dialing {
    pub invite: Invite,
    pub client: ClientId,
    /// When it has rung long enough.
    pub deadline: Instant,
    /// When it goes elsewhere unless somebody has said anything at all, where there is an elsewhere.
    pub patience: Option<Instant>,
    /// Whether an answer to our offer came with a provisional response.
    pub early_answer: bool,
    /// The ends that ring reliably.
    pub early: Vec<Ringing>,
    /// How many there were, by all INVITEs.
    pub forks: u32,
    /// The tags of all ends that ring.
    pub ringing: Vec<String>,
    /// How often a longer session was asked of us.
    pub raises: u8,
    /// How often it was sent elsewhere by a 3xx.
    pub redirects: u8,
    /// Whether the owner decides where it goes now: no INVITE is under way.
    pub redirected: bool,
    /// Who else was named, and by which 3xx: asked in turn while those before fail.
    pub named: VecDeque<Named>,
    pub named_by: u16,
}

/// What an INVITE outside a dialog is written from, again when it is challenged.
#[derive(Clone, Debug)]
pub(super) struct Invite {
    pub way: Way,
    /// Where else it is sent when nobody is there.
    pub further: Route,
    pub cseq: u32,
    pub sdp: Offers,
    /// Header fields that no later request carries.
    pub headers: Vec<(String, String)>,
    /// How many hops it may go.
    pub hops: u8,
    /// The session interval asked for, in seconds.
    pub session: u32,
    /// The least that a peer said it takes, in seconds; 0 while none did.
    pub least: u32,
}

impl Invite {
    /// Returns the offer as whoever it goes to is told it.
    pub fn sdp(&self) -> &Bytes {
        match &self.sdp.in_browser {
            Some(offer) if self.way.in_browser => offer,
            Some(_) | None => self.sdp.by_family.near(self.way.hop.family()),
        }
    }
}

#[derive(Debug)]
pub(super) struct Up {
    pub dialog: Dialog,
    /// Our 2xx that has no ACK yet.
    pub ack: Option<AwaitedAck>,
    /// RSeq and CSeq of a reliable response whose PRACK our 2xx did not wait for.
    pub unacknowledged: Option<(u32, u32)>,
    pub exchange: Exchange,
    /// Our offer that waits for its turn.
    pub wanted: Option<Ours>,
    /// What keeps the call from ending by itself.
    pub upkeep: Upkeep,
    /// The transfer we asked them for.
    pub referring: Option<Referring>,
    /// The keys that they are told; none while there were none.
    pub pressing: Option<Box<Pressing>>,
}

impl Up {
    pub fn new(dialog: Dialog, ack: Option<AwaitedAck>, upkeep: Upkeep) -> Self {
        Self {
            dialog,
            ack,
            unacknowledged: None,
            exchange: Exchange::Idle,
            wanted: None,
            upkeep,
            referring: None,
            pressing: None,
        }
    }
}

/// A 2xx of ours, repeated until its ACK comes (RFC 3261 §13.3.1.4).
#[derive(Debug)]
pub(super) struct AwaitedAck {
    pub cseq: u32,
    pub response: Bytes,
    pub hop: Hop,
    pub again: Repeat,
    pub until: Instant,
    /// Whether it carried our offer, so that the ACK must carry the answer.
    pub offers: bool,
    /// Whether it answered the first INVITE.
    pub first: bool,
}

impl AwaitedAck {
    pub fn due(&self) -> Instant {
        self.again.due().min(self.until)
    }
}

/// An offer that we make after the call is up.
#[derive(Clone, Debug)]
pub(super) struct Ours {
    pub sdp: Bytes,
    pub tries: u8,
    /// Whether it only says again what was agreed on: the owner knows nothing of it, and is told
    /// the answer alone.
    pub again: bool,
}

impl Ours {
    /// Returns what the owner offers.
    pub fn new(sdp: Bytes) -> Self {
        let (tries, again) = (0, false);
        Self { sdp, tries, again }
    }

    /// Returns what was agreed on, said again.
    pub fn again(sdp: Bytes) -> Self {
        let (tries, again) = (0, true);
        Self { sdp, tries, again }
    }
}

/// Offer and answer after the call is up.
#[derive(Debug)]
pub(super) enum Exchange {
    Idle,
    /// Our re-INVITE has no final response.
    Ours {
        client: ClientId,
        offer: Ours,
    },
    /// Our re-INVITE met theirs, or was overtaken; it is tried again (§14.1, §14.2).
    OursLater {
        at: Instant,
        offer: Ours,
    },
    /// Their re-INVITE or UPDATE waits for the owner, at most until then.
    Theirs {
        server: ServerId,
        offered: bool,
        update: bool,
        until: Instant,
    },
}

#[derive(Debug)]
pub(super) enum Leaving {
    /// Our INVITE is being cancelled, or will be as soon as a provisional response lets us.
    Cancelling {
        client: ClientId,
        cause: Cause,
        sent: bool,
    },
    /// Our BYE must wait for the ACK (§15).
    AwaitingAck {
        dialog: Dialog,
        ack: AwaitedAck,
        cause: Cause,
    },
    /// Our BYE has no response.
    Bye {
        dialog: Dialog,
        client: ClientId,
        cause: Cause,
    },
    /// It is over for both; its peer is told how the transfer goes that it asked for.
    Told { dialog: Dialog },
    /// Nothing is owed; the call is on its way into another state, or out of the tables.
    Gone,
}

/// A digest challenge that is being answered.
#[derive(Debug)]
pub(super) struct Answering {
    pub challenge: Challenge,
    /// Authorization or Proxy-Authorization.
    pub header: Header,
    /// How often the nonce was used.
    pub count: u32,
    /// How many challenges in a row did not lead to an answer.
    pub tries: u8,
}

/// What every message of a call carries.
#[derive(Clone, Debug)]
pub(super) struct Marks {
    pub local: SessionId,
    pub remote: SessionId,
    pub headers: Vec<(String, String)>,
    pub trusted: bool,
    pub sends: MarkSet,
}

impl Marks {
    /// Returns the marks of messages that belong to no call.
    pub fn of(local: SessionId, request: &Message) -> Self {
        let mut marks = Self {
            local,
            remote: SessionId::NIL,
            headers: Vec::new(),
            trusted: false,
            sends: MarkSet::SESSION,
        };
        marks.learn(request);
        marks
    }

    /// Takes the peer's UUID from a message (RFC 7989 §6).
    pub fn learn(&mut self, message: &Message) {
        if let Some(ids) = message.session_id()
            && !ids.local.is_nil()
        {
            self.remote = ids.local;
        }
    }

    /// Writes them.
    pub fn write(&self, builder: Builder) -> Builder {
        let mut builder = builder;
        if self.sends.has(Mark::SessionId) {
            // As one text: hex digits go to the builder one by one otherwise.
            let ids = SessionIds::new(self.local, self.remote).to_string();
            builder = builder.header(Header::SessionId, ids);
        }
        for (name, value) in self.headers.iter().filter(|one| self.sends.lets(&one.0)) {
            builder = builder.header(name.as_str(), value);
        }
        builder
    }
}

impl Call {
    /// Returns when its timer is due.
    pub fn due(&self) -> Option<Instant> {
        let referral = self.referral.as_ref().and_then(Referral::due);
        self.state.due().into_iter().chain(referral).min()
    }

    /// Tells whether its peer waits to be told how a transfer goes.
    pub fn is_told(&self) -> bool {
        self.referral.as_ref().is_some_and(Referral::is_open)
    }

    /// Returns the dialog that a request of the peer is of, where there is one.
    pub fn dialog_of(&mut self, request: &Message) -> Option<&mut Dialog> {
        let tag = request.from().tag().unwrap_or_default();
        match &self.state {
            State::Dialing(_) => self.early_dialog(tag),
            State::Incoming(_) | State::Up(_) | State::Leaving(_) => self.dialog(),
        }
    }

    fn early_dialog(&mut self, tag: &str) -> Option<&mut Dialog> {
        let State::Dialing(dialing) = &mut self.state else {
            return None;
        };
        Some(&mut dialing.with(tag)?.dialog)
    }

    /// Returns the dialog, once there is but one.
    pub fn dialog(&mut self) -> Option<&mut Dialog> {
        self.state.dialog()
    }
}

impl State {
    // When its timer is due.
    fn due(&self) -> Option<Instant> {
        match self {
            Self::Incoming(incoming) => {
                let open = incoming.provisionals.open.as_ref().map(Open::due);
                let offer = incoming.offers.due();
                let dues = [Some(incoming.until), incoming.again_at, open, offer];
                dues.into_iter().flatten().min()
            }
            Self::Dialing(dialing) => {
                let offers = dialing.early.iter().filter_map(|early| early.offers.due());
                let dues = [Some(dialing.deadline), dialing.patience];
                dues.into_iter().flatten().chain(offers).min()
            }
            Self::Up(up) => {
                let exchange = match &up.exchange {
                    Exchange::Idle | Exchange::Ours { .. } => None,
                    Exchange::OursLater { at, .. } => Some(*at),
                    Exchange::Theirs { until, .. } => Some(*until),
                };
                let ack = up.ack.as_ref().map(AwaitedAck::due);
                let upkeep = Some(up.upkeep.due());
                let referring = up.referring.as_ref().map(Referring::due);
                [exchange, ack, upkeep, referring]
                    .into_iter()
                    .flatten()
                    .min()
            }
            Self::Leaving(leaving) => match &**leaving {
                Leaving::AwaitingAck { ack, .. } => Some(ack.due()),
                Leaving::Cancelling { .. }
                | Leaving::Bye { .. }
                | Leaving::Told { .. }
                | Leaving::Gone => None,
            },
        }
    }

    /// Returns the dialog, once there is but one.
    pub fn dialog(&mut self) -> Option<&mut Dialog> {
        match self {
            Self::Incoming(incoming) => incoming.dialog.as_deref_mut(),
            Self::Dialing(_) => None,
            Self::Up(up) => Some(&mut up.dialog),
            Self::Leaving(leaving) => match &mut **leaving {
                Leaving::Cancelling { .. } | Leaving::Gone => None,
                Leaving::AwaitingAck { dialog, .. }
                | Leaving::Bye { dialog, .. }
                | Leaving::Told { dialog } => Some(dialog),
            },
        }
    }
}

impl Leaving {
    /// Returns the dialog for good.
    pub fn into_dialog(self) -> Option<Dialog> {
        match self {
            Self::Cancelling { .. } | Self::Gone => None,
            Self::AwaitingAck { dialog, .. } | Self::Bye { dialog, .. } | Self::Told { dialog } => {
                Some(dialog)
            }
        }
    }

    /// Returns the dialog, where there was one.
    pub fn dialog(&self) -> Option<&Dialog> {
        match self {
            Self::Cancelling { .. } | Self::Gone => None,
            Self::AwaitingAck { dialog, .. } | Self::Bye { dialog, .. } | Self::Told { dialog } => {
                Some(dialog)
            }
        }
    }
}
