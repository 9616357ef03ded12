use super::*;
use crate::{
    command::{Program, Target},
    event::{Candidate, OfferEnd, Verdict},
};

#[test]
fn a_call_rings_while_an_agent_is_asked_and_both_hear_each_other_when_both_answered() {
    let mut floor = Floor::open(house(1, 6));

    let id = floor.call(1, "+4930100");
    let (caller, phone) = (leg(id, 1), leg(id, 2));
    assert_eq!(
        floor.told()[1..],
        [
            Command::Adopt {
                call: 1,
                leg: caller
            },
            Command::Ring { leg: caller }
        ][1..]
    );
    floor.accept(&agent(0), id);
    assert!(matches!(
        &floor.told()[..],
        [Command::Dial { leg, to: Target::Phone(to), caller: Some(from), .. }]
            if *leg == phone && *to == agent(0) && *from == number("+4930100")
    ));
    floor.answered(phone);
    assert_eq!(floor.told(), [Command::Answer { leg: caller }]);
    floor.answered(caller);

    assert_eq!(
        floor.told(),
        [Command::Bridge {
            a: caller,
            b: phone
        }]
    );
}

#[test]
fn pain_6_whoever_hangs_up_the_other_is_released_and_wrap_up_and_seal_follow() {
    for first in [1, 2] {
        let mut floor = Floor::open(house(1, 6));
        let id = floor.call(1, "+4930100");
        floor.accept(&agent(0), id);
        floor.answered(leg(id, 2));
        floor.answered(leg(id, 1));
        floor.told();

        floor.ended(leg(id, first), CauseKind::Normal);

        let other = leg(id, 3 - first);
        let told = floor.told();
        assert!(
            matches!(&told[..], [Command::Release { leg, .. }] if *leg == other),
            "{told:?}"
        );
        floor.ended(other, CauseKind::Normal);
        floor.ended(other, CauseKind::Normal);
        assert_eq!(floor.told(), [], "the end is told once");
        assert!(floor.of(id).assignment.as_ref().unwrap().wrap_up.is_some());
        floor.seconds(120);
        assert!(floor.hub.state().interaction(id).is_none());
        assert_eq!(floor.count(id, |e| matches!(e, Event::Sealed { .. })), 1);
    }
}

#[test]
fn with_nobody_free_a_caller_hears_the_place_and_is_served_in_order() {
    let mut floor = Floor::empty(house(1, 6));
    let first = floor.call(1, "+4930100");
    let second = floor.call(2, "+4930200");
    let caller = leg(second, 1);
    let position = 2;
    assert_eq!(
        floor.told().last(),
        Some(&Command::Queued {
            leg: caller,
            position
        })
    );
    floor.seconds(1);
    let told = floor.told();
    for leg in [leg(first, 1), caller] {
        assert!(told.contains(&Command::Answer { leg }), "{told:?}");
    }
    floor.answered(leg(first, 1));
    floor.answered(caller);
    let program = Program::Waiting {
        position: 2,
        callback: false,
        minutes: None,
    };
    assert_eq!(
        floor.told()[1],
        Command::Play {
            leg: caller,
            program
        }
    );

    floor.arrive(&agent(0));
    floor.accept(&agent(0), first);
    floor.told();
    floor.seconds(10);

    let program = Program::Waiting {
        position: 1,
        callback: false,
        minutes: None,
    };
    assert_eq!(
        floor.told(),
        [Command::Play {
            leg: caller,
            program
        }]
    );
    assert_eq!(floor.offered(second), None);
}

#[test]
fn an_accepted_waiting_caller_hears_ring_back_until_the_phone_is_answered() {
    let mut floor = Floor::empty(house(1, 6));
    let id = floor.call(1, "+4930100");
    floor.answered(leg(id, 1));
    floor.arrive(&agent(0));
    floor.told();

    floor.accept(&agent(0), id);
    let waits = Command::Await {
        leg: leg(id, 1),
        of: leg(id, 2),
    };
    assert_eq!(floor.told()[1], waits);
    floor.answered(leg(id, 2));

    let bridge = Command::Bridge {
        a: leg(id, 1),
        b: leg(id, 2),
    };
    assert_eq!(floor.told(), [bridge]);
}

