use std::net::{IpAddr, Ipv4Addr};

use super::super::{Codec, Demand, Fingerprint, Local, RemoteMedia, SdpSession, Srtp, Way};
use super::*;
use Direction::{Inactive, RecvOnly, SendOnly, SendRecv};

const OURS: Fingerprint = Fingerprint([7; 32]);
const THEIRS: Fingerprint = Fingerprint([9; 32]);

fn lite() -> Lite {
    Lite {
        at: BrowserLocal {
            addresses: vec![
                "192.0.2.7:10000".parse().unwrap(),
                "[2001:db8::7]:10000".parse().unwrap(),
            ],
            fingerprint: OURS,
            codecs: vec![Codec::Opus, Codec::Pcma, Codec::Pcmu],
        },
        seed: [7; 32],
    }
}

fn local() -> Local {
    Local {
        address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)).into(),
        port: 40_000,
        codecs: vec![Codec::Pcma, Codec::Pcmu],
        srtp: Srtp::default(),
        ice: Some(lite()),
    }
}

fn session() -> SdpSession {
    SdpSession::new(77, local())
}

/// As JsSIP has Chromium write it, less what only fills lines.
fn browser() -> String {
    format!(
        "v=0\r\no=- 8123 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\na=extmap-allow-mixed\r\n\
         a=msid-semantic: WMS s\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126\r\nc=IN IP4 0.0.0.0\r\n\
         a=rtcp:9 IN IP4 0.0.0.0\r\na=candidate:1 1 udp 2122 6a1.local 53 typ host\r\na=ice-ufrag:h0Xz\r\n\
         a=ice-pwd:kvfxkXUHrFRHwwjhKtRzYx7A\r\na=ice-options:trickle\r\na=fingerprint:sha-256 {THEIRS}\r\n\
         a=setup:actpass\r\na=mid:0\r\na=sendrecv\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n\
         a=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:63 red/48000/2\r\na=rtpmap:9 G722/8000\r\n\
         a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:13 CN/8000\r\n\
         a=rtpmap:110 telephone-event/48000\r\na=rtpmap:126 telephone-event/8000\r\na=ssrc:1 cname:x\r\n"
    )
}

fn offer(session: &mut SdpSession, offer: &str) -> Result<(String, RemoteMedia), SdpError> {
    let agreed = session.negotiate(offer.as_bytes(), SendRecv, None)?;
    let answer = String::from_utf8(agreed.answer.to_vec()).unwrap();
    Ok((answer, agreed.remote))
}

fn security(remote: &RemoteMedia) -> &Security {
    match &remote.protection {
        Protection::Ice(security) => security,
        other => panic!("{other:?}"),
    }
}

/// The value of an attribute that a description has once.
fn said<'a>(text: &'a str, name: &str) -> &'a str {
    let mut lines = text.lines().filter_map(|line| line.strip_prefix(name));
    let (first, second) = (lines.next(), lines.next());
    assert_eq!(second, None, "{name} twice in\n{text}");
    first.unwrap_or_else(|| panic!("no {name} in\n{text}"))
}

fn names(text: &str, name: &str) -> bool {
    text.lines().any(|line| line.starts_with(name))
}

#[test]
fn a_browsers_offer_is_answered_at_the_port_of_all_browsers() {
    let (answer, remote) = offer(&mut session(), &browser()).unwrap();

    for line in [
        "o=- 77 1 IN IP4 192.0.2.7",
        "c=IN IP4 192.0.2.7",
        "a=group:BUNDLE 0",
        "a=ice-lite",
        "a=ice-options:ice2",
        "m=audio 10000 UDP/TLS/RTP/SAVPF 111 126 110",
        "a=rtpmap:111 opus/48000/2",
        "a=mid:0",
        "a=setup:passive",
        "a=candidate:1 1 udp 2130706431 192.0.2.7 10000 typ host",
        "a=candidate:2 1 udp 2130706175 2001:db8::7 10000 typ host",
        "a=end-of-candidates",
        "a=rtcp-mux",
        "a=sendrecv",
    ] {
        assert!(
            answer.lines().any(|said| said == line),
            "{line} in\n{answer}"
        );
    }
    assert_eq!(said(&answer, "a=fingerprint:sha-256 "), OURS.to_string());
    let security = security(&remote);
    assert_eq!(said(&answer, "a=ice-ufrag:"), security.ice.ufrag);
    assert_eq!(said(&answer, "a=ice-pwd:"), security.ice.password);
    assert_eq!((security.ufrag.as_str(), security.active), ("h0Xz", false));
    assert_eq!(security.fingerprints, THEIRS.into());
    assert_eq!((remote.address, remote.rtcp), (BROWSER, BROWSER));
    assert!(remote.rtcp_mux && remote.fec);
    assert_eq!((remote.codec, remote.direction), (Codec::Opus, SendRecv));
}

