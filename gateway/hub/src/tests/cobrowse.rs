use std::collections::BTreeSet;

use ws::{
    cobrowse::{Act, AgentAct, Grant, Guide, VisitorAct},
    frame::Code,
};

use super::*;
use crate::event::LegCause;

const PAGE: &str = "https://shop.example/cart";

fn grants(all: &[Grant]) -> BTreeSet<Grant> {
    all.iter().copied().collect()
}

fn order(floor: &mut Floor, n: usize, id: InteractionId, act: AgentAct) -> Result<Done, Refusal> {
    let (agent, interaction, act, re) = (agent(n), id, Box::new(act), RE);
    floor.ask(Input::CobrowseOfAgent {
        agent,
        interaction,
        act,
        re,
    })
}

fn visit(
    floor: &mut Floor,
    n: u128,
    interaction: Option<InteractionId>,
    act: VisitorAct,
) -> Result<Done, Refusal> {
    let (visitor, act, re) = (visitor(n), Box::new(act), RE);
    floor.ask(Input::CobrowseOfVisitor {
        visitor: visitor.visitor,
        interaction,
        act,
        zone: Some(visitor.zone),
        re,
    })
}

fn page_opens(floor: &mut Floor, n: u128) {
    let visitor = visitor(n).visitor;
    floor.tell(Input::WidgetOpened { visitor, socket: 5 });
}

/// A visitor whose page is open chats with agent 0.
fn chatting(floor: &mut Floor) -> InteractionId {
    page_opens(floor, 1);
    let id = floor.chat(1);
    floor.accept(&agent(0), id);
    id
}

fn ask(floor: &mut Floor, id: InteractionId, wanted: &[Grant]) {
    let act = AgentAct::Ask {
        grants: grants(wanted),
    };
    order(floor, 0, id, act).unwrap();
}

fn allow(floor: &mut Floor, id: InteractionId, given: &[Grant]) {
    let act = VisitorAct::Answer {
        grants: grants(given),
    };
    visit(floor, 1, Some(id), act).unwrap();
}

/// The visitor allowed everything.
fn shared(floor: &mut Floor) -> InteractionId {
    let id = chatting(floor);
    let all = [Grant::View, Grant::Point, Grant::Push, Grant::Control];
    ask(floor, id, &all);
    allow(floor, id, &all);
    order(floor, 0, id, AgentAct::Watch { sheets: Vec::new() }).unwrap();
    floor.told();
    id
}

fn acts(floor: &Floor, id: InteractionId) -> Vec<Act> {
    let events = floor.events(id).into_iter();
    let acts = events.filter_map(|event| match event {
        Event::Cobrowsed { act, .. } => Some(Act::clone(act)),
        _ => None,
    });
    acts.collect()
}

fn fill() -> AgentAct {
    AgentAct::Guide {
        stream: "s".to_owned(),
        guide: Guide::Fill {
            node: 7,
            value: "blue".into(),
            label: Some("Colour, card 4111 1111 1111 1111".into()),
        },
    }
}

fn refused(result: Result<Done, Refusal>) -> Code {
    result.expect_err("it should be refused").code
}

fn stopped(floor: &Floor, id: InteractionId) -> Option<String> {
    let last = acts(floor, id).pop()?;
    match last {
        Act::Stopped { reason } if floor.of(id).cobrowse.is_none() => Some(reason),
        _ => None,
    }
}

#[test]
fn what_the_visitor_allows_is_granted_kind_by_kind_and_the_rest_declined() {
    let mut floor = Floor::open(house(1, 2));
    let id = chatting(&mut floor);

    ask(&mut floor, id, &[Grant::View, Grant::Point, Grant::Control]);
    let more = VisitorAct::Answer {
        grants: grants(&[Grant::View, Grant::Push]),
    };
    assert_eq!(
        refused(visit(&mut floor, 1, Some(id), more)),
        Code::OutOfRange
    );
    allow(&mut floor, id, &[Grant::View, Grant::Point]);

    let sharing = floor.of(id).cobrowse.clone().unwrap();
    assert_eq!(sharing.granted, grants(&[Grant::View, Grant::Point]));
    assert_eq!(sharing.asked, None);
    let until = floor.now + floor.hub.setup().cobrowse.ask;
    assert_eq!(
        acts(&floor, id),
        [
            Act::Asked {
                grants: grants(&[Grant::View, Grant::Point, Grant::Control]),
                until
            },
            Act::Granted {
                grants: grants(&[Grant::View, Grant::Point])
            },
            Act::Declined {
                grants: grants(&[Grant::Control])
            },
        ]
    );
    let page = floor.of(id).legs.values().find(|leg| leg.is_page());
    assert_eq!(page.unwrap().cause, LegCause::Cobrowse);
    assert_eq!(refused(order(&mut floor, 0, id, fill())), Code::Forbidden);
}

