use ws::{
    agent::Channel, frame::Code, id::TrunkId, supervision::Supervise, timeline::Author,
    transfer::TransferTo,
};

use super::*;
use crate::{
    command::{Program, Target},
    consent::Bar,
    event::{InCall, LegCause, OfferEnd, Party},
    input::{Referral, Replaced, Wish},
    setup::{PhoneSetup, TransferSetup},
};

fn floor(agents: usize) -> Floor {
    let transfers = TransferSetup {
        numbers: vec!["+4940*".to_owned(), "201".to_owned()],
        ..TransferSetup::default()
    };
    let mut setup = house(agents, 6);
    let support = setup.queues.values().next().unwrap().clone();
    setup.queues.insert("sales".parse().unwrap(), support);
    Floor::open(Setup { transfers, ..setup })
}

fn transfer(to: TransferTo) -> Wish {
    let note = Some("wants a refund".to_owned());
    Wish::Transfer { to, note }
}

fn to_number(text: &str) -> TransferTo {
    TransferTo::Number(number(text))
}

fn dialled(told: &[Command]) -> Option<LegId> {
    told.iter().find_map(|command| match command {
        Command::Dial { leg, .. } => Some(*leg),
        _ => None,
    })
}

fn releases(told: &[Command], leg: LegId) -> bool {
    let of =
        |command: &Command| matches!(command, Command::Release { leg: gone, .. } if *gone == leg);
    told.iter().any(of)
}

fn bridges(told: &[Command], a: LegId, b: LegId) -> bool {
    told.contains(&Command::Bridge { a, b })
}

#[test]
fn a_call_that_is_given_to_a_queue_waits_there_in_its_old_place_and_goes_to_somebody_else() {
    let mut floor = floor(2);
    let (id, first) = talking(&mut floor);
    let began = floor.of(id).place;

    let to = TransferTo::Queue("support".parse().unwrap());
    ask(&mut floor, id, &first, transfer(to)).unwrap();

    let second = floor.offered(id).expect("somebody is free");
    assert_ne!(second, first, "not back to who gave it away");
    assert_eq!(floor.of(id).place, began);
    assert!(releases(&floor.told(), leg(id, 2)));
    floor.ended(leg(id, 2), CauseKind::Normal);
    floor.accept(&second, id);
    let phone = dialled(&floor.told()).unwrap();
    assert_eq!(phone, leg(id, 3));
    floor.answered(phone);
    assert!(bridges(&floor.told(), leg(id, 1), phone));
    let stay = floor.of(id).assignment.as_ref().unwrap();
    assert_eq!((&stay.agent, stay.id.n), (&second, 2));
    let noted = |e: &Event| {
        matches!(e, Event::InCall(InCall::Transferred { note: Some(note), agent: Some(by), .. })
            if note == "wants a refund" && *by == first)
    };
    assert_eq!(floor.count(id, noted), 1);
    floor.crash();
    let notes = &floor.of(id).notes;
    assert_eq!(notes.len(), 1, "whoever has it now can read it");
    assert_eq!(notes[0].text, "wants a refund");
    assert!(matches!(&notes[0].by, Author::Agent { agent, .. } if *agent == first));
}

#[test]
fn a_call_given_to_an_agent_is_offered_to_them_first() {
    let mut floor = floor(6);
    let (id, first) = talking(&mut floor);
    let wanted = agent(if first == agent(5) { 4 } else { 5 });

    ask(
        &mut floor,
        id,
        &first,
        transfer(TransferTo::Agent(wanted.clone())),
    )
    .unwrap();

    assert_eq!(floor.offered(id), Some(wanted));
}

#[test]
fn what_cannot_take_the_call_is_refused_and_the_call_goes_on() {
    let mut floor = floor(2);
    let (id, first) = talking(&mut floor);
    let gone = agent(1 - usize::from(first == agent(1)));
    floor.tell(Input::PhoneGone {
        agent: gone.clone(),
    });
    let queue = TransferTo::Queue("nowhere".parse().unwrap());
    for (to, word) in [
        (TransferTo::Agent(first.clone()), "already"),
        (TransferTo::Agent(agent(9)), "no agent"),
        (TransferTo::Agent(gone), "cannot be reached"),
        (queue, "no queue"),
        (to_number("+4950123"), "no rule"),
    ] {
        let refusal = ask(&mut floor, id, &first, transfer(to)).unwrap_err();
        assert!(refusal.text.contains(word), "{refusal:?}");
    }
    let visitor = Actor::Visitor(VisitorId::new(1).unwrap());
    let stranger = floor.ask(Input::InCall {
        interaction: id,
        by: visitor,
        wish: Wish::TakeBack,
        re: RE,
    });
    stranger.unwrap_err();

    assert_eq!(floor.told(), []);
    let refused = |e: &Event| matches!(e, Event::ContactRefused { .. });
    assert_eq!(
        floor.count(id, refused),
        1,
        "the gate notes what it refuses"
    );
    assert!(floor.of(id).is_with(&first));
}

#[test]
fn a_colleague_in_the_wrap_up_of_a_call_is_said_to_be_there() {
    let mut floor = floor(2);
    let (other, ben) = talking(&mut floor);
    let id = floor.call(2, "+4930200");
    let anna = floor.accept_any(id);
    for n in [2, 1] {
        floor.answered(leg(id, n));
    }
    let asks = || Wish::Consult {
        to: TransferTo::Agent(ben.clone()),
    };
    let busy = ask(&mut floor, id, &anna, asks()).unwrap_err();
    assert_eq!(busy.text, format!("{ben} is in another call"));
    floor.ended(leg(other, 1), CauseKind::Normal);
    floor.ended(leg(other, 2), CauseKind::Normal);

    let busy = ask(&mut floor, id, &anna, asks()).unwrap_err();

    assert_eq!(busy.code, Code::Full);
    assert_eq!(
        busy.text,
        format!("{ben} is in the wrap-up of another call")
    );
}

