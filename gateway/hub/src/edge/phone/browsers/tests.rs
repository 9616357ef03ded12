use std::net::IpAddr;

use sip::{
    media::{LegStats, MediaEvent},
    sdp::{BrowserLocal, Fingerprint},
};
use ws::id::Timestamp;

use super::*;
use crate::{
    command::{Command, Program, Target},
    edge::phone::Settings,
    input::Cause,
};

const NOW: Timestamp = Timestamp(1_000_000);
const TO: Asker = Asker { socket: 4, id: 9 };

fn phones() -> Phones {
    let codecs = vec![Codec::Pcmu, Codec::Pcma];
    let settings = Settings {
        bind: IpAddr::from([127, 0, 0, 1]).into(),
        address: IpAddr::from([127, 0, 0, 1]).into(),
        ports: 4000..=4099,
        rest: std::time::Duration::from_secs(3),
        ring: std::time::Duration::from_secs(30),
        codecs,
        trunk_codecs: std::collections::BTreeMap::new(),
        holds: crate::edge::phone::Holds::default(),
        srtp: crate::edge::phone::SrtpRules::default(),
        browsers: Some(BrowserLocal {
            addresses: vec!["192.0.2.7:10000".parse().unwrap()],
            fingerprint: Fingerprint([7; 32]),
            codecs: vec![Codec::Opus, Codec::Pcmu, Codec::Pcma],
        }),
    };
    Phones::new(settings, [7; 32])
}

fn offer(numbers: &str) -> String {
    offer_of(9, numbers)
}

fn offer_of(page: u8, numbers: &str) -> String {
    let print = Fingerprint([page; 32]);
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF {numbers}\r\n\
         c=IN IP4 0.0.0.0\r\na=ice-ufrag:them\r\na=ice-pwd:a password of at least 22\r\na=fingerprint:sha-256 {print}\r\n\
         a=setup:actpass\r\na=mid:0\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\na=rtpmap:126 telephone-event/8000\r\n"
    )
}

fn who() -> Introduction {
    Introduction {
        visitor: VisitorId::new(5).unwrap(),
        zone: "shop".parse().unwrap(),
        name: Some("Kim".to_owned()),
        mail: None,
        verified: None,
        page: None,
        referrer: None,
        form: None,
    }
}

fn leg_id(n: u16) -> LegId {
    let interaction = InteractionId::new(77).unwrap();
    LegId { interaction, n }
}

fn drain(phones: &mut Phones) -> Vec<Output> {
    std::iter::from_fn(|| phones.poll_output()).collect()
}

fn calls(phones: &mut Phones, sdp: &str) -> Vec<Output> {
    phones.handle_browser(FromBrowser::Call {
        to: TO,
        who: Box::new(who()),
        candidate: InteractionId::new(77).unwrap(),
        chat: None,
        sdp: sdp.to_owned(),
    });
    drain(phones)
}

fn arrived(outputs: &[Output]) -> &Arrival {
    match outputs {
        [Output::Hub(Input::CallArrived(arrival))] => arrival,
        other => panic!("{other:?}"),
    }
}

/// Lets a visitor call and be leg 1, media leg 1.
fn adopted(phones: &mut Phones) -> Vec<Output> {
    let told = calls(phones, &offer("0 8 126"));
    let call = arrived(&told).call;
    let leg = leg_id(1);
    phones.handle_command(Command::Adopt { call, leg }, NOW);
    drain(phones)
}

fn asks(phones: &mut Phones, owner: Owner, n: u16, sdp: &str) -> Vec<Output> {
    phones.handle_browser(FromBrowser::Media {
        to: TO,
        page: TO.socket,
        owner,
        leg: leg_id(n),
        sdp: sdp.to_owned(),
    });
    drain(phones)
}

fn visitor() -> Owner {
    Owner::Visitor(who().visitor)
}

fn anna() -> Owner {
    Owner::Agent("anna".parse().unwrap())
}

