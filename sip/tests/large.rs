//! Requests that are too large for a datagram (RFC 3261 §18.1.1).

#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use bytes::Bytes;
use net::{Net, Packet, Weather, address, answer, arrived, dial, hang_up};
use sip::endpoint::{CallKey, Command, Event, SessionId, Tag, Transport};
use sip::families::Families;
use sip::message::{Message, Method};

const OUT: CallKey = CallKey::Out(1);

// A session description with room for many codecs.
fn large(call: CallKey) -> Command {
    let mut command = dial(call, "b", 0xa);
    if let Command::Dial { sdp, .. } = &mut command {
        let mut text = sdp.by_family.first().to_vec();
        text.extend_from_slice("a=rtpmap:96 something/8000\r\n".repeat(50).as_bytes());
        *sdp = Families::V4(Bytes::from(text)).into();
    }
    command
}

fn answered(net: &mut Net, call: CallKey) {
    let inbound = net.wait(1, arrived);
    let tag = Tag {
        session: SessionId(0xb),
        headers: Vec::new(),
    };
    net.tell(1, Command::Adopt { call: inbound, tag });
    net.tell(1, answer(inbound));
    net.wait(0, |event| {
        matches!(event, Event::Answered { .. }).then_some(())
    });
    net.tell(0, hang_up(call));
    net.settle();
    net.assert_empty();
}

fn invites(net: &Net) -> Vec<(&Packet, Message)> {
    let ours = net.sent.iter().filter(|packet| packet.to == address(2));
    let read = ours.map(|packet| (packet, Message::parse(packet.bytes.clone()).unwrap()));
    read.filter(|(_, message)| {
        message.request_uri().is_some() && *message.method() == Method::Invite
    })
    .collect()
}

#[test]
fn a_large_invite_goes_by_tcp_and_a_small_one_by_udp() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    net.tell(0, large(OUT));
    answered(&mut net, OUT);
    net.tell(0, dial(CallKey::Out(2), "b", 0xa));
    answered(&mut net, CallKey::Out(2));

    let sent = invites(&net);
    let (packet, invite) = &sent[0];
    assert!(packet.bytes.len() > 1_300);
    assert_eq!(packet.transport, Transport::Tcp);
    assert_eq!(invite.top_via().transport().to_string(), "TCP");
    let contact = invite.contacts().next().unwrap();
    assert_eq!(contact.uri().param("transport"), Some("tcp"));
    let (packet, invite) = &sent[1];
    assert_eq!(packet.transport, Transport::Udp);
    let contact = invite.contacts().next().unwrap();
    assert_eq!(contact.uri().param("transport"), None);
}

#[test]
fn where_tcp_is_refused_it_goes_by_udp_and_tcp_is_not_tried_again() {
    let mut net = Net::pair(1, Weather::FAIR, Transport::Udp);
    net.drops = Some(Box::new(|packet| packet.transport == Transport::Tcp));
    net.tell(0, large(OUT));
    let now = net.now;
    net.ends[0]
        .endpoint
        .handle_transmit_failed(Transport::Tcp, address(2), now);
    net.drain(0);
    answered(&mut net, OUT);
    net.tell(0, large(CallKey::Out(2)));
    answered(&mut net, CallKey::Out(2));

    let sent = invites(&net);
    let by: Vec<_> = sent.iter().map(|(packet, _)| packet.transport).collect();
    assert_eq!(by, [Transport::Tcp, Transport::Udp, Transport::Udp]);
    let branch = |at: usize| sent[at].1.top_via().branch().map(str::to_owned);
    assert_eq!(branch(0), branch(1), "the same transaction");
    assert_eq!(sent[1].1.top_via().transport().to_string(), "UDP");
}
