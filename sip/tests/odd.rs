//! Peers that fork, offer late, break the rules or send what only old ones send. They are played by hand.

#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use std::time::Duration;

use bytes::Bytes;
use net::peer::{PEER, SDP, heard, net, offer_text, one, request, respond, status};
use net::{ANSWER, Net, OFFER, Weather, address, config, dial, hang_up, trunk};
use sip::dtmf::Digit;
use sip::endpoint::{CallKey, Command, EndedBy, Event, Transport};
use sip::message::{Header, Message, SessionId, SessionIds, StatusCode};

const OUT: CallKey = CallKey::Out(1);
const IN: CallKey = CallKey::In(1);

/// Has the peer call, and be answered; returns our tag.
fn called(net: &mut Net, offer: &str) -> String {
    let kind = if offer.is_empty() { "" } else { SDP };
    net.inject(0, address(PEER), request("INVITE", 1, "", kind, offer));
    net.tell(
        0,
        Command::Answer {
            call: IN,
            sdp: Bytes::from_static(ANSWER),
        },
    );
    let ok = one(net);
    ok.to().tag().unwrap().to_owned()
}

fn confirmed(net: &mut Net) -> String {
    let tag = called(net, offer_text());
    net.inject(0, address(PEER), request("ACK", 1, &tag, "", ""));
    net.wait(0, |event| {
        matches!(event, Event::Confirmed { sdp: None, .. }).then_some(())
    });
    tag
}

fn ours(message: &Message) -> SessionId {
    message.session_id().unwrap().local
}

#[test]
fn of_two_forks_that_answer_the_second_is_acknowledged_and_ended() {
    let mut net = net();
    net.tell(0, dial(OUT, "peer", 1));
    let invite = one(&mut net);
    respond(&mut net, &invite, "180 Ringing", "one", b"");
    respond(&mut net, &invite, "180 Ringing", "two", b"");
    respond(&mut net, &invite, "200 OK", "one", ANSWER);
    respond(&mut net, &invite, "200 OK", "two", ANSWER);
    respond(&mut net, &invite, "200 OK", "two", ANSWER);

    let heard = heard(&mut net);

    let lines: Vec<_> = heard
        .iter()
        .map(|one| {
            (
                one.method().as_str(),
                one.to().tag().unwrap(),
                one.request_uri().unwrap().as_str(),
            )
        })
        .collect();
    let (one, two) = ("sip:one@192.0.2.9:5060", "sip:two@192.0.2.9:5060");
    assert_eq!(
        lines,
        [
            ("ACK", "one", one),
            ("ACK", "two", two),
            ("BYE", "two", two),
            ("ACK", "two", two)
        ]
    );
    assert!(heard.iter().all(|one| ours(one) == ours(&invite)));
    net.tell(0, hang_up(OUT));
    net.settle();
    net.assert_empty();
    let answered = net.ends[0]
        .events
        .iter()
        .filter(|event| matches!(event, Event::Answered { .. }))
        .count();
    assert_eq!(answered, 1);
}

#[test]
fn what_a_second_end_is_called_is_not_told_to_the_first() {
    let mut net = net();
    net.tell(0, dial(OUT, "peer", 1));
    let invite = one(&mut net);
    for (tag, id) in [("one", SessionId(0xa)), ("two", SessionId(0xb))] {
        let ok = invite
            .response(StatusCode::OK, Some(tag))
            .header(Header::SessionId, SessionIds::new(id, ours(&invite)))
            .header(
                Header::Contact,
                format_args!("<sip:{tag}@{}>", address(PEER)),
            )
            .body("application/sdp", Bytes::from_static(ANSWER));
        net.inject(0, address(PEER), ok.build());
    }
    net.tell(0, hang_up(OUT));

    let heard = heard(&mut net);
    let told: Vec<_> = heard
        .iter()
        .map(|one| (one.to().tag().unwrap(), one.session_id().unwrap().remote))
        .collect();
    let (one, two) = (("one", Some(SessionId(0xa))), ("two", Some(SessionId(0xb))));
    assert_eq!(told, [one, two, two, one]);
}

