//! Everything an agent has before them, and how it changes.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::{Channel, Presence};
use crate::{
    caller::Shown,
    form::Answer,
    id::{
        AgentId, AssignmentId, CallbackId, CustomerId, InteractionId, LegId, Number, QueueId,
        Skill, Timestamp,
    },
    memo::Memos,
    recording::{Recording, RecordingState, Voicemail},
    supervision::Supervised,
    timeline::{Author, CallState, CallbackState},
    transfer::{Colleague, Consult, Guest, Member, Parted},
    voice::{Headset, LineQuality},
};

/// Everything an agent has before them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[schema(as = AgentDesk)]
pub struct Desk {
    /// The agent.
    pub agent: AgentId,
    /// The name customers are shown.
    pub name: String,
    /// What they can do.
    pub skills: Vec<Skill>,
    /// Whether they take work.
    pub presence: Presence,
    /// Since when that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub presence_since: Option<Timestamp>,
    /// The reasons to be away that are configured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<AwayReason>>")]
    pub reasons: Vec<AwayReason>,
    /// The dispositions that are configured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<Disposition>>")]
    pub dispositions: Vec<Disposition>,
    /// Whether their phone can be reached.
    pub phone: bool,
    /// Calls at their consoles.
    #[serde(default, skip_serializing_if = "Headset::is_empty")]
    #[ts(optional, as = "Option<Headset>")]
    pub headset: Headset,
    /// How many chats they hold at most, 1 to 6.
    pub chat_slots: u8,
    /// For how many seconds a message may be written anew or taken back; none where it may not.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[ts(optional, as = "Option<u32>")]
    pub revise: u32,
    /// Offers before them, the one that runs out first in front.
    pub offers: Vec<Offer>,
    /// Contacts they hold, wrap-ups included, the oldest in front.
    pub contacts: Vec<Contact>,
    /// The call of a colleague's that they are asked about, while their phone rings or they are on the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub consulted: Option<Consulted>,
    /// Who waits for this agent and nobody else, the first in front.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<OwnWait>>")]
    pub own: Vec<OwnWait>,
    /// The chats of others in which they take part as a supervisor, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<Supervised>>")]
    pub supervised: Vec<Supervised>,
    /// What staff wrote to each other, as far as it is theirs to read.
    #[serde(default, skip_serializing_if = "Memos::is_empty")]
    #[ts(optional, as = "Option<Memos>")]
    pub memos: Memos,
    /// How many wait in their queues.
    pub queues: Vec<QueueLength>,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Somebody who waits for one agent: one who asked for them, or whom they served before or promised a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct OwnWait {
    /// Which interaction.
    pub interaction: InteractionId,
    /// On what.
    pub channel: Channel,
    /// The queue that serves them once they waited long enough.
    pub queue: QueueId,
    /// Since when.
    pub since: Timestamp,
    /// Until when others are not asked.
    pub until: Option<Timestamp>,
    /// The customer's name or number, as far as known.
    pub who: Option<String>,
    /// Whether it is a promised call.
    pub callback: bool,
}

/// A call that a colleague asks about while the customer hears music, or has taken the agent into.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Consulted {
    /// Which.
    pub interaction: InteractionId,
    /// Who asks.
    pub by: AgentId,
    /// Their name.
    pub name: String,
    /// Out of which queue it came.
    pub queue: QueueId,
    /// Whether they are on the line; else the phone rings.
    pub joined: bool,
    /// Whether they were taken into the conversation with the customer.
    #[serde(default)]
    pub conference: bool,
    /// Who the customer is.
    pub card: Card,
}

/// A configured reason to be away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct AwayReason {
    /// What reports call it.
    pub code: String,
    /// What people call it; asked for as the reason.
    pub words: String,
}

/// A configured disposition: how a contact turned out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Disposition {
    /// What other parts of the configuration call it.
    pub code: String,
    /// What people call it; asked for as the disposition, and kept in the record.
    pub words: String,
}

/// How many wait in a queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct QueueLength {
    /// The queue.
    pub queue: QueueId,
    /// How many.
    pub waiting: u32,
    /// How many of them left a message, written or spoken, and are not there.
    #[serde(default)]
    pub messages: u32,
}

/// An interaction put before the agent, with a deadline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Offer {
    /// Which.
    pub interaction: InteractionId,
    /// On what channel.
    pub channel: Channel,
    /// Out of which queue.
    pub queue: QueueId,
    /// When it goes to somebody else.
    pub deadline: Timestamp,
    /// Since when the customer waits.
    pub waiting_since: Timestamp,
    /// Set when it is a callback that fell due.
    pub callback: Option<CallbackId>,
    /// The message that its caller left, which waits in place of the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub voicemail: Option<Voicemail>,
    /// Who the customer is.
    pub card: Card,
    /// Who asks this agent into a chat of theirs, where it is no more than that: the chat stays with who asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub invited_by: Option<Colleague>,
    /// Why this agent was chosen, in words for people.
    pub why: String,
    /// What colleagues noted in it, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<Note>>")]
    pub notes: Vec<Note>,
}

/// What an agent noted in a contact, for colleagues only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[schema(as = DeskNote)]
pub struct Note {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Author,
    /// What.
    pub text: String,
}

