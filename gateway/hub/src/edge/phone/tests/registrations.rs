//! Registered phones, and what the journal keeps of them.

use sip::{
    Instant,
    endpoint::Transport,
    registrar::{Binding, PhoneFlow},
};

use super::*;

/// Where Anna's phone registered, by a flow of that number if one is given.
pub(super) fn binding(flow: Option<u32>) -> Binding {
    let at = |seconds| Instant::after_start(Duration::from_secs(seconds));
    Binding {
        user: "anna".into(),
        contact: "sip:anna@10.0.0.5;ob".into(),
        transport: Transport::Udp,
        peer: "192.0.2.20:4001".parse().unwrap(),
        connection: None,
        refreshed_at: at(900),
        expires_at: at(1_100),
        call_id: "r".into(),
        cseq: 1,
        q: 1_000,
        path: vec!["<sip:192.0.2.20;lr;ob>".into()],
        flow: flow.map(|reg_id| PhoneFlow {
            instance: "<urn:uuid:1>".into(),
            reg_id,
        }),
    }
}

/// Has phones register, and returns what the journal is to keep of them.
fn registered(phones: &mut Phones, bindings: &[Binding]) -> String {
    for binding in bindings.iter().cloned() {
        phones.handle_sip(Event::Registered { binding }, NOW);
    }
    match drain(phones).pop() {
        Some(Output::Hub(Input::PhoneRegistered { binding, .. })) => binding,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_the_journal_keeps_of_a_binding_is_all_of_it() {
    for flow in [None, Some(2)] {
        let kept = registered(&mut phones(4000..=4099), &[binding(flow)]);

        let mut after = phones(4000..=4099);
        let bindings = vec![("anna".parse().unwrap(), kept)];
        after.handle_command(Command::RestorePhones { bindings }, NOW);

        let restored = Output::Sip(SipCommand::Restore {
            bindings: vec![binding(flow)],
        });
        assert_eq!(drain(&mut after), [restored]);
    }
}

#[test]
fn a_phone_is_gone_with_the_last_of_its_flows_though_they_have_one_contact() {
    let mut phones = phones(4000..=4099);
    registered(&mut phones, &[binding(Some(1)), binding(Some(2))]);

    let mut end = |reg_id| {
        let binding = binding(Some(reg_id));
        phones.handle_sip(Event::Unregistered { binding }, NOW);
        drain(&mut phones).pop()
    };

    assert!(matches!(
        end(1),
        Some(Output::Hub(Input::PhoneRegistered { .. }))
    ));
    assert!(matches!(end(2), Some(Output::Hub(Input::PhoneGone { .. }))));
}

#[test]
fn a_phone_is_registered_for_as_long_as_it_was_when_the_time_jumps() {
    let hours = Duration::from_secs(2 * 3_600);
    let mut phones = phones(4000..=4099);
    registered(&mut phones, &[binding(None)]);
    let until = |told: &[Output]| match told {
        [Output::Hub(Input::PhoneRegistered { until, .. })] => *until,
        other => panic!("{other:?}"),
    };

    phones.handle_step(crate::step::Jump::ahead(hours), NOW + hours);
    assert_eq!(until(&drain(&mut phones)), Timestamp(1_100_000) + hours);

    // The next time it registers is by the clock of SIP, which did not jump.
    let binding = binding(None);
    phones.handle_sip(Event::Registered { binding }, NOW + hours);
    assert_eq!(until(&drain(&mut phones)), Timestamp(1_100_000) + hours);
}
