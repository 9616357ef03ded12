//! Drives the edge with what endpoint, media plane and hub would say, and reads what it asks of them.

use std::{net::IpAddr, time::Duration};

use bytes::Bytes;
use sip::{
    endpoint::{
        Arrival as SipArrival, CallKey, Command as SipCommand, EndedBy, Event, Peer as SipPeer,
    },
    media::{LegKey, LegStats, MediaCommand, MediaEvent, OpenError, Program as Heard},
    quality::Quality,
    sdp::{Codec, Direction},
};
use ws::id::{InteractionId, LegId, Timestamp};

use super::{Output, Phones, Settings};
use crate::{
    command::{Command, Program, Target},
    input::{Cause, CauseKind, Input, LegNews},
    quality::Moment,
};

mod early;
mod families;
mod holds;
mod in_browser;
mod indications;
mod keys;
mod noise;
mod recorders;
mod referrals;
mod registrations;
mod rooms;
mod trunks;
mod wishes;

const NOW: Timestamp = Timestamp(1_000_000);

#[test]
fn an_inbound_call_is_opened_adopted_answered_and_told_when_confirmed() {
    let mut phones = phones(4000..=4099);
    let leg = arrive(&mut phones, 1, Some(offer("sendrecv")));

    phones.handle_media(opened(1, 4000), NOW);
    phones.handle_command(Command::Answer { leg }, NOW);
    let answered = drain(&mut phones);
    phones.handle_sip(
        Event::Confirmed {
            call: CallKey::In(1),
            sdp: None,
        },
        NOW,
    );

    let [
        Output::Sip(SipCommand::Answer { sdp, .. }),
        Output::Media(MediaCommand::Remote { media, .. }),
    ] = &answered[..]
    else {
        panic!("{answered:?}");
    };
    assert!(text(sdp).contains("m=audio 4000 RTP/AVP"), "{}", text(sdp));
    assert_eq!(media.codec, Codec::Pcma);
    assert_eq!(
        drain(&mut phones),
        [Output::Hub(Input::Leg(LegNews::Answered { leg }))]
    );
}

#[test]
fn an_answer_asked_for_early_waits_for_the_ports() {
    let mut phones = phones(4000..=4099);
    let leg = arrive(&mut phones, 1, Some(offer("sendrecv")));

    phones.handle_command(Command::Answer { leg }, NOW);
    let before = drain(&mut phones);
    phones.handle_media(opened(1, 4000), NOW);

    assert_eq!(before, []);
    assert!(matches!(
        &drain(&mut phones)[0],
        Output::Sip(SipCommand::Answer { .. })
    ));
}

#[test]
fn a_call_without_an_offer_is_answered_with_ours_and_agreed_by_the_ack() {
    let mut phones = phones(4000..=4099);
    let leg = arrive(&mut phones, 1, None);
    phones.handle_media(opened(1, 4000), NOW);
    phones.handle_command(Command::Answer { leg }, NOW);
    drain(&mut phones);

    phones.handle_sip(
        Event::Confirmed {
            call: CallKey::In(1),
            sdp: Some(offer("sendrecv")),
        },
        NOW,
    );

    let outputs = drain(&mut phones);
    assert!(
        matches!(&outputs[0], Output::Media(MediaCommand::Remote { .. })),
        "{outputs:?}"
    );
    assert_eq!(
        outputs[1],
        Output::Hub(Input::Leg(LegNews::Answered { leg }))
    );
}

#[test]
fn an_offer_nobody_can_answer_is_refused_before_the_hub_hears_of_it() {
    for (body, code) in [("no sdp at all", 400), (OPUS, 488)] {
        let mut phones = phones(4000..=4099);

        phones.handle_sip(arrived(1, Some(Bytes::from(body))), NOW);

        let outputs = drain(&mut phones);
        let [Output::Sip(SipCommand::Reject { code: told, .. })] = &outputs[..] else {
            panic!("{outputs:?}");
        };
        assert_eq!(*told, code);
        assert_eq!(phones.leg_count(), 0);
    }
}

