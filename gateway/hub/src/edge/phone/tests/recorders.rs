//! What a recorder outside is told and sent while a call goes on.

use std::{collections::BTreeSet, sync::Arc};

use sip::{
    endpoint::{Fork, Target as SipTarget},
    sdp::{Demand, Fingerprint},
};
use ws::id::RecordingId;

use super::*;
use crate::{
    edge::phone::{KeyWay, SrtpRules},
    recorder::{RecorderNews, RecorderSetup},
};

const SERVERS: [&str; 2] = ["one", "two"];

fn recording() -> RecordingId {
    let interaction = interaction();
    RecordingId { interaction, n: 1 }
}

fn with() -> Arc<RecorderSetup> {
    Arc::new(RecorderSetup {
        servers: SERVERS.map(|name| name.parse().unwrap()).to_vec(),
        user: "srs".to_owned(),
        domain: "house.example".to_owned(),
        queues: BTreeSet::new(),
        files: false,
        required: false,
        answer: Duration::from_secs(5),
    })
}

fn record(phones: &mut Phones, leg: LegId) {
    record_at(phones, leg, NOW);
}

fn record_at(phones: &mut Phones, leg: LegId, now: Timestamp) {
    let recording = recording();
    let with = with();
    phones.handle_command(
        Command::CallRecorder {
            leg,
            recording,
            with,
            paused: false,
        },
        now,
    );
}

/// What was asked of the SIP side: each request's call and, where it has one, its body.
fn sent(outputs: &[Output]) -> Vec<(&'static str, CallKey, String)> {
    let sent = outputs.iter().filter_map(|output| match output {
        Output::Sip(SipCommand::Dial { call, sdp, .. }) => {
            Some(("dial", *call, text(sdp.by_family.first()).to_owned()))
        }
        Output::Sip(SipCommand::Offer { call, sdp }) => {
            Some(("offer", *call, text(sdp).to_owned()))
        }
        Output::Sip(SipCommand::AcceptOffer {
            call,
            fork: None,
            sdp,
        }) => Some(("accept", *call, text(sdp).to_owned())),
        Output::Sip(SipCommand::Describe { call, metadata }) => {
            Some(("last", *call, text(metadata).to_owned()))
        }
        Output::Sip(SipCommand::HangUp { call, .. }) => Some(("end", *call, String::new())),
        _ => None,
    });
    sent.collect()
}

fn news(outputs: &[Output]) -> Vec<RecorderNews> {
    let news = outputs.iter().filter_map(|output| match output {
        Output::Hub(Input::Recorder { news, .. }) => Some(news.clone()),
        _ => None,
    });
    news.collect()
}

fn heard(outputs: &[Output]) -> Vec<(u64, Vec<u64>)> {
    let rows = outputs.iter().filter_map(|output| match output {
        Output::Media(MediaCommand::Hear { leg, whom }) => {
            Some((leg.0, whom.iter().map(|leg| leg.0).collect()))
        }
        Output::Media(MediaCommand::Unbridge { leg }) => Some((leg.0, Vec::new())),
        _ => None,
    });
    rows.collect()
}

/// A recorder's answer with so many streams; a port of 0 refuses one.
fn takes(ports: &[u16]) -> Bytes {
    let head = "v=0\r\no=srs 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n";
    let lines = ports
        .iter()
        .map(|port| format!("m=audio {port} RTP/AVP 8\r\na=recvonly\r\n"));
    Bytes::from(format!("{head}{}", lines.collect::<String>()))
}

fn answered(call: CallKey, sdp: Bytes) -> Event {
    Event::Answered {
        fork: None,
        call,
        sdp: Some(sdp),
        session: None,
        source: "192.0.2.1:5060".parse().unwrap(),
    }
}

/// A bridged call of legs 1 and 2, recorded: its seats are media legs 3 (the customer's) and 4.
fn recorded(phones: &mut Phones) -> (LegId, LegId, CallKey) {
    let (customer, agent) = bridged(phones);
    record(phones, customer);
    phones.handle_media(opened(3, 4004), NOW);
    assert_eq!(sent(&drain(phones)), [], "the other port is not bound yet");
    phones.handle_media(opened(4, 4006), NOW);
    let [("dial", call, _)] = sent(&drain(phones))[..] else {
        panic!("the first recorder is called");
    };
    phones.handle_sip(answered(call, takes(&[6000, 6002])), NOW);
    (customer, agent, call)
}

fn directions(body: &str) -> Vec<&str> {
    let known = ["a=sendonly", "a=inactive"];
    body.lines().filter(|line| known.contains(line)).collect()
}