#[test]
fn a_fork_that_answers_after_the_call_has_ended_is_ended_too() {
    let mut net = net();
    net.tell(0, dial(OUT, "peer", 1));
    let invite = one(&mut net);
    respond(&mut net, &invite, "200 OK", "one", ANSWER);
    net.tell(0, hang_up(OUT));
    let bye = heard(&mut net).pop().unwrap();
    respond(&mut net, &bye, "200 OK", "one", b"");
    assert_eq!(net.ends[0].endpoint.counters().calls, 0);

    respond(&mut net, &invite, "200 OK", "two", ANSWER);

    let heard = heard(&mut net);
    let methods: Vec<_> = heard.iter().map(|one| one.method().as_str()).collect();
    assert_eq!(methods, ["ACK", "BYE"]);
    assert!(heard.iter().all(|one| ours(one) == ours(&invite)));
    net.settle();
    net.assert_empty();
}

#[test]
fn an_answer_without_a_session_description_ends_the_call_unless_it_came_early() {
    for early in [false, true] {
        let mut net = net();
        net.tell(0, dial(OUT, "peer", 1));
        let invite = one(&mut net);
        respond(
            &mut net,
            &invite,
            "183 Session Progress",
            "one",
            if early { ANSWER } else { b"" },
        );
        respond(&mut net, &invite, "200 OK", "one", b"");

        let methods: Vec<_> = heard(&mut net)
            .iter()
            .map(|one| one.method().to_string())
            .collect();

        let answered = net.ends[0]
            .events
            .iter()
            .any(|event| matches!(event, Event::Answered { sdp: None, .. }));
        assert_eq!(answered, early);
        assert_eq!(
            methods,
            if early {
                vec!["ACK"]
            } else {
                vec!["ACK", "BYE"]
            }
        );
    }
}

#[test]
fn an_invite_without_offer_gets_ours_and_its_ack_brings_the_answer() {
    for answers in [true, false] {
        let mut net = net();
        let tag = called(&mut net, "");
        let (kind, body) = if answers {
            (SDP, offer_text())
        } else {
            ("", "")
        };

        net.inject(0, address(PEER), request("ACK", 1, &tag, kind, body));

        let event = net.ends[0].events.pop().unwrap();
        if answers {
            assert!(
                matches!(event, Event::Confirmed { sdp: Some(_), .. }),
                "{event:?}"
            );
        } else {
            assert!(
                matches!(
                    event,
                    Event::Ended {
                        by: EndedBy::Broken,
                        ..
                    }
                ),
                "{event:?}"
            );
            assert_eq!(one(&mut net).method().as_str(), "BYE");
        }
    }
}

#[test]
fn a_reinvite_without_offer_asks_the_owner_for_one() {
    let mut net = net();
    let tag = confirmed(&mut net);

    net.inject(0, address(PEER), request("INVITE", 2, &tag, "", ""));
    net.wait(0, |event| {
        matches!(event, Event::Offered { sdp: None, .. }).then_some(())
    });
    net.tell(
        0,
        Command::AcceptOffer {
            call: IN,
            fork: None,
            sdp: Bytes::from_static(OFFER),
        },
    );
    assert_eq!(one(&mut net).body(), OFFER);
    net.inject(0, address(PEER), request("ACK", 2, &tag, SDP, offer_text()));

    net.wait(0, |event| {
        matches!(event, Event::OfferAnswered { .. }).then_some(())
    });
}

#[test]
fn pain_7_a_caller_without_session_timers_is_refreshed_by_us_and_missed_when_it_is_gone() {
    let mut net = net();
    confirmed(&mut net);

    for _ in 0..8 {
        net.run_for(Duration::from_secs(901));
        let refresh = heard(&mut net).pop().unwrap();
        assert_eq!(
            (refresh.method().as_str(), refresh.body()),
            ("INVITE", Bytes::from_static(ANSWER)),
            "it says of the media what holds"
        );
        assert_eq!(
            refresh.header(Header::SessionExpires),
            Some("1800;refresher=uac")
        );
        respond(&mut net, &refresh, "200 OK", "p", ANSWER);
        assert_eq!(one(&mut net).method().as_str(), "ACK");
    }
    let mut events = net.ends[0].events.drain(..);
    assert!(!events.any(|event| matches!(event, Event::Ended { .. })));
    drop(events);

    net.run_for(Duration::from_secs(1_000));
    let over = net.wait(0, |event| match event {
        Event::Ended { by, cause, .. } => Some((*by, cause.clone())),
        _ => None,
    });
    assert_eq!(over.0, EndedBy::Lost, "{over:?}");
}