#[test]
fn a_number_that_a_rule_allows_is_dialled_and_connected_with_the_customer() {
    let mut floor = floor(1);
    let (id, first) = talking(&mut floor);

    ask(&mut floor, id, &first, transfer(to_number("+4940123"))).unwrap();

    let told = floor.told();
    let new = dialled(&told).unwrap();
    let waits = Command::Await {
        leg: leg(id, 1),
        of: new,
    };
    assert!(
        told.contains(&waits) && releases(&told, leg(id, 2)),
        "{told:?}"
    );
    floor.ended(leg(id, 2), CauseKind::Normal);
    floor.answered(new);
    assert!(bridges(&floor.told(), leg(id, 1), new));
    let made = floor.of(id).leg(new).unwrap();
    assert_eq!(
        (made.cause, made.parent),
        (LegCause::TransferBlind, Some(leg(id, 1)))
    );
    assert!(matches!(made.party, Party::OutsidePhone { .. }));
    assert_eq!(floor.of(id).assignment, None, "the agent is free");
    floor.ended(leg(id, 1), CauseKind::Normal);
    assert!(releases(&floor.told(), new));
    floor.ended(new, CauseKind::Normal);
    assert!(floor.hub.state().interaction(id).is_none(), "sealed");
}

#[test]
fn a_number_that_does_not_answer_gives_the_caller_back_to_the_queue() {
    let mut floor = floor(1);
    let (id, first) = talking(&mut floor);
    ask(&mut floor, id, &first, transfer(to_number("201"))).unwrap();
    let new = dialled(&floor.told()).unwrap();
    floor.ended(leg(id, 2), CauseKind::Normal);

    floor.ended(new, CauseKind::Busy);

    assert_eq!(floor.offered(id), Some(first), "nobody else is there");
}

// A chat whose call was given to a number outside; returns it and who serves the chat now.
fn given_outside(floor: &mut Floor) -> (InteractionId, AgentId) {
    let id = floor.chat(1);
    let first = floor.accept_any(id);
    floor.escalate(id, "+4930100").unwrap();
    floor.answered(leg(id, 4));
    floor.answered(leg(id, 3));
    floor.told();
    ask(floor, id, &first, transfer(to_number("+4940123"))).unwrap();
    let outside = dialled(&floor.told()).unwrap();
    floor.ended(leg(id, 4), CauseKind::Normal);
    floor.answered(outside);
    let agent = floor.accept_any(id);
    (id, agent)
}

#[test]
fn the_agent_of_a_chat_whose_customer_was_given_to_a_number_outside_has_no_part_in_that_call() {
    let mut floor = floor(2);
    let (id, second) = given_outside(&mut floor);

    let mute = ask(&mut floor, id, &second, Wish::Mute { on: true });

    assert_eq!(mute.unwrap_err().code, Code::Conflict);
    floor.tell(Input::ConsoleClosed {
        agent: second.clone(),
        socket: 1,
    });
    floor.seconds(120);
    let found = floor.of(id);
    assert!(found.call.is_some(), "the call goes on");
    assert!(!found.is_with(&second), "the chat does not wait for it");
}

#[test]
fn nobody_is_supervised_in_a_call_that_was_given_to_a_number_outside() {
    let mut setup = house(3, 6);
    setup.transfers.numbers = vec!["+4940*".to_owned()];
    let sam = agent(2);
    let supervisor = setup.agents.get_mut(&sam).unwrap();
    (supervisor.supervisor, supervisor.queues) = (true, Vec::new());
    let mut floor = Floor::open(setup);
    let (id, _) = given_outside(&mut floor);

    let whisper = Wish::Supervise {
        act: Supervise::Whisper,
        channel: Channel::Voice,
    };
    let refused = ask(&mut floor, id, &sam, whisper).unwrap_err();

    assert_eq!(refused.code, Code::Conflict);
    assert!(refused.text.contains("outside"), "{}", refused.text);
}

#[test]
fn a_trunk_that_takes_transfers_over_is_asked_and_else_the_number_is_dialled() {
    for status in [200, 603] {
        let mut setup = house(1, 6);
        setup.transfers.numbers = vec!["201".to_owned()];
        setup.transfers.handed = ["carrier".parse().unwrap()].into();
        let mut floor = Floor::open(setup);
        let (id, first) = talking(&mut floor);
        ask(&mut floor, id, &first, transfer(to_number("201"))).unwrap();
        let asked = Command::HandOut {
            leg: leg(id, 1),
            number: number("201"),
            place: None,
        };
        let told = floor.told();
        assert!(
            told.contains(&asked) && dialled(&told).is_none(),
            "{told:?}"
        );
        floor.ended(leg(id, 2), CauseKind::Normal);
        assert_eq!(floor.offered(id), None, "the carrier has it");

        let leg_ = leg(id, 1);
        floor.tell(Input::Leg(LegNews::HandedOut { leg: leg_, status }));

        let told = floor.told();
        match status {
            200 => assert!(releases(&told, leg(id, 1))),
            _ => assert_eq!(dialled(&told), Some(leg(id, 3))),
        }
    }
}

#[test]
fn a_number_outside_that_wants_no_calls_is_not_dialled_again() {
    for wish in [
        Wish::Consult {
            to: to_number("+4940123"),
        },
        transfer(to_number("+4940123")),
    ] {
        let mut floor = floor(1);
        let (id, first) = talking(&mut floor);
        ask(&mut floor, id, &first, wish.clone()).unwrap();
        let new = dialled(&floor.told()).unwrap();

        floor.ended(new, CauseKind::Unwanted);
        floor.crash();

        let bar = floor.hub.bar_call(&number("+4940123"), None, floor.now);
        assert_eq!(bar, Some(Bar::Suppressed), "{wish:?}");
    }
}

