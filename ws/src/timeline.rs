//! An interaction's timeline as visitor and agent see it: entries numbered without gaps, each durable before it is sent.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::{
    agent::Channel,
    cobrowse::Act,
    file::SharedFile,
    id::{AgentId, CallbackId, LegId, Mid, Number, QueueId, Seq, Timestamp},
    rating::Score,
};

/// One numbered line of an interaction's timeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Entry {
    /// Its place, gap-free from 1.
    pub seq: Seq,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// Who wrote or did something in an interaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "party", rename_all = "snake_case")]
pub enum Author {
    /// The customer, on the web or on the phone.
    Customer,
    /// An agent, by id and the name customers are shown.
    Agent {
        /// The agent.
        agent: AgentId,
        /// The name shown.
        name: String,
    },
    /// A program, by the name of its API token. Customers are shown the house in its place.
    Program {
        /// What the token is called.
        name: String,
    },
    /// Tandem itself.
    System,
}

/// What a timeline entry tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// Somebody wrote.
    Message {
        /// The writer.
        from: Author,
        /// The writer's id of it.
        mid: Mid,
        /// 1 to 4,000 characters.
        text: String,
    },
    /// Somebody shared a file.
    File {
        /// Who.
        from: Author,
        /// The sender's id of it.
        mid: Mid,
        /// The file.
        file: SharedFile,
    },
    /// Somebody wrote a message of theirs anew. Who may not see the trace gets what it said before without its text.
    Edited {
        /// Who.
        by: Author,
        /// The message's place.
        of: Seq,
        /// What it says from now on, 1 to 4,000 characters.
        text: String,
    },
    /// Somebody took a message or a file of theirs back.
    Deleted {
        /// Who.
        by: Author,
        /// Its place.
        of: Seq,
    },
    /// The interaction waits in a queue.
    Queued {
        /// The queue.
        queue: QueueId,
    },
    /// Nobody can be there for now: what is written waits as a message.
    Held {
        /// When it will be looked at, where that is known.
        opens: Option<Timestamp>,
    },
    /// The wait is or would be long: the customer may ask to be called back instead.
    CallbackOffered,
    /// An agent took it.
    Joined {
        /// The agent.
        agent: AgentId,
        /// The name shown.
        name: String,
    },
    /// The agent is in a call; the chat goes on afterwards.
    Paused {
        /// The agent.
        agent: AgentId,
    },
    /// The agent's call is over.
    Resumed {
        /// The agent.
        agent: AgentId,
    },
    /// The agent's stay ended.
    Left {
        /// The agent.
        agent: AgentId,
    },
    /// A telephone leg, or the call as a whole, changed.
    Call {
        /// The customer's leg.
        leg: Option<LegId>,
        /// How it stands now.
        call: CallState,
    },
    /// A callback changed.
    Callback {
        /// The callback.
        callback: CallbackId,
        /// The number to be called.
        number: Number,
        /// How it stands now.
        state: CallbackState,
        /// Who promised, moved or cancelled it, where it was somebody.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        by: Option<Author>,
    },
    /// The contact is over; nothing can be written any more.
    Ended {
        /// Who ended it.
        by: Author,
        /// Why, in words for people.
        reason: String,
    },
    /// The customer is asked how well they were served.
    RatingAsked {
        /// On what they are asked; a visitor answers by `rate`.
        channel: Channel,
        /// How long an answer is taken, and may be changed.
        until: Timestamp,
    },
    /// The customer told; takes the place of what they told before.
    Rated {
        /// From 1, badly, to 5, very well.
        score: Score,
        /// In their own words.
        comment: Option<String>,
    },
    /// The customer did not want to tell.
    RatingDeclined,
    /// Something was done about a page seen together.
    Cobrowse {
        /// Who did it.
        by: Author,
        /// What.
        act: Act,
    },
}

impl What {
    /// Returns who wrote or did it, where that is said.
    pub fn author_mut(&mut self) -> Option<&mut Author> {
        match self {
            Self::Message { from, .. } | Self::File { from, .. } => Some(from),
            Self::Edited { by, .. }
            | Self::Deleted { by, .. }
            | Self::Ended { by, .. }
            | Self::Cobrowse { by, .. } => Some(by),
            Self::Callback { by, .. } => by.as_mut(),
            Self::Queued { .. }
            | Self::Held { .. }
            | Self::CallbackOffered
            | Self::Joined { .. }
            | Self::Paused { .. }
            | Self::Resumed { .. }
            | Self::Left { .. }
            | Self::Call { .. }
            | Self::RatingAsked { .. }
            | Self::Rated { .. }
            | Self::RatingDeclined => None,
        }
    }
}

/// How a call stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum CallState {
    /// Somebody asked for it in a chat; both sides are being dialled.
    Dialling {
        /// The customer's number.
        number: Number,
    },
    /// The customer's phone rings.
    Ringing,
    /// Both sides are connected.
    Connected,
    /// It ended after being connected, or the caller gave up.
    Ended {
        /// Why, in words for people.
        reason: String,
    },
    /// It never connected; the chat goes on.
    Failed {
        /// Why, in words for people.
        reason: String,
    },
}

/// How a callback stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum CallbackState {
    /// Promised.
    Promised {
        /// Not before this time.
        due: Timestamp,
    },
    /// An attempt is being made.
    Dialling,
    /// It reached the customer.
    Done,
    /// An attempt failed; another follows.
    Retrying {
        /// Why, in words for people.
        reason: String,
        /// When the next attempt is due.
        due: Timestamp,
    },
    /// Given up or taken back.
    Ended {
        /// Why, in words for people.
        reason: String,
    },
}
