use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;

use super::*;
use crate::families::{Families, Family};
use Direction::{Inactive, RecvOnly, SendOnly, SendRecv};

fn session() -> SdpSession {
    SdpSession::new(
        77,
        Local {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST).into(),
            port: 40_000,
            codecs: vec![Codec::Pcma, Codec::Pcmu],
            srtp: Srtp::default(),
            ice: None,
        },
    )
}

fn offer(media: &str) -> String {
    format!("v=0\r\no=- 1 1 IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 10.0.0.9\r\nt=0 0\r\n{media}")
}

fn text(body: &[u8]) -> &str {
    std::str::from_utf8(body).unwrap()
}

#[test]
fn an_offer_is_answered_with_the_offerers_first_codec() {
    let offer = offer(
        "m=audio 6000 RTP/AVP 9 0 8 96\r\na=rtpmap:96 telephone-event/8000\r\na=ptime:30\r\n",
    );

    let Negotiated { answer, remote } = session()
        .negotiate(offer.as_bytes(), Direction::SendRecv, None)
        .unwrap();

    assert_eq!(
        text(&answer),
        "v=0\r\no=- 77 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
         m=audio 40000 RTP/AVP 0 96\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:96 telephone-event/8000\r\n\
         a=fmtp:96 0-16\r\na=ptime:20\r\na=sendrecv\r\n"
    );
    assert_eq!(remote.address, "10.0.0.9:6000".parse().unwrap());
    assert_eq!(remote.rtcp, "10.0.0.9:6001".parse().unwrap());
    assert_eq!(remote.codec, Codec::Pcmu);
    assert_eq!(remote.send.telephone_event, Some(96));
    assert_eq!(remote.ptime, 30);
}

fn negotiate(media: &str) -> Result<Negotiated, SdpError> {
    session().negotiate(offer(media).as_bytes(), SendRecv, None)
}

#[test]
fn packets_are_as_long_as_the_peer_asks_and_no_longer_than_it_takes() {
    for (said, expected) in [
        ("", 20),
        ("a=maxptime:10\r\n", 10),
        ("a=ptime:60\r\na=maxptime:40\r\n", 40),
        ("a=maxptime:10\r\na=ptime:30\r\n", 10),
        ("a=ptime:30\r\na=maxptime:150\r\n", 30),
        ("a=maxptime:0\r\n", 20),
        ("a=maxptime:400\r\n", 20),
    ] {
        let agreed = negotiate(&format!("m=audio 6000 RTP/AVP 0\r\n{said}")).unwrap();
        assert_eq!(agreed.remote.ptime, expected, "{said}");
    }
}

#[test]
fn pain_5_every_direction_is_answered_as_rfc_3264_says() {
    // RFC 3264 §6.1: what is offered, what we allow, what we answer.
    let table = [
        (SendRecv, SendRecv, SendRecv),
        (SendRecv, SendOnly, SendOnly),
        (SendRecv, RecvOnly, RecvOnly),
        (SendRecv, Inactive, Inactive),
        (SendOnly, SendRecv, RecvOnly),
        (SendOnly, SendOnly, Inactive),
        (SendOnly, RecvOnly, RecvOnly),
        (SendOnly, Inactive, Inactive),
        (RecvOnly, SendRecv, SendOnly),
        (RecvOnly, SendOnly, SendOnly),
        (RecvOnly, RecvOnly, Inactive),
        (RecvOnly, Inactive, Inactive),
        (Inactive, SendRecv, Inactive),
        (Inactive, SendOnly, Inactive),
        (Inactive, RecvOnly, Inactive),
        (Inactive, Inactive, Inactive),
    ];
    for (offered, allowed, answered) in table {
        let offer = offer(&format!(
            "m=audio 6000 RTP/AVP 0\r\na={}\r\n",
            offered.attribute()
        ));

        let negotiated = session()
            .negotiate(offer.as_bytes(), allowed, None)
            .unwrap();

        assert_eq!(
            negotiated.remote.direction, answered,
            "{offered:?} {allowed:?}"
        );
        let line = format!("\r\na={}\r\n", answered.attribute());
        assert!(
            text(&negotiated.answer).contains(&line),
            "{offered:?} {allowed:?}"
        );
    }
}