#[test]
fn without_seeing_the_page_nothing_else_is_allowed() {
    let mut floor = Floor::open(house(1, 2));
    let id = chatting(&mut floor);
    let blind = AgentAct::Ask {
        grants: grants(&[Grant::Point]),
    };
    assert_eq!(refused(order(&mut floor, 0, id, blind)), Code::Conflict);

    ask(&mut floor, id, &[Grant::View, Grant::Point]);
    allow(&mut floor, id, &[Grant::Point]);

    assert_eq!(floor.of(id).cobrowse, None);
    assert_eq!(
        refused(order(
            &mut floor,
            0,
            id,
            AgentAct::Watch { sheets: Vec::new() }
        )),
        Code::Conflict
    );
}

#[test]
fn a_question_that_nobody_answers_goes_away() {
    let mut floor = Floor::open(house(1, 2));
    let id = chatting(&mut floor);
    ask(&mut floor, id, &[Grant::View]);

    floor.seconds(60);

    assert_eq!(acts(&floor, id).pop(), Some(Act::Unanswered));
    assert_eq!(floor.of(id).cobrowse, None);
    let late = VisitorAct::Answer {
        grants: grants(&[Grant::View]),
    };
    assert_eq!(
        refused(visit(&mut floor, 1, Some(id), late)),
        Code::Conflict
    );
}

#[test]
fn only_a_visitor_with_an_open_page_is_asked_and_only_by_their_agent() {
    let mut floor = Floor::open(house(2, 2));
    let id = floor.chat(1);
    let agent = floor.accept_any(id);
    let n = usize::from(agent == super::agent(1));
    let see = || AgentAct::Ask {
        grants: grants(&[Grant::View]),
    };

    assert_eq!(refused(order(&mut floor, n, id, see())), Code::Conflict);
    page_opens(&mut floor, 1);
    assert_eq!(
        refused(order(&mut floor, 1 - n, id, see())),
        Code::Forbidden
    );
    assert_eq!(order(&mut floor, n, id, see()), Ok(Done::Ok));
}

#[test]
fn a_zone_or_a_house_may_not_want_it() {
    let mut setup = house(1, 2);
    setup
        .zones
        .values_mut()
        .for_each(|zone| zone.cobrowse = false);
    let mut floor = Floor::open(setup);
    let id = chatting(&mut floor);

    let see = AgentAct::Ask {
        grants: grants(&[Grant::View]),
    };
    assert_eq!(refused(order(&mut floor, 0, id, see)), Code::Forbidden);
}

#[test]
fn what_is_done_is_a_fact_before_the_page_does_it_and_what_was_typed_is_not_kept() {
    let mut floor = Floor::open(house(1, 2));
    let id = shared(&mut floor);

    order(&mut floor, 0, id, fill()).unwrap();

    let Some(Act::Filled { label: Some(label) }) = acts(&floor, id).pop() else {
        panic!("{:?}", acts(&floor, id));
    };
    assert_eq!(label, "Colour, card [card ending 1111]");
    assert!(!format!("{:?}", floor.facts).contains("blue"));
    let told = floor.told();
    assert!(matches!(&told[..], [Command::Guide { by, .. }] if by == "Agent 0"));
}