#[test]
fn a_number_that_a_trunk_took_a_call_over_to_and_wants_none_is_not_dialled_from_here() {
    for status in [607, 608] {
        let mut setup = house(1, 6);
        setup.transfers.numbers = vec!["+4940*".to_owned()];
        setup.transfers.handed = ["carrier".parse().unwrap()].into();
        let mut floor = Floor::open(setup);
        let (id, first) = talking(&mut floor);
        ask(&mut floor, id, &first, transfer(to_number("+4940123"))).unwrap();
        floor.ended(leg(id, 2), CauseKind::Normal);
        floor.told();

        let leg = leg(id, 1);
        floor.tell(Input::Leg(LegNews::HandedOut { leg, status }));

        assert_eq!(dialled(&floor.told()), None);
        assert_eq!(floor.offered(id), Some(first), "the caller waits again");
        let bar = floor.hub.bar_call(&number("+4940123"), None, floor.now);
        assert_eq!(bar, Some(Bar::Suppressed), "{status}");
    }
}

fn consulting(floor: &mut Floor, to: TransferTo) -> (InteractionId, AgentId, LegId) {
    let (id, first) = talking(floor);
    ask(floor, id, &first, Wish::Consult { to }).unwrap();
    let told = floor.told();
    let new = dialled(&told).unwrap();
    let music = Command::Play {
        leg: leg(id, 1),
        program: Program::Music,
    };
    let waits = Command::Await {
        leg: leg(id, 2),
        of: new,
    };
    assert!(told.contains(&music) && told.contains(&waits), "{told:?}");
    assert!(told.contains(&Command::Part { leg: leg(id, 1) }));
    (id, first, new)
}

// An agent whose customer came by a trunk that takes calls over asked `201` by the same one, and it answered.
fn asked_outside(handed: &str) -> (Floor, InteractionId, AgentId, LegId) {
    let mut setup = house(1, 6);
    setup.transfers.numbers = vec!["201".to_owned()];
    setup.transfers.handed = [handed.parse().unwrap()].into();
    let mut floor = Floor::open(setup);
    let (id, first, new) = consulting(&mut floor, to_number("201"));
    floor.answered(new);
    floor.told();
    (floor, id, first, new)
}

fn hands_out(told: &[Command]) -> bool {
    let is_it = |command: &Command| matches!(command, Command::HandOut { .. });
    told.iter().any(is_it)
}

#[test]
fn a_trunk_by_which_both_are_on_the_line_is_asked_to_connect_them_and_they_talk_meanwhile() {
    for status in [200, 202, 603] {
        let (mut floor, id, first, new) = asked_outside("carrier");
        let customer = leg(id, 1);

        ask(&mut floor, id, &first, Wish::Complete { note: None }).unwrap();

        let told = floor.told();
        let asked = Command::HandOut {
            leg: customer,
            number: number("201"),
            place: Some(new),
        };
        assert!(told.contains(&asked), "{told:?}");
        assert!(bridges(&told, customer, new), "{told:?}");
        floor.ended(leg(id, 2), CauseKind::Normal);
        floor.told();
        let over = LegNews::HandedOut {
            leg: customer,
            status,
        };
        floor.tell(Input::Leg(over));
        let told = floor.told();
        let failed = |e: &Event| matches!(e, Event::InCall(InCall::HandOutFailed { .. }));
        assert_eq!(floor.count(id, failed), usize::from(status == 603));
        if status == 200 {
            assert!(releases(&told, customer) && releases(&told, new));
            assert!(floor.of(id).call.is_none());
            continue;
        }
        assert_eq!(told, [], "they go on by way of us");
        floor.ended(new, CauseKind::Normal);
        assert!(releases(&floor.told(), customer));
        floor.crash();
    }
}

#[test]
fn who_was_asked_and_is_replaced_before_the_trunk_says_so_ends_both_legs() {
    let (mut floor, id, first, new) = asked_outside("carrier");
    ask(&mut floor, id, &first, Wish::Complete { note: None }).unwrap();
    floor.told();

    floor.ended(new, CauseKind::Normal);

    assert!(releases(&floor.told(), leg(id, 1)));
    let over = LegNews::HandedOut {
        leg: leg(id, 1),
        status: 200,
    };
    floor.tell(Input::Leg(over));
    assert_eq!(floor.told(), []);
}

#[test]
fn an_agent_who_hangs_up_asking_has_the_trunk_connect_both_too() {
    let (mut floor, id, _, new) = asked_outside("carrier");

    floor.ended(leg(id, 2), CauseKind::Normal);

    let told = floor.told();
    assert!(hands_out(&told) && bridges(&told, leg(id, 1), new));
}

#[test]
fn nobody_is_connected_by_a_trunk_that_is_not_to_or_who_has_not_answered() {
    let (mut floor, id, first, _) = asked_outside("pbx");
    ask(&mut floor, id, &first, Wish::Complete { note: None }).unwrap();
    assert!(!hands_out(&floor.told()));

    let mut setup = house(1, 6);
    setup.transfers.numbers = vec!["201".to_owned()];
    setup.transfers.handed = ["carrier".parse().unwrap()].into();
    let mut floor = Floor::open(setup);
    let (id, first, _) = consulting(&mut floor, to_number("201"));
    ask(&mut floor, id, &first, Wish::Complete { note: None }).unwrap();
    assert!(!hands_out(&floor.told()));
}

fn colleague(first: &AgentId) -> AgentId {
    agent(usize::from(*first == agent(0)))
}