#[test]
fn what_a_peer_describes_anew_as_it_is_refreshed_is_told_to_the_owner() {
    let mut net = net();
    confirmed(&mut net);
    net.run_for(Duration::from_secs(901));
    let refresh = heard(&mut net).pop().unwrap();
    assert_eq!(refresh.method().as_str(), "INVITE");
    let moved = offer_text().replace("4000", "4444");

    respond(&mut net, &refresh, "200 OK", "p", moved.as_bytes());

    let told = net.wait(0, |event| match event {
        Event::Refreshed { call: IN, sdp } => Some(sdp.clone()),
        _ => None,
    });
    assert_eq!(told, moved.as_bytes());
    assert_eq!(one(&mut net).method().as_str(), "ACK");
}

#[test]
fn an_update_with_offer_is_put_to_the_owner_and_one_without_is_accepted() {
    let mut net = net();
    let tag = confirmed(&mut net);

    net.inject(0, address(PEER), request("UPDATE", 2, &tag, "", ""));
    assert_eq!(status(&one(&mut net)), 200);
    net.inject(
        0,
        address(PEER),
        request("UPDATE", 3, &tag, SDP, offer_text()),
    );
    net.wait(0, |event| {
        matches!(event, Event::Offered { sdp: Some(_), .. }).then_some(())
    });
    net.tell(
        0,
        Command::AcceptOffer {
            call: IN,
            fork: None,
            sdp: Bytes::from_static(ANSWER),
        },
    );

    let ok = one(&mut net);
    assert_eq!((status(&ok), ok.body()), (200, Bytes::from_static(ANSWER)));
    net.run_for(Duration::from_secs(40));
    assert!(net.outside.is_empty(), "no ACK is awaited for an UPDATE");
}

#[test]
fn requests_in_a_dialog_get_the_answer_their_rfc_names() {
    for (method, kind, body, expected) in [
        ("OPTIONS", "", "", 200),
        ("INFO", "", "", 200),
        ("INFO", "Info-Package: x\r\n", "", 469),
        ("INFO", "Content-Type: text/plain\r\n", "hi", 415),
        ("INVITE", "Content-Type: text/plain\r\n", "hi", 415),
        ("INVITE", "Require: nosuch\r\n", "", 420),
        ("NOTIFY", "Event: refer\r\n", "", 481),
        ("REFER", "", "", 400),
        (
            "REFER",
            "Refer-To: <sip:x@y>\r\nRefer-To: <sip:z@y>\r\n",
            "",
            400,
        ),
        ("REFER", "Refer-To: <sip:x@y;method=BYE>\r\n", "", 403),
        ("REFER", "Refer-To: <mailto:x@y>\r\n", "", 416),
        ("REFER", "Refer-To: <sip:x@y?Replaces=a>\r\n", "", 400),
        ("SUBSCRIBE", "Event: refer\r\n", "", 403),
        ("INVITE", "Replaces: a;to-tag=1;from-tag=2\r\n", "", 400),
        ("SUBSCRIBE", "Event: dialog\r\n", "", 489),
        ("PUBLISH", "Event: dialog\r\n", "", 405),
        ("PRACK", "RAck: 1 1 INVITE\r\n", "", 481),
        ("FROBNICATE", "", "", 405),
    ] {
        let mut net = net();
        let tag = confirmed(&mut net);

        net.inject(0, address(PEER), request(method, 2, &tag, kind, body));

        assert_eq!(status(&one(&mut net)), expected, "{method} {kind}");
        net.inject(0, address(PEER), request("BYE", 3, &tag, "", ""));
        net.settle();
        net.assert_empty();
    }
}

#[test]
fn digits_come_by_info_in_both_old_ways() {
    let mut net = net();
    let tag = confirmed(&mut net);
    for (number, kind, body, digit) in [
        (2, "dtmf-relay", "Signal=5\r\nDuration=160\r\n", '5'),
        (3, "dtmf-relay", "Signal= *\r\n", '*'),
        (4, "dtmf", "11", '#'),
        (5, "dtmf", "a", 'A'),
    ] {
        net.inject(
            0,
            address(PEER),
            request(
                "INFO",
                number,
                &tag,
                &format!("Content-Type: application/{kind}\r\n"),
                body,
            ),
        );

        assert_eq!(status(&one(&mut net)), 200);
        net.wait(0, |event| {
            matches!(event, Event::Digit { digit: found, .. } if *found == digit).then_some(())
        });
    }
}

