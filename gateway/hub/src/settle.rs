//! What an interaction needs next, worked out from how it stands and not from how it came there: one rule a step, until
//! none applies. Races end here, because a rule does not care in which order its conditions came true.

use ws::{
    agent::Channel,
    id::{CallbackId, CustomerId, InteractionId, LegId, Number},
    timeline::Author,
};

use crate::{
    callback::is_kept_waiting,
    demand::Skills,
    event::{CallbackEnd, Event, OfferEnd, Served},
    hub::Hub,
    input::{Cause, CauseKind},
    interaction::{Assignment, CallKind, Interaction, MERGED},
    leg::Leg,
    priority::Priority,
};

/// What an interaction waits for an agent with.
type Want = (Channel, Option<CallbackId>);

/// What an agent says of a contact that is over.
#[derive(Debug, Default)]
pub(crate) struct Parting {
    pub(crate) disposition: Option<String>,
    pub(crate) note: Option<String>,
    pub(crate) solved: Option<bool>,
}

impl Hub {
    /// Applies the first rule that fits; tells whether one did.
    pub(crate) fn settle(&mut self, id: InteractionId) -> bool {
        self.settle_replacement(id)
            || self.settle_consult(id)
            || self.settle_supervision(id)
            || self.settle_overseers(id)
            || self.settle_members(id)
            || self.settle_bridge(id)
            || self.settle_recording(id)
            || self.settle_voicemail(id)
            || self.settle_wait(id)
            || self.settle_second_leg(id)
            || self.settle_gone_agent(id)
            || self.settle_parked(id)
            || self.settle_pause(id)
            || self.settle_policy(id)
            || self.settle_merged(id)
            || self.settle_promises(id)
            || self.settle_own(id)
            || self.settle_entry(id)
            || self.settle_stay(id)
            || self.settle_cobrowse(id)
            || self.settle_rating(id)
            || self.settle_end(id)
    }

    // Both sides answered: let them hear each other.
    fn settle_bridge(&mut self, id: InteractionId) -> bool {
        let Some((kind, a, b)) = self.state.interaction(id).and_then(bridgeable) else {
            return false;
        };
        self.tell(Some(id), Event::Bridged { a, b });
        self.rejoin(id, a);
        if let CallKind::Callback(callback) = kind {
            let end = CallbackEnd::Reached;
            self.tell(Some(id), Event::CallbackEnded { callback, end });
        }
        if kind == CallKind::Inbound {
            self.called_in(id, a);
        }
        self.learn_number(id);
        true
    }

    // Who answered at a number is known by it from now on, unless it is somebody's already. A call from a number that was only
    // typed is no such proof, nor is an answer where a call was forwarded to.
    fn learn_number(&mut self, id: InteractionId) {
        let unknown = |number: &Number| self.owner_of(number).is_none();
        let found = self.state.interaction(id);
        let customer = found.and_then(|found| found.leg(found.call.as_ref()?.customer));
        let customer = customer.filter(|leg| leg.asked.is_empty());
        let number = customer.and_then(|leg| leg.party.customer_number().cloned());
        if let (Some(found), Some(number)) = (found, number.filter(unknown))
            && !found.only_typed(&number)
        {
            let customer = found.customer;
            self.know(id, customer, None, Some(number));
        }
    }

    pub(crate) fn know(
        &mut self,
        id: InteractionId,
        customer: CustomerId,
        name: Option<String>,
        number: Option<Number>,
    ) {
        self.tell(
            Some(id),
            Event::CustomerKnown {
                customer,
                name,
                number,
                mail: None,
                mail_typed: false,
                visitor: None,
                verified: None,
                cleared: Vec::new(),
            },
        );
        self.stand_by(customer);
    }

