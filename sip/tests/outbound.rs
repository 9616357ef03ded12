//! Phones that keep flows to be called by (RFC 5626), also behind a proxy (RFC 3327).

#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use std::net::SocketAddr;
use std::time::Duration;

use net::phone::{Phone, code, contacts};
use net::{ANSWER, Net, Packet, Weather, config, dial, hang_up};
use sip::endpoint::{CallKey, Command, Event, Target, Transport};
use sip::message::{Header, Message, Method, StatusCode};
use sip::registrar::Binding;

const CALL: CallKey = CallKey::Out(1);
const INSTANCE: &str = "<urn:uuid:00000000-0000-1000-8000-000a95a0e128>";
const OUTBOUND: &str = "Supported: path, outbound\r\n";
/// A proxy between the phone and us, which wrote the second Via.
const BEHIND: &str = "Via: SIP/2.0/TCP 10.0.0.5:5060;branch=z9hG4bKphone\r\n";

fn net() -> Net {
    let mut net = Net::new(1, Weather::FAIR);
    net.add(1, config(1));
    net
}

/// The flow `reg_id` of one phone, each by its own port of the address translation before it.
fn flow(transport: Transport, reg_id: u16) -> Phone {
    let mut phone = Phone::on(transport);
    phone.flow.peer = peer(reg_id);
    phone.flow.connection = u64::from(transport.is_reliable()) * u64::from(reg_id);
    phone.call_id = ["r0", "r1", "r2", "r3"][usize::from(reg_id)];
    phone
}

fn peer(reg_id: u16) -> SocketAddr {
    format!("192.0.2.20:{}", 4000 + reg_id).parse().unwrap()
}

fn contact(port: u16, reg_id: u16) -> String {
    format!(
        "Contact: <sip:anna@10.0.0.5:{port};ob>;reg-id={reg_id};+sip.instance=\"{INSTANCE}\"\r\n"
    )
}

fn register(net: &mut Net, transport: Transport, reg_id: u16) -> Message {
    let done = flow(transport, reg_id).register(
        net,
        &format!("{}{OUTBOUND}Expires: 600\r\n", contact(5060, reg_id)),
    );
    assert_eq!(code(&done), 200);
    done
}

fn call(net: &mut Net) {
    call_as(net, CALL);
}

fn call_as(net: &mut Net, key: CallKey) {
    let mut call = dial(key, "", 5);
    if let Command::Dial { to, .. } = &mut call {
        *to = Target::Phone {
            user: "anna".into(),
        };
    }
    net.outside.clear();
    net.tell(0, call);
    net.run_for(Duration::from_millis(20));
}

/// Takes the newest INVITE that left, and where it went.
fn invited(net: &mut Net) -> (Message, SocketAddr) {
    let is_invite = |packet: &Packet| packet.first_line().starts_with("INVITE");
    let at = net.outside.iter().rposition(is_invite).unwrap();
    let packet = net.outside.swap_remove(at);
    net.outside.clear();
    (Message::parse(packet.bytes).unwrap(), packet.to)
}

fn reply(net: &mut Net, phone: &Phone, invite: &Message, status: StatusCode) {
    let mut builder = invite.response(status, Some("p"));
    if status == StatusCode::OK {
        builder = builder
            .header(Header::Contact, "<sip:anna@192.0.2.99:5060;ob>")
            .body("application/sdp", ANSWER);
    }
    let now = net.now;
    let endpoint = &mut net.ends[0].endpoint;
    endpoint.handle_message(&phone.flow, builder.build(), now);
    net.drain(0);
    net.run_for(Duration::from_millis(20));
}

fn bindings(net: &Net) -> usize {
    net.ends[0].endpoint.counters().bindings
}

fn failed(net: &mut Net) -> u16 {
    net.wait(0, |event| match event {
        Event::Failed { code, .. } => Some(*code),
        _ => None,
    })
}

