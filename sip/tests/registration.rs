//! REGISTER and digest, in both roles (RFC 3261 §10, §22; RFC 8760).

#![allow(clippy::unwrap_used, reason = "a test")]

mod net;

use std::time::Duration;

use bytes::Bytes;
use net::phone::{Phone, code, contacts};
use net::{Net, Packet, Weather, address, answer, arrived, config, dial, hang_up, trunk};
use sip::digest::{Challenge, Credentials};
use sip::endpoint::{Account, CallKey, Command, Event, Peer, Target, Transport};
use sip::message::{Header, Message, Method, StatusCode};
use sip::trunk::{TrunkCredentials, TrunkLogin};

fn net() -> Net {
    let mut net = Net::new(1, Weather::FAIR);
    net.add(1, config(1));
    net
}

const CONTACT: &str = "Contact: <sip:anna@192.0.2.20:5060>\r\n";

#[test]
fn a_phone_registers_with_either_algorithm_and_its_binding_ends_by_itself() {
    for strongest in [true, false] {
        let mut net = net();
        let mut phone = Phone {
            strongest,
            ..Phone::new()
        };

        let done = phone.register(&mut net, &format!("{CONTACT}Expires: 120\r\n"));

        assert_eq!(code(&done), 200);
        assert_eq!(contacts(&done), ["<sip:anna@192.0.2.20:5060>;expires=120"]);
        let registered = |event: &Event| {
            matches!(event, Event::Registered { binding } if binding.user == "anna").then_some(())
        };
        net.wait(0, registered);
        net.settle();
        net.wait(0, |event| {
            matches!(event, Event::Unregistered { binding } if binding.user == "anna").then_some(())
        });
        assert_eq!(net.now.since_start().as_secs(), 120);
        net.assert_empty();
        assert_eq!(net.ends[0].endpoint.counters().bindings, 0);
    }
}

#[test]
fn the_phone_of_an_account_that_is_taken_out_is_registered_no_more() {
    let mut net = net();
    Phone::new().register(&mut net, &format!("{CONTACT}Expires: 120\r\n"));
    net.wait(0, |event| {
        matches!(event, Event::Registered { .. }).then_some(())
    });
    let mut config = config(1);
    let now = net.now;
    net.ends[0].endpoint.reconfigure(config.clone(), now);
    assert_eq!(net.ends[0].endpoint.counters().bindings, 1);

    config.accounts.remove("anna");
    net.ends[0].endpoint.reconfigure(config, now);

    assert_eq!(net.ends[0].endpoint.counters().bindings, 0);
    net.wait(0, |event| {
        matches!(event, Event::Unregistered { binding } if binding.user == "anna").then_some(())
    });
    assert!(net.now.since_start().as_secs() < 120, "it did not expire");
}

#[test]
fn wrong_passwords_and_unknown_users_are_challenged_again() {
    for (user, password) in [("anna", "wrong"), ("nobody", "secret")] {
        let mut net = net();
        let mut phone = Phone {
            user,
            password,
            ..Phone::new()
        };

        let refused = phone.register(&mut net, CONTACT);

        assert_eq!(code(&refused), 401);
        assert!(
            !refused
                .header(Header::WwwAuthenticate)
                .unwrap()
                .contains("stale")
        );
        assert!(net.ends[0].events.is_empty());
        assert_eq!(net.ends[0].endpoint.counters().denied, 1);
    }
}

#[test]
fn contacts_are_added_refreshed_listed_and_removed_as_rfc_3261_says() {
    let mut net = net();
    let mut phone = Phone::new();
    let second = "Contact: <sip:anna@192.0.2.20:5070>;q=0.5;expires=300\r\n";
    phone.register(&mut net, &format!("{CONTACT}Expires: 100\r\n"));

    let both = phone.register(&mut net, second);
    assert_eq!(contacts(&both).len(), 2);
    assert!(
        contacts(&both)[1].ends_with("5070>;expires=300;q=0.500"),
        "{:?}",
        contacts(&both)
    );

    let refreshed = phone.register(&mut net, &format!("{CONTACT}Expires: 400\r\n"));
    assert_eq!(
        contacts(&refreshed)[0],
        "<sip:anna@192.0.2.20:5060>;expires=400"
    );
    assert_eq!(
        contacts(&phone.register(&mut net, "")).len(),
        2,
        "no Contact only asks"
    );

    let one = phone.register(
        &mut net,
        "Contact: <sip:anna@192.0.2.20:5070>;expires=0\r\n",
    );
    assert_eq!(contacts(&one).len(), 1);
    let none = phone.register(&mut net, "Contact: *\r\nExpires: 0\r\n");
    assert_eq!((code(&none), contacts(&none).len()), (200, 0));
    assert_eq!(net.ends[0].endpoint.counters().bindings, 0);
}

