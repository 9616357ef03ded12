//! What queues do with those they cannot serve, or not in time.

use std::sync::Arc;

use ws::id::QueueId;

use super::*;
use crate::{
    command::Program,
    hours::Hours,
    policy::{Instead, Rule},
};

fn support() -> QueueId {
    "support".parse().unwrap()
}

fn to(queue: &str) -> Instead {
    Instead::Queue {
        queue: queue.parse().unwrap(),
    }
}

/// A house whose queue `support` follows these rules, with queues `backup` and `third` that `a1` serves alone.
fn ruled(agents: usize, rules: &[(Rule, &[Instead])]) -> Setup {
    let mut setup = house(agents, 6);
    for name in ["backup", "third"] {
        let queue: QueueId = name.parse().unwrap();
        setup.queues.insert(queue.clone(), QueueSetup::default());
        if let Some(second) = setup.agents.get_mut(&agent(1)) {
            second.queues = vec!["backup".parse().unwrap(), "third".parse().unwrap()];
        }
    }
    let policy = &mut setup.queues.get_mut(&support()).unwrap().policy;
    for (rule, instead) in rules {
        policy.instead.insert(*rule, instead.to_vec());
    }
    setup
}

/// Closed at 1970-01-01 00:16:40, where the clock of the tests begins; opens at 09:00.
fn office() -> Option<Arc<Hours>> {
    let week = std::array::from_fn(|_| vec!["09:00-17:00".parse().unwrap()]);
    Some(Arc::new(Hours::new("UTC", week, Vec::new()).unwrap()))
}

const NINE: Timestamp = Timestamp(9 * 3_600_000);

fn closed(mut setup: Setup) -> Setup {
    setup.queues.get_mut(&support()).unwrap().hours = office();
    setup
}

fn diverted(floor: &Floor, id: InteractionId) -> Vec<(Rule, Instead)> {
    let events = floor.events(id).into_iter();
    events
        .filter_map(|event| match event {
            Event::Diverted { rule, to, .. } => Some((*rule, to.clone())),
            _ => None,
        })
        .collect()
}

fn waits_in(floor: &Floor, id: InteractionId) -> String {
    let entry = floor.of(id).entry.as_ref().expect("it waits");
    entry.queue.to_string()
}

#[test]
fn a_chat_outside_the_hours_is_a_message_that_is_offered_when_the_queue_opens() {
    let mut floor = Floor::open(closed(ruled(1, &[])));

    let id = floor.chat(1);

    assert_eq!(
        floor.offered(id),
        None,
        "closed, although an agent is there"
    );
    assert_eq!(diverted(&floor, id), [(Rule::Closed, Instead::Message)]);
    assert_eq!(floor.of(id).message, Some(floor.now));
    let told = floor
        .facts
        .iter()
        .find(|fact| matches!(fact.event, Event::Diverted { .. }));
    assert!(told.unwrap().seq.is_some(), "the visitor is told");

    floor.wait(NINE.since(floor.now) - Duration::from_millis(1));
    assert_eq!(floor.offered(id), None);
    floor.wait(Duration::from_millis(1));
    assert_eq!(floor.offered(id), Some(agent(0)));
}

#[test]
fn who_left_a_message_may_leave_the_page() {
    let mut floor = Floor::open(closed(ruled(1, &[])));
    let visitor = visitor(1).visitor;
    floor.tell(Input::WidgetOpened { visitor, socket: 1 });
    let id = floor.chat(1);

    floor.tell(Input::WidgetClosed {
        visitor,
        socket: 1,
        went: true,
    });
    floor.wait(NINE.since(floor.now));

    assert_eq!(floor.offered(id), Some(agent(0)));
    floor.accept(&agent(0), id);
    assert!(floor.of(id).chat, "the agent may still answer");
}