/// Descriptions that cannot be taken, with the warn-code and the words that say what of each it is.
fn unfit() -> [(String, u16, &'static str); 5] {
    let good = text(&offer("sendrecv")).to_owned();
    let with = |from: &str, to: &str| good.replace(from, to);
    let v6 = with("IN IP4 127.0.0.1\r\nt=", "IN IP6 ::1\r\nt=");
    [
        (OPUS.to_owned(), 305, "no codec in common"),
        (
            with("m=audio", "m=video"),
            304,
            "no audio stream is described",
        ),
        (with("RTP/AVP", "RTP/SAVP"), 302, "over no protocol"),
        (
            with("c=IN IP4 127.0.0.1", "c=IN IP4 224.2.1.1/127"),
            330,
            "multicast",
        ),
        (v6, 301, "address of IPv6"),
    ]
}

#[test]
fn what_of_a_description_cannot_be_taken_is_said_by_its_code_and_in_words() {
    for (body, code, words) in unfit() {
        let mut fresh = phones(4000..=4099);
        fresh.handle_sip(arrived(1, Some(Bytes::from(body.clone()))), NOW);
        let refused = drain(&mut fresh);
        let mut talking = phones(4000..=4099);
        bridged(&mut talking);
        let change = Event::Offered {
            call: CallKey::In(1),
            fork: None,
            sdp: Some(Bytes::from(body.clone())),
        };
        talking.handle_sip(change, NOW);
        let kept = drain(&mut talking);

        for outputs in [refused, kept] {
            let warning = match &outputs[..] {
                [Output::Sip(SipCommand::Reject { warning, .. })] => warning,
                [Output::Sip(SipCommand::RefuseOffer { warning, .. })] => warning,
                _ => panic!("{outputs:?}"),
            };
            let warning = warning.as_ref().unwrap();
            assert_eq!(warning.code, code, "{body}");
            assert!(warning.text.contains(words), "{warning:?}");
        }
    }
}

#[test]
fn a_call_that_must_be_vouched_for_and_is_not_is_refused_as_rfc_8224_says() {
    use sip::stir::{Flaw, Level, Verdict};
    for (verdict, must, refused) in [
        (Verdict::Absent, true, Some(428)),
        (Verdict::Absent, false, None),
        (Verdict::Failed(Flaw::Stale), true, Some(403)),
        (Verdict::Failed(Flaw::Unreachable), true, Some(436)),
        (Verdict::Failed(Flaw::Certificate), true, Some(437)),
        (Verdict::Failed(Flaw::Authority), true, Some(437)),
        (Verdict::Failed(Flaw::Signature), true, Some(438)),
        (Verdict::Failed(Flaw::Signature), false, None),
        (Verdict::Vouched(Level::Gateway), true, None),
    ] {
        let mut phones = phones(4000..=4099);
        let mut event = arrived(1, Some(offer("sendrecv")));
        if let Event::Arrived { arrival, .. } = &mut event {
            (arrival.verdict, arrival.must_be_vouched) = (Some(verdict), must);
        }

        phones.handle_sip(event, NOW);

        let told = drain(&mut phones)
            .into_iter()
            .find_map(|output| match output {
                Output::Sip(SipCommand::Reject { code, .. }) => Some(code),
                _ => None,
            });
        assert_eq!(told, refused, "{verdict:?}");
        assert_eq!(phones.leg_count(), usize::from(refused.is_none()));
    }
}

#[test]
fn without_a_free_port_a_call_is_told_503_and_a_dialled_leg_ends() {
    let mut phones = phones(4000..=4003);
    arrive(&mut phones, 1, Some(offer("sendrecv")));

    phones.handle_sip(arrived(2, Some(offer("sendrecv"))), NOW);
    phones.handle_command(dial(8), NOW);
    phones.handle_command(dial(9), NOW);

    let outputs = drain(&mut phones);
    assert!(
        matches!(
            &outputs[0],
            Output::Sip(SipCommand::Reject {
                code: 503,
                retry_after: Some(_),
                ..
            })
        ),
        "{outputs:?}"
    );
    assert!(
        matches!(
            &outputs[1],
            Output::Media(MediaCommand::Open { port: 4002, .. })
        ),
        "one is kept for who answers: {outputs:?}"
    );
    assert!(
        matches!(&outputs[2], Output::Hub(Input::Leg(LegNews::Ended { leg, cause })) if leg.n == 9 && cause.kind == CauseKind::Interrupted),
        "{outputs:?}"
    );
}

#[test]
fn a_port_that_cannot_be_bound_is_replaced_by_another() {
    let mut phones = phones(4000..=4099);
    let leg = arrive(&mut phones, 1, Some(offer("sendrecv")));
    phones.handle_command(Command::Answer { leg }, NOW);

    phones.handle_media(
        MediaEvent::OpenFailed {
            leg: LegKey(1),
            port: 4000,
            error: OpenError::PortInUse,
        },
        NOW,
    );
    let again = drain(&mut phones);
    phones.handle_media(opened(1, 4002), NOW);

    assert!(
        matches!(
            again[..],
            [Output::Media(MediaCommand::Open { port: 4002, .. })]
        ),
        "{again:?}"
    );
    let outputs = drain(&mut phones);
    let Output::Sip(SipCommand::Answer { sdp, .. }) = &outputs[0] else {
        panic!("{outputs:?}");
    };
    assert!(text(sdp).contains("m=audio 4002"));
}

#[test]
fn a_dialled_leg_offers_rings_and_answers() {
    let mut phones = phones(4000..=4099);
    let leg = dialled(&mut phones);

    phones.handle_sip(progress(1, 180), NOW);
    phones.handle_sip(progress(1, 180), NOW);
    phones.handle_sip(
        Event::Answered {
            call: CallKey::Out(1),
            fork: None,
            sdp: Some(offer("sendrecv")),
            session: None,
            source: "192.0.2.1:5060".parse().unwrap(),
        },
        NOW,
    );

    let outputs = drain(&mut phones);
    assert_eq!(
        outputs[0],
        Output::Hub(Input::Leg(LegNews::Ringing { leg }))
    );
    assert!(
        matches!(&outputs[1], Output::Media(MediaCommand::Remote { .. })),
        "{outputs:?}"
    );
    assert_eq!(
        outputs[2],
        Output::Hub(Input::Leg(LegNews::Answered { leg }))
    );
    assert_eq!(outputs.len(), 3);
}

#[test]
fn every_message_of_a_leg_is_marked_with_its_interaction() {
    let mut phones = phones(4000..=4099);
    phones.handle_command(dial(2), NOW);
    phones.handle_media(opened(1, 4000), NOW);

    let outputs = drain(&mut phones);
    let Some(Output::Sip(SipCommand::Dial { tag, .. })) = outputs.last() else {
        panic!("{outputs:?}");
    };
    assert_eq!(tag.session.to_string(), interaction().to_string());
    assert!(
        tag.headers
            .iter()
            .any(|header| header.0 == "X-Leg-ID" && header.1.ends_with(".2"))
    );
}

#[test]
fn a_call_that_comes_back_to_us_by_itself_has_fewer_hops_each_time() {
    let hops = |came: Option<u8>| {
        let mut phones = phones(4000..=4099);
        let mut media = 1;
        if let Some(hops) = came {
            let Event::Arrived { call, mut arrival } = arrived(1, Some(offer("sendrecv"))) else {
                unreachable!()
            };
            arrival.hops = hops;
            phones.handle_sip(Event::Arrived { call, arrival }, NOW);
            let leg = leg_id(1);
            phones.handle_command(Command::Adopt { call: 1, leg }, NOW);
            media = 2;
        }
        phones.handle_command(dial(2), NOW);
        phones.handle_media(opened(media, 4000), NOW);
        let outputs = drain(&mut phones);
        let dialled = outputs.iter().find_map(|output| match output {
            Output::Sip(SipCommand::Dial { hops, .. }) => Some(*hops),
            _ => None,
        });
        dialled.unwrap()
    };

    assert_eq!(hops(None), 70);
    assert_eq!(hops(Some(70)), 69);
    assert_eq!(hops(Some(1)), 0);
}

#[test]
fn hold_is_answered_in_kind_and_a_silent_holder_leaves_music_to_the_partner() {
    let mut phones = phones(4000..=4099);
    let (a, b) = bridged(&mut phones);

    phones.handle_sip(offered(1, "inactive"), NOW);
    let held = drain(&mut phones);
    phones.handle_sip(offered(1, "sendrecv"), NOW);
    let resumed = drain(&mut phones);

    let Output::Sip(SipCommand::AcceptOffer { sdp, .. }) = &held[0] else {
        panic!("{held:?}");
    };
    assert!(text(sdp).contains("a=inactive"), "{}", text(sdp));
    assert_eq!(
        held[2],
        Output::Media(MediaCommand::Play {
            leg: LegKey(2),
            turn: 2,
            what: Heard::Music,
            repeat: false,
            witnessed: false
        })
    );
    assert_eq!(
        resumed[2],
        Output::Media(MediaCommand::StopPlaying { leg: LegKey(2) })
    );
    assert_ne!(a, b);
}

#[test]
fn an_announcement_that_ends_as_a_conversation_begins_is_followed_by_nothing() {
    let mut phones = phones(4000..=4099);
    bridged(&mut phones);

    let ended = MediaEvent::Played {
        leg: LegKey(1),
        turn: 0,
    };
    phones.handle_media(ended, NOW);

    assert_eq!(drain(&mut phones), []);
}

#[test]
fn a_sendonly_hold_is_answered_recvonly_and_its_own_music_is_relayed() {
    let mut phones = phones(4000..=4099);
    bridged(&mut phones);

    phones.handle_sip(offered(1, "sendonly"), NOW);

    let outputs = drain(&mut phones);
    let [
        Output::Sip(SipCommand::AcceptOffer { sdp, .. }),
        Output::Media(MediaCommand::Remote { media, .. }),
        Output::Hub(Input::Leg(LegNews::Hears { on: false, .. })),
    ] = &outputs[..]
    else {
        panic!("{outputs:?}");
    };
    assert!(text(sdp).contains("a=recvonly"));
    assert_eq!(media.direction, Direction::RecvOnly);
}

#[test]
fn whom_a_holder_brings_no_music_hears_ours_until_it_does() {
    let mut phones = phones(4000..=4099);
    bridged(&mut phones);
    phones.handle_media(MediaEvent::Flowing { leg: LegKey(1) }, NOW);
    phones.handle_sip(offered(1, "sendonly"), NOW);
    drain(&mut phones);
    let music = |turn| {
        Output::Media(MediaCommand::Play {
            leg: LegKey(2),
            turn,
            what: Heard::Music,
            repeat: false,
            witnessed: false,
        })
    };
    let over = Output::Media(MediaCommand::StopPlaying { leg: LegKey(2) });

    phones.handle_media(MediaEvent::Hushed { leg: LegKey(1) }, NOW);
    assert_eq!(drain(&mut phones), [music(2)]);
    phones.handle_media(MediaEvent::Flowing { leg: LegKey(1) }, NOW);
    assert_eq!(drain(&mut phones), std::slice::from_ref(&over));

    phones.handle_media(MediaEvent::Hushed { leg: LegKey(1) }, NOW);
    assert_eq!(drain(&mut phones), [music(4)]);
    phones.handle_sip(offered(1, "sendrecv"), NOW);
    assert!(drain(&mut phones).contains(&over));
}

#[test]
fn a_leg_ends_once_and_its_port_comes_back_when_media_let_go() {
    let mut phones = phones(4000..=4003);
    let leg = arrive(&mut phones, 1, Some(offer("sendrecv")));
    phones.handle_media(opened(1, 4000), NOW);
    phones.handle_command(Command::Answer { leg }, NOW);
    drain(&mut phones);
    let ended = Event::Ended {
        call: CallKey::In(1),
        by: EndedBy::Far,
        cause: None,
    };

    phones.handle_sip(ended.clone(), NOW);
    phones.handle_sip(ended, NOW);
    phones.handle_command(
        Command::Release {
            leg,
            cause: normal(),
        },
        NOW,
    );
    let outputs = drain(&mut phones);
    phones.handle_media(
        MediaEvent::Stats {
            leg: LegKey(1),
            stats: LegStats::default(),
        },
        NOW,
    );
    phones.handle_sip(
        arrived(2, Some(offer("sendrecv"))),
        NOW + Duration::from_secs(60),
    );

    assert_eq!(
        outputs,
        [
            Output::Media(MediaCommand::Close { leg: LegKey(1) }),
            Output::Hub(Input::Leg(LegNews::Ended {
                leg,
                cause: normal()
            })),
        ]
    );
    assert!(matches!(
        drain(&mut phones)[0],
        Output::Media(MediaCommand::Open { .. })
    ));
}

#[test]
fn rtp_is_bound_at_home_and_named_as_peers_reach_it() {
    let mut phones = phones(4000..=4099);

    phones.handle_sip(arrived(1, Some(offer("sendrecv"))), NOW);
    let opening = drain(&mut phones);
    phones.handle_command(
        Command::Adopt {
            call: 1,
            leg: leg_id(1),
        },
        NOW,
    );
    phones.handle_media(opened(1, 4000), NOW);
    phones.handle_command(Command::Answer { leg: leg_id(1) }, NOW);
    let answered = drain(&mut phones);

    let Output::Media(MediaCommand::Open { addresses, .. }) = &opening[0] else {
        panic!("{opening:?}");
    };
    assert!(addresses.first().is_unspecified(), "{addresses:?}");
    let sdp = answered.iter().find_map(|output| match output {
        Output::Sip(SipCommand::Answer { sdp, .. }) => Some(text(sdp)),
        Output::Sip(_)
        | Output::Media(_)
        | Output::Hub(_)
        | Output::Browser(_)
        | Output::Elsewhere { .. } => None,
    });
    assert!(
        sdp.as_ref()
            .is_some_and(|sdp| sdp.contains("c=IN IP4 127.0.0.1")),
        "{sdp:?}"
    );
}

#[test]
fn a_caller_who_gave_up_before_the_adoption_is_told_to_the_hub_then() {
    let mut phones = phones(4000..=4099);
    phones.handle_sip(arrived(1, Some(offer("sendrecv"))), NOW);
    phones.handle_sip(
        Event::Cancelled {
            call: CallKey::In(1),
            cause: None,
        },
        NOW,
    );
    drain(&mut phones);
    let leg = leg_id(1);

    phones.handle_command(Command::Adopt { call: 1, leg }, NOW);

    let outputs = drain(&mut phones);
    assert!(
        matches!(&outputs[..], [Output::Hub(Input::Leg(LegNews::Ended { cause, .. }))] if cause.kind == CauseKind::Cancelled),
        "{outputs:?}"
    );
}

#[test]
fn a_released_call_is_refused_cancelled_or_hung_up_by_its_state() {
    let mut phones = phones(4000..=4099);
    let ringing = arrive(&mut phones, 1, Some(offer("sendrecv")));
    phones.handle_command(
        Command::Release {
            leg: ringing,
            cause: Cause {
                kind: CauseKind::Busy,
                status: None,
                text: "busy".to_owned(),
            },
        },
        NOW,
    );
    let refused = drain(&mut phones);
    let mut other = self::phones(4000..=4099);
    let leg = dialled(&mut other);
    other.handle_command(
        Command::Release {
            leg,
            cause: normal(),
        },
        NOW,
    );
    let hung_up = drain(&mut other);

    assert!(
        matches!(
            &refused[0],
            Output::Sip(SipCommand::HangUp { cause, .. })
                if (cause.sip, cause.q850) == (Some(486), Some(17))
        ),
        "{refused:?}"
    );
    assert!(
        matches!(hung_up[0], Output::Sip(SipCommand::HangUp { .. })),
        "{hung_up:?}"
    );
}

#[test]
fn a_holder_that_sends_no_music_is_not_taken_for_gone() {
    let mut phones = phones(4000..=4099);
    bridged(&mut phones);
    phones.handle_media(MediaEvent::Flowing { leg: LegKey(1) }, NOW);
    phones.handle_sip(offered(1, "sendonly"), NOW);
    drain(&mut phones);

    phones.handle_media(MediaEvent::Stopped { leg: LegKey(1) }, NOW);
    let held = drain(&mut phones);
    phones.handle_sip(offered(1, "sendrecv"), NOW);
    drain(&mut phones);
    phones.handle_media(MediaEvent::Stopped { leg: LegKey(1) }, NOW);

    assert_eq!(held, []);
    let gone = drain(&mut phones);
    assert!(
        matches!(gone[0], Output::Sip(SipCommand::HangUp { .. })),
        "{gone:?}"
    );
}

#[test]
fn a_leg_whose_media_stopped_is_hung_up_and_one_that_never_sent_is_left_alone() {
    let mut phones = phones(4000..=4099);
    bridged(&mut phones);

    phones.handle_media(MediaEvent::Stopped { leg: LegKey(1) }, NOW);
    let mute = drain(&mut phones);
    phones.handle_media(MediaEvent::Flowing { leg: LegKey(1) }, NOW);
    drain(&mut phones);
    phones.handle_media(MediaEvent::Stopped { leg: LegKey(1) }, NOW);

    assert_eq!(mute, []);
    let outputs = drain(&mut phones);
    assert!(
        matches!(outputs[0], Output::Sip(SipCommand::HangUp { .. })),
        "{outputs:?}"
    );
    let ended = parted(&mut phones, LegStats::default());
    assert!(
        matches!(&ended[..], [Output::Hub(Input::Leg(LegNews::Ended { cause, .. }))] if cause.kind == CauseKind::MediaLost),
        "{ended:?}"
    );
}

/// What follows on the last numbers of the first leg.
fn parted(phones: &mut Phones, stats: LegStats) -> Vec<Output> {
    let leg = LegKey(1);
    phones.handle_media(MediaEvent::Stats { leg, stats }, NOW);
    drain(phones)
}

#[test]
fn a_leg_is_measured_while_it_lives_and_before_its_end_is_told() {
    let mut phones = phones(4000..=4099);
    bridged(&mut phones);
    let stats = LegStats {
        codec: Some(Codec::Pcma),
        packets_received: 900,
        packets_lost: 100,
        ..LegStats::default()
    };
    let quality = Quality::of(&stats).unwrap();
    let key = LegKey(1);
    let turned = MediaEvent::Turned {
        leg: key,
        poor: true,
        quality,
    };

    phones.handle_media(MediaEvent::Flowing { leg: key }, NOW);
    drain(&mut phones);
    phones.handle_media(turned.clone(), NOW);
    let poor = drain(&mut phones);
    phones.handle_media(MediaEvent::Failed { leg: key }, NOW);
    let closing = drain(&mut phones);
    phones.handle_media(turned, NOW);
    let late = drain(&mut phones);
    let ended = parted(&mut phones, stats);

    let measured = |outputs: &[Output]| match outputs {
        [
            Output::Hub(Input::Leg(LegNews::Measured {
                moment, measured, ..
            })),
            ..,
        ] => Some((*moment, measured.lost)),
        _ => None,
    };
    assert_eq!(measured(&poor), Some((Moment::Poor, 1000)));
    assert!(
        !closing
            .iter()
            .any(|output| matches!(output, Output::Hub(_)))
    );
    assert_eq!(late, [], "it is over");
    assert_eq!(measured(&ended), Some((Moment::Ended, 1000)));
    assert!(matches!(
        &ended[1..],
        [Output::Hub(Input::Leg(LegNews::Ended { .. }))]
    ));
    assert_eq!(parted(&mut phones, stats), [], "it ends once");
}

#[test]
fn a_waiting_caller_hears_the_place_and_then_music() {
    let mut phones = phones(4000..=4099);
    let leg = arrive(&mut phones, 1, Some(offer("sendrecv")));
    phones.handle_media(opened(1, 4000), NOW);
    phones.handle_command(Command::Answer { leg }, NOW);
    drain(&mut phones);

    let waiting = Program::Waiting {
        position: 3,
        callback: false,
        minutes: None,
    };
    phones.handle_command(
        Command::Play {
            leg,
            program: waiting,
        },
        NOW,
    );
    let told = drain(&mut phones);
    let ended = MediaEvent::Played {
        leg: LegKey(1),
        turn: 1,
    };
    phones.handle_media(ended, NOW);

    assert!(
        matches!(&told[0], Output::Media(MediaCommand::Play { what: Heard::Prompt(prompts), .. }) if prompts.len() == 4),
        "{told:?}"
    );
    assert!(matches!(
        drain(&mut phones)[0],
        Output::Media(MediaCommand::Play {
            what: Heard::Music,
            ..
        })
    ));
}

#[test]
fn a_place_that_ends_as_a_farewell_begins_does_not_cut_the_farewell() {
    let mut phones = phones(4000..=4099);
    let leg = arrive(&mut phones, 1, Some(offer("sendrecv")));
    phones.handle_media(opened(1, 4000), NOW);
    phones.handle_command(Command::Answer { leg }, NOW);
    let program = Program::Waiting {
        position: 3,
        callback: false,
        minutes: None,
    };
    phones.handle_command(Command::Play { leg, program }, NOW);
    let dismiss = Command::Dismiss {
        leg,
        program: Program::Goodbye,
        cause: Cause {
            kind: CauseKind::Normal,
            status: None,
            text: "nobody came".to_owned(),
        },
    };
    phones.handle_command(dismiss, NOW);
    drain(&mut phones);
    let ended = |turn| MediaEvent::Played {
        leg: LegKey(1),
        turn,
    };

    phones.handle_media(ended(1), NOW);
    let place = drain(&mut phones);
    phones.handle_media(ended(2), NOW);
    let farewell = drain(&mut phones);

    assert_eq!(place, []);
    assert!(
        matches!(&farewell[0], Output::Sip(SipCommand::HangUp { .. })),
        "{farewell:?}"
    );
}

#[test]
fn the_hub_is_told_which_of_what_it_asked_for_was_heard() {
    let mut phones = phones(4000..=4099);
    let leg = arrive(&mut phones, 1, Some(offer("sendrecv")));
    phones.handle_media(opened(1, 4000), NOW);
    phones.handle_command(Command::Answer { leg }, NOW);
    for _ in 0..2 {
        let program = Program::Say(vec!["beep".into()]);
        phones.handle_command(Command::Play { leg, program }, NOW);
    }
    drain(&mut phones);

    let ended = MediaEvent::Played {
        leg: LegKey(1),
        turn: 2,
    };
    phones.handle_media(ended, NOW);

    let heard = Output::Hub(Input::Leg(LegNews::Heard { leg, turn: 2 }));
    assert!(drain(&mut phones).contains(&heard));
}

#[test]
fn an_announcement_in_between_is_witnessed_and_the_hub_is_told_where_some_of_it_was_missed() {
    let mut phones = phones(4000..=4099);
    let (a, _) = bridged(&mut phones);
    let say = vec!["recorded".into()];
    phones.handle_command(Command::Notice { leg: a, say }, NOW);
    let told = drain(&mut phones);
    let [
        Output::Media(MediaCommand::Play {
            turn, witnessed, ..
        }),
    ] = told[..]
    else {
        panic!("{told:?}");
    };
    assert!(witnessed);

    let missed = |turn| MediaEvent::Missed {
        leg: LegKey(1),
        turn,
    };
    phones.handle_media(missed(turn - 1), NOW);
    assert_eq!(drain(&mut phones), []);
    phones.handle_media(missed(turn), NOW);

    let told = drain(&mut phones);
    let [Output::Hub(Input::Leg(LegNews::Missed { leg, .. }))] = told[..] else {
        panic!("{told:?}");
    };
    assert_eq!(leg, a);
}

#[test]
fn who_is_called_under_the_callers_number_is_sent_what_was_signed_of_their_call_unless_it_does_not_hold()
 {
    use sip::stir::{Flaw, Level, Signed, Verdict};
    let signed = Signed {
        identities: vec!["one".to_owned()],
        ..Signed::default()
    };
    let nothing = Signed::default();
    let number = || Some("+49301234".parse().unwrap());
    let other = || Some("+49309".parse().unwrap());
    for (verdict, caller, expected) in [
        (Some(Verdict::Vouched(Level::Full)), number(), Some(&signed)),
        (None, number(), Some(&signed)),
        (
            Some(Verdict::Failed(Flaw::Unreachable)),
            number(),
            Some(&signed),
        ),
        (
            Some(Verdict::Failed(Flaw::Signature)),
            number(),
            Some(&nothing),
        ),
        (None, other(), None),
        (None, None, None),
    ] {
        let mut phones = phones(4000..=4099);
        let mut event = arrived(1, Some(offer("sendrecv")));
        if let Event::Arrived { arrival, .. } = &mut event {
            arrival.signed = Some(Box::new(signed.clone()));
            arrival.verdict = verdict;
        }
        phones.handle_sip(event, NOW);
        let leg = leg_id(1);
        phones.handle_command(Command::Adopt { call: 1, leg }, NOW);
        let to = Target::Trunk {
            trunk: "test".parse().unwrap(),
            number: "+49171".parse().unwrap(),
        };
        let command = Command::Dial {
            leg: leg_id(2),
            to,
            caller: caller.clone(),
            name: None,
            referral: None,
            detours: Vec::new(),
        };
        phones.handle_command(command, NOW);
        drain(&mut phones);
        phones.handle_media(opened(2, 4002), NOW);

        let told = drain(&mut phones);
        let from = told.iter().find_map(|output| match output {
            Output::Sip(SipCommand::Dial { from, .. }) => Some(from),
            _ => None,
        });
        let sent_on = from.unwrap().sent_on.as_deref();
        assert_eq!(sent_on, expected, "{verdict:?} {caller:?}");
    }
}

const OPUS: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
    m=audio 7000 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n";

fn offer(direction: &str) -> Bytes {
    Bytes::from(format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 7000 RTP/AVP 8\r\n\
         a=rtpmap:8 PCMA/8000\r\na={direction}\r\n"
    ))
}

