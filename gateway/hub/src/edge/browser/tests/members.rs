//! Several agents in one chat.

use ws::agent::Contact;

use super::*;

/// The first agent has a chat, the second is at a console on socket 200 and ready.
pub(super) fn two() -> (House, InteractionId) {
    let mut house = House::new();
    let interaction = house.chat();
    let agent = "a1".parse().unwrap();
    let resume = AgentResume::default();
    house
        .browsers
        .open_agent(200, 9_000, &agent, &resume, &house.hub, house.now);
    house.settle();
    let presence = ws::agent::Presence::Ready;
    house.work(200, agent::Request::Presence { presence });
    (house, interaction)
}

pub(super) fn invite(house: &mut House, interaction: InteractionId) -> Vec<Output> {
    house.work(
        100,
        agent::Request::Invite {
            interaction,
            agent: "a1".parse().unwrap(),
            note: Some("speaks French".to_owned()),
        },
    )
}

fn pushed(outputs: &[Output], wanted: u64) -> Vec<agent::Push> {
    let told = outputs.iter().flat_map(|output| match output {
        Output::Agent { socket, told } if *socket == wanted => vec![AgentTold::clone(told)],
        Output::AgentResumed { socket, told } if *socket == wanted => told.clone(),
        _ => Vec::new(),
    });
    let pushes = told.filter_map(|told| match told {
        Told::Push(push) => Some(push),
        _ => None,
    });
    pushes.collect()
}

fn changes(outputs: &[Output], wanted: u64) -> Vec<Change> {
    let pushes = pushed(outputs, wanted).into_iter();
    let changes = pushes.filter_map(|push| match push {
        agent::Push::Change { change, .. } => Some(*change),
        _ => None,
    });
    changes.collect()
}

fn contact(outputs: &[Output], wanted: u64) -> Contact {
    let changes = changes(outputs, wanted).into_iter();
    let contact = changes.filter_map(|change| match change {
        Change::Contact { contact } => Some(*contact),
        _ => None,
    });
    contact.last().expect("a contact")
}

fn entries(outputs: &[Output], wanted: u64) -> usize {
    let pushed = pushed(outputs, wanted);
    let entry = |push: &&agent::Push| matches!(push, agent::Push::Entry { .. });
    pushed.iter().filter(entry).count()
}

#[test]
fn a_colleague_is_asked_by_an_offer_and_sees_the_whole_chat_once_they_accept() {
    let (mut house, interaction) = two();

    let out = invite(&mut house, interaction);

    let offered = changes(&out, 200)
        .into_iter()
        .find_map(|change| match change {
            Change::Offered { offer } => Some(offer),
            _ => None,
        });
    let offer = offered.expect("an offer");
    assert_eq!(offer.invited_by.unwrap().agent, "a0".parse().unwrap());
    assert_eq!(offer.notes[0].text, "speaks French");
    assert!(!contact(&out, 100).members[0].joined, "they are only asked");
    assert!(
        to_visitor(&out, 1).is_empty(),
        "the visitor knows nothing yet"
    );
    let out = house.work(200, agent::Request::Accept { interaction });
    let theirs = contact(&out, 200);
    assert_eq!(theirs.owner.unwrap().agent, "a0".parse().unwrap());
    assert_eq!(theirs.notes.len(), 1);
    assert!(entries(&out, 200) >= 3, "all that was said: {out:?}");
    assert!(contact(&out, 100).members[0].joined);
    assert_eq!(contact(&out, 100).owner, None, "it is their own");
    assert_eq!(to_visitor(&out, 1).len(), 1, "who joined: {out:?}");
    let left = house.work(200, agent::Request::Leave { interaction });
    let released = |change: &Change| matches!(change, Change::Released { .. });
    assert!(changes(&left, 200).iter().any(released), "{left:?}");
    assert!(contact(&left, 100).members.is_empty());
    assert_eq!(to_visitor(&left, 1).len(), 1, "who left: {left:?}");
}

#[test]
fn who_is_in_a_chat_sees_the_others_write_and_not_themselves() {
    let (mut house, interaction) = two();
    invite(&mut house, interaction);
    house.work(200, agent::Request::Accept { interaction });
    let typing = agent::Request::Typing {
        interaction,
        on: true,
    };
    let seen = |out: &[Output], socket| {
        let pushes = pushed(out, socket);
        let typing = |push: &&agent::Push| matches!(push, agent::Push::Typing { .. });
        pushes.iter().filter(typing).count()
    };

    let out = house.work(200, typing.clone());
    assert_eq!((seen(&out, 100), seen(&out, 200)), (1, 0), "{out:?}");
    assert_eq!(to_visitor(&out, 1).len(), 1);
    let out = house.work(100, typing);
    assert_eq!((seen(&out, 100), seen(&out, 200)), (0, 1), "{out:?}");
    let out = house.ask(1, visitor::Request::Typing { on: true });
    assert_eq!((seen(&out, 100), seen(&out, 200)), (1, 1), "{out:?}");
}

#[test]
fn an_invitation_that_is_declined_leaves_both_desks() {
    let (mut house, interaction) = two();
    invite(&mut house, interaction);

    let out = house.work(200, agent::Request::Decline { interaction });

    let gone = |change: &Change| matches!(change, Change::OfferGone { .. });
    assert!(changes(&out, 200).iter().any(gone), "{out:?}");
    assert!(contact(&out, 100).members.is_empty());
    let typing = agent::Request::Typing {
        interaction,
        on: true,
    };
    let out = house.work(200, typing);
    assert!(
        to_visitor(&out, 1).is_empty(),
        "they are not there: {out:?}"
    );
}

#[test]
fn an_invitation_that_is_taken_back_leaves_both_desks_and_the_colleague_is_told_why() {
    let (mut house, interaction) = two();
    invite(&mut house, interaction);
    let agent = "a1".parse().unwrap();

    let out = house.work(100, agent::Request::Withdraw { interaction, agent });

    let why = changes(&out, 200)
        .into_iter()
        .find_map(|change| match change {
            Change::OfferGone { reason, .. } => Some(reason),
            _ => None,
        });
    assert_eq!(why.as_deref(), Some("it was taken back"), "{out:?}");
    assert!(contact(&out, 100).members.is_empty());
    assert!(to_visitor(&out, 1).is_empty(), "{out:?}");
}

#[test]
fn a_console_that_comes_back_has_the_chats_of_colleagues_on_its_desk() {
    let (mut house, interaction) = two();
    invite(&mut house, interaction);
    house.work(200, agent::Request::Accept { interaction });

    let agent = "a1".parse().unwrap();
    let resume = AgentResume::default();
    house
        .browsers
        .open_agent(201, 9_001, &agent, &resume, &house.hub, house.now);
    let out = house.settle();

    let desks = pushed(&out, 201).into_iter().find_map(|push| match push {
        agent::Push::Desk { desk, .. } => Some(desk),
        _ => None,
    });
    let desk = desks.expect("a desk");
    assert!(desk.offers.is_empty());
    assert_eq!(desk.contacts[0].owner.as_ref().unwrap().name, "Agent 0");
    assert!(entries(&out, 201) >= 4, "{out:?}");
}