#[test]
fn a_message_survives_a_crash_and_a_reload_that_opens_the_queue_offers_it() {
    let mut floor = Floor::open(closed(ruled(1, &[])));
    let id = floor.chat(1);

    floor.crash();
    floor.arrive(&agent(0));
    assert_eq!(floor.offered(id), None);
    let mut open = floor.hub.setup().clone();
    open.queues.get_mut(&support()).unwrap().hours = None;
    floor.tell(Input::Configure(Box::new(open)));

    assert_eq!(floor.offered(id), Some(agent(0)));
}

#[test]
fn a_caller_outside_the_hours_hears_so_and_the_call_ends() {
    let mut floor = Floor::open(closed(ruled(1, &[])));

    let id = floor.call(1, "+4930100");
    let customer = leg(id, 1);
    assert!(floor.told().contains(&Command::Answer { leg: customer }));
    floor.answered(customer);
    let program = Program::Closed;
    let play = Command::Play {
        leg: customer,
        program,
    };
    assert!(floor.told().contains(&play));
    floor.seconds(7);

    let released = floor.told();
    assert!(
        matches!(released[..], [Command::Release { leg, .. }] if leg == customer),
        "{released:?}"
    );
    floor.ended(customer, CauseKind::NoAnswer);
    let outcome = floor.events(id).into_iter().find_map(|event| match event {
        Event::Sealed { outcome, .. } => Some(outcome.as_str()),
        _ => None,
    });
    assert_eq!(outcome, Some("turned away"));
    assert_eq!(floor.count(id, |e| matches!(e, Event::Offered { .. })), 0);
}

#[test]
fn a_closed_queue_that_is_busy_refuses_the_call_and_says_when_to_call_again() {
    let rules: &[(Rule, &[Instead])] = &[(Rule::Closed, &[Instead::Busy])];
    let mut floor = Floor::open(closed(ruled(1, rules)));

    floor.tell(Input::CallArrived(arrival(1, "+4930100", "support")));

    let seconds = u32::try_from(NINE.since(floor.now).as_secs()).unwrap();
    let told = floor.told();
    assert!(
        matches!(&told[..], [Command::Refuse { call: 1, status: 480, retry_after: Some(after), .. }] if *after == seconds),
        "{told:?}"
    );
    let last = &floor.facts.last().unwrap().event;
    assert!(matches!(
        last,
        Event::TurnedAway {
            rule: Rule::Closed,
            ..
        }
    ));
    assert_eq!(floor.hub.state().interactions().len(), 0);
}

// What is refused as `unavailable` is sent again every few seconds.
#[test]
fn a_chat_with_a_closed_or_deserted_queue_that_is_busy_is_refused_for_good() {
    for rule in [Rule::Closed, Rule::Unstaffed] {
        let rules: &[(Rule, &[Instead])] = &[(rule, &[Instead::Busy])];
        let mut floor = Floor::empty(match rule {
            Rule::Closed => closed(ruled(1, rules)),
            _ => ruled(1, rules),
        });

        let refused = floor.ask(Input::OpenChat {
            candidate: InteractionId::new(77).unwrap(),
            who: visitor(2),
            mid: mid("first"),
            text: "hello".into(),
            re: RE,
        });

        assert_eq!(refused.unwrap_err().code, ws::frame::Code::Conflict);
        assert_eq!(floor.hub.state().interactions().len(), 0);
    }
}

#[test]
fn a_full_queue_is_busy_for_calls_and_full_for_chats() {
    let mut setup = ruled(0, &[]);
    setup.queues.get_mut(&support()).unwrap().limit = 1;
    let mut floor = Floor::open(setup);
    floor.chat(1);

    floor.tell(Input::CallArrived(arrival(1, "+4930100", "support")));
    let refused = floor.ask(Input::OpenChat {
        candidate: InteractionId::new(77).unwrap(),
        who: visitor(2),
        mid: mid("first"),
        text: "hello".into(),
        re: RE,
    });

    let told = floor.told();
    assert!(
        matches!(told[..], [Command::Refuse { status: 486, .. }]),
        "{told:?}"
    );
    assert_eq!(refused.unwrap_err().code, ws::frame::Code::Full);
    let away = |fact: &&Fact| {
        matches!(
            fact.event,
            Event::TurnedAway {
                rule: Rule::Full,
                ..
            }
        )
    };
    assert_eq!(floor.facts.iter().filter(away).count(), 2);
}

