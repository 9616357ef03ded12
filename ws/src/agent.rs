//! What the console and the hub say to each other on `/ws/agent`: a snapshot of the desk, ordered changes to it, and
//! the timelines of the contacts on it.

mod desk;
mod request;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

pub use desk::{
    AwayReason, Card, Change, Consulted, Contact, Desk, Disposition, Earlier, Note, Offer, OwnWait,
    Promise, QueueLength,
};
pub use request::{DeskResume, Request};

use crate::{
    board::{self, Board},
    cobrowse::AgentNews,
    id::{AgentId, CallbackId, CustomerId, InteractionId, LegId, Mid, Seq, Timestamp},
    timeline::{Author, Entry},
    transfer::TransferTo,
};

/// Whether an agent takes work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "done", rename_all = "snake_case")]
#[ts(rename = "AgentDone")]
#[schema(as = AgentDone)]
pub enum Done {
    /// To `hello`; a [`Push::Desk`] follows unless the stream could be taken up where it was left.
    Welcome {
        /// Who the credential says this is.
        agent: AgentId,
        /// Of the desk's stream; it changes with every start of the server.
        desk_epoch: String,
        /// Of the timelines; see the visitor's `welcome`.
        epoch: String,
        /// What time it is at the server, by which all its times are to be read.
        at: Timestamp,
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
    /// To the wish for a code.
    Code {
        /// Six digits.
        code: String,
        /// How long it is good, once.
        until: Timestamp,
    },
    /// To what a console offered for a call.
    Media {
        /// The leg.
        leg: LegId,
        /// Our answer: a session description.
        sdp: String,
    },
    /// To everything else.
    Ok,
}

/// What the hub tells a console unasked.
#[allow(clippy::large_enum_variant, reason = "written at once, never kept")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "push", rename_all = "snake_case")]
#[ts(rename = "AgentPush")]
#[schema(as = AgentPush)]
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
    /// The whole board; replaces what was known.
    Board {
        /// The place in the board's stream this stands for.
        seq: Seq,
        /// The board.
        board: Box<Board>,
    },
    /// Changes to the board, in order.
    BoardChange {
        /// The place in the board's stream, gap-free.
        seq: Seq,
        /// When it was drawn.
        at: Timestamp,
        /// What changed.
        changes: Vec<board::Change>,
    },
    /// Something about a page seen together.
    Cobrowse {
        /// In which interaction.
        interaction: InteractionId,
        /// What.
        news: Box<AgentNews>,
    },
    /// Another page of the same agent took a leg that this one had.
    Elsewhere {
        /// Of which interaction.
        interaction: InteractionId,
        /// Which.
        leg: LegId,
    },
    /// A call in which the agent took part as a supervisor went to somebody else, and their part in it is over.
    CallMoved {
        /// Which.
        interaction: InteractionId,
        /// Where it went.
        to: TransferTo,
    },
    /// A call in which the agent took part as a supervisor is over.
    CallOver {
        /// Which.
        interaction: InteractionId,
        /// Why.
        reason: String,
    },
    /// What was said about contact with these customers may be otherwise now: what is shown of it is to be asked for anew.
    Consents {
        /// The records, with all that are merged into one with them.
        customers: Vec<CustomerId>,
    },
    /// Asks for a sign of life.
    Ping {
        /// The highest change of the desk's stream; a console that has less says `hello` again.
        seq: Seq,
    },
}

/// The kind of medium.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Telephone.
    Voice,
    /// Written, on a website.
    Chat,
}
