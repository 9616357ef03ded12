//! What a receiver learns from the packets of one source (RFC 3550 appendix A).

use super::Header;
use crate::rtcp::ReportBlock;

/// A jump forward of this many packets or more is a restart (RFC 3550 §A.1).
const MAX_DROPOUT: u16 = 3000;
/// A packet this far behind or less is merely late.
const MAX_MISORDER: u16 = 100;
/// So many of those in a row, with nothing newer between them, are no longer late: a source that began anew not long after it
/// began. Copies that are sent after the original and what another way held up come in shorter rows.
const LATE_ROW: u16 = 10;

/// How a packet fits to those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It is newer than all before it.
    New,
    /// It is late or a duplicate.
    Late,
    /// Its number is far from all before it; it is counted only if the next one follows it.
    Jump,
    /// The source began to count anew; the statistics begin anew too, and so should whoever goes by its numbers.
    Restart,
}

/// Statistics over the packets of one SSRC.
///
/// The probation of §A.1 is left out: a source is told by its pinned address instead.
#[derive(Clone, Debug)]
pub struct Reception {
    ssrc: u32,
    base: u16,
    highest: u16,
    cycles: u32,
    /// What would be a restart, if it goes on.
    row: Option<Row>,
    received: u64,
    expected_prior: u64,
    received_prior: u64,
    rate: u32,
    transit: u32,
    /// Sixteen times the jitter, as in §A.8.
    jitter16: u32,
    lost_before_restarts: u64,
}

/// Packets in sequence that are not newer than all before them.
#[derive(Clone, Copy, Debug)]
struct Row {
    next: u16,
    /// How many of them were counted as late.
    late: u16,
}

impl Reception {
    /// Begins with a source's first packet, which came at `arrival` on a clock in timestamp units, of which there are `rate` a
    /// second.
    pub fn new(first: &Header, arrival: u32, rate: u32) -> Self {
        Self {
            ssrc: first.ssrc,
            base: first.sequence,
            highest: first.sequence,
            cycles: 0,
            row: None,
            received: 1,
            expected_prior: 0,
            received_prior: 0,
            rate,
            transit: arrival.wrapping_sub(first.timestamp),
            jitter16: 0,
            lost_before_restarts: 0,
        }
    }

    /// The source.
    pub const fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// Whether a packet is of this source and newer than all before it, by less than a restart would be.
    pub fn goes_on(&self, header: &Header) -> bool {
        header.ssrc == self.ssrc && self.is_ahead(header.sequence)
    }

    const fn is_ahead(&self, sequence: u16) -> bool {
        matches!(sequence.wrapping_sub(self.highest), 1..MAX_DROPOUT)
    }

    /// Counts a packet of this source. Telephone events repeat their timestamp and take no part
    /// in the jitter: `timed` is false for them.
    pub fn record(&mut self, header: &Header, arrival: u32, timed: bool) -> Arrival {
        let kind = self.place(header.sequence);
        match kind {
            Arrival::New | Arrival::Late => self.received += 1,
            Arrival::Jump => return kind,
            Arrival::Restart => {
                // What was taken for late was none of what is missing.
                let late = self.row.map_or(0, |row| u64::from(row.late));
                self.received = self.received.saturating_sub(late);
                let lost = self.lost();
                *self = Self {
                    lost_before_restarts: lost,
                    jitter16: self.jitter16,
                    ..Self::new(header, arrival, self.rate)
                };
                return kind;
            }
        }
        if timed {
            let transit = arrival.wrapping_sub(header.timestamp);
            let change = transit
                .wrapping_sub(self.transit)
                .cast_signed()
                .unsigned_abs();
            self.transit = transit;
            // A step of a second or more is a new clock, not jitter.
            if change < self.rate {
                // In this order it never falls below zero.
                self.jitter16 = self.jitter16 + change - ((self.jitter16 + 8) >> 4);
            }
        }
        kind
    }

