//! Rules that hold whatever is commanded, in whatever order.

use proptest::prelude::*;
use sip::dtmf::Digit;
use sip::media::Program;

use super::*;

#[derive(Clone, Copy, Debug)]
enum Step {
    Run(u8),
    Bridge(usize, usize),
    Unbridge(usize),
    Music(usize),
    Stop(usize),
    Press(usize),
    Direct(usize, Direction),
    NewStream(usize, u32),
    Junk(usize, u8),
}

const PHONES: usize = 4;

fn step() -> impl Strategy<Value = Step> {
    let phone = || 0..PHONES;
    let direction = prop_oneof![
        Just(Direction::SendRecv),
        Just(Direction::SendOnly),
        Just(Direction::RecvOnly),
        Just(Direction::Inactive),
    ];
    prop_oneof![
        6 => (1u8..10).prop_map(Step::Run),
        3 => (phone(), phone()).prop_map(|(a, b)| Step::Bridge(a, b)),
        1 => phone().prop_map(Step::Unbridge),
        1 => phone().prop_map(Step::Music),
        1 => phone().prop_map(Step::Stop),
        1 => phone().prop_map(Step::Press),
        2 => (phone(), direction).prop_map(|(n, direction)| Step::Direct(n, direction)),
        1 => (phone(), any::<u32>()).prop_map(|(n, ssrc)| Step::NewStream(n, ssrc)),
        1 => (phone(), any::<u8>()).prop_map(|(n, byte)| Step::Junk(n, byte)),
    ]
}

/// What the test expects of each phone.
#[derive(Clone, Copy)]
struct Expected {
    partner: Option<usize>,
    music: bool,
    direction: Direction,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn streams_are_continuous_complete_and_never_where_forbidden(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut exchange = Exchange::new();
        let mut expected = [Expected { partner: None, music: false, direction: Direction::SendRecv }; PHONES];
        for _ in 0..PHONES {
            exchange.phone(Codec::Pcmu);
        }
        for step in steps {
            apply(&mut exchange, &mut expected, step)?;
        }
        for phone in &exchange.phones {
            for pair in phone.heard.windows(2) {
                prop_assert_eq!(pair[1].0.ssrc, pair[0].0.ssrc);
                prop_assert_eq!(pair[1].0.sequence, pair[0].0.sequence.wrapping_add(1));
            }
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_from_a_peer_are_passed_on_or_ignored(
        start in prop::option::of(any::<u8>()),
        rest in prop::collection::vec(any::<u8>(), 0..120),
        reports: bool,
    ) {
        let mut call = Exchange::call([Codec::Pcmu, Codec::Pcma]);
        // Half of them begin like RTP or RTCP, or few would get far.
        let mut datagram = match start {
            Some(low) => vec![0x80 | (low & 0x3f), [0, 8, EVENTS, 200][usize::from(low % 4)]],
            None => Vec::new(),
        };
        datagram.extend(rest);
        let source = call.phones[0].address;

        if reports {
            let index = call.phones[0].index;
            call.board.handle_rtcp(index, source, &datagram, call.now);
        } else {
            call.send_from(0, source, datagram.clone());
        }
        call.pass(Duration::from_secs(10));

        for (_, payload) in &call.phones[1].heard {
            // Bytes that say they are of another codec are decoded, and said again in packets of our own.
            prop_assert!(payload.len() <= datagram.len().max(160));
        }
    }
}

fn apply(
    exchange: &mut Exchange,
    expected: &mut [Expected; PHONES],
    step: Step,
) -> Result<(), TestCaseError> {
    let key = |n: usize| LegKey(n as u64);
    let now = exchange.now;
    match step {
        Step::Run(frames) => return run(exchange, expected, frames),
        Step::Bridge(a, b) if a == b => exchange.board.bridge(key(a), key(b), exchange.now),
        Step::Bridge(a, b) => {
            part(expected, a);
            part(expected, b);
            for (one, other) in [(a, b), (b, a)] {
                expected[one].partner = Some(other);
                expected[one].music = false;
            }
            exchange.board.bridge(key(a), key(b), exchange.now);
        }
        Step::Unbridge(n) => {
            part(expected, n);
            exchange.board.unbridge(key(n), exchange.now);
        }
        Step::Music(n) => {
            expected[n].music = true;
            exchange
                .board
                .play((key(n), 1), &Program::Music, false, now);
        }
        Step::Stop(n) => {
            expected[n].music = false;
            exchange.board.stop_playing(key(n));
        }
        Step::Press(n) => {
            exchange
                .board
                .press(key(n), Digit::try_from('7').unwrap(), now);
        }
        Step::Direct(n, direction) => {
            expected[n].direction = direction;
            exchange.direct(n, direction);
        }
        Step::NewStream(n, ssrc) => exchange.phones[n].next.ssrc = ssrc,
        Step::Junk(n, byte) => {
            let source = exchange.phones[n].address;
            exchange.send_from(n, source, vec![byte; usize::from(byte)]);
        }
    }
    Ok(())
}

fn part(expected: &mut [Expected; PHONES], n: usize) {
    if let Some(partner) = expected[n].partner.take() {
        expected[partner].partner = None;
    }
}

fn run(
    exchange: &mut Exchange,
    expected: &[Expected; PHONES],
    frames: u8,
) -> Result<(), TestCaseError> {
    let before: Vec<usize> = exchange
        .phones
        .iter()
        .map(|phone| phone.heard.len())
        .collect();
    exchange.run(u32::from(frames));
    for (n, phone) in exchange.phones.iter().enumerate() {
        let heard = &phone.heard[before[n]..];
        let audio = heard
            .iter()
            .filter(|(header, _)| header.payload_type != EVENTS)
            .count();
        let expect = expected[n];
        if !expect.direction.sends() {
            prop_assert!(heard.is_empty(), "phone {} was sent media on hold", n);
        } else if expect.music {
            // The grid may put one frame to either side of the window.
            prop_assert!(audio.abs_diff(usize::from(frames)) <= 1);
        } else {
            let speaker = expect
                .partner
                .filter(|&partner| expected[partner].direction.receives());
            let complete = speaker.map_or(0, |_| usize::from(frames));
            prop_assert_eq!(audio, complete, "phone {}", n);
        }
    }
    Ok(())
}