#[test]
fn who_does_not_offer_all_of_it_is_no_browser() {
    let without = |line: &str| browser().replace(line, "");
    for theirs in [
        without("a=rtcp-mux\r\n"),
        without("a=ice-ufrag:h0Xz\r\n"),
        browser().replace("h0Xz", "h0"),
        browser().replace("h0Xz", "h0 X z"),
        browser().replace("sha-256", "sha-1"),
        browser().replace("actpass", "holdconn"),
        browser().replace("t=0 0\r\n", "t=0 0\r\na=ice-lite\r\n"),
    ] {
        assert!(names_ice(theirs.as_bytes()) || !theirs.contains("ufrag"));
        let refused = offer(&mut session(), &theirs);

        assert_eq!(refused.unwrap_err(), SdpError::Transport, "{theirs}");
    }
    let mut plain = Local {
        ice: None,
        ..local()
    };
    let refused = offer(&mut SdpSession::new(1, plain.clone()), &browser());
    assert_eq!(refused.unwrap_err(), SdpError::Transport);
    // With a handshake on a port of its own it goes on as ever, without ICE.
    plain.srtp = Srtp {
        demand: Demand::Offer,
        ways: vec![Way::Dtls(OURS)],
    };
    let theirs = browser().replace("0.0.0.0", "192.0.2.9");
    let (answer, remote) = offer(&mut SdpSession::new(1, plain), &theirs).unwrap();
    assert!(matches!(remote.protection, Protection::Dtls { .. }));
    assert!(
        !names(&answer, "a=ice") && !names(&answer, "a=mid"),
        "{answer}"
    );
    // In clear a peer is offered and answered what it ever was.
    let in_clear = "v=0\r\no=- 1 1 IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 10.0.0.9\r\nt=0 0\r\nm=audio 6000 RTP/AVP 8\r\na=mid:0\r\n";
    let (answer, remote) = offer(&mut session(), in_clear).unwrap();
    assert_eq!(remote.protection, Protection::Plain);
    assert!(answer.contains("m=audio 40000 RTP/AVP 8\r\n"), "{answer}");
    assert!(
        !names(&answer, "a=ice") && !names(&answer, "a=mid"),
        "{answer}"
    );
}

#[test]
fn streams_keep_their_names_and_are_bundled_as_they_were_offered() {
    let video = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:v\r\na=rtpmap:96 VP8/90000\r\n";
    let both = browser().replace("BUNDLE 0", "BUNDLE 0 v") + video;

    let (answer, _) = offer(&mut session(), &both).unwrap();

    assert_eq!(said(&answer, "a=group:"), "BUNDLE 0");
    assert!(
        answer.contains("m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:v\r\n"),
        "{answer}"
    );
    for (theirs, group, mid) in [
        (browser().replace("a=group:BUNDLE 0\r\n", ""), false, true),
        (browser().replace("BUNDLE 0", "BUNDLE x"), false, true),
        (browser().replace("a=mid:0\r\n", ""), false, false),
        (
            browser().replace(
                "BUNDLE 0",
                "BUNDLE v w\r\na=group:LS 0 v\r\na=group:BUNDLE 0",
            ),
            true,
            true,
        ),
    ] {
        let (answer, _) = offer(&mut session(), &theirs).unwrap();
        assert_eq!(
            (names(&answer, "a=group:"), names(&answer, "a=mid:")),
            (group, mid),
            "{answer}"
        );
    }
}

#[test]
fn the_partners_codec_is_taken_before_our_first_and_comfort_noise_is_not() {
    let preferred = |codec| {
        let agreed = session().negotiate(browser().as_bytes(), SendRecv, codec);
        agreed.unwrap().remote
    };

    assert_eq!(preferred(Some(Codec::Pcmu)).codec, Codec::Pcmu);
    assert_eq!(preferred(Some(Codec::G722)).codec, Codec::Opus);
    assert_eq!(preferred(Some(Codec::Pcma)).send.comfort_noise, None);
}

