//! How trunks are spoken to: numbers, identities, marks, several trunks of one carrier, and how many calls each has.

#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use net::{Net, Weather, address, answer, arrived, config, dial, hang_up, trunk};
use sip::endpoint::{
    Arrival, CallKey, Command, Elsewhere, Event, Identity, Lack, Left, Target, Told, Transport,
};
use sip::message::{Header, Message, Method};
use sip::trunk::{Bounds, Manner, Mark, NumberForm, NumberPlan, TrunkCredentials};

const OUT: CallKey = CallKey::Out(1);

fn german(form: NumberForm) -> NumberPlan {
    NumberPlan {
        country: "49".into(),
        national: "0".into(),
        international: "00".into(),
        form,
    }
}

/// End 0 with the trunk `b` at end 1, spoken to in `manner`; `backup` at end 2 takes over.
fn house(trusted: bool, manner: Manner) -> Net {
    house_with(trusted, manner, None)
}

/// The same, with a bound of the calls that each trunk has at a time.
fn house_with(trusted: bool, manner: Manner, most: Option<u32>) -> Net {
    let mut net = Net::new(1, Weather::FAIR);
    let mut ours = config(1);
    for (name, host) in [("b", 2), ("backup", 3)] {
        let mut carrier = trunk(name, address(host), Transport::Udp);
        carrier.trusted = trusted;
        carrier.manner = manner.clone();
        carrier.max_calls = most;
        ours.trunks.push(carrier);
    }
    net.add(1, ours);
    for own in [2, 3] {
        let mut theirs = config(own);
        theirs.trunks.push(trunk("a", address(1), Transport::Udp));
        net.add(own, theirs);
    }
    net
}

fn call(key: CallKey, number: &str, caller: &str) -> Command {
    let Command::Dial {
        sdp,
        mut tag,
        hops: sip::endpoint::HOPS,
        ring_for,
        ..
    } = dial(key, "b", 7)
    else {
        unreachable!()
    };
    for name in ["X-Leg-ID", "User-to-User", "X-CID"] {
        tag.headers.push((name.into(), "x".into()));
    }
    let from = |user: &str| Identity {
        display: String::new(),
        user: user.into(),
        vouched: Vec::new(),
        sent_on: None,
    };
    Command::Dial {
        call: key,
        to: Target::Trunk {
            trunk: "b".into(),
            number: number.into(),
        },
        from: from(caller),
        elsewhere: vec![Elsewhere {
            trunk: "backup".into(),
            from: from("+4940999"),
            lack: None,
        }],
        sdp,
        tag,
        headers: Vec::new(),
        hops: sip::endpoint::HOPS,
        ring_for,
    }
}

fn invites(net: &Net, host: u8) -> Vec<Message> {
    let packets = net.sent.iter().filter(|packet| packet.to == address(host));
    let read = packets.map(|packet| Message::parse(packet.bytes.clone()).unwrap());
    read.filter(|one| one.is_request() && *one.method() == Method::Invite)
        .collect()
}

fn sent(manner: Manner, trusted: bool) -> Message {
    let mut net = house(trusted, manner);
    net.tell(0, call(OUT, "+4930123456", "+4930555000"));
    net.run_for(Duration::from_millis(20));
    invites(&net, 2).remove(0)
}

#[test]
fn a_number_goes_out_as_the_trunk_writes_it() {
    for (form, called, caller) in [
        (NumberForm::Plus, "+4930123456", "+4930555000"),
        (NumberForm::International, "004930123456", "004930555000"),
        (NumberForm::National, "030123456", "030555000"),
        (NumberForm::Digits, "4930123456", "4930555000"),
    ] {
        let manner = Manner {
            numbers: german(form),
            ..Manner::default()
        };

        let invite = sent(manner, true);

        let uri = invite.request_uri().unwrap();
        assert_eq!(uri.user_decoded().as_deref(), Some(called));
        assert_eq!(invite.to().uri().user_decoded().as_deref(), Some(called));
        assert_eq!(invite.from().uri().user_decoded().as_deref(), Some(caller));
        let asserted = invite.addresses(Header::PAssertedIdentity).next();
        let asserted = asserted.unwrap().unwrap();
        assert_eq!(asserted.uri().user_decoded().as_deref(), Some(caller));
    }
}