fn phones(ports: std::ops::RangeInclusive<u16>) -> Phones {
    let settings = Settings {
        bind: IpAddr::from([0, 0, 0, 0]).into(),
        address: IpAddr::from([127, 0, 0, 1]).into(),
        ports,
        rest: Duration::from_secs(30),
        ring: Duration::from_secs(30),
        codecs: vec![Codec::Pcmu, Codec::Pcma],
        trunk_codecs: std::collections::BTreeMap::new(),
        holds: super::Holds::default(),
        srtp: crate::edge::phone::SrtpRules::default(),
        browsers: None,
    };
    Phones::new(settings, [7; 32])
}

fn interaction() -> InteractionId {
    "0af7651916cd43dd8448eb211c80319c".parse().unwrap()
}

fn leg_id(n: u16) -> LegId {
    LegId {
        interaction: interaction(),
        n,
    }
}

fn normal() -> Cause {
    Cause {
        kind: CauseKind::Normal,
        status: None,
        text: "hung up".to_owned(),
    }
}

/// What is kept of the header fields of a call that comes in.
fn kept(withheld: bool) -> Vec<String> {
    let mut phones = phones(4000..=4099);
    let mut event = arrived(1, Some(offer("sendrecv")));
    if let Event::Arrived { arrival, .. } = &mut event {
        arrival.caller.withheld = withheld;
        let names = [
            "Diversion",
            "History-Info",
            "Referred-By",
            "Subject",
            "x-original-ani",
            "Priority",
            "User-Agent",
            "X-CID",
        ];
        arrival.headers = names
            .map(|name| (name.to_owned(), "+49301234".to_owned()))
            .into();
    }
    phones.handle_sip(event, NOW);
    let outputs = drain(&mut phones);
    let arrivals = outputs.iter().filter_map(|output| match output {
        Output::Hub(Input::CallArrived(arrival)) => Some(arrival),
        Output::Hub(_)
        | Output::Sip(_)
        | Output::Media(_)
        | Output::Browser(_)
        | Output::Elsewhere { .. } => None,
    });
    let ids = arrivals.flat_map(|arrival| &arrival.external);
    ids.map(|(name, _)| name.clone()).collect()
}

