//! Everything that lasts: a fold over the facts, and nothing else.

use ws::id::{AgentId, CallbackId, InteractionId, Number, Timestamp, VisitorId, ZoneId};

use crate::{
    agent::{Agents, Phone},
    callback::attempted,
    callers::Callers,
    consent::Consents,
    customer::{Customers, Known},
    event::{Event, Fact, InCall},
    figures::Figures,
    ids::ByRandomId,
    interaction::Interaction,
    link::Links,
    matter::Matters,
    memo::Memos,
    queue::Queues,
    step::Jump,
};

/// The state of the house. Two of them that applied the same facts are equal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    // Boxed, so that growing the map does not move what is in it.
    interactions: ByRandomId<InteractionId, Box<Interaction>>,
    visitors: ByRandomId<VisitorId, Vec<InteractionId>>,
    callers: Callers,
    queues: Queues,
    agents: Agents,
    customers: Customers,
    consents: Consents,
    matters: Matters,
    links: Links,
    memos: Memos,
    figures: Figures,
    /// How many interactions were told of.
    came: u64,
}

impl State {
    /// Returns an interaction that is not sealed.
    pub fn interaction(&self, id: InteractionId) -> Option<&Interaction> {
        self.interactions.get(&id).map(Box::as_ref)
    }

    /// Walks all interactions that are not sealed, in no order that means anything.
    pub fn interactions(&self) -> impl ExactSizeIterator<Item = &Interaction> {
        self.interactions.values().map(Box::as_ref)
    }

    // The same in the order of their ids, where what is decided of one could bear on another.
    pub(crate) fn in_order(&self) -> Vec<InteractionId> {
        let mut ids: Vec<_> = self.interactions.keys().copied().collect();
        ids.sort_unstable();
        ids
    }

    /// Returns the interactions of a visitor that are not sealed.
    pub fn of_visitor(&self, visitor: VisitorId) -> impl Iterator<Item = &Interaction> {
        let ids = self.visitors.get(&visitor).into_iter().flatten();
        ids.filter_map(|id| self.interaction(*id))
    }

    /// Finds the live chat of a visitor in a zone.
    pub fn live_chat(&self, visitor: VisitorId, zone: &ZoneId) -> Option<&Interaction> {
        self.of_visitor(visitor)
            .find(|found| found.writes() && found.zone.as_ref() == Some(zone))
    }

    /// Returns the open callbacks to a number.
    pub fn callbacks_to(&self, number: &Number) -> impl Iterator<Item = CallbackId> {
        self.callers.promises(number)
    }

    /// Returns all open callbacks.
    pub fn open_callbacks(&self) -> impl Iterator<Item = CallbackId> {
        self.callers.all()
    }

    /// Tells whether there are any.
    pub(crate) fn has_promises(&self) -> bool {
        !self.callers.is_empty()
    }

    /// Tells whether a customer's number is in a call, or dialled for a promise, in another interaction than `besides`.
    pub fn is_on_call(&self, number: &Number, besides: Option<InteractionId>) -> bool {
        let mut phones = self.callers.phones(number);
        let mut promised = self.callers.promises(number);
        phones.any(|leg| Some(leg.interaction) != besides)
            || promised.any(|callback| {
                let id = callback.interaction;
                let found = self.interaction(id).filter(|_| Some(id) != besides);
                found
                    .and_then(attempted)
                    .is_some_and(|(_, one)| one == callback)
            })
    }

    /// Returns the queues.
    pub fn queues(&self) -> &Queues {
        &self.queues
    }

    /// Returns the agents.
    pub fn agents(&self) -> &Agents {
        &self.agents
    }

    /// Returns the customers.
    pub fn customers(&self) -> &Customers {
        &self.customers
    }

    pub(crate) fn customers_mut(&mut self) -> &mut Customers {
        &mut self.customers
    }

    /// Returns what is known of who may be contacted by what.
    pub fn consents(&self) -> &Consents {
        &self.consents
    }

    /// Returns what customers came with, and how well they were served.
    pub fn matters(&self) -> &Matters {
        &self.matters
    }

    /// Returns what staff wrote to each other.
    pub(crate) fn memos(&self) -> &Memos {
        &self.memos
    }