#[test]
fn what_the_page_did_not_do_is_in_the_record_too() {
    let mut floor = Floor::open(house(1, 2));
    let id = shared(&mut floor);
    order(&mut floor, 0, id, fill()).unwrap();

    let label = Some("Colour".to_owned());
    visit(&mut floor, 1, Some(id), VisitorAct::Undone { label }).unwrap();

    let Some(Act::Undone { label: Some(label) }) = acts(&floor, id).pop() else {
        panic!("{:?}", acts(&floor, id));
    };
    assert_eq!(label, "Colour");
    let grants = grants(&[Grant::Point, Grant::Control]);
    visit(&mut floor, 1, Some(id), VisitorAct::Revoke { grants }).unwrap();
    let label = None;
    let late = visit(&mut floor, 1, Some(id), VisitorAct::Undone { label });
    assert_eq!(refused(late), Code::Conflict);
}

#[test]
fn what_a_console_or_a_page_says_that_a_part_is_called_is_kept_in_one_short_line_only() {
    let mut floor = Floor::open(house(1, 2));
    let id = shared(&mut floor);
    let mark = |label: &str| AgentAct::Guide {
        stream: "s".to_owned(),
        guide: Guide::Mark {
            node: 7,
            label: Some(label.to_owned()),
        },
    };
    let undone = |label: &str| VisitorAct::Undone {
        label: Some(label.to_owned()),
    };
    let long = "a".repeat(101);

    for (said, kept) in [
        ("Check\u{202e}out\r\n \u{7}now", Some("Checkout now")),
        ("4111\u{202e} 1111 1111 1111", Some("[card ending 1111]")),
        (" \u{0}\t", None),
        (&long[..40], Some(&long[..40])),
        // A text of the page, which may be the customer's.
        (&long[..41], None),
    ] {
        let kept = kept.map(str::to_owned);
        order(&mut floor, 0, id, mark(said)).unwrap();
        let label = kept.clone();
        assert_eq!(acts(&floor, id).pop(), Some(Act::Marked { label }));
        visit(&mut floor, 1, Some(id), undone(said)).unwrap();
        let label = kept;
        assert_eq!(acts(&floor, id).pop(), Some(Act::Undone { label }));
    }
    let before = acts(&floor, id).len();
    assert_eq!(
        refused(order(&mut floor, 0, id, mark(&long))),
        Code::OutOfRange
    );
    let reported = visit(&mut floor, 1, Some(id), undone(&long));
    assert_eq!(refused(reported), Code::OutOfRange);
    assert_eq!(acts(&floor, id).len(), before);
}

#[test]
fn what_a_page_is_called_is_kept_in_one_line() {
    let mut setup = house(1, 2);
    setup.cobrowse.pages = vec!["https://shop.example/".to_owned()];
    let mut floor = Floor::open(setup);
    let id = shared(&mut floor);
    let title = Some("Your\u{202e} cart\n\u{1b}".to_owned());
    let kept = Some("Your cart".to_owned());

    let (url, here) = (PAGE.to_owned(), title.clone());
    let page = VisitorAct::Page { url, title: here };
    visit(&mut floor, 1, Some(id), page).unwrap();
    let noted = Act::Page {
        url: PAGE.to_owned(),
        title: kept.clone(),
        skipped: 0,
    };
    assert_eq!(acts(&floor, id).pop(), Some(noted));
    let (url, suggested) = (PAGE.to_owned(), title);
    let suggest = VisitorAct::Suggest {
        url,
        title: suggested,
    };
    visit(&mut floor, 1, Some(id), suggest).unwrap();

    let (url, title) = (PAGE.to_owned(), kept);
    assert_eq!(acts(&floor, id).pop(), Some(Act::Pushed { url, title }));
}

#[test]
fn what_is_taken_back_is_refused_from_then_on_and_the_view_ends_all() {
    let mut floor = Floor::open(house(1, 2));
    let id = shared(&mut floor);

    let back = VisitorAct::Revoke {
        grants: grants(&[Grant::Control]),
    };
    visit(&mut floor, 1, Some(id), back).unwrap();
    assert_eq!(refused(order(&mut floor, 0, id, fill())), Code::Forbidden);
    let all = VisitorAct::Revoke {
        grants: grants(&[Grant::View]),
    };
    visit(&mut floor, 1, Some(id), all.clone()).unwrap();
    visit(&mut floor, 1, Some(id), all).unwrap();

    assert_eq!(
        stopped(&floor, id).as_deref(),
        Some("the customer stopped it")
    );
    let live = floor.of(id).legs.values().filter(|leg| leg.is_live());
    assert_eq!(live.filter(|leg| leg.is_page()).count(), 0);
    let mark = AgentAct::Guide {
        stream: "s".to_owned(),
        guide: Guide::Mark {
            node: 1,
            label: None,
        },
    };
    assert_eq!(refused(order(&mut floor, 0, id, mark)), Code::Forbidden);
    assert!(floor.told().is_empty());
}

