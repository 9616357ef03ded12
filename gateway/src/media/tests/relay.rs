//! Bridged legs: what goes in on one side comes out on the other.

use sip::dtmf::{Digit, EventPayload};
use sip::media::{IgnoredReason, LegKey, MediaEvent};
use sip::rtcp;
use sip::rtp::Packet;

use super::*;

#[test]
fn pain_6_bridged_phones_hear_each_other_both_ways() {
    for codecs in [
        [Codec::Pcmu, Codec::Pcmu],
        [Codec::Pcma, Codec::Pcma],
        [Codec::Pcmu, Codec::Pcma],
    ] {
        let mut call = Exchange::call(codecs);

        call.run(50);

        let [a, b] = &call.phones[..] else { panic!() };
        assert!(a.hears(HUM[1]) && !a.hears(HUM[0]), "{codecs:?}");
        assert!(b.hears(HUM[0]) && !b.hears(HUM[1]), "{codecs:?}");
        assert_eq!((a.heard.len(), b.heard.len()), (50, 50));
        assert_continuous(a);
        assert_continuous(b);
    }
}

#[test]
fn one_codec_is_passed_on_byte_for_byte() {
    for codec in Codec::ALL {
        let mut call = Exchange::call([codec, codec]);
        let payload: Vec<u8> = (0..160u8).collect();
        let packet = call.phones[0].packet(codec.payload_type(), &payload);
        let source = call.phones[0].address;

        call.send_from(0, source, packet);

        assert_eq!(call.phones[1].heard[0].1, payload, "{codec:?}");
    }
}

#[test]
fn described_silence_is_passed_on_to_who_takes_it() {
    let mut call = Exchange::call([Codec::Pcma, Codec::Pcma]);
    for (phone, number) in [(0, 13), (1, 118)] {
        let media = &mut call.phones[phone].media;
        media.send.comfort_noise = Some(number);
        media.receive.comfort_noise = Some(number);
        call.direct(phone, Direction::SendRecv);
    }
    call.run(10);
    call.forget();

    call.describe_silence(0, 40);
    call.run(10);

    let heard: Vec<_> = call.phones[1].heard.iter().collect();
    assert_eq!(heard.len(), 1);
    assert_eq!((heard[0].0.payload_type, &heard[0].1[..]), (118, &[40][..]));
}

#[test]
fn who_takes_no_described_silence_hears_it_as_noise_all_the_same() {
    let mut call = Exchange::call([Codec::Pcma, Codec::Pcmu]);
    call.run(20);
    call.describe_silence(0, 30);
    call.run(10);
    call.forget();

    call.run(30);

    let loud = call.phones[1].loudness();
    assert!((600.0..1600.0).contains(&loud), "{loud}");
    assert_continuous(&call.phones[1]);
    call.phones[0].talks = true;
    call.run(10);
    call.forget();
    call.run(30);
    assert!(call.phones[1].hears(HUM[0]));
}

#[test]
fn sources_extensions_and_padding_do_not_reach_the_other_side() {
    let mut call = Exchange::call([Codec::Pcmu, Codec::Pcmu]);
    let mut packet = call.phones[0].packet(0, &[]);
    packet[0] |= 0x31;
    packet.extend([9, 9, 9, 9]);
    packet.extend([0, 0, 0, 1, 8, 8, 8, 8]);
    packet.extend([1, 2, 3, 0, 0, 3]);
    let source = call.phones[0].address;
    let mut wire = Sent::default();

    let index = call.phones[0].index;
    call.board
        .handle_rtp(index, source, &mut packet, &mut wire, call.now);

    let (through, channel, _, datagram) = &wire.0[0];
    assert_eq!((*through, *channel), (call.phones[1].index, Channel::Rtp));
    assert_eq!(datagram[0], 0x80);
    assert_eq!(
        datagram[Packet::parse(datagram).unwrap().payload],
        [1, 2, 3]
    );
}

