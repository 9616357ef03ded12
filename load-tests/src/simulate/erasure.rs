//! Customers whose data are erased: what the store does to the journal then, and what must not be seen of them any more.

use std::collections::{BTreeMap, BTreeSet};

use hub::{
    Event, Fact, State,
    consent::{Change, Statement, Subject},
    customer::Identity,
    event::{NOBODY, Scrub},
};
use ws::{
    id::{CustomerId, InteractionId},
    timeline::What,
};

use crate::{agenda::Due, world::World};

/// What was erased.
#[derive(Debug, Default)]
pub struct Erasure {
    /// Whose data are to go, while something of them goes on.
    going: BTreeSet<CustomerId>,
    /// Whose are gone.
    gone: BTreeSet<CustomerId>,
    /// Why they are not to be contacted, of those whose data are to go.
    reasons: BTreeSet<String>,
    /// What they wrote, and where they were written to: it is never shown again.
    words: BTreeSet<String>,
}

impl Erasure {
    /// Tells whether somebody's data are to go, or are gone.
    pub fn concerns(&self, customer: Option<CustomerId>) -> bool {
        customer.is_some_and(|id| self.going.contains(&id) || self.gone.contains(&id))
    }

    /// Finds something in a text that should not be there.
    pub fn finds<'a>(&'a self, text: &str) -> Option<&'a String> {
        self.words.iter().find(|word| text.contains(word.as_str()))
    }
}

impl World {
    /// Takes in what is durable of erasures.
    pub fn note_erasures(&mut self, facts: &[Fact]) {
        for fact in facts {
            if let Event::CustomerErased { records, .. } = &fact.event {
                self.erasure.going.extend(records);
                self.forget_reasons(records);
                self.forget_given(fact, records);
                let span = self.dice.below(10_000) as u64;
                self.plan(span, Due::Scrub);
            }
            // Whoever followed a link just before is not to be written to, and that outlives the address.
            if let Event::ConsentChanged(said) = &fact.event {
                let (words, reasons) = (&mut self.erasure.words, &mut self.erasure.reasons);
                words.retain(|word| Subject::mail(word).as_ref() != Some(&said.subject));
                // Who says it again afterwards is heard.
                if let Some(reason) = &said.reason {
                    words.remove(reason);
                    reasons.remove(reason);
                }
            }
        }
    }

    // The store forgets why somebody is not to be contacted as soon as it knows that they are to be erased.
    fn forget_reasons(&mut self, records: &[CustomerId]) {
        let (persons, reasons) = (&self.ledger.persons, &mut self.erasure.reasons);
        self.disk.change(|fact| {
            let Event::ConsentChanged(said) = &mut fact.event else {
                return;
            };
            if records.iter().any(|id| persons.is_of(&said.subject, *id)) {
                // What the network says is the same of everybody.
                let words = said.reason.take();
                reasons.extend(words.filter(|words| words.starts_with("word ")));
            }
        });
    }

    // And what was said of addresses that nobody else has, but for what forbids to contact them.
    fn forget_given(&mut self, erased: &Fact, records: &[CustomerId]) {
        let before = || self.disk.facts().iter().take_while(|fact| *fact != erased);
        let mut state = State::default();
        before().for_each(|fact| state.apply(fact));
        let theirs = records
            .iter()
            .filter_map(|id| state.customers().record(*id));
        let theirs: BTreeSet<_> = theirs
            .flat_map(|it| it.identities.keys().cloned())
            .collect();
        state.apply(erased);
        let nobodys = theirs
            .iter()
            .filter(|it| state.customers().by(it).is_none());
        let nobodys: BTreeSet<Subject> = nobodys.filter_map(Identity::address).collect();
        let of_these = |fact: &Fact| match &fact.event {
            Event::ConsentChanged(said) if nobodys.contains(&said.subject) => Some(said.clone()),
            _ => None,
        };
        let forbids =
            |said: &Statement| matches!(said.change, Change::Withdrawn | Change::Suppressed);
        let key = |said: &Statement| {
            let by_customer = matches!(said.change, Change::Given | Change::Withdrawn);
            (said.subject.clone(), said.channel, by_customer)
        };
        let last: BTreeMap<_, _> = before()
            .filter_map(of_these)
            .map(|said| (key(&said), said))
            .collect();
        let stays = |said: &Statement| {
            let last = &last[&key(said)];
            let counts = last.until.is_none_or(|until| erased.at < until);
            forbids(said) && forbids(last) && counts
        };
        let mut over = false;
        self.disk.change(|fact| {
            over |= *fact == *erased;
            if !over && of_these(fact).is_some_and(|said| !stays(&said)) {
                fact.event.scrub(Scrub {
                    addresses: true,
                    ..Scrub::ALL
                });
            }
        });
    }