    // The agent is gone: what is not a running call goes back to where it was.
    fn settle_gone_agent(&mut self, id: InteractionId) -> bool {
        let Some(found) = self.state.interaction(id) else {
            return false;
        };
        if found.offer.as_ref().is_some_and(|o| self.is_gone(&o.agent)) {
            self.end_offer(id, OfferEnd::AgentGone);
            return true;
        }
        let gone = found
            .assignment
            .as_ref()
            .is_some_and(|stay| self.is_gone(&stay.agent));
        // Nobody is missed in a silent chat until its customer writes again.
        let sleeps = found.assignment.as_ref().is_some_and(Assignment::sleeps);
        let silent = found.chat && sleeps && !found.awaits_answer();
        let calling = found.call.as_ref().is_some_and(|call| call.agent.is_some());
        let calling = calling && !found.calls_outside();
        if !gone || calling || silent {
            return false;
        }
        if self.pass_on_lost(id) {
            return true;
        }
        self.end_agent_chats(id, &cause(CauseKind::Normal, "the agent was lost"));
        self.end_stay(id, None, None, "the agent was lost");
        true
    }

    // Waits exactly when, and for exactly what, it needs an agent.
    fn settle_entry(&mut self, id: InteractionId) -> bool {
        let Some(found) = self.state.interaction(id) else {
            return false;
        };
        if let Some((callback, end)) = self.forbidden_callback(found) {
            self.tell(Some(id), Event::CallbackEnded { callback, end });
            return true;
        }
        let found = &self.state.interaction(id).expect("it was there above");
        if self.is_offered_in_vain(found) {
            self.end_offer(id, OfferEnd::Withdrawn);
            return true;
        }
        let want = self.want(found);
        let quiet = want.is_some_and(|(_, callback)| self.is_for_quiet(found, callback));
        let has = found
            .entry
            .as_ref()
            .map(|entry| (entry.channel, entry.callback));
        // Before an agent it makes no difference any more.
        let stands = found
            .entry
            .as_ref()
            .is_none_or(|entry| entry.key.waits_for_quiet() == quiet || found.offer.is_some());
        if has == want && stands {
            return false;
        }
        if has == want {
            let reason = match quiet {
                true => "it waits for a quiet time",
                false => "it does not wait for a quiet time any more",
            };
            self.queue_anew(id, reason);
            return true;
        }
        if let Some(entry) = &found.entry {
            let waited = self.now.since(entry.key.since).as_millis();
            let reason = match want {
                Some(_) => "it waits for something else now",
                None => "nobody is left to serve",
            };
            let end = match want {
                Some(_) => OfferEnd::Withdrawn,
                None => OfferEnd::CustomerGone,
            };
            self.end_offer(id, end);
            self.dequeue(id, waited, reason);
            return true;
        }
        if let Some(want) = want {
            self.queue(id, want, quiet);
        }
        true
    }

    // A promise whose customer is in a call meanwhile.
    fn is_offered_in_vain(&self, found: &Interaction) -> bool {
        let entry = found.entry.as_ref().filter(|_| found.offer.is_some());
        let callback = entry.and_then(|entry| entry.callback);
        let promise = callback.and_then(|callback| found.callback(callback));
        promise.is_some_and(|promise| self.is_on_call(&promise.number, found.id))
    }

    // What it needs an agent for now.
    pub(crate) fn want(&self, found: &Interaction) -> Option<Want> {
        if let Some(stay) = &found.assignment
            && (stay.wrap_up.is_some() || !stay.chat)
        {
            return None;
        }
        if is_kept_waiting(found) {
            return Some((Channel::Voice, None));
        }
        if found.chat && found.assignment.is_none() {
            return Some((Channel::Chat, None));
        }
        match &found.call {
            Some(call)
                if call.kind == CallKind::Inbound
                    && call.agent.is_none()
                    && call.menu.is_none()
                    && call.handed.is_none()
                    && !found.leaves_voicemail() =>
            {
                let caller = found.leg(call.customer).is_some_and(Leg::is_live);
                (caller && found.turned.is_none()).then_some((Channel::Voice, None))
            }
            Some(_) => None,
            None => {
                let (n, _) = self
                    .ready_callbacks(found)
                    .find(|(_, due)| *due <= self.now)?;
                Some((Channel::Voice, Some(found.callback_id(n))))
            }
        }
    }

