//! What supervisors see: the whole house as a snapshot and ordered changes, a few times a second at most.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::{
    agent::{Channel, Presence},
    id::{AgentId, CallbackId, InteractionId, Number, QueueId, Timestamp, TrunkId},
    rating::Score,
    supervision::Supervisor,
    timeline::CallbackState,
};

/// Everything on a supervisor's board.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Board {
    /// When it was drawn.
    pub at: Timestamp,
    /// Since when today's figures are counted: midnight (UTC).
    pub since: Timestamp,
    /// Every queue.
    pub queues: Vec<QueueView>,
    /// Every agent.
    pub agents: Vec<AgentView>,
    /// Who waits, the longest in front, at most 200.
    pub waiting: Vec<WaitingView>,
    /// Open callbacks, the next due in front, at most 100.
    pub callbacks: Vec<CallbackView>,
    /// The last choices of an agent, the newest in front, at most 50.
    pub decisions: Vec<DecisionView>,
    /// The last answers of customers, the newest in front, at most 50.
    pub ratings: Vec<RatingView>,
    /// The last 24 hours in quarters, the oldest in front.
    pub day: Vec<Quarter>,
    /// Limits on calls that leave the house which are near or reached, or refused calls within the last hour; the fullest in front, at most 50.
    #[serde(default)]
    pub tolls: Vec<TollView>,
    /// How the trunks stand, in the order of the configuration.
    #[serde(default)]
    pub trunks: Vec<TrunkView>,
}

/// How a trunk stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct TrunkView {
    /// Which.
    pub trunk: TrunkId,
    /// Whether any of its places answers; those that are not asked are taken to.
    pub up: bool,
    /// Since when, as far as the server knows.
    pub since: Timestamp,
    /// Whether we are registered there, where that is wanted.
    pub registered: Option<bool>,
    /// How many calls it has, both ways.
    pub calls: u32,
    /// The most it may have.
    pub limit: Option<u32>,
}

/// What a limit on calls that leave the house bounds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum TollLimit {
    /// All of them.
    House,
    /// Those to numbers that begin so; to all that no rule names where it is empty.
    Prefix {
        /// Such as `+49`.
        prefix: String,
    },
    /// Those an agent asks for.
    Agent {
        /// Who.
        agent: AgentId,
    },
    /// Those by a trunk.
    Trunk {
        /// Which.
        trunk: TrunkId,
    },
}

/// How a limit on calls that leave the house stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct TollView {
    /// Which.
    pub limit: TollLimit,
    /// How many calls may go within an hour; 0 where none may.
    pub bound: u32,
    /// How many went within the last hour.
    pub spent: u32,
    /// How many were refused for it within the last hour, to the minute.
    pub refused: u32,
    /// When there is room again, where there is none now.
    pub frees: Option<Timestamp>,
}

/// How a queue stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[schema(as = BoardQueue)]
pub struct QueueView {
    /// Which.
    pub queue: QueueId,
    /// Whether the configuration names it; one that it does not name any more is there while somebody waits or a call is
    /// promised there, and nobody serves it.
    pub configured: bool,
    /// How many wait, those before an agent included.
    pub waiting: u32,
    /// How many of them are messages that callers left.
    #[serde(default)]
    pub voicemails: u32,
    /// How many calls are promised there, those that are due and wait included.
    #[serde(default)]
    pub promised: u32,
    /// How many of them left a message, written or spoken, and are not there.
    #[serde(default)]
    pub messages: u32,
    /// Since when the longest waits of those who left no message.
    pub longest: Option<Timestamp>,
    /// How long one who comes now is expected to wait, in seconds, where there is ground for a guess; none while the queue is
    /// closed and something else is done than to let them wait.
    pub expected: Option<u32>,
    /// Agents who serve it and are ready.
    pub ready: u32,
    /// Agents who serve it.
    pub staffed: u32,
    /// Within how many seconds those who wait should be answered.
    pub target: u32,
    /// Its day so far.
    pub today: Figures,
    /// Its last hour, from the beginning of a quarter.
    pub hour: Figures,
    /// What customers said after chats, over the last 7 days.
    pub chat_rating: Option<RatingMean>,
    /// What callers said after calls, over the last 7 days.
    pub call_rating: Option<RatingMean>,
    /// First-contact resolution of the days whose window is past.
    pub resolution: Option<Share>,
    /// First-contact resolution of the days since; it may still sink.
    pub provisional: Option<Share>,
}

