//! What is heard of a leg before it answers.

use sip::endpoint::Fork;

use super::*;

/// An answered agent's leg 2 (media leg 1), and leg 3 (media leg 2) that is being dialled.
fn dialling(phones: &mut Phones) -> (LegId, LegId) {
    let agent = dialled(phones);
    phones.handle_sip(answered(1), NOW);
    phones.handle_command(dial(3), NOW);
    phones.handle_media(opened(2, 4002), NOW);
    drain(phones);
    (agent, leg_id(3))
}

fn answered(call: u64) -> Event {
    Event::Answered {
        call: CallKey::Out(call),
        fork: None,
        sdp: Some(offer("sendrecv")),
        session: None,
        source: "192.0.2.1:5060".parse().unwrap(),
    }
}

fn speaks() -> Event {
    Event::Progress {
        call: CallKey::Out(2),
        fork: None,
        code: 183,
        reason: String::new(),
        sdp: Some(offer("sendrecv")),
    }
}

fn busy() -> Event {
    Event::Failed {
        call: CallKey::Out(2),
        code: 486,
        reason: "Busy Here".to_owned(),
        dialled: true,
        cause: None,
    }
}

fn waits(phones: &mut Phones, leg: LegId, of: LegId) -> Vec<Output> {
    phones.handle_command(Command::Await { leg, of }, NOW);
    drain(phones)
}

/// What the agent's leg is told to hear: a program, or another leg.
fn told(outputs: &[Output]) -> Vec<String> {
    let told = outputs.iter().filter_map(|output| match output {
        Output::Media(MediaCommand::Play {
            leg: LegKey(1),
            what,
            ..
        }) => Some(format!("{what:?}")),
        Output::Media(MediaCommand::StopPlaying { leg: LegKey(1) }) => Some("stop".to_owned()),
        Output::Media(MediaCommand::Hear {
            leg: LegKey(1),
            whom,
        }) => Some(format!("{whom:?}")),
        _ => None,
    });
    told.collect()
}

#[test]
fn ring_back_tone_gives_way_to_what_comes_before_the_answer() {
    let mut phones = phones(4000..=4099);
    let (agent, customer) = dialling(&mut phones);

    let rings = waits(&mut phones, agent, customer);
    phones.handle_sip(speaks(), NOW);
    let early = drain(&mut phones);
    phones.handle_sip(speaks(), NOW);
    let again = drain(&mut phones);

    assert_eq!(told(&rings), ["Ringback"]);
    assert_eq!(told(&early), ["stop", "[LegKey(2)]"]);
    let remote = Output::Media(MediaCommand::Remote {
        leg: LegKey(2),
        media: phones.legs[&LegKey(2)]
            .sdp
            .clone()
            .accept_answer(&offer("sendrecv"))
            .unwrap(),
    });
    assert!(early.contains(&remote), "{early:?}");
    assert!(again.is_empty(), "{again:?}");
}

#[test]
fn who_begins_to_wait_later_hears_it_at_once_and_is_connected_by_the_answer() {
    let mut phones = phones(4000..=4099);
    let (agent, customer) = dialling(&mut phones);
    phones.handle_sip(speaks(), NOW);
    drain(&mut phones);

    let early = waits(&mut phones, agent, customer);
    phones.handle_sip(answered(2), NOW);
    let (a, b) = (customer, agent);
    phones.handle_command(Command::Bridge { a, b }, NOW);
    let bridged = drain(&mut phones);

    assert_eq!(told(&early), ["stop", "[LegKey(2)]"]);
    let bridge = Output::Media(MediaCommand::Bridge {
        a: LegKey(2),
        b: LegKey(1),
    });
    assert!(bridged.contains(&bridge), "{bridged:?}");
}

#[test]
fn ring_back_tone_is_back_when_who_spoke_is_gone() {
    let mut phones = phones(4000..=4099);
    let (agent, customer) = dialling(&mut phones);
    waits(&mut phones, agent, customer);
    phones.handle_sip(speaks(), NOW);
    drain(&mut phones);

    phones.handle_sip(busy(), NOW);

    assert_eq!(told(&drain(&mut phones)), ["Ringback"]);
}