    /// The store takes what is personal out of the journal, in a quiet moment: of what is sealed, again and again until
    /// nothing is left.
    pub fn scrub(&mut self) {
        let going = self.erasure.going.clone();
        let theirs = |id: InteractionId| {
            let customer = self.ledger.persons.of(id);
            customer.is_some_and(|customer| going.contains(&customer))
        };
        let live = self.ledger.live();
        let open: BTreeSet<InteractionId> =
            live.map(|(id, _)| id).filter(|id| theirs(*id)).collect();
        let about = |fact: &Fact| customer_of(&fact.event).iter().any(|id| going.contains(id));
        let gone = |fact: &Fact| match fact.interaction {
            Some(_) if matches!(fact.event, Event::MailPosted { .. }) && about(fact) => true,
            Some(id) => theirs(id) && !open.contains(&id),
            None => about(fact),
        };
        self.disk.change(|fact| {
            if gone(fact) {
                fact.event.scrub(Scrub::ALL);
            }
        });
        if open.is_empty() {
            self.forget(&going);
        } else {
            self.plan(60_000, Due::Scrub);
        }
    }

    // From here on nothing of them is anywhere.
    fn forget(&mut self, going: &BTreeSet<CustomerId>) {
        self.hear("an erasure is finished");
        let persons = &self.ledger.persons;
        let theirs = self.ledger.matters.iter().filter(|(id, _)| {
            let customer = persons.of(**id);
            customer.is_some_and(|customer| going.contains(&customer))
        });
        let mut words = BTreeSet::new();
        for (_, matter) in theirs {
            for entry in matter.timeline.entries() {
                if let What::Message { text, .. } = &entry.what {
                    words.insert(text.clone());
                }
            }
        }
        words.extend(going.iter().flat_map(|id| persons.mails(*id)).cloned());
        words.retain(|word| word.len() > NOBODY.len() && word.starts_with(['c', 'p']));
        // That an address is not to be written to outlives it.
        words.retain(|word| !persons.is_spoken_of(word));
        words.append(&mut self.erasure.reasons);
        self.erasure.words.extend(words);
        self.erasure.going.clear();
        self.erasure.gone.extend(going);
        self.check_forgotten();
    }

    /// Checks that nothing of those who were erased is left in the state, at the edge or in the journal.
    pub fn check_forgotten(&self) {
        if self.erasure.words.is_empty() {
            return;
        }
        let journal = serde_json::to_string(self.disk.facts()).expect("facts are always JSON");
        let found = self.erasure.finds(&journal);
        assert_eq!(found, None, "what is erased is not in the journal");
        if let Some(daemon) = self.daemon.as_ref().filter(|one| !one.house.is_writing()) {
            let state = format!("{:?}", daemon.house.hub.state());
            let found = self.erasure.finds(&state);
            assert_eq!(found, None, "what is erased is not in the state");
            let edge = format!("{:?}", daemon.house.browsers);
            let found = self.erasure.finds(&edge);
            assert_eq!(found, None, "what is erased is not kept for those who come");
        }
    }

    /// Checks a frame that leaves the daemon.
    pub fn check_frame(&self, text: &str) {
        let found = self.erasure.finds(text);
        assert_eq!(found, None, "what is erased is shown to nobody: {text}");
    }
}

// Whom a fact in no interaction is about.
fn customer_of(event: &Event) -> Vec<CustomerId> {
    match event {
        Event::CustomerKnown { customer, .. }
        | Event::CustomerNoted { customer, .. }
        | Event::CustomerLinked { customer, .. }
        | Event::MailPosted { customer, .. }
        | Event::InteractionsMerged { customer, .. }
        | Event::InteractionsUnmerged { customer, .. } => vec![*customer],
        Event::CustomersMerged { kept, merged, .. }
        | Event::CustomersUnmerged { kept, merged, .. } => vec![*kept, *merged],
        _ => Vec::new(),
    }
}
