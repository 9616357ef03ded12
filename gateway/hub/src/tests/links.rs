//! Interactions that turn out to be one matter.

use ws::{frame::Code, id::CustomerId};

use super::*;
use crate::{
    customer::{
        Order as CustomerOrder,
        archive::{Archive, Remembered, Want},
    },
    link::Order,
};

/// An archive that knows whose sealed interactions were.
#[derive(Debug)]
struct Owners(Vec<(InteractionId, CustomerId)>);

impl Archive for Owners {
    fn recall(&mut self, _: &[Want]) -> Vec<Remembered> {
        Vec::new()
    }

    fn owner(&mut self, interaction: InteractionId) -> Option<CustomerId> {
        let found = self.0.iter().find(|(id, _)| *id == interaction);
        found.map(|(_, owner)| *owner)
    }
}

fn link(floor: &mut Floor, interaction: InteractionId, order: Order) -> Result<Done, Refusal> {
    floor.ask(Input::Link {
        interaction,
        order,
        by: Actor::Api,
        re: RE,
    })
}

fn merge(other: InteractionId) -> Order {
    Order::Merge {
        other,
        reason: "the same boots".to_owned(),
    }
}

fn unmerge() -> Order {
    Order::Unmerge {
        reason: "other boots".to_owned(),
    }
}

/// Three calls from one number, which is one customer's.
fn calls(floor: &mut Floor) -> [InteractionId; 3] {
    [1, 2, 3].map(|n| floor.call(n, "+4930100"))
}

#[test]
fn a_merge_of_matters_is_a_fact_with_who_and_why_and_so_is_its_undoing() {
    let mut floor = Floor::open(house(1, 6));
    let [a, b, c] = calls(&mut floor);

    link(&mut floor, a, merge(b)).unwrap();
    // Whoever names a part means the whole.
    link(&mut floor, b, merge(c)).unwrap();

    let links = floor.hub.state().links();
    assert_eq!([a, b, c].map(|id| links.root(id)), [a, a, a]);
    let again = link(&mut floor, c, merge(b)).unwrap_err();
    assert_eq!(again.code, Code::Conflict);
    let itself = link(&mut floor, a, merge(a)).unwrap_err();
    assert_eq!(itself.code, Code::Conflict);
    link(&mut floor, b, unmerge()).unwrap();
    let links = floor.hub.state().links();
    assert_eq!([a, b, c].map(|id| links.root(id)), [a, b, a]);
    assert_eq!(
        link(&mut floor, b, unmerge()).unwrap_err().code,
        Code::Conflict
    );
    let told: Vec<_> = floor
        .facts
        .iter()
        .filter(|fact| {
            matches!(
                fact.event,
                Event::InteractionsMerged { .. } | Event::InteractionsUnmerged { .. }
            )
        })
        .collect();
    assert_eq!(told.len(), 3);
    assert!(told.iter().all(|fact| fact.interaction.is_none()));
    floor.crash();
    assert_eq!(floor.hub.state().links().root(c), a);
}

#[test]
fn matters_of_two_customers_are_not_one_until_the_customers_are() {
    let mut floor = Floor::open(house(1, 6));
    let (a, b) = (floor.call(1, "+4930100"), floor.call(2, "+4930200"));

    let refused = link(&mut floor, a, merge(b)).unwrap_err();

    assert_eq!(refused.code, Code::Conflict);
    assert!(refused.text.contains("merge the customers"), "{refused:?}");
    let (kept, other) = (floor.of(a).customer, floor.of(b).customer);
    floor
        .ask(Input::Customer {
            customer: kept,
            order: CustomerOrder::Merge {
                other,
                reason: "one person".to_owned(),
            },
            by: Actor::Api,
            re: RE,
        })
        .unwrap();
    link(&mut floor, a, merge(b)).unwrap();
}

#[test]
fn what_is_sealed_is_merged_by_what_the_archive_knows_of_it() {
    let mut floor = Floor::open(house(1, 6));
    let a = floor.call(1, "+4930100");
    let customer = floor.of(a).customer;
    floor.ended(leg(a, 1), CauseKind::Cancelled);
    assert!(floor.hub.state().interaction(a).is_none(), "sealed");
    let b = floor.call(2, "+4930100");
    let gone = link(&mut floor, b, merge(a)).unwrap_err();
    assert_eq!(gone.code, Code::NotFound, "nobody knows of it");

    floor.hub.use_archive(Box::new(Owners(vec![(a, customer)])));
    link(&mut floor, b, merge(a)).unwrap();

    assert_eq!(floor.hub.state().links().into(a), Some(b));
    let nothing = InteractionId::new(77).unwrap();
    let refused = link(&mut floor, nothing, unmerge()).unwrap_err();
    assert_eq!(refused.code, Code::NotFound);
}

#[test]
fn a_call_that_names_a_merged_interaction_joins_the_one_it_is_part_of() {
    let mut floor = Floor::open(house(1, 6));
    let (a, b) = (floor.chat(1), floor.chat(2));
    let (kept, other) = (floor.of(a).customer, floor.of(b).customer);
    let reason = "one person".to_owned();
    floor
        .ask(Input::Customer {
            customer: kept,
            order: CustomerOrder::Merge { other, reason },
            by: Actor::Api,
            re: RE,
        })
        .unwrap();
    link(&mut floor, a, merge(b)).unwrap();

    let named = Arrival {
        claims: vec![b],
        ..arrival(7, "+4930300", "support")
    };
    floor.tell(Input::CallArrived(named));

    let legs = |id| floor.of(id).legs.len();
    assert!(floor.of(a).call.is_some(), "it joined what it is part of");
    assert!(floor.of(b).call.is_none());
    assert!(legs(a) > legs(b));
}

#[test]
fn a_visitor_says_nothing_of_which_matters_are_one() {
    let mut floor = Floor::open(house(1, 6));
    let [a, b, _] = calls(&mut floor);

    let refused = floor.ask(Input::Link {
        interaction: a,
        order: merge(b),
        by: Actor::Visitor(VisitorId::new(1).unwrap()),
        re: RE,
    });

    assert_eq!(refused.unwrap_err().code, Code::Forbidden);
    let long = Order::Merge {
        other: b,
        reason: "x".repeat(201),
    };
    let refused = link(&mut floor, a, long);
    assert_eq!(refused.unwrap_err().code, Code::OutOfRange);
}
