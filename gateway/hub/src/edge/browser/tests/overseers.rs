//! Supervisors who read chats along.

use ws::{
    agent::Channel,
    supervision::{Supervise, Supervision},
    timeline::What,
};

use super::*;

/// The first agent serves a chat, the second is a supervisor on socket 200.
pub(super) fn overseen() -> (House, InteractionId) {
    let mut house = House::new();
    let mut setup = house.hub.setup().clone();
    let boss = setup.agents.get_mut(&"a1".parse().unwrap()).unwrap();
    (boss.supervisor, boss.queues) = (true, Vec::new());
    house
        .hub
        .handle(crate::Input::Configure(Box::new(setup)), house.now);
    house.browsers.handle_setup(&house.hub);
    house.settle();
    let interaction = house.chat();
    let agent = "a1".parse().unwrap();
    let resume = AgentResume::default();
    house
        .browsers
        .open_agent(200, 9_000, &agent, &resume, &house.hub, house.now);
    house.settle();
    (house, interaction)
}

fn supervise(house: &mut House, interaction: InteractionId, act: Supervise) -> Vec<Output> {
    let channel = Channel::Chat;
    house.work(
        200,
        agent::Request::Supervise {
            interaction,
            act,
            channel,
        },
    )
}

fn pushed(outputs: &[Output], wanted: u64) -> Vec<agent::Push> {
    let told = outputs.iter().flat_map(|output| match output {
        Output::Agent { socket, told } if *socket == wanted => vec![AgentTold::clone(told)],
        Output::AgentResumed { socket, told } if *socket == wanted => told.clone(),
        _ => Vec::new(),
    });
    told.filter_map(|told| match told {
        Told::Push(push) => Some(push),
        _ => None,
    })
    .collect()
}

fn entries(outputs: &[Output], wanted: u64) -> usize {
    let pushed = pushed(outputs, wanted);
    let entries = pushed
        .iter()
        .filter(|push| matches!(push, agent::Push::Entry { .. }));
    entries.count()
}

#[test]
fn who_reads_along_is_told_the_whole_chat_and_all_that_follows_until_they_leave() {
    let (mut house, interaction) = overseen();

    let out = supervise(&mut house, interaction, Supervise::Listen);

    assert!(entries(&out, 200) >= 3, "{out:?}");
    assert!(to_visitor(&out, 1).is_empty(), "the visitor sees nothing");
    assert_eq!(entries(&out, 100), 0, "nor does the agent");
    let said = |text: &str, mid: &str| visitor::Request::Message {
        mid: mid.parse().unwrap(),
        text: text.to_owned(),
        interaction: None,
    };
    let out = house.ask(1, said("one more thing", "m-2"));
    assert_eq!(entries(&out, 200), 1);
    supervise(&mut house, interaction, Supervise::Stop);
    let out = house.ask(1, said("and another", "m-3"));
    assert_eq!(entries(&out, 200), 0);
}

#[test]
fn a_whisper_is_on_the_agents_desk_and_nowhere_with_the_visitor() {
    let (mut house, interaction) = overseen();
    supervise(&mut house, interaction, Supervise::Listen);

    let text = "offer a refund".to_owned();
    let out = house.work(200, agent::Request::Whisper { interaction, text });

    let whispered = |push: &agent::Push| match push {
        agent::Push::Change { change, .. } => match &**change {
            Change::Contact { contact } => contact.whispers.len() == 1,
            _ => false,
        },
        _ => false,
    };
    assert!(pushed(&out, 100).iter().any(whispered), "{out:?}");
    assert!(to_visitor(&out, 1).is_empty(), "{out:?}");
    let again = house.hello(2, 1, None);
    let told = format!("{:?}", to_visitor(&again, 2));
    assert!(!told.contains("refund"), "{told}");
}

#[test]
fn only_who_barged_in_is_seen_to_write() {
    let (mut house, interaction) = overseen();
    supervise(&mut house, interaction, Supervise::Listen);
    let typing = agent::Request::Typing {
        interaction,
        on: true,
    };

    let out = house.work(200, typing.clone());
    assert!(to_visitor(&out, 1).is_empty(), "{out:?}");
    let out = supervise(&mut house, interaction, Supervise::Barge);
    assert_eq!(to_visitor(&out, 1).len(), 1, "who joined: {out:?}");
    let out = house.work(200, typing);

    assert_eq!(to_visitor(&out, 1).len(), 1);
}

#[test]
fn a_chat_that_is_taken_over_goes_on_for_its_new_agent_without_coming_anew() {
    let (mut house, interaction) = overseen();
    supervise(&mut house, interaction, Supervise::Listen);

    let out = supervise(&mut house, interaction, Supervise::TakeOver);

    let desk = desk::of(&"a1".parse().unwrap(), &house.hub).unwrap();
    assert_eq!(desk.contacts.len(), 1);
    assert!(desk.supervised.is_empty());
    assert_eq!(entries(&out, 200), 2, "left and joined: {out:?}");
    let shown = |push: &agent::Push| match push {
        agent::Push::Change { change, .. } => match &**change {
            Change::Supervised { supervised } => {
                supervised.iter().all(|one| one.how != Supervision::Barge)
            }
            _ => false,
        },
        _ => false,
    };
    assert!(pushed(&out, 200).iter().any(shown), "{out:?}");
    let taken_by = |push: &agent::Push| match push {
        agent::Push::Change { change, .. } => match &**change {
            Change::Released { taken_by, .. } => taken_by.clone().map(|by| by.agent),
            _ => None,
        },
        _ => None,
    };
    let told: Vec<_> = pushed(&out, 100).iter().filter_map(taken_by).collect();
    assert_eq!(told, ["a1".parse().unwrap()], "{out:?}");
}