#[test]
fn a_recorder_is_offered_a_stream_of_each_with_its_label_in_the_metadata() {
    let mut phones = phones(4000..=4099);
    let (customer, _) = bridged(&mut phones);
    record(&mut phones, customer);
    phones.handle_media(opened(3, 4004), NOW);
    phones.handle_media(opened(4, 4006), NOW);

    let outputs = drain(&mut phones);

    let dialled = outputs.iter().find_map(|output| match output {
        Output::Sip(SipCommand::Dial {
            to, ring_for, tag, ..
        }) => Some((to.clone(), *ring_for, tag.clone())),
        _ => None,
    });
    let (to, ring_for, tag) = dialled.unwrap();
    let (trunk, user) = ("one".to_owned(), "srs".to_owned());
    assert_eq!(
        (to, ring_for),
        (SipTarget::Recorder { trunk, user }, Duration::from_secs(5))
    );
    let named = ("X-Interaction-ID".to_owned(), interaction().to_string());
    assert!(tag.headers.contains(&named));
    let body = &sent(&outputs)[0].2;
    assert!(
        body.contains("m=audio 4004 ") && body.contains("m=audio 4006 "),
        "{body}"
    );
    assert_eq!(directions(body), ["a=sendonly", "a=sendonly"]);
    for label in ["1", "2"] {
        assert!(body.contains(&format!("a=label:{label}\r\n")), "{body}");
        assert!(body.contains(&format!("<label>{label}</label>")), "{body}");
    }
    assert!(
        body.contains("<nameID aor=\"sip:+49301234@house.example\">"),
        "{body}"
    );
    assert!(
        body.contains("<nameID aor=\"sip:anna@house.example\">"),
        "{body}"
    );
}

