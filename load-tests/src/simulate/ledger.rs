//! What is durable, folded once more and apart from the hub: every rule that facts alone can break is checked as they
//! become durable.

use std::collections::{BTreeMap, BTreeSet};

use hub::{
    Event, Fact,
    edge::browser::Timeline,
    event::{CallbackEnd, OfferEnd, Party},
};
use ws::id::{AgentId, CallbackId, InteractionId, LegId, Number, Timestamp, VisitorId};

/// One promise to call.
#[derive(Debug)]
pub struct Promise {
    pub number: Number,
    pub attempts: u8,
    /// The customer's leg of the attempt under way.
    pub dialling: Option<LegId>,
    pub end: Option<CallbackEnd>,
}

/// One interaction as the journal tells it.
#[derive(Debug, Default)]
pub struct Matter {
    pub timeline: Timeline,
    pub visitor: Option<VisitorId>,
    /// To whom it is offered, and how often the daemon had started then.
    pub offered: Option<(AgentId, u64)>,
    pub ended: Option<String>,
    pub sealed: Option<String>,
    queued: bool,
    /// Live legs, and whether they are a phone's.
    pub legs: BTreeMap<LegId, bool>,
    ended_legs: BTreeSet<LegId>,
    bridged: BTreeSet<LegId>,
    pub promises: BTreeMap<CallbackId, Promise>,
}

/// Everything that is durable.
#[derive(Debug, Default)]
pub struct Ledger {
    pub matters: BTreeMap<InteractionId, Matter>,
    /// Customers' legs that may be dialled, with the number and the promise they are for.
    pub dialled: BTreeMap<LegId, (Number, Option<CallbackId>)>,
    /// What is part of what.
    pub links: BTreeMap<InteractionId, InteractionId>,
    last: Timestamp,
    pub starts: u64,
}

impl Ledger {
    /// Takes in what became durable together.
    pub fn handle_facts(&mut self, facts: &[Fact]) {
        for fact in facts {
            self.handle_fact(fact);
        }
        if facts.iter().any(|fact| fact.event == Event::Started) {
            self.check_start();
        }
    }

    /// Returns what is not sealed.
    pub fn live(&self) -> impl Iterator<Item = (InteractionId, &Matter)> {
        self.matters
            .iter()
            .filter(|(_, matter)| matter.sealed.is_none())
            .map(|(id, matter)| (*id, matter))
    }

    /// Finds a promise.
    pub fn promise(&self, callback: CallbackId) -> Option<&Promise> {
        self.matters
            .get(&callback.interaction)?
            .promises
            .get(&callback)
    }

    fn handle_fact(&mut self, fact: &Fact) {
        assert!(fact.at >= self.last, "time never runs back: {fact:?}");
        self.last = fact.at;
        if fact.event == Event::Started {
            self.starts += 1;
        }
        self.note_link(fact);
        let Some(id) = fact.interaction else { return };
        if matches!(fact.event, Event::Opened { .. }) {
            let before = self.matters.insert(id, Matter::default());
            assert!(before.is_none(), "an interaction begins once: {fact:?}");
        }
        let Some(matter) = self.matters.get_mut(&id) else {
            panic!("an interaction begins before anything happens in it: {fact:?}");
        };
        assert_eq!(
            matter.sealed, None,
            "a closed interaction is sealed once, and nothing follows: {fact:?}"
        );
        matter.timeline.handle_fact(fact);
        matter.handle_fact(fact, self.starts);
        self.note_dialling(id, fact);
    }

    // A link is between interactions that were begun, never in a circle, and is taken back from where it is.
    fn note_link(&mut self, fact: &Fact) {
        match &fact.event {
            Event::InteractionsMerged { kept, merged, .. } => {
                for id in [kept, merged] {
                    assert!(self.matters.contains_key(id), "there is no {id}: {fact:?}");
                    assert_eq!(self.links.get(id), None, "it is part of another: {fact:?}");
                }
                assert_ne!(kept, merged, "nothing is part of itself: {fact:?}");
                self.links.insert(*merged, *kept);
            }
            Event::InteractionsUnmerged { kept, merged, .. } => {
                let before = self.links.remove(merged);
                assert_eq!(before, Some(*kept), "a merge is taken back once: {fact:?}");
            }
            _ => {}
        }
    }

    fn note_dialling(&mut self, id: InteractionId, fact: &Fact) {
        match &fact.event {
            Event::CallbackAttempted {
                callback,
                customer_leg,
                ..
            } => {
                let promise = &self.matters[&id].promises[callback];
                let number = promise.number.clone();
                self.dialled
                    .insert(*customer_leg, (number, Some(*callback)));
            }
            Event::EscalationStarted {
                customer_leg,
                number,
                ..
            } => drop(self.dialled.insert(*customer_leg, (number.clone(), None))),
            _ => {}
        }
    }

