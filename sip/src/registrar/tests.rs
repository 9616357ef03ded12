use std::time::Duration;

use super::*;

const NOW: Instant = Instant::START;

fn flow() -> Flow {
    let (local, peer) = (
        "192.0.2.1:5060".parse().unwrap(),
        "192.0.2.20:5060".parse().unwrap(),
    );
    Flow {
        transport: Transport::Tcp,
        local,
        peer,
        connection: 3,
    }
}

fn ask(cseq: u32, contacts: &[(&str, u32)]) -> Ask {
    let contacts = contacts.iter().map(|(uri, expires)| ContactAsk {
        uri: uri.parse().unwrap(),
        expires: Some(*expires),
        q: 1_000,
        flow: None,
    });
    Ask {
        path: Vec::new(),
        is_direct: true,
        user: "anna".into(),
        call_id: "r".into(),
        cseq,
        expires: None,
        contacts: Contacts::List(contacts.collect()),
    }
}

fn register(registrar: &mut Registrar, ask: &Ask) -> Result<(), Refusal> {
    let limits = Limits {
        bindings: 3,
        all_bindings: 4,
        ..Limits::default()
    };
    registrar.register(ask, &flow(), &limits, NOW)
}

fn contacts(registrar: &Registrar) -> Vec<&str> {
    registrar
        .bindings("anna")
        .iter()
        .map(|binding| binding.contact.as_str())
        .collect()
}

#[test]
fn contacts_are_the_same_when_their_uris_are_and_not_only_their_text() {
    let mut registrar = Registrar::default();
    register(
        &mut registrar,
        &ask(1, &[("sip:anna@HOST.example;transport=tcp", 100)]),
    )
    .unwrap();

    register(
        &mut registrar,
        &ask(2, &[("sip:%61nna@host.example;transport=TCP", 200)]),
    )
    .unwrap();
    register(
        &mut registrar,
        &ask(3, &[("sip:Anna@host.example;transport=tcp", 100)]),
    )
    .unwrap();

    assert_eq!(
        contacts(&registrar),
        [
            "sip:%61nna@host.example;transport=TCP",
            "sip:Anna@host.example;transport=tcp"
        ]
    );
}

#[test]
fn one_bad_contact_leaves_all_as_they_were() {
    let mut registrar = Registrar::default();
    register(
        &mut registrar,
        &ask(1, &[("sip:a@192.0.2.20", 100), ("sip:b@192.0.2.20", 100)]),
    )
    .unwrap();
    registrar.take_changes();

    for (bad, refusal) in [
        (
            ask(2, &[("sip:a@192.0.2.20", 0), ("sip:c@192.0.2.20", 9)]),
            Refusal::TooBrief,
        ),
        (
            ask(2, &[("sip:a@192.0.2.20", 0), ("mailto:c@x", 100)]),
            Refusal::Scheme,
        ),
        (
            ask(1, &[("sip:c@192.0.2.20", 100), ("sip:a@192.0.2.20", 0)]),
            Refusal::OutOfOrder,
        ),
        (
            ask(2, &[("sip:c@192.0.2.20", 100), ("sip:d@192.0.2.20", 100)]),
            Refusal::TooMany,
        ),
    ] {
        assert_eq!(register(&mut registrar, &bad), Err(refusal));
        assert_eq!(contacts(&registrar).len(), 2);
    }
    assert!(registrar.take_changes().is_empty());
}

#[test]
fn all_accounts_together_have_a_limit() {
    let mut registrar = Registrar::default();
    register(
        &mut registrar,
        &ask(1, &[("sip:a@x", 100), ("sip:b@x", 100), ("sip:c@x", 100)]),
    )
    .unwrap();
    let other = Ask {
        user: "ben".into(),
        ..ask(1, &[("sip:a@x", 100), ("sip:b@x", 100)])
    };

    assert_eq!(register(&mut registrar, &other), Err(Refusal::Full));

    assert_eq!(registrar.len(), 3);
}

#[test]
fn nothing_is_left_behind_when_the_last_binding_goes() {
    let mut registrar = Registrar::default();
    for round in 0..3 {
        register(
            &mut registrar,
            &ask(
                2 * round + 1,
                &[("sip:a@10.0.0.1", 100), ("sip:b@10.0.0.1", 80)],
            ),
        )
        .unwrap();
        match round {
            0 => registrar.handle_timeout(NOW + Duration::from_secs(100)),
            1 => registrar.handle_connection_lost(3),
            _ => {
                let star = Ask {
                    expires: Some(0),
                    contacts: Contacts::Star,
                    ..ask(6, &[])
                };
                register(&mut registrar, &star).unwrap();
            }
        }

        assert_eq!(
            (registrar.len(), registrar.poll_timeout()),
            (0, None),
            "round {round}"
        );
        assert!(registrar.bindings.is_empty() && registrar.connections.is_empty());
        let changes = registrar.take_changes();
        let removed = changes
            .iter()
            .filter(|change| matches!(change, Change::Removed(_)))
            .count();
        assert_eq!((changes.len(), removed), (4, 2));
    }
}

#[test]
fn the_most_wanted_contact_comes_first_then_the_freshest() {
    let mut registrar = Registrar::default();
    let mut three = ask(1, &[("sip:a@x", 100), ("sip:b@x", 200), ("sip:c@x", 300)]);
    if let Contacts::List(list) = &mut three.contacts {
        list[2].q = q_thousandths(Some("0.5"));
    }
    register(&mut registrar, &three).unwrap();

    assert_eq!(contacts(&registrar), ["sip:b@x", "sip:a@x", "sip:c@x"]);
}

#[test]
fn q_is_read_in_thousandths() {
    for (text, expected) in [
        (None, 1_000),
        (Some("0.7"), 700),
        (Some("0.125"), 125),
        (Some("0"), 0),
        (Some("1.0"), 1_000),
        (Some("x"), 1_000),
    ] {
        assert_eq!(q_thousandths(text), expected, "{text:?}");
    }
}

#[test]
fn a_contact_that_is_named_again_makes_no_room_and_is_gone_once() {
    let mut registrar = Registrar::default();
    let (a, b) = ("sip:a@192.0.2.20", "sip:b@192.0.2.20");
    register(&mut registrar, &ask(1, &[(a, 100), (b, 100)])).unwrap();
    registrar.take_changes();

    let more = ["sip:c@192.0.2.20", "sip:d@192.0.2.20"].map(|uri| (uri, 100));
    let again = [(a, 100), (b, 100), (a, 100), (b, 100)];
    let crowd = ask(2, &[&again[..], &more].concat());
    assert_eq!(register(&mut registrar, &crowd), Err(Refusal::TooMany));
    let leaves = ask(3, &[(a, 0), (b, 0), (a, 0)]);
    register(&mut registrar, &leaves).unwrap();

    assert_eq!(registrar.take_changes().len(), 2);
    assert_eq!(registrar.len(), 0);
}

#[test]
fn of_more_contacts_than_may_be_the_rest_is_not_read() {
    let mut registrar = Registrar::default();
    let many = ["a", "b", "c", "d"].map(|user| format!("sip:{user}@192.0.2.20"));
    let mut contacts: Vec<_> = many.iter().map(|uri| (uri.as_str(), 100)).collect();
    contacts.push(("mailto:e@x", 100));

    let refused = register(&mut registrar, &ask(1, &contacts));

    assert_eq!(refused, Err(Refusal::TooMany));
}