#[test]
fn a_direction_of_the_whole_session_counts_unless_the_stream_has_its_own() {
    let whole = "a=sendonly\r\nm=audio 6000 RTP/AVP 0\r\n";
    assert_eq!(negotiate(whole).unwrap().remote.direction, RecvOnly);

    let own = "a=sendonly\r\nm=audio 6000 RTP/AVP 0\r\na=inactive\r\n";
    assert_eq!(negotiate(own).unwrap().remote.direction, Inactive);
}

#[test]
fn pain_5_an_old_style_hold_stops_what_we_send() {
    let media = "m=audio 6000 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n";

    let remote = negotiate(media).unwrap().remote;

    assert_eq!(remote.direction, RecvOnly);
    assert!(remote.address.ip().is_unspecified());
}

#[test]
fn other_streams_are_refused_in_their_places() {
    let media = "m=video 7000 RTP/AVP 31 96\r\na=rtpmap:96 H264/90000\r\n\
                 m=audio 0 RTP/AVP 0\r\n\
                 m=audio 6000 RTP/SAVP 0\r\n\
                 m=audio 6002 RTP/AVP 8\r\n\
                 m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n";

    let negotiated = negotiate(media).unwrap();

    let lines: Vec<&str> = text(&negotiated.answer)
        .lines()
        .filter(|line| line.starts_with("m="))
        .collect();
    assert_eq!(
        lines,
        [
            "m=video 0 RTP/AVP 31 96",
            "m=audio 0 RTP/AVP 0",
            "m=audio 0 RTP/SAVP 0",
            "m=audio 40000 RTP/AVP 8",
            "m=application 0 UDP/DTLS/SCTP webrtc-datachannel",
        ]
    );
    assert_eq!(negotiated.remote.address.port(), 6002);
}

#[test]
fn the_preferred_codec_wins_when_it_is_offered() {
    let both = offer("m=audio 6000 RTP/AVP 0 8\r\n");
    let one = offer("m=audio 6000 RTP/AVP 0\r\n");

    let codec = |body: &str| {
        let negotiated = session().negotiate(body.as_bytes(), SendRecv, Some(Codec::Pcma));
        negotiated.unwrap().remote.codec
    };

    assert_eq!(codec(&both), Codec::Pcma);
    assert_eq!(codec(&one), Codec::Pcmu);
}

#[test]
fn a_codec_is_known_by_its_map_and_answered_under_the_same_number() {
    let media = "m=audio 6000 RTP/AVP 98 99 100\r\na=rtpmap:98 opus/48000/2\r\na=rtpmap:99 pcma/8000\r\n\
                 a=rtpmap:100 telephone-event/48000\r\n";

    let negotiated = negotiate(media).unwrap();

    assert!(
        text(&negotiated.answer).contains("m=audio 40000 RTP/AVP 99\r\na=rtpmap:99 PCMA/8000\r\n")
    );
    assert_eq!(negotiated.remote.send.pcma, Some(99));
    assert_eq!(negotiated.remote.receive.codec(99), Some(Codec::Pcma));
    assert_eq!(negotiated.remote.send.telephone_event, None);
}

#[test]
fn reports_go_where_the_offer_says() {
    let rtcp = |media: &str| {
        let remote = negotiate(media).unwrap().remote;
        (remote.rtcp.to_string(), remote.rtcp_mux)
    };

    let stated = "m=audio 6000 RTP/AVP 0\r\na=rtcp:7001 IN IP4 203.0.113.5\r\n";
    assert_eq!(rtcp(stated), ("10.0.0.9:7001".to_owned(), false));
    let shared = "m=audio 6000 RTP/AVP 0\r\na=rtcp-mux\r\n";
    assert_eq!(rtcp(shared), ("10.0.0.9:6000".to_owned(), true));
    let highest = "m=audio 65535 RTP/AVP 0\r\n";
    assert_eq!(rtcp(highest), ("10.0.0.9:65535".to_owned(), false));
}