#[test]
fn an_agent_asks_a_colleague_and_connects_them_with_the_customer() {
    for answers_first in [true, false] {
        let mut floor = floor(2);
        let (id, first) = talking(&mut floor);
        let second = colleague(&first);
        let to = TransferTo::Agent(second.clone());
        ask(&mut floor, id, &first, Wish::Consult { to }).unwrap();
        let new = dialled(&floor.told()).unwrap();
        let busy = &floor.hub.state().agents().get(&second).unwrap().calls;
        assert!(busy.contains(&id), "the colleague's slot is taken");
        if answers_first {
            floor.answered(new);
            assert!(bridges(&floor.told(), leg(id, 2), new));
        }

        let note = None;
        ask(&mut floor, id, &first, Wish::Complete { note }).unwrap();

        if !answers_first {
            floor.told();
            floor.answered(new);
        }
        assert!(bridges(&floor.told(), leg(id, 1), new));
        floor.ended(leg(id, 2), CauseKind::Normal);
        let found = floor.of(id);
        assert!(found.is_with(&second) && found.call.as_ref().unwrap().bridged.is_some());
        let made = found.leg(new).unwrap();
        assert_eq!(
            (made.cause, made.parent),
            (LegCause::Consult, Some(leg(id, 2)))
        );
        let free = &floor.hub.state().agents().get(&first).unwrap().calls;
        assert!(free.is_empty());
        floor.crash();
    }
}

#[test]
fn an_agent_goes_back_to_the_customer_and_so_they_do_when_nobody_answers() {
    for taken_back in [true, false] {
        let mut floor = floor(2);
        let (id, first, new) = consulting(&mut floor, to_number("201"));
        if taken_back {
            floor.answered(new);
            floor.told();
            ask(&mut floor, id, &first, Wish::TakeBack).unwrap();
            assert!(releases(&floor.told()[..1], new));
        } else {
            floor.ended(new, CauseKind::Busy);
            assert!(bridges(&floor.told(), leg(id, 1), leg(id, 2)));
        }

        let found = floor.of(id);
        assert!(found.is_with(&first) && found.call.as_ref().unwrap().consult.is_none());
        ask(&mut floor, id, &first, Wish::TakeBack).unwrap_err();
        floor.ended(leg(id, 1), CauseKind::Normal);
        assert!(releases(&floor.told(), leg(id, 2)));
    }
}

#[test]
fn an_agent_who_hangs_up_while_asking_leaves_the_customer_with_who_was_asked() {
    let mut floor = floor(2);
    let (id, first, new) = consulting(&mut floor, to_number("201"));
    floor.answered(new);
    floor.told();

    floor.ended(leg(id, 2), CauseKind::Normal);

    assert!(bridges(&floor.told(), leg(id, 1), new));
    assert!(!floor.of(id).is_with(&first));
}

#[test]
fn a_customer_who_hangs_up_meanwhile_ends_it_for_everybody() {
    let mut floor = floor(2);
    let (id, _, new) = consulting(&mut floor, to_number("201"));

    floor.ended(leg(id, 1), CauseKind::Normal);

    let told = floor.told();
    assert!(
        releases(&told, new) && releases(&told, leg(id, 2)),
        "{told:?}"
    );
    floor.ended(new, CauseKind::Normal);
    floor.ended(leg(id, 2), CauseKind::Normal);
    assert!(floor.of(id).assignment.as_ref().unwrap().wrap_up.is_some());
}

#[test]
fn who_was_asked_and_rings_too_long_is_let_go_of() {
    let mut floor = floor(1);
    let (id, _, new) = consulting(&mut floor, to_number("201"));

    floor.seconds(60);

    let told = floor.told();
    assert!(releases(&told, new), "{told:?}");
    assert!(bridges(&told, leg(id, 1), leg(id, 2)), "{told:?}");
    floor.ended(new, CauseKind::NoAnswer);
    assert_eq!(floor.told(), []);
}

#[test]
fn a_customer_on_hold_hears_music_and_nothing_else() {
    let mut floor = floor(1);
    let (id, first) = talking(&mut floor);
    let play = |leg, program| Command::Play { leg, program };

    ask(&mut floor, id, &first, Wish::Hold { on: true }).unwrap();
    let parted = Command::Part { leg: leg(id, 1) };
    let music = play(leg(id, 1), Program::Music);
    let silence = play(leg(id, 2), Program::Silence);
    assert_eq!(floor.told(), [parted, music, silence]);
    ask(&mut floor, id, &first, Wish::Hold { on: true }).unwrap();
    assert_eq!(floor.told(), [], "it is so already");
    let refused = |floor: &Floor| floor.of(id).leg(leg(id, 1)).unwrap().refuses_hold;
    assert!(!refused(&floor));
    for _ in 0..2 {
        floor.tell(Input::Leg(LegNews::HoldRefused {
            leg: leg(id, 1),
            status: 488,
        }));
    }
    assert!(refused(&floor));
    let facts = |e: &Event| matches!(e, Event::InCall(InCall::HoldRefused { status: 488, .. }));
    assert_eq!(floor.count(id, facts), 1);
    assert_eq!(floor.told(), [], "it hears music all the same");
    ask(&mut floor, id, &first, Wish::Hold { on: false }).unwrap();
    assert!(bridges(&floor.told(), leg(id, 1), leg(id, 2)));

    ask(&mut floor, id, &first, Wish::Mute { on: true }).unwrap();
    let mute = Command::Mute {
        leg: leg(id, 2),
        on: true,
    };
    assert_eq!(floor.told(), [mute]);
    let press = |digits: &str| Wish::Digits {
        digits: digits.to_owned(),
    };
    ask(&mut floor, id, &first, press("12#")).unwrap();
    let pressed = Command::Press {
        leg: leg(id, 1),
        digits: "12#".to_owned(),
    };
    assert_eq!(floor.told(), [pressed]);
    for wrong in ["", "12x", &"1".repeat(33)] {
        ask(&mut floor, id, &first, press(wrong)).unwrap_err();
    }
}