#[test]
fn an_account_is_known_by_its_domain_wherever_it_is_reached() {
    for (domain, from, to) in [
        ("carrier.test", "carrier.test", "carrier.test"),
        ("", "192.0.2.1", "192.0.2.2"),
    ] {
        let mut net = Net::new(1, Weather::FAIR);
        let mut ours = config(1);
        let mut carrier = trunk("b", address(2), Transport::Udp);
        carrier.trusted = true;
        carrier.reach.domain = domain.to_owned();
        ours.trunks.push(carrier);
        net.add(1, ours);
        net.add(2, config(2));

        net.tell(0, call(OUT, "+4930123456", "+4930555000"));
        net.run_for(Duration::from_millis(20));

        let invite = invites(&net, 2).remove(0);
        let asserted = invite.addresses(Header::PAssertedIdentity).next();
        let asserted = asserted.unwrap().unwrap();
        assert_eq!(invite.from().uri().host(), from);
        assert_eq!(asserted.uri().host(), from);
        assert_eq!(invite.to().uri().host(), to);
        // Where it goes is another matter.
        assert_eq!(invite.request_uri().unwrap().host(), "192.0.2.2");
    }
}

#[test]
fn who_calls_is_asserted_to_the_trusted_alone_and_kept_where_it_is_withheld() {
    let withheld = Manner {
        withhold: true,
        ..Manner::default()
    };

    let open = sent(Manner::default(), false);
    assert_eq!(open.header(Header::PAssertedIdentity), None);
    assert_eq!(open.header(Header::Privacy), None);

    let kept = sent(withheld.clone(), true);
    assert_eq!(
        kept.from().uri().as_str(),
        "sip:anonymous@anonymous.invalid"
    );
    assert_eq!(kept.header(Header::Privacy), Some("id"));
    assert!(
        kept.header(Header::PAssertedIdentity)
            .unwrap()
            .contains("+4930555000")
    );

    let hidden = sent(withheld, false);
    assert!(!String::from_utf8_lossy(hidden.as_bytes()).contains("30555000"));
    assert_eq!(hidden.header(Header::Privacy), Some("id"));
}

#[test]
fn a_trunk_is_sent_the_marks_that_it_is_to_have() {
    let named = [
        "Session-ID",
        "X-Interaction-ID",
        "X-Leg-ID",
        "User-to-User",
        "X-CID",
    ];
    let marks = |invite: &Message| named.map(|name| invite.header(name).is_some());
    let only = Manner {
        marks: Some([Mark::InteractionId, Mark::CallId].into_iter().collect()),
        ..Manner::default()
    };

    assert_eq!(marks(&sent(Manner::default(), true)), [true; 5]);
    assert_eq!(
        marks(&sent(Manner::default(), false)),
        [true, false, false, false, false]
    );
    assert_eq!(marks(&sent(only, false)), [false, true, false, false, true]);
}

fn comes(manner: Manner, trusted: bool, headers: &[(&str, &str)], from: &str) -> Arrival {
    let mut net = house(trusted, manner);
    let Command::Dial {
        to,
        sdp,
        tag,
        hops: sip::endpoint::HOPS,
        ring_for,
        ..
    } = dial(OUT, "a", 9)
    else {
        unreachable!()
    };
    let to = match to {
        Target::Trunk { trunk, .. } => Target::Trunk {
            trunk,
            number: "030777000".into(),
        },
        Target::Phone { .. } | Target::Recorder { .. } => unreachable!(),
    };
    // The far end asserts nothing by itself, so that the header fields are the test's alone.
    let mut theirs = config(2);
    let mut us = trunk("a", address(1), Transport::Udp);
    us.trusted = false;
    theirs.trunks.push(us);
    let now = net.now;
    net.ends[1].endpoint.reconfigure(theirs, now);
    let headers = headers.iter();
    let headers = headers.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    net.tell(
        1,
        Command::Dial {
            call: OUT,
            to,
            from: Identity {
                display: "Ida".into(),
                user: from.into(),
                vouched: Vec::new(),
                sent_on: None,
            },
            elsewhere: Vec::new(),
            sdp,
            tag,
            headers: headers.collect(),
            hops: sip::endpoint::HOPS,
            ring_for,
        },
    );
    net.wait(0, |event| match event {
        Event::Arrived { arrival, .. } => Some((**arrival).clone()),
        _ => None,
    })
}

