//! What the console and the hub say to each other on `/ws/agent`: a snapshot of the desk, ordered changes to it, and
//! the timelines of the contacts on it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    frame::Resume,
    id::{
        AgentId, AssignmentId, CallbackId, CustomerId, InteractionId, LegId, Mid, Number, QueueId,
        Seq, Skill, Timestamp,
    },
    timeline::{Author, CallState, CallbackState, Entry},
};

/// What a console asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
#[ts(rename = "AgentRequest")]
pub enum Request {
    /// Comes first: who this is and what it has seen already.
    Hello {
        /// The agent credential from `POST /api/v1/login`.
        token: String,
        /// Where the desk's stream is to be taken up; without it a snapshot follows.
        #[serde(default)]
        resume: Option<DeskResume>,
        /// Where the timelines of contacts are to be taken up; those not named come whole.
        #[serde(default)]
        timelines: Vec<Resume>,
    },
    /// Makes the agent ready or away.
    Presence {
        /// The state wanted.
        presence: Presence,
    },
    /// Takes an offer.
    Accept {
        /// The interaction offered.
        interaction: InteractionId,
    },
    /// Turns an offer down.
    Decline {
        /// The interaction offered.
        interaction: InteractionId,
    },
    /// Writes a message.
    Message {
        /// Where.
        interaction: InteractionId,
        /// Made by the writer; a repeat gets the first one's answer.
        mid: Mid,
        /// 1 to 4,000 characters.
        text: String,
    },
    /// Tells that the agent is writing, or stopped.
    Typing {
        /// Where.
        interaction: InteractionId,
        /// Whether they are writing.
        on: bool,
    },
    /// Tells what arrived and what was seen; only ever grows.
    Receipt {
        /// Where.
        interaction: InteractionId,
        /// The highest entry that arrived.
        delivered: Seq,
        /// The highest entry that was on screen.
        read: Seq,
    },
    /// Turns a chat into a call.
    Escalate {
        /// Which.
        interaction: InteractionId,
        /// The customer's number.
        number: Number,
    },
    /// Promises a callback.
    Callback {
        /// In which interaction.
        interaction: InteractionId,
        /// The customer's number.
        number: Number,
        /// Not before this time; none means as soon as an agent is free.
        #[serde(default)]
        at: Option<Timestamp>,
    },
    /// Takes a callback back.
    CancelCallback {
        /// Which.
        callback: CallbackId,
    },
    /// Ends the call of an interaction and leaves the chat, if any, open.
    HangUp {
        /// Which.
        interaction: InteractionId,
    },
    /// Ends the contact; wrap-up follows.
    End {
        /// Which.
        interaction: InteractionId,
    },
    /// Finishes the wrap-up.
    WrapUp {
        /// Which.
        interaction: InteractionId,
        /// How it turned out, at most 100 characters.
        #[serde(default)]
        disposition: Option<String>,
        /// For the record, at most 4,000 characters.
        #[serde(default)]
        note: Option<String>,
    },
    /// Answers a [`Push::Ping`].
    Pong {
        /// The highest change that arrived.
        seq: Seq,
    },
}

/// Where a desk's stream is taken up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DeskResume {
    /// The epoch of the `welcome` it was seen in.
    pub epoch: String,
    /// The highest change that arrived.
    pub seq: Seq,
}

/// Whether an agent takes work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum Presence {
    /// Takes offers.
    Ready,
    /// Takes none.
    Away {
        /// Why, at most 100 characters.
        reason: String,
    },
    /// Not signed in, or lost for longer than the grace period. Never asked for.
    Gone,
}

/// What an accepted [`Request`] is answered with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "done", rename_all = "snake_case")]
#[ts(rename = "AgentDone")]
pub enum Done {
    /// To `hello`; a [`Push::Desk`] follows unless the stream could be taken up where it was left.
    Welcome {
        /// Who the credential says this is.
        agent: AgentId,
        /// Of the desk's stream; it changes with every start of the server.
        desk_epoch: String,
        /// Of the timelines; see the visitor's `welcome`.
        epoch: String,
    },
    /// To `message`: it is in the journal.
    Written {
        /// Where.
        interaction: InteractionId,
        /// The writer's id.
        mid: Mid,
        /// The place it got, the same for every repeat.
        seq: Seq,
    },
    /// To `callback`.
    Promised {
        /// The callback.
        callback: CallbackId,
    },
    /// To everything else.
    Ok,
}

