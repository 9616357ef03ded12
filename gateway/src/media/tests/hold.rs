//! The directions of RFC 3264, by ear (pain 5).

use sip::media::{IgnoredReason, Program};

use super::*;

/// What each side hears while leg 0 has `direction`: (phone 0 hears phone 1, phone 1 hears phone 0).
fn heard_under(direction: Direction) -> (bool, bool) {
    let mut call = Exchange::call([Codec::Pcmu, Codec::Pcmu]);
    call.run(10);
    call.direct(0, direction);
    call.forget();

    call.run(50);

    (call.phones[0].hears(HUM[1]), call.phones[1].hears(HUM[0]))
}

#[test]
fn pain_5_each_direction_lets_through_what_it_says() {
    assert_eq!(heard_under(Direction::SendRecv), (true, true));
    assert_eq!(heard_under(Direction::SendOnly), (true, false));
    assert_eq!(heard_under(Direction::RecvOnly), (false, true));
    assert_eq!(heard_under(Direction::Inactive), (false, false));
}

#[test]
fn pain_5_after_a_hold_both_hear_each_other_again() {
    let mut call = Exchange::call([Codec::Pcmu, Codec::Pcma]);
    call.run(10);
    call.direct(0, Direction::Inactive);
    call.run(50 * 60);
    assert_eq!(
        call.board.tally().ignored(IgnoredReason::Direction),
        2 * 50 * 60
    );

    call.forget();
    call.direct(0, Direction::SendRecv);
    call.run(50);

    assert!(call.phones[0].hears(HUM[1]));
    assert!(call.phones[1].hears(HUM[0]));
    assert!(
        !call
            .events
            .iter()
            .any(|event| matches!(event, MediaEvent::Stopped { .. }))
    );
}

#[test]
fn nothing_is_played_where_the_direction_forbids_it() {
    let mut call = Exchange::call([Codec::Pcmu, Codec::Pcmu]);
    call.run(5);
    call.direct(0, Direction::RecvOnly);
    call.forget();

    call.board
        .play((LegKey(0), 1), &Program::Ringback, true, call.now);
    call.run(20);

    assert!(call.phones[0].heard.is_empty());
}

#[test]
fn a_holder_that_sends_nothing_is_told_of_and_is_not_taken_for_gone() {
    let mut call = Exchange::call([Codec::Pcmu, Codec::Pcmu]);
    call.run(10);
    call.direct(0, Direction::RecvOnly);
    call.phones[0].talks = false;
    call.events.clear();
    let told = |call: &mut Exchange| std::mem::take(&mut call.events);

    call.run(50);
    assert_eq!(told(&mut call), []);
    call.run(50 * 40);
    assert_eq!(told(&mut call), [MediaEvent::Hushed { leg: LegKey(0) }]);
    call.phones[0].talks = true;
    call.run(5);
    assert_eq!(told(&mut call), [MediaEvent::Flowing { leg: LegKey(0) }]);

    // Who takes its hold back and says nothing is missed after as long as anybody.
    call.direct(0, Direction::SendRecv);
    call.phones[0].talks = false;
    call.run(50 * 5);
    assert_eq!(told(&mut call), []);
    call.run(50 * 40);
    assert_eq!(told(&mut call), [MediaEvent::Stopped { leg: LegKey(0) }]);
}

#[test]
fn an_old_style_hold_is_sent_nothing_at_all() {
    let mut call = Exchange::new();
    call.phone(Codec::Pcmu);
    let key = call.phones[0].key;
    let mut media = call.phones[0].media.clone();
    media.address = "0.0.0.0:4000".parse().unwrap();
    media.rtcp = "0.0.0.0:4001".parse().unwrap();
    let mut wire = Sent::default();
    let mut board = Switchboard::new(Settings::default(), sounds(), 1, 0, call.now);
    board.open(key).unwrap();
    board.agree(key, media, call.now);
    board.play((key, 1), &Program::Music, true, call.now);

    board.handle_timeout(&mut wire, call.now + Duration::from_secs(20));

    assert!(wire.0.is_empty());
}

#[test]
fn nothing_goes_either_way_where_a_stream_was_taken_out_until_it_is_brought_back() {
    let mut call = Exchange::call([Codec::Pcmu, Codec::Pcmu]);
    call.run(10);
    let (key, media) = (call.phones[0].key, call.phones[0].media.clone());
    call.board.agree(key, media.clone().closed(), call.now);
    call.forget();
    let reports = call.phones[0].reports.len();

    call.run(50 * 10);

    assert_eq!(call.phones[0].heard, [], "nothing is sent to it");
    assert_eq!(call.phones[0].reports.len(), reports, "no report either");
    assert!(!call.phones[1].hears(HUM[0]));

    call.board.agree(key, media, call.now);
    call.forget();
    call.run(50);
    assert!(call.phones[0].hears(HUM[1]) && call.phones[1].hears(HUM[0]));
}