#[test]
fn what_cannot_be_met_is_told_from_what_is_broken() {
    let refused = [
        ("m=audio 6000 RTP/AVP 9 18\r\n", SdpError::NoCommonCodec),
        (
            "m=audio 6000 RTP/AVP 0\r\na=rtpmap:0 G722/8000\r\n",
            SdpError::NoCommonCodec,
        ),
        ("m=video 6000 RTP/AVP 31\r\n", SdpError::NoAudio),
        ("m=audio 6000 udp 0\r\n", SdpError::Transport),
        (
            "m=audio 6000 RTP/SAVP 0\r\na=crypto:1 none inline:\r\n",
            SdpError::Transport,
        ),
        ("m=audio 0 RTP/AVP 0\r\n", SdpError::NoAudio),
        ("", SdpError::NoAudio),
        (
            "m=audio 6000 RTP/AVP 0\r\nc=IN IP4 224.2.1.1/127\r\n",
            SdpError::Multicast,
        ),
        (
            "m=audio 6000 RTP/AVP 0\r\nc=IN IP4 255.255.255.255\r\n",
            SdpError::Address,
        ),
        (
            "m=audio 6000 RTP/AVP 0\r\nc=IN IP4 host.example\r\n",
            SdpError::Address,
        ),
        (
            "m=audio 6000 RTP/AVP 0\r\nc=IN IP6 2001:db8::1\r\n",
            SdpError::Family(Family::V6),
        ),
    ];
    for (media, expected) in refused {
        let error = negotiate(media).unwrap_err();
        assert_eq!(error, expected, "{media}");
        assert!(!error.is_malformed(), "{media}");
    }

    let broken = [
        "".to_owned(),
        "hello".to_owned(),
        "v=1\r\n".to_owned(),
        "v=0\r\ns=-\r\nt=0 0\r\nm=audio 6000 RTP/AVP 0\r\n".to_owned(),
        "v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nt=0 0\r\nm=audio 6000 RTP/AVP 0\r\n".to_owned(),
        offer("m=audio x RTP/AVP 0\r\n"),
        offer(&"a=x\r\n".repeat(4000)),
        offer(&"m=audio 6000 RTP/AVP 0\r\n".repeat(33)),
    ];
    for body in broken {
        let error = session()
            .negotiate(body.as_bytes(), SendRecv, None)
            .unwrap_err();
        assert!(
            error.is_malformed(),
            "{error:?}: {}",
            &body[..body.len().min(60)]
        );
    }
}

#[test]
fn the_version_goes_up_with_each_change_and_only_then() {
    let mut session = session();
    let active = offer("m=audio 6000 RTP/AVP 0\r\n");
    let held = offer("m=audio 6000 RTP/AVP 0\r\na=sendonly\r\n");
    let mut version = |body: &str| {
        let answer = session
            .negotiate(body.as_bytes(), SendRecv, None)
            .unwrap()
            .answer;
        text(&answer).lines().nth(1).unwrap().to_owned()
    };

    assert_eq!(version(&active), "o=- 77 1 IN IP4 127.0.0.1");
    assert_eq!(version(&active), "o=- 77 1 IN IP4 127.0.0.1");
    assert_eq!(version(&held), "o=- 77 2 IN IP4 127.0.0.1");
    assert_eq!(version(&held), "o=- 77 2 IN IP4 127.0.0.1");
    assert_eq!(version(&active), "o=- 77 3 IN IP4 127.0.0.1");
}

#[test]
fn the_only_stream_is_taken_out_and_comes_back_in_its_place() {
    let mut session = session();
    let whole = offer("m=video 7000 RTP/AVP 31\r\nm=audio 6000 RTP/AVP 0\r\n");
    let without = offer("m=video 0 RTP/AVP 31\r\nm=audio 0 RTP/AVP 0\r\n");
    assert_eq!(
        session.take_out(without.as_bytes()),
        None,
        "nothing is agreed on"
    );
    session.negotiate(whole.as_bytes(), SendRecv, None).unwrap();
    assert_eq!(session.take_out(whole.as_bytes()), None);

    let answer = session.take_out(without.as_bytes()).unwrap();

    assert_eq!(
        text(&answer),
        "v=0\r\no=- 77 2 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
         m=video 0 RTP/AVP 31\r\nm=audio 0 RTP/AVP 0\r\n"
    );
    assert!(session.is_taken_out());
    assert_eq!(
        session.take_out(without.as_bytes()),
        Some(answer),
        "said once more"
    );
    let refreshed = session.accept_refresh(without.as_bytes());
    assert_eq!(refreshed, Err(SdpError::Refused));
    let back = session.negotiate(whole.as_bytes(), SendRecv, None).unwrap();
    assert!(text(&back.answer).contains("o=- 77 3 "));
    assert!(text(&back.answer).contains("m=audio 40000 RTP/AVP 0"));
    assert!(!session.is_taken_out());
    let gone = offer("m=video 0 RTP/AVP 31\r\n");
    assert_eq!(session.take_out(gone.as_bytes()), None, "a line is missing");
}

