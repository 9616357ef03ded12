//! What a step of the clock leaves as it was, and what goes by the new time.

use super::*;
use crate::{
    event::{Event, OfferEnd},
    policy::{Instead, Rule},
    setup::Relax,
};

const HOURS: Duration = Duration::from_secs(2 * 3_600);

fn expired(floor: &Floor, id: InteractionId) -> usize {
    let over = |event: &Event| {
        matches!(
            event,
            Event::OfferEnded {
                end: OfferEnd::Expired,
                ..
            }
        )
    };
    floor.count(id, over)
}

#[test]
fn an_offer_has_the_time_left_that_it_had() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.chat(1);
    let offer = floor.hub.setup().spans.offer;
    assert!(floor.offered(id).is_some());
    floor.wait(offer / 2);

    for _ in 0..2 {
        floor.step(HOURS);
        assert_eq!(expired(&floor, id), 0);
    }
    let left = floor
        .of(id)
        .offer
        .as_ref()
        .unwrap()
        .deadline
        .since(floor.now);
    assert_eq!(left, offer / 2, "and is told so");
    floor.wait(left.saturating_sub(Duration::from_millis(1)));
    assert_eq!(expired(&floor, id), 0);
    floor.wait(Duration::from_millis(1));

    assert_eq!(expired(&floor, id), 1);
}

#[test]
fn what_is_offered_after_a_step_has_the_usual_time() {
    let mut floor = Floor::open(house(1, 6));
    let first = floor.chat(1);
    let offer = floor.hub.setup().spans.offer;
    floor.wait(offer / 2);
    floor.step(Duration::from_secs(3));
    floor.accept_any(first);

    let second = floor.chat(2);
    floor.wait(offer.saturating_sub(Duration::from_millis(1)));
    assert_eq!(expired(&floor, second), 0);
    floor.wait(Duration::from_millis(1));

    assert_eq!(expired(&floor, second), 1);
}

#[test]
fn a_phone_rings_on_and_a_wrap_up_goes_on_and_may_be_made_longer() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.call(1, "+4930100");
    let anna = floor.accept_any(id);
    floor.seconds(1);
    floor.step(HOURS);
    assert!(floor.of(id).leg(leg(id, 2)).unwrap().is_live(), "it rings");
    floor.answered(leg(id, 2));
    floor.answered(leg(id, 1));
    floor.ended(leg(id, 1), CauseKind::Normal);
    floor.ended(leg(id, 2), CauseKind::Normal);
    let left = |floor: &Floor| {
        let stay = floor.of(id).assignment.as_ref().unwrap();
        stay.wrap_up.unwrap().since(floor.now)
    };
    let usual = left(&floor);

    floor.step(HOURS);

    assert_eq!(left(&floor), usual);
    let more = floor.ask(Input::ExtendWrapUp {
        agent: anna,
        interaction: id,
        by: Duration::from_secs(10),
        re: RE,
    });
    assert_eq!(more, Ok(Done::Ok));
    assert_eq!(left(&floor), usual + Duration::from_secs(10));
}

#[test]
fn who_lost_their_socket_has_the_grace_that_was_left() {
    let mut floor = Floor::open(house(1, 6));
    let grace = floor.hub.setup().spans.grace;
    let id = floor.chat(1);
    let anna = floor.accept_any(id);
    floor.tell(Input::ConsoleClosed {
        agent: anna.clone(),
        socket: 1,
    });
    floor.wait(grace / 2);

    floor.step(HOURS);
    assert!(floor.of(id).is_with(&anna));
    floor.wait(grace / 2 + Duration::from_millis(1));

    assert!(!floor.of(id).is_with(&anna));
}

/// A house in which who waits a minute is turned away, and nobody is there.
fn patient() -> Setup {
    let mut setup = house(1, 6);
    for queue in setup.queues.values_mut() {
        queue.policy.longest_wait = Some(Duration::from_secs(60));
        let busy = vec![Instead::Busy];
        queue.policy.instead.insert(Rule::Late, busy);
    }
    setup
}

fn is_turned_away(floor: &Floor, id: InteractionId) -> bool {
    let late = |e: &Event| matches!(e, Event::Diverted { .. });
    floor.count(id, late) > 0
}