#[test]
fn a_number_comes_in_as_e164() {
    let manner = Manner {
        numbers: german(NumberForm::National),
        ..Manner::default()
    };

    let arrival = comes(
        manner,
        true,
        &[("P-Asserted-Identity", "<tel:0301112223>")],
        "004420718387",
    );

    assert_eq!(arrival.to_user, "+4930777000");
    assert_eq!(arrival.caller.user, "+4420718387");
    assert_eq!(arrival.caller.asserted.unwrap().user, "+49301112223");
    assert!(!arrival.caller.withheld);
}

#[test]
fn only_a_trusted_trunk_asserts_and_who_withholds_the_number_is_not_told() {
    let asserted = (
        "P-Asserted-Identity",
        "\"Ida B.\" <sip:+4930111222@carrier.example>",
    );
    let private = ("Privacy", "id;critical");
    let reveals = Manner {
        reveal: true,
        ..Manner::default()
    };

    let believed = comes(Manner::default(), true, &[asserted], "100").caller;
    let one = believed.asserted.unwrap();
    assert_eq!(
        (one.user.as_str(), one.display.as_str()),
        ("+4930111222", "Ida B.")
    );

    let stranger = comes(Manner::default(), false, &[asserted], "100");
    assert_eq!(stranger.caller.asserted, None);
    let names = stranger.headers.iter().map(|(name, _)| name.as_str());
    assert_eq!(names.collect::<Vec<_>>(), ["User-Agent"]);

    let withheld = comes(Manner::default(), true, &[asserted, private], "100").caller;
    assert!(withheld.withheld);
    assert_eq!(withheld.asserted, None);

    let found = comes(reveals, true, &[asserted, private], "").caller;
    assert!(found.withheld && found.asserted.is_some());

    let anonymous = comes(Manner::default(), true, &[], "").caller;
    assert!(anonymous.withheld);
    assert!(
        !comes(Manner::default(), true, &[("Privacy", "none")], "100")
            .caller
            .withheld
    );
}

#[test]
fn of_two_identities_that_are_asserted_the_number_is_the_caller_s() {
    let number = "<tel:+49-30-111222>";
    let name = "\"Ida B.\" <sip:ida@carrier.example>";
    let on_one_line = format!("{name}, {number}");
    let header = "P-Asserted-Identity";
    for headers in [
        &[(header, on_one_line.as_str())][..],
        &[(header, name), (header, number)],
        &[(header, number), (header, name)],
    ] {
        let caller = comes(Manner::default(), true, headers, "100").caller;

        let one = caller.asserted.unwrap();
        assert_eq!(
            (one.user.as_str(), one.display.as_str()),
            ("+4930111222", "Ida B."),
            "{headers:?}"
        );
    }
    let alone = comes(Manner::default(), true, &[(header, name)], "100").caller;
    assert_eq!(alone.asserted.unwrap().user, "ida");
}

#[test]
fn a_local_number_is_read_in_its_context() {
    let asserted = [("P-Asserted-Identity", "<tel:30-111-222;phone-context=+49>")];

    let caller = comes(
        Manner::default(),
        true,
        &asserted,
        "30111222;phone-context=+49",
    )
    .caller;

    assert_eq!(caller.asserted.unwrap().user, "+4930111222");
    assert_eq!(caller.user, "+4930111222");
}

#[test]
fn a_signature_is_held_against_the_number_that_is_shown() {
    let foreign = ("Identity", "a.b.c;info=<https://x.example>;ppt=\"rph\"");
    let ours = (
        "Identity",
        "a.b.c;info=<https://x.example>;alg=ES256;ppt=shaken",
    );
    let asserted = ("P-Asserted-Identity", "<tel:+4930111222>");
    let all = [foreign, ours, ours, asserted];

    let believed = comes(Manner::default(), true, &all, "+4930999")
        .signed
        .unwrap();
    assert_eq!(believed.identities, [ours.1, ours.1]);
    assert_eq!(believed.from, ["+4930111222"]);
    assert_eq!(believed.to, ["030777000", "030777000"]);

    let stranger = comes(Manner::default(), false, &all, "+4930999")
        .signed
        .unwrap();
    assert_eq!(stranger.from, ["+4930999"]);
}