#[test]
fn of_who_withholds_the_number_nothing_is_kept_that_may_tell_it() {
    assert_eq!(kept(false).len(), 7, "all but our own mark");
    assert_eq!(kept(true), ["Priority", "User-Agent"]);
}

#[test]
fn what_another_system_says_of_a_call_is_shown_where_its_trunk_is_trusted() {
    let said = "04c8134163000000000000000000000a;encoding=hex;purpose=isdn-uui";
    for (trusted, withheld, shown) in [
        (true, false, Some(said)),
        (false, false, None),
        (true, true, None),
    ] {
        let mut phones = phones(4000..=4099);
        let mut event = arrived(1, Some(offer("sendrecv")));
        if let Event::Arrived { arrival, .. } = &mut event {
            arrival.trusted = trusted;
            arrival.caller.withheld = withheld;
            arrival.headers = vec![("User-to-User".to_owned(), said.to_owned())];
        }

        phones.handle_sip(event, NOW);

        let outputs = drain(&mut phones);
        let told = outputs.iter().find_map(|output| match output {
            Output::Hub(Input::CallArrived(arrival)) => Some(&arrival.caller.shown),
            _ => None,
        });
        assert_eq!(told.unwrap().user_to_user.as_deref(), shown);
    }
}

fn arrived(call: u64, offer: Option<Bytes>) -> Event {
    Event::Arrived {
        call: CallKey::In(call),
        arrival: Box::new(SipArrival {
            transport: sip::endpoint::Transport::Udp,
            peer: SipPeer::Trunk("test".to_owned()),
            trusted: true,
            source: "127.0.0.1:5080".parse().unwrap(),
            to_user: "support".to_owned(),
            caller: sip::endpoint::Caller {
                user: "+49301234".to_owned(),
                ..Default::default()
            },
            call_id: format!("call-{call}"),
            hops: 70,
            session: None,
            offer,
            replaces: None,
            signed: None,
            verdict: None,
            must_be_vouched: false,
            diverted: None,
            headers: Vec::new(),
        }),
    }
}

