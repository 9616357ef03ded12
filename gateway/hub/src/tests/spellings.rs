//! One number in several spellings is one number, at every door and for everything that is said of it.

use ws::{consent::ContactChannel, frame::Code, transfer::TransferTo};

use super::*;
use crate::{
    consent::{Change, NumberList, Source, Statement, Subject},
    customer::Order,
    event::{CallbackEnd, InCall},
    gate::Closed,
    input::Signed,
    numbering::Numbering,
    toll::{Allowance, TollSetup},
};

const PLUS: &str = "+49301234567";
const SPELLINGS: [&str; 3] = [PLUS, "0049301234567", "0301234567"];

fn german() -> Numbering {
    Numbering::new(sip::trunk::NumberPlan {
        country: "49".to_owned(),
        national: "0".to_owned(),
        international: "00".to_owned(),
        form: sip::trunk::NumberForm::National,
    })
}

fn berlin() -> Setup {
    Setup {
        numbering: german(),
        ..house(1, 6)
    }
}

fn says(floor: &mut Floor, number: &str, change: Change) {
    let said = Statement {
        subject: Subject::Number(number.parse().unwrap()),
        channel: ContactChannel::Voice,
        change,
        source: Source::Api,
        reason: None,
        until: None,
        by: None,
    };
    let by = Actor::TANDEM;
    floor
        .ask(Input::SetConsent {
            said,
            interaction: None,
            by,
            re: RE,
        })
        .unwrap();
}

fn wanted(floor: &mut Floor, id: InteractionId, by: Actor, number: &str) -> Result<Done, Refusal> {
    let house = matches!(by, Actor::House(_));
    floor.ask(Input::AskCallback {
        interaction: id,
        queue: house.then(|| "support".parse().unwrap()),
        by,
        number: number.parse().unwrap(),
        at: None,
        wish: Default::default(),
        re: RE,
    })
}

fn by_program(floor: &mut Floor, number: &str) -> Option<Code> {
    let id = InteractionId::new(7_000).unwrap();
    let asked = wanted(floor, id, Actor::TANDEM, number);
    asked.err().map(|refusal| refusal.code)
}

fn closed(floor: &Floor) -> Vec<Closed> {
    let facts = floor.facts.iter();
    let closed = facts.filter_map(|fact| match &fact.event {
        Event::ContactRefused { closed, .. } => Some(*closed),
        _ => None,
    });
    closed.collect()
}

#[test]
fn what_is_said_of_one_spelling_bars_every_other_at_every_door() {
    for said in SPELLINGS {
        for asked in SPELLINGS {
            let mut floor = Floor::open(berlin());
            let chat = floor.chat(1);
            floor.accept(&agent(0), chat);
            says(&mut floor, said, Change::Suppressed);

            let program = by_program(&mut floor, asked);
            let visitor = Actor::Visitor(visitor(1).visitor);
            let page = wanted(&mut floor, chat, visitor, asked);
            let call = floor.escalate(chat, asked);

            assert_eq!(program, Some(Code::Suppressed), "{said} {asked}");
            assert_eq!(page.unwrap_err().code, Code::Suppressed, "{said} {asked}");
            assert_eq!(call.unwrap_err().code, Code::Suppressed, "{said} {asked}");
            assert_eq!(closed(&floor), [Closed::Suppressed; 3]);
        }
    }
}

#[test]
fn the_houses_own_lists_and_tolls_bind_every_spelling() {
    for asked in SPELLINGS {
        let mut setup = berlin();
        setup.suppressed.push(PLUS.parse().unwrap());
        assert_eq!(
            by_program(&mut Floor::open(setup), asked),
            Some(Code::Suppressed)
        );

        let mut setup = berlin();
        let mut list = NumberList::default();
        list.read("030 1234567 # as they print it", "", &german())
            .unwrap();
        setup.consent.list = std::sync::Arc::new(list.seal());
        assert_eq!(
            by_program(&mut Floor::open(setup), asked),
            Some(Code::Suppressed)
        );

        let mut setup = berlin();
        setup.tolls = TollSetup {
            prefixes: [("+4930".to_owned(), Allowance::Deny)].into(),
            ..TollSetup::default()
        };
        assert_eq!(
            by_program(&mut Floor::open(setup), asked),
            Some(Code::Forbidden)
        );
    }
}

#[test]
fn a_call_in_joins_what_was_promised_in_another_spelling() {
    for promised in SPELLINGS {
        for calling in SPELLINGS {
            let mut floor = Floor::empty(berlin());
            let id = floor.promise(1, promised);

            let call = floor.call(1, calling);

            assert_eq!(call, id, "{promised} {calling}");
            assert_eq!(floor.of(id).number, Some(number(PLUS)));
        }
    }
}