#[test]
fn each_stream_hears_one_of_them_once_the_recorder_took_it() {
    let mut phones = phones(4000..=4099);

    recorded(&mut phones);

    let outputs = drain(&mut phones);
    assert_eq!(heard(&outputs), [(3, vec![1]), (4, vec![2])]);
    let recorder = "one".parse().unwrap();
    assert_eq!(news(&outputs), [RecorderNews::Opened { recorder }]);
    let remotes: Vec<_> = outputs
        .iter()
        .filter_map(|output| match output {
            Output::Media(MediaCommand::Remote { leg, media }) => {
                Some((leg.0, media.address.port(), media.direction))
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        remotes,
        [
            (3, 6000, Direction::SendOnly),
            (4, 6002, Direction::SendOnly)
        ]
    );
    assert_eq!(sent(&outputs), [], "nothing is left to be said");
}

#[test]
fn hold_rests_the_agents_stream_and_is_told() {
    let mut phones = phones(4000..=4099);
    let (customer, agent, call) = recorded(&mut phones);
    drain(&mut phones);

    phones.handle_command(Command::Part { leg: customer }, NOW);
    let held = drain(&mut phones);
    let sdp = takes(&[6000, 6002]);
    phones.handle_sip(Event::OfferAnswered { call, sdp }, NOW);
    phones.handle_command(
        Command::Bridge {
            a: customer,
            b: agent,
        },
        NOW,
    );
    let back = drain(&mut phones);

    let [("offer", _, body)] = &sent(&held)[..] else {
        panic!("{held:?}");
    };
    assert_eq!(directions(body), ["a=sendonly", "a=inactive"]);
    assert!(
        !body.contains("disassociate-time"),
        "the agent has not left: {body}"
    );
    // The media plane let nobody hear the customer, so that is said anew.
    assert!(
        heard(&held).ends_with(&[(3, vec![1]), (4, vec![])]),
        "{held:?}"
    );
    assert!(
        heard(&back).ends_with(&[(3, vec![1]), (4, vec![2])]),
        "{back:?}"
    );
    assert_eq!(directions(&sent(&back)[0].2), ["a=sendonly", "a=sendonly"]);
}

#[test]
fn a_pause_rests_all_streams_at_once() {
    let mut phones = phones(4000..=4099);
    let (customer, _, call) = recorded(&mut phones);
    drain(&mut phones);
    let pause = |on| Command::PauseRecording { leg: customer, on };

    phones.handle_command(pause(true), NOW);
    let paused = drain(&mut phones);
    phones.handle_command(pause(false), NOW);
    let early = drain(&mut phones);
    phones.handle_sip(
        Event::OfferAnswered {
            call,
            sdp: takes(&[6000, 6002]),
        },
        NOW,
    );
    let resumed = drain(&mut phones);

    assert_eq!(heard(&paused), [(3, vec![]), (4, vec![])]);
    let body = &sent(&paused)[0].2;
    assert_eq!(directions(body), ["a=inactive", "a=inactive"]);
    assert!(
        !body.contains("<send>") && !body.contains("<recv>"),
        "{body}"
    );
    assert_eq!(sent(&early), [], "one offer at a time");
    assert_eq!(
        directions(&sent(&resumed)[0].2),
        ["a=sendonly", "a=sendonly"]
    );
}

#[test]
fn a_recorder_that_is_called_in_a_pause_hears_nothing_of_it() {
    let mut phones = phones(4000..=4099);
    let (customer, _) = bridged(&mut phones);
    phones.handle_command(
        Command::CallRecorder {
            leg: customer,
            recording: recording(),
            with: with(),
            paused: true,
        },
        NOW,
    );
    phones.handle_media(opened(3, 4004), NOW);
    phones.handle_media(opened(4, 4006), NOW);
    let [("dial", call, body)] = &sent(&drain(&mut phones))[..] else {
        panic!("the first recorder is called");
    };
    let (call, body) = (*call, body.clone());
    phones.handle_sip(answered(call, takes(&[6000, 6002])), NOW);

    assert_eq!(directions(&body), ["a=inactive", "a=inactive"]);
    assert_eq!(heard(&drain(&mut phones)), []);
    let on = false;
    phones.handle_command(Command::PauseRecording { leg: customer, on }, NOW);
    assert_eq!(
        heard(&drain(&mut phones)),
        [(3, vec![1]), (4, vec![2])],
        "the pause is over"
    );
}

#[test]
fn a_recorder_that_does_not_follow_a_change_is_left() {
    let mut phones = phones(4000..=4099);
    let (customer, _, call) = recorded(&mut phones);
    drain(&mut phones);
    let on = true;
    phones.handle_command(Command::PauseRecording { leg: customer, on }, NOW);
    drain(&mut phones);

    phones.handle_sip(Event::OfferRefused { call, code: 500 }, NOW);

    let outputs = drain(&mut phones);
    let done: Vec<_> = sent(&outputs).iter().map(|one| one.0).collect();
    assert_eq!(done, ["last", "end"]);
    let closed = |news: &RecorderNews| matches!(news, RecorderNews::Closed { .. });
    assert!(matches!(&news(&outputs)[..], [news] if closed(news)));
    assert_eq!(phones.recorders.len(), 0);
}

#[test]
fn a_transfer_names_the_new_one_and_when_the_old_one_left() {
    let mut phones = phones(4000..=4099);
    let (customer, agent, call) = recorded(&mut phones);
    let cause = normal();
    phones.handle_command(Command::Release { leg: agent, cause }, NOW);
    let gone = drain(&mut phones);
    phones.handle_sip(
        Event::OfferAnswered {
            call,
            sdp: takes(&[6000, 6002]),
        },
        NOW,
    );

    // Leg 3 is dialled as media leg 6: the recorder's call has number 5.
    phones.handle_command(dial(3), NOW);
    phones.handle_media(opened(6, 4008), NOW);
    phones.handle_sip(answered(CallKey::Out(6), offer("sendrecv")), NOW);
    phones.handle_command(
        Command::Bridge {
            a: customer,
            b: leg_id(3),
        },
        NOW,
    );
    let came = drain(&mut phones);

    let gone = sent(&gone);
    let (_, _, body) = gone.iter().find(|one| one.0 == "offer").unwrap();
    assert_eq!(directions(body), ["a=sendonly", "a=inactive"]);
    assert_eq!(body.matches("<disassociate-time>").count(), 1, "{body}");
    // The seat that is free is the new one's, under a new label, and nothing is sent before the recorder knows that.
    assert!(!heard(&came).contains(&(4, vec![6])));
    let body = &sent(&came).pop().unwrap().2;
    assert_eq!(directions(body), ["a=sendonly", "a=sendonly"]);
    assert!(
        body.contains("a=label:3\r\n") && !body.contains("a=label:2\r\n"),
        "{body}"
    );
    assert_eq!(
        body.matches("<participant participant_id").count(),
        3,
        "{body}"
    );
    let sdp = takes(&[6000, 6002]);
    phones.handle_sip(Event::OfferAnswered { call, sdp }, NOW);
    assert_eq!(heard(&drain(&mut phones)), [(4, vec![6])]);
}

#[test]
fn who_joins_gets_a_stream_more() {
    let mut phones = phones(4000..=4099);
    let (customer, agent, _) = recorded(&mut phones);
    phones.handle_command(dial(3), NOW);
    phones.handle_media(opened(6, 4008), NOW);
    phones.handle_sip(answered(CallKey::Out(6), offer("sendrecv")), NOW);
    drain(&mut phones);

    phones.handle_command(
        Command::Join {
            leg: leg_id(3),
            to: agent,
        },
        NOW,
    );
    assert_eq!(sent(&drain(&mut phones)), [], "its port is not bound yet");
    phones.handle_media(opened(7, 4010), NOW);
    let joined = drain(&mut phones);
    let [("offer", call, body)] = &sent(&joined)[..] else {
        panic!("{joined:?}");
    };
    phones.handle_sip(
        Event::OfferAnswered {
            call: *call,
            sdp: takes(&[6000, 6002, 6004]),
        },
        NOW,
    );

    assert_eq!(directions(body), ["a=sendonly"; 3]);
    assert_eq!(heard(&drain(&mut phones)), [(7, vec![6])]);
    // Who is muted is heard as silence, and stays in the call.
    phones.handle_command(
        Command::Mute {
            leg: leg_id(3),
            on: true,
        },
        NOW,
    );
    let muted = drain(&mut phones);
    assert!(
        heard(&muted).contains(&(7, vec![])) && sent(&muted).is_empty(),
        "{muted:?}"
    );
    let _ = customer;
}

#[test]
fn the_next_recorder_is_called_when_one_does_not_take_it() {
    let mut phones = phones(4000..=4099);
    let (customer, _) = bridged(&mut phones);
    record(&mut phones, customer);
    for (leg, port) in [(3, 4004), (4, 4006)] {
        phones.handle_media(opened(leg, port), NOW);
    }
    let first = sent(&drain(&mut phones))[0].1;

    phones.handle_sip(answered(first, takes(&[0, 0])), NOW);
    let outputs = drain(&mut phones);
    let [("end", ended, _), ("dial", second, _)] = &sent(&outputs)[..] else {
        panic!("{outputs:?}");
    };
    assert_eq!(*ended, first);
    let second = *second;
    let refused = |call| Event::Failed {
        call,
        code: 503,
        reason: "Service Unavailable".to_owned(),
        dialled: true,
        cause: None,
    };
    phones.handle_sip(refused(first), NOW);
    assert_eq!(drain(&mut phones), [], "that one was left already");
    phones.handle_sip(refused(second), NOW);

    let outputs = drain(&mut phones);
    let [RecorderNews::Failed { reason }] = &news(&outputs)[..] else {
        panic!("{outputs:?}");
    };
    assert!(
        reason.starts_with("one: ") && reason.ends_with("two: 503 Service Unavailable"),
        "{reason}"
    );
    nothing_left(&mut phones, &outputs, 2);
}

/// A recorder's answer or offer with two streams, and what it does with each.
fn does(ways: [&str; 2]) -> Bytes {
    let both = takes(&[6000, 6002]);
    let mut parts = text(&both).split("recvonly");
    let mut part = || parts.next().unwrap();
    Bytes::from([part(), ways[0], part(), ways[1], part()].concat())
}

/// A recorder is called for a call that must be recorded, or need not be.
fn called(phones: &mut Phones, required: bool) -> CallKey {
    let (leg, _) = bridged(phones);
    let with = Arc::new(RecorderSetup {
        required,
        ..RecorderSetup::clone(&with())
    });
    let recording = recording();
    let paused = false;
    phones.handle_command(
        Command::CallRecorder {
            leg,
            recording,
            with,
            paused,
        },
        NOW,
    );
    phones.handle_media(opened(3, 4004), NOW);
    phones.handle_media(opened(4, 4006), NOW);
    sent(&drain(phones))[0].1
}

#[test]
fn a_recorder_may_let_a_stream_rest_unless_the_call_must_be_recorded() {
    let old = text(&takes(&[6000, 6002])).replace("c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0");
    let old = Bytes::from(old);
    for (required, answer, has_it) in [
        (false, takes(&[0, 6002]), false),
        (false, does(["inactive", "recvonly"]), true),
        (false, does(["recvonly", "inactive"]), true),
        (false, old.clone(), true),
        (true, does(["inactive", "recvonly"]), false),
        (true, does(["recvonly", "inactive"]), false),
        (true, does(["recvonly", "recvonly"]), true),
        (true, old, false),
    ] {
        // At its answer the next is asked.
        let mut phones = phones(4000..=4099);
        let call = called(&mut phones, required);
        phones.handle_sip(answered(call, answer.clone()), NOW);
        let outputs = drain(&mut phones);
        let what = format!("{required} {answer:?}: {outputs:?}");
        match has_it {
            true => assert!(
                matches!(news(&outputs)[..], [RecorderNews::Opened { .. }, ..]),
                "{what}"
            ),
            false => {
                assert!(
                    sent(&outputs).contains(&("end", call, String::new())),
                    "{what}"
                );
                assert_eq!(news(&outputs), [], "{what}");
            }
        }

        // By its own offer the hub is told that it left.
        let mut phones = self::phones(4000..=4099);
        let call = called(&mut phones, required);
        phones.handle_sip(answered(call, takes(&[6000, 6002])), NOW);
        drain(&mut phones);
        let (fork, sdp) = (None, Some(answer));
        phones.handle_sip(Event::Offered { call, fork, sdp }, NOW);
        let outputs = drain(&mut phones);
        let left = matches!(news(&outputs)[..], [RecorderNews::Closed { .. }]);
        assert_eq!(left, !has_it, "{required}: {outputs:?}");
    }
}

#[test]
fn a_recorder_that_takes_up_again_after_a_pause_has_it_still() {
    let mut phones = phones(4000..=4099);
    let (customer, _, call) = recorded(&mut phones);
    drain(&mut phones);
    for (on, way) in [(true, "inactive"), (false, "recvonly")] {
        phones.handle_command(Command::PauseRecording { leg: customer, on }, NOW);
        let sdp = does([way, way]);
        phones.handle_sip(Event::OfferAnswered { call, sdp }, NOW);
    }
    assert_eq!(news(&drain(&mut phones)), []);

    for on in [true, false] {
        phones.handle_command(Command::PauseRecording { leg: customer, on }, NOW);
        let sdp = does(["inactive", "inactive"]);
        phones.handle_sip(Event::OfferAnswered { call, sdp }, NOW);
    }

    assert_eq!(
        news(&drain(&mut phones)),
        [RecorderNews::Rests { on: true }]
    );
}

/// The recorder says by an offer of its own what it takes of both streams; returns what follows.
fn says(phones: &mut Phones, call: CallKey, ways: [&str; 2]) -> Vec<Output> {
    let (fork, sdp) = (None, Some(does(ways)));
    phones.handle_sip(Event::Offered { call, fork, sdp }, NOW);
    drain(phones)
}

#[test]
fn what_a_recorder_lets_rest_is_not_offered_as_sent_before_it_asks_for_it_or_it_rested_by_our_word()
{
    let mut phones = phones(4000..=4099);
    let (customer, _, call) = recorded(&mut phones);
    drain(&mut phones);
    let both = |phones: &mut Phones| match &sent(&drain(phones))[..] {
        [("offer", _, body)] => directions(body).join(" "),
        other => panic!("{other:?}"),
    };

    let told = says(&mut phones, call, ["inactive", "recvonly"]);
    assert_eq!(news(&told), [RecorderNews::Rests { on: true }]);
    let [("accept", _, body)] = &sent(&told)[..] else {
        panic!("{told:?}");
    };
    assert_eq!(directions(body), ["a=inactive", "a=sendonly"]);

    // Another change says nothing else of it.
    phones.handle_command(Command::Part { leg: customer }, NOW);
    assert_eq!(both(&mut phones), "a=inactive a=inactive");
    let sdp = does(["inactive", "inactive"]);
    phones.handle_sip(Event::OfferAnswered { call, sdp }, NOW);
    assert_eq!(news(&drain(&mut phones)), []);

    let told = says(&mut phones, call, ["recvonly", "inactive"]);
    assert_eq!(news(&told), [RecorderNews::Rests { on: false }]);
    let [("accept", _, body)] = &sent(&told)[..] else {
        panic!("{told:?}");
    };
    assert_eq!(directions(body), ["a=sendonly", "a=inactive"]);

    // Our own pause begins and ends.
    says(&mut phones, call, ["inactive", "inactive"]);
    let pause = |phones: &mut Phones, on| {
        phones.handle_command(Command::PauseRecording { leg: customer, on }, NOW);
    };
    pause(&mut phones, true);
    assert_eq!(both(&mut phones), "a=inactive a=inactive");
    let sdp = does(["inactive", "inactive"]);
    phones.handle_sip(Event::OfferAnswered { call, sdp }, NOW);
    pause(&mut phones, false);
    assert_eq!(both(&mut phones), "a=sendonly a=inactive");
    let sdp = does(["recvonly", "inactive"]);
    phones.handle_sip(Event::OfferAnswered { call, sdp }, NOW);
    assert_eq!(
        news(&drain(&mut phones)),
        [RecorderNews::Rests { on: false }]
    );
}

/// The media plane lets go of the seats; `ports` are left in use.
fn nothing_left(phones: &mut Phones, outputs: &[Output], ports: usize) {
    for output in outputs {
        if let Output::Media(MediaCommand::Close { leg }) = output {
            let stats = LegStats::default();
            phones.handle_media(MediaEvent::Stats { leg: *leg, stats }, NOW);
        }
    }
    assert_eq!((phones.recorder_count(), phones.ports_in_use()), (0, ports));
}

#[test]
fn the_end_is_told_with_the_last_metadata_and_gives_everything_back() {
    let mut phones = phones(4000..=4099);
    let (customer, _, call) = recorded(&mut phones);
    drain(&mut phones);

    phones.handle_command(
        Command::StopRecording {
            leg: customer,
            keep: true,
        },
        NOW,
    );

    let outputs = drain(&mut phones);
    let [("last", _, last), ("end", ended, _)] = &sent(&outputs)[..] else {
        panic!("{outputs:?}");
    };
    assert_eq!(*ended, call);
    assert!(last.contains("<stop-time>"), "{last}");
    assert!(matches!(news(&outputs)[..], [RecorderNews::Closed { .. }]));
    nothing_left(&mut phones, &outputs, 2);
    let by = EndedBy::Us;
    phones.handle_sip(
        Event::Ended {
            call,
            by,
            cause: None,
        },
        NOW,
    );
    assert_eq!(drain(&mut phones), [], "it ends once");
}

#[test]
fn the_end_of_the_customers_leg_ends_it_once_the_hub_says_so() {
    let mut phones = phones(4000..=4099);
    let (customer, _, _) = recorded(&mut phones);
    let cause = normal();
    phones.handle_command(
        Command::Release {
            leg: customer,
            cause,
        },
        NOW,
    );
    let gone = drain(&mut phones);
    assert_eq!(
        sent(&gone).iter().filter(|one| one.0 == "offer").count(),
        0,
        "{gone:?}"
    );

    phones.handle_command(
        Command::StopRecording {
            leg: customer,
            keep: true,
        },
        NOW,
    );

    let outputs = drain(&mut phones);
    assert!(matches!(news(&outputs)[..], [RecorderNews::Closed { .. }]));
    assert_eq!(phones.recorder_count(), 0);
}

#[test]
fn a_recorder_that_hangs_up_is_told_and_the_call_goes_on() {
    let mut phones = phones(4000..=4099);
    let (_, _, call) = recorded(&mut phones);
    drain(&mut phones);

    hangs_up(&mut phones, call);

    let outputs = drain(&mut phones);
    assert!(matches!(news(&outputs)[..], [RecorderNews::Closed { .. }]));
    assert_eq!(sent(&outputs), []);
    assert_eq!(phones.leg_count(), 2);
    nothing_left(&mut phones, &outputs, 2);
}

#[test]
fn a_recorders_own_offers_are_answered_stream_by_stream() {
    let mut phones = phones(4000..=4099);
    let (_, _, call) = recorded(&mut phones);
    drain(&mut phones);

    phones.handle_sip(
        Event::Offered {
            fork: None,
            call,
            sdp: Some(takes(&[7000, 7002])),
        },
        NOW,
    );
    let moved = drain(&mut phones);
    phones.handle_sip(
        Event::Offered {
            fork: None,
            call,
            sdp: Some(takes(&[7000])),
        },
        NOW,
    );
    let fewer = drain(&mut phones);
    phones.handle_sip(
        Event::Offered {
            call,
            fork: None,
            sdp: None,
        },
        NOW,
    );
    let ours = drain(&mut phones);

    assert_eq!(directions(&sent(&moved)[0].2), ["a=sendonly", "a=sendonly"]);
    let moves = moved.iter().filter(|output| matches!(output, Output::Media(MediaCommand::Remote { media, .. }) if media.address.port() >= 7000));
    assert_eq!(moves.count(), 2);
    assert_eq!(
        fewer,
        [Output::Sip(SipCommand::RefuseOffer {
            call,
            fork: None,
            code: 488,
            warning: None
        })]
    );
    // Without an offer it asks for ours, and is told all there is.
    let (what, _, body) = &sent(&ours)[0];
    assert!(*what == "accept" && body.contains("<recording "), "{body}");
}

#[test]
fn a_recorder_that_offers_before_it_answers_is_refused_and_taken_as_it_answers() {
    let mut phones = phones(4000..=4099);
    let (customer, _) = bridged(&mut phones);
    record(&mut phones, customer);
    phones.handle_media(opened(3, 4004), NOW);
    phones.handle_media(opened(4, 4006), NOW);
    let [("dial", call, _)] = sent(&drain(&mut phones))[..] else {
        panic!("the first recorder is called");
    };
    let fork = Some(Fork(0));

    phones.handle_sip(
        Event::Offered {
            call,
            fork,
            sdp: Some(takes(&[7000, 7002])),
        },
        NOW,
    );
    let refused = drain(&mut phones);
    phones.handle_sip(answered(call, takes(&[6000, 6002])), NOW);

    let refusal = SipCommand::RefuseOffer {
        call,
        fork,
        code: 488,
        warning: None,
    };
    assert_eq!(refused, [Output::Sip(refusal)]);
    assert!(matches!(
        news(&drain(&mut phones))[..],
        [RecorderNews::Opened { .. }]
    ));
}

#[test]
fn a_recorder_that_answers_in_a_reliable_response_has_it_when_it_answers_without() {
    for (fork, has) in [(0, true), (1, true), (2, false)] {
        let mut phones = phones(4000..=4099);
        let (customer, _) = bridged(&mut phones);
        record(&mut phones, customer);
        phones.handle_media(opened(3, 4004), NOW);
        phones.handle_media(opened(4, 4006), NOW);
        let [("dial", call, _)] = sent(&drain(&mut phones))[..] else {
            panic!("the first recorder is called");
        };
        for (end, ports) in [(0, [6000, 6002]), (1, [7000, 7002])] {
            phones.handle_sip(
                Event::Progress {
                    call,
                    fork: Some(Fork(end)),
                    code: 183,
                    reason: String::new(),
                    sdp: Some(takes(&ports)),
                },
                NOW,
            );
        }
        assert_eq!(news(&drain(&mut phones)), [], "nobody has it before");

        phones.handle_sip(
            Event::Answered {
                call,
                fork: Some(Fork(fork)),
                sdp: None,
                session: None,
                source: "192.0.2.1:5060".parse().unwrap(),
            },
            NOW,
        );

        let outputs = drain(&mut phones);
        let sent_to = outputs.iter().filter_map(|output| match output {
            Output::Media(MediaCommand::Remote { media, .. }) => Some(media.address.port()),
            _ => None,
        });
        let first = 6000 + 1000 * u16::try_from(fork).unwrap();
        let ports = if has { vec![first, first + 2] } else { vec![] };
        assert_eq!(sent_to.collect::<Vec<_>>(), ports);
        let opened = matches!(news(&outputs)[..], [RecorderNews::Opened { .. }]);
        assert_eq!(opened, has, "one that never described anything is left");
    }
}

#[test]
fn ports_that_cannot_be_bound_are_tried_elsewhere_and_then_given_up() {
    let mut phones = phones(4000..=4003);
    let (customer, _) = bridged(&mut phones);

    record(&mut phones, customer);

    let outputs = drain(&mut phones);
    assert!(
        matches!(news(&outputs)[..], [RecorderNews::Failed { .. }]),
        "no port is free: {outputs:?}"
    );
    assert_eq!(phones.recorder_count(), 0);

    let mut phones = self::phones(4000..=4099);
    let (customer, _) = bridged(&mut phones);
    record(&mut phones, customer);
    assert_eq!(never_opens(&mut phones, 4), 6, "the first and five more");
    phones.handle_media(opened(3, 4004), NOW);
    let [("dial", call, body)] = &sent(&drain(&mut phones))[..] else {
        panic!("the customer can be heard");
    };
    assert_eq!(
        directions(body),
        ["a=sendonly"],
        "the customer alone is sent: {body}"
    );
    assert_eq!(phones.ports_in_use(), 3);
    phones.handle_sip(answered(*call, takes(&[6000])), NOW);
    assert!(matches!(
        news(&drain(&mut phones))[..],
        [RecorderNews::Opened { .. }]
    ));
}

/// Lets every port of a seat be in use; returns how many were tried.
fn never_opens(phones: &mut Phones, seat: u64) -> usize {
    let in_use = |leg, port| MediaEvent::OpenFailed {
        leg: LegKey(leg),
        port,
        error: OpenError::PortInUse,
    };
    let mut outputs = drain(phones);
    let mut opens = 0;
    while let Some((leg, port)) = outputs.iter().find_map(|output| match output {
        Output::Media(MediaCommand::Open { leg, port, .. }) if leg.0 == seat => {
            Some((leg.0, *port))
        }
        _ => None,
    }) {
        opens += 1;
        phones.handle_media(in_use(leg, port), NOW);
        outputs = drain(phones);
    }
    opens
}

#[test]
fn a_call_whose_customer_has_no_stream_is_not_recorded() {
    let mut phones = phones(4000..=4099);
    let (customer, _) = bridged(&mut phones);
    record(&mut phones, customer);
    never_opens(&mut phones, 3);

    phones.handle_media(opened(4, 4006), NOW);

    let outputs = drain(&mut phones);
    assert_eq!(sent(&outputs), [], "nobody is called");
    let [RecorderNews::Failed { reason }] = &news(&outputs)[..] else {
        panic!("{outputs:?}");
    };
    assert!(reason.starts_with("of the half of rtp.ports"), "{reason}");
    nothing_left(&mut phones, &outputs, 2);
}

#[test]
fn recorders_that_leave_again_and_again_take_no_port_from_calls() {
    // Eight ports: the call has two of them, and recorders may have four.
    let mut phones = phones(4000..=4015);
    let (customer, _, first) = recorded(&mut phones);
    drain(&mut phones);
    leaves(&mut phones, first);
    record(&mut phones, customer);
    for (leg, port) in [(6, 4008), (7, 4010)] {
        phones.handle_media(opened(leg, port), NOW);
    }
    let [("dial", second, _)] = sent(&drain(&mut phones))[..] else {
        panic!("one is called again");
    };
    phones.handle_sip(answered(second, takes(&[6000, 6002])), NOW);
    leaves(&mut phones, second);
    record(&mut phones, customer);

    let [RecorderNews::Failed { reason }] = &news(&drain(&mut phones))[..] else {
        panic!("what they had rests");
    };
    assert!(reason.starts_with("of the half of rtp.ports"), "{reason}");
    let opens = |outputs: &[Output]| {
        let opens = |one: &&Output| matches!(one, Output::Media(MediaCommand::Open { .. }));
        outputs.iter().filter(opens).count()
    };
    for call in [3, 4] {
        phones.handle_command(dial(call), NOW);
        assert_eq!(opens(&drain(&mut phones)), 1, "a call finds a port");
    }
    let rested = NOW + Duration::from_secs(30);
    record_at(&mut phones, customer, rested);
    assert_eq!(opens(&drain(&mut phones)), 2, "they have rested");
}

fn hangs_up(phones: &mut Phones, call: CallKey) {
    let by = EndedBy::Far;
    phones.handle_sip(
        Event::Ended {
            call,
            by,
            cause: None,
        },
        NOW,
    );
}

// Its ports are given back then.
fn leaves(phones: &mut Phones, call: CallKey) {
    hangs_up(phones, call);
    for output in drain(phones) {
        if let Output::Media(MediaCommand::Close { leg }) = output {
            let stats = LegStats::default();
            phones.handle_media(MediaEvent::Stats { leg, stats }, NOW);
        }
    }
}

#[test]
fn where_calls_must_be_recorded_everybody_must_have_a_stream() {
    let mut phones = phones(4000..=4099);
    let (customer, _) = bridged(&mut phones);
    let mut must = with();
    Arc::make_mut(&mut must).required = true;
    phones.handle_command(
        Command::CallRecorder {
            leg: customer,
            recording: recording(),
            with: must,
            paused: false,
        },
        NOW,
    );
    for (leg, port) in [(3, 4004), (4, 4006)] {
        phones.handle_media(opened(leg, port), NOW);
    }
    let first = sent(&drain(&mut phones))[0].1;

    // It takes the customer's stream alone.
    phones.handle_sip(answered(first, takes(&[6000, 0])), NOW);
    let refused = drain(&mut phones);
    for (leg, port) in [(6, 4008), (7, 4010)] {
        phones.handle_media(opened(leg, port), NOW);
    }
    let second = drain(&mut phones);
    let [("dial", call, _)] = sent(&second)[..] else {
        panic!("the next is called, with streams of its own: {second:?}");
    };
    phones.handle_sip(answered(call, takes(&[6000, 6002])), NOW);
    let taken = news(&drain(&mut phones));
    let seat = LegKey(7);
    phones.handle_media(MediaEvent::Failed { leg: seat }, NOW);

    assert_eq!(news(&refused), [], "none had it");
    assert!(
        sent(&refused)
            .iter()
            .any(|one| (one.0, one.1) == ("end", first))
    );
    let recorder = "two".parse().unwrap();
    assert_eq!(taken, [RecorderNews::Opened { recorder }]);
    let lost = drain(&mut phones);
    assert!(
        matches!(&news(&lost)[..], [RecorderNews::Closed { .. }]),
        "a seat whose media broke is heard no more: {lost:?}"
    );
    assert_eq!(phones.recorder_count(), 0);
}

const SHOWN: &str = "a=fingerprint:sha-256 09:09:09:09:09:09:09:09:09:09:09:09:09:09:09:09:\
    09:09:09:09:09:09:09:09:09:09:09:09:09:09:09:09\r\na=setup:active\r\n";

fn takes_by_handshake() -> Bytes {
    let head = "v=0\r\no=srs 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n";
    let lines = [6000, 6002]
        .map(|port| format!("m=audio {port} UDP/TLS/RTP/SAVP 8\r\na=recvonly\r\n{SHOWN}"));
    Bytes::from(format!("{head}{}", lines.concat()))
}

#[test]
fn a_recorder_has_it_when_the_keys_are_there_and_is_left_when_none_come() {
    let mut phones = phones(4000..=4099);
    let (customer, _) = bridged(&mut phones);
    phones.settings.srtp = SrtpRules {
        demand: Demand::Require,
        ways: vec![KeyWay::Dtls],
        fingerprint: Some(Fingerprint([7; 32])),
        ..SrtpRules::default()
    };
    record(&mut phones, customer);
    for (leg, port) in [(3, 4004), (4, 4006)] {
        phones.handle_media(opened(leg, port), NOW);
    }
    let first = sent(&drain(&mut phones))[0].1;
    phones.handle_sip(answered(first, takes_by_handshake()), NOW);
    phones.handle_media(MediaEvent::Secured { leg: LegKey(3) }, NOW);
    let early = drain(&mut phones);
    phones.handle_media(MediaEvent::Unsecured { leg: LegKey(4) }, NOW);
    let left = drain(&mut phones);
    for (leg, port) in [(6, 4008), (7, 4010)] {
        phones.handle_media(opened(leg, port), NOW);
    }
    let [("dial", second, _)] = sent(&drain(&mut phones))[..] else {
        panic!("the next is called");
    };
    phones.handle_sip(answered(second, takes_by_handshake()), NOW);
    for leg in [6, 7] {
        assert_eq!(news(&drain(&mut phones)), [], "not all keys are there");
        phones.handle_media(MediaEvent::Secured { leg: LegKey(leg) }, NOW);
    }

    assert_eq!(news(&early), [], "a handshake goes on");
    assert!(
        sent(&left)
            .iter()
            .any(|one| (one.0, one.1) == ("end", first))
    );
    let closed = left
        .iter()
        .filter(|output| matches!(output, Output::Media(MediaCommand::Close { .. })));
    assert_eq!(closed.count(), 2, "keys of one are none for the next");
    let recorder = "two".parse().unwrap();
    let had = news(&drain(&mut phones));
    assert_eq!(had, [RecorderNews::Opened { recorder }]);
}
