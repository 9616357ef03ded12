//! What is recorded of a call, by frequency.

use std::sync::Arc;
use std::time::Duration;

use sip::codec::{FRAME_SAMPLES, SILENCE};
use sip::media::{LegKey, MediaEvent, Program, PromptId};
use sip::sdp::Codec;
use sip::speech::Listen;
use sip::tone;

use super::{Exchange, HUM, Note};

const CUSTOMER: LegKey = LegKey(0);
const AGENT: LegKey = LegKey(1);

fn record(call: &mut Exchange, leg: LegKey) {
    let mut wire = super::Sent::default();
    call.board
        .record(leg, "r".into(), None, &mut wire, call.now);
    call.hand_over(wire);
}

/// Both sides of what was recorded, and the ends that were told.
fn heard(call: &mut Exchange) -> ([Vec<i16>; 2], Vec<bool>) {
    let (mut sides, mut ends) = ([Vec::new(), Vec::new()], Vec::new());
    for (_, note) in std::mem::take(&mut call.notes) {
        match note {
            Note::Begin { .. } | Note::Missed => {}
            Note::Sound { skipped, sound } => {
                assert_eq!(skipped, 0);
                let sound = sound.map_or([SILENCE; 2], |sound| *sound);
                for (side, frame) in sides.iter_mut().zip(sound) {
                    side.extend(frame);
                }
            }
            Note::End { keep } => ends.push(keep),
        }
    }
    (sides, ends)
}

// The ear counts 8,000 samples a second, and these are 16,000.
fn has(side: &[i16], frequency: u32) -> bool {
    // The jitter buffer fills first.
    let settled = &side[5 * FRAME_SAMPLES..];
    tone::level(settled, frequency / 2) > 2000.0
}

#[test]
fn the_customer_is_on_the_left_and_everybody_else_on_the_right() {
    for codecs in [
        [Codec::Pcma, Codec::Pcma],
        [Codec::Pcmu, Codec::G722],
        [Codec::Opus, Codec::Pcma],
    ] {
        let mut call = Exchange::call(codecs);
        record(&mut call, CUSTOMER);
        call.run(100);

        let ([left, right], _) = heard(&mut call);
        assert_eq!(left.len(), right.len());
        assert!(left.len().abs_diff(100 * FRAME_SAMPLES) <= FRAME_SAMPLES);
        assert!(has(&left, HUM[0]) && !has(&left, HUM[1]), "{codecs:?}");
        assert!(has(&right, HUM[1]) && !has(&right, HUM[0]), "{codecs:?}");
    }
}

#[test]
fn a_call_that_is_recorded_is_still_passed_on_as_it_is() {
    let mut call = Exchange::call([Codec::Pcma, Codec::Pcma]);
    record(&mut call, CUSTOMER);
    call.run(50);

    super::assert_continuous(&call.phones[0]);
    assert_eq!(call.phones[0].heard.len(), 50);
    assert!(call.phones[0].hears(HUM[1]) && call.phones[1].hears(HUM[0]));
}

#[test]
fn a_pause_is_silence_of_the_same_length_on_both_sides() {
    let mut call = Exchange::call([Codec::Pcma, Codec::Pcma]);
    record(&mut call, CUSTOMER);
    call.run(20);
    heard(&mut call);

    call.board.pause_recording(CUSTOMER, true);
    call.run(50);
    let ([left, right], _) = heard(&mut call);
    assert_eq!(left.len(), 50 * FRAME_SAMPLES);
    assert!(left.iter().chain(&right).all(|&sample| sample == 0));

    call.board.pause_recording(CUSTOMER, false);
    call.run(50);
    let ([left, right], _) = heard(&mut call);
    assert!(has(&left, HUM[0]) && has(&right, HUM[1]));
}

#[test]
fn what_was_said_during_a_pause_is_not_recorded_after_it() {
    for codec in [Codec::Pcma, Codec::G722, Codec::Opus] {
        let mut call = Exchange::call([codec, codec]);
        record(&mut call, CUSTOMER);
        call.run(20);
        call.board.pause_recording(CUSTOMER, true);
        call.run(120);
        heard(&mut call);

        call.board.pause_recording(CUSTOMER, false);
        call.hums(0, HUM[2]);
        call.hums(1, HUM[3]);
        call.run(30);

        let ([left, right], _) = heard(&mut call);
        assert!(has(&left, HUM[2]) && !has(&left, HUM[0]), "{codec:?}");
        assert!(has(&right, HUM[3]) && !has(&right, HUM[1]), "{codec:?}");
    }
}

