//! Silence of our own, which is described to who takes that (RFC 3389).

use sip::dtmf::Digit;
use sip::media::Program;
use sip::rtcp::{Compound, Packet};

use super::*;

const NOISE: u8 = 118;

/// A phone that takes described silence and one that speaks otherwise, so that their call is mixed.
fn call(codec: Codec, ptime: u8) -> Exchange {
    let mut call = Exchange::call([codec, Codec::G722]);
    call.phones[0].media.send.comfort_noise = Some(NOISE);
    call.phones[0].media.ptime = ptime;
    call.direct(0, Direction::SendRecv);
    call.run(20);
    call
}

fn deafen(call: &mut Exchange, deaf: bool) {
    let whom = [LegKey(1)];
    let whom = if deaf { &[][..] } else { &whom[..] };
    call.board.hear(LegKey(0), whom, call.now);
}

fn kinds(call: &Exchange) -> Vec<u8> {
    let heard = call.phones[0].heard.iter();
    heard.map(|(header, _)| header.payload_type).collect()
}

/// The timestamps from the first packet on, in times of 20 ms at 8 kHz.
fn times(call: &Exchange) -> Vec<f64> {
    let heard = &call.phones[0].heard;
    let first = heard[0].0.timestamp;
    let since = heard.iter();
    since
        .map(|(header, _)| f64::from(header.timestamp.wrapping_sub(first)) / 160.0)
        .collect()
}

#[test]
fn who_takes_described_silence_is_sent_no_other() {
    let mut call = call(Codec::Pcma, 20);
    deafen(&mut call, true);
    call.run(30);
    call.forget();

    call.run(50);

    assert_eq!(kinds(&call), [NOISE; 5]);
    assert_eq!(times(&call), [0.0, 10.0, 20.0, 30.0, 40.0]);
    assert_continuous(&call.phones[0]);
    let heard = &call.phones[0].heard;
    assert!(heard.iter().all(|(header, _)| !header.marker));
    assert!(heard.iter().all(|(_, payload)| payload[..] == [127]));
}

#[test]
fn sound_comes_at_once_and_whole_after_described_silence() {
    for ptime in [10, 20, 30, 40, 60] {
        let mut call = call(Codec::Pcmu, ptime);
        deafen(&mut call, true);
        call.run(47);
        let first = call.phones[0].heard[0].0.timestamp;
        call.forget();

        deafen(&mut call, false);
        call.run(30);

        let heard = &call.phones[0].heard;
        let sound = heard
            .iter()
            .position(|(header, _)| header.payload_type == 0);
        let sound = sound.unwrap_or_else(|| panic!("{ptime}: {:?}", kinds(&call)));
        assert!(sound <= 1, "{ptime}: {:?}", kinds(&call));
        let marked: Vec<bool> = heard.iter().map(|(header, _)| header.marker).collect();
        assert_eq!(
            marked.iter().filter(|marked| **marked).count(),
            1,
            "{ptime}"
        );
        assert!(marked[sound], "{ptime}");
        // The clock went on with the time: 67 times 20 ms from the first packet until now, less what waits.
        let passed = heard[sound].0.timestamp.wrapping_sub(first) / 160;
        assert!((64..=70).contains(&passed), "{ptime}: {passed}");
        assert_continuous(&call.phones[0]);
        let all: usize = heard[sound..]
            .iter()
            .map(|(_, payload)| payload.len())
            .sum();
        assert!(all >= 26 * 160, "{ptime}: {all}");
        assert!(call.phones[0].hears(HUM[1]), "{ptime}");
    }
}

#[test]
fn who_takes_no_described_silence_is_sent_it_in_packets() {
    let mut call = call(Codec::Pcma, 20);
    deafen(&mut call, true);
    call.run(30);

    call.phones[0].media.send.comfort_noise = None;
    call.direct(0, Direction::SendRecv);
    call.forget();
    call.run(50);

    assert!(call.phones[0].heard.len() >= 49);
    assert!(kinds(&call).iter().all(|&kind| kind == 8));
    assert_continuous(&call.phones[0]);
}

