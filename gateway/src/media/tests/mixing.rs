//! Rooms of more than two, and of two who speak differently, by ear.

use sip::media::{IgnoredReason, Program};

use super::*;

/// How many of the 20 ms that a phone heard were without a tone it was to hear.
fn holes(phone: &Phone, frequency: u32) -> usize {
    let per_frame = if phone.media.codec.law().is_some() {
        160
    } else {
        320
    };
    let octaves = u32::from(phone.media.codec.law().is_none());
    phone
        .samples()
        .chunks(per_frame)
        .filter(|frame| tone::level(frame, frequency >> octaves) < 1500.0)
        .count()
}

fn conference(codecs: [Codec; 3]) -> Exchange {
    let mut call = Exchange::call([codecs[0], codecs[1]]);
    call.phone(codecs[2]);
    call
}

fn join(call: &mut Exchange, legs: &[u64]) {
    for &leg in legs {
        let whom: Vec<LegKey> = legs.iter().map(|&leg| LegKey(leg)).collect();
        call.board.hear(LegKey(leg), &whom, call.now);
    }
}

#[test]
fn phones_of_every_two_codecs_hear_each_other() {
    for a in Codec::ALL {
        for b in Codec::ALL {
            let mut call = Exchange::call([a, b]);

            call.run(60);

            for (phone, other, own) in [(0, 1, 0), (1, 0, 1)] {
                let phone = &call.phones[phone];
                assert!(phone.hears(HUM[other]), "{a:?} {b:?}");
                assert!(phone.level(HUM[own]) < 300.0, "{a:?} {b:?}");
                assert!(phone.heard.len() >= 58, "{a:?} {b:?}");
                assert_continuous(phone);
            }
        }
    }
}

#[test]
fn what_was_said_during_an_announcement_is_not_heard_late() {
    let mut call = Exchange::call([Codec::Pcma, Codec::G722]);
    call.run(20);
    call.board
        .play((LegKey(0), 1), &Program::Music, true, call.now);
    call.run(120);

    call.board.stop_playing(LegKey(0));
    call.hums(1, HUM[2]);
    call.run(5);
    call.forget();
    call.run(20);

    let phone = &call.phones[0];
    assert!(phone.hears(HUM[2]) && phone.level(HUM[1]) < 300.0);
    assert_continuous(phone);
}

#[test]
fn three_hear_the_others_and_not_themselves() {
    let mut call = conference([Codec::Pcma, Codec::G722, Codec::Opus]);
    call.run(20);
    join(&mut call, &[0, 1, 2]);
    call.run(10);
    call.forget();

    call.run(60);

    for (n, phone) in call.phones.iter().enumerate() {
        for (other, &hum) in HUM.iter().enumerate().take(3) {
            let level = phone.level(hum);
            match other == n {
                true => assert!(level < 300.0, "{n} hears itself: {level}"),
                false => assert!(level > 2000.0, "{n} does not hear {other}: {level}"),
            }
        }
        assert_continuous(phone);
    }
}

#[test]
fn from_relay_to_mixer_and_back_no_20_ms_are_without_sound() {
    let mut call = conference([Codec::Pcma, Codec::Pcma, Codec::Pcmu]);
    call.run(50);
    join(&mut call, &[0, 1, 2]);
    call.run(50);
    call.board.unbridge(LegKey(2), call.now);
    call.run(50);

    let phone = &call.phones[0];

    assert_eq!(holes(phone, HUM[1]), 0);
    assert!(
        (149..=152).contains(&phone.heard.len()),
        "{}",
        phone.heard.len()
    );
    assert_continuous(phone);
    // The last of it is passed on as it comes again.
    call.forget();
    call.run(1);
    let payload = &call.phones[0].heard[0].1;
    assert!(payload.len() == 160 && call.phones[2].heard.is_empty());
}

#[test]
fn who_listens_hears_both_and_the_packets_of_the_call_stay_as_they_were() {
    let mut call = conference([Codec::Pcma, Codec::Pcma, Codec::Pcma]);
    call.run(10);
    call.board
        .hear(LegKey(2), &[LegKey(0), LegKey(1)], call.now);
    call.forget();
    let payload: Vec<u8> = (0..160u8).collect();

    call.run(60);
    let packet = call.phones[0].packet(8, &payload);
    let source = call.phones[0].address;
    call.send_from(0, source, packet);

    let [a, b, listener] = &call.phones[..] else {
        panic!()
    };
    assert!(listener.hears(HUM[0]) && listener.hears(HUM[1]));
    assert!(a.level(HUM[2]) < 50.0 && b.level(HUM[2]) < 50.0);
    assert_eq!((a.heard.len(), b.heard.len()), (60, 61));
    assert_eq!(b.heard[60].1, payload);
    // Nobody hears the one who listens.
    assert!(call.board.tally().ignored(IgnoredReason::NoListener) >= 60);
}

