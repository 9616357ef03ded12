//! Known records of people: found by number, by mail and by signed identity, never merged on an unproved word.
//!
//! Records are merged by a link from one to the other, so that taking the link away restores both. What is linked is a
//! family and is read as one record. In memory are the families of live interactions and those that were idle for the
//! shortest time; the others are recalled from the [`archive`] when something is about to rest on them.

pub mod archive;
mod identity;
mod memory;
mod orders;
#[cfg(test)]
mod tests;
mod traces;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, VecDeque},
};

use serde::{Deserialize, Serialize};
use ws::{
    agent::Earlier,
    id::{AgentId, CustomerId, Number, Timestamp},
};

pub use identity::Identity;
pub(crate) use memory::Known;
pub use orders::{Order, REASON};

use crate::{ids::ByRandomId, input::Introduction};

/// The people in memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Customers {
    records: ByRandomId<CustomerId, Box<Customer>>,
    finds: BTreeMap<Identity, CustomerId>,
    /// The first records of families without a live interaction, the longest idle first.
    idle: BTreeMap<u64, CustomerId>,
    turn: u64,
    /// Those that were erased last, and the same in order: the archive may not know of it yet.
    erased: BTreeSet<CustomerId>,
    erasures: VecDeque<CustomerId>,
}

/// One known person.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Customer {
    /// The name last given.
    pub name: Option<String>,
    /// The number last called from or reached at.
    pub number: Option<Number>,
    /// The mail address last given; proved only together with `verified`.
    pub mail: Option<String>,
    /// The subject of a signed identity.
    pub verified: Option<String>,
    /// What they are worth to the house, 0 to 9; it moves them forward in every line.
    pub value: u8,
    /// All they were ever known by, each with since when it could lead to them: the first time, or the last where it leads to the last;
    /// none where nobody vouched for it.
    pub identities: BTreeMap<Identity, Option<Timestamp>>,
    /// Sealed interactions, newest first, at most 10.
    pub earlier: VecDeque<Earlier>,
    /// Who served them last.
    pub familiar: Option<AgentId>,
    /// The record this one was merged into.
    pub merged_into: Option<CustomerId>,
    /// The records that were merged into this one.
    pub merged: BTreeSet<CustomerId>,
    live: u32,
    turn: Option<u64>,
}

/// What is told of a person and may be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The name.
    Name,
    /// The number, by which nobody is found then.
    Number,
    /// The mail address, likewise.
    Mail,
}

/// The most a customer is worth.
pub const MOST_VALUE: u8 = 9;

/// How many earlier interactions are kept.
pub const EARLIER: usize = 10;

