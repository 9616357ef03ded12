use ws::{
    crossing::{Carried, Pass},
    frame::Code,
};

use super::*;
use crate::crossing::{Arrival, Crossing};

const SHOP: &str = "https://shop.example";
const PAY: &str = "https://pay.example";
const EVIL: &str = "https://evil.example";

fn pass(n: u128) -> Pass {
    Pass::try_from(format!("{n:032x}")).unwrap()
}

/// Visitor `n` of a contact leaves the shop for where one pays.
fn leave(
    floor: &mut Floor,
    n: u128,
    interaction: InteractionId,
    pass: Pass,
) -> Result<Done, Refusal> {
    let crossing = Box::new(Crossing {
        visitor: visitor(n).visitor,
        interaction,
        zone: "shop".parse().unwrap(),
        verified: None,
        until: Timestamp(u64::MAX),
        from: SHOP.to_owned(),
        to: PAY.to_owned(),
        carried: Carried {
            read: ws::id::Seq(3),
            open: true,
            leg: None,
            muted: false,
        },
    });
    floor.ask(Input::Cross {
        pass,
        crossing,
        re: RE,
    })
}

fn page() -> Arrival {
    Arrival {
        at: PAY.to_owned(),
        from: SHOP.to_owned(),
        zone: None,
        own: None,
    }
}

fn show(floor: &mut Floor, pass: Pass, page: Arrival) -> Result<Crossing, Refusal> {
    let done = floor.ask(Input::Arrive {
        pass,
        page: Box::new(page),
        re: RE,
    })?;
    match done {
        Done::Arrived(crossing) => Ok(*crossing),
        other => panic!("answered with {other:?}"),
    }
}

fn code(shown: Result<Crossing, Refusal>) -> Option<Code> {
    shown.err().map(|refusal| refusal.code)
}

#[test]
fn a_contact_follows_its_visitor_to_another_website() {
    let mut floor = Floor::open(house(1, 2));
    let id = floor.chat(1);
    leave(&mut floor, 1, id, pass(7)).unwrap();
    floor.seconds(59);

    let came = show(&mut floor, pass(7), page()).unwrap();

    assert_eq!((came.visitor, came.interaction), (visitor(1).visitor, id));
    assert_eq!(came.carried.read.0, 3);
}

#[test]
fn a_pass_counts_once_and_for_a_minute() {
    let mut floor = Floor::open(house(1, 2));
    let id = floor.chat(1);
    for n in [7, 8] {
        leave(&mut floor, 1, id, pass(n)).unwrap();
    }

    show(&mut floor, pass(7), page()).unwrap();
    assert_eq!(
        code(show(&mut floor, pass(7), page())),
        Some(Code::NotFound)
    );

    floor.seconds(60);
    assert_eq!(
        code(show(&mut floor, pass(8), page())),
        Some(Code::NotFound)
    );
    assert_eq!(
        code(show(&mut floor, pass(9), page())),
        Some(Code::NotFound)
    );
}

#[test]
fn a_pass_that_was_taken_elsewhere_is_refused_and_of_no_use_any_more() {
    let thieves = [
        (
            "another website shows it",
            Arrival {
                at: EVIL.to_owned(),
                ..page()
            },
        ),
        (
            "a program shows it",
            Arrival {
                at: String::new(),
                ..page()
            },
        ),
        (
            "the website that was left shows it",
            Arrival {
                at: SHOP.to_owned(),
                ..page()
            },
        ),
        (
            "a link elsewhere led there",
            Arrival {
                from: EVIL.to_owned(),
                ..page()
            },
        ),
        (
            "nothing says where it was come from",
            Arrival {
                from: String::new(),
                ..page()
            },
        ),
    ];
    for (what, thief) in thieves {
        let mut floor = Floor::open(house(1, 2));
        let id = floor.chat(1);
        leave(&mut floor, 1, id, pass(7)).unwrap();

        assert_eq!(
            code(show(&mut floor, pass(7), thief)),
            Some(Code::Forbidden),
            "{what}"
        );
        assert_eq!(
            code(show(&mut floor, pass(7), page())),
            Some(Code::NotFound),
            "{what}"
        );
    }
}

#[test]
fn nobody_is_followed_out_of_their_zone_or_into_what_is_over() {
    let mut floor = Floor::open(house(1, 2));
    let id = floor.chat(1);
    for n in [7, 8] {
        leave(&mut floor, 1, id, pass(n)).unwrap();
    }

    let zone = Some("other".parse().unwrap());
    assert_eq!(
        code(show(&mut floor, pass(7), Arrival { zone, ..page() })),
        Some(Code::Conflict)
    );

    floor.end(id, Actor::Visitor(visitor(1).visitor));
    assert_eq!(
        code(show(&mut floor, pass(8), page())),
        Some(Code::Conflict)
    );
    let late = leave(&mut floor, 1, id, pass(9)).unwrap_err();
    assert_eq!(late.code, Code::Conflict);
}

#[test]
fn a_contact_that_goes_on_at_the_other_website_stays_there() {
    let mut floor = Floor::open(house(2, 2));
    let id = floor.chat(1);
    let other = floor.chat(2);
    let own = Some(visitor(2).visitor);
    for n in [7, 8, 9] {
        leave(&mut floor, 1, id, pass(n)).unwrap();
    }

    assert_eq!(
        code(show(&mut floor, pass(7), Arrival { own, ..page() })),
        Some(Code::Conflict)
    );

    let same = Some(visitor(1).visitor);
    show(
        &mut floor,
        pass(8),
        Arrival {
            own: same,
            ..page()
        },
    )
    .unwrap();
    floor.end(other, Actor::Visitor(visitor(2).visitor));
    show(&mut floor, pass(9), Arrival { own, ..page() }).unwrap();
}

#[test]
fn passes_are_bounded_and_nobody_takes_anothers() {
    let mut floor = Floor::open(house(1, 2));
    let id = floor.chat(1);
    for n in 0..9 {
        leave(&mut floor, 1, id, pass(n)).unwrap();
    }
    assert_eq!(
        code(show(&mut floor, pass(0), page())),
        Some(Code::NotFound),
        "the oldest made room"
    );

    let taken = leave(&mut floor, 2, id, pass(8)).unwrap_err();
    assert_eq!(taken.code, Code::Conflict);
    assert_eq!(
        show(&mut floor, pass(8), page()).unwrap().visitor,
        visitor(1).visitor
    );

    for n in 0..10_000 {
        if let Err(full) = leave(&mut floor, 100 + n, id, pass(100 + n)) {
            assert_eq!((full.code, n), (Code::Unavailable, 9_993));
            floor.seconds(60);
            return leave(&mut floor, 1, id, pass(1)).map(|_| ()).unwrap();
        }
    }
    panic!("they are not bounded");
}