#[test]
fn who_is_known_by_one_spelling_is_found_by_every_other() {
    for known in SPELLINGS {
        let mut floor = Floor::empty(berlin());
        let chat = floor.chat(1);
        let ida = floor.of(chat).customer;
        let order = Order::Describe {
            cleared: Vec::new(),
            name: None,
            number: Some(number(known)),
            mail: None,
            value: None,
        };
        floor
            .ask(Input::Customer {
                customer: ida,
                order,
                by: Actor::TANDEM,
                re: RE,
            })
            .unwrap();
        let signed = Signed {
            subject: "bo".to_owned(),
            number: Some(number("030 765 4321")),
            ..Signed::default()
        };
        let who = Introduction {
            verified: Some(signed),
            ..visitor(2)
        };
        floor
            .ask(Input::OpenChat {
                candidate: InteractionId::new(1_002).unwrap(),
                who,
                mid: mid("first"),
                text: "hello".into(),
                re: RE,
            })
            .unwrap();

        for calling in SPELLINGS {
            assert_eq!(floor.hub.owner_of(&number(calling)), Some(ida));
        }
        let call = floor.call(3, "+49307654321");
        let signed = floor.of(InteractionId::new(1_002).unwrap()).customer;
        assert_eq!(floor.of(call).customer, signed);
    }
}

#[test]
fn a_transfer_and_a_redirection_go_by_what_the_number_is() {
    for asked in SPELLINGS {
        let mut setup = berlin();
        setup.transfers.numbers = vec!["+49*".to_owned()];
        let mut floor = Floor::open(setup);
        let (id, first) = talking(&mut floor);
        let to = |number: &str| TransferTo::Number(number.parse().unwrap());
        let consult = Wish::Consult { to: to(asked) };
        ask(&mut floor, id, &first, consult).unwrap();
        let told = floor.told();
        let dialled = told.iter().find_map(|command| match command {
            Command::Dial { .. } => Some(format!("{command:?}")),
            _ => None,
        });
        assert!(dialled.unwrap().contains(PLUS), "{told:?}");
        floor.tell(Input::Leg(LegNews::Redirected {
            leg: leg(id, 3),
            status: 302,
            to: vec!["0307654321".to_owned()],
            more: false,
            after: None,
        }));
        let followed = |e: &Event| matches!(e, Event::InCall(InCall::Redirected { number, .. }) if number.as_str() == "+49307654321");
        assert_eq!(floor.count(id, followed), 1);

        ask(&mut floor, id, &first, Wish::TakeBack).unwrap();
        says(&mut floor, PLUS, Change::Withdrawn);
        let transfer = Wish::Transfer {
            to: to(asked),
            note: None,
        };
        let refused = ask(&mut floor, id, &first, transfer).unwrap_err();
        assert_eq!(refused.code, Code::Suppressed);
    }
}

#[test]
fn a_house_without_a_country_refuses_what_it_cannot_tell_and_knows_extensions() {
    let mut setup = house(1, 6);
    setup.transfers.numbers = vec!["*".to_owned()];
    let mut floor = Floor::open(setup);
    for asked in ["00882123456", "0301234567", "301234567"] {
        let before = floor.facts.len();
        assert_eq!(by_program(&mut floor, asked), Some(Code::OutOfRange));
        assert_eq!(floor.facts.len(), before);
    }
    let (id, first) = talking(&mut floor);
    let transfer = |number: &str| Wish::Transfer {
        to: TransferTo::Number(number.parse().unwrap()),
        note: None,
    };
    let refused = ask(&mut floor, id, &first, transfer("0301234567")).unwrap_err();
    assert_eq!(refused.code, Code::OutOfRange);
    assert!(refused.text.contains("+49 30"), "{refused:?}");

    ask(&mut floor, id, &first, transfer("201")).unwrap();

    // What a trunk shows is taken as it comes, and called back so.
    let caller = floor.call(2, "0301234567");
    assert_eq!(floor.of(caller).number, Some(number("0301234567")));
}

const UNREAD: [(bool, &str); 3] = [
    (true, "49905551234"),
    (false, "0049905551234"),
    (false, "0305551234"),
];

/// A house that denies and suppresses what these stand for, and knows its country or not.
fn strict(country: bool) -> Setup {
    let mut setup = house(1, 6);
    if country {
        setup.numbering = german();
    }
    setup.tolls.prefixes = [("+4990".to_owned(), Allowance::Deny)].into();
    setup.suppressed = ["+49905551234", "+49305551234"].map(number).into();
    setup
}

fn promised(floor: &Floor, id: InteractionId) -> usize {
    floor.count(id, |e| matches!(e, Event::CallbackPromised { .. }))
}

fn presses_one(floor: &mut Floor, id: InteractionId) {
    floor.seconds(3);
    floor.answered(leg(id, 1));
    floor.tell(Input::Leg(LegNews::Digit {
        leg: leg(id, 1),
        digit: '1',
    }));
}

#[test]
fn a_caller_whose_number_cannot_be_read_keeps_no_place() {
    for (country, shown) in UNREAD {
        let mut setup = strict(country);
        setup.callbacks.keep_place = true;
        let mut floor = Floor::empty(setup);
        let id = floor.call(1, shown);

        presses_one(&mut floor, id);

        assert_eq!(promised(&floor, id), 0, "{shown}");
        assert!(floor.of(id).entry.is_some(), "they go on waiting");
    }
}

