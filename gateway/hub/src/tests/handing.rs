//! Notes for colleagues, and chats that are handed over.

use ws::transfer::HandOverTo;

use super::*;
use crate::event::Verdict;

fn hand(
    floor: &mut Floor,
    id: InteractionId,
    from: usize,
    to: HandOverTo,
    note: Option<&str>,
) -> Result<Done, Refusal> {
    floor.ask(Input::HandOver {
        agent: agent(from),
        interaction: id,
        to,
        note: note.map(str::to_owned),
        re: RE,
    })
}

fn to_agent(n: usize) -> HandOverTo {
    HandOverTo::Agent(agent(n))
}

fn decline(floor: &mut Floor, id: InteractionId, n: usize) {
    floor
        .ask(Input::Decline {
            agent: agent(n),
            interaction: id,
            re: RE,
        })
        .unwrap();
}

/// A chat that the first of so many agents has.
fn held(agents: usize) -> (Floor, InteractionId) {
    let mut floor = Floor::open(house(agents, 2));
    let id = floor.chat(1);
    assert_eq!(floor.offered(id), Some(agent(0)));
    floor.accept(&agent(0), id);
    (floor, id)
}

#[test]
fn who_takes_no_chats_beside_a_call_is_told_apart_by_what_they_have_of_it() {
    let mut setup = house(2, 2);
    for one in setup.agents.values_mut() {
        one.chats_during_call = crate::setup::ChatsDuringCall::None;
    }
    let mut floor = Floor::open(setup);
    let id = floor.chat(1);
    floor.accept(&agent(0), id);
    let call = floor.call(1, "+4930100");
    assert_eq!(floor.offered(call), Some(agent(1)));
    let waits = |floor: &mut Floor, words: &str, verdict: Verdict| {
        let told = hand(floor, id, 0, to_agent(1), None).unwrap_err();
        let text = format!("Agent 1 takes no chats {words}; choose somebody else, or a queue");
        assert_eq!(told.text, text);
        let wish = Wish::Invite {
            agent: agent(1),
            note: None,
        };
        let told = ask(floor, id, &agent(0), wish);
        let text = format!("Agent 1 takes no chats {words}; choose somebody else");
        assert_eq!(told.unwrap_err().text, text);
        let chat = floor.chat(2);
        let why = floor.hub.explain(chat, floor.now).unwrap().candidates;
        let theirs = why.into_iter().find(|one| one.agent == agent(1));
        assert_eq!(theirs.unwrap().verdict, verdict);
    };

    waits(&mut floor, "while a call is offered", Verdict::BesideOffer);
    floor.accept(&agent(1), call);
    waits(&mut floor, "beside a call", Verdict::BesideCall);
    floor.answered(leg(call, 2));
    floor.answered(leg(call, 1));
    floor.ended(leg(call, 1), CauseKind::Normal);
    floor.ended(leg(call, 2), CauseKind::Normal);
    waits(
        &mut floor,
        "in the wrap-up of a call",
        Verdict::BesideWrapUp,
    );
}

#[test]
fn a_chat_that_is_handed_to_a_colleague_is_offered_to_them_with_the_note_and_leaves_the_first_desk()
{
    let (mut floor, id) = held(3);

    hand(&mut floor, id, 0, to_agent(2), Some("wants a refund")).unwrap();

    assert_eq!(floor.offered(id), Some(agent(2)));
    assert_eq!(floor.of(id).assignment, None);
    assert_eq!(floor.of(id).notes[0].text, "wants a refund");
    assert!(
        floor
            .hub
            .state()
            .agents()
            .get(&agent(0))
            .unwrap()
            .chats
            .is_empty()
    );
    let handed = floor
        .events(id)
        .iter()
        .any(|event| matches!(event, Event::HandedOver { to, .. } if *to == to_agent(2)));
    assert!(handed, "it is a fact of the same interaction");
    floor.accept(&agent(2), id);
    assert!(floor.of(id).is_with(&agent(2)));
    assert_eq!(floor.of(id).handed, None);
}

