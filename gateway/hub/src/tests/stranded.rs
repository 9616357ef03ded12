//! Queues that are taken out of the configuration while somebody waits in them.

use ws::{board::Hold, callback::Wish};

use super::*;
use crate::{
    command::Program,
    event::Why,
    policy::{Instead, Rule},
    stranded::Stranded,
};

fn without_the_queue(floor: &mut Floor) -> Setup {
    let before = floor.hub.setup().clone();
    let mut setup = before.clone();
    setup.queues.clear();
    floor.tell(Input::Configure(Box::new(setup)));
    before
}

fn turned_away(floor: &Floor, id: InteractionId) -> bool {
    let away = |event: &Event| {
        let Event::Diverted { rule, to, .. } = event else {
            return false;
        };
        (*rule, to.clone()) == (Rule::Unstaffed, Instead::Busy)
    };
    floor.count(id, away) == 1
}

#[test]
fn what_waits_in_a_queue_that_is_taken_out_is_listed_and_served_once_it_is_back() {
    let mut floor = Floor::empty(house(1, 6));
    let (chat, promise) = (floor.chat(1), floor.promise(3, "+4930300"));
    assert_eq!(floor.hub.stranded(), []);
    assert!(!floor.hub.explain(chat, floor.now).unwrap().queue_unknown);

    let before = without_the_queue(&mut floor);
    floor.arrive(&agent(0));
    floor.seconds(600);

    let queue: ws::id::QueueId = "support".parse().unwrap();
    let held = Stranded {
        queue: queue.clone(),
        waiting: floor.hub.state().queues().length(&queue),
        promised: 1,
    };
    assert!(held.waiting > 0, "{held:?}");
    assert_eq!(floor.hub.stranded(), [held]);
    assert_eq!(floor.hub.queues_in_use(), [&queue].into());
    let told = floor.hub.explain(chat, floor.now).unwrap();
    assert!(told.queue_unknown && told.next.is_none() && told.candidates.is_empty());
    assert_eq!(floor.hub.why_held(floor.of(chat)), Some(Hold::QueueUnknown));
    assert_eq!(floor.offered(chat), None);
    assert!(!turned_away(&floor, chat), "what is written waits");
    assert!(floor.of(promise).has_open_callback());

    floor.crash();
    assert_eq!(floor.hub.stranded().len(), 1, "a start finds it too");
    floor.tell(Input::Configure(Box::new(before)));
    floor.arrive(&agent(0));

    assert_eq!(floor.hub.stranded(), []);
    assert_eq!(floor.offered(chat), Some(agent(0)));
    floor.crash();
}

fn promised(floor: &mut Floor, at: u64, wish: Wish) -> InteractionId {
    let interaction = InteractionId::new(6_000).unwrap();
    let at = Some(floor.now + Duration::from_secs(at));
    let ask = Input::AskCallback {
        interaction,
        queue: Some("support".parse().unwrap()),
        by: Actor::TANDEM,
        number: number("+4930300"),
        at,
        wish,
        re: RE,
    };
    floor.ask(ask).unwrap();
    interaction
}

#[test]
fn a_promise_for_later_keeps_the_queue_that_is_taken_out_in_sight_and_waits_there_once_due() {
    let mut floor = Floor::empty(house(1, 6));
    let promise = promised(&mut floor, 3_600, Wish::default());
    floor.arrive(&agent(0));
    let before = without_the_queue(&mut floor);

    let queue: ws::id::QueueId = "support".parse().unwrap();
    let held = |waiting| Stranded {
        queue: queue.clone(),
        waiting,
        promised: 1,
    };
    assert_eq!(floor.hub.stranded(), [held(0)]);
    assert_eq!(floor.hub.queues_in_use(), [&queue].into());
    assert_eq!(floor.hub.promised(), [(&queue, 1)].into());

    floor.seconds(3_600 + 600);
    assert_eq!(
        floor.hub.stranded(),
        [held(1)],
        "it is due, and nobody serves it"
    );
    assert!(floor.of(promise).has_open_callback());
    assert_eq!(floor.offered(promise), None);
    floor.crash();
    assert_eq!(floor.hub.stranded(), [held(1)]);

    floor.tell(Input::Configure(Box::new(before)));
    floor.arrive(&agent(0));
    assert_eq!(floor.offered(promise), Some(agent(0)));
    assert_eq!(floor.hub.stranded(), []);
}

#[test]
fn an_owned_promise_goes_to_its_owner_though_its_queue_is_taken_out_however_late_they_come() {
    let mut floor = Floor::empty(house(2, 6));
    let owner = Some(agent(1));
    let wish = Wish {
        owner,
        ..Wish::default()
    };
    let promise = promised(&mut floor, 3_600, wish);
    without_the_queue(&mut floor);
    floor.arrive(&agent(0));

    floor.seconds(3_600 + 40_000);
    assert_eq!(floor.offered(promise), None, "it is not the other's");
    assert_eq!(
        floor.hub.why_held(floor.of(promise)),
        None,
        "it waits for its owner"
    );
    floor.arrive(&agent(1));

    assert_eq!(floor.offered(promise), Some(agent(1)));
    assert_eq!(floor.hub.why_held(floor.of(promise)), None);
    let why = floor.count(
        promise,
        |event| matches!(event, Event::Offered { route, .. } if route.why == Why::Owner),
    );
    assert_eq!(why, 1);
}

#[test]
fn a_caller_in_a_queue_that_is_taken_out_is_told_after_two_minutes_that_nobody_comes() {
    let mut floor = Floor::empty(house(1, 6));
    let id = floor.call(1, "+4930100");
    floor.seconds(60);
    floor.answered(leg(id, 1));

    without_the_queue(&mut floor);
    floor.seconds(119);
    assert!(!turned_away(&floor, id));
    assert!(floor.hub.explain(id, floor.now).unwrap().queue_unknown);
    floor.told();
    floor.seconds(1);

    assert!(turned_away(&floor, id));
    let sorry = |command: &Command| matches!(command, Command::Play { program, .. } if *program == Program::Sorry);
    assert!(floor.told().iter().any(sorry));
    assert_eq!(floor.hub.stranded(), []);
    floor.crash();
}

#[test]
fn a_caller_whom_the_queue_had_promised_a_way_out_before_is_told_too() {
    let mut setup = house(1, 6);
    for queue in setup.queues.values_mut() {
        queue.policy.instead = [(Rule::Unstaffed, vec![Instead::Callback])].into();
    }
    let mut floor = Floor::empty(setup);
    let id = floor.call(1, "+4930100");
    let ruled = |event: &Event| {
        matches!(
            event,
            Event::Diverted {
                rule: Rule::Unstaffed,
                ..
            }
        )
    };
    assert_eq!(floor.count(id, ruled), 1, "it waits by the rule already");

    without_the_queue(&mut floor);
    floor.seconds(121);

    assert!(turned_away(&floor, id));
    floor.seconds(600);
    assert!(turned_away(&floor, id), "once");
}

#[test]
fn a_caller_is_served_whose_queue_is_back_before_that() {
    let mut floor = Floor::empty(house(1, 6));
    let id = floor.call(1, "+4930100");
    let before = without_the_queue(&mut floor);
    floor.seconds(100);

    floor.tell(Input::Configure(Box::new(before)));
    floor.seconds(100);
    floor.arrive(&agent(0));

    assert!(!turned_away(&floor, id));
    assert_eq!(floor.offered(id), Some(agent(0)));
}