#[test]
fn only_a_trusted_trunk_is_believed_that_it_has_checked_a_number() {
    for (value, told) in [
        (
            "<sip:+4930111222;verstat=TN-Validation-Passed@c.example;user=phone>",
            Some(Told::Passed),
        ),
        (
            "<tel:+4930111222;verstat=TN-Validation-Passed-A>",
            Some(Told::Passed),
        ),
        (
            "<sip:+4930111222@c.example;VERSTAT=tn-validation-failed>",
            Some(Told::Failed),
        ),
        (
            "<tel:+4930111222;verstat=No-TN-Validation>",
            Some(Told::Unchecked),
        ),
        ("<tel:+4930111222;verstat=Perhaps>", None),
        ("<tel:+4930111222>", None),
    ] {
        let headers = [("P-Asserted-Identity", value)];

        let believed = comes(Manner::default(), true, &headers, "100").caller;

        assert_eq!(believed.told, told, "{value}");
        assert_eq!(believed.asserted.unwrap().user, "+4930111222", "{value}");
        assert_eq!(
            comes(Manner::default(), false, &headers, "100").caller.told,
            None
        );
    }
}

#[test]
fn a_call_goes_by_the_next_trunk_when_the_first_says_503_or_nothing() {
    for silent in [false, true] {
        let mut net = house(true, Manner::default());
        if silent {
            net.drops = Some(Box::new(|packet| packet.to == address(2)));
        } else {
            net.tell(1, Command::Drain { on: true });
        }
        net.tell(0, call(OUT, "100", "+4930555"));

        let (trunk, left, why) = net.wait(0, |event| match event {
            Event::Rerouted {
                trunk, left, why, ..
            } => Some((trunk.clone(), left.unwrap().address, *why)),
            _ => None,
        });
        let there = net.wait(2, arrived);
        net.tell(2, answer(there));
        net.wait(0, |event| {
            matches!(event, Event::Answered { .. }).then_some(())
        });

        assert_eq!(
            (trunk.as_str(), left, why),
            (
                "backup",
                address(2),
                if silent {
                    Left::Silent
                } else {
                    Left::Said(503)
                }
            )
        );
        let invite = invites(&net, 3).remove(0);
        assert!(
            invite.from().as_str().contains("+4940999"),
            "its own number"
        );
        net.tell(0, hang_up(OUT));
        net.run_for(Duration::from_secs(40));
        // After 0, 0.5, 1.5 and 3.5 s; later it would ring at both.
        assert_eq!(invites(&net, 2).len(), if silent { 4 } else { 1 });
    }
}

/// By which trunks calls went, over which others, and why.
fn passed_over(net: &Net) -> Vec<(String, String, Lack)> {
    let told = net.ends[0].events.iter().filter_map(|event| match event {
        Event::PassedOver {
            trunk, over, lack, ..
        } => Some((trunk.clone(), over.clone(), *lack)),
        _ => None,
    });
    told.collect()
}

#[test]
fn a_trunk_that_is_passed_over_is_told_with_what_it_lacks() {
    let bounded = |calls, rate| Manner {
        outbound: Bounds { calls, rate },
        ..Manner::default()
    };
    let (plain, few, slow) = (
        Manner::default(),
        bounded(Some(1), None),
        bounded(None, Some(1)),
    );
    for (manner, most, lack) in [
        (plain, Some(1), Lack::Calls),
        (few, None, Lack::CallsOneWay),
        (slow, None, Lack::Rate),
    ] {
        let mut net = house_with(true, manner, most);

        for n in 1..=2 {
            net.tell(0, call(CallKey::Out(n), "100", "+4930555"));
        }
        net.run_for(Duration::from_millis(50));

        let over = ("backup".to_owned(), "b".to_owned(), lack);
        assert_eq!(passed_over(&net), [over]);
    }
}