#[test]
fn a_colleague_who_declines_leaves_the_chat_to_who_handed_it_over_and_then_to_the_queue() {
    let (mut floor, id) = held(3);
    hand(&mut floor, id, 0, to_agent(2), None).unwrap();

    decline(&mut floor, id, 2);
    assert_eq!(floor.offered(id), Some(agent(0)), "who handed it over");
    decline(&mut floor, id, 0);

    assert_eq!(floor.offered(id), Some(agent(1)), "the queue");
}

#[test]
fn a_colleague_who_does_not_answer_leaves_it_to_who_handed_it_over() {
    let (mut floor, id) = held(2);
    hand(&mut floor, id, 0, to_agent(1), None).unwrap();
    let deadline = floor.of(id).offer.as_ref().unwrap().deadline;

    floor.seconds(deadline.since(floor.now).as_secs() + 1);

    assert_eq!(floor.offered(id), Some(agent(0)));
}

#[test]
fn a_chat_that_is_handed_to_a_queue_waits_there_with_its_old_place_and_not_for_who_had_it() {
    let (mut floor, id) = held(2);
    let since = floor.of(id).place.unwrap();
    floor.seconds(60);

    let queue = floor.of(id).queue.clone();
    hand(&mut floor, id, 0, HandOverTo::Queue(queue), None).unwrap();

    assert_eq!(floor.offered(id), Some(agent(1)));
    assert_eq!(floor.of(id).entry.as_ref().unwrap().key.since, since);
}

#[test]
fn a_chat_goes_only_to_who_can_take_it() {
    let (mut floor, id) = held(2);
    let refused =
        |floor: &mut Floor, to: HandOverTo| hand(floor, id, 0, to, None).unwrap_err().text;

    assert_eq!(
        refused(&mut floor, to_agent(0)),
        "the chat is with you already"
    );
    let nobody = HandOverTo::Agent("nobody".parse().unwrap());
    assert_eq!(refused(&mut floor, nobody), "there is no agent \"nobody\"");
    let nowhere = HandOverTo::Queue("nowhere".parse().unwrap());
    assert_eq!(
        refused(&mut floor, nowhere),
        "there is no queue \"nowhere\""
    );
    floor
        .ask(Input::SetPresence {
            agent: agent(1),
            presence: ws::agent::Presence::Away {
                reason: "lunch".into(),
            },
            re: RE,
        })
        .unwrap();
    let away = refused(&mut floor, to_agent(1));
    assert!(away.contains("is away"), "{away}");
    assert!(floor.of(id).is_with(&agent(0)), "a refusal changes nothing");
    let stranger = hand(&mut floor, id, 1, to_agent(0), None).unwrap_err();
    assert_eq!(stranger.code, ws::frame::Code::Forbidden);
}

#[test]
fn a_chat_on_its_way_to_a_colleague_is_still_theirs_after_a_restart() {
    let (mut floor, id) = held(2);
    hand(&mut floor, id, 0, to_agent(1), Some("speaks French")).unwrap();

    floor.crash();
    floor.arrive(&agent(0));
    floor.arrive(&agent(1));

    assert_eq!(floor.offered(id), Some(agent(1)));
    assert_eq!(floor.of(id).notes[0].text, "speaks French");
}

#[test]
fn notes_are_for_colleagues_and_a_contact_holds_fifty() {
    let (mut floor, id) = held(1);
    let before = floor.of(id).seq;
    let note = |floor: &mut Floor, text: &str| {
        floor.ask(Input::Note {
            agent: agent(0),
            interaction: id,
            text: text.to_owned(),
            re: RE,
        })
    };

    note(&mut floor, "card 4111 1111 1111 1111 on file").unwrap();
    assert_eq!(floor.of(id).seq, before, "it stands in no timeline");
    assert!(!floor.of(id).notes[0].text.contains("4111 1111"));
    assert!(note(&mut floor, "").is_err());
    for n in 1..50 {
        note(&mut floor, &format!("note {n}")).unwrap();
    }

    assert_eq!(
        note(&mut floor, "one more").unwrap_err().code,
        ws::frame::Code::Full
    );
}
