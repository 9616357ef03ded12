//! People and work: `[agents]`, `[work]`, `[outbound]`, `[queue.NAME]`.

use std::collections::BTreeMap;

use hub::{
    policy::{Instead, Rule},
    recording::RecordingRule,
    setup::ChatsDuringCall,
};
use serde::{Deserialize, Serialize};
use ws::{
    agent::Channel,
    callback::Order,
    id::{AgentId, Number, QueueId, Skill, TrunkId},
};

use super::Relax;
use crate::config::value::{Maybe, Span, Written};

/// `[agents]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Agents {
    /// Chats at a time, 1 to 6.
    pub chat_slots: u8,
    /// What becomes of chats while their agent is in a call.
    pub chats_during_call: ChatsDuringCall,
    /// What a call adds to the load by which agents are ranked.
    pub call_weight: u8,
    /// What a chat adds to it.
    pub chat_weight: u8,
    /// Who is asked first for a channel.
    pub prefers: BTreeMap<AgentId, Channel>,
    /// How agents are reached directly.
    pub own: Own,
    /// Reasons to be away, by code; any reason may be given where there are none.
    pub away: BTreeMap<String, String>,
    /// How contacts turn out, by code; anything may be said where there are none.
    pub dispositions: BTreeMap<String, String>,
}

impl Default for Agents {
    fn default() -> Self {
        Self {
            chat_slots: 6,
            chats_during_call: ChatsDuringCall::default(),
            call_weight: hub::setup::Weights::default().call,
            chat_weight: hub::setup::Weights::default().chat,
            prefers: BTreeMap::new(),
            own: Own::default(),
            away: BTreeMap::new(),
            dispositions: BTreeMap::new(),
        }
    }
}

/// `[agents.own]`: see [`hub::own::OwnSetup`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Own {
    /// How long one waits for the agent they asked for; 0 for as long as for any familiar agent.
    pub wait: Span,
    /// How many wait for one agent at most.
    pub limit: usize,
    /// Which queue serves those who waited long enough, by agent.
    pub fallback: BTreeMap<AgentId, QueueId>,
    /// Called numbers that are an agent's.
    pub numbers: BTreeMap<String, AgentId>,
}

impl Default for Own {
    fn default() -> Self {
        let setup = hub::own::OwnSetup::default();
        Self {
            wait: Span(setup.wait),
            limit: setup.limit,
            fallback: setup.fallback,
            numbers: setup.numbers,
        }
    }
}

impl From<&Own> for hub::own::OwnSetup {
    fn from(own: &Own) -> Self {
        Self {
            wait: own.wait.0,
            limit: own.limit,
            fallback: own.fallback.clone(),
            numbers: own.numbers.clone(),
        }
    }
}

/// `[work]`: see [`hub::setup::Spans`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the fields are those of hub::setup::Spans")]
pub struct Work {
    pub offer: Span,
    pub misses: u8,
    pub grace: Span,
    pub wrap_up_chat: Span,
    pub wrap_up_call: Span,
    pub longest_wrap_up_chat: Span,
    pub longest_wrap_up_call: Span,
    pub ring: Span,
    pub media: Span,
    pub answer_after: Span,
    pub unheard: Span,
    pub retries: Vec<Span>,
    pub familiar: Span,
    pub park: Span,
    pub idle_chat: Span,
    pub revise: Span,
    pub visitor_gone: Span,
    pub longest: Span,
    pub rating_chat: Span,
    pub rating_call: Span,
    pub repeat: Span,
}

impl Default for Work {
    fn default() -> Self {
        let spans = hub::setup::Spans::default();
        Self {
            offer: Span(spans.offer),
            misses: spans.misses,
            grace: Span(spans.grace),
            wrap_up_chat: Span(spans.wrap_up_chat),
            wrap_up_call: Span(spans.wrap_up_call),
            longest_wrap_up_chat: Span(spans.longest_wrap_up_chat),
            longest_wrap_up_call: Span(spans.longest_wrap_up_call),
            ring: Span(spans.ring),
            media: Span(spans.media),
            answer_after: Span(spans.answer_after),
            unheard: Span(spans.unheard),
            retries: spans.retries.into_iter().map(Span).collect(),
            familiar: Span(spans.familiar),
            park: Span(spans.park),
            idle_chat: Span(spans.idle_chat),
            revise: Span(spans.revise),
            visitor_gone: Span(spans.visitor_gone),
            longest: Span(spans.longest),
            rating_chat: Span(spans.rating_chat),
            rating_call: Span(spans.rating_call),
            repeat: Span(spans.repeat),
        }
    }
}

/// `[outbound]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Outbound {
    /// The trunk customers are called by, or the carrier; without one nobody is called.
    pub trunk: Maybe<TrunkId>,
    /// The number they are shown.
    pub caller_number: Maybe<Number>,
    /// Numbers that are never called.
    pub suppressed: Vec<Number>,
}