#[test]
fn a_whisper_reaches_one_side() {
    let mut call = conference([Codec::Pcma, Codec::Pcma, Codec::G722]);
    call.board
        .hear(LegKey(2), &[LegKey(0), LegKey(1)], call.now);
    call.board
        .hear(LegKey(1), &[LegKey(0), LegKey(2)], call.now);

    call.run(60);

    let [customer, agent, supervisor] = &call.phones[..] else {
        panic!()
    };
    assert!(agent.hears(HUM[0]) && agent.hears(HUM[2]));
    assert!(customer.hears(HUM[1]) && customer.level(HUM[2]) < 50.0);
    assert!(supervisor.hears(HUM[0]) && supervisor.hears(HUM[1]));
}

#[test]
fn with_nobody_to_hear_there_is_silence_in_packets() {
    let mut call = Exchange::call([Codec::Pcma, Codec::G722]);
    call.run(10);
    call.board.hear(LegKey(0), &[], call.now);
    call.run(5);
    call.forget();

    call.run(50);

    let phone = &call.phones[0];
    assert!((49..=51).contains(&phone.heard.len()));
    assert!(phone.samples().iter().all(|sample| sample.abs() < 32));
    assert!(call.phones[1].hears(HUM[0]));
}

#[test]
fn keys_pass_through_a_mixer_as_keys() {
    let mut call = Exchange::call([Codec::Pcma, Codec::G722]);
    call.run(10);
    call.forget();

    let payload = [5, 10, 0, 160];
    let packet = call.phones[0].packet(EVENTS, &payload);
    let source = call.phones[0].address;
    call.send_from(0, source, packet);
    call.run(5);

    let heard = &call.phones[1].heard;
    assert_eq!(
        (heard[0].0.payload_type, &heard[0].1[..]),
        (EVENTS, &payload[..])
    );
    assert_continuous(&call.phones[1]);
}

#[test]
fn packets_are_made_as_long_as_the_peer_asked_for() {
    let mut call = Exchange::call([Codec::Pcma, Codec::Pcma]);
    call.phones[0].media.ptime = 40;
    let media = call.phones[0].media.clone();
    call.board.agree(LegKey(0), media, call.now);
    call.run(10);
    call.forget();

    call.run(60);

    let phone = &call.phones[0];
    assert!(phone.hears(HUM[1]));
    assert!(phone.heard.iter().all(|(_, payload)| payload.len() == 320));
    assert_continuous(phone);
    assert!(call.phones[1].hears(HUM[0]));
}

#[test]
fn opus_comes_in_frames_as_long_as_the_peer_asked_for() {
    for (ptime, packets) in [(10, 120), (60, 20)] {
        let mut call = Exchange::call([Codec::Opus, Codec::Opus]);
        call.phones[0].media.ptime = ptime;
        call.direct(0, Direction::SendRecv);
        call.run(12);
        call.forget();

        call.run(60);

        let phone = &call.phones[0];
        assert!(phone.hears(HUM[1]), "{ptime} ms");
        assert!(phone.heard.len().abs_diff(packets) <= 2, "{ptime} ms");
        assert_continuous(phone);
        for pair in phone.heard.windows(2) {
            let step = pair[1].0.timestamp.wrapping_sub(pair[0].0.timestamp);
            assert_eq!(step, 48 * u32::from(ptime));
        }
    }
}

#[test]
fn programs_are_heard_in_every_codec() {
    for codec in Codec::ALL {
        let mut exchange = Exchange::new();
        exchange.phone(codec);
        let program = sip::media::Program::Ringback;
        exchange
            .board
            .play((LegKey(0), 1), &program, true, exchange.now);

        exchange.run(15);

        assert!(exchange.phones[0].hears(425), "{codec:?}");
        assert_continuous(&exchange.phones[0]);
    }
}

#[test]
fn silence_a_phone_only_describes_is_heard_as_noise_by_who_mixes() {
    let mut call = Exchange::call([Codec::Pcma, Codec::G722]);
    call.run(20);
    call.describe_silence(0, 30);
    call.run(10);
    call.forget();

    call.run(30);

    let loud = call.phones[1].loudness();
    assert!((600.0..1600.0).contains(&loud), "{loud}");
    assert!(call.phones[1].level(HUM[0]) < 300.0);
}

#[test]
fn a_phone_that_speaks_otherwise_than_it_said_is_understood() {
    let mut call = Exchange::call([Codec::Pcma, Codec::Pcma]);
    call.run(10);
    call.phones[0].media.codec = Codec::G722;
    call.phones[0].encoder = Encoder::new(Codec::G722);
    call.phones[0].hum = Sine::new(HUM[0] / 2, 8000);
    call.run(10);
    call.forget();

    call.run(50);

    assert!(call.phones[1].hears(HUM[0]));
}