#[test]
fn a_chat_that_is_turned_away_and_asks_again_by_itself_is_one_fact() {
    let rules: &[(Rule, &[Instead])] = &[(Rule::Full, &[Instead::Busy])];
    let mut setup = ruled(0, rules);
    setup.queues.get_mut(&support()).unwrap().limit = 1;
    let mut floor = Floor::open(setup);
    floor.chat(1);
    let knock = |floor: &mut Floor, n: u64, text: &str| {
        let refused = floor.ask(Input::OpenChat {
            candidate: InteractionId::new(77 + u128::from(n)).unwrap(),
            who: visitor(2),
            mid: mid(text),
            text: "hello".into(),
            re: RE,
        });
        assert_eq!(refused.unwrap_err().code, ws::frame::Code::Full);
    };
    let away = |floor: &Floor| {
        let away = |fact: &&Fact| matches!(fact.event, Event::TurnedAway { .. });
        floor.facts.iter().filter(away).count()
    };

    for n in 0..20 {
        knock(&mut floor, n, "first");
        floor.wait(Duration::from_secs(2));
    }
    assert_eq!(away(&floor), 1);

    knock(&mut floor, 20, "second");
    assert_eq!(away(&floor), 2, "what is written anew is another attempt");
}

#[test]
fn a_full_queue_overflows_to_another_that_has_room() {
    let rules: &[(Rule, &[Instead])] = &[(Rule::Full, &[to("backup"), Instead::Busy])];
    let mut setup = ruled(2, rules);
    setup.queues.get_mut(&support()).unwrap().limit = 1;
    let mut floor = Floor::empty(setup);
    floor.arrive(&agent(1));
    floor.chat(1);

    let second = floor.chat(2);

    assert_eq!(diverted(&floor, second), [(Rule::Full, to("backup"))]);
    assert_eq!(waits_in(&floor, second), "backup");
    assert_eq!(floor.offered(second), Some(agent(1)));
}

#[test]
fn who_waited_too_long_goes_to_another_queue_and_takes_the_time_along_or_not() {
    for keep in [true, false] {
        let mut setup = ruled(2, &[(Rule::Late, &[to("backup")])]);
        let policy = &mut setup.queues.get_mut(&support()).unwrap().policy;
        policy.longest_wait = Some(Duration::from_secs(60));
        policy.keep_place = keep;
        let mut floor = Floor::empty(setup);
        floor.arrive(&agent(1));
        let id = floor.chat(1);
        let came = floor.now;

        floor.seconds(59);
        assert_eq!(waits_in(&floor, id), "support");
        floor.seconds(1);

        assert_eq!(waits_in(&floor, id), "backup");
        let since = floor.of(id).entry.as_ref().unwrap().key.since;
        assert_eq!(since, if keep { came } else { floor.now });
        assert_eq!(floor.offered(id), Some(agent(1)));
    }
}

#[test]
fn overflow_never_goes_round() {
    let late: &[Instead] = &[to("backup"), to("third"), to("support")];
    let mut setup = ruled(2, &[]);
    for queue in setup.queues.values_mut() {
        queue.policy.longest_wait = Some(Duration::from_secs(10));
        queue.policy.instead.insert(Rule::Late, late.to_vec());
    }
    let mut floor = Floor::open(setup);
    for agent in [agent(0), agent(1)] {
        let presence = Presence::Away { reason: "x".into() };
        let re = RE;
        floor
            .ask(Input::SetPresence {
                agent,
                presence,
                re,
            })
            .unwrap();
    }
    let id = floor.chat(1);

    floor.seconds(600);

    let went = diverted(&floor, id);
    let expected = [
        (Rule::Late, to("backup")),
        (Rule::Late, to("third")),
        (Rule::Late, Instead::Wait),
    ];
    assert_eq!(went, expected);
    assert_eq!(waits_in(&floor, id), "third");
}