    /// Returns which interactions turned out to be one matter.
    pub fn links(&self) -> &Links {
        &self.links
    }

    /// Returns what came of those who waited.
    pub(crate) fn figures(&self) -> &Figures {
        &self.figures
    }

    /// Returns the place of a waiting interaction in its queue, from 1.
    pub fn position(&self, id: InteractionId) -> Option<u32> {
        let entry = self.interaction(id)?.entry.as_ref()?;
        self.queues.get(&entry.queue)?.line().position(&entry.key)
    }

    /// Takes a fact in.
    #[allow(clippy::too_many_lines, reason = "one arm a kind of fact")]
    pub fn apply(&mut self, fact: &Fact) {
        match (&fact.event, fact.interaction) {
            (
                Event::PresenceSet {
                    agent,
                    presence,
                    code,
                    by,
                },
                _,
            ) => {
                let agent = self.agents.change(agent);
                agent.be(presence, code.as_ref(), by, fact.at);
            }
            (
                Event::PhoneRegistered {
                    agent,
                    binding,
                    until,
                },
                _,
            ) => {
                let (binding, until) = (binding.clone(), *until);
                self.agents.change(agent).phone = Some(Phone { binding, until });
            }
            (Event::PhoneGone { agent }, _) => self.agents.change(agent).phone = None,
            (Event::Started, _) => {
                self.agents.restart(fact.at);
                self.queues.restart();
            }
            (Event::ClockStepped(jump), _) => self.step(*jump),
            (Event::MemoSent { .. } | Event::MemosRead { .. }, _) => self.memos.apply(fact),
            (Event::CustomerKnown { .. }, None)
            | (Event::CustomersMerged { .. }, _)
            | (Event::CustomersUnmerged { .. }, _)
            | (Event::CustomerNoted { .. }, _)
            | (Event::CustomerLinked { .. }, _)
            | (Event::CustomerValued { .. }, _)
            | (Event::CustomerErased { .. }, _) => self.apply_customer(fact.at, &fact.event),
            (Event::Opened { customer, .. }, Some(id)) => {
                self.customers.open(*customer);
                let opened = Interaction::open((id, self.came), fact.at, &fact.event);
                self.came += 1;
                let opened = opened.expect("the event is Opened");
                self.matters.open(opened.customer, id);
                self.interactions.insert(id, Box::new(opened));
            }
            (
                Event::Sealed {
                    outcome,
                    agent,
                    served,
                },
                Some(id),
            ) => {
                if let Some(sealed) = self.interactions.get(&id) {
                    // What was said of somebody who was erased meanwhile is not kept.
                    let known = self.customers.get(sealed.customer).is_some();
                    let said = served
                        .as_ref()
                        .and_then(|served| served.disposition.clone());
                    let said = said.filter(|_| known);
                    self.matters.seal(sealed, served.as_ref(), said, fact.at);
                }
                self.seal(id, outcome, agent.as_ref());
            }
            (Event::InteractionsMerged { kept, merged, .. }, _) => self.links.merge(*kept, *merged),
            (Event::InteractionsUnmerged { merged, .. }, _) => self.links.unmerge(*merged),
            (Event::ConsentChanged(said), _) => self.consents.apply(fact.at, said),
            (_, Some(id)) => self.apply_within(id, fact),
            (_, None) => {}
        }
    }

    // Who waits stands where they stood, and in front of all who come from now on by as much as they waited.
    fn step(&mut self, jump: Jump) {
        for found in self.interactions.values_mut() {
            let message = found.is_message();
            if let Some(entry) = &found.entry {
                self.queues.leave(&entry.queue, &entry.key, entry.channel);
            }
            found.step(jump);
            if let Some(entry) = &found.entry {
                self.queues
                    .enter(&entry.queue, entry.key, entry.channel, message);
            }
        }
    }

