//! RTCP between the switchboard and its phones.

use sip::quality::Quality;
use sip::rtcp::{self, Compound, Packet, ReportBlock};
use sip::rtp::Reception;

use super::*;

#[test]
fn both_sides_are_reported_to_every_five_seconds() {
    let mut call = Exchange::call([Codec::Pcmu, Codec::Pcmu]);

    call.run(60 * 50);

    for (n, phone) in call.phones.iter().enumerate() {
        assert!(
            (9..=20).contains(&phone.reports.len()),
            "{}",
            phone.reports.len()
        );
        let last = phone.reports.last().unwrap();
        let Some(Packet::SenderReport {
            ssrc,
            numbers,
            mut blocks,
        }) = Compound::parse(last).unwrap().packets().next()
        else {
            panic!("we send, so we report as a sender");
        };
        assert_eq!(ssrc, phone.heard[0].0.ssrc);
        assert!(u64::from(numbers.packets) <= phone.heard.len() as u64);
        let block = blocks.next().unwrap();
        assert_eq!(block.ssrc, 1000 + n as u32);
        assert_eq!((block.packets_lost, block.fraction_lost), (0, 0));
    }
}

#[test]
fn a_closed_leg_says_goodbye_and_what_the_peer_lost() {
    let mut call = Exchange::call([Codec::Pcmu, Codec::Pcmu]);
    call.run(50);
    let ours = call.phones[0].heard[0].0.ssrc;
    let block = ReportBlock {
        ssrc: ours,
        packets_lost: 25,
        ..ReportBlock::default()
    };
    let mut report = Vec::new();
    rtcp::write_report(&mut report, 1000, None, Some(&block), "phone");
    let index = call.phones[0].index;
    let source = SocketAddr::new(
        call.phones[0].address.ip(),
        call.phones[0].address.port() + 1,
    );
    call.board.handle_rtcp(index, source, &report, call.now);
    let mut wire = Sent::default();

    call.board.close(LegKey(0), &mut wire, call.now);
    call.pass(FRAME);

    let (_, channel, to, datagram) = &wire.0[0];
    assert_eq!((*channel, *to), (Channel::Rtcp, source));
    let last = Compound::parse(datagram).unwrap().packets().last();
    assert!(matches!(last, Some(Packet::Goodbye { ssrc }) if ssrc == ours));
    assert!(call.events.iter().any(|event| matches!(
        event,
        MediaEvent::Stats { stats, .. } if stats.peer.is_some_and(|peer| peer.lost == 25)
    )));
}

/// Whether a packet of ours brings the one before it once more: the second bit of its one frame of 20 ms says so.
fn brings_past(payload: &[u8]) -> bool {
    payload[0] >> 3 < 16 && payload[1] & 0x40 != 0
}

#[test]
fn who_reports_losses_and_can_use_it_is_sent_the_last_packet_once_more() {
    for fec in [true, false] {
        let mut call = Exchange::call([Codec::Opus, Codec::Pcma]);
        let phone = &mut call.phones[0];
        phone.media.fec = fec;
        call.board.agree(phone.key, phone.media.clone(), call.now);
        call.run(50);
        let phone = &call.phones[0];
        assert!(!phone.heard.iter().any(|(_, payload)| brings_past(payload)));
        let block = ReportBlock {
            ssrc: phone.heard[0].0.ssrc,
            fraction_lost: 26,
            ..ReportBlock::default()
        };
        let mut report = Vec::new();
        rtcp::write_report(&mut report, 1000, None, Some(&block), "phone");
        let source = SocketAddr::new(phone.address.ip(), phone.address.port() + 1);
        call.board
            .handle_rtcp(phone.index, source, &report, call.now);
        call.forget();

        call.run(50);

        let phone = &call.phones[0];
        let with = phone.heard.iter().filter(|heard| brings_past(&heard.1));
        // Only of what it takes for speech, which a hum is not always.
        let expected = if fec { 15..=50 } else { 0..=0 };
        let count = with.count();
        assert!(expected.contains(&count), "{fec}: {count}");
        assert!(phone.hears(HUM[1]));
    }
}

#[test]
fn a_poor_line_is_told_of_the_leg_whose_it_is_and_measured_at_its_end() {
    let mut call = Exchange::call([Codec::Pcmu, Codec::Pcmu]);
    let mut wire = Sent::default();

    for frame in 0..30 * 50 {
        // Every fifth packet of the first phone is lost on its way to us.
        if frame % 5 == 0 {
            call.phones[0].packet(0, &[]);
        }
        call.run(1);
        let phone = &call.phones[1];
        let report = || {
            let mut reception = Reception::new(&phone.heard.first()?.0, 0, 8000);
            for (header, _) in &phone.heard[1..] {
                reception.record(header, 0, false);
            }
            Some(reception.report(0, 0))
        };
        if let Some(block) = (frame % 200 == 199).then(report).flatten() {
            assert!(block.packets_lost > 20, "what is lost is lost to both");
            let mut bytes = Vec::new();
            rtcp::write_report(&mut bytes, 1001, None, Some(&block), "phone");
            let source = SocketAddr::new(phone.address.ip(), phone.address.port() + 1);
            call.board
                .handle_rtcp(phone.index, source, &bytes, call.now);
        }
    }
    for key in [LegKey(0), LegKey(1)] {
        call.board.close(key, &mut wire, call.now);
    }
    call.pass(FRAME);

    let turned = call.events.iter().filter_map(|event| match event {
        MediaEvent::Turned { leg, poor, quality } => Some((*leg, *poor, quality.lost)),
        _ => None,
    });
    let turned: Vec<_> = turned.collect();
    assert_eq!(turned.len(), 1, "{turned:?}");
    let (leg, poor, lost) = turned[0];
    assert_eq!((leg, poor), (LegKey(0), true));
    assert!((1500..=1800).contains(&lost), "one in six: {lost}");
    let ended = call.events.iter().filter_map(|event| match event {
        MediaEvent::Stats { leg, stats } => Some((*leg, Quality::of(stats).unwrap())),
        _ => None,
    });
    let ended: Vec<_> = ended.collect();
    assert!(ended[0].1.mos.hundredths() < 310, "{ended:?}");
    assert_eq!((ended[1].1.lost, ended[1].1.peer_lost), (0, Some(0)));
    assert!(ended[1].1.mos.hundredths() > 430, "{ended:?}");
}

#[test]
fn the_jitter_of_a_leg_is_that_of_its_whole_time() {
    let mut call = Exchange::call([Codec::Pcma, Codec::Pcma]);
    let mut wire = Sent::default();
    // Every other packet comes with the next one, and then all come in time.
    for _ in 0..30 * 25 {
        call.pass(FRAME * 2);
        for _ in 0..2 {
            call.hum(0);
            let next = &mut call.phones[0].next;
            next.timestamp = next.timestamp.wrapping_add(160);
        }
    }
    call.run(100);

    call.board.close(LegKey(0), &mut wire, call.now);
    call.pass(FRAME);

    let stats = call.events.iter().find_map(|event| match event {
        MediaEvent::Stats {
            leg: LegKey(0),
            stats,
        } => Some(*stats),
        _ => None,
    });
    let stats = stats.unwrap();
    assert!(stats.jitter_us < 3_000, "{stats:?}");
    assert!(stats.mean_jitter_us > 8_000, "{stats:?}");
}