fn rings(phones: &mut Phones, n: u16) -> Vec<Output> {
    let dial = Command::Dial {
        leg: leg_id(n),
        to: Target::Browser("anna".parse().unwrap()),
        caller: None,
        name: None,
        referral: None,
        detours: Vec::new(),
    };
    phones.handle_command(dial, NOW);
    drain(phones)
}

fn secured(phones: &mut Phones, key: u64) -> Vec<Output> {
    let leg = LegKey(key);
    phones.handle_media(MediaEvent::Secured { leg }, NOW);
    drain(phones)
}

fn refused(outputs: &[Output]) -> &Refusal {
    match outputs.last() {
        Some(Output::Browser(Reply {
            to: TO,
            result: Err(refusal),
        })) => refusal,
        other => panic!("{other:?}"),
    }
}

fn answered(n: u16) -> Output {
    Output::Hub(Input::Leg(LegNews::Answered { leg: leg_id(n) }))
}

#[test]
fn a_visitors_call_arrives_like_any_other_and_its_page_is_answered_once_it_is_a_leg() {
    let mut phones = phones();

    let told = calls(&mut phones, &offer("0 8 126"));
    let arrival = arrived(&told);
    assert_eq!(arrival.peer, Peer::Browser(Box::new(who())));
    let call = arrival.call;
    let leg = leg_id(1);
    phones.handle_command(Command::Adopt { call, leg }, NOW);
    let told = drain(&mut phones);

    let [
        Output::Media(MediaCommand::Browser { leg: a, security }),
        Output::Media(MediaCommand::Remote { leg: b, media }),
        Output::Browser(Reply { to, result }),
    ] = &told[..]
    else {
        panic!("{told:?}");
    };
    assert_eq!((*a, *b, *to), (LegKey(1), LegKey(1), TO));
    assert_eq!(security.ufrag, "them");
    assert_eq!(media.codec, Codec::Pcmu);
    let Ok(Done::Media { leg: named, sdp }) = result else {
        panic!("{result:?}");
    };
    assert_eq!(*named, leg);
    assert!(sdp.contains(&security.ice.ufrag) && sdp.contains(&security.ice.password));
}

#[test]
fn a_visitors_leg_is_answered_when_it_is_wanted_and_its_handshake_is_done_in_either_order() {
    for secured_first in [true, false] {
        let mut phones = phones();
        adopted(&mut phones);
        let answer = Command::Answer { leg: leg_id(1) };

        if secured_first {
            assert_eq!(secured(&mut phones, 1), []);
            phones.handle_command(answer, NOW);
        } else {
            phones.handle_command(answer, NOW);
            assert!(!drain(&mut phones).contains(&answered(1)));
            let leg = LegKey(1);
            phones.handle_media(MediaEvent::Secured { leg }, NOW);
        }

        let told = drain(&mut phones);
        assert!(told.contains(&answered(1)), "{told:?}");
        assert_eq!(secured(&mut phones, 1), [], "only once");
    }
}

#[test]
fn nothing_of_a_browsers_leg_goes_to_the_sip_side_and_it_takes_no_port() {
    let mut phones = phones();
    let mut all = adopted(&mut phones);
    all.extend(rings(&mut phones, 2));
    let cause = Cause {
        kind: CauseKind::Normal,
        status: None,
        text: "hung up".to_owned(),
    };
    for command in [
        Command::Ring { leg: leg_id(1) },
        Command::Queued {
            leg: leg_id(1),
            position: 1,
        },
        Command::Answer { leg: leg_id(1) },
        Command::Play {
            leg: leg_id(1),
            program: Program::Music,
        },
        Command::Release {
            leg: leg_id(1),
            cause: cause.clone(),
        },
        Command::Release {
            leg: leg_id(2),
            cause,
        },
    ] {
        phones.handle_command(command, NOW);
        all.extend(drain(&mut phones));
    }

    let to_sip = |output: &&Output| matches!(output, Output::Sip(_));
    assert_eq!(all.iter().filter(to_sip).count(), 0, "{all:?}");
    let ended = |output: &&Output| matches!(output, Output::Hub(Input::Leg(LegNews::Ended { .. })));
    assert_eq!(all.iter().filter(ended).count(), 2, "{all:?}");
    assert_eq!((phones.leg_count(), phones.ports_in_use()), (0, 0));
    let stats = LegStats::default();
    let leg = LegKey(1);
    phones.handle_media(MediaEvent::Stats { leg, stats }, NOW);
    assert_eq!(drain(&mut phones), []);
}

