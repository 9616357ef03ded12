//! What agents and programs do to the record of a person: merge, unmerge, note, link, describe, value, erase.

use ws::{
    frame::{Code, Refusal},
    id::{CustomerId, InteractionId, Number},
    timeline::Author,
};

use super::{Field, Identity, MOST_VALUE, archive::Want, traces::Traces};
use crate::{
    event::Event,
    hub::Hub,
    input::{Actor, CauseKind, Done, refuse},
    numbering,
    scope::{Lines, NAME, check_id, check_mail, check_note, check_written},
};

/// What is to be done to a customer's record.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// Another record is the same person; it becomes part of this one.
    Merge {
        /// The other.
        other: CustomerId,
        /// Why, at most 200 characters.
        reason: String,
    },
    /// This record is somebody else than the one it was merged into.
    Unmerge {
        /// Why, at most 200 characters.
        reason: String,
    },
    /// Something is to be remembered, 1 to 4,000 characters.
    Note {
        /// What.
        text: String,
    },
    /// Another system's id for them.
    Link {
        /// The system, at most 100 characters.
        system: String,
        /// Its id, at most 100 characters.
        id: String,
    },
    /// How they are called and reached; what is left out stays as it is.
    Describe {
        /// What is to be forgotten, before the rest is taken in.
        cleared: Vec<Field>,
        /// The name.
        name: Option<String>,
        /// A number.
        number: Option<Number>,
        /// A mail address.
        mail: Option<String>,
        /// What they are worth to the house, 0 to 9.
        value: Option<u8>,
    },
    /// What they are worth to the house, 0 to 9.
    Value(u8),
    /// Everything personal is to go.
    Erase {
        /// Why, at most 200 characters.
        reason: String,
    },
}

/// The longest reason, in characters.
pub const REASON: usize = 200;

impl Order {
    // Whom it is about beside the customer itself.
    pub(super) fn wants(&self, customer: CustomerId) -> Vec<Want> {
        let identity = |identity| vec![Want::Identity(identity)];
        match self {
            Self::Merge { other, .. } => vec![Want::Customer(*other)],
            Self::Link { system, id } => identity(Identity::External {
                system: system.clone(),
                id: id.clone(),
            }),
            Self::Describe {
                cleared,
                number,
                mail,
                ..
            } => {
                let number = number.clone().map(Identity::Number);
                let mail = mail.as_deref().and_then(Identity::mail);
                let all = number.into_iter().chain(mail).map(Want::Identity);
                let heirs = (!cleared.is_empty()).then_some(Want::Heirs(customer));
                all.chain(heirs).collect()
            }
            Self::Erase { .. } => vec![Want::Heirs(customer)],
            Self::Unmerge { .. } | Self::Note { .. } | Self::Value(_) => Vec::new(),
        }
    }
}

impl Hub {
    pub(crate) fn order(
        &mut self,
        customer: CustomerId,
        order: Order,
        by: &Actor,
    ) -> Result<Done, Refusal> {
        if matches!(by, Actor::Visitor(_) | Actor::Customer(_)) {
            return refuse(Code::Forbidden, "the record of a customer is the house's");
        }
        if self.state.customers().record(customer).is_none() {
            let text = format!("there is no customer {customer}, or they were erased");
            return refuse(Code::NotFound, text);
        }
        let by = self.author(by);
        match order {
            Order::Merge { other, reason } => self.merge(customer, other, by, reason),
            Order::Unmerge { reason } => self.unmerge(customer, by, reason),
            Order::Note { text } => {
                check_note(&text)?;
                let customer = self.state.customers().root(customer);
                self.tell(None, Event::CustomerNoted { customer, by, text });
                Ok(Done::Ok)
            }
            Order::Link { system, id } => self.link(customer, system, id, Some(by)),
            Order::Describe {
                cleared,
                name,
                number,
                mail,
                value,
            } => {
                // All of it is looked at before any of it is told.
                value.map_or(Ok(()), check_value)?;
                self.may_describe(customer, name.as_deref(), number.as_ref(), mail.as_ref())?;
                self.describe(customer, &cleared, (name, number, mail));
                match value {
                    Some(value) => self.value_customer(customer, value, Some(by)),
                    None => Ok(Done::Ok),
                }
            }
            Order::Value(value) => self.value_customer(customer, value, Some(by)),
            Order::Erase { reason } => self.erase_customer(customer, by, reason),
        }
    }

    fn merge(
        &mut self,
        kept: CustomerId,
        other: CustomerId,
        by: Author,
        reason: String,
    ) -> Result<Done, Refusal> {
        check_reason(&reason)?;
        let customers = self.state.customers();
        if customers.record(other).is_none() {
            let text = format!("there is no customer {other}, or they were erased");
            return refuse(Code::NotFound, text);
        }
        let (kept, merged) = (customers.root(kept), customers.root(other));
        if kept == merged {
            return refuse(Code::Conflict, "they are one customer already");
        }
        self.tell(
            None,
            Event::CustomersMerged {
                kept,
                merged,
                by,
                reason,
            },
        );
        self.stand_by(kept);
        Ok(Done::Ok)
    }

    fn unmerge(&mut self, merged: CustomerId, by: Author, reason: String) -> Result<Done, Refusal> {
        check_reason(&reason)?;
        let record = self.state.customers().record(merged);
        let Some(kept) = record.and_then(|record| record.merged_into) else {
            return refuse(Code::Conflict, "this record was not merged into another");
        };
        self.tell(
            None,
            Event::CustomersUnmerged {
                kept,
                merged,
                by,
                reason,
            },
        );
        Ok(Done::Ok)
    }