#[test]
fn every_direction_is_answered_and_an_address_of_zeros_is_no_hold() {
    for (theirs, ours, word) in [
        ("sendrecv", SendRecv, "a=sendrecv"),
        ("sendonly", RecvOnly, "a=recvonly"),
        ("recvonly", SendOnly, "a=sendonly"),
        ("inactive", Inactive, "a=inactive"),
    ] {
        let theirs = browser().replace("a=sendrecv", &format!("a={theirs}"));
        let (answer, remote) = offer(&mut session(), &theirs).unwrap();

        assert_eq!(remote.direction, ours);
        assert!(names(&answer, word), "{answer}");
    }
}

#[test]
fn a_later_offer_keeps_our_credentials_unless_the_browser_begins_anew() {
    let mut session = session();
    let (first, before) = offer(&mut session, &browser()).unwrap();
    let hold = browser().replace("a=sendrecv", "a=sendonly");
    let restart = hold.replace("h0Xz", "next");

    let (held, after) = offer(&mut session, &hold).unwrap();
    assert_eq!(security(&after), security(&before));
    assert_eq!(said(&held, "a=ice-pwd:"), said(&first, "a=ice-pwd:"));
    assert!(held.contains("o=- 77 2 IN IP4 192.0.2.7\r\n"), "{held}");

    let (anew, third) = offer(&mut session, &restart).unwrap();
    assert_ne!(said(&anew, "a=ice-ufrag:"), said(&first, "a=ice-ufrag:"));
    assert_ne!(said(&anew, "a=ice-pwd:"), said(&first, "a=ice-pwd:"));
    assert_eq!(security(&third).ufrag, "next");
    assert_eq!(security(&third).fingerprints, THEIRS.into());
    let (same, fourth) = offer(&mut session, &restart).unwrap();
    assert_eq!((same, &fourth), (anew, &third));
    let (_, fifth) = offer(&mut session, &browser()).unwrap();
    assert_ne!(security(&fifth).ice, security(&third).ice);
    assert_ne!(security(&fifth).ice, security(&before).ice);
}

#[test]
fn who_came_by_ice_comes_by_nothing_else_and_who_did_not_does_not() {
    let in_clear = "v=0\r\no=- 1 1 IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 10.0.0.9\r\nt=0 0\r\nm=audio 6000 RTP/AVP 8\r\n";
    let mut in_browser = session();
    let (first, _) = offer(&mut in_browser, &browser()).unwrap();

    let refused = offer(&mut in_browser, in_clear);
    assert_eq!(refused.unwrap_err(), SdpError::NoCommonKeys);
    assert_eq!(offer(&mut in_browser, &browser()).unwrap().0, first);

    let mut at_port = session();
    offer(&mut at_port, in_clear).unwrap();
    let refused = offer(&mut at_port, &browser());
    assert_eq!(refused.unwrap_err(), SdpError::Transport);
    let later = at_port.make_offer(SendRecv);
    assert!(!names(std::str::from_utf8(&later).unwrap(), "a=ice"));
}

/// What a phone in a browser is offered, by a session that may also reach another.
fn offered(session: &mut SdpSession) -> String {
    let offers = session.make_offers(SendRecv);
    let by_port = std::str::from_utf8(offers.by_family.first()).unwrap();
    assert!(by_port.contains("m=audio 40000 RTP/AVP 8 0 101\r\n"));
    assert!(
        !names(by_port, "a=ice") && !names(by_port, "a=mid"),
        "{by_port}"
    );
    String::from_utf8(offers.in_browser.unwrap().to_vec()).unwrap()
}

fn answer(setup: &str) -> String {
    let offer = browser().replace("actpass", setup);
    offer.replace("SAVPF 111 63 9 0 8 13 110 126", "SAVPF 111 110")
}