#[test]
fn what_no_rule_allows_changes_nothing() {
    let mut net = net();
    let mut phone = Phone::new();
    phone.register(&mut net, &format!("{CONTACT}Expires: 100\r\n"));
    for (more, expected) in [
        ("Contact: *\r\n", 400),
        ("Contact: *\r\nExpires: 9\r\n", 400),
        (
            "Contact: *\r\nContact: <sip:a@192.0.2.20>\r\nExpires: 0\r\n",
            400,
        ),
        ("Contact: <mailto:anna@example.test>\r\n", 400),
        (
            "Contact: <sip:a@192.0.2.20>;expires=100, <sip:b@192.0.2.20>;expires=5\r\n",
            423,
        ),
    ] {
        let refused = phone.register(&mut net, more);

        assert_eq!(code(&refused), expected, "{more}");
        assert_eq!(
            refused.header(Header::MinExpires),
            (expected == 423).then_some("60")
        );
    }

    // Old, and no repetition that a transaction still knows.
    net.run_for(Duration::from_secs(40));
    phone.cseq = 0;
    assert_eq!(code(&phone.register(&mut net, CONTACT)), 500, "an old CSeq");
    assert_eq!(net.ends[0].endpoint.counters().bindings, 1);
    assert_eq!(net.ends[0].events.len(), 1);
}

#[test]
fn an_account_registers_its_own_address_and_no_other() {
    let mut net = net();
    let mut phone = Phone::new();
    let challenged = phone.send(&mut net, &Method::Register, CONTACT);
    let challenge: Challenge = challenged
        .header(Header::WwwAuthenticate)
        .unwrap()
        .parse()
        .unwrap();
    let proof = challenge
        .answer(
            &Credentials::new("anna", "secret"),
            &Method::Register,
            "sip:example.test",
            "c",
            1,
        )
        .unwrap();
    phone.user = "ben";

    let refused = phone.send(
        &mut net,
        &Method::Register,
        &format!("Authorization: {proof}\r\n{CONTACT}"),
    );

    assert_eq!(code(&refused), 403);
}

#[test]
fn a_registered_phone_is_called_where_it_registered_from() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let mut net = net();
        let mut phone = Phone::on(transport);
        phone.flow.peer = "192.0.2.20:4321".parse().unwrap();
        let behind_nat = "Contact: <sip:anna@10.0.0.5:5060;line=7>\r\n";
        phone.register(&mut net, behind_nat);
        let mut call = dial(CallKey::Out(1), "", 5);
        if let Command::Dial { to, .. } = &mut call {
            *to = Target::Phone {
                user: "anna".into(),
            };
        }
        net.outside.clear();

        net.tell(0, call);
        net.run_for(Duration::from_millis(10));

        let invite = net.outside.pop().unwrap();
        assert_eq!((invite.to, invite.transport), (phone.flow.peer, transport));
        assert!(
            invite
                .first_line()
                .starts_with("INVITE sip:anna@10.0.0.5:5060;line=7 "),
            "{}",
            invite.first_line()
        );
    }
}

#[test]
fn a_house_that_is_full_still_calls_its_phones() {
    let mut net = Net::new(1, Weather::FAIR);
    let mut full = config(1);
    full.limits.calls = 1;
    full.trunks.push(trunk("b", address(2), Transport::Udp));
    net.add(1, full);
    Phone::new().register(&mut net, CONTACT);
    net.tell(0, dial(CallKey::Out(1), "b", 5));
    net.tell(0, dial(CallKey::Out(2), "b", 6));
    let failed = net.wait(0, |event| match event {
        Event::Failed {
            call,
            code,
            dialled,
            ..
        } => Some((*call, *code, *dialled)),
        _ => None,
    });
    assert_eq!(failed, (CallKey::Out(2), 503, false));
    let mut call = dial(CallKey::Out(3), "", 7);
    if let Command::Dial { to, .. } = &mut call {
        *to = Target::Phone {
            user: "anna".into(),
        };
    }
    net.outside.clear();

    net.tell(0, call);
    net.run_for(Duration::from_millis(10));

    let mut sent = net.outside.iter().map(|packet| packet.first_line());
    assert!(sent.any(|line| line.starts_with("INVITE sip:anna@192.0.2.20")));
}

