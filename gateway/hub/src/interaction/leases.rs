//! What an interaction holds of its agents.

use ws::{agent::Channel, id::AgentId};

/// The slots an interaction takes, each with its holder; at most an offer's, a chat's, a call's and a consultation's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Leases {
    pub(super) offer: Option<(AgentId, Channel)>,
    pub(super) stay: Option<(AgentId, bool, bool)>,
    pub(super) on_the_line: Vec<AgentId>,
    pub(super) parked: Option<AgentId>,
}

impl Leases {
    /// Returns whose parked chat it is.
    pub(crate) fn parked(&self) -> Option<&AgentId> {
        self.parked.as_ref()
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
    }
}