#[test]
fn pages_are_followed_without_what_the_address_carries() {
    let mut floor = Floor::open(house(1, 2));
    let id = shared(&mut floor);

    for url in ["https://shop.example/cart?token=abc#x", PAGE] {
        let (url, title) = (url.to_owned(), Some("Cart".to_owned()));
        visit(&mut floor, 1, Some(id), VisitorAct::Page { url, title }).unwrap();
    }

    let pages = acts(&floor, id).into_iter();
    let pages: Vec<_> = pages
        .filter(|act| matches!(act, Act::Page { .. }))
        .collect();
    assert_eq!(
        pages,
        [Act::Page {
            url: PAGE.into(),
            title: Some("Cart".into()),
            skipped: 0,
        }]
    );
}

fn goes(floor: &mut Floor, id: InteractionId, url: &str) {
    let (url, title) = (url.to_owned(), None);
    visit(floor, 1, Some(id), VisitorAct::Page { url, title }).unwrap();
}

fn places(floor: &Floor, id: InteractionId) -> Vec<(String, u32)> {
    let acts = acts(floor, id).into_iter();
    let places = acts.filter_map(|act| match act {
        Act::Page { url, skipped, .. } => Some((url, skipped)),
        _ => None,
    });
    places.collect()
}

#[test]
fn of_a_page_that_goes_elsewhere_without_end_a_hundred_places_are_noted_and_then_one_a_minute() {
    let mut floor = Floor::open(house(1, 2));
    let id = shared(&mut floor);
    let at = |n: u32| format!("https://shop.example/{n}");

    for n in 0..100 {
        goes(&mut floor, id, &at(n));
    }
    floor.seconds(1);
    for n in 100..158 {
        floor.seconds(1);
        goes(&mut floor, id, &at(n));
    }
    assert_eq!(places(&floor, id).len(), 100);
    assert_eq!(floor.of(id).cobrowse.as_ref().unwrap().page, Some(at(99)));
    floor.seconds(1);

    assert_eq!(places(&floor, id)[100..], [(at(157), 57)]);
    goes(&mut floor, id, &at(157));
    floor.seconds(120);
    assert_eq!(places(&floor, id).len(), 101, "it stayed there");
    goes(&mut floor, id, &at(158));
    assert_eq!(places(&floor, id)[101..], [(at(158), 0)]);

    // What waits is noted when the page is shared no more, and nothing of it is counted when it is shared anew.
    goes(&mut floor, id, &at(159));
    goes(&mut floor, id, &at(158));
    let grants = grants(&[Grant::View]);
    visit(&mut floor, 1, Some(id), VisitorAct::Revoke { grants }).unwrap();
    assert_eq!(places(&floor, id)[102..], [(at(158), 1)]);
    assert!(stopped(&floor, id).is_some());
    ask(&mut floor, id, &[Grant::View]);
    allow(&mut floor, id, &[Grant::View]);
    goes(&mut floor, id, &at(1));
    assert_eq!(places(&floor, id)[103..], [(at(1), 0)]);
}

#[test]
fn a_place_with_a_card_in_it_is_noted_once() {
    let mut floor = Floor::open(house(1, 2));
    let id = shared(&mut floor);

    for _ in 0..2 {
        goes(&mut floor, id, "https://shop.example/4111111111111111");
    }

    assert_eq!(places(&floor, id).len(), 1);
}

#[test]
fn only_configured_pages_are_suggested_from_either_side() {
    let mut setup = house(1, 2);
    setup.cobrowse.pages = vec!["https://shop.example/".to_owned()];
    let mut floor = Floor::open(setup);
    let id = shared(&mut floor);
    let push = |url: &str| AgentAct::Page {
        url: url.to_owned(),
        title: None,
    };

    assert_eq!(order(&mut floor, 0, id, push(PAGE)), Ok(Done::Ok));
    let foreign = push("https://evil.example/");
    assert_eq!(refused(order(&mut floor, 0, id, foreign)), Code::Forbidden);
    let (url, title) = (PAGE.to_owned(), None);
    let suggested = visit(&mut floor, 1, Some(id), VisitorAct::Suggest { url, title });
    assert_eq!(suggested, Ok(Done::Ok));
}