#[test]
fn a_lost_connection_unregisters_who_can_be_reached_by_it_alone() {
    for (contact, stays) in [("10.0.0.5:5060", 0), ("192.0.2.20:5060", 1)] {
        let mut net = net();
        let mut phone = Phone::on(Transport::Tcp);
        phone.register(&mut net, &format!("Contact: <sip:anna@{contact}>\r\n"));

        let now = net.now;
        net.ends[0].endpoint.handle_connection_lost(70, now);

        assert_eq!(net.ends[0].endpoint.counters().bindings, stays, "{contact}");
    }
}

#[test]
fn registrations_are_put_back_after_a_restart() {
    let mut before = net();
    Phone::new().register(&mut before, &format!("{CONTACT}Expires: 100\r\n"));
    let bindings = before.ends[0]
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Registered { binding } => Some(binding.clone()),
            _ => None,
        });

    let mut after = net();
    after.tell(
        0,
        Command::Restore {
            bindings: bindings.collect(),
        },
    );

    assert_eq!(after.ends[0].endpoint.counters().bindings, 1);
    after.settle();
    assert_eq!(after.ends[0].endpoint.counters().bindings, 0);
}

/// Two ends of which the second knows the first as a phone only, so that it asks for digest.
fn guarded(password: &str) -> Net {
    let mut net = Net::new(1, Weather::FAIR);
    let mut ours = config(1);
    ours.trunks.push(trunk("b", address(2), Transport::Udp));
    let credentials = TrunkCredentials {
        user: "anna".into(),
        password: password.into(),
    };
    ours.trunks[0].credentials = Some(credentials);
    net.add(1, ours);
    net.add(2, config(2));
    net
}

#[test]
fn a_trunk_that_asks_for_digest_gets_it_and_the_call_goes_through() {
    let mut net = guarded("secret");

    net.tell(0, dial(CallKey::Out(1), "b", 5));
    let call = net.wait(1, arrived);
    net.tell(1, answer(call));
    net.wait(0, |event| {
        matches!(event, Event::Answered { .. }).then_some(())
    });
    net.tell(0, hang_up(CallKey::Out(1)));
    net.settle();

    let invites: Vec<&str> = net
        .sent
        .iter()
        .map(|packet| packet.bytes.as_ref())
        .filter_map(|bytes| std::str::from_utf8(bytes).ok())
        .filter(|text| text.starts_with("INVITE"))
        .collect();
    assert_eq!(invites.len(), 2);
    assert!(invites[1].contains("algorithm=SHA-256"), "{}", invites[1]);
    net.assert_empty();
}

#[test]
fn a_wrong_password_for_a_trunk_is_tried_once() {
    let mut net = guarded("wrong");

    net.tell(0, dial(CallKey::Out(1), "b", 5));

    net.wait(0, |event| {
        matches!(event, Event::Failed { code: 401, .. }).then_some(())
    });
    let invites = net
        .sent
        .iter()
        .filter(|packet| packet.first_line().starts_with("INVITE"))
        .count();
    assert_eq!(invites, 2);
    net.settle();
    net.assert_empty();
}

// RFC 3327 §5.
#[test]
fn a_phone_behind_a_proxy_is_called_by_the_path_it_registered_with() {
    let mut net = net();
    let mut phone = Phone::new();
    let path =
        "Path: <sip:edge.example.test;lr>, <sip:192.0.2.20:5060;lr;ob>\r\nSupported: path\r\n";
    let contact = "Contact: <sip:anna@10.0.0.7:5099>\r\nExpires: 120\r\n";

    let done = phone.register(&mut net, &format!("{contact}{path}"));

    let echoed: Vec<_> = done.headers(Header::Path).collect();
    assert_eq!(
        echoed,
        ["<sip:edge.example.test;lr>", "<sip:192.0.2.20:5060;lr;ob>"]
    );
    let kept = net.wait(0, |event| match event {
        Event::Registered { binding } => Some(binding.clone()),
        _ => None,
    });
    assert_eq!(kept.path, echoed);

    let mut call = dial(CallKey::Out(1), "b", 0xa);
    if let Command::Dial { to, .. } = &mut call {
        *to = Target::Phone {
            user: "anna".into(),
        };
    }
    net.outside.clear();
    net.tell(0, call);
    net.run_for(Duration::from_millis(20));
    let invite = Message::parse(net.outside.pop().unwrap().bytes).unwrap();
    assert_eq!(invite.headers(Header::Route).collect::<Vec<_>>(), echoed);
    let uri = invite.request_uri().unwrap();
    assert_eq!(uri.as_str(), "sip:anna@10.0.0.7:5099");
}