#[test]
fn flows_of_one_phone_stand_beside_each_other_and_are_replaced_by_number() {
    for (transport, timer) in [(Transport::Udp, "30"), (Transport::Tcp, "120")] {
        let mut net = net();

        let first = register(&mut net, transport, 1);
        let second = register(&mut net, transport, 2);

        assert_eq!(first.header(Header::Require), Some("outbound"));
        assert_eq!(first.header(Header::FlowTimer), Some(timer));
        let named = |contact: &str, reg_id| {
            let start = contact.starts_with("<sip:anna@10.0.0.5:5060;ob>;expires=");
            let end = format!(";+sip.instance=\"{INSTANCE}\";reg-id={reg_id}");
            assert!(start && contact.ends_with(&end), "{contact}");
        };
        let both = contacts(&second);
        assert_eq!(both.len(), 2);
        named(both[0], 2);
        named(both[1], 1);

        let moved = flow(transport, 3);
        let mut moved = Phone {
            call_id: "r9",
            ..moved
        };
        let done = moved.register(
            &mut net,
            &format!("{}{OUTBOUND}Expires: 600\r\n", contact(5099, 1)),
        );
        assert_eq!(contacts(&done).len(), 2);
        assert!(
            contacts(&done)[0].contains(":5099;ob>") && contacts(&done)[0].ends_with("reg-id=1")
        );

        let gone = moved.register(
            &mut net,
            &format!("{}{OUTBOUND}Expires: 0\r\n", contact(5099, 1)),
        );
        assert_eq!(contacts(&gone).len(), 1);
        named(contacts(&gone)[0], 2);
    }
}

#[test]
fn a_phone_that_does_not_know_flows_is_bound_by_its_contacts() {
    let mut net = net();
    for port in [5060, 5070] {
        let mut phone = flow(Transport::Udp, 1);
        phone.cseq = u32::from(port);
        let done = phone.register(&mut net, &contact(port, 1));

        assert_eq!(code(&done), 200);
        assert_eq!(done.header(Header::Require), None);
        assert_eq!(done.header(Header::FlowTimer), None);
    }
    assert_eq!(bindings(&net), 2);
}

#[test]
fn a_phone_may_require_that_flows_are_known_and_names_one_at_a_time() {
    let mut net = net();
    let required = format!("{}Require: outbound\r\n", contact(5060, 1));
    assert_eq!(
        code(&flow(Transport::Udp, 1).register(&mut net, &required)),
        200
    );

    let two = format!("{}{}{OUTBOUND}", contact(5060, 1), contact(5070, 2));
    let refused = flow(Transport::Udp, 2).register(&mut net, &two);

    assert_eq!(code(&refused), 400);
    assert_eq!(bindings(&net), 1);
}

// RFC 5626 §6.
#[test]
fn flows_behind_a_proxy_are_taken_when_the_proxy_next_to_the_phone_keeps_them() {
    let far = "<sip:core.example.test;lr;ob>";
    for (path, expected) in [
        (String::new(), 439),
        (format!("Path: {far}, <sip:192.0.2.20:4001;lr>\r\n"), 439),
        (
            "Path: <sip:core.example.test;lr>, <sip:192.0.2.20:4001;lr;ob>\r\n".into(),
            200,
        ),
    ] {
        let mut net = net();
        let more = format!("{BEHIND}{path}{}{OUTBOUND}", contact(5060, 1));

        let done = flow(Transport::Udp, 1).register(&mut net, &more);

        assert_eq!(code(&done), expected, "{path}");
        let kept = (expected == 200).then_some("outbound");
        assert_eq!(done.header(Header::Require), kept);
        assert_eq!(done.header(Header::FlowTimer), None, "that is the proxy's");
    }
}

#[test]
fn a_call_goes_over_the_newest_flow_and_by_the_next_when_that_has_failed() {
    let mut net = net();
    register(&mut net, Transport::Udp, 1);
    register(&mut net, Transport::Udp, 2);
    call(&mut net);
    let (invite, to) = invited(&mut net);
    assert_eq!(to, peer(2));

    reply(
        &mut net,
        &flow(Transport::Udp, 2),
        &invite,
        StatusCode::FLOW_FAILED,
    );
    let (again, to) = invited(&mut net);

    assert_eq!(to, peer(1));
    assert_eq!(again.call_id(), invite.call_id());
    let gone: Binding = net.wait(0, |event| match event {
        Event::Unregistered { binding } => Some(binding.clone()),
        _ => None,
    });
    assert_eq!(gone.flow.unwrap().reg_id, 2);

    reply(
        &mut net,
        &flow(Transport::Udp, 1),
        &again,
        StatusCode::FLOW_FAILED,
    );
    assert_eq!(failed(&mut net), 430);
    assert_eq!(bindings(&net), 0);
}

