//! What steps within a running call do.

use ws::id::{LegId, Timestamp};

use crate::{
    event::InCall,
    interaction::{CallKind, Consult, Guest, Interaction, Tried, Vain, Watcher},
    leg::Leg,
    menu::Exit,
    voicemail::Voicemail,
};

impl Interaction {
    #[allow(clippy::too_many_lines, reason = "one arm a kind of step")]
    pub(super) fn apply_in_call(&mut self, at: Timestamp, step: &InCall) {
        if let InCall::Transferred {
            agent,
            name,
            queue,
            note,
            ..
        } = step
        {
            self.queue.clone_from(queue);
            self.been.entry(queue.clone()).or_insert(at);
            self.tried.clear();
            if let Some(agent) = agent {
                self.tried.insert(
                    agent.clone(),
                    Tried {
                        at,
                        how: Vain::Silent,
                    },
                );
            }
            if let (Some(agent), Some(text)) = (agent, note) {
                self.note_from(at, agent, name.as_deref(), text);
            }
        }
        if let InCall::MenuLeft { queue, to, .. } = step {
            self.queue.clone_from(queue);
            self.informed = *to == Exit::HangUp;
            if *to == Exit::Voicemail {
                self.leave_voicemail();
            }
        }
        if let InCall::Rerouted { leg, trunk, .. } = step
            && let Some(leg) = self.legs.get_mut(leg.n)
        {
            leg.party.go_by(trunk);
        }
        if let InCall::Redirected {
            leg, number, trunk, ..
        } = step
            && let Some(leg) = self.legs.get_mut(leg.n)
        {
            leg.asked.push(leg.party.number().cloned());
            leg.party.forward(number, trunk.as_ref());
        }
        if let InCall::HoldRefused { leg, .. } = step
            && let Some(leg) = self.legs.get_mut(leg.n)
        {
            leg.refuses_hold = true;
        }
        if let InCall::Hears { leg, on } = step
            && let Some(leg) = self.legs.get_mut(leg.n)
        {
            leg.hears = *on;
        }
        if let InCall::CallerShown { shown, .. } = step {
            self.caller = Some(shown.clone());
        }
        let Some(call) = &mut self.call else { return };
        match step {
            // Folded above: they say nothing of the call itself.
            InCall::HoldRefused { .. }
            | InCall::Hears { .. }
            | InCall::CallerShown { .. }
            | InCall::Rerouted { .. }
            | InCall::Redirected { .. } => {}
            InCall::Held { on } => call.held = *on,
            InCall::Muted { on } => call.muted = *on,
            InCall::ConsultStarted { agent, to, leg } => {
                call.held = false;
                call.parted = None;
                call.consult = Some(Consult {
                    agent: agent.clone(),
                    to: to.clone(),
                    leg: *leg,
                    joined: false,
                });
            }
            InCall::ConsultJoined { .. } => {
                if let Some(consult) = &mut call.consult {
                    consult.joined = true;
                }
            }
            InCall::ConsultEnded { cause, own, .. } => {
                let asked = call.consult.take();
                call.part(asked.map(|one| (one.leg, one.to)), cause.kind, *own);
            }
            InCall::ConferenceJoined { leg } => {
                let asked = call.consult.take_if(|consult| consult.leg == *leg);
                call.guests.extend(asked.map(|consult| Guest {
                    leg: *leg,
                    to: consult.to,
                }));
            }
            InCall::ConferenceLeft {
                leg, cause, own, ..
            } => {
                let found = call.guests.iter().position(|guest| guest.leg == *leg);
                let gone = found.map(|at| call.guests.remove(at));
                call.part(gone.map(|one| (one.leg, one.to)), cause.kind, *own);
            }
            InCall::SupervisionStarted { agent, leg, how } => call.watchers.push(Watcher {
                agent: agent.clone(),
                leg: *leg,
                how: *how,
                joined: false,
            }),
            InCall::Supervised { leg, how } => {
                let watchers = call.watchers.iter_mut();
                for watcher in watchers.filter(|watcher| watcher.leg == *leg) {
                    (watcher.how, watcher.joined) = (*how, true);
                }
            }
            InCall::SupervisionEnded { leg, .. } => {
                call.watchers.retain(|watcher| watcher.leg != *leg);
            }
            // The customer waits from here on, whatever the call was before.
            InCall::Transferred { leg, .. } => {
                call.kind = CallKind::Inbound;
                call.agent = *leg;
                call.bridged = None;
                call.consult = None;
                call.parted = None;
                call.handed = None;
                call.guests.retain(|guest| Some(guest.leg) != *leg);
                call.watchers.retain(|watcher| Some(watcher.leg) != *leg);
                (call.held, call.muted) = (false, false);
            }
            InCall::TransferFailed { leg, .. } => {
                if call.agent.take_if(|agent| agent == leg).is_some() {
                    call.handed = None;
                }
            }
            InCall::MenuEntered { menu, .. } => call.menu = Some(menu.clone()),
            InCall::MenuKeyed { .. } => {}
            InCall::MenuLeft { .. } => call.menu = None,
            InCall::HandedOut { number, .. } => call.handed = Some(number.clone()),
            InCall::HandOutFailed { .. } => call.handed = None,
            InCall::ReplacementStarted { old, new } => call.replacement = Some((*old, *new)),
            InCall::ReplacementFailed { .. } => call.replacement = None,
            InCall::Replaced { old, new } => self.replace(*old, *new),
        }
    }

    // Where the new leg has not answered, nobody is connected any more.
    fn replace(&mut self, old: LegId, new: LegId) {
        let up = self.leg(new).is_some_and(Leg::is_answered);
        let Some(call) = &mut self.call else { return };
        call.replacement = None;
        if call.customer == old {
            call.customer = new;
            // It was asked of the old leg's trunk.
            call.handed = None;
            self.recordings.move_on(old, new);
        } else {
            call.agent = Some(new);
        }
        if !up {
            call.kind = CallKind::Inbound;
            call.bridged = None;
        }
        if let Some((shown, _)) = &mut self.shown {
            *shown = call.customer;
        }
        // What was said of a message may be all of it; else it is left on the new leg.
        let leaves = |one: &Voicemail| one.leg == old && one.left.is_none();
        if self.voicemail.as_ref().is_some_and(leaves) {
            self.leave_voicemail();
        }
    }
}
