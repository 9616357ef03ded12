//! Phones in browsers: their calls come and go by SIP, and their sound by the port of all browsers.

use sip::{
    endpoint::Transport,
    registrar::Binding,
    sdp::{BrowserLocal, Fingerprint, Protection, RemoteMedia},
};

use super::*;

/// As a browser offers and answers.
fn description(setup: &str, direction: &str) -> Bytes {
    let print = Fingerprint([9; 32]);
    Bytes::from(format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 0 8\r\n\
         c=IN IP4 0.0.0.0\r\na=ice-ufrag:them\r\na=ice-pwd:a-password-of-at-least-22\r\na=fingerprint:sha-256 {print}\r\n\
         a=setup:{setup}\r\na=mid:0\r\na={direction}\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n"
    ))
}

/// A house that serves browsers and signals holds.
fn serving() -> Phones {
    let mut phones = phones(4000..=4099);
    phones.settings.browsers = Some(BrowserLocal {
        addresses: vec!["192.0.2.7:10000".parse().unwrap()],
        fingerprint: Fingerprint([7; 32]),
        codecs: vec![Codec::Opus, Codec::Pcma, Codec::Pcmu],
    });
    phones.settings.holds.phones = true;
    phones
}

/// A call that came by `transport` from `peer`.
fn came(peer: SipPeer, transport: Transport, offer: Option<Bytes>) -> Event {
    let mut event = arrived(1, offer);
    if let Event::Arrived { arrival, .. } = &mut event {
        arrival.peer = peer;
        arrival.transport = transport;
    }
    event
}

fn anna() -> SipPeer {
    SipPeer::Phone("anna".to_owned())
}

fn registers(phones: &mut Phones, contact: &str, transport: Transport) {
    let binding = Binding {
        contact: contact.into(),
        transport,
        path: Vec::new(),
        ..registrations::binding(None)
    };
    phones.handle_sip(Event::Registered { binding }, NOW);
    drain(phones);
}

fn agreed(outputs: &[Output]) -> &RemoteMedia {
    let mut agreed = outputs.iter().filter_map(|output| match output {
        Output::Media(MediaCommand::Remote { media, .. }) => Some(media),
        _ => None,
    });
    agreed.next().unwrap_or_else(|| panic!("{outputs:?}"))
}

#[test]
fn a_call_of_a_phone_in_a_browser_is_answered_by_ice_and_held_as_any_other() {
    let mut phones = serving();
    let offer = description("actpass", "sendrecv");
    phones.handle_sip(came(anna(), Transport::Ws, Some(offer)), NOW);
    let leg = leg_id(1);
    phones.handle_command(Command::Adopt { call: 1, leg }, NOW);
    phones.handle_media(opened(1, 4000), NOW);
    drain(&mut phones);

    phones.handle_command(Command::Answer { leg }, NOW);
    let answered = drain(&mut phones);

    let Some(Output::Sip(SipCommand::Answer { sdp, .. })) = answered.first() else {
        panic!("{answered:?}");
    };
    let remote = agreed(&answered).clone();
    let Protection::Ice(security) = &remote.protection else {
        panic!("{remote:?}");
    };
    for line in [
        "m=audio 10000 UDP/TLS/RTP/SAVPF 111",
        "a=candidate:1 1 udp 2130706431 192.0.2.7 10000 typ host",
        &format!("a=ice-ufrag:{}", security.ice.ufrag),
    ] {
        assert!(text(sdp).contains(line), "{line} in\n{}", text(sdp));
    }
    let call = CallKey::In(1);
    phones.handle_sip(Event::Confirmed { call, sdp: None }, NOW);
    drain(&mut phones);
    let hold = Event::Offered {
        call,
        fork: None,
        sdp: Some(description("actpass", "sendonly")),
    };
    phones.handle_sip(hold, NOW);
    let held = drain(&mut phones);
    let Some(Output::Sip(SipCommand::AcceptOffer { sdp, .. })) = held.first() else {
        panic!("{held:?}");
    };
    assert!(text(sdp).contains("a=recvonly\r\n"), "{}", text(sdp));
    assert_eq!(agreed(&held).direction, Direction::RecvOnly);
    assert_eq!(agreed(&held).protection, remote.protection);
}

#[test]
fn no_trunk_is_met_by_ice_and_no_phone_where_browsers_are_not_served() {
    let trunk = SipPeer::Trunk("test".to_owned());
    let mut unserved = serving();
    unserved.settings.browsers = None;
    for (mut phones, peer) in [(serving(), trunk), (unserved, anna())] {
        let offer = description("actpass", "sendrecv");
        phones.handle_sip(came(peer, Transport::Ws, Some(offer)), NOW);

        let told = drain(&mut phones);
        let [Output::Sip(SipCommand::Reject { code: 488, .. })] = &told[..] else {
            panic!("{told:?}");
        };
    }
}

#[test]
fn a_call_without_an_offer_that_came_by_a_websocket_is_answered_with_one_for_browsers() {
    for (transport, in_browser) in [(Transport::Ws, true), (Transport::Tls, false)] {
        let mut phones = serving();
        phones.handle_sip(came(anna(), transport, None), NOW);
        let leg = leg_id(1);
        phones.handle_command(Command::Adopt { call: 1, leg }, NOW);
        phones.handle_media(opened(1, 4000), NOW);
        phones.handle_command(Command::Answer { leg }, NOW);

        let told = drain(&mut phones);
        let Some(Output::Sip(SipCommand::Answer { sdp, .. })) = told.last() else {
            panic!("{told:?}");
        };
        assert_eq!(text(sdp).contains("a=ice-ufrag:"), in_browser);
    }
}

