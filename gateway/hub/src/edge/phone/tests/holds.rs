//! Holds that are signalled (RFC 3264 §8.4), and what the peer says to them.

use super::*;

/// Two who talk, of whom the caller is told of holds.
fn talking() -> (Phones, LegId, LegId) {
    let mut phones = phones(4000..=4099);
    phones.settings.holds.trunks.insert("test".to_owned());
    let (a, b) = bridged(&mut phones);
    (phones, a, b)
}

fn hold(phones: &mut Phones, leg: LegId) {
    phones.handle_command(Command::Part { leg }, NOW);
    let program = Program::Music;
    phones.handle_command(Command::Play { leg, program }, NOW);
}

/// The directions that are offered to the caller, or answered.
fn said(phones: &mut Phones) -> Vec<String> {
    let outputs = drain(phones);
    let said = outputs.iter().filter_map(|output| match output {
        Output::Sip(
            SipCommand::Offer {
                call: CallKey::In(1),
                sdp,
            }
            | SipCommand::AcceptOffer {
                call: CallKey::In(1),
                fork: None,
                sdp,
            },
        ) => {
            let ways = ["sendrecv", "sendonly", "recvonly", "inactive"];
            let line = |way: &&str| text(sdp).lines().any(|line| line == format!("a={way}"));
            Some(ways.into_iter().find(line).unwrap_or("sendrecv").to_owned())
        }
        _ => None,
    });
    said.collect()
}

fn answers(phones: &mut Phones, direction: &str) {
    let (call, sdp) = (CallKey::In(1), offer(direction));
    phones.handle_sip(Event::OfferAnswered { call, sdp }, NOW);
}

fn refuses(phones: &mut Phones) {
    let (call, code) = (CallKey::In(1), 488);
    phones.handle_sip(Event::OfferRefused { call, code }, NOW);
}

#[test]
fn who_is_held_is_told_and_when_it_is_taken_back() {
    let (mut phones, a, b) = talking();

    hold(&mut phones, a);
    assert_eq!(said(&mut phones), ["sendonly"]);
    answers(&mut phones, "recvonly");
    phones.handle_media(MediaEvent::Stopped { leg: LegKey(1) }, NOW);
    let ended = |one: &Output| matches!(one, Output::Sip(SipCommand::HangUp { .. }));
    assert!(!drain(&mut phones).iter().any(ended), "it may be silent");
    phones.handle_command(Command::Bridge { a, b }, NOW);
    assert_eq!(said(&mut phones), ["sendrecv"]);
    answers(&mut phones, "sendrecv");

    assert_eq!(said(&mut phones), [""; 0]);
}

#[test]
fn where_holds_are_not_signalled_music_is_all_there_is() {
    let mut phones = phones(4000..=4099);
    let (a, _) = bridged(&mut phones);

    hold(&mut phones, a);

    let told = drain(&mut phones);
    assert!(
        !told.iter().any(|one| matches!(one, Output::Sip(_))),
        "{told:?}"
    );
}

#[test]
fn who_is_taken_back_before_the_answer_is_told_after_it() {
    let (mut phones, a, b) = talking();

    hold(&mut phones, a);
    phones.handle_command(Command::Bridge { a, b }, NOW);
    assert_eq!(said(&mut phones), ["sendonly"], "one offer at a time");
    answers(&mut phones, "recvonly");

    assert_eq!(said(&mut phones), ["sendrecv"]);
}

#[test]
fn who_refuses_a_hold_hears_its_music_and_is_not_asked_again() {
    let (mut phones, a, b) = talking();

    hold(&mut phones, a);
    said(&mut phones);
    refuses(&mut phones);
    let news = LegNews::HoldRefused {
        leg: a,
        status: 488,
    };
    assert_eq!(drain(&mut phones), [Output::Hub(Input::Leg(news))]);
    phones.handle_command(Command::Bridge { a, b }, NOW);
    hold(&mut phones, a);
    let told = drain(&mut phones);

    assert!(
        !told.iter().any(|one| matches!(one, Output::Sip(_))),
        "{told:?}"
    );
    let music = |one: &Output| {
        matches!(
            one,
            Output::Media(MediaCommand::Play {
                leg: LegKey(1),
                what: Heard::Music,
                ..
            })
        )
    };
    assert!(told.iter().any(music), "{told:?}");
}