    fn apply_customer(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::CustomersMerged { kept, merged, .. } => self.customers.merge(*kept, *merged),
            Event::CustomersUnmerged { merged, .. } => self.customers.unmerge(*merged),
            Event::CustomerLinked {
                customer,
                system,
                id,
                ..
            } => self.customers.link(*customer, system, id, at),
            Event::CustomerValued {
                customer, value, ..
            } => self.customers.value(*customer, *value),
            Event::CustomerErased { records, .. } => {
                let addresses = self.customers.erase(records);
                self.consents.erase(records, &addresses, at);
                self.matters.erase(records);
                let live = self.interactions.values_mut();
                for found in live.filter(|found| records.contains(&found.customer)) {
                    (found.name, found.number) = (None, None);
                    (found.page, found.referrer) = (None, None);
                    found.reached.clear();
                }
            }
            event => self.know(at, event),
        }
    }

    fn apply_within(&mut self, id: InteractionId, fact: &Fact) {
        self.know(fact.at, &fact.event);
        let Some(found) = self.interactions.get_mut(&id) else {
            return;
        };
        if let Some(seq) = fact.seq {
            found.seq = seq;
        }
        if matches!(fact.event, Event::Said { .. }) {
            return found.apply(fact.at, &fact.event);
        }
        if let Event::InCall(InCall::Redirected { leg, number, .. }) = &fact.event {
            let moved = found.leg(*leg);
            if let Some(before) = moved.and_then(|leg| leg.party.customer_number()) {
                self.callers.move_call(before, number.clone(), *leg);
            }
        }
        let leases = found.leases();
        let place = found.entry.as_ref();
        let place = place.map(|e| (e.queue.clone(), e.key, e.channel));
        let was = found.is_message();
        found.apply(fact.at, &fact.event);
        self.agents.shift(id, &leases, &found.leases());
        let (now, message) = (found.entry.as_ref(), found.is_message());
        let before = place.as_ref().map(|(queue, key, _)| (queue, key, was));
        if before != now.map(|e| (&e.queue, &e.key, message)) {
            if let Some((queue, key, channel)) = &place {
                self.queues.leave(queue, key, *channel);
            }
            if let Some(entry) = now {
                self.queues
                    .enter(&entry.queue, entry.key, entry.channel, message);
            }
        }
        self.index(id, fact);
    }

    // The indexes that lead to an interaction, and what its facts do to agents and queues.
    #[allow(clippy::too_many_lines, reason = "one arm a kind of fact")]
    fn index(&mut self, id: InteractionId, fact: &Fact) {
        let found = &self.interactions[&id];
        match &fact.event {
            Event::LegStarted { leg, party, .. } => {
                if let Some(number) = party.customer_number() {
                    self.callers.begin_call(number.clone(), *leg);
                }
                if let Some(visitor) = found.visitor {
                    let theirs = self.visitors.entry(visitor).or_default();
                    if !theirs.contains(&id) {
                        theirs.push(id);
                    }
                }
            }
            Event::CallbackPromised {
                callback, number, ..
            } => {
                self.callers.promise(number.clone(), *callback);
            }
            Event::LegEnded { leg, .. } => {
                let ended = found.leg(*leg);
                if let Some(number) = ended.and_then(|leg| leg.party.customer_number()) {
                    self.callers.end_call(number, *leg);
                }
            }
            Event::CallbackEnded { callback, .. } => {
                if let Some(ended) = found.callbacks.get(callback.n) {
                    self.callers.end_promise(&ended.number, *callback);
                }
            }
            Event::OfferEnded { agent, end, .. } => {
                let agent = self.agents.change(agent);
                agent.misses = match end {
                    crate::event::OfferEnd::Expired | crate::event::OfferEnd::PhoneFailed => {
                        agent.misses.saturating_add(1)
                    }
                    crate::event::OfferEnd::Declined => 0,
                    crate::event::OfferEnd::AgentGone
                    | crate::event::OfferEnd::CustomerGone
                    | crate::event::OfferEnd::Interrupted
                    | crate::event::OfferEnd::Withdrawn => agent.misses,
                };
            }
            Event::Assigned {
                agent,
                channel: ws::agent::Channel::Chat,
                ..
            } => self.agents.change(agent).misses = 0,
            Event::Bridged { .. } => {
                if let Some(stay) = &found.assignment {
                    self.agents.change(&stay.agent).misses = 0;
                }
            }
            Event::AssignmentEnded { agent, .. } => {
                self.agents.change(agent).idle_since = fact.at;
            }
            Event::WaitEnded { .. } => self.figures.end_wait(&fact.event, fact.at),
            Event::Rated { .. } => self.matters.rate(&fact.event),
            Event::RepeatOf { earlier, .. } => self.repeat(*earlier),
            Event::Opened { .. }
            | Event::CustomerKnown { .. }
            | Event::ExternalId { .. }
            | Event::LookedUp { .. }
            | Event::LegRinging { .. }
            | Event::LegAnswered { .. }
            | Event::LegFlowing { .. }
            | Event::OneWayAudio { .. }
            | Event::LegMeasured { .. }
            | Event::InCall(_)
            | Event::InChat(_)
            | Event::Recording(_)
            | Event::CallEnded { .. }
            | Event::Queued { .. }
            | Event::Dequeued { .. }
            | Event::WaitPromised { .. }
            | Event::Diverted { .. }
            | Event::CallbackOffered { .. }
            | Event::TurnedAway { .. }
            | Event::Offered { .. }
            | Event::Assigned { .. }
            | Event::WrapUpStarted { .. }
            | Event::WrapUpExtended { .. }
            | Event::ChatPaused { .. }
            | Event::ChatResumed { .. }
            | Event::Parked { .. }
            | Event::Unparked { .. }
            | Event::Noted { .. }
            | Event::HandedOver { .. }
            | Event::ConsentChanged(_)
            | Event::ContactRefused { .. }
            | Event::Said { .. }
            | Event::FileShared { .. }
            | Event::MessageEdited { .. }
            | Event::MessageDeleted { .. }
            | Event::EscalationStarted { .. }
            | Event::EscalationFailed { .. }
            | Event::CallbackMoved { .. }
            | Event::CallbackWaits(_)
            | Event::CallbackReminded { .. }
            | Event::MailPosted { .. }
            | Event::CallbackAttempted { .. }
            | Event::CallbackAttemptFailed { .. }
            | Event::Ended { .. }
            | Event::RatingAsked { .. }
            | Event::RatingDeclined { .. }
            | Event::Cobrowsed { .. }
            | Event::Sealed { .. }
            | Event::CustomersMerged { .. }
            | Event::CustomersUnmerged { .. }
            | Event::InteractionsMerged { .. }
            | Event::InteractionsUnmerged { .. }
            | Event::CustomerNoted { .. }
            | Event::CustomerLinked { .. }
            | Event::CustomerValued { .. }
            | Event::CustomerErased { .. }
            | Event::PresenceSet { .. }
            | Event::PhoneRegistered { .. }
            | Event::PhoneGone { .. }
            | Event::TrunkDown { .. }
            | Event::TrunkUp { .. }
            | Event::ClockStepped(_)
            | Event::MemoSent(_)
            | Event::MemosRead { .. }
            | Event::Mended { .. }
            | Event::Started => {}
        }
    }

    fn repeat(&mut self, earlier: InteractionId) {
        let closed = self.matters.repeat(earlier);
        if let Some(live) = self.interactions.get_mut(&earlier).filter(|_| !closed) {
            live.repeated = true;
        }
    }

    fn know(&mut self, at: Timestamp, event: &Event) {
        if let Event::CustomerKnown {
            customer,
            name,
            number,
            mail,
            mail_typed,
            visitor,
            verified,
            cleared,
        } = event
        {
            let known = Known {
                name: name.clone(),
                number: number.clone(),
                mail: mail.clone(),
                mail_typed: *mail_typed,
                visitor: *visitor,
                verified: verified.clone(),
                cleared: cleared.clone(),
            };
            self.customers.know(*customer, &known, at);
        }
    }

    fn seal(&mut self, id: InteractionId, outcome: &str, agent: Option<&AgentId>) {
        let Some(sealed) = self.interactions.remove(&id) else {
            return;
        };
        if let Some(visitor) = sealed.visitor
            && let Some(ids) = self.visitors.get_mut(&visitor)
        {
            ids.retain(|theirs| *theirs != id);
            if ids.is_empty() {
                self.visitors.remove(&visitor);
            }
        }
        self.customers.seal(
            sealed.customer,
            id,
            sealed.opened,
            sealed.channel,
            (outcome, agent),
        );
    }
}