#[test]
fn when_the_agents_phone_fails_the_call_goes_to_the_next_agent_in_its_old_place() {
    let mut floor = Floor::open(house(2, 6));
    let id = floor.call(1, "+4930100");
    let key = floor.of(id).entry.clone().unwrap().key;
    let first = floor.accept_any(id);

    floor.ended(leg(id, 2), CauseKind::Busy);

    let failed = |e: &Event| {
        matches!(
            e,
            Event::OfferEnded {
                end: OfferEnd::PhoneFailed,
                ..
            }
        )
    };
    assert_eq!(floor.count(id, failed), 1);
    assert_eq!(floor.of(id).entry.clone().unwrap().key, key);
    assert_ne!(floor.offered(id), Some(first.clone()));
    let calls = &floor.hub.state().agents().get(&first).unwrap().calls;
    assert!(calls.is_empty());
}

#[test]
fn a_phone_that_the_house_had_no_room_to_call_is_no_miss_of_its_agent() {
    let mut setup = house(1, 6);
    setup.spans.misses = 1;
    let mut floor = Floor::open(setup);
    let id = floor.call(1, "+4930100");
    floor.accept(&agent(0), id);

    floor.ended(leg(id, 2), CauseKind::Interrupted);

    let ends = |end: crate::event::OfferEnd| move |e: &Event| matches!(e, Event::OfferEnded { end: one, .. } if *one == end);
    assert_eq!(
        floor.count(id, ends(crate::event::OfferEnd::Interrupted)),
        1
    );
    assert_eq!(
        floor.count(id, ends(crate::event::OfferEnd::PhoneFailed)),
        0
    );
    let known = floor.hub.state().agents().get(&agent(0)).unwrap();
    assert_eq!(known.misses, 0);
    assert_eq!(known.presence, Presence::Ready);
    assert!(floor.of(id).entry.is_some(), "the caller waits again");
}

#[test]
fn who_could_not_be_called_for_want_of_room_is_left_in_peace_with_that_call_and_the_next_is_asked()
{
    for agents in [1, 2] {
        let mut floor = Floor::open(house(agents, 6));
        let id = floor.call(1, "+4930100");
        let first = floor.accept_any(id);
        let offers = |floor: &Floor| floor.count(id, |e| matches!(e, Event::Offered { .. }));

        floor.ended(leg(id, 2), CauseKind::Interrupted);

        let others = floor.offered(id);
        assert_eq!(others.is_some(), agents > 1);
        assert_ne!(others.as_ref(), Some(&first));
        if others.is_some() {
            floor.accept_any(id);
            floor.ended(leg(id, 3), CauseKind::Interrupted);
        }
        assert_eq!(floor.offered(id), None, "nobody at once again");
        assert_eq!(offers(&floor), agents);
        let why = floor.hub.explain(id, floor.now).unwrap().candidates;
        let rests = |one: &Candidate| one.verdict == Verdict::NotCalled;
        assert!(why.iter().all(rests), "{why:?}");
        floor.wait(floor.hub.setup().spans.offer);
        assert_eq!(floor.offered(id), Some(first.clone()), "in the same order");
        let known = floor.hub.state().agents().get(&first).unwrap();
        assert_eq!(known.misses, 0);
    }
}

#[test]
fn a_caller_who_hung_up_before_anybody_was_heard_was_abandoned_not_served() {
    for phone_failed in [false, true] {
        let mut floor = Floor::open(house(1, 6));
        let id = floor.call(1, "+4930100");
        floor.accept(&agent(0), id);
        if phone_failed {
            floor.ended(leg(id, 2), CauseKind::Busy);
        }

        floor.ended(leg(id, 1), CauseKind::Cancelled);
        floor.ended(leg(id, 2), CauseKind::Cancelled);

        let abandoned =
            |e: &Event| matches!(e, Event::Sealed { outcome, .. } if outcome == "abandoned");
        assert_eq!(floor.count(id, abandoned), 1, "{phone_failed}");
    }
}