#[test]
fn ring_back_tone_is_back_when_another_place_is_asked_and_the_place_is_told() {
    let mut phones = phones(4000..=4099);
    let (agent, customer) = dialling(&mut phones);
    waits(&mut phones, agent, customer);
    phones.handle_sip(speaks(), NOW);
    drain(&mut phones);

    let left = sip::trunk::Place {
        transport: sip::endpoint::Transport::Udp,
        address: "192.0.2.1:5060".parse().unwrap(),
    };
    phones.handle_sip(
        Event::Rerouted {
            call: CallKey::Out(2),
            trunk: "carrier".to_owned(),
            left: Some(left),
            why: sip::endpoint::Left::Said(302),
        },
        NOW,
    );
    let outputs = drain(&mut phones);
    let is_told = |one: &Output| matches!(one, Output::Hub(Input::Leg(LegNews::Rerouted { leg, to })) if *leg == customer && to.status == 302);
    assert!(outputs.iter().any(is_told), "{outputs:?}");
    assert_eq!(told(&outputs), ["Ringback"]);

    phones.handle_sip(speaks(), NOW);
    assert_eq!(told(&drain(&mut phones)), ["stop", "[LegKey(2)]"]);
}

#[test]
fn ring_back_tone_is_back_when_another_is_dialled_in_place_of_who_spoke() {
    let mut phones = phones(4000..=4099);
    let (agent, customer) = dialling(&mut phones);
    waits(&mut phones, agent, customer);
    phones.handle_sip(speaks(), NOW);
    drain(&mut phones);

    let next = Command::Follow {
        leg: customer,
        trunk: "carrier".parse().unwrap(),
        number: "+4930300".parse().unwrap(),
        caller: None,
        done: 1,
        passed_on: false,
    };
    phones.handle_command(next.clone(), NOW);
    assert_eq!(told(&drain(&mut phones)), ["Ringback"]);
    phones.handle_command(next, NOW);
    assert_eq!(told(&drain(&mut phones)), [""; 0], "it rings already");

    phones.handle_sip(speaks(), NOW);
    assert_eq!(told(&drain(&mut phones)), ["stop", "[LegKey(2)]"]);
}

#[test]
fn who_talks_with_somebody_again_hears_no_ring_back_tone_when_who_spoke_is_gone() {
    let mut phones = phones(4000..=4099);
    let (agent, customer) = dialling(&mut phones);
    waits(&mut phones, agent, customer);
    phones.handle_sip(speaks(), NOW);
    let third = arrive(&mut phones, 3, Some(offer("sendrecv")));
    let (a, b) = (agent, third);
    phones.handle_command(Command::Bridge { a, b }, NOW);
    drain(&mut phones);

    phones.handle_sip(busy(), NOW);

    assert!(told(&drain(&mut phones)).is_empty());
}

#[test]
fn a_description_that_answers_nothing_changes_nothing() {
    let mut phones = phones(4000..=4099);
    let (agent, customer) = dialling(&mut phones);
    waits(&mut phones, agent, customer);
    let Event::Progress {
        call, code, reason, ..
    } = speaks()
    else {
        unreachable!()
    };
    let sdp = Some(Bytes::from_static(b"v=0"));

    let nonsense = Event::Progress {
        fork: None,
        call,
        code,
        reason,
        sdp,
    };
    phones.handle_sip(nonsense, NOW);

    assert!(told(&drain(&mut phones)).is_empty());
}

#[test]
fn who_talks_with_somebody_meanwhile_is_left_alone() {
    let mut phones = phones(4000..=4099);
    let (agent, customer) = dialling(&mut phones);
    waits(&mut phones, agent, customer);
    let third = arrive(&mut phones, 3, Some(offer("sendrecv")));
    let (a, b) = (agent, third);
    phones.handle_command(Command::Bridge { a, b }, NOW);
    drain(&mut phones);

    phones.handle_sip(speaks(), NOW);

    assert!(told(&drain(&mut phones)).is_empty());
}

fn kinds(outputs: &[Output]) -> Vec<&'static str> {
    let kinds = outputs.iter().map(|output| match output {
        Output::Sip(SipCommand::Ring {
            code: 183,
            sdp: Some(_),
            ..
        }) => "183",
        Output::Sip(SipCommand::Answer { .. }) => "200",
        Output::Media(MediaCommand::Remote { .. }) => "remote",
        Output::Hub(Input::Leg(LegNews::Early { .. })) => "early",
        Output::Sip(_)
        | Output::Media(_)
        | Output::Hub(_)
        | Output::Browser(_)
        | Output::Elsewhere { .. } => "other",
    });
    kinds.collect()
}