#[test]
fn who_refuses_to_be_taken_back_is_told_again_by_the_answer_to_its_own_offer() {
    let (mut phones, a, b) = talking();

    hold(&mut phones, a);
    answers(&mut phones, "recvonly");
    phones.handle_command(Command::Bridge { a, b }, NOW);
    said(&mut phones);
    refuses(&mut phones);
    assert_eq!(drain(&mut phones), [], "it is no hold that it refused");
    phones.handle_sip(offered(1, "sendrecv"), NOW);

    assert_eq!(said(&mut phones), ["sendrecv"]);
}

#[test]
fn a_hold_of_both_sides_is_inactive_until_either_takes_it_back() {
    let (mut phones, a, b) = talking();
    phones.handle_sip(offered(1, "sendonly"), NOW);
    assert_eq!(said(&mut phones), ["recvonly"]);

    hold(&mut phones, a);
    assert_eq!(said(&mut phones), ["inactive"], "RFC 3264 §8.4");
    answers(&mut phones, "inactive");
    phones.handle_sip(offered(1, "sendrecv"), NOW);
    assert_eq!(said(&mut phones), ["sendonly"]);
    phones.handle_sip(offered(1, "sendonly"), NOW);
    assert_eq!(said(&mut phones), ["inactive"]);
    phones.handle_command(Command::Bridge { a, b }, NOW);
    assert_eq!(said(&mut phones), ["sendrecv"]);
    answers(&mut phones, "sendonly");
    phones.handle_sip(offered(1, "sendrecv"), NOW);

    assert_eq!(said(&mut phones), ["sendrecv"]);
}

#[test]
fn who_is_taken_back_and_holds_too_leaves_music_to_the_other_only_if_it_brings_none() {
    for (direction, music) in [("sendonly", false), ("inactive", true)] {
        let (mut phones, a, b) = talking();
        phones.handle_sip(offered(1, direction), NOW);
        hold(&mut phones, a);
        answers(&mut phones, "inactive");
        drain(&mut phones);
        let plays = |one: &Output| {
            matches!(
                one,
                Output::Media(MediaCommand::Play {
                    leg: LegKey(2),
                    what: Heard::Music,
                    ..
                })
            )
        };

        phones.handle_command(Command::Bridge { a, b }, NOW);
        let before = drain(&mut phones);
        answers(&mut phones, direction);
        let after = drain(&mut phones);

        assert!(!before.iter().any(plays), "{direction}: {before:?}");
        assert_eq!(after.iter().any(plays), music, "{direction}: {after:?}");
    }
}

#[test]
fn an_offer_of_the_peer_that_meets_ours_is_answered_so_and_ours_comes_after_it() {
    let (mut phones, a, _) = talking();

    hold(&mut phones, a);
    said(&mut phones);
    phones.handle_sip(offered(1, "sendrecv"), NOW);

    assert_eq!(said(&mut phones), ["sendonly", "sendonly"]);
    answers(&mut phones, "recvonly");
    assert_eq!(said(&mut phones), [""; 0]);
}

#[test]
fn who_is_asked_for_keys_or_waits_for_somebody_is_not_held() {
    let waiting = Program::Waiting {
        position: 1,
        callback: true,
        minutes: None,
    };
    for program in [waiting, Program::Rate, Program::Ringback] {
        let (mut phones, leg, _) = talking();
        hold(&mut phones, leg);
        answers(&mut phones, "recvonly");
        said(&mut phones);

        phones.handle_command(Command::Play { leg, program }, NOW);

        assert_eq!(said(&mut phones), ["sendrecv"]);
    }
}

#[test]
fn an_offer_that_is_asked_for_says_that_the_peer_is_held() {
    let (mut phones, a, _) = talking();
    hold(&mut phones, a);
    answers(&mut phones, "recvonly");
    said(&mut phones);

    let (call, sdp) = (CallKey::In(1), None);
    phones.handle_sip(
        Event::Offered {
            call,
            fork: None,
            sdp,
        },
        NOW,
    );

    assert_eq!(said(&mut phones), ["sendonly"]);
}