    fn place(&mut self, sequence: u16) -> Arrival {
        if self.is_ahead(sequence) {
            if sequence < self.highest {
                self.cycles = self.cycles.wrapping_add(1 << 16);
            }
            self.highest = sequence;
            self.row = None;
            return Arrival::New;
        }
        let follows = self.row.filter(|row| row.next == sequence);
        let late = follows.map_or(0, |row| row.late);
        let is_late = self.highest.wrapping_sub(sequence) <= MAX_MISORDER;
        let restarts = match is_late {
            true => late + 1 >= LATE_ROW,
            false => follows.is_some(),
        };
        if restarts {
            return Arrival::Restart;
        }
        self.row = Some(Row {
            next: sequence.wrapping_add(1),
            late: late + u16::from(is_late),
        });
        match is_late {
            true => Arrival::Late,
            false => Arrival::Jump,
        }
    }

    /// The highest number received, with its wraps in the upper half.
    pub const fn extended_highest(&self) -> u32 {
        self.cycles.wrapping_add(self.highest as u32)
    }

    /// The packets counted since the source last began to count.
    pub const fn received(&self) -> u64 {
        self.received
    }

    /// The packets that never came. Duplicates may hide losses, as in §A.3.
    pub fn lost(&self) -> u64 {
        self.lost_before_restarts + self.expected().saturating_sub(self.received)
    }

    /// The jitter in timestamp units.
    pub const fn jitter(&self) -> u32 {
        self.jitter16 >> 4
    }

    fn expected(&self) -> u64 {
        u64::from(self.extended_highest().wrapping_sub(u32::from(self.base))) + 1
    }