/// Who the customer is, as far as known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Card {
    /// The known record, if any.
    pub customer: Option<CustomerId>,
    /// The name they gave.
    pub name: Option<String>,
    /// The number they call from or gave.
    pub number: Option<Number>,
    /// How far the number of their call can be relied on, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub caller: Option<Shown>,
    /// The mail address they gave.
    pub mail: Option<String>,
    /// Whether the identity was proved by signature.
    pub verified: bool,
    /// The page they came from.
    pub page: Option<String>,
    /// The page that led them there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub referrer: Option<String>,
    /// Earlier interactions, newest first, at most 10.
    pub earlier: Vec<Earlier>,
    /// The page of another system, such as a CRM, to open beside the contact.
    pub screen_pop: Option<String>,
    /// What another system wants the agent to know.
    pub note: Option<String>,
    /// What they answered before the chat; nothing of it is proved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<Answer>>")]
    pub answers: Vec<Answer>,
}

/// An earlier interaction on a card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Earlier {
    /// Which.
    pub interaction: InteractionId,
    /// When it began.
    pub at: Timestamp,
    /// The channel it began on.
    pub channel: Channel,
    /// How it ended.
    pub outcome: String,
}

/// One contact on the desk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Contact {
    /// The interaction.
    pub interaction: InteractionId,
    /// The agent's stay in it; of a chat in which they take part as a colleague, the stay of who has it.
    pub assignment: AssignmentId,
    /// Out of which queue.
    pub queue: QueueId,
    /// Whose chat it is, where the agent takes part in it as a colleague.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub owner: Option<Colleague>,
    /// The colleagues in its chat, then those who are asked in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<Member>>")]
    pub members: Vec<Member>,
    /// Since when the agent holds it.
    pub since: Timestamp,
    /// Whether a chat is open in it.
    pub chat: bool,
    /// The message that its caller left: it takes a chat slot, and nothing can be written in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub voicemail: Option<Voicemail>,
    /// The call in it, if there is or was one.
    pub call: Option<CallState>,
    /// The customer's leg of that call.
    pub leg: Option<LegId>,
    /// Whom the agent asks while the customer hears music.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub consult: Option<Consult>,
    /// Who else is in the conversation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<Guest>>")]
    pub conference: Vec<Guest>,
    /// Who was asked or in the conversation and went, the last, unless the agent wanted it so; none once somebody else is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub parted: Option<Parted>,
    /// Whether the customer is on hold.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub held: bool,
    /// Whether the customer's phone does not take that it is held; they hear music all the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub hold_refused: bool,
    /// Whether nothing comes of the page that the customer calls from; the call ends when that lasts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub page_away: bool,
    /// Whether the agent is mute.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub muted: bool,
    /// How it stands with the recording of the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub recording: Option<RecordingState>,
    /// What of it can be listened to, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<Recording>>")]
    pub recordings: Vec<Recording>,
    /// How the lines of its last call carry speech, once something is known of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<LineQuality>>")]
    pub lines: Vec<LineQuality>,
    /// Callbacks promised in it.
    pub callbacks: Vec<Promise>,
    /// Since when its chat is parked: silent, and without a slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub parked: Option<Timestamp>,
    /// Whether its chat rests because the agent is in a call.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub paused: bool,
    /// What colleagues noted in it, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<Note>>")]
    pub notes: Vec<Note>,
    /// What supervisors whispered to the agent, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<Note>>")]
    pub whispers: Vec<Note>,
    /// Set when the contact is over and only the wrap-up remains.
    pub wrap_up_until: Option<Timestamp>,
    /// Who the customer is.
    pub card: Card,
}

/// A callback as a console shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[schema(as = DeskPromise)]
pub struct Promise {
    /// Which.
    pub callback: CallbackId,
    /// Where.
    pub number: Number,
    /// How it stands.
    pub state: CallbackState,
}

/// One change to a desk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "change", rename_all = "snake_case")]
#[schema(as = DeskChange)]
pub enum Change {
    /// An offer came.
    Offered {
        /// The offer.
        offer: Box<Offer>,
    },
    /// An offer went.
    OfferGone {
        /// Which.
        interaction: InteractionId,
        /// Why, in words for people.
        reason: String,
    },
    /// A contact came or changed; replaces the one with the same interaction.
    Contact {
        /// The contact as it stands.
        contact: Box<Contact>,
    },
    /// A contact left the desk.
    Released {
        /// Which.
        interaction: InteractionId,
        /// The supervisor who took it over.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        taken_by: Option<Colleague>,
    },
    /// The agent's presence changed, by themselves or not.
    Presence {
        /// How it stands.
        presence: Presence,
        /// Since when.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        since: Option<Timestamp>,
    },
    /// The agent's phone came or went.
    Phone {
        /// Whether it can be reached.
        reachable: bool,
    },
    /// Who waits for this agent changed.
    Own {
        /// Everybody, the first in front.
        own: Vec<OwnWait>,
    },
    /// The chats in which they take part as a supervisor changed.
    Supervised {
        /// All of them.
        supervised: Vec<Supervised>,
    },
    /// A memo came, or was read.
    Memos {
        /// Those that came since; `read` and `unread` as they stand.
        memos: Memos,
    },
    /// A colleague asks about a call, or not any more.
    Consulted {
        /// Which; none when it is over.
        consulted: Option<Box<Consulted>>,
    },
    /// Calls at the agent's consoles changed.
    Headset {
        /// How it stands.
        headset: Headset,
    },
}