#[test]
fn a_customer_who_is_lost_while_on_hold_is_looked_for_after_it() {
    let mut phones = phones(4000..=4099);
    let (a, b) = bridged(&mut phones);
    let watch = Output::Media(MediaCommand::Watch { leg: LegKey(1) });
    phones.handle_media(MediaEvent::Flowing { leg: LegKey(1) }, NOW);
    hold(&mut phones, a);
    phones.handle_media(MediaEvent::Stopped { leg: LegKey(1) }, NOW);
    drain(&mut phones);

    phones.handle_command(Command::Bridge { a, b }, NOW);
    assert!(drain(&mut phones).contains(&watch));
    phones.handle_media(MediaEvent::Stopped { leg: LegKey(1) }, NOW);
    let ended = |one: &Output| matches!(one, Output::Sip(SipCommand::HangUp { .. }));
    assert!(drain(&mut phones).iter().any(ended));
}

#[test]
fn who_speaks_again_before_the_hold_ends_is_not_looked_for() {
    let mut phones = phones(4000..=4099);
    let (a, b) = bridged(&mut phones);
    hold(&mut phones, a);
    phones.handle_media(MediaEvent::Stopped { leg: LegKey(1) }, NOW);
    phones.handle_media(MediaEvent::Flowing { leg: LegKey(1) }, NOW);
    drain(&mut phones);

    phones.handle_command(Command::Bridge { a, b }, NOW);

    let watch = Output::Media(MediaCommand::Watch { leg: LegKey(1) });
    assert!(!drain(&mut phones).contains(&watch));
}

/// Has the caller answer our refresh.
fn restates(phones: &mut Phones, sdp: &str) -> Vec<Output> {
    let (call, sdp) = (CallKey::In(1), Bytes::from(sdp.to_owned()));
    phones.handle_sip(Event::Refreshed { call, sdp }, NOW);
    drain(phones)
}

#[test]
fn where_a_peer_moves_its_media_as_it_is_refreshed_the_media_goes() {
    let (mut phones, a, _) = talking();
    let same = offer("sendrecv");
    let moved = text(&same).replace("7000", "7100");
    assert_eq!(restates(&mut phones, text(&same)), []);

    let told = restates(&mut phones, &moved);

    let to = |one: &Output| match one {
        Output::Media(MediaCommand::Remote { leg, media }) => Some((*leg, media.address.port())),
        _ => None,
    };
    assert_eq!(
        told.iter().filter_map(to).collect::<Vec<_>>(),
        [(LegKey(1), 7100)]
    );
    // An offer that waits is answered by what answers it.
    hold(&mut phones, a);
    drain(&mut phones);
    assert!(
        restates(&mut phones, text(&same))
            .iter()
            .any(|one| to(one) == Some((LegKey(1), 7000)))
    );
    answers(&mut phones, "recvonly");
    assert!(phones.legs[&LegKey(1)].hold.is_known());
    drain(&mut phones);
    assert_eq!(restates(&mut phones, "v=0\r\nnonsense\r\n"), []);
}

/// What the hub was told of whether the caller hears.
fn hearing(phones: &mut Phones) -> Vec<bool> {
    let told = drain(phones);
    let news = told.iter().filter_map(|one| match one {
        Output::Hub(Input::Leg(LegNews::Hears { leg, on })) => Some((*leg, *on)),
        _ => None,
    });
    news.inspect(|(leg, _)| assert_eq!(*leg, leg_id(1)))
        .map(|(_, on)| on)
        .collect()
}

#[test]
fn the_hub_is_told_when_a_party_hears_nothing_in_whatever_way_it_is_said() {
    let old = text(&offer("sendrecv")).replace("c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0");
    let ways = [
        offered(1, "inactive"),
        offered(1, "sendonly"),
        without(),
        Event::Offered {
            call: CallKey::In(1),
            fork: None,
            sdp: Some(Bytes::from(old)),
        },
        Event::Refreshed {
            call: CallKey::In(1),
            sdp: offer("inactive"),
        },
    ];
    for way in ways {
        let (mut phones, ..) = talking();
        drain(&mut phones);

        phones.handle_sip(way.clone(), NOW);
        assert_eq!(hearing(&mut phones), [false], "{way:?}");
        phones.handle_sip(offered(1, "recvonly"), NOW);
        assert_eq!(hearing(&mut phones), [true], "{way:?}");
        phones.handle_sip(offered(1, "sendrecv"), NOW);
        assert_eq!(hearing(&mut phones), [false; 0], "{way:?}");
    }
}

#[test]
fn who_answers_an_offer_of_ours_by_a_hold_hears_nothing_and_who_calls_so_neither() {
    let (mut phones, a, _) = talking();
    hold(&mut phones, a);
    drain(&mut phones);
    answers(&mut phones, "inactive");
    assert_eq!(hearing(&mut phones), [false]);

    let mut phones = super::phones(4000..=4099);
    phones.handle_sip(arrived(1, Some(offer("sendonly"))), NOW);
    let leg = leg_id(1);
    phones.handle_command(Command::Adopt { call: 1, leg }, NOW);
    assert_eq!(hearing(&mut phones), [false]);
}

