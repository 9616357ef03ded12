//! Several agents in one chat.

use ws::{
    agent::Presence, frame::Code, id::CustomerId, supervision::Supervise, transfer::HandOverTo,
};

use super::*;
use crate::event::{InChat, OfferEnd, Party};

/// A chat that `a0` has, and so many colleagues with two chat slots each.
fn held(agents: usize) -> (Floor, InteractionId) {
    let mut floor = Floor::open(house(agents, 2));
    let id = floor.chat(1);
    floor.accept(&agent(0), id);
    (floor, id)
}

/// The same, with `a1` in it.
fn joined(agents: usize) -> (Floor, InteractionId) {
    let (mut floor, id) = held(agents);
    invite(&mut floor, id, 0, 1, Some("the customer speaks French")).unwrap();
    floor.accept(&agent(1), id);
    (floor, id)
}

fn invite(
    floor: &mut Floor,
    id: InteractionId,
    by: usize,
    whom: usize,
    note: Option<&str>,
) -> Result<Done, Refusal> {
    let (whom, note) = (agent(whom), note.map(str::to_owned));
    ask(floor, id, &agent(by), Wish::Invite { agent: whom, note })
}

fn leave(floor: &mut Floor, id: InteractionId, by: usize) -> Result<Done, Refusal> {
    ask(floor, id, &agent(by), Wish::Leave)
}

fn say(floor: &mut Floor, id: InteractionId, by: usize, text: &str) -> Result<Done, Refusal> {
    floor.says(&agent(by), id, text)
}

fn slots(floor: &Floor, n: usize) -> usize {
    let known = floor.hub.state().agents().get(&agent(n)).unwrap();
    known.chats.len()
}

/// What the customer is told of who is there, in order.
fn told(floor: &Floor, id: InteractionId) -> Vec<String> {
    let facts = floor.facts.iter();
    let facts = facts.filter(|fact| fact.interaction == Some(id) && fact.seq.is_some());
    let told = facts.filter_map(|fact| match &fact.event {
        Event::Assigned { name, .. } | Event::InChat(InChat::Joined { name, .. }) => {
            Some(format!("{name} joined"))
        }
        Event::AssignmentEnded { agent, .. } | Event::InChat(InChat::Left { agent }) => {
            Some(format!("{agent} left"))
        }
        _ => None,
    });
    told.collect()
}

fn ends(floor: &Floor, id: InteractionId) -> Vec<OfferEnd> {
    let events = floor.events(id).into_iter();
    let ends = events.filter_map(|event| match event {
        Event::InChat(InChat::InvitationEnded { end, .. }) => Some(*end),
        _ => None,
    });
    ends.collect()
}

fn leg_is_live(floor: &Floor, id: InteractionId, n: usize) -> bool {
    let mut legs = floor.of(id).legs.values();
    legs.any(|leg| leg.is_live() && leg.party == Party::AgentChat { agent: agent(n) })
}

#[test]
fn a_colleague_who_is_asked_takes_a_slot_and_writes_once_they_have_come() {
    let (mut floor, id) = held(2);

    invite(
        &mut floor,
        id,
        0,
        1,
        Some("speaks French, card 4111 1111 1111 1111"),
    )
    .unwrap();

    assert_eq!(
        slots(&floor, 1),
        1,
        "an invitation takes a slot as an offer does"
    );
    let note = &floor.of(id).notes[0].text;
    assert!(note.starts_with("speaks French") && !note.contains("4111 1111"));
    assert_eq!(
        say(&mut floor, id, 1, "bonjour").unwrap_err().code,
        Code::Forbidden
    );
    assert_eq!(
        told(&floor, id),
        ["Agent 0 joined"],
        "the customer knows nothing yet"
    );
    floor.accept(&agent(1), id);
    say(&mut floor, id, 1, "bonjour").unwrap();
    say(&mut floor, id, 0, "that-is-my-colleague").unwrap();
    assert_eq!(told(&floor, id), ["Agent 0 joined", "Agent 1 joined"]);
    assert_eq!(slots(&floor, 1), 1);
    assert!(leg_is_live(&floor, id, 1), "it is a leg of the record");
    assert!(
        floor.of(id).is_with(&agent(0)),
        "it is still the first one's"
    );
}

