//! What the widget and the hub say to each other on `/ws/visitor`.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::{
    callback::{Wanted, Wish},
    cobrowse::{VisitorAct, VisitorNews},
    crossing::{Carried, Pass},
    form::Filled,
    frame::Resume,
    id::{
        AgentId, CallbackId, InteractionId, LegId, Mid, Number, QueueId, Seq, SheetName, Timestamp,
        VisitorId, ZoneId,
    },
    rating::Score,
    timeline::{Author, Entry},
    voice::VisitorVoice,
};

/// What a widget asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
#[ts(rename = "VisitorRequest")]
#[schema(as = VisitorRequest)]
pub enum Request {
    /// Comes first: who this is and what it has seen already.
    Hello {
        /// The visitor credential from `POST /api/v1/visitors`.
        token: String,
        /// Where the timeline is to be taken up, if one is known.
        #[serde(default)]
        resume: Option<Resume>,
    },
    /// Opens the chat, or joins the one that lives already for this visitor and zone.
    Open {
        /// The zone the page belongs to.
        zone: ZoneId,
        /// The name to be called by, at most 100 characters.
        #[serde(default)]
        name: Option<String>,
        /// A mail address, at most 254 characters; not verified.
        #[serde(default)]
        mail: Option<String>,
        /// The page it was opened on, at most 2,000 characters.
        #[serde(default)]
        page: Option<String>,
        /// The page that led there, at most 2,000 characters.
        #[serde(default)]
        #[ts(optional = nullable)]
        referrer: Option<String>,
        /// What was answered to the zone's form, where it has one.
        #[serde(default)]
        #[ts(optional = nullable)]
        form: Option<Box<Filled>>,
        /// The call that is wanted later: it is all that is promised then, and no agent is asked to chat.
        #[serde(default)]
        #[ts(optional = nullable)]
        callback: Option<Box<Wanted>>,
        /// The first message's id.
        mid: Mid,
        /// The first message, 1 to 4,000 characters.
        text: String,
    },
    /// Writes a message.
    Message {
        /// Made by the writer; a repeat gets the first one's answer.
        mid: Mid,
        /// 1 to 4,000 characters.
        text: String,
        /// The chat it was written in; none is the one that is shown. Named, it is never written in another.
        #[serde(default)]
        #[ts(optional = nullable)]
        interaction: Option<InteractionId>,
    },
    /// Writes one of one's own messages anew, or takes it back, for as long as the house allows.
    Revise {
        /// The message's id.
        mid: Mid,
        /// What it says from now on, 1 to 4,000 characters; none takes it back.
        #[serde(default)]
        text: Option<String>,
        /// The chat it stands in; none is the one that is shown.
        #[serde(default)]
        #[ts(optional = nullable)]
        interaction: Option<InteractionId>,
    },
    /// Tells that the visitor is writing, or stopped.
    Typing {
        /// Whether they are writing.
        on: bool,
    },
    /// Tells what arrived and what was seen; only ever grows.
    Receipt {
        /// The highest entry that arrived.
        delivered: Seq,
        /// The highest entry that was on screen.
        read: Seq,
    },
    /// Asks to be called now, in this interaction.
    Call {
        /// Where.
        number: Number,
    },
    /// Asks to be called later.
    Callback {
        /// Where.
        number: Number,
        /// Not before this time; none means as soon as an agent is free.
        #[serde(default)]
        at: Option<Timestamp>,
        /// What else is wished of it; its owner and order are the house's to choose.
        #[serde(default)]
        #[ts(optional = nullable)]
        wish: Option<Box<Wish>>,
    },
    /// Takes a callback back.
    CancelCallback {
        /// Which.
        callback: CallbackId,
    },
    /// Ends the chat.
    End {},
    /// Answers the question how well one was served; may be changed until the time the question named.
    Rate {
        /// The contact it was asked in.
        interaction: InteractionId,
        /// From 1, badly, to 5, very well; none is no answer, and the question goes away.
        #[serde(default)]
        score: Option<Score>,
        /// In one's own words, at most 1,000 characters.
        #[serde(default)]
        comment: Option<String>,
    },
    /// Something about a page seen together.
    Cobrowse {
        /// What.
        act: Box<VisitorAct>,
    },
    /// Something about a call of this page.
    Voice {
        /// What.
        act: Box<VisitorVoice>,
    },
    /// Goes to another website of the zone, whose page shows the pass and goes on with the contact that is shown.
    Cross {
        /// Its origin.
        to: String,
        /// Good once, for a minute.
        pass: Pass,
        /// What this page knows by itself.
        carried: Box<Carried>,
    },
    /// Answers a [`Push::Ping`].
    Pong {
        /// The highest entry that arrived.
        seq: Seq,
    },
}

/// What an accepted [`Request`] is answered with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "done", rename_all = "snake_case")]
#[ts(rename = "VisitorDone")]
#[schema(as = VisitorDone)]
pub enum Done {
    /// To `hello`.
    Welcome {
        /// Who the credential says this is.
        visitor: VisitorId,
        /// Changes when the journal was begun anew; then the whole timeline follows.
        epoch: String,
        /// The live interaction, if there is one.
        interaction: Option<InteractionId>,
        /// What time it is at the server, by which all its times are to be read.
        at: Timestamp,
    },
    /// To `open` and `message`: it is in the journal.
    Written {
        /// The interaction.
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
    /// To the names of style sheets.
    Missing {
        /// Those that have to be sent.
        sheets: Vec<SheetName>,
    },
    /// To what a browser offered for a call.
    Media {
        /// The leg, which the browser takes up again by this name.
        leg: LegId,
        /// Our answer: a session description.
        sdp: String,
    },
    /// To everything else.
    Ok,
}

/// What the hub tells a widget unasked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "push", rename_all = "snake_case")]
#[ts(rename = "VisitorPush")]
#[schema(as = VisitorPush)]
pub enum Push {
    /// The next entry of the timeline.
    Entry {
        /// Of which interaction.
        interaction: InteractionId,
        /// The entry.
        entry: Entry,
    },
    /// Where the interaction waits. Latest wins.
    Position {
        /// Which interaction.
        interaction: InteractionId,
        /// The queue.
        queue: QueueId,
        /// From 1.
        position: u32,
        /// Expected wait in seconds, when there is ground for a guess.
        wait: Option<u32>,
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
    /// Something about a page seen together.
    Cobrowse {
        /// In which interaction; of a code the one that the page shows, if it does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        interaction: Option<InteractionId>,
        /// What.
        news: Box<VisitorNews>,
    },
    /// Another page of the same visitor took a leg that this one had.
    Elsewhere {
        /// Of which interaction.
        interaction: InteractionId,
        /// Which.
        leg: LegId,
    },
    /// Asks for a sign of life.
    Ping {
        /// The highest entry there is; a client that has less missed something and says `hello` again.
        seq: Seq,
    },
}