#[test]
fn a_caller_hears_what_is_played_before_the_answer_which_describes_the_same() {
    let mut phones = phones(4000..=4099);
    let leg = arrive(&mut phones, 1, Some(offer("sendrecv")));
    phones.handle_command(Command::SpeakEarly { leg }, NOW);
    assert_eq!(drain(&mut phones), [], "the ports are not bound yet");

    phones.handle_media(opened(1, 4000), NOW);
    let early = drain(&mut phones);
    phones.handle_command(Command::SpeakEarly { leg }, NOW);
    let again = drain(&mut phones);
    phones.handle_command(Command::Answer { leg }, NOW);
    let answer = drain(&mut phones);

    assert_eq!(kinds(&early), ["183", "remote", "early"]);
    assert_eq!(again, []);
    // Its media is agreed on already, with all keys.
    assert_eq!(kinds(&answer), ["200"]);
    let (
        Output::Sip(SipCommand::Ring {
            sdp: Some(first), ..
        }),
        Output::Sip(SipCommand::Answer { sdp: last, .. }),
    ) = (&early[0], &answer[0])
    else {
        panic!("{early:?} {answer:?}");
    };
    assert_eq!(first, last);
}

/// A caller (media leg 1) who hears something before the answer.
fn speaking(phones: &mut Phones) -> LegId {
    let leg = arrive(phones, 1, Some(offer("sendrecv")));
    phones.handle_media(opened(1, 4000), NOW);
    phones.handle_command(Command::SpeakEarly { leg }, NOW);
    drain(phones);
    leg
}

fn offers(sdp: Bytes) -> Event {
    Event::Offered {
        call: CallKey::In(1),
        fork: None,
        sdp: Some(sdp),
    }
}

#[test]
fn a_caller_who_moves_before_the_answer_is_followed_and_the_answer_says_so() {
    let mut phones = phones(4000..=4099);
    let leg = speaking(&mut phones);
    let moved = text(&offer("sendrecv")).replace("m=audio 7000", "m=audio 6000");
    assert_ne!(moved, text(&offer("sendrecv")));

    phones.handle_sip(offers(Bytes::from(moved)), NOW);
    let taken = drain(&mut phones);
    phones.handle_command(Command::Answer { leg }, NOW);
    let answer = drain(&mut phones);

    let [
        Output::Sip(SipCommand::AcceptOffer { sdp: said, .. }),
        Output::Media(MediaCommand::Remote { media, .. }),
    ] = &taken[..]
    else {
        panic!("{taken:?}");
    };
    assert!(media.address.port() == 6000, "{media:?}");
    let [Output::Sip(SipCommand::Answer { sdp: last, .. })] = &answer[..] else {
        panic!("{answer:?}");
    };
    assert_eq!(said, last);
}

#[test]
fn what_cannot_be_taken_before_the_answer_is_refused_and_the_caller_hears_what_it_heard() {
    for (body, status) in [("no sdp at all", 400), (OPUS, 488)] {
        let mut phones = phones(4000..=4099);
        let leg = speaking(&mut phones);

        phones.handle_sip(offers(Bytes::from(body)), NOW);
        let refused = drain(&mut phones);
        phones.handle_command(Command::Answer { leg }, NOW);

        let [Output::Sip(SipCommand::RefuseOffer { code, .. })] = &refused[..] else {
            panic!("{refused:?}");
        };
        assert_eq!(*code, status);
        assert_eq!(kinds(&drain(&mut phones)), ["200"]);
    }
}

#[test]
fn a_caller_without_an_offer_is_answered_instead() {
    let mut phones = phones(4000..=4099);
    let leg = arrive(&mut phones, 1, None);
    phones.handle_media(opened(1, 4000), NOW);
    drain(&mut phones);

    phones.handle_command(Command::SpeakEarly { leg }, NOW);

    assert_eq!(kinds(&drain(&mut phones)), ["200"]);
}

#[test]
fn a_caller_who_falls_silent_before_the_answer_is_kept() {
    let mut phones = phones(4000..=4099);
    let leg = arrive(&mut phones, 1, Some(offer("sendrecv")));
    phones.handle_media(opened(1, 4000), NOW);
    phones.handle_command(Command::SpeakEarly { leg }, NOW);
    phones.handle_media(MediaEvent::Flowing { leg: LegKey(1) }, NOW);
    drain(&mut phones);

    phones.handle_media(MediaEvent::Stopped { leg: LegKey(1) }, NOW);

    assert_eq!(drain(&mut phones), []);
}

const FORKS: [Option<Fork>; 2] = [Some(Fork(0)), Some(Fork(1))];

/// An end of leg 3 describes from which port it speaks, reliably.
fn rings(fork: Option<Fork>, port: u16) -> Event {
    Event::Progress {
        call: CallKey::Out(2),
        fork,
        code: 183,
        reason: String::new(),
        sdp: Some(at(port)),
    }
}