#[test]
fn a_trunk_that_wants_no_calls_for_a_time_is_passed_over_as_one_that_rests() {
    let mut net = house(true, Manner::default());
    net.tell(1, Command::Drain { on: true });
    net.tell(0, call(OUT, "100", "+4930555"));
    net.wait(0, |event| {
        matches!(event, Event::Rerouted { .. }).then_some(())
    });
    assert_eq!(passed_over(&net), []);

    net.tell(0, call(CallKey::Out(2), "100", "+4930555"));
    net.run_for(Duration::from_millis(50));

    let over = ("backup".to_owned(), "b".to_owned(), Lack::Resting);
    assert_eq!(passed_over(&net), [over]);
}

#[test]
fn a_full_trunk_is_left_for_the_next_and_the_last_says_so() {
    let manner = Manner {
        outbound: Bounds {
            calls: Some(1),
            rate: None,
        },
        ..Manner::default()
    };
    let mut net = house(true, manner);

    for n in 1..=3 {
        net.tell(0, call(CallKey::Out(n), "100", "+4930555"));
    }
    net.run_for(Duration::from_millis(50));

    assert_eq!((invites(&net, 2).len(), invites(&net, 3).len()), (1, 1));
    let over = ("backup".to_owned(), "b".to_owned(), Lack::CallsOneWay);
    assert_eq!(passed_over(&net), [over]);
    let failed = net.ends[0].events.iter().find_map(|event| match event {
        Event::Failed {
            call,
            code,
            reason,
            dialled: false,
            ..
        } => Some((*call, *code, reason.clone())),
        _ => None,
    });
    assert_eq!(
        failed,
        Some((CallKey::Out(3), 503, "Trunk Is Full".to_owned()))
    );
    // The number of calls is given back.
    net.tell(0, hang_up(CallKey::Out(1)));
    net.run_for(Duration::from_secs(40));
    net.tell(0, call(CallKey::Out(4), "100", "+4930555"));
    net.run_for(Duration::from_millis(50));
    assert!(invites(&net, 2).len() > 1);
}

#[test]
fn calls_beyond_the_rate_are_told_when_to_come_again() {
    let manner = Manner {
        inbound: Bounds {
            calls: None,
            rate: Some(2),
        },
        ..Manner::default()
    };
    let mut net = house(true, manner);

    for n in 1..=4 {
        net.tell(1, dial(CallKey::Out(n), "a", u128::from(n)));
    }
    net.run_for(Duration::from_millis(100));

    let texts: Vec<_> = net.sent.iter().map(net::Packet::text).collect();
    let refused: Vec<_> = texts
        .iter()
        .filter(|text| text.starts_with("SIP/2.0 503"))
        .collect();
    assert_eq!(refused.len(), 2);
    assert!(refused.iter().all(|text| text.contains("Retry-After: ")));
    net.run_for(Duration::from_secs(1));
    net.tell(1, dial(CallKey::Out(5), "a", 5));
    net.run_for(Duration::from_millis(100));
    let taken = net.ends[0].events.iter();
    assert_eq!(
        taken
            .filter(|event| matches!(event, Event::Arrived { .. }))
            .count(),
        3
    );
}

/// Answers a call at an end with a 3xx that names `contacts`.
fn redirect(net: &mut Net, code: u16, contacts: &str) {
    let invite = net
        .sent
        .iter()
        .rev()
        .find(|packet| packet.first_line().starts_with("INVITE"));
    let invite = Message::parse(invite.unwrap().bytes.clone()).unwrap();
    let status = sip::message::StatusCode::try_from(code).unwrap();
    let response = invite.response(status, Some("far"));
    let bytes = response.header(Header::Contact, contacts).build();
    net.inject(0, address(9), bytes);
    net.run_for(Duration::from_millis(20));
}

fn redirected(net: &Net) -> Option<(u16, Vec<String>)> {
    net.ends[0].events.iter().find_map(|event| match event {
        Event::Redirected { code, to, .. } => Some((*code, to.clone())),
        _ => None,
    })
}

fn follow(number: &str) -> Command {
    Command::Follow {
        call: OUT,
        to: Target::Trunk {
            trunk: "b".into(),
            number: number.into(),
        },
        from: Identity {
            display: String::new(),
            user: "+4930555000".into(),
            vouched: Vec::new(),
            sent_on: None,
        },
        elsewhere: Vec::new(),
        done: 1,
        session: sip::endpoint::SessionId(0xa),
        passed_on: false,
    }
}

