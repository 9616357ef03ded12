//! What is played: found by its tone, paced, and joined to what comes before and after.

use sip::dtmf::{Digit, DigitReceiver, EventPayload};
use sip::media::{Program, PromptId};
use sip::rtcp;

use super::*;

fn waiting() -> Exchange {
    let mut exchange = Exchange::new();
    exchange.phone(Codec::Pcma);
    exchange.run(2);
    exchange
}

#[test]
fn ringback_is_one_second_of_tone_in_five() {
    let mut exchange = waiting();

    exchange
        .board
        .play((LegKey(0), 1), &Program::Ringback, false, exchange.now);
    exchange.pass(Duration::from_secs(10));

    let samples = exchange.phones[0].samples();
    assert!(
        (80_000 - 320..=80_000).contains(&samples.len()),
        "{}",
        samples.len()
    );
    for (second, part) in samples.chunks(8000).enumerate() {
        assert_eq!(
            tone::level(part, 425) > 3000.0,
            second % 5 == 0,
            "second {second}"
        );
    }
    assert!(
        exchange
            .events
            .iter()
            .all(|event| !matches!(event, MediaEvent::Played { .. }))
    );
}

#[test]
fn music_is_heard_and_then_the_partner_in_one_stream() {
    let mut exchange = waiting();
    exchange.phone(Codec::Pcmu);
    exchange
        .board
        .play((LegKey(0), 1), &Program::Music, true, exchange.now);
    exchange.run(100);
    let music = exchange.phones[0].samples();
    assert!(music.iter().any(|sample| sample.unsigned_abs() > 500));

    exchange.board.bridge(LegKey(0), LegKey(1), exchange.now);
    exchange.run(50);
    exchange
        .board
        .play((LegKey(0), 1), &Program::Music, true, exchange.now);
    exchange.run(50);
    exchange.board.stop_playing(LegKey(0));
    exchange.run(50);

    assert_continuous(&exchange.phones[0]);
    let samples = exchange.phones[0].samples();
    let tail = &samples[samples.len() - 6400..];
    assert!(tone::level(tail, HUM[1]) > 6000.0);
}

#[test]
fn an_announcement_is_played_to_its_end_and_told() {
    let mut exchange = waiting();
    let prompts = vec![
        PromptId::YouAreNumber,
        PromptId::Number(3),
        PromptId::InTheQueue,
    ];

    exchange.board.play(
        (LegKey(0), 7),
        &Program::Prompt(prompts),
        false,
        exchange.now,
    );
    exchange.pass(Duration::from_secs(10));

    let seconds = exchange.phones[0].samples().len() as f32 / 8000.0;
    assert!((1.5..4.0).contains(&seconds), "{seconds}");
    let played = exchange.events.iter().filter(|event| {
        matches!(
            event,
            MediaEvent::Played {
                leg: LegKey(0),
                turn: 7
            }
        )
    });
    assert_eq!(played.count(), 1);
}

#[test]
fn a_program_asked_for_before_sdp_starts_with_it() {
    let mut exchange = Exchange::new();
    let key = LegKey(50);
    exchange.board.open(key).unwrap();
    exchange
        .board
        .play((key, 1), &Program::Ringback, true, exchange.now);
    exchange.pass(Duration::from_secs(30));
    let address = SocketAddr::from(([10, 0, 0, 9], 5000));
    let mut wire = Sent::default();

    exchange.board.agree(
        key,
        agreed(address, Codec::Pcmu, Direction::SendRecv),
        exchange.now,
    );
    let due = exchange.board.poll_timeout().unwrap();
    exchange.board.handle_timeout(&mut wire, due);

    assert!(due - exchange.now <= FRAME);
    assert_eq!(wire.0.len(), 1);
}

#[test]
fn keys_are_sent_between_relayed_audio() {
    let mut call = Exchange::call([Codec::Pcmu, Codec::Pcmu]);
    call.run(5);

    for key in "42".chars() {
        assert!(
            call.board
                .press(LegKey(0), Digit::try_from(key).unwrap(), call.now)
        );
    }
    call.run(40);

    let mut receiver = DigitReceiver::default();
    let keys: String = call.phones[0]
        .heard
        .iter()
        .filter(|(header, _)| header.payload_type == EVENTS)
        .filter_map(|(header, payload)| receiver.handle(header, &EventPayload::parse(payload)?))
        .map(char::from)
        .collect();
    assert_eq!(keys, "42");
    assert!(call.phones[0].hears(HUM[1]));
    let sequences: Vec<u16> = call.phones[0]
        .heard
        .iter()
        .map(|(header, _)| header.sequence)
        .collect();
    assert!(
        sequences
            .windows(2)
            .all(|pair| pair[1] == pair[0].wrapping_add(1))
    );
}

