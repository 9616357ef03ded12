use std::net::{IpAddr, Ipv4Addr};

use super::*;
use crate::sdp::{Codec, Direction, KeyMark, Local, Negotiated, RemoteMedia, SdpSession};

const THEIRS: &str = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";
const CM_80: &str = "AES_CM_128_HMAC_SHA1_80";
const OURS: Fingerprint = Fingerprint([7; 32]);

fn keys(of: u8) -> [MasterKey; 3] {
    [0, 1, 2].map(|n| MasterKey::new([of + n; MasterKey::LEN]))
}

fn srtp(demand: Demand, ways: &[Way]) -> Srtp {
    Srtp {
        demand,
        ways: ways.to_vec(),
    }
}

fn both() -> [Way; 2] {
    [Way::Sdes(keys(1)), Way::Dtls(OURS)]
}

fn session(srtp: Srtp) -> SdpSession {
    let local = Local {
        address: IpAddr::V4(Ipv4Addr::LOCALHOST).into(),
        port: 40_000,
        codecs: vec![Codec::Pcmu],
        srtp,
        ice: None,
    };
    SdpSession::new(7, local)
}

fn body(lines: &str) -> String {
    format!("v=0\r\no=- 1 1 IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 10.0.0.9\r\nt=0 0\r\n{lines}")
}

fn sdes(proto: &str) -> String {
    format!(
        "m=audio 6000 {proto} 0\r\na=crypto:4 F8_128_HMAC_SHA1_80 inline:{THEIRS}\r\na=crypto:5 {CM_80} inline:{THEIRS}\r\n"
    )
}

fn dtls(proto: &str, setup: &str) -> String {
    let theirs = Fingerprint([9; 32]);
    format!(
        "m=audio 6000 {proto} 0\r\na=fingerprint:sha-1 00:11\r\na=fingerprint:SHA-256 {theirs}\r\na=setup:{setup}\r\n"
    )
}

fn plain() -> String {
    "m=audio 6000 RTP/AVP 0\r\n".to_owned()
}

fn negotiate(srtp: Srtp, offer: &str) -> Result<Negotiated, SdpError> {
    session(srtp).negotiate(body(offer).as_bytes(), Direction::SendRecv, None)
}

fn kind(protection: &Protection) -> &'static str {
    match protection {
        Protection::Plain => "plain",
        Protection::Sdes(_) => "sdes",
        Protection::Dtls { active: false, .. } => "dtls, waits",
        Protection::Dtls { active: true, .. } => "dtls, begins",
        Protection::Ice(_) => "ice",
    }
}

#[test]
fn any_certificate_that_a_description_names_may_be_shown() {
    let one = dtls("UDP/TLS/RTP/SAVP", "actpass");
    let second = Fingerprint([3; 32]);
    let offer = format!("{one}a=fingerprint:sha-256 {second}\r\n");

    let agreed = negotiate(srtp(Demand::Require, &both()), &offer).unwrap();

    let Protection::Dtls { fingerprints, .. } = agreed.remote.protection else {
        panic!("{:?}", agreed.remote.protection);
    };
    assert!(fingerprints.name(Fingerprint([9; 32])) && fingerprints.name(second));
    assert!(!fingerprints.name(OURS));
}

#[test]
fn an_offer_is_secured_as_the_demand_and_the_ways_allow() {
    use Demand::{Off, Offer, Require};
    let no_way = || Err(SdpError::Transport);
    let no_keys = || Err(SdpError::NoCommonKeys);
    let clear = || Err(SdpError::Unsecured);
    let [told, shaken] = both();
    let all = &both()[..];
    let table = [
        (Off, all, plain(), Ok("plain")),
        (Off, all, sdes("RTP/AVP"), Ok("plain")),
        (Off, all, sdes("RTP/SAVP"), no_way()),
        (Off, all, dtls("UDP/TLS/RTP/SAVP", "actpass"), no_way()),
        (Offer, all, plain(), Ok("plain")),
        (Offer, all, sdes("RTP/AVP"), Ok("sdes")),
        (Offer, all, sdes("RTP/SAVP"), Ok("sdes")),
        (Offer, all, sdes("RTP/SAVPF"), Ok("sdes")),
        (Offer, all, dtls("RTP/AVP", "actpass"), Ok("dtls, waits")),
        (Require, all, plain(), clear()),
        (Require, all, sdes("RTP/AVP"), Ok("sdes")),
        (
            Require,
            all,
            dtls("UDP/TLS/RTP/SAVP", "actpass"),
            Ok("dtls, waits"),
        ),
        (
            Require,
            all,
            dtls("UDP/TLS/RTP/SAVPF", "active"),
            Ok("dtls, waits"),
        ),
        (
            Require,
            all,
            dtls("UDP/TLS/RTP/SAVPF", "passive"),
            Ok("dtls, begins"),
        ),
        (
            Require,
            all,
            dtls("UDP/TLS/RTP/SAVPF", "holdconn"),
            no_keys(),
        ),
        (Require, &[shaken], sdes("RTP/SAVP"), no_keys()),
        (Require, &[shaken], sdes("RTP/AVP"), clear()),
        (Offer, &[shaken], sdes("RTP/AVP"), Ok("plain")),
        (
            Offer,
            &[told],
            dtls("UDP/TLS/RTP/SAVPF", "actpass"),
            no_keys(),
        ),
        // The secured one of two is taken, wherever it stands.
        (Offer, all, plain() + &sdes("RTP/SAVP"), Ok("sdes")),
        (Offer, &[shaken], sdes("RTP/SAVP") + &plain(), Ok("plain")),
    ];
    for (demand, ways, offer, expected) in table {
        let agreed = negotiate(srtp(demand, ways), &offer);

        let agreed = agreed.map(|agreed| kind(&agreed.remote.protection));
        assert_eq!(agreed, expected, "{demand:?} {offer}");
    }
}

