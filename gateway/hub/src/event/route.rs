//! The choice of an agent, as it is kept.

use serde::{Deserialize, Serialize};
use ws::{
    agent::Channel,
    id::{AgentId, Skill},
};

use crate::{demand::Skills, priority::Priority};

/// Why an agent was chosen, who else was looked at, and what the choice rested on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Route {
    /// Why this agent.
    pub why: Why,
    /// How long it had waited, in milliseconds.
    pub waited_ms: u64,
    /// What an agent had to be able to do at that time.
    #[serde(default, skip_serializing_if = "Skills::is_empty")]
    pub skills: Skills,
    /// What moved it forward in the line.
    pub priority: Priority,
    /// Whether it is a promised call that waited for a quiet time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub quiet: bool,
    /// How many agents are at the queue.
    pub considered: u32,
    /// At most [`Route::CANDIDATES`] of them, the chosen one first, then those who would have been next.
    pub candidates: Vec<Candidate>,
}

impl Route {
    /// How many candidates a kept route names at most.
    pub const CANDIDATES: usize = 12;
}

/// Why an agent was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// They have the customer's chat.
    HasChat,
    /// They served the customer before, or were asked for by name.
    Familiar,
    /// They prefer this channel, and are the least busy of those who do.
    Prefers,
    /// Of those who are free, they have the least to do, and that for the longest time.
    LeastBusy,
    /// They were asked before, and nobody else is free.
    AskedAgain,
    /// They were asked for, and it waited for them.
    Own,
    /// The call is their own promise.
    Owner,
    /// A colleague handed it over to them.
    Handed,
    /// They became free, and this was next in line for them.
    NextInLine,
}

impl Why {
    /// Why the first of those who are free is chosen.
    pub(crate) fn of(leaning: Leaning) -> Self {
        match leaning {
            Leaning::Prefers => Self::Prefers,
            Leaning::Neither | Leaning::PrefersAnother => Self::LeastBusy,
        }
    }

    /// Says it in words for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::HasChat => "has the customer's chat",
            Self::Familiar => "served this customer before, or was asked for by name",
            Self::Prefers => "prefers this channel, and is the least busy of those who do",
            Self::LeastBusy => "is the least busy and longest idle of those who are free",
            Self::AskedAgain => "was asked before, and nobody else is free",
            Self::Own => "was asked for by name, and had it in their own queue",
            Self::Owner => "has promised this call, and had it in their own queue",
            Self::Handed => "was chosen by the colleague who hands it over",
            Self::NextInLine => "became free, and this is next in line",
        }
    }
}

/// How an agent stands to a channel; who prefers it is asked first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leaning {
    /// Prefers it.
    Prefers,
    /// Prefers none.
    #[default]
    Neither,
    /// Prefers another.
    PrefersAnother,
}

impl Leaning {
    pub(crate) fn of(prefers: Option<Channel>, channel: Channel) -> Self {
        match prefers {
            Some(preferred) if preferred == channel => Self::Prefers,
            Some(_) => Self::PrefersAnother,
            None => Self::Neither,
        }
    }

    fn is_neither(&self) -> bool {
        *self == Self::Neither
    }
}

/// An agent who was looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Who.
    pub agent: AgentId,
    /// How they stood.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// How an agent stood when a choice was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Verdict {
    /// Could take it. Who prefers the channel is chosen, then the lowest load, among equals the longest idle.
    Free {
        /// How they stand to the channel.
        #[serde(default, skip_serializing_if = "Leaning::is_neither")]
        leaning: Leaning,
        /// The weights of what they hold, added up.
        load: u16,
        /// For how long no contact ended for them, in milliseconds.
        idle_ms: u64,
    },
    /// Has no console.
    SignedOut,
    /// Is away.
    Away,
    /// Their console was lost a moment ago.
    Lost,
    /// Is in a call.
    InCall,
    /// Is offered a call.
    Offered,
    /// Wraps up after a call.
    WrapUp,
    /// Has no phone that can be reached.
    NoPhone,
    /// All chat slots are taken.
    NoSlot,
    /// Takes no chats beside a call.
    BesideCall,
    /// Nor while one is offered to them.
    BesideOffer,
    /// Nor while they wrap up after one.
    BesideWrapUp,
    /// Cannot do what is asked.
    Lacks {
        /// What.
        skill: Skill,
        /// The least level asked.
        least: u8,
        /// The level they have, 0 for none.
        has: u8,
    },
    /// Said no a moment ago.
    InPeace,
    /// Took it a moment ago, and the house could not call their phone.
    NotCalled,
    /// Was asked in vain before; comes last.
    AskedBefore,
    /// It is kept for another agent for now.
    KeptForAnother,
}

impl Verdict {
    /// Says it in one word, as it is kept.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Free { .. } => "free",
            Self::SignedOut => "signed_out",
            Self::Away => "away",
            Self::Lost => "lost",
            Self::InCall => "in_call",
            Self::Offered => "offered",
            Self::WrapUp => "wrap_up",
            Self::NoPhone => "no_phone",
            Self::NoSlot => "no_slot",
            Self::BesideCall => "beside_call",
            Self::BesideOffer => "beside_offer",
            Self::BesideWrapUp => "beside_wrap_up",
            Self::Lacks { .. } => "lacks",
            Self::InPeace => "in_peace",
            Self::NotCalled => "not_called",
            Self::AskedBefore => "asked_before",
            Self::KeptForAnother => "kept_for_another",
        }
    }

    /// Says it in words for people.
    pub fn words(&self) -> String {
        match self {
            Self::Free {
                leaning,
                load,
                idle_ms,
            } => {
                let leaning = match leaning {
                    Leaning::Prefers => ", prefers this channel",
                    Leaning::Neither => "",
                    Leaning::PrefersAnother => ", prefers another channel",
                };
                format!("free: load {load}, idle for {} s{leaning}", idle_ms / 1_000)
            }
            Self::SignedOut => "is not signed in".to_owned(),
            Self::Away => "is away".to_owned(),
            Self::Lost => "has lost the console".to_owned(),
            Self::InCall => "is in a call".to_owned(),
            Self::Offered => "is offered a call".to_owned(),
            Self::WrapUp => "wraps up after a call".to_owned(),
            Self::NoPhone => "has no phone that can be reached".to_owned(),
            Self::NoSlot => "has no chat slot".to_owned(),
            Self::BesideCall => "takes no chats beside a call".to_owned(),
            Self::BesideOffer => "takes no chats while a call is offered".to_owned(),
            Self::BesideWrapUp => "takes no chats in the wrap-up of a call".to_owned(),
            Self::Lacks { skill, least, has } => {
                format!("has {skill} at {has}, asked is {least}")
            }
            Self::InPeace => "said no a moment ago".to_owned(),
            Self::NotCalled => "could not be called a moment ago".to_owned(),
            Self::AskedBefore => "was asked before, and comes last".to_owned(),
            Self::KeptForAnother => "it is kept for another agent for now".to_owned(),
        }
    }
}
