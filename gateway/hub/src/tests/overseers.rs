//! Supervisors in chats.

use ws::{
    agent::Channel,
    frame::Code,
    supervision::{Supervise, Supervision},
};

use super::*;
use crate::event::{InChat, Party};

/// A chat that `a0` has, beside a supervisor `a1` who serves no queue.
fn overseen() -> (Floor, InteractionId) {
    let mut setup = house(2, 1);
    let sam = setup.agents.get_mut(&agent(1)).unwrap();
    (sam.supervisor, sam.queues) = (true, Vec::new());
    let mut floor = Floor::open(setup);
    let id = floor.chat(1);
    floor.accept(&agent(0), id);
    (floor, id)
}

fn supervise(
    floor: &mut Floor,
    id: InteractionId,
    by: usize,
    act: Supervise,
) -> Result<Done, Refusal> {
    let channel = Channel::Chat;
    ask(floor, id, &agent(by), Wish::Supervise { act, channel })
}

fn whisper(floor: &mut Floor, id: InteractionId, by: usize, text: &str) -> Result<Done, Refusal> {
    let text = text.to_owned();
    ask(floor, id, &agent(by), Wish::Whisper { text })
}

fn say(floor: &mut Floor, id: InteractionId, by: usize, text: &str) -> Result<Done, Refusal> {
    floor.ask(Input::Say {
        interaction: id,
        by: Actor::Agent(agent(by)),
        mid: mid(text),
        text: text.to_owned(),
        re: RE,
    })
}

fn steps(floor: &Floor, id: InteractionId) -> Vec<&'static str> {
    let events = floor.events(id).into_iter();
    let steps = events.filter_map(|event| match event {
        Event::InChat(step) => Some(step.word()),
        _ => None,
    });
    steps.collect()
}

fn leg_is_live(floor: &Floor, id: InteractionId, n: usize) -> bool {
    let mut legs = floor.of(id).legs.values();
    legs.any(|leg| leg.is_live() && leg.party == Party::AgentChat { agent: agent(n) })
}

#[test]
fn a_supervisor_reads_along_and_nobody_in_the_chat_sees_that() {
    let (mut floor, id) = overseen();
    let before = floor.of(id).seq;

    supervise(&mut floor, id, 1, Supervise::Listen).unwrap();

    assert_eq!(floor.of(id).seq, before, "it stands in no timeline");
    assert_eq!(steps(&floor, id), ["supervision_started"]);
    assert!(leg_is_live(&floor, id, 1), "it is a leg of the record");
    let refusal = say(&mut floor, id, 1, "hello").unwrap_err();
    assert_eq!(refusal.code, Code::Forbidden, "who reads does not write");
    supervise(&mut floor, id, 1, Supervise::Stop).unwrap();
    assert_eq!(
        steps(&floor, id),
        ["supervision_started", "supervision_ended"]
    );
    assert!(!leg_is_live(&floor, id, 1));
    assert!(floor.of(id).room.watchers.is_empty());
    assert!(floor.of(id).is_with(&agent(0)));
}

#[test]
fn a_whisper_is_the_agents_alone_and_without_card_numbers() {
    let (mut floor, id) = overseen();
    let early = whisper(&mut floor, id, 1, "offer a refund").unwrap_err();
    assert_eq!(
        early.text,
        "you do not take part in this chat; listen first"
    );
    supervise(&mut floor, id, 1, Supervise::Listen).unwrap();
    let before = floor.of(id).seq;

    whisper(&mut floor, id, 1, "offer a refund to 4111 1111 1111 1111").unwrap();

    let found = floor.of(id);
    assert_eq!(found.seq, before, "it stands in no timeline");
    let read = found.room.whispers_to(&agent(0));
    assert!(read[0].text.starts_with("offer a refund"));
    assert!(!read[0].text.contains("4111 1111"));
    assert!(found.room.whispers_to(&agent(1)).is_empty());
    let how = found.room.watcher(&agent(1)).unwrap().how;
    assert_eq!(how, Supervision::Whisper);
    for n in 1..50 {
        whisper(&mut floor, id, 1, &format!("whisper {n}")).unwrap();
    }
    let full = whisper(&mut floor, id, 1, "one more").unwrap_err();
    assert_eq!(full.code, Code::Full);
}