/// `[queue.NAME]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Queue {
    /// The number its customers are shown who are called, in place of that of the trunk.
    pub caller_number: Maybe<Number>,
    /// What an agent must be able to do, with the least level, 1 to 10.
    pub skills: BTreeMap<Skill, u8>,
    /// What is asked less by those who wait.
    pub relax: Vec<Relax>,
    /// Points that move its entries forward, 0 to 9.
    pub priority: u8,
    /// How long an agent the customer knows is waited for first; when empty, as `work.familiar`.
    pub familiar: Maybe<Span>,
    /// How many may wait.
    pub limit: usize,
    /// Whom its promised calls dial first.
    pub call_order: Order,
    /// The page of another system that an agent opens beside a contact.
    pub screen_pop: Maybe<String>,
    /// When promised calls without a time of their own are handed out; at once without.
    pub blend: Option<Blend>,
    /// Within which time those who wait should be answered.
    pub service_level: ServiceLevel,
    /// Its hours; always open without.
    pub hours: Maybe<String>,
    /// How long one may wait; 0 for as long as it takes.
    pub max_wait: Span,
    /// The longest wait to be expected by one who comes; 0 for any.
    pub max_expected_wait: Span,
    /// What is done outside the hours, the first that can be.
    pub when_closed: Vec<Written<Instead>>,
    /// What is done when `limit` wait already.
    pub when_full: Vec<Written<Instead>>,
    /// What is done when nobody who serves it is signed in.
    pub when_unstaffed: Vec<Written<Instead>>,
    /// What is done when a longer wait than `max_expected_wait` is to be expected.
    pub when_slow: Vec<Written<Instead>>,
    /// What is done after `max_wait`.
    pub when_late: Vec<Written<Instead>>,
    /// Whether who goes to another queue takes the time waited along.
    pub keep_place: bool,
    /// Whether customers are asked after a chat how well they were served.
    pub rate_chats: bool,
    /// Whether callers are asked after a call, by the keypad.
    pub rate_calls: bool,
    /// Whether its calls are recorded: `off`, `demand` for those of which somebody asks it, or `always`.
    pub recording: RecordingRule,
    /// What callers hear before the tone who leave a message for it, announcements by name; as `voicemail.greeting` when
    /// empty.
    pub voicemail_greeting: Vec<String>,
    /// In place of `work.park`.
    pub park: Maybe<Span>,
    /// In place of `work.wrap_up_chat`.
    pub wrap_up_chat: Maybe<Span>,
    /// In place of `work.wrap_up_call`.
    pub wrap_up_call: Maybe<Span>,
    /// In place of `work.longest_wrap_up_chat`.
    pub longest_wrap_up_chat: Maybe<Span>,
    /// In place of `work.longest_wrap_up_call`.
    pub longest_wrap_up_call: Maybe<Span>,
}

/// `[queue.NAME.blend]`
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Blend {
    /// So many agents are idle.
    pub idle_agents: usize,
    /// Nobody who came waits as long as this.
    pub below_wait: Span,
}

impl From<Blend> for hub::blend::Blend {
    fn from(blend: Blend) -> Self {
        Self {
            idle_agents: blend.idle_agents,
            below_wait: blend.below_wait.0,
        }
    }
}

impl Default for Blend {
    fn default() -> Self {
        Self {
            idle_agents: 2,
            below_wait: Span::secs(30),
        }
    }
}

/// `[queue.NAME.service_level]`
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServiceLevel {
    /// Who waited no longer was answered in time.
    pub within: Span,
}

impl Default for ServiceLevel {
    fn default() -> Self {
        Self {
            within: Span(hub::setup::QueueSetup::default().target),
        }
    }
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            caller_number: Maybe(None),
            skills: BTreeMap::new(),
            relax: Vec::new(),
            priority: 5,
            familiar: Maybe(None),
            limit: 1_000,
            call_order: Order::default(),
            screen_pop: Maybe(None),
            blend: None,
            service_level: ServiceLevel::default(),
            hours: Maybe(None),
            max_wait: Span::secs(0),
            max_expected_wait: Span::secs(0),
            when_closed: vec![Written(Instead::Message)],
            when_full: vec![Written(Instead::Busy)],
            when_unstaffed: vec![Written(Instead::Wait)],
            when_slow: vec![Written(Instead::Wait)],
            when_late: vec![Written(Instead::Wait)],
            keep_place: true,
            rate_chats: false,
            rate_calls: false,
            recording: RecordingRule::Off,
            voicemail_greeting: Vec::new(),
            park: Maybe(None),
            wrap_up_chat: Maybe(None),
            wrap_up_call: Maybe(None),
            longest_wrap_up_chat: Maybe(None),
            longest_wrap_up_call: Maybe(None),
        }
    }
}

impl Queue {
    /// Returns what is done under each rule, with the key that says it.
    pub fn instead(&self) -> [(Rule, &'static str, &[Written<Instead>]); 5] {
        [
            (Rule::Closed, "when_closed", &self.when_closed),
            (Rule::Full, "when_full", &self.when_full),
            (Rule::Unstaffed, "when_unstaffed", &self.when_unstaffed),
            (Rule::Slow, "when_slow", &self.when_slow),
            (Rule::Late, "when_late", &self.when_late),
        ]
    }
}