fn referral(user: &str) -> Referral {
    Referral {
        user: user.to_owned(),
        here: true,
        trusted: true,
        replaces: None,
        by: Some("<sip:anna@example.com>".to_owned()),
    }
}

#[test]
fn a_phone_transfers_its_call_as_its_agent_could() {
    let mut floor = floor(2);
    let (id, first) = talking(&mut floor);
    let phone = leg(id, 2);

    floor.tell(Input::Leg(LegNews::Referred {
        leg: phone,
        referral: referral("+4950123"),
    }));
    assert!(matches!(
        &floor.told()[..],
        [Command::RefuseReferral { status: 403, text, .. }] if text.contains("no rule")
    ));
    floor.tell(Input::Leg(LegNews::Referred {
        leg: phone,
        referral: referral("sales"),
    }));

    let told = floor.told();
    let taken = Command::TakeReferral {
        leg: phone,
        done: true,
    };
    assert_eq!(told[0], taken);
    assert!(releases(&told, phone));
    assert_eq!(floor.of(id).queue.as_str(), "sales");
    assert!(!floor.of(id).is_with(&first));
    let by = |e: &Event| matches!(e, Event::ExternalId { system, .. } if system == "Referred-By");
    assert_eq!(floor.count(id, by), 1);
}

#[test]
fn an_extension_transfers_to_a_colleagues_extension_as_to_the_colleague() {
    let mut setup = floor(2).hub.setup().clone();
    let trunk: TrunkId = "test".parse().unwrap();
    for (agent, n) in setup.agents.values_mut().zip(301..) {
        agent.phone = PhoneSetup::Extension {
            trunk: trunk.clone(),
            number: n.to_string().parse().unwrap(),
        };
    }
    let mut floor = Floor::open(setup);
    let (id, first) = talking(&mut floor);
    let phone = leg(id, 2);
    let second = colleague(&first);
    let PhoneSetup::Extension { number, .. } = &floor.hub.setup().agents[&second].phone else {
        panic!("it is an extension");
    };
    let there = Referral {
        here: false,
        ..referral(number.as_str())
    };

    floor.tell(Input::Leg(LegNews::Referred {
        leg: phone,
        referral: there,
    }));

    let done = false;
    assert!(
        floor
            .told()
            .contains(&Command::TakeReferral { leg: phone, done })
    );
    assert_eq!(floor.offered(id), Some(second));
}

// A colleague whom an agent's phone called by itself, and the interaction of that call.
fn called_colleague(floor: &mut Floor, first: &AgentId) -> (AgentId, InteractionId) {
    let second = colleague(first);
    floor.tell(Input::CallArrived(Arrival {
        peer: Peer::Phone(first.clone()),
        ..arrival(2, "100", second.as_str())
    }));
    let other = InteractionId::new(2_002).unwrap();
    floor.accept(&second, other);
    floor.answered(leg(other, 2));
    floor.answered(leg(other, 1));
    floor.told();
    (second, other)
}

#[test]
fn a_phone_connects_the_customer_with_a_colleague_it_called_itself() {
    let mut floor = floor(2);
    let (id, first) = talking(&mut floor);
    let (second, other) = called_colleague(&mut floor, &first);

    floor.tell(Input::Leg(LegNews::Referred {
        leg: leg(id, 2),
        referral: Referral {
            replaces: Some(Replaced::Ours(leg(other, 1))),
            ..referral("")
        },
    }));

    let told = floor.told();
    let renamed = Command::Rename {
        from: leg(other, 2),
        to: leg(id, 3),
    };
    assert!(told.contains(&renamed), "{told:?}");
    assert!(releases(&told, leg(id, 2)) && releases(&told, leg(other, 1)));
    assert!(
        !releases(&told, leg(other, 2)),
        "it goes on under its new name"
    );
    assert!(bridges(&told, leg(id, 1), leg(id, 3)), "{told:?}");
    assert!(floor.of(id).is_with(&second));
    floor.ended(leg(id, 2), CauseKind::Normal);
    floor.ended(leg(other, 1), CauseKind::Normal);
    assert!(floor.hub.state().interaction(other).is_none(), "sealed");
    floor.crash();
}

#[test]
fn a_phone_whose_customer_left_before_it_could_connect_both_keeps_the_colleague() {
    let mut floor = floor(2);
    let (id, first) = talking(&mut floor);
    let (second, other) = called_colleague(&mut floor, &first);
    floor.ended(leg(id, 1), CauseKind::Normal);
    floor.told();

    floor.tell(Input::Leg(LegNews::Referred {
        leg: leg(id, 2),
        referral: Referral {
            replaces: Some(Replaced::Ours(leg(other, 1))),
            ..referral("")
        },
    }));

    let told = floor.told();
    let refused = told.iter().any(
        |command| matches!(command, Command::RefuseReferral { leg: by, .. } if *by == leg(id, 2)),
    );
    assert!(refused, "{told:?}");
    assert_eq!(told.len(), 1, "nothing else happens to anybody: {told:?}");
    assert!(floor.of(other).call.as_ref().unwrap().bridged.is_some());
    assert!(floor.of(other).is_with(&second));
}

#[test]
fn a_customer_who_hangs_up_before_the_trunk_has_connected_both_ends_it_for_who_was_asked() {
    let (mut floor, id, first, new) = asked_outside("carrier");
    ask(&mut floor, id, &first, Wish::Complete { note: None }).unwrap();
    floor.told();

    floor.ended(leg(id, 1), CauseKind::Normal);

    assert!(releases(&floor.told(), new), "they talked by way of us");
    assert!(floor.of(id).call.is_none());
    let over = LegNews::HandedOut {
        leg: leg(id, 1),
        status: 487,
    };
    floor.tell(Input::Leg(over));
    assert_eq!(floor.told(), []);
}

