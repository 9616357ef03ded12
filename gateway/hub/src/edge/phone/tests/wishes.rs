//! What phones say that their parties would like of recordings.

use super::*;
use crate::recording::Preference;

fn offer_with(line: &str) -> Bytes {
    let plain = offer("sendrecv");
    Bytes::from(format!("{}a={line}\r\n", text(&plain)))
}

fn wishes(outputs: &[Output]) -> Vec<(LegId, Preference)> {
    let wish = |output: &Output| match output {
        Output::Hub(Input::Leg(LegNews::Wished { leg, wish })) => Some((*leg, *wish)),
        _ => None,
    };
    outputs.iter().filter_map(wish).collect()
}

#[test]
fn what_a_caller_would_like_is_told_with_its_leg_and_when_it_changes() {
    let mut phones = phones(4000..=4099);
    phones.handle_sip(arrived(1, Some(offer_with("recordpref:off"))), NOW);
    assert_eq!(wishes(&drain(&mut phones)), []);
    let leg = leg_id(1);

    phones.handle_command(Command::Adopt { call: 1, leg }, NOW);
    assert_eq!(wishes(&drain(&mut phones)), [(leg, Preference::Off)]);
    phones.handle_media(opened(1, 4000), NOW);
    phones.handle_command(Command::Answer { leg }, NOW);
    phones.handle_sip(
        Event::Confirmed {
            call: CallKey::In(1),
            sdp: None,
        },
        NOW,
    );
    for (line, told) in [
        ("recordpref:off", None),
        ("sendrecv", None),
        ("recordpref:on", Some(Preference::On)),
    ] {
        let sdp = Some(offer_with(line));
        let call = CallKey::In(1);
        phones.handle_sip(
            Event::Offered {
                call,
                fork: None,
                sdp,
            },
            NOW,
        );

        let told: Vec<_> = told.map(|wish| (leg, wish)).into_iter().collect();
        assert_eq!(wishes(&drain(&mut phones)), told, "{line}");
    }
}

#[test]
fn what_somebody_dialled_would_like_is_told_before_the_answer() {
    let mut phones = phones(4000..=4099);
    let leg = dialled(&mut phones);

    phones.handle_sip(
        Event::Answered {
            call: CallKey::Out(1),
            fork: None,
            sdp: Some(offer_with("recordpref:pause")),
            session: None,
            source: "192.0.2.1:5060".parse().unwrap(),
        },
        NOW,
    );

    let outputs = drain(&mut phones);
    let at = |wanted: LegNews| {
        let wanted = Output::Hub(Input::Leg(wanted));
        outputs.iter().position(|one| *one == wanted)
    };
    let wish = Preference::Pause;
    let wished = at(LegNews::Wished { leg, wish });
    let answered = at(LegNews::Answered { leg });
    assert!(wished.is_some() && wished < answered, "{outputs:?}");
}
