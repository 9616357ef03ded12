//! Calls through hub, telephone edge and SIP endpoint, with a carrier and an agent's phone on a simulated network, in
//! virtual time. A failure prints the seed.

mod house;

use std::time::Duration;

use house::{CARRIER, Manner, NOBODY, PHONE, START, World, anna};
use hub::{
    Input,
    event::Event,
    input::{Actor, CauseKind, Introduction},
};
use sip::endpoint::{Cause, Command, Event as SipEvent};
use ws::{
    agent::Presence,
    id::{InteractionId, VisitorId},
};

const SOON: Duration = Duration::from_secs(60);

#[test]
fn a_caller_is_connected_to_the_agent_and_either_side_ends_it() {
    for (seed, hangs_up) in [(1, CARRIER), (2, PHONE)] {
        let mut world = World::new(seed);
        ready(&mut world);

        let call = world.call(CARRIER, "+49301234", "support");
        accept(&mut world);
        world.until("both sides hear each other", SOON, World::hears);
        let call = if hangs_up == CARRIER {
            call
        } else {
            phone_call(&world)
        };
        world.ask(
            hangs_up,
            Command::HangUp {
                call,
                cause: Cause::normal(),
            },
        );
        world.until("the contact ended", SOON, |world| {
            world.has(|event| matches!(event, Event::WrapUpStarted { .. }))
        });
        wrap_up(&mut world);

        world.until("the record was sealed", SOON, |world| {
            world.has(|event| matches!(event, Event::Sealed { .. }))
        });
        assert_eq!(
            world.count(|event| matches!(event, Event::LegEnded { .. })),
            2,
            "seed {seed}"
        );
        world.assert_marked(world.interaction());
        world.assert_empty();
    }
}

#[test]
fn callers_wait_with_place_and_music_and_are_served_in_order() {
    let mut world = World::new(3);
    let first = world.call(CARRIER, "+49301", "support");
    world.until("the first waits", SOON, |world| queued(world) == 1);
    world.call(CARRIER, "+49302", "support");
    world.until("both wait", SOON, |world| queued(world) == 2);
    world.until("both are answered and hear something", SOON, |world| {
        world
            .media
            .values()
            .filter(|media| media.plays.is_some())
            .count()
            == 2
    });

    assert!(
        world.far.iter().any(|(side, event)| *side == CARRIER
            && matches!(event, SipEvent::Progress { code: 182, .. })),
        "{:?}",
        world.far
    );
    ready(&mut world);
    accept(&mut world);
    world.until("somebody is served", SOON, World::hears);

    let order: Vec<_> = world
        .facts
        .iter()
        .filter(|fact| matches!(fact.event, Event::Queued { .. } | Event::Assigned { .. }))
        .map(|fact| fact.interaction)
        .collect();
    assert_eq!(order[0], order[2], "the first who came is the first served");
    world.ask(
        CARRIER,
        Command::HangUp {
            call: first,
            cause: Cause::normal(),
        },
    );
}

#[test]
fn a_caller_who_gives_up_leaves_nothing_behind() {
    for (seed, agent_free) in [(4, true), (5, false)] {
        let mut world = World::new(seed);
        if agent_free {
            ready(&mut world);
        }
        let call = world.call(CARRIER, "+49301234", "support");
        world.until("the caller is known", SOON, |world| {
            world.has(|event| matches!(event, Event::Queued { .. }))
        });
        world.pass(Duration::from_secs(2));

        world.ask(
            CARRIER,
            Command::HangUp {
                call,
                cause: Cause::normal(),
            },
        );

        world.until("the record was sealed", SOON, |world| {
            world.has(|event| matches!(event, Event::Sealed { .. }))
        });
        assert!(!world.has(|event| matches!(event, Event::Assigned { .. })));
        world.assert_empty();
    }
}

#[test]
fn a_waiting_caller_is_answered_after_ringing_and_may_cancel_before() {
    for (seed, patience, status) in [(20, 400, Some(487)), (21, 1_500, None)] {
        let mut world = World::new(seed);
        let call = world.call(CARRIER, "+49301234", "support");
        world.pass(Duration::from_millis(patience));
        let cause = Cause::normal();

        world.ask(CARRIER, Command::HangUp { call, cause });
        world.until("the record was sealed", SOON, |world| {
            world.has(|event| matches!(event, Event::Sealed { .. }))
        });

        let refused = world.far.iter().find_map(|(_, event)| match event {
            SipEvent::Failed { code, .. } => Some(*code),
            _ => None,
        });
        assert_eq!(refused, status, "seed {seed}");
        world.assert_empty();
    }
}