/// A call that waits at the far end, whose own responses are lost.
fn waiting() -> Net {
    let manner = Manner {
        numbers: german(NumberForm::National),
        ..Manner::default()
    };
    let mut net = house(true, manner);
    net.drops = Some(Box::new(|packet| packet.from == address(2)));
    net.tell(0, call(OUT, "+4930123456", "+4930555000"));
    net.run_for(Duration::from_millis(20));
    net
}

#[test]
fn who_is_redirected_to_is_the_owner_s_to_decide_in_the_order_of_q() {
    let mut net = waiting();

    redirect(
        &mut net,
        302,
        "<sip:040111222@x>;q=0.2, <tel:+442071838750>;q=0.9, <sip:x.example>",
    );

    let told = vec!["+442071838750".to_owned(), "+4940111222".to_owned()];
    assert_eq!(redirected(&net), Some((302, told)));
    let before = invites(&net, 2).len();
    net.tell(0, follow("+4940111222"));
    net.run_for(Duration::from_millis(20));
    let all = invites(&net, 2);
    assert_eq!(all.len(), before + 1);
    let last = all.last().unwrap();
    let uri = last.request_uri().unwrap();
    assert_eq!(uri.user_decoded().as_deref(), Some("040111222"));
    assert_eq!(last.call_id(), all[0].call_id());
    assert!(last.cseq().number > all[0].cseq().number);
}

/// Refuses the last INVITE to the far end.
fn refuse(net: &mut Net, code: u16) {
    redirect(net, code, "<sip:far@x>");
}

/// Who was named each time, and how the one before failed.
fn named(net: &Net) -> Vec<(u16, Vec<String>, Option<u16>)> {
    let named = net.ends[0].events.iter().filter_map(|event| match event {
        Event::Redirected {
            code, to, after, ..
        } => Some((*code, to.clone(), after.as_ref().map(|after| after.code))),
        _ => None,
    });
    named.collect()
}

fn failed(net: &Net) -> Option<(u16, String)> {
    net.ends[0].events.iter().find_map(|event| match event {
        Event::Failed { code, reason, .. } => Some((*code, reason.clone())),
        _ => None,
    })
}

#[test]
fn the_next_contact_is_named_when_the_one_before_fails() {
    let mut net = waiting();
    redirect(
        &mut net,
        302,
        "<sip:040111222@x>;q=0.2, <sip:040222222@x>;q=0.9, <sip:040333222@x>;q=0.5, <sip:040222222@y>;q=0.1",
    );
    let numbers = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
    net.tell(0, follow("+4940222222"));
    net.run_for(Duration::from_millis(20));

    refuse(&mut net, 486);
    net.tell(0, follow("+4940333222"));
    net.run_for(Duration::from_millis(20));
    redirect(&mut net, 301, "<sip:040444222@x>, <sip:040111222@x>");
    net.tell(0, follow("+4940444222"));
    net.run_for(Duration::from_millis(20));
    refuse(&mut net, 480);
    let all = invites(&net, 2);
    net.tell(0, follow("+4940111222"));
    net.run_for(Duration::from_millis(20));
    refuse(&mut net, 404);

    let expected = [
        (
            302,
            numbers(&["+4940222222", "+4940333222", "+4940111222"]),
            None,
        ),
        (302, numbers(&["+4940333222", "+4940111222"]), Some(486)),
        (301, numbers(&["+4940444222", "+4940111222"]), None),
        (301, numbers(&["+4940111222"]), Some(480)),
    ];
    assert_eq!(named(&net), expected);
    assert_eq!(failed(&net).map(|one| one.0), Some(404));
    assert_eq!(invites(&net, 2).len(), all.len() + 1);
    net.run_for(Duration::from_secs(40));
    assert_eq!(net.ends[0].endpoint.counters().calls, 0);
}

