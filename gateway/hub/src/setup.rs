//! What the hub is told about the house it works for: agents, queues and the lengths of its deadlines. Given at birth and
//! again whenever the configuration changes; it is not part of the journal.

mod consent;
mod zone;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use serde::{Deserialize, Serialize};
use ws::{
    agent::{AwayReason, Channel, Disposition},
    callback::Order,
    id::{AgentId, MenuId, Number, QueueId, Skill, TrunkId, ZoneId},
};

use crate::{
    blend::Blend,
    calling::CallingHours,
    cobrowse::CobrowseSetup,
    command::Program,
    demand::Skills,
    hours::Hours,
    input::CauseKind,
    menu::MenuSetup,
    numbering::Numbering,
    outward::Outward,
    own::OwnSetup,
    policy::Policy,
    priority::Worth,
    recording::{RecordingRule, RecordingSetup},
    screen_pop::Template,
    toll::TollSetup,
    voicemail::VoicemailSetup,
};

pub use consent::ConsentSetup;
pub use zone::ZoneSetup;

/// Everything configured that decisions rest on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Setup {
    /// Who can take work.
    pub agents: BTreeMap<AgentId, AgentSetup>,
    /// Where work waits.
    pub queues: BTreeMap<QueueId, QueueSetup>,
    /// What callers may be asked first.
    pub menus: BTreeMap<MenuId, Arc<MenuSetup>>,
    /// The reasons to be away that may be given; any, if there are none.
    pub away: Vec<AwayReason>,
    /// The dispositions that may be given; any, if there are none.
    pub dispositions: Vec<Disposition>,
    /// The website's entry points.
    pub zones: BTreeMap<ZoneId, ZoneSetup>,
    /// By which trunk, or which carrier's trunks, customers are called.
    pub outbound: Option<TrunkId>,
    /// The number shown to customers who are called.
    pub caller_number: Option<Number>,
    /// By which trunks of a carrier, and with which numbers of their own.
    pub outward: Outward,
    /// How long callers of a trunk may hear something before the answer, where they may at all.
    pub early: BTreeMap<TrunkId, Duration>,
    /// How far and how often calls leave the house.
    pub tolls: TollSetup,
    /// How telephone numbers are read that people and programs give. Those of this setup are read already.
    pub numbering: Numbering,
    /// Numbers that must never be contacted.
    pub suppressed: Vec<Number>,
    /// What customers may say about contact.
    pub consent: ConsentSetup,
    /// How promised calls are made.
    pub callbacks: CallbackSetup,
    /// How agents are reached directly.
    pub own: OwnSetup,
    /// Where calls may be handed on to.
    pub transfers: TransferSetup,
    /// Whether another system is asked what it knows of who comes.
    pub lookup: bool,
    /// Whether mails are sent to customers.
    pub mail: bool,
    /// How long announcements are that are the house's own, by name; those built in take a few seconds.
    pub lengths: BTreeMap<Arc<str>, Duration>,
    /// What customers are told of recordings.
    pub recording: RecordingSetup,
    /// How callers leave messages.
    pub voicemail: VoicemailSetup,
    /// How pages are seen together.
    pub cobrowse: CobrowseSetup,
    /// Deadlines.
    pub spans: Spans,
    /// What moves entries forward.
    pub worth: Worth,
    /// How much each contact loads an agent.
    pub weights: Weights,
}

/// Where calls may be handed on to, beside the house's own agents and queues.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TransferSetup {
    /// Numbers; one that ends with `*` stands for all that begin so.
    pub numbers: Vec<String>,
    /// Trunks that are asked to call a number in our place (REFER).
    pub handed: BTreeSet<TrunkId>,
}

impl TransferSetup {
    /// Tells whether a call may go to a number.
    pub fn allow(&self, number: &Number) -> bool {
        let number = number.to_string();
        self.numbers
            .iter()
            .any(|rule| match rule.strip_suffix('*') {
                Some(start) => number.starts_with(start),
                None => number == *rule,
            })
    }
}

impl Setup {
    /// Returns how much longer than usual a program takes, because it is said by recordings of the house's own.
    pub(crate) fn own_length(&self, program: &Program) -> Duration {
        let names = program.names();
        let own = names.iter().filter_map(|name| self.lengths.get(&**name));
        own.sum()
    }
}

/// How promised calls are made.
#[derive(Clone, Debug, PartialEq)]
pub struct CallbackSetup {
    /// When customers may be called.
    pub hours: CallingHours,
    /// Whom to dial first, by queue; the others dial both at once.
    pub orders: BTreeMap<QueueId, Order>,
    /// How long only the agent whose promise it is may keep it, where its window is not shorter.
    pub owner_wait: Duration,
    /// Between attempts, by what came of them; what is not here goes by [`Spans::retries`].
    pub retries: BTreeMap<CauseKind, Vec<Duration>>,
    /// Until the next call after one that reached a voicemail, one span each.
    pub voicemail: Vec<Duration>,
    /// The dispositions, in whatever case, by which an agent says that it was one.
    pub voicemail_words: Vec<String>,
    /// Whether a waiting caller may press 1 to be called back in the place they have.
    pub keep_place: bool,
    /// Whether a customer may press 9 to be called no more.
    pub stop_key: bool,
    /// How long before a call its customer is reminded where the promise says nothing else; none means not at all.
    pub remind: Option<Duration>,
}