#[test]
fn the_answer_repeats_the_tag_with_a_key_of_our_own() {
    let agreed = negotiate(srtp(Demand::Offer, &both()), &sdes("RTP/SAVP")).unwrap();

    let Protection::Sdes(found) = agreed.remote.protection else {
        panic!("{:?}", agreed.remote.protection);
    };
    assert_eq!(found.suite, Suite::AesCm128Sha1_80);
    assert_eq!(found.ours, keys(1)[1]);
    assert_eq!(found.theirs[0].key.key(), &b"YS___semctl () {"[..]);
    let answer = String::from_utf8_lossy(&agreed.answer).into_owned();
    assert!(answer.contains("m=audio 40000 RTP/SAVP 0\r\n"), "{answer}");
    assert!(
        answer.contains(&format!("a=crypto:5 {CM_80} inline:AgIC")),
        "{answer}"
    );
    assert_eq!(answer.matches("a=crypto").count(), 1, "{answer}");
}

#[test]
fn the_mark_of_a_key_is_the_peers_and_ours_has_none() {
    let marked = format!("{THEIRS}|2^20|1:4");
    let offer = sdes("RTP/SAVP").replace(THEIRS, &marked);

    let agreed = negotiate(srtp(Demand::Require, &both()), &offer).unwrap();

    let Protection::Sdes(found) = agreed.remote.protection else {
        panic!("{:?}", agreed.remote.protection);
    };
    assert_eq!(found.theirs[0].mark, KeyMark::new(1, 4));
    let answer = String::from_utf8_lossy(&agreed.answer).into_owned();
    let line = answer.lines().find(|line| line.starts_with("a=crypto"));
    assert!(!line.unwrap().contains('|'), "{answer}");
    let answer = format!("m=audio 6000 RTP/SAVP 0\r\na=crypto:2 {CM_80} inline:{marked}\r\n");
    let agreed = answered(Demand::Require, both()[0], &answer).unwrap();
    let Protection::Sdes(found) = agreed.protection else {
        panic!("{:?}", agreed.protection);
    };
    assert_eq!(found.theirs[0].mark, KeyMark::new(1, 4));
}

#[test]
fn a_peer_may_send_under_several_keys_and_we_under_one() {
    let other = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj";
    let line = |tag: u32, behind: [&str; 2]| {
        let [first, second] = behind;
        format!("a=crypto:{tag} {CM_80} inline:{THEIRS}{first};inline:{other}{second}\r\n")
    };
    let marked = ["|2^20|1:4", "|2:4"];
    let savp = |line: String| format!("m=audio 6000 RTP/SAVP 0\r\n{line}");
    let both_keys = |protection: Protection| {
        let Protection::Sdes(found) = protection else {
            panic!("{protection:?}");
        };
        assert_eq!(found.ours, keys(1)[1]);
        let marks: Vec<_> = found.theirs.iter().map(|key| key.mark).collect();
        assert_eq!(marks, [KeyMark::new(1, 4), KeyMark::new(2, 4)]);
        assert_ne!(found.theirs[0].key, found.theirs[1].key);
    };

    let agreed = negotiate(srtp(Demand::Require, &both()), &savp(line(5, marked))).unwrap();

    both_keys(agreed.remote.protection);
    let answer = String::from_utf8_lossy(&agreed.answer).into_owned();
    let line_of_ours = answer.lines().find(|line| line.starts_with("a=crypto"));
    let line_of_ours = line_of_ours.unwrap();
    assert!(line_of_ours.starts_with("a=crypto:5 "), "{answer}");
    assert!(!line_of_ours.contains([';', '|']), "{answer}");
    let agreed = answered(Demand::Require, both()[0], &savp(line(2, marked))).unwrap();
    both_keys(agreed.protection);

    // Several that nothing tells apart are none, as a line of them is passed over.
    let table = [
        (
            Demand::Offer,
            savp(line(5, ["", ""])),
            Err(SdpError::NoCommonKeys),
        ),
        (
            Demand::Require,
            savp(line(5, ["|1:4", ""])),
            Err(SdpError::NoCommonKeys),
        ),
        (
            Demand::Require,
            savp(line(3, ["", ""])) + &sdes("RTP/SAVP")[25..],
            Ok("sdes"),
        ),
    ];
    for (demand, offer, expected) in table {
        let agreed = negotiate(srtp(demand, &[both()[0]]), &offer);

        let agreed = agreed.map(|agreed| kind(&agreed.remote.protection));
        assert_eq!(agreed, expected, "{demand:?} {offer}");
    }
}