#[test]
fn an_offer_that_is_asked_for_brings_a_stream_back_that_was_taken_out() {
    let mut session = session();
    let whole = offer("m=audio 6000 RTP/AVP 0\r\n");
    let without = offer("m=audio 0 RTP/AVP 0\r\n");
    session.negotiate(whole.as_bytes(), SendRecv, None).unwrap();
    session.take_out(without.as_bytes()).unwrap();

    assert!(text(&session.make_offer(SendRecv)).contains("m=audio 40000 RTP/AVP 0 8"));
    let refused = session.accept_answer(without.as_bytes());
    assert_eq!(
        (refused, session.is_taken_out()),
        (Err(SdpError::Refused), true)
    );
    session.make_offer(SendRecv);
    session.accept_answer(whole.as_bytes()).unwrap();

    assert!(!session.is_taken_out());
}

#[test]
fn a_refused_offer_changes_nothing() {
    let mut session = session();
    let good = offer("m=audio 6000 RTP/AVP 0\r\n");
    let first = session.negotiate(good.as_bytes(), SendRecv, None).unwrap();

    session
        .negotiate(
            offer("m=audio 6000 RTP/AVP 9\r\n").as_bytes(),
            SendRecv,
            None,
        )
        .unwrap_err();

    assert_eq!(
        session.negotiate(good.as_bytes(), SendRecv, None).unwrap(),
        first
    );
}

#[test]
fn our_later_offer_repeats_every_stream_and_number_of_the_first() {
    let mut session = session();
    let first = offer(
        "m=video 7000 RTP/AVP 31\r\nm=audio 6000 RTP/AVP 8 97\r\na=rtpmap:97 telephone-event/8000\r\na=rtcp-mux\r\n",
    );
    session.negotiate(first.as_bytes(), SendRecv, None).unwrap();

    let hold = session.make_offer(SendOnly);

    assert_eq!(
        text(&hold),
        "v=0\r\no=- 77 2 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
         m=video 0 RTP/AVP 31\r\nm=audio 40000 RTP/AVP 8 0 97\r\na=rtpmap:8 PCMA/8000\r\n\
         a=rtpmap:0 PCMU/8000\r\na=rtpmap:97 telephone-event/8000\r\na=fmtp:97 0-16\r\n\
         a=ptime:20\r\na=sendonly\r\na=rtcp-mux\r\n"
    );
}

#[test]
fn an_answer_tells_codec_numbers_and_direction() {
    let mut session = session();
    session.make_offer(SendRecv);
    let answer =
        offer("m=audio 6000 RTP/AVP 0 110\r\na=rtpmap:110 telephone-event/8000\r\na=recvonly\r\n");

    let remote = session.accept_answer(answer.as_bytes()).unwrap();

    assert_eq!((remote.codec, remote.direction), (Codec::Pcmu, SendOnly));
    // RFC 3264 §5.1: each side receives under the numbers it wrote itself.
    assert_eq!(remote.send.telephone_event, Some(110));
    assert_eq!(remote.receive.telephone_event, Some(101));
    assert_eq!(
        session.accept_answer(answer.as_bytes()),
        Err(SdpError::NoOffer)
    );
}

#[test]
fn answers_that_do_not_fit_are_refused() {
    let table = [
        ("m=audio 0 RTP/AVP 0\r\n", SdpError::Refused),
        ("m=audio 6000 RTP/AVP 18\r\n", SdpError::NoCommonCodec),
        (
            "m=audio 6000 RTP/AVP 0\r\nm=video 0 RTP/AVP 31\r\n",
            SdpError::AnswerMismatch,
        ),
        ("", SdpError::AnswerMismatch),
    ];
    for (media, expected) in table {
        let mut session = session();
        session.make_offer(SendRecv);
        assert_eq!(
            session.accept_answer(offer(media).as_bytes()),
            Err(expected),
            "{media}"
        );
    }
}

