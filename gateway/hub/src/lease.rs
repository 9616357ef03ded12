//! The slots an interaction takes of agents.

use ws::{agent::Channel, id::AgentId};

use crate::interaction::Interaction;

/// The slots an interaction takes, each with its holder; at most an offer's, a chat's, a call's and a
/// consultation's, and those of colleagues in the chat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Leases {
    offer: Option<(AgentId, Channel)>,
    stay: Option<(AgentId, bool, bool)>,
    on_the_line: Vec<AgentId>,
    company: Vec<AgentId>,
    parked: Option<AgentId>,
    overseers: Vec<AgentId>,
}

impl Leases {
    /// Returns whose parked chat it is.
    pub(crate) fn parked(&self) -> Option<&AgentId> {
        self.parked.as_ref()
    }

    /// Returns who oversees its chat, without a slot of theirs.
    pub(crate) fn overseers(&self) -> &[AgentId] {
        &self.overseers
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&AgentId, Channel)> {
        let offer = self.offer.iter().map(|(agent, channel)| (agent, *channel));
        let stay = self.stay.iter();
        let chats = stay.clone().filter(|stay| stay.1);
        let calls = stay.filter(|stay| stay.2);
        offer
            .chain(chats.map(|stay| (&stay.0, Channel::Chat)))
            .chain(calls.map(|stay| (&stay.0, Channel::Voice)))
            .chain(self.on_the_line.iter().map(|agent| (agent, Channel::Voice)))
            .chain(self.company.iter().map(|agent| (agent, Channel::Chat)))
    }
}

impl Interaction {
    /// Returns the slots it takes.
    pub(crate) fn leases(&self) -> Leases {
        Leases {
            offer: self
                .offer
                .as_ref()
                .map(|offer| (offer.agent.clone(), offer.channel)),
            stay: self
                .assignment
                .as_ref()
                .map(|stay| (stay.agent.clone(), stay.holds_chat_slot(), stay.voice)),
            on_the_line: self.on_the_line().cloned().collect(),
            company: self.room.company().cloned().collect(),
            parked: self
                .assignment
                .as_ref()
                .filter(|stay| stay.parked.is_some())
                .map(|stay| stay.agent.clone()),
            overseers: self
                .room
                .watchers
                .iter()
                .map(|one| one.agent.clone())
                .collect(),
        }
    }
}