#[test]
fn what_is_refused_for_everywhere_is_not_asked_elsewhere() {
    let mut net = waiting();
    redirect(&mut net, 302, "<sip:040111222@x>, <sip:040222222@x>");
    net.tell(0, follow("+4940111222"));
    net.run_for(Duration::from_millis(20));

    refuse(&mut net, 603);

    assert_eq!(named(&net).len(), 1);
    assert_eq!(failed(&net).map(|one| one.0), Some(603));
}

#[test]
fn no_more_than_five_wait_for_their_turn() {
    let mut net = waiting();
    let contacts: Vec<_> = (0..12).map(|n| format!("<sip:0401112{n}@x>")).collect();

    redirect(&mut net, 302, &contacts.join(", "));

    assert_eq!(redirected(&net).map(|(_, to)| to.len()), Some(5));
}

#[test]
fn a_redirected_call_that_nobody_follows_ends_without_a_cancel() {
    let mut net = waiting();
    redirect(&mut net, 302, "<sip:040111222@x>");

    net.tell(0, hang_up(OUT));
    net.run_for(Duration::from_secs(40));

    let cancels = net
        .sent
        .iter()
        .filter(|packet| packet.first_line().starts_with("CANCEL"));
    assert_eq!(cancels.count(), 0);
    let failed = |event: &&Event| matches!(event, Event::Failed { call: OUT, .. });
    assert_eq!(net.ends[0].events.iter().filter(failed).count(), 1);
    assert_eq!(net.ends[0].endpoint.counters().calls, 0);
}

#[test]
fn a_loop_of_redirections_ends_and_one_to_nobody_fails_at_once() {
    let mut net = waiting();
    for _ in 0..6 {
        redirect(&mut net, 302, "<sip:040111222@x>");
        net.tell(0, follow("+4940111222"));
        net.run_for(Duration::from_millis(20));
    }
    assert_eq!(failed(&net), Some((302, "Redirected Too Often".to_owned())));

    let mut net = waiting();
    redirect(&mut net, 305, "<sip:x.example>");
    assert_eq!(failed(&net).map(|one| one.0), Some(305));
}

/// A call that waits at a trunk that has three places.
fn waiting_at_one_of_three() -> Net {
    let mut net = waiting();
    let mut ours = config(1);
    let mut carrier = trunk("b", address(2), Transport::Udp);
    carrier.reach.further = vec![address(3).into(), address(4).into()];
    ours.trunks.push(carrier);
    let now = net.now;
    net.ends[0].endpoint.reconfigure(ours, now);
    net
}

/// The number that is called, at a place.
fn at_place(host: u8, q: &str) -> String {
    format!("<sip:030123456@{}>;q={q}", address(host))
}

/// Who was told of, and whether a place stands behind them.
fn told(net: &Net) -> Vec<(Vec<String>, bool)> {
    let told = net.ends[0].events.iter().filter_map(|event| match event {
        Event::Redirected { to, more, .. } => Some((to.clone(), *more)),
        _ => None,
    });
    told.collect()
}

fn pass_over(net: &mut Net) {
    net.tell(0, Command::PassOver { call: OUT });
    net.run_for(Duration::from_millis(20));
}

/// Which places were left, and why.
fn rerouted(net: &Net) -> Vec<(SocketAddr, Left)> {
    let told = net.ends[0].events.iter().filter_map(|event| match event {
        Event::Rerouted { left, why, .. } => left.map(|place| (place.address, *why)),
        _ => None,
    });
    told.collect()
}

#[test]
fn places_of_the_trunk_and_other_numbers_are_asked_in_the_order_of_q() {
    let mut net = waiting_at_one_of_three();
    let (third, fourth) = (at_place(3, "0.7"), at_place(4, "0.5"));
    let others = "<sip:040111222@x>;q=0.9, <sip:040222222@x>;q=0.8, <sip:040333222@x>;q=0.1";
    let owned = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();

    redirect(&mut net, 302, &format!("{fourth}, {third}, {others}"));
    assert_eq!(told(&net), [(owned(&["040111222", "040222222"]), true)]);
    assert_eq!((invites(&net, 3).len(), invites(&net, 4).len()), (0, 0));

    pass_over(&mut net);
    assert_eq!((invites(&net, 3).len(), invites(&net, 4).len()), (1, 0));
    refuse(&mut net, 480);
    assert_eq!((invites(&net, 3).len(), invites(&net, 4).len()), (1, 1));
    let (second, third) = ((address(2), Left::Said(302)), (address(3), Left::Said(480)));
    assert_eq!(rerouted(&net), [second, third]);
    let uri = invites(&net, 4)[0].request_uri().unwrap().user_decoded();
    assert_eq!(uri.as_deref(), Some("030123456"));
    refuse(&mut net, 486);

    assert_eq!(told(&net)[1], (owned(&["040333222"]), false));
    assert_eq!(named(&net)[1].2, Some(486));
    pass_over(&mut net);
    assert_eq!(failed(&net), Some((302, "Redirected To Nobody".to_owned())));
    net.run_for(Duration::from_secs(40));
    assert_eq!(net.ends[0].endpoint.counters().calls, 0);
}

