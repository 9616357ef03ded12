//! What an agent wants done in a contact.

use super::Agent;
use crate::{
    agent::Request,
    callback::Wish,
    cobrowse::AgentAct,
    consent::ContactChannel,
    id::{CallbackId, InteractionId, Number, Timestamp},
    voice::AgentVoice,
};

impl Agent {
    /// Turns a chat into a call.
    pub fn escalate(&mut self, interaction: InteractionId, number: Number) {
        self.ask(Request::Escalate {
            interaction,
            number,
        });
    }

    /// Promises a callback.
    pub fn callback(
        &mut self,
        interaction: InteractionId,
        number: Number,
        at: Option<Timestamp>,
        wish: Option<Box<Wish>>,
    ) {
        self.ask(Request::Callback {
            interaction,
            number,
            at,
            wish,
        });
    }

    /// Takes a callback back.
    pub fn cancel_callback(&mut self, callback: CallbackId) {
        self.ask(Request::CancelCallback { callback });
    }

    /// Notes what a customer said about contact.
    pub fn consent(
        &mut self,
        interaction: InteractionId,
        channel: ContactChannel,
        given: bool,
        reason: Option<String>,
    ) {
        self.ask(Request::Consent {
            interaction,
            channel,
            given,
            reason,
        });
    }

    /// Ends the call of a contact.
    pub fn hang_up(&mut self, interaction: InteractionId) {
        self.ask(Request::HangUp { interaction });
    }

    /// Does something within a running call: transfer, consult, complete, take back, hold, mute or digits.
    pub fn in_call(&mut self, request: Request) {
        self.ask(request);
    }

    /// Does something about a page seen together.
    pub fn cobrowse(&mut self, interaction: InteractionId, act: AgentAct) {
        let act = Box::new(act);
        self.ask(Request::Cobrowse { interaction, act });
    }

    /// Does something about calls at this console.
    pub fn voice(&mut self, act: AgentVoice) {
        let act = Box::new(act);
        self.ask(Request::Voice { act });
    }

    /// Ends a contact.
    pub fn end(&mut self, interaction: InteractionId) {
        self.ask(Request::End { interaction });
    }

    /// Finishes a wrap-up.
    pub fn wrap_up(
        &mut self,
        interaction: InteractionId,
        disposition: Option<String>,
        note: Option<String>,
        solved: Option<bool>,
    ) {
        self.ask(Request::WrapUp {
            interaction,
            disposition,
            note,
            solved,
        });
    }
}