#[test]
fn ipv6_is_offered_and_answered() {
    let local = |address: IpAddr| Local {
        address: address.into(),
        port: 40_000,
        codecs: vec![Codec::Pcmu],
        srtp: Srtp::default(),
        ice: None,
    };
    let mut one = SdpSession::new(1, local(IpAddr::V6(Ipv6Addr::LOCALHOST)));
    let mut other = SdpSession::new(2, local("2001:db8::7".parse().unwrap()));

    let offer = one.make_offer(SendRecv);
    let negotiated = other.negotiate(&offer, SendRecv, None).unwrap();
    let agreed = one.accept_answer(&negotiated.answer).unwrap();

    assert!(text(&offer).contains("c=IN IP6 ::1\r\n"));
    assert_eq!(agreed.address, "[2001:db8::7]:40000".parse().unwrap());
    assert_eq!(negotiated.remote.address, "[::1]:40000".parse().unwrap());
}

fn of_both() -> SdpSession {
    let (v4, v6) = (
        Ipv4Addr::new(192, 0, 2, 1).into(),
        Ipv6Addr::LOCALHOST.into(),
    );
    SdpSession::new(
        1,
        Local {
            address: Families::Both { v4, v6 },
            port: 40_000,
            codecs: vec![Codec::Pcmu],
            srtp: Srtp::default(),
            ice: None,
        },
    )
}

fn said_at(line: &str) -> String {
    format!("v=0\r\no=- 1 1 {line}\r\ns=-\r\nc={line}\r\nt=0 0\r\nm=audio 7000 RTP/AVP 0\r\n")
}

#[test]
fn a_peer_is_told_the_address_of_its_own_family() {
    for (theirs, ours) in [
        ("IN IP4 198.51.100.9", "IN IP4 192.0.2.1"),
        ("IN IP6 2001:db8::9", "IN IP6 ::1"),
    ] {
        let answer = of_both()
            .negotiate(said_at(theirs).as_bytes(), SendRecv, None)
            .unwrap()
            .answer;

        assert!(
            text(&answer).contains(&format!("o=- 1 1 {ours}\r\n")),
            "{theirs}"
        );
        assert!(text(&answer).contains(&format!("c={ours}\r\n")), "{theirs}");
    }
}

#[test]
fn an_offer_before_its_way_is_known_is_told_as_each_family_needs_it_and_goes_on_as_it_was_taken() {
    let mut session = of_both();

    let offers = session.make_offers(SendRecv);
    let remote = session
        .accept_answer(said_at("IN IP6 2001:db8::9").as_bytes())
        .unwrap();
    let again = session.make_offers(SendRecv);
    let hold = session.make_offer(SendOnly);

    let Families::Both { v4, v6 } = offers.by_family else {
        panic!("of both families");
    };
    assert!(text(&v4).contains("o=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\n"));
    assert!(text(&v6).contains("o=- 1 1 IN IP6 ::1\r\ns=-\r\nc=IN IP6 ::1\r\n"));
    assert!(remote.address.is_ipv6());
    assert_eq!(
        *again.by_family.first(),
        v6,
        "the same, under the same version"
    );
    assert!(
        text(&hold).contains("o=- 1 2 IN IP6 ::1\r\n"),
        "{}",
        text(&hold)
    );
}

#[test]
fn a_peer_that_moves_to_the_other_family_is_told_so_by_the_same_session() {
    let mut session = of_both();
    let first = said_at("IN IP4 198.51.100.9");
    session.negotiate(first.as_bytes(), SendRecv, None).unwrap();

    let moved = said_at("IN IP6 2001:db8::9");
    let moved = session.negotiate(moved.as_bytes(), SendRecv, None).unwrap();
    let held = said_at("IN IP4 0.0.0.0");
    let held = session.negotiate(held.as_bytes(), SendRecv, None).unwrap();

    // RFC 8866 §5.2: the line that names the session stays.
    assert!(text(&moved.answer).contains("o=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP6 ::1\r\n"));
    assert!(
        text(&held.answer).contains("c=IN IP6 ::1\r\n"),
        "an old way to hold is no move"
    );
}

