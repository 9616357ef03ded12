//! One customer matter as the facts tell it, from first touch until it is sealed.

mod outcome;
mod rating;
mod room;
mod tried;

use std::collections::{BTreeMap, BTreeSet};

use ws::{
    agent::{Channel, Note},
    caller::Shown,
    id::{
        AgentId, AssignmentId, CallbackId, CustomerId, InteractionId, LegId, MenuId, Number,
        QueueId, Seq, Timestamp, VisitorId, ZoneId,
    },
    supervision::Supervision,
    timeline::{Author, CallState, CallbackState},
    transfer::TransferTo,
};

use crate::{
    cobrowse::Cobrowse, conference::Parted, demand::Skills, event::Why, input::CauseKind, leg::Leg,
    line::Key, mids::Mids, numbered::Numbered, own::Own, policy::Rule, priority::Priority,
    promise::Plan, recording::Recordings, revise::Revised, voicemail::Voicemail, wait::Wait,
};

pub use outcome::OUTCOMES;
pub(crate) use outcome::{MERGED, SERVED};
pub use rating::{Answer, Rating};
pub use room::{Invited, Member, Room, Whisper};
pub use tried::{Tried, Vain};

/// A live interaction.
// In this order in memory: what a message and a look at who waits touch stands together.
#[derive(Clone, Debug, PartialEq)]
#[repr(C)]
pub struct Interaction {
    /// Its id.
    pub id: InteractionId,
    /// The visitor whose chat is or was in it.
    pub visitor: Option<VisitorId>,
    /// Whose it is.
    pub customer: CustomerId,
    /// Whether a chat is open, or a message that was left by voice stands in its place.
    pub chat: bool,
    /// The last place of its timeline.
    pub seq: Seq,
    /// When anybody last wrote.
    pub spoke: Timestamp,
    /// When the customer last wrote.
    pub heard: Timestamp,
    /// The customer's message that nobody answered yet.
    pub owed: Option<Seq>,
    /// When it was left, once it is a message for later.
    pub message: Option<Timestamp>,
    /// Every message's place and writer.
    pub mids: Mids,
    /// The agent's stay.
    pub assignment: Option<Assignment>,
    /// The offer before an agent.
    pub offer: Option<Offer>,
    /// Its place in a queue, also while it is before an agent.
    pub entry: Option<Entry>,
    /// The customer's wait, until somebody answers or they are gone.
    pub wait: Option<Wait>,
    /// The call that waits, is made or goes on.
    pub call: Option<Box<Call>>,
    /// Its promises to call, by number.
    pub callbacks: Numbered<Callback>,
    /// When it began.
    pub opened: Timestamp,
    /// How the time moved since then against what passed.
    pub stepped: crate::step::Jump,
    /// How many began before it, as far as is known: the order of those who came at one time.
    pub came: u64,
    /// The channel it began on.
    pub channel: Channel,
    /// The queue it belongs to.
    pub queue: QueueId,
    /// The zone it came by.
    pub zone: Option<ZoneId>,
    /// The page it came from.
    pub page: Option<String>,
    /// The page that led there.
    pub referrer: Option<String>,
    /// The name they gave.
    pub name: Option<String>,
    /// What they answered to the zone's form.
    pub answers: Vec<ws::form::Answer>,
    /// The number they call from, or gave to be called at.
    pub number: Option<Number>,
    /// The numbers they did call from, or answered at: these are theirs, and what they type is not.
    pub reached: BTreeSet<Number>,
    /// All legs it has and had, by number.
    pub legs: Numbered<Leg>,
    /// What its writers wrote anew or took back.
    pub revised: Revised,
    /// How many files were shared in it.
    pub files: u32,
    /// Since when it waited first; a return to the queue takes this place again.
    pub place: Option<Timestamp>,
    /// For whom it is or was kept, because they were asked for.
    pub own: Option<Own>,
    /// The queues it waited in, each with when it came there first.
    pub been: BTreeMap<QueueId, Timestamp>,
    /// The rules that were followed for it, each once a queue.
    pub ruled: BTreeSet<(QueueId, Rule)>,
    /// Why its caller was turned away, once that is so; the next call begins anew.
    pub turned: Option<Rule>,
    /// Whether a menu told its caller all there was to say, and let them go.
    pub informed: bool,
    /// The rule by which the customer is offered to be called back, once one was followed.
    pub offered_back: Option<Rule>,
    /// The message its caller leaves, or left.
    pub voicemail: Option<Voicemail>,
    /// Who was asked in vain, when, and what came of it.
    pub tried: BTreeMap<AgentId, Tried>,
    /// What agents noted in it for each other.
    pub notes: Vec<Note>,
    /// Who handed it over to whom, until somebody has it.
    pub handed: Option<Handed>,
    /// How many stays there were.
    pub assignments: u16,
    /// Who met the customer last.
    pub served: Option<AgentId>,
    /// Whether the customer and an agent ever shared a chat or a call.
    pub met: bool,
    /// What is known of who called last, where it is more than a number.
    pub caller: Option<Shown>,
    /// How its last call stands, and the customer's leg of it.
    pub shown: Option<(LegId, CallState)>,
    /// The recordings of its calls.
    pub recordings: Recordings,
    /// What another system knows of who comes; empty once it was asked and told nothing.
    pub found: Option<Box<crate::lookup::Found>>,
    /// How it turned out, in the agent's words.
    pub disposition: Option<String>,
    /// How the contact ended, when it did.
    pub ended: Option<Ending>,
    /// Whether it is solved, as far as its last agent could say.
    pub solved: Option<bool>,
    /// The question how well the customer was served, once it was asked.
    pub rating: Option<Box<Rating>>,
    /// The earlier interaction whose matter it is about.
    pub repeat_of: Option<InteractionId>,
    /// Whether the customer came with its matter again already.
    pub repeated: bool,
    /// How the visitor's page is shared, while it is or is asked for.
    pub cobrowse: Option<Box<Cobrowse>>,
    /// Who is in its chat beside customer and agent.
    pub room: Room,
}