#[test]
fn media_goes_to_where_it_comes_from_and_nobody_else_is_heard() {
    let mut call = Exchange::call([Codec::Pcmu, Codec::Pcmu]);
    let behind_nat = "192.0.2.7:9999".parse().unwrap();
    call.phones[0].address = behind_nat;
    call.run(10);
    assert_eq!(call.phones[0].heard.len(), 10);

    let intruder = "192.0.2.66:1".parse().unwrap();
    let before = call.phones[1].heard.len();
    let packet = call.phones[0].packet(0, &[0; 160]);
    call.send_from(0, intruder, packet);

    assert_eq!(call.phones[1].heard.len(), before);
    assert_eq!(call.board.tally().ignored(IgnoredReason::ForeignSource), 1);
}

/// A call whose first phone says nothing yet, and states the host that its SIP comes from.
fn muted() -> (Exchange, SocketAddr) {
    let mut call = Exchange::call([Codec::Pcmu, Codec::Pcmu]);
    call.phones[0].talks = false;
    call.phones[0].media.signals_from = Some(call.phones[0].address.ip());
    call.direct(0, Direction::SendRecv);
    (call, SocketAddr::from(([192, 0, 2, 66], 4000)))
}

#[test]
fn a_packet_of_a_stranger_takes_no_voice_from_who_has_not_spoken_yet() {
    let (mut call, stranger) = muted();

    for _ in 0..50 {
        let packet = call.phones[0].packet(0, &[0; 160]);
        call.send_from(0, stranger, packet);
    }
    call.run(10);

    assert_eq!(call.phones[0].heard.len(), 10);
    assert_eq!(call.phones[1].heard.len(), 0);
    assert_eq!(call.board.tally().ignored(IgnoredReason::ForeignSource), 50);
}

#[test]
fn who_sends_all_the_time_from_another_host_is_heard_in_the_end() {
    let (mut call, elsewhere) = muted();

    for _ in 0..120 {
        let packet = call.phones[0].packet(0, &[0; 160]);
        call.send_from(0, elsewhere, packet);
        call.run(1);
    }

    assert!(call.phones[1].heard.len() >= 15);
    call.forget();
    call.phones[0].talks = true;
    call.run(10);
    assert!(
        call.phones[0].heard.len() >= 9,
        "it has its call back at once"
    );
}

#[test]
fn a_stream_that_fell_silent_is_followed_behind_another_port_of_its_nat() {
    let mut call = Exchange::call([Codec::Pcmu, Codec::Pcmu]);
    let address = |port: u16| SocketAddr::from(([192, 0, 2, 7], port));
    call.phones[0].address = address(9999);
    call.run(10);
    call.forget();

    // While it comes from where it came from, another place is not where it is.
    let packet = call.phones[0].packet(0, &[0; 160]);
    call.send_from(0, address(7000), packet);
    assert!(call.phones[1].heard.is_empty());

    call.phones[0].talks = false;
    call.run(50);
    let mut stranger = call.phones[0].packet(0, &[0; 160]);
    stranger[8] ^= 1;
    call.send_from(0, address(7000), stranger);
    assert!(call.phones[1].heard.is_empty());
    call.forget();

    call.phones[0].address = address(7000);
    call.phones[0].talks = true;
    call.run(10);
    assert_eq!(call.phones[1].heard.len(), 10);
    assert!(call.phones[0].heard.len() >= 9);
    let packet = call.phones[0].packet(0, &[0; 160]);
    call.send_from(0, address(9999), packet);
    assert_eq!(call.phones[1].heard.len(), 10);
}

#[test]
fn a_source_that_counts_anew_is_heard_at_once_passed_on_and_decoded() {
    for codecs in [[Codec::Pcmu, Codec::Pcma], [Codec::Pcmu, Codec::G722]] {
        for (back, missing) in [(30, 9), (60, 9), (150, 1), (300, 1), (515, 1), (1500, 1)] {
            let mut call = Exchange::call(codecs);
            call.run(600);
            let last = call.phones[1].heard.last().unwrap().0.sequence;
            call.forget();

            let next = &mut call.phones[0].next;
            next.sequence = next.sequence.wrapping_sub(back);
            next.timestamp = next.timestamp.wrapping_sub(160 * u32::from(back));
            call.run(100);

            let phone = &mut call.phones[1];
            let is_new = |header: &Header| header.sequence.wrapping_sub(last) < 1000;
            phone.heard.retain(|(header, _)| is_new(header));
            assert!(phone.heard.len() >= 100 - missing, "{codecs:?} {back}");
            assert_continuous(phone);
            phone.heard.drain(..20);
            assert!(phone.level(HUM[0]) > 6000.0, "{codecs:?} {back}");
            let mut wire = Sent::default();
            call.board.close(LegKey(0), &mut wire, call.now);
            call.pass(FRAME);
            let lost = call.events.iter().find_map(|event| match event {
                MediaEvent::Stats { stats, .. } => Some(stats.packets_lost),
                _other => None,
            });
            assert_eq!(lost, Some(0), "{codecs:?} {back}");
        }
    }
}

