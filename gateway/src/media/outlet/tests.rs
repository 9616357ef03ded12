use std::time::Duration;

use proptest::prelude::*;

use super::*;

const FRAME: Duration = Duration::from_millis(20);

fn incoming(ssrc: u32, sequence: u16, timestamp: u32) -> Header {
    Header {
        marker: false,
        payload_type: 0,
        sequence,
        timestamp,
        ssrc,
    }
}

#[test]
fn a_relayed_stream_keeps_its_losses_and_its_order() {
    let now = Instant::now();
    let mut outlet = Outlet::new(1, 100, 1000);

    let sent: Vec<u16> = [10u16, 11, 14, 13, 15]
        .iter()
        .map(|&n| {
            outlet
                .relay(&incoming(5, n, u32::from(n) * 160), 0, now)
                .unwrap()
                .sequence
        })
        .collect();

    assert_eq!(sent, [101, 102, 105, 104, 106]);
}

#[test]
fn a_packet_from_before_the_switch_has_no_place() {
    let now = Instant::now();
    let mut outlet = Outlet::new(1, 100, 1000);
    outlet.play(0, 0, 160, now);

    outlet.relay(&incoming(5, 10, 0), 0, now).unwrap();

    assert_eq!(outlet.relay(&incoming(5, 9, 0), 0, now), None);
}

#[test]
fn an_event_between_relayed_packets_takes_a_number_of_its_own() {
    let now = Instant::now();
    let mut outlet = Outlet::new(1, 100, 1000);

    let before = outlet.relay(&incoming(5, 10, 0), 0, now).unwrap();
    let event = outlet.event(101, true, now);
    let late = outlet.relay(&incoming(5, 9, 0), 0, now);
    let after = outlet.relay(&incoming(5, 11, 160), 0, now).unwrap();

    assert_eq!(
        [before.sequence, event.sequence, after.sequence],
        [101, 102, 103]
    );
    assert_eq!(late, None);
}

#[test]
fn a_new_source_starts_where_the_clock_stands() {
    let start = Instant::now();
    let mut outlet = Outlet::new(1, 100, 1000);
    let first = outlet.play(0, 0, 160, start);

    let later = outlet
        .relay(&incoming(5, 10, 77), 0, start + Duration::from_secs(1))
        .unwrap();

    assert!(first.marker && later.marker);
    assert_eq!(later.timestamp - first.timestamp, 8000);
}

/// One thing that feeds the outlet for a frame.
#[derive(Clone, Copy, Debug)]
enum Feed {
    Play,
    Event(bool),
    Relay(u32),
    /// A source that begins to count anew under the same name.
    Restart(u32, u16, u32),
    Pause(u8),
    Change,
}

fn feed() -> impl Strategy<Value = Feed> {
    prop_oneof![
        4 => Just(Feed::Play),
        2 => any::<bool>().prop_map(Feed::Event),
        8 => (1u32..4).prop_map(Feed::Relay),
        1 => (1u32..4, any::<u16>(), any::<u32>()).prop_map(|(ssrc, s, t)| Feed::Restart(ssrc, s, t)),
        1 => any::<u8>().prop_map(Feed::Pause),
        1 => Just(Feed::Change),
    ]
}

proptest! {
    /// However sources alternate, the peer sees one stream that counts by one, and a clock that
    /// never runs backwards and stays with the real one.
    #[test]
    fn the_stream_is_continuous(
        first: u16, timestamp: u32, feeds in prop::collection::vec(feed(), 1..200),
    ) {
        let start = Instant::now();
        let mut now = start;
        let mut outlet = Outlet::new(1, first, timestamp);
        let mut sources = [(0u16, 0u32); 4];
        let mut sent = Vec::new();
        for feed in feeds {
            now += FRAME;
            for source in &mut sources {
                source.1 = source.1.wrapping_add(160);
            }
            let header = match feed {
                Feed::Play => Some(outlet.play(0, 0, 160, now)),
                Feed::Event(marker) => Some(outlet.event(101, marker, now)),
                Feed::Relay(ssrc) => {
                    let source = &mut sources[ssrc as usize];
                    source.0 = source.0.wrapping_add(1);
                    let header = outlet.relay(&incoming(ssrc, source.0, source.1), 0, now);
                    prop_assert!(header.is_some(), "a bridged packet was lost");
                    header
                }
                Feed::Restart(ssrc, sequence, timestamp) => {
                    // Near its old place it is the old stream, whose late packets may be dropped.
                    outlet.change_source();
                    sources[ssrc as usize] = (sequence, timestamp);
                    None
                }
                Feed::Pause(frames) => {
                    let frames = u32::from(frames);
                    now += FRAME * frames;
                    for source in &mut sources {
                        source.1 = source.1.wrapping_add(160 * frames);
                    }
                    outlet.change_source();
                    None
                }
                Feed::Change => {
                    outlet.change_source();
                    None
                }
            };
            sent.extend(header.map(|header| (header, now)));
        }
        for pair in sent.windows(2) {
            prop_assert_eq!(pair[1].0.sequence, pair[0].0.sequence.wrapping_add(1));
            prop_assert_eq!(pair[1].0.ssrc, 1);
        }
        let audio: Vec<_> = sent.iter().filter(|(header, _)| header.payload_type == 0).collect();
        for pair in audio.windows(2) {
            let step = pair[1].0.timestamp.wrapping_sub(pair[0].0.timestamp);
            prop_assert!((160..1 << 31).contains(&step), "{step}");
        }
    }
}