/// Who wrote a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Writer {
    /// The customer.
    Customer,
    /// An agent.
    Agent(AgentId),
    /// A program, by the name of its API token.
    Program(String),
    /// Tandem.
    System,
}

impl From<&Author> for Writer {
    fn from(author: &Author) -> Self {
        match author {
            Author::Customer => Self::Customer,
            Author::Agent { agent, .. } => Self::Agent(agent.clone()),
            Author::Program { name } => Self::Program(name.clone()),
            Author::System => Self::System,
        }
    }
}

/// A place in a queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// On what channel an agent is wanted.
    pub channel: Channel,
    /// Which queue.
    pub queue: QueueId,
    /// Where in it.
    pub key: Key,
    /// What moves it forward.
    pub priority: Priority,
    /// When it entered this time.
    pub entered: Timestamp,
    /// Set when it is a callback that fell due.
    pub callback: Option<CallbackId>,
    /// Whom it waits for first.
    pub familiar: Option<AgentId>,
    /// Until when nobody else is asked, where they were asked for; else their queue's window counts.
    pub kept_until: Option<Timestamp>,
    /// What an agent must be able to do for it, beyond what its queue asks.
    pub skills: Skills,
}

/// An interaction put before an agent.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// Whom.
    pub agent: AgentId,
    /// On what channel.
    pub channel: Channel,
    /// When it was put before them.
    pub made: Timestamp,
    /// When it goes to somebody else.
    pub deadline: Timestamp,
    /// Why them.
    pub why: Why,
}

/// A chat on its way from an agent to a colleague.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handed {
    /// Who handed it over, and has it back if the colleague does not take it.
    pub from: AgentId,
    /// To whom.
    pub to: AgentId,
}

