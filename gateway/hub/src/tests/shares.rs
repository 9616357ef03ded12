//! Files in chats.

use ws::{consent::ContactChannel, file::SharedFile, frame::Code, id::FileId};

use super::{
    consent::{is_refused_message, statement, telling},
    *,
};
use crate::{
    consent::{Change, Statement, Subject},
    input::By,
};

fn share(
    floor: &mut Floor,
    id: InteractionId,
    by: Actor,
    name: &str,
    mid: Mid,
) -> Result<Done, Refusal> {
    floor.ask(Input::Share {
        interaction: id,
        by,
        mid,
        file: SharedFile {
            file: FileId::new(7).unwrap(),
            name: name.to_owned(),
            kind: "image/png".to_owned(),
            bytes: 12,
        },
        most: 2,
        re: RE,
    })
}

#[test]
fn a_file_that_is_sent_again_stands_in_the_chat_once() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.chat(1);
    let by = Actor::Visitor(visitor(1).visitor);

    let first = share(&mut floor, id, by.clone(), "a.png", mid("f"));
    let again = share(&mut floor, id, by, "b.png", mid("f"));

    assert!(matches!(first, Ok(Done::Written { .. })), "{first:?}");
    assert_eq!(first, again);
    assert_eq!(
        floor.count(id, |e| matches!(e, Event::FileShared { .. })),
        1
    );
}

#[test]
fn a_chat_has_only_so_many_files_and_names_only_so_many_characters() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.chat(1);
    let by = Actor::Visitor(visitor(1).visitor);

    let long = share(&mut floor, id, by.clone(), &"x".repeat(101), mid("long"));
    assert_eq!(long.unwrap_err().code, Code::OutOfRange);
    share(&mut floor, id, by.clone(), "a.png", mid("f1")).unwrap();
    share(&mut floor, id, by.clone(), "b.png", mid("f2")).unwrap();
    let third = share(&mut floor, id, by.clone(), "c.png", mid("f3")).unwrap_err();

    assert_eq!(
        (third.code, third.text.as_str()),
        (Code::Full, "a chat may have 2 files")
    );
    let repeat = share(&mut floor, id, by, "a.png", mid("f1"));
    assert!(repeat.is_ok(), "a repeat is none more");
}

#[test]
fn only_who_is_in_a_chat_puts_files_into_it() {
    let mut floor = Floor::open(house(2, 6));
    let id = floor.chat(1);
    floor.accept(&agent(0), id);

    let other = Actor::Visitor(visitor(2).visitor);
    let stranger = share(&mut floor, id, other, "a.png", mid("f1")).unwrap_err();
    let colleague = share(&mut floor, id, Actor::Agent(agent(1)), "a.png", mid("f2")).unwrap_err();
    let agents = share(&mut floor, id, Actor::Agent(agent(0)), "a.png", mid("f3"));

    assert_eq!(stranger.code, Code::Forbidden);
    assert_eq!(colleague.code, Code::Forbidden);
    assert!(agents.is_ok());
}

#[test]
fn a_program_puts_no_file_before_who_is_suppressed_for_chats_and_everybody_else_does() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.chat(1);
    let holder = floor.accept_any(id);
    let crm = Actor::House(By::Program("crm".to_owned()));
    share(&mut floor, id, crm.clone(), "a.png", mid("f1")).unwrap();
    let customer = Subject::Customer(floor.of(id).customer);
    let said = Statement {
        channel: ContactChannel::Chat,
        ..statement(customer, Change::Suppressed)
    };
    floor.ask(telling(said, None)).unwrap();

    let refused = share(&mut floor, id, crm.clone(), "b.png", mid("f2")).unwrap_err();

    assert_eq!(refused.code, Code::Suppressed);
    assert_eq!(floor.count(id, is_refused_message), 1);
    let shared = |event: &Event| matches!(event, Event::FileShared { .. });
    assert_eq!(floor.count(id, shared), 1);
    let again = share(&mut floor, id, crm, "a.png", mid("f1"));
    assert!(again.is_ok(), "it was put there before: {again:?}");
    share(&mut floor, id, Actor::Agent(holder), "c.png", mid("f3")).unwrap();
    assert_eq!(floor.count(id, shared), 2);
    assert_eq!(floor.count(id, is_refused_message), 1);
}