#[test]
fn a_peer_without_telephone_events_is_sent_no_keys() {
    let mut exchange = waiting();
    let mut media = exchange.phones[0].media.clone();
    media.send.telephone_event = None;
    exchange.board.agree(LegKey(0), media, exchange.now);

    assert!(
        !exchange
            .board
            .press(LegKey(0), Digit::try_from('1').unwrap(), exchange.now)
    );
}

/// Says something to the first phone, whose owner is to be there for all of it.
fn announce(exchange: &mut Exchange) {
    let what = Program::Prompt(vec![PromptId::YouAreNumber, PromptId::InTheQueue]);
    let board = &mut exchange.board;
    board.play((LegKey(0), 7), &what, false, exchange.now);
    board.witness(LegKey(0));
}

/// What is told of its end.
fn ends(exchange: &Exchange) -> Vec<bool> {
    let told = exchange.events.iter().filter_map(|event| match event {
        MediaEvent::Played { turn: 7, .. } => Some(true),
        MediaEvent::Missed { turn: 7, .. } => Some(false),
        _other => None,
    });
    told.collect()
}

#[test]
fn whose_network_is_gone_without_a_word_has_not_heard_what_was_said_meanwhile() {
    let mut exchange = waiting();
    announce(&mut exchange);
    exchange.run(10);
    exchange.phones[0].talks = false;
    exchange.pass(Duration::from_secs(10));
    assert_eq!(ends(&exchange), [false; 0]);

    // What it sent meanwhile never came.
    let next = &mut exchange.phones[0].next;
    next.sequence = next.sequence.wrapping_add(500);
    exchange.phones[0].talks = true;
    exchange.run(2);
    assert_eq!(ends(&exchange), [false]);

    exchange.events.clear();
    announce(&mut exchange);
    exchange.run(500);
    assert_eq!(ends(&exchange), [true]);
}

#[test]
fn who_is_gone_before_the_end_and_back_by_then_has_missed_some_of_it() {
    let mut exchange = waiting();
    announce(&mut exchange);
    exchange.run(10);
    let next = &mut exchange.phones[0].next;
    next.sequence = next.sequence.wrapping_add(50);
    exchange.pass(Duration::from_secs(1));

    exchange.run(500);

    assert_eq!(ends(&exchange), [false]);
}

#[test]
fn who_listens_and_says_nothing_has_heard_it_once_they_say_something() {
    let mut exchange = waiting();
    announce(&mut exchange);
    exchange.phones[0].talks = false;
    exchange.pass(Duration::from_secs(10));
    assert_eq!(ends(&exchange), [false; 0]);

    exchange.phones[0].talks = true;
    exchange.run(1);

    assert_eq!(ends(&exchange), [true]);
}

#[test]
fn who_never_sends_anything_or_may_not_has_heard_it_at_its_end() {
    let mut exchange = Exchange::new();
    exchange.phone(Codec::Pcma);
    announce(&mut exchange);
    exchange.pass(Duration::from_secs(10));
    assert_eq!(ends(&exchange), [true]);

    let mut exchange = waiting();
    exchange.direct(0, Direction::SendOnly);
    announce(&mut exchange);
    exchange.pass(Duration::from_secs(10));
    assert_eq!(ends(&exchange), [true]);
}

#[test]
fn to_who_is_muted_and_reports_every_half_minute_it_is_said_again_once() {
    let mut exchange = waiting();
    exchange.phones[0].talks = false;
    let source = exchange.phones[0].address;
    let source = SocketAddr::new(source.ip(), source.port() + 1);
    let mut report = Vec::new();
    rtcp::write_report(&mut report, 1000, None, None, "phone");
    let mut told = Vec::new();

    for seconds in [30, 20, 30] {
        announce(&mut exchange);
        exchange.pass(Duration::from_secs(seconds));
        let (index, now) = (exchange.phones[0].index, exchange.now);
        exchange.board.handle_rtcp(index, source, &report, now);
        exchange.pass(FRAME);
        told.push(ends(&exchange));
        exchange.events.clear();
    }

    assert_eq!(told, [[false], [true], [true]]);
}

#[test]
fn what_is_stopped_or_followed_by_something_else_is_not_told_to_be_heard() {
    let mut exchange = waiting();
    announce(&mut exchange);
    exchange.run(10);
    exchange.board.stop_playing(LegKey(0));
    exchange.run(500);

    announce(&mut exchange);
    exchange.phones[0].talks = false;
    exchange.pass(Duration::from_secs(10));
    let (to, now) = ((LegKey(0), 8), exchange.now);
    exchange.board.play(to, &Program::Music, true, now);
    exchange.phones[0].talks = true;
    exchange.run(10);

    assert_eq!(ends(&exchange), [false; 0]);
}
