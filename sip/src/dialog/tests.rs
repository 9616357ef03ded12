use super::*;
use crate::endpoint::Transport;
use bytes::Bytes;

fn flow(transport: Transport, peer: &str) -> Flow {
    let connection = if transport == Transport::Udp { 0 } else { 7 };
    Flow {
        transport,
        local: "192.0.2.1:5060".parse().unwrap(),
        peer: peer.parse().unwrap(),
        connection,
    }
}

fn invite(contact: &str, more: &str) -> Message {
    let text = format!(
        "INVITE sip:a@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK1\r\n{more}\
         From: <sip:b@x>;tag=b\r\nTo: <sip:a@x>\r\nCall-ID: 1\r\nCSeq: 7 INVITE\r\nContact: {contact}\r\n\r\n"
    );
    Message::parse(Bytes::from(text)).unwrap()
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn requests_go_to_the_contact_or_back_to_a_peer_that_cannot_be_reached_there() {
    for (contact, transport, peer, expected) in [
        (
            "<sip:b@192.0.2.9:5070>",
            Transport::Udp,
            "192.0.2.9:5060",
            (Transport::Udp, "192.0.2.9:5070", None),
        ),
        (
            "<sip:b@192.0.2.9>",
            Transport::Udp,
            "192.0.2.9:5060",
            (Transport::Udp, "192.0.2.9:5060", None),
        ),
        (
            "<sip:b@host.example>",
            Transport::Udp,
            "192.0.2.9:5060",
            (Transport::Udp, "192.0.2.9:5060", None),
        ),
        (
            "<sip:b@10.0.0.9:5060>",
            Transport::Udp,
            "192.0.2.9:1024",
            (Transport::Udp, "192.0.2.9:1024", None),
        ),
        (
            "<sip:b@192.0.2.8;transport=tcp>",
            Transport::Udp,
            "192.0.2.9:5060",
            (Transport::Tcp, "192.0.2.8:5060", None),
        ),
        (
            "<sip:b@192.0.2.9:5060>",
            Transport::Tcp,
            "192.0.2.9:40000",
            (Transport::Tcp, "192.0.2.9:5060", Some(7)),
        ),
        (
            "<sip:b@192.0.2.9:5070;transport=tcp>",
            Transport::Tcp,
            "192.0.2.9:40000",
            (Transport::Tcp, "192.0.2.9:5070", Some(7)),
        ),
        (
            "<sips:b@192.0.2.9>",
            Transport::Tls,
            "192.0.2.9:40000",
            (Transport::Tls, "192.0.2.9:5061", Some(7)),
        ),
        (
            "<sip:b@host.example;transport=tcp>",
            Transport::Tcp,
            "192.0.2.9:40000",
            (Transport::Tcp, "192.0.2.9:5060", Some(7)),
        ),
        (
            "<sip:b@10.0.0.9:5060;transport=tcp>",
            Transport::Tcp,
            "192.0.2.9:40000",
            (Transport::Tcp, "192.0.2.9:40000", Some(7)),
        ),
        (
            "<sip:b@192.0.2.9:5060;transport=tcp;ob>",
            Transport::Tcp,
            "192.0.2.9:40000",
            (Transport::Tcp, "192.0.2.9:40000", Some(7)),
        ),
        (
            "<sip:b@nowhere.invalid;transport=ws>",
            Transport::Ws,
            "192.0.2.9:40000",
            (Transport::Ws, "192.0.2.9:40000", Some(7)),
        ),
        (
            "<sips:b@192.0.2.8>",
            Transport::Udp,
            "192.0.2.9:5060",
            (Transport::Tls, "192.0.2.8:5061", None),
        ),
    ] {
        let dialog = Dialog::from_request(&invite(contact, ""), &flow(transport, peer), "a", 0);

        let hop = dialog.hop();

        let (transport, to, connection) = expected;
        assert_eq!(
            (hop.transport, hop.to, hop.connection),
            (transport, to.parse().unwrap(), connection),
            "{contact}"
        );
    }
}

#[test]
fn a_loose_route_stays_in_route_and_a_strict_one_becomes_the_request_uri() {
    for (route, uri, routes) in [
        (
            "<sip:192.0.2.20;lr>",
            "sip:b@192.0.2.9",
            vec!["<sip:192.0.2.20;lr>"],
        ),
        (
            "<sip:192.0.2.20>",
            "sip:192.0.2.20",
            vec!["<sip:b@192.0.2.9>"],
        ),
    ] {
        let invite = invite("<sip:b@192.0.2.9>", &format!("Record-Route: {route}\r\n"));
        let dialog =
            Dialog::from_request(&invite, &flow(Transport::Udp, "192.0.2.20:5060"), "a", 0);

        let bye = dialog
            .request(&Method::Bye, 1, "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK2")
            .message()
            .unwrap();

        assert_eq!(dialog.hop().to, "192.0.2.20:5060".parse().unwrap());
        assert_eq!(bye.request_uri().unwrap().as_str(), uri);
        assert_eq!(bye.lines(Header::Route).collect::<Vec<_>>(), routes);
        assert_eq!((bye.from().tag(), bye.to().tag()), (Some("a"), Some("b")));
    }
}

#[test]
fn sequence_numbers_only_rise() {
    let mut dialog = Dialog::from_request(
        &invite("<sip:b@192.0.2.9>", ""),
        &flow(Transport::Udp, "192.0.2.9:5060"),
        "a",
        0,
    );

    assert!(!dialog.accept_cseq(&invite("<sip:b@192.0.2.9>", "")));
    assert_eq!((dialog.next_cseq(), dialog.next_cseq()), (1, 2));
}

#[test]
fn who_is_behind_a_proxy_knows_us_by_its_address() {
    let behind = "Record-Route: <sip:192.0.2.9;lr>\r\n";
    let flow = flow(Transport::Udp, "192.0.2.9:5060");
    let uri = |text: &str| text.parse::<Uri>().unwrap();
    for (routes, named, passes) in [
        (behind, "sip:ben@192.0.2.9", true),
        (behind, "sip:ben@192.0.2.9:5060", true),
        (behind, "sip:ben@192.0.2.9:5070", false),
        (behind, "sip:ben@192.0.2.8", false),
        (behind, "sip:ben@proxy.example", false),
        ("", "sip:ben@192.0.2.9", false),
    ] {
        let invite = invite("<sip:b@10.0.0.9:5060>", routes);
        let dialog = Dialog::from_request(&invite, &flow, "ours", 1);

        assert_eq!(dialog.passes(&uri(named)), passes, "{routes} {named}");
    }
}