#[test]
fn a_colleague_who_is_muted_is_so_in_the_call_that_a_phone_connects_them_with() {
    let mut floor = floor(2);
    let (id, first) = talking(&mut floor);
    let (second, other) = called_colleague(&mut floor, &first);
    ask(&mut floor, other, &second, Wish::Mute { on: true }).unwrap();
    floor.told();

    floor.tell(Input::Leg(LegNews::Referred {
        leg: leg(id, 2),
        referral: Referral {
            replaces: Some(Replaced::Ours(leg(other, 1))),
            ..referral("")
        },
    }));

    assert!(floor.of(id).is_with(&second));
    assert!(floor.of(id).call.as_ref().unwrap().muted);
    let new = leg(id, 3);
    let muted = Command::Mute { leg: new, on: true };
    assert!(floor.told().contains(&muted));
    floor.crash();
}

#[test]
fn a_phone_connects_nobody_while_its_agent_asks_somebody_else() {
    let mut floor = floor(2);
    let (id, first, asked) = consulting(&mut floor, to_number("201"));
    let (second, other) = called_colleague(&mut floor, &first);

    floor.tell(Input::Leg(LegNews::Referred {
        leg: leg(id, 2),
        referral: Referral {
            replaces: Some(Replaced::Ours(leg(other, 1))),
            ..referral("")
        },
    }));

    let told = floor.told();
    assert!(
        matches!(&told[..], [Command::RefuseReferral { status: 603, text, .. }] if text.contains("consultation")),
        "{told:?}"
    );
    assert!(!floor.of(id).is_with(&second));
    let consult = floor.of(id).call.as_ref().unwrap().consult.clone();
    assert_eq!(consult.map(|consult| consult.leg), Some(asked));
}

#[test]
fn a_trunk_moves_the_customer_to_another_of_its_numbers() {
    // Which it writes as it likes.
    let numbers = ["5577", "49305577123"];
    for (leaves_early, own) in numbers.iter().flat_map(|own| [(false, own), (true, own)]) {
        let mut floor = floor(1);
        let (id, first) = talking(&mut floor);
        let untrusted = Referral {
            trusted: false,
            ..referral("77")
        };
        let old = leg(id, 1);
        floor.tell(Input::Leg(LegNews::Referred {
            leg: old,
            referral: untrusted,
        }));
        assert!(matches!(
            floor.told()[..],
            [Command::RefuseReferral { status: 403, .. }]
        ));

        floor.tell(Input::Leg(LegNews::Referred {
            leg: old,
            referral: Referral {
                here: false,
                replaces: Some(Replaced::Theirs("a;to-tag=1;from-tag=2".to_owned())),
                ..referral(own)
            },
        }));
        let told = floor.told();
        let new = leg(id, 3);
        assert!(
            told.iter().any(|command| matches!(command,
                Command::Dial { leg, to: Target::Trunk { trunk, .. }, referral: Some(_), .. }
                    if *leg == new && trunk.as_str() == "carrier")),
            "{told:?}"
        );
        if leaves_early {
            floor.ended(old, CauseKind::Normal);
            assert_eq!(floor.of(id).call.as_ref().unwrap().bridged, None);
        }
        floor.told();
        floor.answered(new);

        let told = floor.told();
        assert!(bridges(&told, new, leg(id, 2)), "{told:?}");
        let reported = Command::ReportReferral {
            leg: old,
            status: 200,
        };
        assert!(told.contains(&reported), "{told:?}");
        if !leaves_early {
            assert!(releases(&told, old));
            floor.ended(old, CauseKind::Normal);
        }
        let found = floor.of(id);
        assert!(found.is_with(&first) && found.call.as_ref().unwrap().bridged.is_some());
        floor.crash();
    }
}

#[test]
fn a_customer_who_could_not_be_moved_stays_where_they_are() {
    let mut floor = floor(1);
    let (id, first) = talking(&mut floor);
    let old = leg(id, 1);
    floor.tell(Input::Leg(LegNews::Referred {
        leg: old,
        referral: referral("5577"),
    }));
    floor.told();

    floor.ended(leg(id, 3), CauseKind::Busy);

    let told = floor.told();
    assert!(
        matches!(told[..], [Command::ReportReferral { leg, status: 486 }] if leg == old),
        "{told:?}"
    );
    assert!(floor.of(id).is_with(&first));
    assert_eq!(floor.of(id).call.as_ref().unwrap().replacement, None);
}

#[test]
fn a_call_takes_the_place_of_a_leg_and_nobody_else_notices() {
    for old in [1, 2] {
        let mut floor = floor(1);
        let (id, _) = talking(&mut floor);
        let (old, new) = (leg(id, old), leg(id, 3));

        floor.tell(Input::CallArrived(Arrival {
            replaces: Some(old),
            ..arrival(9, "+4930177", "support")
        }));
        let told = floor.told();
        let adopted = Command::Adopt { call: 9, leg: new };
        assert_eq!(told, [adopted, Command::Answer { leg: new }]);
        floor.answered(new);

        let told = floor.told();
        assert!(releases(&told, old));
        let (a, b) = match old.n {
            1 => (new, leg(id, 2)),
            _ => (leg(id, 1), new),
        };
        assert!(bridges(&told, a, b), "{told:?}");
        floor.ended(old, CauseKind::Normal);
        assert!(floor.of(id).call.as_ref().unwrap().bridged.is_some());
    }
}

#[test]
fn a_customer_who_moves_while_the_trunk_is_asked_to_take_the_call_over_waits_again() {
    let mut setup = house(1, 6);
    setup.transfers.numbers = vec!["201".to_owned()];
    setup.transfers.handed = ["carrier".parse().unwrap()].into();
    let mut floor = Floor::open(setup);
    let (id, first) = talking(&mut floor);
    ask(&mut floor, id, &first, transfer(to_number("201"))).unwrap();
    floor.ended(leg(id, 2), CauseKind::Normal);
    floor.tell(Input::CallArrived(Arrival {
        replaces: Some(leg(id, 1)),
        ..arrival(9, "+4930177", "support")
    }));

    floor.answered(leg(id, 3));

    assert_eq!(floor.offered(id), Some(first), "nobody else has the caller");
}

