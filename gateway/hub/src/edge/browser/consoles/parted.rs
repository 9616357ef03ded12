//! Supervisors whose part in a call ended without them: they are told where it went, or why it is over.

use ws::{agent::Push, frame::Told, transfer::TransferTo};

use super::Consoles;
use crate::{
    edge::browser::Out,
    event::{Event, Fact, InCall},
};

impl Consoles {
    /// Notes whose part in a call as a supervisor ended with it, or because it was given away: their end is told before that.
    pub(super) fn note_parted(&mut self, fact: &Fact) {
        let Some(interaction) = fact.interaction else {
            return;
        };
        let push = match &fact.event {
            Event::InCall(InCall::SupervisionEnded { agent, .. }) => {
                let parted = self.parted.entry(interaction).or_default();
                return parted.push(agent.clone());
            }
            Event::InCall(InCall::Transferred { to, .. }) => {
                let to = to.clone();
                Push::CallMoved { interaction, to }
            }
            Event::CallEnded { cause, .. } => {
                let reason = cause.text.clone();
                Push::CallOver {
                    interaction,
                    reason,
                }
            }
            _ => return,
        };
        let mut parted = self.parted.remove(&interaction).unwrap_or_default();
        if let Push::CallMoved {
            to: TransferTo::Agent(agent),
            ..
        } = &push
        {
            // They know that it is theirs.
            parted.retain(|one| one != agent);
        }
        let told = parted.into_iter().map(|agent| (agent, push.clone()));
        self.left_without.extend(told);
    }

    /// Tells supervisors what became of a call in which they took part.
    pub(super) fn tell_parted(&mut self, out: &mut Out) {
        self.parted.clear();
        for (agent, push) in std::mem::take(&mut self.left_without) {
            for socket in self.by_agent.get(&agent).into_iter().flatten() {
                out.agent(*socket, Told::Push(push.clone()));
            }
        }
    }
}