#[test]
fn a_peer_of_a_family_that_there_is_not_is_refused() {
    let local = Local {
        address: Families::V4(Ipv4Addr::LOCALHOST.into()),
        ..of_both().local().clone()
    };
    let offer = said_at("IN IP6 2001:db8::9");

    let refused = SdpSession::new(1, local).negotiate(offer.as_bytes(), SendRecv, None);

    assert_eq!(refused.unwrap_err(), SdpError::Family(Family::V6));
}

fn direction() -> impl Strategy<Value = Direction> {
    prop_oneof![
        Just(SendRecv),
        Just(SendOnly),
        Just(RecvOnly),
        Just(Inactive)
    ]
}

fn codecs() -> impl Strategy<Value = Vec<Codec>> {
    prop_oneof![
        Just(vec![Codec::Pcmu]),
        Just(vec![Codec::Pcma]),
        Just(vec![Codec::Pcmu, Codec::Pcma]),
        Just(vec![Codec::Pcma, Codec::Pcmu]),
    ]
}

proptest! {
    #[test]
    fn two_of_us_always_agree(
        ours in codecs(), theirs in codecs(), offered in direction(), allowed in direction(),
        preferred in prop::option::of(prop_oneof![Just(Codec::Pcmu), Just(Codec::Pcma)]),
    ) {
        let local = |codecs: &[Codec], port| Local {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST).into(), port, codecs: codecs.to_vec(), srtp: Srtp::default(), ice: None,
        };
        let mut one = SdpSession::new(1, local(&ours, 1000));
        let mut other = SdpSession::new(2, local(&theirs, 2000));

        let offer = one.make_offer(offered);
        let answered = other.negotiate(&offer, allowed, preferred);

        if ours.iter().any(|codec| theirs.contains(codec)) {
            let answered = answered.unwrap();
            let agreed = one.accept_answer(&answered.answer).unwrap();
            prop_assert_eq!(agreed.codec, answered.remote.codec);
            prop_assert_eq!(agreed.direction, answered.remote.direction.reversed());
            prop_assert_eq!(agreed.send.of(agreed.codec), answered.remote.receive.of(agreed.codec));
            prop_assert_eq!((agreed.address.port(), answered.remote.address.port()), (2000, 1000));
        } else {
            prop_assert_eq!(answered, Err(SdpError::NoCommonCodec));
        }
    }

    #[test]
    fn any_bytes_are_answered_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = session().negotiate(&bytes, SendRecv, None);
    }

    #[test]
    fn a_damaged_offer_is_answered_or_refused(at in 0usize..200, byte: u8, cut in 0usize..200) {
        let mut body = offer("m=audio 6000 RTP/AVP 0 8 96\r\na=rtpmap:96 telephone-event/8000\r\na=rtcp:1\r\n").into_bytes();
        let length = body.len();
        body[at % length] = byte;
        body.truncate(length - cut % length);
        let mut session = session();
        session.make_offer(SendRecv);
        let _ = session.accept_answer(&body);
        let _ = session.negotiate(&body, SendRecv, None);
    }
}

#[test]
fn what_a_peer_would_like_of_recordings_is_read_of_its_stream_before_the_session() {
    let stream = "m=audio 6000 RTP/AVP 0\r\n";
    let said = |of_session: &str, of_stream: &str| {
        let mut session = session();
        let text = offer(&format!("{of_session}{stream}{of_stream}"));
        session.negotiate(text.as_bytes(), SendRecv, None).unwrap();
        session.preference()
    };

    assert_eq!(said("", ""), None);
    assert_eq!(said("", "a=recordpref:off\r\n"), Some(Preference::Off));
    assert_eq!(said("a=recordpref:pause\r\n", ""), Some(Preference::Pause));
    let both = said("a=recordpref:off\r\n", "a=recordpref:on\r\n");
    assert_eq!(both, Some(Preference::On));
    let none = said("", "a=recordpref:nopreference\r\n");
    assert_eq!(none, Some(Preference::Nothing));
    for junk in [
        "a=recordpref\r\n",
        "a=recordpref:\r\n",
        "a=recordpref:offs\r\n",
    ] {
        assert_eq!(said("", junk), None, "{junk}");
    }
}

