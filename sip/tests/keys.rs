//! Keys told by INFO (RFC 6086), where media has no place for them.

#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use std::time::Duration;

use net::{Net, Weather, hang_up};
use sip::dtmf::Digit;
use sip::endpoint::{CallKey, Command, Event, Transport};
use sip::message::{Message, Method};

const OUT: CallKey = CallKey::Out(1);

fn press(call: CallKey, key: char) -> Command {
    let digit = Digit::try_from(key).unwrap();
    Command::Press { call, digit }
}

fn pressed(net: &Net, end: usize) -> String {
    let events = net.ends[end].events.iter();
    let keys = events.filter_map(|event| match event {
        Event::Digit { digit, .. } => Some(*digit),
        _ => None,
    });
    keys.collect()
}

fn infos(net: &Net) -> Vec<Message> {
    let all = net.sent.iter();
    all.map(|packet| Message::parse(packet.bytes.clone()).unwrap())
        .filter(|message| message.is_request() && *message.method() == Method::Info)
        .collect()
}

#[test]
fn keys_come_in_order_and_once_on_a_bad_net_in_both_directions() {
    for weather in [Weather::FAIR, Weather::stormy(20)] {
        for transport in [Transport::Udp, Transport::Tcp] {
            let mut net = Net::pair(3, weather, transport);
            let inbound = net.talking(OUT);

            for key in "0123456789*#ABCD".chars() {
                net.tell(0, press(OUT, key));
                net.tell(1, press(inbound, key));
            }
            net.run_for(Duration::from_secs(120));

            assert_eq!(pressed(&net, 0), "0123456789*#ABCD");
            assert_eq!(pressed(&net, 1), "0123456789*#ABCD");
            net.tell(0, hang_up(OUT));
            net.settle();
            net.assert_empty();
        }
    }
}

#[test]
fn a_key_is_written_as_application_dtmf_relay() {
    let mut net = Net::pair(3, Weather::FAIR, Transport::Udp);
    net.talking(OUT);

    net.tell(0, press(OUT, '#'));
    net.run_for(Duration::from_secs(1));

    let [info] = &infos(&net)[..] else {
        panic!("{:?}", infos(&net))
    };
    assert_eq!(info.content_type(), Some("application/dtmf-relay"));
    assert_eq!(&info.body()[..], b"Signal=#\r\nDuration=100\r\n");
}

#[test]
fn more_keys_than_may_wait_are_told_of_and_a_call_that_ends_leaves_none() {
    let mut net = Net::pair(3, Weather::FAIR, Transport::Udp);
    net.talking(OUT);

    for _ in 0..100 {
        net.tell(0, press(OUT, '1'));
    }
    let refused = net.wait(0, |event| match event {
        Event::KeyRefused { code, .. } => Some(*code),
        _ => None,
    });
    net.tell(0, hang_up(OUT));
    net.tell(0, press(OUT, '1'));
    net.settle();

    assert_eq!(refused, 480);
    assert!(pressed(&net, 1).len() < 5, "{}", pressed(&net, 1));
    net.assert_empty();
}