#[test]
fn a_whisper_in_a_call_is_read_by_its_agent_and_heard_by_nobody() {
    let mut setup = house(3, 1);
    for n in [1, 2] {
        let sam = setup.agents.get_mut(&agent(n)).unwrap();
        (sam.supervisor, sam.queues) = (n == 1, Vec::new());
    }
    let mut floor = Floor::open(setup);
    let waiting = floor.call(1, "+4930100");
    let early = whisper(&mut floor, waiting, 1, "be kind").unwrap_err();
    floor.ended(leg(waiting, 1), CauseKind::Normal);
    let (id, _) = talking(&mut floor);
    let before = floor.of(id).seq;

    whisper(&mut floor, id, 1, "offer a refund to 4111 1111 1111 1111").unwrap();

    assert_eq!(early.code, Code::Conflict);
    assert_eq!(floor.told(), [], "nobody hears of it");
    let found = floor.of(id);
    assert_eq!(found.seq, before, "it stands in no timeline");
    let read = found.room.whispers_to(&agent(0));
    assert!(read[0].text.starts_with("offer a refund"));
    assert!(!read[0].text.contains("4111 1111"));
    assert!(found.room.watchers.is_empty(), "nobody reads along for it");
    let refused = whisper(&mut floor, id, 2, "me too").unwrap_err();
    assert_eq!(refused.text, "only supervisors may do this");
    for n in 1..50 {
        whisper(&mut floor, id, 1, &format!("whisper {n}")).unwrap();
    }
    let full = whisper(&mut floor, id, 1, "one more").unwrap_err();
    assert_eq!(full.code, Code::Full);
    floor.ended(leg(id, 1), CauseKind::Normal);
    let late = whisper(&mut floor, id, 1, "too late").unwrap_err();
    assert_eq!(late.code, Code::Conflict);
    floor.crash();
    assert_eq!(floor.of(id).room.whispers.len(), 50);
}

#[test]
fn nobody_whispers_to_themselves_in_a_call() {
    let mut setup = house(2, 1);
    setup.agents.get_mut(&agent(0)).unwrap().supervisor = true;
    let boss = setup.agents.get_mut(&agent(1)).unwrap();
    (boss.supervisor, boss.queues) = (true, Vec::new());
    let mut floor = Floor::open(setup);
    let (id, _) = talking(&mut floor);

    let own = whisper(&mut floor, id, 0, "well done").unwrap_err();

    assert_eq!(own.text, "this call is your own");
    whisper(&mut floor, id, 1, "well done").unwrap();
}

#[test]
fn the_customer_is_told_who_barges_in_and_leaves_and_reads_what_they_write() {
    let (mut floor, id) = overseen();
    supervise(&mut floor, id, 1, Supervise::Listen).unwrap();

    supervise(&mut floor, id, 1, Supervise::Barge).unwrap();
    say(&mut floor, id, 1, "may-I-help").unwrap();
    say(&mut floor, id, 0, "this-is-my-boss").unwrap();
    supervise(&mut floor, id, 1, Supervise::Listen).unwrap();

    let told: Vec<_> = floor
        .facts
        .iter()
        .filter(|fact| fact.interaction == Some(id) && fact.seq.is_some())
        .filter_map(|fact| match &fact.event {
            Event::InChat(InChat::Joined { name, .. }) => Some(format!("{name} joined")),
            Event::InChat(InChat::Left { agent }) => Some(format!("{agent} left")),
            _ => None,
        })
        .collect();
    assert_eq!(told, ["Agent 1 joined", "a1 left"]);
    assert!(say(&mut floor, id, 1, "once-more").is_err());
    assert!(floor.of(id).is_with(&agent(0)), "it is still the agent's");
}

#[test]
fn a_chat_that_is_taken_over_is_the_supervisors_and_the_agent_is_free_at_once() {
    let (mut floor, id) = overseen();
    let early = supervise(&mut floor, id, 1, Supervise::TakeOver).unwrap_err();
    assert_eq!(early.code, Code::Conflict);
    supervise(&mut floor, id, 1, Supervise::Listen).unwrap();

    supervise(&mut floor, id, 1, Supervise::TakeOver).unwrap();

    assert!(floor.of(id).is_with(&agent(1)));
    assert!(floor.of(id).room.watchers.is_empty());
    assert!(!leg_is_live(&floor, id, 0));
    assert!(leg_is_live(&floor, id, 1));
    let known = floor.hub.state().agents().get(&agent(0)).unwrap();
    assert!(known.chats.is_empty(), "without a wrap-up");
    let assigned = |e: &Event| matches!(e, Event::Assigned { agent: who, .. } if *who == agent(1));
    assert_eq!(floor.count(id, assigned), 1, "the customer is told");
    say(&mut floor, id, 1, "I-am-yours").unwrap();
    let other = floor.chat(2);
    assert_eq!(floor.offered(other), Some(agent(0)));
}

