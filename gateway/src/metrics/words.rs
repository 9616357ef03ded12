//! The words of labels; none of them grows without bound.

use hub::event::Party;
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
        Party::CustomerChat { .. } => "customer_chat",
        Party::AgentChat { .. } => "agent_chat",
    }
}

pub(super) fn author_word(author: &Author) -> &'static str {
    match author {
        Author::Customer => "customer",
        Author::Agent { .. } => "agent",
        Author::System => "system",
    }
}

// An outcome may be what an agent typed; a label may not.
pub(super) fn outcome_word(outcome: &str) -> &'static str {
    ["served", "abandoned", "not reached"]
        .into_iter()
        .find(|known| *known == outcome)
        .unwrap_or("other")
}
