//! Connections that close while a call goes on (RFC 3261 §12.2.1.1, §18.2.2; RFC 5923).
#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use std::time::Duration;

use bytes::Bytes;
use net::{ANSWER, Net, OFFER, Weather, address, answer, arrived, config, dial, hang_up, trunk};
use sip::endpoint::{CallKey, Command, Elsewhere, EndedBy, Event, SessionId, Tag, Transport};

const CALL: CallKey = CallKey::Out(1);

fn talking(transport: Transport) -> (Net, CallKey) {
    let mut net = Net::pair(1, Weather::FAIR, transport);
    let call = net.talking(CALL);
    (net, call)
}

fn offer(call: CallKey) -> Command {
    Command::Offer {
        call,
        sdp: Bytes::from_static(OFFER),
    }
}

// The caller takes what the other end offers.
fn is_offered(net: &mut Net) {
    let call = net.wait(0, |event| match event {
        Event::Offered { call, .. } => Some(*call),
        _ => None,
    });
    let sdp = Bytes::from_static(ANSWER);
    net.tell(
        0,
        Command::AcceptOffer {
            call,
            fork: None,
            sdp,
        },
    );
    net.wait(1, |event| {
        matches!(event, Event::OfferAnswered { .. }).then_some(())
    });
}

fn is_hung_up(net: &mut Net) {
    let by = net.wait(0, |event| match event {
        Event::Ended { by, .. } => Some(*by),
        _ => None,
    });
    assert_eq!(by, EndedBy::Far);
    net.settle();
    net.assert_empty();
}

#[test]
fn who_called_by_a_connection_that_is_closed_is_reached_at_its_contact() {
    for transport in [Transport::Tcp, Transport::Tls] {
        let (mut net, call) = talking(transport);

        net.close();
        net.tell(1, offer(call));
        is_offered(&mut net);
        net.close();
        net.tell(1, hang_up(call));

        is_hung_up(&mut net);
    }
}

#[test]
fn what_was_under_way_on_a_connection_that_closes_is_sent_by_another() {
    for transport in [Transport::Tcp, Transport::Tls] {
        let (mut net, call) = talking(transport);

        net.tell(1, offer(call));
        net.close();
        is_offered(&mut net);
        net.tell(1, hang_up(call));
        net.close();

        is_hung_up(&mut net);
    }
}

#[test]
fn a_response_whose_connection_is_closed_goes_to_where_its_via_says() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Tcp);
    net.tell(0, dial(CALL, "b", 0xa));
    let call = net.wait(1, arrived);
    let tag = Tag {
        session: SessionId(0xb),
        headers: Vec::new(),
    };
    net.tell(1, Command::Adopt { call, tag });
    net.close();

    net.tell(1, answer(call));

    let ok = net.sent.last().unwrap();
    assert_eq!(ok.first_line(), "SIP/2.0 200 OK");
    assert_eq!(ok.to, address(1));
    net.wait(0, |event| {
        matches!(event, Event::Answered { .. }).then_some(())
    });
    net.tell(1, hang_up(call));
    is_hung_up(&mut net);
}

fn invites(net: &Net) -> usize {
    let invites = net.sent.iter();
    invites
        .filter(|packet| packet.to == address(2) && packet.first_line().starts_with("INVITE"))
        .count()
}

fn failed(net: &mut Net) -> u16 {
    net.wait(0, |event| match event {
        Event::Failed { code, .. } => Some(*code),
        _ => None,
    })
}

/// A call to a trunk that says nothing.
fn unheard(transport: Transport) -> Net {
    let mut net = Net::pair(1, Weather::FAIR, transport);
    net.drops = Some(Box::new(|packet| packet.to == address(2)));
    net.tell(0, dial(CALL, "b", 0xa));
    net
}

/// The way to the trunk is closed.
fn lost(net: &mut Net) {
    let now = net.now;
    let endpoint = &mut net.ends[0].endpoint;
    endpoint.handle_way_lost(Transport::Tcp, address(2), now);
    net.drain(0);
}

#[test]
fn a_connection_by_which_a_request_got_no_answer_is_doubted() {
    for (transport, doubted) in [
        (Transport::Tcp, vec![(address(2), None)]),
        (Transport::Tls, vec![(address(2), None)]),
        (Transport::Udp, vec![]),
    ] {
        let mut net = unheard(transport);

        assert_eq!(failed(&mut net), 408);

        assert_eq!(net.doubted, doubted, "{transport:?}");
    }
}

#[test]
fn what_nobody_answered_is_sent_by_another_connection_once_its_own_is_closed_and_then_no_more() {
    let mut net = unheard(Transport::Tcp);
    net.run_for(Duration::from_secs(20));
    assert_eq!(invites(&net), 1);

    lost(&mut net);

    assert_eq!(invites(&net), 2);
    lost(&mut net);
    assert_eq!(failed(&mut net), 503);
    assert_eq!(invites(&net), 2);
}

#[test]
fn a_call_that_rings_already_is_not_sent_again_when_its_connection_closes() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Tcp);
    net.tell(0, dial(CALL, "b", 0xa));
    let call = net.wait(1, arrived);
    let tag = Tag {
        session: SessionId(0xb),
        headers: Vec::new(),
    };
    net.tell(1, Command::Adopt { call, tag });
    net.run_for(Duration::from_secs(1));

    lost(&mut net);

    assert_eq!(invites(&net), 1);
}

#[test]
fn a_call_that_was_hung_up_is_not_sent_again_when_its_connection_closes() {
    let mut net = unheard(Transport::Tcp);
    net.run_for(Duration::from_secs(1));
    net.tell(0, hang_up(CALL));
    assert_eq!(failed(&mut net), 487);

    lost(&mut net);

    net.settle();
    assert_eq!(invites(&net), 1);
    net.assert_empty();
}

#[test]
fn a_call_that_went_elsewhere_is_not_sent_again_to_the_place_that_it_left() {
    let mut net = Net::new(1, Weather::FAIR);
    let mut ours = config(1);
    for (name, host) in [("b", 2), ("backup", 3)] {
        ours.trunks.push(trunk(name, address(host), Transport::Tcp));
    }
    net.add(1, ours);
    let mut theirs = config(3);
    theirs.trunks.push(trunk("a", address(1), Transport::Tcp));
    let backup = net.add(3, theirs);
    net.drops = Some(Box::new(|packet| packet.to == address(2)));
    let mut wish = dial(CALL, "b", 0xa);
    if let Command::Dial {
        elsewhere, from, ..
    } = &mut wish
    {
        elsewhere.push(Elsewhere {
            trunk: "backup".into(),
            from: from.clone(),
            lack: None,
        });
    }
    net.tell(0, wish);
    let there = net.wait(backup, arrived);
    assert_eq!(invites(&net), 1);

    lost(&mut net);

    assert_eq!(invites(&net), 1);
    net.tell(backup, answer(there));
    net.wait(0, |event| {
        matches!(event, Event::Answered { .. }).then_some(())
    });
}