#[test]
fn who_waits_has_waited_as_long_as_before_a_step_also_after_a_restart() {
    for restarts in [false, true] {
        let mut floor = Floor::empty(patient());
        let id = floor.chat(1);
        floor.seconds(20);

        floor.step(HOURS);
        if restarts {
            floor.crash();
            let visitor = VisitorId::new(1).unwrap();
            floor.tell(Input::WidgetOpened { visitor, socket: 2 });
        }

        assert!(!is_turned_away(&floor, id));
        let entry = floor.of(id).entry.as_ref().unwrap();
        let waited = Duration::from_secs(20);
        assert_eq!(floor.now.since(entry.key.since), waited, "and is shown so");
        floor.wait(Duration::from_millis(39_999));
        assert!(!is_turned_away(&floor, id));
        floor.wait(Duration::from_millis(1));
        assert!(is_turned_away(&floor, id), "restarts {restarts}");
    }
}

#[test]
fn who_waits_while_the_time_goes_slower_waits_no_longer_for_it() {
    let mut floor = Floor::empty(patient());
    let id = floor.chat(1);

    floor.slow(Duration::from_secs(59));
    assert!(!is_turned_away(&floor, id));
    floor.slow(Duration::from_secs(1));

    assert!(is_turned_away(&floor, id));
}

#[test]
fn an_offer_stands_no_longer_while_the_time_goes_slower() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.chat(1);
    let offer = floor.hub.setup().spans.offer;

    floor.slow(offer.saturating_sub(Duration::from_secs(1)));
    assert_eq!(expired(&floor, id), 0);
    floor.slow(Duration::from_secs(1));

    assert_eq!(expired(&floor, id), 1);
}

#[test]
fn a_step_waives_no_skill() {
    let mut setup = house(1, 6);
    let german: ws::id::Skill = "german".parse().unwrap();
    for queue in setup.queues.values_mut() {
        queue.skills = [(german.clone(), 5)].into();
        queue.relax = vec![Relax {
            after: Duration::from_secs(30),
            skill: german.clone(),
            level: 0,
        }];
    }
    let mut floor = Floor::open(setup);
    let id = floor.chat(1);
    floor.seconds(10);

    floor.step(HOURS);

    assert_eq!(floor.offered(id), None);
    floor.seconds(19);
    assert_eq!(floor.offered(id), None);
    floor.seconds(1);
    assert!(floor.offered(id).is_some());
}

#[test]
fn who_waits_for_one_agent_waits_for_them_as_long_as_before() {
    let mut setup = house(2, 6);
    setup.own.wait = Duration::from_secs(120);
    let mut floor = Floor::open(setup);
    let other = floor.call(9, "+4930900");
    let busy = floor.accept_any(other);
    floor.answered(leg(other, 2));
    floor.answered(leg(other, 1));
    floor.tell(Input::CallArrived(arrival(1, "+4930100", busy.as_str())));
    let id = InteractionId::new(2_001).unwrap();
    assert_eq!(floor.offered(id), None);
    floor.seconds(20);

    floor.step(HOURS);

    assert_eq!(floor.offered(id), None);
    floor.seconds(99);
    assert_eq!(floor.offered(id), None);
    floor.seconds(1);
    assert!(floor.offered(id).is_some(), "others serve them then");
}

#[test]
fn who_came_before_a_step_is_no_further_in_front_of_who_has_a_lead() {
    let mut setup = house(1, 6);
    setup.worth.zone = Duration::from_secs(60);
    let mut vip = ZoneSetup::of("support".parse().unwrap());
    vip.priority = 2;
    setup.zones.insert("vip".parse().unwrap(), vip);
    let mut floor = Floor::empty(setup);
    let first = floor.chat(1);
    floor.step(HOURS);
    let second = InteractionId::new(1_002).unwrap();
    let who = Introduction {
        zone: "vip".parse().unwrap(),
        ..visitor(2)
    };
    floor
        .ask(Input::OpenChat {
            candidate: second,
            who,
            mid: mid("first"),
            text: "hello".into(),
            re: RE,
        })
        .unwrap();

    let places = [first, second].map(|id| floor.hub.state().position(id));

    assert_eq!(places, [Some(2), Some(1)]);
}

#[test]
fn what_came_of_a_wait_is_told_by_what_passed() {
    let mut floor = Floor::empty(house(1, 6));
    let id = floor.chat(1);
    floor.seconds(20);
    floor.step(HOURS);
    floor.arrive(&agent(0));
    floor.accept(&agent(0), id);

    let ended = floor.facts.iter().find_map(|fact| match &fact.event {
        Event::WaitEnded { came, .. } => Some(fact.at.since(*came)),
        _ => None,
    });
    assert_eq!(ended, Some(Duration::from_secs(20)));
}