/// What the hub tells a console unasked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "push", rename_all = "snake_case")]
#[ts(rename = "AgentPush")]
pub enum Push {
    /// The whole desk; replaces what was known.
    Desk {
        /// The place in the desk's stream this stands for.
        seq: Seq,
        /// The desk.
        desk: Desk,
    },
    /// A change to the desk, in order.
    Change {
        /// The place in the desk's stream, gap-free.
        seq: Seq,
        /// The interaction it is about, if it is about one.
        interaction: Option<InteractionId>,
        /// What changed.
        change: Box<Change>,
    },
    /// The next entry of a contact's timeline.
    Entry {
        /// Of which interaction.
        interaction: InteractionId,
        /// The entry.
        entry: Entry,
    },
    /// Somebody is writing, or stopped. Latest wins.
    Typing {
        /// In which interaction.
        interaction: InteractionId,
        /// Who.
        from: Author,
        /// Whether they are writing.
        on: bool,
    },
    /// What the other side received and saw. Latest wins.
    Receipt {
        /// In which interaction.
        interaction: InteractionId,
        /// The agent it comes from, none when it is the customer.
        agent: Option<AgentId>,
        /// The highest entry that arrived there.
        delivered: Seq,
        /// The highest entry seen there.
        read: Seq,
    },
    /// How many wait in the agent's queues. Latest wins.
    Queues {
        /// Each queue of the agent.
        queues: Vec<QueueLength>,
    },
    /// Asks for a sign of life.
    Ping {
        /// The highest change of the desk's stream; a console that has less says `hello` again.
        seq: Seq,
    },
}

/// Everything an agent has before them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Desk {
    /// The agent.
    pub agent: AgentId,
    /// The name customers are shown.
    pub name: String,
    /// What they can do.
    pub skills: Vec<Skill>,
    /// Whether they take work.
    pub presence: Presence,
    /// Whether their phone can be reached.
    pub phone: bool,
    /// How many chats they hold at most, 1 to 6.
    pub chat_slots: u8,
    /// Offers before them, the one that runs out first in front.
    pub offers: Vec<Offer>,
    /// Contacts they hold, wrap-ups included, the oldest in front.
    pub contacts: Vec<Contact>,
    /// How many wait in their queues.
    pub queues: Vec<QueueLength>,
}

/// How many wait in a queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct QueueLength {
    /// The queue.
    pub queue: QueueId,
    /// How many.
    pub waiting: u32,
}

/// The kind of medium.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Telephone.
    Voice,
    /// Written, on a website.
    Chat,
}

/// An interaction put before the agent, with a deadline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
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
    /// Who the customer is.
    pub card: Card,
    /// Why this agent was chosen, in words for people.
    pub why: String,
}

/// Who the customer is, as far as known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Card {
    /// The known record, if any.
    pub customer: Option<CustomerId>,
    /// The name they gave.
    pub name: Option<String>,
    /// The number they call from or gave.
    pub number: Option<Number>,
    /// The mail address they gave.
    pub mail: Option<String>,
    /// Whether the identity was proved by signature.
    pub verified: bool,
    /// The page they came from.
    pub page: Option<String>,
    /// Earlier interactions, newest first, at most 10.
    pub earlier: Vec<Earlier>,
}

/// An earlier interaction on a card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Contact {
    /// The interaction.
    pub interaction: InteractionId,
    /// The agent's stay in it.
    pub assignment: AssignmentId,
    /// Out of which queue.
    pub queue: QueueId,
    /// Since when the agent holds it.
    pub since: Timestamp,
    /// Whether a chat is open in it.
    pub chat: bool,
    /// The call in it, if there is or was one.
    pub call: Option<CallState>,
    /// The customer's leg of that call.
    pub leg: Option<LegId>,
    /// Callbacks promised in it.
    pub callbacks: Vec<Promise>,
    /// Set when the contact is over and only the wrap-up remains.
    pub wrap_up_until: Option<Timestamp>,
    /// Who the customer is.
    pub card: Card,
}

/// A callback as a console shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Promise {
    /// Which.
    pub callback: CallbackId,
    /// Where.
    pub number: Number,
    /// How it stands.
    pub state: CallbackState,
}

/// One change to a desk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// An offer came.
    Offered {
        /// The offer.
        offer: Offer,
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
        contact: Contact,
    },
    /// A contact left the desk.
    Released {
        /// Which.
        interaction: InteractionId,
    },
    /// The agent's presence changed, by themselves or not.
    Presence {
        /// How it stands.
        presence: Presence,
    },
    /// The agent's phone came or went.
    Phone {
        /// Whether it can be reached.
        reachable: bool,
    },
}