#[test]
fn a_waiting_caller_from_whom_nothing_is_ever_heard_is_taken_to_be_gone() {
    let mut world = World::new(22);
    world.mute = true;
    world.call(CARRIER, "+49301234", "support");

    world.pass(Duration::from_secs(310));

    let lost = |event: &Event| matches!(event, Event::LegEnded { cause, .. } if cause.kind == CauseKind::MediaLost);
    assert!(world.has(lost), "{:#?}", world.facts);
    world.assert_empty();
}

#[test]
fn an_agents_phone_that_fails_puts_the_caller_back_in_the_old_place() {
    for (seed, manner) in [
        (6, Manner::Refuses(486)),
        (7, Manner::Refuses(603)),
        (8, Manner::Rings),
    ] {
        let mut world = World::new(seed);
        world.manners[PHONE] = manner;
        ready(&mut world);
        world.call(CARRIER, "+49301234", "support");
        accept(&mut world);

        world.until("the caller is back in line", SOON, |world| {
            queued(world) == 2
        });

        let since: Vec<_> = world
            .facts
            .iter()
            .filter_map(|fact| match &fact.event {
                Event::Queued { since, .. } => Some(*since),
                _ => None,
            })
            .collect();
        assert_eq!(since[0], since[1], "seed {seed}");
        world.manners[PHONE] = Manner::Answers;
        ready(&mut world);
        accept(&mut world);
        world.until("both sides hear each other", SOON, World::hears);
    }
}

#[test]
fn a_chat_becomes_a_call_and_goes_on_beside_it() {
    let mut world = World::new(9);
    let chat = chatting(&mut world);

    escalate(&mut world, chat);
    world.until("both sides hear each other", SOON, World::hears);

    assert!(world.has(|event| matches!(event, Event::Bridged { .. })));
    say(&mut world, chat, "m2");
    assert_eq!(world.count(|event| matches!(event, Event::Said { .. })), 2);
    assert!(
        world
            .facts
            .iter()
            .all(|fact| fact.interaction.is_none_or(|id| id == chat)),
        "one interaction"
    );
    world.assert_marked(chat);
    let call = phone_call(&world);
    world.ask(
        PHONE,
        Command::HangUp {
            call,
            cause: Cause::normal(),
        },
    );
    world.until("the call ended", SOON, |world| {
        world.has(|event| matches!(event, Event::CallEnded { .. }))
    });
    assert!(
        !world.has(|event| matches!(event, Event::Ended { .. })),
        "the chat goes on"
    );
}

#[test]
fn an_escalation_that_fails_returns_to_the_chat_with_the_reason() {
    let cases = [
        (10, CARRIER, Manner::Refuses(486), CauseKind::Busy),
        (11, CARRIER, Manner::Refuses(603), CauseKind::Rejected),
        (12, CARRIER, Manner::Rings, CauseKind::NoAnswer),
        (13, PHONE, Manner::Refuses(486), CauseKind::Busy),
        (14, PHONE, Manner::Rings, CauseKind::NoAnswer),
        (15, CARRIER, Manner::Refuses(404), CauseKind::Unreachable),
    ];
    for (seed, side, manner, kind) in cases {
        let mut world = World::new(seed);
        let chat = chatting(&mut world);
        world.manners[side] = manner;

        escalate(&mut world, chat);
        world.until("it failed", SOON, |world| {
            world.has(|event| matches!(event, Event::EscalationFailed { .. }))
        });

        assert!(
            world.has(
                |event| matches!(event, Event::EscalationFailed { cause } if cause.kind == kind)
            ),
            "seed {seed}: {:#?}",
            world.facts
        );
        say(&mut world, chat, "m2");
        assert_eq!(
            world.count(|event| matches!(event, Event::Said { .. })),
            2,
            "seed {seed}"
        );
        world.manners = [Manner::Answers; 3];
        escalate(&mut world, chat);
        world.until("the second try connects", SOON, World::hears);
    }
}

#[test]
fn a_callback_is_dialled_when_it_is_due_and_once() {
    let mut world = World::new(16);
    let chat = chatting(&mut world);
    let due = START + Duration::from_secs(1_200);
    world.tell(Input::AskCallback {
        interaction: chat,
        queue: None,
        by: Actor::Agent(anna()),
        number: "+49301234".parse().unwrap(),
        at: Some(due),
        wish: Default::default(),
        re: NOBODY,
    });
    world.tell(Input::End {
        interaction: chat,
        by: Actor::Agent(anna()),
        re: NOBODY,
    });
    wrap_up(&mut world);

    assert!(!world.has(|event| matches!(event, Event::CallbackAttempted { .. })));
    world.pass(Duration::from_secs(1_201));
    ready(&mut world);
    accept(&mut world);
    world.until("both sides hear each other", SOON, World::hears);

    assert_eq!(
        world.count(|event| matches!(event, Event::CallbackAttempted { .. })),
        1
    );
    assert!(
        world
            .facts
            .iter()
            .all(|fact| fact.interaction.is_none_or(|id| id == chat)),
        "one interaction"
    );
    let call = phone_call(&world);
    world.ask(
        PHONE,
        Command::HangUp {
            call,
            cause: Cause::normal(),
        },
    );
    world.until("the call ended", SOON, |world| {
        world.has(|event| matches!(event, Event::CallbackEnded { .. }))
    });
    wrap_up(&mut world);
    world.pass(Duration::from_secs(7_200));
    assert_eq!(
        world.count(|event| matches!(event, Event::CallbackAttempted { .. })),
        1
    );
    assert!(world.has(|event| matches!(event, Event::Sealed { .. })));
}

