//! What agents do with an offer, and how a contact ends for them.

use ws::{
    agent::Channel,
    frame::{Code, Refusal},
    id::{AgentId, AssignmentId, InteractionId, LegId},
};

use crate::{
    event::{CallbackEnd, Event, LegCause, OfferEnd, Party},
    gate::{Closed, Way},
    hub::Hub,
    input::{Actor, Done, refuse},
    interaction::{Callback, Interaction},
    scope::{NAME, TEXT, check_field, written},
    settle::Parting,
};

impl Hub {
    fn offered(&self, agent: &AgentId, id: InteractionId) -> Result<&Interaction, Refusal> {
        let Some(found) = self.state.interaction(id) else {
            return refuse(
                Code::NotFound,
                "there is no such interaction, or it is over",
            );
        };
        match &found.offer {
            Some(offer) if offer.agent == *agent => Ok(found),
            Some(_) | None => refuse(
                Code::Conflict,
                "this is not offered to you, or not any more",
            ),
        }
    }

    pub(crate) fn decline(&mut self, agent: &AgentId, id: InteractionId) -> Result<Done, Refusal> {
        if self.decline_invitation(agent, id) {
            return Ok(Done::Ok);
        }
        self.offered(agent, id)?;
        self.end_offer(id, OfferEnd::Declined);
        Ok(Done::Ok)
    }

    pub(crate) fn accept(&mut self, agent: &AgentId, id: InteractionId) -> Result<Done, Refusal> {
        if self.accept_invitation(agent, id) {
            return Ok(Done::Ok);
        }
        self.recall_callee(id);
        let found = self.offered(agent, id)?;
        let Some(entry) = &found.entry else {
            return refuse(Code::Conflict, "it does not wait any more");
        };
        let (channel, callback) = (entry.channel, entry.callback);
        if channel == Channel::Voice && !self.is_phone_reachable(agent) {
            self.end_offer(id, OfferEnd::PhoneFailed);
            return refuse(
                Code::Conflict,
                "your phone cannot be reached; register it, and the call comes again",
            );
        }
        if let Some(callback) = callback {
            let Some(promise) = found.callback(callback) else {
                return refuse(Code::NotFound, "there is no such callback");
            };
            let trunk = match self.admit_attempt(found, promise) {
                Ok(trunk) => trunk,
                Err(closed) => {
                    let promise = promise.clone();
                    return Err(self.refuse_callback(id, callback, &promise, closed));
                }
            };
            self.assign(agent, id);
            self.attempt(id, callback, agent, trunk);
            return Ok(Done::Ok);
        }
        let message = found.is_voicemail();
        self.assign(agent, id);
        match channel {
            // Nobody is there to be talked with.
            Channel::Chat if message => {}
            Channel::Chat => {
                let party = Party::AgentChat {
                    agent: agent.clone(),
                };
                self.begin_leg(id, party, LegCause::Outbound, None);
            }
            Channel::Voice => self.dial_agent(id, agent),
        }
        Ok(Done::Ok)
    }

    fn refuse_callback(
        &mut self,
        id: InteractionId,
        callback: ws::id::CallbackId,
        promise: &Callback,
        closed: Closed,
    ) -> Refusal {
        self.end_offer(id, OfferEnd::Withdrawn);
        if closed.is_barred() {
            let end = CallbackEnd::Suppressed;
            self.tell(Some(id), Event::CallbackEnded { callback, end });
        }
        let whom = (&promise.number, promise.agent());
        self.turn_away(id, Way::Callback, whom, closed)
    }

    // Offer and entry become a stay; the agent of an open chat who takes its call stays the same.
    fn assign(&mut self, agent: &AgentId, id: InteractionId) {
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let (Some(offer), Some(entry)) = (&found.offer, &found.entry) else {
            return;
        };
        let assignment = match &found.assignment {
            Some(stay) => stay.id,
            None => AssignmentId {
                interaction: id,
                n: found.assignments.saturating_add(1),
            },
        };
        let (channel, offered) = (offer.channel, offer.made);
        let waited = self.now.since(entry.key.since).as_millis();
        self.dequeue(id, waited, "an agent took it");
        self.tell(
            Some(id),
            Event::Assigned {
                assignment,
                agent: agent.clone(),
                name: self.agent_name(agent),
                channel,
                offered,
            },
        );
    }

    pub(crate) fn begin_leg(
        &mut self,
        id: InteractionId,
        party: Party,
        cause: LegCause,
        parent: Option<LegId>,
    ) -> Option<LegId> {
        let leg = self.state.interaction(id)?.next_leg();
        self.start_leg(leg, party, cause, parent);
        Some(leg)
    }

    /// Begins a leg whose id was given out before.
    pub(crate) fn start_leg(
        &mut self,
        leg: LegId,
        party: Party,
        cause: LegCause,
        parent: Option<LegId>,
    ) {
        self.tell(
            Some(leg.interaction),
            Event::LegStarted {
                leg,
                party,
                cause,
                parent,
            },
        );
    }

    // In the house's words, whoever says it in which language, and with its code where it has one.
    fn wanted_disposition(
        &self,
        disposition: Option<String>,
    ) -> Result<(Option<String>, Option<String>), Refusal> {
        check_field("disposition", disposition.as_ref(), NAME)?;
        let known = &self.setup.dispositions;
        let Some(given) = disposition else {
            return Ok((None, None));
        };
        if known.is_empty() {
            return Ok((Some(given), None));
        }
        match known.iter().find(|k| k.code == given || k.words == given) {
            Some(meant) => Ok((Some(meant.words.clone()), Some(meant.code.clone()))),
            None => {
                let all: Vec<_> = known.iter().map(|known| known.words.as_str()).collect();
                let text = format!("the disposition must be one of: {}", all.join(", "));
                refuse(Code::OutOfRange, text)
            }
        }
    }

    pub(crate) fn wrap_up(
        &mut self,
        agent: &AgentId,
        id: InteractionId,
        disposition: Option<String>,
        note: Option<String>,
        solved: Option<bool>,
    ) -> Result<Done, Refusal> {
        let (disposition, code) = self.wanted_disposition(disposition)?;
        check_field("note", note.as_ref(), TEXT)?;
        let found = self.scoped(id, &Actor::Agent(agent.clone()))?;
        if found.is_with(agent) {
            return refuse(
                Code::Conflict,
                "the contact goes on; end it before the wrap-up",
            );
        }
        let parting = Parting {
            disposition,
            note: written(note),
            solved,
        };
        self.note_voicemail(id, parting.disposition.as_deref(), code.as_deref());
        self.close_stay(id, parting, "the wrap-up is finished");
        Ok(Done::Ok)
    }
}