#[test]
fn a_peer_that_takes_no_keys_keeps_its_call_unless_it_knows_of_none() {
    for (line, told) in [
        (Some("415 Unsupported Media Type"), Some(415)),
        (Some("501 Not Implemented"), Some(501)),
        (Some("401 Unauthorized"), Some(401)),
        (None, Some(408)),
        (Some("481 Call/Transaction Does Not Exist"), None),
    ] {
        let mut net = net();
        confirmed(&mut net);
        let digit = Digit::try_from('5').unwrap();
        net.tell(0, Command::Press { call: IN, digit });
        net.tell(0, Command::Press { call: IN, digit });

        let info = one(&mut net);
        if let Some(line) = line {
            respond(&mut net, &info, line, "p", b"");
        }
        net.run_for(Duration::from_secs(40));

        let events = &net.ends[0].events;
        let refused = events.iter().find_map(|event| match event {
            Event::KeyRefused { code, .. } => Some(*code),
            _ => None,
        });
        let lost = events.iter().any(|event| {
            matches!(
                event,
                Event::Ended {
                    by: EndedBy::Lost,
                    ..
                }
            )
        });
        assert_eq!((refused, lost), (told, told.is_none()), "{line:?}");
        net.tell(0, hang_up(IN));
        net.settle();
        net.assert_empty();
    }
}

#[test]
fn sequence_numbers_out_of_order_and_wrong_tags_are_refused() {
    let mut net = net();
    let tag = confirmed(&mut net);
    net.inject(0, address(PEER), request("OPTIONS", 5, &tag, "", ""));
    assert_eq!(status(&one(&mut net)), 200);

    net.inject(0, address(PEER), request("OPTIONS", 4, &tag, "", ""));
    assert_eq!(status(&one(&mut net)), 500);
    net.inject(
        0,
        address(PEER),
        request("BYE", 6, &tag, "", "").replace("tag=p", "tag=q"),
    );
    assert_eq!(status(&one(&mut net)), 481);
    net.inject(
        0,
        address(PEER),
        request("BYE", 7, &tag, "", "").replace("Call-ID: x", "Call-ID: y"),
    );
    assert_eq!(status(&one(&mut net)), 481);
    assert_eq!(net.ends[0].endpoint.counters().calls, 1);
}

#[test]
fn a_bye_before_the_answer_ends_the_call_and_a_second_one_finds_nothing() {
    let mut net = net();
    net.inject(
        0,
        address(PEER),
        request("INVITE", 1, "", SDP, offer_text()),
    );
    net.tell(
        0,
        Command::Ring {
            call: IN,
            code: 183,
            reason: None,
            sdp: Some(Bytes::from_static(ANSWER)),
        },
    );
    let ringing = one(&mut net);
    assert_eq!(ringing.body(), ANSWER);

    net.inject(
        0,
        address(PEER),
        request("BYE", 2, ringing.to().tag().unwrap(), "", ""),
    );

    let codes: Vec<_> = heard(&mut net)
        .iter()
        .map(|one| (one.method().to_string(), status(one)))
        .collect();
    assert_eq!(codes, [("BYE".into(), 200), ("INVITE".into(), 487)]);
    net.wait(0, |event| {
        matches!(event, Event::Cancelled { .. }).then_some(())
    });
    net.inject(
        0,
        address(PEER),
        request("BYE", 3, ringing.to().tag().unwrap(), "", ""),
    );
    assert_eq!(status(&one(&mut net)), 481);
}

#[test]
fn a_cancel_names_its_invite_by_branch_and_its_reason_is_reported() {
    let mut net = net();
    net.inject(
        0,
        address(PEER),
        request("INVITE", 1, "", SDP, offer_text()),
    );

    let reason = "Reason: Q.850;cause=16;text=\"gone\", SIP;cause=200\r\n";
    net.inject(0, address(PEER), request("CANCEL", 1, "", reason, ""));

    let codes: Vec<_> = heard(&mut net)
        .iter()
        .map(|one| (one.method().to_string(), status(one)))
        .collect();
    assert_eq!(codes, [("CANCEL".into(), 200), ("INVITE".into(), 487)]);
    let cause = net.wait(0, |event| match event {
        Event::Cancelled { cause, .. } => cause.clone(),
        _ => None,
    });
    assert_eq!(
        (cause.q850, cause.sip, cause.text.as_str()),
        (Some(16), Some(200), "gone")
    );
}

#[test]
fn a_cancel_after_the_answer_changes_nothing() {
    let mut net = net();
    let tag = called(&mut net, offer_text());

    net.inject(0, address(PEER), request("CANCEL", 1, "", "", ""));

    let ok = one(&mut net);
    assert_eq!(status(&ok), 200);
    assert_eq!(ok.to().tag(), Some(tag.as_str()), "RFC 3261 §9.2");
    net.inject(0, address(PEER), request("ACK", 1, &tag, "", ""));
    net.wait(0, |event| {
        matches!(event, Event::Confirmed { .. }).then_some(())
    });
    net.tell(0, hang_up(IN));
    let bye = one(&mut net);
    assert_eq!(ours(&ok), ours(&bye));
}