    fn queue(&mut self, id: InteractionId, (channel, callback): Want, quiet: bool) {
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let queue = found.queue.clone();
        let promise = callback.and_then(|callback| found.callback(callback));
        let due = promise.map(|promise| promise.plan.place.unwrap_or(promise.due));
        let since = due.or(found.place).unwrap_or(self.now);
        // Who kept a place has that of a caller, no better one.
        let called = promise.is_some_and(|promise| promise.plan.place.is_none());
        let priority = self.priority(found, called);
        let (familiar, kept_until) = match callback {
            None => self.first_choice(found),
            Some(_) => (self.familiar(found), None),
        };
        let skills = self.skills_beyond(found);
        self.tell(
            Some(id),
            Event::Queued {
                channel,
                queue,
                priority,
                since,
                callback,
                familiar,
                kept_until,
                skills,
                quiet,
            },
        );
    }

    /// Returns what an agent must be able to do for it, beyond what its queue asks.
    pub(crate) fn skills_beyond(&self, found: &Interaction) -> Skills {
        let zone = found.zone.as_ref().and_then(|z| self.setup.zones.get(z));
        zone.map_or_else(Default::default, |zone| zone.asks(&found.answers))
    }

    // What moves it forward: its queue, its zone, its customer.
    fn priority(&self, found: &Interaction, callback: bool) -> Priority {
        let queue = self.setup.queues.get(&found.queue);
        let zone = found.zone.as_ref().and_then(|z| self.setup.zones.get(z));
        let customer = self.state.customers().get(found.customer);
        self.setup.worth.priority(
            queue.map_or(0, |queue| queue.priority),
            zone.map_or(0, |zone| zone.priority),
            customer.map_or(0, |customer| customer.value),
            callback,
        )
    }

    pub(crate) fn dequeue(&mut self, id: InteractionId, waited: u128, reason: &str) {
        let waited_ms = u64::try_from(waited).unwrap_or(u64::MAX);
        let (reason, anew) = (reason.to_owned(), false);
        self.tell(
            Some(id),
            Event::Dequeued {
                waited_ms,
                reason,
                anew,
            },
        );
    }

    // The agent's part is over: wrap-up.
    fn settle_stay(&mut self, id: InteractionId) -> bool {
        let Some(found) = self.state.interaction(id) else {
            return false;
        };
        let Some(stay) = &found.assignment else {
            return false;
        };
        let called = found.call.is_some() && !found.calls_outside();
        if stay.wrap_up.is_some() || (found.chat && stay.chat) || called {
            return false;
        }
        if stay.parked.is_some() && !stay.voice {
            // Its slot is somebody else's by now.
            self.end_stay(id, None, None, "the parked chat is over");
            return true;
        }
        let (span, _) = self.wrap_up_spans(found, stay.voice);
        if span.is_zero() {
            self.end_stay(id, None, None, "the contact is over");
            return true;
        }
        let (assignment, agent) = (stay.id, stay.agent.clone());
        self.tell(
            Some(id),
            Event::WrapUpStarted {
                assignment,
                agent,
                until: self.now + span,
            },
        );
        true
    }