#[test]
fn a_preference_stands_until_another_is_said_in_offer_or_answer() {
    let stream = "m=audio 6000 RTP/AVP 8\r\n";
    let mut session = session();
    session.make_offer(SendRecv);

    let answer = offer(&format!("{stream}a=recordpref:pause\r\n"));
    session.accept_answer(answer.as_bytes()).unwrap();
    assert_eq!(session.preference(), Some(Preference::Pause));
    let silent = offer(stream);
    session
        .negotiate(silent.as_bytes(), SendRecv, None)
        .unwrap();
    assert_eq!(session.preference(), Some(Preference::Pause));
    let later = offer(&format!("{stream}a=recordpref:on\r\n"));
    session.negotiate(later.as_bytes(), SendRecv, None).unwrap();

    assert_eq!(session.preference(), Some(Preference::On));
}

#[test]
fn whether_it_is_recorded_is_told_once_there_is_something_to_tell_and_then_always() {
    let mut session = session();
    let stream = "m=audio 6000 RTP/AVP 0 8\r\n";
    let theirs = offer(stream);
    let first = session
        .negotiate(theirs.as_bytes(), SendRecv, None)
        .unwrap();
    assert!(!text(&first.answer).contains("a=record"), "{first:?}");

    session.set_recorded(Recorded::On);
    let told = session.make_offer(SendRecv);

    // What is spoken goes first, so that nothing but that changes.
    assert!(
        text(&told).contains("m=audio 40000 RTP/AVP 0 8 "),
        "{}",
        text(&told)
    );
    assert!(text(&told).contains("o=- 77 2 "), "{}", text(&told));
    assert!(text(&told).ends_with("a=record:on\r\n"), "{}", text(&told));
    session.withdraw_offer();
    assert_eq!(
        session.accept_answer(theirs.as_bytes()),
        Err(SdpError::NoOffer)
    );
    session.set_recorded(Recorded::Paused);
    let later = session
        .negotiate(theirs.as_bytes(), SendRecv, None)
        .unwrap();
    assert!(text(&later.answer).contains("a=record:paused\r\n"));
    session.set_recorded(Recorded::Off);
    assert!(text(&session.make_offer(SendRecv)).contains("a=record:off\r\n"));
}

#[test]
fn comfort_noise_is_named_where_the_peer_names_it() {
    for (formats, said) in [
        ("8 13", Some(13)),
        ("8 118\r\na=rtpmap:118 cn/8000", Some(118)),
        ("8 118\r\na=rtpmap:118 CN/16000", None),
        ("8", None),
    ] {
        let mut session = session();
        let offer = offer(&format!("m=audio 6000 RTP/AVP {formats}\r\n"));

        let agreed = session.negotiate(offer.as_bytes(), SendRecv, None).unwrap();

        let numbers = (agreed.remote.send, agreed.remote.receive);
        assert_eq!(numbers.0.comfort_noise, said, "{formats}");
        assert_eq!(numbers.1.comfort_noise, said, "{formats}");
        for ours in [agreed.answer, session.make_offer(SendRecv)] {
            let line = said.map(|number| format!("a=rtpmap:{number} CN/8000\r\n"));
            let named = line.is_some_and(|line| text(&ours).contains(&line));
            assert_eq!(named, said.is_some(), "{}", text(&ours));
        }
    }
}

#[test]
fn comfort_noise_that_we_offer_is_agreed_on_where_the_answer_names_it() {
    for (formats, agreed) in [("8 13", Some(13)), ("8", None)] {
        let mut session = session();
        session.offer_comfort_noise();
        let ours = session.make_offer(SendRecv);
        assert!(
            text(&ours).contains(" RTP/AVP 8 0 101 13\r\n"),
            "{}",
            text(&ours)
        );

        let theirs = offer(&format!("m=audio 6000 RTP/AVP {formats}\r\n"));
        let remote = session.accept_answer(theirs.as_bytes()).unwrap();

        assert_eq!(remote.send.comfort_noise, agreed);
    }
    let opus = Local {
        codecs: vec![Codec::Opus],
        ..session().local().clone()
    };
    let mut session = SdpSession::new(77, opus);
    session.offer_comfort_noise();
    assert!(!text(&session.make_offer(SendRecv)).contains("CN/8000"));
}