#[test]
fn a_path_that_is_too_long_is_refused() {
    let mut net = net();
    let mut phone = Phone::new();
    let path = "Path: <sip:edge.example.test;lr>\r\n".repeat(9);

    let refused = phone.register(&mut net, &format!("{CONTACT}{path}"));

    assert_eq!(code(&refused), 403);
}

/// End 1 has the trunk `pbx`, which proves itself by digest, from wherever it calls; end 0 calls with this account.
fn logging_in(user: &str, password: &str, md5: bool) -> Net {
    let mut net = Net::new(1, Weather::FAIR);
    let mut ours = config(1);
    ours.trunks.push(trunk("b", address(2), Transport::Udp));
    ours.trunks[0].credentials = Some(TrunkCredentials {
        user: user.into(),
        password: password.into(),
    });
    net.add(1, ours);
    let mut theirs = config(2);
    let mut pbx = trunk("pbx", address(9), Transport::Udp);
    pbx.sources.clear();
    pbx.login = Some(TrunkLogin {
        user: "pbx".into(),
        account: Account::with_password("pbx", "example.test", "secret"),
        md5,
    });
    theirs.trunks.push(pbx);
    net.add(2, theirs);
    net
}

fn refusals(net: &Net) -> Vec<Message> {
    let said = net.sent.iter().filter(|packet| packet.from == address(2));
    let said = said.map(|packet| Message::parse(packet.bytes.clone()).unwrap());
    said.filter(|one| one.status().is_some_and(|status| status.code() == 401))
        .collect()
}

#[test]
fn a_trunk_proves_itself_by_digest_from_an_address_that_nobody_named() {
    let mut net = logging_in("pbx", "secret", true);
    net.tell(0, dial(CallKey::Out(1), "b", 5));
    while refusals(&net).is_empty() {
        net.step();
    }
    let counters = net.ends[1].endpoint.counters();
    assert_eq!((counters.calls, counters.server_transactions), (0, 0));

    let came = net.wait(1, |event| match event {
        Event::Arrived { call, arrival } => Some((*call, arrival.peer.clone(), arrival.trusted)),
        _ => None,
    });

    assert_eq!((came.1, came.2), (Peer::Trunk("pbx".into()), true));
    net.tell(1, answer(came.0));
    net.wait(0, |event| {
        matches!(event, Event::Answered { .. }).then_some(())
    });
    net.tell(0, hang_up(CallKey::Out(1)));
    net.settle();
    net.assert_empty();
}

#[test]
fn nothing_tells_the_account_of_a_trunk_from_one_that_is_not_there() {
    let said = |user: &str, password: &str| {
        let mut net = logging_in(user, password, true);
        net.tell(0, dial(CallKey::Out(1), "b", 5));
        net.wait(0, |event| {
            matches!(event, Event::Failed { .. }).then_some(())
        });
        let counters = net.ends[1].endpoint.counters();
        assert_eq!((counters.calls, counters.server_transactions), (0, 0));
        let names = |one: &Message| {
            let all = one.all_headers();
            all.map(|(name, _)| name.to_owned()).collect::<Vec<_>>()
        };
        refusals(&net).iter().map(names).collect::<Vec<_>>()
    };

    let known = said("pbx", "wrong");

    assert_eq!(known.len(), 2);
    assert_eq!(known, said("nobody", "wrong"));
    assert_eq!(known, said("anna", "wrong"));
}

#[test]
fn a_trunk_that_is_to_prove_itself_by_sha_256_does_not_by_md5_and_registers_nothing() {
    for (strongest, md5, taken) in [
        (true, false, true),
        (false, false, false),
        (false, true, true),
    ] {
        let mut net = logging_in("x", "x", md5);
        let mut config = config(1);
        config.trunks = vec![{
            let mut pbx = trunk("pbx", address(9), Transport::Udp);
            pbx.sources.clear();
            let account = Account::with_password("pbx", "example.test", "secret");
            let user = "pbx".into();
            pbx.login = Some(TrunkLogin { user, account, md5 });
            pbx
        }];
        let now = net.now;
        net.ends[0].endpoint.reconfigure(config, now);
        let mut phone = Phone::new();
        (phone.user, phone.strongest) = ("pbx", strongest);

        let answered = phone.register(&mut net, "Contact: <sip:pbx@192.0.2.20>\r\n");

        assert_eq!(code(&answered), if taken { 403 } else { 401 });
        assert_eq!(net.ends[0].endpoint.counters().bindings, 0);
    }
}