#[test]
fn an_agent_who_is_muted_is_so_on_the_phone_that_takes_the_place_of_theirs() {
    for (asks, leaves_early) in [(false, false), (false, true), (true, false)] {
        let mut floor = floor(1);
        let (id, first) = talking(&mut floor);
        ask(&mut floor, id, &first, Wish::Mute { on: true }).unwrap();
        let (old, new) = (leg(id, 2), leg(id, if asks { 4 } else { 3 }));
        if asks {
            let to = to_number("201");
            ask(&mut floor, id, &first, Wish::Consult { to }).unwrap();
            floor.answered(leg(id, 3));
        }
        floor.tell(Input::CallArrived(Arrival {
            replaces: Some(old),
            ..arrival(9, "+4930177", "support")
        }));
        if leaves_early {
            floor.ended(old, CauseKind::Normal);
        }
        floor.told();

        floor.answered(new);

        let told = floor.told();
        let muted = Command::Mute { leg: new, on: true };
        let muted = told.iter().position(|command| *command == muted);
        let heard = |command: &Command| matches!(command, Command::Bridge { a, b } if [*a, *b].contains(&new));
        let heard = told.iter().position(heard);
        assert!(muted.is_some() && heard.is_some(), "{told:?}");
        assert!(muted < heard, "nothing of it is heard before: {told:?}");
        assert!(floor.of(id).call.as_ref().unwrap().muted);
        ask(&mut floor, id, &first, Wish::Mute { on: false }).unwrap();
        assert_eq!(
            floor.told(),
            [Command::Mute {
                leg: new,
                on: false
            }]
        );
    }
}

#[test]
fn who_was_to_take_the_place_of_a_phone_is_let_go_of_when_the_call_went_elsewhere() {
    for transferred in [false, true] {
        let mut floor = floor(2);
        let id = floor.call(1, "+4930100");
        let first = floor.accept_any(id);
        let phone = leg(id, 2);
        if transferred {
            floor.answered(phone);
            floor.answered(leg(id, 1));
        }
        let new = floor.replacing(phone);
        floor.told();

        if transferred {
            let to = TransferTo::Queue("support".parse().unwrap());
            ask(&mut floor, id, &first, transfer(to)).unwrap();
        } else {
            floor.ended(phone, CauseKind::Busy);
        }

        assert!(releases(&floor.told(), new));
        assert_eq!(floor.of(id).call.as_ref().unwrap().replacement, None);
        let failed = |e: &Event| matches!(e, Event::InCall(InCall::ReplacementFailed { .. }));
        assert_eq!(floor.count(id, failed), 1);
        let second = floor.accept_any(id);
        assert_ne!(second, first);
        floor.answered(new);
        let call = floor.of(id).call.clone().unwrap();
        assert_ne!(call.agent, Some(new), "it crossed our BYE");
        floor.ended(new, CauseKind::Normal);
        floor.crash();
    }
}

#[test]
fn who_takes_a_place_while_the_agent_asks_somebody_leaves_those_two_as_they_are() {
    for old in [1, 2] {
        let mut floor = floor(1);
        let (id, _, asked) = consulting(&mut floor, to_number("201"));
        floor.answered(asked);
        assert!(bridges(&floor.told(), leg(id, 2), asked));
        let (old, new) = (leg(id, old), leg(id, 4));
        floor.tell(Input::CallArrived(Arrival {
            replaces: Some(old),
            ..arrival(9, "+4930178", "support")
        }));
        floor.told();

        floor.answered(new);

        let told = floor.told();
        assert!(releases(&told, old), "{told:?}");
        let again = bridges(&told, leg(id, 2), asked);
        let music = told.contains(&Command::Play {
            leg: new,
            program: Program::Music,
        });
        match old.n {
            1 => assert!(music && !again, "the customer waits: {told:?}"),
            _ => assert!(bridges(&told, new, asked), "{told:?}"),
        }
        floor.ended(old, CauseKind::Normal);
        floor.crash();
    }
}

#[test]
fn a_customer_who_is_moved_and_leaves_early_does_not_disturb_whom_the_agent_asks() {
    for joined in [false, true] {
        let mut floor = floor(1);
        let (id, first, asked) = consulting(&mut floor, to_number("201"));
        let (old, own, new) = (leg(id, 1), leg(id, 2), leg(id, 4));
        floor.tell(Input::Leg(LegNews::Referred {
            leg: old,
            referral: referral("5577"),
        }));
        if joined {
            floor.answered(asked);
        }
        floor.told();

        floor.ended(old, CauseKind::Normal);
        floor.answered(new);

        let told = floor.told();
        let disturbed = told.iter().any(|command| {
            matches!(command, Command::Part { leg } | Command::Play { leg, .. } | Command::Await { leg, .. }
                if *leg == own)
        });
        assert!(!disturbed && !bridges(&told, new, own), "{told:?}");
        let music = Command::Play {
            leg: new,
            program: Program::Music,
        };
        assert!(told.contains(&music), "{told:?}");
        ask(&mut floor, id, &first, Wish::TakeBack).unwrap();
        let told = floor.told();
        assert!(bridges(&told, new, own) && releases(&told, asked));
        floor.crash();
    }
}

// An agent who asks a colleague while the customer, who was moved, has left the old leg already; returns the customer's new
// leg too.
fn asking_alone(floor: &mut Floor, joined: bool) -> (InteractionId, AgentId, LegId, LegId) {
    let (id, first) = talking(floor);
    let to = TransferTo::Agent(colleague(&first));
    ask(floor, id, &first, Wish::Consult { to }).unwrap();
    let asked = dialled(&floor.told()).unwrap();
    let old = leg(id, 1);
    floor.tell(Input::Leg(LegNews::Referred {
        leg: old,
        referral: referral("5577"),
    }));
    if joined {
        floor.answered(asked);
    }
    floor.ended(old, CauseKind::Normal);
    floor.told();
    (id, first, asked, leg(id, 4))
}

