//! The rules of queues that were followed for somebody, each once; anew after a call of their own, or after an agent.

use std::collections::BTreeSet;

use hub::{
    Event, Fact,
    event::{LegCause, Party},
    policy::Rule,
};
use ws::{agent::Channel, id::QueueId};

/// The rules that were followed.
#[derive(Clone, Debug, Default)]
pub struct Ruled(BTreeSet<(QueueId, Rule)>);

impl Ruled {
    /// Takes a fact about them; `chat` tells whether they have a chat.
    pub fn handle(&mut self, fact: &Fact, chat: bool) {
        match &fact.event {
            // A call is a visit of its own, where no chat is open.
            Event::LegStarted {
                party: Party::CustomerPhone { .. } | Party::CustomerBrowser { .. },
                cause: LegCause::Inbound,
                ..
            } if !chat => self.0.clear(),
            // Whoever an agent had waits anew after that.
            Event::Assigned {
                channel: Channel::Chat,
                ..
            }
            | Event::Bridged { .. } => {
                let anew = |rule: &Rule| matches!(rule, Rule::Late | Rule::Unstaffed);
                self.0.retain(|(_, rule)| !anew(rule));
            }
            Event::Diverted { queue, rule, .. } => {
                let new = self.0.insert((queue.clone(), *rule));
                assert!(new, "a rule is followed once: {fact:?}");
            }
            _ => {}
        }
    }
}