/// What came of those who came to a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Figures {
    /// Who came and waited, once their wait is over.
    pub arrived: u32,
    /// Who was answered: whose chat an agent took, or who spoke with one.
    pub answered: u32,
    /// Those of them who waited no longer than the target.
    pub in_time: u32,
    /// Who left unserved.
    pub abandoned: u32,
    /// Those of them who left before the target: one way of counting leaves them out of the service level.
    pub abandoned_early: u32,
    /// Who was sent elsewhere: to another queue, to leave a message, away, or to be called back.
    pub diverted: u32,
    /// Seconds that those who were answered had waited, in all.
    #[ts(type = "number")]
    pub waited: u64,
    /// Those answered who had been told how long it would take.
    pub expected: u32,
    /// Seconds by which what they were told was wrong, in all, whichever way.
    #[ts(type = "number")]
    pub error: u64,
    /// Stays of agents that ended since the start of the server.
    pub handled: u32,
    /// Seconds they had lasted in all, wrap-ups included.
    #[ts(type = "number")]
    pub handle: u64,
}

/// What an agent does: at every moment one thing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Activity {
    /// Ready, with nothing before them that they took.
    Ready,
    /// In a call, or dialled for one.
    Call,
    /// In one chat or several.
    Chat,
    /// After a contact.
    WrapUp,
    /// Away.
    Away {
        /// The reason's code, or the reason where none is configured.
        reason: String,
    },
    /// Not signed in.
    Gone,
}

impl Activity {
    /// Returns the kind, as it is written.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Call => "call",
            Self::Chat => "chat",
            Self::WrapUp => "wrap_up",
            Self::Away { .. } => "away",
            Self::Gone => "gone",
        }
    }
}

/// How long an agent did something today.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[schema(as = BoardSpent)]
pub struct Spent {
    /// What.
    pub activity: Activity,
    /// For how many seconds; what goes on is not in it.
    pub seconds: u32,
}

/// The mean of what customers said.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct RatingMean {
    /// How many said something.
    pub count: u32,
    /// From 1, badly, to 5, very well.
    pub mean: f64,
}

/// A share of served contacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Share {
    /// Out of so many.
    pub of: u32,
    /// So many.
    pub count: u32,
}

/// How an agent stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[schema(as = BoardAgent)]
pub struct AgentView {
    /// Who.
    pub agent: AgentId,
    /// The name customers are shown.
    pub name: String,
    /// Whether they take work.
    pub presence: Presence,
    /// Since when.
    pub since: Option<Timestamp>,
    /// What they do.
    pub activity: Activity,
    /// Since when.
    pub activity_since: Option<Timestamp>,
    /// What they spent the day with since midnight (UTC), or since the server knows.
    pub today: Vec<Spent>,
    /// Whether their phone can be reached.
    pub phone: bool,
    /// How many chats they hold at most.
    pub chat_slots: u8,
    /// The queues they serve.
    pub queues: Vec<QueueId>,
    /// What they hold: offers, contacts, wrap-ups.
    pub holds: Vec<Held>,
}

/// What an agent holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Held {
    /// Which.
    pub interaction: InteractionId,
    /// Out of which queue.
    pub queue: QueueId,
    /// How far it is.
    pub stage: Stage,
    /// Since when.
    pub since: Timestamp,
    /// The customer's name or number, as far as known.
    pub who: Option<String>,
    /// Whether customer and agent are connected by phone, so that supervisors can take part.
    pub talks: bool,
    /// Whether its chat goes on, so that supervisors can take part in that.
    pub chats: bool,
    /// Whether the customer's page is shared, so that supervisors can look at it.
    pub shares: bool,
    /// The supervisors who take part.
    pub supervisors: Vec<Supervisor>,
}

/// How far a contact of an agent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Before the agent, not taken.
    Offered,
    /// A chat.
    Chat,
    /// A call, with or without a chat beside it.
    Call,
    /// The contact is over for the customer.
    WrapUp,
}

