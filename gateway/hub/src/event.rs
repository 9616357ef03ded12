//! What happened: the facts the journal keeps and every reader folds.

mod by;
mod end;
mod in_call;
mod in_chat;
mod leg;
mod place;
mod rating;
mod recorded;
mod redact;
mod route;
mod scrub;
mod wait;

use serde::{Deserialize, Serialize};
use ws::{
    agent::{Channel, Presence},
    cobrowse::Act,
    consent::ContactChannel,
    file::SharedFile,
    form::Answer,
    id::{
        AgentId, AssignmentId, CallbackId, CustomerId, InteractionId, LegId, Mid, Number, QueueId,
        Seq, Timestamp, VisitorId, ZoneId,
    },
    rating::Score,
    timeline::Author,
    transfer::HandOverTo,
};

pub use by::SetBy;
pub use end::{CallbackEnd, OfferEnd};
pub use in_call::{InCall, Lack, Left, PassedOver};
pub use in_chat::InChat;
pub use leg::{LegCause, Party};
pub use rating::Served;
pub use recorded::Recorded;
pub use route::{Candidate, Leaning, Route, Verdict, Why};
pub use scrub::{NOBODY, Scrub};
pub use wait::{Promised, Promises, WaitEnd};

use crate::{
    consent::Statement,
    demand::Skills,
    gate::{Closed, Way},
    input::Cause,
    policy::{Instead, Rule},
    promise::Plan,
    quality::{Measured, Moment},
};

