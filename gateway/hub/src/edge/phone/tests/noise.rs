//! Whom comfort noise is offered to.

use super::*;

#[test]
fn comfort_noise_is_offered_to_who_is_called_for_a_caller_that_takes_it() {
    for (formats, offered) in [("8 13", true), ("8", false)] {
        let mut phones = phones(4000..=4099);
        let caller = String::from_utf8(offer("sendrecv").to_vec()).unwrap();
        let caller = caller.replace("RTP/AVP 8", &format!("RTP/AVP {formats}"));
        arrive(&mut phones, 1, Some(Bytes::from(caller)));

        // The port that is tried first is another's.
        phones.handle_command(dial(2), NOW);
        phones.handle_media(
            MediaEvent::OpenFailed {
                leg: LegKey(2),
                port: 4002,
                error: OpenError::PortInUse,
            },
            NOW,
        );
        phones.handle_media(opened(2, 4004), NOW);

        let dialled = offered_to_who_is_dialled(&mut phones);
        assert!(dialled.contains("m=audio 4004"), "{dialled}");
        assert_eq!(dialled.contains("a=rtpmap:13 CN/8000"), offered);
    }
}

#[test]
fn comfort_noise_is_offered_to_the_first_who_is_called_beside_g711() {
    for (codecs, offered) in [
        (vec![Codec::Pcma], true),
        (vec![Codec::Opus, Codec::G722], false),
    ] {
        let mut phones = phones(4000..=4099);
        phones.settings.codecs = codecs;

        phones.handle_command(dial(2), NOW);
        phones.handle_media(opened(1, 4000), NOW);

        let dialled = offered_to_who_is_dialled(&mut phones);
        assert_eq!(dialled.contains("a=rtpmap:13 CN/8000"), offered);
    }
}

fn offered_to_who_is_dialled(phones: &mut Phones) -> String {
    let outputs = drain(phones);
    let dialled = outputs.iter().find_map(|output| match output {
        Output::Sip(SipCommand::Dial { sdp, .. }) => Some(format!("{sdp:?}")),
        _ => None,
    });
    dialled.unwrap_or_else(|| panic!("{outputs:?}"))
}
