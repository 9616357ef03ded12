//! What the network says of datagrams that it could not deliver (RFC 3261 §8.1.3.1, §18.4).

#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use std::time::Duration;

use bytes::Bytes;
use net::{Net, Packet, Weather, address, answer, arrived, config, dial, hang_up, trunk};
use sip::endpoint::{CallKey, Command, Elsewhere, Event, Left, SessionId, Tag, Transport};
use sip::trunk::Reach;

const OUT: CallKey = CallKey::Out(1);

/// End 0 with the trunk `b` at end 1, and `backup` at end 2 that takes over.
fn house(reach: &Reach) -> Net {
    let mut net = Net::new(1, Weather::FAIR);
    let mut ours = config(1);
    for (name, host) in [("b", 2), ("backup", 3)] {
        let mut carrier = trunk(name, address(host), Transport::Udp);
        carrier.reach = reach.clone();
        ours.trunks.push(carrier);
    }
    net.add(1, ours);
    for own in [2, 3] {
        let mut theirs = config(own);
        theirs.trunks.push(trunk("a", address(1), Transport::Udp));
        net.add(own, theirs);
    }
    net
}

/// Nobody listens at end 1.
fn closed() -> Net {
    let mut net = house(&Reach::default());
    net.drops = Some(Box::new(|packet| packet.to == address(2)));
    net
}

/// Dials by `b`, else by `backup`.
fn call(net: &mut Net, key: CallKey) {
    let mut wish = dial(key, "b", 0xa);
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
}

fn last(net: &Net) -> Packet {
    let mut there = net.sent.iter().filter(|packet| packet.to == address(2));
    there.next_back().unwrap().clone()
}

/// The network says that this did not reach `host`, as far as a router quotes it.
fn refused(net: &mut Net, host: u8, quoted: &[u8]) {
    let now = net.now;
    let quoted = &quoted[..quoted.len().min(520)];
    let endpoint = &mut net.ends[0].endpoint;
    endpoint.handle_undelivered(address(host), quoted, now);
    net.drain(0);
}

/// Which calls went elsewhere, and why.
fn rerouted(net: &Net) -> Vec<(CallKey, Left)> {
    let told = net.ends[0].events.iter().filter_map(|event| match event {
        Event::Rerouted { call, why, .. } => Some((*call, *why)),
        _ => None,
    });
    told.collect()
}

#[test]
fn a_call_goes_by_the_next_trunk_at_once_where_nobody_listens() {
    let mut net = closed();
    let began = net.now;
    call(&mut net, OUT);
    let sent = last(&net);

    refused(&mut net, 2, &sent.bytes);

    assert_eq!(rerouted(&net), [(OUT, Left::Broken)]);
    assert_eq!(net.now, began);
    let there = net.wait(2, arrived);
    net.tell(2, answer(there));
    net.wait(0, |event| {
        matches!(event, Event::Answered { .. }).then_some(())
    });
    let to_b = net.sent.iter().filter(|packet| packet.to == address(2));
    assert_eq!(to_b.count(), 1);
    // The network says it once more.
    refused(&mut net, 2, &sent.bytes);
    net.tell(0, hang_up(OUT));
    net.settle();
    assert_eq!(rerouted(&net).len(), 1);
    net.assert_empty();
}

#[test]
fn a_call_that_has_no_other_way_fails_at_once() {
    let mut net = closed();
    net.tell(0, dial(OUT, "b", 0xa));
    let sent = last(&net);

    refused(&mut net, 2, &sent.bytes);

    let failed = |event: &Event| {
        matches!(
            event,
            Event::Failed {
                code: 503,
                dialled: true,
                ..
            }
        )
    };
    assert!(net.ends[0].events.iter().any(failed));
    net.assert_empty();
}

