//! Who is who, and what was said about contacting whom, folded from facts alone.

use std::collections::{BTreeMap, BTreeSet};

use hub::{
    Event, Fact,
    consent::{Change, Statement, Subject},
};
use ws::{
    consent::ContactChannel,
    id::{CustomerId, InteractionId, Number, Timestamp},
};

/// Everybody.
#[derive(Debug, Default)]
pub struct Persons {
    /// Whose each interaction is.
    whose: BTreeMap<InteractionId, CustomerId>,
    /// The numbers each was ever known by.
    numbers: BTreeMap<CustomerId, Vec<Number>>,
    /// What is part of what.
    parts: BTreeMap<CustomerId, CustomerId>,
    /// Where each was ever written to.
    mails: BTreeMap<CustomerId, Vec<String>>,
    /// Everything that was said, the last of which counts.
    said: Vec<Statement>,
    /// Records that are gone, and all that was said of them.
    erased: BTreeSet<CustomerId>,
}

impl Persons {
    /// Returns everybody who ever came.
    pub fn all(&self) -> impl Iterator<Item = CustomerId> {
        self.whose.values().copied()
    }

    /// Returns whose an interaction is.
    pub fn of(&self, id: InteractionId) -> Option<CustomerId> {
        self.whose.get(&id).copied()
    }

    /// Returns all addresses that were ever known of somebody.
    pub fn mails(&self, id: CustomerId) -> impl Iterator<Item = &String> {
        self.mails.get(&id).into_iter().flatten()
    }

    /// Tells whether somebody is meant: the record, or an address of it.
    pub fn is_of(&self, subject: &Subject, id: CustomerId) -> bool {
        let numbers = self.numbers.get(&id).into_iter().flatten();
        match subject {
            Subject::Customer(customer) => *customer == id,
            Subject::Number(number) => numbers.into_iter().any(|one| one == number),
            Subject::Mail(_) => {
                let mut mails = self.mails(id);
                mails.any(|mail| Subject::mail(mail).as_ref() == Some(subject))
            }
        }
    }

    /// Returns the interactions of whoever an interaction is of.
    pub fn theirs(&self, id: InteractionId) -> impl Iterator<Item = InteractionId> {
        let root = self.whose.get(&id).map(|customer| self.root(*customer));
        let theirs = self.whose.iter();
        theirs
            .filter(move |(_, customer)| Some(self.root(**customer)) == root)
            .map(|(id, _)| *id)
    }

    /// Returns every record that is part of another.
    pub fn merged(&self) -> impl Iterator<Item = CustomerId> {
        self.parts.keys().copied()
    }

    /// Tells whether anything was said about writing to an address.
    pub fn is_spoken_of(&self, mail: &str) -> bool {
        let subject = Subject::mail(mail);
        self.said
            .iter()
            .any(|said| Some(&said.subject) == subject.as_ref())
    }

    /// Tells whether a program's or a customer's word was taken; nothing is kept of who is gone, and the word of a stranger
    /// for a while.
    pub fn heard(&self, said: &Statement) -> bool {
        if let Subject::Customer(customer) = &said.subject
            && self.erased.contains(customer)
        {
            return true;
        }
        self.said.iter().any(|taken| {
            let until = match said.source.is_customers() {
                true => said.until.or(taken.until),
                false => said.until,
            };
            *taken
                == Statement {
                    until,
                    ..said.clone()
                }
        })
    }

    /// Takes in what happened.
    pub fn handle_fact(&mut self, fact: &Fact) {
        match &fact.event {
            Event::Opened { customer, .. } => {
                let id = fact.interaction.expect("it is one");
                self.whose.insert(id, *customer);
            }
            Event::CustomerKnown {
                customer,
                number,
                mail,
                ..
            } => {
                let numbers = self.numbers.entry(*customer).or_default();
                numbers.extend(number.clone());
                self.mails
                    .entry(*customer)
                    .or_default()
                    .extend(mail.clone());
            }
            Event::CustomersMerged { kept, merged, .. } => {
                assert_ne!(kept, merged, "nobody is part of themselves: {fact:?}");
                for one in [kept, merged] {
                    let part = self.parts.get(one);
                    assert_eq!(part, None, "only whole records are merged: {fact:?}");
                }
                self.parts.insert(*merged, *kept);
            }
            Event::CustomersUnmerged { kept, merged, .. } => {
                let before = self.parts.remove(merged);
                assert_eq!(before, Some(*kept), "it was part of that: {fact:?}");
            }
            Event::ConsentChanged(said) => {
                if let Subject::Customer(customer) = &said.subject {
                    let gone = self.erased.contains(customer);
                    assert!(!gone, "nothing is kept of who was erased: {fact:?}");
                }
                self.said.push(said.clone());
            }
            Event::CustomerErased { records, .. } => {
                self.erased.extend(records);
                self.said.retain(|said| match &said.subject {
                    Subject::Customer(customer) => !records.contains(customer),
                    Subject::Number(_) | Subject::Mail(_) => true,
                });
            }
            _ => {}
        }
    }

    /// Tells what was said that forbids to call `number` for the customer of an interaction.
    pub fn bar(&self, number: &Number, id: InteractionId, at: Timestamp) -> Option<&Statement> {
        let root = self.root(*self.whose.get(&id)?);
        let concerns = |said: &Statement| match &said.subject {
            Subject::Number(other) => other == number,
            Subject::Customer(customer) => self.root(*customer) == root,
            Subject::Mail(_) => false,
        };
        let voice = self.said.iter().rev();
        let voice = voice.filter(|said| said.channel == ContactChannel::Voice && concerns(said));
        let mut last: Vec<&Statement> = Vec::new();
        for said in voice {
            let of = |one: &&Statement| one.subject == said.subject && kind(one) == kind(said);
            if !last.iter().any(of) {
                last.push(said);
            }
        }
        last.into_iter().find(|said| {
            let counts = said.until.is_none_or(|until| at < until);
            counts && matches!(said.change, Change::Withdrawn | Change::Suppressed)
        })
    }

    fn root(&self, mut customer: CustomerId) -> CustomerId {
        while let Some(kept) = self.parts.get(&customer) {
            customer = *kept;
        }
        customer
    }
}

/// Tells whether it is the house's word, rather than the customer's.
fn kind(said: &Statement) -> bool {
    match said.change {
        Change::Given | Change::Withdrawn => false,
        Change::Suppressed | Change::Unsuppressed => true,
    }
}