/// An agent's stay.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// Its id.
    pub id: AssignmentId,
    /// Whose.
    pub agent: AgentId,
    /// The name customers are shown.
    pub name: String,
    /// Since when.
    pub since: Timestamp,
    /// Whether it holds a chat slot.
    pub chat: bool,
    /// Whether it holds the voice slot.
    pub voice: bool,
    /// Whether its chat rests, because the agent is in a call.
    pub paused: bool,
    /// When it went on last after a call, or began.
    pub resumed: Timestamp,
    /// Since when its chat is parked and holds no slot.
    pub parked: Option<Timestamp>,
    /// Whether the customer wrote since it was parked.
    pub stirred: bool,
    /// When it was last taken up again after it was parked, or went on after a call.
    pub taken_up: Timestamp,
    /// Until when the wrap-up lasts, once the contact is over.
    pub wrap_up: Option<Timestamp>,
    /// When the wrap-up began.
    pub wrapped: Option<Timestamp>,
    /// Whether the agent met the customer in it: by chat, or since they heard each other.
    pub met: bool,
}

/// The call of an interaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Why there is one.
    pub kind: CallKind,
    /// The customer's leg.
    pub customer: LegId,
    /// The agent's leg, once dialled.
    pub agent: Option<LegId>,
    /// Since when they hear each other.
    pub bridged: Option<Timestamp>,
    /// Whom the agent asks meanwhile.
    pub consult: Option<Consult>,
    /// Who else is in the conversation of customer and agent.
    pub guests: Vec<Guest>,
    /// Who was asked, or in the conversation, and went without the agent's doing, the last.
    pub parted: Option<Parted>,
    /// The supervisors who take part.
    pub watchers: Vec<Watcher>,
    /// A leg whose place a new one is to take, and that new one.
    pub replacement: Option<(LegId, LegId)>,
    /// The menu that the caller is in.
    pub menu: Option<MenuId>,
    /// The number that the carrier or PBX was asked to call in our place.
    pub handed: Option<Number>,
    /// Whether the customer is on hold.
    pub held: bool,
    /// Whether nothing is heard of the agent.
    pub muted: bool,
}

impl Call {
    pub(crate) fn new(kind: CallKind, customer: LegId, agent: Option<LegId>) -> Self {
        Self {
            kind,
            customer,
            agent,
            bridged: None,
            consult: None,
            guests: Vec::new(),
            parted: None,
            watchers: Vec::new(),
            replacement: None,
            menu: None,
            handed: None,
            held: false,
            muted: false,
        }
    }

    /// Returns the legs that it has beside the customer's and the agent's.
    pub(crate) fn others(&self) -> impl Iterator<Item = LegId> {
        let consulted = self.consult.as_ref().map(|consult| consult.leg);
        let new = self.replacement.map(|(_, new)| new);
        let guests = self.guests.iter().map(|guest| guest.leg);
        let watchers = self.watchers.iter().map(|watcher| watcher.leg);
        let others = consulted.into_iter().chain(new);
        others.chain(guests).chain(watchers)
    }
}

/// Somebody an agent asks while the customer hears music.
#[derive(Clone, Debug, PartialEq)]
pub struct Consult {
    /// Who asks.
    pub agent: AgentId,
    /// Whom.
    pub to: TransferTo,
    /// Their leg.
    pub leg: LegId,
    /// Whether they are on the line.
    pub joined: bool,
}

/// Somebody who was asked and then taken into the conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Guest {
    /// Their leg.
    pub leg: LegId,
    /// Who was asked.
    pub to: TransferTo,
}

/// A supervisor in a call or a chat.
#[derive(Clone, Debug, PartialEq)]
pub struct Watcher {
    /// Who.
    pub agent: AgentId,
    /// Their leg.
    pub leg: LegId,
    /// How they take part.
    pub how: Supervision,
    /// Whether they are on the line.
    pub joined: bool,
}

/// Why there is a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallKind {
    /// The customer called.
    Inbound,
    /// A chat became it.
    Escalation,
    /// An attempt of a callback.
    Callback(CallbackId),
}

