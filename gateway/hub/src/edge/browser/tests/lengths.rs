//! How much an agent may say: the most that is documented is taken, and one more is refused.

use std::collections::BTreeSet;

use ws::{
    cobrowse::{Guide, Part, VisitorAct},
    consent::ContactChannel,
    transfer::HandOverTo,
};

use super::*;

/// Asks something of the house at the agent's console; returns why it is refused, if it is.
fn refused(house: &mut House, request: agent::Request) -> Option<(Code, String)> {
    let out = house.work(100, request);
    let mut told = to_agent(&out, 100).into_iter();
    told.find_map(|told| match told {
        Told::Refused { error, .. } => Some((error.code, error.text)),
        Told::Done { .. } | Told::Push(_) => None,
    })
}

fn beyond(text: &str) -> Option<(Code, String)> {
    Some((Code::OutOfRange, text.to_owned()))
}

fn long(characters: usize) -> String {
    "ü".repeat(characters)
}

#[test]
fn a_line_has_two_to_two_hundred_points_and_what_is_filled_in_two_thousand_characters() {
    let mut house = House::new();
    let interaction = house.chat();
    let cobrowse = |act| agent::Request::Cobrowse {
        interaction,
        act: Box::new(act),
    };
    let grants = BTreeSet::from([Grant::View, Grant::Point, Grant::Control]);
    let ask = AgentAct::Ask {
        grants: grants.clone(),
    };
    house.work(100, cobrowse(ask));
    let part = Part {
        stream: "s".to_owned(),
        batch: 1,
        at: 0,
        of: 1,
        fresh: true,
        text: "[]".to_owned(),
    };
    for act in [VisitorAct::Answer { grants }, VisitorAct::Part(part)] {
        let act = Box::new(act);
        house.ask(1, visitor::Request::Cobrowse { act });
    }
    let sheets = Vec::new();
    house.work(100, cobrowse(AgentAct::Watch { sheets }));
    let draw = |points| Guide::Draw {
        points: vec![[30, 40]; points],
    };
    let fill = |characters| Guide::Fill {
        node: 7,
        value: long(characters),
        label: None,
    };
    let drawn = beyond("a line has 2 to 200 points");

    for (guide, told) in [
        (draw(1), drawn.clone()),
        (draw(2), None),
        (draw(200), None),
        (draw(201), drawn),
        (fill(2_000), None),
        (fill(2_001), beyond("a value has at most 2000 characters")),
    ] {
        let stream = "s".to_owned();
        let act = AgentAct::Guide { stream, guide };

        assert_eq!(refused(&mut house, cobrowse(act.clone())), told, "{act:?}");
    }
}

#[test]
fn notes_have_four_thousand_characters_and_reasons_and_dispositions_a_hundred() {
    let mut house = House::new();
    let interaction = house.chat();
    let note = |characters| agent::Request::Note {
        interaction,
        text: long(characters),
    };
    let hand = |characters| agent::Request::HandOver {
        interaction,
        to: HandOverTo::Queue("support".parse().unwrap()),
        note: Some(long(characters)),
    };
    let consent = |characters| agent::Request::Consent {
        interaction,
        channel: ContactChannel::Voice,
        given: true,
        reason: Some(long(characters)),
    };
    let wrap_up = |disposition, note| agent::Request::WrapUp {
        interaction,
        disposition: Some(long(disposition)),
        note: Some(long(note)),
        solved: None,
    };
    let notes = beyond("a note has at most 4000 characters");
    let dispositions = beyond("a disposition has at most 100 characters");
    let written = beyond("a note has 1 to 4000 characters, not all of them spaces");

    assert_eq!(refused(&mut house, note(4_001)), written);
    assert_eq!(refused(&mut house, note(4_000)), None);
    assert_eq!(refused(&mut house, hand(4_001)), notes);
    let reason = beyond("a reason has at most 100 characters");
    assert_eq!(refused(&mut house, consent(101)), reason);
    assert_eq!(refused(&mut house, consent(100)), None);
    house.work(100, agent::Request::End { interaction });
    assert_eq!(refused(&mut house, wrap_up(101, 1)), dispositions);
    assert_eq!(refused(&mut house, wrap_up(1, 4_001)), notes);
    assert_eq!(refused(&mut house, wrap_up(100, 4_000)), None);
    assert_eq!(house.hub.state().interactions().count(), 0, "it is sealed");
}