/// An event with its time and place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// When.
    pub at: Timestamp,
    /// In which interaction, if in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interaction: Option<InteractionId>,
    /// Its place in the timeline visitor and agent see, if it stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<Seq>,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[allow(
    missing_docs,
    reason = "the fields carry the words of the types beside them"
)]
pub enum Event {
    /// An interaction began.
    Opened {
        channel: Channel,
        queue: QueueId,
        zone: Option<ZoneId>,
        page: Option<String>,
        referrer: Option<String>,
        customer: CustomerId,
        name: Option<String>,
        /// What a visitor answered to the zone's form; nothing of it is proved.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        answers: Vec<Answer>,
    },
    /// A person became known, or more of them, or less (`cleared`); nobody is found by a mail address that was only typed.
    CustomerKnown {
        customer: CustomerId,
        name: Option<String>,
        number: Option<Number>,
        mail: Option<String>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        mail_typed: bool,
        visitor: Option<VisitorId>,
        verified: Option<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        cleared: Vec<crate::customer::Field>,
    },
    /// Another system's id of this interaction.
    ExternalId { system: String, id: String },
    /// Another system was asked who comes: what it knows; empty if nothing, or if it failed or was late.
    LookedUp { found: Box<crate::lookup::Found> },
    /// A leg began.
    LegStarted {
        leg: LegId,
        party: Party,
        cause: LegCause,
        parent: Option<LegId>,
    },
    /// A dialled leg rings. In the timeline when it is the customer's.
    LegRinging { leg: LegId },
    /// A leg was answered.
    LegAnswered { leg: LegId },
    /// Media came from a leg for the first time.
    LegFlowing { leg: LegId },
    /// A leg is over.
    LegEnded { leg: LegId, cause: Cause },
    /// Two legs hear each other. In the timeline.
    Bridged { a: LegId, b: LegId },
    /// No media came from a leg of a bridge for too long.
    OneWayAudio { leg: LegId },
    /// How a leg carried speech: told when that becomes poor, when it is fair again, and of the whole leg before it ends.
    LegMeasured {
        leg: LegId,
        moment: Moment,
        measured: Measured,
    },
    /// Something was done within a running call.
    InCall(InCall),
    /// A supervisor did something in a running chat.
    InChat(InChat),
    /// Something became of the recording of a call.
    Recording(Recorded),
    /// The call of an interaction is over after it was connected, or the caller gave up. In the timeline.
    CallEnded { leg: LegId, cause: Cause },
    /// It waits. In the timeline. `since` keeps the old place; `familiar` is whom it waits for first; `skills` is asked beyond the queue's.
    Queued {
        channel: Channel,
        queue: QueueId,
        priority: crate::priority::Priority,
        since: Timestamp,
        callback: Option<CallbackId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        familiar: Option<AgentId>,
        /// Until when it waits for that agent alone, where they were asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kept_until: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Skills::is_empty")]
        skills: Skills,
        /// Whether it is a promised call that waits for a quiet time, behind everybody who comes.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        quiet: bool,
    },
    /// It waits no more, as somebody took it or nobody is left to serve; or it is only put in its line anew.
    Dequeued {
        waited_ms: u64,
        reason: String,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        anew: bool,
    },
    /// Somebody who waits is told where they stand and how long it will take: when they come, and when that is news.
    WaitPromised {
        queue: QueueId,
        channel: Channel,
        told: Promised,
    },
    /// A customer's wait in a queue is over. `target_ms`: within which time they should be answered; `again`: an agent had them before.
    WaitEnded {
        queue: QueueId,
        channel: Channel,
        came: Timestamp,
        end: WaitEnd,
        target_ms: u64,
        #[serde(default)]
        again: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        promises: Option<Promises>,
    },
    /// The queue could not serve it, or not in time, and something was done instead; `keeps` tells whether the time waited
    /// is taken along to another queue, `opens` when a message will be looked at. In the timeline where the customer is to
    /// know: a message, the offer of a callback.
    Diverted {
        channel: Channel,
        queue: QueueId,
        rule: Rule,
        to: Instead,
        #[serde(default)]
        keeps: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        opens: Option<Timestamp>,
    },
    /// A waiting caller is first told, once a leg, that 1 has them called back in their place: by `rule`, or as every caller is.
    CallbackOffered {
        leg: LegId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<Rule>,
    },
    /// Somebody was turned away before an interaction began.
    TurnedAway {
        channel: Channel,
        queue: QueueId,
        rule: Rule,
    },
    /// It was put before an agent.
    Offered {
        agent: AgentId,
        channel: Channel,
        deadline: Timestamp,
        route: Box<Route>,
    },
    /// An offer ended without being taken.
    OfferEnded {
        agent: AgentId,
        channel: Channel,
        end: OfferEnd,
    },
    /// An agent took it; `offered` is when it was put before them. In the timeline.
    Assigned {
        assignment: AssignmentId,
        agent: AgentId,
        name: String,
        channel: Channel,
        offered: Timestamp,
    },
    /// The contact is over for this agent and the wrap-up began. In the timeline (left).
    WrapUpStarted {
        assignment: AssignmentId,
        agent: AgentId,
        until: Timestamp,
    },
    /// The agent needs longer for the wrap-up.
    WrapUpExtended {
        assignment: AssignmentId,
        agent: AgentId,
        until: Timestamp,
    },
    /// The agent of a chat is in a call, and the chat rests meanwhile. In the timeline.
    ChatPaused {
        assignment: AssignmentId,
        agent: AgentId,
    },
    /// The agent's call is over, and the chat goes on. In the timeline.
    ChatResumed {
        assignment: AssignmentId,
        agent: AgentId,
    },
    /// A silent chat gave its slot back; its agent keeps it otherwise. `by` is the agent, or the system after a while.
    Parked {
        assignment: AssignmentId,
        agent: AgentId,
        by: Author,
    },
    /// A parked chat took a slot of its agent again.
    Unparked {
        assignment: AssignmentId,
        agent: AgentId,
    },
    /// An agent noted something for colleagues.
    Noted { by: Author, text: String },
    /// An agent handed a chat over; the end of their stay follows.
    HandedOver {
        assignment: AssignmentId,
        agent: AgentId,
        name: String,
        to: HandOverTo,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// The agent's stay ended. In the timeline (left) if no wrap-up was before.
    AssignmentEnded {
        assignment: AssignmentId,
        agent: AgentId,
        disposition: Option<String>,
        note: Option<String>,
        reason: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        solved: Option<bool>,
    },
    /// Something was said about whether, and by what, somebody may be contacted.
    ConsentChanged(Statement),
    /// Somebody was not contacted.
    ContactRefused {
        channel: ContactChannel,
        way: Way,
        closed: Closed,
    },
    /// Somebody wrote. In the timeline.
    Said {
        from: Author,
        mid: Mid,
        text: String,
    },
    /// Somebody shared a file; what is in it is kept beside the journal. In the timeline.
    FileShared {
        from: Author,
        mid: Mid,
        file: SharedFile,
    },
    /// Somebody wrote a message of theirs anew; what it said before stays where it was. In the timeline.
    MessageEdited { by: Author, of: Seq, text: String },
    /// Somebody took a message or a file of theirs back; it stays where it was. In the timeline.
    MessageDeleted { by: Author, of: Seq },
    /// A chat is to become a call; the voice slot is reserved. In the timeline (dialling).
    EscalationStarted {
        agent: AgentId,
        number: Number,
        by: Author,
        customer_leg: LegId,
        agent_leg: LegId,
    },
    /// The call did not come about; the chat goes on. In the timeline (failed).
    EscalationFailed { cause: Cause },
    /// A call was promised. In the timeline.
    CallbackPromised {
        callback: CallbackId,
        number: Number,
        due: Timestamp,
        by: Author,
        #[serde(default, skip_serializing_if = "Plan::is_plain")]
        plan: Box<Plan>,
    },
    /// A promise was moved or given to somebody else; `plan` is how it stands. In the timeline.
    CallbackMoved {
        callback: CallbackId,
        due: Timestamp,
        by: Author,
        #[serde(default, skip_serializing_if = "Plan::is_plain")]
        plan: Box<Plan>,
    },
    /// A promise waits though its time has come, and why.
    CallbackWaits(crate::callback::Waits),
    /// The time has come to remind the customer of a promise.
    CallbackReminded {
        callback: CallbackId,
        due: Timestamp,
    },
    /// A mail to a customer is due, and the gate let it pass; it goes to an address of their own. It is sent at least once.
    MailPosted {
        to: String,
        customer: CustomerId,
        matter: crate::mail::Matter,
    },
    /// An attempt is about to be dialled. In the timeline.
    CallbackAttempted {
        callback: CallbackId,
        attempt: u8,
        customer_leg: LegId,
        /// None where the agent's phone is dialled when the customer answered.
        agent_leg: Option<LegId>,
        agent: AgentId,
    },
    /// An attempt failed; the next is due later. In the timeline (retrying) where `due` is set.
    CallbackAttemptFailed {
        callback: CallbackId,
        attempt: u8,
        cause: Cause,
        due: Option<Timestamp>,
    },
    /// A callback is over. In the timeline.
    CallbackEnded {
        callback: CallbackId,
        end: CallbackEnd,
    },
    /// The contact ended for the customer. In the timeline.
    Ended { by: Author, reason: String },
    /// The customer comes with the matter of an earlier interaction again.
    RepeatOf {
        earlier: InteractionId,
        queue: QueueId,
    },
    /// The customer is asked how well they were served, on their phone where `leg` is set. In the timeline.
    RatingAsked {
        channel: Channel,
        queue: QueueId,
        agent: Option<AgentId>,
        leg: Option<LegId>,
        until: Timestamp,
    },
    /// The customer told. `asked` is when they were asked, `before` what they told first and this replaces. In the timeline.
    Rated {
        channel: Channel,
        queue: QueueId,
        agent: Option<AgentId>,
        score: Score,
        comment: Option<String>,
        asked: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Score>,
    },
    /// The customer does not want to tell. In the timeline.
    RatingDeclined { channel: Channel, queue: QueueId },
    /// Something was done about a page seen together. In the timeline.
    Cobrowsed { by: Author, act: Box<Act> },
    /// The interaction is complete and will not change. `agent` is who served it last, the familiar one next time;
    /// `served` is set where the customer and an agent met.
    Sealed {
        outcome: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<AgentId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        served: Option<Served>,
    },
    /// Two records are of one person; `merged`, with all of it, is part of `kept` from now on. In no interaction, as what follows.
    CustomersMerged {
        kept: CustomerId,
        merged: CustomerId,
        by: Author,
        reason: String,
    },
    /// A record is not part of `kept` any more.
    CustomersUnmerged {
        kept: CustomerId,
        merged: CustomerId,
        by: Author,
        reason: String,
    },
    /// Two interactions are one matter; `merged` is part of `kept` from now on, with all that is part of it. In no
    /// interaction: a record that is closed stays as it is.
    InteractionsMerged {
        customer: CustomerId,
        kept: InteractionId,
        merged: InteractionId,
        by: Author,
        reason: String,
    },
    /// An interaction is not part of `kept` any more.
    InteractionsUnmerged {
        customer: CustomerId,
        kept: InteractionId,
        merged: InteractionId,
        by: Author,
        reason: String,
    },
    /// Somebody noted something about a person.
    CustomerNoted {
        customer: CustomerId,
        by: Author,
        text: String,
    },
    /// Another system's id of a person.
    CustomerLinked {
        customer: CustomerId,
        system: String,
        id: String,
        /// Who named it, where it was not a lookup.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Author>,
    },
    /// The house set what a customer is worth to it, 0 to 9. In no interaction.
    CustomerValued {
        customer: CustomerId,
        value: u8,
        /// Who set it, where it was not a lookup.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Author>,
    },
    /// Everything personal of a person, in all their records, is to go.
    CustomerErased {
        customer: CustomerId,
        records: Vec<CustomerId>,
        by: Author,
        reason: String,
    },
    /// An agent's presence changed.
    PresenceSet {
        agent: AgentId,
        presence: Presence,
        /// The configured reason's code, where it is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        #[serde(default)]
        by: SetBy,
    },
    /// An agent's phone registered; `binding` finds it again after a restart.
    PhoneRegistered {
        agent: AgentId,
        binding: String,
        until: Timestamp,
    },
    /// An agent's phone is gone.
    PhoneGone { agent: AgentId },
    /// An agent wrote to a colleague or a group.
    MemoSent(crate::memo::Sent),
    /// An agent has read what colleagues wrote, up to this number.
    MemosRead { agent: AgentId, upto: u64 },
    /// A place of a trunk answers no more.
    TrunkDown(crate::trunk::Down),
    /// It answers again.
    TrunkUp(crate::trunk::Up),
    /// The house's time jumped, or fell behind what passed: who waits has waited as long as before.
    ClockStepped(crate::step::Jump),
    /// The sweeper found and mended a state that should not be.
    Mended { what: String },
    /// The daemon started; legs and sockets of the time before are gone.
    Started,
}