/// A promise to call.
#[derive(Clone, Debug, PartialEq)]
pub struct Callback {
    /// Where.
    pub number: Number,
    /// Not before.
    pub due: Timestamp,
    /// The same as people wished or a retry has it: nights that push it on do not make it younger.
    pub wanted: Timestamp,
    /// Who promised.
    pub by: Author,
    /// How it is to be made.
    pub plan: Plan,
    /// Attempts made.
    pub attempts: u8,
    /// In how many of them the customer was dialled in vain, by what came of it.
    pub failed: BTreeMap<CauseKind, u8>,
    /// Whether the customer was reminded.
    pub reminded: bool,
    /// Why it waits, as far as that is told.
    pub waits: Vec<crate::callback::Waits>,
    /// How it stands.
    pub state: CallbackState,
    /// Whether somebody took it back before it was ever dialled.
    pub unwanted: bool,
    /// In whose stay its call came about.
    pub reached: Option<AssignmentId>,
}

/// How a contact ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Ending {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Author,
    /// Why, in words for people.
    pub reason: String,
}

impl Assignment {
    /// Tells whether it takes one of the agent's chat slots.
    pub fn holds_chat_slot(&self) -> bool {
        self.chat && self.parked.is_none()
    }

    /// Tells whether its chat is parked and its customer silent.
    pub fn sleeps(&self) -> bool {
        self.parked.is_some() && !self.stirred
    }
}

impl Callback {
    /// Returns the agent who promised it, if one did.
    pub fn agent(&self) -> Option<&AgentId> {
        match &self.by {
            Author::Agent { agent, .. } => Some(agent),
            Author::Customer | Author::Program { .. } | Author::System => None,
        }
    }

    /// Tells whether it is not over.
    pub fn is_open(&self) -> bool {
        match self.state {
            CallbackState::Promised { .. }
            | CallbackState::Dialling
            | CallbackState::Retrying { .. } => true,
            CallbackState::Done | CallbackState::Ended { .. } => false,
        }
    }

    /// Tells whether it waits for its time or for an agent.
    pub fn is_pending(&self) -> bool {
        self.is_open() && self.state != CallbackState::Dialling
    }
}

impl Interaction {
    /// Returns a leg.
    pub fn leg(&self, leg: LegId) -> Option<&Leg> {
        (leg.interaction == self.id)
            .then(|| self.legs.get(leg.n))
            .flatten()
    }

    /// Returns a callback.
    pub fn callback(&self, callback: CallbackId) -> Option<&Callback> {
        (callback.interaction == self.id)
            .then(|| self.callbacks.get(callback.n))
            .flatten()
    }

    /// Returns the id of one of its callbacks.
    pub fn callback_id(&self, n: u16) -> CallbackId {
        CallbackId {
            interaction: self.id,
            n,
        }
    }

    /// Returns the id of one of its legs.
    pub fn leg_id(&self, n: u16) -> LegId {
        LegId {
            interaction: self.id,
            n,
        }
    }

    /// Tells whether `agent` holds it and the contact goes on.
    pub fn is_with(&self, agent: &AgentId) -> bool {
        self.assignment
            .as_ref()
            .is_some_and(|stay| stay.agent == *agent && stay.wrap_up.is_none())
    }

    /// Tells whether a promise to call is not over.
    pub fn has_open_callback(&self) -> bool {
        self.callbacks.values().any(Callback::is_open)
    }

    /// Tells whether a leg is live.
    pub fn has_live_leg(&self) -> bool {
        self.legs.values().any(Leg::is_live)
    }

    /// Tells whether it waits, with nobody asked at the moment.
    pub fn is_waiting(&self) -> bool {
        self.entry.is_some() && self.offer.is_none()
    }

    pub(crate) fn next_leg(&self) -> LegId {
        let last = self.legs.last().map_or(0, |(n, _)| n);
        self.leg_id(last.saturating_add(1))
    }
}