#[test]
fn only_what_quotes_a_request_that_waits_there_is_believed() {
    let mut net = closed();
    call(&mut net, OUT);
    let sent = last(&net).text();
    let at = sent.find("z9hG4bK").unwrap() + "z9hG4bK".len();
    let (before, after) = (&sent[..at], &sent[at + 16..]);
    let guessed = format!("{before}0123456789abcdef{after}");
    let answered = sent.replacen("INVITE", "SIP/2.0 200 OK", 1);

    for (host, quoted) in [
        (2, ""),
        (2, &sent[..at + 15]),
        (2, &guessed),
        (2, &answered),
        (2, &sent.replacen("INVITE", "CANCEL", 1)),
        (3, &sent),
    ] {
        refused(&mut net, host, quoted.as_bytes());
        assert_eq!(rerouted(&net), [], "{host}: {quoted}");
    }
    refused(&mut net, 2, sent.as_bytes());
    assert_eq!(rerouted(&net), [(OUT, Left::Broken)]);
}

#[test]
fn every_call_to_a_place_where_nobody_listens_goes_elsewhere_but_those_that_were_heard_of() {
    let mut net = house(&Reach::default());
    call(&mut net, OUT);
    let ringing = last(&net);
    let there = net.wait(1, arrived);
    let tag = Tag {
        session: SessionId(0xb),
        headers: Vec::new(),
    };
    net.tell(1, Command::Adopt { call: there, tag });
    net.tell(
        1,
        Command::Ring {
            call: there,
            code: 180,
            reason: None,
            sdp: None,
        },
    );
    net.run_for(Duration::from_millis(50));
    net.drops = Some(Box::new(|packet| packet.to == address(2)));
    let (second, third) = (CallKey::Out(2), CallKey::Out(3));
    call(&mut net, second);
    call(&mut net, third);
    refused(&mut net, 2, &ringing.bytes);
    assert_eq!(rerouted(&net), []);
    let sent = last(&net);

    refused(&mut net, 2, &sent.bytes);

    assert_eq!(
        rerouted(&net),
        [(second, Left::Broken), (third, Left::Broken)]
    );
    net.drops = None;
    net.tell(1, answer(there));
    net.wait(0, |event| match event {
        Event::Answered { call, .. } if *call == OUT => Some(()),
        _ => None,
    });
}

#[test]
fn a_call_ends_when_its_farewell_cannot_be_delivered() {
    let mut net = house(&Reach::default());
    call(&mut net, OUT);
    let there = net.wait(1, arrived);
    net.tell(1, answer(there));
    net.wait(1, |event| {
        matches!(event, Event::Confirmed { .. }).then_some(())
    });
    net.drops = Some(Box::new(|packet| packet.to == address(2)));
    net.tell(0, hang_up(OUT));
    let bye = last(&net);
    assert!(bye.first_line().starts_with("BYE "));

    refused(&mut net, 2, &bye.bytes);

    let counters = net.ends[0].endpoint.counters();
    assert_eq!(counters.calls, 0);
}

#[test]
fn a_place_where_nobody_listens_is_down_without_waiting_for_its_answers() {
    let reach = Reach {
        qualify: Some(Duration::from_secs(30)),
        ..Reach::default()
    };
    let mut net = house(&reach);
    net.drops = Some(Box::new(|packet| packet.to == address(2)));
    let now = net.now;
    net.ends[0].endpoint.start(now);
    net.drain(0);
    let down = |net: &Net| {
        let told = |event: &Event| matches!(event, Event::TrunkDown { trunk, .. } if trunk == "b");
        net.ends[0].events.iter().any(told)
    };

    let mut asked = Bytes::new();
    while !down(&net) {
        net.run_for(Duration::from_millis(100));
        let mut there = net.sent.iter().filter(|packet| packet.to == address(2));
        if let Some(probe) = there.next_back().filter(|probe| probe.bytes != asked) {
            asked = probe.bytes.clone();
            refused(&mut net, 2, &asked);
        }
        assert!(net.now < now + Duration::from_secs(60));
    }

    // Each once: none was repeated meanwhile.
    let probes = net.sent.iter().filter(|packet| packet.to == address(2));
    assert_eq!(probes.count(), 2);
}
