//! RTCP between the switchboard and its phones.

use sip::rtcp::{self, Compound, Packet, ReportBlock};

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
        fraction_lost: 25,
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
        MediaEvent::Stats { stats, .. } if stats.peer_fraction_lost == Some(25)
    )));
}