#[test]
fn a_queue_that_cannot_take_them_either_is_passed_over() {
    let rules: &[(Rule, &[Instead])] = &[(
        Rule::Unstaffed,
        &[to("backup"), to("third"), Instead::Message],
    )];
    let mut setup = ruled(2, rules);
    setup
        .queues
        .get_mut(&"backup".parse().unwrap())
        .unwrap()
        .hours = office();
    let mut floor = Floor::empty(setup);
    floor.arrive(&agent(1));

    let id = floor.chat(1);

    assert_eq!(waits_in(&floor, id), "third", "backup is closed");
}

#[test]
fn when_the_last_agent_leaves_those_who_wait_are_served_elsewhere() {
    let rules: &[(Rule, &[Instead])] = &[(Rule::Unstaffed, &[to("backup")])];
    let mut floor = Floor::open(ruled(2, rules));
    let presence = Presence::Away {
        reason: "lunch".into(),
    };
    floor
        .ask(Input::SetPresence {
            agent: agent(0),
            presence,
            re: RE,
        })
        .unwrap();
    let id = floor.chat(1);
    assert_eq!(
        waits_in(&floor, id),
        "support",
        "an agent who is away comes back"
    );

    floor.tell(Input::ConsoleClosed {
        agent: agent(0),
        socket: 1,
    });
    floor.seconds(31);

    assert_eq!(floor.offered(id), Some(agent(1)));
    assert_eq!(diverted(&floor, id), [(Rule::Unstaffed, to("backup"))]);
}

#[test]
fn whoever_is_sent_to_another_queue_is_not_served_by_the_place_they_had_in_theirs() {
    let rules: &[(Rule, &[Instead])] = &[(Rule::Unstaffed, &[to("backup")])];
    let mut setup = ruled(2, rules);
    setup.queues.get_mut(&support()).unwrap().priority = 9;
    for agent in setup.agents.values_mut() {
        agent.chat_slots = ChatSlots::try_from(1).unwrap();
    }
    let mut floor = Floor::open(setup);
    let longer = floor.chat(2);
    floor
        .ask(Input::Decline {
            agent: agent(0),
            interaction: longer,
            re: RE,
        })
        .unwrap();
    floor.seconds(1);
    let shorter = floor.chat(1);
    floor.accept(&agent(0), shorter);

    // Both lose the queue's only agent in one step, and the one who was with the agent enters its line first.
    floor.tell(Input::ConsoleClosed {
        agent: agent(0),
        socket: 1,
    });
    floor.seconds(31);

    assert_eq!(waits_in(&floor, longer), "backup");
    assert_eq!(waits_in(&floor, shorter), "backup");
    assert_eq!(floor.offered(longer), Some(agent(1)));
    assert_eq!(floor.offered(shorter), None);
}

#[test]
fn after_a_restart_nobody_is_sent_away_because_consoles_are_not_back_yet() {
    let rules: &[(Rule, &[Instead])] = &[(Rule::Unstaffed, &[Instead::Busy])];
    let mut floor = Floor::open(ruled(1, rules));
    let ids: Vec<_> = (1..=7).map(|n| floor.chat(n)).collect();

    floor.crash();

    assert_eq!(diverted(&floor, ids[6]), []);
    assert!(floor.of(ids[6]).chat);
}