#[test]
fn a_caller_whose_number_cannot_be_read_is_promised_no_call_by_a_menu_or_a_rule() {
    for (country, shown) in UNREAD {
        let menu = crate::menu::MenuSetup {
            queue: "support".parse().unwrap(),
            say: vec!["main".into()],
            asks: crate::menu::Asks::Key([('1', "callback".parse().unwrap())].into()),
            say_again: vec!["again".into()],
            wait: Duration::from_secs(5),
            tries: 2,
            otherwise: "queue:support".parse().unwrap(),
            hours: None,
        };
        let mut setup = strict(country);
        setup.menus = [("main".parse().unwrap(), std::sync::Arc::new(menu))].into();
        let mut floor = Floor::empty(setup);
        floor.tell(Input::CallArrived(arrival(1, shown, "main")));
        let id = InteractionId::new(2_001).unwrap();
        floor.answered(leg(id, 1));
        floor.tell(Input::Leg(LegNews::Digit {
            leg: leg(id, 1),
            digit: '1',
        }));
        assert_eq!(promised(&floor, id), 0, "{shown}");
        assert!(floor.of(id).entry.is_some(), "they wait instead");

        let mut setup = strict(country);
        for queue in setup.queues.values_mut() {
            let instead = vec![crate::policy::Instead::Callback];
            let rule = crate::policy::Rule::Unstaffed;
            queue.policy.instead.insert(rule, instead);
        }
        let mut floor = Floor::empty(setup);
        let id = floor.call(1, shown);
        presses_one(&mut floor, id);
        assert_eq!(promised(&floor, id), 0, "{shown}");
        let offered = |e: &Event| matches!(e, Event::CallbackOffered { .. });
        assert_eq!(floor.count(id, offered), 0, "{shown}");
    }
}

#[test]
fn a_promise_to_a_number_that_cannot_be_read_any_more_ends_and_is_not_dialled() {
    let mut floor = Floor::empty(berlin());
    let id = floor.promise(1, "+49305550000");
    let facts = floor.facts.iter_mut();
    let promised = facts.filter_map(|fact| match &mut fact.event {
        Event::CallbackPromised { number, .. } => Some(number),
        _ => None,
    });
    // A store of before has what a trunk showed.
    promised.for_each(|of| *of = number("49905551234"));
    let mut hub = Hub::new(berlin(), [8; 32]);
    floor.facts.iter().for_each(|fact| hub.replay(fact));
    floor.hub = hub;
    floor.hub.start(floor.now);
    floor.listen();
    floor.arrive(&agent(0));

    let denied = |e: &Event| {
        matches!(
            e,
            Event::CallbackEnded {
                end: CallbackEnd::Denied,
                ..
            }
        )
    };
    assert_eq!(floor.count(id, denied), 1);
    let dials = |told: &Command| matches!(told, Command::Dial { .. });
    assert!(!floor.told().iter().any(dials));
}

#[test]
fn the_gate_admits_no_number_that_cannot_be_read() {
    let floor = Floor::empty(strict(true));

    let refused = floor.hub.admit(&number("49905551234"), None);
    let read = floor.hub.admit(&number("030 765 4321"), None);

    assert_eq!(refused, Err(Closed::Unreadable));
    assert_eq!(Closed::Unreadable.refusal().code, Code::OutOfRange);
    assert!(read.is_ok());
}

#[test]
fn what_was_kept_in_another_spelling_counts_once_the_country_is_known() {
    let mut floor = Floor::empty(house(1, 6));
    says(&mut floor, "0301234567", Change::Withdrawn);
    let call = floor.call(1, "0307654321");
    let ida = floor.of(call).customer;

    floor.tell(Input::Configure(Box::new(berlin())));

    for asked in SPELLINGS {
        assert_eq!(by_program(&mut floor, asked), Some(Code::Suppressed));
    }
    assert_eq!(floor.hub.owner_of(&number("+49307654321")), Some(ida));
    let again = floor.call(2, "+49307654321");
    assert_eq!(floor.of(again).customer, ida);
}

#[test]
fn an_old_promise_in_another_spelling_is_not_kept_against_what_is_said_since() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.promise(1, "+49301234567");
    let old = floor
        .facts
        .iter_mut()
        .find_map(|fact| match &mut fact.event {
            Event::CallbackPromised { number, .. } => Some(number),
            _ => None,
        });
    // A store of before has what was typed.
    *old.unwrap() = number("0301234567");
    let mut hub = Hub::new(berlin(), [8; 32]);
    let kept = floor
        .facts
        .iter()
        .take_while(|fact| !matches!(fact.event, Event::Offered { .. }));
    kept.for_each(|fact| hub.replay(fact));
    floor.hub = hub;
    floor.hub.start(floor.now);
    floor.listen();

    says(&mut floor, PLUS, Change::Suppressed);

    let ended = |e: &Event| {
        matches!(
            e,
            Event::CallbackEnded {
                end: CallbackEnd::Suppressed,
                ..
            }
        )
    };
    assert_eq!(floor.count(id, ended), 1);
}