#[test]
fn a_supervisor_looks_on_but_does_nothing() {
    let mut setup = house(2, 2);
    let sam = setup.agents.get_mut(&agent(1)).unwrap();
    (sam.supervisor, sam.queues) = (true, Vec::new());
    let mut floor = Floor::open(setup);
    let id = shared(&mut floor);

    order(&mut floor, 1, id, AgentAct::Watch { sheets: Vec::new() }).unwrap();

    let viewers = &floor.of(id).cobrowse.as_ref().unwrap().viewers;
    assert_eq!(viewers.keys().collect::<Vec<_>>(), [&agent(0), &agent(1)]);
    let monitors = floor.of(id).legs.values();
    let monitors = monitors.filter(|leg| leg.cause == LegCause::Monitor);
    assert_eq!(monitors.count(), 1);
    assert_eq!(refused(order(&mut floor, 1, id, fill())), Code::Forbidden);
    order(&mut floor, 1, id, AgentAct::Leave {}).unwrap();
    assert_eq!(floor.of(id).cobrowse.as_ref().unwrap().viewers.len(), 1);
}

#[test]
fn a_colleague_who_is_in_the_chat_looks_on_until_they_leave_it() {
    let mut floor = Floor::open(house(3, 2));
    let id = shared(&mut floor);
    let look = || AgentAct::Watch { sheets: Vec::new() };
    let viewers = |floor: &Floor| -> Vec<_> {
        let sharing = floor.of(id).cobrowse.as_ref().unwrap();
        sharing.viewers.keys().cloned().collect()
    };
    let (whom, note) = (agent(1), None);
    super::ask(
        &mut floor,
        id,
        &agent(0),
        Wish::Invite { agent: whom, note },
    )
    .unwrap();
    assert_eq!(refused(order(&mut floor, 1, id, look())), Code::Forbidden);
    floor.accept(&agent(1), id);

    order(&mut floor, 1, id, look()).unwrap();

    assert_eq!(viewers(&floor), [agent(0), agent(1)]);
    assert_eq!(refused(order(&mut floor, 1, id, fill())), Code::Forbidden);
    assert_eq!(refused(order(&mut floor, 2, id, look())), Code::Forbidden);
    super::ask(&mut floor, id, &agent(1), Wish::Leave).unwrap();
    assert_eq!(viewers(&floor), [agent(0)]);
    let legs = floor.of(id).legs.values();
    let pages = legs.filter(|leg| leg.is_live() && leg.is_page() && !leg.is_customer());
    assert_eq!(pages.count(), 1, "the leg of who left is over");
}

#[test]
fn it_is_over_with_the_contact() {
    let mut floor = Floor::open(house(1, 2));
    let id = shared(&mut floor);

    floor.end(id, Actor::Agent(agent(0)));

    let last = acts(&floor, id).pop();
    assert!(matches!(last, Some(Act::Stopped { .. })), "{last:?}");
    assert!(!floor.of(id).has_live_leg());
    floor.seconds(120);
    assert!(floor.hub.state().interaction(id).is_none(), "it is sealed");
}