    /// Makes the report block for the time since the last one (§A.3). `last_report` is the middle
    /// of the NTP time of the source's last sender report, and `delay` the time since it came in
    /// 1/65536 s; both 0 when none came.
    pub fn report(&mut self, last_report: u32, delay: u32) -> ReportBlock {
        let expected = self.expected();
        let expected_now = expected.saturating_sub(self.expected_prior);
        let received_now = self.received - self.received_prior;
        self.expected_prior = expected;
        self.received_prior = self.received;
        let lost_now = expected_now.saturating_sub(received_now);
        let fraction_lost = (lost_now << 8).checked_div(expected_now).unwrap_or(0);
        ReportBlock {
            ssrc: self.ssrc,
            fraction_lost: u8::try_from(fraction_lost).unwrap_or(u8::MAX),
            packets_lost: i32::try_from(expected.cast_signed() - self.received.cast_signed())
                .unwrap_or(i32::MAX)
                .clamp(-0x80_0000, 0x7f_ffff),
            highest_sequence: self.extended_highest(),
            jitter: self.jitter(),
            last_report,
            delay,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(sequence: u16, timestamp: u32) -> Header {
        Header {
            sequence,
            timestamp,
            ssrc: 5,
            ..Header::default()
        }
    }

    #[test]
    fn a_wrap_of_the_sequence_number_is_no_loss() {
        let mut reception = Reception::new(&packet(65_530, 0), 0, 8000);

        for n in 1..20u16 {
            let time = u32::from(n) * 160;
            assert_eq!(
                reception.record(&packet(65_530u16.wrapping_add(n), time), time, true),
                Arrival::New
            );
        }

        assert_eq!(reception.lost(), 0);
        assert_eq!(reception.extended_highest(), 65_536 + 13);
        assert_eq!(reception.jitter(), 0);
    }

    #[test]
    fn jitter_falls_again_when_packets_come_evenly() {
        let mut reception = Reception::new(&packet(0, 0), 0, 8000);

        reception.record(&packet(1, 160), 960, true);
        let uneven = reception.jitter();
        for n in 2..100u16 {
            let time = u32::from(n) * 160;
            reception.record(&packet(n, time), time + 800, true);
        }

        assert_eq!(uneven, 50);
        assert_eq!(reception.jitter(), 0);
    }

    #[test]
    fn losses_are_reported_for_the_interval_and_in_sum() {
        let mut reception = Reception::new(&packet(0, 0), 0, 8000);
        for n in (1..100u16).filter(|n| n % 4 != 0) {
            reception.record(&packet(n, 0), 0, false);
        }

        let first = reception.report(0, 0);
        for n in 100..200u16 {
            reception.record(&packet(n, 0), 0, false);
        }
        let second = reception.report(0, 0);

        assert_eq!(first.packets_lost, 24);
        assert_eq!(first.fraction_lost, u8::try_from(24 * 256 / 100).unwrap());
        assert_eq!(second.packets_lost, 24);
        assert_eq!(second.fraction_lost, 0);
    }

    #[test]
    fn jitter_settles_at_the_mean_change_of_transit() {
        let mut reception = Reception::new(&packet(0, 0), 0, 8000);

        for n in 1..2000u16 {
            let time = u32::from(n) * 160;
            let late = if n % 2 == 0 { 40 } else { 0 };
            reception.record(&packet(n, time), time + late, true);
        }

        assert!(
            (38..=42).contains(&reception.jitter()),
            "{}",
            reception.jitter()
        );
    }

    #[test]
    fn a_fifth_of_a_second_is_jitter_whatever_the_clock() {
        for rate in [8_000, 48_000] {
            let mut reception = Reception::new(&packet(0, 0), 0, rate);
            for n in 1..500u16 {
                let time = u32::from(n) * rate / 50;
                let late = if n % 2 == 0 { rate / 5 } else { 0 };
                reception.record(&packet(n, time), time + late, true);
            }
            assert!(reception.jitter() > rate / 6, "{rate}");
        }
    }

    #[test]
    fn two_packets_in_a_row_confirm_a_restart() {
        let mut reception = Reception::new(&packet(10, 0), 0, 8000);
        reception.record(&packet(12, 0), 0, false);

        assert_eq!(reception.record(&packet(9, 0), 0, false), Arrival::Late);
        assert_eq!(
            reception.record(&packet(40_000, 0), 0, false),
            Arrival::Jump
        );
        assert_eq!(
            reception.record(&packet(40_001, 0), 0, false),
            Arrival::Restart
        );
        assert_eq!(reception.record(&packet(40_002, 0), 0, false), Arrival::New);
    }

    #[test]
    fn who_counts_anew_from_little_before_is_followed_after_a_row_of_ten() {
        let mut reception = Reception::new(&packet(1, 0), 0, 8000);
        // Seven are lost.
        for n in (2..=107u16).filter(|n| n % 16 != 0 && *n != 5) {
            reception.record(&packet(n, 0), 0, false);
        }
        assert_eq!(reception.lost(), 7);

        let kinds = (48..60).map(|n| reception.record(&packet(n, 0), 0, false));

        let mut expected = [Arrival::Late; 12];
        expected[9] = Arrival::Restart;
        expected[10..].fill(Arrival::New);
        assert_eq!(kinds.collect::<Vec<_>>(), expected);
        assert_eq!((reception.lost(), reception.received()), (7, 3));
    }

    #[test]
    fn what_is_late_and_what_is_sent_twice_begin_nothing_anew() {
        let mut reception = Reception::new(&packet(0, 0), 0, 8000);
        reception.record(&packet(40, 0), 0, false);

        // Nine that another way held up, and then each packet once more after a while.
        for n in 20..29 {
            let kind = reception.record(&packet(n, 0), 0, false);
            assert_eq!(kind, Arrival::Late);
        }
        for n in 41..100 {
            let kind = reception.record(&packet(n, 0), 0, false);
            assert_eq!(kind, Arrival::New);
            let kind = reception.record(&packet(n - 5, 0), 0, false);
            assert_eq!(kind, Arrival::Late);
        }
    }

    #[test]
    fn behind_a_hundred_the_second_packet_confirms() {
        for behind in [102, 300, 515] {
            let mut reception = Reception::new(&packet(1000, 0), 0, 8000);
            let first = 1000 - behind;

            let kinds = [0, 1, 2].map(|n| reception.record(&packet(first + n, 0), 0, false));

            let expected = [Arrival::Jump, Arrival::Restart, Arrival::New];
            assert_eq!(kinds, expected, "{behind}");
            assert_eq!(reception.report(0, 0).packets_lost, 0);
        }
    }
}