    // Nothing is left: the contact has ended, and the record is complete.
    fn settle_end(&mut self, id: InteractionId) -> bool {
        let Some(found) = self.state.interaction(id) else {
            return false;
        };
        let open = found.chat || found.call.is_some() || found.awaits_voicemail();
        if open || found.has_open_callback() || found.entry.is_some() {
            return false;
        }
        if found.ended.is_none() {
            self.ended(id, Author::System, "nothing is left to be done");
            return true;
        }
        let awaited = found.rating.as_ref().filter(|rating| rating.leg.is_none());
        let awaited =
            awaited.is_some_and(|rating| rating.is_open(self.now)) && self.now < self.oldest(found);
        let awaited = awaited && !self.is_erased(found);
        let finishing = found.recordings.running.is_some();
        if found.assignment.is_some() || found.has_live_leg() || awaited || finishing {
            return false;
        }
        let merged = !found.met && self.state.links().into(id).is_some();
        let outcome = match merged {
            true => MERGED.to_owned(),
            false => found.outcome(),
        };
        let (agent, visitor) = (found.served.clone(), found.visitor);
        let served = found.met.then(|| Served {
            queue: found.queue.clone(),
            disposition: found.disposition.clone(),
            solved: found.solved,
        });
        self.link_by_disposition(id);
        self.tell(
            Some(id),
            Event::Sealed {
                outcome,
                agent,
                served,
            },
        );
        if let Some(visitor) = visitor {
            self.forget_visitor(visitor);
        }
        false
    }

    /// Ends the contact for the customer, once.
    pub(crate) fn ended(&mut self, id: InteractionId, by: Author, reason: &str) {
        let found = self.state.interaction(id);
        if found.is_none_or(|found| found.ended.is_some()) {
            return;
        }
        let reason = reason.to_owned();
        self.tell(Some(id), Event::Ended { by, reason });
    }

    /// Ends an agent's stay.
    pub(crate) fn end_stay(
        &mut self,
        id: InteractionId,
        disposition: Option<String>,
        note: Option<String>,
        reason: &str,
    ) {
        let parting = Parting {
            disposition,
            note,
            solved: None,
        };
        self.close_stay(id, parting, reason);
    }

    /// Ends an agent's stay with what the agent says of it.
    pub(crate) fn close_stay(&mut self, id: InteractionId, parting: Parting, reason: &str) {
        let found = self.state.interaction(id);
        let Some(stay) = found.and_then(|found| found.assignment.as_ref()) else {
            return;
        };
        let (assignment, agent) = (stay.id, stay.agent.clone());
        self.tell(
            Some(id),
            Event::AssignmentEnded {
                assignment,
                agent,
                disposition: parting.disposition,
                note: parting.note,
                reason: reason.to_owned(),
                solved: parting.solved,
            },
        );
    }

    /// Ends the chat leg of the agent, as the chat goes on without them; supervisors stay, and colleagues for now.
    pub(crate) fn end_agent_chats(&mut self, id: InteractionId, cause: &Cause) {
        self.end_chat_legs(id, cause, |leg| {
            !leg.is_customer() && !leg.is_supervisor() && !leg.is_member()
        });
    }

    /// Ends the chat legs that fit.
    pub(crate) fn end_chat_legs(
        &mut self,
        id: InteractionId,
        cause: &Cause,
        which: impl Fn(&Leg) -> bool,
    ) {
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let live = found.legs.iter();
        let live = live
            .filter(|(_, leg)| leg.is_live() && !leg.is_phone() && !leg.is_page() && which(leg));
        let legs: Vec<_> = live.map(|(n, _)| found.leg_id(n)).collect();
        for leg in legs {
            let cause = cause.clone();
            self.tell(Some(id), Event::LegEnded { leg, cause });
        }
    }
}

fn bridgeable(found: &Interaction) -> Option<(CallKind, LegId, LegId)> {
    let call = found.call.as_ref().filter(|call| call.bridged.is_none())?;
    let agent = call.agent?;
    let both = [call.customer, agent]
        .iter()
        .all(|leg| found.leg(*leg).is_some_and(Leg::is_answered));
    both.then_some((call.kind, call.customer, agent))
}

/// Makes a cause of our own.
pub(crate) fn cause(kind: CauseKind, text: &str) -> Cause {
    Cause {
        kind,
        status: None,
        text: text.to_owned(),
    }
}
