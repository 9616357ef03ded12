//! What the hub is told about the house it works for: agents, queues and the lengths of its deadlines. Given at birth and
//! again whenever the configuration changes; it is not part of the journal.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use ws::{
    consent::ContactChannel,
    id::{AgentId, Number, QueueId, Skill, TrunkId, ZoneId},
};

use crate::consent::NumberList;

use crate::{demand::Skills, hours::Hours, policy::Policy, priority::Worth};

/// Everything configured that decisions rest on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Setup {
    /// Who can take work.
    pub agents: BTreeMap<AgentId, AgentSetup>,
    /// Where work waits.
    pub queues: BTreeMap<QueueId, QueueSetup>,
    /// The website's entry points.
    pub zones: BTreeMap<ZoneId, ZoneSetup>,
    /// By which trunk customers are called.
    pub outbound: Option<TrunkId>,
    /// The number shown to customers who are called.
    pub caller_number: Option<Number>,
    /// Numbers that must never be contacted.
    pub suppressed: Vec<Number>,
    /// What customers may say about contact.
    pub consent: ConsentSetup,
    /// Deadlines.
    pub spans: Spans,
    /// What moves entries forward.
    pub worth: Worth,
    /// How much each contact loads an agent.
    pub weights: Weights,
}

/// What customers may say about contact, and who is never called.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsentSetup {
    /// Numbers that must not be called, such as a country's list.
    pub list: Arc<NumberList>,
    /// Channels on which nobody is contacted who did not allow it.
    pub required: Vec<ContactChannel>,
    /// Messages that withdraw the consent, in whatever case.
    pub stop_words: Vec<String>,
    /// Messages that give it again.
    pub start_words: Vec<String>,
    /// The channels those words are about.
    pub channels: Vec<ContactChannel>,
    /// What a customer who withdrew it is told in the chat; empty for nothing.
    pub stopped: String,
    /// What a customer who gave it again is told in the chat; empty for nothing.
    pub started: String,
}

impl Default for ConsentSetup {
    fn default() -> Self {
        Self {
            list: Arc::default(),
            required: Vec::new(),
            stop_words: vec!["STOP".to_owned()],
            start_words: vec!["START".to_owned()],
            channels: vec![ContactChannel::Voice, ContactChannel::Mail],
            stopped: "We will not call or write to you. Write START to allow it again.".to_owned(),
            started: "We may call and write to you again. Write STOP to end that.".to_owned(),
        }
    }
}

impl ConsentSetup {
    pub(crate) fn is_stop(&self, text: &str) -> bool {
        is_one_of(&self.stop_words, text)
    }

    pub(crate) fn is_start(&self, text: &str) -> bool {
        is_one_of(&self.start_words, text)
    }
}

// The word alone: "please stop the delivery" is about something else.
fn is_one_of(words: &[String], text: &str) -> bool {
    let said = text.trim().trim_end_matches(['.', '!']);
    words
        .iter()
        .any(|word| said.to_lowercase() == word.to_lowercase())
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
    /// Whether chats may be offered while they are in a call.
    pub chats_beside_call: bool,
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
            chat_slots: ChatSlots(6),
            chats_beside_call: true,
            phone: PhoneSetup::Registered,
            supervisor: false,
        }
    }
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
    /// When it is open; always, where there are none.
    pub hours: Option<Arc<Hours>>,
    /// What is done with those it cannot serve, or not in time.
    pub policy: Policy,
    /// On what its customers are asked how well they were served.
    pub ratings: Ratings,
}

impl Default for QueueSetup {
    fn default() -> Self {
        Self {
            skills: Skills::new(),
            relax: Vec::new(),
            priority: 5,
            familiar: None,
            limit: 1_000,
            hours: None,
            policy: Policy::default(),
            ratings: Ratings::default(),
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

/// One zone.
#[derive(Clone, Debug, PartialEq)]
pub struct ZoneSetup {
    /// Where its chats wait.
    pub queue: QueueId,
    /// What else an agent must be able to do for who comes by it.
    pub skills: Skills,
    /// Points that move who comes by it forward, 0 to 9.
    pub priority: u8,
}

impl ZoneSetup {
    /// Makes a zone that asks nothing beyond its queue.
    pub fn of(queue: QueueId) -> Self {
        Self {
            queue,
            skills: Skills::new(),
            priority: 0,
        }
    }
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
    /// A dialled phone may ring.
    pub ring: Duration,
    /// Media may take to flow on both legs of a bridged call before that is noted as one-way audio.
    pub media: Duration,
    /// A caller for whom nobody is free hears ringing before the call is answered, so that giving up at once is free.
    pub answer_after: Duration,
    /// A waiting caller from whom nothing was ever received is taken to be gone.
    pub unheard: Duration,
    /// Between attempts of a callback, one each; as many attempts as entries plus one.
    pub retries: Vec<Duration>,
    /// A familiar agent is waited for first.
    pub familiar: Duration,
    /// A chat without a word from the customer may stay open.
    pub idle_chat: Duration,
    /// A visitor without a socket may stay away before the chat is ended.
    pub visitor_gone: Duration,
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
            ring: Duration::from_secs(30),
            media: Duration::from_secs(10),
            answer_after: Duration::from_secs(1),
            unheard: Duration::from_secs(300),
            retries: vec![Duration::from_secs(300), Duration::from_secs(1800)],
            familiar: Duration::from_secs(10),
            idle_chat: Duration::from_secs(1800),
            visitor_gone: Duration::from_secs(600),
            longest: Duration::from_secs(86_400),
            rating_chat: Duration::from_secs(600),
            rating_call: Duration::from_secs(20),
            repeat: Duration::from_secs(7 * 86_400),
        }
    }
}
