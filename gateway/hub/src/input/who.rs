//! Who acts, who comes, and why legs end.

use ws::caller::Shown;
use ws::id::{AgentId, CustomerId, InteractionId, LegId, Number, TrunkId, VisitorId, ZoneId};

use crate::event::{Left, PassedOver};

/// Who acts in an interaction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actor {
    /// A visitor; may act in their own interactions only.
    Visitor(VisitorId),
    /// An agent; may act in interactions assigned to them.
    Agent(AgentId),
    /// Whoever acts for the house; may act in every interaction.
    House(By),
    /// A customer with a link that was mailed to them; may act in their own interactions only.
    Customer(CustomerId),
}

impl Actor {
    /// Tandem itself.
    pub const TANDEM: Self = Self::House(By::Tandem);

    /// Returns the agent who acts, at a console or with their own credential elsewhere.
    pub fn agent(&self) -> Option<&AgentId> {
        match self {
            Self::Agent(agent) | Self::House(By::Agent(agent)) => Some(agent),
            Self::Visitor(_) | Self::Customer(_) | Self::House(By::Program(_) | By::Tandem) => None,
        }
    }
}

/// Who acts for the house.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// A program, by the name of its API token.
    Program(String),
    /// An agent who calls the API with their own credential.
    Agent(AgentId),
    /// Tandem itself: what is kept too long goes, a drain ends.
    Tandem,
}

/// Who a website or a program says that somebody is, having proved it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signed {
    /// Its own id of the person.
    pub subject: String,
    /// Their name.
    pub name: Option<String>,
    /// Their mail address.
    pub mail: Option<String>,
    /// Their number.
    pub number: Option<Number>,
}

/// What a visitor tells of themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introduction {
    /// Who.
    pub visitor: VisitorId,
    /// The zone they came by.
    pub zone: ZoneId,
    /// The name they gave.
    pub name: Option<String>,
    /// The mail address they gave; nothing proves it.
    pub mail: Option<String>,
    /// A signed identity, proved before it came here.
    pub verified: Option<Signed>,
    /// The page.
    pub page: Option<String>,
    /// The page that led there.
    pub referrer: Option<String>,
    /// What they answered to the zone's form; none where they are not asked.
    pub form: Option<Box<ws::form::Filled>>,
}

/// An INVITE that was admitted.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrival {
    /// The id to be used if this begins a new interaction.
    pub candidate: InteractionId,
    /// Handed back in [`crate::Command::Adopt`].
    pub call: u64,
    /// The peer it came from: a trunk, or a registered agent's phone.
    pub peer: Peer,
    /// The caller's number, where it is one.
    pub from: Option<Number>,
    /// The name the caller's side shows.
    pub name: Option<String>,
    /// What else is known of the caller.
    pub caller: Caller,
    /// The user part that was called.
    pub to: String,
    /// Interactions that a trusted peer says this belongs to.
    pub claims: Vec<InteractionId>,
    /// Ids of other systems: header name and value.
    pub external: Vec<(String, String)>,
    /// The leg whose place it is to take, which its peer may ask.
    pub replaces: Option<LegId>,
}

impl Arrival {
    /// Returns the number that the customer is looked up by: the caller's, shown or withheld.
    pub fn sought(&self) -> Option<&Number> {
        self.from.as_ref().or(self.caller.asserted.as_ref())
    }
}

/// What is known of a caller beside the number that is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// How far the number can be relied on.
    pub shown: Shown,
    /// The number of a caller who withholds it, for looking the customer up alone: it is written nowhere.
    pub asserted: Option<Number>,
}

/// A peer's wish that a call go elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referral {
    /// The user part it is to go to.
    pub user: String,
    /// Whether that is here, and not somewhere else.
    pub here: bool,
    /// Whether the peer is trusted.
    pub trusted: bool,
    /// The call there whose place it is to take.
    pub replaces: Option<Replaced>,
    /// Who is said to have wished it.
    pub by: Option<String>,
}

/// A call whose place is to be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replaced {
    /// A leg of ours, of the same peer.
    Ours(LegId),
    /// One that only whoever is called knows, as SIP names it.
    Theirs(String),
}

/// Which way a dialled leg goes now, and which it left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rerouted {
    /// The trunk it goes by now; may be the one before.
    pub trunk: TrunkId,
    /// The SIP status for which it left the place before.
    pub status: u16,
    /// The place it left, as transport and address; none where none was tried.
    pub left: Option<String>,
    /// Why.
    pub why: Left,
    /// The trunk that was passed over, where one was.
    pub passed_over: Option<PassedOver>,
}

/// Where a call comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    /// A configured trunk.
    Trunk(TrunkId),
    /// A phone that proved to be this agent's.
    Phone(AgentId),
    /// A visitor's browser.
    Browser(Box<Introduction>),
}

/// Why a leg failed or ended.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Cause {
    /// What it was.
    pub kind: CauseKind,
    /// The SIP status, where there was one.
    pub status: Option<u16>,
    /// In words for people.
    pub text: String,
}

impl Cause {
    /// Tells whether nothing was tried, because the house had no room or no way for it: what else comes between, as a restart, has
    /// no status.
    pub fn is_for_room(&self) -> bool {
        self.kind == CauseKind::Interrupted && self.status.is_some()
    }

    /// Returns the final response that says why a call was not answered.
    pub fn response(&self) -> u16 {
        let own = match self.kind {
            CauseKind::Normal
            | CauseKind::NoAnswer
            | CauseKind::Cancelled
            | CauseKind::MediaLost => 480,
            CauseKind::Busy => 486,
            CauseKind::Rejected | CauseKind::Unwanted => 603,
            CauseKind::Unreachable => 404,
            CauseKind::Interrupted => 503,
            CauseKind::Fault => 500,
        };
        self.status
            .filter(|status| (400..700).contains(status) && !matches!(*status, 430 | 487))
            .unwrap_or(own)
    }
}

/// The kinds of causes that decisions rest on.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum CauseKind {
    /// The other side hung up, or we did on its behalf.
    Normal,
    /// The caller gave up before the answer.
    Cancelled,
    /// Busy here or everywhere.
    Busy,
    /// It rang and nobody answered.
    NoAnswer,
    /// Rejected on purpose.
    Rejected,
    /// The number or phone cannot be reached or does not exist.
    Unreachable,
    /// The peer asked not to be called (RFC 8197, RFC 8688).
    Unwanted,
    /// Nothing was heard from the peer for too long.
    MediaLost,
    /// A fault of the peer, of the way to it or of ours.
    Fault,
    /// Something of ours came between, such as a restart.
    Interrupted,
}

impl CauseKind {
    /// All there are.
    pub const ALL: [Self; 10] = [
        Self::Normal,
        Self::Cancelled,
        Self::Busy,
        Self::NoAnswer,
        Self::Rejected,
        Self::Unreachable,
        Self::Unwanted,
        Self::MediaLost,
        Self::Fault,
        Self::Interrupted,
    ];

    /// Says it in words for people, where nothing else is known.
    pub fn words(self) -> &'static str {
        match self {
            Self::Normal => "hung up",
            Self::Cancelled => "the caller gave up",
            Self::Busy => "busy",
            Self::NoAnswer => "no answer",
            Self::Rejected => "rejected",
            Self::Unreachable => "cannot be reached",
            Self::Unwanted => "the number does not want calls",
            Self::MediaLost => "nothing was heard any more",
            Self::Fault => "a fault of the telephone network",
            Self::Interrupted => "interrupted by a restart",
        }
    }
}
