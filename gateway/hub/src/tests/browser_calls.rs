use ws::{agent::Channel, frame::Code};

use super::*;
use crate::{
    command::Target,
    event::{LegCause, Party},
};

fn from_browser(n: u128, chat: Option<InteractionId>) -> Arrival {
    Arrival {
        candidate: InteractionId::new(3_000 + n).unwrap(),
        call: n as u64,
        peer: Peer::Browser(Box::new(visitor(n))),
        from: None,
        name: None,
        caller: Default::default(),
        to: String::new(),
        claims: chat.into_iter().collect(),
        external: Vec::new(),
        replaces: None,
    }
}

/// Lets visitor `n` call from the page.
fn called(floor: &mut Floor, n: u128) -> InteractionId {
    floor.tell(Input::CallArrived(from_browser(n, None)));
    InteractionId::new(3_000 + n).unwrap()
}

fn headset(floor: &mut Floor, n: usize, on: bool) -> Result<Done, Refusal> {
    floor.ask(Input::SetHeadset {
        agent: agent(n),
        socket: 1,
        on,
        re: RE,
    })
}

fn refused(floor: &mut Floor) -> (u16, String) {
    match floor.told().pop() {
        Some(Command::Refuse { status, text, .. }) => (status, text),
        other => panic!("{other:?}"),
    }
}

#[test]
fn who_calls_is_checked_like_who_writes() {
    let mut floor = Floor::open(house(1, 6));
    let long = |length| Some("x".repeat(length));
    let wrong = [
        Introduction {
            name: long(10_000),
            ..visitor(1)
        },
        Introduction {
            mail: long(10_000),
            ..visitor(1)
        },
        Introduction {
            page: long(100_000),
            ..visitor(1)
        },
    ];

    for (n, who) in wrong.into_iter().enumerate() {
        let mut arrival = from_browser(n as u128 + 1, None);
        arrival.peer = Peer::Browser(Box::new(who.clone()));
        floor.tell(Input::CallArrived(arrival));
        let (_, text) = refused(&mut floor);
        let written = floor.ask(Input::OpenChat {
            candidate: InteractionId::new(77).unwrap(),
            who,
            mid: mid("first"),
            text: "hello".into(),
            re: RE,
        });
        assert_eq!(written.unwrap_err().text, text);
    }
    assert_eq!(floor.hub.state().interactions().len(), 0);
}

#[test]
fn a_visitors_call_waits_in_its_zones_queue_and_is_routed_like_a_call() {
    let mut floor = Floor::open(house(1, 6));

    let id = called(&mut floor, 1);
    let (customer, phone) = (leg(id, 1), leg(id, 2));
    let found = floor.of(id);
    assert_eq!(found.zone, Some("shop".parse().unwrap()));
    assert_eq!(found.visitor, Some(visitor(1).visitor));
    assert_eq!(found.offer.as_ref().unwrap().channel, Channel::Voice);
    let begun = floor.count(id, |event| {
        matches!(
            event,
            Event::LegStarted {
                party: Party::CustomerBrowser { .. },
                cause: LegCause::Inbound,
                ..
            }
        )
    });
    assert_eq!(begun, 1);
    floor.accept(&agent(0), id);
    floor.answered(phone);
    floor.told();
    floor.answered(customer);

    let bridge = Command::Bridge {
        a: customer,
        b: phone,
    };
    assert_eq!(floor.told(), [bridge]);
    floor.ended(customer, CauseKind::Normal);
    floor.ended(phone, CauseKind::Normal);
    assert!(floor.of(id).call.is_none());
}

#[test]
fn who_calls_from_a_page_outside_the_hours_is_told_so_and_the_page_is_told_before() {
    let mut setup = house(1, 6);
    let week = std::array::from_fn(|_| vec!["09:00-17:00".parse().unwrap()]);
    let hours = crate::hours::Hours::new("UTC", week, Vec::new()).unwrap();
    let support = setup.queues.values_mut().next().unwrap();
    support.hours = Some(std::sync::Arc::new(hours));
    let shop = "shop".parse().unwrap();
    let mut floor = Floor::open(setup);
    assert!(floor.hub.closed_to_calls(&shop, floor.now));
    let noon = Timestamp(12 * 3_600_000);
    assert!(!floor.hub.closed_to_calls(&shop, noon));

    let id = called(&mut floor, 1);
    floor.answered(leg(id, 1));
    floor.told();
    floor.seconds(7);

    let told = floor.told();
    assert!(
        matches!(&told[..], [Command::Release { cause, .. }] if cause.text == "it is outside the opening hours"),
        "{told:?}"
    );
}

