//! What facts do to the records in memory, and who is forgotten.

use std::collections::{BTreeMap, BTreeSet};

use ws::{
    agent::{Channel, Earlier},
    id::{AgentId, CustomerId, InteractionId, Number, Timestamp, VisitorId},
};

use super::{Customer, Customers, EARLIER, Field, Identity, archive::Remembered};
use crate::consent::Subject;

/// How many families without a live interaction stay in memory. The tables follow the journal with a delay; whoever is
/// forgotten was idle for longer than that.
pub(super) const IDLE: usize = 10_000;

/// How many erased records are known to be so, for as long as the tables may be behind.
pub(super) const ERASED: usize = 10_000;

/// What a `CustomerKnown` fact tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Known {
    pub(crate) name: Option<String>,
    pub(crate) number: Option<Number>,
    pub(crate) mail: Option<String>,
    pub(crate) mail_typed: bool,
    pub(crate) visitor: Option<VisitorId>,
    pub(crate) verified: Option<String>,
    pub(crate) cleared: Vec<Field>,
}

impl Known {
    fn identities(&self) -> impl Iterator<Item = Identity> {
        [
            self.number.clone().map(Identity::Number),
            self.mail.as_deref().and_then(Identity::mail),
            self.visitor.map(Identity::Visitor),
            self.verified.clone().map(Identity::Subject),
        ]
        .into_iter()
        .flatten()
    }
}

impl Customers {
    pub(crate) fn know(&mut self, id: CustomerId, known: &Known, at: Timestamp) {
        for field in &known.cleared {
            self.clear(id, *field);
        }
        let record = self.begin(id);
        renew(&mut record.name, &known.name);
        renew(&mut record.number, &known.number);
        renew(&mut record.mail, &known.mail);
        renew(&mut record.verified, &known.verified);
        let signed = record.verified.is_some();
        let verified = known.verified.as_deref();
        let vouched = Identity::is_vouched(known.mail_typed, known.visitor, verified, signed);
        for identity in known.identities() {
            self.identify(id, identity, vouched, at);
        }
        self.rest(id);
    }

    fn identify(&mut self, id: CustomerId, identity: Identity, vouched: bool, at: Timestamp) {
        let record = self.begin(id);
        let since = record.identities.entry(identity.clone()).or_default();
        if !identity.leads(vouched) {
            return;
        }
        if identity.is_first_come() {
            since.get_or_insert(at);
            self.finds.entry(identity).or_insert(id);
        } else {
            *since = Some(at);
            self.finds.insert(identity, id);
        }
    }

    // Whom these led to is known by them no more: they lead to who else is, as if that one had never been. A fold of the journal
    // anew, which may know nothing of them any more, comes to the same.
    fn pass_on(&mut self, gone: &BTreeSet<Identity>) {
        let mut heirs: BTreeMap<&Identity, (Timestamp, CustomerId)> = BTreeMap::new();
        for (id, record) in self.records.iter() {
            for (identity, since) in &record.identities {
                let (Some(identity), Some(since)) = (gone.get(identity), *since) else {
                    continue;
                };
                let this = (since, *id);
                let heir = heirs.entry(identity).or_insert(this);
                *heir = match identity.is_first_come() {
                    true => this.min(*heir),
                    false => this.max(*heir),
                };
            }
        }
        for (identity, (_, heir)) in heirs {
            self.finds.entry(identity.clone()).or_insert(heir);
        }
    }

    // Nobody is found any more by what was not theirs, or is not.
    fn clear(&mut self, id: CustomerId, field: Field) {
        let record = self.begin(id);
        let gone = match field {
            Field::Name => {
                record.name = None;
                None
            }
            Field::Number => record.number.take().map(Identity::Number),
            Field::Mail => record.mail.take().as_deref().and_then(Identity::mail),
        };
        let Some(gone) = gone else { return };
        record.identities.remove(&gone);
        if self.finds.get(&gone) == Some(&id) {
            self.finds.remove(&gone);
            self.pass_on(&BTreeSet::from([gone]));
        }
    }

    pub(crate) fn link(&mut self, id: CustomerId, system: &str, of: &str, at: Timestamp) {
        let (system, of) = (system.to_owned(), of.to_owned());
        self.identify(id, Identity::External { system, id: of }, true, at);
        self.rest(id);
    }

    pub(crate) fn value(&mut self, id: CustomerId, value: u8) {
        self.begin(id).value = value;
        self.rest(id);
    }

    pub(crate) fn open(&mut self, id: CustomerId) {
        self.begin(id).live += 1;
        self.rest(id);
    }

    pub(crate) fn seal(
        &mut self,
        id: CustomerId,
        interaction: InteractionId,
        at: Timestamp,
        channel: Channel,
        end: (&str, Option<&AgentId>),
    ) {
        // Who was erased meanwhile stays so.
        let Some(record) = self.records.get_mut(&id) else {
            return;
        };
        record.live = record.live.saturating_sub(1);
        record.earlier.truncate(EARLIER - 1);
        record.earlier.push_front(Earlier {
            interaction,
            at,
            channel,
            outcome: end.0.to_owned(),
        });
        if let Some(agent) = end.1 {
            record.familiar = Some(agent.clone());
        }
        self.rest(id);
    }