impl Default for CallbackSetup {
    fn default() -> Self {
        Self {
            hours: CallingHours::default(),
            orders: BTreeMap::new(),
            owner_wait: Duration::from_secs(900),
            retries: BTreeMap::new(),
            voicemail: vec![Duration::from_secs(3_600)],
            voicemail_words: vec!["voicemail".to_owned()],
            keep_place: false,
            stop_key: false,
            remind: None,
        }
    }
}

/// One agent.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentSetup {
    /// The name customers are shown.
    pub name: String,
    /// What they can do, each with a level from 1 to 10.
    pub skills: Skills,
    /// The queues they serve.
    pub queues: Vec<QueueId>,
    /// How many chats they hold at most.
    pub chat_slots: ChatSlots,
    /// What becomes of chats while they are in a call.
    pub chats_during_call: ChatsDuringCall,
    /// The channel they are asked first for, before those who are less busy.
    pub prefers: Option<Channel>,
    /// Where their phone is.
    pub phone: PhoneSetup,
    /// Whether they may see the board and set the state of others.
    pub supervisor: bool,
}

impl Default for AgentSetup {
    fn default() -> Self {
        Self {
            name: String::new(),
            skills: Skills::new(),
            queues: Vec::new(),
            chat_slots: ChatSlots::default(),
            chats_during_call: ChatsDuringCall::default(),
            prefers: None,
            phone: PhoneSetup::Registered,
            supervisor: false,
        }
    }
}

/// What becomes of an agent's chats while they are in a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatsDuringCall {
    /// They go on, and more may be offered.
    #[default]
    Run,
    /// They rest until the call is over, and their visitors are told so; no more are offered.
    Pause,
    /// They go on, but no more are offered.
    None,
}

/// Where an agent's phone is.
#[derive(Clone, Debug, PartialEq)]
pub enum PhoneSetup {
    /// Registered here under the agent's name.
    Registered,
    /// An extension behind a trunk; always taken to be reachable.
    Extension {
        /// The trunk.
        trunk: TrunkId,
        /// The extension.
        number: Number,
    },
}

/// How many chats one agent holds at a time, from one to six.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChatSlots(u8);

impl Default for ChatSlots {
    fn default() -> Self {
        Self(6)
    }
}

/// A count outside one to six.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an agent holds one to six chats, not {slots}")]
pub struct OutOfRange {
    slots: u8,
}

impl TryFrom<u8> for ChatSlots {
    type Error = OutOfRange;

    fn try_from(slots: u8) -> Result<Self, Self::Error> {
        if !(1..=6).contains(&slots) {
            return Err(OutOfRange { slots });
        }
        Ok(Self(slots))
    }
}

impl ChatSlots {
    /// Returns the number of slots, 1 to 6.
    pub fn count(self) -> usize {
        usize::from(self.0)
    }
}

/// One queue.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueSetup {
    /// What an agent must be able to do, with the least level.
    pub skills: Skills,
    /// What is asked less by those who wait.
    pub relax: Vec<Relax>,
    /// Points that move its entries forward, 0 to 9.
    pub priority: u8,
    /// How long a familiar agent is waited for first; none for [`Spans::familiar`].
    pub familiar: Option<Duration>,
    /// How many may wait.
    pub limit: usize,
    /// The page of another system that an agent opens beside a contact.
    pub screen_pop: Option<Arc<Template>>,
    /// When it hands out promised calls without a time of their own; at once, where there is none.
    pub blend: Option<Blend>,
    /// Within which time those who wait should be answered.
    pub target: Duration,
    /// When it is open; always, where there are none.
    pub hours: Option<Arc<Hours>>,
    /// What is done with those it cannot serve, or not in time.
    pub policy: Policy,
    /// On what its customers are asked how well they were served.
    pub ratings: Ratings,
    /// Whether its calls are recorded.
    pub recording: RecordingRule,
    /// What callers hear who leave a message, in place of what the house has.
    pub greeting: Vec<Arc<str>>,
    /// Lengths of its own, in place of the house's.
    pub spans: QueueSpans,
}

/// Lengths of a queue's own; none where the house's count.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct QueueSpans {
    /// See [`Spans::park`].
    pub park: Option<Duration>,
    /// See [`Spans::wrap_up_chat`].
    pub wrap_up_chat: Option<Duration>,
    /// See [`Spans::wrap_up_call`].
    pub wrap_up_call: Option<Duration>,
    /// See [`Spans::longest_wrap_up_chat`].
    pub longest_wrap_up_chat: Option<Duration>,
    /// See [`Spans::longest_wrap_up_call`].
    pub longest_wrap_up_call: Option<Duration>,
}

