//! The words of labels; none of them grows without bound.

use hub::{
    event::Party,
    interaction::OUTCOMES,
    policy::{Instead, Rule},
};
use ws::{agent::Channel, timeline::Author};

pub(super) fn channel_word(channel: Channel) -> &'static str {
    match channel {
        Channel::Voice => "voice",
        Channel::Chat => "chat",
    }
}

pub(super) fn kind_word(party: &Party) -> &'static str {
    match party {
        Party::CustomerPhone { .. } => "customer_phone",
        Party::AgentPhone { .. } => "agent_phone",
        Party::OutsidePhone { .. } => "outside_phone",
        Party::CustomerChat { .. } => "customer_chat",
        Party::AgentChat { .. } => "agent_chat",
        Party::CustomerBrowser { .. } => "customer_browser",
        Party::AgentBrowser { .. } => "agent_browser",
        Party::CustomerPage { .. } => "customer_page",
        Party::AgentPage { .. } => "agent_page",
    }
}

pub(super) fn author_word(author: &Author) -> &'static str {
    match author {
        Author::Customer => "customer",
        Author::Agent { .. } => "agent",
        Author::Program { .. } => "program",
        Author::System => "system",
    }
}

// An outcome may be what an agent typed; a label may not.
pub(super) fn outcome_word(outcome: &str) -> &'static str {
    let ours = OUTCOMES.into_iter().find(|known| *known == outcome);
    ours.unwrap_or("other")
}

pub(super) fn rule_word(rule: Rule) -> &'static str {
    match rule {
        Rule::Closed => "closed",
        Rule::Full => "full",
        Rule::Unstaffed => "unstaffed",
        Rule::Slow => "slow",
        Rule::Late => "late",
    }
}

pub(super) fn instead_word(instead: &Instead) -> &'static str {
    match instead {
        Instead::Queue { .. } => "queue",
        Instead::Callback => "callback",
        Instead::Message => "message",
        Instead::Voicemail => "voicemail",
        Instead::Busy => "busy",
        Instead::Wait => "wait",
    }
}
