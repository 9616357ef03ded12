//! Phones and trunks of IPv4 and IPv6 at once.

use super::*;

fn both() -> Phones {
    let (v4, v6) = (
        IpAddr::from([192, 0, 2, 1]),
        "2001:db8::1".parse::<IpAddr>().unwrap(),
    );
    let mut phones = phones(4000..=4099);
    phones.settings.bind = sip::families::Families::Both { v4, v6 };
    phones.settings.address = phones.settings.bind;
    phones
}

#[test]
fn a_call_without_an_offer_is_offered_the_address_of_its_own_family() {
    for (source, expected) in [
        ("198.51.100.9:5060", "c=IN IP4 192.0.2.1\r\n"),
        ("[2001:db8::9]:5060", "c=IN IP6 2001:db8::1\r\n"),
    ] {
        let mut phones = both();
        let mut event = arrived(1, None);
        if let Event::Arrived { arrival, .. } = &mut event {
            arrival.source = source.parse().unwrap();
        }

        phones.handle_sip(event, NOW);
        let leg = leg_id(1);
        phones.handle_command(Command::Adopt { call: 1, leg }, NOW);
        // The first port is taken by somebody else.
        let (leg, port) = (sip::media::LegKey(1), 4000);
        let error = sip::media::OpenError::PortInUse;
        phones.handle_media(MediaEvent::OpenFailed { leg, port, error }, NOW);
        phones.handle_media(opened(1, 4002), NOW);
        phones.handle_command(Command::Answer { leg: leg_id(1) }, NOW);

        let told = drain(&mut phones);
        let Some(Output::Sip(SipCommand::Answer { sdp, .. })) = told.last() else {
            panic!("{told:?}");
        };
        assert!(text(sdp).contains(expected), "{source}: {}", text(sdp));
        assert!(text(sdp).contains("m=audio 4002"), "{}", text(sdp));
    }
}

#[test]
fn who_is_called_is_offered_both_and_goes_on_by_the_one_that_was_taken() {
    let mut phones = both();
    phones.handle_command(dial(2), NOW);
    phones.handle_media(opened(1, 4000), NOW);
    let told = drain(&mut phones);
    let Some(Output::Sip(SipCommand::Dial { sdp, call, .. })) = told.last() else {
        panic!("{told:?}");
    };
    let sip::families::Families::Both { v4, v6 } = &sdp.by_family else {
        panic!("of both families");
    };
    assert!(text(v4).contains("c=IN IP4 192.0.2.1\r\n"), "{}", text(v4));
    assert!(
        text(v6).contains("c=IN IP6 2001:db8::1\r\n"),
        "{}",
        text(v6)
    );

    let answer = text(&offer("sendrecv")).replace("IN IP4 127.0.0.1", "IN IP6 2001:db8::9");
    phones.handle_sip(
        Event::Answered {
            call: *call,
            fork: None,
            sdp: Some(Bytes::from(answer)),
            session: None,
            source: "192.0.2.1:5060".parse().unwrap(),
        },
        NOW,
    );
    phones.handle_sip(
        Event::Offered {
            call: *call,
            fork: None,
            sdp: None,
        },
        NOW,
    );

    let told = drain(&mut phones);
    let Some(Output::Sip(SipCommand::AcceptOffer { sdp, .. })) = told.last() else {
        panic!("{told:?}");
    };
    assert!(
        text(sdp).contains("c=IN IP6 2001:db8::1\r\n"),
        "{}",
        text(sdp)
    );
}
