//! What phones that show it are told of recordings.

use super::*;

fn recorded(leg: LegId) -> Command {
    Command::Record {
        leg,
        recording: ws::id::RecordingId {
            interaction: leg.interaction,
            n: 1,
        },
        listen: None,
    }
}

fn paused(leg: LegId, on: bool) -> Command {
    Command::PauseRecording { leg, on }
}

fn stopped(leg: LegId) -> Command {
    Command::StopRecording { leg, keep: true }
}

/// Two who talk, of whom the caller shows it, and whoever was dialled where they do too.
fn talking(both: bool) -> (Phones, LegId) {
    let mut phones = phones(4000..=4099);
    phones.handle_sip(arrived(1, Some(offer("sendrecv"))), NOW);
    let call = CallKey::In(1);
    phones.handle_sip(Event::RecordAware { call }, NOW);
    let leg = leg_id(1);
    phones.handle_command(Command::Adopt { call: 1, leg }, NOW);
    phones.handle_media(opened(1, 4000), NOW);
    phones.handle_command(Command::Answer { leg }, NOW);
    phones.handle_sip(Event::Confirmed { call, sdp: None }, NOW);
    phones.handle_command(dial(2), NOW);
    phones.handle_media(opened(2, 4002), NOW);
    let call = CallKey::Out(2);
    if both {
        phones.handle_sip(Event::RecordAware { call }, NOW);
    }
    phones.handle_sip(
        Event::Answered {
            fork: None,
            call,
            sdp: Some(offer("sendrecv")),
            session: None,
            source: "192.0.2.1:5060".parse().unwrap(),
        },
        NOW,
    );
    let b = leg_id(2);
    phones.handle_command(Command::Bridge { a: leg, b }, NOW);
    drain(&mut phones);
    (phones, leg)
}

/// Who was told what.
fn told(phones: &mut Phones) -> Vec<(CallKey, String)> {
    let outputs = drain(phones);
    let said = outputs.iter().filter_map(|output| match output {
        Output::Sip(SipCommand::Offer { call, sdp }) => {
            let line = text(sdp)
                .lines()
                .find_map(|it| it.strip_prefix("a=record:"));
            Some((*call, line.expect("it says so").to_owned()))
        }
        _ => None,
    });
    said.collect()
}

fn answers(phones: &mut Phones, call: CallKey) {
    let sdp = offer("sendrecv");
    phones.handle_sip(Event::OfferAnswered { call, sdp }, NOW);
}

fn says(call: CallKey, what: &str) -> (CallKey, String) {
    (call, what.to_owned())
}

#[test]
fn who_shows_it_is_told_when_it_begins_rests_goes_on_and_ends() {
    let (mut phones, leg) = talking(false);
    let caller = CallKey::In(1);
    for (command, what) in [
        (recorded(leg), "on"),
        (paused(leg, true), "paused"),
        (paused(leg, false), "on"),
        (stopped(leg), "off"),
    ] {
        phones.handle_command(command, NOW);
        assert_eq!(told(&mut phones), [says(caller, what)]);
        answers(&mut phones, caller);
        assert_eq!(told(&mut phones), []);
    }
}

#[test]
fn everybody_in_the_conversation_is_told_and_who_leaves_it_too() {
    let (mut phones, leg) = talking(true);
    let (caller, phone) = (CallKey::In(1), CallKey::Out(2));

    phones.handle_command(recorded(leg), NOW);
    assert_eq!(told(&mut phones), [says(caller, "on"), says(phone, "on")]);
    answers(&mut phones, caller);
    answers(&mut phones, phone);
    phones.handle_command(Command::Part { leg: leg_id(2) }, NOW);
    assert_eq!(told(&mut phones), [says(phone, "off")]);
    answers(&mut phones, phone);
    let (a, b) = (leg, leg_id(2));
    phones.handle_command(Command::Bridge { a, b }, NOW);
    assert_eq!(told(&mut phones), [says(phone, "on")]);
    answers(&mut phones, phone);
    phones.handle_sip(
        Event::Ended {
            call: caller,
            by: EndedBy::Far,
            cause: None,
        },
        NOW,
    );
    assert_eq!(told(&mut phones), [says(phone, "off")]);
}

#[test]
fn one_offer_is_made_at_a_time_and_what_changed_meanwhile_is_told_after() {
    let (mut phones, leg) = talking(false);
    let caller = CallKey::In(1);
    phones.handle_command(recorded(leg), NOW);
    assert_eq!(told(&mut phones), [says(caller, "on")]);

    phones.handle_command(paused(leg, true), NOW);
    assert_eq!(told(&mut phones), []);
    answers(&mut phones, caller);
    assert_eq!(told(&mut phones), [says(caller, "paused")]);

    // Refused: it is told again when there is something else to tell.
    phones.handle_sip(
        Event::OfferRefused {
            call: caller,
            code: 488,
        },
        NOW,
    );
    assert_eq!(told(&mut phones), []);
    phones.handle_command(stopped(leg), NOW);
    assert_eq!(told(&mut phones), [says(caller, "off")]);
}

#[test]
fn an_offer_of_the_peer_is_answered_with_it_and_ours_is_written_anew() {
    let (mut phones, leg) = talking(false);
    let call = CallKey::In(1);
    phones.handle_command(recorded(leg), NOW);
    drain(&mut phones);

    phones.handle_sip(offered(1, "sendonly"), NOW);

    let outputs = drain(&mut phones);
    let [
        Output::Sip(SipCommand::Offer { sdp: ours, .. }),
        Output::Sip(SipCommand::AcceptOffer { sdp: answer, .. }),
        ..,
    ] = &outputs[..]
    else {
        panic!("{outputs:?}");
    };
    let version = |sdp: &Bytes| -> u64 {
        let line = text(sdp).lines().nth(1).unwrap().to_owned();
        line.split(' ').nth(2).unwrap().parse().unwrap()
    };
    assert!(text(answer).contains("a=recvonly") && text(answer).contains("a=record:on"));
    assert!(version(ours) > version(answer), "{outputs:?}");
    answers(&mut phones, call);
    assert_eq!(told(&mut phones), []);
}

#[test]
fn who_does_not_show_it_is_offered_nothing() {
    let mut phones = phones(4000..=4099);
    let (leg, _) = bridged(&mut phones);

    phones.handle_command(recorded(leg), NOW);
    phones.handle_command(paused(leg, true), NOW);
    phones.handle_command(stopped(leg), NOW);

    assert_eq!(told(&mut phones), []);
}