#[test]
fn a_phone_that_rings_for_too_long_has_failed_and_its_late_answer_changes_nothing() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.call(1, "+4930100");
    floor.accept(&agent(0), id);
    floor.told();

    floor.seconds(30);
    let told = floor.told();
    assert!(
        told.iter()
            .any(|c| matches!(c, Command::Release { leg: l, .. } if *l == leg(id, 2)))
    );
    floor.answered(leg(id, 2));
    floor.ended(leg(id, 2), CauseKind::Normal);

    assert!(floor.of(id).assignment.is_none());
    assert_eq!(floor.hub.state().position(id), Some(1));
    assert_eq!(floor.count(id, |e| matches!(e, Event::Bridged { .. })), 0);
}

#[test]
fn pain_1_a_caller_who_gives_up_at_any_moment_leaves_nothing_behind() {
    for moment in 0..4 {
        let mut floor = Floor::open(house(1, 6));
        let id = floor.call(1, "+4930100");
        if moment > 0 {
            floor.accept(&agent(0), id);
        }
        if moment > 1 {
            floor.answered(leg(id, 2));
        }
        if moment > 2 {
            floor.ended(leg(id, 2), CauseKind::Normal);
        }

        floor.ended(leg(id, 1), CauseKind::Cancelled);
        floor.ended(leg(id, 2), CauseKind::Normal);

        assert!(
            floor.hub.state().interaction(id).is_none(),
            "moment {moment}"
        );
        let known = floor.hub.state().agents().get(&agent(0)).unwrap();
        assert!(known.holds().is_empty(), "moment {moment}");
    }
}

#[test]
fn what_cannot_be_taken_is_refused_in_words() {
    let mut setup = house(0, 1);
    setup.queues.values_mut().for_each(|queue| queue.limit = 1);
    let mut floor = Floor::empty(setup);
    let refused = |floor: &mut Floor, n: u128, to: &str| {
        floor.tell(Input::CallArrived(arrival(n, "+4930100", to)));
        match floor.told().pop() {
            Some(Command::Refuse { call, status, .. }) if u128::from(call) == n => Some(status),
            _ => None,
        }
    };

    assert_eq!(refused(&mut floor, 1, "nobody"), Some(404));
    assert_eq!(refused(&mut floor, 2, "support"), None);
    assert_eq!(refused(&mut floor, 3, "support"), Some(486));
    floor.tell(Input::Drain);
    assert_eq!(refused(&mut floor, 4, "support"), Some(503));
}

#[test]
fn a_call_to_an_agent_by_name_waits_for_that_agent_first() {
    let mut floor = Floor::open(house(3, 6));

    floor.tell(Input::CallArrived(arrival(1, "+4930100", "a2")));

    assert_eq!(
        floor.offered(InteractionId::new(2_001).unwrap()),
        Some(agent(2))
    );
}

#[test]
fn pain_8_a_released_leg_that_never_tells_its_end_is_mended() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.call(1, "+4930100");
    floor.accept(&agent(0), id);
    floor.answered(leg(id, 2));
    floor.answered(leg(id, 1));
    floor.ended(leg(id, 1), CauseKind::Normal);

    floor.seconds(200);

    assert_eq!(floor.count(id, |e| matches!(e, Event::Mended { .. })), 1);
    assert!(floor.hub.state().interaction(id).is_none());
}

