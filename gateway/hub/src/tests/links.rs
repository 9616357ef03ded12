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

    fn has_written(&mut self, _: ws::id::VisitorId, _: &Mid) -> bool {
        false
    }
}

fn link(floor: &mut Floor, interaction: InteractionId, order: Order) -> Result<Done, Refusal> {
    floor.ask(Input::Link {
        interaction,
        order,
        by: Actor::TANDEM,
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
            by: Actor::TANDEM,
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
            by: Actor::TANDEM,
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

fn open_to(floor: &Floor, to: &str) -> Vec<ws::id::CallbackId> {
    floor.hub.state().callbacks_to(&number(to)).collect()
}

#[test]
fn what_is_promised_in_a_merged_matter_is_called_once_in_the_one_that_stays() {
    let mut floor = Floor::open(house(1, 6));
    let (kept, _) = (floor.call(1, "+4930100"), floor.seconds(1));
    floor.accept(&agent(0), kept);
    let merged = floor.promise(1, "+4930100");
    assert_eq!(floor.offered(merged), None, "the agent is in a call");

    link(&mut floor, kept, merge(merged)).unwrap();

    assert!(floor.hub.state().interaction(merged).is_none(), "sealed");
    let outcome = floor.events(merged).into_iter().find_map(|e| match e {
        Event::Sealed { outcome, .. } => Some(outcome.clone()),
        _ => None,
    });
    assert_eq!(outcome.as_deref(), Some("merged"));
    let open = open_to(&floor, "+4930100");
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].interaction, kept);
    // It rings once: the customer spoke with the agent already.
    floor.answered(leg(kept, 2));
    floor.answered(leg(kept, 1));
    floor.ended(leg(kept, 1), CauseKind::Normal);
    floor.seconds(600);
    let attempts = floor.facts.iter();
    let attempts = attempts.filter(|f| matches!(f.event, Event::CallbackAttempted { .. }));
    assert_eq!(attempts.count(), 0, "the promise was kept by the call");
}

#[test]
fn two_promises_to_one_number_become_one_at_the_earlier_time() {
    let mut floor = Floor::empty(house(1, 6));
    let now = floor.now;
    let mut promised = |n: u128, minutes: u64, owner| {
        let interaction = InteractionId::new(6_000 + n).unwrap();
        let wish = ws::callback::Wish {
            owner,
            ..Default::default()
        };
        floor
            .ask(Input::AskCallback {
                interaction,
                queue: Some("support".parse().unwrap()),
                by: Actor::TANDEM,
                number: number("+4930100"),
                at: Some(now + Duration::from_secs(minutes * 60)),
                wish,
                re: RE,
            })
            .unwrap();
        interaction
    };
    let (kept, merged) = (promised(1, 90, None), promised(2, 30, Some(agent(0))));

    link(&mut floor, kept, merge(merged)).unwrap();

    let open = open_to(&floor, "+4930100");
    assert_eq!(open.len(), 1);
    let promise = floor.of(kept).callback(open[0]).unwrap();
    assert_eq!(promise.due, now + Duration::from_secs(30 * 60));
    floor.crash();
    assert_eq!(open_to(&floor, "+4930100").len(), 1);
}

#[test]
fn an_attempt_that_goes_on_is_finished_where_it_is_and_the_next_is_made_where_the_matter_is() {
    let mut floor = Floor::open(house(1, 6));
    let merged = floor.promise(1, "+4930100");
    floor.accept(&agent(0), merged);
    let kept = InteractionId::new(6_000).unwrap();
    let own = ws::callback::Wish {
        owner: Some(agent(0)),
        ..Default::default()
    };
    floor
        .ask(Input::AskCallback {
            interaction: kept,
            queue: Some("support".parse().unwrap()),
            by: Actor::TANDEM,
            number: number("+4930100"),
            at: None,
            wish: own,
            re: RE,
        })
        .unwrap();

    link(&mut floor, kept, merge(merged)).unwrap();

    assert!(floor.of(merged).call.is_some(), "it rings on");
    floor.ended(leg(merged, 1), CauseKind::Busy);
    assert_eq!(open_to(&floor, "+4930100")[0].interaction, kept);
    assert_eq!(open_to(&floor, "+4930100").len(), 1);
}

#[test]
fn a_moved_promise_keeps_what_was_tried() {
    let mut floor = Floor::open(house(1, 6));
    let merged = floor.promise(1, "+4930100");
    floor.accept(&agent(0), merged);
    floor.ended(leg(merged, 1), CauseKind::Busy);
    let kept = floor.call(1, "+4930200");
    let customers = [merged, kept].map(|id| floor.of(id).customer);
    floor
        .ask(Input::Customer {
            customer: customers[1],
            order: CustomerOrder::Merge {
                other: customers[0],
                reason: "one person".to_owned(),
            },
            by: Actor::TANDEM,
            re: RE,
        })
        .unwrap();

    link(&mut floor, kept, merge(merged)).unwrap();

    let open = open_to(&floor, "+4930100");
    let promise = floor.of(kept).callback(open[0]).unwrap();
    assert_eq!((promise.attempts, promise.failed[&CauseKind::Busy]), (1, 1));
}

/// An archive in which every visitor wrote everything before.
#[derive(Debug)]
struct Written;

impl Archive for Written {
    fn recall(&mut self, _: &[Want]) -> Vec<Remembered> {
        Vec::new()
    }

    fn owner(&mut self, _: InteractionId) -> Option<CustomerId> {
        None
    }

    fn has_written(&mut self, _: ws::id::VisitorId, _: &Mid) -> bool {
        true
    }
}

#[test]
fn an_opening_of_a_chat_that_only_the_archive_knows_begins_no_other() {
    let mut floor = Floor::open(house(1, 6));
    floor.hub.use_archive(Box::new(Written));
    let first = floor.chat(1);
    floor.accept(&agent(0), first);
    floor.end(first, Actor::Visitor(visitor(1).visitor));
    floor.seconds(600);
    assert!(floor.hub.state().interaction(first).is_none(), "sealed");

    let again = floor.ask(Input::OpenChat {
        candidate: InteractionId::new(77).unwrap(),
        who: visitor(1),
        mid: mid("first"),
        text: "hello".into(),
        re: RE,
    });

    assert_eq!(again.unwrap_err().code, Code::Conflict);
}
