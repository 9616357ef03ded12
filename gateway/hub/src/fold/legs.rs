//! What facts about legs do.

use ws::{
    id::{LegId, Timestamp},
    timeline::CallState,
};

use crate::{
    event::{Event, LegCause, Party},
    interaction::{Call, CallKind, Interaction},
    leg::Leg,
};

impl Interaction {
    pub(super) fn apply_leg(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::LegStarted {
                leg,
                party,
                cause,
                parent,
            } => {
                self.take_part(*leg, party, *cause);
                let new = Leg::new(party.clone(), *cause, *parent, at);
                self.legs.insert(leg.n, new);
            }
            Event::LegRinging { leg } => {
                if let Some(ringing) = self.legs.get_mut(leg.n) {
                    ringing.ring();
                }
                if self.call.as_ref().is_some_and(|call| call.customer == *leg) {
                    self.shown = Some((*leg, CallState::Ringing));
                }
            }
            Event::LegAnswered { leg } => {
                self.answer_leg(*leg, at);
            }
            Event::LegFlowing { leg } => {
                if let Some(flowing) = self.legs.get_mut(leg.n) {
                    flowing.flowing = Some(at);
                }
            }
            Event::OneWayAudio { leg } => {
                if let Some(silent) = self.legs.get_mut(leg.n) {
                    silent.silent = true;
                }
            }
            Event::LegMeasured {
                leg,
                moment,
                measured,
            } => {
                if let Some(found) = self.legs.get_mut(leg.n) {
                    found.measured = Some((*moment, measured.clone()));
                }
            }
            Event::LegEnded { leg, cause } => {
                if let Some(ended) = self.legs.get_mut(leg.n) {
                    ended.end(at, cause.clone());
                    // A message that was left by voice stands in a chat's place.
                    let chat = matches!(ended.party, Party::CustomerChat { .. });
                    self.chat &= !chat || self.voicemail.is_some();
                }
                if let Some(call) = &mut self.call
                    && call.agent == Some(*leg)
                {
                    call.agent = None;
                }
                if let Some(call) = &mut self.call {
                    call.replacement.take_if(|(_, new)| *new == *leg);
                }
            }
            _ => {}
        }
    }

    fn answer_leg(&mut self, leg: LegId, at: Timestamp) {
        let Some(answered) = self.legs.get_mut(leg.n) else {
            return;
        };
        answered.answer(at);
        // Whoever calls us is answered by us, and counted when they came. Who answers where a call was forwarded may be anybody.
        if answered.is_dialled() && answered.asked.is_empty() {
            let number = answered.party.customer_number();
            self.reached.extend(number.cloned());
        }
    }

    // What a new leg is to the interaction.
    fn take_part(&mut self, leg: LegId, party: &Party, cause: LegCause) {
        match party {
            Party::CustomerChat { visitor } => {
                self.visitor = Some(*visitor);
                self.chat = true;
            }
            // Whoever is asked, or takes a place later, has no part in the call yet.
            _ if cause.is_aside() => {}
            Party::CustomerPhone { number, .. } => {
                if number.is_some() {
                    self.number.clone_from(number);
                }
                if cause == LegCause::Inbound {
                    let proved = number.clone().filter(|number| !self.only_typed(number));
                    self.reached.extend(proved);
                    self.call_in(leg);
                }
            }
            Party::CustomerBrowser { visitor } => {
                self.visitor.get_or_insert(*visitor);
                self.call_in(leg);
            }
            Party::AgentPhone { .. } | Party::AgentBrowser { .. } => {
                if let Some(call) = &mut self.call {
                    call.agent = Some(leg);
                }
            }
            Party::CustomerPage { visitor, .. } => {
                self.visitor.get_or_insert(*visitor);
            }
            Party::AgentChat { .. } | Party::AgentPage { .. } | Party::OutsidePhone { .. } => {}
        }
    }

    fn call_in(&mut self, leg: LegId) {
        self.come_anew();
        self.shown = Some((leg, CallState::Ringing));
        self.call = Some(Box::new(Call::new(CallKind::Inbound, leg, None)));
    }

    // A call is a visit of its own: what was done instead of an earlier one, and how that ended, says nothing of it. Where
    // a chat is open, or a promise waits already, it takes that place.
    fn come_anew(&mut self) {
        self.ended = None;
        self.turned = None;
        self.informed = false;
        self.offered_back = None;
        // What was said for a message stays.
        self.voicemail.take_if(|one| one.is_empty());
        if !self.chat {
            self.ruled.clear();
            self.been.clear();
            match &self.entry {
                // It waits on, where it waits.
                Some(entry) => {
                    self.been.insert(entry.queue.clone(), entry.entered);
                }
                None => self.place = None,
            }
        }
    }
}