#[test]
fn two_of_us_agree_on_keys_that_fit() {
    for demand in [Demand::Offer, Demand::Require] {
        for way in both() {
            let mut one = session(srtp(demand, &[way]));
            let theirs = match way {
                Way::Sdes(_) => Way::Sdes(keys(101)),
                Way::Dtls(_) => Way::Dtls(Fingerprint([8; 32])),
            };
            let mut other = session(srtp(demand, &[theirs]));

            let offer = one.make_offer(Direction::SendRecv);
            let answered = other.negotiate(&offer, Direction::SendRecv, None).unwrap();
            let agreed = one.accept_answer(&answered.answer).unwrap();

            match (agreed.protection, answered.remote.protection) {
                (Protection::Sdes(one), Protection::Sdes(other)) => {
                    assert_eq!(one.theirs, [MarkedKey::plain(other.ours)]);
                    assert_eq!(other.theirs, [MarkedKey::plain(one.ours)]);
                    assert_eq!(
                        (one.suite, other.suite),
                        (Suite::AeadAes128Gcm, Suite::AeadAes128Gcm)
                    );
                }
                (one, other) => {
                    let begins = Protection::Dtls {
                        fingerprints: Fingerprint([8; 32]).into(),
                        active: true,
                    };
                    assert_eq!((one, kind(&other)), (begins, "dtls, waits"));
                }
            }
            // What the call agreed on once, a later offer of ours names again.
            let again = one.make_offer(Direction::SendOnly);
            let answered = other.negotiate(&again, Direction::SendRecv, None).unwrap();
            assert_ne!(answered.remote.protection, Protection::Plain);
        }
    }
}

fn answered(demand: Demand, way: Way, answer: &str) -> Result<RemoteMedia, SdpError> {
    let mut session = session(srtp(demand, &[way]));
    session.make_offer(Direction::SendRecv);
    session.accept_answer(body(answer).as_bytes())
}

#[test]
fn an_answer_that_secures_nothing_is_taken_only_where_it_was_a_wish() {
    let [told, shaken] = both();
    let savp = |line: &str| format!("m=audio 6000 RTP/SAVP 0\r\n{line}");
    let crypto = |tag: u32| format!("a=crypto:{tag} {CM_80} inline:{THEIRS}\r\n");
    let table = [
        (Demand::Offer, told, plain(), Ok("plain")),
        (Demand::Offer, shaken, plain(), Ok("plain")),
        (
            Demand::Require,
            told,
            plain(),
            Err(SdpError::AnswerMismatch),
        ),
        (Demand::Require, told, savp(""), Err(SdpError::Unsecured)),
        (
            Demand::Offer,
            told,
            plain() + &crypto(2).replace("\r\n", ";inline:unmarked\r\n"),
            Err(SdpError::NoCommonKeys),
        ),
        (Demand::Require, told, savp(&crypto(2)), Ok("sdes")),
        // The tag is that of another suite.
        (
            Demand::Require,
            told,
            savp(&crypto(1)),
            Err(SdpError::AnswerMismatch),
        ),
        (
            Demand::Require,
            shaken,
            dtls("UDP/TLS/RTP/SAVP", "active"),
            Ok("dtls, waits"),
        ),
        (
            Demand::Require,
            shaken,
            dtls("UDP/TLS/RTP/SAVP", "passive"),
            Ok("dtls, begins"),
        ),
        (
            Demand::Require,
            shaken,
            dtls("UDP/TLS/RTP/SAVP", "actpass"),
            Err(SdpError::AnswerMismatch),
        ),
    ];
    for (demand, way, answer, expected) in table {
        let agreed = answered(demand, way, &answer).map(|agreed| kind(&agreed.protection));

        assert_eq!(agreed, expected, "{demand:?} {answer}");
    }
}

#[test]
fn a_call_that_began_in_clear_is_offered_in_clear_again() {
    let mut session = session(srtp(Demand::Offer, &both()));
    session
        .negotiate(body(&plain()).as_bytes(), Direction::SendRecv, None)
        .unwrap();

    let offer = session.make_offer(Direction::SendRecv);

    assert!(!String::from_utf8_lossy(&offer).contains("a=crypto"));
}