#[test]
fn an_invitation_that_is_declined_or_not_answered_gives_the_slot_back() {
    let (mut floor, id) = held(2);
    invite(&mut floor, id, 0, 1, None).unwrap();
    let decline = Input::Decline {
        agent: agent(1),
        interaction: id,
        re: RE,
    };
    floor.ask(decline).unwrap();
    assert_eq!(slots(&floor, 1), 0);

    invite(&mut floor, id, 0, 1, None).unwrap();
    let deadline = floor.of(id).room.invited[0].deadline;
    floor.seconds(deadline.since(floor.now).as_secs() + 1);

    assert_eq!(slots(&floor, 1), 0);
    assert_eq!(ends(&floor, id), [OfferEnd::Declined, OfferEnd::Expired]);
    let known = floor.hub.state().agents().get(&agent(1)).unwrap();
    assert_eq!(
        known.misses, 0,
        "a favour that was not done is no missed offer"
    );
    assert!(floor.of(id).is_with(&agent(0)));
}

#[test]
fn one_invitation_is_taken_back_by_whoever_has_the_chat_and_the_others_stand() {
    let (mut floor, id) = held(4);
    invite(&mut floor, id, 0, 1, None).unwrap();
    invite(&mut floor, id, 0, 2, None).unwrap();
    let withdraw = |floor: &mut Floor, by, whom| {
        ask(floor, id, &agent(by), Wish::Withdraw { agent: agent(whom) })
    };

    assert_eq!(
        withdraw(&mut floor, 3, 1).unwrap_err().code,
        Code::Forbidden,
        "it is not a stranger's"
    );
    assert_eq!(
        withdraw(&mut floor, 1, 1).unwrap_err().code,
        Code::Forbidden,
        "who is asked declines"
    );
    withdraw(&mut floor, 0, 1).unwrap();

    assert_eq!(ends(&floor, id), [OfferEnd::Withdrawn]);
    assert_eq!((slots(&floor, 1), slots(&floor, 2)), (0, 1));
    assert_eq!(told(&floor, id), ["Agent 0 joined"]);
    let accept = Input::Accept {
        agent: agent(1),
        interaction: id,
        re: RE,
    };
    assert!(floor.ask(accept).is_err(), "the offer is gone");
    let twice = withdraw(&mut floor, 0, 1).unwrap_err();
    assert_eq!(twice.code, Code::Conflict);
    floor.accept(&agent(2), id);
    assert_eq!(
        withdraw(&mut floor, 0, 2).unwrap_err().code,
        Code::Conflict,
        "who came stays"
    );
    assert_eq!(slots(&floor, 2), 1);
    invite(&mut floor, id, 0, 1, None).unwrap();
    floor.accept(&agent(1), id);
    assert_eq!(floor.of(id).room.members.len(), 2, "they are asked again");
}

#[test]
fn only_who_has_an_open_chat_asks_and_only_somebody_with_room_who_is_not_there() {
    let (mut floor, id) = held(6);
    let refused = |floor: &mut Floor, by, whom| invite(floor, id, by, whom, None).unwrap_err();

    assert_eq!(refused(&mut floor, 1, 2).code, Code::Forbidden);
    assert_eq!(
        refused(&mut floor, 0, 0).text,
        "the chat is with you already"
    );
    let away = Input::SetPresence {
        agent: agent(5),
        presence: Presence::Away {
            reason: "lunch".into(),
        },
        re: RE,
    };
    floor.ask(away).unwrap();
    assert!(refused(&mut floor, 0, 5).text.contains("is away"));
    invite(&mut floor, id, 0, 1, None).unwrap();
    let twice = refused(&mut floor, 0, 1).text;
    assert_eq!(twice, "Agent 1 is in this chat already, or is asked");
    floor.accept(&agent(1), id);
    assert_eq!(refused(&mut floor, 0, 1).text, twice);
    assert_eq!(
        refused(&mut floor, 1, 2).code,
        Code::Forbidden,
        "it is not a colleague's to ask"
    );
    invite(&mut floor, id, 0, 2, None).unwrap();
    invite(&mut floor, id, 0, 3, None).unwrap();
    assert_eq!(refused(&mut floor, 0, 4).code, Code::Full);
}

#[test]
fn a_colleague_does_what_is_theirs_and_nothing_of_the_agents() {
    let (mut floor, id) = joined(3);
    let by = || Actor::Agent(agent(1));
    let re = RE;
    let note = |text: &str| Input::Note {
        agent: agent(1),
        interaction: id,
        text: text.to_owned(),
        re,
    };

    floor.ask(note("I know him")).unwrap();

    assert_eq!(floor.of(id).notes.last().unwrap().text, "I know him");
    let others = [
        Input::End {
            interaction: id,
            by: by(),
            re,
        },
        Input::Park {
            agent: agent(1),
            interaction: id,
            re,
        },
        Input::WrapUp {
            agent: agent(1),
            interaction: id,
            disposition: None,
            note: None,
            solved: None,
            re,
        },
        Input::HandOver {
            agent: agent(1),
            interaction: id,
            to: HandOverTo::Agent(agent(2)),
            note: None,
            re,
        },
    ];
    for input in others {
        assert_eq!(floor.ask(input).unwrap_err().code, Code::Forbidden);
    }
}

