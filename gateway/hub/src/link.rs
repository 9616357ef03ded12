//! Interactions that turned out to be one matter: links between them, made and taken back by people and programs. A link
//! changes no record; whoever reads the one that stayed finds the others by it.

use std::collections::BTreeMap;

use ws::{
    frame::{Code, Refusal},
    id::{CustomerId, InteractionId},
};

use crate::{
    customer::archive::Want,
    event::Event,
    hub::Hub,
    input::{Actor, Done, refuse},
    scope::check_written,
};

/// What is to be done to an interaction's links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Another interaction is about the same; it becomes part of this one.
    Merge {
        /// The other.
        other: InteractionId,
        /// Why, at most 200 characters.
        reason: String,
    },
    /// This interaction is a matter of its own after all.
    Unmerge {
        /// Why, at most 200 characters.
        reason: String,
    },
}

/// Which interactions are part of which; part of what lasts. Links are made by people, so that all stay in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    into: BTreeMap<InteractionId, InteractionId>,
}

impl Links {
    /// Returns the interaction that one is part of, itself where it is part of none.
    pub fn root(&self, id: InteractionId) -> InteractionId {
        let mut root = id;
        // Only roots are merged, so that the way up ends.
        while let Some(next) = self.into.get(&root) {
            root = *next;
        }
        root
    }

    /// Returns what one was merged into, if it is merged.
    pub fn into(&self, id: InteractionId) -> Option<InteractionId> {
        self.into.get(&id).copied()
    }

    /// Walks all links: what is part of what.
    pub fn iter(&self) -> impl Iterator<Item = (InteractionId, InteractionId)> {
        self.into.iter().map(|(merged, kept)| (*merged, *kept))
    }

    pub(crate) fn merge(&mut self, kept: InteractionId, merged: InteractionId) {
        if self.root(kept) != merged && !self.into.contains_key(&merged) {
            self.into.insert(merged, kept);
        }
    }

    pub(crate) fn unmerge(&mut self, merged: InteractionId) {
        self.into.remove(&merged);
    }
}

impl Hub {
    pub(crate) fn link_matters(
        &mut self,
        interaction: InteractionId,
        order: Order,
        by: &Actor,
    ) -> Result<Done, Refusal> {
        if matches!(by, Actor::Visitor(_) | Actor::Customer(_)) {
            return refuse(Code::Forbidden, "which matters are one is the house's");
        }
        match order {
            Order::Merge { other, reason } => self.merge_matters(interaction, other, by, reason),
            Order::Unmerge { reason } => self.unmerge_matters(interaction, by, reason),
        }
    }

    fn merge_matters(
        &mut self,
        kept: InteractionId,
        other: InteractionId,
        by: &Actor,
        reason: String,
    ) -> Result<Done, Refusal> {
        check_written("reason", &reason, crate::customer::REASON)?;
        let (customer, theirs) = (self.owner(kept)?, self.owner(other)?);
        let customers = self.state.customers();
        if customers.root(customer) != customers.root(theirs) {
            let text = format!(
                "they are of two customers, {customer} and {theirs}; merge the customers first, if they are one"
            );
            return refuse(Code::Conflict, text);
        }
        let links = self.state.links();
        let (kept, merged) = (links.root(kept), links.root(other));
        if kept == merged {
            return refuse(Code::Conflict, "they are one matter already");
        }
        let by = self.author(by);
        self.tell(
            None,
            Event::InteractionsMerged {
                customer,
                kept,
                merged,
                by,
                reason,
            },
        );
        self.touch(merged);
        Ok(Done::Ok)
    }

    fn unmerge_matters(
        &mut self,
        merged: InteractionId,
        by: &Actor,
        reason: String,
    ) -> Result<Done, Refusal> {
        check_written("reason", &reason, crate::customer::REASON)?;
        let customer = self.owner(merged)?;
        let Some(kept) = self.state.links().into(merged) else {
            return refuse(
                Code::Conflict,
                "this interaction was not merged into another",
            );
        };
        let by = self.author(by);
        self.tell(
            None,
            Event::InteractionsUnmerged {
                customer,
                kept,
                merged,
                by,
                reason,
            },
        );
        Ok(Done::Ok)
    }

    // Whose an interaction is, sealed ones by the archive; and has the customer in memory.
    fn owner(&mut self, id: InteractionId) -> Result<CustomerId, Refusal> {
        let live = self.state.interaction(id).map(|found| found.customer);
        let archive = self.archive.as_mut();
        let owner = live.or_else(|| archive?.owner(id));
        let Some(owner) = owner else {
            let text = format!("there is no interaction {id}");
            return refuse(Code::NotFound, text);
        };
        self.recall(vec![Want::Customer(owner)]);
        if self.state.customers().record(owner).is_none() {
            let text = format!("the customer of interaction {id} was erased");
            return refuse(Code::NotFound, text);
        }
        Ok(owner)
    }
}