#[test]
fn a_phone_in_a_browser_is_offered_what_browsers_take_and_another_offer_where_it_refuses_that() {
    const IN_BROWSER: &[u8] = b"v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=in a browser\r\n";
    for (transport, contact, told) in [
        (Transport::Ws, "sip:anna@x.invalid;transport=ws", true),
        (Transport::Tcp, "sip:anna@x.invalid;transport=ws", true),
        (
            Transport::Tcp,
            "sip:anna@192.0.2.20:5060;transport=tcp",
            false,
        ),
    ] {
        let mut net = net();
        let mut phone = Phone::on(transport);
        phone.register(&mut net, &format!("Contact: <{contact}>\r\n"));
        let mut call = dial(CallKey::Out(1), "", 5);
        if let Command::Dial { to, sdp, .. } = &mut call {
            *to = Target::Phone {
                user: "anna".into(),
            };
            sdp.in_browser = Some(Bytes::from_static(IN_BROWSER));
        }
        net.outside.clear();
        net.tell(0, call);
        net.run_for(Duration::from_millis(10));

        let mut offers = Vec::new();
        loop {
            let is_invite = |packet: &Packet| packet.first_line().starts_with("INVITE");
            let Some(at) = net.outside.iter().position(is_invite) else {
                break;
            };
            let invite = Message::parse(net.outside.remove(at).bytes).unwrap();
            offers.push(invite.body() == IN_BROWSER);
            net.outside.clear();
            let refusal = invite.response(StatusCode::NOT_ACCEPTABLE_HERE, Some("p"));
            let now = net.now;
            let endpoint = &mut net.ends[0].endpoint;
            endpoint.handle_message(&phone.flow, refusal.build(), now);
            net.drain(0);
            net.run_for(Duration::from_millis(10));
        }

        let expected: &[bool] = if told { &[true, false] } else { &[false] };
        assert_eq!(offers, expected, "{contact} by {transport:?}");
        let failed = net.wait(0, |event| match event {
            Event::Failed { code, .. } => Some(*code),
            _ => None,
        });
        assert_eq!(failed, 488);
    }
}

#[test]
fn a_trunk_that_proved_itself_is_held_to_its_own_bounds_and_who_guesses_there_to_those_of_strangers()
 {
    let guarded = |user: &str, password: &str| {
        let mut net = logging_in(user, password, true);
        let mut theirs = config(2);
        theirs.guard.rate = 1;
        theirs.guard.burst = 10;
        theirs.guard.strikes = 0;
        let mut pbx = trunk("pbx", address(9), Transport::Udp);
        pbx.sources.clear();
        pbx.max_calls = Some(30);
        pbx.login = Some(TrunkLogin {
            user: "pbx".into(),
            account: Account::with_password("pbx", "example.test", "secret"),
            md5: true,
        });
        theirs.trunks.push(pbx);
        let now = net.now;
        net.ends[1].endpoint.reconfigure(theirs, now);
        net
    };
    let calls = |net: &mut Net, numbers: std::ops::Range<u64>| {
        for number in numbers {
            net.tell(0, dial(CallKey::Out(number), "b", number.into()));
        }
        net.run_for(Duration::from_secs(1));
    };
    let failed = |net: &Net| {
        let codes = net.ends[0].events.iter().filter_map(|event| match event {
            Event::Failed { code, .. } => Some(*code),
            _ => None,
        });
        codes.collect::<Vec<_>>()
    };

    let mut net = guarded("pbx", "secret");
    calls(&mut net, 1..2);
    calls(&mut net, 2..36);

    assert_eq!(net.ends[1].endpoint.counters().calls, 30);
    assert_eq!(failed(&net), [503; 5], "by its own bound");

    let mut net = guarded("pbx", "wrong");
    calls(&mut net, 1..20);
    let counters = net.ends[1].endpoint.counters();
    assert!(counters.denied <= 10, "{}", counters.denied);
    assert!(counters.barred > 0);
}