#[test]
fn calls_pass_a_network_that_loses_repeats_and_reorders() {
    for seed in 100..130 {
        let mut world = World::new(seed);
        world.loss = 0.2;
        ready(&mut world);
        let call = world.call(CARRIER, "+49301234", "support");
        world.until("the call is offered", SOON, |world| {
            world.has(|event| matches!(event, Event::Offered { .. }))
        });
        accept(&mut world);
        world.until("both sides hear each other", SOON, World::hears);
        world.pass(Duration::from_secs(5));
        world.ask(
            CARRIER,
            Command::HangUp {
                call,
                cause: Cause::normal(),
            },
        );
        world.until("the contact ended", SOON, |world| {
            world.has(|event| matches!(event, Event::WrapUpStarted { .. }))
        });
        wrap_up(&mut world);
        world.assert_empty();
    }
}

fn ready(world: &mut World) {
    world.tell(Input::ConsoleOpened {
        agent: anna(),
        socket: 1,
    });
    world.tell(Input::SetPresence {
        agent: anna(),
        presence: Presence::Ready,
        re: NOBODY,
    });
}

/// Waits for an offer to anna and takes it.
fn accept(world: &mut World) {
    let before = world.facts.len();
    let open = |world: &World| {
        world
            .facts
            .iter()
            .rev()
            .find(|fact| {
                matches!(
                    fact.event,
                    Event::Offered { .. } | Event::OfferEnded { .. } | Event::Assigned { .. }
                )
            })
            .filter(|fact| matches!(fact.event, Event::Offered { .. }))
            .and_then(|fact| fact.interaction)
    };
    world.until("an offer comes", SOON, |world| open(world).is_some());
    let interaction = open(world).expect("it came");
    world.tell(Input::Accept {
        agent: anna(),
        interaction,
        re: NOBODY,
    });
    assert!(world.facts.len() > before || world.replies.iter().all(|reply| reply.result.is_ok()));
}

fn wrap_up(world: &mut World) {
    let interaction = world.interaction();
    world.tell(Input::WrapUp {
        agent: anna(),
        interaction,
        disposition: Some("done".to_owned()),
        note: None,
        solved: None,
        re: NOBODY,
    });
}

/// Lets a visitor open a chat and anna take it.
fn chatting(world: &mut World) -> InteractionId {
    ready(world);
    let visitor: VisitorId = "0af7651916cd43dd8448eb211c803111"
        .parse()
        .expect("it is sound");
    world.tell(Input::WidgetOpened { visitor, socket: 2 });
    world.tell(Input::OpenChat {
        candidate: "0af7651916cd43dd8448eb211c80319c"
            .parse()
            .expect("it is sound"),
        who: Introduction {
            visitor,
            zone: "shop".parse().expect("it is sound"),
            name: None,
            mail: None,
            verified: None,
            page: None,
            referrer: None,
            form: None,
        },
        mid: "m1".parse().expect("it is sound"),
        text: "hello".to_owned(),
        re: NOBODY,
    });
    accept(world);
    world.interaction()
}

fn say(world: &mut World, interaction: InteractionId, mid: &str) {
    let mid = mid.parse().expect("it is sound");
    world.tell(Input::Say {
        interaction,
        by: Actor::Agent(anna()),
        mid,
        text: "still here".to_owned(),
        re: NOBODY,
    });
}

fn escalate(world: &mut World, interaction: InteractionId) {
    let number = "+49301234".parse().expect("it is sound");
    world.tell(Input::Escalate {
        interaction,
        by: Actor::Agent(anna()),
        number,
        re: NOBODY,
    });
}

fn queued(world: &World) -> usize {
    world.count(|event| matches!(event, Event::Queued { .. }))
}

/// The last call that came to the agent's phone.
fn phone_call(world: &World) -> sip::endpoint::CallKey {
    world
        .far
        .iter()
        .rev()
        .find_map(|(side, event)| match event {
            SipEvent::Arrived { call, .. } if *side == PHONE => Some(*call),
            _ => None,
        })
        .expect("the phone was called")
}
