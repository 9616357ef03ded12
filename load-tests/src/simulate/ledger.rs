//! What is durable, folded once more and apart from the hub: every rule that facts alone can break is checked as they
//! become durable.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use hub::{
    Event, Fact,
    event::{InCall, LegCause, Party},
};
use ws::{
    id::{CallbackId, InteractionId, LegId, Number, Timestamp},
    transfer::TransferTo,
};

use crate::{matter::Matter, persons::Persons, promised::Promise};

/// Everything that is durable.
#[derive(Debug, Default)]
pub struct Ledger {
    pub matters: BTreeMap<InteractionId, Matter>,
    /// Customers' legs that may be dialled, with the number and the promise they are for.
    pub dialled: BTreeMap<LegId, (Number, Option<CallbackId>)>,
    /// What is part of what.
    pub links: BTreeMap<InteractionId, InteractionId>,
    /// Who is who, and what was said of whom.
    pub persons: Persons,
    /// How long nobody speaks before a chat is parked by itself.
    silence: Duration,
    last: Timestamp,
    /// Whose pages ceased to be shown in what became durable last.
    hidden: BTreeSet<InteractionId>,
    pub starts: u64,
}

impl Ledger {
    /// Begins with nothing; the house parks a chat after so long a silence.
    pub fn new(silence: Duration) -> Self {
        Self {
            silence,
            ..Self::default()
        }
    }

    /// Takes in what became durable together.
    pub fn handle_facts(&mut self, facts: &[Fact]) {
        self.hidden.clear();
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

    /// Returns those in which people are connected.
    pub fn connected(&self) -> impl Iterator<Item = InteractionId> {
        let live = self.live();
        live.filter(|(_, matter)| matter.is_connected())
            .map(|(id, _)| id)
    }

    /// Tells whether a page may be seen: what was shown just before it was hidden is in the same write.
    pub fn shows(&self, id: InteractionId) -> bool {
        let matter = self.matters.get(&id);
        matter.is_some_and(|matter| matter.sharing.shows()) || self.hidden.contains(&id)
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
        self.persons.handle_fact(fact);
        if let Event::ClockStepped(jump) = &fact.event {
            let live = self.matters.values_mut();
            let live = live.filter(|matter| matter.sealed.is_none());
            live.for_each(|matter| matter.step(*jump));
        }
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
        let shown = matter.sharing.shows();
        matter.timeline.handle_fact(fact);
        matter.handle_fact(fact, self.starts, self.silence);
        if shown && !matter.sharing.shows() {
            self.hidden.insert(id);
        }
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

    // Whom a leg may ring, and that nobody is rung who does not want it. Whoever is asked within a call, or given it, is
    // not its customer.
    fn note_dialling(&mut self, id: InteractionId, fact: &Fact) {
        let (leg, number, callback) = match &fact.event {
            Event::CallbackAttempted {
                callback,
                customer_leg,
                ..
            } => {
                let promise = &self.matters[&id].promises[callback];
                (*customer_leg, promise.number.clone(), Some(*callback))
            }
            Event::EscalationStarted {
                customer_leg,
                number,
                ..
            } => (*customer_leg, number.clone(), None),
            // A carrier moves its customer to another of its numbers.
            Event::LegStarted {
                leg,
                party:
                    Party::CustomerPhone {
                        number: Some(number),
                        ..
                    },
                cause: LegCause::TransferBlind | LegCause::TransferAttended,
                ..
            } => {
                self.dialled.insert(*leg, (number.clone(), None));
                return;
            }
            Event::InCall(
                InCall::ConsultStarted {
                    to: TransferTo::Number(number),
                    leg,
                    ..
                }
                | InCall::Transferred {
                    to: TransferTo::Number(number),
                    leg: Some(leg),
                    ..
                },
            ) => {
                self.dialled.insert(*leg, (number.clone(), None));
                return;
            }
            _ => return,
        };
        let bar = self.persons.bar(&number, id, fact.at);
        assert_eq!(
            bar, None,
            "a suppressed customer is never contacted: {fact:?}"
        );
        self.dialled.insert(leg, (number, callback));
    }

    // What was open before the start is closed in the first thing that is written after it.
    fn check_start(&self) {
        for (id, matter) in self.live() {
            let phone = matter.legs.iter().find(|(_, phone)| **phone);
            assert_eq!(phone, None, "a restart ends every telephone leg: {id}");
            let offer = matter.offered.as_ref();
            let old = offer.is_some_and(|(_, starts)| *starts < self.starts);
            assert!(!old, "a restart takes back every offer: {id}");
            let asked = matter.colleagues.asked_before(self.starts);
            assert_eq!(asked, None, "a restart takes back every invitation: {id}");
            let dialling = matter.promises.iter().find(|(_, p)| p.dialling.is_some());
            assert!(dialling.is_none(), "a restart closes every attempt: {id}");
        }
    }
}