#[test]
fn a_wrap_up_and_a_silence_last_as_long_as_before_also_after_a_restart() {
    for wraps in [true, false] {
        let mut floor = Floor::open(house(1, 6));
        let id = floor.chat(1);
        let anna = floor.accept_any(id);
        floor.says(&anna, id, "good day").unwrap();
        let span = match wraps {
            true => floor.hub.setup().spans.wrap_up_chat,
            false => floor.hub.setup().spans.idle_chat,
        };
        if wraps {
            floor.end(id, Actor::Agent(anna.clone()));
        }
        let holds = |floor: &Floor| {
            let found = floor.hub.state().interaction(id);
            found.is_some_and(|found| found.assignment.is_some() && found.chat != wraps)
        };
        floor.seconds(1);

        floor.step(HOURS);
        floor.crash();
        let (agent, visitor) = (anna.clone(), VisitorId::new(1).unwrap());
        floor.tell(Input::ConsoleOpened { agent, socket: 2 });
        floor.tell(Input::WidgetOpened { visitor, socket: 3 });

        assert!(holds(&floor), "wraps {wraps}");
        floor.wait(span.saturating_sub(Duration::from_millis(1_001)));
        assert!(holds(&floor), "wraps {wraps}");
        floor.wait(Duration::from_millis(1));
        assert!(!holds(&floor), "wraps {wraps}");
    }
}

#[test]
fn a_promise_is_due_by_the_new_time() {
    let mut floor = Floor::open(house(1, 6));
    let at = floor.now + HOURS;
    let id = floor.promise_at(1, "+4930100", Some(at));
    assert_eq!(floor.offered(id), None);

    floor.step(HOURS);

    assert!(floor.offered(id).is_some());
}

#[test]
fn an_invitation_and_a_question_end_once_while_the_time_goes_slower() {
    let mut floor = Floor::open(house(2, 6));
    let id = floor.chat(1);
    let first = floor.accept_any(id);
    let second = agent(usize::from(first == agent(0)));
    let wish = crate::input::Wish::Invite {
        agent: second,
        note: None,
    };
    ask(&mut floor, id, &first, wish).unwrap();
    let offer = floor.hub.setup().spans.offer;
    let asked = |floor: &Floor| floor.of(id).room.invited.len();

    floor.slow(offer.saturating_sub(Duration::from_secs(1)));
    assert_eq!(asked(&floor), 1);
    floor.slow(Duration::from_secs(1));

    assert_eq!(asked(&floor), 0);
}

#[test]
fn nothing_ends_for_its_age_by_a_step_and_no_promise_by_a_time_that_went_slower() {
    let mut floor = Floor::empty(house(1, 6));
    let longest = floor.hub.setup().spans.longest;
    let chat = floor.chat(1);
    let promise = floor.promise(9, "+4930200");
    let mended = |floor: &Floor, id| floor.count(id, |e| matches!(e, Event::Mended { .. }));
    floor.step(longest * 2);
    assert_eq!((mended(&floor, chat), mended(&floor, promise)), (0, 0));

    floor.wait(longest.saturating_sub(Duration::from_secs(1)));
    assert_eq!(mended(&floor, chat), 0);
    floor.wait(Duration::from_secs(1));
    assert_eq!(mended(&floor, chat), 1);

    let later = floor.now + longest * 3;
    let kept = floor.promise_at(1, "+4930100", Some(later));
    floor.jump(Jump::behind(longest * 4));
    assert_eq!(mended(&floor, kept), 0);
}

#[test]
fn an_agent_spends_a_jump_with_nothing() {
    let mut floor = Floor::open(house(1, 6));
    floor.seconds(10);

    floor.step(HOURS);
    floor.seconds(5);

    let spent = floor.hub.times().today(&agent(0), floor.now);
    let ready = ws::board::Activity::Ready;
    assert_eq!(spent[&ready], 15_000);
}

#[test]
fn many_small_steps_are_as_one() {
    let mut floor = Floor::empty(patient());
    let id = floor.chat(1);

    for _ in 0..59 {
        floor.seconds(1);
        floor.step(Duration::from_secs(3));
    }
    assert!(!is_turned_away(&floor, id));
    floor.seconds(1);

    assert!(is_turned_away(&floor, id));
}
