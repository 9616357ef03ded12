use proptest::prelude::*;

use super::*;

#[test]
fn a_report_with_goodbye_reads_back() {
    let numbers = SenderNumbers {
        ntp: 0x0102_0304_0506_0708,
        timestamp: 9,
        packets: 10,
        bytes: 1600,
    };
    let block = ReportBlock {
        ssrc: 3,
        fraction_lost: 12,
        packets_lost: -5,
        highest_sequence: 70_000,
        jitter: 8,
        last_report: 1,
        delay: 2,
    };
    let mut datagram = Vec::new();

    write_report(&mut datagram, 7, Some(&numbers), Some(&block), "tandem");
    write_bye(&mut datagram, 7);
    let packets: Vec<_> = Compound::parse(&datagram).unwrap().packets().collect();

    let [report, description, goodbye] = &packets[..] else {
        panic!("{packets:?}");
    };
    let Packet::SenderReport {
        ssrc: 7,
        numbers: read,
        blocks,
    } = report
    else {
        panic!("{report:?}");
    };
    assert_eq!(*read, numbers);
    assert_eq!(blocks.clone().collect::<Vec<_>>(), [block]);
    assert!(matches!(
        description,
        Packet::SourceDescription {
            ssrc: 7,
            cname: b"tandem"
        }
    ));
    assert!(matches!(goodbye, Packet::Goodbye { ssrc: 7 }));
}

#[test]
fn a_receiver_report_without_blocks_reads_back() {
    let mut datagram = Vec::new();
    write_report(&mut datagram, 1, None, None, "");

    let first = Compound::parse(&datagram).unwrap().packets().next();

    assert!(
        matches!(first, Some(Packet::ReceiverReport { ssrc: 1, blocks }) if blocks.clone().count() == 0)
    );
}

#[test]
fn a_report_that_counts_more_blocks_than_it_holds_is_left_out() {
    let datagram = [0x81, RECEIVER_REPORT, 0, 1, 0, 0, 0, 1];

    assert_eq!(Compound::parse(&datagram).unwrap().packets().count(), 0);
}

#[test]
fn a_length_beyond_the_datagram_is_refused() {
    assert_eq!(
        Compound::parse(&[0x80, 201, 0, 9, 0, 0, 0, 1]).err(),
        Some(RtcpError::Truncated)
    );
    assert_eq!(
        Compound::parse(&[0x00, 201, 0, 0]).err(),
        Some(RtcpError::Version)
    );
    assert_eq!(Compound::parse(&[]).err(), Some(RtcpError::Truncated));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(compound) = Compound::parse(&bytes) {
            for packet in compound.packets() {
                if let Packet::SenderReport { blocks, .. } | Packet::ReceiverReport { blocks, .. } = packet {
                    prop_assert!(blocks.count() <= 31);
                }
            }
        }
    }
}