fn moves(fork: Option<Fork>, sdp: Bytes) -> Event {
    Event::Offered {
        call: CallKey::Out(2),
        fork,
        sdp: Some(sdp),
    }
}

fn takes(fork: Option<Fork>) -> Event {
    Event::Answered {
        call: CallKey::Out(2),
        fork,
        sdp: None,
        session: None,
        source: "192.0.2.1:5060".parse().unwrap(),
    }
}

fn at(port: u16) -> Bytes {
    let text = text(&offer("sendrecv")).replace("m=audio 7000", &format!("m=audio {port}"));
    Bytes::from(text)
}

/// What leg 3's streams are and the calls are told: where it is heard from, whose offer is taken, or refused.
fn followed(outputs: &[Output]) -> Vec<String> {
    let told = outputs.iter().filter_map(|output| match output {
        Output::Media(MediaCommand::Remote {
            leg: LegKey(2),
            media,
        }) => Some(format!("from {}", media.address.port())),
        Output::Sip(SipCommand::AcceptOffer { fork, .. }) => Some(format!("takes {fork:?}")),
        Output::Sip(SipCommand::RefuseOffer { fork, code, .. }) => {
            Some(format!("refuses {fork:?} {code}"))
        }
        Output::Sip(SipCommand::HangUp { .. }) => Some("hangs up".to_owned()),
        Output::Hub(Input::Leg(LegNews::Answered { .. })) => Some("answered".to_owned()),
        _ => None,
    });
    told.collect()
}

#[test]
fn who_is_heard_before_the_answer_is_followed_and_answers_with_that() {
    let mut phones = phones(4000..=4099);
    let (agent, customer) = dialling(&mut phones);
    waits(&mut phones, agent, customer);
    phones.handle_sip(rings(FORKS[0], 7100), NOW);
    drain(&mut phones);

    phones.handle_sip(moves(FORKS[0], at(7102)), NOW);
    let moved = drain(&mut phones);
    phones.handle_sip(takes(FORKS[0]), NOW);

    assert_eq!(followed(&moved), ["takes Some(Fork(0))", "from 7102"]);
    assert_eq!(followed(&drain(&mut phones)), ["from 7102", "answered"]);
}

#[test]
fn of_two_ends_who_is_not_heard_moves_unheard_until_it_answers() {
    let mut phones = phones(4000..=4099);
    dialling(&mut phones);
    phones.handle_sip(rings(FORKS[0], 7100), NOW);
    phones.handle_sip(rings(FORKS[1], 7200), NOW);
    drain(&mut phones);

    phones.handle_sip(moves(FORKS[0], at(7102)), NOW);
    let moved = drain(&mut phones);
    phones.handle_sip(takes(FORKS[0]), NOW);

    assert_eq!(followed(&moved), ["takes Some(Fork(0))"]);
    assert_eq!(followed(&drain(&mut phones)), ["from 7102", "answered"]);
}

#[test]
fn an_end_that_describes_nothing_as_it_answers_has_said_it_before() {
    let mut phones = phones(4000..=4099);
    dialling(&mut phones);
    phones.handle_sip(rings(FORKS[0], 7100), NOW);
    phones.handle_sip(rings(FORKS[1], 7200), NOW);
    drain(&mut phones);

    phones.handle_sip(takes(FORKS[0]), NOW);

    assert_eq!(followed(&drain(&mut phones)), ["from 7100", "answered"]);
}

#[test]
fn an_end_s_offer_that_cannot_be_taken_is_refused_and_it_is_heard_on() {
    for (body, code) in [("no sdp at all", 400), (OPUS, 488)] {
        let mut phones = phones(4000..=4099);
        dialling(&mut phones);
        phones.handle_sip(rings(FORKS[0], 7100), NOW);
        drain(&mut phones);

        phones.handle_sip(moves(FORKS[0], Bytes::from(body)), NOW);
        let refused = drain(&mut phones);
        phones.handle_sip(moves(FORKS[1], at(7200)), NOW);
        let unknown = drain(&mut phones);
        phones.handle_sip(takes(FORKS[0]), NOW);

        assert_eq!(
            followed(&refused),
            [format!("refuses Some(Fork(0)) {code}")]
        );
        assert_eq!(followed(&unknown), ["refuses Some(Fork(1)) 488"]);
        assert_eq!(followed(&drain(&mut phones)), ["from 7100", "answered"]);
    }
}