#[test]
fn a_farewell_of_the_house_s_own_is_heard_to_its_end() {
    for ends in [true, false] {
        let mut setup = closed(ruled(1, &[]));
        let long = Duration::from_secs(20);
        setup.lengths.insert("closed".into(), long);
        let mut floor = Floor::open(setup);
        let id = floor.call(1, "+4930100");
        let customer = leg(id, 1);
        floor.answered(customer);
        floor.told();

        floor.seconds(19);
        assert_eq!(floor.told(), []);
        match ends {
            true => floor.heard(customer),
            // A media plane that tells nothing does not keep the caller.
            false => floor.seconds(8),
        }

        let released = floor.told();
        assert!(
            matches!(released[..], [Command::Release { leg, .. }] if leg == customer),
            "{released:?}"
        );
        floor.heard(customer);
        assert_eq!(floor.told(), [], "it ends once");
    }
}

#[test]
fn a_caller_who_waited_too_long_hears_that_nobody_can_take_the_call() {
    let mut setup = ruled(0, &[(Rule::Late, &[Instead::Busy])]);
    let policy = &mut setup.queues.get_mut(&support()).unwrap().policy;
    policy.longest_wait = Some(Duration::from_secs(60));
    let mut floor = Floor::open(setup);
    let id = floor.call(1, "+4930100");
    floor.seconds(2);
    floor.answered(leg(id, 1));
    floor.tell(Input::Leg(LegNews::Flowing { leg: leg(id, 1) }));
    floor.told();

    floor.seconds(58);

    let program = Program::Sorry;
    let play = Command::Play {
        leg: leg(id, 1),
        program,
    };
    assert!(floor.told().contains(&play));
    floor.seconds(6);
    let told = floor.told();
    assert!(matches!(told[..], [Command::Release { .. }]), "{told:?}");
}

#[test]
fn a_callback_is_offered_once_and_the_place_is_kept() {
    let mut setup = ruled(0, &[(Rule::Late, &[Instead::Callback, Instead::Busy])]);
    let policy = &mut setup.queues.get_mut(&support()).unwrap().policy;
    policy.longest_wait = Some(Duration::from_secs(60));
    let mut floor = Floor::open(setup);
    let id = floor.chat(1);
    let came = floor.now;

    floor.seconds(300);

    assert_eq!(diverted(&floor, id), [(Rule::Late, Instead::Callback)]);
    assert_eq!(floor.of(id).entry.as_ref().unwrap().key.since, came);
}

#[test]
fn without_a_trunk_no_callback_is_offered() {
    let mut setup = ruled(
        0,
        &[(Rule::Unstaffed, &[Instead::Callback, Instead::Message])],
    );
    setup.outbound = None;
    let mut floor = Floor::open(setup);

    let id = floor.chat(1);

    assert_eq!(diverted(&floor, id), [(Rule::Unstaffed, Instead::Message)]);
}

/// A caller with a promise for tomorrow, turned away by an unstaffed queue; gives the interaction.
fn turned_away_with_a_promise(floor: &mut Floor) -> InteractionId {
    let id = InteractionId::new(5_001).unwrap();
    floor
        .ask(Input::AskCallback {
            interaction: id,
            queue: Some(support()),
            by: Actor::TANDEM,
            number: number("+4930100"),
            at: Some(floor.now + Duration::from_secs(80_000)),
            wish: Default::default(),
            re: RE,
        })
        .unwrap();
    assert_eq!(floor.call(1, "+4930100"), id);
    assert!(floor.of(id).turned.is_some());
    floor.ended(leg(id, 1), CauseKind::NoAnswer);
    id
}

#[test]
fn who_was_turned_away_once_waits_like_anybody_when_they_call_again() {
    let rules: &[(Rule, &[Instead])] = &[(Rule::Unstaffed, &[Instead::Message])];
    let mut floor = Floor::empty(ruled(1, rules));
    let id = turned_away_with_a_promise(&mut floor);
    assert!(floor.of(id).has_open_callback(), "nobody served them");
    floor.seconds(600);
    floor.arrive(&agent(0));

    floor.call(2, "+4930100");

    assert_eq!(floor.offered(id), Some(agent(0)));
    let since = floor.of(id).entry.as_ref().unwrap().key.since;
    assert_eq!(since, floor.now, "and not in front of who waits longer");
}