/// The caller's offer without a stream.
fn without() -> Event {
    let (call, fork) = (CallKey::In(1), None);
    let sdp = text(&offer("sendrecv")).replace("m=audio 7000", "m=audio 0");
    Event::Offered {
        call,
        fork,
        sdp: Some(Bytes::from(sdp)),
    }
}

/// How the caller's media stands, as the media plane was last told it, and whether the other hears music.
fn stands(told: &[Output]) -> (Option<(u16, u16, Direction)>, Option<bool>) {
    let remote = told.iter().rev().find_map(|one| match one {
        Output::Media(MediaCommand::Remote { leg, media }) if *leg == LegKey(1) => {
            Some((media.address.port(), media.rtcp.port(), media.direction))
        }
        _ => None,
    });
    let music = told.iter().rev().find_map(|one| match one {
        Output::Media(MediaCommand::Play { leg, what, .. }) if *leg == LegKey(2) => {
            Some(*what == Heard::Music)
        }
        Output::Media(MediaCommand::StopPlaying { leg }) if *leg == LegKey(2) => Some(false),
        _ => None,
    });
    (remote, music)
}

#[test]
fn who_takes_the_only_stream_out_is_heard_again_when_it_comes_back() {
    let (mut phones, ..) = talking();

    phones.handle_sip(without(), NOW);
    let told = drain(&mut phones);

    let accepted = told.iter().find_map(|one| match one {
        Output::Sip(SipCommand::AcceptOffer { sdp, .. }) => Some(text(sdp).to_owned()),
        _ => None,
    });
    assert!(accepted.unwrap().ends_with("m=audio 0 RTP/AVP 8\r\n"));
    let closed = (0, 0, Direction::Inactive);
    assert_eq!(stands(&told), (Some(closed), Some(true)));
    phones.handle_media(MediaEvent::Stopped { leg: LegKey(1) }, NOW);
    assert_eq!(drain(&mut phones), [], "nothing is expected of it");

    phones.handle_sip(offered(1, "sendrecv"), NOW);

    let told = drain(&mut phones);
    let back = (7000, 7001, Direction::SendRecv);
    assert_eq!(stands(&told), (Some(back), Some(false)));
}

#[test]
fn who_has_taken_the_stream_out_is_told_of_a_hold_when_it_brings_it_back() {
    let (mut phones, a, b) = talking();
    hold(&mut phones, a);
    answers(&mut phones, "recvonly");
    said(&mut phones);

    phones.handle_sip(without(), NOW);
    phones.handle_command(Command::Bridge { a, b }, NOW);
    let told = drain(&mut phones);
    let offers = |one: &&Output| matches!(one, Output::Sip(SipCommand::Offer { .. }));
    assert_eq!(told.iter().filter(offers).count(), 0, "{told:?}");
    assert_eq!(stands(&told).1, Some(true));
    hold(&mut phones, a);
    assert_eq!(said(&mut phones), [""; 0]);

    phones.handle_sip(offered(1, "sendrecv"), NOW);
    assert_eq!(said(&mut phones), ["sendonly"]);
}

#[test]
fn who_asks_for_an_offer_and_leaves_the_stream_out_stays_in_the_call() {
    let (mut phones, ..) = talking();
    phones.handle_sip(without(), NOW);
    drain(&mut phones);
    let (call, fork, sdp) = (CallKey::In(1), None, None);
    phones.handle_sip(Event::Offered { call, fork, sdp }, NOW);
    assert_eq!(said(&mut phones).len(), 1);

    let sdp = text(&offer("sendrecv")).replace("m=audio 7000", "m=audio 0");
    phones.handle_sip(
        Event::OfferAnswered {
            call,
            sdp: Bytes::from(sdp),
        },
        NOW,
    );
    assert_eq!(drain(&mut phones), []);
    phones.handle_sip(
        Event::Offered {
            call,
            fork,
            sdp: None,
        },
        NOW,
    );
    answers(&mut phones, "sendrecv");

    let back = (7000, 7001, Direction::SendRecv);
    assert_eq!(stands(&drain(&mut phones)), (Some(back), Some(false)));
}