#[test]
fn a_call_out_of_a_chat_is_the_same_interaction_with_the_same_agent_and_needs_no_number() {
    let mut floor = Floor::open(house(2, 6));
    let id = floor.chat(1);
    let with = floor.accept_any(id);
    floor.told();

    floor.tell(Input::CallArrived(from_browser(1, Some(id))));

    assert_eq!(floor.offered(id), Some(with.clone()));
    floor.accept(&with, id);
    let (customer, phone) = (leg(id, 3), leg(id, 4));
    floor.answered(phone);
    floor.answered(customer);
    let told = floor.told();
    let bridge = Command::Bridge {
        a: customer,
        b: phone,
    };
    assert!(told.contains(&bridge), "{told:?}");
    floor.ended(customer, CauseKind::Normal);
    floor.ended(phone, CauseKind::Normal);
    assert!(floor.of(id).chat && floor.of(id).is_with(&with));
}

#[test]
fn a_visitor_calls_once_at_a_time_and_only_in_chats_of_their_own() {
    let mut floor = Floor::open(house(1, 6));
    let chat = floor.chat(2);
    let first = called(&mut floor, 1);
    floor.told();

    floor.tell(Input::CallArrived(from_browser(1, None)));
    assert_eq!(refused(&mut floor).1, "you are in a call already");
    floor.tell(Input::CallArrived(from_browser(1, Some(first))));
    assert!(refused(&mut floor).1.contains("a call in this interaction"));
    floor.tell(Input::CallArrived(from_browser(1, Some(chat))));
    assert!(refused(&mut floor).1.contains("somebody else"));
}

#[test]
fn a_chat_whose_agent_has_no_phone_is_no_place_for_a_call() {
    let mut floor = Floor::open(house(1, 6));
    let id = floor.chat(1);
    floor.accept(&agent(0), id);
    floor.tell(Input::PhoneGone { agent: agent(0) });

    floor.tell(Input::CallArrived(from_browser(1, Some(id))));
    let (_, text) = refused(&mut floor);

    assert!(text.contains("cannot be reached"), "{text}");
    assert!(floor.of(id).call.is_none());
}

#[test]
fn an_agent_without_a_phone_takes_calls_by_the_headset_as_long_as_its_console_is_open() {
    let mut floor = Floor::open(house(1, 6));
    floor.tell(Input::PhoneGone { agent: agent(0) });
    let id = called(&mut floor, 1);
    assert_eq!(floor.offered(id), None);

    headset(&mut floor, 0, true).unwrap();
    assert_eq!(floor.offered(id), Some(agent(0)));
    floor.told();
    floor.accept(&agent(0), id);
    let told = floor.told();
    assert!(
        matches!(&told[..], [Command::Dial { to: Target::Browser(to), .. }] if *to == agent(0)),
        "{told:?}"
    );
    let shown = floor.hub.headset(&agent(0));
    assert!(shown.on && !shown.calls[0].taken && shown.calls[0].leg == leg(id, 2));
    floor.answered(leg(id, 2));
    assert!(floor.hub.headset(&agent(0)).calls[0].taken);

    floor.tell(Input::ConsoleClosed {
        agent: agent(0),
        socket: 1,
    });
    assert!(!floor.hub.has_headset(&agent(0)));
    let live = floor.of(id).leg(leg(id, 2)).unwrap().is_live();
    assert!(live, "the call goes on without the console's socket");
}

#[test]
fn where_calls_ring_is_the_agents_choice_and_needs_a_console() {
    let mut floor = Floor::open(house(1, 6));
    headset(&mut floor, 0, true).unwrap();
    let id = floor.call(1, "+4930100");
    floor.told();
    floor.accept(&agent(0), id);
    assert!(matches!(
        &floor.told()[..],
        [Command::Dial {
            to: Target::Browser(_),
            ..
        }]
    ));
    floor.ended(leg(id, 1), CauseKind::Normal);
    floor.ended(leg(id, 2), CauseKind::Normal);
    floor.seconds(1_000);

    headset(&mut floor, 0, false).unwrap();
    let id = floor.call(2, "+4930200");
    floor.told();
    floor.accept(&agent(0), id);
    assert!(matches!(
        &floor.told()[..],
        [Command::Dial {
            to: Target::Phone(_),
            ..
        }]
    ));

    let stranger = floor.ask(Input::SetHeadset {
        agent: agent(0),
        socket: 77,
        on: true,
        re: RE,
    });
    assert_eq!(stranger.unwrap_err().code, Code::Conflict);
}

#[test]
fn a_restart_ends_the_calls_of_browsers() {
    let mut floor = Floor::open(house(1, 6));
    let id = called(&mut floor, 1);
    floor.accept(&agent(0), id);

    floor.crash();

    let ended = floor.count(id, |event| matches!(event, Event::LegEnded { .. }));
    assert_eq!(ended, 2);
}

fn page(floor: &mut Floor, n: u128, opens: bool) {
    let (visitor, socket) = (visitor(n).visitor, 50);
    match opens {
        true => floor.tell(Input::WidgetOpened { visitor, socket }),
        false => socket_closes(floor, n, true),
    }
}

