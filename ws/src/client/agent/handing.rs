//! Colleagues: notes for them, and chats handed over to them.

use super::Agent;
use crate::{agent::Request, id::InteractionId, transfer::HandOverTo};

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
}