#[test]
fn an_agent_who_hangs_up_while_asking_leaves_a_customer_who_is_being_moved_with_who_was_asked() {
    for joined in [false, true] {
        let mut floor = floor(2);
        let (id, first, asked, new) = asking_alone(&mut floor, joined);

        floor.ended(leg(id, 2), CauseKind::Normal);

        let told = floor.told();
        assert!(!releases(&told, asked), "{told:?}");
        let rings = Command::Await {
            leg: asked,
            of: new,
        };
        assert_eq!(told.contains(&rings), joined, "{told:?}");
        let found = floor.of(id);
        assert!(found.is_with(&colleague(&first)));
        assert!(found.call.as_ref().unwrap().consult.is_none());
        let missed =
            |e: &Event| matches!(e, Event::OfferEnded { end, .. } if *end == OfferEnd::PhoneFailed);
        assert_eq!(floor.count(id, missed), 0);
        floor.answered(new);
        if !joined {
            floor.answered(asked);
        }
        assert!(bridges(&floor.told(), new, asked));
        floor.crash();
    }
}

#[test]
fn who_asks_while_the_customer_is_being_moved_goes_back_or_passes_the_call_on() {
    for completes in [false, true] {
        let mut floor = floor(2);
        let (id, first, asked, new) = asking_alone(&mut floor, true);
        let own = leg(id, 2);
        let conference = ask(&mut floor, id, &first, Wish::Conference).unwrap_err();
        assert_eq!(conference.code, Code::Conflict);

        let wish = match completes {
            true => Wish::Complete { note: None },
            false => Wish::TakeBack,
        };
        ask(&mut floor, id, &first, wish).unwrap();

        let told = floor.told();
        let (stays, goes) = if completes {
            (asked, own)
        } else {
            (own, asked)
        };
        let rings = Command::Await {
            leg: stays,
            of: new,
        };
        assert!(told.contains(&rings) && releases(&told, goes), "{told:?}");
        floor.ended(goes, CauseKind::Normal);
        floor.answered(new);
        assert!(bridges(&floor.told(), new, stays));
        floor.crash();
    }
}

#[test]
fn who_asked_nobody_hears_the_moved_customer_ring() {
    let mut floor = floor(1);
    let (id, _, asked) = consulting(&mut floor, to_number("201"));
    let (old, own, new) = (leg(id, 1), leg(id, 2), leg(id, 4));
    floor.tell(Input::Leg(LegNews::Referred {
        leg: old,
        referral: referral("5577"),
    }));
    floor.ended(old, CauseKind::Normal);
    floor.told();

    floor.ended(asked, CauseKind::Busy);

    let rings = Command::Await { leg: own, of: new };
    let told = floor.told();
    assert!(told.contains(&rings), "{told:?}");
    floor.answered(new);
    assert!(bridges(&floor.told(), new, own));
}

#[test]
fn a_moved_customer_is_on_hold_again() {
    let mut floor = floor(1);
    let (id, first) = talking(&mut floor);
    ask(&mut floor, id, &first, Wish::Hold { on: true }).unwrap();
    let (old, own, new) = (leg(id, 1), leg(id, 2), leg(id, 3));
    floor.tell(Input::Leg(LegNews::Referred {
        leg: old,
        referral: referral("5577"),
    }));
    floor.told();
    floor.ended(old, CauseKind::Normal);
    floor.answered(new);

    let told = floor.told();
    let rings = |command: &Command| matches!(command, Command::Await { leg, .. } if *leg == own);
    assert!(!told.iter().any(rings), "{told:?}");
    assert!(!bridges(&told, new, own));
    assert!(floor.of(id).call.as_ref().unwrap().held);
    ask(&mut floor, id, &first, Wish::Hold { on: false }).unwrap();
    assert!(bridges(&floor.told(), new, own));
}

#[test]
fn a_phone_that_leaves_before_the_next_one_answers_asks_nobody_any_more() {
    let mut floor = floor(1);
    let (id, _, asked) = consulting(&mut floor, to_number("201"));
    floor.answered(asked);
    let (old, new) = (leg(id, 2), leg(id, 4));
    floor.tell(Input::CallArrived(Arrival {
        replaces: Some(old),
        ..arrival(9, "+4930178", "support")
    }));
    floor.told();

    floor.ended(old, CauseKind::Normal);

    assert!(releases(&floor.told(), asked));
    assert!(floor.of(id).call.as_ref().unwrap().consult.is_none());
    floor.answered(new);
    assert!(bridges(&floor.told(), leg(id, 1), new));
    floor.crash();
}

#[test]
fn the_chats_of_who_is_asked_by_a_colleague_rest_too() {
    let mut setup = house(2, 6);
    for agent in setup.agents.values_mut() {
        agent.chats_during_call = crate::setup::ChatsDuringCall::Pause;
    }
    let mut floor = Floor::open(setup);
    let (id, first) = talking(&mut floor);
    let second = if first == agent(0) {
        agent(1)
    } else {
        agent(0)
    };
    let chat = floor.chat(1);
    floor.accept(&second, chat);
    let rests = |floor: &Floor| floor.of(chat).assignment.as_ref().unwrap().paused;
    assert!(!rests(&floor));

    let to = TransferTo::Agent(second);
    ask(&mut floor, id, &first, Wish::Consult { to }).unwrap();
    assert!(rests(&floor));
    ask(&mut floor, id, &first, Wish::TakeBack).unwrap();

    assert!(!rests(&floor));
}
