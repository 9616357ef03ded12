use super::*;

fn queue() -> ws::id::QueueId {
    "support".parse().unwrap()
}

/// A caller talks to an agent and hangs up; the wrap-up is finished with a word and a mark.
fn served(
    floor: &mut Floor,
    n: u128,
    from: &str,
    disposition: &str,
    solved: Option<bool>,
) -> InteractionId {
    let id = floor.call(n, from);
    let agent = floor.accept_any(id);
    floor.answered(leg(id, 2));
    floor.answered(leg(id, 1));
    floor.ended(leg(id, 1), CauseKind::Normal);
    floor.ended(leg(id, 2), CauseKind::Normal);
    floor
        .ask(Input::WrapUp {
            agent,
            interaction: id,
            disposition: Some(disposition.to_owned()),
            note: None,
            solved,
            re: RE,
        })
        .unwrap();
    id
}

fn repeats(floor: &Floor, id: InteractionId) -> Vec<InteractionId> {
    let events = floor.events(id).into_iter();
    let earlier = events.filter_map(|event| match event {
        Event::RepeatOf { earlier, .. } => Some(*earlier),
        _ => None,
    });
    earlier.collect()
}

fn days(n: u64) -> Duration {
    Duration::from_secs(n * 86_400)
}

fn settled(floor: &Floor) -> crate::matter::Tally {
    let window = floor.hub.setup().spans.repeat;
    let matters = floor.hub.state().matters();
    matters.resolution(&queue(), window, floor.now).settled
}

#[test]
fn a_customer_who_calls_again_within_the_window_repeats_the_last_contact() {
    let mut floor = Floor::open(house(1, 6));
    let first = served(&mut floor, 1, "+4930100", "refund", Some(true));
    let other = served(&mut floor, 2, "+4930200", "refund", None);
    floor.wait(days(3));
    floor.arrive(&agent(0));

    let second = served(&mut floor, 3, "+4930100", "refund", None);
    let third = served(&mut floor, 4, "+4930100", "refund", None);

    assert_eq!(repeats(&floor, other), []);
    assert_eq!(repeats(&floor, second), [first]);
    assert_eq!(repeats(&floor, third), [second]);
    assert_eq!(settled(&floor).served, 0, "no window is past");
    floor.wait(days(30));
    let settled = settled(&floor);
    assert_eq!(
        (settled.served, settled.repeated, settled.solved),
        (4, 2, 1)
    );
    assert_eq!(settled.resolved(), Some(0.5));
}

#[test]
fn after_the_window_it_is_a_new_matter() {
    let mut floor = Floor::open(house(1, 6));
    served(&mut floor, 1, "+4930100", "refund", None);
    floor.wait(days(7) + Duration::from_secs(1));
    floor.arrive(&agent(0));

    let second = served(&mut floor, 2, "+4930100", "refund", None);

    assert_eq!(repeats(&floor, second), []);
}

#[test]
fn another_queue_repeats_only_with_the_same_disposition() {
    let mut setup = house(1, 6);
    let sales: ws::id::QueueId = "sales".parse().unwrap();
    setup
        .queues
        .insert(sales.clone(), setup.queues[&queue()].clone());
    setup.agents.get_mut(&agent(0)).unwrap().queues.push(sales);
    let mut floor = Floor::open(setup);
    let first = served(&mut floor, 1, "+4930100", "refund", None);
    let mut again = |n: u128, disposition: &str| {
        floor.tell(Input::CallArrived(arrival(n, "+4930100", "sales")));
        let id = InteractionId::new(2_000 + n).unwrap();
        let who = floor.accept_any(id);
        floor.answered(leg(id, 2));
        floor.answered(leg(id, 1));
        floor.ended(leg(id, 1), CauseKind::Normal);
        floor.ended(leg(id, 2), CauseKind::Normal);
        floor
            .ask(Input::WrapUp {
                agent: who,
                interaction: id,
                disposition: Some(disposition.to_owned()),
                note: None,
                solved: None,
                re: RE,
            })
            .unwrap();
        repeats(&floor, id)
    };

    assert_eq!(again(2, "refund"), [first]);
    // The same queue as the one before, whatever its word.
    assert_eq!(again(3, "an order"), [InteractionId::new(2_002).unwrap()]);
}