#[test]
fn the_rules_of_the_queue_hold_for_every_call_of_an_interaction() {
    let rules: &[(Rule, &[Instead])] = &[(Rule::Unstaffed, &[Instead::Message])];
    let mut floor = Floor::empty(ruled(1, rules));
    let id = turned_away_with_a_promise(&mut floor);

    floor.call(2, "+4930100");

    assert_eq!(diverted(&floor, id).len(), 2);
    assert_eq!(floor.of(id).entry, None);
}

fn heard(floor: &Floor, leg: LegId) -> Vec<Program> {
    let plays = floor.commands.iter().filter_map(|command| match command {
        Command::Play { leg: at, program } if *at == leg => Some(program.clone()),
        _ => None,
    });
    plays.collect()
}

#[test]
fn a_caller_who_waited_too_long_is_offered_by_voice_to_be_called_back() {
    let mut setup = ruled(0, &[(Rule::Late, &[Instead::Callback, Instead::Busy])]);
    let policy = &mut setup.queues.get_mut(&support()).unwrap().policy;
    policy.longest_wait = Some(Duration::from_secs(61));
    let mut floor = Floor::open(setup);
    let id = floor.call(1, "+4930100");
    let came = floor.now;
    floor.seconds(2);
    let customer = leg(id, 1);
    floor.answered(customer);
    floor.tell(Input::Leg(LegNews::Flowing { leg: customer }));
    let plain = Program::Waiting {
        position: 1,
        callback: false,
        minutes: None,
    };
    assert_eq!(heard(&floor, customer), std::slice::from_ref(&plain));
    floor.tell(Input::Leg(LegNews::Digit {
        leg: customer,
        digit: '1',
    }));
    assert!(!floor.of(id).has_open_callback(), "nothing was offered");

    floor.seconds(60);

    let offer = Program::Waiting {
        position: 1,
        callback: true,
        minutes: None,
    };
    assert_eq!(heard(&floor, customer), [plain, offer]);
    let told = |e: &Event| matches!(e, Event::CallbackOffered { rule: Some(Rule::Late), leg } if *leg == customer);
    assert_eq!(floor.count(id, told), 1);
    floor.tell(Input::Leg(LegNews::Digit {
        leg: customer,
        digit: '1',
    }));
    floor.ended(customer, CauseKind::Normal);
    let entry = floor.of(id).entry.as_ref().expect("the promise waits");
    assert_eq!((entry.key.since, entry.callback.is_some()), (came, true));
}

#[test]
fn a_caller_who_may_not_be_called_gets_the_next_alternative() {
    let rules: &[(Rule, &[Instead])] = &[(Rule::Unstaffed, &[Instead::Callback, Instead::Message])];
    let mut floor = Floor::empty(ruled(1, rules));

    let id = floor.call(1, "+4930666");

    assert_eq!(diverted(&floor, id), [(Rule::Unstaffed, Instead::Message)]);
}

#[test]
fn who_was_promised_a_call_and_presses_one_has_that_promise_moved_to_their_place() {
    let rules: &[(Rule, &[Instead])] = &[(Rule::Unstaffed, &[Instead::Callback])];
    let mut floor = Floor::empty(ruled(1, rules));
    let id = InteractionId::new(5_001).unwrap();
    floor
        .ask(Input::AskCallback {
            interaction: id,
            queue: Some(support()),
            by: Actor::TANDEM,
            number: number("+4930100"),
            at: Some(floor.now + Duration::from_secs(80_000)),
            wish: Default::default(),
            re: RE,
        })
        .unwrap();
    floor.call(1, "+4930100");
    let came = floor.now;
    floor.seconds(2);
    floor.answered(leg(id, 1));

    floor.tell(Input::Leg(LegNews::Digit {
        leg: leg(id, 1),
        digit: '1',
    }));
    floor.ended(leg(id, 1), CauseKind::Normal);

    assert_eq!(floor.of(id).callbacks.len(), 1);
    assert_eq!(floor.of(id).entry.as_ref().unwrap().key.since, came);
}