#[test]
fn a_key_that_an_offer_overtook_is_pressed_once_more() {
    let mut net = net();
    confirmed(&mut net);
    let (call, digit) = (IN, Digit::try_from('5').unwrap());
    net.tell(0, Command::Press { call, digit });
    let info = one(&mut net);
    let sdp = Bytes::from_static(OFFER);
    net.tell(0, Command::Offer { call, sdp });
    one(&mut net);

    let refusal = info.response(StatusCode::try_from(500).unwrap(), None);
    net.inject(0, address(PEER), refusal.build());

    let again = one(&mut net);
    assert_eq!(again.body(), info.body());
    assert_eq!(again.cseq().number, info.cseq().number + 2);
    let refused = |event: &Event| matches!(event, Event::KeyRefused { .. });
    assert!(!net.ends[0].events.iter().any(refused));
}

#[test]
fn an_offer_that_comes_too_soon_is_made_once_more_when_the_peer_says() {
    for (retry_after, again) in [(Some("3 (busy)"), true), (Some("11"), false), (None, false)] {
        let mut net = net();
        confirmed(&mut net);
        let sdp = Bytes::from_static(OFFER);
        net.tell(0, Command::Offer { call: IN, sdp });
        let invite = one(&mut net);
        let refusal = invite
            .response(StatusCode::try_from(500).unwrap(), None)
            .maybe(Header::RetryAfter, retry_after);
        net.inject(0, address(PEER), refusal.build());
        let methods = |net: &mut Net| -> Vec<String> {
            let heard = heard(net).into_iter();
            heard.map(|one| one.method().to_string()).collect()
        };
        assert_eq!(methods(&mut net), ["ACK"]);

        net.run_for(Duration::from_secs(3));

        let (invites, refusals) = if again { (1, 0) } else { (0, 1) };
        assert_eq!(
            methods(&mut net),
            vec!["INVITE"; invites],
            "{retry_after:?}"
        );
        let refused = net.ends[0].events.iter();
        let refused = refused.filter(|one| matches!(one, Event::OfferRefused { code: 500, .. }));
        assert_eq!(refused.count(), refusals, "{retry_after:?}");
    }
}

#[test]
fn a_reinvite_can_be_cancelled_and_the_call_goes_on() {
    let mut net = net();
    let tag = confirmed(&mut net);
    net.inject(
        0,
        address(PEER),
        request("INVITE", 2, &tag, SDP, offer_text()),
    );

    net.inject(0, address(PEER), request("CANCEL", 2, &tag, "", ""));

    let codes: Vec<_> = heard(&mut net)
        .iter()
        .map(|one| (one.method().to_string(), status(one)))
        .collect();
    assert_eq!(codes, [("CANCEL".into(), 200), ("INVITE".into(), 487)]);
    net.tell(
        0,
        Command::AcceptOffer {
            call: IN,
            fork: None,
            sdp: Bytes::from_static(ANSWER),
        },
    );
    assert!(heard(&mut net).is_empty(), "the owner was too late");
    assert_eq!(net.ends[0].endpoint.counters().calls, 1);
}

#[test]
fn a_bye_while_their_offer_waits_answers_both() {
    let mut net = net();
    let tag = confirmed(&mut net);
    net.inject(
        0,
        address(PEER),
        request("INVITE", 2, &tag, SDP, offer_text()),
    );

    net.inject(0, address(PEER), request("BYE", 3, &tag, "", ""));

    let codes: Vec<_> = heard(&mut net)
        .iter()
        .map(|one| (one.method().to_string(), status(one)))
        .collect();
    assert_eq!(codes, [("BYE".into(), 200), ("INVITE".into(), 487)]);
}

#[test]
fn our_offer_that_finds_no_dialog_ends_the_call() {
    for line in ["481 Gone", "408 Timeout"] {
        let mut net = net();
        confirmed(&mut net);
        net.tell(
            0,
            Command::Offer {
                call: IN,
                sdp: Bytes::from_static(OFFER),
            },
        );
        let invite = one(&mut net);

        respond(&mut net, &invite, line, "p", b"");

        net.wait(0, |event| {
            matches!(
                event,
                Event::Ended {
                    by: EndedBy::Lost,
                    ..
                }
            )
            .then_some(())
        });
        net.settle();
        net.assert_empty();
    }
}