#[test]
fn a_recording_goes_on_through_hold_another_agent_and_a_conference() {
    let mut call = Exchange::call([Codec::Pcma, Codec::Pcma]);
    call.phone(Codec::Pcmu);
    record(&mut call, CUSTOMER);
    call.run(20);
    call.board.unbridge(CUSTOMER, call.now);
    call.board
        .play((CUSTOMER, 1), &Program::Music, false, call.now);
    heard(&mut call);
    call.run(50);
    let ([left, right], _) = heard(&mut call);
    assert!(has(&left, HUM[0]));
    assert!(
        right[10 * FRAME_SAMPLES..]
            .iter()
            .all(|&sample| sample == 0),
        "no music"
    );

    call.board.bridge(CUSTOMER, LegKey(2), call.now);
    call.run(50);
    let ([_, right], _) = heard(&mut call);
    assert!(has(&right, HUM[2]) && !has(&right, HUM[1]));

    call.board.hear(CUSTOMER, &[AGENT, LegKey(2)], call.now);
    call.run(50);
    let ([left, right], ends) = heard(&mut call);
    assert!(has(&right, HUM[1]) && has(&right, HUM[2]) && has(&left, HUM[0]));
    assert!(ends.is_empty());
}

#[test]
fn what_is_said_to_the_customer_by_us_is_not_recorded() {
    let mut call = Exchange::call([Codec::Pcma, Codec::Pcma]);
    record(&mut call, CUSTOMER);
    call.phones[1].talks = false;
    call.run(20);
    heard(&mut call);
    let said = Program::Prompt(vec![PromptId::Welcome]);
    call.board.play((CUSTOMER, 1), &said, false, call.now);
    call.run(60);

    let ([_, right], _) = heard(&mut call);
    let loudest = right[10 * FRAME_SAMPLES..]
        .iter()
        .map(|s| s.unsigned_abs())
        .max();
    assert!(loudest < Some(100), "{loudest:?}");
}

#[test]
fn who_is_listened_to_is_told_to_speak_and_to_fall_silent_in_every_codec() {
    for codec in [Codec::Pcma, Codec::G722, Codec::Opus] {
        let mut call = Exchange::call([codec, Codec::Pcma]);
        call.phones[0].talks = false;
        let listen = Listen {
            speech: Duration::from_secs(1),
            silence: Duration::from_secs(3),
        };
        let mut wire = super::Sent::default();
        call.board
            .record(CUSTOMER, "r".into(), Some(listen), &mut wire, call.now);
        call.hand_over(wire);
        let told = |call: &Exchange| {
            let told = call.events.iter().filter_map(|event| match event {
                MediaEvent::Spoke { leg } => Some((*leg, true)),
                MediaEvent::Quiet { leg } => Some((*leg, false)),
                _ => None,
            });
            told.collect::<Vec<_>>()
        };

        // What the other side says is not the customer's.
        call.run(100);
        assert_eq!(told(&call), [], "{codec:?}");
        call.phones[0].talks = true;
        call.run(100);
        assert_eq!(told(&call), [(CUSTOMER, true)], "{codec:?}");
        call.phones[0].talks = false;
        call.run(140);
        assert_eq!(told(&call), [(CUSTOMER, true)], "{codec:?}");
        call.run(60);
        assert_eq!(
            told(&call),
            [(CUSTOMER, true), (CUSTOMER, false)],
            "{codec:?}"
        );
    }
}

#[test]
fn it_ends_once_by_command_or_with_the_leg() {
    for by_command in [true, false] {
        let mut call = Exchange::call([Codec::Pcma, Codec::Pcma]);
        record(&mut call, CUSTOMER);
        call.run(10);
        let mut wire = super::Sent::default();
        if by_command {
            call.board.stop_recording(CUSTOMER, false, &mut wire);
        }
        call.board.close(CUSTOMER, &mut wire, call.now);
        call.hand_over(wire);
        call.run(5);

        assert_eq!(heard(&mut call).1, [!by_command]);
    }
}

#[test]
fn a_leg_that_is_not_there_is_told_to_be_missed() {
    let mut call = Exchange::call([Codec::Pcma, Codec::Pcma]);
    record(&mut call, LegKey(9));

    let (name, note) = call.notes.pop().unwrap();
    assert_eq!(name, Arc::from("r"));
    assert!(matches!(note, Note::Missed));
}