#[test]
fn silence_on_one_side_of_a_bridge_is_noted_once() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.call(1, "+4930100");
    floor.accept(&agent(0), id);
    floor.answered(leg(id, 2));
    floor.answered(leg(id, 1));
    floor.tell(Input::Leg(LegNews::Flowing { leg: leg(id, 1) }));

    floor.seconds(60);

    let silent = |e: &Event| matches!(e, Event::OneWayAudio { leg } if leg.n == 2);
    assert_eq!(floor.count(id, silent), 1);
    assert_eq!(
        floor.count(id, |e| matches!(e, Event::OneWayAudio { .. })),
        1
    );
    assert!(floor.of(id).call.is_some(), "the call goes on");
}

#[test]
fn a_claimed_call_joins_the_chat_it_belongs_to_and_rings_its_agent() {
    let mut floor = Floor::open(house(2, 6));
    let chat = floor.chat(1);
    let holder = floor.accept_any(chat);
    let mut claimed = arrival(1, "+4930100", "support");
    claimed.claims = vec![InteractionId::new(404).unwrap(), chat];

    floor.tell(Input::CallArrived(claimed));

    assert_eq!(floor.offered(chat), Some(holder.clone()));
    floor.accept(&holder, chat);
    floor.answered(leg(chat, 4));
    floor.answered(leg(chat, 3));
    assert_eq!(floor.count(chat, |e| matches!(e, Event::Bridged { .. })), 1);
    floor.ended(leg(chat, 3), CauseKind::Normal);
    assert!(floor.of(chat).chat, "the chat goes on");
}

#[test]
fn a_claimed_call_whose_agent_has_no_phone_begins_anew_and_is_served_by_others() {
    let mut floor = Floor::open(house(2, 6));
    let chat = floor.chat(1);
    let holder = floor.accept_any(chat);
    floor.tell(Input::PhoneGone {
        agent: holder.clone(),
    });
    let mut claimed = arrival(1, "+4930100", "support");
    claimed.claims = vec![chat];

    floor.tell(Input::CallArrived(claimed));

    let anew = InteractionId::new(2_001).unwrap();
    assert!(floor.offered(anew).is_some_and(|agent| agent != holder));
}

#[test]
fn who_is_moved_while_they_wait_is_told_their_place_and_hears_the_phone_ring() {
    let mut floor = Floor::empty(house(1, 6));
    let id = floor.call(1, "+4930100");
    floor.seconds(2);
    floor.answered(leg(id, 1));
    let place = |leg| Command::Play {
        leg,
        program: Program::Waiting {
            position: 1,
            callback: false,
            minutes: None,
        },
    };
    assert!(floor.told().contains(&place(leg(id, 1))));

    let new = floor.replaced(leg(id, 1));

    assert!(floor.told().contains(&place(new)));
    floor.arrive(&agent(0));
    floor.accept_any(id);
    let phone = leg(id, 3);
    let waits = |leg| Command::Await { leg, of: phone };
    assert!(floor.told().contains(&waits(new)));
    let last = floor.replaced(new);
    let told = floor.told();
    assert!(told.contains(&waits(last)), "{told:?}");
    floor.answered(phone);
    let bridge = Command::Bridge { a: last, b: phone };
    assert!(floor.told().contains(&bridge));
    floor.crash();
}

#[test]
fn who_is_moved_while_they_wait_keeps_the_place_though_the_old_leg_ends_first() {
    let mut floor = Floor::empty(house(1, 6));
    let id = floor.call(1, "+4930100");
    floor.seconds(2);
    floor.answered(leg(id, 1));
    let entry = floor.of(id).entry.clone();
    let new = floor.replacing(leg(id, 1));

    floor.told();
    floor.ended(leg(id, 1), CauseKind::Normal);
    assert_eq!(floor.told(), [], "it is being answered");
    floor.answered(new);

    let told = floor.told();
    let place = |command: &Command| matches!(command, Command::Play { leg, program: Program::Waiting { .. } } if *leg == new);
    assert!(told.iter().any(place), "{told:?}");
    assert_eq!(floor.of(id).entry, entry);
    floor.crash();
}