#[test]
fn requests_go_through_the_route_set() {
    let mut net = net();
    let proxied = request("INVITE", 1, "", SDP, offer_text())
        .replace(
            "Contact",
            "Record-Route: <sip:192.0.2.9;lr>, <sip:192.0.2.77;lr>\r\nContact",
        )
        .replace("<sip:p@192.0.2.9:5060>", "<sip:p@198.51.100.7>");
    net.inject(0, address(PEER), proxied);
    net.tell(
        0,
        Command::Answer {
            call: IN,
            sdp: Bytes::from_static(ANSWER),
        },
    );
    let ok = one(&mut net);
    assert_eq!(ok.record_routes().count(), 2);
    net.inject(
        0,
        address(PEER),
        request("ACK", 1, ok.to().tag().unwrap(), "", ""),
    );

    net.tell(0, hang_up(IN));

    let bye = one(&mut net);
    let routes: Vec<_> = bye
        .routes()
        .map(|route| route.uri().as_str().to_owned())
        .collect();
    assert_eq!(routes, ["sip:192.0.2.9;lr", "sip:192.0.2.77;lr"]);
    assert_eq!(bye.request_uri().unwrap().as_str(), "sip:p@198.51.100.7");
}

#[test]
fn a_call_that_waits_is_told_so_every_minute_and_given_up_at_last() {
    let mut net = Net::new(1, Weather::FAIR);
    let mut config = config(1);
    config
        .trunks
        .push(trunk("peer", address(PEER), Transport::Udp));
    config.limits.unanswered = Duration::from_secs(150);
    net.add(1, config);
    net.inject(
        0,
        address(PEER),
        request("INVITE", 1, "", SDP, offer_text()),
    );
    net.tell(
        0,
        Command::Ring {
            call: IN,
            code: 182,
            reason: Some("Queued, position 3".into()),
            sdp: None,
        },
    );

    net.run_for(Duration::from_secs(151));

    let lines: Vec<_> = net
        .outside
        .iter()
        .map(|packet| packet.first_line())
        .collect();
    let queued = "SIP/2.0 182 Queued, position 3";
    assert_eq!(
        lines[..4],
        [
            queued,
            queued,
            queued,
            "SIP/2.0 480 Temporarily Unavailable"
        ]
    );
    net.wait(0, |event| {
        matches!(event, Event::Cancelled { .. }).then_some(())
    });
    net.settle();
    net.assert_empty();
}

#[test]
fn a_trunk_that_is_known_by_its_certificate_is_believed_on_no_other_connection() {
    let mut net = Net::new(1, Weather::FAIR);
    let mut config = config(1);
    let mut carrier = trunk("carrier", address(PEER), Transport::Tls);
    carrier.sources.clear();
    carrier.certificate = Some("sip.carrier.example".into());
    config.trunks.push(carrier);
    net.add(1, config);
    let invite = |branch: &str| {
        format!(
            "INVITE sip:100@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/TLS 192.0.2.9;branch=z9hG4bK{branch}\r\n\
             Max-Forwards: 70\r\nFrom: <sip:c@192.0.2.9>;tag=c\r\nTo: <sip:100@192.0.2.1>\r\nCall-ID: {branch}\r\n\
             CSeq: 1 INVITE\r\nContact: <sip:c@192.0.2.9>\r\nContent-Length: 0\r\n\r\n"
        )
    };
    let mut arrives = |connection: u64, names: &[&str]| {
        let flow = sip::endpoint::Flow {
            transport: Transport::Tls,
            local: address(1),
            peer: address(PEER),
            connection,
        };
        let end = &mut net.ends[0].endpoint;
        if !names.is_empty() {
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            end.handle_proved(connection, names);
        }
        end.handle_message(&flow, invite(&format!("x{connection}")).into(), net.now);
        let outputs: Vec<_> = std::iter::from_fn(|| end.poll_output()).collect();
        outputs.into_iter().find_map(|output| match output {
            sip::endpoint::Output::Event(Event::Arrived { arrival, .. }) => Some(arrival.peer),
            _ => None,
        })
    };

    assert_eq!(arrives(1, &[]), None);
    assert_eq!(arrives(2, &["sip.other.example"]), None);
    let known = Some(sip::endpoint::Peer::Trunk("carrier".into()));
    assert_eq!(arrives(3, &["sip.carrier.example"]), known);
    net.ends[0].endpoint.handle_connection_lost(3, net.now);
}