#[test]
fn opus_and_g722_are_sent_whole() {
    for codec in [Codec::G722, Codec::Opus] {
        let mut call = Exchange::call([codec, Codec::Pcma]);
        call.phones[0].media.send.comfort_noise = Some(NOISE);
        call.direct(0, Direction::SendRecv);
        deafen(&mut call, true);
        call.run(30);
        call.forget();

        call.run(50);

        assert!(!kinds(&call).contains(&NOISE), "{codec:?}");
    }
}

#[test]
fn pauses_of_a_program_are_described_and_its_sounds_are_whole() {
    for ptime in [20, 40] {
        let mut exchange = Exchange::new();
        exchange.phone(Codec::Pcma);
        exchange.phones[0].media.send.comfort_noise = Some(NOISE);
        exchange.phones[0].media.ptime = ptime;
        exchange.direct(0, Direction::SendRecv);
        let turn = (LegKey(0), 1);
        let program = Program::Ringback;
        exchange.board.play(turn, &program, true, exchange.now);

        exchange.run(500);

        // A second of five is sound.
        let noise = kinds(&exchange)
            .iter()
            .filter(|&&kind| kind == NOISE)
            .count();
        assert!((36..=40).contains(&noise), "{ptime}: {noise}");
        let heard = &exchange.phones[0].heard;
        let sound: usize = heard
            .iter()
            .filter(|(header, _)| header.payload_type == 8)
            .map(|(_, payload)| payload.len() / 160)
            .sum();
        assert!((110..=124).contains(&sound), "{ptime}: {sound}");
        assert!(exchange.phones[0].hears(425));
        assert_continuous(&exchange.phones[0]);
    }
}

#[test]
fn keys_within_described_silence_have_the_time_of_their_press() {
    let mut call = call(Codec::Pcma, 20);
    deafen(&mut call, true);
    call.run(40);
    call.forget();

    let seven = Digit::try_from('7').unwrap();
    call.board.press(LegKey(0), seven, call.now);
    call.run(20);

    let heard = &call.phones[0].heard;
    let keys = heard
        .iter()
        .filter(|(header, _)| header.payload_type == EVENTS);
    let keys: Vec<u32> = keys.map(|(header, _)| header.timestamp).collect();
    let noise = heard
        .iter()
        .find(|(header, _)| header.payload_type == NOISE);
    let noise = noise.expect("it is renewed").0.timestamp;
    assert!(keys.len() > 3 && keys.iter().all(|time| *time == keys[0]));
    assert!(keys[0].abs_diff(noise) <= 160 * 11, "{} {noise}", keys[0]);
    assert_continuous(&call.phones[0]);
}

#[test]
fn reports_count_the_packets_that_were_sent() {
    let mut call = call(Codec::Pcma, 20);
    deafen(&mut call, true);

    call.run(60 * 50);

    let phone = &call.phones[0];
    let last = Compound::parse(phone.reports.last().unwrap()).unwrap();
    let Some(Packet::SenderReport { numbers, .. }) = last.packets().next() else {
        panic!("we send, so we report as a sender");
    };
    let sent = numbers.packets as usize;
    assert!(sent <= phone.heard.len() && sent + 50 > phone.heard.len());
    let (header, _) = phone.heard[sent - 1];
    let since = numbers.timestamp.wrapping_sub(header.timestamp);
    assert!(since <= 160 * 11, "{since}");
    let bytes: usize = phone.heard[..sent]
        .iter()
        .map(|(_, payload)| payload.len())
        .sum();
    assert_eq!(numbers.bytes as usize, bytes);
}

#[test]
fn music_after_described_silence_begins_anew() {
    let mut call = call(Codec::Pcma, 20);
    deafen(&mut call, true);
    call.run(40);
    call.forget();

    call.board
        .play((LegKey(0), 1), &Program::Music, true, call.now);
    call.run(20);

    let heard = &call.phones[0].heard;
    assert!(heard.len() >= 19 && heard.iter().all(|(header, _)| header.payload_type == 8));
    assert!(heard[0].0.marker);
    assert_continuous(&call.phones[0]);
}