/// Lets call `n` arrive and be adopted as leg `n`.
fn arrive(phones: &mut Phones, n: u16, offer: Option<Bytes>) -> LegId {
    let leg = leg_id(n);
    phones.handle_sip(arrived(u64::from(n), offer), NOW);
    phones.handle_command(
        Command::Adopt {
            call: u64::from(n),
            leg,
        },
        NOW,
    );
    drain(phones);
    leg
}

fn dial(n: u16) -> Command {
    Command::Dial {
        leg: leg_id(n),
        to: Target::Phone("anna".parse().unwrap()),
        caller: None,
        name: None,
        referral: None,
        detours: Vec::new(),
    }
}

/// Dials leg 2 as the first call.
fn dialled(phones: &mut Phones) -> LegId {
    phones.handle_command(dial(2), NOW);
    phones.handle_media(opened(1, 4000), NOW);
    drain(phones);
    leg_id(2)
}

/// Bridges inbound leg 1 (media leg 1) with dialled leg 2 (media leg 2).
fn bridged(phones: &mut Phones) -> (LegId, LegId) {
    let a = arrive(phones, 1, Some(offer("sendrecv")));
    phones.handle_media(opened(1, 4000), NOW);
    phones.handle_command(Command::Answer { leg: a }, NOW);
    phones.handle_sip(
        Event::Confirmed {
            call: CallKey::In(1),
            sdp: None,
        },
        NOW,
    );
    phones.handle_command(dial(2), NOW);
    phones.handle_media(opened(2, 4002), NOW);
    phones.handle_sip(
        Event::Answered {
            call: CallKey::Out(2),
            fork: None,
            sdp: Some(offer("sendrecv")),
            session: None,
            source: "192.0.2.1:5060".parse().unwrap(),
        },
        NOW,
    );
    phones.handle_command(Command::Bridge { a, b: leg_id(2) }, NOW);
    let outputs = drain(phones);
    assert!(outputs.contains(&Output::Media(MediaCommand::Bridge {
        a: LegKey(1),
        b: LegKey(2)
    })));
    (a, leg_id(2))
}