#[test]
fn every_state_of_it_has_a_longest_stay() {
    for (wait, reason) in [
        (Wait::Lost, "the visitor left the page"),
        (Wait::Unwatched, "nobody looked any more"),
        (Wait::Long, "it lasted as long as it may"),
        (Wait::AgentGone, "the agent left the contact"),
    ] {
        let mut floor = Floor::open(house(1, 2));
        let id = shared(&mut floor);
        let visitor = visitor(1).visitor;
        match wait {
            Wait::Lost => {
                floor.tell(Input::WidgetClosed {
                    visitor,
                    socket: 5,
                    went: false,
                });
                floor.seconds(59);
                assert!(floor.of(id).cobrowse.is_some());
                floor.seconds(1);
            }
            Wait::Unwatched => {
                order(&mut floor, 0, id, AgentAct::Leave {}).unwrap();
                floor.seconds(300);
            }
            Wait::Long => {
                for n in 0..12 {
                    floor.seconds(300);
                    let (interaction, by, re) = (id, Actor::Visitor(visitor), RE);
                    let (mid, text) = (mid(&format!("m{n}")), "still here".into());
                    floor
                        .ask(Input::Say {
                            interaction,
                            by,
                            mid,
                            text,
                            re,
                        })
                        .unwrap();
                }
            }
            Wait::AgentGone => {
                let (agent, socket) = (agent(0), 1);
                floor.tell(Input::ConsoleClosed { agent, socket });
                floor.seconds(30);
            }
        }

        let reasons = acts(&floor, id).into_iter().filter_map(|act| match act {
            Act::Stopped { reason } => Some(reason),
            _ => None,
        });
        assert_eq!(reasons.collect::<Vec<_>>(), [reason]);
        assert_eq!(floor.of(id).cobrowse, None);
    }
}

enum Wait {
    Lost,
    Unwatched,
    Long,
    AgentGone,
}

#[test]
fn a_restart_keeps_the_consent_and_lets_viewers_come_again() {
    let mut floor = Floor::open(house(1, 2));
    let id = shared(&mut floor);

    floor.crash();

    let sharing = floor.of(id).cobrowse.clone().unwrap();
    assert!(sharing.is_shared() && sharing.viewers.is_empty());
    page_opens(&mut floor, 1);
    let (agent, socket) = (agent(0), 2);
    floor.tell(Input::ConsoleOpened { agent, socket });
    order(&mut floor, 0, id, AgentAct::Watch { sheets: Vec::new() }).unwrap();
    floor.seconds(120);
    assert!(floor.of(id).cobrowse.is_some());
}

/// A caller and agent 0 talk, and visitor 1 has a page open.
fn talking(floor: &mut Floor) -> InteractionId {
    page_opens(floor, 1);
    let id = floor.call(1, "+4930100");
    floor.accept(&agent(0), id);
    floor.answered(leg(id, 2));
    floor.answered(leg(id, 1));
    id
}