/// A house whose one agent serves one at a time and has had a contact of ten minutes, and turns away who would wait longer than one.
fn slow() -> Floor {
    let mut setup = ruled(1, &[(Rule::Slow, &[Instead::Busy])]);
    let policy = &mut setup.queues.get_mut(&support()).unwrap().policy;
    policy.longest_expected = Some(Duration::from_secs(60));
    setup.spans.wrap_up_chat = Duration::ZERO;
    let only = setup.agents.get_mut(&agent(0)).unwrap();
    only.chat_slots = ChatSlots::try_from(1).unwrap();
    let mut floor = Floor::open(setup);
    let first = floor.chat(1);
    floor.accept(&agent(0), first);
    floor.seconds(600);
    let by = Actor::Agent(agent(0));
    let end = Input::End {
        interaction: first,
        by,
        re: RE,
    };
    floor.ask(end).unwrap();
    floor
}

fn knocks(floor: &mut Floor, n: u128) -> Result<Done, ws::frame::Refusal> {
    floor.ask(Input::OpenChat {
        candidate: InteractionId::new(70 + n).unwrap(),
        who: visitor(n),
        mid: mid("first"),
        text: "hello".into(),
        re: RE,
    })
}

#[test]
fn who_would_wait_too_long_is_turned_away() {
    let mut floor = slow();
    let second = floor.chat(2);
    floor.accept(&agent(0), second);

    let refused = knocks(&mut floor, 3).unwrap_err();

    assert_eq!(refused.code, ws::frame::Code::Full);
    assert!(refused.text.contains("too long"), "{}", refused.text);
}

#[test]
fn who_finds_an_agent_free_waits_for_nobody_however_long_contacts_take() {
    let mut floor = slow();

    assert_eq!(
        floor
            .hub
            .expected_wait(&support(), ws::agent::Channel::Chat, floor.now),
        Some(Duration::ZERO)
    );
    knocks(&mut floor, 3).unwrap();

    assert_eq!(
        floor.offered(InteractionId::new(73).unwrap()),
        Some(agent(0))
    );
}

#[test]
fn a_queue_is_full_of_those_who_wait_and_not_of_those_before_an_agent() {
    let mut setup = ruled(1, &[(Rule::Full, &[Instead::Busy])]);
    setup.queues.get_mut(&support()).unwrap().limit = 1;
    setup.agents.get_mut(&agent(0)).unwrap().chat_slots = ChatSlots::try_from(1).unwrap();
    let mut floor = Floor::open(setup);
    let taken = |floor: &mut Floor, n: u64| {
        let opened = floor.ask(Input::OpenChat {
            candidate: InteractionId::new(77 + u128::from(n)).unwrap(),
            who: visitor(u128::from(n)),
            mid: mid("first"),
            text: "hello".into(),
            re: RE,
        });
        opened.is_ok()
    };

    let all: Vec<_> = (1..=3).map(|n| taken(&mut floor, n)).collect();

    assert_eq!(
        all,
        [true, true, false],
        "one is before an agent, one waits"
    );
    floor.crash();
    assert!(!taken(&mut floor, 4), "they are counted anew after a crash");
}

/// A house whose agent speaks German well enough for the queue after 30 seconds alone.
fn relaxing(rules: &[(Rule, &[Instead])]) -> Setup {
    let mut setup = ruled(1, rules);
    let german = |level| [("german".parse().unwrap(), level)].into();
    setup.agents.get_mut(&agent(0)).unwrap().skills = german(3);
    let queue = setup.queues.get_mut(&support()).unwrap();
    queue.skills = german(5);
    queue.relax = vec![crate::setup::Relax {
        after: Duration::from_secs(30),
        skill: "german".parse().unwrap(),
        level: 2,
    }];
    setup
}