    pub(crate) fn merge(&mut self, kept: CustomerId, merged: CustomerId) {
        if self.root(kept) == self.root(merged) || self.root(merged) != merged {
            return;
        }
        self.wake(merged);
        self.begin(merged).merged_into = Some(kept);
        self.begin(kept).merged.insert(merged);
        self.rest(kept);
    }

    pub(crate) fn unmerge(&mut self, merged: CustomerId) {
        let link = self.records.get_mut(&merged);
        let Some(kept) = link.and_then(|record| record.merged_into.take()) else {
            return;
        };
        if let Some(record) = self.records.get_mut(&kept) {
            record.merged.remove(&merged);
        }
        self.rest(kept);
        self.rest(merged);
    }

    /// Forgets records for good; returns their addresses that lead to nobody any more.
    pub(crate) fn erase(&mut self, records: &[CustomerId]) -> Vec<Subject> {
        for id in records {
            self.wake(*id);
        }
        let gone = records.iter().filter_map(|id| self.records.get(id));
        let gone: BTreeSet<_> = gone.flat_map(|it| it.identities.keys().cloned()).collect();
        for id in records {
            self.drop_record(*id);
            if self.erased.insert(*id) {
                self.erasures.push_back(*id);
            }
        }
        while self.erasures.len() > ERASED {
            if let Some(first) = self.erasures.pop_front() {
                self.erased.remove(&first);
            }
        }
        self.pass_on(&gone);
        let nobodys = gone.iter().filter(|it| !self.finds.contains_key(*it));
        nobodys.filter_map(Identity::address).collect()
    }

    // What is said of an erased record from here on is a new one's.
    fn begin(&mut self, id: CustomerId) -> &mut Customer {
        self.erased.remove(&id);
        self.records.entry(id).or_default()
    }

    /// Takes in what the archive has of people who are not in memory.
    pub(super) fn recall(&mut self, found: Vec<Remembered>) {
        let mut roots = Vec::new();
        for Remembered {
            customer,
            record,
            finds,
        } in found
        {
            if self.records.contains_key(&customer) || self.erased.contains(&customer) {
                continue;
            }
            if record.merged_into.is_none() {
                roots.push(customer);
            }
            self.records.insert(customer, Box::new(record));
            for identity in finds {
                self.finds.insert(identity, customer);
            }
        }
        for root in roots {
            self.rest(root);
        }
    }

    /// Replaces everything by what the archive has; who is in a live interaction stays so.
    pub(super) fn renew(&mut self, found: Vec<Remembered>) {
        let mut before = std::mem::take(self);
        self.erased = std::mem::take(&mut before.erased);
        self.erasures = std::mem::take(&mut before.erasures);
        self.recall(found);
        for (id, record) in before
            .records
            .into_iter()
            .filter(|(_, record)| record.live > 0)
        {
            self.records.entry(id).or_default().live = record.live;
        }
        let mut roots: Vec<_> = self.records.keys().map(|id| self.root(*id)).collect();
        roots.sort_unstable();
        roots.dedup();
        for root in roots {
            self.rest(root);
        }
    }

    /// Returns everybody in a live interaction, in order.
    pub(super) fn live(&self) -> Vec<CustomerId> {
        let live = self.records.iter().filter(|(_, record)| record.live > 0);
        let mut live: Vec<_> = live.map(|(id, _)| *id).collect();
        live.sort_unstable();
        live
    }

    // Puts a record's family to the end of the idle ones, or takes it from them, and forgets who is idle for the longest.
    fn rest(&mut self, id: CustomerId) {
        let root = self.root(id);
        self.wake(root);
        let live = |id: &CustomerId| self.records.get(id).is_some_and(|found| found.live > 0);
        if self.family(root).iter().any(live) {
            return;
        }
        self.turn += 1;
        if let Some(record) = self.records.get_mut(&root) {
            record.turn = Some(self.turn);
            self.idle.insert(self.turn, root);
        }
        while self.idle.len() > IDLE {
            let Some((_, oldest)) = self.idle.pop_first() else {
                return;
            };
            for id in self.family(oldest) {
                self.drop_record(id);
            }
        }
    }

    fn wake(&mut self, id: CustomerId) {
        let turn = self
            .records
            .get_mut(&id)
            .and_then(|found| found.turn.take());
        if let Some(turn) = turn {
            self.idle.remove(&turn);
        }
    }

    fn drop_record(&mut self, id: CustomerId) {
        let Some(record) = self.records.remove(&id) else {
            return;
        };
        for identity in record.identities.keys() {
            if self.finds.get(identity) == Some(&id) {
                self.finds.remove(identity);
            }
        }
    }
}

fn renew<T: Clone>(kept: &mut Option<T>, new: &Option<T>) {
    if new.is_some() {
        kept.clone_from(new);
    }
}
