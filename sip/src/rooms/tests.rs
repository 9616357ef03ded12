//! Conversations by ear: everybody sends a tone of their own through a codec of their own.

use super::*;
use crate::{
    codec::{Ear, Encoder, Heard, RATE},
    sdp::Codec,
    tone,
};

const CUSTOMER: usize = 0;
const AGENT: usize = 1;
const COLLEAGUE: usize = 2;
const SUPERVISOR: usize = 3;

/// The tone and the codec of each.
const VOICES: [(u32, Codec); 4] = [
    (440, Codec::Pcma),
    (700, Codec::G722),
    (1000, Codec::Opus),
    (1600, Codec::Pcmu),
];

/// Half a second of everybody talking: what each of them hears, as the names of the tones that are there.
fn talk(rooms: &Rooms<usize>) -> [BTreeSet<usize>; 4] {
    let mut ears = VOICES.map(|(_, codec)| Ear::new(codec));
    let mut encoders = VOICES.map(|(_, codec)| Encoder::new(codec));
    let mut heard: [Vec<i16>; 4] = Default::default();
    for tick in 0..40usize {
        for (who, (frequency, codec)) in VOICES.into_iter().enumerate() {
            let step = std::f32::consts::TAU * frequency as f32 / RATE as f32;
            let frame: [i16; FRAME_SAMPLES] = std::array::from_fn(|n| {
                let n = (tick * FRAME_SAMPLES + n) as f32;
                (5000.0 * (step * n).sin()) as i16
            });
            let mut payload = Vec::new();
            encoders[who].encode(&frame, &mut payload);
            ears[who].put(tick as u16, Heard::Audio(codec, payload));
        }
        let frames = ears.each_mut().map(Ear::frame);
        for (who, heard) in heard.iter_mut().enumerate() {
            let voices: Vec<&Frame> = rooms.hears(who).iter().map(|&of| &frames[of]).collect();
            heard.extend(mix(voices));
        }
    }
    heard.map(|samples| {
        let samples = &samples[15 * FRAME_SAMPLES..];
        let found = VOICES.iter().enumerate().filter(|(_, (frequency, _))| {
            // The ear counts 8,000 samples a second.
            let level = tone::level(samples, frequency / 2);
            assert!(
                !(300.0..2500.0).contains(&level),
                "{frequency} Hz is neither there nor absent: {level}"
            );
            level > 2500.0
        });
        found.map(|(who, _)| who).collect()
    })
}

fn names(who: &[usize]) -> BTreeSet<usize> {
    who.iter().copied().collect()
}

fn call() -> Rooms<usize> {
    let mut rooms = Rooms::default();
    rooms.begin(CUSTOMER, AGENT);
    rooms
}

#[test]
fn in_a_conference_each_hears_all_others_and_not_themselves() {
    let mut rooms = call();
    assert!(rooms.join(COLLEAGUE, AGENT));

    let [customer, agent, colleague, outside] = talk(&rooms);

    assert_eq!(customer, names(&[AGENT, COLLEAGUE]));
    assert_eq!(agent, names(&[CUSTOMER, COLLEAGUE]));
    assert_eq!(colleague, names(&[CUSTOMER, AGENT]));
    assert_eq!(outside, names(&[]));
}

#[test]
fn who_leaves_is_neither_heard_nor_hears_and_the_others_go_on() {
    let mut rooms = call();
    rooms.join(COLLEAGUE, AGENT);

    rooms.forget(AGENT);

    let [customer, agent, colleague, _] = talk(&rooms);
    assert_eq!(customer, names(&[COLLEAGUE]));
    assert_eq!(agent, names(&[]));
    assert_eq!(colleague, names(&[CUSTOMER]));
}

#[test]
fn who_listens_hears_both_and_changes_nothing() {
    let mut rooms = call();
    let before = talk(&rooms);

    rooms.attach(SUPERVISOR, AGENT, Aside::Listen);

    let after = talk(&rooms);
    assert_eq!(after[..3], before[..3]);
    assert_eq!(after[SUPERVISOR], names(&[CUSTOMER, AGENT]));
}

#[test]
fn a_whisper_is_heard_by_the_agent_and_nobody_else() {
    let mut rooms = call();

    rooms.attach(SUPERVISOR, AGENT, Aside::Whisper);

    let [customer, agent, _, supervisor] = talk(&rooms);
    assert_eq!(customer, names(&[AGENT]));
    assert_eq!(agent, names(&[CUSTOMER, SUPERVISOR]));
    assert_eq!(supervisor, names(&[CUSTOMER, AGENT]));
}

#[test]
fn a_whisper_is_not_heard_by_another_who_listens_in_on_the_agent() {
    let mut rooms = call();
    rooms.attach(COLLEAGUE, AGENT, Aside::Whisper);

    rooms.attach(SUPERVISOR, AGENT, Aside::Listen);

    let [customer, agent, _, supervisor] = talk(&rooms);
    assert_eq!(customer, names(&[AGENT]));
    assert_eq!(agent, names(&[CUSTOMER, COLLEAGUE]));
    assert_eq!(supervisor, names(&[CUSTOMER, AGENT]));
}

#[test]
fn who_barges_in_is_heard_by_all() {
    let mut rooms = call();
    rooms.attach(SUPERVISOR, AGENT, Aside::Listen);

    assert!(rooms.join(SUPERVISOR, AGENT));

    let [customer, agent, _, supervisor] = talk(&rooms);
    assert_eq!(customer, names(&[AGENT, SUPERVISOR]));
    assert_eq!(agent, names(&[CUSTOMER, SUPERVISOR]));
    assert_eq!(supervisor, names(&[CUSTOMER, AGENT]));
}

#[test]
fn nobody_hears_who_is_mute_the_supervisor_neither() {
    let mut rooms = call();
    rooms.attach(SUPERVISOR, AGENT, Aside::Listen);

    rooms.mute(AGENT, true);

    let [customer, agent, _, supervisor] = talk(&rooms);
    assert_eq!(customer, names(&[]));
    assert_eq!(agent, names(&[CUSTOMER]));
    assert_eq!(supervisor, names(&[CUSTOMER]));
}

#[test]
fn who_listens_follows_the_agent_into_another_conversation() {
    let mut rooms = call();
    rooms.attach(SUPERVISOR, AGENT, Aside::Listen);

    rooms.begin(AGENT, COLLEAGUE);

    let [customer, _, _, supervisor] = talk(&rooms);
    assert_eq!(customer, names(&[]));
    assert_eq!(supervisor, names(&[AGENT, COLLEAGUE]));
}