#[test]
fn what_the_hub_or_the_offer_does_not_allow_is_said_to_the_page_and_leaves_nothing() {
    let mut phones = phones();

    let told = calls(&mut phones, "v=0");
    assert_eq!(refused(&told).code, Code::OutOfRange);
    let told = calls(&mut phones, &offer("9"));
    assert_eq!(refused(&told).text, "no codec in common");
    let told = calls(&mut phones, &offer("0"));
    let refuse = Command::Refuse {
        call: arrived(&told).call,
        status: 486,
        text: "the queue is full".to_owned(),
        retry_after: None,
    };
    phones.handle_command(refuse, NOW);

    let told = drain(&mut phones);
    let refusal = refused(&told);
    assert_eq!(
        (refusal.code, &*refusal.text),
        (Code::Full, "the queue is full")
    );
    assert_eq!(phones.leg_count(), 0);

    phones.settings.browsers = None;
    let told = calls(&mut phones, &offer("0"));
    assert_eq!(refused(&told).code, Code::Unavailable);
}

#[test]
fn a_headset_rings_until_its_console_takes_the_call_and_nobody_elses() {
    let mut phones = phones();

    assert_eq!(
        rings(&mut phones, 2),
        [Output::Hub(Input::Leg(LegNews::Ringing { leg: leg_id(2) }))]
    );
    assert_eq!(secured(&mut phones, 1), [], "nobody took it");
    let told = asks(&mut phones, visitor(), 2, &offer("0"));
    assert_eq!(refused(&told).code, Code::NotFound);
    let berta = Owner::Agent("berta".parse().unwrap());
    let told = asks(&mut phones, berta, 2, &offer("0"));
    assert_eq!(refused(&told).code, Code::NotFound);

    let told = asks(&mut phones, anna(), 2, &offer("0"));
    assert!(matches!(
        told.last(),
        Some(Output::Browser(Reply { result: Ok(_), .. }))
    ));
    assert_eq!(secured(&mut phones, 1), [answered(2)]);
}

#[test]
fn a_page_takes_its_leg_up_again_under_the_same_name_and_codec() {
    let mut phones = phones();
    adopted(&mut phones);
    phones.handle_command(Command::Answer { leg: leg_id(1) }, NOW);
    secured(&mut phones, 1);

    let told = asks(&mut phones, visitor(), 1, &offer("8 0 126"));

    let [
        Output::Media(MediaCommand::Browser { leg, .. }),
        Output::Media(MediaCommand::Remote { media, .. }),
        Output::Browser(Reply {
            result: Ok(Done::Media { sdp, .. }),
            ..
        }),
    ] = &told[..]
    else {
        panic!("{told:?}");
    };
    assert_eq!((*leg, media.codec), (LegKey(1), Codec::Pcmu));
    assert!(
        sdp.lines()
            .any(|line| line.starts_with("o=-") && line.contains(" 2 IN"))
    );
    assert_eq!(secured(&mut phones, 1), [], "it was answered before");
}

/// Asks as a page that has this socket and this certificate.
fn takes(phones: &mut Phones, owner: Owner, socket: u64, page: u8) -> Vec<Output> {
    phones.handle_browser(FromBrowser::Media {
        to: Asker { socket, id: 9 },
        page: socket,
        owner,
        leg: leg_id(1),
        sdp: offer_of(page, "0 8 126"),
    });
    drain(phones)
}

fn media(outputs: &[Output]) -> usize {
    let media = |output: &&Output| matches!(output, Output::Media(_));
    outputs.iter().filter(media).count()
}