fn opened(leg: u64, port: u16) -> MediaEvent {
    MediaEvent::Opened {
        leg: LegKey(leg),
        port,
    }
}

fn progress(call: u64, code: u16) -> Event {
    Event::Progress {
        call: CallKey::Out(call),
        fork: None,
        code,
        reason: String::new(),
        sdp: None,
    }
}

fn offered(call: u64, direction: &str) -> Event {
    Event::Offered {
        call: CallKey::In(call),
        fork: None,
        sdp: Some(offer(direction)),
    }
}

fn drain(phones: &mut Phones) -> Vec<Output> {
    std::iter::from_fn(|| phones.poll_output()).collect()
}

fn text(bytes: &Bytes) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn a_leg_whose_media_failed_here_ends_with_that_reason() {
    let mut phones = phones(4000..=4099);
    bridged(&mut phones);

    phones.handle_media(MediaEvent::Failed { leg: LegKey(1) }, NOW);
    let outputs = drain(&mut phones);
    phones.handle_media(MediaEvent::Failed { leg: LegKey(1) }, NOW);

    assert!(
        matches!(outputs[0], Output::Sip(SipCommand::HangUp { .. })),
        "{outputs:?}"
    );
    let ended = |output: &Output| {
        matches!(output, Output::Hub(Input::Leg(LegNews::Ended { cause, .. }))
            if cause.kind == CauseKind::Fault && cause.text == "its audio failed here")
    };
    assert!(outputs.iter().any(ended), "{outputs:?}");
    assert_eq!(drain(&mut phones), []);
}