#[test]
fn a_queue_is_staffed_by_those_who_get_its_callers_once_the_skills_asked_have_relaxed() {
    let rules: &[(Rule, &[Instead])] = &[(Rule::Unstaffed, &[Instead::Voicemail])];
    let mut floor = Floor::open(relaxing(rules));

    let id = floor.call(1, "+4930100");
    floor.seconds(30);

    assert_eq!(diverted(&floor, id), []);
    assert_eq!(floor.offered(id), Some(agent(0)));
    floor.accept_any(id);
    floor.tell(Input::ConsoleClosed {
        agent: agent(0),
        socket: 1,
    });
    floor.seconds(31);
    let next = floor.call(2, "+4930200");
    let message = (Rule::Unstaffed, Instead::Voicemail);
    assert_eq!(diverted(&floor, next), [message]);
}

#[test]
fn behind_a_full_queue_as_many_wait_as_its_limit_says_again_and_no_more() {
    for instead in [Instead::Wait, to("backup"), Instead::Callback] {
        let mut setup = ruled(0, &[(Rule::Full, std::slice::from_ref(&instead))]);
        setup.queues.get_mut(&support()).unwrap().limit = 2;
        setup
            .queues
            .get_mut(&"backup".parse().unwrap())
            .unwrap()
            .limit = 0;
        let mut floor = Floor::open(setup);
        for n in 1..=4 {
            floor.chat(n);
        }

        let fifth = floor.ask(Input::OpenChat {
            candidate: InteractionId::new(705).unwrap(),
            who: visitor(5),
            mid: mid("first"),
            text: "hello".into(),
            re: RE,
        });

        assert_eq!(
            fifth.unwrap_err().code,
            ws::frame::Code::Full,
            "{instead:?}"
        );
    }
}

#[test]
fn who_is_late_goes_elsewhere_as_soon_as_that_can_be() {
    let mut setup = ruled(2, &[(Rule::Late, &[to("backup")])]);
    setup.agents.get_mut(&agent(0)).unwrap().queues.clear();
    let queue = setup.queues.get_mut(&support()).unwrap();
    queue.policy.longest_wait = Some(Duration::from_secs(60));
    let mut floor = Floor::empty(setup);
    let backup: QueueId = "backup".parse().unwrap();
    floor.arrive(&agent(1));
    floor.hub.setup.queues.get_mut(&backup).unwrap().limit = 0;
    let id = floor.chat(1);
    floor.seconds(61);
    assert_eq!(diverted(&floor, id), []);

    floor.hub.setup.queues.get_mut(&backup).unwrap().limit = 9;
    floor.seconds(10);

    assert_eq!(diverted(&floor, id), [(Rule::Late, to("backup"))]);
    assert_eq!(floor.offered(id), Some(agent(1)));
}

#[test]
fn who_was_late_once_and_comes_back_from_an_agent_is_late_again() {
    let mut setup = ruled(1, &[(Rule::Late, &[Instead::Callback])]);
    let queue = setup.queues.get_mut(&support()).unwrap();
    queue.policy.longest_wait = Some(Duration::from_secs(60));
    let mut floor = Floor::empty(setup);
    let id = floor.chat(1);
    floor.seconds(60);
    let late = (Rule::Late, Instead::Callback);
    assert_eq!(diverted(&floor, id), std::slice::from_ref(&late));
    floor.arrive(&agent(0));
    floor.accept(&agent(0), id);
    floor.tell(Input::ConsoleClosed {
        agent: agent(0),
        socket: 1,
    });
    floor.seconds(31);
    assert!(floor.of(id).entry.is_some(), "it waits again");

    floor.seconds(58);
    assert_eq!(diverted(&floor, id).len(), 1);
    floor.seconds(2);

    assert_eq!(diverted(&floor, id), [late.clone(), late]);
}