#[test]
fn a_leg_is_at_the_page_that_took_it_last_and_the_one_before_is_told_and_does_not_get_it_back() {
    let mut phones = phones();
    adopted(&mut phones);
    phones.handle_command(Command::Answer { leg: leg_id(1) }, NOW);
    secured(&mut phones, 1);
    let elsewhere = |told: &[Output]| match told.first() {
        Some(Output::Elsewhere { socket, leg }) if *leg == leg_id(1) => Some(*socket),
        _ => None,
    };

    let told = takes(&mut phones, visitor(), 5, 10);
    assert_eq!(elsewhere(&told), Some(TO.socket));
    assert_eq!(media(&told), 2, "{told:?}");

    // The first one may not have heard of it, and mends its way by whatever socket it has now.
    for socket in [TO.socket, 6] {
        let told = takes(&mut phones, visitor(), socket, 9);
        let [Output::Browser(Reply { result, .. })] = &told[..] else {
            panic!("nothing is taken from the second: {told:?}");
        };
        let refusal = result.as_ref().unwrap_err();
        assert_eq!(
            (refusal.code, &*refusal.text),
            (Code::Conflict, "this call goes on in another page")
        );
    }

    let told = takes(&mut phones, visitor(), 7, 10);
    assert_eq!(elsewhere(&told), None, "it has it, by another socket");
    assert_eq!(media(&told), 2);
    let told = takes(&mut phones, visitor(), TO.socket, 11);
    assert_eq!(elsewhere(&told), Some(7), "the first page takes it anew");
    let told = takes(&mut phones, visitor(), TO.socket, 12);
    assert_eq!(elsewhere(&told), None, "nobody is told of their own doing");
    assert_eq!(media(&told), 2);
}

#[test]
fn a_page_that_takes_a_leg_anew_hears_nothing_before_its_handshake() {
    let mut phones = phones();
    adopted(&mut phones);
    let leg = leg_id(1);
    phones.handle_command(Command::Answer { leg }, NOW);
    let hears = |on| Output::Hub(Input::Leg(LegNews::Hears { leg, on }));
    let told = secured(&mut phones, 1);
    assert!(!told.contains(&hears(true)), "{told:?}");

    let same = takes(&mut phones, visitor(), 4, 9);
    assert!(!same.contains(&hears(false)), "its own way is mended");
    let other = takes(&mut phones, visitor(), 4, 8);
    assert!(other.contains(&hears(false)), "{other:?}");
    let told = secured(&mut phones, 1);

    assert!(told.contains(&hears(true)), "{told:?}");
}

#[test]
fn a_browser_of_which_nothing_comes_hears_nothing_until_it_is_back() {
    let mut phones = phones();
    adopted(&mut phones);
    secured(&mut phones, 1);
    let (leg, key) = (leg_id(1), LegKey(1));
    let hears = |on| Output::Hub(Input::Leg(LegNews::Hears { leg, on }));

    for on in [true, false] {
        phones.handle_media(MediaEvent::Away { leg: key, on }, NOW);
        assert_eq!(drain(&mut phones), [hears(!on)]);
        phones.handle_media(MediaEvent::Away { leg: key, on }, NOW);
        assert_eq!(drain(&mut phones), [], "it is told when it changes");
    }
}

#[test]
fn a_page_that_asks_by_http_is_told_at_its_console_that_another_one_took_its_leg() {
    let mut phones = phones();
    adopted(&mut phones);
    // Each request is of another asker.
    for socket in [900, 901] {
        phones.handle_browser(FromBrowser::Media {
            to: Asker { socket, id: 0 },
            page: 7,
            owner: visitor(),
            leg: leg_id(1),
            sdp: offer_of(10, "0 8 126"),
        });
    }
    drain(&mut phones);

    let told = takes(&mut phones, visitor(), 5, 11);

    let elsewhere = |output: &Output| match output {
        Output::Elsewhere { socket, .. } => Some(*socket),
        _ => None,
    };
    assert_eq!(told.iter().find_map(elsewhere), Some(7), "{told:?}");
}