/// What phone 2, which is anna's, is offered, and whether there is an offer for browsers.
fn dialled_at(phones: &mut Phones) -> Option<Bytes> {
    phones.handle_command(dial(2), NOW);
    phones.handle_media(opened(1, 4000), NOW);
    let told = drain(phones);
    match told.last() {
        Some(Output::Sip(SipCommand::Dial { sdp, .. })) => {
            assert!(text(sdp.by_family.first()).contains("m=audio 4000 RTP/AVP"));
            sdp.in_browser.clone()
        }
        other => panic!("{other:?}"),
    }
}

fn answers(phones: &mut Phones) {
    let answer = Event::Answered {
        call: CallKey::Out(1),
        fork: None,
        sdp: Some(description("active", "sendrecv")),
        session: None,
        source: "192.0.2.20:4001".parse().unwrap(),
    };
    phones.handle_sip(answer, NOW);
}

#[test]
fn only_who_registered_as_a_browser_does_is_offered_what_one_takes() {
    for (contact, transport, expected) in [
        ("sip:a@b.invalid;transport=ws", Transport::Ws, true),
        ("sip:a@b.invalid;transport=WSS", Transport::Udp, true),
        ("sip:a@192.0.2.20", Transport::Ws, true),
        ("sip:a@192.0.2.20;transport=tls", Transport::Tls, false),
        ("sip:a@192.0.2.20", Transport::Udp, false),
    ] {
        let mut phones = serving();
        registers(&mut phones, contact, transport);

        assert_eq!(dialled_at(&mut phones).is_some(), expected, "{contact}");
    }
    let mut unserved = serving();
    unserved.settings.browsers = None;
    registers(&mut unserved, "sip:a@b.invalid;transport=ws", Transport::Ws);
    assert_eq!(dialled_at(&mut unserved), None);
}

#[test]
fn a_phone_in_a_browser_is_called_held_and_spoken_with_by_ice() {
    let mut phones = serving();
    registers(&mut phones, "sip:a@b.invalid;transport=ws", Transport::Ws);
    let offer = dialled_at(&mut phones).unwrap();
    assert!(text(&offer).contains("a=setup:actpass\r\n"));

    answers(&mut phones);
    let told = drain(&mut phones);
    let Protection::Ice(security) = &agreed(&told).protection else {
        panic!("{told:?}");
    };
    let ufrag = format!("a=ice-ufrag:{}\r\n", security.ice.ufrag);
    assert!(text(&offer).contains(&ufrag));
    let answered = Output::Hub(Input::Leg(LegNews::Answered { leg: leg_id(2) }));
    assert!(told.contains(&answered), "{told:?}");

    let (leg, program) = (leg_id(2), Program::Music);
    phones.handle_command(Command::Play { leg, program }, NOW);
    let held = drain(&mut phones);
    let offered = held.iter().find_map(|output| match output {
        Output::Sip(SipCommand::Offer { sdp, .. }) => Some(text(sdp)),
        _ => None,
    });
    let hold = offered.unwrap_or_else(|| panic!("{held:?}"));
    assert!(
        hold.contains(&ufrag) && hold.contains("a=sendonly\r\n"),
        "{hold}"
    );
}

#[test]
fn a_phone_in_a_browser_that_shows_another_certificate_or_goes_away_ends_its_call() {
    for (event, kind) in [
        (MediaEvent::Unsecured { leg: LegKey(1) }, CauseKind::Fault),
        (MediaEvent::Gone { leg: LegKey(1) }, CauseKind::MediaLost),
        (MediaEvent::Left { leg: LegKey(1) }, CauseKind::MediaLost),
    ] {
        let mut phones = serving();
        registers(&mut phones, "sip:a@b.invalid;transport=ws", Transport::Ws);
        dialled_at(&mut phones);
        answers(&mut phones);
        drain(&mut phones);

        phones.handle_media(event, NOW);

        let told = drain(&mut phones);
        assert!(
            matches!(told[0], Output::Sip(SipCommand::HangUp { .. })),
            "{told:?}"
        );
        let ended = |output: &Output| matches!(output, Output::Hub(Input::Leg(LegNews::Ended { cause, .. })) if cause.kind == kind);
        assert!(told.iter().any(ended), "{told:?}");
    }
}

#[test]
fn nobody_is_heard_by_a_phone_in_a_browser_of_which_nothing_comes() {
    let mut phones = serving();
    registers(&mut phones, "sip:a@b.invalid;transport=ws", Transport::Ws);
    dialled_at(&mut phones);
    answers(&mut phones);
    drain(&mut phones);

    let leg = leg_id(2);
    for on in [true, false] {
        let event = MediaEvent::Away { leg: LegKey(1), on };
        phones.handle_media(event.clone(), NOW);
        let news = LegNews::Hears { leg, on: !on };
        assert_eq!(drain(&mut phones), [Output::Hub(Input::Leg(news))]);
        phones.handle_media(event, NOW);
        assert_eq!(drain(&mut phones), [], "it is told when it changes");
    }
}