#[test]
fn a_phone_in_a_browser_is_offered_what_it_takes_and_its_answer_is_agreed_on() {
    let mut session = session();
    let offer = offered(&mut session);

    for line in [
        "a=group:BUNDLE 0",
        "a=ice-lite",
        "m=audio 10000 UDP/TLS/RTP/SAVPF 111 8 0 101 110",
        "a=mid:0",
        "a=setup:actpass",
        "a=candidate:1 1 udp 2130706431 192.0.2.7 10000 typ host",
        "a=rtcp-mux",
    ] {
        assert!(offer.lines().any(|said| said == line), "{line} in\n{offer}");
    }
    let remote = session.accept_answer(answer("active").as_bytes()).unwrap();
    assert_eq!((remote.codec, remote.address), (Codec::Opus, BROWSER));
    let security = security(&remote).clone();
    assert_eq!(said(&offer, "a=ice-ufrag:"), security.ice.ufrag);
    assert!(!security.active);

    // A hold of ours and one of theirs go on with it.
    let hold = String::from_utf8(session.make_offer(SendOnly).to_vec()).unwrap();
    assert!(hold.contains("o=- 77 2 IN IP4 192.0.2.7\r\n"), "{hold}");
    assert!(
        names(&hold, "m=audio 10000 UDP/TLS/RTP/SAVPF 111 "),
        "{hold}"
    );
    assert_eq!(said(&hold, "a=ice-ufrag:"), security.ice.ufrag);
    assert_eq!(said(&hold, "a=group:"), "BUNDLE 0");
    let answer = answer("active").replace("a=sendrecv", "a=recvonly");
    let held = session.accept_answer(answer.as_bytes()).unwrap();
    assert_eq!(held.direction, SendOnly);
    assert_eq!(held.protection, Protection::Ice(Box::new(security)));
}

#[test]
fn whoever_answers_such_a_call_without_a_browser_is_met_at_our_port() {
    let mut session = session();
    offered(&mut session);

    let answer = "v=0\r\no=- 1 1 IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 10.0.0.9\r\nt=0 0\r\nm=audio 6000 RTP/AVP 8\r\n";
    let remote = session.accept_answer(answer.as_bytes()).unwrap();

    assert_eq!(remote.address, "10.0.0.9:6000".parse().unwrap());
    let later = session.make_offers(SendOnly);
    assert_eq!(later.in_browser, None);
    let later = std::str::from_utf8(later.by_family.first()).unwrap();
    assert!(later.contains("m=audio 40000 RTP/AVP 8"), "{later}");
}

#[test]
fn the_handshake_is_whose_the_descriptions_say_and_stays_theirs() {
    // Who offers to wait is called; who may do either calls.
    for (setup, active, word) in [
        ("active", false, "passive"),
        ("actpass", false, "passive"),
        ("passive", true, "active"),
    ] {
        let mut session = session();
        let theirs = browser().replace("actpass", setup);
        let (answer, remote) = offer(&mut session, &theirs).unwrap();
        assert_eq!(said(&answer, "a=setup:"), word);
        assert_eq!(security(&remote).active, active);
        // RFC 8842 §5.3: later it may be said anew, and the roles stay.
        let (answer, _) = offer(&mut session, &browser()).unwrap();
        assert_eq!(said(&answer, "a=setup:"), word);
    }
    let mut ours = session();
    offered(&mut ours);
    let remote = ours.accept_answer(answer("passive").as_bytes()).unwrap();
    assert!(security(&remote).active);
    let (later, _) = offer(&mut ours, &browser()).unwrap();
    assert_eq!(said(&later, "a=setup:"), "active");
    let mut undecided = session();
    offered(&mut undecided);
    let refused = undecided.accept_answer(answer("actpass").as_bytes());
    assert_eq!(refused.unwrap_err(), SdpError::AnswerMismatch);
}

#[test]
fn who_is_expected_to_be_in_a_browser_is_offered_nothing_else() {
    let mut session = session();
    session.expect_browser();

    let offer = String::from_utf8(session.make_offer(SendRecv).to_vec()).unwrap();
    assert!(names(&offer, "a=ice-ufrag:"), "{offer}");
    let remote = session.accept_answer(answer("active").as_bytes()).unwrap();

    assert_eq!(security(&remote).ufrag, "h0Xz");
    let mut at_port = SdpSession::new(
        1,
        Local {
            ice: None,
            ..local()
        },
    );
    at_port.expect_browser();
    let offer = String::from_utf8(at_port.make_offer(SendRecv).to_vec()).unwrap();
    assert!(!names(&offer, "a=ice"), "{offer}");
}

#[test]
fn two_sessions_of_ours_have_credentials_of_their_own() {
    let other = Local {
        ice: Some(Lite {
            seed: [8; 32],
            ..lite()
        }),
        ..local()
    };

    let (_, one) = offer(&mut session(), &browser()).unwrap();
    let (_, other) = offer(&mut SdpSession::new(78, other), &browser()).unwrap();

    assert_ne!(security(&one).ice, security(&other).ice);
    let ice = &security(&one).ice;
    assert_eq!((ice.ufrag.len(), ice.password.len()), (8, 24));
}