#[test]
fn who_leaves_does_not_end_the_chat_and_is_free_at_once() {
    let (mut floor, id) = joined(2);

    leave(&mut floor, id, 1).unwrap();

    assert_eq!(slots(&floor, 1), 0);
    assert!(!leg_is_live(&floor, id, 1) && leg_is_live(&floor, id, 0));
    assert_eq!(told(&floor, id)[1..], ["Agent 1 joined", "a1 left"]);
    assert!(say(&mut floor, id, 1, "once-more").is_err());
    let alone = leave(&mut floor, id, 0).unwrap_err();
    assert_eq!(
        alone.text,
        "nobody else is in this chat; hand it over, or end it"
    );
    assert!(floor.of(id).is_with(&agent(0)));
}

#[test]
fn the_chat_of_an_agent_who_leaves_is_the_colleagues_without_an_offer() {
    let (mut floor, id) = joined(2);

    leave(&mut floor, id, 0).unwrap();

    let found = floor.of(id);
    assert!(found.is_with(&agent(1)) && found.room.members.is_empty());
    assert_eq!((found.offer.clone(), found.entry.clone()), (None, None));
    assert_eq!((slots(&floor, 0), slots(&floor, 1)), (0, 1));
    let after = ["Agent 0 joined", "Agent 1 joined", "a0 left"];
    assert_eq!(told(&floor, id), after, "nobody comes twice");
    assert!(!leg_is_live(&floor, id, 0) && leg_is_live(&floor, id, 1));
    floor.end(id, Actor::Agent(agent(1)));
    assert!(floor.of(id).assignment.as_ref().unwrap().wrap_up.is_some());
}

#[test]
fn a_chat_that_is_handed_to_a_colleague_who_is_there_is_theirs_at_once_with_the_note() {
    let (mut floor, id) = joined(3);
    invite(&mut floor, id, 0, 2, None).unwrap();
    floor.accept(&agent(2), id);

    let over = Input::HandOver {
        agent: agent(0),
        interaction: id,
        to: HandOverTo::Agent(agent(2)),
        note: Some("wants a refund".to_owned()),
        re: RE,
    };
    floor.ask(over).unwrap();

    let found = floor.of(id);
    assert!(found.is_with(&agent(2)) && found.handed.is_none());
    assert_eq!(found.notes.last().unwrap().text, "wants a refund");
    assert!(
        found.room.member(&agent(1)).is_some(),
        "the other one stays"
    );
    invite(&mut floor, id, 2, 0, None).unwrap();
    floor.accept(&agent(0), id);
    say(&mut floor, id, 0, "here-again").unwrap();
}

#[test]
fn the_chat_of_an_agent_who_is_lost_is_the_colleagues() {
    let (mut floor, id) = joined(2);
    floor.tell(Input::ConsoleClosed {
        agent: agent(0),
        socket: 1,
    });

    floor.seconds(600);

    assert!(floor.of(id).is_with(&agent(1)), "{:?}", floor.of(id));
    assert_eq!((slots(&floor, 0), slots(&floor, 1)), (0, 1));
    assert_eq!(floor.count(id, |e| matches!(e, Event::Queued { .. })), 1);
}

#[test]
fn a_colleague_who_is_lost_leaves() {
    let (mut floor, id) = joined(3);
    invite(&mut floor, id, 0, 2, None).unwrap();
    for n in 1..3 {
        floor.tell(Input::ConsoleClosed {
            agent: agent(n),
            socket: 1,
        });
    }
    let grace = floor.hub.setup().spans.grace;

    floor.wait(grace);

    assert_eq!((slots(&floor, 1), slots(&floor, 2)), (0, 0));
    assert_eq!(floor.of(id).room, crate::interaction::Room::default());
    assert_eq!(told(&floor, id).last().unwrap(), "a1 left");
    assert!(floor.of(id).is_with(&agent(0)));
}

