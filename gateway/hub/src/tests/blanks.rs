//! What is written with nothing but spaces.

use ws::{frame::Code, memo::MemoTo};

use super::*;
use crate::{customer::Order, memo::MemoAct};

const BLANKS: [&str; 3] = [" ", " \n\t ", "\u{a0}\u{2003}"];

fn is_refused(done: Result<Done, Refusal>) -> bool {
    let refusal = done.unwrap_err();
    let told = refusal.text.contains("not all of them spaces");
    refusal.code == Code::OutOfRange && told
}

#[test]
fn nothing_but_spaces_is_no_message_note_memo_reason_or_name() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.chat(1);
    floor.accept(&agent(0), id);
    let customer = floor.of(id).customer;
    for blank in BLANKS {
        let text = blank.to_owned();
        let say = Input::Say {
            interaction: id,
            by: Actor::Agent(agent(0)),
            mid: mid("blank"),
            text: text.clone(),
            re: RE,
        };
        assert!(is_refused(floor.ask(say)));
        let note = Input::Note {
            agent: agent(0),
            interaction: id,
            text: text.clone(),
            re: RE,
        };
        assert!(is_refused(floor.ask(note)));
        let memo = Input::Memo {
            agent: agent(0),
            act: MemoAct::Send {
                mid: mid("memo"),
                to: MemoTo::Everybody,
                text: text.clone(),
            },
            re: RE,
        };
        assert!(is_refused(floor.ask(memo)));
        let away = Input::SetPresence {
            agent: agent(0),
            presence: Presence::Away {
                reason: text.clone(),
            },
            re: RE,
        };
        assert!(is_refused(floor.ask(away)));
        let named = Input::Customer {
            customer,
            order: Order::Describe {
                cleared: Vec::new(),
                name: Some(text),
                number: None,
                mail: None,
                value: None,
            },
            by: Actor::TANDEM,
            re: RE,
        };
        assert!(is_refused(floor.ask(named)));
    }
}

#[test]
fn a_visitor_whose_name_is_only_spaces_has_none() {
    let mut floor = Floor::open(house(1, 6));
    let done = floor.ask(Input::OpenChat {
        candidate: InteractionId::new(1_000).unwrap(),
        who: Introduction {
            name: Some("  ".to_owned()),
            ..visitor(1)
        },
        mid: mid("first"),
        text: "hello".into(),
        re: RE,
    });
    let Done::Written { interaction, .. } = done.unwrap() else {
        panic!("it is written");
    };

    assert_eq!(floor.of(interaction).name, None);
}