impl Customers {
    /// Returns a customer, with everything that was merged into it; asked for a merged one, the customer it is part of.
    pub fn get(&self, customer: CustomerId) -> Option<Cow<'_, Customer>> {
        let root = self.root(customer);
        let record = self.records.get(&root)?;
        if record.merged.is_empty() {
            return Some(Cow::Borrowed(record));
        }
        let family = self.family(root);
        let records = family.iter().filter_map(|id| self.records.get(id));
        Some(Cow::Owned(Customer::union(records.map(Box::as_ref))))
    }

    /// Returns one record by itself.
    pub fn record(&self, customer: CustomerId) -> Option<&Customer> {
        self.records.get(&customer).map(Box::as_ref)
    }

    /// Returns the record that a merged one is part of, or itself.
    pub fn root(&self, customer: CustomerId) -> CustomerId {
        let mut root = customer;
        while let Some(into) = self.records.get(&root).and_then(|found| found.merged_into) {
            root = into;
        }
        root
    }

    /// Returns a record with all that were merged into it, itself first.
    pub fn family(&self, root: CustomerId) -> Vec<CustomerId> {
        let mut family = vec![root];
        let mut next = 0;
        while let Some(id) = family.get(next).copied() {
            next += 1;
            family.extend(
                self.records
                    .get(&id)
                    .into_iter()
                    .flat_map(|found| &found.merged),
            );
        }
        family
    }

    /// Returns which record of a customer has this address itself, so that what is sent there goes with that record when
    /// they turn out to be two; `customer` where none has.
    pub(crate) fn holder(&self, customer: CustomerId, mail: &str) -> CustomerId {
        let has = |id: &CustomerId| {
            let record = self.records.get(id);
            record.is_some_and(|record| record.mail.as_deref() == Some(mail))
        };
        let mut family = self.family(self.root(customer)).into_iter();
        family.find(has).unwrap_or(customer)
    }

    /// Returns how many records are in memory.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Tells whether none is in memory.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Finds whom an identity leads to.
    pub fn by(&self, identity: &Identity) -> Option<CustomerId> {
        self.finds.get(identity).map(|id| self.root(*id))
    }

    /// Finds whose number this is.
    pub fn by_number(&self, number: &Number) -> Option<CustomerId> {
        self.by(&Identity::Number(number.clone()))
    }

    /// Finds whom a mail address leads to, in whatever letters.
    pub fn by_mail(&self, address: &str) -> Option<CustomerId> {
        self.by(&Identity::mail(address)?)
    }

    /// Finds who a visitor is. What they typed counts for nothing, what a signed identity says does; a record that belongs
    /// to another identity is never taken.
    pub fn by_introduction(&self, who: &Introduction) -> Option<CustomerId> {
        let visitor = self.by(&Identity::Visitor(who.visitor));
        let Some(signed) = &who.verified else {
            // An unsigned visitor goes on as the record they made, unless that was proved to be somebody's.
            return visitor.filter(|&id| !self.is_signed(id));
        };
        let free = |&id: &CustomerId| !self.is_signed(id) || self.has_signed(id, &signed.subject);
        let mut theirs = signed.identities();
        let first = theirs.next().and_then(|subject| self.by(&subject));
        first
            .or_else(|| theirs.find_map(|identity| self.by(&identity).filter(free)))
            .or_else(|| visitor.filter(free))
    }

    /// Tells whether a signed identity proved a customer to be somebody.
    pub(crate) fn is_signed(&self, customer: CustomerId) -> bool {
        self.subjects(customer).next().is_some()
    }

    /// Tells whether nothing but a browser leads to a customer, as to anybody who writes for the first time.
    pub(crate) fn is_stranger(&self, customer: CustomerId) -> bool {
        let root = self.root(customer);
        let family = self.family(root).into_iter();
        let mut identities = family
            .filter_map(|id| self.records.get(&id))
            .flat_map(|record| record.identities.keys());
        !identities.any(|identity| match identity {
            Identity::Visitor(_) => false,
            Identity::Number(_)
            | Identity::Mail(_)
            | Identity::Subject(_)
            | Identity::External { .. } => self.by(identity) == Some(root),
        })
    }

    fn has_signed(&self, customer: CustomerId, subject: &String) -> bool {
        self.subjects(customer).any(|theirs| theirs == subject)
    }

    fn subjects(&self, customer: CustomerId) -> impl Iterator<Item = &String> {
        let family = self.family(self.root(customer)).into_iter();
        family.filter_map(|id| self.records.get(&id)?.verified.as_ref())
    }
}

impl Customer {
    /// Tells whether something of it is known.
    pub(crate) fn has(&self, field: Field) -> bool {
        match field {
            Field::Name => self.name.is_some(),
            Field::Number => self.number.is_some(),
            Field::Mail => self.mail.is_some(),
        }
    }

    // Reads records as one; what the first says goes before what the others say.
    fn union<'a>(records: impl Iterator<Item = &'a Self>) -> Self {
        let mut whole = Self::default();
        let mut served = None;
        for (place, record) in records.enumerate() {
            if place == 0 {
                whole.merged_into = record.merged_into;
            }
            keep(&mut whole.name, &record.name);
            keep(&mut whole.number, &record.number);
            keep(&mut whole.mail, &record.mail);
            keep(&mut whole.verified, &record.verified);
            whole.value = whole.value.max(record.value);
            whole.identities.extend(record.identities.clone());
            whole.merged.extend(&record.merged);
            whole.live += record.live;
            whole.earlier.extend(record.earlier.iter().cloned());
            let last = record.earlier.front().map(|earlier| earlier.at);
            if record.familiar.is_some() && (whole.familiar.is_none() || last > served) {
                whole.familiar.clone_from(&record.familiar);
                served = last;
            }
        }
        whole
            .earlier
            .make_contiguous()
            .sort_by_key(|earlier| std::cmp::Reverse(earlier.at));
        whole.earlier.truncate(EARLIER);
        whole
    }
}

fn keep<T: Clone>(kept: &mut Option<T>, new: &Option<T>) {
    if kept.is_none() {
        kept.clone_from(new);
    }
}