fn code(done: Result<Done, Refusal>) -> String {
    match done.unwrap() {
        Done::Code { code, .. } => code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_code_on_the_page_that_the_agent_types_brings_it_into_the_call_once() {
    let mut floor = Floor::open(house(1, 2));
    let id = talking(&mut floor);
    let shown = code(visit(&mut floor, 1, None, VisitorAct::Code {}));
    assert_eq!(shown.len(), 6);

    let pair = AgentAct::Pair { code: shown };
    order(&mut floor, 0, id, pair.clone()).unwrap();

    assert_eq!(floor.of(id).visitor, Some(visitor(1).visitor));
    let page = floor.of(id).legs.values().find(|leg| leg.is_page());
    assert_eq!(page.unwrap().cause, LegCause::Pairing);
    assert_eq!(refused(order(&mut floor, 0, id, pair)), Code::NotFound);
    ask(&mut floor, id, &[Grant::View]);
    allow(&mut floor, id, &[Grant::View]);
    assert!(floor.of(id).cobrowse.as_ref().unwrap().is_shared());
    floor.ended(leg(id, 1), CauseKind::Normal);
    assert!(
        !floor
            .of(id)
            .legs
            .values()
            .any(|leg| leg.is_page() && leg.is_live())
    );
}

#[test]
fn what_a_zone_says_of_its_pages_holds_for_one_that_came_into_a_call() {
    let mut setup = house(1, 2);
    let shop = setup.zones.get_mut(&visitor(1).zone).unwrap();
    (shop.cobrowse, shop.pages) = (true, vec!["https://shop.example/".to_owned()]);
    let mut floor = Floor::open(setup.clone());
    let id = talking(&mut floor);
    let shown = code(visit(&mut floor, 1, None, VisitorAct::Code {}));
    order(&mut floor, 0, id, AgentAct::Pair { code: shown }).unwrap();
    ask(&mut floor, id, &[Grant::View, Grant::Push]);
    allow(&mut floor, id, &[Grant::View, Grant::Push]);
    order(&mut floor, 0, id, AgentAct::Watch { sheets: Vec::new() }).unwrap();

    let (url, title) = (PAGE.to_owned(), None);
    let pushed = order(
        &mut floor,
        0,
        id,
        AgentAct::Page {
            url: url.clone(),
            title: None,
        },
    );
    assert_eq!(pushed, Ok(Done::Ok));
    let suggested = visit(&mut floor, 1, Some(id), VisitorAct::Suggest { url, title });
    assert_eq!(suggested, Ok(Done::Ok));
    let (url, title) = ("https://evil.example/".to_owned(), None);
    let foreign = visit(&mut floor, 1, Some(id), VisitorAct::Suggest { url, title });
    assert_eq!(refused(foreign), Code::Forbidden);

    // Where a zone shows no pages, no code of either side brings one in.
    setup.zones.get_mut(&visitor(1).zone).unwrap().cobrowse = false;
    let mut floor = Floor::open(setup);
    let id = talking(&mut floor);
    let none = visit(&mut floor, 1, None, VisitorAct::Code {});
    assert_eq!(refused(none), Code::Forbidden);
    let told = code(order(&mut floor, 0, id, AgentAct::Code {}));
    let pair = visit(&mut floor, 1, None, VisitorAct::Pair { code: told });
    assert_eq!(refused(pair), Code::Forbidden);
}

#[test]
fn a_code_on_the_page_may_be_keyed_by_the_caller() {
    let mut floor = Floor::open(house(1, 2));
    let id = talking(&mut floor);
    let shown = code(visit(&mut floor, 1, None, VisitorAct::Code {}));

    keys(&mut floor, id, &shown);

    assert_eq!(floor.of(id).visitor, Some(visitor(1).visitor));
}

fn keys(floor: &mut Floor, id: InteractionId, code: &str) {
    for digit in format!("*{code}").chars() {
        let leg = leg(id, 1);
        floor.tell(Input::Leg(LegNews::Digit { leg, digit }));
    }
}

#[test]
fn the_agent_is_told_why_a_code_that_was_keyed_brought_nothing() {
    let mut floor = Floor::open(house(1, 2));
    let id = talking(&mut floor);
    floor.chat(1);
    let shown = code(visit(&mut floor, 1, None, VisitorAct::Code {}));
    let astray = |floor: &Floor| {
        let acts = acts(floor, id).into_iter().filter_map(|act| match act {
            Act::Astray { reason } => Some(reason),
            _ => None,
        });
        acts.collect::<Vec<_>>()
    };

    keys(&mut floor, id, &shown);
    let wrong = if shown == "000000" {
        "000001"
    } else {
        "000000"
    };
    keys(&mut floor, id, wrong);
    let told = astray(&floor);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("another contact"), "{told:?}");
    assert!(told[1].contains("no page"), "{told:?}");

    for _ in 0..20 {
        keys(&mut floor, id, &shown);
    }
    assert_eq!(astray(&floor).len(), 5);
}

#[test]
fn a_code_that_is_keyed_when_the_contact_is_over_is_told_to_nobody() {
    let mut floor = Floor::open(house(1, 2));
    let id = talking(&mut floor);
    keys(&mut floor, id, "12345");
    floor.end(id, Actor::Agent(agent(0)));
    assert!(
        floor.of(id).ended.is_some(),
        "and the caller is on the line yet"
    );
    let before = floor.facts.len();

    let (leg, digit) = (leg(id, 1), '6');
    floor.tell(Input::Leg(LegNews::Digit { leg, digit }));

    assert_eq!(floor.facts.len(), before);
}

#[test]
fn more_codes_than_can_be_told_apart_are_not_open_at_a_time() {
    let mut floor = Floor::open(house(1, 2));
    for n in 1..=1_000 {
        code(visit(&mut floor, n, None, VisitorAct::Code {}));
    }

    let more = visit(&mut floor, 1_001, None, VisitorAct::Code {});
    assert_eq!(refused(more), Code::Unavailable);
    code(visit(&mut floor, 1_000, None, VisitorAct::Code {}));
    floor.seconds(300);
    code(visit(&mut floor, 1_001, None, VisitorAct::Code {}));
}

#[test]
fn a_code_the_agent_tells_may_be_typed_on_the_page_while_it_is_fresh() {
    let mut floor = Floor::open(house(1, 2));
    let id = talking(&mut floor);
    let told = code(order(&mut floor, 0, id, AgentAct::Code {}));
    floor.seconds(300);
    let pair = VisitorAct::Pair { code: told };
    assert_eq!(refused(visit(&mut floor, 1, None, pair)), Code::NotFound);

    let told = code(order(&mut floor, 0, id, AgentAct::Code {}));
    let pair = VisitorAct::Pair { code: told };
    visit(&mut floor, 1, None, pair).unwrap();

    assert_eq!(floor.of(id).visitor, Some(visitor(1).visitor));
}

#[test]
fn who_guesses_codes_is_stopped() {
    let mut floor = Floor::open(house(1, 2));
    let id = talking(&mut floor);
    let shown = code(visit(&mut floor, 1, None, VisitorAct::Code {}));
    let wrong = if shown == "000000" {
        "000001"
    } else {
        "000000"
    };
    let pair = |code: &str| AgentAct::Pair { code: code.into() };

    for _ in 0..5 {
        assert_eq!(
            refused(order(&mut floor, 0, id, pair(wrong))),
            Code::NotFound
        );
    }

    assert_eq!(
        refused(order(&mut floor, 0, id, pair(&shown))),
        Code::RateLimited
    );
    floor.seconds(300);
    let again = code(visit(&mut floor, 1, None, VisitorAct::Code {}));
    order(&mut floor, 0, id, pair(&again)).unwrap();
}

#[test]
fn a_page_of_another_contact_stays_with_it() {
    let mut floor = Floor::open(house(1, 2));
    let id = talking(&mut floor);
    floor.chat(1);
    let shown = code(visit(&mut floor, 1, None, VisitorAct::Code {}));

    let pair = AgentAct::Pair { code: shown };
    assert_eq!(refused(order(&mut floor, 0, id, pair)), Code::Conflict);
}

fn leaves(floor: &mut Floor, socket: u64, id: InteractionId) -> Result<Done, Refusal> {
    floor.ask(Input::CobrowseOfVisitor {
        visitor: visitor(1).visitor,
        interaction: Some(id),
        act: Box::new(VisitorAct::Leave {}),
        zone: None,
        re: Asker { socket, id: 1 },
    })
}

fn page_closes(floor: &mut Floor, socket: u64) {
    let visitor = visitor(1).visitor;
    floor.tell(Input::WidgetClosed {
        visitor,
        socket,
        went: true,
    });
}

#[test]
fn it_is_over_as_soon_as_the_visitor_went_to_a_website_that_is_not_shown() {
    let mut floor = Floor::open(house(1, 2));
    let id = shared(&mut floor);

    leaves(&mut floor, 5, id).unwrap();
    assert!(floor.of(id).cobrowse.is_some(), "the page is still there");
    page_closes(&mut floor, 5);

    let why = "the visitor went to a website that is not shown";
    assert_eq!(stopped(&floor, id).as_deref(), Some(why));
    assert!(
        !floor
            .of(id)
            .legs
            .values()
            .any(|leg| leg.is_live() && leg.is_page())
    );
    assert_eq!(refused(leaves(&mut floor, 5, id)), Code::Conflict);
}

#[test]
fn it_goes_on_where_the_page_stays_or_another_is_open() {
    let mut floor = Floor::open(house(1, 2));
    let id = shared(&mut floor);

    // What was asked for was a file.
    leaves(&mut floor, 5, id).unwrap();
    floor.seconds(30);
    page_closes(&mut floor, 5);
    assert!(floor.of(id).cobrowse.is_some());

    let visitor = visitor(1).visitor;
    for socket in [6, 7] {
        floor.tell(Input::WidgetOpened { visitor, socket });
    }
    leaves(&mut floor, 6, id).unwrap();
    page_closes(&mut floor, 6);
    assert!(floor.of(id).cobrowse.is_some());

    // A socket that is no page of theirs says nothing of theirs.
    leaves(&mut floor, 99, id).unwrap();
    page_closes(&mut floor, 7);
    assert!(floor.of(id).cobrowse.is_some());
    floor.seconds(60);
    assert_eq!(
        stopped(&floor, id).as_deref(),
        Some("the visitor left the page")
    );
}