impl Default for QueueSetup {
    fn default() -> Self {
        Self {
            skills: Skills::new(),
            relax: Vec::new(),
            priority: 5,
            familiar: None,
            limit: 1_000,
            screen_pop: None,
            blend: None,
            target: Duration::from_secs(20),
            hours: None,
            policy: Policy::default(),
            ratings: Ratings::default(),
            recording: RecordingRule::default(),
            greeting: Vec::new(),
            spans: QueueSpans::default(),
        }
    }
}

/// A step by which waiting makes a demand smaller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relax {
    /// How long an entry has waited then.
    pub after: Duration,
    /// What is asked less.
    pub skill: Skill,
    /// The most that is asked of it from then on; 0 for nothing.
    pub level: u8,
}

/// How much each contact an agent holds adds to the load by which agents are ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weights {
    /// A call, its offer and its wrap-up.
    pub call: u8,
    /// A chat, its offer and its wrap-up.
    pub chat: u8,
}

impl Weights {
    /// Adds up the load of so many calls and chats.
    pub fn load(self, calls: usize, chats: usize) -> u16 {
        let weigh = |count: usize, weight: u8| count.saturating_mul(usize::from(weight));
        let load = weigh(calls, self.call).saturating_add(weigh(chats, self.chat));
        u16::try_from(load).unwrap_or(u16::MAX)
    }
}

impl Default for Weights {
    fn default() -> Self {
        Self { call: 3, chat: 1 }
    }
}

/// On what customers are asked how well they were served, once an interaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ratings {
    /// After a chat, in the widget.
    pub chat: bool,
    /// After a call, by the keypad.
    pub call: bool,
}

/// How long things may take.
#[derive(Clone, Debug, PartialEq)]
pub struct Spans {
    /// An offer waits for its agent.
    pub offer: Duration,
    /// Misses in a row that send an agent away.
    pub misses: u8,
    /// An agent's lost console is waited for.
    pub grace: Duration,
    /// Wrap-up after a chat.
    pub wrap_up_chat: Duration,
    /// Wrap-up after a call.
    pub wrap_up_call: Duration,
    /// How long a wrap-up after a chat may be made by its agent.
    pub longest_wrap_up_chat: Duration,
    /// How long a wrap-up after a call may be made by its agent.
    pub longest_wrap_up_call: Duration,
    /// A dialled phone may ring.
    pub ring: Duration,
    /// Media may take to flow on both legs of a bridged call before that is noted as one-way audio.
    pub media: Duration,
    /// A caller for whom nobody is free hears ringing before the call is answered, so that giving up at once is free.
    pub answer_after: Duration,
    /// A waiting caller from whom nothing was ever received is taken to be gone.
    pub unheard: Duration,
    /// Between attempts of a callback, one each; a customer is dialled as often as there are entries, and once more.
    pub retries: Vec<Duration>,
    /// A familiar agent is waited for first.
    pub familiar: Duration,
    /// A chat in which nobody wrote for this long gives its slot back, unless an answer is owed; never, if zero.
    pub park: Duration,
    /// A chat in which nobody writes may stay open, unless an answer is owed.
    pub idle_chat: Duration,
    /// A message may be written anew or taken back by its writer; never, if zero.
    pub revise: Duration,
    /// A visitor without a socket may stay away before the chat is ended.
    pub visitor_gone: Duration,
    /// A call from a page may go on without the page while nobody took it.
    pub page_gone: Duration,
    /// Any interaction may live; then it is ended, counted and logged.
    pub longest: Duration,
    /// A customer may answer how well they were served, and change it, after a chat.
    pub rating_chat: Duration,
    /// A caller may take to press a key, from the beginning of the question.
    pub rating_call: Duration,
    /// A customer who comes with the same matter within this time comes again.
    pub repeat: Duration,
}

impl Default for Spans {
    fn default() -> Self {
        Self {
            offer: Duration::from_secs(20),
            misses: 3,
            grace: Duration::from_secs(30),
            wrap_up_chat: Duration::from_secs(60),
            wrap_up_call: Duration::from_secs(120),
            longest_wrap_up_chat: Duration::from_secs(600),
            longest_wrap_up_call: Duration::from_secs(900),
            ring: Duration::from_secs(30),
            media: Duration::from_secs(10),
            answer_after: Duration::from_secs(1),
            unheard: Duration::from_secs(300),
            retries: vec![Duration::from_secs(300), Duration::from_secs(1800)],
            familiar: Duration::from_secs(10),
            park: Duration::from_secs(300),
            idle_chat: Duration::from_secs(1800),
            revise: Duration::from_secs(900),
            visitor_gone: Duration::from_secs(600),
            page_gone: Duration::from_secs(15),
            longest: Duration::from_secs(86_400),
            rating_chat: Duration::from_secs(600),
            rating_call: Duration::from_secs(20),
            repeat: Duration::from_secs(7 * 86_400),
        }
    }
}