#[test]
fn who_may_not_take_a_leg_takes_it_from_nobody() {
    let mut phones = phones();
    adopted(&mut phones);

    let told = takes(&mut phones, anna(), 5, 10);
    assert!(matches!(
        &told[..],
        [Output::Browser(Reply { result: Err(_), .. })]
    ));
    phones.handle_browser(FromBrowser::Media {
        to: Asker { socket: 5, id: 9 },
        page: 5,
        owner: visitor(),
        leg: leg_id(1),
        sdp: "v=0".to_owned(),
    });
    let told = drain(&mut phones);
    assert!(matches!(
        &told[..],
        [Output::Browser(Reply { result: Err(_), .. })]
    ));
    let told = takes(&mut phones, visitor(), TO.socket, 9);
    assert_eq!(media(&told), 2, "{told:?}");
}

#[test]
fn a_browser_that_never_connects_ends_its_leg_and_one_that_did_is_waited_for() {
    let mut phones = phones();
    adopted(&mut phones);
    let leg = LegKey(1);
    phones.handle_media(MediaEvent::Unsecured { leg }, NOW);
    let told = drain(&mut phones);
    let lost = |output: &Output| matches!(output, Output::Hub(Input::Leg(LegNews::Ended { cause, .. })) if cause.kind == CauseKind::Unreachable);
    assert!(told.iter().any(lost), "{told:?}");

    rings(&mut phones, 2);
    asks(&mut phones, anna(), 2, &offer("0"));
    secured(&mut phones, 2);
    let leg = LegKey(2);
    phones.handle_media(MediaEvent::Unsecured { leg }, NOW);
    assert_eq!(drain(&mut phones), []);
}

#[test]
fn a_browser_that_is_gone_ends_its_leg_with_the_reason_whether_or_not_it_ever_said_anything() {
    let mut phones = phones();
    adopted(&mut phones);
    phones.handle_command(Command::Answer { leg: leg_id(1) }, NOW);
    secured(&mut phones, 1);

    let leg = LegKey(1);
    phones.handle_media(MediaEvent::Gone { leg }, NOW);

    let told = drain(&mut phones);
    let ended = told.iter().find_map(|output| match output {
        Output::Hub(Input::Leg(LegNews::Ended { leg, cause })) => Some((*leg, cause)),
        _ => None,
    });
    let (leg, cause) = ended.expect("a leg that ends says so");
    assert_eq!((leg, cause.kind), (leg_id(1), CauseKind::MediaLost));
    assert_eq!(cause.text, "the browser gave no sign of life for too long");
    phones.handle_media(MediaEvent::Gone { leg: LegKey(1) }, NOW);
    assert_eq!(drain(&mut phones), [], "it is over");
}

#[test]
fn a_page_that_ended_its_connection_is_waited_for_as_any_browser_is() {
    let mut phones = phones();
    adopted(&mut phones);
    phones.handle_command(Command::Answer { leg: leg_id(1) }, NOW);
    secured(&mut phones, 1);
    drain(&mut phones);

    phones.handle_media(MediaEvent::Left { leg: LegKey(1) }, NOW);

    assert_eq!(drain(&mut phones), [], "it may be loaded again");
}

#[test]
fn the_second_leg_of_a_call_speaks_what_the_first_does() {
    for (first, codec) in [("111 0 8", Codec::Opus), ("0 8", Codec::Pcmu)] {
        let mut phones = phones();
        let told = calls(&mut phones, &offer(first));
        let call = arrived(&told).call;
        let leg = leg_id(1);
        phones.handle_command(Command::Adopt { call, leg }, NOW);
        drain(&mut phones);
        rings(&mut phones, 2);

        let told = asks(&mut phones, anna(), 2, &offer("8 0 111"));

        let Output::Media(MediaCommand::Remote { media, .. }) = &told[1] else {
            panic!("{told:?}");
        };
        assert_eq!(media.codec, codec);
    }
}