#[test]
fn nobody_keeps_a_slot_of_a_chat_that_ends_is_parked_is_handed_on_or_whose_customer_is_erased() {
    let (customer, agent0) = (Actor::Visitor(visitor(1).visitor), agent(0));
    type Way = (
        &'static str,
        fn(InteractionId, Actor, AgentId, CustomerId) -> Input,
    );
    let ways: [Way; 4] = [
        ("it ends", |interaction, by, _, _| Input::End {
            interaction,
            by,
            re: RE,
        }),
        ("it is parked", |interaction, _, agent, _| Input::Park {
            agent,
            interaction,
            re: RE,
        }),
        ("it is handed on", |interaction, _, agent, _| {
            Input::HandOver {
                agent,
                interaction,
                to: HandOverTo::Queue("support".parse().unwrap()),
                note: None,
                re: RE,
            }
        }),
        ("its customer is erased", |_, _, _, customer| {
            Input::Customer {
                customer,
                order: crate::customer::Order::Erase {
                    reason: "asked".to_owned(),
                },
                by: Actor::TANDEM,
                re: RE,
            }
        }),
    ];
    for (way, input) in ways {
        let (mut floor, id) = joined(3);
        invite(&mut floor, id, 0, 2, None).unwrap();
        let person = floor.of(id).customer;

        floor
            .ask(input(id, customer.clone(), agent0.clone(), person))
            .unwrap();

        let found = floor.hub.state().interaction(id);
        let room = found.map(|found| found.room.clone()).unwrap_or_default();
        assert_eq!(room, crate::interaction::Room::default(), "{way}");
        let held = [1, 2].map(|n| {
            let known = floor.hub.state().agents().get(&agent(n)).unwrap();
            let offered = found.and_then(|found| found.offer.as_ref());
            // Whoever is next in the queue may be one of them.
            known.chats.len() - usize::from(offered.is_some_and(|offer| offer.agent == agent(n)))
        });
        assert_eq!(held, [0, 0], "{way}");
    }
}

#[test]
fn who_is_in_a_chat_is_there_after_a_restart_and_who_was_only_asked_is_not() {
    let (mut floor, id) = joined(3);
    invite(&mut floor, id, 0, 2, None).unwrap();

    floor.crash();
    for n in 0..3 {
        floor.arrive(&agent(n));
    }

    assert_eq!(ends(&floor, id), [OfferEnd::Withdrawn]);
    assert_eq!((slots(&floor, 1), slots(&floor, 2)), (1, 0));
    say(&mut floor, id, 1, "still-here").unwrap();
}

#[test]
fn a_supervisor_is_in_a_chat_once() {
    let mut setup = house(2, 2);
    setup.agents.get_mut(&agent(1)).unwrap().supervisor = true;
    let mut floor = Floor::open(setup);
    let id = floor.chat(1);
    floor.accept(&agent(0), id);
    let supervise = |floor: &mut Floor, act| {
        let channel = ws::agent::Channel::Chat;
        ask(floor, id, &agent(1), Wish::Supervise { act, channel })
    };
    supervise(&mut floor, Supervise::Barge).unwrap();

    invite(&mut floor, id, 0, 1, None).unwrap();
    floor.accept(&agent(1), id);

    assert_eq!(told(&floor, id), ["Agent 0 joined", "Agent 1 joined"]);
    assert!(floor.of(id).room.watchers.is_empty());
    let refusal = supervise(&mut floor, Supervise::Listen).unwrap_err();
    assert_eq!(
        refusal.text,
        "you take part in this chat as a colleague; leave it first"
    );
    leave(&mut floor, id, 1).unwrap();
    supervise(&mut floor, Supervise::Listen).unwrap();
    supervise(&mut floor, Supervise::TakeOver).unwrap();
    assert!(floor.of(id).is_with(&agent(1)));
}

#[test]
fn colleagues_stay_when_a_supervisor_takes_the_chat_over() {
    let mut setup = house(3, 2);
    setup.agents.get_mut(&agent(2)).unwrap().supervisor = true;
    let mut floor = Floor::open(setup);
    let id = floor.chat(1);
    floor.accept(&agent(0), id);
    invite(&mut floor, id, 0, 1, None).unwrap();
    floor.accept(&agent(1), id);
    for act in [Supervise::Listen, Supervise::TakeOver] {
        let channel = ws::agent::Channel::Chat;
        ask(&mut floor, id, &agent(2), Wish::Supervise { act, channel }).unwrap();
    }

    assert!(floor.of(id).is_with(&agent(2)));
    say(&mut floor, id, 1, "I-was-here-before").unwrap();
    assert!(leg_is_live(&floor, id, 1) && !leg_is_live(&floor, id, 0));
}