#[test]
fn a_customer_who_comes_while_the_last_contact_is_wrapped_up_repeats_it() {
    let mut floor = Floor::open(house(2, 6));
    let first = floor.call(1, "+4930100");
    floor.accept_any(first);
    floor.answered(leg(first, 2));
    floor.answered(leg(first, 1));
    floor.ended(leg(first, 1), CauseKind::Normal);
    assert!(floor.of(first).assignment.is_some(), "not sealed yet");

    let second = floor.call(2, "+4930100");

    assert_eq!(repeats(&floor, second), [first]);
    assert!(floor.of(first).repeated);
    floor.ended(leg(first, 2), CauseKind::Normal);
    floor.seconds(130);
    let tally = floor.hub.state().matters().since(&queue(), Timestamp(0));
    assert_eq!((tally.served, tally.repeated), (1, 1));
}

#[test]
fn who_met_nobody_left_no_matter_to_repeat() {
    let mut floor = Floor::empty(house(1, 6));
    let first = floor.call(1, "+4930100");
    floor.ended(leg(first, 1), CauseKind::Cancelled);
    floor.arrive(&agent(0));

    let second = served(&mut floor, 2, "+4930100", "refund", None);

    assert_eq!(repeats(&floor, second), []);
    assert_eq!(
        floor
            .hub
            .state()
            .matters()
            .since(&queue(), Timestamp(0))
            .served,
        1
    );
}

#[test]
fn who_was_merged_repeats_what_either_record_came_with() {
    let mut floor = Floor::open(house(1, 6));
    let first = served(&mut floor, 1, "+4930100", "refund", None);
    let second = served(&mut floor, 2, "+4930200", "refund", None);
    assert_eq!(repeats(&floor, second), [], "they are two customers");
    let of = |id: InteractionId| {
        let mut facts = floor
            .facts
            .iter()
            .filter(|fact| fact.interaction == Some(id));
        facts.find_map(|fact| match &fact.event {
            Event::Opened { customer, .. } => Some(*customer),
            _ => None,
        })
    };
    let (kept, other) = (of(first).unwrap(), of(second).unwrap());
    let reason = "one person with two phones".to_owned();
    floor
        .ask(Input::Customer {
            customer: kept,
            order: crate::customer::Order::Merge { other, reason },
            by: Actor::TANDEM,
            re: RE,
        })
        .unwrap();

    let third = served(&mut floor, 3, "+4930100", "refund", None);

    assert_eq!(repeats(&floor, third), [second]);
    floor.wait(days(40));
    assert_eq!(settled(&floor).repeated, 1);
    floor.crash();
    assert_eq!(settled(&floor).repeated, 1);
}

#[test]
fn what_agents_said_of_the_contacts_of_who_was_erased_is_not_kept() {
    let mut floor = Floor::open(house(1, 6));
    let first = served(&mut floor, 1, "+4930100", "a secret of Ida", None);
    let customer = floor.facts.iter().find_map(|fact| match &fact.event {
        Event::Opened { customer, .. } if fact.interaction == Some(first) => Some(*customer),
        _ => None,
    });
    let kept = |floor: &Floor| format!("{:?}", floor.hub.state().matters()).contains("Ida");
    assert!(kept(&floor));

    floor
        .ask(Input::Customer {
            customer: customer.unwrap(),
            order: crate::customer::Order::Erase {
                reason: "asked for by mail".to_owned(),
            },
            by: Actor::TANDEM,
            re: RE,
        })
        .unwrap();

    assert!(!kept(&floor));
    floor.crash();
    assert!(!kept(&floor));
}