#[test]
fn a_call_goes_by_the_next_flow_when_the_connection_of_the_first_closes() {
    let mut net = net();
    register(&mut net, Transport::Tcp, 1);
    register(&mut net, Transport::Tcp, 2);
    call(&mut net);
    assert_eq!(invited(&mut net).1, peer(2));

    for (connection, left) in [(2, 1), (1, 0)] {
        let now = net.now;
        let endpoint = &mut net.ends[0].endpoint;
        endpoint.handle_connection_lost(connection, now);
        net.drain(0);
        net.run_for(Duration::from_millis(20));
        assert_eq!(bindings(&net), left);
        if left > 0 {
            assert_eq!(invited(&mut net).1, peer(1));
        }
    }

    assert_eq!(failed(&mut net), 430);
}

#[test]
fn a_flow_that_says_nothing_is_left_for_the_next() {
    let mut net = net();
    register(&mut net, Transport::Udp, 1);
    register(&mut net, Transport::Udp, 2);
    call(&mut net);
    net.run_for(Duration::from_secs(7));

    let (invite, to) = invited(&mut net);
    assert_eq!(to, peer(1));
    reply(&mut net, &flow(Transport::Udp, 1), &invite, StatusCode::OK);

    net.wait(0, |event| {
        matches!(event, Event::Answered { .. }).then_some(())
    });
    net.outside.clear();
    net.tell(0, hang_up(CALL));
    net.run_for(Duration::from_millis(20));
    let bye = net.outside.pop().unwrap();
    assert!(
        bye.first_line()
            .starts_with("BYE sip:anna@192.0.2.99:5060;ob ")
    );
    assert_eq!(
        bye.to,
        peer(1),
        "`ob` asks for the flow, whatever the address"
    );
}

#[test]
fn a_flow_that_said_nothing_comes_after_the_others_until_it_is_registered_anew() {
    let mut net = net();
    register(&mut net, Transport::Tcp, 1);
    register(&mut net, Transport::Tcp, 2);
    call(&mut net);
    assert_eq!(invited(&mut net).1, peer(2));
    net.run_for(Duration::from_secs(7));
    assert_eq!(invited(&mut net).1, peer(1));

    call_as(&mut net, CallKey::Out(2));
    assert_eq!(invited(&mut net).1, peer(1));
    let mut anew = flow(Transport::Tcp, 2);
    anew.call_id = "r9";
    let done = anew.register(
        &mut net,
        &format!("{}{OUTBOUND}Expires: 600\r\n", contact(5060, 2)),
    );
    assert_eq!(code(&done), 200);
    call_as(&mut net, CallKey::Out(3));

    assert_eq!(invited(&mut net).1, peer(2));
}

#[test]
fn a_flow_whose_keep_alives_stop_is_gone_within_a_minute_and_calls_go_by_the_next() {
    let mut net = net();
    register(&mut net, Transport::Udp, 1);
    register(&mut net, Transport::Udp, 2);
    for peer in [peer(2), peer(3)] {
        net.run_for(Duration::from_secs(25));
        let now = net.now;
        net.ends[0].endpoint.handle_keep_alive(peer, now);
    }

    net.run_for(Duration::from_secs(34));
    assert_eq!(bindings(&net), 2, "one of them may be lost");
    net.run_for(Duration::from_secs(2));

    assert_eq!(bindings(&net), 1);
    let told = |event: &&Event| matches!(event, Event::Unregistered { .. });
    assert_eq!(net.ends[0].events.iter().filter(told).count(), 1);
    call(&mut net);
    assert_eq!(invited(&mut net).1, peer(1), "it never kept itself alive");
}

#[test]
fn a_flow_that_never_kept_itself_alive_stays_until_its_registration_ends() {
    let mut net = net();
    register(&mut net, Transport::Udp, 1);

    net.run_for(Duration::from_secs(590));
    assert_eq!(bindings(&net), 1);
    net.run_for(Duration::from_secs(20));

    assert_eq!(bindings(&net), 0);
}

