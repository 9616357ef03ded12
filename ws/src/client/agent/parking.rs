//! Slots and states: parked chats, longer wrap-ups, others' presence.

use super::Agent;
use crate::{
    agent::{Presence, Request},
    id::{AgentId, InteractionId},
};

impl Agent {
    /// Gives the slot of a silent chat back.
    pub fn park(&mut self, interaction: InteractionId) {
        self.ask(Request::Park { interaction });
    }

    /// Takes a parked chat up again.
    pub fn unpark(&mut self, interaction: InteractionId) {
        self.ask(Request::Unpark { interaction });
    }

    /// Asks for longer to wrap up.
    pub fn extend_wrap_up(&mut self, interaction: InteractionId, seconds: u32) {
        self.ask(Request::ExtendWrapUp {
            interaction,
            seconds,
        });
    }

    /// Sets another agent's presence.
    pub fn presence_of(&mut self, agent: AgentId, presence: Presence) {
        self.ask(Request::PresenceOf { agent, presence });
    }
}