/// Why who waits is put before nobody for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
#[schema(as = BoardHold)]
pub enum Hold {
    /// The configuration does not name its queue any more, and nobody serves it.
    QueueUnknown,
    /// It is a message, and its queue is closed.
    Hours {
        /// When the queue opens; none if it does not within 400 days.
        until: Option<Timestamp>,
    },
    /// It is a promised call that waits for a quiet time of its queue.
    Quiet,
    /// The way out is closed for its promised call: what was said of the customer or their number forbids it, a limit on calls
    /// is reached, there is no trunk, or the customer is in a call.
    Barred,
}

/// Somebody who waits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct WaitingView {
    /// Which.
    pub interaction: InteractionId,
    /// On what.
    pub channel: Channel,
    /// Where.
    pub queue: QueueId,
    /// Since when.
    pub since: Timestamp,
    /// From 1.
    pub position: u32,
    /// Seconds of waiting that its priority is worth.
    pub lead: u32,
    /// The customer's name or number, as far as known.
    pub who: Option<String>,
    /// Whom it is before at the moment.
    pub offered: Option<AgentId>,
    /// The agent in whose own queue it is: nobody else is asked for now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub kept_for: Option<AgentId>,
    /// Why it is put before nobody for now; none where it may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub hold: Option<Hold>,
    /// Whether it is a callback that fell due.
    pub callback: bool,
    /// Whether it is a message that a caller left.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub voicemail: bool,
}

/// A promise to call that is open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[schema(as = BoardCallback)]
pub struct CallbackView {
    /// Which.
    pub callback: CallbackId,
    /// Where it belongs.
    pub queue: QueueId,
    /// Whom.
    pub number: Number,
    /// When it is due.
    pub due: Timestamp,
    /// How often it was dialled.
    pub attempts: u8,
    /// How it stands.
    pub state: CallbackState,
}

/// The choice of an agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct DecisionView {
    /// When.
    pub at: Timestamp,
    /// For which interaction.
    pub interaction: InteractionId,
    /// On what.
    pub channel: Channel,
    /// Who was chosen.
    pub agent: AgentId,
    /// Why, in words for people.
    pub why: String,
    /// How many were not.
    pub passed_over: u32,
    /// What came of it, in words for people; none while it stands.
    pub end: Option<String>,
}

/// What a customer said of how they were served.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct RatingView {
    /// When.
    pub at: Timestamp,
    /// Of which interaction.
    pub interaction: InteractionId,
    /// On what they were asked.
    pub channel: Channel,
    /// Of which queue.
    pub queue: QueueId,
    /// Who had served.
    pub agent: Option<AgentId>,
    /// From 1, badly, to 5, very well.
    pub score: Score,
    /// In their own words.
    pub comment: Option<String>,
}

/// A quarter of an hour of the whole house.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Quarter {
    /// When it began.
    pub at: Timestamp,
    /// What came of those who came in it.
    pub figures: Figures,
}

/// One change to a board.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "change", rename_all = "snake_case")]
#[ts(rename = "BoardChange")]
#[schema(as = BoardChange)]
pub enum Change {
    /// A queue came or changed; replaces the one of the same name.
    Queue {
        /// The queue as it stands.
        queue: QueueView,
    },
    /// A queue is no more.
    QueueGone {
        /// Which.
        queue: QueueId,
    },
    /// An agent came or changed; replaces the one of the same name.
    Agent {
        /// The agent as they stand.
        agent: AgentView,
    },
    /// An agent is no more.
    AgentGone {
        /// Who.
        agent: AgentId,
    },
    /// Who waits, anew.
    Waiting {
        /// The longest in front.
        waiting: Vec<WaitingView>,
    },
    /// Open callbacks, anew.
    Callbacks {
        /// The next due in front.
        callbacks: Vec<CallbackView>,
    },
    /// The last choices of an agent, anew.
    Decisions {
        /// The newest in front.
        decisions: Vec<DecisionView>,
    },
    /// The last answers of customers, anew.
    Ratings {
        /// The newest in front.
        ratings: Vec<RatingView>,
    },
    /// Limits on calls that leave the house, anew.
    Tolls {
        /// The fullest in front.
        tolls: Vec<TollView>,
    },
    /// How the trunks stand, anew.
    Trunks {
        /// In the order of the configuration.
        trunks: Vec<TrunkView>,
    },
    /// A quarter came or changed; replaces the one that began at the same time.
    Quarter {
        /// The quarter as it stands.
        quarter: Quarter,
    },
}