    // What was open before the start is closed in the first thing that is written after it.
    fn check_start(&self) {
        for (id, matter) in self.live() {
            let phone = matter.legs.iter().find(|(_, phone)| **phone);
            assert_eq!(phone, None, "a restart ends every telephone leg: {id}");
            let offer = matter.offered.as_ref();
            let old = offer.is_some_and(|(_, starts)| *starts < self.starts);
            assert!(!old, "a restart takes back every offer: {id}");
            let dialling = matter.promises.iter().find(|(_, p)| p.dialling.is_some());
            assert!(dialling.is_none(), "a restart closes every attempt: {id}");
        }
    }
}

impl Matter {
    fn handle_fact(&mut self, fact: &Fact, starts: u64) {
        self.handle_leg(fact);
        self.handle_promise(fact);
        match &fact.event {
            Event::Queued { .. } => {
                assert!(!self.queued, "an interaction is in one queue: {fact:?}");
                self.queued = true;
            }
            Event::Dequeued { .. } => {
                assert!(self.queued, "what leaves a queue was in it: {fact:?}");
                self.queued = false;
            }
            Event::Offered { agent, .. } => {
                assert_eq!(self.offered, None, "one offer at a time: {fact:?}");
                assert!(self.queued, "what is offered waits: {fact:?}");
                self.offered = Some((agent.clone(), starts));
            }
            // One that was taken ends once more when the agent's phone fails.
            Event::OfferEnded {
                end: OfferEnd::PhoneFailed,
                ..
            } if self.offered.is_none() => {}
            Event::OfferEnded { agent, .. } | Event::Assigned { agent, .. } => {
                assert_eq!(
                    self.offered.take().map(|(to, _)| to).as_ref(),
                    Some(agent),
                    "an offer ends once: {fact:?}"
                );
            }
            Event::Ended { reason, .. } => {
                assert_eq!(self.ended, None, "a contact ends once: {fact:?}");
                self.ended = Some(reason.clone());
            }
            Event::Sealed { outcome, .. } => {
                self.check_sealed(fact);
                self.sealed = Some(outcome.clone());
            }
            _ => {}
        }
    }

    fn check_sealed(&self, fact: &Fact) {
        let reason = self.ended.as_deref().unwrap_or_default();
        assert!(!reason.is_empty(), "it is sealed with a reason: {fact:?}");
        assert!(self.legs.is_empty(), "no leg outlives it: {:?}", self.legs);
        assert!(!self.queued && self.offered.is_none(), "it waits: {fact:?}");
        let open = self.promises.iter().find(|(_, p)| p.end.is_none());
        assert!(open.is_none(), "a promise was forgotten: {open:?}");
    }

    fn handle_leg(&mut self, fact: &Fact) {
        match &fact.event {
            Event::LegStarted { leg, party, .. } => {
                let phone = matches!(
                    party,
                    Party::CustomerPhone { .. } | Party::AgentPhone { .. }
                );
                if let Party::CustomerChat { visitor } = party {
                    self.visitor = Some(*visitor);
                }
                let twice = self.legs.insert(*leg, phone).is_some();
                assert!(
                    !twice && !self.ended_legs.contains(leg),
                    "a leg begins once: {fact:?}"
                );
            }
            Event::LegEnded { leg, .. } => {
                assert!(
                    self.legs.remove(leg).is_some(),
                    "a leg ends once, after it began: {fact:?}"
                );
                self.ended_legs.insert(*leg);
            }
            Event::Bridged { a, b } => {
                for leg in [a, b] {
                    assert!(self.legs.contains_key(leg), "it is over: {fact:?}");
                    assert!(self.bridged.insert(*leg), "a leg is bridged once: {fact:?}");
                }
            }
            _ => {}
        }
    }

    fn handle_promise(&mut self, fact: &Fact) {
        match &fact.event {
            Event::CallbackPromised {
                callback, number, ..
            } => {
                let promise = Promise {
                    number: number.clone(),
                    attempts: 0,
                    dialling: None,
                    end: None,
                };
                let twice = self.promises.insert(*callback, promise);
                assert!(twice.is_none(), "a callback is promised once: {fact:?}");
            }
            Event::CallbackAttempted {
                callback,
                attempt,
                customer_leg,
                ..
            } => {
                let other = self.promises.values().find(|p| p.dialling.is_some());
                assert!(other.is_none(), "one attempt at a time: {fact:?}");
                let promise = self.promises.get_mut(callback).expect("it was promised");
                assert_eq!(promise.end, None, "what is over is not dialled: {fact:?}");
                assert_eq!(
                    *attempt,
                    promise.attempts + 1,
                    "attempts are counted: {fact:?}"
                );
                promise.attempts = *attempt;
                promise.dialling = Some(*customer_leg);
            }
            Event::CallbackAttemptFailed { callback, .. } => {
                let promise = self.promises.get_mut(callback).expect("it was promised");
                assert!(promise.dialling.take().is_some(), "it failed: {fact:?}");
            }
            Event::CallbackEnded { callback, end } => {
                let promise = self.promises.get_mut(callback).expect("it was promised");
                assert_eq!(promise.end, None, "a callback ends once: {fact:?}");
                promise.dialling = None;
                promise.end = Some(end.clone());
            }
            _ => {}
        }
    }
}