#[test]
fn who_has_no_room_takes_no_chat_over() {
    let (mut floor, id) = overseen();
    let mut setup = floor.hub.setup().clone();
    let sam = setup.agents.get_mut(&agent(1)).unwrap();
    sam.queues = vec!["support".parse().unwrap()];
    floor.tell(Input::Configure(Box::new(setup)));
    let own = floor.chat(2);
    floor.accept(&agent(1), own);
    supervise(&mut floor, id, 1, Supervise::Listen).unwrap();

    let refusal = supervise(&mut floor, id, 1, Supervise::TakeOver).unwrap_err();

    assert_eq!(refusal.code, Code::Full);
    assert!(floor.of(id).is_with(&agent(0)));
}

#[test]
fn only_supervisors_oversee_and_not_their_own_chat_nor_one_that_is_over() {
    let (mut floor, id) = overseen();

    let refusal = supervise(&mut floor, id, 0, Supervise::Listen).unwrap_err();
    assert_eq!(refusal.text, "only supervisors may do this");
    assert_eq!(
        whisper(&mut floor, id, 0, "psst").unwrap_err().text,
        "only supervisors may do this"
    );
    supervise(&mut floor, id, 1, Supervise::Barge).unwrap();
    supervise(&mut floor, id, 1, Supervise::TakeOver).unwrap();
    let own = supervise(&mut floor, id, 1, Supervise::Listen).unwrap_err();
    assert_eq!(own.text, "this chat is your own");
    floor.tell(Input::End {
        interaction: id,
        by: Actor::Agent(agent(1)),
        re: RE,
    });
    let over = supervise(&mut floor, id, 1, Supervise::Listen).unwrap_err();
    assert_eq!(
        over.text,
        "there is no chat in this interaction that goes on"
    );
}

#[test]
fn a_chat_that_waits_can_be_read_and_nothing_else() {
    let (mut floor, _) = overseen();
    let waits = floor.chat(2);

    supervise(&mut floor, waits, 1, Supervise::Listen).unwrap();

    for act in [Supervise::Whisper, Supervise::Barge, Supervise::TakeOver] {
        let refusal = supervise(&mut floor, waits, 1, act).unwrap_err();
        assert!(
            refusal.text.starts_with("no agent has this chat"),
            "{act:?}"
        );
    }
}

#[test]
fn overseeing_ends_with_the_chat_and_with_the_supervisor() {
    let (mut floor, id) = overseen();
    supervise(&mut floor, id, 1, Supervise::Barge).unwrap();
    let sam = agent(1);
    floor.tell(Input::ConsoleClosed {
        agent: sam.clone(),
        socket: 1,
    });

    floor.seconds(600);

    assert!(floor.of(id).room.watchers.is_empty(), "they are gone");
    let left = |e: &Event| matches!(e, Event::InChat(InChat::Left { .. }));
    assert_eq!(floor.count(id, left), 1);
    floor.arrive(&sam);
    supervise(&mut floor, id, 1, Supervise::Barge).unwrap();
    floor.tell(Input::End {
        interaction: id,
        by: Actor::Visitor(VisitorId::new(1).unwrap()),
        re: RE,
    });
    let ended = |e: &Event| matches!(e, Event::InChat(InChat::SupervisionEnded { .. }));
    assert_eq!(floor.count(id, ended), 2);
    let known = floor.hub.state().agents().get(&sam).unwrap();
    assert!(known.holds().is_empty());
}

#[test]
fn who_oversees_a_chat_does_so_after_a_restart_and_while_it_is_handed_on() {
    let (mut floor, id) = overseen();
    supervise(&mut floor, id, 1, Supervise::Listen).unwrap();
    whisper(&mut floor, id, 1, "offer a refund").unwrap();

    floor.crash();
    floor.arrive(&agent(0));
    floor.arrive(&agent(1));
    let queue = floor.of(id).queue.clone();
    floor
        .ask(Input::HandOver {
            agent: agent(0),
            interaction: id,
            to: ws::transfer::HandOverTo::Queue(queue),
            note: None,
            re: RE,
        })
        .unwrap();

    assert!(floor.of(id).room.watcher(&agent(1)).is_some());
    assert!(leg_is_live(&floor, id, 1));
    assert_eq!(floor.of(id).room.whispers_to(&agent(0)).len(), 1);
}