#[test]
fn a_flow_that_goes_on_keeping_itself_alive_stays_and_a_new_registration_begins_anew() {
    let mut net = net();
    register(&mut net, Transport::Udp, 1);
    for _ in 0..5 {
        let now = net.now;
        net.ends[0].endpoint.handle_keep_alive(peer(1), now);
        net.run_for(Duration::from_secs(50));
    }
    assert_eq!(bindings(&net), 1);

    let mut again = Phone {
        call_id: "r7",
        ..flow(Transport::Udp, 1)
    };
    again.register(
        &mut net,
        &format!("{}{OUTBOUND}Expires: 600\r\n", contact(5060, 1)),
    );
    net.run_for(Duration::from_secs(300));

    assert_eq!(bindings(&net), 1);
}

#[test]
fn a_phone_that_has_been_reached_is_not_asked_again_over_another_flow() {
    for status in [
        StatusCode::BUSY_HERE,
        StatusCode::SERVICE_UNAVAILABLE,
        StatusCode::TEMPORARILY_UNAVAILABLE,
    ] {
        let mut net = net();
        register(&mut net, Transport::Udp, 1);
        register(&mut net, Transport::Udp, 2);
        call(&mut net);
        let (invite, _) = invited(&mut net);

        reply(&mut net, &flow(Transport::Udp, 2), &invite, status);

        assert_eq!(failed(&mut net), status.code());
        let again = |packet: &Packet| packet.first_line().starts_with("INVITE");
        assert!(!net.outside.iter().any(again), "{status:?}");
        assert_eq!(bindings(&net), 2);
    }
}

#[test]
fn another_phone_of_the_account_is_not_another_flow() {
    let mut net = net();
    let other = "Contact: <sip:anna@10.0.0.9>;reg-id=1;+sip.instance=\"<urn:uuid:9>\"\r\n";
    flow(Transport::Udp, 3).register(&mut net, &format!("{other}{OUTBOUND}"));
    register(&mut net, Transport::Udp, 1);
    call(&mut net);
    let (invite, to) = invited(&mut net);
    assert_eq!(to, peer(1));

    reply(
        &mut net,
        &flow(Transport::Udp, 1),
        &invite,
        StatusCode::FLOW_FAILED,
    );

    assert_eq!(failed(&mut net), 430);
    assert_eq!(bindings(&net), 1);
}

// Nothing else leads to a phone behind address translation than the connection it made.
#[test]
fn flows_over_connections_end_with_a_restart_and_those_by_datagrams_go_on() {
    for (transport, left) in [(Transport::Udp, 1), (Transport::Tcp, 0)] {
        let mut before = net();
        register(&mut before, transport, 1);
        let kept = before.wait(0, |event| match event {
            Event::Registered { binding } => Some(binding.clone()),
            _ => None,
        });

        let mut after = net();
        let bindings_kept = vec![Binding {
            connection: None,
            ..kept
        }];
        after.tell(
            0,
            Command::Restore {
                bindings: bindings_kept,
            },
        );
        after.run_for(Duration::from_millis(1));

        assert_eq!(bindings(&after), left);
        let told = |event: &Event| matches!(event, Event::Unregistered { .. });
        assert_eq!(
            after.ends[0].events.iter().any(told),
            left == 0,
            "{transport:?}"
        );
    }
}

#[test]
fn a_proxy_that_lost_the_flow_is_asked_by_the_path_of_the_next() {
    let mut net = net();
    for (reg_id, edge) in [(1, "a"), (2, "b")] {
        let path = format!("Path: <sip:{edge}@192.0.2.20:{};lr;ob>\r\n", 4000 + reg_id);
        let more = format!("{BEHIND}{path}{}{OUTBOUND}", contact(5060, reg_id));
        assert_eq!(
            code(&flow(Transport::Tcp, reg_id).register(&mut net, &more)),
            200
        );
    }
    call(&mut net);
    let (invite, _) = invited(&mut net);
    assert_eq!(
        invite.header(Header::Route),
        Some("<sip:b@192.0.2.20:4002;lr;ob>")
    );

    reply(
        &mut net,
        &flow(Transport::Tcp, 2),
        &invite,
        StatusCode::FLOW_FAILED,
    );

    let (again, _) = invited(&mut net);
    assert_eq!(*again.method(), Method::Invite);
    assert_eq!(
        again.header(Header::Route),
        Some("<sip:a@192.0.2.20:4001;lr;ob>")
    );
}