#[test]
fn a_packet_from_far_off_that_none_follows_changes_nothing() {
    let mut call = Exchange::call([Codec::Pcmu, Codec::Pcmu]);
    call.run(50);
    let (source, next) = (call.phones[0].address, call.phones[0].next);
    for far in [40_000, 65_535 - 200] {
        call.phones[0].next.sequence = next.sequence.wrapping_add(far);
        let stray = call.phones[0].packet(0, &[0; 160]);
        call.send_from(0, source, stray);
    }
    call.phones[0].next = next;
    call.run(50);

    assert_eq!(call.phones[1].heard.len(), 100);
    assert_continuous(&call.phones[1]);
    assert_eq!(call.board.tally().ignored(IgnoredReason::Late), 2);
}

#[test]
fn a_press_of_a_source_that_counts_anew_is_told() {
    let mut call = Exchange::call([Codec::Pcmu, Codec::Pcmu]);
    let five = Digit::try_from('5').unwrap();
    call.run(600);
    for _ in 0..2 {
        for _ in 0..3 {
            let event = EventPayload {
                event: 5,
                end: true,
                volume: 10,
                duration: 800,
            };
            let packet = call.phones[0].packet(EVENTS, &event.to_bytes());
            let source = call.phones[0].address;
            call.send_from(0, source, packet);
        }
        call.pass(FRAME);
        let next = &mut call.phones[0].next;
        next.sequence = next.sequence.wrapping_sub(300);
        next.timestamp = next.timestamp.wrapping_sub(300 * 160);
        call.run(20);
    }

    let leg = LegKey(0);
    let press = MediaEvent::Digit { leg, digit: five };
    let told = call.events.iter().filter(|&event| *event == press);
    assert_eq!(told.count(), 2);
}

#[test]
fn the_first_packet_is_told_and_so_is_the_end_of_them() {
    let mut call = Exchange::call([Codec::Pcmu, Codec::Pcmu]);
    call.run(10);
    call.phones[0].talks = false;

    call.run(16 * 50);
    call.phones[0].talks = true;
    call.run(1);

    let told: Vec<_> = call
        .events
        .iter()
        .filter(|event| **event != MediaEvent::Flowing { leg: LegKey(1) })
        .collect();
    assert_eq!(
        told,
        [
            &MediaEvent::Flowing { leg: LegKey(0) },
            &MediaEvent::Stopped { leg: LegKey(0) },
            &MediaEvent::Flowing { leg: LegKey(0) },
        ]
    );
}

#[test]
fn who_stops_sending_and_goes_on_reporting_is_muted_and_not_gone() {
    let mut call = Exchange::call([Codec::Pcmu, Codec::Pcmu]);
    call.run(10);
    call.phones[0].talks = false;
    let stopped = |call: &Exchange| {
        call.events
            .contains(&MediaEvent::Stopped { leg: LegKey(0) })
    };
    let (index, address) = (call.phones[0].index, call.phones[0].address);
    let at_home = SocketAddr::new(address.ip(), address.port() + 1);
    let report = |call: &mut Exchange, source, leaves: bool| {
        let mut bytes = Vec::new();
        rtcp::write_report(&mut bytes, 1000, None, None, "phone");
        if leaves {
            rtcp::write_bye(&mut bytes, 1000);
        }
        call.board.handle_rtcp(index, source, &bytes, call.now);
    };

    for _ in 0..12 {
        call.run(5 * 50);
        report(&mut call, at_home, false);
    }
    assert!(!stopped(&call), "it reports");
    // Of the others nobody is the phone, or the phone says that it leaves.
    for _ in 0..4 {
        call.run(5 * 50);
        report(&mut call, "192.0.2.66:1".parse().unwrap(), false);
        report(&mut call, at_home, true);
    }
    assert!(stopped(&call));
}