    /// Merges the record a browser made while nobody was signed in into the one of who is signed in there now.
    pub(crate) fn merge_signed(&mut self, kept: CustomerId, before: Option<CustomerId>) {
        let customers = self.state.customers();
        let kept = customers.root(kept);
        let Some(merged) = before.filter(|id| *id != kept && !customers.is_signed(*id)) else {
            return;
        };
        self.tell(
            None,
            Event::CustomersMerged {
                kept,
                merged,
                by: Author::System,
                reason: "a signed identity came from the same browser".to_owned(),
            },
        );
    }

    pub(crate) fn link(
        &mut self,
        customer: CustomerId,
        system: String,
        id: String,
        by: Option<Author>,
    ) -> Result<Done, Refusal> {
        check_id("system", &system, NAME)?;
        check_id("customer's id", &id, NAME)?;
        let customers = self.state.customers();
        let customer = customers.root(customer);
        let identity = Identity::External {
            system: system.clone(),
            id: id.clone(),
        };
        match customers.by(&identity) {
            Some(owner) if owner == customer => {}
            Some(owner) => {
                let text = format!("this id is customer {owner}'s; merge the two, or use another");
                return refuse(Code::Conflict, text);
            }
            None => {
                self.tell(
                    None,
                    Event::CustomerLinked {
                        customer,
                        system,
                        id,
                        by,
                    },
                );
                self.stand_by(customer);
            }
        }
        Ok(Done::Ok)
    }

    fn may_describe(
        &self,
        customer: CustomerId,
        name: Option<&str>,
        number: Option<&Number>,
        mail: Option<&String>,
    ) -> Result<(), Refusal> {
        if let Some(name) = name {
            check_written("name", name, NAME)?;
            Lines::One.check("name", name)?;
        }
        if let Some(mail) = mail {
            check_mail(mail)?;
        }
        number.map_or(Ok(()), numbering::check)?;
        let customers = self.state.customers();
        let customer = customers.root(customer);
        let number = number.and_then(|number| self.owner_of(number));
        let mail = mail.and_then(|mail| customers.by_mail(mail));
        for (what, owner) in [("number", number), ("mail address", mail)] {
            if let Some(owner) = owner.filter(|owner| *owner != customer) {
                let text =
                    format!("this {what} is customer {owner}'s; merge the two, or use another");
                return refuse(Code::Conflict, text);
            }
        }
        Ok(())
    }

    // What is cleared is so in every record that is read as this one.
    fn describe(
        &mut self,
        customer: CustomerId,
        cleared: &[Field],
        (name, number, mail): (Option<String>, Option<Number>, Option<String>),
    ) {
        let customers = self.state.customers();
        let customer = customers.root(customer);
        let mut told = Vec::new();
        for id in customers.family(customer) {
            let known = |field: &Field| customers.record(id).is_some_and(|it| it.has(*field));
            let cleared: Vec<_> = cleared.iter().copied().filter(|it| known(it)).collect();
            let (name, number, mail) = match id == customer {
                true => (name.clone(), number.clone(), mail.clone()),
                false => (None, None, None),
            };
            if cleared.is_empty() && name.is_none() && number.is_none() && mail.is_none() {
                continue;
            }
            told.push(Event::CustomerKnown {
                customer: id,
                name,
                number,
                mail,
                mail_typed: false,
                visitor: None,
                verified: None,
                cleared,
            });
        }
        for event in told {
            self.tell(None, event);
        }
        self.stand_by(customer);
    }

    pub(crate) fn value_customer(
        &mut self,
        customer: CustomerId,
        value: u8,
        by: Option<Author>,
    ) -> Result<Done, Refusal> {
        check_value(value)?;
        let customers = self.state.customers();
        let customer = customers.root(customer);
        if customers
            .record(customer)
            .is_some_and(|known| known.value != value)
        {
            self.tell(
                None,
                Event::CustomerValued {
                    customer,
                    value,
                    by,
                },
            );
        }
        Ok(Done::Ok)
    }

    // What goes on ends first, so that nothing personal is needed any more.
    fn erase_customer(
        &mut self,
        customer: CustomerId,
        by: Author,
        reason: String,
    ) -> Result<Done, Refusal> {
        check_reason(&reason)?;
        let customers = self.state.customers();
        let root = customers.root(customer);
        let records = customers.family(root);
        let theirs = |id: &InteractionId| {
            let found = self.state.interaction(*id);
            found.is_some_and(|found| records.contains(&found.customer))
        };
        let live: Vec<_> = self.state.in_order().into_iter().filter(theirs).collect();
        for id in live {
            self.cancel_all(id, &by);
            self.end_everything(id, CauseKind::Normal, "the customer's data are erased");
        }
        let mut traces = Traces::default();
        for record in records
            .iter()
            .filter_map(|id| self.state.customers().record(*id))
        {
            traces.follow(record, &self.setup.numbering);
        }
        // What is said of it stays for good, without them.
        let reason = traces.cover(&reason);
        self.outlive(root);
        self.tell(
            None,
            Event::CustomerErased {
                customer: root,
                records,
                by,
                reason,
            },
        );
        Ok(Done::Ok)
    }
}

fn check_reason(reason: &str) -> Result<(), Refusal> {
    check_written("reason", reason, REASON)?;
    Lines::Many.check("reason", reason)
}

fn check_value(value: u8) -> Result<(), Refusal> {
    if value > MOST_VALUE {
        return refuse(
            Code::OutOfRange,
            format!("a customer's value is from 0 to {MOST_VALUE}, not {value}"),
        );
    }
    Ok(())
}
