//! What staff write to each other.

use ws::{frame::Code, memo::MemoTo};

use super::*;
use crate::memo::{KEPT, MemoAct};

/// Two agents of `support`, and a supervisor `a2` who serves no queue.
fn staffed() -> Floor {
    let mut setup = house(3, 1);
    let sam = setup.agents.get_mut(&agent(2)).unwrap();
    (sam.supervisor, sam.queues) = (true, Vec::new());
    Floor::open(setup)
}

fn write(floor: &mut Floor, by: usize, to: MemoTo, text: &str) -> Result<Done, Refusal> {
    let slug = format!("m-{}", text.replace(' ', "-"));
    let act = MemoAct::Send {
        mid: mid(&slug[..slug.len().min(40)]),
        to,
        text: text.to_owned(),
    };
    let agent = agent(by);
    floor.ask(Input::Memo { agent, act, re: RE })
}

fn read(floor: &mut Floor, by: usize, upto: u64) {
    let act = MemoAct::Read { upto };
    let agent = agent(by);
    floor.ask(Input::Memo { agent, act, re: RE }).unwrap();
}

fn texts(floor: &Floor, of: usize) -> Vec<String> {
    let memos = floor.hub.memos_of(&agent(of)).memos.into_iter();
    memos.map(|memo| memo.text).collect()
}

fn unread(floor: &Floor, of: usize) -> u32 {
    floor.hub.memos_of(&agent(of)).unread
}

#[test]
fn a_memo_is_its_writers_and_its_addressees_to_read_and_nobody_elses() {
    let mut floor = staffed();

    write(&mut floor, 2, MemoTo::Agent(agent(0)), "come to me").unwrap();
    write(&mut floor, 0, MemoTo::Supervisors, "the kiln is hot").unwrap();
    write(
        &mut floor,
        2,
        MemoTo::Queue("support".parse().unwrap()),
        "off until two",
    )
    .unwrap();
    write(&mut floor, 2, MemoTo::Everybody, "cake at four").unwrap();

    assert_eq!(
        texts(&floor, 0),
        [
            "come to me",
            "the kiln is hot",
            "off until two",
            "cake at four"
        ]
    );
    assert_eq!(texts(&floor, 1), ["off until two", "cake at four"]);
    assert_eq!(texts(&floor, 2).len(), 4);
    assert_eq!(
        [unread(&floor, 0), unread(&floor, 1), unread(&floor, 2)],
        [3, 2, 1]
    );
}

#[test]
fn what_was_read_stays_read_after_a_restart_and_a_repeat_changes_nothing() {
    let mut floor = staffed();
    write(&mut floor, 2, MemoTo::Everybody, "cake at four").unwrap();
    write(&mut floor, 2, MemoTo::Everybody, "cake at four").unwrap();
    write(&mut floor, 2, MemoTo::Everybody, "cake is gone").unwrap();

    read(&mut floor, 0, 1);
    read(&mut floor, 1, 99);
    floor.crash();

    assert_eq!(texts(&floor, 0), ["cake at four", "cake is gone"]);
    assert_eq!([unread(&floor, 0), unread(&floor, 1)], [1, 0]);
}

#[test]
fn agents_write_to_their_queues_and_to_supervisors_but_not_to_everybody() {
    let mut floor = staffed();
    let mut setup = floor.hub.setup().clone();
    setup
        .queues
        .insert("sales".parse().unwrap(), QueueSetup::default());
    floor.tell(Input::Configure(Box::new(setup)));
    let refused = |floor: &mut Floor, to: MemoTo| write(floor, 0, to, "psst").unwrap_err();

    assert_eq!(refused(&mut floor, MemoTo::Everybody).code, Code::Forbidden);
    let sales = MemoTo::Queue("sales".parse().unwrap());
    assert_eq!(refused(&mut floor, sales.clone()).code, Code::Forbidden);
    write(&mut floor, 2, sales, "sell").unwrap();
    let nowhere = MemoTo::Queue("nowhere".parse().unwrap());
    assert_eq!(
        refused(&mut floor, nowhere).text,
        "there is no queue \"nowhere\""
    );
    let nobody = MemoTo::Agent("nobody".parse().unwrap());
    assert_eq!(
        refused(&mut floor, nobody).text,
        "there is no agent \"nobody\""
    );
    assert_eq!(
        refused(&mut floor, MemoTo::Agent(agent(0))).code,
        Code::Conflict
    );
    assert_eq!(
        write(&mut floor, 0, MemoTo::Supervisors, "")
            .unwrap_err()
            .code,
        Code::OutOfRange
    );
    let long = "x".repeat(2_001);
    assert_eq!(
        write(&mut floor, 0, MemoTo::Supervisors, &long)
            .unwrap_err()
            .code,
        Code::OutOfRange
    );
}

#[test]
fn a_card_number_is_in_no_memo_and_only_the_last_are_kept() {
    let mut floor = staffed();
    write(&mut floor, 2, MemoTo::Everybody, "card 4111 1111 1111 1111").unwrap();
    assert!(!texts(&floor, 0)[0].contains("4111 1111"));

    for n in 0..KEPT {
        write(&mut floor, 2, MemoTo::Everybody, &format!("memo {n}")).unwrap();
    }

    assert_eq!(texts(&floor, 0).len(), 50, "what a desk shows");
    assert_eq!(texts(&floor, 0)[49], format!("memo {}", KEPT - 1));
    assert_eq!(floor.hub.state().memos().len(), KEPT);
    floor.seconds(31 * 86_400);
    read(&mut floor, 0, 1);
    assert_eq!(texts(&floor, 0), Vec::<String>::new(), "a month is over");
    write(&mut floor, 2, MemoTo::Everybody, "a month later").unwrap();
    assert_eq!(texts(&floor, 0), ["a month later"]);
}
