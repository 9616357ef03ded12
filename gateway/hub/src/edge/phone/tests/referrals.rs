use sip::endpoint::Refer;

use super::*;

fn said(outputs: &[Output]) -> Vec<SipCommand> {
    let said = outputs.iter().filter_map(|output| match output {
        Output::Sip(
            command @ (SipCommand::AcceptRefer { .. }
            | SipCommand::RefuseRefer { .. }
            | SipCommand::ReportRefer { .. }),
        ) => Some(command.clone()),
        _ => None,
    });
    said.collect()
}

#[test]
fn what_comes_of_a_transfer_is_told_by_the_call_it_was_asked_for_in_which_may_be_over() {
    for over_first in [false, true] {
        let mut phones = phones(4000..=4099);
        let (_, leg) = bridged(&mut phones);
        let call = CallKey::Out(2);
        let refers = Event::Referred {
            call,
            refer: Box::new(Refer {
                to_user: "201".to_owned(),
                trusted: true,
                here: true,
                replaces: None,
                by: None,
            }),
        };
        let ended = Event::Ended {
            call,
            by: EndedBy::Far,
            cause: None,
        };
        phones.handle_sip(refers, NOW);
        if over_first {
            phones.handle_sip(ended.clone(), NOW);
        }
        phones.handle_command(Command::TakeReferral { leg, done: false }, NOW);
        if !over_first {
            phones.handle_sip(ended, NOW);
        }
        assert_eq!(
            said(&drain(&mut phones)),
            [SipCommand::AcceptRefer { call }]
        );
        assert_eq!(phones.referral_count(), 1);

        let busy = Command::ReportReferral { leg, status: 486 };
        phones.handle_command(busy.clone(), NOW);

        let reason = String::new();
        let code = 486;
        let told = SipCommand::ReportRefer { call, code, reason };
        assert_eq!(said(&drain(&mut phones)), [told]);
        assert_eq!(phones.referral_count(), 0);
        phones.handle_command(busy, NOW);
        assert!(said(&drain(&mut phones)).is_empty());
    }
}

#[test]
fn a_trunk_is_asked_to_connect_two_of_its_calls() {
    let mut phones = phones(4000..=4099);
    let (customer, other) = bridged(&mut phones);
    let hand_out = |place| Command::HandOut {
        leg: customer,
        number: "201".parse().unwrap(),
        place,
    };

    phones.handle_command(hand_out(Some(other)), NOW);

    let asked = drain(&mut phones);
    let refers = asked.iter().find_map(|output| match output {
        Output::Sip(SipCommand::Refer { call, replaces, .. }) => Some((*call, *replaces)),
        _ => None,
    });
    assert_eq!(refers, Some((CallKey::In(1), Some(CallKey::Out(2)))));

    let call = CallKey::Out(2);
    let ended = Event::Ended {
        call,
        by: EndedBy::Far,
        cause: None,
    };
    phones.handle_sip(ended, NOW);
    drain(&mut phones);
    phones.handle_command(hand_out(Some(other)), NOW);
    let (leg, status) = (customer, 481);
    let told = Output::Hub(Input::Leg(LegNews::HandedOut { leg, status }));
    assert!(drain(&mut phones).contains(&told));
}
