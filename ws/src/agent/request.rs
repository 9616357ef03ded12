//! What a console asks.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::{Channel, Presence};
use crate::{
    callback::Wish,
    cobrowse::AgentAct,
    consent::ContactChannel,
    frame::Resume,
    id::{AgentId, CallbackId, InteractionId, LegId, Mid, Number, Seq, Timestamp},
    memo::MemoTo,
    recording::Record,
    supervision::{self, Supervise},
    transfer::{HandOverTo, TransferTo},
    voice::AgentVoice,
};

/// What a console asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
#[ts(rename = "AgentRequest")]
#[schema(as = AgentRequest)]
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
    /// Writes one of one's own messages anew, or takes it back, for as long as the house allows.
    Revise {
        /// Where.
        interaction: InteractionId,
        /// The message's id.
        mid: Mid,
        /// What it says from now on, 1 to 4,000 characters; none takes it back.
        #[serde(default)]
        text: Option<String>,
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
        /// What else is wished of it.
        #[serde(default)]
        #[ts(optional = nullable)]
        wish: Option<Box<Wish>>,
    },
    /// Takes a callback back.
    CancelCallback {
        /// Which.
        callback: CallbackId,
    },
    /// Notes whether the customer of a contact may be contacted, as they said.
    Consent {
        /// In which interaction they said it.
        interaction: InteractionId,
        /// For what.
        channel: ContactChannel,
        /// Whether they allow it.
        given: bool,
        /// Why, at most 100 characters.
        #[serde(default)]
        reason: Option<String>,
    },
    /// Ends the call of an interaction and leaves the chat, if any, open.
    HangUp {
        /// Which.
        interaction: InteractionId,
    },
    /// Hands the call of a contact on at once; the agent's part in it is over, without a wrap-up.
    Transfer {
        /// Which.
        interaction: InteractionId,
        /// To whom.
        to: TransferTo,
        /// For whoever takes it, and the record; at most 4,000 characters.
        #[serde(default)]
        note: Option<String>,
    },
    /// Calls an agent or a number while the customer hears music.
    Consult {
        /// In which contact.
        interaction: InteractionId,
        /// Whom.
        to: TransferTo,
    },
    /// Connects the customer with whoever is consulted, and leaves the call.
    Complete {
        /// Which.
        interaction: InteractionId,
        /// For whoever takes it, and the record; at most 4,000 characters.
        #[serde(default)]
        note: Option<String>,
    },
    /// Lets the customer, whoever is consulted and everybody else in the call hear each other.
    Conference {
        /// Which.
        interaction: InteractionId,
    },
    /// Takes one who was taken into the conversation out of it again; their call ends, and the others go on.
    Dismiss {
        /// Which.
        interaction: InteractionId,
        /// Whose leg, as `conference` of the contact names it.
        leg: LegId,
    },
    /// A supervisor listens to a running call with their own phone, or reads a chat along, speaks in it, takes it over, or
    /// leaves it.
    Supervise {
        /// Which; it need not be on the own desk.
        interaction: InteractionId,
        /// What.
        act: Supervise,
        /// In its call, or in its chat.
        #[serde(
            default = "supervision::voice",
            skip_serializing_if = "supervision::is_voice"
        )]
        #[ts(optional, as = "Option<Channel>")]
        channel: Channel,
    },
    /// A supervisor who takes part in a chat writes to its agent alone.
    Whisper {
        /// Which.
        interaction: InteractionId,
        /// 1 to 4,000 characters; the customer never sees it.
        text: String,
    },
    /// Ends the consultation and goes back to the customer.
    TakeBack {
        /// Which.
        interaction: InteractionId,
    },
    /// Lets the customer hear music, and nothing be heard of them, or ends that.
    Hold {
        /// Which.
        interaction: InteractionId,
        /// Whether to hold.
        on: bool,
    },
    /// Lets nothing be heard of the agent, or ends that.
    Mute {
        /// Which.
        interaction: InteractionId,
        /// Whether to be mute.
        on: bool,
    },
    /// Presses keys towards the other side of the call.
    Digits {
        /// Which.
        interaction: InteractionId,
        /// 1 to 32 of `0`-`9`, `*`, `#`, `A`-`D`.
        digits: String,
    },
    /// Records the call of a contact, lets silence take the place of what is said, or ends that. A supervisor may say it of
    /// a call in which somebody else is the agent.
    Record {
        /// Which.
        interaction: InteractionId,
        /// What.
        act: Record,
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
        /// Whether the customer's matter is solved, as far as the agent can say.
        #[serde(default)]
        solved: Option<bool>,
    },
    /// Asks for longer to wrap up, up to the queue's ceiling.
    ExtendWrapUp {
        /// Which.
        interaction: InteractionId,
        /// By how many seconds.
        seconds: u32,
    },
    /// Gives the slot of a silent chat back; it stays on the desk and comes back when the customer writes.
    Park {
        /// Which.
        interaction: InteractionId,
    },
    /// Takes a parked chat up again, if there is a slot; writing in it does so too.
    Unpark {
        /// Which.
        interaction: InteractionId,
    },
    /// Something about a page seen together.
    Cobrowse {
        /// In which interaction.
        interaction: InteractionId,
        /// What.
        act: Box<AgentAct>,
    },
    /// Notes something for colleagues and for the record; the customer never sees it.
    Note {
        /// In which contact.
        interaction: InteractionId,
        /// 1 to 4,000 characters.
        text: String,
    },
    /// Hands a chat over to a colleague or a queue. Who does not take it leaves it to who handed it over, then to the
    /// queue.
    HandOver {
        /// Which.
        interaction: InteractionId,
        /// To whom.
        to: HandOverTo,
        /// What they should know, at most 4,000 characters; the customer never sees it.
        #[serde(default)]
        note: Option<String>,
    },
    /// Asks a colleague into a chat of the agent's: as an offer, which they accept or decline. The chat stays with the agent.
    Invite {
        /// Which.
        interaction: InteractionId,
        /// Whom.
        agent: AgentId,
        /// What they should know, at most 4,000 characters; the customer never sees it.
        #[serde(default)]
        note: Option<String>,
    },
    /// Takes back an invitation that was not answered yet; whom it was for loses the offer.
    Withdraw {
        /// Of which chat.
        interaction: InteractionId,
        /// Whom it was for.
        agent: AgentId,
    },
    /// Leaves a chat without ending it. The agent's own goes to the colleague in it who came first; with nobody else there it is
    /// refused. Who is asked about a call, or was taken into one, leaves that; while it rings they decline it.
    Leave {
        /// Which.
        interaction: InteractionId,
    },
    /// Something about calls at this console.
    Voice {
        /// What.
        act: Box<AgentVoice>,
    },
    /// Writes to a colleague or a group of them.
    Memo {
        /// Made by the writer; a repeat changes nothing.
        mid: Mid,
        /// To whom.
        to: MemoTo,
        /// 1 to 2,000 characters.
        text: String,
    },
    /// Tells up to which memo was read; only ever grows.
    MemosRead {
        /// Its number.
        #[ts(type = "number")]
        upto: u64,
    },
    /// Follows the board, for supervisors only.
    Watch {
        /// Where its stream is to be taken up; without it a snapshot follows.
        #[serde(default)]
        resume: Option<DeskResume>,
    },
    /// Makes another agent ready or away; for supervisors.
    PresenceOf {
        /// Whom.
        agent: AgentId,
        /// The state wanted.
        presence: Presence,
    },
    /// Answers a [`Push::Ping`](super::Push::Ping).
    Pong {
        /// The highest change that arrived.
        seq: Seq,
    },
}

/// Where a desk's stream is taken up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeskResume {
    /// The epoch of the `welcome` it was seen in.
    pub epoch: String,
    /// The highest change that arrived.
    pub seq: Seq,
}
