//! Known records of people: found by number, by mail and by signed identity, never merged on an unproved word.

use std::collections::{BTreeMap, VecDeque};

use ws::{
    agent::{Channel, Earlier},
    id::{AgentId, CustomerId, InteractionId, Number, Timestamp, VisitorId},
};

use crate::{ids::ByRandomId, input::Introduction};

/// All known people.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Customers {
    customers: ByRandomId<CustomerId, Box<Customer>>,
    by_number: BTreeMap<Number, CustomerId>,
    by_mail: BTreeMap<String, CustomerId>,
    by_visitor: ByRandomId<VisitorId, CustomerId>,
    by_subject: BTreeMap<String, CustomerId>,
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
    /// Sealed interactions, newest first, at most 10.
    pub earlier: VecDeque<Earlier>,
    /// Who served them last.
    pub familiar: Option<AgentId>,
}

/// How many earlier interactions are kept.
const EARLIER: usize = 10;

/// What a `CustomerKnown` fact tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Known {
    pub(crate) name: Option<String>,
    pub(crate) number: Option<Number>,
    pub(crate) mail: Option<String>,
    pub(crate) visitor: Option<VisitorId>,
    pub(crate) verified: Option<String>,
}

impl Customers {
    /// Returns a record.
    pub fn get(&self, customer: CustomerId) -> Option<&Customer> {
        self.customers.get(&customer).map(Box::as_ref)
    }

    /// Finds whose number this is.
    pub fn by_number(&self, number: &Number) -> Option<CustomerId> {
        self.by_number.get(number).copied()
    }

    /// Finds who a visitor is. A mail address counts only when it comes with a signed identity, and a record that
    /// belongs to another identity is never taken.
    pub fn by_introduction(&self, who: &Introduction) -> Option<CustomerId> {
        let visitor = self.by_visitor.get(&who.visitor).copied();
        let Some(subject) = &who.verified else {
            // An unsigned visitor goes on as the record they made, unless that was proved to be somebody's.
            return visitor.filter(|&id| self.subject(id).is_none());
        };
        let mail = || self.by_mail.get(who.mail.as_ref()?).copied();
        let free = |&id: &CustomerId| self.subject(id).is_none_or(|owner| owner == subject);
        self.by_subject
            .get(subject)
            .copied()
            .or_else(|| mail().filter(free))
            .or_else(|| visitor.filter(free))
    }

    fn subject(&self, customer: CustomerId) -> Option<&String> {
        self.customers.get(&customer)?.verified.as_ref()
    }

    pub(crate) fn know(&mut self, id: CustomerId, known: &Known) {
        let customer = self.customers.entry(id).or_default();
        keep(&mut customer.name, &known.name);
        keep(&mut customer.number, &known.number);
        keep(&mut customer.mail, &known.mail);
        keep(&mut customer.verified, &known.verified);
        if let Some(number) = &known.number {
            self.by_number.entry(number.clone()).or_insert(id);
        }
        if let Some(visitor) = known.visitor {
            self.by_visitor.insert(visitor, id);
        }
        if let Some(subject) = &known.verified {
            self.by_subject.insert(subject.clone(), id);
        }
        if let (Some(mail), Some(_)) = (&known.mail, &customer.verified) {
            self.by_mail.insert(mail.clone(), id);
        }
    }

    pub(crate) fn seal(
        &mut self,
        id: CustomerId,
        interaction: InteractionId,
        at: Timestamp,
        channel: Channel,
        end: (&str, Option<&AgentId>),
    ) {
        let customer = self.customers.entry(id).or_default();
        customer.earlier.truncate(EARLIER - 1);
        customer.earlier.push_front(Earlier {
            interaction,
            at,
            channel,
            outcome: end.0.to_owned(),
        });
        if let Some(agent) = end.1 {
            customer.familiar = Some(agent.clone());
        }
    }
}

fn keep<T: Clone>(kept: &mut Option<T>, new: &Option<T>) {
    if new.is_some() {
        kept.clone_from(new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visitor(n: u128, mail: Option<&str>, verified: Option<&str>) -> Introduction {
        Introduction {
            visitor: VisitorId::new(n).unwrap(),
            zone: "shop".parse().unwrap(),
            name: None,
            mail: mail.map(str::to_owned),
            verified: verified.map(str::to_owned),
            page: None,
        }
    }

    fn known(who: &Introduction) -> Known {
        Known {
            mail: who.mail.clone(),
            visitor: Some(who.visitor),
            verified: who.verified.clone(),
            ..Known::default()
        }
    }

    #[test]
    fn an_unverified_mail_address_finds_nobody() {
        let mut customers = Customers::default();
        let (ida, mallory) = (
            visitor(1, Some("ida@x.example"), Some("ida")),
            visitor(2, Some("ida@x.example"), None),
        );
        customers.know(CustomerId::new(1).unwrap(), &known(&ida));

        assert_eq!(customers.by_introduction(&mallory), None);
        customers.know(CustomerId::new(2).unwrap(), &known(&mallory));

        let elsewhere = visitor(3, Some("ida@x.example"), Some("ida"));
        assert_eq!(customers.by_introduction(&elsewhere), CustomerId::new(1));
    }

    #[test]
    fn a_visitor_is_the_same_person_again_but_not_under_another_signed_identity() {
        let mut customers = Customers::default();
        customers.know(CustomerId::new(1).unwrap(), &known(&visitor(1, None, None)));

        assert_eq!(
            customers.by_introduction(&visitor(1, None, None)),
            CustomerId::new(1)
        );
        let signed = visitor(1, None, Some("ida"));
        assert_eq!(customers.by_introduction(&signed), CustomerId::new(1));
        customers.know(CustomerId::new(1).unwrap(), &known(&signed));

        assert_eq!(
            customers.by_introduction(&visitor(1, None, Some("bo"))),
            None
        );
        assert_eq!(customers.by_introduction(&visitor(1, None, None)), None);
    }

    #[test]
    fn ten_earlier_interactions_are_kept_newest_first() {
        let mut customers = Customers::default();
        let id = CustomerId::new(1).unwrap();

        for n in 1..=12 {
            customers.seal(
                id,
                InteractionId::new(n).unwrap(),
                Timestamp(0),
                Channel::Chat,
                ("served", None),
            );
        }

        let earlier = &customers.get(id).unwrap().earlier;
        assert_eq!((earlier.len(), earlier[0].interaction.number()), (10, 12));
    }
}