#[test]
fn pain_24_a_key_is_passed_on_and_told_once() {
    let mut call = Exchange::call([Codec::Pcmu, Codec::Pcma]);
    call.run(5);
    call.forget();
    let source = call.phones[0].address;
    let timestamp = call.phones[0].next.timestamp;
    for (end, duration) in [
        (false, 160),
        (false, 320),
        (true, 480),
        (true, 480),
        (true, 480),
    ] {
        let event = EventPayload {
            event: 5,
            end,
            volume: 10,
            duration,
        };
        let packet = call.phones[0].packet(EVENTS, &event.to_bytes());
        call.send_from(0, source, packet);
    }
    call.pass(FRAME);

    let five = Digit::try_from('5').unwrap();
    let told = call
        .events
        .iter()
        .filter(|event| matches!(event, MediaEvent::Digit { .. }));
    assert_eq!(
        told.collect::<Vec<_>>(),
        [&MediaEvent::Digit {
            leg: LegKey(0),
            digit: five
        }]
    );
    let heard = &call.phones[1].heard;
    assert_eq!(heard.len(), 5);
    assert!(heard.iter().all(
        |(header, _)| header.payload_type == EVENTS && header.timestamp == heard[0].0.timestamp
    ));
    assert_eq!(call.phones[0].next.timestamp, timestamp);
    assert_continuous(&call.phones[1]);
}

#[test]
fn junk_is_counted_by_its_reason_and_goes_nowhere() {
    let mut call = Exchange::call([Codec::Pcmu, Codec::Pcmu]);
    let source = call.phones[0].address;

    call.send_from(0, source, vec![]);
    call.send_from(0, source, vec![0x80; 5]);
    let unknown = call.phones[0].packet(77, &[1, 2, 3]);
    call.send_from(0, source, unknown);
    call.board.open(LegKey(9)).unwrap();
    let mut early = call.phones[0].packet(0, &[0; 160]);
    let index = call.board.index(LegKey(9)).unwrap();
    call.board
        .handle_rtp(index, source, &mut early, &mut Sent::default(), call.now);

    assert!(call.phones[1].heard.is_empty());
    let tally = call.board.tally();
    assert_eq!(tally.ignored(IgnoredReason::Malformed), 2);
    assert_eq!(tally.ignored(IgnoredReason::PayloadType), 1);
    assert_eq!(tally.ignored(IgnoredReason::NotReady), 1);
}

#[test]
fn a_closed_leg_tells_its_numbers_and_leaves_its_partner_in_silence() {
    let mut call = Exchange::call([Codec::Pcmu, Codec::Pcmu]);
    call.run(50);
    let mut wire = Sent::default();

    call.board.close(LegKey(0), &mut wire, call.now);
    call.hand_over(wire);
    call.forget();
    call.phones[0].talks = false;
    call.run(5);

    let stats = call.events.iter().find_map(|event| match event {
        MediaEvent::Stats {
            leg: LegKey(0),
            stats,
        } => Some(*stats),
        _other => None,
    });
    let stats = stats.unwrap();
    assert_eq!((stats.packets_received, stats.packets_sent), (50, 50));
    assert_eq!((stats.bytes_received, stats.packets_lost), (8000, 0));
    assert!(call.phones[1].heard.is_empty());
    assert_eq!(call.board.open_legs(), [LegKey(1)]);
}

#[test]
fn a_page_that_is_gone_altogether_is_told_of_as_that_and_not_as_one_that_says_nothing() {
    let mut call = Exchange::new();
    let page = call.phone_at(sip::media::BROWSER, Codec::Pcmu);
    call.run(10);
    call.phones[page].talks = false;
    let stopped = |call: &Exchange| {
        call.events
            .contains(&MediaEvent::Stopped { leg: LegKey(0) })
    };

    // Whoever watches for its consent is done by then: the last of that may have come after the last packet.
    call.run(120 * 50);
    assert!(!stopped(&call));
    call.run(2 * 50);
    assert!(stopped(&call));
}