fn socket_closes(floor: &mut Floor, n: u128, went: bool) {
    let (visitor, socket) = (visitor(n).visitor, 50);
    floor.tell(Input::WidgetClosed {
        visitor,
        socket,
        went,
    });
}

fn hears(floor: &mut Floor, id: InteractionId, on: bool) {
    let leg = leg(id, 1);
    floor.tell(Input::Leg(LegNews::Hears { leg, on }));
}

fn let_go(floor: &mut Floor) -> Vec<(LegId, CauseKind, String)> {
    let released = floor.told().into_iter().filter_map(|told| match told {
        Command::Release { leg, cause } => Some((leg, cause.kind, cause.text)),
        _ => None,
    });
    released.collect()
}

fn left(id: InteractionId) -> (LegId, CauseKind, String) {
    let why = "the visitor left the page".to_owned();
    (leg(id, 1), CauseKind::MediaLost, why)
}

#[test]
fn a_call_that_waits_ends_soon_after_its_page_and_its_browser_are_gone_and_nobody_missed_it() {
    let mut setup = house(1, 6);
    setup.spans.misses = 1;
    let mut floor = Floor::open(setup);
    page(&mut floor, 1, true);
    let id = called(&mut floor, 1);
    floor.answered(leg(id, 1));
    assert_eq!(floor.offered(id), Some(agent(0)));
    floor.told();

    page(&mut floor, 1, false);
    floor.seconds(10);
    hears(&mut floor, id, false);
    floor.seconds(4);
    assert_eq!(let_go(&mut floor), []);
    floor.seconds(1);
    assert_eq!(let_go(&mut floor), [left(id)]);
    floor.seconds(1);
    assert_eq!(let_go(&mut floor), [], "it is let go of once");
    floor.ended(leg(id, 1), CauseKind::MediaLost);

    let ends = |end: crate::event::OfferEnd| move |e: &Event| matches!(e, Event::OfferEnded { end: one, .. } if *one == end);
    assert_eq!(
        floor.count(id, ends(crate::event::OfferEnd::CustomerGone)),
        1
    );
    assert_eq!(floor.count(id, ends(crate::event::OfferEnd::Expired)), 0);
    let known = floor.hub.state().agents().get(&agent(0)).unwrap();
    assert_eq!(
        (known.misses, &known.presence),
        (0, &ws::agent::Presence::Ready)
    );
}

#[test]
fn a_call_whose_browser_is_gone_later_than_its_page_ends_then() {
    let mut floor = Floor::open(house(1, 6));
    page(&mut floor, 1, true);
    let id = called(&mut floor, 1);
    page(&mut floor, 1, false);
    floor.seconds(60);
    floor.told();

    hears(&mut floor, id, false);
    floor.seconds(0);

    assert_eq!(let_go(&mut floor), [left(id)]);
}

#[test]
fn a_call_goes_on_when_its_page_or_its_browser_comes_back_or_is_still_there() {
    for (page_back, browser_gone) in [(true, true), (false, false)] {
        let mut floor = Floor::open(house(1, 6));
        page(&mut floor, 1, true);
        let id = called(&mut floor, 1);
        page(&mut floor, 1, false);
        if browser_gone {
            floor.seconds(10);
            hears(&mut floor, id, false);
        }
        if page_back {
            page(&mut floor, 1, true);
        }
        floor.told();

        floor.seconds(100);

        assert_eq!(let_go(&mut floor), [], "{page_back} {browser_gone}");
    }
}

#[test]
fn a_call_whose_network_is_lost_goes_on_ringing_until_it_is_back_or_its_page_is_closed() {
    let mut floor = Floor::open(house(1, 6));
    page(&mut floor, 1, true);
    let id = called(&mut floor, 1);
    // No page is closed where the radio of a phone is gone: the socket was given up, and no packet comes.
    socket_closes(&mut floor, 1, false);
    hears(&mut floor, id, false);
    floor.told();
    floor.seconds(100);
    assert_eq!(let_go(&mut floor), []);

    page(&mut floor, 1, true);
    hears(&mut floor, id, true);
    floor.seconds(60);
    assert_eq!(let_go(&mut floor), []);
    page(&mut floor, 1, false);
    hears(&mut floor, id, false);
    floor.seconds(15);
    assert_eq!(let_go(&mut floor), [left(id)]);
}

#[test]
fn a_call_in_conversation_waits_for_its_page_as_long_as_the_media_plane_does() {
    let mut floor = Floor::open(house(1, 6));
    page(&mut floor, 1, true);
    let id = called(&mut floor, 1);
    floor.accept(&agent(0), id);
    floor.answered(leg(id, 2));
    floor.answered(leg(id, 1));
    floor.told();

    page(&mut floor, 1, false);
    hears(&mut floor, id, false);
    floor.seconds(119);

    assert_eq!(let_go(&mut floor), []);
    assert!(floor.of(id).call.as_ref().unwrap().bridged.is_some());
}