#[test]
fn who_reads_along_is_told_how_the_chat_ended_and_then_that_it_did() {
    let (mut house, interaction) = overseen();
    supervise(&mut house, interaction, Supervise::Listen);

    let out = house.ask(1, visitor::Request::End {});

    let told = pushed(&out, 200);
    let ended = |push: &agent::Push| match push {
        agent::Push::Entry { entry, .. } => matches!(entry.what, What::Ended { .. }),
        _ => false,
    };
    let left = |push: &agent::Push| match push {
        agent::Push::Change { change, .. } => match &**change {
            Change::Supervised { supervised } => supervised.is_empty(),
            _ => false,
        },
        _ => false,
    };
    let at = told.iter().position(ended);
    assert!(at.is_some(), "{told:?}");
    assert!(at < told.iter().position(left), "{told:?}");
}

#[test]
fn who_reads_along_sees_what_was_noted() {
    let (mut house, interaction) = overseen();
    supervise(&mut house, interaction, Supervise::Listen);

    let text = "asked for a refund twice".to_owned();
    let out = house.work(100, agent::Request::Note { interaction, text });

    let noted = |push: &agent::Push| match push {
        agent::Push::Change { change, .. } => match &**change {
            Change::Supervised { supervised } => supervised.iter().any(|one| one.notes.len() == 1),
            _ => false,
        },
        _ => false,
    };
    assert!(pushed(&out, 200).iter().any(noted), "{out:?}");
    assert!(to_visitor(&out, 1).is_empty(), "{out:?}");
}

/// The first agent is in a call, which the second listens to as a supervisor.
fn listened() -> (House, InteractionId) {
    let mut house = House::new();
    let mut setup = house.hub.setup().clone();
    let boss = setup.agents.get_mut(&"a1".parse().unwrap()).unwrap();
    (boss.supervisor, boss.queues) = (true, Vec::new());
    let mut inputs = vec![Input::Configure(Box::new(setup))];
    inputs.extend(["a0", "a1"].map(|agent| Input::PhoneRegistered {
        agent: agent.parse().unwrap(),
        binding: format!("sip:{agent}"),
        until: house.now + Duration::from_secs(1_000),
    }));
    for input in inputs {
        house.hub.handle(input, house.now);
    }
    house.browsers.handle_setup(&house.hub);
    house.console(100, AgentResume::default());
    let (boss, resume) = ("a1".parse().unwrap(), AgentResume::default());
    house
        .browsers
        .open_agent(200, 9_000, &boss, &resume, &house.hub, house.now);
    house.settle();
    let presence = Presence::Ready;
    house.work(100, agent::Request::Presence { presence });
    let arrival = crate::tests::arrival(1, "+4930100", "support");
    let interaction = arrival.candidate;
    house.hub.handle(Input::CallArrived(arrival), house.now);
    house.settle();
    house.work(100, agent::Request::Accept { interaction });
    answered(&mut house, interaction, 2);
    answered(&mut house, interaction, 1);
    let (act, channel) = (Supervise::Listen, Channel::Voice);
    let listen = agent::Request::Supervise {
        interaction,
        act,
        channel,
    };
    house.work(200, listen);
    answered(&mut house, interaction, 3);
    (house, interaction)
}

fn answered(house: &mut House, interaction: InteractionId, n: u16) {
    let leg = crate::tests::leg(interaction, n);
    let news = LegNews::Answered { leg };
    house.hub.handle(Input::Leg(news), house.now);
    house.settle();
}

#[test]
fn a_supervisor_is_told_where_the_call_went_whose_supervision_ended_with_that() {
    let (mut house, interaction) = listened();
    let to = ws::transfer::TransferTo::Queue("support".parse().unwrap());

    let out = house.work(
        100,
        agent::Request::Transfer {
            interaction,
            to: to.clone(),
            note: None,
        },
    );

    let moved = agent::Push::CallMoved { interaction, to };
    assert!(pushed(&out, 200).contains(&moved), "{out:?}");
    assert!(!pushed(&out, 100).contains(&moved), "{out:?}");
}

#[test]
fn a_supervisor_is_told_why_the_call_is_over_in_which_they_took_part() {
    let (mut house, interaction) = listened();
    let cause = crate::settle::cause(crate::input::CauseKind::Normal, "the customer hung up");
    let leg = crate::tests::leg(interaction, 1);

    house
        .hub
        .handle(Input::Leg(LegNews::Ended { leg, cause }), house.now);
    let out = house.settle();

    let reason = "the customer hung up".to_owned();
    let over = agent::Push::CallOver {
        interaction,
        reason,
    };
    let told = |socket| {
        pushed(&out, socket)
            .iter()
            .filter(|&one| *one == over)
            .count()
    };
    assert_eq!((told(200), told(100)), (1, 0), "{out:?}");
}

#[test]
fn a_supervisor_is_told_nothing_of_a_call_that_they_left_before_it_went() {
    let (mut house, interaction) = listened();
    let (act, channel) = (Supervise::Stop, Channel::Voice);
    house.work(
        200,
        agent::Request::Supervise {
            interaction,
            act,
            channel,
        },
    );

    let to = ws::transfer::TransferTo::Queue("support".parse().unwrap());
    let note = None;
    let out = house.work(
        100,
        agent::Request::Transfer {
            interaction,
            to,
            note,
        },
    );

    let moved = |push: &agent::Push| {
        matches!(
            push,
            agent::Push::CallMoved { .. } | agent::Push::CallOver { .. }
        )
    };
    assert!(!pushed(&out, 200).iter().any(moved), "{out:?}");
}
