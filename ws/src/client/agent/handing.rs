//! Colleagues: notes for them, chats handed over to them, and chats they are asked into.

use super::Agent;
use crate::{
    agent::Request,
    id::{AgentId, InteractionId},
    transfer::HandOverTo,
};

impl Agent {
    /// Notes something for colleagues.
    pub fn note(&mut self, interaction: InteractionId, text: String) {
        self.ask(Request::Note { interaction, text });
    }

    /// Hands a chat over.
    pub fn hand_over(&mut self, interaction: InteractionId, to: HandOverTo, note: Option<String>) {
        self.ask(Request::HandOver {
            interaction,
            to,
            note,
        });
    }

    /// Asks a colleague into a chat.
    pub fn invite(&mut self, interaction: InteractionId, agent: AgentId, note: Option<String>) {
        self.ask(Request::Invite {
            interaction,
            agent,
            note,
        });
    }

    /// Takes back an invitation that was not answered yet.
    pub fn withdraw(&mut self, interaction: InteractionId, agent: AgentId) {
        self.ask(Request::Withdraw { interaction, agent });
    }

    /// Leaves a chat without ending it.
    pub fn leave(&mut self, interaction: InteractionId) {
        self.ask(Request::Leave { interaction });
    }
}