#[test]
fn places_of_a_number_that_was_left_for_another_are_not_gone_back_to() {
    let mut net = waiting_at_one_of_three();
    let third = at_place(3, "0.7");
    let others = "<sip:040111222@x>;q=0.9, <sip:040333222@x>;q=0.1";
    redirect(&mut net, 302, &format!("{third}, {others}"));
    net.tell(0, follow("040111222"));
    net.run_for(Duration::from_millis(20));

    refuse(&mut net, 486);

    assert_eq!(told(&net)[1], (vec!["040333222".to_owned()], false));
    assert_eq!(invites(&net, 3).len(), 0);
}

#[test]
fn another_place_of_the_same_trunk_is_asked_without_asking_anybody() {
    let mut net = waiting();
    let mut ours = config(1);
    let mut carrier = trunk("b", address(2), Transport::Udp);
    carrier.reach.further = vec![address(3).into()];
    ours.trunks.push(carrier);
    let now = net.now;
    net.ends[0].endpoint.reconfigure(ours, now);

    let there = address(3);
    redirect(&mut net, 301, &format!("<sip:030123456@{there}>"));

    assert_eq!(redirected(&net), None);
    assert_eq!(invites(&net, 3).len(), 1);
    assert_eq!(rerouted(&net), [(address(2), Left::Said(301))]);
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn a_call_to_our_registration_is_for_the_number_that_was_dialled() {
    let invite = |user: &str, to: &str, more: &str| {
        let text = format!(
            "INVITE sip:{user}@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1\r\n{more}\
             From: <sip:+49301112223@b>;tag=b\r\nTo: <{to}>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n\
             Contact: <sip:b@192.0.2.2>\r\n\r\n"
        );
        Message::parse(Bytes::from(text)).unwrap()
    };
    let named = "P-Called-Party-ID: <sip:030777002@carrier.test>\r\n";
    for (user, to, more, routed, called) in [
        (
            "trunk1",
            "sip:030777001@b",
            "",
            "+4930777001",
            "+4930777001",
        ),
        (
            "trunk1",
            "sip:030777001@b",
            named,
            "+4930777002",
            "+4930777002",
        ),
        (
            "trunk1",
            "sip:030777001@b",
            named,
            "+4930777001",
            "+4930777001",
        ),
        ("trunk1", "tel:030777001", "", "+4930777001", "+4930777001"),
        ("trunk1", "sip:030777001@b", named, "trunk1", "trunk1"),
        ("trunk1", "sip:030777001@b", named, "else", "+4930777002"),
        ("trunk1", "sip:trunk1@b", "", "else", "trunk1"),
        (
            "030777003",
            "sip:030777001@b",
            named,
            "+4930777001",
            "+4930777003",
        ),
    ] {
        let mut carrier = trunk("b", address(2), Transport::Udp);
        carrier.manner.numbers = german(NumberForm::National);
        carrier.credentials = Some(TrunkCredentials {
            user: "trunk1".into(),
            password: "secret".into(),
        });
        carrier.reach.register = Some(Duration::from_secs(600));
        carrier.reach.routed = [routed.to_owned()].into();
        let invite = invite(user, to, more);

        assert_eq!(carrier.called(&invite), called, "{user} {to} {more}");

        carrier.reach.register = None;
        let plain = carrier.manner.numbers.read(user);
        assert_eq!(
            carrier.called(&invite),
            plain,
            "it knows us by no registration"
        );
    }
}
