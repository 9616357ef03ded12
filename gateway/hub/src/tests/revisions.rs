//! Messages that are written anew or taken back.

use ws::frame::Code;

use super::*;

fn revise(
    floor: &mut Floor,
    id: InteractionId,
    by: Actor,
    mid: &Mid,
    text: Option<&str>,
) -> Result<Done, Refusal> {
    floor.ask(Input::Revise {
        interaction: id,
        by,
        mid: mid.clone(),
        text: text.map(str::to_owned),
        re: RE,
    })
}

fn say(floor: &mut Floor, id: InteractionId, by: Actor, name: &str) -> Mid {
    floor
        .ask(Input::Say {
            interaction: id,
            by,
            mid: mid(name),
            text: "Helo".to_owned(),
            re: RE,
        })
        .unwrap();
    mid(name)
}

fn customer() -> Actor {
    Actor::Visitor(visitor(1).visitor)
}

fn revisions(floor: &Floor, id: InteractionId) -> usize {
    floor.count(id, |e| {
        matches!(
            e,
            Event::MessageEdited { .. } | Event::MessageDeleted { .. }
        )
    })
}

#[test]
fn who_wrote_a_message_writes_it_anew_and_takes_it_back_once() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.chat(1);
    let said = say(&mut floor, id, customer(), "m");

    for text in [Some("Hello"), Some("Hello"), None, None] {
        let done = revise(&mut floor, id, customer(), &said, text);
        assert_eq!(done, Ok(Done::Ok), "{text:?}");
    }

    assert_eq!(revisions(&floor, id), 2, "repeats change nothing");
    let after = revise(&mut floor, id, customer(), &said, Some("Hi"));
    assert_eq!(after.unwrap_err().code, Code::Conflict);
}

#[test]
fn nobody_changes_the_words_of_others() {
    let mut floor = Floor::open(house(2, 6));
    let id = floor.chat(1);
    floor.accept(&agent(0), id);
    let theirs = say(&mut floor, id, customer(), "m1");
    let ours = say(&mut floor, id, Actor::Agent(agent(0)), "m2");

    let of_customer = revise(&mut floor, id, Actor::Agent(agent(0)), &theirs, None);
    let of_agent = revise(&mut floor, id, customer(), &ours, Some("I owe you"));
    let of_nobody = revise(&mut floor, id, customer(), &mid("none"), None);
    let stranger = Actor::Visitor(visitor(2).visitor);
    let elsewhere = revise(&mut floor, id, stranger, &theirs, None);

    assert_eq!(of_customer.unwrap_err().code, Code::Forbidden);
    assert_eq!(of_agent.unwrap_err().code, Code::Forbidden);
    assert_eq!(of_nobody.unwrap_err().code, Code::NotFound);
    assert_eq!(elsewhere.unwrap_err().code, Code::Forbidden);
    assert_eq!(revisions(&floor, id), 0);
}

#[test]
fn a_message_is_revised_within_its_window_and_so_often_only() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.chat(1);
    let said = say(&mut floor, id, customer(), "m");

    for n in 0..20 {
        revise(&mut floor, id, customer(), &said, Some(&format!("{n}"))).unwrap();
    }
    let more = revise(&mut floor, id, customer(), &said, Some("more"));
    assert_eq!(more.unwrap_err().code, Code::Full);
    floor.wait(Duration::from_secs(901));
    let late = revise(&mut floor, id, customer(), &said, None).unwrap_err();

    assert_eq!(
        (late.code, late.text.as_str()),
        (
            Code::Conflict,
            "a message is written anew or taken back within 15 minutes"
        )
    );
}

#[test]
fn a_window_of_a_minute_is_told_as_one() {
    let mut setup = house(1, 6);
    setup.spans.revise = Duration::from_secs(60);
    let mut floor = Floor::open(setup);
    let id = floor.chat(1);
    let said = say(&mut floor, id, customer(), "m");
    floor.wait(Duration::from_secs(61));

    let late = revise(&mut floor, id, customer(), &said, None).unwrap_err();

    let text = "a message is written anew or taken back within a minute";
    assert_eq!(late.text, text);
}
