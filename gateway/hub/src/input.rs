//! What the hub is told: by browsers, phones, other programs and the machine it runs on.

mod answer;
mod leg;
mod numbers;
mod who;

use ws::{
    agent::Presence,
    id::{
        AgentId, CallbackId, CustomerId, InteractionId, Mid, Number, QueueId, RecordingId,
        Timestamp, VisitorId, ZoneId,
    },
    rating::Score,
};

pub use crate::{recording::Outcome, talk::Wish};
pub use answer::{Asker, Done, Reply, refuse};
pub use leg::LegNews;
pub use who::{Actor, Arrival, By, Caller, Cause, CauseKind};
pub use who::{Introduction, Peer, Referral, Replaced, Rerouted, Signed};

/// One thing the hub is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// An agent's console opened a socket and proved who it is.
    ConsoleOpened {
        /// Who.
        agent: AgentId,
        /// The socket.
        socket: u64,
    },
    /// A console's socket closed.
    ConsoleClosed {
        /// Who.
        agent: AgentId,
        /// The socket.
        socket: u64,
    },
    /// A visitor's socket opened and proved who it is.
    WidgetOpened {
        /// Who.
        visitor: VisitorId,
        /// The socket.
        socket: u64,
    },
    /// A visitor's socket closed.
    WidgetClosed {
        /// Who.
        visitor: VisitorId,
        /// The socket.
        socket: u64,
        /// Whether the page said that it goes, as one does that is closed; none does whose network is lost.
        went: bool,
    },
    /// An agent wants to be ready or away.
    SetPresence {
        /// Who.
        agent: AgentId,
        /// What.
        presence: Presence,
        /// Who asked.
        re: Asker,
    },
    /// Somebody wants an agent to be ready or away.
    SetPresenceOf {
        /// Whom.
        agent: AgentId,
        /// What.
        presence: Presence,
        /// Who asks: a supervisor or a program.
        by: Actor,
        /// Who asked.
        re: Asker,
    },
    /// An agent wants calls to ring at a console's headset, or at the phone again.
    SetHeadset {
        /// Who.
        agent: AgentId,
        /// The console's socket.
        socket: u64,
        /// Whether they ring there.
        on: bool,
        /// Who asked.
        re: Asker,
    },
    /// An agent takes an offer.
    Accept {
        /// Who.
        agent: AgentId,
        /// Which.
        interaction: InteractionId,
        /// Who asked.
        re: Asker,
    },
    /// An agent turns an offer down.
    Decline {
        /// Who.
        agent: AgentId,
        /// Which.
        interaction: InteractionId,
        /// Who asked.
        re: Asker,
    },
    /// A visitor opens a chat with a first message.
    OpenChat {
        /// The id to be used if this begins a new interaction.
        candidate: InteractionId,
        /// Who.
        who: Introduction,
        /// The message's id.
        mid: Mid,
        /// The message.
        text: String,
        /// Who asked.
        re: Asker,
    },
    /// A visitor wants to be called later, and no chat.
    OpenCallback {
        /// The id to be used if this begins a new interaction.
        candidate: InteractionId,
        /// Who.
        who: Introduction,
        /// The id of what they write of it.
        mid: Mid,
        /// What they write of it.
        text: String,
        /// The call.
        wanted: Box<ws::callback::Wanted>,
        /// Who asked.
        re: Asker,
    },
    /// Somebody writes.
    Say {
        /// Where.
        interaction: InteractionId,
        /// Who.
        by: Actor,
        /// The message's id.
        mid: Mid,
        /// The message.
        text: String,
        /// Who asked.
        re: Asker,
    },
    /// Somebody shares a file that is kept already.
    Share {
        /// Where.
        interaction: InteractionId,
        /// Who.
        by: Actor,
        /// The sender's id of it.
        mid: Mid,
        /// The file.
        file: ws::file::SharedFile,
        /// How many files an interaction may have.
        most: u32,
        /// Who asked.
        re: Asker,
    },
    /// Somebody writes a message of theirs anew, or takes it back.
    Revise {
        /// Where.
        interaction: InteractionId,
        /// Who.
        by: Actor,
        /// The message's id.
        mid: Mid,
        /// What it says from now on; none takes it back.
        text: Option<String>,
        /// Who asked.
        re: Asker,
    },
    /// A chat is to become a call.
    Escalate {
        /// Which.
        interaction: InteractionId,
        /// Who asks.
        by: Actor,
        /// The customer's number.
        number: Number,
        /// Who asked.
        re: Asker,
    },
    /// A callback is asked for.
    AskCallback {
        /// In which interaction; a new one of this id is opened in `queue` where there is none yet.
        interaction: InteractionId,
        /// For a new interaction: where it waits.
        queue: Option<QueueId>,
        /// Who asks.
        by: Actor,
        /// The customer's number.
        number: Number,
        /// Not before; none means as soon as an agent is free.
        at: Option<Timestamp>,
        /// What else is wished of it.
        wish: ws::callback::Wish,
        /// Who asked.
        re: Asker,
    },
    /// A callback is moved, or given to somebody else.
    ReviseCallback {
        /// Which.
        callback: CallbackId,
        /// Who asks.
        by: Actor,
        /// What is to be different.
        change: crate::callback::Revision,
        /// Who asked.
        re: Asker,
    },
    /// A callback is taken back.
    CancelCallback {
        /// Which.
        callback: CallbackId,
        /// Who asks.
        by: Actor,
        /// Who asked.
        re: Asker,
    },
    /// A program, or a link it made, says whether somebody may be contacted.
    SetConsent {
        /// What.
        said: crate::consent::Statement,
        /// In which interaction of whom it is said of; in none where it was said elsewhere.
        interaction: Option<InteractionId>,
        /// Who asks.
        by: Actor,
        /// Who asked.
        re: Asker,
    },
    /// A visitor has what was said in a chat of theirs mailed. That it is theirs and has ended was proved before.
    MailTranscript {
        /// The chat.
        interaction: InteractionId,
        /// Whose.
        customer: CustomerId,
        /// Where to.
        to: String,
        /// Who asked.
        re: Asker,
    },
    /// Somebody says for the customer of a contact whether they may be contacted.
    TellConsent {
        /// In which interaction.
        interaction: InteractionId,
        /// Who says it.
        by: Actor,
        /// For what.
        channel: ws::consent::ContactChannel,
        /// Whether the customer allows it.
        given: bool,
        /// Why, at most 100 characters.
        reason: Option<String>,
        /// Who asked.
        re: Asker,
    },
    /// The call of an interaction is to end.
    HangUp {
        /// Which.
        interaction: InteractionId,
        /// Who asks.
        by: Actor,
        /// Who asked.
        re: Asker,
    },
    /// Something is to be done within a running call.
    InCall {
        /// Which.
        interaction: InteractionId,
        /// Who asks.
        by: Actor,
        /// What.
        wish: Wish,
        /// Who asked.
        re: Asker,
    },
    /// The contact is to end.
    End {
        /// Which.
        interaction: InteractionId,
        /// Who asks.
        by: Actor,
        /// Who asked.
        re: Asker,
    },
    /// An agent finishes the wrap-up.
    WrapUp {
        /// Who.
        agent: AgentId,
        /// Which.
        interaction: InteractionId,
        /// How it turned out.
        disposition: Option<String>,
        /// A note for the record.
        note: Option<String>,
        /// Whether the matter is solved.
        solved: Option<bool>,
        /// Who asked.
        re: Asker,
    },
    /// The customer answers how well they were served, or does not want to.
    Rate {
        /// Of which interaction.
        interaction: InteractionId,
        /// Who tells it.
        by: Actor,
        /// How well; none where they do not want to tell.
        score: Option<Score>,
        /// In their own words.
        comment: Option<String>,
        /// Who asked.
        re: Asker,
    },
    /// Something is to be done to a customer's record.
    Customer {
        /// Whose.
        customer: CustomerId,
        /// What.
        order: crate::customer::Order,
        /// Who asks.
        by: Actor,
        /// Who asked.
        re: Asker,
    },
    /// Two interactions are one matter, or are not.
    Link {
        /// The one that stays, or is to be taken out.
        interaction: InteractionId,
        /// What.
        order: crate::link::Order,
        /// Who asks.
        by: Actor,
        /// Who asked.
        re: Asker,
    },
    /// An agent needs longer for the wrap-up.
    ExtendWrapUp {
        /// Who.
        agent: AgentId,
        /// Which.
        interaction: InteractionId,
        /// By how much.
        by: std::time::Duration,
        /// Who asked.
        re: Asker,
    },
    /// An agent gives the slot of a silent chat back.
    Park {
        /// Who.
        agent: AgentId,
        /// Which.
        interaction: InteractionId,
        /// Who asked.
        re: Asker,
    },
    /// An agent takes a parked chat up again.
    Unpark {
        /// Who.
        agent: AgentId,
        /// Which.
        interaction: InteractionId,
        /// Who asked.
        re: Asker,
    },
    /// An agent does something about a page seen together.
    CobrowseOfAgent {
        /// Who.
        agent: AgentId,
        /// In which interaction.
        interaction: InteractionId,
        /// What.
        act: Box<ws::cobrowse::AgentAct>,
        /// Who asked.
        re: Asker,
    },
    /// A visitor does something about their page.
    CobrowseOfVisitor {
        /// Who.
        visitor: VisitorId,
        /// In which interaction, if in one.
        interaction: Option<InteractionId>,
        /// What.
        act: Box<ws::cobrowse::VisitorAct>,
        /// In which zone their page is.
        zone: Option<ZoneId>,
        /// Who asked.
        re: Asker,
    },
    /// A visitor leaves for another website of their zone.
    Cross {
        /// What the page there will show.
        pass: ws::crossing::Pass,
        /// Who, and which way.
        crossing: Box<crate::crossing::Crossing>,
        /// Who asked.
        re: Asker,
    },
    /// A page shows a pass.
    Arrive {
        /// The pass.
        pass: ws::crossing::Pass,
        /// What the page says of itself.
        page: Box<crate::crossing::Arrival>,
        /// Who asked.
        re: Asker,
    },
    /// An agent notes something for colleagues.
    Note {
        /// Who.
        agent: AgentId,
        /// In which contact.
        interaction: InteractionId,
        /// What.
        text: String,
        /// Who asked.
        re: Asker,
    },
    /// An agent hands a chat over.
    HandOver {
        /// Who.
        agent: AgentId,
        /// Which.
        interaction: InteractionId,
        /// To whom.
        to: ws::transfer::HandOverTo,
        /// What they should know.
        note: Option<String>,
        /// Who asked.
        re: Asker,
    },
    /// An agent writes to colleagues, or has read what they wrote.
    Memo {
        /// Who.
        agent: AgentId,
        /// What.
        act: crate::memo::MemoAct,
        /// Who asked.
        re: Asker,
    },
    /// A call came in.
    CallArrived(Arrival),
    /// Something was seen of a leg.
    Leg(LegNews),
    /// What became of a recording; told once.
    RecordingEnded {
        /// Which.
        recording: RecordingId,
        /// What.
        outcome: Outcome,
    },
    /// What became of a recording at the recorders outside, see [`Command::CallRecorder`](crate::Command::CallRecorder).
    Recorder {
        /// Which.
        recording: RecordingId,
        /// What.
        news: crate::recorder::RecorderNews,
    },
    /// An agent's phone registered.
    PhoneRegistered {
        /// Whose.
        agent: AgentId,
        /// What the SIP side needs to find it again after a restart.
        binding: String,
        /// Until when.
        until: Timestamp,
    },
    /// A place of a trunk answers its probes no more.
    TrunkDown(crate::trunk::Down),
    /// It answers again.
    TrunkUp(crate::trunk::Up),
    /// An agent's phone unregistered.
    PhoneGone {
        /// Whose.
        agent: AgentId,
    },
    /// Another system was asked who comes, and this is what came of it.
    LookedUp {
        /// In which interaction.
        interaction: InteractionId,
        /// What it knows; empty where it knows nothing, failed or was late, so that it is not asked again.
        found: Box<crate::lookup::Found>,
    },
    /// The configuration changed.
    Configure(Box<crate::setup::Setup>),
    /// No new work is to be taken; what runs is finished.
    Drain,
}
